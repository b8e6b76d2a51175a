//! Settings of the provisioning of an application.

use super::{app_of, at, here, may_manage, of_app, settled};
use crate::console::{
    answer::{Answer, done, page, page_with},
    paths::Paths,
    visit::Visit,
};
use axum::{
    body::Body,
    http::Method,
    routing::{get, post},
};
use provost_console::{Filled, Shell, screens::enterprise_apps::settings};
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(super) fn routes() -> Paths {
    Paths::new()
        .route(&at("/provisioning/settings"), get(ask).post(save))
        .route(&at("/provisioning/probe"), post(probe))
        .route(&at("/provisioning/compatibility"), post(take_over))
}

/// What a probe found, as the management API shows it.
#[derive(Deserialize)]
struct Probed {
    report: Report,
    text: String,
}

#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    compatibility: Map<String, Value>,
}

async fn ask(visit: Visit) -> Answer {
    let app = app_of(&visit).await?;
    let filled = settings::filled(&app);
    Ok(page(settings::page(&visit.shell().await, &app, &filled, &Filled::default())))
}

/// What a form wants of the app.
fn wanted(filled: &Filled) -> Value {
    // What is no number is for the API to refuse.
    let number = |name: &str| match filled.given(name) {
        Some(text) => text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number)),
        None => Value::Null,
    };
    let notify: Vec<&str> = filled.value("notify").split_whitespace().collect();
    let mut wanted = json!({
        "name": filled.value("name").trim(),
        "scope": filled.value("scope"),
        "interval": number("interval"),
        "accidental_deletion_threshold": number("accidental_deletion_threshold"),
        "notify": notify,
        "drift": filled.value("drift"),
        "compatibility": compatibility(filled),
    });
    for name in ["nested_groups", "skip_out_of_scope_deletions", "clear_nulls"] {
        wanted[name] = json!(filled.has("switches", name));
    }
    wanted
}

fn compatibility(filled: &Filled) -> Map<String, Value> {
    let given = settings::compatibility_names().filter_map(|name| Some((name.to_owned(), json!(filled.given(name)?))));
    given.collect()
}

async fn save(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let app = app_of(&visit).await?;
    let saved = visit.send::<Value>(Method::PATCH, &of_app(&visit, ""), Some(&wanted(&filled))).await;
    let again = async |shell: &Shell, filled: &Filled| Ok(settings::page(shell, &app, filled, &Filled::default()));
    settled(&visit, filled, saved, (&here(&visit, "/provisioning"), "Settings saved"), again).await
}

async fn probe(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let app = app_of(&visit).await?;
    let consent = json!({ "write": filled.has("write", "yes") });
    let probed: Probed = match visit.send(Method::POST, &of_app(&visit, "/probe"), Some(&consent)).await {
        Ok(probed) => probed,
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            let markup = settings::page(&visit.shell().await, &app, &settings::filled(&app), &filled);
            return Ok(page_with(status, markup));
        }
        Err(refusal) => return Err(visit.refused(refusal).await),
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found: Vec<(String, String)> = probed
        .report
        .compatibility
        .iter()
        .map(|(name, value)| (name.clone(), text(value)))
        .filter(|(name, value)| app.compatibility.get(name).is_some_and(|known| known != value))
        .collect();
    let may_save = may_manage(&visit) && !found.is_empty();
    Ok(page(settings::probed(&visit.shell().await, &app, &probed.text, &found, may_save)))
}

/// Takes over what a probe found; what it did not find stays.
async fn take_over(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let app = app_of(&visit).await?;
    let mut all: Map<String, Value> =
        app.compatibility.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    all.extend(compatibility(&filled));
    let change = json!({ "compatibility": all });
    match visit.send::<Value>(Method::PATCH, &of_app(&visit, ""), Some(&change)).await {
        Ok(_) => Ok(done(&here(&visit, "/provisioning"), "Compatibility settings saved")),
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}
