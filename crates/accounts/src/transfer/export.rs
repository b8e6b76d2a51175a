//! From records to lines.

use super::{Item, Line};
use crate::{configuration::Corrupt, indexes::State};
use provost_change::{AccountId, Kind, Record, ResourceId};
use serde_json::{Value, json};

/// The line of a record; `None` for what is not taken along. `in_force` is the record of the policy in force.
///
/// # Errors
/// When the database was changed by something else.
pub fn line(account: AccountId, record: &Record, in_force: ResourceId) -> Result<Option<Line>, Corrupt> {
    let Record { kind, id, .. } = record;
    let item = || item(account, record);
    let line = match kind {
        _ if *kind == Kind::ACCOUNT => Line::Account(item()?),
        _ if *kind == Kind::POLICY && *id == in_force => Line::Policy(item()?),
        _ if *kind == Kind::POLICY => Line::PolicyVersion(item()?),
        _ if *kind == Kind::ROLE => Line::Role(item()?),
        _ if *kind == Kind::ADMIN_APP => Line::AdminApp(without(item()?, |item| &mut item.attributes, "keys")),
        _ if *kind == Kind::SCHEMA => Line::Schema(item()?),
        _ if *kind == Kind::RESOURCE_TYPE => Line::ResourceType(item()?),
        _ if *kind == Kind::USER => Line::User(without(item()?, |item| &mut item.state, "proof")),
        _ if *kind == Kind::SUSPENDED_USER => Line::SuspendedUser(without(item()?, |item| &mut item.state, "proof")),
        _ if *kind == Kind::DELETED_USER => Line::DeletedUser(without(item()?, |item| &mut item.state, "proof")),
        _ if *kind == Kind::GROUP => Line::Group(item()?),
        _ if *kind == Kind::INDEX => {
            let index = item()?;
            // Whoever takes it enters all resources anew; one that is going is gone there.
            if index.attributes["state"] == json!(State::Removing) {
                return Ok(None);
            }
            Line::Index(index)
        }
        _ if *kind == Kind::QUORUM_POLICY => Line::QuorumPolicy(item()?),
        _ if kind.as_str() == super::OUTBOUND[0] => {
            let mut app = without(item()?, |item| &mut item.attributes, "secret_token");
            // Where it comes to, somebody decides anew whether it is to run.
            app.attributes["started"] = json!(false);
            Line::EnterpriseApp(app)
        }
        _ if kind.as_str() == super::OUTBOUND[1] => Line::AppRole(item()?),
        _ if kind.as_str() == super::OUTBOUND[2] => Line::AppAssignment(item()?),
        _ => match kind.as_str().strip_prefix(super::CUSTOM).and_then(|of| of.parse().ok()) {
            Some(of) => Line::Resource(Item { of: Some(of), ..item()? }),
            None => return Ok(None),
        },
    };
    Ok(Some(line))
}

fn item(account: AccountId, record: &Record) -> Result<Item, Corrupt> {
    let read = |text: &str| {
        serde_json::from_str::<Value>(text).map_err(|error| Corrupt {
            account,
            kind: record.kind.clone(),
            id: record.id,
            cause: error.to_string(),
        })
    };
    let state = read(&record.state)?;
    Ok(Item {
        id: record.id,
        of: None,
        created: record.created,
        modified: record.modified,
        attributes: read(&record.doc)?,
        state: if state.as_object().is_some_and(serde_json::Map::is_empty) { Value::Null } else { state },
    })
}

/// The item without a member that is secret.
fn without(mut item: Item, part: impl Fn(&mut Item) -> &mut Value, secret: &str) -> Item {
    if let Value::Object(members) = part(&mut item) {
        members.shift_remove(secret);
    }
    item
}
