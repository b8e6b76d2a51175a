//! .NET's `DateTime.ParseExact`.

use super::{DAYS, Format, MONTHS, Moment, SHORT, Zone, civil, format::Part, instant, offset_seconds, since_sunday};
use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
};

/// .NET's `DateTimeStyles`.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub(crate) struct Styles {
    leading_white: bool,
    trailing_white: bool,
    inner_white: bool,
    no_current_date: bool,
    /// `AdjustToUniversal`: what is read counts as UTC.
    to_utc: bool,
    /// `AssumeLocal` or `AssumeUniversal`: a text without a time zone has one.
    assumed: bool,
    round_trip: bool,
}

impl Styles {
    /// What holds when nothing is given: `RoundtripKind, AllowLeadingWhite, AllowTrailingWhite`.
    pub const USUAL: Self = Self {
        leading_white: true,
        trailing_white: true,
        inner_white: false,
        no_current_date: false,
        to_utc: false,
        assumed: false,
        round_trip: true,
    };

    /// Names of .NET's `DateTimeStyles` with commas between, each with or without `DateTimeStyles.` before it; when empty, the usual.
    ///
    /// # Errors
    /// Which name is unknown or does not go with the others, as a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut styles = Self::default();
        if text.trim().is_empty() {
            return Ok(Self::USUAL);
        }
        for name in text.split([',', '|']) {
            let name = name.trim();
            match name.strip_prefix("DateTimeStyles.").unwrap_or(name) {
                "None" => {}
                "AllowLeadingWhite" => styles.leading_white = true,
                "AllowTrailingWhite" => styles.trailing_white = true,
                "AllowInnerWhite" => styles.inner_white = true,
                "AllowWhiteSpaces" => {
                    (styles.leading_white, styles.trailing_white, styles.inner_white) = (true, true, true);
                }
                "NoCurrentDateDefault" => styles.no_current_date = true,
                "AdjustToUniversal" => styles.to_utc = true,
                "AssumeLocal" | "AssumeUniversal" => styles.assumed = true,
                "RoundtripKind" => styles.round_trip = true,
                other => return Err(format!("{} is none of .NET's DateTimeStyles", crate::place::quoted(other))),
            }
        }
        if styles.round_trip && (styles.to_utc || styles.assumed) {
            return Err("RoundtripKind does not go with AssumeLocal, AssumeUniversal or AdjustToUniversal".to_owned());
        }
        Ok(styles)
    }
}

/// Reads `text` as `format` describes it. What a format without a date leaves open comes from `now`. `None` when the text is not in
/// that format or names no moment of the years 1 to 9999.
pub(crate) fn read_exact(text: &str, format: &Format, styles: Styles, now: Timestamp) -> Option<Moment> {
    let text = if styles.leading_white { text.trim_start() } else { text };
    let text = if styles.trailing_white { text.trim_end() } else { text };
    let mut reading = Reading { rest: text, found: Found::default() };
    let mut parts = format.0.iter().copied().peekable();
    while let Some(part) = parts.next() {
        if styles.inner_white {
            reading.rest = reading.rest.trim_start();
            if matches!(part, Part::Literal(character) if character.is_whitespace()) {
                continue;
            }
        }
        let point_may_be_missing = part == Part::Literal('.') && matches!(parts.peek(), Some(Part::ShortFraction(_)));
        if point_may_be_missing && !reading.rest.starts_with('.') {
            parts.next();
            continue;
        }
        reading.part(part)?;
    }
    reading.rest.is_empty().then_some(())?;
    reading.found.moment(styles, now)
}

/// What was read so far; what a format names twice must be the same both times.
#[derive(Default)]
struct Found {
    year: Option<u32>,
    month: Option<u32>,
    day: Option<u32>,
    weekday: Option<u32>,
    hour: Option<u32>,
    minute: Option<u32>,
    second: Option<u32>,
    nanosecond: Option<u32>,
    /// 0 for AM, 1 for PM.
    half: Option<u32>,
    /// Seconds east of UTC, and whether `Z` said so.
    offset: Option<(i32, bool)>,
}

struct Reading<'t> {
    rest: &'t str,
    found: Found,
}

fn set(slot: &mut Option<u32>, value: u32) -> Option<()> {
    match slot {
        Some(known) if *known != value => None,
        _ => {
            *slot = Some(value);
            Some(())
        }
    }
}

