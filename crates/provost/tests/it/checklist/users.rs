//! The User and its enterprise extension (USR, ENT).

use super::{
    Case, ENTERPRISE, USER, add, ask, check, done, get, id_of, make_group, make_user, members, new_user, patch, remove,
    replace, standard,
};
use crate::support::{Account, Server};
use serde_json::{Value, json};

#[test]
fn usr_01_the_user_schema_and_its_endpoint() {
    let server = Server::start();
    let account = standard(&server);
    let user = make_user(&account, json!({}));
    assert_eq!((&user["schemas"], &user["meta"]["resourceType"]), (&json!([USER]), &json!("User")));
    assert_eq!(get(&account, "/ResourceTypes/User")["schema"], json!(USER));
}

#[test]
fn user_names_that_are_none() {
    let server = Server::start();
    let account = standard(&server);
    let mut cases: Vec<Case<'static>> = Vec::new();
    for name in ["", " ", "\t", "\u{2003}", "a\u{0}b", "a\nb"] {
        cases.push((
            "USR-02 USR-03 MOD-34 empty, blank or with controls",
            "POST /Users".to_owned(),
            json!({ "schemas": [USER], "userName": name }),
            "400 invalidValue",
        ));
    }
    for value in super::odd_values() {
        cases.push((
            "USR-02 MOD-12 CRE-09 no text",
            "POST /Users".to_owned(),
            json!({ "schemas": [USER], "userName": value }),
            "400 invalidValue",
        ));
    }
    check(&account, cases);
    assert_eq!(get(&account, "/Users?count=0")["totalResults"], 0);
}

/// Values that an attribute takes, and values that it refuses.
#[test]
fn formats_of_attributes() {
    let server = Server::start();
    let account = standard(&server);
    let case = |name, attributes: Value, expected| -> Case<'static> {
        (name, "POST /Users".to_owned(), new_user(attributes), expected)
    };
    let photo = |value: &str| json!({ "photos": [{ "value": value, "type": "photo" }] });
    let phone = |value: &str| json!({ "phoneNumbers": [{ "value": value, "type": "work" }] });
    let certificate = |value: &str| json!({ "x509Certificates": [{ "value": value }] });
    let country = |value: &str| json!({ "addresses": [{ "country": value }] });
    check(
        &account,
        [
            case("USR-06 profileUrl", json!({ "profileUrl": "https://a.example/~x" }), "201"),
            case("USR-06 profileUrl with spaces", json!({ "profileUrl": "no uri" }), "400 invalidValue"),
            case("USR-06 photo", photo("https://a.example/x.jpg"), "201"),
            case("USR-06 photo with spaces", photo("my photo.jpg"), "400 invalidValue"),
            case("PIT-37 preferredLanguage", json!({ "preferredLanguage": "en-US, fr;q=0.5" }), "201"),
            case("PIT-37 locale", json!({ "locale": "de-CH" }), "201"),
            case("PIT-37 a longer locale", json!({ "locale": "zh-Hant-TW" }), "201"),
            case("USR-09 locale with underscore", json!({ "locale": "de_CH" }), "201"),
            case("PIT-37 timezone", json!({ "timezone": "Europe/Zurich" }), "201"),
            case("USR-18 a tel URI", phone("tel:+1-201-555-0123"), "201"),
            case("USR-18 another form", phone("(201) 555-0123 x 7"), "201"),
            case("PIT-37 country", country("CH"), "201"),
            case("MOD-16 a certificate in base64", certificate("MIIBIjANBgkq"), "201"),
            case("MOD-16 no base64", certificate("-----BEGIN CERTIFICATE-----"), "400 invalidValue"),
            case("MOD-16 no text", json!({ "x509Certificates": [{ "value": 1 }] }), "400 invalidValue"),
            case("MOD-14 MOD-12 active is a boolean", json!({ "active": 1 }), "400 invalidValue"),
        ],
    );
}

#[test]
fn formats_that_the_standard_names_are_kept_as_sent() {
    let server = Server::start();
    let account = standard(&server);
    let attributes = json!({
        "name": { "formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara" },
        "displayName": "Babs Jensen",
        "preferredLanguage": "en-US, fr;q=0.5",
        "locale": "en_US",
        "timezone": "America/Los_Angeles",
        "emails": [{ "value": "Babs@Example.COM", "type": "work" }],
        "phoneNumbers": [{ "value": "tel:+1-201-555-0123", "type": "work" }],
        "ims": [{ "value": "someaimhandle", "type": "aim" }],
    });
    let user = make_user(&account, attributes.clone());
    for (name, value) in attributes.as_object().expect("an object") {
        assert_eq!(&user[name], value, "USR-04 USR-05 USR-09 USR-18 {name}");
    }
}

