//! Where the attributes of a user come from: which entry of the audit log set each last.

use super::{Answer, asked::InAccount, ok, users};
use crate::app::Failure;
use provost_accounts::audit;
use provost_change::{Kind, ResourceId};
use provost_store::LogQuery;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// Entries that are read at once.
const CHUNK: u64 = 500;
/// Entries about one user that are looked at: what was set before them has no origin.
const ENTRIES_MAX: u64 = 10_000;
/// What the audit log calls the roles that a user holds in the account.
const ACCOUNT_ROLES: &str = "account roles";

/// Where the attributes of a user come from.
#[derive(Serialize, ToSchema)]
pub(super) struct UserLineageView {
    /// The user's id.
    id: String,
    /// Its sign-in name.
    user_name: String,
    /// The source outside that brings it, such as a file or an LDAP server.
    source: Option<String>,
    /// Each attribute that it has.
    attributes: Vec<AttributeOrigin>,
}

/// An attribute with where it comes from.
#[derive(Clone, Serialize, ToSchema)]
pub(super) struct AttributeOrigin {
    /// The attribute, or a part of it, in attribute notation: `displayName`, `name.givenName`; of several values as a whole: `emails`.
    /// `account roles` are the roles that the user itself holds in the account.
    pub name: String,
    /// What it is.
    #[schema(value_type = Object)]
    pub value: Value,
    /// What set it last; null where the audit log does not reach back so far.
    pub origin: Option<Origin>,
}

/// The entry of the audit log that set an attribute last.
#[derive(Clone, Serialize, ToSchema)]
pub(super) struct Origin {
    /// Its sequence number.
    seq: u64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    time: Value,
    /// What was done: `user.create`, `user.update`, …
    #[schema(value_type = String)]
    action: Value,
    /// Who did it: `type` (`app`, `operator`, `system`) and `name`; of an app, which is what a SCIM client is here, its `id` and the
    /// `key`'s, and the `owner` of a user token.
    #[schema(value_type = Object)]
    actor: Value,
    /// The request's id.
    #[schema(value_type = String)]
    request_id: Value,
    /// What the attribute was before; null where it was not there, or was erased.
    #[schema(value_type = Option<Object>)]
    old: Value,
}

/// A part of a resource that comes from one place.
struct Part {
    /// The attribute as entries name it.
    attribute: String,
    /// Which part of its value, if not all of it.
    within: Option<String>,
    shown: AttributeOrigin,
}

pub(super) async fn of_user(asked: InAccount) -> Answer {
    let config = &asked.config;
    let user = users::load_any(&asked.request.app, config, asked.id(&Kind::USER)?).await?;
    let roles: Vec<String> = user.state.roles.iter().map(|role| config.role_name(*role)).collect();
    let mut attributes = user.resource.attributes().clone();
    if !roles.is_empty() {
        attributes.insert(ACCOUNT_ROLES.to_owned(), json!(roles));
    }
    ok(&UserLineageView {
        id: user.id().to_string(),
        user_name: user.user_name().to_owned(),
        source: user.state.source.clone(),
        attributes: origins(&asked, user.id(), &attributes).await?,
    })
}

/// What set each attribute of a resource last, in their order.
///
/// # Errors
/// A store that is away.
pub(super) async fn origins(
    asked: &InAccount,
    subject: ResourceId,
    attributes: &Map<String, Value>,
) -> Result<Vec<AttributeOrigin>, Failure> {
    let mut parts = parts(attributes);
    let mut walk = LogQuery { after: None, before: None, subject: Some(subject), newest_first: true, limit: CHUNK };
    let mut examined = 0;
    while examined < ENTRIES_MAX && parts.iter().any(|part| part.shown.origin.is_none()) {
        let entries = asked.request.app.store().log(asked.account(), &walk).await?;
        let Some(last) = entries.last() else { break };
        walk.before = Some(last.seq);
        examined += entries.len() as u64;
        for entry in &entries {
            note(&mut parts, entry.seq, &audit::shown(asked.account(), entry));
        }
    }
    Ok(parts.into_iter().map(|part| part.shown).collect())
}

/// The attributes in the parts that entries tell apart: those of complex attributes and of extensions each by itself.
fn parts(attributes: &Map<String, Value>) -> Vec<Part> {
    let mut parts = Vec::new();
    for (name, value) in attributes.iter().filter(|(name, _)| !matches!(name.as_str(), "schemas" | "id" | "meta")) {
        let part = |within: Option<&String>, value: &Value| {
            let between = if name.starts_with("urn:") { ':' } else { '.' };
            let shown = within.map_or_else(|| name.clone(), |within| format!("{name}{between}{within}"));
            let shown = AttributeOrigin { name: shown, value: value.clone(), origin: None };
            Part { attribute: name.clone(), within: within.cloned(), shown }
        };
        match value {
            Value::Object(members) => parts.extend(members.iter().map(|(within, value)| part(Some(within), value))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                parts.push(part(None, value));
            }
        }
    }
    parts
}

/// Notes what an entry set, of what no newer one did. Entries come newest first.
fn note(parts: &mut [Part], seq: u64, entry: &Value) {
    if entry["outcome"] != json!("success") {
        return;
    }
    let is_creation = matches!(entry["action"].as_str(), Some("user.create" | "group.create"));
    let named = |attribute: &str| entry["attributes"].as_array().into_iter().flatten().any(|name| name == attribute);
    let change = |attribute: &str| {
        let changes = entry["changes"].as_array()?;
        changes.iter().find(|change| change["attribute"] == json!(attribute))
    };
    for part in parts.iter_mut().filter(|part| part.shown.origin.is_none()) {
        let within = |value: &Value| match &part.within {
            Some(within) => value.get(within).cloned().unwrap_or_default(),
            None => value.clone(),
        };
        let old = match change(&part.attribute) {
            Some(change) => {
                let (old, new) = (within(&change["old"]), within(&change["new"]));
                // Another part of the same attribute changed.
                if old == new && !is_creation {
                    continue;
                }
                old
            }
            // What was erased of the entry may have been any part.
            None if named(&part.attribute) || is_creation => Value::Null,
            None => continue,
        };
        part.shown.origin = Some(Origin {
            seq,
            time: entry["time"].clone(),
            action: entry["action"].clone(),
            actor: entry["actor"].clone(),
            request_id: entry["request_id"].clone(),
            old,
        });
    }
}
