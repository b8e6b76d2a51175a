//! Groups, those that administrators make and those that identity providers push.

use super::{
    Answer,
    asked::InAccount,
    body::at_most,
    created, no_content, ok, page,
    page::{Page, PageQuery},
    users::Named,
};
use crate::{
    app::{About, App, Failure},
    scim::Offered,
    search,
};
use axum::body::Body;
use jiff::Timestamp;
use provost_accounts::{
    Configuration, Group, Refused,
    groups::{self, LocalGroup, type_name},
};
use provost_change::{AccountId, Kind, ResourceId};
use provost_store::Search;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Members that one request may name.
const MEMBERS_MAX: usize = 1_000;

/// The query of a list of groups.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct GroupQuery {
    /// A SCIM filter (RFC 7644 §3.4.2.2), such as `displayName sw "Sales"`.
    filter: Option<String>,
    /// Only groups that come from this source.
    source: Option<String>,
    /// Items on the page: 1 to 200, 50 unless said.
    limit: Option<u64>,
    /// `next` of the page before; absent for the first.
    cursor: Option<String>,
}

/// What a group is made from.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewGroup {
    /// Its name; also taken as `name`.
    #[serde(alias = "name", alias = "displayName")]
    display_name: String,
    /// Ids of users and groups that are to be in it, at most 1,000.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    members: Vec<ResourceId>,
}

/// What is to change of a group; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupChange {
    /// Another name.
    #[serde(default, alias = "name", alias = "displayName")]
    display_name: Option<String>,
    /// Ids of users and groups that come, at most 1,000.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    add_members: Vec<ResourceId>,
    /// Ids of members that go, at most 1,000.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    remove_members: Vec<ResourceId>,
}

/// A group.
#[derive(Serialize, ToSchema)]
pub(super) struct GroupView {
    /// Its id.
    id: String,
    /// Its name.
    display_name: String,
    /// What the identity provider knows it by.
    external_id: Option<String>,
    /// Whether an identity provider manages it.
    managed: bool,
    /// The admin app through which it does.
    origin: Option<Named>,
    /// The source outside that brings it, such as an LDAP server.
    source: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// When it or its members changed last.
    #[schema(value_type = String, format = DateTime)]
    modified: Timestamp,
    /// Counts the changes of it and its members, from 1.
    version: u64,
}

/// A member of a group.
#[derive(Serialize, ToSchema)]
pub(super) struct MemberView {
    /// Its id.
    id: String,
    /// `User` or `Group`.
    #[serde(rename = "type")]
    kind: &'static str,
}

impl GroupView {
    pub(super) fn of(config: Option<&Configuration>, group: &Group) -> Self {
        let name = |id: ResourceId| config.and_then(|config| config.app(id)).map(|app| app.name.clone());
        let origin = group.management.origin;
        Self {
            id: group.id().to_string(),
            display_name: group.display_name().to_owned(),
            external_id: group.resource.external_id().map(str::to_owned),
            managed: group.management.managed,
            origin: origin.map(|id| Named { id: id.to_string(), name: name(id).unwrap_or_else(|| id.to_string()) }),
            source: group.source.clone(),
            created: group.record.created,
            modified: group.record.modified,
            version: group.record.version,
        }
    }
}

pub(super) async fn create(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "group.create", target: None };
    let NewGroup { display_name, members } = asked.body(&about, body).await?;
    let about = about.making(Kind::GROUP, &display_name);
    asked.or_recorded(&about, at_most("members", members.len(), MEMBERS_MAX, "members")).await?;
    let new = LocalGroup { display_name: Some(display_name), add_members: members, remove_members: Vec::new() };
    let (app, new) = (&asked.request.app, &new);
    let decide = |config: Arc<Configuration>, call: provost_accounts::Call| async move {
        let name = new.display_name.as_deref().unwrap_or_default();
        let facts = app.member_facts(&config, &new.members(), ResourceId::new(call.new_id), name).await?;
        Ok(groups::create_local(&config, &call, new, &facts)?)
    };
    let made = app.write(asked.account(), &asked.request.caller, about, decide).await?;
    created(&asked.location(&format!("/groups/{}", made.id())), &GroupView::of(Some(&asked.config), &made))
}

pub(super) async fn list(asked: InAccount) -> Answer {
    let query: GroupQuery = asked.request.query()?;
    let page = Page::<ResourceId>::read(query.limit, query.cursor.as_deref())?;
    let config = &asked.config;
    let search = Search {
        within: query.source.as_deref().map(groups::import::of_source),
        after: page.after,
        limit: page.limit_and_one(),
        ..search::search(config, Offered::Group(config), search::Names::Stored, query.filter.as_deref())?
    };
    let mut records = asked.request.app.store().search(config.id, &search).await?.records;
    let next = page::cut(&mut records, page.limit, |record| record.id);
    let mut items = Vec::with_capacity(records.len());
    for record in records {
        items.push(GroupView::of(Some(&asked.config), &Group::read(asked.account(), record)?));
    }
    page::list(items, next)
}

pub(super) async fn get(asked: InAccount) -> Answer {
    let group = load(&asked.request.app, asked.account(), asked.id(&Kind::GROUP)?).await?;
    ok(&GroupView::of(Some(&asked.config), &group))
}

pub(super) async fn members(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page::<ResourceId>()?;
    let group = load(&asked.request.app, asked.account(), asked.id(&Kind::GROUP)?).await?;
    let store = asked.request.app.store();
    let mut members = store.members(asked.account(), group.id(), page.after, page.limit_and_one()).await?;
    let next = page::cut(&mut members, page.limit, |member| member.id);
    let view = |member: provost_change::Member| MemberView { id: member.id.to_string(), kind: type_name(&member.kind) };
    page::list(members.into_iter().map(view).collect(), next)
}

pub(super) async fn change(asked: InAccount, body: Body) -> Answer {
    let (id, about) = asked.target("group.update", Kind::GROUP).await?;
    let GroupChange { display_name, add_members, remove_members } = asked.body(&about, body).await?;
    let named = add_members.len().max(remove_members.len());
    asked.or_recorded(&about, at_most("add_members or remove_members", named, MEMBERS_MAX, "members")).await?;
    let (app, edit) = (&asked.request.app, &LocalGroup { display_name, add_members, remove_members });
    let decide = |config: Arc<Configuration>, call| async move {
        let group = load(app, config.id, id).await?;
        let name = edit.display_name.as_deref().unwrap_or(group.display_name());
        let facts = app.member_facts(&config, &edit.members(), id, name).await?;
        Ok(groups::edit_local(&config, &call, &group, edit, &facts)?)
    };
    app.write(asked.account(), &asked.request.caller, about, decide).await?;
    ok(&GroupView::of(Some(&asked.config), &load(app, asked.account(), id).await?))
}

pub(super) async fn delete(asked: InAccount) -> Answer {
    let (id, about) = asked.target("group.delete", Kind::GROUP).await?;
    let app = &asked.request.app;
    let decide = |config: Arc<Configuration>, call| async move {
        let group = load(app, config.id, id).await?;
        Ok(groups::delete_local(&config, &call, &group)?)
    };
    app.write(asked.account(), &asked.request.caller, about, decide).await?;
    no_content()
}

/// A group of the account.
pub(super) async fn load(app: &App, account: AccountId, id: ResourceId) -> Result<Group, Failure> {
    let records = app.store().load(account, &[(Kind::GROUP, id)]).await?;
    let record = records.into_iter().flatten().next().ok_or_else(|| Refused::not_found("group"))?;
    Ok(Group::read(account, record)?)
}
