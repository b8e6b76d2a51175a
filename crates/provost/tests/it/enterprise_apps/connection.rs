//! Testing a connection, against Provost itself and against those who are no SCIM server.

use super::{app, company};
use crate::support::{Account, id};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpListener,
    thread::{self, JoinHandle},
};

/// Answers so many connections, each with this, and gives what it heard.
fn serve(times: usize, answer: &'static str) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a raw connection works");
    let base = format!("http://{}", listener.local_addr().expect("a raw connection works"));
    let heard = thread::spawn(move || {
        let one = |_| {
            let (mut socket, _) = listener.accept().expect("a raw connection works");
            let (mut heard, mut buffer) = (String::new(), [0; 4096]);
            while !heard.ends_with("\r\n\r\n") {
                let read = socket.read(&mut buffer).expect("a raw connection works");
                assert!(read > 0, "{heard}");
                heard.push_str(std::str::from_utf8(&buffer[..read]).expect("a raw connection works"));
            }
            socket.write_all(answer.as_bytes()).expect("a raw connection works");
            heard
        };
        (0..times).map(one).collect()
    });
    (base, heard)
}

/// Tests the connection to a target with a token.
#[track_caller]
fn tested(account: &Account, tenant_url: &str, token: &str) -> Value {
    let app = app(account, tenant_url);
    app.api("PATCH", "", json!({ "secret_token": token })).expect(200);
    let found = app.api("POST", "/test-connection", Value::Null).expect(200).json();
    app.api("DELETE", "", Value::Null).expect(204);
    found
}

#[test]
fn a_target_is_probed_and_all_that_was_made_goes_again() {
    let (contoso, target) = (company(), company());
    let app = app(&contoso, &format!("{}/scim/v2?aadOptscim062020", target.base));
    app.api("PATCH", "", json!({ "secret_token": target.key })).expect(200);
    let probed = app.api("POST", "/probe", Value::Null).expect(200).json();
    assert_eq!(probed["report"]["settings"][0]["name"], json!("filters"), "{probed}");
    let probed = app.api("POST", "/probe", json!({ "write": true })).expect(200).json();
    let report = &probed["report"];
    assert_eq!((&report["obstacles"], &report["left_behind"]), (&json!([]), &json!([])), "{}", probed["text"]);
    assert_eq!(
        (&report["groups"], &report["dialect"]),
        (&json!(true), &json!("aadOptscim062020")),
        "{}",
        probed["text"]
    );
    assert!(probed["text"].as_str().unwrap().contains("members: batched"), "{}", probed["text"]);
    app.api("PATCH", "", json!({ "compatibility": report["compatibility"] })).expect(200);
    app.api("POST", "/probe", json!({ "wrote": true })).expect(400);
    app.api("PATCH", "", json!({ "secret_token": null })).expect(200);
    app.api("POST", "/probe", Value::Null).expect(409);
}

#[test]
fn u_33_and_34_a_connection_is_tested_and_each_fault_has_its_own_words() {
    let (contoso, target) = (company(), company());
    let scim = format!("{}/scim/v2?aadOptscim062020", target.base);
    let good = tested(&contoso, &scim, &target.key);
    assert_eq!((&good["success"], &good["result"]), (&json!(true), &json!("success")), "{good}");
    let probes = good["probes"].as_array().unwrap();
    assert_eq!(probes.len(), 2, "{good}");
    assert!(probes[0]["request"].as_str().unwrap().starts_with("GET /Users?filter=userName%20eq%20%22"));
    assert!(probes[1]["request"].as_str().unwrap().starts_with("GET /Groups?excludedAttributes=members&filter="));
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (url, token, result, said) in [
        (scim.clone(), "prv_wrong_key", "credentials_invalid", "credentials invalid: the target answered 401"),
        (format!("{}/nowhere", target.base), &target.key, "endpoint_not_found", "endpoint not found"),
        (format!("http://{nobody}/scim"), &target.key, "unreachable", "unreachable"),
        ("https://nobody.invalid/scim".to_owned(), &target.key, "unreachable", "host not found"),
    ] {
        let found = tested(&contoso, &url, token);
        assert_eq!((&found["success"], &found["result"]), (&json!(false), &json!(result)), "{found}");
        let detail = found["detail"].as_str().unwrap();
        assert!(detail.starts_with(said) && !detail.contains(token), "{detail}");
    }
}

