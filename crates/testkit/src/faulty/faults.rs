//! What may be wrong with a server.

use super::http::Message;
use serde_json::{Value, json};

/// One thing that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A created resource has no `Location`.
    NoLocation,
    /// `status` of an error is a number.
    NumericStatus,
    /// Answers are `application/json`.
    WrongContentType,
    /// `filter` is ignored.
    IgnoresFilter,
    /// A created resource is answered with 200.
    CreatedIs200,
    /// `remove` of a PATCH is lost.
    LosesRemove,
    /// A second user of one name is created, it seems.
    AllowsDuplicates,
    /// `startIndex` is ignored.
    IgnoresStartIndex,
    /// Errors have no `schemas`.
    ErrorWithoutSchemas,
    /// A disabled user cannot be read.
    HidesDisabled,
    /// A list without entries is 404.
    EmptyListIs404,
    /// Removing one member empties the group.
    EmptiesGroups,
    /// What is deleted stays.
    KeepsDeleted,
    /// `If-Match` is ignored.
    IgnoresIfMatch,
    /// `attributes` and `excludedAttributes` are ignored.
    IgnoresProjection,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::NoLocation,
        Self::NumericStatus,
        Self::WrongContentType,
        Self::IgnoresFilter,
        Self::CreatedIs200,
        Self::LosesRemove,
        Self::AllowsDuplicates,
        Self::IgnoresStartIndex,
        Self::ErrorWithoutSchemas,
        Self::HidesDisabled,
        Self::EmptyListIs404,
        Self::EmptiesGroups,
        Self::KeepsDeleted,
        Self::IgnoresIfMatch,
        Self::IgnoresProjection,
    ];

    /// Changes a request before the sound server sees it, or answers it.
    pub(super) fn before(self, request: &mut Message) -> Option<Message> {
        match self {
            Self::IgnoresFilter => without(request, &["filter"]),
            Self::IgnoresStartIndex => without(request, &["startIndex"]),
            Self::IgnoresProjection => without(request, &["attributes", "excludedAttributes"]),
            Self::IgnoresIfMatch => request.set("if-match", None),
            Self::KeepsDeleted if request.method() == "DELETE" => return Some(Message::answer(204, &Value::Null)),
            Self::LosesRemove => return self.without_removals(request),
            Self::EmptiesGroups => change_operations(request, |operation| {
                if operation["path"].as_str().is_some_and(|path| path.starts_with("members[")) {
                    operation["path"] = json!("members");
                }
            }),
            Self::NoLocation
            | Self::NumericStatus
            | Self::WrongContentType
            | Self::CreatedIs200
            | Self::AllowsDuplicates
            | Self::ErrorWithoutSchemas
            | Self::HidesDisabled
            | Self::EmptyListIs404
            | Self::KeepsDeleted => {}
        }
        None
    }

    /// Changes the answer to a request.
    pub(super) fn after(self, request: &Message, mut answer: Message) -> Message {
        let status = answer.status();
        match self {
            Self::NoLocation => answer.set("location", None),
            Self::WrongContentType => answer.set("content-type", Some("application/json")),
            Self::CreatedIs200 if status == 201 => answer.set_status(200),
            Self::NumericStatus if status >= 400 => change(&mut answer, |body| body["status"] = json!(status)),
            Self::ErrorWithoutSchemas if status >= 400 => change(&mut answer, |body| {
                body.as_object_mut().map(|members| members.shift_remove("schemas"));
            }),
            Self::AllowsDuplicates if status == 409 && request.method() == "POST" => {
                let mut body = request.json();
                body["id"] = json!("made-twice");
                return Message::answer(201, &body);
            }
            Self::HidesDisabled if request.method() == "GET" => hide_disabled(&mut answer),
            Self::EmptyListIs404 if answer.json()["totalResults"] == json!(0) => {
                return Message::answer(404, &error(404));
            }
            Self::NumericStatus
            | Self::IgnoresFilter
            | Self::CreatedIs200
            | Self::LosesRemove
            | Self::AllowsDuplicates
            | Self::IgnoresStartIndex
            | Self::ErrorWithoutSchemas
            | Self::HidesDisabled
            | Self::EmptyListIs404
            | Self::EmptiesGroups
            | Self::KeepsDeleted
            | Self::IgnoresIfMatch
            | Self::IgnoresProjection => {}
        }
        answer
    }

    /// A PATCH that did nothing else has nothing left to do.
    fn without_removals(self, request: &mut Message) -> Option<Message> {
        let mut body = request.json();
        let operations = body.as_object_mut()?.get_mut("Operations")?.as_array_mut()?;
        if request.method() != "PATCH" {
            return None;
        }
        let count = operations.len();
        operations.retain(|operation| !is_removal(operation));
        if operations.len() == count {
            return None;
        }
        if operations.is_empty() {
            return Some(Message::answer(204, &Value::Null));
        }
        request.set_json(&body);
        None
    }
}

/// A sound one: what is malformed stays as it is.
fn is_removal(operation: &Value) -> bool {
    operation["path"].is_string() && operation["op"].as_str().is_some_and(|op| op.eq_ignore_ascii_case("remove"))
}

fn error(status: u16) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": status.to_string() })
}

/// Takes parameters out of the query.
fn without(request: &mut Message, names: &[&str]) {
    let target = request.target().to_owned();
    let Some((path, query)) = target.split_once('?') else { return };
    let stays = |part: &&str| !names.iter().any(|name| part.split('=').next() == Some(name));
    let rest: Vec<&str> = query.split('&').filter(stays).collect();
    request.set_target(&format!("{path}?{}", rest.join("&")));
}

fn change(message: &mut Message, how: impl FnOnce(&mut Value)) {
    let mut body = message.json();
    if body.is_object() {
        how(&mut body);
        message.set_json(&body);
    }
}

fn change_operations(request: &mut Message, how: impl Fn(&mut Value)) {
    if request.method() == "PATCH" {
        change(request, |body| body["Operations"].as_array_mut().into_iter().flatten().for_each(how));
    }
}

fn hide_disabled(answer: &mut Message) {
    let mut body = answer.json();
    if body["active"] == json!(false) {
        *answer = Message::answer(404, &error(404));
        return;
    }
    let Some(resources) = body["Resources"].as_array_mut() else { return };
    let count = resources.len();
    resources.retain(|resource| resource["active"] != json!(false));
    let hidden = count - resources.len();
    if hidden > 0 {
        let total = body["totalResults"].as_u64().unwrap_or_default();
        body["totalResults"] = json!(total.saturating_sub(hidden as u64));
        answer.set_json(&body);
    }
}
