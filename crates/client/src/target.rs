//! SCIM targets: one request to a tenant URL, and what came of it.
//!
//! Administrators of accounts choose where these requests go, so nothing of it is trusted: [`Reach`] says where they may go, answers are
//! read up to a bound, redirects are not followed, and a target that does not answer costs a bounded time.

mod answer;
mod base;
mod guard;
mod http;
mod plain;

pub use answer::{TargetAnswer, TargetBody};
pub use base::{TargetBase, TargetBaseError};
pub use guard::{Reach, is_public};
pub use plain::{ClientSecret, check_url};

use bytes::Bytes;
use guard::GuardedResolver;
use http::{Http, cause_of};
use http_body_util::Full;
use hyper::{
    Method, Request,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::time::timeout;

/// What a body is.
const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json; charset=utf-8");
/// What an answer may be.
const ACCEPTED: HeaderValue = HeaderValue::from_static("application/scim+json, application/json;q=0.9");
/// Longest token, in bytes: servers take 8 KiB of headers, mostly.
const TOKEN_BYTES_MAX: usize = 4_096;
/// What is kept of an error or of an answer that is no JSON, in characters.
const SAID_MAX: usize = 500;

/// How long a target may take, and how much of its answer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetLimits {
    /// Until there is a connection.
    pub connect: Duration,
    /// Until the answer is read, in all.
    pub request: Duration,
    /// Bytes of a body.
    pub answer_bytes: usize,
}

impl Default for TargetLimits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), request: Duration::from_secs(60), answer_bytes: 4 << 20 }
    }
}

/// Makes connections to targets, all under the same rules.
pub struct Outbound {
    reach: Reach,
    limits: TargetLimits,
    tls: OnceLock<Option<ClientConfig>>,
}

/// A target with what authenticates there. It keeps connections of its own, so that one that is slow takes nobody else's.
pub struct Target {
    http: Http,
    url: TargetBase,
    authorization: Option<HeaderValue>,
    limits: TargetLimits,
}

/// A request below a tenant URL.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TargetRequest<'r> {
    /// Which verb.
    pub method: TargetMethod,
    /// What follows the base, query included and percent-encoded, such as `/Users/2819c223`.
    pub path: &'r str,
    /// The body: JSON.
    pub body: Option<&'r str>,
    /// What of the answer is wanted.
    pub reads: TargetReads,
}

/// What is read of an answer that says that all is well; of any other it is everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TargetReads {
    /// Everything.
    #[default]
    Whole,
    /// The `id` alone, where it is an object.
    Id,
}

/// The verbs that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetMethod {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

/// Why there is no answer. `Debug` and `Display` hold no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It must not be sent there. Nothing was.
    #[error("{0}")]
    Forbidden(String),
    /// The host's name has no address. Nothing was sent.
    #[error("the host's name could not be resolved: {0}")]
    Name(String),
    /// The certificate is not trusted, or not for this host. Nothing was sent.
    #[error("the certificate is not taken: {0}")]
    Certificate(String),
    /// No connection came about, or it broke: the target may have done it.
    #[error("{0}")]
    Connection(String),
    /// No answer in time: the target may have done it.
    #[error("no answer within {} seconds", .0.as_secs_f32())]
    TimedOut(Duration),
}

/// A token that no header can carry. Does not repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token is at most {TOKEN_BYTES_MAX} visible ASCII characters, without spaces")]
pub struct TokenError;

impl Outbound {
    /// Reaches what `reach` says and trusts the certificates that this machine trusts, or those in the file that `SSL_CERT_FILE` names.
    pub fn new(reach: Reach, limits: TargetLimits) -> Self {
        Self { reach, limits, tls: OnceLock::new() }
    }

    /// The same, trusting these certificates and no others.
    pub fn trusting(reach: Reach, limits: TargetLimits, roots: RootCertStore) -> Self {
        Self { reach, limits, tls: OnceLock::from(tls(roots)) }
    }

    /// Where requests may go.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// A target. Nothing is sent yet.
    ///
    /// # Errors
    /// A token that no header can carry; TLS that cannot be set up on this machine.
    pub fn target(&self, url: TargetBase, token: Option<&str>) -> Result<Target, TargetError> {
        let authorization = token.map(authorization).transpose();
        let authorization = authorization.map_err(|error| TargetError::Connection(error.to_string()))?;
        Ok(Target { http: self.http()?, url, authorization, limits: self.limits })
    }

    /// Something that sends requests, with connections of its own.
    fn http(&self) -> Result<Http, TargetError> {
        let tls = self.tls.get_or_init(|| tls(machine_roots())).clone();
        let tls = tls.ok_or_else(|| TargetError::Connection("TLS cannot be set up on this machine".to_owned()))?;
        Ok(Http::new(tls, GuardedResolver(self.reach), self.limits))
    }
}

impl Target {
    /// Sends a request and reads the answer. It is sent once at most.
    ///
    /// # Errors
    /// When there is no answer; what that says of the request stands at [`TargetError`].
    pub async fn send(&self, request: TargetRequest<'_>) -> Result<TargetAnswer, TargetError> {
        let uri = self.url.join(request.path).map_err(|error| TargetError::Forbidden(error.to_string()))?;
        let mut sent = Request::new(Full::default());
        (*sent.method_mut(), *sent.uri_mut()) = (request.method.into(), uri);
        sent.headers_mut().insert(ACCEPT, ACCEPTED);
        if let Some(authorization) = &self.authorization {
            sent.headers_mut().insert(AUTHORIZATION, authorization.clone());
        }
        if let Some(body) = request.body {
            sent.headers_mut().insert(CONTENT_TYPE, SCIM_JSON);
            *sent.body_mut() = Full::from(body.to_owned());
        }
        exchange(&self.http, sent, request.reads, self.limits).await
    }
}

/// Sends a request and reads the answer, within the limits.
async fn exchange(
    http: &Http,
    request: Request<Full<Bytes>>,
    reads: TargetReads,
    limits: TargetLimits,
) -> Result<TargetAnswer, TargetError> {
    let uri = request.uri().clone();
    let exchanged = timeout(limits.request, async {
        let answer = http.send(request).await.map_err(|error| cause_of(&error, &uri, limits))?;
        answer::read(answer, limits.answer_bytes, reads).await.map_err(|error| cause_of(&error, &uri, limits))
    });
    exchanged.await.unwrap_or(Err(TargetError::TimedOut(limits.request)))
}

impl From<TargetMethod> for Method {
    fn from(method: TargetMethod) -> Self {
        match method {
            TargetMethod::Get => Self::GET,
            TargetMethod::Post => Self::POST,
            TargetMethod::Patch => Self::PATCH,
            TargetMethod::Delete => Self::DELETE,
        }
    }
}

/// Whether a text can be sent as a token.
///
/// # Errors
/// When it cannot.
pub fn check_token(token: &str) -> Result<(), TokenError> {
    let fits = (1..=TOKEN_BYTES_MAX).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(()) } else { Err(TokenError) }
}

fn authorization(token: &str) -> Result<HeaderValue, TokenError> {
    check_token(token)?;
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| TokenError)?;
    value.set_sensitive(true);
    Ok(value)
}

fn machine_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn tls(roots: RootCertStore) -> Option<ClientConfig> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    Some(config.with_safe_default_protocol_versions().ok()?.with_root_certificates(roots).with_no_client_auth())
}

/// One line of at most [`SAID_MAX`] characters.
fn shortened(text: &str) -> String {
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(SAID_MAX).collect::<String>().trim().to_owned()
}
