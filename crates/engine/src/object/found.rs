//! What a target's answers mean.

use crate::cycle::Trouble;
use crate::{Answer, Body, Reply, cut, listed};
use provost_change::ResourceId;
use serde_json::Value;

/// Why something did not work with one object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    /// As the provisioning log calls it.
    pub code: &'static str,
    /// One sentence, with the target's answer.
    pub reason: String,
    /// Why the target cannot be used for any object.
    pub trouble: Option<Trouble>,
    /// Whether the target may have done it all the same.
    pub is_uncertain: bool,
    /// Whether the target says that it does not have the resource.
    pub is_missing: bool,
    /// Which object has at the target what this one would be.
    pub holder: Option<ResourceId>,
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To find resources.
    Query,
    /// To read one.
    Read,
    /// To write one.
    Write,
}

/// What a query found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Found {
    None,
    One(Value),
    Several(usize),
}

const INCOMPATIBLE: &str = "SystemForCrossDomainIdentityManagementServiceIncompatible";

impl Problem {
    pub fn new(code: &'static str, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), trouble: None, is_uncertain: false, is_missing: false, holder: None }
    }

    /// A target that does not keep to the protocol.
    pub fn incompatible(reason: impl Into<String>) -> Self {
        Self { is_uncertain: true, ..Self::new(INCOMPATIBLE, reason) }
    }

    /// What it means when the target was only asked whether it can be used.
    pub fn of_probe(self, reply: &Reply) -> Trouble {
        let is_away = match reply {
            Reply::TimedOut | Reply::Unreachable(_) => true,
            Reply::Answered(answer) => answer.status == 429 || answer.status >= 500,
            Reply::Forbidden(_) | Reply::Unclear(_) => false,
        };
        match self.trouble {
            Some(trouble) => trouble,
            None if is_away => Trouble::Away(self.reason),
            None => Trouble::Unusable(self.reason),
        }
    }
}

impl Found {
    /// Reads the reply to a query.
    pub fn read(reply: &Reply) -> Result<Self, Problem> {
        let answer = answered(reply, Purpose::Query)?;
        let body = json(answer)?;
        let resources = listed(body).map_err(Problem::incompatible)?;
        let total = body.get("totalResults").and_then(Value::as_u64).and_then(|total| usize::try_from(total).ok());
        match (resources.as_slice(), total.unwrap_or(resources.len())) {
            ([], 0) => Ok(Self::None),
            ([one], 0 | 1) => Ok(Self::One((*one).clone())),
            ([], total) => Err(Problem::incompatible(format!(
                "the target says that {total} resources match, and shows none of them"
            ))),
            (several, total) => Ok(Self::Several(total.max(several.len()))),
        }
    }
}

/// The JSON in an answer.
pub(crate) fn json(answer: &Answer) -> Result<&Value, Problem> {
    match &answer.body {
        Body::Json(body) => Ok(body),
        Body::Empty => Err(Problem::incompatible("the target answered without the resource that was asked for")),
        Body::Other(text) => {
            Err(Problem::incompatible(format!("the target answered with something else than JSON: {}", cut(text))))
        }
        Body::TooLong => Err(Problem::incompatible("the target's answer is longer than what is read of one")),
    }
}

/// The answer, if the target did what was wanted.
pub(crate) fn answered(reply: &Reply, purpose: Purpose) -> Result<&Answer, Problem> {
    match reply {
        Reply::Answered(answer) if (200..300).contains(&answer.status) => Ok(answer),
        Reply::Answered(answer) => Err(refused(answer, purpose)),
        Reply::TimedOut => Err(Problem {
            is_uncertain: true,
            ..Problem::new("Timeout", "the target did not answer in time; it may have done what it was asked")
        }),
        Reply::Unreachable(why) => Err(Problem {
            is_uncertain: true,
            ..Problem::new("WebExceptionProtocolError", format!("the target could not be reached: {why}"))
        }),
        Reply::Forbidden(why) => {
            Err(Problem { trouble: Some(Trouble::Unusable(why.clone())), ..Problem::new("NotPermitted", why.clone()) })
        }
        Reply::Unclear(why) => Err(Problem::incompatible(why.clone())),
    }
}

fn refused(answer: &Answer, purpose: Purpose) -> Problem {
    let status = answer.status;
    let code = match (status, purpose) {
        (400, _) => "UnprocessableEntity",
        (401, _) => "Unauthorized",
        (403, _) => "InsufficientRights",
        (404, Purpose::Query) => INCOMPATIBLE,
        (404, Purpose::Read | Purpose::Write) => "InvalidAnchor",
        (405, _) => "MethodNotAllowed",
        (409, _) => "EntryConflict",
        (413 | 414, _) => "WebExceptionProtocolError",
        (422, _) => "UnprocessableEntity",
        (429, _) => "TooManyRequests",
        (501, _) => "NotImplemented",
        (500.., _) => "InternalServerError",
        (_, _) => INCOMPATIBLE,
    };
    let reason = format!("the target answered with status {status}{}", told(answer));
    let unusable = match (status, purpose) {
        (401, _) | (403, Purpose::Query) => {
            Some(format!("the target does not accept the secret token ({reason}): check it, and set a new one"))
        }
        (404, Purpose::Query) => Some(format!(
            "the target answers 404 to a query that finds nothing, where an empty list is due ({reason}): check the tenant URL"
        )),
        (300..=399, Purpose::Query) => {
            Some(format!("the target answers queries by leading elsewhere ({reason}): check the tenant URL"))
        }
        (_, _) => None,
    };
    Problem {
        trouble: unusable.map(Trouble::Unusable),
        is_uncertain: status >= 500 && status != 501,
        is_missing: status == 404 && purpose != Purpose::Query,
        ..Problem::new(code, reason)
    }
}

/// What the target says of it, cut short.
fn told(answer: &Answer) -> String {
    let text = match &answer.body {
        Body::Empty => return String::new(),
        Body::Json(body) => in_words(body).unwrap_or_else(|| body.to_string()),
        Body::Other(text) => text.clone(),
        Body::TooLong => "more than is read of an answer".to_owned(),
    };
    format!(": {}", cut(&text))
}

/// A SCIM error as a sentence (RFC 7644 §3.12); `None` for whatever says nothing for people.
fn in_words(body: &Value) -> Option<String> {
    let detail = body["detail"].as_str().filter(|detail| !detail.trim().is_empty())?;
    Some(match body["scimType"].as_str() {
        Some(kind) => format!("{detail} ({kind})"),
        None => detail.to_owned(),
    })
}
