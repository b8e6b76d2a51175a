//! Testing the connection of an enterprise app.

use super::{EnterpriseAppSettings, app_of};
use crate::{
    api::{Answer, asked::InAccount, body::is_empty, ok},
    app::{Failure, Probed},
};
use axum::body::Body;
use provost_client::Target;
use provost_engine::{
    Objects,
    connection::{self, Finding, Verdict},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is tested in place of what is saved; nothing of it is kept.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::api) struct TestConnection {
    /// Another tenant URL. It needs a token of its own.
    tenant_url: Option<String>,
    /// Another secret token.
    secret_token: Option<String>,
}

/// What a test found.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ConnectionView {
    /// Whether the target can be provisioned into.
    success: bool,
    /// What was found: of several findings the one that has to be dealt with first.
    result: Finding,
    /// In words, with what to do.
    detail: String,
    /// Each question that was asked.
    probes: Vec<ProbeView>,
}

/// A question and its answer.
#[derive(Serialize, ToSchema)]
struct ProbeView {
    /// About what: `users` or `groups`.
    #[schema(value_type = String)]
    objects: Objects,
    /// The request, below the tenant URL.
    request: String,
    /// The status of the answer; null where there was none.
    status: Option<u16>,
    /// How long it took.
    duration_ms: u64,
    /// What it means.
    result: Finding,
    /// In words.
    detail: String,
}

pub(in crate::api) async fn test(asked: InAccount, body: Body) -> Answer {
    let app = app_of(&asked).await?;
    let with: TestConnection =
        if is_empty(&body) { TestConnection::default() } else { asked.request.json(body).await? };
    let settings = EnterpriseAppSettings {
        tenant_url: with.tenant_url.clone(),
        secret_token: with.secret_token.clone().map(Some),
        ..EnterpriseAppSettings::default()
    };
    settings.check(&asked)?;
    let server = &asked.request.app;
    let target: Result<Target, Failure> = match (&with.tenant_url, &with.secret_token) {
        (Some(url), token) => server.target_at(url, token.as_deref()),
        (None, Some(token)) => server.target_at(&app.value.tenant_url, Some(token)),
        (None, None) if app.value.secret_token.is_none() => return ok(&without_token()),
        (None, None) => server.target(asked.account(), app.id(), &app.value),
    };
    ok(&view(server.probe(&target?, &app.value.mappings).await))
}

fn without_token() -> ConnectionView {
    let detail = "the app has no secret token: give it one, or nothing can be sent".to_owned();
    ConnectionView { success: false, result: Finding::CredentialsMissing, detail, probes: Vec::new() }
}

fn view(probed: Vec<Probed>) -> ConnectionView {
    let worst = connection::worst(probed.iter().map(|one| one.verdict.clone()));
    let Verdict { finding, detail } = worst.unwrap_or_else(|| Verdict {
        finding: Finding::Success,
        detail: "nothing is mapped, so nothing was asked".to_owned(),
    });
    let probe = |one: Probed| ProbeView {
        objects: one.of,
        request: format!("GET {}", one.path),
        status: one.status,
        duration_ms: one.duration_ms,
        result: one.verdict.finding,
        detail: one.verdict.detail,
    };
    ConnectionView {
        success: finding == Finding::Success,
        result: finding,
        detail: match finding {
            Finding::Success => "the target answers as it should".to_owned(),
            _ => detail,
        },
        probes: probed.into_iter().map(probe).collect(),
    }
}
