//! Dates and times as .NET writes and reads them, in its invariant culture and with UTC as the local time zone.

mod exact;
mod format;
mod lenient;
mod print;

pub(crate) use exact::{Styles, read_exact};
pub(crate) use format::Format;
pub(crate) use lenient::read;
pub(crate) use print::{print, shown};

use jiff::{
    Timestamp,
    civil::{DateTime, Weekday},
    tz::Offset,
};

pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// From Sunday on, as .NET counts.
pub(crate) const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Letters of the short name of a month or a day.
pub(crate) const SHORT: usize = 3;

/// A point in time, and what its text said of the time zone (.NET's `DateTimeKind`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moment {
    /// Without a time zone, as if in UTC.
    pub at: Timestamp,
    pub zone: Zone,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Zone {
    /// Nothing was said.
    Unspecified,
    /// `Z`.
    Utc,
    /// An offset; converted to local time, which is UTC.
    Local,
}

/// Date and time in UTC.
pub(crate) fn civil(at: Timestamp) -> DateTime {
    Offset::UTC.to_datetime(at)
}

/// The instant of a date and time that is `offset_seconds` east of UTC; `None` outside of the years 1 to 9999.
pub(crate) fn instant(local: DateTime, offset_seconds: i32) -> Option<Timestamp> {
    let at = Offset::from_seconds(offset_seconds).ok()?.to_timestamp(local).ok()?;
    (civil(at).year() >= 1).then_some(at)
}

/// The seconds east of UTC that a sign, hours and minutes stand for; `None` beyond 14 hours.
pub(crate) fn offset_seconds(is_west: bool, hours: u32, minutes: u32) -> Option<i32> {
    if minutes > 59 || hours * 60 + minutes > 14 * 60 {
        return None;
    }
    let seconds = i32::try_from((hours * 60 + minutes) * 60).ok()?;
    Some(if is_west { -seconds } else { seconds })
}

/// Days since the last Sunday.
pub(crate) fn since_sunday(weekday: Weekday) -> i8 {
    weekday.to_sunday_zero_offset()
}