impl Reading<'_> {
    fn part(&mut self, part: Part) -> Option<()> {
        match part {
            Part::Year(count @ 1..=2) => {
                let year = self.digits(count, 2)?;
                // .NET takes the years up to 2049 to be meant.
                set(&mut self.found.year, if year < 50 { 2000 + year } else { 1900 + year })
            }
            Part::Year(count) => {
                let year = self.digits(count, count)?;
                set(&mut self.found.year, year)
            }
            Part::Month(count @ 1..=2) => {
                let month = self.digits(count, 2)?;
                set(&mut self.found.month, month)
            }
            Part::Month(count) => {
                let month = self.name(&MONTHS, count)?;
                set(&mut self.found.month, month + 1)
            }
            Part::Day(count @ 1..=2) => {
                let day = self.digits(count, 2)?;
                set(&mut self.found.day, day)
            }
            Part::Day(count) => {
                let weekday = self.name(&DAYS, count)?;
                set(&mut self.found.weekday, weekday)
            }
            Part::Hour12(count) | Part::Hour24(count) => {
                let hour = self.digits(count.min(2), 2)?;
                set(&mut self.found.hour, hour)
            }
            Part::Minute(count) => {
                let minute = self.digits(count.min(2), 2)?;
                set(&mut self.found.minute, minute)
            }
            Part::Second(count) => {
                let second = self.digits(count.min(2), 2)?;
                set(&mut self.found.second, second)
            }
            Part::Fraction(count) => self.fraction(count, count),
            Part::ShortFraction(count) => self.fraction(0, count),
            Part::HalfDay(count) => self.half_day(count),
            Part::Era => self.literal("A.D.").or_else(|| self.literal("AD")),
            Part::Offset(count) => {
                let offset = self.offset(if count == 1 { 1 } else { 2 }, count >= 3)?;
                self.zone(offset, false)
            }
            Part::Zone => {
                if self.rest.starts_with(['+', '-']) {
                    let offset = self.offset(2, true)?;
                    return self.zone(offset, false);
                }
                if self.rest.starts_with(['Z', 'z']) {
                    self.rest = &self.rest[1..];
                    return self.zone(0, true);
                }
                Some(())
            }
            Part::Zulu => {
                self.literal("Z").or_else(|| self.literal("GMT"))?;
                self.zone(0, true)
            }
            Part::Literal(character) => {
                self.rest = self.rest.strip_prefix(character)?;
                Some(())
            }
        }
    }

    /// A number of `least` to `most` digits.
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self.rest.bytes().take(most.min(9)).take_while(u8::is_ascii_digit).count();
        // Two letters want exactly two digits, one letter one or two.
        let wanted = if least == 1 { count >= 1 } else { count == least.min(9) };
        wanted.then_some(())?;
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        digits.parse().ok()
    }

    fn fraction(&mut self, least: usize, most: usize) -> Option<()> {
        let count = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        (count >= least).then_some(())?;
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        set(&mut self.found.nanosecond, format!("{digits:0<9}").parse().ok()?)
    }

    /// The index of a month's or a day's name.
    fn name(&mut self, names: &[&str], count: usize) -> Option<u32> {
        let length = |name: &str| if count == SHORT { SHORT } else { name.len() };
        let is_next = |name: &&str| {
            self.rest.get(..length(name)).is_some_and(|next| next.eq_ignore_ascii_case(&name[..length(name)]))
        };
        let index = names.iter().position(is_next)?;
        self.rest = &self.rest[length(names[index])..];
        u32::try_from(index).ok()
    }

    fn half_day(&mut self, count: usize) -> Option<()> {
        let half = ["AM", "PM"].iter().position(|half| {
            let wanted = if count == 1 { &half[..1] } else { half };
            self.rest.get(..wanted.len()).is_some_and(|next| next.eq_ignore_ascii_case(wanted))
        })?;
        self.rest = &self.rest[count.min(2)..];
        set(&mut self.found.half, u32::try_from(half).ok()?)
    }

    fn literal(&mut self, wanted: &str) -> Option<()> {
        let next = self.rest.get(..wanted.len())?;
        next.eq_ignore_ascii_case(wanted).then(|| self.rest = &self.rest[wanted.len()..])
    }

    /// `+08:00`, `+0800` or `-8`, in seconds east of UTC.
    fn offset(&mut self, hour_digits: usize, with_minutes: bool) -> Option<i32> {
        let is_west = self.rest.starts_with('-');
        self.rest = self.rest.strip_prefix(['+', '-'])?;
        let hours = self.digits(hour_digits, 2)?;
        let minutes = if with_minutes {
            self.rest = self.rest.strip_prefix(':').unwrap_or(self.rest);
            self.digits(2, 2)?
        } else {
            0
        };
        offset_seconds(is_west, hours, minutes)
    }

    fn zone(&mut self, offset: i32, is_utc: bool) -> Option<()> {
        self.found.offset.is_none().then(|| self.found.offset = Some((offset, is_utc)))
    }
}

impl Found {
    fn moment(self, styles: Styles, now: Timestamp) -> Option<Moment> {
        let local = DateTime::from_parts(self.date(styles, now)?, self.time()?);
        if self.weekday.is_some_and(|weekday| i64::from(weekday) != i64::from(since_sunday(local.weekday()))) {
            return None;
        }
        let (offset, zone) = match self.offset {
            Some((offset, is_utc)) => {
                (offset, if (is_utc && styles.round_trip) || styles.to_utc { Zone::Utc } else { Zone::Local })
            }
            None if styles.assumed => (0, if styles.to_utc { Zone::Utc } else { Zone::Local }),
            None => (0, Zone::Unspecified),
        };
        Some(Moment { at: instant(local, offset)?, zone })
    }

    fn date(&self, styles: Styles, now: Timestamp) -> Option<Date> {
        let today = civil(now).date();
        let number = |part: Option<u32>, other: i16| part.map_or(Some(other), |part| i16::try_from(part).ok());
        let date = match (self.year, self.month, self.day) {
            (None, None, None) if !styles.no_current_date => return Some(today),
            (None, None, None) => (1, 1, 1),
            (year, month, day) => (number(year, today.year())?, number(month, 1)?, number(day, 1)?),
        };
        let (year, month, day) = date;
        (year >= 1).then_some(())?;
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    }

    fn time(&self) -> Option<Time> {
        let hour = match (self.hour.unwrap_or(0), self.half) {
            (hour, None) => hour,
            (13.., Some(_)) => return None,
            (12, Some(0)) => 0,
            (hour @ 0..=11, Some(1)) => hour + 12,
            (hour, Some(_)) => hour,
        };
        let small = |part: Option<u32>| i8::try_from(part.unwrap_or(0)).ok();
        let nanosecond = i32::try_from(self.nanosecond.unwrap_or(0)).ok()?;
        Time::new(i8::try_from(hour).ok()?, small(self.minute)?, small(self.second)?, nanosecond).ok()
    }
}
