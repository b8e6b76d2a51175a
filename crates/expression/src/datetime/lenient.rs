//! A date that comes in one of many forms, as `CDate` takes it.

use super::{MONTHS, SHORT, instant, offset_seconds};
use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
};

/// The instant that a text names; without a time zone it is in UTC, without a time at midnight.
///
/// A date: `2020-03-16`, `2020/3/16`, `3/16/2020`, `16 Mar 2020`, `March 16, 2020`, with or without a day's name and comma in front.
/// Behind it, after white space or `T`: `17:41`, `5:41:18.25 PM`. Behind that a time zone: `Z`, `GMT`, `UTC`, `+08:00`, `-0700`,
/// `+8`. White space around is skipped. `None` for anything else.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    let mut cursor = Cursor(text.trim());
    let date = cursor.date()?;
    let time = cursor.time()?;
    let offset = cursor.zone()?;
    cursor.0.is_empty().then_some(())?;
    instant(DateTime::from_parts(date, time), offset)
}

struct Cursor<'t>(&'t str);

impl Cursor<'_> {
    fn date(&mut self) -> Option<Date> {
        if let Some((_, rest)) = self.0.split_once(", ").filter(|(day, _)| is_day(day)) {
            self.0 = rest.trim_start();
        }
        if let Some(month) = self.month() {
            self.space()?;
            let day = self.number(2)?;
            self.0 = self.0.strip_prefix(',').unwrap_or(self.0);
            self.space()?;
            return calendar(self.number(4)?, month, day);
        }
        let digits = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let first = self.number(4)?;
        if digits == 4 {
            let separator = self.separator()?;
            let month = self.number(2)?;
            self.0 = self.0.strip_prefix(separator)?;
            return calendar(first, month, self.number(2)?);
        }
        if self.0.starts_with('/') {
            self.0 = &self.0[1..];
            let day = self.number(2)?;
            self.0 = self.0.strip_prefix('/')?;
            return calendar(self.year()?, first, day);
        }
        self.space()?;
        let month = self.month()?;
        self.space()?;
        calendar(self.year()?, month, first)
    }

    /// A year of four digits.
    fn year(&mut self) -> Option<u32> {
        let digits = self.0.bytes().take_while(u8::is_ascii_digit).count();
        (digits == 4).then(|| self.number(4)).flatten()
    }

    fn separator(&mut self) -> Option<char> {
        let separator = self.0.chars().next().filter(|next| matches!(next, '-' | '/'))?;
        self.0 = &self.0[1..];
        Some(separator)
    }

    /// The number of a month's long or short name.
    fn month(&mut self) -> Option<u32> {
        let letters = self.0.bytes().take_while(u8::is_ascii_alphabetic).count();
        let name = &self.0[..letters];
        let is_it = |month: &&str| name.eq_ignore_ascii_case(month) || name.eq_ignore_ascii_case(&month[..SHORT]);
        let index = MONTHS.iter().position(is_it)?;
        self.0 = &self.0[letters..];
        u32::try_from(index + 1).ok()
    }

    /// White space, of which there must be some.
    fn space(&mut self) -> Option<()> {
        let rest = self.0.trim_start();
        (rest.len() < self.0.len()).then(|| self.0 = rest)
    }

    fn number(&mut self, digits_max: usize) -> Option<u32> {
        let digits = self.0.bytes().take(digits_max).take_while(u8::is_ascii_digit).count();
        let number = self.0[..digits].parse().ok()?;
        self.0 = &self.0[digits..];
        Some(number)
    }

    fn time(&mut self) -> Option<Time> {
        let rest = self.0.strip_prefix(['T', 't']).unwrap_or_else(|| self.0.trim_start());
        let is_time = rest.len() < self.0.len() && rest.starts_with(|next: char| next.is_ascii_digit());
        if !is_time {
            return Some(Time::midnight());
        }
        self.0 = rest;
        let hour = self.number(2)?;
        self.0 = self.0.strip_prefix(':')?;
        let minute = self.number(2)?;
        let (mut second, mut nanosecond) = (0, 0);
        if let Some(rest) = self.0.strip_prefix(':') {
            self.0 = rest;
            second = self.number(2)?;
            if let Some(rest) = self.0.strip_prefix(['.', ',']) {
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                (1..=9).contains(&digits).then_some(())?;
                nanosecond = format!("{:0<9}", &rest[..digits]).parse().ok()?;
                self.0 = &rest[digits..];
            }
        }
        let hour = self.half_day(hour)?;
        let small = |number: u32| i8::try_from(number).ok();
        Time::new(small(hour)?, small(minute)?, small(second)?, nanosecond).ok()
    }

    /// The hour of 24, when AM or PM follows.
    fn half_day(&mut self, hour: u32) -> Option<u32> {
        let rest = self.0.trim_start();
        let half = rest.get(..2).unwrap_or_default();
        let is_pm = half.eq_ignore_ascii_case("PM");
        if !is_pm && !half.eq_ignore_ascii_case("AM") {
            return Some(hour);
        }
        self.0 = &rest[2..];
        (1..=12).contains(&hour).then_some(hour % 12 + if is_pm { 12 } else { 0 })
    }

    /// Seconds east of UTC.
    fn zone(&mut self) -> Option<i32> {
        self.0 = self.0.trim_start();
        if self.0.is_empty() {
            return Some(0);
        }
        if ["Z", "GMT", "UTC"].iter().any(|name| self.0.eq_ignore_ascii_case(name)) {
            self.0 = "";
            return Some(0);
        }
        let is_west = self.0.starts_with('-');
        self.0 = self.0.strip_prefix(['+', '-'])?;
        let hours = self.number(2)?;
        self.0 = self.0.strip_prefix(':').unwrap_or(self.0);
        let minutes = if self.0.is_empty() { 0 } else { self.number(2)? };
        offset_seconds(is_west, hours, minutes)
    }
}

/// Whether a word is a day's long or short name. A wrong day is not held against the date.
fn is_day(word: &str) -> bool {
    super::DAYS.iter().any(|day| word.eq_ignore_ascii_case(day) || word.eq_ignore_ascii_case(&day[..SHORT]))
}

fn calendar(year: u32, month: u32, day: u32) -> Option<Date> {
    let year = i16::try_from(year).ok().filter(|year| *year >= 1)?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}
