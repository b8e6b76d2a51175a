//! Quorum policies of the account and of groups.

use super::{apps, open};
use crate::console::{
    answer::{Answer, Trouble, done, go, page, page_with},
    paths::Paths,
    visit::{List, Refusal, Visit},
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
    routing::{get, post},
};
use provost_accounts::Permission;
use provost_console::{
    Filled, escaped,
    screens::{
        settings::{
            Part,
            quorum::{self, Editor, Names, Owned, Quorum, Request, Tree},
        },
        users::Named,
    },
};
use serde::Deserialize;
use serde_json::{Value, json};

/// Members of one tree in the editor, so that a form stays a form; the API takes fewer.
const MEMBERS_MAX: usize = 256;

/// A group or a user, as far as it is named here.
#[derive(Deserialize)]
struct Group {
    id: String,
    display_name: String,
}

/// A user, as far as an approver is named.
#[derive(Deserialize)]
struct Approver {
    id: String,
    user_name: String,
}

/// A quorum policy.
#[derive(Deserialize)]
struct Policy {
    policy: Tree,
}

pub(super) fn routes() -> Paths {
    let base = "/accounts/{account}/settings/quorum";
    let below = |rest: &str| format!("{base}{rest}");
    let requests = "/accounts/{account}/approval-requests";
    Paths::new()
        .route(requests, get(approvals))
        .route(&format!("{requests}/{{user}}/approve"), post(approve))
        .route(&format!("{requests}/{{user}}/deny"), post(deny))
        .route(base, get(list))
        .route(&below("/groups"), post(choose))
        .route(&below("/account"), get(edit).post(change))
        .route(&below("/account/remove"), get(ask_remove).post(remove))
        .route(&below("/groups/{group}"), get(edit).post(change))
        .route(&below("/groups/{group}/remove"), get(ask_remove).post(remove))
}

async fn list(visit: Visit) -> Answer {
    let found: List<Owned> = visit.get(&visit.of_account("/quorum-policies?limit=200")).await?;
    let trees: Vec<&Tree> = found.items.iter().map(|owned| &owned.policy).collect();
    let names = names(&visit, &trees).await?;
    let policy: Option<Value> = visit.find(&visit.of_account("/policy")).await?;
    let guards: Option<Vec<String>> = policy.map(|policy| texts(&policy["policy"]["guards"]));
    let groups: Option<List<Group>> = visit.find(&visit.of_account("/groups?limit=200")).await?;
    let has_one = |group: &Group| found.items.iter().any(|owned| owned.group.as_deref() == Some(group.id.as_str()));
    let groups = groups.map(|groups| groups.items).unwrap_or_default().into_iter().filter(|group| !has_one(group));
    let groups: Vec<Named> = groups.map(|Group { id, display_name }| Named { id, name: display_name }).collect();
    let requests: List<Request> = visit.get(&visit.of_account("/approval-requests?limit=200")).await?;
    let user = visit.user();
    let view = quorum::View {
        requests: &requests.items,
        user: user.as_deref(),
        open: &open(&visit),
        policies: &found.items,
        names: &names,
        guards: guards.as_deref(),
        groups: &groups,
        may_manage: visit.may(Permission::ManageQuorumPolicy),
    };
    Ok(visit.shown(page(quorum::list(&visit.shell().await, &view))))
}

/// Approval requests by themselves: an approver need not be permitted to see the settings.
async fn approvals(visit: Visit) -> Answer {
    let requests: List<Request> = visit.get(&visit.of_account("/approval-requests?limit=200")).await?;
    let base = visit.path("/approval-requests");
    let shown = quorum::requests(&visit.shell().await, &base, &requests.items, visit.user().as_deref());
    Ok(visit.shown(page(shown)))
}

async fn approve(visit: Visit, body: Body) -> Answer {
    vote(&visit, body, "approve", "Removal approved").await
}

async fn deny(visit: Visit, body: Body) -> Answer {
    vote(&visit, body, "deny", "Removal denied").await
}

