//! A proxy in front of a target that remembers what passes.

use crate::support::{Answer, pause, request, send};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// A request that passed.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The verb.
    pub method: String,
    /// Path and query, as they came.
    pub path: String,
    /// The header `Authorization`; empty where there was none.
    pub authorization: String,
    /// The JSON body; null where there was none.
    pub body: Value,
}

/// What is done with a request before it goes on; the target does not get those for which this is `false`.
pub type Gate = Box<dyn FnMut(&Heard) -> bool + Send>;

/// A proxy that listens.
pub struct Recorder {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    shared: Arc<Shared>,
}

struct Shared {
    target: String,
    heard: Mutex<Vec<Heard>>,
    gate: Mutex<Option<Gate>>,
    /// Requests that came and are not answered yet.
    under_way: AtomicUsize,
    stopping: AtomicBool,
}

/// A request that is counted until this goes, also where its thread ends with a panic.
struct UnderWay<'a>(&'a AtomicUsize);

impl<'a> UnderWay<'a> {
    fn of(shared: &'a Shared) -> Self {
        shared.under_way.fetch_add(1, Ordering::SeqCst);
        Self(&shared.under_way)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Recorder {
    /// Stands before the server at `target`.
    pub fn before(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let base = format!("http://{}", listener.local_addr().expect("it is bound"));
        let shared = Arc::new(Shared {
            target: target.to_owned(),
            heard: Mutex::default(),
            gate: Mutex::default(),
            under_way: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
        });
        let all = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if all.stopping.load(Ordering::SeqCst) {
                    return;
                }
                let (stream, all) = (stream.expect("a connection comes whole"), Arc::clone(&all));
                thread::spawn(move || serve(stream, &all));
            }
        });
        Self { base, shared }
    }

    /// Asks `gate` about each request from now on.
    pub fn gate(&self, gate: Gate) {
        *lock(&self.shared.gate) = Some(gate);
    }

    /// Lets everything pass again.
    pub fn open(&self) {
        *lock(&self.shared.gate) = None;
    }

    /// Waits until everything that came is answered, or was kept from the target.
    pub fn settle(&self) {
        let deadline = Instant::now() + Duration::from_secs(90);
        while self.shared.under_way.load(Ordering::SeqCst) > 0 {
            assert!(Instant::now() < deadline, "what came last is not answered: {:?}", lock(&self.shared.heard).last());
            pause();
        }
    }

    /// All requests since this was asked last, in the order in which they came.
    pub fn take(&self) -> Vec<Heard> {
        std::mem::take(&mut *lock(&self.shared.heard))
    }

    /// Of those, the ones that write.
    pub fn writes(&self) -> Vec<Heard> {
        self.take().into_iter().filter(|heard| heard.method != "GET").collect()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.base.trim_start_matches("http://"));
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: TcpStream, shared: &Shared) {
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time is given");
    let mut out = stream.try_clone().expect("a socket can be held twice");
    let mut reader = BufReader::new(stream);
    while let Some(heard) = read(&mut reader) {
        let under_way = UnderWay::of(shared);
        let answer = pass(heard, shared);
        drop(under_way);
        let Some(answer) = answer else { return };
        let length = match answer.status {
            204 => String::new(),
            _ => format!("content-length: {}\r\n", answer.text.len()),
        };
        let head = format!("HTTP/1.1 {} Said\r\ncontent-type: application/scim+json\r\n{length}\r\n", answer.status);
        if out.write_all(head.as_bytes()).and_then(|()| out.write_all(answer.text.as_bytes())).is_err() {
            return;
        }
    }
}

/// What the target says to a request; `None` where the gate keeps it back.
fn pass(heard: Heard, shared: &Shared) -> Option<Answer> {
    lock(&shared.heard).push(heard.clone());
    if !lock(&shared.gate).as_mut().is_none_or(|gate| gate(&heard)) {
        return None;
    }
    let mut onward = request(&heard.method, &format!("{}{}", shared.target, heard.path));
    if !heard.authorization.is_empty() {
        onward = onward.header("authorization", &heard.authorization);
    }
    if !heard.body.is_null() {
        onward = onward.header("content-type", "application/scim+json").body(heard.body.to_string());
    }
    Some(send(onward))
}

/// The next request of a connection; `None` once it is closed.
fn read(reader: &mut BufReader<TcpStream>) -> Option<Heard> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    let (mut length, mut authorization) = (0, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        if line == "\r\n" {
            break;
        }
        let (name, value) = line.split_once(':').expect("a header has a name");
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().expect("a length is a number"),
            "authorization" => value.trim().clone_into(&mut authorization),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).expect("a body is JSON") };
    Some(Heard { method, path, authorization, body })
}
