//! The provisioning policy and its versions.

use super::{
    Answer,
    asked::{Asked, InAccount},
    body::member,
    ok, page,
    page::PageQuery,
};
use crate::app::{About, Failure, Target};
use axum::body::Body;
use jiff::Timestamp;
use provost_accounts::{
    Policy, Refused, User,
    account::{self, PolicyVersion},
    policy::{self, PRESETS},
};
use provost_change::{Kind, Record, ResourceId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

/// Versions that are read at once when one is looked for.
const CHUNK: u64 = 200;

/// What puts a policy in force: the name of a preset, or a document; what a document leaves out comes from its `preset`.
pub(super) struct PolicyDocument;

impl PartialSchema for PolicyDocument {
    fn schema() -> RefOr<Schema> {
        let names = PRESETS.map(|(name, _)| name);
        super::openapi::schema(json!({
            "description": "The name of a preset, or a document of the form of `Policy`. A document may be partial: what it leaves \
                out comes from its `preset`, or from `standard`.",
            "oneOf": [{ "type": "string", "enum": names }, { "type": "object" }],
        }))
    }
}

impl ToSchema for PolicyDocument {}

/// The policy in force.
#[derive(Serialize, ToSchema)]
pub(super) struct PolicyView<'a> {
    /// Counts the account's policies, from 1.
    version: u32,
    /// The whole document.
    policy: &'a Policy,
}

/// A policy that was in force, or is.
#[derive(Serialize, ToSchema)]
pub(super) struct PolicyVersionView {
    /// Counts the account's policies, from 1.
    version: u32,
    /// Who put it in force: a user's userName, the name of an admin app, `operator`, or `person` where the user is gone.
    author: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// The whole document.
    policy: Policy,
}

/// Which version to go back to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Revert {
    /// A version that was in force.
    version: u32,
}

/// The query of a comparison.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DiffQuery {
    /// The version to compare with; the one before unless said.
    against: Option<u32>,
}

/// Where two versions differ.
#[derive(Serialize, ToSchema)]
pub(super) struct PolicyDiff {
    /// The version that is looked at.
    version: u32,
    /// The version that it is compared with.
    against: u32,
    /// Each field that differs.
    changes: Vec<FieldChange>,
}

/// A field that differs.
#[derive(Serialize, ToSchema)]
pub(super) struct FieldChange {
    /// Which one, such as `users.on_delete`.
    field: String,
    /// Its value in the version that is compared with.
    #[schema(value_type = Object)]
    old: Value,
    /// Its value in the version that is looked at.
    #[schema(value_type = Object)]
    new: Value,
}

/// A preset.
#[derive(Serialize, ToSchema)]
pub(super) struct PresetView {
    /// What accounts name it by.
    name: &'static str,
    /// What it is for.
    purpose: &'static str,
    /// The whole document.
    policy: Policy,
}

/// The declared form of a policy, as a JSON Schema with the meaning of every field.
pub(super) struct PolicyReference;

impl PartialSchema for PolicyReference {
    fn schema() -> RefOr<Schema> {
        super::openapi::schema(json!({
            "type": "object",
            "description": "A JSON Schema (2020-12): what a policy document may say, with the meaning of every field and value.",
        }))
    }
}

impl ToSchema for PolicyReference {}

impl FieldChange {
    /// Where the second policy differs from the first.
    pub(super) fn between(old: &Policy, new: &Policy) -> Vec<Self> {
        let differences = account::difference(&json!(old), &json!(new)).into_iter();
        differences.map(|(field, old, new)| Self { field, old, new }).collect()
    }
}

/// Reads what an administrator sends.
///
/// # Errors
/// Unknown presets, unknown fields and bad values, each named.
pub(super) fn read(document: &Value) -> Result<Policy, Failure> {
    let refused = |error: policy::PolicyError| Refused::invalid(super::body::shortened(&error.to_string()));
    Ok(policy::from_document(document).map_err(refused)?)
}

pub(super) async fn get(asked: InAccount) -> Answer {
    ok(&PolicyView { version: asked.config.account.policy_version, policy: &asked.config.policy })
}

pub(super) async fn put(asked: InAccount, body: Body) -> Answer {
    let about =
        About { action: "policy.update", target: Some(Target::Record(Kind::POLICY, asked.config.account.policy)) };
    let document: Value = asked.body(&about, body).await?;
    let policy = asked.or_recorded(&about, read(&document)).await?;
    let id = ResourceId::new(asked.request.app.new_id());
    let account = asked.write(about, |config, call| account::change_policy(config, call, policy.clone(), id)).await?;
    ok(&PolicyView { version: account.policy_version, policy: &policy })
}

pub(super) async fn versions(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page::<ResourceId>()?;
    let store = asked.request.app.store();
    let mut records = store.all(asked.account(), &Kind::POLICY, page.after, page.limit_and_one()).await?;
    let next = page::cut(&mut records, page.limit, |record| record.id);
    let versions: Vec<PolicyVersion> = records.iter().map(stored).collect::<Result<_, _>>()?;
    let people = authors(&asked, &versions).await?;
    let items: Vec<PolicyVersionView> =
        records.iter().zip(versions).map(|(record, version)| view(record, version, &people)).collect();
    page::list(items, next)
}

