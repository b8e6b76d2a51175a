//! The provisioning policy and its versions.

use super::{Answer, asked::InAccount, ok, page, page::PageQuery};
use crate::app::{About, Failure, Target};
use axum::body::Body;
use jiff::Timestamp;
use provost_accounts::{
    Policy, Refused,
    account::{self, PolicyVersion},
    policy::{self, PRESETS},
};
use provost_change::{Kind, ResourceId};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

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
    /// Who put it in force.
    author: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// The whole document.
    policy: Policy,
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
    let mut items = Vec::with_capacity(records.len());
    for record in &records {
        let stored: PolicyVersion =
            serde_json::from_str(&record.doc).map_err(|error| Failure::Damaged(error.to_string()))?;
        let PolicyVersion { version, author, policy } = stored;
        items.push(PolicyVersionView { version, author, created: record.created, policy });
    }
    page::list(items, next)
}
