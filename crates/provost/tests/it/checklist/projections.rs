//! `attributes` and `excludedAttributes` on every operation that returns resources (PRJ).

use super::{
    ENTERPRISE, GROUP, SEARCH, USER, add, done, get, id_of, make_group, make_user, members, new_user, patch, standard,
};
use crate::support::{Server, encoded};
use serde_json::{Value, json};

fn full() -> Value {
    json!({
        "title": "T", "name": { "givenName": "G", "familyName": "F" },
        "emails": [{ "value": "a@a.example", "type": "work" }, { "value": "b@a.example", "type": "home" }],
        ENTERPRISE: { "division": "D", "department": "E" },
    })
}

#[test]
fn prj_01_every_operation_that_returns_resources() {
    let server = Server::start();
    let account = standard(&server);
    let id = id_of(&make_user(&account, full()));
    let search = |member: &str, value: Value| json!({ "schemas": [SEARCH], member: value });
    for (query, member, value, names) in [
        (
            "attributes=title,name.givenName",
            "attributes",
            json!(["title", "name.givenName"]),
            vec!["id", "name", "schemas", "title"],
        ),
        (
            "excludedAttributes=meta,emails,active,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            "excludedAttributes",
            json!(["meta", "emails", "active", ENTERPRISE]),
            vec!["id", "name", "schemas", "title", "userName"],
        ),
    ] {
        let one = format!("/Users/{id}?{query}");
        let put = {
            let mut body = get(&account, &format!("/Users/{id}"));
            body["title"] = json!(format!("T {query}"));
            body
        };
        let touched = patch(json!([add("nickName", json!(query))]));
        let list = |list: Value| list["Resources"][0].clone();
        for (operation, resource) in [
            ("GET", get(&account, &one)),
            ("list", list(get(&account, &format!("/Users?{query}")))),
            (".search", list(done(&account, "POST /Users/.search", search(member, value.clone())))),
            (".search at the root", list(done(&account, "POST /.search", search(member, value)))),
            ("PUT", done(&account, &format!("PUT {one}"), put)),
            ("PATCH", done(&account, &format!("PATCH {one}"), touched.clone())),
            ("PATCH without a change", done(&account, &format!("PATCH {one}"), touched)),
            ("POST", done(&account, &format!("POST /Users?{query}"), new_user(full()))),
        ] {
            let mut shown = members(&resource);
            shown.retain(|name| *name != "nickName");
            assert_eq!(shown, names, "PRJ-01 PRJ-02 PIT-27 {operation} {query}");
            if member == "attributes" {
                assert_eq!(resource["name"], json!({ "givenName": "G" }), "PRJ-13 {operation}");
            }
        }
    }
}

