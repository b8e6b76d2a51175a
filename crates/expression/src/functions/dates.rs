//! Dates and times. Points in time are in UTC.

use crate::{
    datetime::{self, Format, Styles},
    evaluate::{Args, Stop},
    place::quoted,
    signature::{Gives, Parameter, ResultType, Signature, Takes},
    value::Value,
};
use jiff::{Span, Timestamp, civil::DateTime};

const DATE: Gives = Gives::Always(ResultType::DateTime);
const NUMBER: Gives = Gives::Always(ResultType::Integer);
const INTERVAL: Parameter = Parameter::required("interval", Takes::OneOf(&["yyyy", "m", "d", "ww", "h", "n", "s"]));
const ANY_NUMBER: Takes = Takes::Integer(i64::MIN, i64::MAX);

/// 1970 in Windows' FILETIME: intervals of 100 ns since 1601.
const FILETIME_OF_1970: i128 = 116_444_736_000_000_000;
const NANOSECONDS_PER_TICK: i128 = 100;

pub(super) const TABLE: &[Signature] = &[
    Signature::new("Now", &[], DATE, "The time of the evaluation.", |args| Ok(Value::DateTime(args.inputs().now))),
    Signature::new(
        "CDate",
        &[Parameter::required("expression", Takes::DateTime)],
        DATE,
        "A text as a point in time; without a time zone it is in UTC.",
        |args| Ok(args.date(0)?.map_or(Value::Null, Value::DateTime)),
    ),
    Signature::new(
        "DateAdd",
        &[INTERVAL, Parameter::required("value", ANY_NUMBER), Parameter::required("dateTime", Takes::DateTime)],
        DATE,
        "A point in time so many intervals later, or earlier when the number is negative.",
        date_add,
    ),
    Signature::new(
        "DateDiff",
        &[INTERVAL, Parameter::required("date1", Takes::DateTime), Parameter::required("date2", Takes::DateTime)],
        NUMBER,
        "How many intervals lie between two points in time; negative when the second is the earlier.",
        date_diff,
    ),
    Signature::new(
        "DateFromNum",
        &[Parameter::required("value", Takes::Integer(0, i64::MAX))],
        DATE,
        "The point in time of a Windows FILETIME number.",
        date_from_num,
    ),
    Signature::new(
        "NumFromDate",
        &[Parameter::required("value", Takes::DateTime)],
        NUMBER,
        "The Windows FILETIME number of a point in time.",
        num_from_date,
    ),
    Signature::new(
        "FormatDateTime",
        &[
            Parameter::required("source", Takes::Text),
            Parameter::optional("dateTimeStyles", Takes::Styles),
            Parameter::required("inputFormat", Takes::Format),
            Parameter::required("outputFormat", Takes::Format),
        ],
        Gives::Always(ResultType::Text),
        "A date read in one .NET format and written in another.",
        format_date_time,
    ),
];

/// A length of time as `DateAdd` and `DateDiff` name it.
#[derive(Clone, Copy)]
enum Interval {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
}

fn interval(args: &mut Args<'_, '_, '_>) -> Result<Interval, Stop> {
    let name = args.text_or_empty(0)?;
    Ok(match name.as_str() {
        "yyyy" => Interval::Year,
        "m" => Interval::Month,
        "ww" => Interval::Week,
        "d" => Interval::Day,
        "h" => Interval::Hour,
        "n" => Interval::Minute,
        "s" => Interval::Second,
        other => return Err(args.fault(format!("expected {}, found {}", INTERVAL.takes.describe(), quoted(other)))),
    })
}

fn date_add(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let interval = interval(args)?;
    let (number, date) = (args.integer(1)?, args.date(2)?);
    let (Some(number), Some(date)) = (number, date) else { return Ok(Value::Null) };
    let later = span(interval, number).and_then(|span| datetime::civil(date).checked_add(span).ok());
    let later = later.and_then(|later| datetime::instant(later, 0));
    later.map(Value::DateTime).ok_or_else(|| args.fault("the result is outside of the years 1 to 9999"))
}

fn span(interval: Interval, number: i64) -> Option<Span> {
    let span = Span::new();
    match interval {
        Interval::Year => span.try_years(number),
        Interval::Month => span.try_months(number),
        Interval::Week => span.try_weeks(number),
        Interval::Day => span.try_days(number),
        Interval::Hour => span.try_hours(number),
        Interval::Minute => span.try_minutes(number),
        Interval::Second => span.try_seconds(number),
    }
    .ok()
}

/// Visual Basic's rules: days, hours, minutes and seconds are the time between, without fractions; weeks are counted from Sunday to
/// Sunday, months and years by the calendar.
fn date_diff(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let interval = interval(args)?;
    let (Some(from), Some(to)) = (args.date(1)?, args.date(2)?) else { return Ok(Value::Null) };
    let (one, other) = (datetime::civil(from), datetime::civil(to));
    let seconds = seconds_between(from, to);
    Ok(Value::Integer(match interval {
        Interval::Year => i64::from(other.year()) - i64::from(one.year()),
        Interval::Month => {
            let years = i64::from(other.year()) - i64::from(one.year());
            12 * years + i64::from(other.month()) - i64::from(one.month())
        }
        Interval::Week => {
            let moved = (since_sunday(one) - since_sunday(other)) * 86_400;
            (seconds + moved) / 86_400 / 7
        }
        Interval::Day => seconds / 86_400,
        Interval::Hour => seconds / 3_600,
        Interval::Minute => seconds / 60,
        Interval::Second => seconds,
    }))
}

fn since_sunday(date: DateTime) -> i64 {
    i64::from(datetime::since_sunday(date.weekday()))
}

/// Whole seconds from one instant to another, without the fraction.
fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    let nanoseconds = to.as_nanosecond() - from.as_nanosecond();
    i64::try_from(nanoseconds / 1_000_000_000).unwrap_or(i64::MAX)
}

fn date_from_num(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let Some(number) = args.integer(0)? else { return Ok(Value::Null) };
    let nanoseconds = (i128::from(number) - FILETIME_OF_1970) * NANOSECONDS_PER_TICK;
    let at = Timestamp::from_nanosecond(nanoseconds).ok();
    at.map(Value::DateTime).ok_or_else(|| args.fault("the number stands for a date after the year 9999"))
}

fn num_from_date(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let Some(at) = args.date(0)? else { return Ok(Value::Null) };
    let number = at.as_nanosecond().div_euclid(NANOSECONDS_PER_TICK) + FILETIME_OF_1970;
    let number = i64::try_from(number).ok().filter(|number| *number >= 0);
    number.map(Value::Integer).ok_or_else(|| args.fault("a date before 1601 has no such number"))
}

fn format_date_time(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let Some(source) = args.text(0)?.filter(|source| !source.is_empty()) else { return Ok(Value::Null) };
    let styles = args.text_or_empty(1)?;
    let styles = Styles::parse(&styles).map_err(|problem| args.fault(problem))?;
    let (input, output) = (args.text_or_empty(2)?, args.text_or_empty(3)?);
    let input_format = Format::parse(&input).map_err(|problem| args.fault(problem))?;
    let output = Format::parse(&output).map_err(|problem| args.fault(problem))?;
    let now = args.inputs().now;
    match datetime::read_exact(&source, &input_format, styles, now) {
        Some(moment) => Ok(Value::Text(datetime::print(moment, &output))),
        None => Err(args.fault(format!("{} is no date in the format {}", quoted(&source), quoted(&input)))),
    }
}
