//! Connecting an application.

use super::{app_of, at, here, of_app};
use crate::console::{
    answer::{Answer, done, page, page_with},
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
    screens::enterprise_apps::{
        App,
        connection::{self, Connect, Verdict},
    },
};
use serde_json::{Value, json};

pub(super) fn routes() -> Paths {
    Paths::new()
        .route(&at("/provisioning/connect"), get(ask))
        .route(&at("/provisioning/connection"), post(save))
        .route(&at("/provisioning/connection/test"), post(test))
}

async fn ask(visit: Visit) -> Answer {
    let app = app_of(&visit).await?;
    let mode = visit.query();
    let is_automatic = if mode.value("mode").is_empty() { app.is_connected() } else { mode.has("mode", "automatic") };
    let filled = Filled::with(&[("tenant_url", &app.tenant_url)]);
    let view = Connect { app: &app, is_automatic, filled: &filled, kept: None, verdict: None, may_insist: false };
    Ok(page(connection::page(&visit.shell().await, &view)))
}

/// What a form says of the connection.
struct Typed {
    url: String,
    /// The token that was typed now or for the test before; `None` for the one that is saved.
    token: Option<String>,
}

fn typed(visit: &Visit, filled: &Filled) -> Typed {
    let token = filled
        .given("secret_token")
        .map(str::to_owned)
        .or_else(|| visit.opened(purpose(visit).as_bytes(), filled.value("kept")));
    Typed { url: filled.value("tenant_url").trim().to_owned(), token }
}

/// What a token is kept for: this application's form.
fn purpose(visit: &Visit) -> String {
    format!("console connection {}/{}", visit.account(), visit.named("app"))
}

/// Asks the target with what was typed; with what is saved where that is the same.
async fn tested(visit: &Visit, app: &App, typed: &Typed) -> Result<Verdict, Refusal> {
    let path = of_app(visit, "/test-connection");
    if typed.token.is_none() && typed.url == app.tenant_url {
        return visit.send(Method::POST, &path, None::<&Value>).await;
    }
    if typed.token.is_none() {
        let detail = "a token is for one host: give the token of this tenant URL".to_owned();
        return Err(Refusal { status: 400, detail, errors: Vec::new() });
    }
    let body = json!({ "tenant_url": typed.url, "secret_token": typed.token });
    visit.send(Method::POST, &path, Some(&body)).await
}

/// The form again, with what the test found or with what was refused.
async fn shown(
    visit: &Visit,
    app: &App,
    mut filled: Filled,
    found: Result<&Verdict, Refusal>,
    insists: bool,
) -> Answer {
    let Typed { token, .. } = typed(visit, &filled);
    let kept = token.map(|token| visit.sealed(purpose(visit).as_bytes(), &token));
    let (status, verdict) = match found {
        Ok(verdict) => (if insists { StatusCode::BAD_REQUEST } else { StatusCode::OK }, Some(verdict)),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            (status, None)
        }
        Err(refusal) => return Err(visit.refused(refusal).await),
    };
    if insists {
        filled.refuse("the test of the connection failed: mend what it says, or save it anyway");
    }
    let view =
        Connect { app, is_automatic: true, filled: &filled, kept: kept.as_deref(), verdict, may_insist: insists };
    Ok(page_with(status, connection::page(&visit.shell().await, &view)))
}

async fn test(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let app = app_of(&visit).await?;
    match tested(&visit, &app, &typed(&visit, &filled)).await {
        Ok(verdict) => shown(&visit, &app, filled, Ok(&verdict), false).await,
        Err(refusal) => shown(&visit, &app, filled, Err(refusal), false).await,
    }
}

/// Saves the connection: the test comes first, and only who insists saves one that failed.
async fn save(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let app = app_of(&visit).await?;
    let typed = typed(&visit, &filled);
    if !filled.has("insist", "yes") {
        match tested(&visit, &app, &typed).await {
            Ok(verdict) if verdict.success => {}
            Ok(verdict) => return shown(&visit, &app, filled, Ok(&verdict), true).await,
            Err(refusal) => return shown(&visit, &app, filled, Err(refusal), false).await,
        }
    }
    let mut change = json!({ "tenant_url": typed.url });
    if let Some(token) = &typed.token {
        change["secret_token"] = json!(token);
    }
    let said = if app.is_connected() { "Connection saved" } else { "Provisioning set up" };
    match visit.send::<App>(Method::PATCH, &of_app(&visit, ""), Some(&change)).await {
        Ok(_) => Ok(done(&here(&visit, "/provisioning"), said)),
        Err(refusal) => shown(&visit, &app, filled, Err(refusal), false).await,
    }
}
