//! Who is assigned to an enterprise app.

use super::{
    app_of, load, load_assignment,
    roles::{role_named, roles_of},
};
use crate::{
    api::{
        Answer,
        asked::InAccount,
        body::{at_most, given, member},
        created,
        named::{self, NAMED_MAX},
        no_content, ok, page,
        page::PageQuery,
        users::Named,
    },
    app::{About, App, Failure, Target},
    search,
};
use axum::body::Body;
use jiff::Timestamp;
use provost_accounts::{Call, Configuration, Group, User};
use provost_change::{AccountId, Kind, Record, ResourceId};
use provost_engine::{
    AppRole, Assignment, EnterpriseApp, Objects,
    registry::{self, ASSIGNMENT_APP, Principal, Registered},
};
use provost_store::Search;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::Arc};
use utoipa::ToSchema;

/// Who is to be assigned: either a user or a group.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewAssignment {
    /// A user, by id or userName.
    user: Option<String>,
    /// A group, by id or displayName.
    group: Option<String>,
    /// With which app role, by id, value or display name; null for default access.
    app_role: Option<String>,
}

/// With which role somebody is to be assigned.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct AssignmentChange {
    /// The app role, by id, value or display name; null for default access.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    app_role: Option<Option<String>>,
}

/// An assignment.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct AssignmentView {
    /// Its id.
    id: String,
    /// The user; null when a group is assigned.
    user: Option<Named>,
    /// The group; null when a user is assigned.
    group: Option<Named>,
    /// The app role; null for default access.
    app_role: Option<AssignedRole>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
}

/// The role of an assignment.
#[derive(Clone, Serialize, ToSchema)]
struct AssignedRole {
    /// Its id.
    id: String,
    /// What people know it by; of a role that is gone its id.
    display_name: String,
    /// What the target knows it by.
    value: Option<String>,
}

pub(in crate::api) async fn create(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "app-assignment.create", target: None };
    let new: NewAssignment = asked.body(&about, body).await?;
    let id = asked.or_recorded(&about, asked.id(&EnterpriseApp::kind())).await?;
    let found = principal(&asked, &new).await;
    let (of, principal, name) = asked.or_recorded(&about, found).await?;
    let about = About { target: Some(Target::Record(kind(of), principal)), ..about };
    let named = new.app_role.as_deref();
    let fits = at_most("app_role", named.map_or(0, str::len), NAMED_MAX, "bytes");
    asked.or_recorded(&about, fits).await?;
    let (app, who) = (&asked.request.app, Principal { of, id: principal, name: &name });
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let to = load(app, config.id, &EnterpriseApp::kind(), id).await?;
        let role = role_named(app, config.id, id, named).await?;
        Ok(registry::assign(&config, &call, &to, who, role.as_ref())?)
    };
    let made = app.write(asked.account(), &asked.request.caller, about, decide).await?;
    let location = asked.location(&format!("/enterprise-apps/{id}/assignments/{}", made.id()));
    created(&location, &one(&asked, id, made).await?)
}

pub(in crate::api) async fn list(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page::<ResourceId>()?;
    let (app, of) = (&asked.request.app, app_of(&asked).await?);
    let under = search::under(Assignment::kind(), registry::entry(ASSIGNMENT_APP, of.id()));
    let search = Search { after: page.after, limit: page.limit_and_one(), ..under };
    let mut records = app.store().search(asked.account(), &search).await?.records;
    let next = page::cut(&mut records, page.limit, |record| record.id);
    let read = records.into_iter().map(|record| Registered::read(asked.account(), record));
    page::list(views(&asked, of.id(), read.collect::<Result<_, _>>()?).await?, next)
}

pub(in crate::api) async fn get(asked: InAccount) -> Answer {
    let of = app_of(&asked).await?.id();
    let id = asked.id(&Assignment::kind())?;
    ok(&one(&asked, of, load_assignment(&asked.request.app, asked.account(), of, id).await?).await?)
}

pub(in crate::api) async fn change(asked: InAccount, body: Body) -> Answer {
    let (id, about) = asked.target("app-assignment.update", Assignment::kind()).await?;
    let change: AssignmentChange = asked.body(&about, body).await?;
    let named = change.app_role.flatten();
    let fits = at_most("app_role", named.as_deref().map_or(0, str::len), NAMED_MAX, "bytes");
    asked.or_recorded(&about, fits).await?;
    let of = asked.or_recorded(&about, asked.id(&EnterpriseApp::kind())).await?;
    let (app, named) = (&asked.request.app, named.as_deref());
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let to = load(app, config.id, &EnterpriseApp::kind(), of).await?;
        let before = load_assignment(app, config.id, of, id).await?;
        let name = name_of(app, config.id, &before.value).await?.unwrap_or_default();
        let who = Principal { of: before.value.of, id: before.value.principal, name: &name };
        let (old, new) = (present_role(app, config.id, &before).await?, role_named(app, config.id, of, named).await?);
        Ok(registry::reassign(&config, &call, &to, &before, who, (old.as_ref(), new.as_ref()))?)
    };
    let changed = app.write(asked.account(), &asked.request.caller, about, decide).await?;
    ok(&one(&asked, of, changed).await?)
}

