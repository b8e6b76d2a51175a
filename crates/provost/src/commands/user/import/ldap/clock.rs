//! Times of change as LDAP servers write them (RFC 4517, section 3.3.13): `20260102030405Z`, with or without fractions.

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use std::time::Duration;

const FORM: &str = "%Y%m%d%H%M%S";
/// How late a change may show on the server that is asked: servers copy from each other.
const LATE: SignedDuration = SignedDuration::from_mins(10);

/// From when on the next run reads, if this one took so long and `newest` is the newest change that it saw. What changed while it read may
/// have been passed already, and no change that it saw is younger than its end; so the next run begins before its beginning. `None` for a
/// text that is no such time.
pub(super) fn before(newest: &str, took: Duration) -> Option<String> {
    let (digits, rest) = newest.split_at_checked(14)?;
    if !rest.ends_with('Z') {
        return None;
    }
    let at = DateTime::strptime(FORM, digits).ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
    let took = SignedDuration::try_from(took).ok()?;
    let since: Timestamp = at.checked_sub(took).ok()?.checked_sub(LATE).ok()?;
    let fraction = if rest.len() > 1 { ".0" } else { "" };
    Some(format!("{}{fraction}Z", since.to_zoned(TimeZone::UTC).datetime().strftime(FORM)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_run_begins_before_the_beginning_of_this_one() {
        for (newest, took, since) in [
            ("20260102030405Z", 65, Some("20260102025300Z")),
            ("20260102030405.0Z", 5, Some("20260102025400.0Z")),
            ("20260101000005Z", 5, Some("20251231235000Z")),
            ("2026", 0, None),
            ("20260102030405+0100", 0, None),
            ("20269902030405Z", 0, None),
        ] {
            assert_eq!(before(newest, Duration::from_secs(took)).as_deref(), since, "{newest}");
        }
    }
}
