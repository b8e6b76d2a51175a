//! Accounts: the operator makes them, their administrators see them.

use super::{
    Answer,
    asked::{Asked, InAccount},
    body::{distinct, given},
    created,
    groups::GroupView,
    ok, page,
    page::PageQuery,
    policy::{self, PolicyDocument},
};
use crate::app::{About, App, Failure, Target};
use axum::body::Body;
use provost_accounts::{
    Group,
    account::{self, AccountEdit},
    policy::Feature,
};
use provost_change::{AccountId, Kind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// What an account is made from.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAccount {
    /// Its name for people; several accounts may have the same.
    name: String,
    /// Its first policy; `standard` unless said.
    #[schema(value_type = Option<PolicyDocument>)]
    policy: Option<Value>,
    /// How many enabled users it may have; null for any number.
    max_users: Option<u32>,
    /// What is switched on for it; `requires` of the policy asks for some.
    #[serde(default)]
    features: Vec<Feature>,
}

/// What is to change of an account; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountChange {
    /// Another name.
    name: Option<String>,
    /// Another limit of enabled users; null for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>)]
    max_users: Option<Option<u32>>,
    /// Another set of features.
    features: Option<Vec<Feature>>,
}

/// An account.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountView {
    /// Its id.
    id: String,
    /// Its name for people.
    name: String,
    /// How many enabled users it may have; null for any number.
    max_users: Option<u32>,
    /// What is switched on for it.
    features: Vec<Feature>,
    /// The version of the policy in force, from 1.
    policy_version: u32,
    /// The preset that its policy began as.
    preset: String,
    /// What a SCIM client is given as the tenant URL.
    tenant_url: String,
    /// How many of what it has.
    counts: Counts,
    /// Its first 100 groups.
    groups: Vec<GroupView>,
}

/// How many of what an account has.
#[derive(Serialize, ToSchema)]
pub(super) struct Counts {
    /// Users, enabled or not.
    users: i64,
    /// Enabled users.
    active_users: i64,
    /// Users that an identity provider manages.
    managed_users: i64,
    /// Groups.
    groups: i64,
    /// Custom roles.
    roles: usize,
    /// Admin apps.
    admin_apps: usize,
}

/// Groups that are listed with an account.
const GROUPS_MAX: u64 = 100;

pub(super) async fn create(asked: Asked, body: Body) -> Answer {
    asked.operator().await?;
    let new: NewAccount = asked.json(body).await?;
    let policy = match &new.policy {
        Some(document) => policy::read(document)?,
        None => policy::read(&Value::from("standard"))?,
    };
    let edit = AccountEdit { name: None, max_users: Some(new.max_users), features: Some(distinct(new.features)) };
    let id = asked.app.create_account(&asked.caller, &new.name, policy, edit).await?;
    created(&asked.location(&format!("/accounts/{id}")), &view(&asked, id).await?)
}

pub(super) async fn list(asked: Asked) -> Answer {
    asked.operator().await?;
    let page = asked.query::<PageQuery>()?.page::<AccountId>()?;
    let mut ids = asked.app.store().accounts(page.after, page.limit_and_one()).await?;
    let next = page::cut(&mut ids, page.limit, |id| *id);
    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        match view(&asked, id).await {
            // One whose import is not complete is not there yet.
            Err(Failure::NoAccount) => {}
            shown => items.push(shown?),
        }
    }
    page::list(items, next)
}

pub(super) async fn get(asked: InAccount) -> Answer {
    ok(&view(&asked.request, asked.account()).await?)
}

pub(super) async fn change(asked: InAccount, body: Body) -> Answer {
    let about =
        About { action: "account.update", target: Some(Target::Record(Kind::ACCOUNT, asked.config.account_record())) };
    let allowed = asked.request.caller.operator();
    asked.or_recorded(&about, allowed).await?;
    let change: AccountChange = asked.body(&about, body).await?;
    let edit = AccountEdit { name: change.name, max_users: change.max_users, features: change.features.map(distinct) };
    asked.write(about, |config, call| account::update(config, call, edit.clone())).await?;
    ok(&view(&asked.request, asked.account()).await?)
}

async fn view(asked: &Asked, id: AccountId) -> Result<AccountView, Failure> {
    let app = &asked.app;
    let config = app.configuration(id).await?;
    let head = app.store().head(id).await?.ok_or(Failure::NoAccount)?;
    Ok(AccountView {
        id: id.to_string(),
        name: config.account.name.clone(),
        max_users: config.account.max_users,
        features: config.account.features.clone(),
        policy_version: config.account.policy_version,
        preset: config.policy.preset.clone(),
        tenant_url: asked.caller.tenant_url(),
        counts: Counts {
            users: head.count("user"),
            active_users: head.count("user.active"),
            managed_users: head.count("user.managed"),
            groups: head.count("group"),
            roles: config.roles.len(),
            admin_apps: config.apps.len(),
        },
        groups: first_groups(app, id).await?,
    })
}

async fn first_groups(app: &App, id: AccountId) -> Result<Vec<GroupView>, Failure> {
    let records = app.store().all(id, &Kind::GROUP, None, GROUPS_MAX).await?;
    records.into_iter().map(|record| Ok(GroupView::of(None, &Group::read(id, record)?))).collect()
}
