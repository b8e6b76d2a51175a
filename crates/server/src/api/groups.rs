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
    Configuration, Group, Refused, User,
    groups::{self, LocalGroup, type_name},
    policy::LocalEdit,
};
use provost_change::{AccountId, Kind, Member, Record, ResourceId};
use provost_store::Search;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Members that one request may name.
const MEMBERS_MAX: usize = 1_000;
/// Members of a group that are counted for show.
const COUNTED_MAX: u64 = 1_000;

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
    /// Whether administrators cannot change its name and members here (`local_edits.groups`).
    locked: bool,
    /// The role that its members hold as long as they are in it; null for none.
    role: Option<Named>,
    /// The groups that it is in itself.
    groups: Vec<Named>,
    /// How many members it has; null beyond 1,000, and of the groups that are shown with their account.
    member_count: Option<u64>,
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
    /// Its name for people: the display name, else the sign-in name.
    name: String,
    /// The sign-in name of a user.
    user_name: Option<String>,
    /// Whether a user is enabled.
    active: Option<bool>,
    /// Whether an identity provider manages it.
    managed: bool,
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
            locked: config.is_some_and(|config| is_locked(config, group)),
            role: config.and_then(|config| role(config, group)),
            groups: Vec::new(),
            member_count: None,
            created: group.record.created,
            modified: group.record.modified,
            version: group.record.version,
        }
    }
}

fn is_locked(config: &Configuration, group: &Group) -> bool {
    group.management.managed && config.policy.local_edits.groups == LocalEdit::Lock
}

fn role(config: &Configuration, group: &Group) -> Option<Named> {
    let role = groups::granted_by(config, group.id(), group.display_name())?;
    Some(Named { id: role.to_string(), name: config.role_name(role) })
}

/// Groups with the number of their members and what they are in.
async fn shown(app: &App, config: &Configuration, groups: &[Group]) -> Result<Vec<GroupView>, Failure> {
    let ids: Vec<ResourceId> = groups.iter().map(Group::id).collect();
    let above = app.groups_by_user(config, &ids).await?;
    let named = |group: &Group| Named { id: group.id().to_string(), name: group.display_name().to_owned() };
    let mut views = Vec::with_capacity(groups.len());
    for group in groups {
        let members = app.store().members(config.id, group.id(), None, COUNTED_MAX + 1).await?.len() as u64;
        views.push(GroupView {
            groups: above.get(&group.id()).map_or(&[][..], Vec::as_slice).iter().map(named).collect(),
            member_count: Some(members).filter(|members| *members <= COUNTED_MAX),
            ..GroupView::of(Some(config), group)
        });
    }
    Ok(views)
}

async fn shown_one(asked: &InAccount, group: Group) -> Answer {
    let views = shown(&asked.request.app, &asked.config, &[group]).await?;
    ok(&views.first())
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
    let views = shown(&asked.request.app, &asked.config, &[made]).await?;
    let location = asked.location(&format!("/groups/{}", views.first().map_or("", |view| view.id.as_str())));
    created(&location, &views.first())
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
    let found: Result<Vec<Group>, _> = records.into_iter().map(|record| Group::read(config.id, record)).collect();
    page::list(shown(&asked.request.app, config, &found?).await?, next)
}

pub(super) async fn get(asked: InAccount) -> Answer {
    let group = load(&asked.request.app, asked.account(), asked.id(&Kind::GROUP)?).await?;
    shown_one(&asked, group).await
}

pub(super) async fn members(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page::<ResourceId>()?;
    let account = asked.account();
    let group = load(&asked.request.app, account, asked.id(&Kind::GROUP)?).await?;
    let store = asked.request.app.store();
    let mut members = store.members(account, group.id(), page.after, page.limit_and_one()).await?;
    let next = page::cut(&mut members, page.limit, |member| member.id);
    let keys: Vec<(Kind, ResourceId)> = members.iter().map(|member| (member.kind.clone(), member.id)).collect();
    let records = store.load(account, &keys).await?;
    let views: Result<Vec<MemberView>, Failure> =
        members.into_iter().zip(records).map(|(member, record)| member_view(account, &member, record)).collect();
    page::list(views?, next)
}

/// A member; of one that is gone meanwhile nothing but the id is left.
fn member_view(account: AccountId, member: &Member, record: Option<Record>) -> Result<MemberView, Failure> {
    let bare = MemberView {
        id: member.id.to_string(),
        kind: type_name(&member.kind),
        name: member.id.to_string(),
        user_name: None,
        active: None,
        managed: false,
    };
    let Some(record) = record else { return Ok(bare) };
    if member.kind == Kind::GROUP {
        let group = Group::read(account, record)?;
        return Ok(MemberView { name: group.display_name().to_owned(), managed: group.management.managed, ..bare });
    }
    let user = User::read(account, record)?;
    let shown = user.resource.get("displayName").and_then(Value::as_str).filter(|name| !name.trim().is_empty());
    Ok(MemberView {
        name: shown.unwrap_or(user.user_name()).to_owned(),
        user_name: Some(user.user_name().to_owned()),
        active: Some(user.is_active()),
        managed: user.state.managed,
        ..bare
    })
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
    let group = load(app, asked.account(), id).await?;
    shown_one(&asked, group).await
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
