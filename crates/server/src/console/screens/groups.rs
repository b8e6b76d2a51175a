//! The groups of an account.

use super::users::find_users;
use crate::console::{
    answer::{Answer, Trouble, done, page, page_with},
    paths::Paths,
    visit::{List, Visit},
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
    routing::{get, post},
};
use provost_accounts::Permission;
use provost_console::{
    Filled, address,
    components::field::to_type,
    escaped,
    screens::groups::{self, Approvers, Choice, Group, Member},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Members that one form adds or removes, at most.
const MEMBERS_MAX: usize = 200;
/// Names of approvers that are looked up for one quorum policy; the others show their ids.
const NAMES_MAX: usize = 50;

pub(super) fn routes() -> Paths {
    let base = "/accounts/{account}/groups";
    let below = |rest: &str| format!("{base}/{{group}}{rest}");
    Paths::new()
        .route(base, get(list).post(create))
        .route(&format!("{base}/new"), get(add))
        .route(&below(""), get(show))
        .route(&below("/edit"), get(ask_rename).post(rename))
        .route(&below("/delete"), get(ask_delete).post(delete))
        .route(&below("/members/add"), get(ask_members).post(add_members))
        .route(&below("/members/remove"), post(remove_member))
}

/// The group's address in the management API.
fn of_group(visit: &Visit, rest: &str) -> String {
    visit.of_account(&format!("/groups/{}{rest}", escaped(visit.named("group"))))
}

/// The group's page.
fn here(visit: &Visit) -> String {
    visit.path(&format!("/groups/{}", visit.named("group")))
}

async fn list(visit: Visit) -> Answer {
    let query = visit.query();
    let filter = named_like(&query);
    let asked = [("filter", filter.as_str()), ("cursor", query.value("cursor"))];
    let found: List<Group> = visit.get(&visit.of_account(&address("/groups", &asked))).await?;
    let policy: Option<Value> = visit.find(&visit.of_account("/policy")).await?;
    let mode = policy.as_ref().and_then(|policy| policy.pointer("/policy/groups/mode")?.as_str());
    let list = groups::List {
        groups: &found.items,
        next: found.next.as_deref(),
        chosen: &query,
        may_manage: visit.may(Permission::ManageGroups),
        over_scim: mode.map(|mode| mode != "off"),
    };
    Ok(visit.shown(page(groups::list(&visit.shell().await, &list))))
}

/// The filter for groups whose name begins like the text that is searched for.
fn named_like(query: &Filled) -> String {
    query.given("q").map_or_else(String::new, |text| format!("displayName sw {}", json!(text)))
}

async fn add(visit: Visit) -> Answer {
    if !visit.may(Permission::ManageGroups) {
        return Err(visit.trouble(403, "none of your roles permits to add groups".to_owned()).await);
    }
    Ok(page(groups::add(&visit.shell().await, &Filled::default())))
}

async fn create(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let new = json!({ "display_name": filled.value("display_name").trim() });
    match visit.send::<Group>(Method::POST, &visit.of_account("/groups"), Some(&new)).await {
        Ok(group) => Ok(done(&visit.path(&format!("/groups/{}", group.id)), "Group added")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            Ok(page_with(status, groups::add(&visit.shell().await, &filled)))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn show(visit: Visit) -> Answer {
    let query = visit.query();
    let group: Group = visit.get(&of_group(&visit, "")).await?;
    let members: List<Member> =
        visit.get(&address(&of_group(&visit, "/members"), &[("cursor", query.value("cursor"))])).await?;
    let quorum = quorum(&visit).await?;
    let view = groups::View {
        group: &group,
        members: &members.items,
        next: members.next.as_deref(),
        is_first: query.given("cursor").is_none(),
        quorum: quorum.as_ref(),
        may_see_quorum: visit.may(Permission::GetQuorumPolicy),
        may_manage: visit.may(Permission::ManageGroups),
    };
    Ok(visit.shown(page(groups::page(&visit.shell().await, &view))))
}

/// A quorum policy, as the management API shows it.
#[derive(Deserialize)]
struct Quorum {
    policy: Tree,
}

/// Who approves.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tree {
    User(String),
    App(String),
    Quorum { n: u64, members: Vec<Tree> },
}

async fn quorum(visit: &Visit) -> Result<Option<Approvers>, Trouble> {
    let found: Option<Quorum> = visit.find(&of_group(visit, "/quorum-policy")).await?;
    let Some(Quorum { policy }) = found else { return Ok(None) };
    let mut names = HashMap::new();
    let mut places = Vec::new();
    places_of(&policy, &mut places);
    for (id, place) in places.into_iter().take(NAMES_MAX) {
        let found: Option<Value> = visit.find(&visit.of_account(&place)).await?;
        let name = |of: &Value| Some(of.get("user_name").or(of.get("name"))?.as_str()?.to_owned());
        names.extend(found.as_ref().and_then(name).map(|name| (id, name)));
    }
    Ok(Some(approvers(policy, &names)))
}

/// Where the approvers of a tree are in the management API, each with its id.
fn places_of(tree: &Tree, into: &mut Vec<(String, String)>) {
    match tree {
        Tree::User(id) => into.push((id.clone(), format!("/users/{}", escaped(id)))),
        Tree::App(id) => into.push((id.clone(), format!("/admin-apps/{}", escaped(id)))),
        Tree::Quorum { members, .. } => members.iter().for_each(|member| places_of(member, into)),
    }
}

fn approvers(tree: Tree, names: &HashMap<String, String>) -> Approvers {
    match tree {
        Tree::User(id) | Tree::App(id) => Approvers::One(names.get(&id).cloned().unwrap_or(id)),
        Tree::Quorum { n, members } => {
            Approvers::Of(n, members.into_iter().map(|member| approvers(member, names)).collect())
        }
    }
}

async fn ask_rename(visit: Visit) -> Answer {
    let group: Group = visit.get(&of_group(&visit, "")).await?;
    let filled = Filled::with(&[("display_name", group.display_name.as_str())]);
    Ok(page(groups::rename(&visit.shell().await, &group, &filled)))
}

async fn rename(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let change = json!({ "display_name": filled.value("display_name").trim() });
    match visit.send::<Group>(Method::PATCH, &of_group(&visit, ""), Some(&change)).await {
        Ok(_) => Ok(done(&here(&visit), "Group renamed")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            let group: Group = visit.get(&of_group(&visit, "")).await?;
            Ok(page_with(status, groups::rename(&visit.shell().await, &group, &filled)))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn ask_members(visit: Visit) -> Answer {
    let query = visit.query();
    members_page(&visit, StatusCode::OK, &query).await
}

async fn members_page(visit: &Visit, status: StatusCode, filled: &Filled) -> Answer {
    let group: Group = visit.get(&of_group(visit, "")).await?;
    let (users, placeholder) = find_users(visit, filled).await?;
    let found = match filled.given("q") {
        None => None,
        Some(_) => {
            let filter = named_like(filled);
            let asked = address("/groups", &[("filter", filter.as_str()), ("limit", "20")]);
            let groups: List<Group> = visit.get(&visit.of_account(&asked)).await?;
            let users = users.into_iter().map(|user| Choice {
                name: user.title().to_owned(),
                second: user.user_name.clone(),
                id: user.id,
            });
            let groups = groups.items.into_iter().filter(|one| one.id != group.id).map(|one| Choice {
                id: one.id,
                name: one.display_name,
                second: "Group".to_owned(),
            });
            Some(users.chain(groups).collect::<Vec<_>>())
        }
    };
    let shell = visit.shell().await;
    Ok(page_with(status, groups::add_members(&shell, &group, found.as_deref(), placeholder, filled)))
}

async fn add_members(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let members: Vec<String> = filled.all("member").take(MEMBERS_MAX).map(str::to_owned).collect();
    if members.is_empty() {
        filled.refuse_field("member", "nobody is selected");
        return members_page(&visit, StatusCode::BAD_REQUEST, &filled).await;
    }
    match visit.send::<Group>(Method::PATCH, &of_group(&visit, ""), Some(&json!({ "add_members": members }))).await {
        Ok(_) => Ok(done(&here(&visit), "Members added")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            filled.refuse(refusal.detail);
            members_page(&visit, status, &filled).await
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn remove_member(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let members: Vec<&str> = filled.all("member").take(MEMBERS_MAX).collect();
    match visit.send::<Group>(Method::PATCH, &of_group(&visit, ""), Some(&json!({ "remove_members": members }))).await {
        Ok(_) => Ok(done(&here(&visit), "Member removed")),
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn ask_delete(visit: Visit) -> Answer {
    delete_page(&visit, StatusCode::OK, &Filled::default()).await
}

async fn delete_page(visit: &Visit, status: StatusCode, filled: &Filled) -> Answer {
    let group: Group = visit.get(&of_group(visit, "")).await?;
    Ok(page_with(status, groups::confirm_delete(&visit.shell().await, &group, filled)))
}

async fn delete(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let group: Group = visit.get(&of_group(&visit, "")).await?;
    if filled.value("typed").trim() != to_type(&group.display_name) {
        filled.refuse_field("typed", format!("what you typed is not “{}”", to_type(&group.display_name)));
        return delete_page(&visit, StatusCode::BAD_REQUEST, &filled).await;
    }
    match visit.send::<Value>(Method::DELETE, &of_group(&visit, ""), None::<&Value>).await {
        Ok(_) => Ok(done(&visit.path("/groups"), "Group deleted")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            filled.refuse(refusal.detail);
            delete_page(&visit, status, &filled).await
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}
