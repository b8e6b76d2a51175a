//! The requests that are sent, and what is read of their answers.

use crate::{Ask, Reply};
use bytes::Bytes;
use hyper::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use provost_scim::urn;
use serde::Deserialize;
use serde_json::{Value, json};

/// Users on a page.
pub const PAGE: usize = 100;
/// Longest id that is taken from an answer, in bytes.
const ID_BYTES_MAX: usize = 1024;
/// Longest explanation that is kept of an error, in characters.
const DETAIL_MAX: usize = 200;
/// What stays as it is in a segment of a path (RFC 3986 §2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A user as an identity provider fills it, with nothing that is not in the core schema.
fn user(user_name: &str) -> String {
    let schema = urn::USER;
    format!(
        r#"{{"schemas":["{schema}"],"userName":"{user_name}","externalId":"{user_name}","active":true,"displayName":"Ann Example","title":"Engineer","name":{{"formatted":"Ann Example","familyName":"Example","givenName":"Ann"}},"emails":[{{"primary":true,"type":"work","value":"{user_name}"}}]}}"#
    )
}

fn ask(method: Method, path: String, body: Option<String>) -> Ask {
    Ask { method, path, body: body.map(Bytes::from) }
}

fn at(kind: &str, id: &str) -> String {
    format!("/{kind}/{}", utf8_percent_encode(id, SEGMENT))
}

/// What the service can do.
pub fn service_provider_config() -> Ask {
    ask(Method::GET, "/ServiceProviderConfig".to_owned(), None)
}

/// How many users there are.
pub fn count_users() -> Ask {
    ask(Method::GET, "/Users?startIndex=1&count=1".to_owned(), None)
}

/// Creates a user; its name has nothing that JSON or a URL would escape, save `@`.
pub fn create(user_name: &str) -> Ask {
    ask(Method::POST, "/Users".to_owned(), Some(user(user_name)))
}

/// Reads a user.
pub fn read(id: &str) -> Ask {
    ask(Method::GET, at("Users", id), None)
}

/// Finds a user by its name.
pub fn find(user_name: &str) -> Ask {
    ask(Method::GET, format!("/Users?filter=userName%20eq%20%22{}%22", utf8_percent_encode(user_name, SEGMENT)), None)
}