pub(in crate::api) async fn delete(asked: InAccount) -> Answer {
    let (id, about) = asked.target("app-assignment.delete", Assignment::kind()).await?;
    let of = asked.or_recorded(&about, asked.id(&EnterpriseApp::kind())).await?;
    let app = &asked.request.app;
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let from = load(app, config.id, &EnterpriseApp::kind(), of).await?;
        let assignment = load_assignment(app, config.id, of, id).await?;
        let name = name_of(app, config.id, &assignment.value).await?.unwrap_or_default();
        let who = Principal { of: assignment.value.of, id: assignment.value.principal, name: &name };
        let role = present_role(app, config.id, &assignment).await?;
        Ok(registry::unassign(&config, &call, &from, &assignment, who, role.as_ref()))
    };
    app.write(asked.account(), &asked.request.caller, about, decide).await?;
    no_content()
}

/// Who a new assignment is of, with the name.
async fn principal(asked: &InAccount, new: &NewAssignment) -> Result<(Objects, ResourceId, String), Failure> {
    match (&new.user, &new.group) {
        (Some(user), None) => {
            let user = named::user(asked, "user", user).await?;
            Ok((Objects::Users, user.id(), user.user_name().to_owned()))
        }
        (None, Some(group)) => {
            let group = named::group(asked, "group", group).await?;
            Ok((Objects::Groups, group.id(), group.display_name().to_owned()))
        }
        (Some(_), Some(_)) => {
            Err(member("group", "name a user or a group, not both: each has an assignment of its own"))
        }
        (None, None) => Err(member("user", "name who is to be assigned: a `user` or a `group`")),
    }
}

fn kind(of: Objects) -> Kind {
    match of {
        Objects::Users => Kind::USER,
        Objects::Groups => Kind::GROUP,
    }
}

/// The role of an assignment; `None` for default access, and for one that is gone.
async fn present_role(
    app: &App,
    account: AccountId,
    assignment: &Registered<Assignment>,
) -> Result<Option<Registered<AppRole>>, Failure> {
    let Some(id) = assignment.value.app_role else { return Ok(None) };
    let record = app.store().load(account, &[(AppRole::kind(), id)]).await?.into_iter().flatten().next();
    Ok(record.map(|record| Registered::read(account, record)).transpose()?)
}

async fn name_of(app: &App, account: AccountId, assignment: &Assignment) -> Result<Option<String>, Failure> {
    let keys = [(kind(assignment.of), assignment.principal)];
    let record = app.store().load(account, &keys).await?.into_iter().flatten().next();
    record.map(|record| called(account, record)).transpose()
}

fn called(account: AccountId, record: Record) -> Result<String, Failure> {
    match record.kind == Kind::GROUP {
        true => Ok(Group::read(account, record)?.display_name().to_owned()),
        false => Ok(User::read(account, record)?.user_name().to_owned()),
    }
}

async fn one(
    asked: &InAccount,
    of: ResourceId,
    assignment: Registered<Assignment>,
) -> Result<Option<AssignmentView>, Failure> {
    Ok(views(asked, of, vec![assignment]).await?.pop())
}

/// Assignments to an app with the names of who is assigned and with what.
async fn views(
    asked: &InAccount,
    of: ResourceId,
    assignments: Vec<Registered<Assignment>>,
) -> Result<Vec<AssignmentView>, Failure> {
    let (app, account) = (&asked.request.app, asked.account());
    let keys: Vec<(Kind, ResourceId)> =
        assignments.iter().map(|one| (kind(one.value.of), one.value.principal)).collect();
    let mut names = HashMap::new();
    for record in app.store().load(account, &keys).await?.into_iter().flatten() {
        names.insert(record.id, called(account, record)?);
    }
    let roles: HashMap<ResourceId, AppRole> =
        roles_of(app, account, of).await?.into_iter().map(|role| (role.id(), role.value)).collect();
    let view = |assignment: Registered<Assignment>| {
        let Registered { record, value: Assignment { of, principal, app_role, .. } } = assignment;
        let id = principal.to_string();
        let who = Named { name: names.get(&principal).cloned().unwrap_or_else(|| id.clone()), id };
        let (user, group) = match of {
            Objects::Users => (Some(who), None),
            Objects::Groups => (None, Some(who)),
        };
        let role = |id: ResourceId| AssignedRole {
            id: id.to_string(),
            display_name: roles.get(&id).map_or_else(|| id.to_string(), |role| role.display_name.clone()),
            value: roles.get(&id).map(|role| role.value.clone()),
        };
        AssignmentView { id: record.id.to_string(), user, group, app_role: app_role.map(role), created: record.created }
    };
    Ok(assignments.into_iter().map(view).collect())
}
