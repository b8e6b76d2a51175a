//! Receivers of audit logs: a syslog server and a web server that keep what they are sent, and can be stopped.

use provost_testkit::own_address;
use serde_json::Value;
use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

/// A receiver that listens.
pub struct Receiver {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<Vec<String>>>>,
    stopping: Arc<AtomicBool>,
    /// The connection that is read.
    read: Arc<Mutex<Option<TcpStream>>>,
    thread: Option<JoinHandle<()>>,
}

/// What a receiver does with a connection, by its number from 0: what it was sent, message by message.
type Take = fn(usize, TcpStream) -> Vec<String>;

/// Where nobody has listened yet.
pub fn unused_address() -> SocketAddr {
    (own_address(), 5140).into()
}

impl Receiver {
    /// Listens at an address of its own.
    pub fn start(take: Take) -> Self {
        Self::start_at(unused_address(), take)
    }

    /// Listens at an address.
    pub fn start_at(address: SocketAddr, take: Take) -> Self {
        let listener = TcpListener::bind(address).expect("the address is free");
        let (heard, stopping) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let read: Arc<Mutex<Option<TcpStream>>> = Arc::default();
        let thread = thread::spawn({
            let (heard, stopping, read) = (Arc::clone(&heard), Arc::clone(&stopping), Arc::clone(&read));
            move || {
                for (number, stream) in listener.incoming().enumerate() {
                    let stream = stream.expect("a connection comes whole");
                    *read.lock().expect("nobody fails here") = stream.try_clone().ok();
                    if stopping.load(Ordering::SeqCst) {
                        return;
                    }
                    let messages = take(number, stream);
                    // Now the connection is closed.
                    *read.lock().expect("nobody fails here") = None;
                    heard.lock().expect("no receiver fails").push(messages);
                }
            }
        });
        Self { address, heard, stopping, read, thread: Some(thread) }
    }

    /// What came, connection by connection.
    pub fn heard(&self) -> Vec<Vec<String>> {
        self.heard.lock().expect("no receiver fails").clone()
    }

    /// The audit entries that came, connection by connection.
    pub fn entries(&self) -> Vec<Vec<Value>> {
        self.heard().iter().map(|messages| messages.iter().map(|message| entry(message)).collect()).collect()
    }

    /// The greatest number of an entry that came; 0 before the first.
    pub fn newest(&self) -> u64 {
        self.entries().concat().iter().filter_map(|entry| entry["seq"].as_u64()).max().unwrap_or_default()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Its sender may live longer than this, and would be waited for.
        if let Some(stream) = self.read.lock().expect("nobody fails here").take() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The audit entry in a message: all of a line, and what stands behind the structured data of syslog.
fn entry(message: &str) -> Value {
    let json = &message[message.find('{').expect("a message holds an entry")..];
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error} in {message}"))
}

/// A syslog server: reads frames that begin with their length, up to the sender's end.
pub fn syslog(_: usize, mut stream: TcpStream) -> Vec<String> {
    let mut sent = String::new();
    if stream.read_to_string(&mut sent).is_err() {
        return Vec::new();
    }
    let (mut messages, mut rest) = (Vec::new(), sent.as_str());
    while let Some((length, behind)) = rest.split_once(' ') {
        let length: usize = length.parse().expect("a frame begins with its length");
        let (message, behind) = behind.split_at(length);
        messages.push(message.to_owned());
        rest = behind;
    }
    assert_eq!(rest, "", "every frame is whole");
    messages
}

/// A syslog server that goes away in the middle of the first thing that it is told, and has then forgotten it.
pub fn syslog_that_fails_once(number: usize, mut stream: TcpStream) -> Vec<String> {
    if number > 0 {
        return syslog(number, stream);
    }
    stream.read_exact(&mut [0; 20]).expect("somebody tells something");
    Vec::new()
}

/// A web server that answers 503 once, and then 204: the lines of what it took.
pub fn web(number: usize, mut stream: TcpStream) -> Vec<String> {
    let (mut sent, mut buffer) = (Vec::new(), [0; 4096]);
    let (head, body) = loop {
        let read = stream.read(&mut buffer).expect("a request can be read");
        if read == 0 {
            // Whoever sent it was stopped on the way.
            return Vec::new();
        }
        sent.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&sent).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if length.and_then(|length| length.parse::<usize>().ok()) == Some(body.len()) {
            break (head.to_owned(), body.to_owned());
        }
    };
    assert!(head.starts_with("POST /in?source=provost HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("authorization: Splunk hidden-word"), "{head}");
    assert!(head.contains("content-type: application/x-ndjson"), "{head}");
    let status = if number == 0 { "503 Service Unavailable" } else { "204 No Content" };
    let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(answer.as_bytes()).expect("the sender waits for an answer");
    if number == 0 { Vec::new() } else { body.lines().map(str::to_owned).collect() }
}
