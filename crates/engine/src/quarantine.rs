//! Quarantine: an app that mostly fails is tried less and less often, and switched off after four weeks.

use crate::Tally;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Why an app is in quarantine, and until when it is left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// Why.
    pub reason: QuarantineReason,
    /// The same for people: what to do about it, in one sentence.
    pub detail: String,
    /// When it was imposed for the reason that it has now.
    pub current_began: Timestamp,
    /// When it was imposed first, without having been lifted since.
    pub series_began: Timestamp,
    /// How often it was looked at again and kept.
    pub series_count: u32,
    /// When it is looked at again.
    pub next_attempt: Timestamp,
}

/// Why an app is in quarantine, in Entra's spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum QuarantineReason {
    /// More than 40 % of the objects of a cycle failed, and at least 5,000.
    EncounteredEscrowProportionThreshold,
    /// More than 40,000 objects of a cycle failed.
    EncounteredBaseEscrowThreshold,
    /// More than 60,000 objects and references of a cycle failed.
    EncounteredTotalEscrowThreshold,
    /// The target cannot be used at all: it is not there, refuses the token, or is no SCIM server.
    EncounteredQuarantineException,
    /// More disables and deletes than the threshold allows wait for somebody.
    TooManyDeletes,
}

/// Failures below which no count leads to quarantine.
const FAILURES_MIN: u64 = 5_000;
/// Failures above which a cycle counts as failed, whatever succeeded.
const FAILURES_MAX: u64 = 40_000;
/// The same with references among the failures.
const ALL_FAILURES_MAX: u64 = 60_000;

/// Hours from one look to the next; the last one stays.
const HOURS: [i64; 3] = [6, 12, 24];

/// How long a quarantine lasts before the app is switched off.
pub const QUARANTINE_MAX: SignedDuration = SignedDuration::from_hours(28 * 24);

impl Quarantine {
    /// Quarantine that is imposed, or kept, at the end of a cycle.
    pub fn impose(before: Option<&Self>, reason: QuarantineReason, detail: String, now: Timestamp) -> Self {
        let count = before.map_or(0, |before| before.series_count.saturating_add(1));
        let hours = HOURS[(count as usize).min(HOURS.len() - 1)];
        Self {
            reason,
            detail,
            current_began: before.filter(|before| before.reason == reason).map_or(now, |before| before.current_began),
            series_began: before.map_or(now, |before| before.series_began),
            series_count: count,
            next_attempt: now + SignedDuration::from_hours(hours),
        }
    }

    /// Whether it has lasted so long that the app is switched off.
    pub fn has_lasted(&self, now: Timestamp) -> bool {
        now.duration_since(self.series_began) >= QUARANTINE_MAX
    }
}

/// What the failures of a cycle lead to, by their number.
pub fn by_count(tally: &Tally) -> Option<(QuarantineReason, String)> {
    let (failed, references) = (tally.failed, tally.unresolved);
    let tried = failed + tally.succeeded();
    let reason = if failed + references > ALL_FAILURES_MAX {
        QuarantineReason::EncounteredTotalEscrowThreshold
    } else if failed > FAILURES_MAX {
        QuarantineReason::EncounteredBaseEscrowThreshold
    } else if failed >= FAILURES_MIN && failed * 10 > tried * 4 {
        QuarantineReason::EncounteredEscrowProportionThreshold
    } else {
        return None;
    };
    Some((
        reason,
        format!(
            "{failed} of {tried} objects and {references} references failed: the provisioning log says why; correct that, \
             then restart provisioning"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lead_to_quarantine_as_entra_documents_it() {
        use QuarantineReason::*;
        let cases = [
            ("below 5,000 nothing does", 4_000, 0, 0, None),
            ("85 % failed", 30_000, 5_000, 0, Some(EncounteredEscrowProportionThreshold)),
            ("17 % failed", 20_000, 100_000, 0, None),
            ("more than 40,000 failed", 45_000, 1_000_000, 0, Some(EncounteredBaseEscrowThreshold)),
            ("with references more than 60,000", 40_000, 100_000, 21_000, Some(EncounteredTotalEscrowThreshold)),
        ];
        for (name, failed, created, unresolved, expected) in cases {
            let tally = Tally { failed, created, unresolved, ..Tally::default() };
            assert_eq!(by_count(&tally).map(|(reason, _)| reason), expected, "{name}");
        }
    }

    #[test]
    fn s_91_quarantine_is_looked_at_after_6_12_and_24_hours_and_then_daily_for_28_days() {
        let mut now = Timestamp::UNIX_EPOCH;
        let reason = QuarantineReason::EncounteredQuarantineException;
        let mut quarantine = Quarantine::impose(None, reason, String::new(), now);
        let mut waits = Vec::new();
        while !quarantine.has_lasted(now) {
            waits.push(quarantine.next_attempt.duration_since(now).as_hours());
            now = quarantine.next_attempt;
            quarantine = Quarantine::impose(Some(&quarantine), reason, String::new(), now);
        }
        assert_eq!(waits[..5], [6, 12, 24, 24, 24]);
        assert_eq!(now.duration_since(quarantine.series_began).as_hours() / 24, 28);
    }
}
