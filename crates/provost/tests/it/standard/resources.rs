//! The resource as a client sees it (S-3, S-5, S-7, S-9, S-17, S-21 to S-23, S-79).

use crate::support::{Account, Server, encoded};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

fn standard(server: &Server) -> Account {
    server.account(json!("standard"))
}

fn id_of(user: &Value) -> String {
    user["id"].as_str().expect("a user has an id").to_owned()
}

#[test]
fn s_3_put_replaces_and_an_omitted_active_does_not_reactivate() {
    let server = Server::start();
    let account = standard(&server);
    let id = id_of(&account.create(json!({ "userName": "x@a.example", "nickName": "X", "title": "T" })));
    account.patch(&id, json!([{ "op": "replace", "path": "active", "value": false }])).expect(200);
    let body = json!({ "schemas": [USER], "userName": "x@a.example", "title": "U" });
    let put = account.scim("PUT", &format!("/Users/{id}"), body.clone()).expect(200).json();
    let user = account.get(&id).expect(200).json();
    assert_eq!(put, user);
    assert_eq!((&user["active"], &user["title"], user.get("nickName")), (&json!(false), &json!("U"), None));

    let mut enabling = body;
    enabling["active"] = json!(true);
    account.scim("PUT", &format!("/Users/{id}"), enabling).expect(200);
    assert_eq!(account.get(&id).json()["active"], json!(true));
}

