//! Every kind of secret that an account has is used, and then looked for everywhere (S-56, S-66).

use super::{Browser, PASSWORD, factors, link, person, set_password, signed_in, user};
use crate::{
    operation::receiver::{Receiver, web},
    support::{Account, Answer, Server, request, send},
};
use serde_json::{Value, json};
use std::{fs, path::Path};

/// A secret: what it is, and the text that tells it from another.
type Secret = (&'static str, String);

/// An account in which everything is secret that can be.
struct Scene {
    server: Server,
    account: Account,
    secrets: Vec<Secret>,
    answers: Vec<Answer>,
    browser: Browser,
    _receiver: Receiver,
}

/// The part of a key or link that is random.
fn telling(key: &str) -> String {
    key.rsplit(['_', '/']).next().expect("a key has parts").to_owned()
}

fn scene() -> Scene {
    let server = Server::start_with(&["--log", "trace", "--allow-private-targets", "--trusted-proxy", "127.0.0.1/32"]);
    let account = server.account(json!("standard"));
    let receiver = Receiver::start(web);
    let mut secrets: Vec<Secret> =
        vec![("the operator's key", telling(&server.operator_key)), ("an API key", telling(&account.key))];
    let mut given = |what: &'static str, text: &str| {
        secrets.push((what, text.to_owned()));
        text.to_owned()
    };
    let token = given("a token at a target", "t0ken-at-the-target");
    let app = json!({ "name": "DSM", "tenant_url": "http://127.0.0.1:1/scim", "secret_token": token });
    account.api("POST", "/enterprise-apps", app).expect(201);
    let header = given("a header of a stream", "Splunk hidden-word");
    let target = format!("http://{}/in?source=provost", receiver.address);
    account
        .api("PUT", "/audit/stream", json!({ "target": target, "headers": { "Authorization": header } }))
        .expect(200);
    let client = given("a client secret", "client-s3cret");
    let provider = json!({ "issuer": "https://login.invalid/a", "client_id": "p", "client_secret": client });
    account.api("PATCH", "/sign-in", json!({ "provider": provider })).expect(200);
    let password = given("a password over SCIM", "geheim-1234-scim");
    account.create(json!({ "userName": "scim@a.example", "password": password }));

    let ann = person(&server, &account, "ann@acme.example", "ACCOUNTADMINISTRATOR");
    let browser = signed_in(&server, &account, "ann@acme.example");
    let (_, codes) = factors::set_up(&browser);
    let bob = user(&account, "bob@acme.example", "ACCOUNTMEMBER");
    let out = link(&account, &bob);
    given("a password", PASSWORD);
    given("a session", &telling(&browser.cookie("provost").expect("a session has a cookie")));
    codes.iter().for_each(|code| drop(given("a recovery code", code)));
    given("a link to set a password", &telling(&out));
    let own = account.api("POST", "/admin-apps", json!({ "name": "Own", "owner": ann, "scopes": ["api"] }));
    let own = own.expect(201).json()["api_key"].as_str().expect("a key").to_owned();
    given("a user token", &telling(&own));
    let answers = misused(&server, &account, &secrets, &browser, &out);
    Scene { server, account, secrets, answers, browser, _receiver: receiver }
}

/// Each secret where it does not belong, as a credential of another kind: nothing says what was sent.
fn misused(server: &Server, account: &Account, secrets: &[Secret], browser: &Browser, out: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    for (number, (_, secret)) in secrets.iter().enumerate() {
        for path in ["/scim/v2/Users", "/api/v1/accounts", "/console"] {
            // Each from an address of its own, so that none is refused for the number of attempts.
            let ask = || {
                let url = format!("{}{path}", server.base);
                request("GET", &url).header("x-forwarded-for", format!("10.0.0.{number}"))
            };
            answers.push(send(ask().bearer_auth(secret)));
            answers.push(send(ask().basic_auth("ann", Some(secret))));
            answers.push(send(ask().header("cookie", format!("provost={secret}"))));
        }
        let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": format!("u{number}@a.example"), "password": secret, "active": "perhaps" });
        answers.push(account.scim("POST", "/Users", user));
        let sign_in = json!({ "provider": { "issuer": "no URL", "client_id": "p", "client_secret": secret } });
        answers.push(account.api("PATCH", "/sign-in", sign_in));
        let stream = json!({ "target": "ftp://x", "headers": { "X-Token": secret } });
        answers.push(account.api("PUT", "/audit/stream", stream));
    }
    answers.push(Browser::new(server).sign_in(&account.id, "ann@acme.example", "a wrong password of ann's"));
    answers.push(set_password(browser, out, "short"));
    answers
}

/// What the management API shows of an account, and the console of its screens.
fn shown(scene: &Scene) -> Vec<(String, String)> {
    let described = send(request("GET", &format!("{}/api/v1/openapi.json", scene.account.base))).expect(200).json();
    let paths = described["paths"].as_object().expect("paths");
    let own = |path: &&String| path.contains("{account}") && path.matches('{').count() == 1;
    let mut shown: Vec<(String, String)> = Vec::new();
    for path in paths.iter().filter(|(_, methods)| methods.get("get").is_some()).map(|(path, _)| path).filter(own) {
        let below = path.split("{account}").nth(1).expect("what stands behind it");
        shown.push((path.clone(), scene.account.api("GET", below, Value::Null).text));
    }
    assert!(shown.len() >= 15, "{}", shown.len());
    for path in ["", "/users", "/settings", "/audit", "/requests", "/enterprise-apps", "/admin-apps", "/policy"] {
        let page = scene.browser.get(&format!("/console/accounts/{}{path}", scene.account.id));
        shown.push((format!("console {path}"), page.text));
    }
    shown.push(("metrics".to_owned(), send(request("GET", &format!("{}/metrics", scene.account.base))).text));
    shown
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("the data folder is there").map(|entry| entry.expect("an entry").path());
    let files = entries.filter(|path| path.is_file() && !path.ends_with("operator.key"));
    files.map(|path| (path.display().to_string(), fs::read(&path).expect("a file can be read"))).collect()
}

#[test]
fn s_56_s_66_no_secret_of_any_kind_stands_anywhere_in_clear() {
    let mut scene = scene();
    let shown = shown(&scene);
    scene.server.stop();
    let log = scene.server.log();
    assert!(log.contains("/scim/v2/Users") && log.len() > 10_000, "the log logs");
    let stored = files(&scene.server.data());
    assert!(!scene.server.is_in_folder() || stored.iter().any(|(_, bytes)| bytes.len() > 50_000), "the data is there");
    for (what, secret) in &scene.secrets {
        let line = log.lines().find(|line| line.contains(secret.as_str()));
        assert!(line.is_none(), "the log has {what}: {line:?}");
        for (place, text) in &shown {
            assert!(!text.contains(secret.as_str()), "{place} shows {what}");
        }
        for answer in &scene.answers {
            assert!(!answer.text.contains(secret.as_str()), "{what} comes back: {}", answer.text);
            assert!(!format!("{:?}", answer.headers).contains(secret.as_str()), "{what}: {:?}", answer.headers);
        }
        for (name, bytes) in &stored {
            let holds = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!holds, "{name} has {what}");
        }
    }
}
