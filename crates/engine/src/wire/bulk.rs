//! Several writes in one request (RFC 7644, section 3.7), and what came of each.

use super::together::{Limits, Parted};
use crate::{Answer, Body, Content, Method, Reply, Request, id_of, seen::member};
use percent_encoding::percent_decode_str;
use provost_scim::urn;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Operations in one bulk request at most: an answer that is lost leaves no more objects of which nothing is known.
pub const BULK_MAX: usize = 100;

/// Bytes of one bulk request at most, where the target takes more.
const BYTES_MAX: usize = 1 << 20;

/// What an operation costs beside its body and its path.
const FRAME_BYTES: usize = 80;

/// What a target says in its ServiceProviderConfig; `None` where it takes no bulk request of two operations.
pub(crate) fn offered(config: &Json) -> Option<Limits> {
    let bulk = member(config.as_object()?, "bulk")?.as_object()?;
    if !member(bulk, "supported")?.as_bool()? {
        return None;
    }
    let most = |name: &str, most: usize| {
        let said = member(bulk, name).and_then(Json::as_u64).and_then(|said| usize::try_from(said).ok());
        said.map_or(most, |said| said.min(most))
    };
    let (operations, bytes) = (most("maxOperations", BULK_MAX), most("maxPayloadSize", BYTES_MAX));
    (operations >= 2).then_some(Limits { operations, bytes })
}

/// Whether a request may go with others: what changes something and says all that has to be known of it.
pub(crate) fn may_go_together(request: &Request) -> bool {
    matches!(request.method, Method::Post | Method::Patch) && request.body.is_some()
}

/// Bytes that a request has as an operation.
pub(crate) fn bytes_of(request: &Request) -> usize {
    let body = request.body.as_ref().map_or(0, |body| body.as_str().len());
    FRAME_BYTES + request.path.len() + body
}

/// What asks a target for its limits.
pub(crate) fn service_provider_config() -> Request {
    Request::plain(Method::Get, "/ServiceProviderConfig".to_owned())
}

#[derive(Serialize)]
struct BulkRequest<'r> {
    schemas: [&'static str; 1],
    #[serde(rename = "Operations")]
    operations: Vec<Operation<'r>>,
}

#[derive(Serialize)]
struct Operation<'r> {
    method: &'static str,
    #[serde(rename = "bulkId")]
    bulk_id: String,
    path: &'r str,
    data: Option<&'r Content>,
}

/// The writes as one request. Each has its place as `bulkId`.
pub(crate) fn together(requests: &[Arc<Request>]) -> Request {
    let operations = requests.iter().enumerate().map(|(place, request)| Operation {
        method: verb(request.method),
        bulk_id: place.to_string(),
        path: &request.path,
        data: request.body.as_ref(),
    });
    let body = BulkRequest { schemas: [urn::BULK_REQUEST], operations: operations.collect() };
    Request::with(Method::Post, "/Bulk".to_owned(), &body)
}

/// What came of each of the writes. Of what an answer does not say, nothing is known; nothing is believed twice.
pub(crate) fn apart(requests: &[Arc<Request>], reply: &Reply) -> Parted {
    let same = || Parted::Each(vec![reply.clone(); requests.len()]);
    let answer = match reply {
        Reply::Answered(answer) => answer,
        Reply::TimedOut | Reply::Unreachable(_) | Reply::Forbidden(_) | Reply::Unclear(_) => return same(),
    };
    match answer.status {
        200..=299 => {
            let writes: Vec<Write<'_>> = requests.iter().map(|request| Write::from(&**request)).collect();
            Parted::Each(operations(&writes, &answer.body))
        }
        413 => Parted::TooLarge,
        401 | 429 => same(),
        300..=499 | 501 => Parted::Refused,
        _ => same(),
    }
}

fn operations(writes: &[Write<'_>], body: &Body) -> Vec<Reply> {
    let Body::Json(Json::Object(body)) = body else {
        return vec![unclear("the target's answer to a bulk request cannot be read"); writes.len()];
    };
    let told = member(body, "Operations").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object);
    let told: Vec<(Option<usize>, &Map<String, Json>)> =
        told.map(|operation| (place_of(writes, operation), operation)).collect();
    // Who answers to what nobody asked may have taken one for the other.
    let is_confused = told.iter().any(|(place, _)| place.is_none());
    let mut replies: Vec<Option<Reply>> = vec![None; writes.len()];
    for (place, operation) in told {
        let Some(place) = place else { continue };
        replies[place] = Some(match &replies[place] {
            Some(_) => unclear("the target answered twice to an operation of a bulk request"),
            None if is_confused && !writes[place].is_sure_of(operation) => {
                unclear("the target answered to operations that its bulk request did not have")
            }
            None => reply_of(writes, place, operation),
        });
    }
    let missing = || unclear("the target's answer to a bulk request says nothing of this operation");
    replies.into_iter().map(|reply| reply.unwrap_or_else(missing)).collect()
}

