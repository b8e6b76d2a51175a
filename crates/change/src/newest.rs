//! Ids for what is kept for a while and read newest first: a list in the order of ids begins with the newest, and what is past its
//! time is what comes behind an id.

use crate::ResourceId;
use jiff::{SignedDuration, Timestamp};
use uuid::{Builder, Uuid};

/// 48 bits: the year 10889.
const MILLIS_MAX: u64 = (1 << 48) - 1;

/// An id that sorts newest first: inverted milliseconds, then what tells those of one millisecond apart.
pub fn newest_first(at: Timestamp, unique: [u8; 16]) -> ResourceId {
    let mut bytes = unique;
    bytes[..6].copy_from_slice(&inverted(at));
    ResourceId::new(Builder::from_custom_bytes(bytes).into_uuid())
}

/// The first id that something before `at` can have: those from here on are older.
pub fn older_than(at: Timestamp) -> ResourceId {
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&inverted(at - SignedDuration::from_millis(1)));
    ResourceId::new(Uuid::from_bytes(bytes))
}

fn inverted(at: Timestamp) -> [u8; 6] {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0).min(MILLIS_MAX);
    let [_, _, rest @ ..] = (MILLIS_MAX - millis).to_be_bytes();
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_newest_first_and_retention_cuts_at_a_time() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let ids: Vec<ResourceId> = [300, 200, 100].iter().map(|second| newest_first(at(*second), [7; 16])).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids[1] < older_than(at(200)) && older_than(at(200)) <= ids[2]);
        assert_eq!(ids[0].uuid().get_version_num(), 8);
    }
}
