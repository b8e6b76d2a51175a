//! Users as sources outside bring them: batches of users, and where each source's last run ended.

use super::{
    Answer,
    asked::InAccount,
    body::{at_most, member},
    no_content, ok, page,
    page::PageQuery,
};
use crate::{
    app::{About, App, Failure},
    search,
};
use axum::body::Body;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use provost_accounts::{
    Configuration, Corrupt, Refused, User, sources,
    users::{
        Lookup, USER_NAME,
        import::{self, Import, Imported, Outcome},
        indexed,
    },
};
use provost_change::{IndexEntry, Kind, Record, ResourceId, UniqueKey};
use provost_scim::text::fold;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::Arc};
use utoipa::ToSchema;

/// Users in one batch.
const USERS_MAX: usize = 1_000;
/// Users that are worked on at once: they share commits.
const AT_ONCE: usize = 64;

/// Users as a source says that they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserImport {
    /// Names the source: 1 to 64 letters, digits, `.`, `-` and `_`. Its users are marked with it, and no other source changes them.
    source: String,
    /// Whether anything is done; without it the answer says what would be.
    #[serde(default)]
    apply: bool,
    /// The users, at most 1,000; each is a change of its own.
    users: Vec<ImportedUser>,
}

/// A user as a source says that it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportedUser {
    /// Values by their SCIM paths, such as `userName`, `name.givenName`, `emails[type eq "work"].value`, at most 200. Null and an empty
    /// text take a value away, but for `active`; what is not named stays. `manager` is named by `externalId`,
    /// `userName` or id. The user is found by `externalId`, or else by `userName`.
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
}

/// What an import has done, or would do.
#[derive(Serialize, ToSchema)]
pub(super) struct UserImportView {
    /// Whether it was done.
    applied: bool,
    /// How many users had which outcome.
    counts: BTreeMap<&'static str, u64>,
    /// What became of each, in the order of the request.
    items: Vec<ImportedUserView>,
}

/// What became of one user.
#[derive(Serialize, ToSchema)]
pub(super) struct ImportedUserView {
    /// `created`, `updated`, `unchanged` or `refused`.
    outcome: &'static str,
    /// The user; null where there is none, or not yet.
    #[schema(value_type = Option<String>)]
    user: Option<ResourceId>,
    /// Its sign-in name, as far as it is known.
    user_name: Option<String>,
    /// The attributes that are set or changed.
    changed: Vec<String>,
    /// Why it was refused.
    detail: Option<String>,
}

/// Where a source's last run ended.
#[derive(Serialize, ToSchema)]
pub(super) struct SourceView {
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
pub(super) struct SourceNote {
    /// What the next run goes on with, at most 16 KiB.
    #[schema(value_type = Object)]
    cookie: Value,
    /// The version that the run began with; 0 where there was none.
    version: u64,
}

pub(super) async fn import(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "user.import", target: None };
    let batch: UserImport = asked.body(&about, body).await?;
    asked.or_recorded(&about, batch.check()).await?;
    let app = if batch.apply { asked.request.app.clone() } else { asked.request.app.rehearsing().0 };
    let (asked, app, source, apply) = (&asked, &app, batch.source.as_str(), batch.apply);
    let each = batch.users.into_iter().map(|user| async move { bring(app, asked, user, source).await });
    let mut items: Vec<ImportedUserView> = stream::iter(each).buffered(AT_ONCE).try_collect().await?;
    if !apply {
        // Whoever would be made has no id yet.
        items.iter_mut().filter(|item| item.outcome == "created").for_each(|item| item.user = None);
    }
    let mut counts = BTreeMap::new();
    for item in &items {
        *counts.entry(item.outcome).or_default() += 1;
    }
    ok(&UserImportView { applied: apply, counts, items })
}

impl UserImport {
    fn check(&self) -> Result<(), Failure> {
        at_most("users", self.users.len(), USERS_MAX, "users; send the others in further requests")?;
        match import::is_source(&self.source) {
            true => Ok(()),
            false => Err(member("source", "1 to 64 letters, digits, `.`, `-` and `_`")),
        }
    }
}

