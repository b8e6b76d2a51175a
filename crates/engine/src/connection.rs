//! Testing a connection: what is asked of a target before anything is sent, and what its answers mean to a person.

use crate::{Answer, Body, Mappings, Method, ObjectMapping, Objects, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// What a query of a URL can hold as it is.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What is repeated of a target's answer, in characters.
const SAID_MAX: usize = 200;

/// What is asked about one kind of object.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// About which kind.
    pub of: Objects,
    /// A search that nothing can match.
    pub request: Request,
}

/// What a test of a connection finds, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The target can be provisioned into.
    Success,
    /// It has no groups, and groups are mapped.
    GroupsNotSupported,
    /// It answers a search with what was not searched for.
    FilterIgnored,
    /// It refuses to search by the matching attribute.
    FilterRefused,
    /// Something answers, and not as a SCIM server does.
    NotScim,
    /// It wants to be left alone for a while.
    Throttled,
    /// It fails itself.
    TargetFailing,
    /// It sends us to another URL.
    Redirected,
    /// It is there, and nothing is at this path.
    EndpointNotFound,
    /// It does not take the token.
    CredentialsInvalid,
    /// The app has no token.
    CredentialsMissing,
    /// Its certificate is not trusted, or not for this host.
    Certificate,
    /// It does not answer in time.
    TimedOut,
    /// Nobody answers there.
    Unreachable,
    /// Requests must not be sent there.
    Forbidden,
}

/// A finding with a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What was found.
    pub finding: Finding,
    /// In words.
    pub detail: String,
}

/// The searches of a test (reference: "Test connection and credential validation"), each for a value that nobody has, by the attribute
/// with the first matching precedence. Users are always asked for, so that credentials are tried; groups where they are mapped.
pub fn probes(mappings: &Mappings, nobody: Uuid) -> Vec<Probe> {
    let probe = |of: Objects, mapping: &ObjectMapping, collection: &str, otherwise: &str| {
        let matching = mapping.attributes.iter().filter(|row| row.matching.is_some());
        let attribute = matching.min_by_key(|row| row.matching).map_or(otherwise, |row| &row.target);
        let filter = format!("{attribute} eq \"{nobody}\"");
        let path = format!("{collection}filter={}", utf8_percent_encode(&filter, IN_QUERY));
        Probe { of, request: Request::plain(Method::Get, path) }
    };
    let users = probe(Objects::Users, &mappings.users, "/Users?", "userName");
    let groups = probe(Objects::Groups, &mappings.groups, "/Groups?excludedAttributes=members&", "displayName");
    std::iter::once(users).chain(mappings.groups.enabled.then_some(groups)).collect()
}

/// What an answer to a probe means.
pub fn judge(of: Objects, answer: &Answer) -> Verdict {
    let Answer { status, body, .. } = answer;
    let collection = match of {
        Objects::Users => "/Users",
        Objects::Groups => "/Groups",
    };
    let said = said(body);
    let (finding, detail) = match (status, of) {
        (200, _) => found(collection, body),
        (401 | 403, _) => (
            Finding::CredentialsInvalid,
            format!("credentials invalid: the target answered {status} to the secret token{said}; give it another one"),
        ),
        (404 | 501, Objects::Groups) => (
            Finding::GroupsNotSupported,
            format!(
                "the target has no groups: it answered {status} at {collection}{said}; switch the mapping of groups off"
            ),
        ),
        (404, _) => (
            Finding::EndpointNotFound,
            format!(
                "endpoint not found: the target answered 404 at {collection}{said}; see whether the tenant URL is its SCIM base"
            ),
        ),
        (429, _) => {
            (Finding::Throttled, format!("the target wants to be left alone for a while (429){said}; try again later"))
        }
        (300..=399, _) => (Finding::Redirected, format!("the target redirects ({status}){said}")),
        (500..=599, _) => {
            (Finding::TargetFailing, format!("the target fails itself: it answered {status} at {collection}{said}"))
        }
        (400..=499, _) => (
            Finding::FilterRefused,
            format!(
                "the target refuses the search by the matching attribute: it answered {status} at {collection}{said}"
            ),
        ),
        (_, _) => (Finding::NotScim, format!("not a SCIM server: it answered {status} at {collection}{said}")),
    };
    Verdict { finding, detail }
}

/// What a search that was answered found.
fn found(collection: &str, body: &Body) -> (Finding, String) {
    let not_scim = |what: &str| {
        (
            Finding::NotScim,
            format!(
                "not a SCIM server: {collection} answered 200 with {what}; see whether the tenant URL is its SCIM base"
            ),
        )
    };
    let answer = match body {
        Body::Empty => return not_scim("nothing"),
        Body::Other(text) => return not_scim(&format!("something that is no JSON, `{}`", short(text))),
        Body::TooLong => return not_scim("more than is read"),
        Body::Json(answer) => answer,
    };
    let resources = answer.get("Resources").and_then(Value::as_array).map(Vec::len);
    let total = answer.get("totalResults").and_then(Value::as_u64);
    match (total, resources) {
        (None, None) => not_scim("JSON that is no list of resources"),
        (Some(0), None | Some(0)) | (None, Some(0)) => {
            (Finding::Success, format!("{collection} answered the search as it should"))
        }
        (total, resources) => {
            let count = resources.filter(|count| *count > 0).map_or(total.unwrap_or_default(), |count| count as u64);
            let problem = format!("{collection} answered with {count} resources to a search that nothing can match");
            (
                Finding::FilterIgnored,
                format!("the target ignores filters: {problem}, so people would be taken for others"),
            )
        }
    }
}

