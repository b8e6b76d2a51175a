//! How long a server wants to be left alone.

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};
use std::time::Duration;

/// What `Retry-After` asks for: seconds, or a date, which is compared with the server's own clock, its `Date` (RFC 9110 §10.2.3); no time
/// when the date has passed. `None` for what is neither, and for a date that there is no `Date` to.
pub fn retry_after(given: &str, date: Option<&str>) -> Option<Duration> {
    let given = given.trim();
    if let Ok(seconds) = given.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let wait = instant(given)?.duration_since(instant(date?.trim())?);
    Some(Duration::try_from(wait).unwrap_or_default())
}

fn instant(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date_by_the_servers_own_clock() {
        let seconds = Duration::from_secs;
        let now = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (given, date, wait) in [
            ("30", None, Some(seconds(30))),
            (" 0 ", Some(now), Some(seconds(0))),
            ("99999999999", None, Some(seconds(99_999_999_999))),
            ("-1", Some(now), None),
            ("soon", Some(now), None),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(now), Some(seconds(60))),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(now), Some(seconds(0))),
            ("Sun, 06 Nov 1994 08:48:37 GMT", Some(now), Some(seconds(0))),
            ("Sun, 06 Nov 1994 08:50:37 GMT", None, None),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some("today"), None),
        ] {
            assert_eq!(retry_after(given, date), wait, "{given} {date:?}");
        }
    }
}
