//! A way to a SCIM server that breaks it on purpose: what is asked and answered passes through, and one rule of the standard no longer
//! holds.

mod faults;
mod http;

pub use faults::Fault;

use http::{Message, read, write};
use std::{
    io::{self, BufReader},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
};

/// A server with a fault, in front of a sound one. It listens as long as the process lives.
#[derive(Debug)]
pub struct Faulty {
    address: SocketAddr,
}

impl Faulty {
    /// Listens at an address of its own and passes on to the server at `HOST:PORT`.
    ///
    /// # Panics
    /// When the machine refuses.
    pub fn start(server: &str, fault: Fault) -> Self {
        let listener = TcpListener::bind((crate::own_address(), 0)).expect("an address of one's own is free");
        let address = listener.local_addr().expect("it is bound");
        let server = server.to_owned();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = server.clone();
                // A client that goes away ends its connection, and nothing else.
                thread::spawn(move || pass(&client, &server, fault).unwrap_or_default());
            }
        });
        Self { address }
    }

    /// `http://HOST:PORT`.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Passes one request after the other.
fn pass(client: &TcpStream, server: &str, fault: Fault) -> io::Result<()> {
    let mut from_client = BufReader::new(client);
    while let Some(mut request) = read(&mut from_client, true)? {
        let asked = request.clone();
        let answer = match fault.before(&mut request) {
            Some(own) => own,
            None => ask(server, &request)?,
        };
        write(client, &fault.after(&asked, answer))?;
    }
    Ok(())
}

/// Asks the sound server, on a connection of its own.
fn ask(server: &str, request: &Message) -> io::Result<Message> {
    let stream = TcpStream::connect(server)?;
    let mut request = request.clone();
    request.set("connection", Some("close"));
    write(&stream, &request)?;
    let has_body = !request.first.starts_with("HEAD ");
    read(&mut BufReader::new(&stream), has_body)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}
