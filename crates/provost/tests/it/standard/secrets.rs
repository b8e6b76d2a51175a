//! Keys are kept as hashes and shown nowhere (S-56, S-66).

use crate::{
    database,
    support::{Account, Answer, Server, request, send},
};
use serde_json::{Value, json};
use std::{fs, path::Path};

/// A run that uses keys in every way, right and wrong; answers with all keys and with everything that the server said.
fn busy(server: &Server) -> (Vec<String>, Vec<Answer>, Account) {
    let account = server.account(json!("dsm"));
    let mut keys = vec![server.operator_key.clone(), account.key.clone()];
    let rotated = account.api("POST", &format!("/admin-apps/{}/rotate", account.app), json!({ "overlap_hours": 1 }));
    let rotated = rotated.expect(200).json()["api_key"].as_str().expect("a key").to_owned();
    let second = account.api("POST", "/admin-apps", json!({ "name": "Gone" })).expect(201).json();
    keys.extend([rotated.clone(), second["api_key"].as_str().expect("a key").to_owned()]);
    account
        .api("POST", &format!("/admin-apps/{}/revoke", second["id"].as_str().expect("an id")), Value::Null)
        .expect(200);
    let user = account.create(json!({ "userName": "x@a.example" }));
    let path = format!("/Users/{}", user["id"].as_str().expect("an id"));
    let mut answers = Vec::new();
    for key in &keys {
        let account = account.with_key(key);
        answers.push(account.scim("GET", "/Users", Value::Null));
        // People paste keys into odd places.
        answers.push(account.scim("GET", &format!("/Users/{key}"), Value::Null));
        answers.push(account.scim("GET", &format!("/{key}"), Value::Null));
        answers.push(account.scim("GET", &format!("/Users?filter=userName%20eq%20{key}"), Value::Null));
        answers.push(account.scim("GET", &format!("/Users?{key}={key}&count={key}"), Value::Null));
        answers.push(account.scim_with("PATCH", &path, &[("content-type", "text/plain")], json!("x")));
        answers.push(account.scim_with("DELETE", &path, &[("if-match", key.as_str())], Value::Null));
        answers.push(send(request("GET", &format!("{}/api/v1/accounts/{key}", server.base)).bearer_auth(key)));
        answers.push(send(request("GET", &format!("{}/api/v1/accounts", server.base)).basic_auth("x", Some(key))));
    }
    answers.push(account.api("GET", "/admin-apps", Value::Null));
    answers.push(account.api("GET", "/audit?limit=200", Value::Null));
    answers.push(account.api("GET", "", Value::Null));
    (keys, answers, account.with_key(&rotated))
}

/// Everything that tells a key from another: the key itself and its secret half.
fn telling(keys: &[String]) -> Vec<String> {
    keys.iter().flat_map(|key| [key.clone(), key.rsplit('_').next().expect("a key has parts").to_owned()]).collect()
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("the data folder is there");
    entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path| (path.display().to_string(), fs::read(&path).expect("a file can be read")))
        .collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn s_56_nothing_that_is_stored_is_a_key() {
    let mut server = Server::start_in_folder(&["--trusted-proxy", "127.0.0.1/32"]);
    let (keys, _, account) = busy(&server);
    let check = |server: &Server| {
        let parts: Vec<(String, Vec<u8>)> =
            files(&server.data()).into_iter().filter(|(name, _)| name.contains("provost.db")).collect();
        assert!(!parts.is_empty());
        for secret in telling(&keys) {
            for (name, bytes) in &parts {
                assert!(!holds(bytes, &secret), "{name} holds a key");
            }
        }
    };
    check(&server);
    let texts = database::values(&server.data());
    assert!(texts.contains("x@a.example") && texts.len() > 50, "the dump is one: {}", texts.len());
    let mut tried = 0_u32;
    for text in &texts {
        // Each from an address of its own, so that none is refused for the number of attempts.
        let address = format!("10.{}.{}.1", tried / 250, tried % 250);
        for token in [text.clone(), format!("prv_{text}"), format!("prvop_{text}")] {
            let Ok(header) = reqwest::header::HeaderValue::from_bytes(format!("Bearer {token}").as_bytes()) else {
                continue;
            };
            if token.len() > 6_000 {
                continue;
            }
            for path in ["/scim/v2/Users", "/api/v1/accounts"] {
                let tried = request("GET", &format!("{}{path}", server.base));
                let answer = send(tried.header("authorization", header.clone()).header("x-forwarded-for", &address));
                assert_eq!(answer.status, 401, "{token} is taken");
            }
        }
        tried += 1;
    }
    assert_eq!(account.scim("GET", "/Users", Value::Null).status, 200);
    server.stop();
    check(&server);
}

#[test]
fn s_66_keys_are_in_no_log_audit_entry_error_or_database() {
    let mut server = Server::start_with(&["--log", "debug"]);
    let (keys, answers, account) = busy(&server);
    let audit = account.api("GET", "/audit?limit=200", Value::Null).expect(200).text;
    let metrics = send(request("GET", &format!("{}/metrics", server.base))).expect(200).text;
    server.stop();
    let log = server.log();
    assert!(log.contains("/scim/v2/Users"), "the log logs");
    for secret in telling(&keys) {
        assert!(
            !log.contains(&secret),
            "the log holds a key: {}",
            log.lines().find(|line| line.contains(&secret)).unwrap_or_default()
        );
        assert!(!audit.contains(&secret) && !metrics.contains(&secret));
        for answer in &answers {
            assert!(!answer.text.contains(&secret), "{}", answer.text);
            assert!(!format!("{:?}", answer.headers).contains(&secret), "{:?}", answer.headers);
        }
        for (name, bytes) in files(&server.data()) {
            assert!(name.ends_with("operator.key") || !holds(&bytes, &secret), "{name} holds a key");
        }
    }
}
