//! Users and groups from an LDAP server: a real one.

mod groups;

use super::{directory, provost};
use crate::{
    process::{Ran, run_with},
    support::Account,
};
use provost_testkit::{
    Slapd,
    slapd::{ADMIN, PASSWORD, SUFFIX},
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// So many people, who changed long ago.
fn people(number: u32) -> String {
    let one = |number: u32| {
        let boss = if number > 1 { format!("manager: uid=u1,{SUFFIX}\n") } else { String::new() };
        format!(
            "dn: uid=u{number},{SUFFIX}\nobjectClass: inetOrgPerson\nuid: u{number}\ncn: Person {number}\nsn: Number{number}\n\
             mail: u{number}@contoso.example\n{boss}modifyTimestamp: 20200102030405Z\n\n"
        )
    };
    (1..=number).map(one).collect()
}

fn import(account: &Account, url: &str, more: &[&str]) -> Ran {
    let asked = ["user", "import", "--ldap", url, "--base", SUFFIX, "--bind-dn", ADMIN, "--json"];
    let environment = [
        ("PROVOST_URL", account.base.as_str()),
        ("PROVOST_TOKEN", &account.operator_key),
        ("PROVOST_ACCOUNT", &account.id),
        ("PROVOST_LDAP_PASSWORD", PASSWORD),
    ];
    run_with(&[&asked[..], more].concat(), &environment)
}

#[track_caller]
fn told(account: &Account, url: &str, more: &[&str], code: i32) -> Value {
    let ran = import(account, url, more).exits(code);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
}

fn user(account: &Account, name: &str) -> Value {
    account.find(&format!("userName eq \"{name}\""))["Resources"][0].clone()
}

#[test]
fn a_directory_is_read_whole_and_then_by_what_has_changed_from_wherever() {
    let (contoso, ldap) = (directory(), Slapd::start(&people(25)));
    let first = told(&contoso, &ldap.url(), &["--page-size", "10"], 0);
    assert_eq!(first["counts"], json!({ "created": 25, "managers": 24 }));
    let (boss, ann) = (user(&contoso, "u1"), user(&contoso, "u2"));
    assert_eq!(ann["emails"][0]["value"], json!("u2@contoso.example"));
    assert_eq!(ann["name"], json!({ "formatted": "Person 2", "familyName": "Number2" }));
    let manager = &ann["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]["manager"]["value"];
    assert_eq!(manager, &boss["id"]);

    // Where it ended is kept in the account: nothing is on the machine that asked.
    let source = contoso.api("GET", "/sources/ldap", Value::Null).expect(200).json();
    assert_eq!(source["version"], json!(1));
    let since = source["cookie"]["since"].as_str().expect("a time");
    assert!(since < "20200102025406Z" && since > "20200102024000Z", "{since}");
    ldap.change(&format!(
        "dn: uid=u2,{SUFFIX}\nchangetype: modify\nreplace: title\ntitle: Boss\n\n\
         dn: uid=u3,{SUFFIX}\nchangetype: modrdn\nnewrdn: uid=renamed\ndeleteoldrdn: 1\n\n\
         dn: uid=new,{SUFFIX}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: new\ncn: New\nsn: New\nmanager: uid=u9,{SUFFIX}\n\n"
    ));
    let third = user(&contoso, "u3");
    let second = told(&contoso, &ldap.url(), &[], 0)["counts"].clone();
    assert_eq!(
        second,
        json!({ "created": 1, "managers": 1, "unchanged": 23, "updated": 2 }),
        "what changed within ten minutes before"
    );
    assert_eq!(user(&contoso, "u2")["title"], json!("Boss"));
    assert_eq!(user(&contoso, "renamed")["id"], third["id"], "known by its entryUUID");
    let third = told(&contoso, &ldap.url(), &[], 0)["counts"].clone();
    assert_eq!(third, json!({ "unchanged": 3 }), "the others were not read");
    assert_eq!(told(&contoso, &ldap.url(), &["--full"], 0)["counts"], json!({ "unchanged": 26 }));
    let other = told(&contoso, &ldap.url(), &["--filter", "(uid=u5)"], 0)["counts"].clone();
    assert_eq!(other, json!({ "unchanged": 1 }), "another question begins anew");
}

#[test]
fn who_is_gone_is_deleted_only_by_a_whole_read() {
    let (contoso, ldap) = (directory(), Slapd::start(&people(12)));
    told(&contoso, &ldap.url(), &[], 0);
    ldap.change(&format!("dn: uid=u7,{SUFFIX}\nchangetype: delete\n\ndn: uid=u8,{SUFFIX}\nchangetype: delete\n\n"));
    let there = || contoso.find("userName pr")["totalResults"].clone();
    told(&contoso, &ldap.url(), &[], 0);
    assert_eq!(there(), json!(12), "what is not asked for is not done");
    let few = told(&contoso, &ldap.url(), &["--delete-missing", "--max-deletes", "1"], 3);
    assert!(few["problem"].to_string().contains("--max-deletes is 1"), "{few}");
    let done = told(&contoso, &ldap.url(), &["--delete-missing", "--max-deletes", "2"], 0);
    assert_eq!((done["deleted"].as_array().map(Vec::len), there()), (Some(2), json!(10)));
}

#[test]
fn what_a_limit_a_referral_or_a_broken_connection_hides_is_not_taken_for_gone() {
    let contoso = directory();
    let whole = Slapd::start(&people(40));
    told(&contoso, &whole.url(), &[], 0);
    let version = || contoso.api("GET", "/sources/ldap", Value::Null).expect(200).json()["version"].clone();
    let delete = ["--delete-missing", "--max-deletes", "1000"];
    let there = || contoso.find("userName pr")["totalResults"].clone();

    let reader =
        format!("dn: cn=reader,{SUFFIX}\nobjectClass: person\ncn: reader\nsn: reader\nuserPassword: {PASSWORD}\n\n");
    let limited = Slapd::start_with(&(people(40) + &reader), "limits * size=5 size.prtotal=5", |_| {
        [String::new(), String::new()]
    });
    let referral = format!(
        "dn: ou=far,{SUFFIX}\nobjectClass: referral\nobjectClass: extensibleObject\nou: far\nref: ldap://192.0.2.1/ou=far\n\n"
    );
    let referring = Slapd::start(&(people(3) + &referral));
    let as_reader = format!("cn=reader,{SUFFIX}");
    for (name, url, more, said) in [
        ("a limit", limited.url(), &["--bind-dn", &as_reader][..], "its size limit is exceeded (4)"),
        ("a referral", referring.url(), &[], "a part of it is on another server"),
        ("a broken connection", cut_off(&whole, 9_000), &["--page-size", "5"], "page "),
    ] {
        let more: Vec<&str> = delete.iter().copied().chain(more.iter().copied()).collect();
        let arguments: Vec<&str> =
            if more.contains(&"--bind-dn") { [&["--base", SUFFIX], &more[..]].concat() } else { more };
        let ended = partial(&contoso, &url, &arguments);
        let problem = ended["problem"].to_string();
        assert!(problem.contains("was not read whole") && problem.contains(said), "{name}: {problem}");
        assert_eq!((&ended["deleted"], version()), (&json!([]), json!(1)), "{name}: where it ended is not noted");
    }
    assert!(there().as_u64().is_some_and(|users| users >= 40), "nobody is gone");
}

/// An import that ends in part. One that names who asks does so itself.
fn partial(account: &Account, url: &str, more: &[&str]) -> Value {
    if !more.contains(&"--bind-dn") {
        return told(account, url, more, 3);
    }
    let asked =
        [&["user", "import", "--json", "--ldap", url, "--bind-password", PASSWORD, "--source", "limited"], more]
            .concat();
    let ran = provost(account, &asked).exits(3);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
}

/// The URL of a server that is cut off once it has said so many bytes.
fn cut_off(slapd: &Slapd, bytes: usize) -> String {
    let target = slapd.url().strip_prefix("ldap://").expect("a URL").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let (mut client, mut server) = (client, TcpStream::connect(&target).expect("the server is there"));
            let (mut asks, mut asked) = (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
            thread::spawn(move || std::io::copy(&mut asks, &mut asked));
            let (mut left, mut buffer) = (bytes, [0; 512]);
            while left > 0 {
                let read = server.read(&mut buffer).unwrap_or(0).min(left);
                if read == 0 || client.write_all(&buffer[..read]).is_err() {
                    break;
                }
                left -= read;
            }
            let _ = client.shutdown(std::net::Shutdown::Both);
            let _ = server.shutdown(std::net::Shutdown::Both);
        }
    });
    format!("ldap://{address}")
}

