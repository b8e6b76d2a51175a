//! What the audit log tells of one user.

use super::User;
use crate::components::record::{Changed, Entry};

/// The newest entry that changed an attribute, with the change. The entries come newest first.
pub(super) fn newest<'e>(entries: &'e [Entry], attribute: &str) -> Option<(&'e Entry, &'e Changed)> {
    changes(entries, attribute).next()
}

/// Every change of an attribute, newest first.
pub(super) fn changes<'e: 'a, 'a>(
    entries: &'e [Entry],
    attribute: &'a str,
) -> impl Iterator<Item = (&'e Entry, &'e Changed)> + use<'e, 'a> {
    let done = entries.iter().filter(|entry| !entry.is_failure());
    done.filter_map(move |entry| {
        let change = entry.changes.iter().find(|change| change.attribute == attribute)?;
        Some((entry, change))
    })
}

/// The newest refusal that whoever was refused has not got over since.
pub(super) fn conflict(entries: &[Entry]) -> Option<&Entry> {
    let behind = |refused: &Entry| {
        let mut newer = entries.iter().filter(|entry| entry.seq > refused.seq && !entry.is_failure());
        newer.any(|entry| entry.by() == refused.by() && entry.action.starts_with("user."))
    };
    entries.iter().filter(|entry| entry.is_failure()).find(|entry| !behind(entry))
}

/// A sign-in name that a person changed.
pub(super) struct Moved<'e> {
    /// The entry that says so.
    pub entry: &'e Entry,
    /// The name before.
    pub was: &'e str,
}

/// The change by which a managed user got another sign-in name here, unless who manages it has set the name since.
pub(super) fn moved<'e>(user: &User, entries: &'e [Entry]) -> Option<Moved<'e>> {
    user.origin.as_ref()?;
    let (entry, change) = newest(entries, "userName")?;
    let was = change.old.as_str()?;
    let is_local = matches!(entry.actor.kind.as_str(), "person" | "operator");
    let is_now = change.new == user.user_name.as_str();
    (is_local && is_now && entry.action != "user.create").then_some(Moved { entry, was })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entries(told: &[(u64, &str, &str)]) -> Vec<Entry> {
        let entry = |(seq, outcome, actor): &(u64, &str, &str)| {
            serde_json::from_value(json!({
                "seq": seq, "time": "2025-10-14T13:40:00Z", "action": "user.update", "outcome": outcome, "severity": "INFO",
                "actor": { "type": "app", "name": actor }, "hash": "",
            }))
        };
        told.iter().map(|one| entry(one).unwrap()).collect()
    }

    #[test]
    fn a_refusal_is_open_until_the_same_client_succeeds() {
        for (told, open) in [
            (&[][..], None),
            (&[(1, "success", "a")], None),
            (&[(2, "failure", "a"), (1, "success", "a")], Some(2)),
            (&[(2, "success", "a"), (1, "failure", "a")], None),
            (&[(2, "success", "b"), (1, "failure", "a")], Some(1)),
            (&[(3, "failure", "b"), (2, "success", "a"), (1, "failure", "a")], Some(3)),
        ] {
            assert_eq!(conflict(&entries(told)).map(|entry| entry.seq), open, "{told:?}");
        }
    }
}
