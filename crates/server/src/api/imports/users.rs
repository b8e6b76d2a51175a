//! Users as sources outside bring them.

use super::{Batch, Became, Brought};
use crate::{
    api::{Answer, asked::InAccount, ok},
    app::{About, App, Failure},
    search,
};
use axum::body::Body;
use provost_accounts::{
    Call, Configuration, Decided, Refused, User,
    users::{
        Lookup, USER_NAME,
        import::{self, Import},
        indexed,
    },
};
use provost_change::{IndexEntry, Kind, Record, ResourceId, UniqueKey};
use provost_scim::text::fold;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::Arc};
use utoipa::ToSchema;

/// Users as a source says that they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserImport {
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
pub struct ImportedUser {
    /// Values by their SCIM paths, such as `userName`, `name.givenName`, `emails[type eq "work"].value`, at most 200. Null and an empty
    /// text take a value away, but for `active`; what is not named stays. `manager` is named by `externalId`,
    /// `userName` or id. The user is found by `externalId`, or else by `userName`.
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
}

/// What an import has done, or would do.
#[derive(Serialize, ToSchema)]
pub struct UserImportView {
    /// Whether it was done.
    applied: bool,
    /// How many users had which outcome.
    counts: BTreeMap<&'static str, u64>,
    /// What became of each, in the order of the request.
    items: Vec<ImportedUserView>,
}

/// What became of one user.
#[derive(Serialize, ToSchema)]
pub struct ImportedUserView {
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

pub async fn import(asked: InAccount, body: Body) -> Answer {
    let about = About { action: ImportedUser::ACTION, target: None };
    let UserImport { source, apply, users } = asked.body(&about, body).await?;
    let (items, counts) = Batch { source, apply, things: users }.bring(&asked).await?;
    let items = items.into_iter().map(ImportedUserView::from).collect();
    ok(&UserImportView { applied: apply, counts, items })
}

impl Brought for ImportedUser {
    const MANY: &'static str = "users";
    const ACTION: &'static str = "user.import";
    const KIND: Kind = Kind::USER;

    fn name(&self) -> Option<&str> {
        self.attributes.get("userName").and_then(Value::as_str)
    }

    async fn decide(
        &self,
        app: &App,
        config: Arc<Configuration>,
        call: Call,
        source: &str,
    ) -> Result<Decided<Became>, Failure> {
        let import = read(app, &config, self.attributes.clone()).await?;
        let found = find(app, &config, import.lookups()).await?;
        let decided = import.decide(&config, &call, found.as_ref(), source)?;
        Ok(decided.map(|import::Imported { user, outcome, changed }| Became {
            outcome: Some(outcome),
            id: Some(user.id()),
            name: Some(user.user_name().to_owned()),
            changed,
            detail: None,
        }))
    }
}

impl From<Became> for ImportedUserView {
    fn from(became: Became) -> Self {
        Self {
            outcome: became.outcome(),
            user: became.id,
            user_name: became.name,
            changed: became.changed,
            detail: became.detail,
        }
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
