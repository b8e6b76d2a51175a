//! What two servers on one database send, each thing once.

use crate::{
    mail::sink::Sink,
    operation::{
        receiver::{Receiver, syslog},
        until,
    },
    support::{Account, Server},
};
use provost_testkit::PostgresServer;
use serde_json::{Value, json};
use std::{fs, sync::Arc, thread};

/// Makes users on both servers at once.
fn users(on: [&Account; 2], prefix: &str, count: usize) {
    thread::scope(|scope| {
        for (number, account) in (0..count).zip(on.into_iter().cycle()) {
            let name = format!("{prefix}{number}@acme.example");
            scope.spawn(move || {
                account.create(json!({ "userName": name, "emails": [{ "value": name, "type": "work" }] }))
            });
        }
    });
}

#[test]
fn s_41_a_mail_that_either_of_two_servers_queues_is_sent_once() {
    let (mut sink, database) = (Sink::start(), Arc::new(PostgresServer::shared().database()));
    let url = sink.url();
    let mail = ["--smtp-url", &url, "--mail-from", "provost@example.com", "--public-url", "https://scim.example.com"];
    let mut first = Server::start_on(Some(Arc::clone(&database)), &[], &mail);
    let key = fs::read_to_string(first.data().join("operator.key")).expect("the key is there");
    let mut second = Server::start_with_key(database, &key, &mail);
    let here = first.account(json!("dsm"));
    users([&here, &second.again(&here)], "user", 20);
    let mut told: Vec<String> =
        (0..20).map(|_| sink.next()["to"][0].as_str().expect("an address").to_owned()).collect();
    first.stop();
    second.stop();
    told.sort();
    told.dedup();
    assert_eq!((told.len(), sink.others()), (20, vec![]), "nobody was told twice");
}

#[test]
fn s_73_an_audit_entry_of_either_of_two_servers_is_sent_once() {
    let (first, second) = super::two_nodes();
    let here = first.account(json!("standard"));
    let there = second.again(&here);
    let receiver = Receiver::start(syslog);
    let target = json!({ "target": format!("syslog://{}", receiver.address) });
    here.api("PUT", "/audit/stream", target).expect(200);
    users([&here, &there], "one", 20);
    users([&there, &here], "two", 20);
    let all_sent = || {
        let stands = there.api("GET", "/audit/stream", Value::Null).expect(200).json();
        (stands["lag"] == 0).then(|| stands["watermark"].as_u64().expect("a number"))
    };
    let newest = until("the watermark", all_sent);
    assert_eq!(newest, 43, "account, admin app, stream, and forty users");
    let came: Vec<u64> = receiver.entries().concat().iter().filter_map(|entry| entry["seq"].as_u64()).collect();
    assert!(came.iter().copied().eq(1..=newest), "{came:?}");
}
