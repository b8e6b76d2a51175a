//! Accounts as lines of JSON: out of one installation, into another.

use super::{
    Answer, Error,
    asked::{Asked, InAccount},
    created,
};
use crate::{
    app::{About, App, Failure, Importing, Lines, Target, line_text},
    body::{self, BodyError},
};
use axum::{
    body::Body,
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONNECTION, CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use bytes::{Buf, Bytes, BytesMut};
use http_body_util::{BodyExt, channel::Channel, channel::Sender};
use provost_accounts::{
    Decided, Refused,
    audit::{self, Entry},
    transfer::{LINE_BYTES_MAX, Line},
};
use provost_change::{ChangeSet, Kind};
use provost_scim::{ScimError, json};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::time::timeout;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

/// What lines of JSON are called.
pub(super) const JSON_LINES: &str = "application/x-ndjson";
/// Chunks that wait for a client that reads slowly.
pub(super) const WAITING_MAX: usize = 2;
/// Bytes that are gathered before they are sent.
pub(super) const CHUNK_BYTES: usize = 64 * 1024;
/// What a line may hold: as many values as a whole body.
const LINE: json::Limits = json::Limits { bytes: LINE_BYTES_MAX, depth: 40, values: 200_000 };

/// The form of a line.
pub(super) struct ExportLine;

impl PartialSchema for ExportLine {
    fn schema() -> RefOr<Schema> {
        let types = [
            "header",
            "account",
            "policy",
            "role",
            "admin_app",
            "schema",
            "resource_type",
            "policy_version",
            "user",
            "suspended_user",
            "deleted_user",
            "group",
            "members",
            "quorum_policy",
            "resource",
            "enterprise_app",
            "app_role",
            "app_assignment",
            "end",
        ];
        super::openapi::schema(json!({
            "type": "object",
            "description": "One of many lines of JSON (`application/x-ndjson`): first a `header`, then what makes the configuration, \
                then the rest, at last an `end`, without which the lines are not whole. Holds no secrets.",
            "properties": { "type": { "type": "string", "enum": types, "description": "What the line tells of." } },
            "required": ["type"],
        }))
    }
}

impl ToSchema for ExportLine {}

/// What an import has done.
#[derive(Serialize, ToSchema)]
pub(super) struct ImportView {
    /// The account, which has the id that it had.
    id: String,
    /// How many users, groups, members, roles, … the lines told of.
    counts: BTreeMap<&'static str, u64>,
    /// Members of groups that are left out since no line tells of them: they went while the lines were written.
    missing_members: u64,
    /// What was left out of users and groups, at most 100 sentences.
    warnings: Vec<String>,
}

pub(super) async fn export(asked: InAccount) -> Answer {
    let target = Some(Target::Record(Kind::ACCOUNT, asked.config.account_record()));
    let about = About { action: "account.export", target };
    asked.or_recorded(&about, asked.request.caller.operator()).await?;
    asked
        .write(about, |config, call| {
            let name = &config.account.name;
            let entry = Entry::done("account.export").about(&Kind::ACCOUNT, config.account_record(), name);
            let change = ChangeSet { log: vec![audit::entry(call, entry)], ..ChangeSet::default() };
            Ok(Decided { change, outcome: () })
        })
        .await?;
    let account = asked.account();
    let (out, body) = Channel::<Bytes, Broken>::new(WAITING_MAX);
    tokio::spawn(write(asked.request.app.clone(), account, Gathered { out, text: BytesMut::new() }));
    let file = format!("attachment; filename=\"{account}.jsonl\"");
    let headers =
        [(CONTENT_TYPE, JSON_LINES.to_owned()), (CACHE_CONTROL, "no-store".to_owned()), (CONTENT_DISPOSITION, file)];
    Ok((headers, Body::new(body)).into_response())
}

async fn write(app: App, account: provost_change::AccountId, mut gathered: Gathered) {
    match app.export(account, &mut gathered).await {
        Ok(()) => drop(gathered.flush().await),
        Err(failure) => {
            tracing::error!(account.id = %account, cause = %failure, "An account could not be exported to its end.");
            gathered.out.abort(Broken);
        }
    }
}

/// The lines could not be written to their end: the connection is closed, so that the client does not take them for whole.
#[derive(Debug, thiserror::Error)]
#[error("the lines could not be written to their end")]
pub(super) struct Broken;

/// Lines that wait to be sent together.
struct Gathered {
    out: Sender<Bytes, Broken>,
    text: BytesMut,
}

impl Gathered {
    async fn flush(&mut self) -> bool {
        self.out.send_data(self.text.split().freeze()).await.is_ok()
    }
}

impl Lines for Gathered {
    async fn take(&mut self, line: &Line) -> bool {
        let Ok(text) = line_text(line) else { return false };
        self.text.extend_from_slice(&text);
        self.text.len() < CHUNK_BYTES || self.flush().await
    }
}

/// What is refused on the way leaves lines unread: the connection ends with the answer, so that nobody takes it for a free one.
pub(super) async fn import(asked: Asked, body: Body) -> Response {
    let mut answer = imported(asked, body).await.into_response();
    if !answer.status().is_success() {
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

async fn imported(asked: Asked, body: Body) -> Result<Response, Error> {
    asked.operator().await?;
    body::check_media_type(&asked.headers, &[JSON_LINES])?;
    let mut lines = Incoming { body, text: BytesMut::new(), ended: false, number: 0 };
    let header = lines.next().await?.ok_or_else(|| Refused::invalid("the body is empty"))?;
    let begun = asked.app.begin_import(&asked.caller, header.0).await;
    let mut importing = begun.map_err(|failure| at_line(1, failure))?;
    let read = read(&mut lines, &mut importing).await;
    let done = match read {
        Ok(()) => importing.finish().await.map_err(|failure| at_line(lines.number, failure)),
        Err(failure) => Err(failure),
    };
    match done {
        Ok((id, done)) => {
            let view = ImportView {
                id: id.to_string(),
                counts: done.counts,
                missing_members: done.missing_members,
                warnings: done.warnings,
            };
            created(&asked.location(&format!("/accounts/{id}")), &view)
        }
        Err(failure) => {
            importing.failed(&failure).await;
            Err(failure.into())
        }
    }
}

async fn read(lines: &mut Incoming, importing: &mut Importing) -> Result<(), Failure> {
    while let Some((line, bytes)) = lines.next().await? {
        importing.take(line, bytes).await.map_err(|failure| at_line(lines.number, failure))?;
    }
    Ok(())
}

/// The failure, with the number of the line. Those of the server itself have nothing to do with the line.
fn at_line(number: u64, failure: Failure) -> Failure {
    match failure {
        Failure::Refused(mut refused) => {
            refused.error.detail = format!("line {number}: {}", refused.error.detail);
            Failure::Refused(refused)
        }
        other => other,
    }
}

/// Lines as they come.
struct Incoming {
    body: Body,
    text: BytesMut,
    ended: bool,
    number: u64,
}

impl Incoming {
    /// The next line, with its number of bytes; empty ones are passed over. `None` at the end.
    async fn next(&mut self) -> Result<Option<(Value, usize)>, Failure> {
        while let Some(line) = self.line().await? {
            self.number += 1;
            if !line.trim_ascii().is_empty() {
                let value = json::parse(&line, &LINE).map_err(ScimError::from);
                let value = value.map_err(|error| at_line(self.number, error.into()))?;
                return Ok(Some((value, line.len())));
            }
        }
        Ok(None)
    }

    async fn line(&mut self) -> Result<Option<Bytes>, Failure> {
        let mut searched = 0;
        loop {
            if let Some(end) = self.text[searched..].iter().position(|byte| *byte == b'\n') {
                let line = self.text.split_to(searched + end).freeze();
                self.text.advance(1);
                return Ok(Some(line));
            }
            searched = self.text.len();
            if searched > LINE_BYTES_MAX {
                return Err(at_line(self.number + 1, BodyError::TooLarge { bytes_max: LINE_BYTES_MAX }.into()));
            }
            if self.ended {
                return Ok((!self.text.is_empty()).then(|| self.text.split().freeze()));
            }
            self.more().await?;
        }
    }

    /// Waits for more of the body: a client may take long over all of it, but not over any part.
    async fn more(&mut self) -> Result<(), BodyError> {
        let late = BodyError::TimedOut { after: body::READ_TIMEOUT };
        match timeout(body::READ_TIMEOUT, self.body.frame()).await.map_err(|_| late)? {
            None => self.ended = true,
            Some(frame) => {
                if let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() {
                    self.text.extend_from_slice(&data);
                }
            }
        }
        Ok(())
    }
}
