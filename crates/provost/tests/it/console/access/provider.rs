//! Signing in at the account's identity provider: npm `oidc-provider`, as `cargo xtask setup` installs it.

use super::{Browser, entry};
use crate::support::{Account, Server, id, pause};
use serde_json::{Value, json};
use std::{
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A provider that runs. Dropping it kills it.
struct Provider {
    process: Child,
    issuer: String,
}

const SECRET: &str = "s3cret + of the client";

impl Provider {
    /// A provider that sends people back to this server.
    fn start(server: &Server) -> Self {
        let built = Path::new(env!("CARGO_BIN_EXE_provost"));
        let target = built.ancestors().nth(2).expect("what is built lies in a profile's folder of the target folder");
        let program = target.join("strangers/openid/server.mjs");
        assert!(program.is_file(), "{} is missing: run `cargo xtask setup`", program.display());
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let port = free.expect("a free port").port();
        let process = Command::new("node")
            .arg(program)
            .args([port.to_string(), format!("{}/console/sign-in/oidc/callback", server.base)])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Node.js starts");
        let provider = Self { process, issuer: format!("http://127.0.0.1:{port}") };
        let deadline = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(Instant::now() < deadline, "the provider does not listen");
            pause();
        }
        provider
    }

    /// Has an account's people sign in here.
    #[track_caller]
    fn serve(&self, account: &Account, claim: &str) {
        let provider =
            json!({ "issuer": self.issuer, "client_id": "provost", "client_secret": SECRET, "claim": claim });
        let rules = account.api("PATCH", "/sign-in", json!({ "provider": provider })).expect(200).json();
        assert_eq!(rules["provider"]["has_client_secret"], true);
        assert!(!rules.to_string().contains(SECRET));
    }

    /// What somebody does there who was sent to `url`, and where it leads back to.
    #[track_caller]
    fn visit(&self, url: &str, login: &str) -> String {
        let browser = Browser::elsewhere(&self.issuer);
        let mut answer = browser.get(url);
        for _ in 0..12 {
            let to = answer.header("location").to_owned();
            answer = match answer.status {
                302 | 303 if to.contains("/console/sign-in/oidc/callback") => return to,
                302 | 303 => browser.get(&to),
                200 => {
                    let action = answer.text.split(" action=\"").nth(1).and_then(|rest| rest.split('"').next());
                    let action = action.unwrap_or_else(|| panic!("no form in {}", answer.text)).to_owned();
                    let asks = answer.text.contains("name=\"login\"");
                    let fields: &[_] = if asks {
                        &[("prompt", "login"), ("login", login), ("password", "x")]
                    } else {
                        &[("prompt", "consent")]
                    };
                    browser.post(&action, fields)
                }
                status => panic!("the provider answered {status}: {}", answer.text),
            };
        }
        panic!("the provider leads nowhere")
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The way to the provider of an account.
#[track_caller]
fn begin(browser: &Browser, account: &Account, query: &str) -> String {
    browser.get(&format!("/console/sign-in/oidc/{}{query}", account.id)).expect(303).header("location").to_owned()
}

fn server() -> Server {
    Server::start_with(&["--allow-private-targets"])
}

#[test]
fn f_6_0_1_and_s_67_and_s_42_somebody_who_was_provisioned_signs_in_at_the_identity_provider() {
    let server = server();
    let account = server.account(json!({ "preset": "dsm", "users": { "sso_verification": "counts" } }));
    let ann = id(&account.create(json!({ "userName": "ann@acme.example", "externalId": "ann" })));
    let provider = Provider::start(&server);
    provider.serve(&account, "email");
    let tested = |provider: Value| {
        let body = if provider.is_null() { json!({}) } else { json!({ "provider": provider }) };
        account.api("POST", "/sign-in/tests", body).expect(200).json()
    };
    let good = tested(Value::Null);
    assert_eq!((&good["works"], &good["client"]), (&json!(true), &json!("accepted")), "{good}");
    let with = |secret: &str| json!({ "issuer": provider.issuer, "client_id": "provost", "client_secret": secret });
    let bad = tested(with("another"));
    assert_eq!((&bad["works"], &bad["client"]), (&json!(false), &json!("refused")), "{bad}");
    let page = Browser::new(&server).get(&format!("/console/sign-in?account={}", account.id)).expect(200);
    assert!(page.text.contains(&format!("/console/sign-in/oidc/{}", account.id)), "it is offered");

    let browser = Browser::new(&server);
    let url = begin(&browser, &account, "?next=/console/you");
    for part in ["response_type=code", "client_id=provost", "code_challenge_method=S256", "&state=", "&nonce="] {
        assert!(url.contains(part), "{part} is not in {url}");
    }
    let back = provider.visit(&url, "ann@acme.example");
    let entered = browser.get(&back).expect(303);
    assert_eq!(entered.header("location"), "/console/you");
    assert!(browser.is_in());
    assert_eq!(account.shown(&ann)["verified"], true, "S-42");
    assert_eq!(super::sessions(&account, &ann)[0]["factors"], json!(["identity_provider"]));
    assert_eq!(browser.get(&back).status, 403, "a code and its state are good once");

    let by_name = Provider::start(&server);
    by_name.serve(&account, "preferred_username");
    let browser = Browser::new(&server);
    let back = by_name.visit(&begin(&browser, &account, ""), "ann@elsewhere.example");
    browser.get(&back).expect(303);
    assert!(browser.is_in(), "found by externalId");

    account.patch(&ann, json!([{ "op": "replace", "path": "active", "value": false }])).expect(200);
    assert!(!browser.is_in());
    let browser = Browser::new(&server);
    let back = by_name.visit(&begin(&browser, &account, ""), "ann@elsewhere.example");
    let refused = browser.get(&back).expect(401);
    assert!(refused.text.contains("The user is disabled"), "{}", refused.text);
    assert!(!browser.is_in());
    assert!(!account.audit().iter().any(|entry| entry.to_string().contains(SECRET)), "S-66");
}

#[test]
fn what_the_identity_provider_says_is_held_to_what_was_asked() {
    let server = server();
    let account = server.account(json!({ "preset": "standard", "users": { "verification": "none" } }));
    account.create(json!({ "userName": "ann@acme.example" }));
    account.create(json!({ "userName": "unproved@acme.example" }));
    let provider = Provider::start(&server);
    provider.serve(&account, "email");
    let browser = Browser::new(&server);
    let back = provider.visit(&begin(&browser, &account, ""), "ann@acme.example");
    let thief = Browser::new(&server);
    let refused = thief.get(&back).expect(403);
    assert!(refused.text.contains("did not begin in this browser"), "{}", refused.text);
    begin(&thief, &account, "");
    thief.get(&back).expect(403);
    let (head, _) = back.split_once("code=").expect("a code");
    let rest = back.split_once("&state").map_or("", |(_, rest)| rest);
    let forged = browser.get(&format!("{head}code=forged&state{rest}")).expect(502);
    assert!(forged.text.contains("could not be used"), "{}", forged.text);
    let again = Browser::new(&server);
    let back = provider.visit(&begin(&again, &account, ""), "ann@acme.example");
    let other = again.get(&format!("{}&iss=https://evil.example", back.replace("&iss=", "&was="))).expect(502);
    assert!(other.text.contains("another provider"), "{}", other.text);

    for (login, said) in [
        ("nobody@acme.example", "no user of this account has `nobody@acme.example`"),
        ("unproved@acme.example", "not verified"),
    ] {
        let browser = Browser::new(&server);
        let back = provider.visit(&begin(&browser, &account, ""), login);
        let refused = browser.get(&back);
        assert!(refused.status >= 400 && refused.text.to_lowercase().contains(said), "{login}: {}", refused.text);
        assert!(!browser.is_in());
    }
    let denied = Browser::new(&server);
    let url = begin(&denied, &account, "");
    let state = url.split("&state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state");
    let path = format!("/console/sign-in/oidc/callback?error=access_denied&error_description=%3Cb%3Eno&state={state}");
    let refused = denied.get(&path).expect(403);
    assert!(refused.text.contains("&lt;b&gt;no") && !refused.text.contains("<b>no"), "{}", refused.text);
}

#[test]
fn whoever_signed_in_there_proves_it_again_there() {
    let mut server = server();
    let account = server.account(json!({ "preset": "standard", "users": { "verification": "none" } }));
    account.create(json!({ "userName": "ann@acme.example" }));
    account.create(json!({ "userName": "bob@acme.example" }));
    let provider = Provider::start(&server);
    provider.serve(&account, "email");
    let browser = Browser::new(&server);
    let back = provider.visit(&begin(&browser, &account, ""), "ann@acme.example");
    browser.get(&back).expect(303);
    let confirm = "?confirm=1&next=/console/you/authenticator";
    for (login, status) in [("bob@acme.example", 403), ("ann@acme.example", 303)] {
        let url = begin(&browser, &account, confirm);
        assert!(url.contains("prompt=login") && url.contains("max_age=0"), "{url}");
        let back = provider.visit(&url, login);
        assert_eq!(browser.get(&back).status, status, "{login}");
    }
    assert_eq!(entry(&account, "user.confirm", "success")["changes"][0]["new"], "identity_provider");
    server.stop();
}

#[test]
fn a_provider_that_cannot_be_one_is_refused_and_one_that_is_away_says_so() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    for (issuer, said) in [
        ("http://127.0.0.1:1", "https://"),
        ("https://127.0.0.1", "not public"),
        ("https://login.example.com/?a=b", "without query"),
        ("login.example.com", ""),
    ] {
        let provider = json!({ "issuer": issuer, "client_id": "provost" });
        account.api("PATCH", "/sign-in", json!({ "provider": provider })).refused(400, &[said]);
    }
    let browser = Browser::new(&server);
    browser.get(&format!("/console/sign-in/oidc/{}", account.id)).expect(404);
    browser.get("/console/sign-in/oidc/x").expect(404);
    let open = self::server();
    let account = open.account(json!("standard"));
    let provider = json!({ "issuer": "http://127.0.0.1:1", "client_id": "provost" });
    account.api("PATCH", "/sign-in", json!({ "provider": provider })).expect(200);
    let away = Browser::new(&open).get(&format!("/console/sign-in/oidc/{}", account.id)).expect(502);
    assert!(away.text.contains("could not be used"), "{}", away.text);
    account.api("PATCH", "/sign-in", json!({ "provider": null })).expect(200);
    let rules = account.api("GET", "/sign-in", Value::Null).expect(200).json();
    assert_eq!((&rules["provider"], &rules["idle_minutes"]), (&Value::Null, &json!(30)));
}
