use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Extension;
use axum::routing::{get, post};
use provost_server::{Limits, Peer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::wire::{PATIENCE, Server, header, parts, rest_of};

const IMPATIENT: Limits = Limits {
    connections_max: 2,
    head_timeout: Duration::from_millis(200),
    idle_timeout: Duration::from_millis(200),
    grace: Duration::from_millis(200),
};

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

#[tokio::test]
async fn a_handler_sees_the_address_of_its_peer() {
    let router =
        Router::new().route("/", get(|Extension(Peer(peer)): Extension<Peer>| async move { peer.to_string() }));
    let server = Server::start(router).await;
    let mut socket = server.connect().await;
    let own = socket.local_addr().unwrap().to_string();
    socket.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    assert_eq!(parts(&rest_of(&mut socket).await), (200, own.as_str()));
}

#[tokio::test]
async fn two_requests_share_a_connection() {
    let server = Server::start(hello()).await;
    let request = "GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    assert_eq!(server.exchange(request).await.matches("hello").count(), 2);
}

#[tokio::test]
async fn who_sends_a_head_slowly_or_nothing_or_half_an_http_2_preface_is_cut() {
    for (name, drip) in [("slow-loris", "GET / HTTP/1.1\r\nhost: a\r\nx: "), ("silent", ""), ("preface", "PRI * HT")] {
        let server = Server::start_with(hello(), IMPATIENT, None).await;
        let mut socket = server.connect().await;
        let started = Instant::now();
        socket.write_all(drip.as_bytes()).await.unwrap();
        let mut buffer = [0; 1024];
        let cut = timeout(PATIENCE, async {
            loop {
                // Drips on until the server has closed.
                tokio::select! {
                    read = socket.read(&mut buffer) => match read { Ok(0) | Err(_) => break, Ok(_) => {} },
                    () = tokio::time::sleep(Duration::from_millis(20)) => {
                        if name == "slow-loris" && socket.write_all(b"x").await.is_err() { break }
                    }
                }
            }
        });
        cut.await.unwrap_or_else(|_| panic!("{name} is not cut"));
        assert!(started.elapsed() >= IMPATIENT.head_timeout, "{name} is cut too early");
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let router = hello().route(
        "/slow",
        get(|| async {
            tokio::time::sleep(Duration::from_millis(700)).await;
            "done"
        }),
    );
    let server = Server::start_with(router, IMPATIENT, None).await;
    let mut socket = server.connect().await;
    socket.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let answer = rest_of(&mut socket).await;
    assert_eq!(parts(&answer), (200, "done"));
}

#[tokio::test]
async fn an_idle_connection_is_kept_for_longer_than_a_slow_head() {
    let limits = Limits { idle_timeout: PATIENCE, ..IMPATIENT };
    let request = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    let server = Server::start_with(hello(), limits, None).await;
    let mut socket = server.connect().await;
    for _ in 0..2 {
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = [0; 1024];
        let read = timeout(PATIENCE, socket.read(&mut answer)).await.expect("it answers").unwrap();
        assert!(String::from_utf8_lossy(&answer[..read]).ends_with("hello"));
        tokio::time::sleep(3 * IMPATIENT.head_timeout).await;
    }
    let (half, begun) = (&request[..20], Instant::now());
    socket.write_all(half.as_bytes()).await.unwrap();
    timeout(PATIENCE / 2, rest_of(&mut socket))
        .await
        .expect("half a head is cut, however long the connection was idle");
    assert!(begun.elapsed() >= IMPATIENT.head_timeout, "it is cut too early");
}

#[tokio::test]
async fn an_http_2_connection_without_requests_is_closed() {
    let server = Server::start_with(hello(), IMPATIENT, None).await;
    let mut socket = server.connect().await;
    // Preface and an empty SETTINGS frame: a whole HTTP/2 opening, and then nothing.
    socket.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut frames = Vec::new();
    timeout(PATIENCE, socket.read_to_end(&mut frames)).await.expect("it is closed").unwrap();
    assert!(!frames.is_empty(), "the server speaks HTTP/2");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_a_place() {
    let limits = Limits { head_timeout: PATIENCE, ..IMPATIENT };
    let server = Server::start_with(hello(), limits, None).await;
    let (first, second) = (server.connect().await, server.connect().await);
    let mut third = server.connect().await;
    third.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut byte = [0];
    assert!(timeout(Duration::from_millis(200), third.read(&mut byte)).await.is_err(), "it waits");
    drop(first);
    assert!(rest_of(&mut third).await.ends_with("hello"));
    drop(second);
}

#[tokio::test]
async fn a_stop_lets_the_request_in_flight_finish_and_takes_no_more() {
    let (begun, finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let router = Router::new().route(
        "/slow",
        get({
            let (begun, finish) = (Arc::clone(&begun), Arc::clone(&finish));
            || async move {
                begun.notify_one();
                finish.notified().await;
                "finished"
            }
        }),
    );
    let server = Server::start(router).await;
    let address = server.address;
    let mut idle = server.connect().await;
    let mut socket = server.connect().await;
    socket.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    begun.notified().await;
    let served = server.stop();
    assert_eq!(rest_of(&mut idle).await, "", "an idle connection is closed at once");
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "no new connection is taken");
    assert!(!served.is_finished());
    finish.notify_one();
    let answer = rest_of(&mut socket).await;
    assert_eq!(parts(&answer), (200, "finished"));
    timeout(PATIENCE, served).await.expect("the server ends").unwrap();
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_request_beyond_the_grace_period() {
    let router = Router::new().route("/never", get(std::future::pending::<&str>));
    let server = Server::start_with(router, IMPATIENT, None).await;
    let mut socket = server.connect().await;
    socket.write_all(b"GET /never HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    timeout(PATIENCE, server.stop()).await.expect("the server ends").unwrap();
    assert_eq!(rest_of(&mut socket).await, "");
}

/// The answer reaches even a client that insists on sending its whole body first.
#[tokio::test]
async fn an_early_answer_is_not_lost_to_a_client_that_still_sends() {
    let router = Router::new().route("/", post(|| async { (axum::http::StatusCode::UNAUTHORIZED, "no") }));
    let server = Server::start(router).await;
    let mut socket = server.connect().await;
    let body = vec![b'x'; 20 << 20];
    let head = format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", body.len());
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&body).await.expect("the server takes what is sent");
    assert_eq!(parts(&rest_of(&mut socket).await), (401, "no"));
}

#[tokio::test]
async fn what_is_not_http_gets_a_400_and_the_next_connection_is_served() {
    let server = Server::start(hello()).await;
    let answer = server.exchange("\0\0\0 nonsense\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let answer = server.get("/").await;
    assert_eq!(parts(&answer), (200, "hello"));
    assert_eq!(header(&answer, "content-length"), Some("5"));
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let server = Server::start(hello()).await;
    let error = provost_server::bind(&server.address.to_string()).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot listen on {}: ", server.address)), "{error}");
}
