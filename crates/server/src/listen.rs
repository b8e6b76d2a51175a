//! The listener: accepts connections, bounds them, and lets the last requests finish.

use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;
use tower::Service;

use crate::connection::{Activity, Lingering, Watched};

/// Largest head hyper reads; beyond it a 431 without body. The edge refuses less, in the form of the surface.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Requests a client may have open in one HTTP/2 connection.
const STREAMS_MAX: u32 = 128;

/// A client that leaves an HTTP/2 ping unanswered for so long is gone.
const PING: Duration = Duration::from_secs(20);

/// Out of file descriptors, accepting fails until some connection ends.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// Once a connection is to end: time for the last answer to be written and for the client to take note.
const LAST_BYTES: Duration = Duration::from_secs(5);

/// Bounds on connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time; more wait in the operating system's queue.
    pub connections_max: usize,
    /// Time for a TLS handshake, for the first request, and for the head of a later one from its first byte: slow senders are cut.
    pub head_timeout: Duration,
    /// A connection without requests is closed after this time: later than those before us give theirs up, who would otherwise send
    /// into one that is just being closed (load balancers 60 seconds, most clients 90 at the longest).
    pub idle_timeout: Duration,
    /// What requests in flight get when the server stops.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 4096,
            head_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(120),
            grace: Duration::from_secs(30),
        }
    }
}

/// The address at the other end of the connection: a proxy's, when there is one. An extension of every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}")]
pub struct BindError {
    address: String,
    source: io::Error,
}

/// Listens on `HOST:PORT`; port 0 lets the system choose. Returns the address it became.
///
/// # Errors
/// `BindError` when the name does not resolve or the port is taken or not allowed.
pub async fn bind(address: &str) -> Result<(TcpListener, SocketAddr), BindError> {
    let fault = |source| BindError { address: address.into(), source };
    let listener = TcpListener::bind(address).await.map_err(fault)?;
    let bound = listener.local_addr().map_err(fault)?;
    Ok((listener, bound))
}

/// Serves `router` until `shutdown` is ready; then accepts no more, lets requests in flight finish within `limits.grace`,
/// and returns. Errors of single connections end those alone.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<Arc<ServerConfig>>,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    let (stop, stopping) = watch::channel(());
    let mut connections = JoinSet::new();
    let tls = tls.map(TlsAcceptor::from);
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < limits.connections_max => match accepted {
                Ok((socket, peer)) => {
                    let connection = Connection { peer: Peer(peer), router: router.clone(), limits };
                    connections.spawn(connection.run(socket, tls.clone(), stopping.clone()));
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "Cannot accept connections.");
                    sleep(ACCEPT_RETRY).await;
                }
            },
        }
    }
    drop(listener);
    drop(stop);
    let finished = timeout(limits.grace, async { while connections.join_next().await.is_some() {} }).await;
    if finished.is_err() {
        tracing::warn!(connections = connections.len(), "Cut connections that outlasted the grace period.");
        connections.shutdown().await;
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

struct Connection {
    peer: Peer,
    router: Router,
    limits: Limits,
}

impl Connection {
    async fn run(self, socket: TcpStream, tls: Option<TlsAcceptor>, stopping: watch::Receiver<()>) {
        // Answers are written whole; waiting to fill a packet only delays them.
        let _ = socket.set_nodelay(true);
        let accepted = Instant::now();
        let activity = Activity::starting(accepted);
        let socket = Lingering::new(socket, activity.clone());
        let Some(tls) = tls else { return self.converse(socket, activity, stopping).await };
        match timeout_at(accepted + self.limits.head_timeout, tls.accept(socket)).await {
            Ok(Ok(stream)) => self.converse(stream, activity, stopping).await,
            Ok(Err(error)) => tracing::debug!(peer = %self.peer.0, %error, "A TLS handshake failed."),
            Err(_) => tracing::debug!(peer = %self.peer.0, "A TLS handshake took too long."),
        }
    }

    async fn converse<S>(self, stream: S, activity: Activity, mut stopping: watch::Receiver<()>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self { peer, router, limits } = self;
        let service = hyper::service::service_fn({
            let activity = activity.clone();
            move |request| answer(request, peer, router.clone(), activity.clone())
        });
        let builder = builder();
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let mut closing = false;
        let mut alarm = pin!(sleep_until(Instant::now() + limits.head_timeout));
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(peer = %peer.0, error, "A connection ended early.");
                    }
                    return;
                }
                // The sender is never used to send: it is dropped to stop.
                _ = stopping.changed(), if !closing => {
                    closing = true;
                    connection.as_mut().graceful_shutdown();
                    reset(&mut alarm, LAST_BYTES);
                }
                () = alarm.as_mut() => match verdict(&activity, limits, closing) {
                    Verdict::Cut => return,
                    Verdict::Close => {
                        closing = true;
                        connection.as_mut().graceful_shutdown();
                        reset(&mut alarm, LAST_BYTES);
                    }
                    Verdict::AskAgainIn(wait) => reset(&mut alarm, wait),
                },
            }
        }
    }
}

fn reset(alarm: &mut Pin<&mut tokio::time::Sleep>, wait: Duration) {
    alarm.as_mut().reset(Instant::now() + wait);
}

/// What to do with a connection that has been left alone for a while.
enum Verdict {
    Cut,
    Close,
    AskAgainIn(Duration),
}

/// A connection that never brought a request is cut, and so is one whose next head takes too long. Whoever is quiet for too long is
/// asked to end, and cut when still there after [`LAST_BYTES`].
fn verdict(activity: &Activity, limits: Limits, closing: bool) -> Verdict {
    let patience = if closing { LAST_BYTES } else { limits.idle_timeout };
    let Some(quiet) = activity.quiet_since() else { return Verdict::AskAgainIn(patience.min(limits.head_timeout)) };
    let head_left = match activity.head_since() {
        Some(began) => limits.head_timeout.saturating_sub(began.elapsed()),
        None => limits.head_timeout,
    };
    match patience.checked_sub(quiet.elapsed()) {
        _ if !activity.used() || head_left.is_zero() => Verdict::Cut,
        Some(left) if !left.is_zero() => Verdict::AskAgainIn(left.min(head_left)),
        Some(_) | None if closing => Verdict::Cut,
        Some(_) | None => Verdict::Close,
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        // Hyper's own would count from when a head is awaited, and so cut whoever is idle as early as whoever is slow.
        .header_read_timeout(None)
        .max_buf_size(HEAD_BYTES_MAX)
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING)
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(u32::try_from(HEAD_BYTES_MAX).expect("64 KiB fit into 32 bits"));
    builder
}

async fn answer(
    request: Request<Incoming>,
    peer: Peer,
    mut router: Router,
    activity: Activity,
) -> Result<axum::response::Response, std::convert::Infallible> {
    let _answering = activity.request(request.version());
    let mut request = request.map(|body| axum::body::Body::new(Watched::new(body, activity)));
    request.extensions_mut().insert(peer);
    router.call(request).await
}
