//! Create, retrieve, replace, delete (CRE, GET, PUT, DEL).

use super::{
    Case, ENTERPRISE, NOBODY, USER, add, ask, ask_with, check, done, fresh, get, id_of, make_group, make_user, members,
    new_user, patch, replace, standard,
};
use crate::support::Server;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn cre_01_a_user_is_made() {
    let server = Server::start();
    let account = standard(&server);
    let body = new_user(json!({
        "nickName": null, "emails": [], "title": "T", "name": { "givenName": "G" }, ENTERPRISE: { "division": "D" },
    }));
    let answer = ask(&account, "POST /Users", body.clone()).expect(201);
    let made = answer.json();
    let location = answer.header("location").to_owned();
    assert_eq!(made["meta"]["location"], json!(location), "CRE-01");
    assert_eq!(made["meta"]["resourceType"], "User", "CRE-03");
    for name in ["userName", "title", "name", ENTERPRISE] {
        assert_eq!(made[name], body[name], "CRE-02 {name}");
    }
    assert_eq!((made.get("nickName"), made.get("emails")), (None, None), "CRE-05 MOD-31 explicitly empty");
    assert_eq!(made["active"], true, "CRE-05 a default is shown");
    let path = location.strip_prefix(&format!("{}/scim/v2", account.base)).expect("CRE-01 under our base");
    let read = ask(&account, &format!("GET {path}"), Value::Null).expect(200);
    assert_eq!(read.json(), made, "CRE-12 readable at once");
    assert_eq!(answer.header("etag"), read.header("etag"), "CRE-11");
    for (name, query, names) in [
        ("CRE-13 PRJ-01", "attributes=title", vec!["id", "schemas", "title"]),
        ("CRE-13 PRJ-01", "excludedAttributes=meta,active,emails", vec!["id", "schemas", "title", "userName"]),
    ] {
        let made = done(&account, &format!("POST /Users?{query}"), new_user(json!({ "title": "T" })));
        assert_eq!(members(&made), names, "{name}");
    }
}

#[test]
fn bodies_that_are_no_user() {
    let server = Server::start();
    let account = standard(&server);
    let post = || "POST /Users".to_owned();
    let case = |name, attributes: Value| -> Case<'static> { (name, post(), new_user(attributes), "400 invalidValue") };
    check(
        &account,
        [
            ("CRE-09 no userName", post(), json!({ "schemas": [USER] }), "400 invalidValue"),
            ("CRE-09 no structure", post(), json!([new_user(json!({}))]), "400 invalidSyntax"),
            (
                "CRE-09 schemas of another type",
                post(),
                json!({ "schemas": USER, "userName": "x" }),
                "400 invalidSyntax",
            ),
            case("CRE-09 a number for a text", json!({ "title": 7 })),
            case("CRE-09 MOD-25 no array", json!({ "emails": "x@a.example" })),
            case("CRE-09 MOD-23 no object", json!({ "name": "x" })),
            case(
                "CRE-09 MOD-12 a text for a boolean",
                json!({ "emails": [{ "value": "x@a.example", "primary": "maybe" }] }),
            ),
            case(
                "MOD-28 two primary values",
                json!({ "emails": [{ "value": "a@a.example", "primary": true }, { "value": "b@a.example", "primary": true }] }),
            ),
            case("CRE-10 an unknown attribute", json!({ "shoeSize": 42 })),
        ],
    );
    assert_eq!(get(&account, "/Users?count=0")["totalResults"], 0, "nothing was made");
}

