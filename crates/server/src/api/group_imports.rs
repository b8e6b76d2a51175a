//! Groups as sources outside bring them, a batch at a time. Their members come by changes of each group.

use super::{
    Answer,
    asked::InAccount,
    body::{at_most, member},
    ok,
};
use crate::{
    app::{About, App, Failure},
    search,
};
use axum::body::Body;
use futures_util::{StreamExt, TryStreamExt, stream};
use provost_accounts::{
    Configuration, Group, Refused,
    groups::import::{Import, Imported},
    users::import::{Outcome, is_source},
};
use provost_change::{Kind, ResourceId};
use provost_store::Search;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};
use utoipa::ToSchema;

/// Groups in one batch.
const GROUPS_MAX: usize = 1_000;
/// Groups that are worked on at once: they share commits.
const AT_ONCE: usize = 64;
/// Groups of one name that are looked at.
const SAME_NAME_MAX: u64 = 100;

/// Groups as a source says that they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupImport {
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
pub(super) struct ImportedGroup {
    /// What the source knows it by.
    external_id: String,
    /// Its name.
    display_name: String,
}

/// What an import of groups has done, or would do.
#[derive(Serialize, ToSchema)]
pub(super) struct GroupImportView {
    /// Whether it was done.
    applied: bool,
    /// How many groups had which outcome.
    counts: BTreeMap<&'static str, u64>,
    /// What became of each, in the order of the request.
    items: Vec<ImportedGroupView>,
}

/// What became of one group.
#[derive(Serialize, ToSchema)]
pub(super) struct ImportedGroupView {
    /// `created`, `updated`, `unchanged` or `refused`.
    outcome: &'static str,
    /// The group; null where there is none, or not yet.
    #[schema(value_type = Option<String>)]
    group: Option<ResourceId>,
    /// Its name.
    display_name: String,
    /// The attributes that are set or changed.
    changed: Vec<&'static str>,
    /// Why it was refused.
    detail: Option<String>,
}

pub(super) async fn import(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "group.import", target: None };
    let batch: GroupImport = asked.body(&about, body).await?;
    asked.or_recorded(&about, batch.check()).await?;
    let app = if batch.apply { asked.request.app.clone() } else { asked.request.app.rehearsing().0 };
    let (asked, app, source, apply) = (&asked, &app, batch.source.as_str(), batch.apply);
    let each = batch.groups.into_iter().map(|group| async move { bring(app, asked, group, source).await });
    let mut items: Vec<ImportedGroupView> = stream::iter(each).buffered(AT_ONCE).try_collect().await?;
    if !apply {
        // What would be made has no id yet.
        items.iter_mut().filter(|item| item.outcome == "created").for_each(|item| item.group = None);
    }
    let mut counts = BTreeMap::new();
    for item in &items {
        *counts.entry(item.outcome).or_default() += 1;
    }
    ok(&GroupImportView { applied: apply, counts, items })
}

impl GroupImport {
    fn check(&self) -> Result<(), Failure> {
        at_most("groups", self.groups.len(), GROUPS_MAX, "groups; send the others in further requests")?;
        match is_source(&self.source) {
            true => Ok(()),
            false => Err(member("source", "1 to 64 letters, digits, `.`, `-` and `_`")),
        }
    }
}

/// Makes or changes one group. A refusal is this group's, and no other's.
async fn bring(app: &App, asked: &InAccount, group: ImportedGroup, source: &str) -> Result<ImportedGroupView, Failure> {
    let ImportedGroup { external_id, display_name } = &group;
    let decide = |config: Arc<Configuration>, call| async move {
        let import = Import::read(display_name, external_id)?;
        let found = find(app, &config, &import).await?;
        Ok(import.decide(&config, &call, found.as_ref(), source)?)
    };
    let result = async {
        // Most groups of most runs are as they were: nothing is committed for them.
        let config = app.configuration(asked.account()).await?;
        let decided = decide(config, asked.request.caller.call(app)).await;
        match decided {
            Ok(decided) if decided.outcome.outcome == Outcome::Unchanged => Ok(decided.outcome),
            // Refusals are decided again, so that the audit log has them.
            Ok(_) | Err(_) => {
                let about = About { action: "group.import", target: None }.making(Kind::GROUP, display_name);
                app.write(asked.account(), &asked.request.caller, about, decide).await
            }
        }
    };
    match result.await {
        Ok(Imported { group, outcome, changed }) => Ok(ImportedGroupView {
            outcome: outcome.as_str(),
            group: Some(group.id()),
            display_name: group.display_name().to_owned(),
            changed,
            detail: None,
        }),
        Err(Failure::Refused(refused)) => Ok(ImportedGroupView {
            outcome: "refused",
            group: None,
            display_name: group.display_name,
            changed: Vec::new(),
            detail: Some(refused.error.detail),
        }),
        Err(other) => Err(other),
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
