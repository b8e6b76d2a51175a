//! What sends: connections that are kept, over TLS where the URL says so, to addresses that may be reached.

use super::{TargetError, TargetLimits, guard::GuardedResolver};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, Uri, body::Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::ClientConfig;
use std::{io, time::Duration};

/// Connections of one target that are kept for the next request.
const IDLE_MAX: usize = 32;
/// How long they are kept: shorter than servers do.
const IDLE_TIME: Duration = Duration::from_secs(20);

/// Sends requests, with connections of its own. Redirects are answers, no proxy is asked, and nothing is sent twice that may have arrived.
#[derive(Clone)]
pub(super) struct Http(Client<HttpsConnector<HttpConnector<GuardedResolver>>, Full<Bytes>>);

impl Http {
    pub fn new(tls: ClientConfig, resolver: GuardedResolver, limits: TargetLimits) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(limits.connect));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .enable_http2()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE_TIME)
            .pool_max_idle_per_host(IDLE_MAX)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Self(client)
    }

    /// Sends a request; the answer's body is still to be read.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Error> {
        self.0.request(request).await
    }
}

/// Where a URL leads, for errors: it has no secret.
pub(super) fn origin(uri: &Uri) -> String {
    format!("{}://{}", uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |authority| authority.as_str()))
}

/// Why a request has no answer.
pub(super) fn cause_of(error: &(dyn std::error::Error + 'static), uri: &Uri, limits: TargetLimits) -> TargetError {
    for source in sources(error) {
        if let Some(forbidden) = source.downcast_ref::<super::guard::Forbidden>() {
            return TargetError::Forbidden(forbidden.to_string());
        }
        if source.downcast_ref::<super::guard::Unresolved>().is_some() {
            return TargetError::Name(cause(error));
        }
        if let Some(rustls::Error::InvalidCertificate(_)) = source.downcast_ref::<rustls::Error>() {
            return TargetError::Certificate(cause(error));
        }
        if source.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            return TargetError::TimedOut(limits.connect);
        }
    }
    TargetError::Connection(format!("{}: {}", origin(uri), cause(error)))
}

/// What an error comes from, itself first. Some errors of I/O hide what they wrap from `source`.
fn sources<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn std::error::Error + 'static)| {
        let error: &'e (dyn std::error::Error + 'static) = *error;
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        }
    })
}

/// What lies at the bottom of an error, in one bounded line.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let deepest = sources(error).last().map(ToString::to_string).unwrap_or_default();
    super::shortened(&deepest)
}