/// Gives a user another title.
pub fn patch(id: &str, title: &str) -> Ask {
    let schema = urn::PATCH_OP;
    let body =
        format!(r#"{{"schemas":["{schema}"],"Operations":[{{"op":"replace","path":"title","value":"{title}"}}]}}"#);
    ask(Method::PATCH, at("Users", id), Some(body))
}

/// Reads [`PAGE`] users from a place on, counted from 1.
pub fn page(start_index: usize) -> Ask {
    ask(Method::GET, format!("/Users?startIndex={start_index}&count={PAGE}"), None)
}

/// Creates an empty group.
pub fn create_group(name: &str) -> Ask {
    let body = json!({ "schemas": [urn::GROUP], "displayName": name });
    ask(Method::POST, "/Groups".to_owned(), Some(body.to_string()))
}

/// Adds members to a group.
pub fn add_members(group: &str, ids: &[&str]) -> Ask {
    let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
    patch_group(group, &json!({ "op": "add", "path": "members", "value": members }))
}

/// Removes a member from a group.
pub fn remove_member(group: &str, id: &str) -> Ask {
    patch_group(group, &json!({ "op": "remove", "path": format!("members[value eq {}]", json!(id)) }))
}

fn patch_group(group: &str, operation: &Value) -> Ask {
    let body = json!({ "schemas": [urn::PATCH_OP], "Operations": [operation] });
    ask(Method::PATCH, at("Groups", group), Some(body.to_string()))
}

/// Creates users by one request.
pub fn bulk(user_names: &[String]) -> Ask {
    let mut body = format!(r#"{{"schemas":["{}"],"Operations":["#, urn::BULK_REQUEST);
    for (number, name) in user_names.iter().enumerate() {
        let comma = if number > 0 { "," } else { "" };
        let data = user(name);
        body.push_str(&format!(r#"{comma}{{"method":"POST","path":"/Users","bulkId":"b{number}","data":{data}}}"#));
    }
    body.push_str("]}");
    ask(Method::POST, "/Bulk".to_owned(), Some(body))
}

/// Removes a user.
pub fn delete_user(id: &str) -> Ask {
    ask(Method::DELETE, at("Users", id), None)
}

/// Removes a group.
pub fn delete_group(id: &str) -> Ask {
    ask(Method::DELETE, at("Groups", id), None)
}

#[derive(Deserialize)]
struct Identified {
    id: String,
}

/// The id of the resource that is answered.
pub fn id_of(body: &[u8]) -> Option<String> {
    let resource: Identified = serde_json::from_slice(body).ok()?;
    usable(resource.id)
}

fn usable(id: String) -> Option<String> {
    (!id.is_empty() && id.len() <= ID_BYTES_MAX).then_some(id)
}

#[derive(Deserialize)]
struct List {
    #[serde(default, rename = "totalResults")]
    total_results: Option<u64>,
    #[serde(default, rename = "Resources")]
    resources: Vec<Identified>,
}

/// The total that a list names, and the ids in it; `None` when it is no list.
pub fn list_of(body: &[u8]) -> Option<(u64, Vec<String>)> {
    let list: List = serde_json::from_slice(body).ok()?;
    Some((list.total_results?, list.resources.into_iter().filter_map(|one| usable(one.id)).collect()))
}

#[derive(Deserialize)]
struct BulkAnswer {
    #[serde(rename = "Operations")]
    operations: Vec<BulkResult>,
}

#[derive(Deserialize)]
struct BulkResult {
    status: Value,
    #[serde(default)]
    location: Option<String>,
}

/// The ids that a bulk request created, and how many of its operations did not create one; `None` when it is no bulk answer.
pub fn created_in_bulk(body: &[u8], asked: usize) -> Option<(Vec<String>, usize)> {
    let answer: BulkAnswer = serde_json::from_slice(body).ok()?;
    let is_created = |status: &Value| match status {
        Value::String(text) => text == "201",
        Value::Number(number) => number.as_u64() == Some(201),
        // Drafts of the protocol had an object here, and some servers have it still.
        Value::Object(object) => object.get("code").is_some_and(|code| code == "201" || code == 201),
        Value::Null | Value::Bool(_) | Value::Array(_) => false,
    };
    let created = answer.operations.into_iter().filter(|result| is_created(&result.status));
    let id = |result: BulkResult| {
        let location = result.location?;
        let last = location.trim_end_matches('/').rsplit('/').next()?.to_owned();
        usable(percent_encoding::percent_decode_str(&last).decode_utf8().ok()?.into_owned())
    };
    let ids: Vec<String> = created.filter_map(id).collect();
    let missing = asked.saturating_sub(ids.len());
    Some((ids, missing))
}

/// How a refusal explains itself: the `detail` of a SCIM error, or the beginning of whatever came.
pub fn detail_of(reply: &Reply) -> String {
    let error = serde_json::from_slice::<Value>(&reply.body).ok();
    let detail = error.as_ref().and_then(|error| error.get("detail")).and_then(Value::as_str);
    let text = detail.map_or_else(|| String::from_utf8_lossy(&reply.body), std::borrow::Cow::from);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut characters = line.chars();
    let mut shown: String = characters.by_ref().take(DETAIL_MAX).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::HeaderMap;

    fn body(ask: &Ask) -> Value {
        serde_json::from_slice(ask.body.as_ref().expect("it has a body")).expect("it is JSON")
    }

    #[test]
    fn bodies_are_json_that_says_what_is_wanted() {
        assert_eq!(body(&create("a-1@example.com"))["emails"][0]["value"], "a-1@example.com");
        assert_eq!(body(&patch("1", "Chief"))["Operations"][0]["value"], "Chief");
        let bulk = body(&bulk(&["a@example.com".to_owned(), "b@example.com".to_owned()]));
        assert_eq!(bulk["Operations"][1]["data"]["userName"], "b@example.com");
        assert_eq!(bulk["Operations"][1]["bulkId"], "b1");
        assert_eq!(body(&add_members("g", &["1", "2"]))["Operations"][0]["value"][1]["value"], "2");
        assert_eq!(body(&remove_member("g", "a\"b"))["Operations"][0]["path"], r#"members[value eq "a\"b"]"#);
    }

    #[test]
    fn ids_and_names_cannot_leave_their_place_in_a_path() {
        assert_eq!(read("a/../b?c#d").path, "/Users/a%2F..%2Fb%3Fc%23d");
        assert_eq!(read("0198-ab_c.d~e").path, "/Users/0198-ab_c.d~e");
        assert_eq!(find("a-1@example.com").path, "/Users?filter=userName%20eq%20%22a-1%40example.com%22");
    }

    #[test]
    fn an_id_is_read_where_there_is_one() {
        assert_eq!(id_of(br#"{"userName":"a","id":"7"}"#).as_deref(), Some("7"));
        for bad in [&br#"{"userName":"a"}"#[..], br#"{"id":""}"#, b"<html>", b""] {
            assert_eq!(id_of(bad), None);
        }
        assert_eq!(id_of(format!(r#"{{"id":"{}"}}"#, "x".repeat(ID_BYTES_MAX + 1)).as_bytes()), None);
    }

    #[test]
    fn a_list_says_its_total() {
        assert_eq!(list_of(br#"{"totalResults":2,"Resources":[{"id":"1"}]}"#), Some((2, vec!["1".to_owned()])));
        assert_eq!(list_of(br#"{"totalResults":0}"#), Some((0, Vec::new())));
        assert_eq!(list_of(br#"{"id":"1"}"#), None);
    }

    #[test]
    fn a_bulk_answer_says_what_was_created_whichever_form_its_status_has() {
        let answer =
            br#"{"Operations":[{"status":"201","location":"https://a/Users/1"},{"status":201,"location":"/Users/2/"},
            {"status":{"code":"201"},"location":"https://a/Users/a%2Fb"},{"status":"409"},{"status":"201"}]}"#;
        let ids = ["1", "2", "a/b"].map(str::to_owned).to_vec();
        assert_eq!(created_in_bulk(answer, 6), Some((ids, 3)));
        assert_eq!(created_in_bulk(b"[]", 1), None);
    }

    #[test]
    fn a_refusal_explains_itself_in_one_short_line() {
        let reply = |body: &str| Reply {
            status: 400,
            body: body.as_bytes().to_vec(),
            retry_after: None,
            headers: HeaderMap::new(),
        };
        assert_eq!(detail_of(&reply(r#"{"detail":"so\n not"}"#)), "so not");
        assert_eq!(detail_of(&reply("<h1>\n no </h1>")), "<h1> no </h1>");
        assert_eq!(detail_of(&reply(&"x".repeat(300))).chars().count(), DETAIL_MAX + 1);
    }
}
