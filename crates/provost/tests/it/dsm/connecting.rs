//! Sections 5.1, 5.3 and 5.4: an account is set up and a client connects.

use super::{AUDITOR, by_hand, dsm, id, named, neighbour, read, through, under};
use crate::support::{Account, request, send};
use serde_json::{Value, json};

#[test]
fn f_5_1_2_setting_up_scim_changes_no_user_of_an_existing_account() {
    let account = dsm();
    account.api("DELETE", &format!("/admin-apps/{}", account.app), Value::Null).expect(204);
    for number in 0..50 {
        by_hand(&account, &format!("user{number}@a.com"), &[]);
    }
    let before = read(&account, "/users?limit=200");
    assert_eq!(before["items"].as_array().map(Vec::len), Some(50));

    let client = through(&account, json!({ "name": "SCIM Entra" }));
    for path in ["/ServiceProviderConfig", "/Schemas", "/Groups?filter=displayName%20eq%20%22x%22"] {
        client.scim("GET", path, Value::Null).expect(200);
    }
    assert_eq!(named(&client, "nobody@a.com"), 0);
    assert_eq!(client.scim("GET", "/Users", Value::Null).expect(200).json()["totalResults"], 50);
    assert_eq!(read(&account, "/users?limit=200"), before);
}

#[test]
fn f_5_3_8_a_key_opens_one_account_only() {
    let account = dsm();
    let other = neighbour(&account);
    account.create(json!({ "userName": "ann@a.com", "externalId": "1" }));
    let foreign = id(&other.create(json!({ "userName": "bob@b.com", "externalId": "2" })));

    let list = account.scim("GET", "/Users", Value::Null).expect(200).json();
    assert_eq!((&list["totalResults"], &list["Resources"][0]["userName"]), (&json!(1), &json!("ann@a.com")));
    for filter in
        ["userName eq \"bob@b.com\"", "externalId eq \"2\"", "userName co \"b\"", &format!("id eq \"{foreign}\"")]
    {
        assert_eq!(account.find(filter)["totalResults"], 0, "{filter}");
    }
    assert_eq!(account.find("active eq true")["totalResults"], 1);
    account.get(&foreign).error(404);
    let own = id(&other.api("POST", "/roles", json!({ "name": "R1" })).expect(201).json());
    let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "cy@a.com", "roles": [{ "value": own }] });
    account.scim("POST", "/Users", body).error(400);
}

#[test]
fn f_5_4_4_the_tenant_url_answers_with_its_flag_present_absent_or_valued() {
    let account = dsm();
    let tenant_url = format!("{}/scim/v2?aadOptscim062020", account.base);
    assert_eq!(read(&account, "")["tenant_url"], json!(tenant_url));
    assert_eq!(read(&account, &format!("/admin-apps/{}", account.app))["tenant_url"], json!(tenant_url));

    let user = account.create(json!({ "userName": "ann@a.com" }));
    let (base, flag) = tenant_url.split_once('?').expect("the URL has a query");
    let filter = "filter=userName%20eq%20%22ann%40a.com%22";
    let asked = |query: &str| {
        send(request("GET", &format!("{base}/Users?{query}")).bearer_auth(&account.key)).expect(200).json()
    };
    let plain = asked(filter);
    assert_eq!(plain["Resources"], json!([user]));
    for query in
        [flag.to_owned(), format!("{flag}="), format!("{flag}=true"), format!("x=1&{flag}"), format!("{flag}&{flag}")]
    {
        assert_eq!(asked(&format!("{query}&{filter}")), plain, "{query}");
        assert_eq!(asked(&format!("{filter}&{query}")), plain, "{query}");
    }
}

/// A change: its name, the old encoding (operations with capitals, booleans as text, a path for each), the compliant one, and where
/// to find what in the user afterwards.
type Change = (&'static str, Value, Value, &'static str, Value);

