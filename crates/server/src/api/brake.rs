//! The brake of an admin app: how much of it is used up, and letting more through (S-78).

use super::{Answer, asked::InAccount, ok};
use crate::app::{About, Failure, Target};
use axum::body::Body;
use jiff::Timestamp;
use provost_accounts::{Call, Configuration, Refused, users::brake};
use provost_change::{Kind, ResourceId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// How much of an admin app's brake is used up.
#[derive(Serialize, ToSchema)]
pub(super) struct BrakeView {
    /// Users that it may disable or remove in an hour (policy field `brake.changes_per_hour`); null for any number.
    limit: Option<u32>,
    /// Users that it has disabled or removed in this hour, since the brake was released last.
    used: u64,
    /// Whether the next one is refused.
    holds: bool,
    /// When the next hour begins.
    #[schema(value_type = String, format = DateTime)]
    resets: Timestamp,
}

/// Nothing is to be said.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

pub(super) async fn get(asked: InAccount) -> Answer {
    let id = asked.id(&Kind::ADMIN_APP)?;
    asked.config.app(id).ok_or_else(|| Refused::not_found("admin app"))?;
    ok(&view(&asked, id).await?)
}

pub(super) async fn release(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "brake.release", target: None };
    let id = asked.or_recorded(&about, asked.id(&Kind::ADMIN_APP)).await?;
    let about = About { target: Some(Target::Record(Kind::ADMIN_APP, id)), ..about };
    let Nothing {} = asked.body_or_default(&about, body).await?;
    let app = &asked.request.app;
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let head = app.store().head(config.id).await?.ok_or(Failure::NoAccount)?;
        let count = head.count(&brake::count_name(id, call.now));
        Ok(brake::release(&config, &call, id, count)?)
    };
    app.write(asked.account(), &asked.request.caller, about, decide).await?;
    ok(&view(&asked, id).await?)
}

async fn view(asked: &InAccount, app: ResourceId) -> Result<BrakeView, Failure> {
    let now = asked.request.app.now();
    let head = asked.request.app.store().head(asked.account()).await?.ok_or(Failure::NoAccount)?;
    let used = u64::try_from(head.count(&brake::count_name(app, now))).unwrap_or(0);
    let limit = asked.config.policy.brake.changes_per_hour;
    Ok(BrakeView {
        limit,
        used,
        holds: limit.is_some_and(|limit| used >= u64::from(limit)),
        resets: brake::next_hour(now),
    })
}
