//! Mails that let users prove their addresses.

use super::{Answer, accepted, asked::InAccount, users};
use axum::body::Body;
use jiff::Timestamp;
use provost_accounts::{Call, Configuration, verification};
use provost_change::Kind;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A mail that goes out.
#[derive(Serialize, ToSchema)]
pub(super) struct VerificationMailView {
    /// To which address.
    to: String,
    /// Until when its link works.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
}

/// Nothing is to be said.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

pub(super) async fn send(asked: InAccount, body: Body) -> Answer {
    let (id, about) = asked.target("user.send_verification", Kind::USER).await?;
    let Nothing {} = asked.body_or_default(&about, body).await?;
    let app = &asked.request.app;
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let user = users::load(app, &config, id).await?;
        Ok(verification::resend(&config, &call, &user)?)
    };
    let sent = app.write(asked.account(), &asked.request.caller, about, decide).await?;
    accepted(&VerificationMailView { to: sent.to, expires: sent.expires })
}
