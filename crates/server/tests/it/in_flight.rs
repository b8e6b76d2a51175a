//! How many requests of one account are under way at once, over real sockets.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::service::Service;
use crate::wire::{PATIENCE, Server, header, parts, rest_of};

/// Requests of an account that are answered at once.
const AT_ONCE_MAX: usize = 256;

/// What a server says that wants the body (RFC 9110 §10.1.1). It has authenticated the request by then, and counted it.
const GO_ON: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

fn head(key: &str) -> String {
    format!(
        "POST /scim/v2/Users HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\
         content-type: application/scim+json\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n"
    )
}

/// A request that is under way until its body is sent; `None` when its body is not wanted.
async fn begun(server: &Server, key: &str) -> Option<TcpStream> {
    let mut socket = server.connect().await;
    socket.write_all(head(key).as_bytes()).await.unwrap();
    let mut said = vec![0; GO_ON.len()];
    timeout(PATIENCE, socket.read_exact(&mut said)).await.expect("the server says something").unwrap();
    (said == GO_ON).then_some(socket)
}

/// A request that is sent whole; a user without a name is a 400.
async fn whole(server: &Server, key: &str) -> String {
    server.exchange(head(key).replace("expect: 100-continue\r\n", "") + "{}").await
}

#[tokio::test]
async fn the_257th_request_of_an_account_at_once_is_a_429_and_harms_no_other_account() {
    let service = Service::new();
    let busy = service.tenant(json!("standard"), json!(["scim"])).await;
    let quiet = service.tenant(json!("standard"), json!(["scim"])).await;
    let server = Server::start(service.router()).await;
    let mut under_way = Vec::new();
    for _ in 0..AT_ONCE_MAX {
        under_way.push(begun(&server, &busy.key).await.expect("there is a place"));
    }

    let refused = server.exchange(head(&busy.key)).await;
    let error = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"429","detail":"too many requests of this account are being answered at once; wait before the next one"}"#;
    assert_eq!(parts(&refused), (429, error), "before its body is asked for");
    assert_eq!(header(&refused, "retry-after"), Some("1"));
    assert_eq!(parts(&whole(&server, &quiet.key).await).0, 400, "another account is answered");

    let mut first = under_way.swap_remove(0);
    first.write_all(b"{}").await.unwrap();
    assert_eq!(parts(&rest_of(&mut first).await).0, 400, "one of them is answered");
    let freed = Instant::now();
    // A request gives its place back behind its answer.
    while parts(&whole(&server, &busy.key).await).0 == 429 {
        assert!(freed.elapsed() < PATIENCE, "its place is free");
    }

    // Who goes away gives a place back as well.
    under_way.clear();
    let gone = Instant::now();
    let mut again = Vec::new();
    while again.len() < AT_ONCE_MAX {
        again.extend(begun(&server, &busy.key).await);
        assert!(gone.elapsed() < PATIENCE, "{} places are free", again.len());
    }
}
