//! Which value may go where.

use super::CONSTANT_BYTES_MAX;
use crate::{SourceType, TargetAttribute, TargetType, TargetValue};
use jiff::Timestamp;
use provost_expression::{Program, ResultType};
use serde_json::Value as Json;

/// What a result must be to go into an attribute.
fn wanted(attribute: &TargetAttribute) -> ResultType {
    if attribute.multi_valued {
        return ResultType::MultiValued;
    }
    match attribute.kind {
        TargetType::Boolean => ResultType::Boolean,
        TargetType::DateTime => ResultType::DateTime,
        TargetType::Integer => ResultType::Integer,
        TargetType::Binary | TargetType::Reference | TargetType::String => ResultType::Text,
    }
}

/// Whether the result of an expression may go into an attribute.
pub(super) fn program_fits(program: &Program, attribute: &TargetAttribute, is_whole: bool) -> Result<(), String> {
    if program.result() == ResultType::Complex {
        let takes_roles = attribute.multi_valued && attribute.kind == TargetType::String && is_whole;
        return takes_roles.then_some(()).ok_or_else(|| {
            "app roles go into an attribute such as `roles`, of type string, with several values, and no sub-attribute of it".to_owned()
        });
    }
    if attribute.kind == TargetType::Reference {
        return Err("the target's attribute is a reference; map an attribute that leads to another object to it, \
             such as `manager`, without an expression"
            .to_owned());
    }
    program.fits(wanted(attribute))
}

/// Whether the value of a source attribute may go into an attribute.
pub(super) fn source_fits(kind: SourceType, attribute: &TargetAttribute) -> Result<(), String> {
    let is_reference = attribute.kind == TargetType::Reference;
    match kind {
        SourceType::AppRoles => {
            Err("app roles need a function: SingleAppRoleAssignment, AppRoleAssignmentsComplex or \
             AssertiveAppRoleAssignmentsComplex"
                .to_owned())
        }
        SourceType::References if is_reference && attribute.multi_valued => Ok(()),
        SourceType::References => Err("members go into an attribute of type reference with several values".to_owned()),
        SourceType::Reference => match attribute.kind {
            TargetType::Reference | TargetType::String => Ok(()),
            TargetType::Binary | TargetType::Boolean | TargetType::DateTime | TargetType::Integer => {
                Err("a reference goes into an attribute of type reference or string".to_owned())
            }
        },
        _ if is_reference => {
            Err("the target's attribute is a reference, and this attribute of the source leads to no object".to_owned())
        }
        SourceType::Many if !attribute.multi_valued => {
            Err("the source has several values there, and the target's attribute takes one; use Item or Join"
                .to_owned())
        }
        SourceType::Boolean | SourceType::Integer if !attribute.multi_valued => {
            let fits = match attribute.kind {
                TargetType::String | TargetType::Binary => true,
                TargetType::Boolean => kind == SourceType::Boolean,
                TargetType::Integer => kind == SourceType::Integer,
                TargetType::DateTime | TargetType::Reference => false,
            };
            fits.then_some(())
                .ok_or_else(|| format!("{} does not go into {}", of_source(kind), of_target(attribute.kind)))
        }
        SourceType::Text | SourceType::DateTime | SourceType::Many | SourceType::Boolean | SourceType::Integer => {
            Ok(())
        }
    }
}

fn of_source(kind: SourceType) -> &'static str {
    match kind {
        SourceType::Boolean => "True or False",
        SourceType::Integer => "a number",
        SourceType::Text | SourceType::DateTime | SourceType::Many => "a text",
        SourceType::Reference | SourceType::References | SourceType::AppRoles => "a reference",
    }
}

fn of_target(kind: TargetType) -> &'static str {
    match kind {
        TargetType::Binary => "a binary attribute",
        TargetType::Boolean => "a boolean attribute",
        TargetType::DateTime => "an attribute of type date_time",
        TargetType::Integer => "an attribute of type integer",
        TargetType::Reference => "a reference",
        TargetType::String => "a text",
    }
}

/// A constant or default as a value of an attribute.
///
/// # Errors
/// That it is another type, or too long.
pub(super) fn constant(value: &Json, attribute: &TargetAttribute) -> Result<TargetValue, String> {
    let single = |value: &Json| single(value, attribute.kind);
    match value {
        Json::Array(_) if !attribute.multi_valued => {
            Err("the target's attribute takes one value, not several".to_owned())
        }
        Json::Array(values) if values.len() > CONSTANT_BYTES_MAX => {
            Err(format!("there may be {CONSTANT_BYTES_MAX} values, and there are more"))
        }
        Json::Array(values) => values.iter().map(single).collect::<Result<_, _>>().map(TargetValue::Many),
        value if attribute.multi_valued => Ok(TargetValue::Many(vec![single(value)?])),
        value => single(value).map(TargetValue::One),
    }
}

fn single(value: &Json, kind: TargetType) -> Result<Json, String> {
    let text = value.as_str();
    if text.is_some_and(str::is_empty) {
        return Err("an empty text is no value; leave the row out to send nothing".to_owned());
    }
    if text.is_some_and(|text| text.len() > CONSTANT_BYTES_MAX) {
        return Err(format!("a constant may have {CONSTANT_BYTES_MAX} bytes, and this one has more"));
    }
    match kind {
        TargetType::Boolean => value
            .as_bool()
            .or_else(|| text.and_then(boolean))
            .map(Json::from)
            .ok_or_else(|| "the target's attribute is a boolean: write true or false".to_owned()),
        TargetType::Integer => value
            .as_i64()
            .or_else(|| text?.trim().parse().ok())
            .map(Json::from)
            .ok_or_else(|| "the target's attribute is an integer: write a whole number".to_owned()),
        TargetType::DateTime => {
            text.filter(|text| text.parse::<Timestamp>().is_ok()).map(Json::from).ok_or_else(|| {
                "the target's attribute is a point in time: write it as \"2026-01-31T09:00:00Z\"".to_owned()
            })
        }
        TargetType::Reference => Err("the target's attribute is a reference, which cannot be a constant".to_owned()),
        TargetType::String | TargetType::Binary => {
            text.map(Json::from).ok_or_else(|| "the target's attribute is a text: write it in quotes".to_owned())
        }
    }
}

/// `True` and `False` in any case.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    let is = |word: &str| text.trim().eq_ignore_ascii_case(word);
    if is("true") { Some(true) } else { is("false").then_some(false) }
}
