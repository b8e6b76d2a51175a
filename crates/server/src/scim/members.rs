//! Members of groups, read while they are sent: a group of a hundred thousand takes no more memory than one of a thousand.

use super::{Asked, show::Shown};
use crate::app::{App, Failure};
use axum::body::Body;
use bytes::Bytes;
use http_body_util::channel::{Channel, Sender};
use provost_accounts::{Configuration, groups::type_name};
use provost_change::{AccountId, Kind, Member, ResourceId};
use provost_scim::{Projection, message::LIST_TAIL};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// Members that are read, and sent, at once.
const CHUNK: u64 = 1_000;

/// Members of a group that is sent back for a change that asks for nothing.
const SMALL_MAX: u64 = 100;

/// Chunks that wait for a client that reads slowly.
const WAITING_MAX: usize = 2;

/// What of each member is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    value: bool,
    reference: bool,
    kind: bool,
}

/// What of the members a client wants; nothing when it wants none.
pub(super) fn wanted(projection: &Projection, config: &Configuration) -> Option<Parts> {
    let one = json!([{ "value": "1", "$ref": "1", "type": "User" }]);
    let probe = Map::from_iter([("members".to_owned(), one)]);
    let left = projection.apply(&config.full_group, probe);
    let has = |name: &str| left.get("members").is_some_and(|members| members[0].get(name).is_some());
    left.contains_key("members").then(|| Parts { value: has("value"), reference: has("$ref"), kind: has("type") })
}

/// Whence members come and how they are written.
#[derive(Clone)]
struct Source {
    app: App,
    account: AccountId,
    base: String,
}

impl Source {
    fn of(asked: &Asked) -> Self {
        Self { app: asked.app.clone(), account: asked.config.id, base: asked.base.clone() }
    }

    async fn read(&self, group: ResourceId, after: Option<ResourceId>) -> Result<Vec<Member>, Failure> {
        Ok(self.app.store().members(self.account, group, after, CHUNK).await?)
    }

    fn write(&self, out: &mut String, members: &[Member], parts: Parts, first: bool) {
        for (position, member) in members.iter().enumerate() {
            out.push_str(if first && position == 0 { "{" } else { ",{" });
            let (id, kind) = (member.id, type_name(&member.kind));
            let endpoint = if member.kind == Kind::GROUP { "Groups" } else { "Users" };
            let mut comma = "";
            let mut part = |shown: bool, text: std::fmt::Arguments<'_>| {
                if shown {
                    write!(out, "{comma}{text}").expect("a String takes all that is written");
                    comma = ",";
                }
            };
            part(parts.value, format_args!("\"value\":\"{id}\""));
            part(parts.reference, format_args!("\"$ref\":{}", Value::from(format!("{}/{endpoint}/{id}", self.base))));
            part(parts.kind, format_args!("\"type\":\"{kind}\""));
            out.push('}');
        }
    }
}

/// The body of one resource. A group that fits into a chunk is sent in one piece.
pub(super) async fn body(asked: &Asked, shown: Shown) -> Result<Body, Failure> {
    let Some((group, parts)) = shown.members else { return Ok(Body::from(shown.text)) };
    let source = Source::of(asked);
    let members = source.read(group, None).await?;
    if members.is_empty() {
        return Ok(Body::from(shown.text));
    }
    let mut text = opened(shown.text);
    source.write(&mut text, &members, parts, true);
    if (members.len() as u64) < CHUNK {
        text.push_str("]}");
        return Ok(Body::from(text));
    }
    let after = members.last().map(|member| member.id);
    Ok(streamed(source, Work::One { text, group, parts, after }))
}

/// Whether a group has too many members to be sent back for a change that asks for nothing.
pub(super) async fn are_many(asked: &Asked, group: ResourceId) -> Result<bool, Failure> {
    Ok(asked.app.store().has_more_members(asked.config.id, group, SMALL_MAX).await?)
}

