//! Section 5.5: which attributes are mapped, and what happens to the others.

use super::{dsm, entries_about, id, named, read, refused, unassigned, under};
use serde_json::{Value, json};

/// The schemas that Entra sends with every user.
fn schemas() -> Value {
    json!(["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"])
}

#[test]
fn f_5_5_7_groups_are_not_provisioned() {
    let account = dsm();
    for query in ["", "?filter=displayName%20eq%20%22Sales%22&excludedAttributes=members"] {
        let list = account.scim("GET", &format!("/Groups{query}"), Value::Null).expect(200).json();
        assert_eq!(
            (&list["totalResults"], list["Resources"].as_array().map(Vec::len)),
            (&json!(0), Some(0)),
            "{query}"
        );
    }
    let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Sales" });
    for (method, path) in [("POST", "/Groups"), ("PUT", "/Groups/7"), ("PATCH", "/Groups/7"), ("DELETE", "/Groups/7")] {
        refused(account.scim(method, path, body.clone()), 501, &["group provisioning is not supported", "groups.mode"]);
    }
    account.scim("GET", "/Groups/7", Value::Null).error(404);

    let types = account.scim("GET", "/ResourceTypes", Value::Null).expect(200).json();
    let names: Vec<&Value> = types["Resources"].as_array().expect("a list").iter().map(|kind| &kind["name"]).collect();
    assert_eq!(names, [&json!("User")]);
    account.scim("GET", "/ResourceTypes/Group", Value::Null).error(404);
    let described = account.scim("GET", "/Schemas", Value::Null).expect(200).json();
    assert!(!described.to_string().contains("urn:ietf:params:scim:schemas:core:2.0:Group"));
    assert_eq!(read(&account, "/groups")["items"], json!([]));
}

#[test]
fn f_5_5_9_user_name_must_be_an_email_address() {
    let account = dsm();
    for name in
        ["ann", "ann@", "@a.com", "ann a@a.com", "ann@a@a.com", "ann@.com", "ann@a..com", "Ann <ann@a.com>", "a.com"]
    {
        let body = json!({ "schemas": schemas(), "userName": name });
        let error = refused(account.scim("POST", "/Users", body), 400, &["`userName`", "users.identifier_format"]);
        assert_eq!(error["scimType"], "invalidValue", "{name}");
    }
    assert_eq!(read(&account, "/users")["items"], json!([]));
    for name in ["ann@a.com", "ann.o'neill+x@sub.a.com", "köchin@küche.example", "ann@localhost"] {
        let body = json!({ "schemas": schemas(), "userName": name });
        account.scim("POST", "/Users", body).expect(201);
    }
}

#[test]
fn f_5_5_10_an_unsupported_attribute_fails_the_whole_patch() {
    let account = dsm();
    let user = id(&account.create(json!({ "userName": "ann@a.com", "externalId": "7" })));
    let before = account.get(&user).expect(200).json();
    let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    for (unsupported, operations) in [
        ("displayName", json!([unassigned()[0], { "op": "replace", "path": "displayName", "value": "Ann" }])),
        ("displayName", json!([{ "op": "replace", "value": { "active": false, "displayName": "Ann" } }])),
        (
            "displayName",
            json!([{ "op": "Replace", "path": "displayName", "value": "Ann" },
                               { "op": "Replace", "path": "active", "value": "False" }]),
        ),
        ("name", json!([unassigned()[0], { "op": "add", "path": "name.givenName", "value": "Ann" }])),
        (
            "emails",
            json!([unassigned()[0], { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "b@a.com" }]),
        ),
        ("department", json!([unassigned()[0], { "op": "add", "path": department, "value": "Tours" }])),
        ("title", json!([unassigned()[0], { "op": "remove", "path": "title" }])),
        ("title", json!([super::roles_now(&["ACCOUNTAUDITOR"])[0], { "op": "add", "path": "title", "value": "Boss" }])),
    ] {
        let error = refused(account.patch(&user, operations.clone()), 400, &[unsupported, "not supported"]);
        assert!(
            error["detail"].as_str().is_some_and(|detail| detail.contains("users.unsupported_on_patch")),
            "{error}"
        );
        assert_eq!(account.get(&user).expect(200).json(), before, "{operations}");
    }
    assert_eq!(account.roles_of(&user), ["Account Member"]);
}

#[test]
fn f_5_5_11_a_user_with_further_attributes_is_made_without_them() {
    let account = dsm();
    let body = json!({
        "schemas": schemas(),
        "userName": "ann@a.com",
        "externalId": "7",
        "displayName": "Ann",
        "name": { "givenName": "Ann" },
        "emails": [{ "type": "work", "value": "ann@a.com" }],
        "title": "Boss",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "Tours" },
    });
    let made = account.create(body);
    let user = id(&made);
    let names = |value: &Value| -> Vec<String> { value.as_object().expect("a user").keys().cloned().collect() };
    let mut expected =
        ["schemas", "id", "userName", "externalId", "active", "roles", "meta"].map(str::to_owned).to_vec();
    expected.sort_unstable();
    for shown in [&made, &account.get(&user).expect(200).json()] {
        let mut names = names(shown);
        names.sort_unstable();
        assert_eq!(names, expected);
        assert_eq!(shown["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User"]));
    }
    assert_eq!(read(&account, &format!("/users/{user}"))["attributes"]["displayName"], Value::Null);
    assert_eq!(named(&account, "ann@a.com"), 1);
    let entry = &entries_about(&account, &user)[0];
    assert_eq!(entry["severity"], "WARNING");
    assert!(entry["warnings"].to_string().contains("`displayName`"), "{entry}");
}

#[test]
fn f_5_5_11_what_is_done_with_further_attributes_is_a_policy_for_each_method() {
    let strict = under(
        json!({ "preset": "dsm", "users": { "unsupported_on_create": "reject", "unsupported_on_patch": "ignore" } }),
    );
    let body = json!({ "schemas": schemas(), "userName": "ann@a.com", "displayName": "Ann" });
    refused(strict.scim("POST", "/Users", body), 400, &["`displayName`", "users.unsupported_on_create"]);
    assert_eq!(named(&strict, "ann@a.com"), 0);
    let user = id(&strict.create(json!({ "userName": "ann@a.com" })));
    let patched = strict.patch(&user, json!([unassigned()[0], { "op": "add", "path": "displayName", "value": "Ann" }]));
    let patched = patched.expect(200).json();
    assert_eq!((&patched["active"], &patched["displayName"]), (&json!(false), &Value::Null));
}
