//! Failures that are remembered, so that an object is tried again, less and less often.

use jiff::{SignedDuration, Timestamp};
use provost_change::ResourceId;
use serde::{Deserialize, Serialize};

/// A remembered failure of one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escrow {
    /// When it failed first.
    pub first_failed: Timestamp,
    /// How often it has failed since.
    pub attempts: u32,
    /// When it is tried again; `None`: only when its source changes, or somebody asks.
    pub next_attempt: Option<Timestamp>,
    /// What failed, as the provisioning log calls it.
    pub code: String,
    /// Why, in one sentence.
    pub detail: String,
    /// Whether only a reference could not be set: the object itself is there.
    pub is_reference: bool,
    /// Which object has at the target what this one would be: it is tried again once something is written of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<ResourceId>,
}

/// Hours from one try to the next, once the next cycle has failed too; the last one stays.
const HOURS: [i64; 3] = [6, 12, 24];

/// How long a failure is tried again: 28 days.
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(28 * 24);

impl Escrow {
    /// The failure after one more try: in the next cycle, then after 6, 12 and 24 hours, then daily, for 28 days.
    pub fn again(before: Option<&Self>, now: Timestamp, code: &str, detail: &str, is_reference: bool) -> Self {
        let (first_failed, attempts) =
            before.map_or((now, 1), |before| (before.first_failed, before.attempts.saturating_add(1)));
        let wait = match attempts {
            0 | 1 => SignedDuration::ZERO,
            more => SignedDuration::from_hours(HOURS[(more as usize - 2).min(HOURS.len() - 1)]),
        };
        let next_attempt = (now.duration_since(first_failed) + wait <= GIVEN_UP_AFTER).then(|| now + wait);
        let (code, detail) = (code.to_owned(), detail.to_owned());
        Self { first_failed, attempts, next_attempt, code, detail, is_reference, holder: None }
    }

    /// Whether it is to be tried in a cycle that begins now.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.next_attempt.is_some_and(|next| next <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_90_a_failure_is_tried_with_growing_distance_and_given_up_after_28_days() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut escrow = Escrow::again(None, now, "EntryConflict", "the name is taken", false);
        let mut waits = Vec::new();
        while let Some(next) = escrow.next_attempt {
            waits.push(next.duration_since(now).as_hours());
            now = next;
            escrow = Escrow::again(Some(&escrow), now, "EntryConflict", "the name is taken", false);
        }
        assert_eq!(waits[..6], [0, 6, 12, 24, 24, 24]);
        let days = now.duration_since(escrow.first_failed).as_hours() / 24;
        assert_eq!((days, escrow.attempts), (27, 31), "{waits:?}");
    }
}
