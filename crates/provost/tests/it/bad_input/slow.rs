//! Senders that never come to an end, against the program itself: each is cut, and nobody else waits for them.

use crate::{
    raw::{self, Raw},
    support::{Server, pause},
};
use serde_json::{Value, json};
use std::{
    io::Write as _,
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

/// Connections that are held open in each way.
const EACH: usize = 50;

/// A request that stops in its head.
const HALF_A_HEAD: &[u8] = b"POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\nx-slow: ";

/// Sends a byte now and then until the server has had enough.
fn drip(mut stream: TcpStream, enough: &AtomicBool) -> Raw {
    let answered = stream.try_clone().expect("a socket can be read elsewhere");
    let reader = thread::spawn(move || raw::read(answered));
    while !reader.is_finished() && !enough.load(Ordering::Relaxed) {
        // That nobody reads it any more shows in what is read.
        let _ = stream.write_all(b"a");
        (0..10).for_each(|_| pause());
    }
    let _ = stream.shutdown(std::net::Shutdown::Both);
    reader.join().expect("a reader ends")
}

#[test]
fn s_16_slow_heads_and_bodies_are_cut_and_hold_nobody_up() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let body_begins = format!(
        "POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: 100000\r\n\r\n{{\"userName\":\"",
        account.key
    );
    let unknown = body_begins.replace(&account.key, "prv_nobody");
    let enough = AtomicBool::new(false);
    thread::scope(|scope| {
        let spawn = |begin: &[u8]| {
            let mut stream = raw::connect(&server.base);
            stream.write_all(begin).expect("the server reads");
            scope.spawn(|| drip(stream, &enough))
        };
        let heads: Vec<_> = (0..EACH).map(|_| spawn(HALF_A_HEAD)).collect();
        let bodies: Vec<_> = (0..EACH).map(|_| spawn(body_begins.as_bytes())).collect();
        let unknown: Vec<_> = (0..EACH).map(|_| spawn(unknown.as_bytes())).collect();
        // Whoever has no key is answered before the body is there.
        for one in unknown {
            let answer = one.join().expect("a sender ends");
            assert_eq!(answer.status, 401, "{}", answer.head);
        }
        for number in 0..20 {
            account.create(json!({ "userName": format!("beside-{number}@a.example") }));
        }
        for one in bodies {
            let answer = one.join().expect("a sender ends");
            assert_eq!(answer.status, 408, "{}", answer.head);
        }
        for one in heads {
            let answer = one.join().expect("a sender ends");
            assert!(matches!(answer.status, 0 | 408), "{}", answer.head);
        }
        enough.store(true, Ordering::Relaxed);
    });
    assert_eq!(account.scim("GET", "/Users?count=0", Value::Null).expect(200).json()["totalResults"], 20);
}