#[test]
fn a_server_is_trusted_by_its_certificate_and_no_password_goes_in_the_clear() {
    let key = KeyPair::generate().expect("a key can be made");
    let mut params = CertificateParams::new(Vec::new()).expect("no names are names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = params.self_signed(&key).expect("a certificate can be signed");
    let issuer = Issuer::new(params, key);
    let ldap = Slapd::start_with(&people(2), "", |address| {
        let own = KeyPair::generate().expect("a key can be made");
        let params = CertificateParams::new(vec![address.to_string()]).expect("an address is a name");
        [params.signed_by(&own, &issuer).expect("it can be signed").pem(), own.serialize_pem()]
    });
    let contoso = directory();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, ca.pem()).expect("a file can be written");
    let trusted = ["--ca", file.to_str().expect("a path is text")];
    assert_eq!(told(&contoso, &ldap.tls_url(), &trusted, 0)["counts"]["created"], json!(2));
    let starttls = [&trusted[..], &["--starttls", "--full"]].concat();
    assert_eq!(told(&contoso, &ldap.url(), &starttls, 0)["counts"]["unchanged"], json!(2));
    for (url, more, said) in [
        (ldap.tls_url(), &[][..], "the LDAP server cannot be reached: "),
        ("ldap://192.0.2.1".to_owned(), &[], "the password would be sent in the clear"),
        ("http://192.0.2.1".to_owned(), &[], "begins with ldaps:// or ldap://"),
        ("ldap://127.0.0.1:1".to_owned(), &[], "the LDAP server cannot be reached: "),
        (ldap.url(), &["--bind-password", "wrong"], "the LDAP server refuses the bind DN and its password"),
        (ldap.url(), &["--filter", "((uid=x"], "the LDAP server refuses the search"),
        (ldap.url(), &["--filter", "(uid=nobody)", "--full"], "the LDAP server names no user"),
        (ldap.url(), &["--map", "entryUUID="], "no attribute means `externalId`"),
    ] {
        let sentence = import(&contoso, &url, more);
        assert_eq!((sentence.code, sentence.stdout.as_str()), (1, ""), "{said}: {}", sentence.stderr);
        assert!(sentence.stderr.contains(said), "{said}: {}", sentence.stderr);
    }
}
