//! Where the values that an app sends of one object come from: row by row, and what set the source's attributes.

use crate::{
    api::{
        Answer,
        asked::InAccount,
        body::member,
        lineage::{Origin, origins},
        named, ok,
    },
    app::{Failure, ObjectLineage},
    search,
};
use jiff::Timestamp;
use provost_change::ResourceId;
use provost_engine::{
    Action, ActionSet, AttributeMapping, EnterpriseApp, Key, Lineage, Link, Objects, Standing, TargetValue, aliases,
    registry::Registered,
};
use provost_store::Search;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

/// Records of the provisioning log that are looked at.
const ACTIONS_MAX: usize = 2_000;
/// Records that are read at once.
const CHUNK: u64 = 200;
/// What stands in place of a value that is kept out of logs.
const REDACTED: &str = "[Redact]";

/// Of whom.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct LineageQuery {
    /// A user, by id or userName; either this or `group`.
    user: Option<String>,
    /// A group, by id or displayName.
    group: Option<String>,
}

/// Where the values that an app sends of one object come from.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ObjectLineageView {
    /// The object's id.
    source: String,
    /// Whether it shall be at the target; null when a scoping filter gives no answer.
    entitled: Option<bool>,
    /// The resource's id at the target; null when nothing is known to be there.
    target: Option<String>,
    /// How it stood when it was looked at last: `new`, `entitled`, `disabled`, `left` or `spared`; null when it never was.
    #[schema(value_type = Option<String>)]
    standing: Option<Standing>,
    /// One for each row of the mapping. Members of a group are not among them.
    attributes: Vec<RowLineage>,
}

/// Where the value of one row comes from.
#[derive(Serialize, ToSchema)]
struct RowLineage {
    /// The target's attribute.
    target: String,
    /// What the row gives, as the mapping has it: `source`, `constant`, `expression` or `none`.
    #[schema(value_type = Object)]
    gives: Value,
    /// The source attributes that it reads.
    reads: Vec<ReadView>,
    /// The calls of its expression in the order in which they ended.
    steps: Vec<CallView>,
    /// Whether the default stood in.
    is_default: bool,
    /// What it gives now; null when it gives nothing. A reference is the id at the target.
    #[schema(value_type = Object)]
    wanted: Value,
    /// Why it gives nothing that could be sent; null when it does.
    fault: Option<String>,
    /// What was written last, or seen when the resource was linked; null when nothing was.
    #[schema(value_type = Object)]
    written: Value,
    /// What wrote it; null where the provisioning log does not reach back so far.
    action: Option<WroteView>,
}

/// A source attribute that a row reads.
#[derive(Serialize, ToSchema)]
struct ReadView {
    /// By the name that the mapping has for it.
    name: String,
    /// What the object has there.
    #[schema(value_type = Object)]
    value: Value,
    /// The entry of the audit log that set it last; null of what is computed, such as `IsSoftDeleted`.
    origin: Option<Origin>,
}

/// A call of a function in an expression.
#[derive(Serialize, ToSchema)]
struct CallView {
    /// The function.
    function: &'static str,
    /// How many calls are around it.
    depth: usize,
    /// Its arguments as text; null for one that is omitted, or was not needed.
    arguments: Vec<Option<String>>,
    /// What it gave.
    result: String,
}

/// The entry of the provisioning log that wrote a value.
#[derive(Clone, Serialize, ToSchema)]
struct WroteView {
    /// Its id.
    id: String,
    /// Its cycle.
    cycle: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `create`, `update`, `disable`, …
    #[schema(value_type = String)]
    action: Value,
}

pub(in crate::api) async fn get(asked: InAccount) -> Answer {
    let LineageQuery { user, group } = asked.request.query()?;
    let app = super::app_of(&asked).await?;
    let key = match (user, group) {
        (Some(user), None) => match user.parse() {
            Ok(id) => Key::user(id),
            Err(_) => Key::user(named::user(&asked, "user", &user).await?.id()),
        },
        (None, Some(group)) => match group.parse() {
            Ok(id) => Key::group(id),
            Err(_) => Key::group(named::group(&asked, "group", &group).await?.id()),
        },
        (Some(_), Some(_)) => return Err(member("group", "name a user or a group, not both").into()),
        (None, None) => return Err(member("user", "name a `user` or a `group`").into()),
    };
    let lineage = asked.request.app.lineage(asked.account(), app.id(), key).await?;
    let sources = sources(&asked, key, &lineage).await?;
    let mut wrote = wrote(&asked, app.id(), key).await?;
    let ObjectLineage { app, link, is_entitled, rows, referred, .. } = lineage;
    let EnterpriseApp { mappings, .. } = &app.value;
    let view = |row: Lineage| {
        let mapped = mappings.of(key.of).attributes.iter().find(|mapped| mapped.target == row.target);
        let action = wrote.remove(&row.target);
        RowLineage { action, ..row_of(row, mapped, (link.as_deref(), &referred, &sources)) }
    };
    ok(&ObjectLineageView {
        source: key.id.to_string(),
        entitled: is_entitled,
        attributes: rows.into_iter().map(view).collect(),
        target: link.as_ref().and_then(|link| link.target.clone()),
        standing: link.as_ref().map(|link| link.standing),
    })
}

