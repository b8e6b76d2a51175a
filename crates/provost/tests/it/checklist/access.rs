//! Who may do what, and what is kept secret (AUT, SEC).

use super::{SEARCH, USER, ask, get, id_of, make_user, new_user, standard};
use crate::support::{Account, Server, encoded, request, send};
use serde_json::{Value, json};

fn with_header(account: &Account, authorization: &str) -> crate::support::Answer {
    send(request("GET", &format!("{}/scim/v2/Users", account.base)).header("authorization", authorization))
}

#[test]
fn aut_01_no_valid_key_is_401_with_a_challenge() {
    let server = Server::start();
    let account = standard(&server);
    let url = format!("{}/scim/v2/Users", account.base);
    let key = &account.key;
    let mut answers = vec![send(request("GET", &url))];
    for authorization in [
        "Bearer wrong",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Negotiate x",
        &format!("Basic {key}"),
        &format!("Bearer {key}x"),
        &format!("Bearer {}", &key[..key.len() - 1]),
        &format!("Bearer {}", key.to_uppercase()),
    ] {
        answers.push(with_header(&account, authorization));
    }
    for query in ["access_token", "token", "api_key", "bearer"] {
        answers.push(send(request("GET", &format!("{url}?{query}={key}"))));
    }
    answers.push(send(request("GET", &url).header("cookie", format!("token={key}; session={key}"))));
    let first = (answers[0].header("www-authenticate").to_owned(), answers[0].text.clone());
    assert!(first.0.starts_with("Bearer") && !first.0.contains("Basic"), "AUT-01 AUT-10 {}", first.0);
    for answer in answers {
        let shown = (answer.header("www-authenticate").to_owned(), answer.text.clone());
        assert_eq!(shown, first, "AUT-01 AUT-02 AUT-13 all are alike");
        answer.error(401);
    }
    assert_eq!(with_header(&account, &format!("bearer {key}")).status, 200, "AUT-01 the scheme has no case");
}

#[test]
fn aut_03_a_known_caller_that_may_not_is_403() {
    let server = Server::start();
    let account = standard(&server);
    with_header(&account, &format!("Bearer {}", server.operator_key)).error(403);
    let app = json!({ "name": "API only", "scopes": ["api"] });
    let app = account.api("POST", "/admin-apps", app).expect(201).json();
    let key = app["api_key"].as_str().expect("a key");
    let other = account.with_key(key);
    for request in ["GET /Users", "POST /Users", "GET /ServiceProviderConfig", "POST /Users/.search"] {
        let error = ask(&other, request, new_user(json!({}))).error(403);
        assert!(error["detail"].as_str().is_some_and(|detail| detail.contains("scope")), "AUT-02 AUT-03 {error}");
    }
    let entry = account.audit();
    assert!(
        entry.iter().any(|entry| entry["actor"].to_string().contains("API only")),
        "AUT-04 every caller is a subject of the audit log"
    );
    let user = make_user(&account, json!({}));
    let entry = &account.audit()[0];
    assert!(entry["actor"].to_string().contains("SCIM Entra"), "AUT-04 SEC-06 who made {user}: {entry}");
}

#[test]
fn aut_06_and_sec_13_what_is_not_yours_does_not_exist() {
    let server = Server::start();
    let (ours, theirs) = (standard(&server), standard(&server));
    let id = id_of(&make_user(&theirs, json!({ "userName": "secret" })));
    let group = super::make_group(&theirs, &[&id]);
    for (request, body) in [
        (format!("GET /Users/{id}"), Value::Null),
        (format!("PUT /Users/{id}"), new_user(json!({}))),
        (format!("PATCH /Users/{id}"), super::patch(json!([super::add("title", json!("T"))]))),
        (format!("DELETE /Users/{id}"), Value::Null),
        (format!("GET /Groups/{group}"), Value::Null),
        (format!("DELETE /Groups/{group}"), Value::Null),
    ] {
        let known = ask(&ours, &request, body.clone()).error(404);
        let unknown = ask(&ours, &request.replace(&id, super::NOBODY).replace(&group, super::NOBODY), body).error(404);
        assert_eq!(known, unknown, "AUT-06 SEC-13 TEN-05 {request}");
    }
    assert_eq!(get(&theirs, &format!("/Users/{id}"))["userName"], "secret");
}

#[test]
fn sec_04_filters_are_no_queries_of_a_database() {
    let server = Server::start();
    let account = standard(&server);
    for name in ["100%", "100x", "under_score", "underXscore", "quote'--", "back\\slash"] {
        make_user(&account, json!({ "userName": super::fresh("u"), "title": name }));
    }
    for (filter, found) in [
        (r#"title co "%""#, vec!["100%"]),
        (r#"title sw "1%""#, vec![]),
        (r#"title co "_""#, vec!["under_score"]),
        (r#"title ew "_score""#, vec!["under_score"]),
        (r#"title co "'""#, vec!["quote'--"]),
        (r#"title eq "' OR '1'='1""#, vec![]),
        (r#"title co "\\""#, vec!["back\\slash"]),
        (r#"title co "*""#, vec![]),
        (r#"userName eq "x'); DROP TABLE resources;--""#, vec![]),
    ] {
        assert_eq!(super::column(&account.find(filter), "title"), found, "SEC-04 {filter}");
    }
    assert_eq!(get(&account, "/Users?count=0")["totalResults"], 6, "SEC-04");
}

#[test]
fn sec_03_the_log_keeps_no_secrets() {
    let server = Server::start();
    let account = standard(&server);
    make_user(&account, json!({ "userName": "private@person.example", "password": "geheim-1234" }));
    account.find(r#"userName eq "private@person.example""#);
    get(&account, &format!("/Users?filter={}", encoded(r#"name.familyName eq "Geheimrat""#)));
    ask(&account, "POST /Users", json!({ "schemas": [USER], "userName": "private@person.example" })).expect(409);
    let log = server.log();
    for secret in [account.key.as_str(), "geheim-1234", "private@person.example", "Geheimrat"] {
        assert!(!log.contains(secret), "SEC-03 SEC-01 {secret}");
    }
    let body = json!({ "schemas": [SEARCH], "filter": r#"userName eq "private@person.example""# });
    assert_eq!(super::done(&account, "POST /Users/.search", body)["totalResults"], 1, "SEC-01 .search needs no URI");
}

#[test]
fn sec_12_keys_are_stored_as_hashes() {
    let server = Server::start();
    let account = standard(&server);
    get(&account, "/Users");
    let secret = account.key.rsplit('_').next().expect("a key has a secret");
    for entry in std::fs::read_dir(server.data()).expect("the data folder is there") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("a data file can be read");
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "SEC-12 {path:?}");
        }
    }
    assert!(secret.len() >= 32, "a key cannot be guessed");
}

#[test]
fn aut_14_a_key_that_ends_ends_everything() {
    let server = Server::start();
    let account = standard(&server);
    let page = get(&account, "/Users?cursor&count=1");
    account.api("POST", &format!("/admin-apps/{}/revoke", account.app), Value::Null).expect(200);
    let cursor = page["nextCursor"].as_str().unwrap_or("x");
    ask(&account, &format!("GET /Users?cursor={cursor}&count=1"), Value::Null).error(401);
    ask(&account, "POST /Bulk", json!({ "Operations": [] })).error(401);
    ask(&account, "POST /.search", json!({ "schemas": [SEARCH] })).error(401);
}
