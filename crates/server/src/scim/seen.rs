//! What the request log keeps of a request: noted behind its answer, without keeping the answer waiting for a store.

use crate::app::{App, Caller, NotedRequest, Principal};
use axum::{
    body::Body,
    http::{HeaderMap, Method, Uri, header::CONTENT_TYPE, request::Parts},
    response::Response,
};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use jiff::Timestamp;
use provost_change::{AccountId, ResourceId};
use serde_json::Value;
use std::{
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

/// How much of a body is looked at, in bytes.
const BODY_MAX: usize = 16 * 1024;
/// How much of a body is kept, in characters.
const KEPT_MAX: usize = 4_000;
/// Longest path that is kept, in characters.
const PATH_MAX: usize = 1_000;
/// Longest user agent, name and detail that are kept, in characters.
const TEXT_MAX: usize = 500;
/// Errors are short.
const ANSWER_MAX: usize = 64 * 1024;

/// A request under way.
pub(super) struct Seen {
    app: App,
    account: AccountId,
    asker: ResourceId,
    key: String,
    client_ip: IpAddr,
    user_agent: Option<String>,
    request_id: String,
    at: Timestamp,
    method: Method,
    uri: Uri,
    body: Option<Arc<Mutex<BytesMut>>>,
}

impl Seen {
    /// Begins to look at a request. The body that comes back is to be read instead of its own.
    pub fn of(app: &App, caller: &Caller, request: &Parts, body: Body) -> (Option<Self>, Body) {
        let Principal::App { config, app: asker, key, .. } = &caller.principal else { return (None, body) };
        let now = app.now();
        app.note_dialect(config.id, asker.id, |seen| {
            seen.request(caller.user_agent.as_deref(), request.uri.query(), now)
        });
        let read = (request.method != Method::GET).then(|| Arc::new(Mutex::new(BytesMut::new())));
        let seen = Self {
            app: app.clone(),
            account: config.id,
            asker: asker.id,
            key: key.clone(),
            client_ip: caller.client_ip,
            user_agent: caller.user_agent.clone(),
            request_id: caller.request_id.clone(),
            at: now,
            method: request.method.clone(),
            uri: request.uri.clone(),
            body: read.clone(),
        };
        let body = match read {
            Some(read) => Body::new(Tee { body, read }),
            None => body,
        };
        (Some(seen), body)
    }

    /// Notes the request with its answer, which is handed back.
    pub async fn note(self, answer: Response) -> Response {
        let status = answer.status().as_u16();
        let now = self.app.now();
        if !self.app.keeps_request(self.account, status, now) {
            return answer;
        }
        let (answer, detail) = if status >= 400 { detail_of(answer).await } else { (answer, None) };
        let read =
            |body: Arc<Mutex<BytesMut>>| std::mem::take(&mut *body.lock().unwrap_or_else(PoisonError::into_inner));
        let text = self.body.map(read).unwrap_or_default();
        let body: Option<Value> = serde_json::from_slice(&text).ok();
        let name = body.as_ref().and_then(|body| body.get("userName").or(body.get("displayName")));
        let name = name.and_then(Value::as_str).map(|name| cut(&without_keys(name), TEXT_MAX));
        let kept = (status >= 400 && !text.is_empty()).then(|| kept(body, &text));
        let path = cut(&address(&self.uri), PATH_MAX);
        let noted = NotedRequest {
            at: self.at,
            method: self.method.to_string(),
            resource: resource(&path),
            path,
            status,
            duration_ms: u64::try_from(now.duration_since(self.at).as_millis()).unwrap_or(0),
            app: self.asker,
            key: self.key,
            client_ip: self.client_ip,
            user_agent: self.user_agent.map(|agent| cut(&without_keys(&agent), TEXT_MAX)),
            request_id: self.request_id,
            name,
            detail: detail.map(|detail| cut(&without_keys(&detail), TEXT_MAX)),
            body: kept,
            left_out: 0,
        };
        self.app.note_request(self.account, noted);
        answer
    }
}

/// The id that stands behind the type in a path, as in `/scim/v2/Users/{id}`.
fn resource(path: &str) -> Option<String> {
    let path = path.split('?').next()?;
    let last = path.rsplit('/').next()?;
    last.parse::<ResourceId>().ok().map(|id| id.to_string())
}

/// The sentence of an error. Its answer is put together again as it was.
async fn detail_of(answer: Response) -> (Response, Option<String>) {
    let is_json = |headers: &HeaderMap| {
        headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).is_some_and(|kind| kind.contains("json"))
    };
    if !is_json(answer.headers()) {
        return (answer, None);
    }
    let (parts, body) = answer.into_parts();
    let text = match Limited::new(body, ANSWER_MAX).collect().await {
        Ok(text) => text.to_bytes(),
        Err(error) => {
            // Nothing of ours is so long; what there was of it is gone.
            tracing::error!(too_long = error.is::<LengthLimitError>(), "An error answer could not be read.");
            Bytes::new()
        }
    };
    let told: Option<Value> = serde_json::from_slice(&text).ok();
    let detail = told.and_then(|told| told.get("detail").and_then(Value::as_str).map(str::to_owned));
    (Response::from_parts(parts, Body::from(text)), detail)
}

