//! Push users, deactivate users, push membership updates.

use super::{GROUP, USER, fulcrum, last_entry, member, named, read};
use crate::support::id;
use serde_json::{Value, json};

#[test]
fn u_5_a_pushed_user_is_a_member_of_the_organisation_with_one_role() {
    let account = fulcrum();
    let before = read(&account, "")["counts"]["users"].as_u64().expect("a number");
    let body = json!({
        "schemas": [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef", "userName": "ann@b.com", "active": true,
        "emails": [{ "primary": true, "type": "work", "value": "ann@b.com" }],
        "meta": { "resourceType": "User" },
        "name": { "formatted": "Ann Archer", "familyName": "Archer", "givenName": "Ann" }, "roles": [],
    });
    let made = account.scim("POST", "/Users", body).expect(201);
    let user = id(&made.json());
    assert_eq!(made.header("location"), format!("{}/scim/v2/Users/{user}", account.base));
    assert_eq!(account.roles_of(&user), ["Account Member"]);
    let shown = account.shown(&user);
    assert_eq!((&shown["email"], &shown["active"]), (&json!("ann@b.com"), &json!(true)));
    let members = read(&account, "/users")["items"].clone();
    assert!(members.as_array().is_some_and(|members| members.contains(&shown)), "{members}");
    assert_eq!(read(&account, "")["counts"]["users"], before + 1);
    let neighbour = fulcrum();
    assert_eq!(named(&neighbour, "ann@b.com"), 0, "a member of this organisation only");
}

#[test]
fn u_6_an_unassigned_user_is_removed_as_a_member() {
    let put = json!({ "schemas": [USER], "userName": "ann@b.com", "active": false });
    let account = fulcrum();
    let mut seen = Vec::new();
    for (name, operations) in [
        ("by the standard", json!([{ "op": "replace", "path": "active", "value": false }])),
        ("as it was", json!([{ "op": "Replace", "path": "active", "value": "False" }])),
        ("without a path", json!([{ "op": "replace", "value": { "active": false } }])),
        ("replaced", Value::Null),
    ] {
        let user = member(&account, "ann@b.com");
        assert!(!seen.contains(&user), "{name}: who comes again is somebody new");
        let answer = match operations {
            Value::Null => account.scim("PUT", &format!("/Users/{user}"), put.clone()),
            operations => account.patch(&user, operations),
        };
        let answer = answer.expect(200).json();
        assert_eq!((&answer["id"], &answer["active"]), (&json!(user), &json!(false)), "{name}");
        account.get(&user).error(404);
        assert_eq!(named(&account, "ann@b.com"), 0, "{name}");
        account.api("GET", &format!("/users/{user}"), Value::Null).expect(404);
        assert!(!read(&account, "/users").to_string().contains("ann@b.com"), "{name}: in no list of members");
        let entry = last_entry(&account);
        assert_eq!((&entry["action"], &entry["target"]["id"]), (&json!("user.remove"), &json!(user)), "{name}");
        seen.push(user);
    }
}

#[test]
fn u_6_a_removed_member_leaves_the_groups() {
    let account = fulcrum();
    let (ann, bob) = (member(&account, "ann@b.com"), member(&account, "bob@b.com"));
    let group = id(&account.group("Crew", &[&ann, &bob]));
    account.patch(&ann, json!([{ "op": "replace", "path": "active", "value": false }])).expect(200);
    assert_eq!(account.members_of(&group), [bob]);
    let again = member(&account, "ann@b.com");
    assert_eq!(account.get(&again).json().get("groups"), None, "who comes again is in no group");
}

/// The two documented shapes of a PATCH.
fn both_dialects(path: &str, value: &str) -> [Value; 2] {
    [
        json!([{ "op": "Replace", "path": path, "value": value }]),
        json!([{ "op": "replace", "value": { (path): value } }]),
    ]
}

#[test]
fn u_7_a_changed_address_updates_the_membership() {
    let account = fulcrum();
    let user = member(&account, "ann@b.com");
    let work = |user: &Value| user["emails"][0].clone();
    for (number, path) in [(1, "userName"), (2, "emails[type eq \"work\"].value")] {
        for (variant, operations) in both_dialects(path, &format!("ann{number}@b.com")).into_iter().enumerate() {
            let answer = account.patch(&user, operations).expect(200).json();
            assert_eq!(account.get(&user).expect(200).json(), answer, "{path} {variant}");
            match path {
                "userName" => assert_eq!(answer["userName"], "ann1@b.com", "{variant}"),
                _ => assert_eq!(work(&answer), json!({ "type": "work", "value": "ann2@b.com" }), "{variant}"),
            }
        }
    }
    assert_eq!(account.shown(&user)["email"], "ann1@b.com");
    assert_eq!((named(&account, "ann1@b.com"), named(&account, "ann@b.com")), (json!(1), json!(0)));
    let by_address = account.find("emails[type eq \"work\"].value eq \"ann2@b.com\"");
    assert_eq!((&by_address["totalResults"], &by_address["Resources"][0]["id"]), (&json!(1), &json!(user)));
}

#[test]
fn u_7_an_address_of_another_member_is_refused() {
    let account = fulcrum();
    let (ann, _) = (member(&account, "ann@b.com"), member(&account, "bob@b.com"));
    let error = account.patch(&ann, json!([{ "op": "Replace", "path": "userName", "value": "BOB@b.com" }])).error(409);
    assert_eq!(error["scimType"], "uniqueness");
    assert_eq!(account.get(&ann).expect(200).json()["userName"], "ann@b.com");
}

#[test]
fn u_8_a_changed_given_name_updates_the_membership() {
    let account = fulcrum();
    let user = member(&account, "ann@b.com");
    for (name, operations) in ["Anna", "Anne"]
        .into_iter()
        .zip([both_dialects("name.givenName", "Anna")[0].clone(), both_dialects("name.givenName", "Anne")[1].clone()])
    {
        assert_eq!(account.patch(&user, operations).expect(200).json()["name"], json!({ "givenName": name }));
        assert_eq!(account.shown(&user)["attributes"]["name"]["givenName"], name);
    }
}

#[test]
fn u_9_a_changed_family_name_updates_the_membership() {
    let account = fulcrum();
    let user =
        id(&account.create(json!({ "userName": "ann@b.com", "name": { "givenName": "Ann", "familyName": "Lee" } })));
    for (name, operations) in ["Archer", "Bauer"].into_iter().zip([
        both_dialects("name.familyName", "Archer")[0].clone(),
        both_dialects("name.familyName", "Bauer")[1].clone(),
    ]) {
        let expected = json!({ "givenName": "Ann", "familyName": name });
        assert_eq!(account.patch(&user, operations).expect(200).json()["name"], expected);
        assert_eq!(account.shown(&user)["attributes"]["name"]["familyName"], name);
    }
}

#[test]
fn u_51_extra_attributes_do_no_harm() {
    let account = fulcrum();
    let user = member(&account, "ann@b.com");
    let legacy = json!([
        { "op": "Replace", "path": "displayName", "value": "Ann A." },
        { "op": "Replace", "path": "name.givenName", "value": "Anna" },
        { "op": "Add", "path": "title", "value": "Surveyor" },
        { "op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "D" },
    ]);
    let compliant = json!([{ "op": "replace", "value": {
        "displayName": "Ann A.", "name.givenName": "Anne", "title": "Surveyor",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "D",
    } }]);
    for (given, operations) in [("Anna", legacy), ("Anne", compliant)] {
        let answer = account.patch(&user, operations).expect(200).json();
        assert_eq!(answer["name"]["givenName"], given, "the supported part is applied");
        for left_out in ["displayName", "title", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"] {
            assert_eq!(answer.get(left_out), None, "{left_out}");
        }
        let entry = last_entry(&account);
        assert_eq!((&entry["outcome"], &entry["severity"]), (&json!("success"), &json!("WARNING")));
        let warnings = entry["warnings"].to_string();
        assert!(warnings.contains("displayName") && warnings.contains("title"), "{warnings}");
    }
    let body = json!({ "schemas": [USER], "userName": "bob@b.com", "title": "Surveyor", "nickName": "B" });
    let made = account.scim("POST", "/Users", body).expect(201).json();
    assert_eq!((made.get("title"), made.get("nickName")), (None, None));
    let schemas = account.scim("GET", &format!("/Schemas/{USER}"), Value::Null).expect(200).text;
    assert!(!schemas.contains("\"nickName\""), "discovery shows what is supported");
    account.scim("GET", &format!("/Schemas/{GROUP}"), Value::Null).expect(200);
}
