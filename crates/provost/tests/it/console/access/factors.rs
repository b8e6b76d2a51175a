//! Second factors: codes of an authenticator app and recovery codes (S-67).

use super::{Browser, PASSWORD, entry, person, signed_in};
use crate::{
    operation::rotation::rotate,
    process::run_with,
    support::{Account, Answer, Server},
};
use ring::hmac;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// An authenticator app: what it shows for a secret, so many steps from now.
pub struct App(Vec<u8>);

impl App {
    /// Given the secret of a page.
    #[track_caller]
    pub fn of(page: &Answer) -> Self {
        let secret =
            page.text.split("class=\"secret\">").nth(1).and_then(|rest| rest.split('<').next()).expect("a secret");
        let digits = secret.chars().map(|c| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).expect("Base32"));
        let bits: Vec<u8> =
            digits.flat_map(|digit| (0..5).rev().map(move |bit| u8::from(digit >> bit & 1 == 1))).collect();
        Self(bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |value, bit| value << 1 | bit)).collect())
    }

    /// The code of the step so many steps from now.
    #[allow(clippy::disallowed_methods, reason = "an authenticator app has a clock of its own")]
    pub fn code(&self, steps: i64) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let step = i64::try_from(now / 30).expect("a small number") + steps;
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0), &step.to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag[19] & 15);
        let word = u32::from_be_bytes([tag[at], tag[at + 1], tag[at + 2], tag[at + 3]]) & 0x7fff_ffff;
        format!("{:06}", word % 1_000_000)
    }

    /// A code that is sure to be good for a while: never that of a step which ends in this moment.
    pub fn fresh(&self) -> String {
        self.code(0)
    }
}

/// Sets up an authenticator app for whoever is signed in; the app and the recovery codes.
#[track_caller]
pub fn set_up(browser: &Browser) -> (App, Vec<String>) {
    let page = browser.get("/console/you/authenticator").expect(200);
    let app = App::of(&page);
    let done = browser.submit_from(&page, "/console/you/authenticator", &[("code", &app.code(-1))]).expect(200);
    (app, codes(&done))
}

#[track_caller]
fn codes(page: &Answer) -> Vec<String> {
    let codes: Vec<String> = page
        .text
        .split("<li><code>")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(codes.len(), 10, "{}", page.text);
    codes
}

/// A browser in which the password was right and more is asked for.
#[track_caller]
fn half_in(server: &Server, account: &Account) -> Browser {
    let browser = Browser::new(server);
    let answer = browser.sign_in(&account.id, "ann@acme.example", PASSWORD).expect(303);
    assert_eq!(answer.header("location"), "/console/sign-in/second-factor");
    assert!(!browser.is_in() && browser.cookie("provost").is_none(), "a password alone is no session");
    browser
}

const SECOND: &str = "/console/sign-in/second-factor";

fn give(browser: &Browser, code: &str) -> u16 {
    browser.submit(SECOND, SECOND, &[("code", code)]).status
}

#[test]
fn s_67_a_code_is_asked_for_behind_the_password_and_is_good_once() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let ann = person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    let browser = signed_in(&server, &account, "ann@acme.example");
    let page = browser.get("/console/you/authenticator").expect(200);
    let app = App::of(&page);
    let wrong = browser.submit_from(&page, "/console/you/authenticator", &[("code", "000000")]).expect(400);
    assert!(wrong.text.contains("The code is wrong"));
    assert_eq!(App::of(&wrong).0, app.0, "a mistyped code makes no new secret");
    assert!(page.text.contains("href=\"otpauth://totp/Provost%20Acme:ann@acme.example?secret="), "{}", page.text);
    let used = app.code(0);
    let codes = codes(&browser.submit_from(&wrong, "/console/you/authenticator", &[("code", &used)]).expect(200));

    let second = half_in(&server, &account);
    assert_eq!(give(&second, &used), 403, "it has been used to set the app up");
    assert_eq!(give(&second, "12345"), 403);
    let next = app.code(1);
    assert_eq!(give(&second, &next), 303);
    assert!(second.is_in());
    let listed = super::sessions(&account, &ann);
    assert!(listed.iter().any(|session| session["factors"] == json!(["password", "totp"])), "{listed:?}");
    let replay = half_in(&server, &account);
    assert_eq!(give(&replay, &next), 403, "a code is good once");
    assert!(
        entry(&account, "user.sign_in", "failure")["detail"]
            .as_str()
            .is_some_and(|text| text.contains("code is wrong"))
    );

    assert_eq!(give(&replay, &codes[4].to_lowercase()), 303, "a recovery code, as people type it");
    assert!(replay.is_in());
    let third = half_in(&server, &account);
    assert_eq!(give(&third, &codes[4]), 403, "once");
    assert_eq!(give(&third, &codes[5]), 303);
    let kept = account.api("GET", &format!("/users/{ann}/credentials"), Value::Null).expect(200).json();
    assert_eq!(kept["recovery_codes_left"], 8);
    let text = format!("{kept}{:?}", account.audit());
    assert!(!text.contains(&codes[0]) && !text.contains("sealed"), "{text}");
}

