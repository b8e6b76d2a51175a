//! A server on a port of its own, and a client that sends exactly the bytes it is told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use provost_server::proxy::Scheme;
use provost_server::{
    CountingEntropy, Edge, FixedClock, Limits, Metrics, NotReady, OriginRules, PublicUrl, TrustedProxies, edge,
    routes_meta,
};
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Nothing in these tests takes longer, unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A running server; it stops when asked to.
pub struct Server {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Server {
    pub async fn start(router: Router) -> Self {
        Self::start_with(router, Limits::default(), None).await
    }

    pub async fn start_with(router: Router, limits: Limits, tls: Option<Arc<ServerConfig>>) -> Self {
        let (listener, address) = provost_server::bind("127.0.0.1:0").await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(provost_server::serve(listener, router, tls, limits, async {
            let _ = stopped.await;
        }));
        Self { address, stop, served }
    }

    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends one request on a connection of its own and returns everything that comes until the server closes.
    pub async fn exchange(&self, request: impl AsRef<[u8]>) -> String {
        let mut socket = self.connect().await;
        socket.write_all(request.as_ref()).await.unwrap();
        rest_of(&mut socket).await
    }

    /// A GET without headers of interest.
    pub async fn get(&self, path: &str) -> String {
        self.exchange(format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")).await
    }

    /// Asks the server to stop; the handle ends when it has.
    pub fn stop(self) -> JoinHandle<()> {
        self.stop.send(()).unwrap();
        self.served
    }
}

/// All bytes until the other side closes.
pub async fn rest_of(socket: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    timeout(PATIENCE, socket.read_to_end(&mut answer)).await.expect("the server closes").unwrap();
    String::from_utf8(answer).unwrap()
}

/// Status and body of an answer.
#[track_caller]
pub fn parts(answer: &str) -> (u16, &str) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body)
}

/// The value of a header of an answer.
pub fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let (head, _) = answer.split_once("\r\n\r\n")?;
    let fields = head.lines().filter_map(|line| line.split_once(": "));
    fields.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
}

/// `router` behind the edge and beside the operators' routes, with a fixed clock, counted ids and 10.0.0.0/8 trusted.
pub fn behind_edge(router: Router, public_url: Option<PublicUrl>, loopback_trusted: bool) -> Router {
    let metrics = Arc::new(Metrics::new("0.0.0"));
    let trusted = if loopback_trusted { vec!["127.0.0.0/8".parse().unwrap()] } else { Vec::new() };
    let origins = OriginRules {
        trusted: TrustedProxies(trusted),
        public_url,
        scheme: Scheme::Http,
        bound: "127.0.0.1:8080".parse().unwrap(),
    };
    let edge = Edge {
        clock: Arc::new(FixedClock::at("2026-01-02T03:04:05.678Z".parse().unwrap())),
        entropy: Arc::new(CountingEntropy::default()),
        origins,
        metrics: Arc::clone(&metrics),
    };
    let ready = || async { Err(NotReady("the store does not answer")) };
    edge::wrap(router.merge(routes_meta::routes(ready, metrics)), Arc::new(edge))
}