/// Which request an operation of the answer is about: by its `bulkId`, or by the resource that was changed.
fn place_of(writes: &[Write<'_>], told: &Map<String, Json>) -> Option<usize> {
    let text = |name: &str| member(told, name).and_then(Json::as_str);
    let place = match text("bulkId") {
        Some(id) => id.parse().ok().filter(|place| *place < writes.len())?,
        None => {
            let location = text("location")?;
            let is_meant = |one: &Write<'_>| !one.is_creation() && location.ends_with(&one.request.path);
            writes.iter().position(is_meant)?
        }
    };
    let is_same_verb =
        text("method").is_none_or(|method| method.eq_ignore_ascii_case(verb(writes[place].request.method)));
    is_same_verb.then_some(place)
}

fn reply_of(writes: &[Write<'_>], place: usize, told: &Map<String, Json>) -> Reply {
    let status = match member(told, "status") {
        Some(Json::String(text)) => text.trim().parse().ok(),
        Some(Json::Number(number)) => number.as_u64().and_then(|number| u16::try_from(number).ok()),
        Some(Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_)) | None => None,
    };
    let Some(status) = status else { return unclear("the target gave an operation of a bulk request no status") };
    let response = member(told, "response").filter(|response| response.is_object());
    let is_done = (200..300).contains(&status);
    if is_done && response.is_some_and(|response| is_of_another(writes, place, response)) {
        return unclear("the target answered to an operation of a bulk request with what another one was to make");
    }
    if is_done && response.is_some_and(|response| writes[place].changes_another_than(response)) {
        return unclear("the target answered to an operation of a bulk request with another resource");
    }
    let made = || {
        let location = member(told, "location").and_then(Json::as_str).filter(|_| is_done)?;
        Some(Body::Json(json!({ "id": last_segment(location)? })))
    };
    let body = match response {
        Some(response) => Body::Json(response.clone()),
        None if writes[place].is_creation() => made().unwrap_or(Body::Empty),
        None => Body::Empty,
    };
    Reply::Answered(Answer { status, retry_after: None, body })
}

/// Whether a resource has the name that another operation gave, and not that of its own.
fn is_of_another(writes: &[Write<'_>], place: usize, response: &Json) -> bool {
    let own = &writes[place];
    if !own.is_creation() {
        return false;
    }
    let is_named_so = |one: &Write<'_>| one.request.path == own.request.path && one.is_named_as(response);
    !is_named_so(own) && writes.iter().any(is_named_so)
}

/// A write that went with others.
struct Write<'r> {
    request: &'r Request,
    /// The name that a creation gives, in lower case.
    name: Option<String>,
}

/// The names of a resource.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Names {
    user_name: Option<String>,
    display_name: Option<String>,
}

impl<'r> From<&'r Request> for Write<'r> {
    fn from(request: &'r Request) -> Self {
        let is_creation = request.method == Method::Post;
        let body = request.body.as_ref().filter(|_| is_creation);
        let names: Option<Names> = body.and_then(|body| serde_json::from_str(body.as_str()).ok());
        let of_users = request.path == "/Users";
        let name = names.and_then(|names| if of_users { names.user_name } else { names.display_name });
        Self { request, name: name.map(|name| name.to_lowercase()) }
    }
}

impl Write<'_> {
    fn is_creation(&self) -> bool {
        self.request.method == Method::Post
    }

    /// Whether it is sure that an operation of an answer is about what this one makes or changes.
    fn is_sure_of(&self, told: &Map<String, Json>) -> bool {
        let response = member(told, "response");
        if self.is_creation() {
            return response.is_some_and(|response| self.is_named_as(response));
        }
        let location = member(told, "location").and_then(Json::as_str).and_then(last_segment);
        response.and_then(id_of).or(location) == last_segment(&self.request.path)
    }

    /// Whether a resource is another one than the one that this changes.
    fn changes_another_than(&self, response: &Json) -> bool {
        !self.is_creation() && id_of(response).is_some_and(|id| last_segment(&self.request.path) != Some(id))
    }

    /// Whether a resource has the name that this creation gives.
    fn is_named_as(&self, resource: &Json) -> bool {
        let name = if self.request.path == "/Users" { "userName" } else { "displayName" };
        let shown = resource.get(name).and_then(Json::as_str).map(str::to_lowercase);
        shown.is_some() && shown == self.name
    }
}

/// What stands last in a path or URL.
fn last_segment(path: &str) -> Option<String> {
    let path = path.split('?').next()?.trim_end_matches('/');
    Some(percent_decode_str(path.rsplit('/').next()?).decode_utf8().ok()?.into_owned())
}

fn unclear(why: &str) -> Reply {
    Reply::Unclear(why.to_owned())
}

