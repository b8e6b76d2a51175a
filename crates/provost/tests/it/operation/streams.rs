//! S-73: the audit log sent to a syslog server or a webhook, whatever happens to either end.

use super::{
    receiver::{Receiver, syslog, syslog_that_fails_once, unused_address, web},
    until,
};
use crate::{
    database,
    support::{Account, Server},
};
use serde_json::{Value, json};

/// How the account's stream stands.
fn standing(account: &Account) -> Value {
    account.api("GET", "/audit/stream", Value::Null).expect(200).json()
}

/// The account's whole audit log, oldest first.
fn log(account: &Account) -> Vec<Value> {
    let page = account.api("GET", "/audit?limit=200&order=oldest", Value::Null).expect(200).json();
    assert!(page["next"].is_null(), "it fits onto a page");
    page["items"].as_array().expect("a list").clone()
}

fn users(account: &Account, prefix: &str, count: usize) {
    for number in 0..count {
        account.create(json!({ "userName": format!("{prefix}-{number}@a.example") }));
    }
}

/// Waits until everything has arrived, and checks what came.
#[track_caller]
fn all_arrives(account: &Account, receivers: &[Receiver]) {
    let log = log(account);
    let newest = log.last().expect("an account has entries")["seq"].as_u64().expect("a number");
    until("the last entry", || receivers.iter().any(|receiver| receiver.newest() >= newest).then_some(()));
    let mut came: Vec<Value> = Vec::new();
    for batch in receivers.iter().flat_map(Receiver::entries) {
        let numbers: Vec<u64> = batch.iter().filter_map(|entry| entry["seq"].as_u64()).collect();
        assert!(numbers.windows(2).all(|two| two[1] == two[0] + 1), "in order and without gaps: {numbers:?}");
        for entry in batch {
            // What comes once more is what came before.
            match came.iter().find(|known| known["seq"] == entry["seq"]) {
                Some(known) => assert_eq!(*known, entry),
                None => came.push(entry),
            }
        }
    }
    assert_eq!(came, log, "every entry came, for the first time in order, as the log shows it");
    let stands = until("the watermark", || Some(standing(account)).filter(|shown| shown["lag"] == 0));
    assert_eq!((&stands["watermark"], &stands["last_error"]), (&json!(newest), &Value::Null), "{stands}");
    assert!(stands["last_sent"].is_string() && stands["skipped"] == 0, "{stands}");
}

#[test]
fn s_73_a_syslog_server_that_was_away_gets_every_entry_in_order_at_least_once() {
    let mut server = Server::start();
    let account = server.account(json!("dsm"));
    let first = Receiver::start(syslog);
    let address = first.address;
    let set = account.api("PUT", "/audit/stream", json!({ "target": format!("syslog://{address}") }));
    assert_eq!(set.expect(200).json()["target"], json!(format!("syslog://{address}")));
    all_arrives(&account, std::slice::from_ref(&first));
    users(&account, "before", 5);
    all_arrives(&account, std::slice::from_ref(&first));
    assert!(first.heard().concat()[0].starts_with("<110>1 20"), "informational, of facility log audit");

    // Away: what happens meanwhile is kept, and it shows.
    let known: Vec<Vec<Value>> = first.entries();
    drop(first);
    users(&account, "away", 30);
    let user = account.create(json!({ "userName": "leaver@a.example" }));
    account.scim("DELETE", &format!("/Users/{}", user["id"].as_str().expect("an id")), Value::Null).expect(204);
    account.scim("POST", "/Users", json!({ "schemas": [], "userName": "refused" })).error(400);
    let shown = until("trouble", || Some(standing(&account)).filter(|shown| !shown["last_error"].is_null()));
    assert!(shown["lag"].as_u64() >= Some(33), "{shown}");
    let problem = shown["last_error"]["problem"].as_str().expect("a sentence").to_owned();
    assert!(problem.starts_with(&format!("syslog://{address}: ")), "{problem}");

    // The server is killed too, and has forgotten nothing.
    server.kill();
    server.restart();
    let account = server.again(&account);
    users(&account, "after", 5);

    // Back again, with a fault at first.
    let back = Receiver::start_at(address, syslog_that_fails_once);
    all_arrives_after(&account, known, &back);
    users(&account, "later", 3);
    let newest = log(&account).len() as u64;
    until("what came later", || (back.newest() == newest).then_some(()));
}

/// The same where some entries came to a receiver that is gone.
#[track_caller]
fn all_arrives_after(account: &Account, known: Vec<Vec<Value>>, receiver: &Receiver) {
    let log = log(account);
    until("the last entry", || (receiver.newest() >= log.len() as u64).then_some(()));
    let mut came: Vec<Value> = Vec::new();
    for entry in known.into_iter().chain(receiver.entries()).flatten() {
        if !came.iter().any(|known| known["seq"] == entry["seq"]) {
            came.push(entry);
        }
    }
    assert_eq!(came, log, "every entry came, for the first time in order");
    until("the watermark", || Some(standing(account)).filter(|shown| shown["lag"] == 0));
}