/// What a target says of an error, for the end of a sentence.
pub(crate) fn said(body: &Body) -> String {
    let text = match body {
        Body::Json(error) => error.get("detail").and_then(Value::as_str).unwrap_or_default(),
        Body::Other(text) => text,
        Body::Empty | Body::TooLong => "",
    };
    if text.is_empty() { String::new() } else { format!(" (“{}”)", short(text)) }
}

fn short(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SAID_MAX).collect();
    line.trim().to_owned()
}

/// The worst of several verdicts, the first of those that are equally bad: the one that has to be dealt with first.
pub fn worst(verdicts: impl IntoIterator<Item = Verdict>) -> Option<Verdict> {
    verdicts.into_iter().reduce(|worst, next| if next.finding as u8 > worst.finding as u8 { next } else { worst })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(status: u16, body: Body) -> Answer {
        Answer { status, retry_after: None, body }
    }

    #[test]
    fn f_5_4_8_users_and_groups_are_searched_for_somebody_who_is_nobody() {
        let nobody = Uuid::from_u128(0x4d32_ab19_ae09_4236_82fa_1576_8bc4_8f08);
        let mut mappings = Mappings::default();
        let paths = |mappings: &Mappings| -> Vec<String> {
            probes(mappings, nobody).into_iter().map(|probe| probe.request.path).collect()
        };
        let users = "/Users?filter=userName%20eq%20%224d32ab19-ae09-4236-82fa-15768bc48f08%22";
        let groups =
            "/Groups?excludedAttributes=members&filter=displayName%20eq%20%224d32ab19-ae09-4236-82fa-15768bc48f08%22";
        assert_eq!(paths(&mappings), [users, groups]);
        mappings.groups.enabled = false;
        assert_eq!(paths(&mappings), [users]);
        mappings.users.attributes.iter_mut().for_each(|row| row.matching = None);
        assert_eq!(paths(&mappings), [users], "without a matching attribute, userName is asked for");
        mappings.users.attributes[3].matching = Some(2);
        mappings.users.attributes[4].matching = Some(1);
        mappings.users.attributes[4].target = "emails[type eq \"work\"].value".to_owned();
        let by_mail =
            "/Users?filter=emails%5Btype%20eq%20%22work%22%5D.value%20eq%20%224d32ab19-ae09-4236-82fa-15768bc48f08%22";
        assert_eq!(paths(&mappings), [by_mail]);
    }

    #[test]
    fn u_34_an_answer_means_something_to_a_person() {
        let list = |total: u64, resources: Value| Body::Json(json!({"totalResults": total, "Resources": resources}));
        let error = |detail: &str| Body::Json(json!({"detail": detail}));
        let (users, groups) = (Objects::Users, Objects::Groups);
        for (of, status, body, finding, begins) in [
            (users, 200, list(0, json!([])), Finding::Success, "/Users answered the search"),
            (users, 200, Body::Json(json!({"totalResults": 0})), Finding::Success, "/Users answered"),
            (
                users,
                200,
                list(7, json!([{"id": "1"}])),
                Finding::FilterIgnored,
                "the target ignores filters: /Users answered with 1 res",
            ),
            (
                users,
                200,
                list(7, json!([])),
                Finding::FilterIgnored,
                "the target ignores filters: /Users answered with 7 res",
            ),
            (
                users,
                200,
                Body::Json(json!([])),
                Finding::NotScim,
                "not a SCIM server: /Users answered 200 with JSON that is no list",
            ),
            (
                users,
                200,
                Body::Other("<html>".to_owned()),
                Finding::NotScim,
                "not a SCIM server: /Users answered 200 with something",
            ),
            (users, 200, Body::Empty, Finding::NotScim, "not a SCIM server"),
            (users, 200, Body::TooLong, Finding::NotScim, "not a SCIM server"),
            (users, 204, Body::Empty, Finding::NotScim, "not a SCIM server: it answered 204"),
            (
                users,
                401,
                error("no key"),
                Finding::CredentialsInvalid,
                "credentials invalid: the target answered 401 to the secret token (“no key”)",
            ),
            (groups, 403, Body::Empty, Finding::CredentialsInvalid, "credentials invalid"),
            (
                users,
                404,
                Body::Empty,
                Finding::EndpointNotFound,
                "endpoint not found: the target answered 404 at /Users",
            ),
            (groups, 404, Body::Empty, Finding::GroupsNotSupported, "the target has no groups"),
            (groups, 501, Body::Empty, Finding::GroupsNotSupported, "the target has no groups"),
            (
                users,
                302,
                Body::Other("the target redirects to x".to_owned()),
                Finding::Redirected,
                "the target redirects (302)",
            ),
            (users, 400, error("bad filter"), Finding::FilterRefused, "the target refuses the search"),
            (users, 429, Body::Empty, Finding::Throttled, "the target wants to be left alone"),
            (users, 503, Body::Empty, Finding::TargetFailing, "the target fails itself: it answered 503 at /Users"),
        ] {
            let verdict = judge(of, &answer(status, body));
            assert_eq!(verdict.finding, finding, "{status}");
            assert!(verdict.detail.starts_with(begins), "{}", verdict.detail);
        }
    }

    #[test]
    fn what_has_to_be_dealt_with_first_is_the_verdict() {
        let verdict = |finding| Verdict { finding, detail: String::new() };
        let worst =
            |findings: &[Finding]| super::worst(findings.iter().copied().map(verdict)).map(|found| found.finding);
        assert_eq!(worst(&[Finding::Success, Finding::GroupsNotSupported]), Some(Finding::GroupsNotSupported));
        assert_eq!(worst(&[Finding::EndpointNotFound, Finding::GroupsNotSupported]), Some(Finding::EndpointNotFound));
        assert_eq!(worst(&[]), None);
    }
}
