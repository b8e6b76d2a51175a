//! Bytes on a connection.

use crate::serving::{Service, runtime};
use axum::{middleware::map_response, response::Response};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex, split},
    task::yield_now,
    time::timeout,
};

/// Bytes that wait on the way, each direction.
const PIPE: usize = 64 * 1024;
/// Turns that the server gets before the client closes its side.
const TURNS: usize = 300;
/// No answer in memory takes a tenth of it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends the bytes as one client. `@key@` stands for an API key, `@user@` for the id of a user.
pub(super) fn http(bytes: &[u8]) {
    runtime().block_on(async {
        let service = Service::new().await;
        let sent =
            replaced(&replaced(bytes, b"@key@", service.keys[0].as_bytes()), b"@user@", service.users[0].as_bytes());
        let statuses = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&statuses);
        let router = service.router().layer(map_response(move |answer: Response| {
            seen.lock().expect("nobody fails with the lock").push(answer.status().as_u16());
            std::future::ready(answer)
        }));
        let conversation = converse(router, &sent);
        assert!(timeout(PATIENCE, conversation).await.is_ok(), "the server hangs");
        for status in statuses.lock().expect("nobody fails with the lock").iter() {
            assert!(*status < 500 || *status == 501, "answered {status}");
        }
        let after = service.ask(&service.keys[0], "GET", "/scim/v2/Users?count=1", serde_json::Value::Null).await;
        assert_eq!(after.status, 200, "an ordinary request behind it");
    });
}

/// Serves a connection in memory, as the listener serves a socket, until both sides have ended.
async fn converse(router: axum::Router, sent: &[u8]) {
    let (client, server) = duplex(PIPE);
    let (mut from_server, mut to_server) = split(client);
    let builder = auto::Builder::new(TokioExecutor::new());
    let connection = builder.serve_connection(TokioIo::new(server), TowerToHyperService::new(router));
    let feed = async {
        // The server may close first.
        let _ = to_server.write_all(sent).await;
        for _ in 0..TURNS {
            yield_now().await;
        }
        let _ = to_server.shutdown().await;
    };
    let drain = async {
        let mut chunk = [0; 4_096];
        while from_server.read(&mut chunk).await.is_ok_and(|read| read > 0) {}
    };
    // A connection that ends in an error is one that the client spoiled.
    let (_, (), ()) = tokio::join!(async { connection.await.is_ok() }, feed, drain);
}

fn replaced(bytes: &[u8], sign: &[u8], by: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(sign.len()).position(|window| window == sign) {
        result.extend_from_slice(&rest[..at]);
        result.extend_from_slice(by);
        rest = &rest[at + sign.len()..];
    }
    result.extend_from_slice(rest);
    result
}
