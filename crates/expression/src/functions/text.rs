//! Texts put together and taken apart. Positions count characters from 1.

use crate::{
    evaluate::{Args, Stop},
    signature::{Gives, Parameter, ResultType, Signature, Takes},
    value::Value,
};

const TEXT: Gives = Gives::Always(ResultType::Text);
const SOURCE: Parameter = Parameter::required("source", Takes::Text);
const ANY_NUMBER: Takes = Takes::Integer(i64::MIN, i64::MAX);

const TEXT_COMPARE: &str = "vbTextCompare";
const BINARY_COMPARE: &str = "vbBinaryCompare";

pub(super) const TABLE: &[Signature] = &[
    Signature::new(
        "Append",
        &[SOURCE, Parameter::required("suffix", Takes::Text)],
        TEXT,
        "The source with the suffix behind it; null when the source is null.",
        |args| affixed(args, 0, |source, suffix| [source, suffix], 1),
    ),
    Signature::new(
        "Prepend",
        &[Parameter::required("prefix", Takes::Text), SOURCE],
        TEXT,
        "The source with the prefix before it; null when the source is null.",
        |args| affixed(args, 1, |source, prefix| [prefix, source], 0),
    ),
    Signature::new(
        "Join",
        &[Parameter::required("separator", Takes::Text), Parameter::required("source", Takes::Values)],
        TEXT,
        "All values of all sources with the separator between them; null and empty ones are left out.",
        join,
    )
    .repeating(1),
    Signature::new(
        "Left",
        &[Parameter::required("String", Takes::Text), Parameter::required("NumChars", ANY_NUMBER)],
        TEXT,
        "The first characters of a text; the whole text when the number is negative or too large.",
        left,
    ),
    Signature::new(
        "Mid",
        &[
            SOURCE,
            Parameter::required("start", Takes::Integer(1, i64::MAX)),
            Parameter::required("length", Takes::Integer(0, i64::MAX)),
        ],
        TEXT,
        "So many characters of the source from a position on, or as many as there are.",
        mid,
    ),
    Signature::new(
        "InStr",
        &[
            Parameter::required("value1", Takes::Text),
            Parameter::required("value2", Takes::Text),
            Parameter::optional("start", Takes::Integer(1, i64::MAX)),
            Parameter::optional("compareType", Takes::OneOf(&[BINARY_COMPARE, TEXT_COMPARE])),
        ],
        Gives::Always(ResultType::Integer),
        "The position of the second text in the first, from a position on; 0 when it is not there.",
        in_str,
    ),
    Signature::new(
        "Word",
        &[
            Parameter::required("String", Takes::Text),
            Parameter::required("WordNumber", ANY_NUMBER),
            Parameter::required("Delimiters", Takes::Text),
        ],
        TEXT,
        "A word of the text by its number from 1, each of the delimiters being a separator; empty when there is no such word.",
        word,
    ),
    Signature::new("StripSpaces", &[SOURCE], TEXT, "The source without spaces (U+0020).", |args| {
        Ok(args.text(0)?.map_or(Value::Null, |source| Value::Text(source.replace(' ', ""))))
    }),
    Signature::new("Trim", &[SOURCE], TEXT, "The source without white space at its ends.", |args| {
        Ok(args.text(0)?.map_or(Value::Null, |source| source.trim().into()))
    }),
    Signature::new(
        "CStr",
        &[Parameter::required("value", Takes::Text)],
        TEXT,
        "A number, a date or a boolean as text.",
        |args| Ok(args.text(0)?.map_or(Value::Null, Value::Text)),
    ),
];

/// The source at one index beside the affix at another, in the order that `ordered` gives.
fn affixed(
    args: &mut Args<'_, '_, '_>,
    source: usize,
    ordered: for<'t> fn(&'t str, &'t str) -> [&'t str; 2],
    affix: usize,
) -> Result<Value, Stop> {
    let Some(source) = args.text(source)? else { return Ok(Value::Null) };
    let affix = args.text_or_empty(affix)?;
    let mut out = args.builder();
    for part in ordered(&source, &affix) {
        out.push(part).map_err(|_| args.too_long())?;
    }
    Ok(out.finish())
}

fn join(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let separator = args.text_or_empty(0)?;
    let mut out = args.builder();
    for index in 1..args.len() {
        for value in args.values(index)?.iter().filter(|value| !value.is_empty()) {
            if !out.is_empty() {
                out.push(&separator).map_err(|_| args.too_long())?;
            }
            out.push(value).map_err(|_| args.too_long())?;
        }
    }
    if out.is_empty() { Ok(Value::Null) } else { Ok(out.finish()) }
}

fn left(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let mut text = args.text_or_empty(0)?;
    let number = args.integer(1)?.unwrap_or(0);
    if let Ok(number) = usize::try_from(number) {
        text.truncate(offset(&text, number));
    }
    Ok(Value::Text(text))
}

fn mid(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let Some(source) = args.text(0)? else { return Ok(Value::Null) };
    let (start, length) = (args.integer(1)?, args.integer(2)?);
    let (Some(start), Some(length)) = (start, length) else { return Err(args.fault("its position or length is null")) };
    let number = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let rest = &source[offset(&source, number(start - 1))..];
    Ok(rest[..offset(rest, number(length))].into())
}

/// Where the characters of a text end after `count` of them, in bytes.
fn offset(text: &str, count: usize) -> usize {
    text.char_indices().nth(count).map_or(text.len(), |(offset, _)| offset)
}

fn in_str(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let (mut text, mut wanted) = (args.text_or_empty(0)?, args.text_or_empty(1)?);
    let start = args.integer(2)?.and_then(|start| usize::try_from(start).ok()).unwrap_or(1);
    if args.text(3)?.is_some_and(|compare| compare == TEXT_COMPARE) {
        (text, wanted) = (folded(&text), folded(&wanted));
    }
    let before = start - 1;
    let characters = text.chars().count();
    let position = if before >= characters {
        0
    } else {
        let from = offset(&text, before);
        text[from..].find(&wanted).map_or(0, |found| start + text[from..from + found].chars().count())
    };
    Ok(Value::Integer(i64::try_from(position).unwrap_or(i64::MAX)))
}

/// For comparing without case, character by character, so that positions stay.
fn folded(text: &str) -> String {
    text.chars().map(super::case::lower).collect()
}

fn word(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let text = args.text_or_empty(0)?;
    let number = args.integer(1)?.unwrap_or(0);
    let delimiters = args.text_or_empty(2)?;
    // Each character of a text is looked up among the delimiters.
    args.take_steps(text.len() * delimiters.len() / 4_096)?;
    let Some(index) = usize::try_from(number).ok().and_then(|number| number.checked_sub(1)) else {
        return Ok("".into());
    };
    let mut words = text.split(|character| delimiters.contains(character)).filter(|word| !word.is_empty());
    Ok(words.nth(index).unwrap_or_default().into())
}
