//! `provost account export` and `provost account import`: accounts as lines of JSON, which may be longer than memory.

use crate::{
    client::Client,
    output::{Field, Output, write_out},
};
use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::channel::{Channel, Sender};
use serde_json::Value;
use std::{
    fs::File,
    io::{self, IsTerminal, Read, Write},
    path::Path,
};
use tokio::runtime::Handle;

/// Bytes that are read from a file at once.
const CHUNK_BYTES: usize = 64 * 1024;
/// Chunks that wait to be sent.
const WAITING_MAX: usize = 4;
/// Lines between two signs of progress.
const PROGRESS_EVERY: u64 = 10_000;

const FIELDS: [Field; 7] = [
    ("Id", "/id"),
    ("Users", "/counts/users"),
    ("Groups", "/counts/groups"),
    ("Members", "/counts/members"),
    ("Missing members", "/missing_members"),
    ("Roles", "/counts/roles"),
    ("Warnings", "/warnings"),
];

/// Writes an account's lines to stdout.
///
/// # Errors
/// What the server refuses; lines that end before their end.
pub async fn export(client: &Client, account: &str) -> anyhow::Result<()> {
    let id = client.find("account", &["accounts"], account, &["/name"]).await?;
    let mut answer = client.open(&["accounts", &id, "export"]).await?;
    let mut lines = Lines::default();
    while let Some(chunk) = answer.chunk().await.context("the export broke off: it is not whole")? {
        lines.see(&chunk);
        let mut stdout = io::stdout().lock();
        stdout.write_all(&chunk)?;
    }
    write_out("")?;
    let (begun, ended) = (lines.first_as("header"), lines.last_as("end"));
    let (Some(begun), Some(ended)) = (begun, ended) else { bail!("the export broke off: it is not whole") };
    lines.say(&format!("{} lines.", lines.number));
    if begun["seq"] != ended["seq"] {
        lines.say("The account was changed meanwhile: what changed may be there as it was before or after.");
    }
    Ok(())
}

/// Makes an account from the lines in a file, or from stdin when it is `-`.
///
/// # Errors
/// A file that cannot be read; what the server refuses, with the number of the line.
pub async fn import(client: &Client, output: Output, file: &Path) -> anyhow::Result<()> {
    let from: Box<dyn Read + Send> = if file.as_os_str() == "-" {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(file).with_context(|| format!("cannot read {}", file.display()))?)
    };
    let (out, body) = Channel::<Bytes, io::Error>::new(WAITING_MAX);
    let runtime = Handle::current();
    let sending = tokio::task::spawn_blocking(move || send(from, out, &runtime));
    let body = reqwest::Body::wrap(body);
    let answer = client.upload(&["accounts", "import"], "application/x-ndjson", body).await;
    // A file that cannot be read to its end says more than the server, which saw only that it broke off.
    if let Ok(Err(error)) = sending.await {
        return Err(error).with_context(|| format!("cannot read {}", file.display()));
    }
    output.object(&answer?, &FIELDS)
}

/// Reads everything and hands it over, until nobody takes it any more.
fn send(mut from: impl Read, mut out: Sender<Bytes, io::Error>, runtime: &Handle) -> io::Result<()> {
    let mut lines = Lines::default();
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                out.abort(io::Error::other("the file cannot be read"));
                return Err(error);
            }
        };
        lines.see(&buffer[..read]);
        if runtime.block_on(out.send_data(Bytes::copy_from_slice(&buffer[..read]))).is_err() {
            break;
        }
    }
    Ok(())
}

/// What is seen of lines that pass by.
#[derive(Default)]
struct Lines {
    number: u64,
    first: Vec<u8>,
    last: Vec<u8>,
    current: Vec<u8>,
}

impl Lines {
    fn see(&mut self, mut chunk: &[u8]) {
        while let Some(end) = chunk.iter().position(|byte| *byte == b'\n') {
            self.current.extend_from_slice(&chunk[..end]);
            self.last = std::mem::take(&mut self.current);
            chunk = &chunk[end + 1..];
            self.number += 1;
            if self.number == 1 {
                self.first.clone_from(&self.last);
            }
            if self.number.is_multiple_of(PROGRESS_EVERY) && io::stderr().is_terminal() {
                self.say(&format!("{} lines …", self.number));
            }
        }
        self.current.extend_from_slice(chunk);
    }

    /// Says a sentence on stderr, since stdout may hold the lines; that nobody reads it is no reason to end.
    fn say(&self, sentence: &str) {
        let _ = writeln!(io::stderr(), "{sentence}");
    }

    fn first_as(&self, kind: &str) -> Option<Value> {
        read_as(kind, &self.first)
    }

    fn last_as(&self, kind: &str) -> Option<Value> {
        read_as(kind, &self.last).filter(|_| self.current.is_empty())
    }
}

fn read_as(kind: &str, line: &[u8]) -> Option<Value> {
    serde_json::from_slice::<Value>(line).ok().filter(|line| line["type"] == kind)
}
