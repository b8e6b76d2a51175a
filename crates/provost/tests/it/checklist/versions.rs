//! ETags and conditional requests (ETG); /Me (MEA).

use super::{GROUP, NOBODY, ask, ask_with, get, id_of, make_group, make_user, new_user, patch, replace, standard};
use crate::support::{Account, Answer, Server};
use serde_json::{Value, json};
use std::thread;

fn tag(answer: &Answer) -> String {
    answer.header("etag").to_owned()
}

#[test]
fn etg_02_the_tag_comes_with_every_representation() {
    let server = Server::start();
    let account = standard(&server);
    assert_eq!(get(&account, "/ServiceProviderConfig")["etag"]["supported"], true, "ETG-01");
    let mut seen: Vec<String> = Vec::new();
    let made = ask(&account, "POST /Users", new_user(json!({}))).expect(201);
    let path = format!("/Users/{}", id_of(&made.json()));
    for (request, body) in [
        (format!("GET {path}"), Value::Null),
        (format!("PATCH {path}"), patch(json!([replace("title", json!("T"))]))),
        (format!("GET {path}?attributes=title"), Value::Null),
        (format!("PUT {path}"), new_user(json!({}))),
        (format!("HEAD {path}"), Value::Null),
    ] {
        let answer = ask(&account, &request, body).expect(200);
        assert!(!tag(&answer).is_empty(), "ETG-02 {request}");
        if !answer.text.is_empty() && answer.json().get("meta").is_some() {
            assert_eq!(answer.json()["meta"]["version"], json!(tag(&answer)), "ETG-03 PIT-29 {request}");
        }
        seen.push(tag(&answer));
    }
    assert_eq!(seen[1], seen[2], "ETG-14 projection does not change the tag");
    assert_ne!(seen[0], seen[1], "ETG-04 a change does");
    assert_ne!(seen[2], seen[3], "ETG-04 a change does");
    assert_eq!(seen[3], seen[4], "ETG-02 HEAD too");
    let group = make_group(&account, &[]);
    let member = id_of(&make_user(&account, json!({})));
    let before = ask(&account, &format!("GET /Groups/{group}"), Value::Null);
    let adding = patch(json!([super::add("members", json!([{ "value": member }]))]));
    let patched = ask(&account, &format!("PATCH /Groups/{group}"), adding).expect(200);
    let after = ask(&account, &format!("GET /Groups/{group}"), Value::Null);
    assert_eq!(tag(&patched), tag(&after), "ETG-02 the answer to a change has the new one");
    assert_ne!(tag(&before), tag(&after), "ETG-04 membership is a change of the group");
}

/// A header on a method, with `{}` for the current tag, and the status.
#[test]
fn etg_06_preconditions() {
    let server = Server::start();
    let account = standard(&server);
    for endpoint in ["/Users", "/Groups"] {
        for (name, method, header, value, status) in [
            ("ETG-05", "GET", "if-none-match", "{}", 304),
            ("ETG-10 weakly", "GET", "if-none-match", "{strong}", 304),
            ("ETG-08 all", "GET", "if-none-match", "*", 304),
            ("ETG-08 a list", "GET", "if-none-match", "W/\"x\", {}", 304),
            ("ETG-05 another", "GET", "if-none-match", "W/\"x\"", 200),
            ("ETG-05 HEAD", "HEAD", "if-none-match", "{}", 304),
            ("ETG-06 ETG-12 CON-02 PUT", "PUT", "if-match", "W/\"x\"", 412),
            ("ETG-06 ETG-12 PATCH", "PATCH", "if-match", "W/\"x\"", 412),
            ("ETG-06 DEL-06 DELETE", "DELETE", "if-match", "W/\"x\"", 412),
            ("ETG-07 CON-14 weakly", "PUT", "if-match", "{}", 200),
            ("ETG-07 CON-14 strongly written", "PUT", "if-match", "{strong}", 200),
            ("ETG-08 ETG-09 all", "PUT", "if-match", "*", 200),
            ("ETG-08 a list", "PUT", "if-match", "\"a\", {}, \"b\"", 200),
            ("ETG-11", "PUT", "if-none-match", "{}", 412),
            ("ETG-11", "PATCH", "if-none-match", "*", 412),
            ("ETG-11", "DELETE", "if-none-match", "{}", 412),
        ] {
            let (made, body) = if endpoint == "/Users" {
                (make_user(&account, json!({})), new_user(json!({})))
            } else {
                let body = json!({ "schemas": [GROUP], "displayName": super::fresh("group") });
                (get(&account, &format!("/Groups/{}", make_group(&account, &[]))), body)
            };
            let path = format!("{endpoint}/{}", id_of(&made));
            let current = made["meta"]["version"].as_str().expect("a version");
            let value = value.replace("{strong}", current.trim_start_matches("W/")).replace("{}", current);
            let body = match method {
                "PUT" => body,
                "PATCH" => patch(json!([replace("displayName", json!("X"))])),
                _ => Value::Null,
            };
            let answer = ask_with(&account, &format!("{method} {path}"), &[(header, value.as_str())], body);
            assert_eq!(answer.status, status, "{name}: {method} {endpoint} {header}: {value}: {}", answer.text);
            match status {
                304 => assert_eq!((answer.text.as_str(), tag(&answer).as_str()), ("", current), "{name}: GET-04"),
                412 => assert_eq!(get(&account, &path), made, "{name}: nothing has changed"),
                _ => {}
            }
        }
        for (method, status) in [("PUT", 404), ("PATCH", 404), ("DELETE", 404)] {
            let body = match method {
                "PUT" if endpoint == "/Users" => new_user(json!({})),
                "PUT" => json!({ "schemas": [GROUP], "displayName": "X" }),
                "PATCH" => patch(json!([replace("displayName", json!("X"))])),
                _ => Value::Null,
            };
            let answer = ask_with(&account, &format!("{method} {endpoint}/{NOBODY}"), &[("if-match", "*")], body);
            assert_eq!(answer.status, status, "ETG-09 a missing one: {method} {endpoint}");
        }
    }
}

#[test]
fn etg_13_of_two_writers_one_wins() {
    let server = Server::start();
    let account = standard(&server);
    for _ in 0..10 {
        let user = make_user(&account, json!({}));
        let path = format!("PUT /Users/{}", id_of(&user));
        let version = user["meta"]["version"].as_str().expect("a version");
        let put = |account: &Account| ask_with(account, &path, &[("if-match", version)], new_user(json!({}))).status;
        let mut statuses: Vec<u16> = thread::scope(|scope| {
            let writers: Vec<_> = (0..4).map(|_| scope.spawn(|| put(&account))).collect();
            writers.into_iter().map(|writer| writer.join().expect("a writer ends")).collect()
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412], "ETG-13");
    }
}

#[test]
fn mea_01_me_is_not_offered() {
    let server = Server::start();
    let account = standard(&server);
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        ask(&account, &format!("{method} /Me"), Value::Null).error(501)["detail"].as_str().expect("MEA-01 ERR-02 501");
        let nobody = account.with_key("prv_none_none");
        ask(&nobody, &format!("{method} /Me"), Value::Null).error(401)["detail"].as_str().expect("MEA-05");
    }
}