#[test]
fn s_73_a_webhook_gets_lines_and_its_secrets_are_sealed() {
    let mut server = Server::start_in_folder(&[]);
    let account = server.account(json!("standard"));
    let receiver = Receiver::start(web);
    let target = format!("http://{}/in?source=provost", receiver.address);
    let headers = json!({ "Authorization": "Splunk hidden-word" });
    let shown = account.api("PUT", "/audit/stream", json!({ "target": target, "headers": headers })).expect(200);
    assert_eq!(shown.json()["headers"], json!(["Authorization"]));
    users(&account, "u", 3);
    let receivers = [receiver];
    all_arrives(&account, &receivers);

    // The headers outlast a restart, and stand nowhere in clear.
    server.stop();
    let stored = database::values(&server.data());
    assert!(!stored.iter().any(|text| text.contains("hidden-word") || text.contains("source=provost")));
    server.restart();
    let account = server.again(&account);
    users(&account, "v", 3);
    all_arrives(&account, &receivers);
    let told = format!("{}{}{}", shown.text, standing(&account), server.log());
    assert!(!told.contains("hidden-word"));
    let entry = log(&account).into_iter().find(|entry| entry["action"] == "audit_stream.set").expect("it is recorded");
    assert!(!entry.to_string().contains("source=provost"), "S-73: no more than scheme, host and port: {entry}");
    assert!(entry.to_string().contains("Authorization"), "{entry}");
}

#[test]
fn s_73_a_stream_is_set_moved_and_ended_by_the_operator() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let path = format!("/accounts/{}/audit/stream", account.id);
    account.api("GET", "/audit/stream", Value::Null).expect(404);
    account.api("DELETE", "/audit/stream", Value::Null).expect(404);
    let own = account.api("POST", "/admin-apps", json!({ "name": "Own", "scopes": ["api"] })).expect(201).json();
    let own = own["api_key"].as_str().expect("a key");
    for (method, body) in
        [("GET", Value::Null), ("PUT", json!({ "target": "syslog://127.0.0.1:1" })), ("DELETE", Value::Null)]
    {
        let url = format!("{}/api/v1{path}", server.base);
        let request = crate::support::request(method, &url).bearer_auth(own);
        let request = if body.is_null() { request } else { request.json(&body) };
        crate::support::send(request).expect(403);
    }
    for (body, said) in [
        (json!({}), "missing field `target`"),
        (json!({ "target": "siem.example:514" }), "/target"),
        (json!({ "target": "ftp://siem.example" }), "its scheme is not one of"),
        (json!({ "target": "https://ann:hidden-word@siem.example" }), "send them in a header"),
        (json!({ "target": "syslog://127.0.0.1:1", "headers": { "X": "1" } }), "a syslog server takes none"),
        (
            json!({ "target": "https://siem.example", "headers": { "Host": "x" } }),
            "`Host` is not a header that can be set",
        ),
        (json!({ "target": "https://siem.example", "headers": { "X": "hidden-word\n" } }), "the value of `x`"),
        (json!({ "target": "https://siem.example", "after_seq": 1_000_000 }), "`after_seq`: the newest entry is"),
        (json!({ "target": "https://siem.example", "to": 1 }), "unknown field `to`"),
    ] {
        let refused = server.api("PUT", &path, body.clone()).expect(400).text;
        assert!(refused.contains(said) && !refused.contains("hidden-word"), "{body}: {refused}");
    }

    // From the third entry on; then the same stream somewhere else, which goes on where it stands.
    let first = Receiver::start(syslog);
    let target = |receiver: &Receiver| format!("syslog://{}", receiver.address);
    server.api("PUT", &path, json!({ "target": target(&first), "after_seq": 2 })).expect(200);
    let newest = log(&account).len() as u64;
    until("the newest entry", || (first.newest() == newest).then_some(()));
    assert_eq!(first.entries().concat()[0]["seq"], 3);
    until("the watermark", || Some(standing(&account)).filter(|shown| shown["lag"] == 0));
    let second = Receiver::start(syslog);
    server.api("PUT", &path, json!({ "target": target(&second) })).expect(200);
    until("the entry about it", || (second.newest() == newest + 1).then_some(()));
    assert_eq!(second.entries().concat().len(), 1, "what had arrived is not sent again");

    // What is ended sends nothing more, and begins anew when it is set again.
    until("the watermark", || Some(standing(&account)).filter(|shown| shown["lag"] == 0));
    server.api("DELETE", &path, Value::Null).expect(204);
    account.api("GET", "/audit/stream", Value::Null).expect(404);
    users(&account, "unseen", 2);
    let third = Receiver::start(syslog);
    server.api("PUT", &path, json!({ "target": target(&third) })).expect(200);
    all_arrives(&account, &[third]);
    assert_eq!(second.newest(), newest + 1);
}

#[test]
fn s_73_what_retention_removed_before_it_was_sent_is_counted() {
    let mut server = Server::start();
    let policy =
        json!({ "preset": "standard", "audit": { "retention_days": 90 }, "alerts": { "no_contact_hours": null } });
    let account = server.account(policy);
    let nobody = unused_address();
    account.api("PUT", "/audit/stream", json!({ "target": format!("syslog://{nobody}") })).expect(200);
    users(&account, "old", 4);
    let old = log(&account).len() as u64;
    server.stop();
    server.restart_at("+91d");
    let account = server.again(&account);
    until("retention", || log(&account).first().filter(|entry| entry["action"] == "audit.retention").cloned());
    let receiver = Receiver::start_at(nobody, syslog);
    until("what is left", || (receiver.newest() > old).then_some(()));
    let stands = until("the watermark", || Some(standing(&account)).filter(|shown| shown["lag"] == 0));
    assert_eq!(stands["skipped"], json!(old), "{stands}");
    assert_eq!(receiver.entries().concat()[0]["seq"], json!(old + 1));
}
