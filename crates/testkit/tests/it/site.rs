//! A few pages for the browser to be tried on.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// A path and what it answers with: status and further headers, body.
pub type Answer = (&'static str, &'static str, &'static str);

/// A server that answers with what it was given, until the process ends.
pub struct Site {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    /// Serves these.
    pub fn of(answers: &'static [Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let base = format!("http://{}", listener.local_addr().expect("it is bound"));
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let heard = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let heard = Arc::clone(&heard);
                thread::spawn(move || serve(stream, answers, &heard));
            }
        });
        Self { base, asked }
    }

    /// Lines of all requests so far, with the body of a form behind them.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("nobody panics with it").clone()
    }
}

fn serve(stream: TcpStream, answers: &[Answer], heard: &Mutex<Vec<String>>) -> Option<()> {
    let mut out = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let (mut line, mut length, mut cookie) = (String::new(), 0, String::new());
    while reader.read_line(&mut line).ok()? > 2 {
        let (name, value) = line.split_once(':')?;
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "cookie" => cookie = format!(" {}", value.trim()),
            _ => {}
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let words: Vec<&str> = first.split(' ').collect();
    let body = String::from_utf8_lossy(&body).into_owned();
    heard
        .lock()
        .expect("nobody panics with it")
        .push(format!("{} {}{cookie} {body}", words[0], words[1]).trim_end().to_owned());
    let path = words[1].split('?').next()?;
    let found = answers.iter().find(|(at, ..)| *at == path);
    let (_, head, text) = found.unwrap_or(&("", "404 Not Found", "nothing is here"));
    let type_of = if head.contains("content-type") { "" } else { "\r\ncontent-type: text/html; charset=utf-8" };
    let length = text.len();
    write!(out, "HTTP/1.1 {head}{type_of}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}").ok()
}
