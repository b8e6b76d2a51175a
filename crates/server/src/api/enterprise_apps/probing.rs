//! Probing the target of an enterprise app.

use super::{app_of, roles::role_named};
use crate::{
    api::{
        Answer,
        asked::InAccount,
        body::{at_most, is_empty},
        named::NAMED_MAX,
        ok,
    },
    app::Failure,
};
use axum::body::Body;
use provost_accounts::Refused;
use provost_engine::{
    Compiled, Role, SourceSchemas,
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
    /// The app role that a throw-away user is given, by id, value or display name; without one, roles are not tried.
    app_role: Option<String>,
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
    let named = consent.app_role.as_deref();
    at_most("app_role", named.map_or(0, str::len), NAMED_MAX, "bytes")?;
    let role = role_named(server, asked.account(), app.id(), named).await?.map(|role| Role {
        id: Some(role.id().uuid()),
        value: role.value.value,
        display_name: Some(role.value.display_name),
    });
    let consent = Consent { writes: consent.write, nonce: Uuid::from_bytes(server.random()), role };
    let report = server.probe_to_the_end(target, TargetProbe::new(compiled, consent)).await?;
    let text = report.to_string();
    ok(&ProbeView { report, text })
}
