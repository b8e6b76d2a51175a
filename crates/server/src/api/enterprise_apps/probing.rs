//! Probing the target of an enterprise app.

use super::app_of;
use crate::{
    api::{Answer, asked::InAccount, body::is_empty, ok},
    app::Failure,
};
use axum::body::Body;
use provost_accounts::Refused;
use provost_engine::{
    Compiled, SourceSchemas,
    probe::{Consent, Report, TargetProbe},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a probe may do.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::api) struct ProbeConsent {
    /// Whether throw-away users and groups may be made at the target; they are removed again.
    write: bool,
}

/// What a probe found.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ProbeView {
    /// For programs. Its `compatibility` can be given to the app as it is.
    report: Report,
    /// For people.
    text: String,
}

/// Probes with the settings that are saved, and changes none of them.
pub(in crate::api) async fn probe(asked: InAccount, body: Body) -> Answer {
    let app = app_of(&asked).await?;
    let consent: ProbeConsent =
        if is_empty(&body) { ProbeConsent::default() } else { asked.request.json(body).await? };
    let schemas = SourceSchemas { users: &asked.config.full_user, groups: &asked.config.full_group };
    let compiled = Compiled::new(&app.value, schemas).map_err(|problems| {
        let problems: Vec<String> = problems.into_iter().map(|one| format!("{}: {}", one.field, one.problem)).collect();
        Failure::from(Refused::status(409, format!("the app cannot run as it is: {}", problems.join("; "))))
    })?;
    let server = &asked.request.app;
    let target = server.target(asked.account(), app.id(), &app.value)?;
    let consent = Consent { writes: consent.write, nonce: Uuid::from_bytes(server.random()), role: None };
    let report = server.probe_to_the_end(target, TargetProbe::new(compiled, consent)).await?;
    let text = report.to_string();
    ok(&ProbeView { report, text })
}
