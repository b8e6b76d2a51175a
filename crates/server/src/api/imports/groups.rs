//! Groups as sources outside bring them. Their members come by changes of each group.

use super::{Batch, Became, Brought};
use crate::{
    api::{Answer, asked::InAccount, ok},
    app::{About, App, Failure},
    search,
};
use axum::body::Body;
use provost_accounts::{
    Call, Configuration, Decided, Group, Refused,
    groups::import::{Import, Imported},
};
use provost_change::{Kind, ResourceId};
use provost_store::Search;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};
use utoipa::ToSchema;

/// Groups of one name that are looked at.
const SAME_NAME_MAX: u64 = 100;

/// Groups as a source says that they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupImport {
    /// Names the source: 1 to 64 letters, digits, `.`, `-` and `_`. Its groups are marked with it, and no other source changes them.
    source: String,
    /// Whether anything is done; without it the answer says what would be.
    #[serde(default)]
    apply: bool,
    /// The groups, at most 1,000; each is a change of its own.
    groups: Vec<ImportedGroup>,
}

/// A group as a source says that it is. It is found by `external_id`, or else by `display_name`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportedGroup {
    /// What the source knows it by.
    external_id: String,
    /// Its name.
    display_name: String,
}

/// What an import of groups has done, or would do.
#[derive(Serialize, ToSchema)]
pub struct GroupImportView {
    /// Whether it was done.
    applied: bool,
    /// How many groups had which outcome.
    counts: BTreeMap<&'static str, u64>,
    /// What became of each, in the order of the request.
    items: Vec<ImportedGroupView>,
}

/// What became of one group.
#[derive(Serialize, ToSchema)]
pub struct ImportedGroupView {
    /// `created`, `updated`, `unchanged` or `refused`.
    outcome: &'static str,
    /// The group; null where there is none, or not yet.
    #[schema(value_type = Option<String>)]
    group: Option<ResourceId>,
    /// Its name.
    display_name: String,
    /// The attributes that are set or changed.
    changed: Vec<String>,
    /// Why it was refused.
    detail: Option<String>,
}

pub async fn import(asked: InAccount, body: Body) -> Answer {
    let about = About { action: ImportedGroup::ACTION, target: None };
    let GroupImport { source, apply, groups } = asked.body(&about, body).await?;
    let (items, counts) = Batch { source, apply, things: groups }.bring(&asked).await?;
    let items = items.into_iter().map(ImportedGroupView::from).collect();
    ok(&GroupImportView { applied: apply, counts, items })
}

impl Brought for ImportedGroup {
    const MANY: &'static str = "groups";
    const ACTION: &'static str = "group.import";
    const KIND: Kind = Kind::GROUP;

    fn name(&self) -> Option<&str> {
        Some(&self.display_name)
    }

    async fn decide(
        &self,
        app: &App,
        config: Arc<Configuration>,
        call: Call,
        source: &str,
    ) -> Result<Decided<Became>, Failure> {
        let import = Import::read(&self.display_name, &self.external_id)?;
        let found = find(app, &config, &import).await?;
        let decided = import.decide(&config, &call, found.as_ref(), source)?;
        Ok(decided.map(|Imported { group, outcome, changed }| Became {
            outcome: Some(outcome),
            id: Some(group.id()),
            name: Some(group.display_name().to_owned()),
            changed: changed.into_iter().map(str::to_owned).collect(),
            detail: None,
        }))
    }
}

impl From<Became> for ImportedGroupView {
    fn from(became: Became) -> Self {
        Self {
            outcome: became.outcome(),
            group: became.id,
            display_name: became.name.unwrap_or_default(),
            changed: became.changed,
            detail: became.detail,
        }
    }
}

/// The group that a source means.
async fn find(app: &App, config: &Configuration, import: &Import) -> Result<Option<Group>, Failure> {
    for entry in import.lookups() {
        let search = Search { limit: SAME_NAME_MAX, ..search::under(Kind::GROUP, entry) };
        let mut found = Vec::new();
        for record in app.store().search(config.id, &search).await?.records {
            let group = Group::read(config.id, record)?;
            found.extend(import.may_mean(&group).then_some(group));
        }
        match (found.pop(), found.len()) {
            (Some(group), 0) => return Ok(Some(group)),
            (Some(_), _) => {
                let detail = "several groups have this `externalId` or name: change or delete the others first";
                return Err(Refused::status(409, detail).into());
            }
            (None, _) => {}
        }
    }
    Ok(None)
}
