//! A user's manager as it is shown: where the account has that user, with its address and its present name (RFC 7643 §4.3).

use super::{Asked, kind::Offered};
use crate::app::Failure;
use provost_accounts::User;
use provost_change::{Kind, Record, ResourceId};
use provost_scim::urn;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What stands in the text of every user who has a manager; only these are read.
const MARK: &str = "\"manager\":{";

/// The managers of these users, completed, as far as they are users that the client may see.
pub(super) async fn of(
    asked: &Asked,
    of: Offered<'_>,
    records: &[Record],
) -> Result<Vec<(ResourceId, Value)>, Failure> {
    let Offered::User(config) = of else { return Ok(Vec::new()) };
    let managed: Vec<(ResourceId, Value)> = records
        .iter()
        .filter(|record| record.doc.contains(MARK))
        .filter_map(|record| Some((record.id, manager(&record.doc)?)))
        .collect();
    let ids: BTreeSet<ResourceId> = managed.iter().filter_map(|(_, manager)| id(manager)).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<(Kind, ResourceId)> = ids.into_iter().map(|id| (Kind::USER, id)).collect();
    let mut names: BTreeMap<ResourceId, Option<Value>> = BTreeMap::new();
    for record in asked.app.store().load(config.id, &keys).await?.into_iter().flatten() {
        let user = User::read(config.id, record)?;
        if user.is_visible(config) {
            names.insert(user.id(), user.resource.get("displayName").cloned());
        }
    }
    let complete = |(user, manager): (ResourceId, Value)| {
        let id = id(&manager)?;
        let name = names.get(&id)?;
        let mut shown = json!({ "value": id, "$ref": format!("{}/Users/{id}", asked.base) });
        if let Some(name) = name {
            shown["displayName"] = name.clone();
        }
        Some((user, shown))
    };
    Ok(managed.into_iter().filter_map(complete).collect())
}

fn manager(doc: &str) -> Option<Value> {
    let mut doc: Value = serde_json::from_str(doc).ok()?;
    Some(doc.get_mut(urn::ENTERPRISE_USER)?.get_mut("manager")?.take())
}

fn id(manager: &Value) -> Option<ResourceId> {
    manager.get("value")?.as_str()?.parse().ok()
}
