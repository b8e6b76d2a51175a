//! Versions of the provisioning policy.

use super::policy::in_force;
use crate::console::{
    answer::{Answer, done, page, page_with},
    paths::Paths,
    visit::{List, Visit},
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
    routing::get,
};
use provost_accounts::Permission;
use provost_console::{
    Filled, address, escaped,
    screens::settings::{
        Part,
        policy::{FieldChange, InForce, Version},
        policy_history,
    },
};
use serde::Deserialize;
use serde_json::json;

/// Pages of 200 versions that are read to find the newest.
const PAGES_MAX: usize = 10;
/// Versions that are listed, the newest.
const LISTED_MAX: usize = 100;

/// Where two versions differ.
#[derive(Deserialize)]
struct Diff {
    changes: Vec<FieldChange>,
}

pub(super) fn routes() -> Paths {
    let base = "/accounts/{account}/settings/policy/history";
    Paths::new()
        .route(base, get(list))
        .route(&format!("{base}/{{version}}"), get(show))
        .route(&format!("{base}/{{version}}/revert"), get(ask_revert).post(revert))
}

async fn list(visit: Visit) -> Answer {
    let (mut versions, mut cursor) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let asked = [("limit", "200"), ("cursor", cursor.as_deref().unwrap_or(""))];
        let found: List<Version> = visit.get(&visit.of_account(&address("/policy/versions", &asked))).await?;
        versions.extend(found.items);
        cursor = found.next;
        if cursor.is_none() {
            break;
        }
    }
    versions.reverse();
    let is_cut = cursor.is_some() || versions.len() > LISTED_MAX;
    versions.truncate(LISTED_MAX);
    Ok(page(policy_history::list(&visit.shell().await, &versions, is_cut)))
}

fn of_version(visit: &Visit, rest: &str) -> String {
    visit.of_account(&format!("/policy/versions/{}{rest}", escaped(visit.named("version"))))
}

async fn show(visit: Visit) -> Answer {
    let version: Version = visit.get(&of_version(&visit, "")).await?;
    let changes: Option<Diff> = match version.version {
        ..=1 => None,
        2.. => Some(visit.get(&of_version(&visit, "/diff")).await?),
    };
    let InForce { version: current, .. } = in_force(&visit).await?;
    let changes = changes.as_ref().map(|diff| diff.changes.as_slice());
    let (is_current, may_manage) = (current == version.version, visit.may(Permission::ManagePolicy));
    Ok(page(policy_history::version(&visit.shell().await, &version, changes, is_current, may_manage)))
}

async fn ask_revert(visit: Visit) -> Answer {
    ask(&visit, StatusCode::OK, &Filled::default()).await
}

async fn ask(visit: &Visit, status: StatusCode, filled: &Filled) -> Answer {
    let version: Version = visit.get(&of_version(visit, "")).await?;
    let InForce { version: current, .. } = in_force(visit).await?;
    let diff: Diff = visit.get(&of_version(visit, &format!("/diff?against={current}"))).await?;
    Ok(page_with(status, policy_history::revert(&visit.shell().await, version.version, &diff.changes, filled)))
}

async fn revert(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let version = visit.named("version").parse::<u32>().unwrap_or(0);
    let wanted = json!({ "version": version });
    match visit.send::<InForce>(Method::POST, &visit.of_account("/policy/revert"), Some(&wanted)).await {
        Ok(saved) => {
            let said = format!("Reverted to version {version}, as version {}", saved.version);
            Ok(done(&visit.path(Part::Policy.path()), &said))
        }
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            filled.refuse(refusal.detail);
            ask(&visit, status, &filled).await
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}
