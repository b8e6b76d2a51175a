//! Passkeys, by an authenticator of a few lines.

use super::{
    Browser,
    access::{PASSWORD, entry, person, signed_in},
    browser::attribute,
};
use crate::support::{Answer, Server};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What is present, verified; and that a key comes along.
const HERE: u8 = 0x05;
const WITH_KEY: u8 = 0x40;

/// An authenticator with one passkey, in a browser at an origin.
struct Authenticator {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    handle: String,
    origin: String,
    flags: u8,
    counter: u32,
}

impl Authenticator {
    fn new(server: &Server) -> Self {
        let random = SystemRandom::new();
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key can be made");
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random);
        let key = key.expect("a key that was just made");
        Self { key, id: vec![7; 16], handle: String::new(), origin: server.base.clone(), flags: HERE, counter: 0 }
    }

    /// What `navigator.credentials.create` answers to what a page asks for.
    fn create(&mut self, options: &Value) -> Value {
        self.handle = options["user"]["id"].as_str().expect("a handle").to_owned();
        let public = self.key.public_key().as_ref();
        let cose =
            [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..], &public[1..33], &[0x22, 0x58, 32], &public[33..]];
        let data = [
            self.data(options["rp"]["id"].as_str(), WITH_KEY),
            vec![0; 16],
            vec![0, 16],
            self.id.clone(),
            cose.concat(),
        ];
        let info = [
            &[
                0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d,
                3, 1, 7,
            ][..],
            &[3, 0x42, 0],
            public,
        ];
        json!({
            "id": BASE64.encode(&self.id),
            "clientDataJSON": self.client_data("webauthn.create", options),
            "authenticatorData": BASE64.encode(data.concat()),
            "publicKey": BASE64.encode(info.concat()),
            "publicKeyAlgorithm": -7,
        })
    }

    /// What `navigator.credentials.get` answers.
    fn get(&mut self, options: &Value) -> Value {
        self.counter += 1;
        let data = self.data(options["rpId"].as_str(), 0);
        let client_data = self.client_data("webauthn.get", options);
        let digest = Sha256::digest(BASE64.decode(&client_data).expect("base64url"));
        let signature = self.key.sign(&SystemRandom::new(), &[data.as_slice(), &digest].concat()).expect("it signs");
        json!({
            "id": BASE64.encode(&self.id),
            "clientDataJSON": client_data,
            "authenticatorData": BASE64.encode(data),
            "signature": BASE64.encode(signature),
            "userHandle": self.handle,
        })
    }

    fn data(&self, host: Option<&str>, flags: u8) -> Vec<u8> {
        let host = Sha256::digest(host.expect("a host"));
        [&host[..], &[self.flags | flags], &self.counter.to_be_bytes()].concat()
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        let said =
            json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false });
        BASE64.encode(said.to_string())
    }
}

/// What the form of a page that is about passkeys asks the browser for.
#[track_caller]
fn options(page: &Answer, action: &str) -> Value {
    let forms = page.text.split("<form").filter(|form| form.contains(&format!("action=\"{action}\"")));
    let form =
        forms.into_iter().find(|form| form.contains("data-passkey")).unwrap_or_else(|| panic!("none in {}", page.text));
    serde_json::from_str(&attribute(form, "data-options")).expect("JSON")
}

const SIGN_IN: &str = "/console/sign-in/passkey";
const ADD: &str = "/console/you/passkeys";

/// Takes a passkey on for whoever is signed in.
#[track_caller]
fn add(browser: &Browser, passkey: &mut Authenticator, name: &str) -> Answer {
    let page = browser.get("/console/you").expect(200);
    let registration = passkey.create(&options(&page, ADD)).to_string();
    browser.submit_from(&page, ADD, &[("registration", &registration), ("name", name)])
}

/// Signs in with a passkey and nothing else.
#[track_caller]
fn sign_in(browser: &Browser, passkey: &mut Authenticator) -> Answer {
    let page = browser.get("/console/sign-in").expect(200);
    let assertion = passkey.get(&options(&page, SIGN_IN)).to_string();
    browser.submit_from(&page, SIGN_IN, &[("assertion", &assertion)])
}

