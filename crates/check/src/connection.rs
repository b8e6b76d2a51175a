//! A connection to the server that is tried: HTTP/1.1, kept open, one request under way.

use crate::Target;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, Uri,
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
    header::{
        ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HOST, HeaderMap, HeaderName, HeaderValue,
        RETRY_AFTER, USER_AGENT,
    },
};
use hyper_util::rt::TokioIo;
use provost_scim::retry_after;
use std::{error::Error, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};

/// How long a request may take in all, connecting included.
pub const REQUEST_MAX: Duration = Duration::from_secs(30);
/// Longest answer that is read, in bytes.
pub const REPLY_BYTES_MAX: usize = 16 * 1024 * 1024;

const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json");
const WHO: HeaderValue = HeaderValue::from_static(concat!("provost/", env!("CARGO_PKG_VERSION")));

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Its method.
    pub method: Method,
    /// Path below the target's base, with its query, such as `/Users?count=1`.
    pub path: String,
    /// JSON.
    pub body: Option<Bytes>,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// `Retry-After`, where it can be read.
    pub retry_after: Option<Duration>,
    /// All headers.
    pub headers: HeaderMap,
}

/// Headers that a request has otherwise than usual: another value, or none.
pub type Headers = [(HeaderName, Option<HeaderValue>)];

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No connection: nothing was sent.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// The connection broke, or what came is not HTTP; the server may have done what was asked.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// [`REQUEST_MAX`] passed; the server may have done what was asked.
    #[error("no answer within {} s", REQUEST_MAX.as_secs())]
    TimedOut,
    /// An answer of more than [`REPLY_BYTES_MAX`] bytes.
    #[error("an answer of more than {} MiB", REPLY_BYTES_MAX / 1024 / 1024)]
    TooLong,
}

/// A connection that opens itself, and opens itself again when the server has closed it.
#[derive(Debug)]
pub struct Connection {
    target: Arc<Target>,
    open: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    /// A connection that opens with its first request.
    pub fn new(target: Arc<Target>) -> Self {
        Self { target, open: None }
    }

    /// Sends a request and reads its answer. Redirects are answers like others.
    ///
    /// # Errors
    /// Why there is no answer; the next request then has a connection of its own.
    pub async fn exchange(&mut self, ask: &Ask) -> Result<Reply, Fault> {
        self.exchange_with(ask, &[]).await
    }

    /// The same with other headers.
    ///
    /// # Errors
    /// Why there is no answer; the next request then has a connection of its own.
    pub async fn exchange_with(&mut self, ask: &Ask, headers: &Headers) -> Result<Reply, Fault> {
        let answer = timeout(REQUEST_MAX, self.attempt(ask, headers)).await.unwrap_or(Err(Fault::TimedOut));
        if answer.is_err() {
            self.open = None;
        }
        answer
    }

    async fn attempt(&mut self, ask: &Ask, headers: &Headers) -> Result<Reply, Fault> {
        let mut request = self.request(ask)?;
        for (name, value) in headers {
            match value {
                Some(value) => request.headers_mut().insert(name, value.clone()),
                None => request.headers_mut().remove(name),
            };
        }
        if let Some(open) = &mut self.open
            && open.ready().await.is_ok()
        {
            match open.try_send_request(request).await {
                Ok(answer) => return read(answer).await,
                // The server closed the connection before it saw anything of the request.
                Err(mut failed) => match failed.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(Fault::Broken(told(&failed.into_error()))),
                },
            }
        }
        let open = self.open.insert(connect(&self.target).await?);
        let answer = open.send_request(request).await.map_err(|error| Fault::Broken(told(&error)))?;
        read(answer).await
    }

    fn request(&self, ask: &Ask) -> Result<Request<Full<Bytes>>, Fault> {
        let uri = Uri::try_from(format!("{}{}", self.target.path, ask.path));
        let uri = uri.map_err(|error| Fault::Unreachable(format!("the request has no path: {error}")))?;
        let mut request = Request::new(Full::new(ask.body.clone().unwrap_or_default()));
        *request.method_mut() = ask.method.clone();
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        headers.insert(HOST, self.target.authority.clone());
        headers.insert(USER_AGENT, WHO);
        headers.insert(ACCEPT, SCIM_JSON);
        if let Some(authorization) = &self.target.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        if ask.body.is_some() {
            headers.insert(CONTENT_TYPE, SCIM_JSON);
        }
        Ok(request)
    }
}

async fn connect(target: &Target) -> Result<SendRequest<Full<Bytes>>, Fault> {
    let unreachable = |error: &dyn Error| Fault::Unreachable(told(error));
    let stream = TcpStream::connect((target.host.as_str(), target.port)).await.map_err(|error| unreachable(&error))?;
    stream.set_nodelay(true).map_err(|error| unreachable(&error))?;
    match &target.tls {
        None => begin(stream).await,
        Some((connector, name)) => {
            let stream = connector.connect(name.clone(), stream).await.map_err(|error| unreachable(&error))?;
            begin(stream).await
        }
    }
}

async fn begin<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(
    stream: S,
) -> Result<SendRequest<Full<Bytes>>, Fault> {
    let (sender, connection) =
        handshake(TokioIo::new(stream)).await.map_err(|error| Fault::Unreachable(told(&error)))?;
    // How it ends is seen by the request that is under way, or by the next.
    tokio::spawn(async { connection.await.unwrap_or_default() });
    Ok(sender)
}

async fn read(answer: Response<Incoming>) -> Result<Reply, Fault> {
    let status = answer.status().as_u16();
    let headers = answer.headers().clone();
    let retry_after = text(&headers, &RETRY_AFTER).and_then(|given| retry_after(given, text(&headers, &DATE)));
    let announced = text(&headers, &CONTENT_LENGTH).and_then(|length| length.parse().ok()).unwrap_or_default();
    if announced > REPLY_BYTES_MAX {
        return Err(Fault::TooLong);
    }
    let mut incoming = answer.into_body();
    let mut body = Vec::with_capacity(announced);
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| Fault::Broken(told(&error)))?;
        let Some(data) = frame.data_ref() else { continue };
        if body.len() + data.len() > REPLY_BYTES_MAX {
            return Err(Fault::TooLong);
        }
        body.extend_from_slice(data);
    }
    Ok(Reply { status, body, retry_after, headers })
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// The error and what caused it, in one line.
fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