/// Makes or changes one user. A refusal is this user's, and nobody else's.
async fn bring(app: &App, asked: &InAccount, user: ImportedUser, source: &str) -> Result<ImportedUserView, Failure> {
    let name = user.attributes.get("userName").and_then(Value::as_str).map(str::to_owned);
    let attributes = &user.attributes;
    let decide = |config: Arc<Configuration>, call| async move {
        let import = read(app, &config, attributes.clone()).await?;
        let found = find(app, &config, import.lookups()).await?;
        Ok(import.decide(&config, &call, found.as_ref(), source)?)
    };
    let result = async {
        // Most users of most runs are as they were: nothing is committed for them.
        let config = app.configuration(asked.account()).await?;
        let decided = decide(config, asked.request.caller.call(app)).await;
        match decided {
            Ok(decided) if decided.outcome.outcome == Outcome::Unchanged => Ok(decided.outcome),
            // Refusals are decided again, so that the audit log has them.
            Ok(_) | Err(_) => {
                let about = About { action: "user.import", target: None };
                let about = about.making(Kind::USER, name.as_deref().unwrap_or_default());
                app.write(asked.account(), &asked.request.caller, about, decide).await
            }
        }
    };
    match result.await {
        Ok(Imported { user, outcome, changed }) => Ok(ImportedUserView {
            outcome: outcome.as_str(),
            user: Some(user.id()),
            user_name: Some(user.user_name().to_owned()),
            changed,
            detail: None,
        }),
        Err(Failure::Refused(refused)) => Ok(ImportedUserView {
            outcome: "refused",
            user: None,
            user_name: name,
            changed: Vec::new(),
            detail: Some(refused.error.detail),
        }),
        Err(other) => Err(other),
    }
}

async fn read(app: &App, config: &Configuration, mut attributes: Map<String, Value>) -> Result<Import, Failure> {
    if let Some(named) = import::take_manager(&mut attributes)? {
        let manager = manager(app, config, &named).await?;
        let manager =
            manager.ok_or_else(|| Refused::invalid(format!("its manager `{named}` is no user of the account")));
        import::put_manager(&mut attributes, manager?.id());
    }
    Ok(Import::read(config, attributes)?)
}

async fn manager(app: &App, config: &Configuration, named: &str) -> Result<Option<User>, Failure> {
    let external = IndexEntry { attribute: indexed("externalId"), value: fold(named, true).into_owned() };
    let name = UniqueKey { space: USER_NAME.to_owned(), value: fold(named, false).into_owned() };
    let found = find(app, config, vec![Lookup::Index(external), Lookup::Unique(name)]).await?;
    if let (None, Ok(id)) = (&found, named.parse::<ResourceId>()) {
        let record = app.store().load(config.id, &[(Kind::USER, id)]).await?.into_iter().flatten().next();
        return Ok(record.map(|record| User::read(config.id, record)).transpose()?);
    }
    Ok(found)
}

/// The first user whom any of these finds, in their order.
async fn find(app: &App, config: &Configuration, lookups: Vec<Lookup>) -> Result<Option<User>, Failure> {
    for lookup in lookups {
        let record: Option<Record> = match lookup {
            Lookup::Unique(key) => app.store().by_unique(config.id, &key, &Kind::USER).await?,
            Lookup::Index(entry) => {
                let search = search::users_under(config, entry);
                let mut found =
                    app.store().search(config.id, &provost_store::Search { limit: 2, ..search }).await?.records;
                if found.len() > 1 {
                    return Err(Refused::status(409, "several users have this `externalId`").into());
                }
                found.pop()
            }
        };
        if let Some(record) = record {
            return Ok(Some(User::read(config.id, record)?));
        }
    }
    Ok(None)
}

pub(super) async fn sources(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page::<ResourceId>()?;
    let store = asked.request.app.store();
    let mut records = store.all(asked.account(), &sources::kind(), page.after, page.limit_and_one()).await?;
    let next = page::cut(&mut records, page.limit, |record| record.id);
    let shown: Result<Vec<SourceView>, Corrupt> = records.iter().map(|record| view(&asked, record)).collect();
    page::list(shown?, next)
}

pub(super) async fn source(asked: InAccount) -> Answer {
    let record = stored(&asked.request.app, &asked.config, asked.key(&sources::kind())).await?;
    ok(&view(&asked, &record.ok_or_else(|| Refused::not_found("source"))?)?)
}

pub(super) async fn note(asked: InAccount, body: Body) -> Answer {
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

pub(super) async fn forget(asked: InAccount) -> Answer {
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
