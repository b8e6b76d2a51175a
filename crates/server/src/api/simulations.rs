//! What would become of a SCIM request: its answer and its audit entry, with nothing changed (S-85).

use super::{Answer, asked::InAccount, body::member, ok};
use crate::{
    app::Failure,
    body::{self, READ_TIMEOUT},
    scim, scim_reply,
    surface::Surface,
};
use axum::{
    body::Body,
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, Uri,
        header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING, USER_AGENT},
    },
    response::Response,
};
use provost_accounts::{Refused, admin_app::Scope, audit};
use provost_change::{LogEntry, ResourceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};
use utoipa::ToSchema;

/// Longest answer that is shown, in bytes; of a longer one the rest is shown.
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A SCIM request to try out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Simulation {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    method: String,
    /// Where to: `/Users/…` below the SCIM base, a path such as `/scim/v2/Users?count=1`, or a whole URL.
    path: String,
    /// Its headers, such as `If-Match`. Credentials are not looked at.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Its body: JSON, or a text that is read as it stands.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    body: Option<Value>,
    /// The id of the admin app that would send it; may be left out where the account has only one for SCIM.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    admin_app: Option<ResourceId>,
}

/// What would become of a SCIM request.
#[derive(Serialize, ToSchema)]
pub(super) struct SimulationView {
    /// The HTTP status of the answer.
    status: u16,
    /// The headers of the answer, by names in lower case.
    headers: BTreeMap<String, String>,
    /// The body of the answer; null when it has none or it is longer than 4 MiB.
    #[schema(value_type = Option<Object>)]
    body: Option<Value>,
    /// Whether the body is left out because it is longer.
    body_omitted: bool,
    /// The entries of the audit log, without `seq` and `hash`: each changed attribute, each warning, why it would be refused.
    #[schema(value_type = Vec<Object>)]
    entries: Vec<Value>,
    /// The policy fields by which something would be refused or done otherwise than asked.
    policy_fields: Vec<String>,
    /// The version of the policy that judged.
    policy_version: u32,
    /// Always true: nothing was changed.
    changed_nothing: bool,
}

pub(super) async fn create(asked: InAccount, body: Body) -> Answer {
    let simulation: Simulation = asked.request.json(body).await?;
    let sender = sender(&asked, simulation.admin_app)?;
    let request = simulation.request()?;
    if request.uri().path().trim_end_matches('/').ends_with("/Bulk") {
        return Err(member("path", "a bulk request is tried out one operation at a time").into());
    }
    let is_head = request.method() == Method::HEAD;
    let (app, rehearsal) = asked.request.app.rehearsing();
    let user_agent = request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()).map(str::to_owned);
    let answer = match app.standing_for(&asked.request.caller, &asked.config, sender, user_agent).await {
        Ok(caller) => scim::answer_to(app, caller, request).await,
        // The token of a user who is gone: the request would not get in.
        Err(Failure::Unauthenticated) => Failure::Unauthenticated.answer(Surface::Scim),
        Err(other) => return Err(other.into()),
    };
    let (parts, shown) = shown(answer, is_head).await?;
    let entries: Vec<Value> = rehearsal.entries().into_iter().map(|entry| entry_view(&asked, entry)).collect();
    let policy_fields = policy_fields(entries.iter().chain(&shown.body));
    ok(&SimulationView {
        status: parts.status.as_u16(),
        headers: readable(&parts.headers),
        body: shown.body,
        body_omitted: shown.is_omitted,
        entries,
        policy_fields,
        policy_version: asked.config.account.policy_version,
        changed_nothing: true,
    })
}

/// The admin app that would send it.
fn sender(asked: &InAccount, named: Option<ResourceId>) -> Result<ResourceId, Failure> {
    if let Some(id) = named {
        let app = asked.config.app(id).ok_or_else(|| Refused::not_found("admin app"))?;
        return Ok(app.id);
    }
    let apps = asked.config.apps.iter().map(|(app, _)| app).filter(|app| app.scopes.contains(&Scope::Scim));
    match apps.collect::<Vec<_>>().as_slice() {
        [one] => Ok(one.id),
        [] => Err(Refused::status(409, "the account has no admin app with the scope `scim`: make one first").into()),
        several => {
            let problem = format!("the account has {} admin apps with the scope `scim`: name one", several.len());
            Err(member("admin_app", problem))
        }
    }
}

impl Simulation {
    /// The request as it would arrive.
    fn request(self) -> Result<Request, Failure> {
        let method = Method::from_bytes(self.method.to_ascii_uppercase().as_bytes());
        let method = method.map_err(|_| member("method", "no HTTP method"))?;
        let uri: Uri = target(&self.path).parse().map_err(|_| member("path", "no path of a URL"))?;
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let place = format!("headers/{}", name.replace('~', "~0").replace('/', "~1"));
            let name: HeaderName = name.parse().map_err(|_| member(&place, "no name of a header"))?;
            let value = HeaderValue::from_str(value).map_err(|_| member(&place, "no value of a header"))?;
            headers.append(name, value);
        }
        for name in [AUTHORIZATION, HOST, CONTENT_LENGTH, TRANSFER_ENCODING] {
            headers.remove(name);
        }
        let body = match self.body {
            None => Body::empty(),
            Some(body) => {
                headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(scim_reply::CONTENT_TYPE));
                Body::from(match body {
                    Value::String(text) => text,
                    json => json.to_string(),
                })
            }
        };
        let mut request = Request::new(body);
        (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) = (method, uri, headers);
        Ok(request)
    }
}