#[test]
fn usr_11_an_inactive_user_stays_readable_and_listed() {
    let server = Server::start();
    let account = standard(&server);
    let id = id_of(&make_user(&account, json!({})));
    let path = format!("/Users/{id}");
    done(&account, &format!("PATCH {path}"), patch(json!([replace("active", json!(false))])));
    assert_eq!(get(&account, &path)["active"], false);
    assert_eq!(get(&account, "/Users")["Resources"][0]["id"], json!(id));
    assert_eq!(account.find("active eq false")["totalResults"], 1);
}

#[test]
fn usr_21_and_usr_22_groups_follow_membership() {
    let server = Server::start();
    let account = standard(&server);
    let user = id_of(&make_user(&account, json!({})));
    let of = |account: &Account| get(account, &format!("/Users/{user}"))["groups"].clone();
    let group = make_group(&account, &[]);
    let name = get(&account, &format!("/Groups/{group}"))["displayName"].clone();
    assert_eq!(of(&account), Value::Null);
    ask(&account, &format!("PATCH /Groups/{group}"), patch(json!([add("members", json!([{ "value": user }]))])))
        .expect(200);
    let shown = json!([{
        "value": group, "$ref": format!("{}/scim/v2/Groups/{group}", account.base), "display": name, "type": "direct",
    }]);
    assert_eq!(of(&account), shown, "USR-21 USR-22 the next representation lists the group");
    assert_eq!(account.find(&format!("groups.value eq \"{group}\""))["Resources"][0]["id"], json!(user));
    for (name, request, body, expected) in [
        ("USR-21 by PATCH", "PATCH", patch(json!([add("groups", json!([{ "value": group }]))])), "400 mutability"),
        ("USR-21 by PUT it is ignored", "PUT", new_user(json!({ "groups": [] })), "200"),
    ] {
        check(&account, [(name, format!("{request} /Users/{user}"), body, expected)]);
    }
    assert_eq!(of(&account), shown, "USR-21 changes go through /Groups");

    let second = make_group(&account, &[&user]);
    assert_eq!(of(&account).as_array().map(Vec::len), Some(2));
    let gone = remove(&format!("members[value eq \"{user}\"]"));
    ask(&account, &format!("PATCH /Groups/{group}"), patch(json!([gone]))).expect(200);
    assert_eq!(of(&account)[0]["value"], json!(second), "USR-22 after removal");
    ask(&account, &format!("DELETE /Groups/{second}"), Value::Null).expect(204);
    assert_eq!(of(&account), Value::Null, "USR-22 after the group is gone");
}

#[test]
fn usr_25_the_tag_of_a_user_covers_its_groups() {
    let server = Server::start();
    let account = standard(&server);
    let user = id_of(&make_user(&account, json!({})));
    let read = || ask(&account, &format!("GET /Users/{user}"), Value::Null).expect(200);
    let before = read();
    let group = make_group(&account, &[&user]);
    let within = read();
    ask(&account, &format!("DELETE /Groups/{group}"), Value::Null).expect(204);
    let after = read();
    for (answer, name) in [(&before, "before"), (&within, "within"), (&after, "after")] {
        assert_eq!(answer.json()["meta"]["version"], json!(answer.header("etag")), "USR-25 {name}");
    }
    assert_ne!(before.header("etag"), within.header("etag"), "USR-25 ETG-04 what is shown has changed");
    assert_ne!(within.header("etag"), after.header("etag"), "USR-25 ETG-04");
}

#[test]
fn ent_02_a_manager_is_a_user() {
    let server = Server::start();
    let account = standard(&server);
    let boss = id_of(&make_user(&account, json!({ "displayName": "The Boss" })));
    let user = make_user(&account, json!({ ENTERPRISE: { "manager": { "value": boss }, "employeeNumber": "7" } }));
    let manager = &user[ENTERPRISE]["manager"];
    assert_eq!(manager["value"], json!(boss), "ENT-02");
    assert_eq!(manager["$ref"], json!(format!("{}/scim/v2/Users/{boss}", account.base)), "ENT-03");
    assert_eq!(manager["displayName"], "The Boss", "ENT-03");
    let path = format!("PATCH /Users/{}", id_of(&user));
    let renamed = patch(json!([replace("displayName", json!("New Name"))]));
    done(&account, &format!("PATCH /Users/{boss}"), renamed);
    let user = get(&account, &format!("/Users/{}", id_of(&user)));
    assert_eq!(user[ENTERPRISE]["manager"]["displayName"], "New Name", "ENT-03 follows the referenced user");
    let cleared = done(&account, &path, patch(json!([remove(&format!("{ENTERPRISE}:manager"))])));
    assert_eq!(members(&cleared[ENTERPRISE]), ["employeeNumber"], "ENT-02");
}

#[test]
fn ent_05_an_extension_that_is_not_required_may_be_absent() {
    let server = Server::start();
    let account = standard(&server);
    assert_eq!(
        get(&account, "/ResourceTypes/User")["schemaExtensions"],
        json!([{ "schema": ENTERPRISE, "required": false }])
    );
    let user = make_user(&account, json!({}));
    assert_eq!((user.get(ENTERPRISE), &user["schemas"]), (None, &json!([USER])));
}
