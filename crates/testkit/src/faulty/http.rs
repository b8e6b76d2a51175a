//! As much of HTTP/1.1 as it takes to pass messages on.

use serde_json::Value;
use std::io::{self, BufRead, Read, Write};

/// Longest message of a test.
const BODY_MAX: u64 = 64 * 1024 * 1024;

/// A request or an answer.
#[derive(Clone, Debug)]
pub struct Message {
    /// `GET /scim/v2/Users HTTP/1.1`, or `HTTP/1.1 200 OK`.
    pub first: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Message {
    /// An answer of one's own.
    pub fn answer(status: u16, body: &Value) -> Self {
        let mut answer = Self { first: String::new(), headers: Vec::new(), body: Vec::new() };
        answer.set_status(status);
        answer.set("content-type", Some("application/scim+json"));
        if !body.is_null() {
            answer.set_json(body);
        }
        answer
    }

    pub fn method(&self) -> &str {
        self.first.split(' ').next().unwrap_or_default()
    }

    /// The path of a request with its query.
    pub fn target(&self) -> &str {
        self.first.split(' ').nth(1).unwrap_or_default()
    }

    pub fn set_target(&mut self, target: &str) {
        self.first = format!("{} {target} HTTP/1.1", self.method());
    }

    /// The status of an answer.
    pub fn status(&self) -> u16 {
        self.first.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
    }

    pub fn set_status(&mut self, status: u16) {
        self.first = format!("HTTP/1.1 {status} Faulty");
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    /// Sets a header, or removes it.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        self.headers.retain(|(one, _)| one != name);
        self.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub fn set_json(&mut self, body: &Value) {
        self.body = body.to_string().into_bytes();
    }
}

/// The next message; `None` when there are no more. `has_body` is false for the answer to a HEAD.
pub fn read(from: &mut impl BufRead, has_body: bool) -> io::Result<Option<Message>> {
    let first = line(from)?;
    if first.is_empty() {
        return Ok(None);
    }
    let mut message = Message { first, headers: Vec::new(), body: Vec::new() };
    loop {
        let header = line(from)?;
        let Some((name, value)) = header.split_once(':') else { break };
        message.headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    if !has_body {
        return Ok(Some(message));
    }
    if message.header("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
        message.body = chunks(from)?;
        message.set("transfer-encoding", None);
    } else if let Some(length) = message.header("content-length") {
        let length: u64 = length.parse().map_err(|_| io::ErrorKind::InvalidData)?;
        from.take(length.min(BODY_MAX)).read_to_end(&mut message.body)?;
    }
    Ok(Some(message))
}

/// Writes a message with the length that it has.
pub fn write(mut to: impl Write, message: &Message) -> io::Result<()> {
    let mut text = format!("{}\r\n", message.first);
    for (name, value) in message.headers.iter().filter(|(name, _)| name != "content-length") {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let has_none = matches!(message.status(), 204 | 304);
    if !has_none {
        text.push_str(&format!("content-length: {}\r\n", message.body.len()));
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(if has_none { &[] } else { &message.body });
    to.write_all(&bytes)
}

fn chunks(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = line(from)?;
        let size = u64::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16);
        let size = size.map_err(|_| io::ErrorKind::InvalidData)?;
        from.take(size.min(BODY_MAX)).read_to_end(&mut body)?;
        line(from)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

/// A line without its end; empty at the end of everything.
fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