#[test]
fn what_the_names_mean() {
    let server = Server::start();
    let account = standard(&server);
    let id = id_of(&make_user(&account, full()));
    let enterprise = |name: &str| format!("attributes={ENTERPRISE}{name}");
    let values = json!([{ "value": "a@a.example" }, { "value": "b@a.example" }]);
    let types = json!([{ "type": "work" }, { "type": "home" }]);
    for (name, query, expected) in [
        ("PRJ-09 MOD-01 in any case", "attributes=TITLE".to_owned(), json!({ "title": "T" })),
        ("PRJ-09 PRJ-18 qualified", format!("attributes={USER}:title"), json!({ "title": "T" })),
        ("PRJ-09 a URN in capitals", format!("attributes={}:TITLE", USER.to_uppercase()), json!({ "title": "T" })),
        ("PRJ-10 an extension's", enterprise(":division"), json!({ ENTERPRISE: { "division": "D" } })),
        (
            "PRJ-12 PRJ-18 a whole extension",
            enterprise(""),
            json!({ ENTERPRISE: { "division": "D", "department": "E" } }),
        ),
        ("PRJ-11 unqualified", "attributes=division".to_owned(), json!({})),
        (
            "PRJ-13 PIT-26 a complex one",
            "attributes=name".to_owned(),
            json!({ "name": { "givenName": "G", "familyName": "F" } }),
        ),
        ("PRJ-13 in every element", "attributes=emails.value".to_owned(), json!({ "emails": values })),
        ("PRJ-03 spaces", "attributes=%20title%20,%20,".to_owned(), json!({ "title": "T" })),
        ("PRJ-16 unknown", "attributes=title,shoeSize,urn:x:y".to_owned(), json!({ "title": "T" })),
        ("PRJ-06 CHR-11 always there", "attributes=id".to_owned(), json!({})),
        ("PRJ-15 nothing is left", "attributes=name.middleName".to_owned(), json!({})),
        ("CHR-12 never returned", "attributes=password".to_owned(), json!({})),
    ] {
        let mut user = get(&account, &format!("/Users/{id}?{query}"));
        let object = user.as_object_mut().expect("an object");
        assert!(object.shift_remove("schemas").is_some() && object.shift_remove("id").is_some(), "PRJ-06 {name}");
        assert_eq!(user, expected, "{name}");
    }
    let whole = get(&account, &format!("/Users/{id}"));
    let without = |query: &str| get(&account, &format!("/Users/{id}?excludedAttributes={query}"));
    assert_eq!(without("emails.value")["emails"], types, "PRJ-14");
    assert_eq!(without("name.givenName")["name"], json!({ "familyName": "F" }), "PRJ-14");
    assert_eq!(without("name.givenName,name.familyName").get("name"), None, "PRJ-15");
    assert_eq!(without("id,schemas"), whole, "PRJ-05 CHR-11");
    assert_eq!(without(""), whole, "PRJ-17");
    assert_eq!(get(&account, &format!("/Users/{id}?attributes=")), whole, "PRJ-17");
    assert_eq!(without("shoeSize"), whole, "PRJ-16");
}

#[test]
fn prj_07_both_at_once_are_refused_everywhere() {
    let server = Server::start();
    let account = standard(&server);
    let id = id_of(&make_user(&account, json!({})));
    let query = "attributes=title&excludedAttributes=name";
    let both = json!({ "schemas": [SEARCH], "attributes": ["title"], "excludedAttributes": ["name"] });
    for (request, body) in [
        (format!("GET /Users/{id}?{query}"), Value::Null),
        (format!("GET /Users?{query}"), Value::Null),
        (format!("POST /Users?{query}"), new_user(json!({}))),
        (format!("PUT /Users/{id}?{query}"), new_user(json!({}))),
        (format!("PATCH /Users/{id}?{query}"), patch(json!([add("title", json!("T"))]))),
        ("POST /Users/.search".to_owned(), both),
    ] {
        assert_eq!(super::outcome(super::ask(&account, &request, body)), "400 invalidValue", "PRJ-07 PRJ-08 {request}");
    }
}

#[test]
fn prj_05_a_group_without_its_members() {
    let server = Server::start();
    let account = standard(&server);
    let user = id_of(&make_user(&account, json!({})));
    let group = make_group(&account, &[&user]);
    let path = format!("/Groups/{group}");
    assert_eq!(
        members(&get(&account, &format!("{path}?excludedAttributes=members"))),
        ["displayName", "id", "meta", "schemas"]
    );
    assert_eq!(members(&get(&account, &format!("{path}?attributes=displayName"))), ["displayName", "id", "schemas"]);
    let shown = get(&account, &format!("{path}?attributes={GROUP}:members.value"));
    assert_eq!(shown["members"], json!([{ "value": user }]), "PRJ-13 PRJ-18");
    let listed = get(&account, &format!("/Groups?excludedAttributes=members&filter={}", encoded("displayName pr")));
    assert_eq!(listed["Resources"][0].get("members"), None, "PIT-08 PIT-27");
    let user = get(&account, &format!("/Users/{user}?excludedAttributes=groups"));
    assert_eq!(user.get("groups"), None, "PRJ-05");
}