/// Path and query below our root, from whatever was pasted.
fn target(pasted: &str) -> String {
    let pasted = pasted.trim();
    let path = match pasted.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => rest.find('/').map_or("/", |start| &rest[start..]),
        Some(_) | None => pasted,
    };
    let path = path.split_once('#').map_or(path, |(path, _)| path);
    let (bare, query) = path.split_once('?').map_or((path, None), |(bare, query)| (bare, Some(query)));
    // A server may be reached below a path of its own.
    let below = bare.find("/scim/").or_else(|| bare.ends_with("/scim").then(|| bare.len() - "/scim".len()));
    let bare = match below {
        Some(start) => Cow::Borrowed(&bare[start..]),
        None => Cow::Owned(format!("/scim/v2/{}", bare.trim_start_matches('/'))),
    };
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    escaped(&format!("{bare}{query}"))
}

/// What may not stand in a URL as it is, such as the spaces of a filter, percent-encoded; what is encoded already stays.
fn escaped(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>`{}|\\^".contains(&byte);
    let show = |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(show).collect()
}

/// The body of an answer, as far as it is shown.
struct Shown {
    body: Option<Value>,
    is_omitted: bool,
}

async fn shown(answer: Response, is_head: bool) -> Result<(axum::http::response::Parts, Shown), Failure> {
    let (parts, body) = answer.into_parts();
    if is_head {
        return Ok((parts, Shown { body: None, is_omitted: false }));
    }
    let bytes = match body::read(body, BODY_BYTES_MAX, READ_TIMEOUT).await {
        Ok(bytes) => bytes,
        Err(body::BodyError::TooLarge { .. }) => return Ok((parts, Shown { body: None, is_omitted: true })),
        Err(other) => return Err(Failure::Damaged(other.to_string())),
    };
    let read = || serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&bytes)));
    Ok((parts, Shown { body: (!bytes.is_empty()).then(read), is_omitted: false }))
}

fn readable(headers: &HeaderMap) -> BTreeMap<String, String> {
    let shown = headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    shown.collect()
}

/// An entry as the log would show it, but for its place there.
fn entry_view(asked: &InAccount, entry: LogEntry) -> Value {
    let mut shown = audit::shown(asked.account(), &entry.chained(0, &[0; 32]));
    if let Value::Object(fields) = &mut shown {
        fields.shift_remove("seq");
        fields.shift_remove("hash");
    }
    shown
}

/// The policy fields that sentences name: whoever refuses or warns by one of them says so.
fn policy_fields<'a>(documents: impl Iterator<Item = &'a Value>) -> Vec<String> {
    let mut fields = BTreeSet::new();
    for document in documents {
        let warnings = document.get("warnings").and_then(Value::as_array).into_iter().flatten();
        for sentence in warnings.chain(document.get("detail")).filter_map(Value::as_str) {
            let named = sentence.split("policy field `").skip(1).filter_map(|rest| rest.split_once('`'));
            fields.extend(named.map(|(field, _)| field.to_owned()));
        }
    }
    fields.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_pasted_leads_to_the_path_that_it_means() {
        for (pasted, path) in [
            ("/Users", "/scim/v2/Users"),
            ("Users/7", "/scim/v2/Users/7"),
            ("/scim/v2/Users?count=1", "/scim/v2/Users?count=1"),
            ("/scim/Users", "/scim/Users"),
            ("https://id.example.com/scim/v2/Users/7?a=b#c", "/scim/v2/Users/7?a=b"),
            ("https://id.example.com/idp/scim/v2/Users", "/scim/v2/Users"),
            ("https://id.example.com", "/scim/v2/"),
            ("/scim", "/scim"),
            ("/Users?filter=userName eq \"ann\"", "/scim/v2/Users?filter=userName%20eq%20%22ann%22"),
            ("/Users?filter=userName%20eq%20%22ann%22", "/scim/v2/Users?filter=userName%20eq%20%22ann%22"),
            ("/Users?filter=x eq \"a://b\"", "/scim/v2/Users?filter=x%20eq%20%22a://b%22"),
            (" /Users/ä ", "/scim/v2/Users/%C3%A4"),
        ] {
            assert_eq!(target(pasted), path, "{pasted}");
            assert!(path.parse::<Uri>().is_ok(), "{path}");
        }
    }

    #[test]
    fn fields_are_those_that_warnings_and_refusals_name() {
        let documents = [
            json!({ "warnings": ["left out `a` (policy field `users.attributes`)", "plain"] }),
            json!({ "detail": "no (policy field `roles.unknown`)", "other": "(policy field `x`)" }),
            json!({ "detail": "again (policy field `roles.unknown`)" }),
        ];
        assert_eq!(policy_fields(documents.iter()), ["roles.unknown", "users.attributes"]);
    }
}
