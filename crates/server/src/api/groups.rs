//! Groups that administrators make.

use super::{Answer, asked::InAccount, created, no_content, ok, page, page::PageQuery};
use crate::app::{About, App, Failure};
use axum::body::Body;
use jiff::Timestamp;
use provost_accounts::{Configuration, Refused, group};
use provost_change::{AccountId, Kind, Record, ResourceId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What a group is made from.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewGroup {
    /// Its name; also taken as `name`.
    #[serde(alias = "name", alias = "displayName")]
    display_name: String,
}

/// A group.
#[derive(Serialize, ToSchema)]
pub(super) struct GroupView {
    /// Its id.
    id: String,
    /// Its name.
    display_name: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
}

impl GroupView {
    pub(super) fn of(group: &group::Group, created: Timestamp) -> Self {
        Self { id: group.id.to_string(), display_name: group.display_name.clone(), created }
    }
}

pub(super) async fn create(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "group.create", target: None };
    let new: NewGroup = asked.body(&about, body).await?;
    let about = about.making(Kind::GROUP, &new.display_name);
    let made = asked
        .write(about, |config, call| {
            let decided = group::create(config, call, &new.display_name)?;
            Ok(decided.map(|group| GroupView::of(&group, call.now)))
        })
        .await?;
    created(&asked.location(&format!("/groups/{}", made.id)), &made)
}

pub(super) async fn list(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page::<ResourceId>()?;
    let store = asked.request.app.store();
    let mut records = store.all(asked.account(), &Kind::GROUP, page.after, page.limit_and_one()).await?;
    let next = page::cut(&mut records, page.limit, |record| record.id);
    let mut items = Vec::with_capacity(records.len());
    for record in &records {
        items.push(GroupView::of(&group::read(record)?, record.created));
    }
    page::list(items, next)
}

pub(super) async fn get(asked: InAccount) -> Answer {
    let record = load(&asked.request.app, asked.account(), asked.id(&Kind::GROUP)?).await?;
    ok(&GroupView::of(&group::read(&record)?, record.created))
}

pub(super) async fn delete(asked: InAccount) -> Answer {
    let (id, about) = asked.target("group.delete", Kind::GROUP).await?;
    let app = &asked.request.app;
    let decide = |config: Arc<Configuration>, call| async move {
        let record = load(app, config.id, id).await?;
        Ok(group::delete(&config, &call, &record)?)
    };
    app.write(asked.account(), &asked.request.caller, about, decide).await?;
    no_content()
}

/// A group of the account.
pub(super) async fn load(app: &App, account: AccountId, id: ResourceId) -> Result<Record, Failure> {
    let records = app.store().load(account, &[(Kind::GROUP, id)]).await?;
    Ok(records.into_iter().flatten().next().ok_or_else(|| Refused::not_found("group"))?)
}
