//! One row of a mapping: edited, checked while it is typed, previewed.

use super::{
    app_of, at, here,
    mappings::{mappings_of, objects, with_rows},
    of_app,
};
use crate::console::{
    answer::{Answer, Trouble, done, page_with},
    paths::Paths,
    visit::{Refusal, Visit},
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
    routing::{get, post},
};
use provost_console::{
    Filled,
    components::record::value_text,
    screens::enterprise_apps::{
        mapping::{self, Edit, Preview, Verdict},
        mappings::{Objects, Row},
        plans::Plan,
    },
};
use provost_engine::aliases;
use serde_json::{Value, json};

/// Changes of the previewed attribute that are shown.
const CHANGES_MAX: usize = 50;

pub(super) fn routes() -> Paths {
    Paths::new()
        .route(&at("/mappings/{objects}/edit"), get(edit).post(save))
        .route(&at("/mappings/{objects}/edit/check"), post(check))
        .route(&at("/mappings/{objects}/edit/preview"), post(preview))
}

/// What a form shows besides what was typed.
#[derive(Default)]
struct Found {
    verdict: Option<Verdict>,
    preview: Option<Preview>,
}

async fn shown(visit: &Visit, status: StatusCode, filled: &Filled, found: &Found) -> Answer {
    let of = objects(visit).await?;
    let (app, all) = (app_of(visit).await?, mappings_of(visit).await?);
    let engine = match of {
        Objects::Users => provost_engine::Objects::Users,
        Objects::Groups => provost_engine::Objects::Groups,
    };
    let sources: Vec<&str> = aliases(engine).iter().map(|alias| alias.name.as_str()).collect();
    let view = Edit {
        of,
        replaces: filled.value("replaces"),
        attributes: &all.settings(of).target_attributes,
        sources: &sources,
        filled,
        verdict: found.verdict.as_ref(),
        preview: found.preview.as_ref(),
    };
    Ok(page_with(status, mapping::page(&visit.shell().await, &app, &view)))
}

async fn edit(visit: Visit) -> Answer {
    let of = objects(&visit).await?;
    let query = visit.query();
    let target = query.value("target");
    let filled = match target {
        "" => Filled::with(&[("kind", "direct"), ("apply", "always")]),
        target => {
            let all = mappings_of(&visit).await?;
            let row = all.rows(of).iter().find(|row| row.target == target);
            let Some(row) = row else {
                return Err(visit.trouble(404, format!("nothing is mapped to `{target}` any more")).await);
            };
            let mut values = mapping::filled(row).pairs().to_vec();
            values.push(("replaces".to_owned(), target.to_owned()));
            Filled::new(values)
        }
    };
    shown(&visit, StatusCode::OK, &filled, &Found::default()).await
}

/// The row that a form says.
fn row(filled: &Filled) -> Row {
    let text = |name: &str| filled.value(name).trim().to_owned();
    let mut row = Row { target: text("target"), apply: text("apply"), ..Row::default() };
    match filled.value("kind") {
        "constant" => row.constant = Some(constant(filled.value("constant"))),
        "expression" => row.expression = Some(text("expression")),
        "none" => row.none = Some(true),
        _ => row.source = Some(text("source")),
    }
    row.default = filled.given("default").map(constant);
    row.matching = filled.given("matching").and_then(|place| place.parse().ok());
    row
}

/// A constant as it was typed: booleans and numbers are read by the API for attributes that hold such.
fn constant(text: &str) -> Value {
    json!(text)
}

async fn checked(visit: &Visit, of: Objects, filled: &Filled) -> Result<Verdict, Refusal> {
    let body = json!({
        "objects": of.name(),
        "row": row(filled),
        "replaces": filled.given("replaces"),
        "for": filled.given("for"),
    });
    visit.send(Method::POST, &of_app(visit, "/mappings/check"), Some(&body)).await
}

async fn check(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let of = objects(&visit).await?;
    match checked(&visit, of, &filled).await {
        Ok(verdict) => shown(&visit, StatusCode::OK, &filled, &Found { verdict: Some(verdict), preview: None }).await,
        Err(refusal) => told(&visit, refusal, &mut filled).await,
    }
}

async fn told(visit: &Visit, refusal: Refusal, filled: &mut Filled) -> Answer {
    if !refusal.is_about_the_form() {
        return Err(visit.refused(refusal).await);
    }
    let status = refusal.status();
    refusal.tell(filled);
    shown(visit, status, filled, &Found::default()).await
}

/// All rows with the one of the form in its place.
async fn rows(visit: &Visit, of: Objects, filled: &Filled) -> Result<Vec<Row>, Trouble> {
    let mut rows = mappings_of(visit).await?.rows(of).to_vec();
    let new = row(filled);
    match rows.iter_mut().find(|row| row.target == filled.value("replaces")) {
        Some(row) => *row = new,
        None => rows.push(new),
    }
    Ok(rows)
}

async fn preview(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let of = objects(&visit).await?;
    let rows = rows(&visit, of, &filled).await?;
    let wanted = json!({ "mappings": with_rows(of, &rows) });
    match visit.send::<Plan>(Method::POST, &of_app(&visit, "/plan"), Some(&wanted)).await {
        Ok(plan) => {
            let preview = Some(previewed(&plan, of, filled.value("target")));
            shown(&visit, StatusCode::OK, &filled, &Found { verdict: None, preview }).await
        }
        Err(refusal) => told(&visit, refusal, &mut filled).await,
    }
}

/// What a plan does in all, and with one attribute.
fn previewed(plan: &Plan, of: Objects, target: &str) -> Preview {
    let objects = || plan.objects.iter().filter(|object| object.of == of.name());
    let count =
        |action: &str| objects().flat_map(|object| &object.intents).filter(|intent| intent.action == action).count();
    let changes = objects().flat_map(|object| {
        let changes = object.intents.iter().flat_map(|intent| &intent.changes);
        changes
            .filter(|change| change.name == target)
            .map(|change| (object.name.clone(), value_text(&change.old), value_text(&change.new)))
    });
    Preview {
        counts: vec![
            ("Create", count("create")),
            ("Update", count("update")),
            ("Disable", count("disable")),
            ("Delete", count("delete")),
        ],
        changes: changes.take(CHANGES_MAX).collect(),
        failures: plan.failures.len(),
    }
}

async fn save(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let of = objects(&visit).await?;
    // The check says where in the expression a fault is, which the refusal of the whole says less well.
    match checked(&visit, of, &filled).await {
        Ok(verdict) if !verdict.valid => {
            filled.refuse("correct what is said beside the form, then save again");
            let found = Found { verdict: Some(verdict), preview: None };
            return shown(&visit, StatusCode::BAD_REQUEST, &filled, &found).await;
        }
        Ok(_) => {}
        Err(refusal) => return told(&visit, refusal, &mut filled).await,
    }
    let rows = rows(&visit, of, &filled).await?;
    let saved = visit.send::<Value>(Method::PUT, &of_app(&visit, "/mappings"), Some(&with_rows(of, &rows))).await;
    match saved {
        Ok(_) => Ok(done(&here(&visit, &of.rest()), "Mapping saved")),
        Err(refusal) => told(&visit, refusal, &mut filled).await,
    }
}