/// The body of a list whose beginning is `head`; resources without members are sent in one piece.
pub(super) fn list_body(asked: &Asked, head: String, shown: Vec<Shown>) -> Body {
    if shown.iter().all(|shown| shown.members.is_none()) {
        let length: usize = shown.iter().map(|shown| shown.text.len() + 1).sum();
        let mut text = head;
        text.reserve(length + LIST_TAIL.len());
        for (position, shown) in shown.iter().enumerate() {
            text.push_str(if position > 0 { "," } else { "" });
            text.push_str(&shown.text);
        }
        text.push_str(LIST_TAIL);
        return Body::from(text);
    }
    streamed(Source::of(asked), Work::List { head, shown })
}

/// What is written while it is sent.
enum Work {
    /// A resource whose first members stand in its text.
    One { text: String, group: ResourceId, parts: Parts, after: Option<ResourceId> },
    /// Resources behind the head of their list.
    List { head: String, shown: Vec<Shown> },
}

/// Bytes of a list that are gathered before they are sent.
const TEXT_MAX: usize = 64 * 1024;

impl Work {
    async fn perform(self, source: &Source, out: &mut Sender<Bytes, Ended>) -> Result<(), Ended> {
        match self {
            Self::One { text, group, parts, after } => {
                send(out, text).await?;
                rest(source, out, group, parts, after).await?;
                send(out, "]}".to_owned()).await
            }
            Self::List { head, shown } => list(source, out, head, shown).await,
        }
    }
}

async fn list(source: &Source, out: &mut Sender<Bytes, Ended>, head: String, shown: Vec<Shown>) -> Result<(), Ended> {
    let mut text = head;
    for (position, shown) in shown.into_iter().enumerate() {
        text.push_str(if position > 0 { "," } else { "" });
        let members = match shown.members {
            None => Vec::new(),
            Some((group, _)) => source.read(group, None).await?,
        };
        match shown.members.zip(members.last().map(|member| member.id)) {
            None => text.push_str(&shown.text),
            Some(((group, parts), after)) => {
                text.push_str(&opened(shown.text));
                source.write(&mut text, &members, parts, true);
                if members.len() as u64 >= CHUNK {
                    send(out, std::mem::take(&mut text)).await?;
                    rest(source, out, group, parts, Some(after)).await?;
                }
                text.push_str("]}");
            }
        }
        if text.len() > TEXT_MAX {
            send(out, std::mem::take(&mut text)).await?;
        }
    }
    text.push_str(LIST_TAIL);
    send(out, text).await
}

async fn send(out: &mut Sender<Bytes, Ended>, text: String) -> Result<(), Ended> {
    out.send_data(Bytes::from(text)).await.map_err(|_| Ended::Client)
}

/// Everybody behind `after`.
async fn rest(
    source: &Source,
    out: &mut Sender<Bytes, Ended>,
    group: ResourceId,
    parts: Parts,
    mut after: Option<ResourceId>,
) -> Result<(), Ended> {
    while let Some(last) = after {
        let members = source.read(group, Some(last)).await?;
        let mut text = String::new();
        source.write(&mut text, &members, parts, false);
        if !text.is_empty() {
            send(out, text).await?;
        }
        after = if (members.len() as u64) < CHUNK { None } else { members.last().map(|member| member.id) };
    }
    Ok(())
}

/// A resource's text with the beginning of its members instead of its end.
fn opened(mut text: String) -> String {
    let is_empty = text == "{}";
    text.truncate(text.len().saturating_sub(1));
    text.push_str(if is_empty { "\"members\":[" } else { ",\"members\":[" });
    text
}

/// Why a body ended before its end: the connection is closed, so that the client does not take it for whole.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("the client went away")]
    Client,
    #[error("{0}")]
    Failed(#[from] Failure),
}

/// A body that is written while it is sent.
fn streamed(source: Source, work: Work) -> Body {
    let (mut out, body) = Channel::<Bytes, Ended>::new(WAITING_MAX);
    tokio::spawn(async move {
        if let Err(ended) = work.perform(&source, &mut out).await {
            if let Ended::Failed(failure) = &ended {
                tracing::error!(cause = %failure, "The members of a group could not be sent to their end.");
            }
            out.abort(ended);
        }
    });
    Body::new(body)
}
