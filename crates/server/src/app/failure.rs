//! Everything that can stand in the way of an answer, and what each surface says then.

use crate::{body::BodyError, failed::RetryAfter, problem::Problem, scim_reply, search::SCAN_MAX, surface::Surface};
use axum::{
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use provost_accounts::{Corrupt, Refused, groups, users};
use provost_engine::registry;
use provost_scim::{ScimError, ScimType};
use provost_store::StoreError;

/// Why a request is not done. One place maps it to each surface, so that a new failure has to choose its answers here.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The account's rules or the protocol refuse it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The credential is missing or not taken. Says nothing about which.
    #[error("authentication is required: send `Authorization: Bearer` with a valid key")]
    Unauthenticated,
    /// The credential is good, but not for this.
    #[error("{0}")]
    Forbidden(String),
    /// Too many wrong credentials came from this address.
    #[error("too many failed attempts from this address; wait before trying again")]
    TooManyAttempts(RetryAfter),
    /// The admin app asks more often than its account's policy allows.
    #[error("too many requests with this key (policy field `limits.requests_per_second`); wait before the next one")]
    TooManyRequests(RetryAfter),
    /// Too many requests of the caller's account are under way.
    #[error("too many requests of this account are being answered at once; wait before the next one")]
    TooManyAtOnce(RetryAfter),
    /// There is no such account, or it is not the caller's.
    #[error("no such account")]
    NoAccount,
    /// The body was not taken.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// A member of the body is not what is taken there.
    #[error("{}{problem}", named(pointer))]
    Member {
        /// JSON pointer (RFC 6901) to it; empty for the body itself.
        pointer: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The resource is not at the version that the client named.
    #[error("the resource has another version than If-Match names; read it again")]
    Precondition,
    /// Nothing is served there.
    #[error("nothing is served at this path")]
    NoRoute,
    /// The path does not answer this method.
    #[error("this path answers {0} only")]
    Method(&'static str),
    /// Too many writers at once, for too long.
    #[error("the resource is being changed by many at once; try again")]
    Busy,
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is stored cannot be read.
    #[error("the store is damaged: {0}")]
    Damaged(String),
}

impl From<Corrupt> for Failure {
    fn from(error: Corrupt) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<ScimError> for Failure {
    fn from(error: ScimError) -> Self {
        Self::Refused(error.into())
    }
}

/// The beginning of a sentence about a member of the body.
fn named(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!("`{pointer}`: ") }
}

/// How long a client waits before it tries again when the store is away, in seconds.
const RETRY_AFTER_SECONDS: u16 = 5;

impl Failure {
    /// Status, keyword and sentence. Causes inside the server go to its log, not to the client.
    pub fn scim(&self) -> ScimError {
        let plain = |status: u16| ScimError::status(status, self.to_string());
        match self {
            Self::Refused(refused) => refused.error.clone(),
            Self::Unauthenticated => plain(401),
            Self::Forbidden(_) => plain(403),
            Self::TooManyAttempts(_) | Self::TooManyRequests(_) | Self::TooManyAtOnce(_) => plain(429),
            Self::NoAccount | Self::NoRoute => plain(404),
            Self::Body(error) => (*error).into(),
            Self::Member { .. } => ScimError::bad_request(ScimType::InvalidValue, self.to_string()),
            Self::Precondition => plain(412),
            Self::Method(_) => plain(405),
            Self::Busy => plain(503),
            Self::Store(error) => match error {
                StoreError::TooMany => ScimError::bad_request(
                    ScimType::TooMany,
                    format!(
                        "this filter or order needs to look at more than {SCAN_MAX} resources: filter by `eq` or `sw` on an attribute that \
                         has an index, such as userName, externalId, emails.value or id"
                    ),
                ),
                StoreError::NoAccount => plain(404),
                StoreError::Uniqueness { space, .. } => taken(space).error,
                StoreError::AccountExists | StoreError::Bound { .. } => plain(409),
                StoreError::VersionChanged | StoreError::ConfigChanged => Self::Busy.scim(),
                StoreError::Frozen(_) => plain(503),
                StoreError::Unavailable(_) => ScimError::status(503, "the store is unavailable; try again"),
                StoreError::Corrupt(_) => {
                    ScimError::status(500, "the server failed to answer; its log has the request id")
                }
            },
            Self::Damaged(_) => ScimError::status(500, "the server failed to answer; its log has the request id"),
        }
    }

    fn problem(&self, status: StatusCode, error: ScimError) -> Problem {
        let kind = self.kind(error.scim_type);
        let problem = Problem::new(status, error.detail);
        let problem = match kind {
            Some((code, title)) => problem.with_code(code, title),
            None => problem,
        };
        match self {
            Self::Member { pointer, problem: fault } => problem.with_error(pointer.clone(), fault.clone()),
            _ => problem,
        }
    }

    /// Code and title of the kind of problem, where the status does not say it all.
    fn kind(&self, keyword: Option<ScimType>) -> Option<(&'static str, &'static str)> {
        if matches!(self, Self::Refused(refused) if refused.field.is_some()) {
            return Some(("policy", "The account's policy refuses it"));
        }
        match keyword? {
            ScimType::InvalidFilter => Some(("invalid-filter", "The filter cannot be read")),
            ScimType::TooMany => Some(("too-many", "Too many records to look at")),
            ScimType::Uniqueness => Some(("name-taken", "The name is taken")),
            ScimType::InvalidSyntax => Some(("invalid-syntax", "The body cannot be read")),
            ScimType::InvalidValue => Some(("invalid-value", "A value is not taken")),
            ScimType::Mutability
            | ScimType::InvalidPath
            | ScimType::NoTarget
            | ScimType::InvalidVers
            | ScimType::Sensitive
            | ScimType::InvalidCursor
            | ScimType::ExpiredCursor
            | ScimType::InvalidCount => None,
        }
    }

    /// The answer in the form of a surface.
    pub fn answer(&self, surface: Surface) -> Response {
        let error = self.scim();
        // What a policy does not offer is no fault of the server.
        if error.status >= 500 && error.status != 501 {
            tracing::error!(cause = %self, "A request could not be served.");
        }
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = match surface {
            Surface::Scim => scim_reply::error(&error),
            Surface::Page => surface.error(status, &error.detail),
            Surface::Api | Surface::Other => self.problem(status, error).into_response(),
        };
        match self {
            Self::TooManyAttempts(wait) | Self::TooManyRequests(wait) | Self::TooManyAtOnce(wait) => {
                return wait.on(answer);
            }
            Self::Refused(Refused { retry_after: Some(seconds), .. }) => {
                drop(answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds)));
            }
            Self::Method(allowed) => drop(answer.headers_mut().insert("allow", HeaderValue::from_static(allowed))),
            _ if status == StatusCode::SERVICE_UNAVAILABLE => {
                drop(answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS)));
            }
            _ => {}
        }
        answer
    }
}

/// What a value that another record has means to the client. The name of a space is the kind of the record and the attribute.
pub(super) fn taken(space: &str) -> Refused {
    if space == groups::DISPLAY_NAME {
        return groups::name_in_use();
    }
    if space == groups::SOURCE {
        let detail = "another group of this source has this `externalId`".to_owned();
        return ScimError { status: 409, scim_type: Some(ScimType::Uniqueness), detail }.into();
    }
    if let Some(refused) = registry::taken(space) {
        return refused;
    }
    let custom = space.strip_prefix("custom.").and_then(|rest| rest.split_once('.')).map(|(_, attribute)| attribute);
    let own = custom.or_else(|| space.strip_prefix("Group."));
    match own {
        None => users::uniqueness_refusal(space),
        Some(attribute) => ScimError {
            status: 409,
            scim_type: Some(ScimType::Uniqueness),
            detail: format!("another resource has this value of `{attribute}`"),
        }
        .into(),
    }
}
