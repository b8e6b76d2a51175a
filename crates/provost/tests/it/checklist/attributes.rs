//! Attributes and values, common attributes, `schemas` and `meta` (MOD, COM).

use super::{
    Case, ENTERPRISE, GROUP, USER, add, check, done, fresh, get, id_of, make_group, make_user, members, new_user,
    patch, replace, standard,
};
use crate::support::{Account, Server, encoded};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn values_are_kept_and_unassigned_ones_left_out() {
    let server = Server::start();
    let account = standard(&server);
    // What is sent, and what of it a later GET shows; null stands for an attribute that is not there.
    for (name, sent, shown) in [
        ("MOD-32 null", json!({ "nickName": null }), json!({ "nickName": null })),
        ("MOD-32 empty array", json!({ "emails": [] }), json!({ "emails": null })),
        (
            "MOD-33 object of nothing",
            json!({ "name": {}, "addresses": [{ "region": null }] }),
            json!({ "name": null, "addresses": null }),
        ),
        (
            "MOD-11 CHR-23 canonical values are suggestions",
            json!({ "emails": [{ "type": "boat", "value": "x@sea.example" }] }),
            json!({ "emails": [{ "type": "boat", "value": "x@sea.example" }] }),
        ),
        (
            "CON-09 ims of type other",
            json!({ "ims": [{ "type": "other", "value": "x" }] }),
            json!({ "ims": [{ "type": "other", "value": "x" }] }),
        ),
        (
            "CON-10 primary of an address",
            json!({ "addresses": [{ "region": "Uri", "primary": true }] }),
            json!({ "addresses": [{ "region": "Uri", "primary": true }] }),
        ),
        (
            "CON-07 display of an e-mail address is writable",
            json!({ "emails": [{ "value": "x@a.example", "display": "X" }] }),
            json!({ "emails": [{ "value": "x@a.example", "display": "X" }] }),
        ),
        (
            "MOD-17 base64 without padding",
            json!({ "x509Certificates": [{ "value": "TQ" }] }),
            json!({ "x509Certificates": [{ "value": "TQ" }] }),
        ),
        (
            "MOD-10 any Unicode",
            json!({ "nickName": "𝔘 ß é 葉 \u{1F600}" }),
            json!({ "nickName": "𝔘 ß é 葉 \u{1F600}" }),
        ),
        (
            "CHR-19 case is kept as sent",
            json!({ "userName": "MixedCase@A.Example", "title": "DrDr" }),
            json!({ "userName": "MixedCase@A.Example", "title": "DrDr" }),
        ),
        (
            "USR-24 roles and entitlements have no vocabulary",
            json!({ "entitlements": [{ "value": "anything at all", "type": "own" }] }),
            json!({ "entitlements": [{ "value": "anything at all", "type": "own" }] }),
        ),
    ] {
        let user = get(&account, &format!("/Users/{}", id_of(&make_user(&account, sent))));
        for (attribute, value) in shown.as_object().expect("an object") {
            assert_eq!(&user[attribute], value, "{name}: {user}");
        }
    }
}

