//! Quorum policies of the account and of its groups.

use super::{Answer, asked::InAccount, groups, no_content, ok, page, page::PageQuery};
use crate::app::{About, App, Failure, Target};
use axum::body::Body;
use provost_accounts::{Configuration, QuorumPolicy, QuorumTree, Refused, User, quorum};
use provost_change::{Kind, ResourceId};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};
use uuid::Uuid;

/// The form of an approval tree.
pub(super) struct QuorumDocument;

impl PartialSchema for QuorumDocument {
    fn schema() -> RefOr<Schema> {
        let id = json!({ "type": "string", "format": "uuid" });
        let only = |name: &str, of: Value| {
            let properties = json!({ name: of });
            json!({ "type": "object", "properties": properties, "required": [name], "additionalProperties": false })
        };
        let quorum = json!({
            "type": "object",
            "description": "At least `n` of the members approve.",
            "properties": {
                "n": { "type": "integer", "minimum": 1 },
                "members": { "type": "array", "items": { "$ref": "#/components/schemas/QuorumDocument" } },
            },
            "required": ["n", "members"],
            "additionalProperties": false,
        });
        super::openapi::schema(json!({
            "description": "Who approves: a user, an admin app, or so many of several. At most 8 levels and 256 nodes.",
            "oneOf": [only("user", id.clone()), only("app", id), only("quorum", quorum)],
        }))
    }
}

impl ToSchema for QuorumDocument {}

/// A quorum policy.
#[derive(Serialize, ToSchema)]
pub(super) struct QuorumView<'a> {
    /// The approval tree.
    #[schema(value_type = QuorumDocument)]
    policy: &'a QuorumTree,
}

pub(super) async fn get(asked: InAccount) -> Answer {
    show(&asked, None)
}

/// A quorum policy, with whose it is.
#[derive(Serialize, ToSchema)]
pub(super) struct OwnedQuorum<'a> {
    /// The id of the group whose policy it is; null for the account's own.
    group: Option<String>,
    /// The group's name, as it was when the policy was set.
    group_name: Option<&'a str>,
    /// The approval tree.
    #[schema(value_type = QuorumDocument)]
    policy: &'a QuorumTree,
}

/// The account's policy first, then those of groups by the group's id.
pub(super) async fn list(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page::<ResourceId>()?;
    let is_behind = |policy: &QuorumPolicy| match (page.after, policy.group) {
        (None, _) => true,
        (Some(after), Some(group)) => group > after,
        (Some(_), None) => false,
    };
    let all = asked.config.quorum.iter().map(|(policy, _)| policy).filter(|policy| is_behind(policy));
    let mut found: Vec<&QuorumPolicy> = all.collect();
    found.sort_by_key(|policy| policy.group);
    let next = page::cut(&mut found, page.limit, |policy| policy.group.unwrap_or(ResourceId::new(Uuid::nil())));
    let items: Vec<OwnedQuorum<'_>> = found
        .into_iter()
        .map(|QuorumPolicy { group, group_name, policy }| OwnedQuorum {
            group: group.map(|group| group.to_string()),
            group_name: group_name.as_deref(),
            policy,
        })
        .collect();
    page::list(items, next)
}

pub(super) async fn put(asked: InAccount, body: Body) -> Answer {
    let target = Some(Target::Record(Kind::QUORUM_POLICY, asked.config.account_record()));
    let about = About { action: "quorum_policy.set", target };
    set(&asked, body, about, None).await
}

pub(super) async fn delete(asked: InAccount) -> Answer {
    let target = Some(Target::Record(Kind::QUORUM_POLICY, asked.config.account_record()));
    asked
        .write(About { action: "quorum_policy.remove", target }, |config, call| quorum::remove(config, call, None))
        .await?;
    no_content()
}

pub(super) async fn get_of_group(asked: InAccount) -> Answer {
    let group = asked.id(&Kind::GROUP)?;
    groups::load(&asked.request.app, asked.account(), group).await?;
    show(&asked, Some(group))
}

pub(super) async fn put_of_group(asked: InAccount, body: Body) -> Answer {
    let (group, about) = of_group(&asked, "quorum_policy.set").await?;
    set(&asked, body, about, Some(group)).await
}

pub(super) async fn delete_of_group(asked: InAccount) -> Answer {
    let (group, about) = of_group(&asked, "quorum_policy.remove").await?;
    asked.write(about, |config, call| quorum::remove(config, call, Some(group))).await?;
    no_content()
}

/// A group's quorum policy is found under the group's id.
async fn of_group(asked: &InAccount, action: &'static str) -> Result<(ResourceId, About), Failure> {
    let (group, _) = asked.target(action, Kind::GROUP).await?;
    Ok((group, About { action, target: Some(Target::Record(Kind::QUORUM_POLICY, group)) }))
}

fn show(asked: &InAccount, group: Option<ResourceId>) -> Answer {
    let found = asked.config.quorum_policy(group);
    let (found, _) = found.ok_or_else(|| Refused::not_found("quorum policy"))?;
    ok(&QuorumView { policy: &found.policy })
}

async fn set(asked: &InAccount, body: Body, about: About, group: Option<ResourceId>) -> Answer {
    let document: Value = asked.body(&about, body).await?;
    let tree = asked.or_recorded(&about, QuorumTree::read(document).map_err(Failure::from)).await?;
    let (app, tree) = (&asked.request.app, &tree);
    let decide = |config: Arc<Configuration>, call| async move {
        let name = match group {
            None => None,
            Some(id) => Some((id, groups::load(app, config.id, id).await?.display_name().to_owned())),
        };
        let users = approvers(app, &config, tree).await?;
        let group = name.as_ref().map(|(id, name)| (*id, name.as_str()));
        Ok(quorum::set(&config, &call, group, tree.clone(), &users)?)
    };
    let set: QuorumPolicy = app.write(asked.account(), &asked.request.caller, about, decide).await?;
    ok(&QuorumView { policy: &set.policy })
}

/// The users of a tree, as far as the account has them.
async fn approvers(app: &App, config: &Configuration, tree: &QuorumTree) -> Result<Vec<User>, Failure> {
    let keys: Vec<(Kind, ResourceId)> = tree.users().into_iter().map(|id| (Kind::USER, id)).collect();
    let records = app.store().load(config.id, &keys).await?;
    records.into_iter().flatten().map(|record| Ok(User::read(config.id, record)?)).collect()
}