/// The beginning of a body without secrets. What is no JSON is kept as text only where nothing in it could be one.
fn kept(body: Option<Value>, text: &[u8]) -> String {
    match body {
        Some(mut body) => {
            redact(&mut body, 0);
            cut(&without_keys(&format!("{body:#}")), KEPT_MAX)
        }
        None => format!("[{} bytes that are not whole JSON, or more than {BODY_MAX}]", text.len()),
    }
}

/// The path and the query, without what people paste there by mistake.
fn address(uri: &Uri) -> String {
    let path = without_keys(uri.path());
    let Some(query) = uri.query() else { return path };
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}=[redacted]"),
        Some(_) | None => pair.to_owned(),
    };
    let query = query.split('&').map(pair).collect::<Vec<_>>().join("&");
    format!("{path}?{}", without_keys(&query))
}

/// A text in which whatever looks like one of our keys or tokens is redacted. Each begins with `prv`, some letters and `_`, and holds
/// nothing but letters, digits and `_`.
fn without_keys(text: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find("prv") {
        let (before, from) = rest.split_at(begin);
        let end = from.find(|letter: char| !is_part(letter)).unwrap_or(from.len());
        let (word, behind) = from.split_at(end);
        let is_key = word.trim_start_matches(|letter: char| letter.is_ascii_lowercase()).starts_with('_');
        kept.push_str(before);
        kept.push_str(if is_key { "[redacted]" } else { word });
        rest = behind;
    }
    kept.push_str(rest);
    kept
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    SECRETS.iter().any(|secret| name.contains(secret))
}

/// Names of what is never kept, folded.
const SECRETS: [&str; 6] = ["password", "secret", "token", "authorization", "apikey", "api_key"];

fn redact(value: &mut Value, depth: usize) {
    const DEPTH_MAX: usize = 40;
    match value {
        _ if depth > DEPTH_MAX => *value = Value::from("[too deep]"),
        Value::Object(members) => {
            // `{"op": "replace", "path": "password", "value": …}` names the attribute beside the value.
            let names_one = members.get("path").and_then(Value::as_str).is_some_and(is_secret);
            for (name, member) in members.iter_mut() {
                if is_secret(name) || (names_one && name.eq_ignore_ascii_case("value")) {
                    *member = Value::from("[redacted]");
                } else {
                    redact(member, depth + 1);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| redact(element, depth + 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// A body of which the beginning is kept while it is read.
struct Tee {
    body: Body,
    read: Arc<Mutex<BytesMut>>,
}

impl HttpBody for Tee {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
            let free = BODY_MAX.saturating_sub(read.len());
            read.extend_from_slice(&data[..data.len().min(free)]);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_not_kept() {
        let body = json!({
            "userName": "ann", "password": "s3cret", "urn:x:User": { "apiKey": "s3cret" },
            "Operations": [{ "op": "replace", "path": "password", "value": "s3cret" }, { "op": "add", "value": { "Password": ["s3cret"] } }],
        });
        let text = kept(Some(body), b"{}");
        assert!(!text.contains("s3cret"), "{text}");
        assert!(text.contains("\"userName\": \"ann\""));
        assert!(!kept(None, b"password=s3cret").contains("s3cret"));
    }

    #[test]
    fn s_66_a_key_that_was_pasted_anywhere_is_redacted() {
        for (text, safe) in [
            ("/scim/v2/Users/prv_ab12_c3d4", "/scim/v2/Users/[redacted]"),
            ("userName eq prvop_ab12", "userName eq [redacted]"),
            ("xprv_ab12 and prv_1_2,", "x[redacted] and [redacted],"),
            ("prvverify_ab", "[redacted]"),
            ("approval prv prvx", "approval prv prvx"),
            ("", ""),
        ] {
            assert_eq!(without_keys(text), safe);
        }
        let uri = "/scim/v2/Users?access_token=abc&prv_1_2=prv_1_2&count=5".parse().unwrap();
        assert_eq!(address(&uri), "/scim/v2/Users?access_token=[redacted]&[redacted]=[redacted]&count=5");
    }

    #[test]
    fn a_path_names_its_resource() {
        let id = "01a20423-abef-7bdc-9b42-210b9b3a9f82";
        for (path, found) in [
            (format!("/scim/v2/Users/{id}"), Some(id)),
            (format!("/scim/v2/Users/{id}?attributes=id"), Some(id)),
            ("/scim/v2/Users".to_owned(), None),
            ("/scim/v2/Users?filter=id%20eq%20x".to_owned(), None),
        ] {
            assert_eq!(resource(&path).as_deref(), found, "{path}");
        }
    }
}
