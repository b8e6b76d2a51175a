//! An extension of users.

use super::{BADGE, USER, badge, badged, found, standard, with_badges};
use crate::support::encoded;
use serde_json::{Value, json};

#[test]
fn discovery_shows_an_extension_to_its_account_alone() {
    let (ours, theirs) = (with_badges(), standard());
    let types = ours.scim("GET", "/ResourceTypes/User", Value::Null).expect(200).json();
    let extensions = types["schemaExtensions"].as_array().expect("a list");
    assert!(extensions.contains(&json!({ "schema": BADGE, "required": false })), "{types}");
    let shown = ours.scim("GET", &format!("/Schemas/{BADGE}"), Value::Null).expect(200).json();
    let names: Vec<&str> =
        shown["attributes"].as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["number", "colour", "site", "doors"]);
    assert_eq!(shown["attributes"][0]["uniqueness"], json!("server"));
    assert!(ours.scim("GET", "/Schemas", Value::Null).expect(200).text.contains(BADGE));
    theirs.scim("GET", &format!("/Schemas/{BADGE}"), Value::Null).error(404);
    assert!(!theirs.scim("GET", "/ResourceTypes", Value::Null).expect(200).text.contains(BADGE));
}

#[test]
fn an_extension_is_written_patched_and_projected() {
    let account = with_badges();
    let ann = badged(
        &account,
        "ann@a.com",
        json!({ "number": "A1", "site": "North", "doors": [{ "value": "main", "floor": 1 }] }),
    );
    let made = account.get(&ann).expect(200).json();
    assert_eq!(made["schemas"], json!([USER, BADGE]));
    assert_eq!(made[BADGE]["doors"], json!([{ "value": "main", "floor": 1 }]));
    for (operation, at, expected) in [
        (json!({ "op": "replace", "path": format!("{BADGE}:site"), "value": "South" }), "/site", json!("South")),
        (
            json!({ "op": "add", "path": format!("{BADGE}:doors"), "value": [{ "value": "roof", "floor": 9 }] }),
            "/doors/1/floor",
            json!(9),
        ),
        (
            json!({ "op": "replace", "path": format!("{BADGE}:doors[value eq \"roof\"].floor"), "value": 10 }),
            "/doors/1/floor",
            json!(10),
        ),
        (json!({ "op": "remove", "path": format!("{BADGE}:doors[floor eq 1]") }), "/doors/0/value", json!("roof")),
        (json!({ "op": "replace", "value": { BADGE: { "colour": "red" } } }), "/colour", json!("red")),
        (json!({ "op": "remove", "path": format!("{BADGE}:colour") }), "/colour", Value::Null),
    ] {
        let answer = account.patch(&ann, json!([operation])).expect(200).json();
        let value = answer[BADGE].pointer(at).cloned().unwrap_or_default();
        assert_eq!(value, expected, "{operation}");
    }
    let only = account.scim("GET", &format!("/Users/{ann}?attributes={BADGE}:site"), Value::Null).expect(200).json();
    assert_eq!((&only[BADGE], &only["userName"]), (&json!({ "site": "South" }), &Value::Null));
    let without =
        account.scim("GET", &format!("/Users/{ann}?excludedAttributes={BADGE}"), Value::Null).expect(200).json();
    assert_eq!((&without[BADGE], &without["userName"]), (&Value::Null, &json!("ann@a.com")));
    for (badge, said) in [
        (json!({ "nothing": 1 }), "nothing"),
        (json!({ "site": 7 }), "site"),
        (json!({ "doors": [{ "floor": "up" }] }), "floor"),
        (json!({ "doors": [{ "width": 1 }] }), "width"),
    ] {
        let body = json!({ "schemas": [USER, BADGE], "userName": "bob@a.com", BADGE: badge });
        let refused = account.scim("POST", "/Users", body).error(400);
        assert!(refused["detail"].as_str().expect("a sentence").contains(said), "{refused}");
    }
}

#[test]
fn users_are_found_and_sorted_by_an_extension() {
    let account = with_badges();
    for (name, number, site) in
        [("ann@a.com", "A1", "North"), ("bob@a.com", "a1", "South"), ("cid@a.com", "B2", "north")]
    {
        badged(&account, name, json!({ "number": number, "site": site, "doors": [{ "value": number, "floor": 1 }] }));
    }
    account.create(json!({ "userName": "dan@a.com" }));
    for (filter, expected) in [
        ("site eq \"NORTH\"", vec!["ann@a.com", "cid@a.com"]),
        ("number eq \"a1\"", vec!["bob@a.com"]),
        ("number sw \"A\"", vec!["ann@a.com"]),
        ("site pr and not (site eq \"south\")", vec!["ann@a.com", "cid@a.com"]),
        ("doors[value eq \"b2\" and floor eq 1]", vec!["cid@a.com"]),
        ("doors.floor gt 1", vec![]),
    ] {
        // Each attribute by its full name.
        let full = ["site", "number", "doors"].iter().fold(filter.to_owned(), |filter, name| {
            filter
                .replace(&format!("{name} "), &format!("{BADGE}:{name} "))
                .replace(&format!("{name}["), &format!("{BADGE}:{name}["))
                .replace(&format!("{name}."), &format!("{BADGE}:{name}."))
        });
        assert_eq!(found(&account, &format!("/Users?filter={}", encoded(&full)), "/userName"), expected, "{full}");
    }
    let sorted = found(&account, &format!("/Users?sortBy={BADGE}:number&sortOrder=descending"), "/userName");
    assert_eq!(
        sorted,
        ["dan@a.com", "bob@a.com", "cid@a.com", "ann@a.com"],
        "by case; without a value first when descending"
    );
}