#[test]
fn get_01_one_resource() {
    let server = Server::start();
    let account = standard(&server);
    let user = make_user(&account, json!({ "title": "T", "password": "geheim-1234" }));
    let id = id_of(&user);
    let path = format!("/Users/{id}");
    let answer = ask(&account, &format!("GET {path}"), Value::Null).expect(200);
    assert_eq!(members(&answer.json()), ["active", "id", "meta", "schemas", "title", "userName"], "GET-01 GET-02");
    assert_eq!(json!(answer.header("location")), user["meta"]["location"], "GET-03");
    let headers = [("if-none-match", answer.header("etag"))];
    let unchanged = ask_with(&account, &format!("GET {path}"), &headers, Value::Null).expect(304);
    assert_eq!((unchanged.text.as_str(), unchanged.header("etag")), ("", answer.header("etag")), "GET-04 ETG-05");
    let filtered = get(&account, &format!("{path}?filter=userName%20eq%20%22nobody%22"));
    assert_eq!(filtered, user, "GET-05 a filter on one resource is ignored");
    for id in ["x", "1", &id.to_uppercase(), &format!("{id}x"), &id[..35], "%F0%9F%98%80", NOBODY, "null"] {
        ask(&account, &format!("GET /Users/{id}"), Value::Null).error(404)["detail"]
            .as_str()
            .expect("GET-06 an id that is none is 404");
    }
}

#[test]
fn put_02_a_replacement_replaces() {
    let server = Server::start();
    let account = standard(&server);
    let user = make_user(
        &account,
        json!({
            "title": "T", "name": { "givenName": "A", "familyName": "F" }, "nickName": "N", "externalId": "e",
            "emails": [{ "value": "a@a.example" }, { "value": "b@a.example" }],
            "password": "geheim-1234", ENTERPRISE: { "division": "D" },
        }),
    );
    let path = format!("PUT /Users/{}", id_of(&user));
    let named = |more: Value| {
        let mut body = json!({ "schemas": [USER], "userName": user["userName"] });
        super::merge(&mut body, more);
        body
    };
    let body = named(json!({
        "id": NOBODY, "meta": { "created": "2001-01-01T00:00:00Z", "resourceType": "Group" },
        "name": { "givenName": "B" }, "emails": [{ "value": "c@a.example" }], "title": null,
    }));
    let answer = ask(&account, &path, body).expect(200);
    let put = answer.json();
    assert_eq!(put["name"], json!({ "givenName": "B" }), "PUT-02 given B only");
    assert_eq!(put["emails"], json!([{ "value": "c@a.example" }]), "PUT-02 arrays are replaced");
    assert_eq!(put.get("title"), None, "PUT-04 null clears");
    for name in ["nickName", "externalId", ENTERPRISE] {
        assert_eq!(put.get(name), None, "PUT-03 omitted is cleared: {name}");
    }
    assert_eq!(put["schemas"], json!([USER]), "PUT-03 COM-04");
    assert_eq!(put["active"], true, "CHR-09 PIT-36 what is not in the body does not shut anybody out");
    assert_eq!((&put["id"], &put["meta"]["created"]), (&user["id"], &user["meta"]["created"]), "PUT-05 PUT-09 PUT-12");
    assert_eq!(put["meta"]["location"], user["meta"]["location"], "PUT-12");
    assert_ne!(put["meta"]["version"], user["meta"]["version"], "PUT-12 ETG-04");
    assert_ne!(put["meta"]["lastModified"], user["meta"]["lastModified"], "PUT-12");
    assert_eq!(answer.header("etag"), put["meta"]["version"].as_str().expect("a version"), "ETG-02");
    assert_eq!(get(&account, &path[4..]), put, "PUT-08 the complete resource");

    let same = named(json!({ "name": { "givenName": "B" }, "emails": [{ "value": "c@a.example" }] }));
    assert_eq!(done(&account, &path, same.clone()), put, "PUT-13 no change, no new version");
    let shaped = done(&account, &format!("{path}?attributes=name"), same.clone());
    assert_eq!(members(&shaped), ["id", "name", "schemas"], "PRJ-01 PIT-27");
    let empty = done(&account, &path, named(json!({ "emails": [] })));
    assert_eq!((empty.get("emails"), empty.get("name")), (None, None), "PUT-04 PUT-03");
    let headers = [("if-match", "W/\"1\"")];
    ask_with(&account, &path, &headers, same).error(412);
    assert_eq!(get(&account, &path[4..]), empty, "PUT-11 nothing has changed");
}