/// Changes of attributes that the preset has, or refuses.
fn changes() -> Vec<Change> {
    let auditor = |primary: Value| json!([{ "primary": primary, "display": "Account Auditor", "value": AUDITOR }]);
    vec![
        (
            "disable",
            json!([{ "op": "Replace", "path": "active", "value": "False" }]),
            json!([{ "op": "replace", "path": "active", "value": false }]),
            "/active",
            json!(false),
        ),
        (
            "disable, as some documentation has it",
            json!([{ "op": "Replace", "path": "active", "value": false }]),
            json!([{ "op": "replace", "value": { "active": false } }]),
            "/active",
            json!(false),
        ),
        (
            "add a text",
            json!([{ "op": "Add", "path": "externalId", "value": "7" }]),
            json!([{ "op": "add", "path": "externalId", "value": "7" }]),
            "/externalId",
            json!("7"),
        ),
        (
            "two attributes",
            json!([{ "op": "Replace", "path": "active", "value": "False" }, { "op": "Replace", "path": "externalId", "value": "7" }]),
            json!([{ "op": "replace", "value": { "externalId": "7", "active": false } }]),
            "/externalId",
            json!("7"),
        ),
        (
            "roles",
            json!([{ "op": "Replace", "path": "roles", "value": auditor(json!("False")) }]),
            json!([{ "op": "replace", "value": { "roles": auditor(json!(false)) } }]),
            "/roles/0/value",
            json!(AUDITOR),
        ),
        (
            "a new sign-in name",
            json!([{ "op": "Replace", "path": "userName", "value": "new@a.com" }]),
            json!([{ "op": "replace", "value": { "userName": "new@a.com" } }]),
            "/userName",
            json!("ann@a.com"),
        ),
        (
            "an attribute that is not supported",
            json!([{ "op": "Replace", "path": "active", "value": "False" }, { "op": "Add", "path": "displayName", "value": "Ann" }]),
            json!([{ "op": "replace", "value": { "active": false, "displayName": "Ann" } }]),
            "/active",
            json!(true),
        ),
    ]
}

/// Changes of attributes that the preset does not have.
fn wide_changes() -> Vec<Change> {
    let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    vec![
        (
            "a profile",
            json!([
                { "op": "Replace", "path": "displayName", "value": "Ann" },
                { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "ann@a.com" },
                { "op": "Replace", "path": "name.givenName", "value": "Ann" },
                { "op": "Replace", "path": department, "value": "Tours" },
            ]),
            json!([
                { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "ann@a.com" },
                { "op": "replace", "value": { "displayName": "Ann", "name.givenName": "Ann", department: "Tours" } },
            ]),
            "/name/givenName",
            json!("Ann"),
        ),
        (
            "one value goes",
            json!([{ "op": "Remove", "path": "emails", "value": [{ "value": "old@a.com" }] }]),
            json!([{ "op": "remove", "path": "emails[value eq \"old@a.com\"]" }]),
            "/emails",
            json!([{ "value": "w@a.com", "type": "work" }]),
        ),
    ]
}

/// Status, answer and user after the operations on a user of its own, without what differs from user to user.
fn outcome(account: &Account, user: &Value, operations: Value) -> (u16, Value, Value) {
    let user = id(&account.create(user.clone()));
    let answer = account.patch(&user, operations);
    let plain = |mut value: Value| {
        if let Some(members) = value.as_object_mut() {
            members.remove("id");
            members.remove("meta");
        }
        value
    };
    let outcome = (answer.status, plain(answer.json()), plain(account.get(&user).expect(200).json()));
    account.scim("DELETE", &format!("/Users/{user}"), Value::Null).expect(204);
    outcome
}

#[test]
fn f_5_4_6_both_encodings_of_a_change_have_the_same_result() {
    let narrow = json!({ "userName": "ann@a.com", "externalId": "1" });
    let mut wide = narrow.clone();
    wide["emails"] = json!([{ "value": "w@a.com", "type": "work" }, { "value": "old@a.com", "type": "home" }]);
    for (account, user, changes) in [(dsm(), narrow, changes()), (under(json!("standard")), wide, wide_changes())] {
        for (name, old, compliant, place, value) in changes {
            let old = outcome(&account, &user, old);
            assert_eq!(old, outcome(&account, &user, compliant), "{name}");
            assert_eq!(old.2.pointer(place), Some(&value), "{name}: {old:?}");
        }
    }
}
