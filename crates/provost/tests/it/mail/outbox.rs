//! No mail is lost, and none is sent for ever.

use super::{Sink, dsm, link_in, press, server};
use crate::support::{Account, Server, id, pause};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::{Value, json};
use std::fs;

/// The account's entry about a mail to a user that was not sent.
fn failure(account: &Account) -> Value {
    let tells = |entry: &Value| entry["action"] == "mail.send" && entry["target"]["type"] != "alert";
    loop {
        match account.audit().into_iter().find(tells) {
            Some(entry) => return entry,
            None => pause(),
        }
    }
}

#[test]
fn a_mail_waits_for_its_mail_server_and_outlives_a_kill() {
    // Who is told the port of a server that has ended finds nobody there.
    let port = Sink::start().port.to_string();
    let mut server = server(&format!("smtp://127.0.0.1:{port}"));
    let account = server.account(json!("dsm"));
    account.create(json!({ "userName": "ann@acme.example" }));
    while !server.log().contains("Mail has to wait") {
        pause();
    }
    server.kill();
    let sink = Sink::start_with(&["--port", &port]);
    server.restart();
    assert_eq!(press(&link_in(&sink.next_to("ann@acme.example"), &server)), 200);

    drop(sink);
    let account = server.again(&account);
    account.create(json!({ "userName": "bob@acme.example" }));
    let sink = Sink::start_with(&["--port", &port]);
    sink.next_to("bob@acme.example");
}

#[test]
fn a_mail_that_is_refused_for_good_is_given_up_and_the_log_says_so() {
    let sink = Sink::start_with(&["--refuse", "nobody", "550 nobody of that name"]);
    let server = server(&sink.url());
    let account = server.account(json!("dsm"));
    let user = id(&account.create(json!({ "userName": "nobody@acme.example" })));
    let entry = failure(&account);
    assert_eq!((&entry["outcome"], &entry["target"]["id"]), (&json!("failure"), &json!(user)));
    let detail = entry["detail"].as_str().expect("a detail");
    assert!(detail.contains("the link that proves the address") && detail.contains("nobody of that name"), "{detail}");
    account.create(json!({ "userName": "ann@acme.example" }));
    sink.next_to("ann@acme.example");
}

#[test]
fn a_mail_that_is_not_taken_now_is_tried_again() {
    let busy = Sink::start_with(&["--refuse", "ann", "451 later"]);
    let port = busy.port.to_string();
    let mut server = server(&busy.url());
    let account = server.account(json!("dsm"));
    account.create(json!({ "userName": "ann@acme.example" }));
    account.create(json!({ "userName": "bob@acme.example" }));
    busy.next_to("bob@acme.example");
    server.stop();
    drop(busy);
    let sink = Sink::start_with(&["--port", &port]);
    server.restart_at("+1 hour");
    sink.next_to("ann@acme.example");
}

#[test]
fn a_mail_that_nobody_took_for_a_day_is_given_up() {
    let port = Sink::start().port.to_string();
    let mut server = server(&format!("smtp://127.0.0.1:{port}"));
    let account = server.account(json!("dsm"));
    account.create(json!({ "userName": "ann@acme.example" }));
    server.stop();
    server.restart_at("+25 hours");
    let entry = failure(&server.again(&account));
    assert!(entry["detail"].as_str().is_some_and(|detail| detail.contains("for too long")), "{entry}");
}

#[test]
fn a_wrong_password_costs_no_mail() {
    let sink = Sink::start_with(&["--auth", "provost:right"]);
    let mut wrong = server(&format!("smtp://provost:wrong-secret@127.0.0.1:{}", sink.port));
    let account = wrong.account(json!("dsm"));
    account.create(json!({ "userName": "ann@acme.example" }));
    while !wrong.log().contains("Mail has to wait") {
        pause();
    }
    assert!(!wrong.log().contains("wrong-secret"), "S-66: {}", wrong.log());
    wrong.stop();
    wrong.restart_with(&[
        "--smtp-url",
        &format!("smtp://provost:right@127.0.0.1:{}", sink.port),
        "--mail-from",
        "provost@example.com",
        "--public-url",
        super::PUBLIC,
    ]);
    assert_eq!(sink.next_to("ann@acme.example")["user"], "provost");
}

#[test]
fn mail_goes_over_tls_to_a_server_whose_certificate_is_trusted() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate can be made");
    let (chain, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
    fs::write(&chain, cert.pem()).expect("the folder is writable");
    fs::write(&key, signing_key.serialize_pem()).expect("the folder is writable");
    let (chain, key) = (chain.to_str().expect("a path of text"), key.to_str().expect("a path of text"));
    let sink = Sink::start_with(&["--tls", chain, key, "--auth", "provost:p@ss"]);
    let url = format!("smtps://provost:p%40ss@localhost:{}", sink.port);
    let arguments = ["--smtp-url", &url, "--mail-from", "provost@example.com", "--public-url", super::PUBLIC];

    let distrustful = Server::start_with(&arguments);
    let account = distrustful.account(dsm(json!({})));
    account.create(json!({ "userName": "eve@acme.example" }));
    while !distrustful.log().contains("Mail has to wait") {
        pause();
    }
    let trusting = Server::start_under(&["env", &format!("SSL_CERT_FILE={chain}")], &arguments);
    let account = trusting.account(dsm(json!({})));
    account.create(json!({ "userName": "ann@acme.example" }));
    let mail = sink.next_to("ann@acme.example");
    assert_eq!((&mail["tls"], &mail["user"]), (&json!(true), &json!("provost")));
}