#[test]
fn s_5_user_name_ignores_case() {
    let server = Server::start();
    let account = standard(&server);
    let id = id_of(&account.create(json!({ "userName": "x@a.com", "externalId": "Ab" })));
    assert_eq!(account.find(r#"userName eq "X@A.com""#)["Resources"][0]["id"], json!(id));
    let again = account.scim("POST", "/Users", json!({ "schemas": [USER], "userName": "X@A.com" })).error(409);
    assert_eq!(again["scimType"], "uniqueness");
}

#[test]
fn s_5_external_id_and_id_compare_exactly() {
    let server = Server::start();
    let account = standard(&server);
    let id = id_of(&account.create(json!({ "userName": "x@a.com", "externalId": "Ab" })));
    for (filter, found) in [
        (r#"externalId eq "ab""#.to_owned(), 0),
        (r#"externalId eq "AB""#.to_owned(), 0),
        (r#"externalId eq "Ab""#.to_owned(), 1),
        (format!("id eq \"{id}\""), 1),
        (format!("id eq \"{}\"", id.to_uppercase()), 0),
    ] {
        assert_eq!(account.find(&filter)["totalResults"], json!(found), "{filter}");
    }
    let upper = id.to_uppercase();
    assert_ne!(upper, id);
    account.get(&upper).error(404);
}

#[test]
fn s_7_attributes_and_excluded_attributes() {
    let server = Server::start();
    let account = standard(&server);
    let email = json!([{ "type": "work", "value": "x@b.example" }]);
    let id = id_of(&account.create(json!({
        "userName": "x@a.example", "name": { "givenName": "X", "familyName": "Y" }, "emails": email,
    })));
    let members = |value: &Value| {
        let mut names: Vec<String> = value.as_object().expect("an object").keys().cloned().collect();
        names.sort();
        names
    };
    let one = account.scim("GET", &format!("/Users/{id}?attributes=userName"), Value::Null).expect(200).json();
    assert_eq!(members(&one), ["id", "schemas", "userName"]);
    let query = format!("/Users?attributes=userName&filter={}", encoded(r#"userName eq "x@a.example""#));
    let listed = account.scim("GET", &query, Value::Null).expect(200).json();
    assert_eq!(listed["Resources"], json!([one]));

    let sub = account.scim("GET", &format!("/Users/{id}?attributes=NAME.givenname"), Value::Null).expect(200).json();
    assert_eq!(sub["name"], json!({ "givenName": "X" }));
    let without =
        account.scim("GET", &format!("/Users/{id}?excludedAttributes=emails,name"), Value::Null).expect(200).json();
    assert_eq!(members(&without), ["active", "id", "meta", "schemas", "userName"]);
    // What is always returned cannot be left out.
    let kept =
        account.scim("GET", &format!("/Users/{id}?excludedAttributes=id,schemas"), Value::Null).expect(200).json();
    assert_eq!((&kept["id"], kept["schemas"].is_array()), (&json!(id), true));
    let both = account.scim("GET", &format!("/Users/{id}?attributes=userName&excludedAttributes=name"), Value::Null);
    both.error(400);
}

#[test]
fn s_9_if_match_and_if_none_match() {
    let server = Server::start();
    let account = standard(&server);
    let created = account.scim("POST", "/Users", json!({ "schemas": [USER], "userName": "x@a.example" })).expect(201);
    let etag = created.header("etag").to_owned();
    assert_eq!(etag, "W/\"1\"");
    let user = created.json();
    assert_eq!(user["meta"]["version"], json!(etag));
    let path = format!("/Users/{}", id_of(&user));
    let patch = |nick: &str| {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": "nickName", "value": nick }],
        });
        account.scim_with("PATCH", &path, &[("if-match", &etag)], body)
    };
    let first = patch("first").expect(200);
    assert_eq!(first.header("etag"), "W/\"2\"");
    patch("second").error(412);
    assert_eq!(account.scim("GET", &path, Value::Null).json()["nickName"], "first");
    account
        .scim_with("PUT", &path, &[("if-match", &etag)], json!({ "schemas": [USER], "userName": "x@a.example" }))
        .error(412);
    account.scim_with("DELETE", &path, &[("if-match", &etag)], Value::Null).error(412);

    let unchanged = account.scim_with("GET", &path, &[("if-none-match", "W/\"2\"")], Value::Null).expect(304);
    assert_eq!((unchanged.text.as_str(), unchanged.header("etag")), ("", "W/\"2\""));
    account.scim_with("GET", &path, &[("if-none-match", "W/\"1\"")], Value::Null).expect(200);
    account.scim_with("DELETE", &path, &[("if-match", "W/\"2\"")], Value::Null).expect(204);
}

#[test]
fn s_17_both_media_types_are_taken_and_scim_json_is_answered() {
    let server = Server::start();
    let account = standard(&server);
    for (number, content_type) in
        ["application/scim+json", "application/json; charset=utf-8", "application/scim+json; charset=utf-8"]
            .iter()
            .enumerate()
    {
        let body = json!({ "schemas": [USER], "userName": format!("{number}@a.example"), "nickName": "Zoë 葉" });
        let post = crate::support::request("POST", &format!("{}/scim/v2/Users", account.base))
            .bearer_auth(&account.key)
            .header("content-type", *content_type)
            .body(body.to_string());
        let created = crate::support::send(post).expect(201);
        assert_eq!(created.header("content-type"), "application/scim+json", "{content_type}");
        assert_eq!(created.json()["nickName"], "Zoë 葉");
    }
}

#[test]
fn s_21_meta_is_complete_and_its_location_is_absolute() {
    let server = Server::start();
    let account = standard(&server);
    let created = account.scim("POST", "/Users", json!({ "schemas": [USER], "userName": "x@a.example" })).expect(201);
    let user = created.json();
    let location = format!("{}/scim/v2/Users/{}", server.base, id_of(&user));
    assert_eq!((created.header("location"), &user["meta"]["location"]), (location.as_str(), &json!(location)));
    assert_eq!(user["meta"]["resourceType"], "User");
    assert_eq!(user["meta"]["created"], user["meta"]["lastModified"]);
    let patched =
        account.patch(&id_of(&user), json!([{ "op": "replace", "path": "title", "value": "T" }])).expect(200).json();
    assert_eq!(patched["meta"]["created"], user["meta"]["created"]);
    let time = |value: &Value| {
        value["meta"]["lastModified"].as_str().expect("a time").parse::<jiff::Timestamp>().expect("a time")
    };
    assert!(time(&patched) > time(&user));
    assert_eq!(patched["meta"]["version"], "W/\"2\"");
}

#[test]
fn s_21_location_behind_a_proxy_counts_from_a_trusted_one_only() {
    let forwarded = [("x-forwarded-proto", "https"), ("x-forwarded-host", "scim.example.com")];
    let trusting = Server::start_with(&["--trusted-proxy", "127.0.0.1/32"]);
    let trustless = Server::start();
    for (server, origin) in [(&trusting, "https://scim.example.com".to_owned()), (&trustless, trustless.base.clone())] {
        let account = standard(server);
        let body = json!({ "schemas": [USER], "userName": "x@a.example" });
        let created = account.scim_with("POST", "/Users", &forwarded, body).expect(201);
        let location = format!("{origin}/scim/v2/Users/{}", id_of(&created.json()));
        assert_eq!(created.header("location"), location);
        assert_eq!(created.json()["meta"]["location"], json!(location));
        let config = account.scim_with("GET", "/ServiceProviderConfig", &forwarded, Value::Null).expect(200).json();
        assert_eq!(config["meta"]["location"], json!(format!("{origin}/scim/v2/ServiceProviderConfig")));
    }
}

#[test]
fn s_22_an_id_is_never_used_again() {
    let server = Server::start();
    let account = standard(&server);
    let new = json!({ "userName": "x@a.example" });
    let old = id_of(&account.create(new.clone()));
    account.patch(&old, json!([{ "op": "replace", "path": "userName", "value": "y@a.example" }])).expect(200);
    assert_eq!(account.find(r#"userName eq "y@a.example""#)["Resources"][0]["id"], json!(old), "an id never changes");
    account.patch(&old, json!([{ "op": "replace", "path": "userName", "value": "x@a.example" }])).expect(200);
    account.scim("DELETE", &format!("/Users/{old}"), Value::Null).expect(204);
    let mut given = new;
    given["id"] = json!(old);
    let created = account.create(given);
    assert_ne!(id_of(&created), old, "the client's id does not count either");
    account.get(&old).error(404);
}

#[test]
fn s_23_a_deleted_user_is_404_for_every_call() {
    let server = Server::start();
    let account = standard(&server);
    let id = id_of(&account.create(json!({ "userName": "x@a.example" })));
    let path = format!("/Users/{id}");
    account.scim("DELETE", &path, Value::Null).expect(204);
    account.get(&id).error(404);
    account.patch(&id, json!([{ "op": "replace", "path": "title", "value": "T" }])).error(404);
    account.scim("PUT", &path, json!({ "schemas": [USER], "userName": "x@a.example" })).error(404);
    account.scim("DELETE", &path, Value::Null).error(404);
    assert_eq!(account.find(r#"userName eq "x@a.example""#)["totalResults"], json!(0));
}

#[test]
fn s_79_the_request_id_is_in_the_answer_the_log_and_the_audit_log() {
    let server = Server::start();
    let account = standard(&server);
    let id = id_of(&account.create(json!({ "userName": "x@a.example" })));
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "title", "value": "T" }],
    });
    let answer = account.scim_with("PATCH", &format!("/Users/{id}"), &[("x-request-id", "r1-of-the-client")], patch);
    assert_eq!(answer.expect(200).header("x-request-id"), "r1-of-the-client");
    assert_eq!(account.audit()[0]["request_id"], "r1-of-the-client");
    let log = server.log();
    assert!(log.lines().any(|line| line.contains("r1-of-the-client") && line.contains("PATCH")), "{log}");

    let fresh: Vec<String> = [
        account.get(&id).expect(200),
        account.get("nobody").expect(404),
        account.with_key("wrong").get(&id).expect(401),
        account.api("GET", "/users", Value::Null).expect(200),
    ]
    .iter()
    .map(|answer| answer.header("x-request-id").to_owned())
    .collect();
    let mut distinct = fresh.clone();
    distinct.sort();
    distinct.dedup();
    assert!(distinct.len() == fresh.len() && distinct.iter().all(|id| !id.is_empty()), "{fresh:?}");
    account.scim("DELETE", &format!("/Users/{id}"), Value::Null).expect(204);
    let entry = &account.audit()[0];
    assert!(entry["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{entry}");
}
