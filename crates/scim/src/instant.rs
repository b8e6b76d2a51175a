//! `dateTime` values (RFC 7643 §2.3.5): xsd:dateTime to a point in time.

use jiff::{Timestamp, civil::DateTime, tz::Offset};

/// The instant that an xsd:dateTime names; without a time zone it is in UTC. `None` for anything else, a date without a
/// time included.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let (civil, offset_seconds) = split_zone(text)?;
    if !is_xsd(civil.as_bytes()) {
        return None;
    }
    let civil: DateTime = civil.parse().ok()?;
    Offset::from_seconds(offset_seconds).ok()?.to_timestamp(civil).ok()
}

/// Whether it has the form of an xsd:dateTime: jiff reads more spellings, such as a space between date and time.
fn is_xsd(civil: &[u8]) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let Some((seconds, fraction)) = civil.split_at_checked(FORM.len()) else { return false };
    let fits = |(byte, form): (&u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form };
    let is_fraction = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    seconds.iter().zip(FORM).all(fits) && (fraction.is_empty() || fraction.strip_prefix(b".").is_some_and(is_fraction))
}

/// What stands before the time zone, and the zone in seconds east of UTC.
fn split_zone(text: &str) -> Option<(&str, i32)> {
    if let Some(civil) = text.strip_suffix(['Z', 'z']) {
        return Some((civil, 0));
    }
    let Some((civil, zone)) = text.len().checked_sub("+02:00".len()).and_then(|at| text.split_at_checked(at)) else {
        return Some((text, 0));
    };
    let sign = match zone.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return Some((text, 0)),
    };
    let (hours, minutes) = zone[1..].split_once(':')?;
    let two_digits = |part: &str| {
        let are_two = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        are_two.then(|| part.parse::<i32>().ok())?
    };
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    // xsd:dateTime allows up to 14 hours.
    (minutes < 60 && hours * 60 + minutes <= 14 * 60).then_some((civil, sign * (hours * 60 + minutes) * 60))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn spellings_of_one_instant_are_equal() {
        let instant = parse("2011-05-13T04:42:34Z");
        assert!(instant.is_some());
        let cases = [
            "2011-05-13T06:42:34+02:00",
            "2011-05-13T04:42:34.000Z",
            "2011-05-13T04:42:34",
            "2011-05-13T04:42:34.000000000",
            "2011-05-12T14:42:34-14:00",
        ];
        for text in cases {
            assert_eq!(parse(text), instant, "MOD-15 FLT-32 {text}");
        }
    }

    #[test]
    fn other_texts_are_no_date_time() {
        let cases = [
            "",
            "yesterday",
            "2011-05-13",
            "2011-05-13Z",
            "2011-05-13 04:42:34Z",
            "20110513T044234Z",
            "2011-05-13T044234.8104Z",
            "2011-05-13T04:42:34.Z",
            "2011-05-13T04:42:34,5Z",
            "2011-05-13T04:42Z",
            "2011-02-30T04:42:34Z",
            "2011-05-13T04:42:34+14:01",
            "2011-05-13T04:42:34+0200",
            "2011-05-13T04:42:34+é:0",
            "2011-05-13T04:42:34+0:002",
            "2011-05-13T04:42:34+002:0",
            "2011-05-13T04:42:34Z[Europe/Berlin]",
            "2011-05-13T04:42:34ZZ",
            "++++++",
            "9999-12-31T23:59:59-14:00",
        ];
        for text in cases {
            assert_eq!(parse(text), None, "MOD-14 {text}");
        }
    }
}