fn verb(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writes() -> Vec<Arc<Request>> {
        let write = |method, path: &str, name: &str| {
            Arc::new(Request::with(method, path.to_owned(), &json!({ "userName": name })))
        };
        vec![
            write(Method::Post, "/Users", "ann"),
            write(Method::Patch, "/Users/7", "ben"),
            write(Method::Post, "/Users", "cid"),
        ]
    }

    fn shown(reply: &Reply) -> String {
        match reply {
            Reply::Answered(Answer { status, body: Body::Json(body), .. }) => format!("{status} {body}"),
            Reply::Answered(Answer { status, .. }) => status.to_string(),
            Reply::Unclear(_) => "unclear".to_owned(),
            Reply::TimedOut => "timed out".to_owned(),
            Reply::Unreachable(why) | Reply::Forbidden(why) => why.clone(),
        }
    }

    #[track_caller]
    fn check(told: Json, expected: [&str; 3]) {
        let reply = Reply::Answered(Answer { status: 200, retry_after: None, body: Body::Json(told) });
        let Parted::Each(replies) = apart(&writes(), &reply) else { panic!("each has a reply") };
        assert_eq!(replies.iter().map(shown).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn each_operation_has_the_reply_that_it_would_have_had_alone() {
        check(
            json!({"Operations": [
                {"method": "POST", "bulkId": "2", "status": "409", "response": {"detail": "taken"}},
                {"method": "PATCH", "location": "https://t.example/scim/Users/7", "status": 200},
                {"method": "post", "bulkId": "0", "status": "201", "location": "https://t.example/scim/Users/a%2Fb"},
            ]}),
            [r#"201 {"id":"a/b"}"#, "200", r#"409 {"detail":"taken"}"#],
        );
    }

    #[test]
    fn nothing_is_known_of_what_an_answer_does_not_say_or_says_twice_or_of_another() {
        let named = |id: &str, name: &str| json!({"method": "POST", "bulkId": id, "status": "201", "response": {"id": name, "userName": name}});
        check(json!({"Operations": []}), ["unclear"; 3]);
        check(json!({"Operations": {"0": "201"}}), ["unclear"; 3]);
        check(json!(["what", 42]), ["unclear"; 3]);
        check(json!({"Operations": [named("0", "cid"), named("2", "ann")]}), ["unclear"; 3]);
        check(json!({"Operations": [named("no-0", "ann"), named("9", "cid"), named("1", "ben")]}), ["unclear"; 3]);
        check(json!({"Operations": [named("0", "ann"), named("0", "ann")]}), ["unclear"; 3]);
        let located = |id: &str, at: &str| json!({"method": "POST", "bulkId": id, "status": "201", "location": at});
        check(json!({"Operations": [located("no-0", "/Users/1"), located("2", "/Users/2")]}), ["unclear"; 3]);
        check(
            json!({"Operations": [located("no-0", "/Users/1"), named("2", "CID")]}),
            ["unclear", "unclear", r#"201 {"id":"CID","userName":"CID"}"#],
        );
        let changed = |id: &str, at: &str| json!({"method": "PATCH", "bulkId": id, "status": "200", "location": at});
        let shown = |at: &str| json!({"method": "PATCH", "bulkId": "1", "status": "200", "response": {"id": at}});
        check(json!({"Operations": [changed("1", "/Users")]}), ["unclear", "200", "unclear"]);
        check(json!({"Operations": [shown("7")]}), ["unclear", r#"200 {"id":"7"}"#, "unclear"]);
        check(json!({"Operations": [shown("8")]}), ["unclear"; 3]);
        check(json!({"Operations": [changed("no-0", "/Users/9"), changed("1", "/Users/8")]}), ["unclear"; 3]);
        check(
            json!({"Operations": [changed("no-0", "/Users/9"), changed("1", "/Users/7")]}),
            ["unclear", "200", "unclear"],
        );
        check(
            json!({"Operations": [{"method": "POST", "bulkId": "0"}, named("2", "CID")]}),
            ["unclear", "unclear", r#"201 {"id":"CID","userName":"CID"}"#],
        );
    }

    #[test]
    fn what_is_said_of_the_whole_is_said_of_each_or_nothing_was_done() {
        let answered = |status| Reply::Answered(Answer { status, retry_after: None, body: Body::Empty });
        for (reply, expected) in [
            (Reply::TimedOut, Parted::Each(vec![Reply::TimedOut; 3])),
            (answered(429), Parted::Each(vec![answered(429); 3])),
            (answered(503), Parted::Each(vec![answered(503); 3])),
            (answered(401), Parted::Each(vec![answered(401); 3])),
            (answered(413), Parted::TooLarge),
            (answered(404), Parted::Refused),
            (answered(501), Parted::Refused),
        ] {
            assert_eq!(apart(&writes(), &reply), expected);
        }
    }
}
