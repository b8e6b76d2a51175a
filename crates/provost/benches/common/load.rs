//! A light client: plain sockets, one request under way on each.

use futures_util::{StreamExt, stream::FuturesUnordered};
use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Builder,
};

/// The bytes of a request.
pub struct Request(pub Vec<u8>);

/// A request as the wire has it.
pub fn wire(method: &str, path: &str, key: &str, body: Option<&str>) -> Request {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n");
    if let Some(body) = body {
        text += &format!("Content-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    } else {
        text += "\r\n";
    }
    Request(text.into_bytes())
}

/// Requests a second that were answered with 2xx on `connections` connections for `time`. `make` gets the number of the
/// connection and of the request on it.
///
/// # Panics
/// On any other answer: a benchmark of refusals is none.
pub fn run(
    address: SocketAddr,
    connections: usize,
    time: Duration,
    make: impl Fn(usize, usize) -> Request + Sync,
) -> f64 {
    let answered = AtomicU64::new(0);
    let started = Instant::now();
    let runtime = Builder::new_current_thread().enable_all().build().expect("a thread can be had");
    runtime.block_on(async {
        let work = (0..connections).map(|connection| {
            let (make, answered) = (&make, &answered);
            async move {
                let mut stream = TcpStream::connect(address).await.expect("the server listens");
                stream.set_nodelay(true).expect("a socket takes options");
                let mut buffer = Vec::with_capacity(16 * 1024);
                let mut n = 0;
                while started.elapsed() < time {
                    exchange(&mut stream, &make(connection, n), &mut buffer).await;
                    answered.fetch_add(1, Ordering::Relaxed);
                    n += 1;
                }
            }
        });
        work.collect::<FuturesUnordered<_>>().collect::<()>().await;
    });
    answered.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64()
}

/// Sends all of these requests on `connections` connections; answers with the bodies, in the order of the requests.
pub fn all(address: SocketAddr, connections: usize, requests: Vec<Request>) -> Vec<Vec<u8>> {
    let next = AtomicU64::new(0);
    let runtime = Builder::new_current_thread().enable_all().build().expect("a thread can be had");
    let mut answers = runtime.block_on(async {
        let work = (0..connections).map(|_| async {
            let mut stream = TcpStream::connect(address).await.expect("the server listens");
            let (mut buffer, mut answers) = (Vec::new(), Vec::new());
            while let Ok(number) = usize::try_from(next.fetch_add(1, Ordering::Relaxed)) {
                let Some(request) = requests.get(number) else { break };
                let body = exchange(&mut stream, request, &mut buffer).await;
                answers.push((number, buffer.split_off(body)));
            }
            answers
        });
        work.collect::<FuturesUnordered<_>>().collect::<Vec<_>>().await.concat()
    });
    answers.sort_by_key(|(number, _)| *number);
    answers.into_iter().map(|(_, body)| body).collect()
}

/// Sends a request and reads its answer; the body is in `buffer` from the returned offset on.
pub async fn exchange(stream: &mut TcpStream, request: &Request, buffer: &mut Vec<u8>) -> usize {
    stream.write_all(&request.0).await.expect("the server reads");
    buffer.clear();
    loop {
        let read = stream.read_buf(buffer).await.expect("the server answers");
        assert!(read > 0, "the server closed the connection");
        let Some(head) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&buffer[..head]).expect("an answer's head is text");
        assert!(text.starts_with("HTTP/1.1 2"), "{}", String::from_utf8_lossy(buffer));
        let length = text
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length:").map(|n| n.trim().parse::<usize>())
            })
            .map_or(0, |length| length.expect("a length is a number"));
        if buffer.len() >= head + 4 + length {
            return head + 4;
        }
    }
}
