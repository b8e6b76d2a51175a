//! A moment as text.

use super::{DAYS, Format, MONTHS, Moment, SHORT, Zone, civil, format::Part, since_sunday};
use jiff::Timestamp;

/// `M/d/yyyy h:mm:ss tt` in UTC: how every function shows a point in time.
pub(crate) fn shown(at: Timestamp) -> String {
    let time = civil(at);
    let (hour, half) = twelve(time.hour());
    let (month, day, year) = (time.month(), time.day(), time.year());
    format!("{month}/{day}/{year:04} {hour}:{:02}:{:02} {half}", time.minute(), time.second())
}

fn twelve(hour: i8) -> (i8, &'static str) {
    let of_twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    (of_twelve, if hour < 12 { "AM" } else { "PM" })
}

/// `moment` in the form that `format` describes.
pub(crate) fn print(moment: Moment, format: &Format) -> String {
    let time = civil(moment.at);
    let mut out = String::new();
    for part in &format.0 {
        match *part {
            Part::Year(count @ 1..=2) => padded(&mut out, i64::from(time.year() % 100), count),
            Part::Year(count) => padded(&mut out, i64::from(time.year()), count),
            Part::Month(count @ 1..=2) => padded(&mut out, i64::from(time.month()), count),
            Part::Month(count) => name(&mut out, &MONTHS, time.month() - 1, count),
            Part::Day(count @ 1..=2) => padded(&mut out, i64::from(time.day()), count),
            Part::Day(count) => name(&mut out, &DAYS, since_sunday(time.weekday()), count),
            Part::Hour12(count) => padded(&mut out, i64::from(twelve(time.hour()).0), count.min(2)),
            Part::Hour24(count) => padded(&mut out, i64::from(time.hour()), count.min(2)),
            Part::Minute(count) => padded(&mut out, i64::from(time.minute()), count.min(2)),
            Part::Second(count) => padded(&mut out, i64::from(time.second()), count.min(2)),
            Part::Fraction(count) => out.push_str(&fraction(time.subsec_nanosecond())[..count]),
            Part::ShortFraction(count) => {
                let digits = fraction(time.subsec_nanosecond());
                let digits = digits[..count].trim_end_matches('0');
                if digits.is_empty() && out.ends_with('.') {
                    out.pop();
                }
                out.push_str(digits);
            }
            Part::HalfDay(1) => out.push_str(&twelve(time.hour()).1[..1]),
            Part::HalfDay(_) => out.push_str(twelve(time.hour()).1),
            Part::Era => out.push_str("A.D."),
            Part::Offset(1) => out.push_str("+0"),
            Part::Offset(2) => out.push_str("+00"),
            Part::Offset(_) => out.push_str("+00:00"),
            Part::Zone => out.push_str(match moment.zone {
                Zone::Unspecified => "",
                Zone::Utc => "Z",
                Zone::Local => "+00:00",
            }),
            Part::Zulu => out.push('Z'),
            Part::Literal(character) => out.push(character),
        }
    }
    out
}

/// A number with at least `count` digits; a format may ask for as many as it is long.
fn padded(out: &mut String, number: i64, count: usize) {
    let digits = number.to_string();
    out.extend(std::iter::repeat_n('0', count.saturating_sub(digits.len())));
    out.push_str(&digits);
}

fn name(out: &mut String, names: &[&str], index: i8, count: usize) {
    let name = usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or_default();
    out.push_str(if count == SHORT { &name[..SHORT] } else { name });
}

/// Seven digits behind the point.
fn fraction(nanoseconds: i32) -> String {
    format!("{:07}", nanoseconds / 100)
}
