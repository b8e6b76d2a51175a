//! Where the last run of each source ended.

use crate::{
    api::{Answer, asked::InAccount, no_content, ok, page, page::PageQuery},
    app::{About, App, Failure},
};
use axum::body::Body;
use jiff::Timestamp;
use provost_accounts::{Configuration, Corrupt, Refused, sources};
use provost_change::{Record, ResourceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;

/// Where a source's last run ended.
#[derive(Serialize, ToSchema)]
pub struct SourceView {
    /// Its name.
    name: String,
    /// What the next run goes on with.
    #[schema(value_type = Object)]
    cookie: Value,
    /// When a run ended well last.
    #[schema(value_type = String, format = DateTime)]
    succeeded: Timestamp,
    /// Counts the runs that ended well, from 1.
    version: u64,
}

/// Where a source's run ended.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceNote {
    /// What the next run goes on with, at most 16 KiB.
    #[schema(value_type = Object)]
    cookie: Value,
    /// The version that the run began with; 0 where there was none.
    version: u64,
}

pub async fn list(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page::<ResourceId>()?;
    let store = asked.request.app.store();
    let mut records = store.all(asked.account(), &sources::kind(), page.after, page.limit_and_one()).await?;
    let next = page::cut(&mut records, page.limit, |record| record.id);
    let shown: Result<Vec<SourceView>, Corrupt> = records.iter().map(|record| view(&asked, record)).collect();
    page::list(shown?, next)
}

pub async fn show(asked: InAccount) -> Answer {
    let record = stored(&asked.request.app, &asked.config, asked.key(&sources::kind())).await?;
    ok(&view(&asked, &record.ok_or_else(|| Refused::not_found("source"))?)?)
}

pub async fn note(asked: InAccount, body: Body) -> Answer {
    let name = asked.key(&sources::kind()).to_owned();
    let about = About { action: "source.update", target: None }.making(sources::kind(), &name);
    let SourceNote { cookie, version } = asked.body(&about, body).await?;
    let (app, name, cookie) = (&asked.request.app, name.as_str(), &cookie);
    let decide = |config: Arc<Configuration>, call| async move {
        let found = stored(app, &config, name).await?;
        Ok(sources::note(&config, &call, name, cookie.clone(), (found.as_ref(), version))?)
    };
    app.write(asked.account(), &asked.request.caller, about, decide).await?;
    let record = stored(app, &asked.config, name).await?;
    ok(&view(&asked, &record.ok_or_else(|| Refused::not_found("source"))?)?)
}

pub async fn forget(asked: InAccount) -> Answer {
    let name = asked.key(&sources::kind()).to_owned();
    let about = About { action: "source.delete", target: None }.making(sources::kind(), &name);
    let (app, name) = (&asked.request.app, name.as_str());
    let decide = |config: Arc<Configuration>, call| async move {
        let record = stored(app, &config, name).await?.ok_or_else(|| Refused::not_found("source"))?;
        Ok(sources::forget(&call, &record, &sources::read(config.id, &record)?))
    };
    app.write(asked.account(), &asked.request.caller, about, decide).await?;
    no_content()
}

async fn stored(app: &App, config: &Configuration, name: &str) -> Result<Option<Record>, Failure> {
    let key = (sources::kind(), sources::id(config.id, name));
    Ok(app.store().load(config.id, &[key]).await?.into_iter().flatten().next())
}

fn view(asked: &InAccount, record: &Record) -> Result<SourceView, Corrupt> {
    let sources::Source { name, cookie, succeeded } = sources::read(asked.account(), record)?;
    Ok(SourceView { name, cookie, succeeded, version: record.version })
}