#[test]
fn what_an_extension_calls_unique_is() {
    let account = with_badges();
    let ann = badged(&account, "ann@a.com", json!({ "number": "A1" }));
    let body =
        |name: &str, number: &str| json!({ "schemas": [USER, BADGE], "userName": name, BADGE: { "number": number } });
    let refused = account.scim("POST", "/Users", body("bob@a.com", "A1")).error(409);
    assert_eq!(refused["scimType"], json!("uniqueness"));
    let bob = badged(&account, "bob@a.com", json!({ "number": "a1" }));
    let take = json!([{ "op": "replace", "path": format!("{BADGE}:number"), "value": "A1" }]);
    account.patch(&bob, take.clone()).error(409);
    account.scim("DELETE", &format!("/Users/{ann}"), Value::Null).expect(204);
    account.patch(&bob, take).expect(200);
    account.scim("POST", "/Users", body("cid@a.com", "a1")).expect(201);
}

#[test]
fn a_required_extension_is_asked_for() {
    let account = standard();
    let request = json!({ "schema": badge(), "extends": [{ "resource_type": "User", "required": true }] });
    account.api("POST", "/schemas", request).expect(201);
    let types = account.scim("GET", "/ResourceTypes/User", Value::Null).expect(200).json();
    assert!(
        types["schemaExtensions"].to_string().contains(&format!("\"schema\":\"{BADGE}\",\"required\":true")),
        "{types}"
    );
    account.scim("POST", "/Users", json!({ "schemas": [USER], "userName": "ann@a.com" })).error(400);
    badged(&account, "ann@a.com", json!({ "number": "A1" }));
}

#[test]
fn groups_are_extended_too() {
    let account = standard();
    let request = json!({ "schema": badge(), "extends": [{ "resource_type": "Group" }] });
    account.api("POST", "/schemas", request).expect(201);
    let group = |name: &str| {
        let badge = json!({ "number": "A1", "site": "North" });
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group", BADGE], "displayName": name, BADGE: badge })
    };
    let made = account.scim("POST", "/Groups", group("Staff")).expect(201).json();
    assert_eq!(made[BADGE]["site"], json!("North"));
    account.scim("POST", "/Groups", group("Others")).error(409);
    let filter = encoded(&format!("{BADGE}:site eq \"north\""));
    assert_eq!(found(&account, &format!("/Groups?filter={filter}"), "/displayName"), ["Staff"]);
}

#[test]
fn a_schema_is_listed_shown_and_removed_while_nobody_uses_it() {
    let account = with_badges();
    let list = account.api("GET", "/schemas", Value::Null).expect(200).json();
    let own = &list["items"][0];
    assert_eq!(
        (&own["urn"], &own["indexed"], &own["schema"]["name"]),
        (&json!(BADGE), &json!(["site"]), &json!("Badge"))
    );
    let path = format!("/schemas/{}", own["id"].as_str().expect("an id"));
    assert_eq!(account.api("GET", &path, Value::Null).expect(200).json(), *own);
    assert_eq!(account.api("GET", &format!("/schemas/{BADGE}"), Value::Null).expect(200).json(), *own);
    badged(&account, "ann@a.com", json!({ "number": "A1" }));
    let refused = account.api("DELETE", &path, Value::Null).expect(409).json();
    assert!(refused["detail"].as_str().expect("a sentence").contains("1 users or groups"), "{refused}");
    let users = found(&account, "/Users", "/id");
    account.scim("DELETE", &format!("/Users/{}", users[0]), Value::Null).expect(204);
    account.api("DELETE", &path, Value::Null).expect(204);
    account.scim("GET", &format!("/Schemas/{BADGE}"), Value::Null).error(404);
    account.api("DELETE", &path, Value::Null).expect(404);
    let actions: Vec<Value> = account.audit().into_iter().map(|entry| entry["action"].clone()).collect();
    assert!(actions.contains(&json!("schema.create")) && actions.contains(&json!("schema.delete")), "{actions:?}");
}
