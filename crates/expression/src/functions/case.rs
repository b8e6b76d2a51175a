//! Upper and lower case, and letters without marks.

use crate::{
    diacritics,
    evaluate::{Args, Stop},
    signature::{Gives, Parameter, ResultType, Signature, Takes, is_culture},
    value::Value,
};
use unicode_normalization::char::is_combining_mark;

const TEXT: Gives = Gives::Always(ResultType::Text);
const SOURCE: Parameter = Parameter::required("source", Takes::Text);
const CULTURE: Parameter = Parameter::optional("culture", Takes::Culture);

pub(super) const TABLE: &[Signature] = &[
    Signature::new(
        "ToLower",
        &[SOURCE, CULTURE],
        TEXT,
        "The source in lower case, by the rules of a culture.",
        |args| {
            cased(args, |character, rules| match (character, rules) {
                ('I', Rules::Turkic) => 'ı',
                ('İ', Rules::Turkic | Rules::Other) => 'i',
                (other, Rules::Turkic | Rules::Other | Rules::Invariant) => lower(other),
            })
        },
    ),
    Signature::new(
        "ToUpper",
        &[SOURCE, CULTURE],
        TEXT,
        "The source in upper case, by the rules of a culture.",
        |args| {
            cased(args, |character, rules| match (character, rules) {
                ('i', Rules::Turkic) => 'İ',
                ('ı', Rules::Turkic | Rules::Other) => 'I',
                (other, Rules::Turkic | Rules::Other | Rules::Invariant) => upper(other),
            })
        },
    ),
    Signature::new(
        "PCase",
        &[SOURCE, Parameter::optional("wordSeparators", Takes::Text)],
        TEXT,
        "Each word of the source with a capital letter first, and small letters behind it.",
        proper_case,
    ),
    Signature::new(
        "NormalizeDiacritics",
        &[SOURCE],
        TEXT,
        "The source with letters such as é and ø written as e and oe.",
        |args| Ok(args.text(0)?.map_or(Value::Null, |source| diacritics::without(&source).into())),
    ),
];

/// What cultures disagree about: the letter i with and without a dot.
#[derive(Clone, Copy)]
enum Rules {
    /// No culture: `ı` and `İ` are left alone.
    Invariant,
    /// Turkish and Azerbaijani.
    Turkic,
    Other,
}

fn cased(args: &mut Args<'_, '_, '_>, convert: fn(char, Rules) -> char) -> Result<Value, Stop> {
    let Some(source) = args.text(0)? else { return Ok(Value::Null) };
    let culture = args.text_or_empty(1)?;
    if !is_culture(&culture) {
        return Err(args.fault(format!("{} is no name of a culture, such as en-US", crate::place::quoted(&culture))));
    }
    let language = culture.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let rules = match language.as_str() {
        "" => Rules::Invariant,
        "tr" | "az" => Rules::Turkic,
        _ => Rules::Other,
    };
    Ok(Value::Text(source.chars().map(|character| convert(character, rules)).collect()))
}

/// One character for one, as in .NET: `İ` has no single small letter and stays.
pub(super) fn lower(character: char) -> char {
    single(character, character.to_lowercase())
}

/// One character for one, as in .NET: `ß` has no single capital letter and stays, and so does `ı` without a culture.
fn upper(character: char) -> char {
    if character == 'ı' { character } else { single(character, character.to_uppercase()) }
}

fn single(character: char, mut converted: impl Iterator<Item = char>) -> char {
    match (converted.next(), converted.next()) {
        (Some(one), None) => one,
        (Some(_), Some(_)) | (None, _) => character,
    }
}

fn proper_case(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let Some(source) = args.text(0)? else { return Ok(Value::Null) };
    let separators = args.text(1)?;
    args.take_steps(source.len() * separators.as_ref().map_or(0, String::len) / 4_096)?;
    let mut out = String::with_capacity(source.len());
    let mut in_word = false;
    for character in source.chars() {
        match &separators {
            Some(separators) => {
                out.push(if in_word { lower(character) } else { upper(character) });
                in_word = !separators.contains(character);
            }
            None => {
                let is_letter = is_letter(character);
                out.push(if is_letter && !in_word { upper(character) } else { lower(character) });
                in_word = is_letter || (in_word && continues_word(character));
            }
        }
    }
    Ok(Value::Text(out))
}

fn is_letter(character: char) -> bool {
    character.is_alphabetic() && !character.is_numeric() && !is_combining_mark(character)
}

/// What stands within a word without ending it, in .NET's `ToTitleCase`: digits, marks and the apostrophe.
fn continues_word(character: char) -> bool {
    character == '\'' || character.is_numeric() || is_combining_mark(character)
}
