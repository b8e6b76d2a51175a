//! A SCIM server that can do as little as a test wants, and answers as badly.

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// A server that listens.
pub struct Fake {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    stopping: Arc<AtomicBool>,
}

/// What is answered to a method and a path: status and body. `None` never answers.
pub type Answer = fn(&str, &str) -> Option<(u16, Vec<u8>)>;

impl Fake {
    /// A server that claims these features of its `ServiceProviderConfig`, answers by `odd` where that says something other than
    /// [`usual`], and has no memory.
    pub fn start(features: &'static [&str], odd: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let base = format!("http://{}", listener.local_addr().expect("it is bound"));
        let (stopping, made) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let is_stopping = Arc::clone(&stopping);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if is_stopping.load(Ordering::SeqCst) {
                    return;
                }
                let (stream, made) = (stream.expect("a connection comes whole"), Arc::clone(&made));
                thread::spawn(move || serve(stream, features, odd, &made));
            }
        });
        Self { base, stopping }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.base.trim_start_matches("http://"));
    }
}

/// Nothing out of the ordinary: the answers of a server that works.
pub fn usual(_: &str, _: &str) -> Option<(u16, Vec<u8>)> {
    Some((0, Vec::new()))
}

fn serve(stream: TcpStream, features: &[&str], odd: Answer, made: &AtomicUsize) {
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time is given");
    let mut out = stream.try_clone().expect("a socket can be held twice");
    let mut reader = BufReader::new(stream);
    loop {
        let (mut first, mut length) = (String::new(), 0);
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(number) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = number.trim().parse().expect("a length is a number");
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body comes whole");
        let mut words = first.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let Some((status, body)) = odd(method, path) else { continue };
        let (status, body) = if status == 0 { ordinary(method, path, features, made) } else { (status, body) };
        let head = format!(
            "HTTP/1.1 {status} Said\r\ncontent-type: application/scim+json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if out.write_all(head.as_bytes()).and_then(|()| out.write_all(&body)).is_err() {
            return;
        }
    }
}

fn ordinary(method: &str, path: &str, features: &[&str], made: &AtomicUsize) -> (u16, Vec<u8>) {
    let json = |status, value: Value| (status, value.to_string().into_bytes());
    match (method, path) {
        ("GET", "/ServiceProviderConfig") => {
            let mut config = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"] });
            for feature in features {
                config[*feature] = json!({ "supported": true, "maxOperations": 5 });
            }
            json(200, config)
        }
        ("POST", _) => json(201, json!({ "id": made.fetch_add(1, Ordering::SeqCst).to_string() })),
        ("DELETE", _) => (204, Vec::new()),
        ("GET", path) if path.starts_with("/Users/") => json(200, json!({ "id": &path["/Users/".len()..] })),
        ("GET", _) => json(200, json!({ "totalResults": 0, "Resources": [] })),
        _ => json(404, json!({ "detail": "there is no such thing" })),
    }
}