async fn vote(visit: &Visit, body: Body, verdict: &str, said: &str) -> Answer {
    let filled = visit.form(body).await?;
    let request = visit.of_account(&format!("/approval-requests/{}/{verdict}", escaped(visit.named("user"))));
    let word = json!({ "digest": filled.value("digest") });
    match visit.send::<Request>(Method::POST, &request, Some(&word)).await {
        Ok(after) => {
            let said = if after.state == "void" {
                "The user or the quorum policy has changed since: nothing is done"
            } else {
                said
            };
            Ok(done(&visit.path("/approval-requests"), said))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What the approvers of trees are called.
async fn names(visit: &Visit, trees: &[&Tree]) -> Result<Names, Trouble> {
    let mut names: Names = apps(visit).await?.into_iter().map(|app| (app.id, app.name)).collect();
    for tree in trees {
        for id in tree.users() {
            if names.contains_key(id) {
                continue;
            }
            let found: Option<Approver> = visit.find(&visit.of_account(&format!("/users/{}", escaped(id)))).await?;
            names.extend(found.map(|user| (user.id, user.user_name)));
        }
    }
    Ok(names)
}

/// The way to the editor for the group of a form.
async fn choose(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    Ok(go(&visit.path(&format!("{}/groups/{}", Part::Quorum.path(), escaped(filled.value("group"))))))
}

/// The group of the address; `None` for the account.
async fn group(visit: &Visit) -> Result<Option<Named>, Trouble> {
    match visit.named("group") {
        "" => Ok(None),
        id => {
            let Group { id, display_name } = visit.get(&visit.of_account(&format!("/groups/{}", escaped(id)))).await?;
            Ok(Some(Named { id, name: display_name }))
        }
    }
}

/// The policy's address in the management API.
fn of_policy(visit: &Visit) -> String {
    match visit.named("group") {
        "" => visit.of_account("/quorum-policy"),
        group => visit.of_account(&format!("/groups/{}/quorum-policy", escaped(group))),
    }
}

async fn edit(visit: Visit) -> Answer {
    if !visit.may(Permission::ManageQuorumPolicy) {
        return Err(visit.trouble(403, "none of your roles permits to change quorum policies".to_owned()).await);
    }
    let found: Option<Policy> = visit.find(&of_policy(&visit)).await?;
    let tree = found.map_or(Quorum { n: 1, members: Vec::new() }, |found| found.policy.into_quorum());
    editor(&visit, tree, StatusCode::OK, &Filled::default()).await
}

async fn editor(visit: &Visit, tree: Quorum, status: StatusCode, filled: &Filled) -> Answer {
    let group = group(visit).await?;
    let whole = Tree::Quorum(tree);
    let names = names(visit, &[&whole]).await?;
    let apps = apps(visit).await?;
    let tree = whole.into_quorum();
    let editor = Editor { group: group.as_ref(), tree: &tree, names: &names, apps: &apps };
    Ok(page_with(status, quorum::edit(&visit.shell().await, &editor, filled)))
}

/// One press of a button in the editor: the tree is changed and comes back, or is saved.
async fn change(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let Ok(mut tree) = serde_json::from_str::<Quorum>(filled.value("tree")) else {
        return Err(visit.trouble(400, "this form is damaged: open the page again".to_owned()).await);
    };
    for place in tree.places() {
        let n = filled.given(&format!("n.{place}")).and_then(|text| text.parse::<usize>().ok());
        if let (Some(quorum), Some(n)) = (tree.at(&place), n) {
            quorum.n = n;
        }
    }
    let typed = add_typed(&visit, &mut tree, &mut filled).await?;
    let (what, place) = filled.value("do").split_once(' ').unwrap_or((filled.value("do"), ""));
    match what {
        "remove" => tree.remove(place),
        "app" => {
            let app = filled.value(&format!("app.{place}")).to_owned();
            add(&mut tree, place, Tree::App(app));
        }
        "branch" => add(&mut tree, place, Tree::Quorum(Quorum { n: 1, members: Vec::new() })),
        "save" if !filled.is_refused() => return save(visit, tree, typed).await,
        _ => {}
    }
    let status = if filled.is_refused() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    editor(&visit, tree, status, &typed).await
}

fn add(tree: &mut Quorum, place: &str, member: Tree) {
    if let Some(quorum) = tree.at(place).filter(|quorum| quorum.members.len() < MEMBERS_MAX) {
        quorum.members.push(member);
    }
}

/// Adds the users whose sign-in names were typed. What is left is what could not be added, with the reason, and which apps are chosen.
async fn add_typed(visit: &Visit, tree: &mut Quorum, filled: &mut Filled) -> Result<Filled, Trouble> {
    let chosen = filled.pairs().iter().filter(|(name, _)| name.starts_with("app."));
    let mut left = Filled::new(chosen.cloned().collect());
    for place in tree.places() {
        let field = format!("who.{place}");
        let Some(name) = filled.given(&field).map(str::to_owned) else { continue };
        // In a filter, a text stands as in JSON (RFC 7644 §3.4.2.2).
        let filter = format!("userName eq {}", json!(name));
        let found: List<Approver> =
            visit.get(&visit.of_account(&format!("/users?limit=1&filter={}", escaped(&filter)))).await?;
        match found.items.into_iter().next() {
            Some(user) => add(tree, &place, Tree::User(user.id)),
            None => {
                let mut pairs = left.pairs().to_vec();
                pairs.push((field.clone(), name.clone()));
                let faults = left.faults().to_vec();
                left = Filled::new(pairs);
                faults.into_iter().for_each(|fault| left.refuse_field(&fault.field, fault.detail));
                left.refuse_field(&field, format!("no user signs in as {name}"));
                filled.refuse_field(&field, "no such user");
            }
        }
    }
    Ok(left)
}

async fn save(visit: Visit, tree: Quorum, mut filled: Filled) -> Answer {
    let saved: Result<Value, Refusal> =
        visit.send(Method::PUT, &of_policy(&visit), Some(&Tree::Quorum(tree.clone()))).await;
    match saved {
        Ok(_) => Ok(done(&visit.path(Part::Quorum.path()), "Quorum policy saved")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            filled.refuse(refusal.detail);
            editor(&visit, tree, status, &filled).await
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn ask_remove(visit: Visit) -> Answer {
    let group = group(&visit).await?;
    Ok(page(quorum::confirm(&visit.shell().await, group.as_ref(), &Filled::default())))
}

async fn remove(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    match visit.send::<Value>(Method::DELETE, &of_policy(&visit), None::<&Value>).await {
        Ok(_) => Ok(done(&visit.path(Part::Quorum.path()), "Quorum policy removed")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            filled.refuse(refusal.detail);
            let group = group(&visit).await?;
            Ok(page_with(status, quorum::confirm(&visit.shell().await, group.as_ref(), &filled)))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}
