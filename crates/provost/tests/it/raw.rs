//! HTTP by hand, for what a well-behaved client does not send.

use serde_json::Value;
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

/// An answer as it came over the wire.
#[derive(Debug)]
pub struct Raw {
    /// The HTTP status; 0 when nothing came.
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    /// The body, its chunks still framed if it has any.
    pub body: Vec<u8>,
}

/// Sends bytes to `http://HOST:PORT` and reads until the server closes, which `Connection: close` asks for. A server that answers
/// before it has read everything may stop reading.
pub fn exchange(base: &str, pieces: &[&[u8]]) -> Raw {
    let mut stream = connect(base);
    for piece in pieces {
        if stream.write_all(piece).is_err() {
            break;
        }
    }
    read(stream)
}

/// A connection to `http://HOST:PORT`.
pub fn connect(base: &str) -> TcpStream {
    let stream = TcpStream::connect(base.trim_start_matches("http://")).expect("the server accepts");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time is given");
    stream
}

/// Reads an answer to the end of the connection.
pub fn read(mut stream: TcpStream) -> Raw {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Raw { status, head, body: bytes.split_off(end) }
}

/// Head of a request that asks for the connection to be closed; `target` goes out as it is.
pub fn head(method: &str, target: &[u8], headers: &[(&str, &str)]) -> Vec<u8> {
    let mut head = Vec::from(method);
    head.push(b' ');
    head.extend_from_slice(target);
    head.extend_from_slice(b" HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    head.extend_from_slice(b"\r\n");
    head
}

impl Raw {
    /// The SCIM error, which must be one of this status.
    #[track_caller]
    pub fn error(&self, status: u16) -> Value {
        let shown = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{}{shown}", self.head);
        assert!(self.head.contains("content-type: application/scim+json\r\n"), "{}{shown}", self.head);
        let error: Value = serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {shown:?}"));
        assert_eq!(error["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
        assert_eq!(error["status"], status.to_string());
        assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{error}");
        error
    }
}
