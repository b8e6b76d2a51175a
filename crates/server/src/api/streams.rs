//! Where an account's audit log is sent. The server calls what is named here, so only the operator names it; whom the operator
//! trusts is called, be it over plain HTTP or at a private address.

use super::{Answer, asked::InAccount, body, no_content, ok};
use crate::app::{About, Failure, Standing, Target};
use axum::body::Body;
use jiff::Timestamp;
use provost_accounts::{Decided, stream};
use provost_client::{SinkUrl, headers};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Where the audit log is to go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAuditStream {
    /// `syslog://HOST:PORT` (RFC 5424 over TCP, with octet counting), `syslog+tls://HOST:PORT`, or `https://…` (JSON lines by POST);
    /// `http://…` too.
    target: String,
    /// Headers that are sent to an `https` target, such as `Authorization`; kept sealed and not shown again.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Begin behind the entry with this number. Left out, a stream goes on where it stands, and a new one begins with the oldest
    /// entry that is kept.
    after_seq: Option<u64>,
}

/// How the stream of the audit log stands.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditStreamView {
    /// Where the log goes; null when it was set under another operator's key and has to be set again.
    target: Option<String>,
    /// Names of the headers that are sent with it.
    headers: Vec<String>,
    /// The sequence number of the last entry that has arrived; 0 before the first.
    watermark: u64,
    /// When it had arrived; null before the first.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_sent: Option<Timestamp>,
    /// How many entries have not arrived yet.
    lag: u64,
    /// Entries that retention removed before they could be sent.
    skipped: u64,
    /// Why nothing arrives at the moment; null when all is well.
    last_error: Option<StreamTrouble>,
}

/// Why a stream does not go on.
#[derive(Serialize, ToSchema)]
pub(super) struct StreamTrouble {
    /// When it was tried last.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What went wrong.
    problem: String,
    /// How often it was tried since it went well.
    attempts: u32,
}

impl From<Standing> for AuditStreamView {
    fn from(standing: Standing) -> Self {
        let Standing { target, headers, watermark, newest, trouble } = standing;
        Self {
            target,
            headers,
            watermark: watermark.seq,
            last_sent: watermark.at,
            lag: newest.saturating_sub(watermark.seq),
            skipped: watermark.skipped,
            last_error: trouble.map(|trouble| StreamTrouble {
                at: trouble.at,
                problem: trouble.problem,
                attempts: trouble.attempts,
            }),
        }
    }
}

pub(super) async fn get(asked: InAccount) -> Answer {
    asked.request.operator().await?;
    show(&asked).await
}

pub(super) async fn put(asked: InAccount, body: Body) -> Answer {
    let about = about(&asked, "audit_stream.set");
    asked.or_recorded(&about, asked.request.caller.operator()).await?;
    let new: NewAuditStream = asked.body(&about, body).await?;
    let url = asked.or_recorded(&about, check(&new)).await?;
    let (app, account, new, url) = (&asked.request.app, asked.account(), &new, &url);
    let decide = |_, call| async move {
        let destination = app.destination(account, &new.target, url, &new.headers)?;
        let change = app.stream_change(account, |head, before| {
            stream::set(&call, account, head, before, destination, new.after_seq)
        });
        Ok(Decided { change: change.await?, outcome: () })
    };
    app.write(account, &asked.request.caller, about, decide).await?;
    app.stream_was_set(account, true);
    show(&asked).await
}

pub(super) async fn delete(asked: InAccount) -> Answer {
    let about = about(&asked, "audit_stream.remove");
    asked.or_recorded(&about, asked.request.caller.operator()).await?;
    let (app, account) = (&asked.request.app, asked.account());
    let decide = |_, call| async move {
        let change = app.stream_change(account, |_, before| stream::remove(&call, account, before));
        Ok(Decided { change: change.await?, outcome: () })
    };
    app.write(account, &asked.request.caller, about, decide).await?;
    app.stream_was_set(account, false);
    no_content()
}

async fn show(asked: &InAccount) -> Answer {
    ok(&AuditStreamView::from(asked.request.app.stream_standing(asked.account()).await?))
}

fn about(asked: &InAccount, action: &'static str) -> About {
    About { action, target: Some(Target::Record(stream::kind(), asked.config.account_record())) }
}

/// Whether the sink can be called so.
fn check(new: &NewAuditStream) -> Result<SinkUrl, Failure> {
    let url = new.target.parse().map_err(|error| body::member("target", error))?;
    headers(&new.headers).map_err(|error| body::member("headers", error))?;
    match url {
        SinkUrl::Syslog(_) if !new.headers.is_empty() => Err(body::member("headers", "a syslog server takes none")),
        SinkUrl::Syslog(_) | SinkUrl::Web(_) => Ok(url),
    }
}
