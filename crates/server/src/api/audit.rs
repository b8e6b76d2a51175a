//! The audit log: read it, take it along, and prove that nobody changed it.

mod export;

pub(super) use export::{export_csv, export_lines};

use super::{Answer, asked::InAccount, ok, page, page::Page};
use crate::app::{App, Failure};
use jiff::Timestamp;
use provost_accounts::{api_key::hex, audit};
use provost_change::{AccountId, ChainBase, Head, ResourceId, verify};
use provost_scim::{ScimError, ScimType};
use provost_store::LogQuery;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

/// Entries that are read at once.
const CHUNK: u64 = 500;
/// Entries that one request looks at for a page; what lies behind them is behind `next`.
const EXAMINED_MAX: u64 = 10_000;
/// Verifications of one request: retention may cut the log's beginning off while it is read.
const VERIFICATIONS_MAX: usize = 3;

/// The query of the audit log.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// Only entries about this user.
    user: Option<String>,
    /// Only entries about the record with this id, be it a user, a role or anything else.
    subject: Option<String>,
    /// Only entries of this action, such as `user.create`.
    action: Option<String>,
    /// Only what was done, or only what was refused.
    #[param(inline)]
    outcome: Option<Outcome>,
    /// Only what deserves this much attention.
    #[param(inline)]
    severity: Option<Severity>,
    /// Only what somebody of this name did: an admin app, a person, `operator` or `system`.
    actor: Option<String>,
    /// Only what happened at this instant or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Only what happened before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Only entries with a greater sequence number.
    after_seq: Option<u64>,
    /// Only entries with a smaller sequence number.
    before_seq: Option<u64>,
    /// Newest first unless said.
    #[serde(default)]
    #[param(inline)]
    order: Order,
    /// Items on the page: 1 to 200, 50 unless said.
    limit: Option<u64>,
    /// `next` of the page before; absent for the first. A page behind which there is another may have fewer items than `limit`.
    cursor: Option<String>,
}

/// What came of it.
#[derive(Clone, Copy, Deserialize, PartialEq, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// It was done.
    Success,
    /// It was refused.
    Failure,
}

/// How much attention something deserves.
#[derive(Clone, Copy, Deserialize, PartialEq, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Severity {
    /// It was done as asked.
    Info,
    /// It was done otherwise than asked.
    Warning,
    /// It was refused.
    Error,
}

/// The order of a log.
#[derive(Clone, Copy, Default, Deserialize, PartialEq, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// From the newest entry down.
    #[default]
    Newest,
    /// From the oldest entry up.
    Oldest,
}

/// The form of an entry.
pub(super) struct AuditEntry;

impl PartialSchema for AuditEntry {
    fn schema() -> RefOr<Schema> {
        let text = |description: &str| json!({ "type": "string", "description": description });
        let of = |what: &str| json!({ "type": "object", "description": what });
        let list = |description: &str, items: &str| json!({ "type": "array", "items": { "type": items }, "description": description });
        super::openapi::schema(json!({
            "type": "object",
            "description": "Who did what to whom, when, from where, with which outcome. What is personal may have been erased.",
            "properties": {
                "account": text("The account's id."),
                "seq": { "type": "integer", "description": "Counts the account's entries, from 1, without gaps." },
                "time": { "type": "string", "format": "date-time", "description": "When." },
                "action": text("What: `user.create`, `policy.update`, …"),
                "outcome": { "type": "string", "enum": ["success", "failure"], "description": "Whether it was done." },
                "severity": { "type": "string", "enum": ["INFO", "WARNING", "ERROR"], "description": "How much attention it deserves." },
                "actor": of("Who: `type` (app, person, operator, system), `name`; of an app its `id` and the `key`'s id; of a person the session as `key`; `owner`: the user behind a token or a session."),
                "target": of("What it was about: `type` and, unless it was never made, `id`."),
                "target_name": text("The name of what it was about."),
                "request_id": text("The request's id, as in the answer's X-Request-Id."),
                "client_ip": text("From where."),
                "user_agent": text("What the client calls itself."),
                "attributes": list("Names of the attributes that changed.", "string"),
                "changes": list("Each changed `attribute` with its `old` and `new` value.", "object"),
                "warnings": list("What was done otherwise than asked.", "string"),
                "repairs": list("What was repaired in the request's dialect.", "string"),
                "reason": of("Why it was refused: `status`, `scimType`, `policyField`."),
                "detail": text("Why it was refused, as the client was told."),
                "erased": { "type": "boolean", "description": "True when the personal part was erased." },
                "hash": text("Hash of the entry and of all entries before it, in hexadecimal."),
            },
            "required": ["account", "seq", "time", "action", "outcome", "severity", "actor", "request_id", "hash"],
        }))
    }
}

impl ToSchema for AuditEntry {}

/// Whether the log is what was written.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Verified {
    /// It is.
    Whole {
        /// True.
        verified: bool,
        /// How many entries there are.
        entries: u64,
        /// Sequence number of the oldest entry that is kept; null when there is none.
        first_seq: Option<u64>,
        /// Sequence number of the newest entry.
        last_seq: u64,
        /// Hash of the newest entry, in hexadecimal.
        hash: String,
    },
    /// It is not.
    Broken {
        /// False.
        verified: bool,
        /// The first entry that does not fit.
        seq: u64,
        /// What does not fit.
        problem: String,
    },
}

