//! Alerts that are raised: what administrators must hear of although nobody asked (S-77, S-59).

use super::{
    Answer,
    asked::InAccount,
    no_content,
    page::{self, PageQuery},
};
use crate::app::Failure;
use jiff::Timestamp;
use provost_accounts::{
    Call, Configuration, Refused,
    alerts::{self, Alert},
};
use provost_change::ResourceId;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// An alert.
#[derive(Serialize, ToSchema)]
pub(super) struct AlertView {
    /// Its id: the same as often as this cause raises it.
    id: String,
    /// Why: `no_contact`, `failure_rate`, `leavers`, `brake`, `held`, `honey` or `key_expires`.
    cause: &'static str,
    /// The same in a few words.
    title: &'static str,
    /// What happened and what to do, as it was when it was raised.
    detail: String,
    /// The id of the admin app that it is about; null where it is about none.
    app: Option<String>,
    /// That app's name; null when it is gone.
    app_name: Option<String>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// Whether it stays until somebody dismisses it. The others end when their cause is over.
    dismissible: bool,
}

pub(super) async fn list(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page::<ResourceId>()?;
    let store = asked.request.app.store();
    let mut records = store.all(asked.account(), &alerts::kind(), page.after, page.limit_and_one()).await?;
    let next = page::cut(&mut records, page.limit, |record| record.id);
    let view = |record| Ok(view(&asked.config, alerts::read(asked.account(), record)?));
    let mut items: Vec<AlertView> = records.iter().map(view).collect::<Result<_, Failure>>()?;
    items.sort_by_key(|alert| std::cmp::Reverse(alert.since));
    page::list(items, next)
}

fn view(config: &Configuration, alert: Alert) -> AlertView {
    let app = alert.cause.app();
    AlertView {
        id: alerts::id(config.id, &alert.cause).to_string(),
        cause: alert.cause.name(),
        title: alert.cause.title(),
        detail: alert.detail,
        app: app.map(|app| app.to_string()),
        app_name: app.and_then(|app| config.app(app)).map(|app| app.name.clone()),
        since: alert.since,
        dismissible: !alert.cause.ends_by_itself(),
    }
}

pub(super) async fn dismiss(asked: InAccount) -> Answer {
    let (id, about) = asked.target("alert.dismiss", alerts::kind()).await?;
    let app = &asked.request.app;
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let found = app.store().load(config.id, &[(alerts::kind(), id)]).await?.into_iter().flatten().next();
        let record = found.ok_or_else(|| Refused::not_found("alert"))?;
        let alert = alerts::read(config.id, &record)?;
        Ok(alerts::dismiss(&config, &call, (&record, &alert))?)
    };
    app.write(asked.account(), &asked.request.caller, about, decide).await?;
    no_content()
}