#[test]
fn put_01_to_what_is_not_there() {
    let server = Server::start();
    let account = standard(&server);
    let id = id_of(&make_user(&account, json!({})));
    ask(&account, &format!("DELETE /Users/{id}"), Value::Null).expect(204);
    for path in [format!("/Users/{id}"), format!("/Users/{NOBODY}"), "/Users/x".to_owned(), format!("/Groups/{NOBODY}")]
    {
        let body = if path.starts_with("/U") {
            new_user(json!({}))
        } else {
            json!({ "schemas": [super::GROUP], "displayName": "x" })
        };
        check(&account, [("PUT-01 HTT-16", format!("PUT {path}"), body, "404")]);
    }
    assert_eq!(get(&account, "/Users?count=0")["totalResults"], 0);
}

#[test]
fn del_01_what_is_deleted_is_gone() {
    let server = Server::start();
    let account = standard(&server);
    let name = fresh("leaver");
    let id = id_of(&make_user(&account, json!({ "userName": name })));
    let path = format!("/Users/{id}");
    let boss_of = id_of(&make_user(&account, json!({ ENTERPRISE: { "manager": { "value": id } } })));
    let group = make_group(&account, &[&id]);
    ask_with(&account, &format!("DELETE {path}"), &[("if-match", "W/\"99\"")], Value::Null).error(412);
    let answer = ask(&account, &format!("DELETE {path}"), Value::Null).expect(204);
    assert_eq!(answer.text, "", "DEL-01");
    check(
        &account,
        [
            ("DEL-02 GET-01", format!("GET {path}"), Value::Null, "404"),
            ("DEL-02", format!("PUT {path}"), new_user(json!({})), "404"),
            ("DEL-02 PAT-19", format!("PATCH {path}"), patch(json!([add("title", json!("T"))])), "404"),
            ("DEL-02 DEL-05 twice", format!("DELETE {path}"), Value::Null, "404"),
            ("DEL-05 nobody", format!("DELETE /Users/{NOBODY}"), Value::Null, "404"),
            ("DEL-05 no id", "DELETE /Users/x".to_owned(), Value::Null, "404"),
        ],
    );
    for filter in [format!("userName eq \"{name}\""), format!("id eq \"{id}\""), "not (title eq \"x\")".to_owned()] {
        let found = account.find(&filter);
        assert!(!found.to_string().contains(&format!("\"id\":\"{id}\"")), "DEL-03 {filter}");
    }
    assert_eq!(get(&account, "/Users?count=0")["totalResults"], 1, "DEL-03");
    assert_eq!(get(&account, &format!("/Groups/{group}")).get("members"), None, "DEL-08");
    let orphan = get(&account, &format!("/Users/{boss_of}"));
    let manager = &orphan[ENTERPRISE]["manager"];
    assert!(
        manager.get("displayName").is_none() && manager.get("$ref").is_none_or(Value::is_string),
        "DEL-08 {manager}"
    );

    let mut ids = BTreeSet::from([id.clone()]);
    for _ in 0..5 {
        let again = make_user(&account, json!({ "userName": name, "id": id }));
        assert!(ids.insert(id_of(&again)), "DEL-07 CRE-08 DEL-04");
        ask(&account, &format!("DELETE /Users/{}", id_of(&again)), Value::Null).expect(204);
    }
    let group_path = format!("/Groups/{group}");
    ask(&account, &format!("DELETE {group_path}"), Value::Null).expect(204);
    check(
        &account,
        [
            ("DEL-02 a group", format!("GET {group_path}"), Value::Null, "404"),
            ("DEL-05 a group", format!("DELETE {group_path}"), Value::Null, "404"),
            (
                "PAT-19 a group",
                format!("PATCH {group_path}"),
                patch(json!([replace("displayName", json!("T"))])),
                "404",
            ),
        ],
    );
}
