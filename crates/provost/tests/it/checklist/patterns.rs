//! What clients of the field really send, where no other chapter has it (PIT).

use super::{Case, GROUP, ask, check, done, fresh, get, id_of, make_group, make_user, patch, standard};
use crate::support::{Server, encoded};
use serde_json::{Value, json};

#[test]
fn pit_08_the_connection_test_of_a_directory() {
    let server = Server::start();
    let account = standard(&server);
    let filter = encoded("userName eq \"af1c4d2e-0000-4000-8000-000000000000\"");
    let found = get(&account, &format!("/Users?filter={filter}"));
    assert_eq!((&found["totalResults"], &found["Resources"]), (&json!(0), &json!([])), "PIT-08 PIT-13");
    let filter = encoded("displayName eq \"nothing\"");
    let found = get(&account, &format!("/Groups?excludedAttributes=members&filter={filter}"));
    assert_eq!(found["totalResults"], 0, "PIT-08 PIT-13");
}

#[test]
fn pit_10_a_group_is_renamed_with_its_id_in_the_value() {
    let server = Server::start();
    let account = standard(&server);
    let group = make_group(&account, &[]);
    let path = format!("PATCH /Groups/{group}");
    let renaming = |id: &str| patch(json!([{ "op": "replace", "value": { "id": id, "displayName": "Renamed" } }]));
    ask(&account, &path, renaming(&group)).expect(200);
    assert_eq!(get(&account, &path[6..])["displayName"], "Renamed", "PIT-10 CHR-04");
    check(&account, [("CHR-04 another id", path, renaming(super::NOBODY), "400 mutability")]);
}

#[test]
fn pit_07_members_with_the_quirks_of_clients() {
    let server = Server::start();
    let account = standard(&server);
    let ids: Vec<String> = (0..3).map(|_| id_of(&make_user(&account, json!({})))).collect();
    let body = json!({ "schemas": [GROUP], "displayName": fresh("group"), "members": [{ "value": ids[0], "display": "any name" }] });
    let made = done(&account, "POST /Groups", body);
    assert_eq!(made["members"][0]["value"], json!(ids[0]), "CON-10 CON-12 a display is harmless");
    let path = format!("PATCH /Groups/{}", id_of(&made));
    let count = || get(&account, &path[6..])["members"].as_array().map_or(0, Vec::len);
    let operation =
        |op: &str, value: serde_json::Value| patch(json!([{ "op": op, "path": "members", "value": value }]));
    for (name, message, left) in [
        ("PIT-01 Add", operation("Add", json!([{ "value": ids[1] }])), 2),
        ("PIT-19 with $ref null", operation("Add", json!([{ "$ref": null, "value": ids[2] }])), 3),
        ("PIT-07 Remove of one", operation("Remove", json!([{ "value": ids[1] }])), 2),
        ("PIT-07 Remove of nobody", operation("remove", json!([{ "value": super::NOBODY }])), 2),
        ("PIT-07 remove of an empty list", operation("remove", json!([])), 2),
    ] {
        let answer = ask(&account, &path, message);
        assert!(answer.status < 300 || name.contains("empty list"), "{name}: {}", answer.text);
        assert_eq!(count(), left, "{name}");
    }
}

#[test]
fn pit_37_every_attribute_that_is_described_is_kept() {
    let server = Server::start();
    let account = standard(&server);
    for urn in [super::USER, super::ENTERPRISE] {
        let schema = get(&account, &format!("/Schemas/{urn}"));
        for attribute in schema["attributes"].as_array().expect("attributes") {
            let name = attribute["name"].as_str().expect("a name");
            if attribute["mutability"] != "readWrite" || matches!(name, "userName" | "roles" | "manager") {
                continue;
            }
            let value = sample(attribute);
            let sent = if urn == super::USER { json!({ name: value }) } else { json!({ urn: { name: value } }) };
            let user = make_user(&account, sent);
            let kept = if urn == super::USER { &user[name] } else { &user[urn][name] };
            assert_eq!(kept, &value, "PIT-37 SCH-10 {name}");
        }
    }
}

/// A value that an attribute takes.
fn sample(attribute: &Value) -> Value {
    let value = match attribute["type"].as_str().expect("a type") {
        "boolean" => json!(false),
        "integer" => json!(7),
        "decimal" => json!(7.5),
        "dateTime" => json!("2011-05-13T04:42:34Z"),
        "binary" => json!("TWFu"),
        "reference" => json!("https://a.example/x"),
        "complex" => {
            let subs = attribute["subAttributes"].as_array().expect("sub-attributes");
            subs.iter().map(|sub| (sub["name"].as_str().expect("a name").to_owned(), sample(sub))).collect()
        }
        _ => json!("text"),
    };
    if attribute["multiValued"] == true { json!([value]) } else { value }
}

#[test]
fn pit_04_and_05_a_work_address_that_is_not_there_yet() {
    let server = Server::start();
    let account = server.account(json!({ "preset": "standard", "patch": { "no_match": "create" } }));
    let path = format!("PATCH /Users/{}", id_of(&make_user(&account, json!({}))));
    for value in ["a@a.example", "b@a.example"] {
        let adding = patch(json!([super::add("emails[type eq \"work\"].value", json!(value))]));
        let user = done(&account, &path, adding);
        assert_eq!(user["emails"], json!([{ "value": value, "type": "work" }]), "PIT-04 PIT-05 PAT-40");
    }
    let cases: [Case<'static>; 1] = [(
        "PIT-04 only eq and and describe an element",
        path,
        patch(json!([super::add("emails[type sw \"ho\"].value", json!("c@a.example"))])),
        "400 noTarget",
    )];
    check(&account, cases);
}