pub(super) async fn list(asked: InAccount) -> Answer {
    let query: AuditQuery = asked.request.query()?;
    let page = Page::<u64>::read(query.limit, query.cursor.as_deref())?;
    let mut walk = query.walk(&asked.request.app, asked.account(), page.after).await?;
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let mut items = Vec::new();
    let mut examined = 0;
    while examined < EXAMINED_MAX {
        let entries = asked.request.app.store().log(asked.account(), &walk).await?;
        let is_last = (entries.len() as u64) < CHUNK;
        for entry in &entries {
            let shown = audit::shown(asked.account(), entry);
            if query.accepts(&shown) {
                if items.len() == limit {
                    return page::list(items, Some(page::cursor(seen(&walk))));
                }
                items.push(shown);
            }
            go_behind(&mut walk, entry.seq);
        }
        if is_last {
            return page::list(items, None);
        }
        examined += entries.len() as u64;
    }
    page::list(items, Some(page::cursor(seen(&walk))))
}

impl AuditQuery {
    /// Where to look for the entries behind the last one that was looked at.
    async fn walk(&self, app: &App, account: AccountId, last: Option<u64>) -> Result<LogQuery, Failure> {
        let id = |name: &str, text: &Option<String>| -> Result<Option<ResourceId>, Failure> {
            let invalid = |_| ScimError::bad_request(ScimType::InvalidValue, format!("`{name}` is not an id"));
            Ok(text.as_deref().map(str::parse).transpose().map_err(invalid)?)
        };
        let subject = match (id("user", &self.user)?, id("subject", &self.subject)?) {
            (Some(_), Some(_)) => {
                let detail = "give `user` or `subject`, not both";
                return Err(ScimError::bad_request(ScimType::InvalidValue, detail).into());
            }
            (user, subject) => user.or(subject),
        };
        let since = match self.from {
            Some(from) => first_at(app, account, from).await?.checked_sub(1),
            None => None,
        };
        let until = match self.to {
            Some(to) => Some(first_at(app, account, to).await?),
            None => None,
        };
        let mut walk = LogQuery {
            after: self.after_seq.max(since),
            before: [self.before_seq, until].into_iter().flatten().min(),
            subject,
            newest_first: self.order == Order::Newest,
            limit: CHUNK,
        };
        if let Some(last) = last {
            go_behind(&mut walk, last);
        }
        Ok(walk)
    }

    fn accepts(&self, shown: &Value) -> bool {
        let outcome = self.outcome.map(|outcome| match outcome {
            Outcome::Success => "success",
            Outcome::Failure => "failure",
        });
        let severity = self.severity.map(|severity| match severity {
            Severity::Info => "INFO",
            Severity::Warning => "WARNING",
            Severity::Error => "ERROR",
        });
        let is = |name: &str, wanted: Option<&str>| wanted.is_none_or(|wanted| shown[name] == wanted);
        let by = self.actor.as_deref().is_none_or(|name| shown["actor"]["name"] == name);
        is("action", self.action.as_deref()) && is("outcome", outcome) && is("severity", severity) && by
    }
}

/// The number of the first entry at an instant or later; one more than the last where there is none. Numbers and times rise together.
async fn first_at(app: &App, account: AccountId, at: Timestamp) -> Result<u64, Failure> {
    let head = head(app, account).await?;
    let (mut low, mut high) = (head.base.seq + 1, head.seq + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let one = LogQuery { after: middle.checked_sub(1), before: None, subject: None, newest_first: false, limit: 1 };
        match app.store().log(account, &one).await?.first() {
            Some(entry) if entry.at < at => low = entry.seq + 1,
            Some(_) | None => high = middle,
        }
    }
    Ok(low)
}

/// Narrows a walk to what comes behind the entry with this number.
fn go_behind(walk: &mut LogQuery, seq: u64) {
    if walk.newest_first {
        walk.before = Some(walk.before.map_or(seq, |before| before.min(seq)));
    } else {
        walk.after = Some(walk.after.map_or(seq, |after| after.max(seq)));
    }
}

/// The number of the last entry that a walk has looked at.
fn seen(walk: &LogQuery) -> u64 {
    let seen = if walk.newest_first { walk.before } else { walk.after };
    seen.unwrap_or_default()
}

pub(super) async fn verification(asked: InAccount) -> Answer {
    let (app, account) = (&asked.request.app, asked.account());
    let mut head = head(app, account).await?;
    let mut verified = walk(app, account, &head).await?;
    for _ in 1..VERIFICATIONS_MAX {
        let now = self::head(app, account).await?;
        if matches!(verified, Verified::Whole { .. }) || now.base == head.base {
            break;
        }
        head = now;
        verified = walk(app, account, &head).await?;
    }
    ok(&verified)
}

async fn head(app: &App, account: AccountId) -> Result<Head, Failure> {
    app.store().head(account).await?.ok_or(Failure::NoAccount)
}

/// Follows the chain from where the head says that it begins to where it says that it ends.
async fn walk(app: &App, account: AccountId, head: &Head) -> Result<Verified, Failure> {
    let broken = |seq: u64, problem: &str| Verified::Broken { verified: false, seq, problem: problem.to_owned() };
    let mut at: ChainBase = head.base;
    while at.seq < head.seq {
        let query = LogQuery {
            after: Some(at.seq),
            before: head.seq.checked_add(1),
            subject: None,
            newest_first: false,
            limit: CHUNK,
        };
        let entries = app.store().log(account, &query).await?;
        if entries.is_empty() {
            return Ok(broken(at.seq + 1, "is missing"));
        }
        at = match verify(at, &entries) {
            Ok(next) => next,
            Err(error) => return Ok(broken(error.seq, error.problem)),
        };
    }
    if at.hash != head.hash {
        return Ok(broken(at.seq, "is not the entry that the account remembers as its last"));
    }
    let entries = head.seq - head.base.seq;
    Ok(Verified::Whole {
        verified: true,
        entries,
        first_seq: (entries > 0).then_some(head.base.seq + 1),
        last_seq: head.seq,
        hash: hex(&head.hash),
    })
}