pub(super) async fn version(asked: InAccount) -> Answer {
    let (record, version) = find(&asked, named_version(&asked)?).await?;
    let people = authors(&asked, std::slice::from_ref(&version)).await?;
    ok(&view(&record, version, &people))
}

pub(super) async fn diff(asked: InAccount) -> Answer {
    let query: DiffQuery = asked.request.query()?;
    let version = named_version(&asked)?;
    let (_, new) = find(&asked, version).await?;
    let against = match query.against {
        Some(against) => against,
        None if version > 1 => version - 1,
        None => return Err(Refused::invalid("version 1 is the first: say `against` which one to compare it").into()),
    };
    let (_, old) = find(&asked, against).await?;
    ok(&PolicyDiff { version, against, changes: FieldChange::between(&old.policy, &new.policy) })
}

pub(super) async fn revert(asked: InAccount, body: Body) -> Answer {
    let about =
        About { action: "policy.revert", target: Some(Target::Record(Kind::POLICY, asked.config.account.policy)) };
    let Revert { version } = asked.body(&about, body).await?;
    let found = match find(&asked, version).await {
        Ok((_, found)) => Ok(found),
        Err(Failure::Refused(_)) => Err(member("version", format!("no version {version} was ever in force"))),
        Err(other) => Err(other),
    };
    let found = asked.or_recorded(&about, found).await?;
    let id = ResourceId::new(asked.request.app.new_id());
    let account = asked.write(about, |config, call| account::revert_policy(config, call, &found, id)).await?;
    ok(&PolicyView { version: account.policy_version, policy: &found.policy })
}

/// The presets that ship, the same for all accounts.
pub(super) async fn presets(asked: Asked) -> Answer {
    let page = asked.query::<PageQuery>()?.page::<usize>()?;
    let behind = page.after.map_or(0, |last| last.saturating_add(1));
    let mut presets: Vec<(usize, &str)> = PRESETS.iter().map(|(name, _)| *name).enumerate().skip(behind).collect();
    let next = page::cut(&mut presets, page.limit, |(place, _)| *place);
    let items: Result<Vec<PresetView>, Failure> = presets
        .into_iter()
        .map(|(_, name)| {
            let policy = policy::preset(name).map_err(|error| Failure::Damaged(error.to_string()))?;
            Ok(PresetView { name, purpose: policy::purpose(name), policy })
        })
        .collect();
    page::list(items?, next)
}

/// What a policy may say, the same for all accounts.
pub(super) async fn reference(_asked: Asked) -> Answer {
    let mut schemas = Vec::new();
    Policy::schemas(&mut schemas);
    let parts: Map<String, Value> = schemas.into_iter().map(|(name, schema)| (name, json!(schema))).collect();
    let mut reference = json!(Policy::schema());
    reference["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    reference["title"] = json!(Policy::name());
    reference["components"] = json!({ "schemas": parts });
    ok(&reference)
}

/// The version that the path names.
fn named_version(asked: &InAccount) -> Result<u32, Failure> {
    asked.request.named("version").parse().map_err(|_| Refused::not_found("policy version").into())
}

/// A version that is or was in force, with its record.
async fn find(asked: &InAccount, version: u32) -> Result<(Record, PolicyVersion), Failure> {
    let mut after = None;
    loop {
        let records = asked.request.app.store().all(asked.account(), &Kind::POLICY, after, CHUNK).await?;
        let Some(last) = records.last() else { return Err(Refused::not_found("policy version").into()) };
        after = Some(last.id);
        for record in records {
            let found = stored(&record)?;
            if found.version == version {
                return Ok((record, found));
            }
        }
    }
}

fn stored(record: &Record) -> Result<PolicyVersion, Failure> {
    serde_json::from_str(&record.doc).map_err(|error| Failure::Damaged(error.to_string()))
}

/// The sign-in names of the people who put these versions in force, as far as they are there.
async fn authors(asked: &InAccount, versions: &[PolicyVersion]) -> Result<BTreeMap<ResourceId, String>, Failure> {
    let ids: BTreeSet<ResourceId> = versions.iter().filter_map(|version| version.author_user).collect();
    let keys: Vec<(Kind, ResourceId)> = ids.into_iter().map(|id| (Kind::USER, id)).collect();
    let found = asked.request.app.store().load(asked.account(), &keys).await?;
    let users = found.into_iter().flatten().map(|record| User::read(asked.account(), record));
    users.map(|user| user.map(|user| (user.id(), user.user_name().to_owned())).map_err(Failure::from)).collect()
}

fn view(record: &Record, stored: PolicyVersion, people: &BTreeMap<ResourceId, String>) -> PolicyVersionView {
    let PolicyVersion { version, author, author_user, policy } = stored;
    let author = author_user.and_then(|user| people.get(&user).cloned()).unwrap_or(author);
    PolicyVersionView { version, author, created: record.created, policy }
}