#[test]
fn f_5_4_8_what_answers_like_no_scim_server_is_named() {
    let contoso = company();
    for (times, answer, result) in [
        (2, "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>", "not_scim"),
        (
            2,
            "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            "redirected",
        ),
        (2, "HTTP/1.1 503 Away\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "target_failing"),
        (2, "HTTP/1.1 429 Slow\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "throttled"),
        (2, "HTTP/1.1 403 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "credentials_invalid"),
        (1, "SSH-2.0\r\n", "unreachable"),
        (
            2,
            "HTTP/1.1 200 OK\r\ncontent-length: 19\r\nconnection: close\r\n\r\n{\"totalResults\": 7}",
            "filter_ignored",
        ),
    ] {
        let (base, heard) = serve(times, answer);
        let found = tested(&contoso, &format!("{base}/scim/?aadOptscim062020"), "s3cret-t0ken");
        assert_eq!(found["result"], json!(result), "{found}");
        for request in heard.join().unwrap() {
            assert!(request.starts_with("GET /scim/") && request.contains("\r\nauthorization: Bearer s3cret-t0ken"));
            assert!(!request.contains("aadOptscim062020"), "{request}");
        }
    }
}

#[test]
fn f_5_4_8_what_is_not_saved_yet_can_be_tested_and_is_not_kept() {
    let (contoso, target) = (company(), company());
    let app = app(&contoso, "http://127.0.0.1:1/scim");
    let scim = format!("{}/scim/v2", target.base);
    let before = app.api("GET", "", Value::Null).json();
    let asked = json!({ "tenant_url": scim, "secret_token": target.key });
    assert_eq!(app.api("POST", "/test-connection", asked).expect(200).json()["result"], json!("success"));
    let without = app.api("POST", "/test-connection", json!({ "tenant_url": scim })).expect(200).json();
    assert_eq!(without["result"], json!("credentials_invalid"), "the saved token is not sent elsewhere");
    app.api("POST", "/test-connection", json!({ "tenant_url": "ftp://x" })).refused(400, &["tenant_url"]);
    assert_eq!(app.api("GET", "", Value::Null).json(), before);
    app.api("PATCH", "", json!({ "secret_token": null })).expect(200);
    let missing = app.api("POST", "/test-connection", Value::Null).expect(200).json();
    assert_eq!((&missing["success"], &missing["result"]), (&json!(false), &json!("credentials_missing")));
}

#[test]
fn f_5_5_6_groups_are_not_asked_for_where_they_are_not_mapped() {
    let (contoso, target) = (company(), company());
    let app = app(&contoso, &format!("{}/scim/v2", target.base));
    app.api("PATCH", "", json!({ "secret_token": target.key })).expect(200);
    app.api("PUT", "/mappings", json!({ "settings": { "groups": { "enabled": false } } })).expect(200);
    let found = app.api("POST", "/test-connection", Value::Null).expect(200).json();
    assert_eq!(found["probes"].as_array().map(Vec::len), Some(1), "{found}");
}

#[test]
fn f_3_2_5_a_name_that_leads_to_this_machine_is_not_called() {
    let server = crate::support::shared();
    let account = server.account(json!("directory"));
    let (_, port) = server.base.rsplit_once(':').unwrap();
    let body = json!({ "name": "X", "tenant_url": format!("https://localhost:{port}/scim"), "secret_token": "s3cret" });
    let path = format!(
        "/enterprise-apps/{}/test-connection",
        id(&account.api("POST", "/enterprise-apps", body).expect(201).json())
    );
    let found = account.api("POST", &path, Value::Null).expect(200).json();
    assert_eq!(found["result"], json!("forbidden"), "{found}");
    assert!(found["detail"].as_str().unwrap().contains("localhost leads to no public address"), "{found}");
}

#[test]
fn a_probe_tries_roles_with_the_app_role_that_it_is_told() {
    let (contoso, target) = (company(), company());
    // The older dialect: how roles are written in it is what a target may take otherwise.
    let app = app(&contoso, &format!("{}/scim/v2", target.base));
    app.api("PATCH", "", json!({ "secret_token": target.key })).expect(200);
    let rows = json!([
        { "target": "userName", "source": "userPrincipalName", "matching": 1 },
        { "target": "active", "expression": "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" },
        { "target": "displayName", "source": "displayName" },
        { "target": "roles", "expression": "AppRoleAssignmentsComplex([appRoleAssignments])" },
    ]);
    app.api("PUT", "/mappings", json!({ "users": rows })).expect(200);
    app.role("Field Crew", "fc");
    let settings = |body: Value| {
        let probed = app.api("POST", "/probe", body).expect(200).json();
        assert_eq!(probed["report"]["left_behind"], json!([]), "{}", probed["text"]);
        probed["report"]["settings"].as_array().expect("a list").clone()
    };
    let tries_roles = |settings: &[Value]| settings.iter().any(|one| one["name"] == json!("roles"));
    assert!(!tries_roles(&settings(json!({ "write": true }))), "without a role there is none to try");
    let tried = settings(json!({ "write": true, "app_role": "Field Crew" }));
    assert!(tries_roles(&tried), "{tried:?}");
    app.api("POST", "/probe", json!({ "write": true, "app_role": "Nobody" })).refused(400, &["`app_role`"]);
}
