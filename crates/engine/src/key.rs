//! Ids that are derived, so that a record is found without looking for it.

use crate::Objects;
use jiff::Timestamp;
use provost_change::ResourceId;
use sha2::{Digest as _, Sha256};

/// An object of the source: a user or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Whether a user or a group.
    pub of: Objects,
    /// Which one.
    pub id: ResourceId,
}

impl Key {
    /// A user.
    pub const fn user(id: ResourceId) -> Self {
        Self { of: Objects::Users, id }
    }

    /// A group.
    pub const fn group(id: ResourceId) -> Self {
        Self { of: Objects::Groups, id }
    }
}

/// So many bytes of an id say when it was made.
const MOMENT: usize = 6;

/// The id of the link of an object to what an app made of it: many are loaded by key at once. It begins as the object's id does, so that
/// links of objects that were made together lie together, where a store that orders them by id reads and writes neighbours.
pub fn link_id(app: ResourceId, key: Key) -> ResourceId {
    let of = match key.of {
        Objects::Users => b'u',
        Objects::Groups => b'g',
    };
    let mut bytes = *named(&[b"provost link 1", app.as_bytes(), &[of], key.id.as_bytes()]).as_bytes();
    bytes[..MOMENT].copy_from_slice(&key.id.as_bytes()[..MOMENT]);
    ResourceId::new(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// An id for a cycle or an action: the same for the same app, time and number.
pub(crate) fn event_id(app: ResourceId, at: Timestamp, number: u64) -> ResourceId {
    let at = at.as_microsecond().to_be_bytes();
    named(&[b"provost event 1", app.as_bytes(), &at, &number.to_be_bytes()])
}

/// An id that sorts newest first: inverted milliseconds, then what tells actions of one millisecond apart.
pub(crate) fn newest_first(app: ResourceId, cycle: ResourceId, at: Timestamp, number: u64) -> ResourceId {
    let unique = named(&[
        b"provost action 1",
        app.as_bytes(),
        cycle.as_bytes(),
        &at.as_microsecond().to_be_bytes(),
        &number.to_be_bytes(),
    ]);
    provost_change::newest_first(at, *unique.as_bytes())
}

fn named(parts: &[&[u8]]) -> ResourceId {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    ResourceId::new(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn links_of_different_objects_and_apps_have_different_ids() {
        let id = |number| ResourceId::new(Uuid::from_u128(number));
        let ids = [
            link_id(id(1), Key::user(id(2))),
            link_id(id(1), Key::group(id(2))),
            link_id(id(2), Key::user(id(2))),
            link_id(id(1), Key::user(id(3))),
        ];
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }
}