/// What a row is put together with: the link, ids at the target of references, and what set the source's attributes, by their names.
type Beside<'b> = (Option<&'b Link>, &'b HashMap<ResourceId, Option<String>>, &'b HashMap<String, Option<Origin>>);

fn row_of(row: Lineage, mapped: Option<&AttributeMapping>, (link, referred, sources): Beside<'_>) -> RowLineage {
    let Lineage { target, reads, steps, is_default, wanted } = row;
    let redacted = wanted.redacted.iter().any(|name| *name == target.as_str());
    let shown = |value: Option<&TargetValue>| match value {
        Some(value) if redacted && !value.is_null() => json!(REDACTED),
        Some(value) => json!(value),
        None => Value::Null,
    };
    let reference = wanted.references.first().and_then(|reference| referred.get(&reference.to)).map(|id| json!(id));
    let candidates = wanted.candidates.first().map(|candidates| json!(candidates.values));
    let value = reference.or(candidates).unwrap_or_else(|| shown(wanted.values.get(&target)));
    let reads = reads.into_iter().map(|(name, value)| {
        let origin = sources.get(&name).cloned().flatten();
        ReadView { name, value, origin }
    });
    let steps = steps.into_iter().map(|step| CallView {
        function: step.function,
        depth: step.depth,
        arguments: step.arguments,
        result: step.result,
    });
    RowLineage {
        gives: mapped.map(|mapped| json!(mapped.gives)).unwrap_or_default(),
        reads: reads.collect(),
        steps: steps.collect(),
        is_default,
        wanted: value,
        fault: wanted.faults.into_iter().next().map(|fault| fault.problem),
        written: shown(link.and_then(|link| link.written.get(&target))),
        action: None,
        target,
    }
}

/// What set each source attribute that a row reads, by its name in the mapping.
async fn sources(
    asked: &InAccount,
    key: Key,
    lineage: &ObjectLineage,
) -> Result<HashMap<String, Option<Origin>>, Failure> {
    let Some(object) = &lineage.object else { return Ok(HashMap::new()) };
    let origins = origins(asked, key.id, &object.resource).await?;
    let of = |name: &str| {
        let path = path(key.of, name)?;
        let is_of =
            |known: &str| path == known || path.strip_prefix(known).is_some_and(|rest| rest.starts_with(['.', '[']));
        origins.iter().find(|origin| is_of(&origin.name))?.origin.clone()
    };
    let names = lineage.rows.iter().flat_map(|row| &row.reads).map(|(name, _)| name);
    Ok(names.map(|name| (name.clone(), of(name))).collect())
}

/// The SCIM path that a name in a mapping stands for; `None` of what is computed.
fn path(of: Objects, name: &str) -> Option<&str> {
    match aliases(of).iter().find(|alias| alias.name == name) {
        Some(alias) => alias.path.as_deref(),
        None => Some(name),
    }
}

/// What wrote each attribute of the target last, as far as the provisioning log reaches back.
async fn wrote(asked: &InAccount, app: ResourceId, key: Key) -> Result<HashMap<String, WroteView>, Failure> {
    let (mut wrote, mut after, mut looked_at) = (HashMap::new(), None, 0);
    while looked_at < ACTIONS_MAX {
        let entry = ActionSet::Source(key).entry();
        let search = Search { after, limit: CHUNK, ..search::under(Action::kind(), entry) };
        let records = asked.request.app.store().search(asked.account(), &search).await?.records;
        let Some(last) = records.last() else { break };
        after = Some(last.id);
        looked_at += records.len();
        for record in records {
            let action: Registered<Action> = Registered::read(asked.account(), record)?;
            let is_done =
                matches!(action.value.status, provost_engine::Status::Success | provost_engine::Status::Warning);
            if action.value.app != app || !is_done {
                continue;
            }
            let view = WroteView {
                id: action.id().to_string(),
                cycle: action.value.cycle.to_string(),
                at: action.value.at,
                action: json!(action.value.action),
            };
            for modified in action.value.modified {
                wrote.entry(modified.name.to_string()).or_insert_with(|| view.clone());
            }
        }
    }
    Ok(wrote)
}
