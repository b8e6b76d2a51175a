//! One connection: what is going on in it, and how it ends without losing its last answer.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::http::Version;
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

/// So long a client may go on sending a body that nobody reads any more.
const LINGER: Duration = Duration::from_secs(2);

/// What is going on in a connection.
#[derive(Clone, Debug)]
pub(crate) struct Activity(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// Requests whose answer is being made.
    in_flight: usize,
    /// Requests that ever reached us.
    requests: u64,
    /// When the last of them was answered.
    quiet_since: Instant,
    /// When the first bytes came since the last complete HTTP/1 request: of a head or body that nobody may read to its end.
    bytes_left: Option<Instant>,
    /// In HTTP/2 an unread body is a reset stream, and the client is told before the connection ends.
    http2: bool,
}

impl Activity {
    pub(crate) fn starting(now: Instant) -> Self {
        let state = State { in_flight: 0, requests: 0, quiet_since: now, bytes_left: None, http2: false };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Whether any request has come.
    pub(crate) fn used(&self) -> bool {
        self.state().requests > 0
    }

    /// Since when nothing has been going on; `None` while a request is being answered.
    pub(crate) fn quiet_since(&self) -> Option<Instant> {
        let state = self.state();
        (state.in_flight == 0).then_some(state.quiet_since)
    }

    /// Since when the head of an HTTP/1 request has been on its way, with nothing else going on.
    pub(crate) fn head_since(&self) -> Option<Instant> {
        let state = self.state();
        let began = state.bytes_left.filter(|_| state.in_flight == 0 && !state.http2)?;
        Some(began.max(state.quiet_since))
    }

    /// Counts a request, whose head has come in this version, until the guard is dropped.
    pub(crate) fn request(&self, version: Version) -> Answering {
        let mut state = self.state();
        state.in_flight += 1;
        state.requests += 1;
        state.http2 = version > Version::HTTP_11;
        Answering(self.clone())
    }

    /// Whether the client may be sending what nobody reads.
    fn lingers(&self) -> bool {
        let state = self.state();
        state.bytes_left.is_some() && !state.http2
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request is being answered.
pub(crate) struct Answering(Activity);

impl Drop for Answering {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.in_flight -= 1;
        state.quiet_since = Instant::now();
    }
}

/// A request body that notes when it has come to its end.
pub(crate) struct Watched {
    body: Incoming,
    activity: Activity,
}

impl Watched {
    pub(crate) fn new(body: Incoming, activity: Activity) -> Self {
        let watched = Self { body, activity };
        watched.note_end();
        watched
    }

    fn note_end(&self) {
        if self.body.is_end_stream() {
            self.activity.state().bytes_left = None;
        }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        match frame {
            None => self.activity.state().bytes_left = None,
            Some(_) => self.note_end(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A socket that, when closed while the client may still send what nobody wants, reads on for a moment.
///
/// Closing at once would make the kernel reset the connection, and the client might lose the answer that says why
/// (RFC 9112 §9.6).
pub(crate) struct Lingering {
    socket: TcpStream,
    activity: Activity,
    write_closed: bool,
    until: Option<Pin<Box<Sleep>>>,
}

impl Lingering {
    pub(crate) fn new(socket: TcpStream, activity: Activity) -> Self {
        Self { socket, activity, write_closed: false, until: None }
    }
}

impl AsyncRead for Lingering {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(context, into))?;
        if into.filled().len() > before {
            self.activity.state().bytes_left.get_or_insert_with(Instant::now);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.write_closed {
            ready!(Pin::new(&mut self.socket).poll_shutdown(context))?;
            self.write_closed = true;
        }
        if !self.activity.lingers() {
            return Poll::Ready(Ok(()));
        }
        let mut discarded = [0; 8 * 1024];
        loop {
            if self.until.get_or_insert_with(|| Box::pin(sleep(LINGER))).as_mut().poll(context).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut into = ReadBuf::new(&mut discarded);
            match ready!(Pin::new(&mut self.socket).poll_read(context, &mut into)) {
                Ok(()) if !into.filled().is_empty() => {}
                Ok(()) | Err(_) => return Poll::Ready(Ok(())),
            }
        }
    }
}
