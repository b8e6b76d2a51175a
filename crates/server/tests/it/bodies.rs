use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use provost_server::{Surface, body};
use tokio::io::AsyncWriteExt;

use crate::wire::{Server, behind_edge, parts, rest_of};

const BYTES_MAX: usize = 1000;

async fn length(body: Body) -> Response {
    match body::read(body, BYTES_MAX, Duration::from_millis(300)).await {
        Ok(bytes) => bytes.len().to_string().into_response(),
        Err(error) => error.answer(Surface::Scim),
    }
}

fn router() -> Router {
    behind_edge(Router::new().route("/scim/length", post(length)), None, false)
}

fn error(status: u16, detail: &str) -> String {
    format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"{status}","detail":"{detail}"}}"#)
}

fn chunked(chunks: &[usize]) -> String {
    let mut request = String::from(
        "POST /scim/length HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n",
    );
    for length in chunks {
        request.push_str(&format!("{length:x}\r\n{}\r\n", "x".repeat(*length)));
    }
    request + "0\r\n\r\n"
}

fn declared(length: usize, sent: usize) -> String {
    let head =
        format!("POST /scim/length HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    head + &"x".repeat(sent)
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit_declared_or_not() {
    let server = Server::start(router()).await;
    let too_large = error(413, "the request body is longer than 1000 bytes");
    for (name, request, status, shown) in [
        ("nothing", declared(0, 0), 200, "0"),
        ("declared, at the limit", declared(1000, 1000), 200, "1000"),
        ("declared, beyond", declared(1001, 1001), 413, too_large.as_str()),
        ("declared, far beyond, nothing sent", declared(20_000_000, 0), 413, &too_large),
        ("chunked, at the limit", chunked(&[1, 400, 599]), 200, "1000"),
        ("chunked, beyond", chunked(&[1, 400, 600]), 413, &too_large),
        ("one chunk, far beyond", chunked(&[5_000_000]), 413, &too_large),
    ] {
        let answer = server.exchange(request).await;
        assert_eq!(parts(&answer), (status, shown), "{name}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_a_408_and_one_that_breaks_off_harms_nobody() {
    let server = Server::start(router()).await;
    let answer = server.exchange(declared(10, 3)).await;
    assert_eq!(parts(&answer), (408, error(408, "the request body did not arrive within 0 seconds").as_str()));
    let mut socket = server.connect().await;
    socket.write_all(declared(10, 3).as_bytes()).await.unwrap();
    socket.shutdown().await.unwrap();
    let _ = rest_of(&mut socket).await;
    let garbled = chunked(&[4]).replace("4\r\n", "zz\r\n");
    let answer = server.exchange(garbled).await;
    assert_eq!(parts(&answer), (400, error(400, "the request body could not be read to its end").as_str()));
    assert_eq!(parts(&server.exchange(declared(2, 2)).await), (200, "2"));
}