#[test]
fn mod_06_the_order_of_members_and_schemas_means_nothing() {
    let server = Server::start();
    let account = standard(&server);
    let text = |members: &str, schemas: &str| -> Value {
        serde_json::from_str(&format!(r#"{{"schemas":[{schemas}],{members}}}"#)).expect("the sample is JSON")
    };
    let (user, enterprise) = (format!("\"{USER}\""), format!("\"{ENTERPRISE}\""));
    let extension = format!("{enterprise}:{{\"division\":\"D\",\"department\":\"E\"}}");
    let one = format!(r#""userName":"x","name":{{"givenName":"G","familyName":"F"}},"title":"T",{extension}"#);
    let extension = format!("{enterprise}:{{\"department\":\"E\",\"division\":\"D\"}}");
    let other = format!(r#"{extension},"title":"T","name":{{"familyName":"F","givenName":"G"}},"userName":"x""#);
    let created = done(&account, "POST /Users", text(&one, &format!("{user},{enterprise}")));
    let path = format!("PUT /Users/{}", id_of(&created));
    let replaced = done(&account, &path, text(&other, &format!("{enterprise},{user}")));
    assert_eq!(replaced, created, "not even the version differs");
}

#[test]
fn mod_19_every_reference_can_be_fetched() {
    let server = Server::start();
    let account = standard(&server);
    let boss = id_of(&make_user(&account, json!({})));
    let user = id_of(&make_user(&account, json!({ ENTERPRISE: { "manager": { "value": boss } } })));
    let group = make_group(&account, &[&user]);
    let user = get(&account, &format!("/Users/{user}"));
    let group = get(&account, &format!("/Groups/{group}"));
    for (name, uri, id) in [
        ("ENT-03 manager", &user[ENTERPRISE]["manager"]["$ref"], &json!(boss)),
        ("USR-21 groups", &user["groups"][0]["$ref"], &group["id"]),
        ("GRP-06 MOD-29 members", &group["members"][0]["$ref"], &user["id"]),
        ("LOC-04 location of a user", &user["meta"]["location"], &user["id"]),
        ("LOC-04 location of a group", &group["meta"]["location"], &group["id"]),
    ] {
        let uri = uri.as_str().unwrap_or_else(|| panic!("{name}: no URI in {user} or {group}"));
        let path = uri.strip_prefix(&format!("{}/scim/v2", account.base)).unwrap_or_else(|| panic!("{name}: {uri}"));
        assert_eq!(&get(&account, path)["id"], id, "{name}: LOC-01 absolute, under the base that the client uses");
    }
    assert_eq!(group["members"][0]["type"], "User", "MOD-29 GRP-06 the type is filled in");
}

#[test]
fn references_are_read_whatever_their_form() {
    let server = Server::start();
    let account = standard(&server);
    let user = id_of(&make_user(&account, json!({})));
    for (name, uri) in [
        ("MOD-18 relative", format!("Users/{user}")),
        ("MOD-18 below the root", format!("../Users/{user}")),
        ("MOD-18 absolute", format!("{}/scim/v2/Users/{user}", account.base)),
        ("MOD-21 without a version", format!("{}/scim/Users/{user}", account.base)),
    ] {
        let body = json!({ "schemas": [GROUP], "displayName": fresh("group"), "members": [{ "$ref": uri }] });
        let made = done(&account, "POST /Groups", body);
        assert_eq!(made["members"][0]["value"], json!(user), "{name}: GRP-07 value is derived from $ref: {made}");
    }
}

#[test]
fn com_05_core_at_the_top_and_extensions_under_their_urn() {
    let server = Server::start();
    let account = standard(&server);
    let user = make_user(&account, json!({ "title": "T", ENTERPRISE: { "division": "D" } }));
    assert_eq!(
        members(&user),
        ["active", "id", "meta", "schemas", "title", ENTERPRISE, "userName"],
        "COM-05 ENT-01 the extension is an object of its own"
    );
    assert_eq!(user[ENTERPRISE], json!({ "division": "D" }));
    assert_eq!(user["schemas"], json!([USER, ENTERPRISE]), "COM-04");
    check(
        &account,
        [
            (
                "COM-05 an extension's attribute at the top is unknown",
                "POST /Users".to_owned(),
                new_user(json!({ "division": "D" })),
                "400 invalidValue",
            ),
            (
                "COM-05 a core attribute within an extension is unknown",
                "POST /Users".to_owned(),
                new_user(json!({ ENTERPRISE: { "title": "T" } })),
                "400 invalidValue",
            ),
        ],
    );
}

#[test]
fn com_10_ids_are_the_servers_and_unique_over_all_types() {
    let server = Server::start();
    let account = standard(&server);
    let mut ids = BTreeSet::new();
    for number in 0..20 {
        let user = make_user(&account, json!({ "id": "2819c223", "externalId": "same" }));
        let id = id_of(&user);
        assert_ne!(id, "2819c223", "CRE-14 COM-10 a client's id is ignored");
        assert!(!id.is_empty() && !id.to_lowercase().contains("bulkid"), "COM-11 {id}");
        assert_eq!(user["externalId"], "same", "COM-12 externalId is not unique");
        let group = if number % 2 == 0 { make_group(&account, &[&id]) } else { make_group(&account, &[]) };
        assert!(ids.insert(id) && ids.insert(group), "COM-10 an id is used once, whatever the type");
    }
    let user = make_user(&account, json!({}));
    assert_eq!(user.get("externalId"), None, "COM-12 no externalId is invented");
    let renamed = done(
        &account,
        &format!("PATCH /Users/{}", id_of(&user)),
        patch(json!([replace("userName", json!(fresh("renamed")))])),
    );
    assert_eq!(renamed["id"], user["id"], "COM-10 an id is stable");
}

/// The representation, the headers and every list show the same `meta`.
fn check_meta(account: &Account, endpoint: &str, resource_type: &str, body: Value) {
    let name = format!("{resource_type}: ");
    let before = account.audit()[0]["time"].as_str().expect("a time").parse::<jiff::Timestamp>().expect("a time");
    let mut sent = body;
    sent["id"] = json!("mine");
    sent["meta"] = json!({
        "resourceType": "Robot", "created": "2001-01-01T00:00:00Z", "lastModified": "2001-01-01T00:00:00Z",
        "location": "https://elsewhere.example/", "version": "W/\"77\"",
    });
    let answer = super::ask(account, &format!("POST {endpoint}"), sent).expect(201);
    let (made, meta) = (answer.json(), answer.json()["meta"].clone());
    let id = id_of(&made);
    let location = format!("{}/scim/v2{endpoint}/{id}", account.base);
    assert_eq!(meta["resourceType"], json!(resource_type), "{name}COM-14 CRE-03 by the endpoint");
    assert_eq!((&meta["location"], answer.header("location")), (&json!(location), location.as_str()), "{name}COM-16");
    assert_eq!(meta["version"], json!(answer.header("etag")), "{name}COM-17 ETG-03 PIT-29 CRE-11");
    assert!(answer.header("etag").starts_with("W/\""), "{name}COM-18 a weak tag is marked");
    assert_eq!(meta["created"], meta["lastModified"], "{name}COM-15");
    let created = meta["created"].as_str().expect("a time");
    assert!(created.ends_with('Z'), "{name}MOD-15 {created}");
    let created: jiff::Timestamp = created.parse().expect("COM-15 a dateTime");
    assert!(created >= before, "{name}COM-13 COM-19 CRE-04 what the client sends of meta and id does not count");

    let read = super::ask(account, &format!("GET {endpoint}/{id}"), Value::Null).expect(200);
    assert_eq!(read.json(), made, "{name}COM-20 CRE-12");
    assert_eq!(
        (read.header("etag"), read.header("location")),
        (answer.header("etag"), location.as_str()),
        "{name}GET-03"
    );
    let found = get(account, &format!("{endpoint}?filter={}", encoded(&format!("id eq \"{id}\""))));
    assert_eq!(found["Resources"], json!([made]), "{name}COM-20 a list shows the same");

    let request = format!("PATCH {endpoint}/{id}?attributes=meta,externalId");
    let patched = done(account, &request, patch(json!([add("externalId", json!("e1"))])));
    assert_eq!(patched["meta"]["created"], meta["created"], "{name}PUT-12 created stays");
    assert_ne!(patched["meta"]["version"], meta["version"], "{name}ETG-04 COM-17");
    let modified: jiff::Timestamp = patched["meta"]["lastModified"].as_str().expect("a time").parse().expect("a time");
    assert!(modified > created, "{name}COM-15 lastModified advances");
    assert_eq!(patched["externalId"], "e1", "{name}COM-09 externalId is of every type");
}

#[test]
fn com_09_id_external_id_and_meta_are_of_every_type() {
    let server = Server::start();
    let account = standard(&server);
    check_meta(&account, "/Users", "User", new_user(json!({})));
    check_meta(&account, "/Groups", "Group", json!({ "schemas": [GROUP], "displayName": "Tour Guides" }));
    let config = get(&account, "/ServiceProviderConfig");
    assert_eq!((config.get("id"), config.get("externalId")), (None, None), "COM-09 SPC-02 needs no id");
}

#[test]
fn schemas_are_judged_by_the_type() {
    let server = Server::start();
    let account = standard(&server);
    let with = |schemas: Value| json!({ "schemas": schemas, "userName": fresh("user") });
    let case = |name, schemas, expected| -> Case<'static> { (name, "POST /Users".to_owned(), with(schemas), expected) };
    check(
        &account,
        [
            ("COM-03 none", "POST /Users".to_owned(), json!({ "userName": "x" }), "400 invalidSyntax"),
            case("COM-01 empty", json!([]), "400 invalidValue"),
            case("COM-02 without the base", json!([ENTERPRISE]), "400 invalidValue"),
            case("COM-03 of nobody", json!([USER, "urn:example:unknown"]), "400 invalidValue"),
            case("COM-02 of another type", json!([GROUP]), "400 invalidValue"),
            case("COM-04 an extension without data", json!([USER, ENTERPRISE]), "201"),
            case("COM-01 in any order", json!([ENTERPRISE, USER]), "201"),
        ],
    );
}