#[test]
fn an_authenticator_app_goes_on_when_the_operators_key_is_rotated() {
    let mut server = Server::start();
    let account = server.account(json!("standard"));
    person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    let (app, _) = set_up(&signed_in(&server, &account, "ann@acme.example"));
    server.stop();
    assert_eq!(rotate(&server).json()["secrets"], 1);
    server.restart();
    let second = half_in(&server, &account);
    assert_eq!(give(&second, &app.fresh()), 303);
    assert!(second.is_in());
}

#[test]
fn s_67_where_a_second_factor_is_required_nobody_comes_in_without_one() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    let environment = [("PROVOST_URL", account.base.as_str()), ("PROVOST_TOKEN", account.operator_key.as_str())];
    let set = ["sign-in", "set", "--second-factor", "required", "--account", &account.id];
    assert!(run_with(&set, &environment).exits(0).stdout.contains("required"));
    let browser = Browser::new(&server);
    let answer = browser.sign_in(&account.id, "ann@acme.example", PASSWORD).expect(303);
    assert_eq!(answer.header("location"), "/console/sign-in/set-up");
    assert!(!browser.is_in());
    let page = browser.get("/console/sign-in/set-up").expect(200);
    let app = App::of(&page);
    browser.submit_from(&page, "/console/sign-in/set-up", &[("code", "000000")]).expect(403);
    assert!(!browser.is_in());
    let done = browser.submit_from(&page, "/console/sign-in/set-up", &[("code", &app.code(-1))]).expect(200);
    codes(&done);
    assert!(browser.is_in());
    let second = half_in(&server, &account);
    assert_eq!(give(&second, &app.fresh()), 303);
}

#[test]
fn a_half_sign_in_ends_with_time_and_with_the_password() {
    let mut server = Server::start();
    let account = server.account(json!("standard"));
    person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    let browser = signed_in(&server, &account, "ann@acme.example");
    let (_, codes) = set_up(&browser);
    let half = half_in(&server, &account);
    let new = "another four words of mine";
    let fields = [("current", PASSWORD), ("password", new), ("again", new)];
    browser.submit("/console/you", "/console/you/password", &fields).expect(303);
    assert_eq!(give(&half, &codes[0]), 403, "the password was changed");
    let late = Browser::new(&server);
    late.sign_in(&account.id, "ann@acme.example", new).expect(303);
    server.stop();
    server.restart_at("+11 minutes");
    assert_eq!(late.at(&server).get(SECOND).header("location"), "/console/sign-in?notice=ended");
}

#[test]
fn an_administrator_forgets_the_factors_of_who_has_lost_them() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    let browser = signed_in(&server, &account, "ann@acme.example");
    set_up(&browser);
    let environment = [("PROVOST_URL", account.base.as_str()), ("PROVOST_TOKEN", account.operator_key.as_str())];
    run_with(&["user", "reset-factors", "ann@acme.example", "--account", &account.id], &environment).exits(0);
    assert!(!browser.is_in());
    signed_in(&server, &account, "ann@acme.example");
    let entry = entry(&account, "user.reset_factors", "success");
    assert_eq!(entry["changes"][0], json!({ "attribute": "authenticator app", "old": true, "new": false }));
}

#[test]
fn what_makes_it_easier_to_come_in_wants_a_fresh_proof() {
    let mut server = Server::start();
    let account = server.account(json!("standard"));
    person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    let browser = signed_in(&server, &account, "ann@acme.example");
    server.stop();
    server.restart_at("+6 minutes");
    let browser = browser.at(&server);
    let page = browser.get("/console/you/authenticator");
    assert_eq!(page.status, 303);
    let confirm = page.header("location");
    assert!(confirm.ends_with("&next=%2Fconsole%2Fyou%2Fauthenticator"), "{confirm}");
    let removed = browser.submit("/console/you", "/console/you/passkeys", &[]);
    assert!(removed.header("location").ends_with("&next=%2Fconsole%2Fyou"), "{}", removed.header("location"));
    browser.submit(confirm, "/console/confirm", &[("password", "not the password")]).expect(403);
    browser.get("/console/you/authenticator").expect(303);
    let confirmed = browser.submit(confirm, "/console/confirm", &[("password", PASSWORD)]).expect(303);
    assert_eq!(confirmed.header("location"), "/console/you/authenticator");
    browser.get("/console/you/authenticator").expect(200);
    let account = server.again(&account);
    assert_eq!(entry(&account, "user.confirm", "success")["target_name"], "ann@acme.example");
}
