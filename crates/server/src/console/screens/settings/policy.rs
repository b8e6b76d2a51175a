//! The provisioning policy: what is in force, presets, forms, the preview, saving.

use super::open;
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
    Filled,
    screens::settings::{
        Part,
        policy::{self, InForce, Preview, Version},
        policy_fields::{self, Reference},
    },
};
use serde::Deserialize;
use serde_json::Value;

/// A preset with its document.
#[derive(Deserialize)]
struct Preset {
    name: String,
    policy: Value,
}

pub(super) fn routes() -> Paths {
    let base = "/accounts/{account}/settings/policy";
    let below = |rest: &str| format!("{base}{rest}");
    Paths::new()
        .route(base, get(show))
        .route(&below("/presets"), get(presets))
        .route(&below("/edit"), get(edit).post(edited))
        .route(&below("/edit-again"), post(edit_again))
        .route(&below("/document"), get(document))
        .route(&below("/preview"), post(preview))
        .route(&below("/save"), post(save))
}

/// The policy in force.
pub(super) async fn in_force(visit: &Visit) -> Result<InForce, Trouble> {
    visit.get(&visit.of_account("/policy")).await
}

async fn reference(visit: &Visit) -> Result<Reference, Trouble> {
    Ok(Reference(visit.get("/policy/reference").await?))
}

async fn show(visit: Visit) -> Answer {
    let InForce { version, .. } = in_force(&visit).await?;
    let version: Version = visit.get(&visit.of_account(&format!("/policy/versions/{version}"))).await?;
    let view = policy::View {
        open: &open(&visit),
        version: &version,
        reference: &reference(&visit).await?,
        may_manage: visit.may(Permission::ManagePolicy),
        may_simulate: visit.may(Permission::ManageScim),
    };
    Ok(visit.shown(page(policy::page(&visit.shell().await, &view))))
}

async fn presets(visit: Visit) -> Answer {
    let found: List<provost_console::screens::accounts::Preset> = visit.get("/policy/presets").await?;
    let InForce { policy, .. } = in_force(&visit).await?;
    let current = policy["preset"].as_str().unwrap_or("");
    Ok(page(policy::presets(&visit.shell().await, &found.items, current)))
}

async fn edit(visit: Visit) -> Answer {
    let InForce { version, policy } = in_force(&visit).await?;
    form(&visit, &policy, version).await
}

/// The form, filled in with a document.
async fn form(visit: &Visit, policy: &Value, version: u32) -> Answer {
    let reference = reference(visit).await?;
    let sections = reference.sections(policy);
    let filled = policy_fields::begin(&sections);
    Ok(page(policy::edit(&visit.shell().await, &sections, version, &filled)))
}

/// Says that somebody else changed the policy since a form was opened.
fn check_version(filled: &mut Filled, version: u32) {
    let begun = filled.given("version").and_then(|text| text.parse::<u32>().ok());
    if begun.is_some_and(|begun| begun != version) {
        let problem = "somebody put another version in force since you began: look at the history, then send this again to \
                       replace that version, too";
        filled.refuse(problem);
    }
}

async fn edited(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let InForce { version, policy } = in_force(&visit).await?;
    let reference = reference(&visit).await?;
    let sections = reference.sections(&policy);
    check_version(&mut filled, version);
    let mut status = StatusCode::BAD_REQUEST;
    if let Some(document) = policy_fields::read(&sections, &policy, &mut filled) {
        match visit.send::<Preview>(Method::POST, &visit.of_account("/policy/preview"), Some(&document)).await {
            Ok(seen) => return Ok(previewed(&visit, &seen, &document, version).await),
            Err(refusal) if refusal.is_about_the_form() => {
                status = refusal.status();
                filled.refuse(refusal.detail);
            }
            Err(refusal) => return Err(visit.refused(refusal).await),
        }
    }
    Ok(page_with(status, policy::edit(&visit.shell().await, &sections, version, &filled)))
}

async fn previewed(visit: &Visit, seen: &Preview, document: &Value, version: u32) -> axum::response::Response {
    page(policy::preview(&visit.shell().await, seen, &document.to_string(), version, &Filled::default()))
}

/// The document of a form: the name of a preset as a JSON text, or a JSON object.
fn read(filled: &mut Filled) -> Option<Value> {
    match serde_json::from_str(filled.value("document")) {
        Ok(document) => Some(document),
        Err(error) => {
            filled.refuse_field("document", format!("this is no JSON: {error}"));
            None
        }
    }
}

async fn document(visit: Visit) -> Answer {
    let InForce { version, policy } = in_force(&visit).await?;
    let text = serde_json::to_string_pretty(&policy).unwrap_or_default();
    Ok(page(policy::document(&visit.shell().await, version, &Filled::with(&[("document", &text)]))))
}

async fn preview(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let InForce { version, .. } = in_force(&visit).await?;
    check_version(&mut filled, version);
    let mut status = StatusCode::BAD_REQUEST;
    if let Some(document) = read(&mut filled).filter(|_| !filled.is_refused()) {
        match visit.send::<Preview>(Method::POST, &visit.of_account("/policy/preview"), Some(&document)).await {
            Ok(seen) => return Ok(previewed(&visit, &seen, &document, version).await),
            Err(refusal) if refusal.is_about_the_form() => {
                status = refusal.status();
                filled.refuse(refusal.detail);
            }
            Err(refusal) => return Err(visit.refused(refusal).await),
        }
    }
    Ok(page_with(status, policy::document(&visit.shell().await, version, &filled)))
}

/// From the preview back to the form, with what was to be saved.
async fn edit_again(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let InForce { version, policy } = in_force(&visit).await?;
    match read(&mut filled) {
        Some(Value::String(name)) => {
            let found: List<Preset> = visit.get("/policy/presets").await?;
            let preset = found.items.into_iter().find(|preset| preset.name == name).map(|preset| preset.policy);
            form(&visit, preset.as_ref().unwrap_or(&policy), version).await
        }
        Some(document) => form(&visit, &document, version).await,
        None => form(&visit, &policy, version).await,
    }
}

async fn save(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let InForce { version, .. } = in_force(&visit).await?;
    check_version(&mut filled, version);
    let mut status = StatusCode::CONFLICT;
    if let Some(document) = read(&mut filled).filter(|_| !filled.is_refused()) {
        match visit.send::<InForce>(Method::PUT, &visit.of_account("/policy"), Some(&document)).await {
            Ok(saved) => {
                return Ok(done(
                    &visit.path(Part::Policy.path()),
                    &format!("Policy saved as version {}", saved.version),
                ));
            }
            Err(refusal) if refusal.is_about_the_form() => {
                status = refusal.status();
                filled.refuse(refusal.detail);
            }
            Err(refusal) => return Err(visit.refused(refusal).await),
        }
    }
    Ok(page_with(status, policy::document(&visit.shell().await, version, &filled)))
}