#[test]
fn s_67_a_passkey_signs_in_alone_and_behind_a_password() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let ann = person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    let browser = signed_in(&server, &account, "ann@acme.example");
    let mut passkey = Authenticator::new(&server);
    add(&browser, &mut passkey, "Laptop <1>").expect(303);
    assert!(browser.get("/console/you").text.contains("Laptop &lt;1&gt;"));
    let twice = add(&browser, &mut passkey, "").expect(400);
    assert!(twice.text.contains("You have this passkey already"), "{}", twice.text);

    let alone = Browser::new(&server);
    sign_in(&alone, &mut passkey).expect(303);
    assert!(alone.is_in());
    let kept = account.api("GET", &format!("/users/{ann}/credentials"), Value::Null).expect(200).json();
    assert_eq!(kept["passkeys"][0]["name"], "Laptop <1>");
    assert!(kept["passkeys"][0]["used"].is_string());
    assert_eq!(entry(&account, "user.sign_in", "success")["changes"][0]["new"], json!(["passkey"]));

    let second = Browser::new(&server);
    let answer = second.sign_in(&account.id, "ann@acme.example", PASSWORD).expect(303);
    assert_eq!(answer.header("location"), "/console/sign-in/second-factor", "a passkey is a second factor");
    let page = second.get("/console/sign-in/second-factor").expect(200);
    let assertion = passkey.get(&options(&page, "/console/sign-in/second-factor")).to_string();
    let action = "/console/sign-in/second-factor";
    second.submit_from(&page, action, &[("assertion", &assertion)]).expect(303);
    assert!(second.is_in());

    let page = browser.get("/console/confirm").expect(200);
    let assertion = passkey.get(&options(&page, "/console/confirm")).to_string();
    browser.submit_from(&page, "/console/confirm", &[("assertion", &assertion)]).expect(303);

    let id = BASE64.encode(&passkey.id);
    browser.submit("/console/you", "/console/you/passkeys/remove", &[("passkey", &id)]).expect(303);
    let gone = sign_in(&Browser::new(&server), &mut passkey).expect(403);
    assert!(gone.text.contains("belongs to nobody here"), "{}", gone.text);
}

#[test]
fn an_answer_to_another_page_another_host_or_by_nobody_is_refused() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    let browser = signed_in(&server, &account, "ann@acme.example");
    let mut passkey = Authenticator::new(&server);
    passkey.origin = "https://evil.example".to_owned();
    assert!(add(&browser, &mut passkey, "").expect(400).text.contains("another page"));
    passkey.origin.clone_from(&server.base);
    passkey.flags = 0x01;
    assert!(add(&browser, &mut passkey, "").expect(400).text.contains("without checking who is there"));
    passkey.flags = HERE;
    add(&browser, &mut passkey, "").expect(303);

    let refused = |change: &dyn Fn(&mut Value, &mut Authenticator), passkey: &mut Authenticator, said: &str| {
        let browser = Browser::new(&server);
        let page = browser.get("/console/sign-in").expect(200);
        let mut asked = options(&page, SIGN_IN);
        change(&mut asked, passkey);
        let assertion = passkey.get(&asked).to_string();
        let answer = browser.submit_from(&page, SIGN_IN, &[("assertion", &assertion)]).expect(403);
        assert!(answer.text.contains(said), "{said}: {}", answer.text);
        assert!(!browser.is_in());
        passkey.origin.clone_from(&server.base);
        passkey.flags = HERE;
    };
    refused(&|asked, _| asked["challenge"] = json!("AAAA"), &mut passkey, "another attempt");
    refused(&|asked, _| asked["rpId"] = json!("evil.example"), &mut passkey, "another page");
    refused(&|_, passkey| passkey.origin = "http://127.0.0.1".to_owned(), &mut passkey, "another page");
    refused(&|_, passkey| passkey.flags = 0x01, &mut passkey, "without checking who is there");
    let mut other = Authenticator::new(&server);
    other.handle.clone_from(&passkey.handle);
    refused(&|_, _| (), &mut other, "not the passkey");
    other.handle = BASE64.encode([0; 32]);
    refused(&|_, _| (), &mut other, "belongs to nobody here");
    for garbage in ["", "{}", "[]", "\u{0}", &"x".repeat(60_000)] {
        let browser = Browser::new(&server);
        browser.submit("/console/sign-in", SIGN_IN, &[("assertion", garbage)]).expect(403);
    }

    sign_in(&Browser::new(&server), &mut passkey).expect(303);
    passkey.counter = 0;
    let copied = sign_in(&Browser::new(&server), &mut passkey).expect(403);
    assert!(copied.text.contains("may have been copied"), "{}", copied.text);
}
