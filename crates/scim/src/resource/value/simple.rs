//! Values of the simple data types (RFC 7643 §2.3.1 to §2.3.7).

use super::{Place, ValueError, kind_of};
use crate::{
    instant,
    schema::{Attribute, Type},
};
use serde_json::Value;

/// Most characters in a string: no name or address comes near, and no list of users grows beyond reason.
const STRING_CHARS_MAX: usize = 4_096;

/// Most characters of base64 text: several times the largest certificate in use.
const BINARY_CHARS_MAX: usize = 64 * 1024;

/// Attributes that may hold line breaks (RFC 7643 §4.1.2); no other string takes a control character.
const MULTI_LINE: [&str; 2] = ["addresses.formatted", "addresses.streetAddress"];

/// Reads one value of a simple attribute; the answer is in canonical form.
pub(super) fn read(place: Place<'_>, attribute: &Attribute, value: Value) -> Result<Value, ValueError> {
    let expected = match (attribute.kind, &value) {
        (Type::String, Value::String(text)) => {
            check_text(place, text)?;
            if attribute.required && text.trim().is_empty() {
                return Err(ValueError::value(place, "must not be blank"));
            }
            return Ok(value);
        }
        (Type::Reference, Value::String(text)) => {
            check_text(place, text)?;
            if text.contains(char::is_whitespace) {
                return Err(ValueError::value(place, "must be a URI, which has no spaces"));
            }
            return Ok(value);
        }
        (Type::DateTime, Value::String(text)) => match instant::parse(text) {
            Some(time) => return Ok(Value::from(time.to_string())),
            None => "must be a dateTime such as 2008-01-23T04:56:22Z",
        },
        (Type::Binary, Value::String(text)) if text.len() > BINARY_CHARS_MAX => {
            return Err(ValueError::value(place, format!("is longer than {BINARY_CHARS_MAX} characters")));
        }
        (Type::Binary, Value::String(text)) if is_base64(text) => return Ok(value),
        (Type::Boolean, Value::Bool(_)) | (Type::Decimal, Value::Number(_)) => return Ok(value),
        (Type::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => return Ok(value),
        (Type::String, _) => "must be a string",
        (Type::Boolean, _) => "must be true or false",
        (Type::Decimal, _) => "must be a number",
        (Type::Integer, _) => "must be a number without fraction or exponent",
        (Type::DateTime, _) => "must be a dateTime string",
        (Type::Binary, _) => "must be a base64 string",
        (Type::Reference, _) => "must be a string with a URI",
        (Type::Complex, _) => "must be an object",
    };
    let problem = match (attribute.kind, &value) {
        (Type::DateTime | Type::Binary, Value::String(_)) | (Type::Integer, Value::Number(_)) => expected.to_owned(),
        (_, found) => format!("{expected}, not {}", kind_of(found)),
    };
    Err(ValueError::value(place, problem))
}

fn check_text(place: Place<'_>, text: &str) -> Result<(), ValueError> {
    if text.len() > STRING_CHARS_MAX && text.chars().count() > STRING_CHARS_MAX {
        return Err(ValueError::value(place, format!("is longer than {STRING_CHARS_MAX} characters")));
    }
    let forbidden = |byte: &u8| byte.is_ascii_control();
    if text.bytes().any(|byte| forbidden(&byte)) {
        let multi_line = place.urn.is_none() && MULTI_LINE.contains(&place.to_string().as_str());
        if !multi_line || text.bytes().any(|byte| forbidden(&byte) && !matches!(byte, b'\n' | b'\r' | b'\t')) {
            return Err(ValueError::value(place, "holds a control character"));
        }
    }
    Ok(())
}

/// Base64 of RFC 4648 §4; trailing `=` may be missing (MOD-16, MOD-17).
fn is_base64(text: &str) -> bool {
    let data = text.trim_end_matches('=');
    let padding = text.len() - data.len();
    let digits = data.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    digits && data.len() % 4 != 1 && (padding == 0 || (padding <= 2 && text.len().is_multiple_of(4)))
}

#[cfg(test)]
mod tests {
    use super::is_base64;

    #[test]
    fn base64_texts() {
        let cases = [
            ("", true),
            ("TWFu", true),
            ("TWE=", true),
            ("TQ==", true),
            ("TWE", true),
            ("TQ", true),
            ("T", false),
            ("TQ=", false),
            ("TWFu====", false),
            ("T-_u", false),
            ("TW Fu", false),
        ];
        for (text, expected) in cases {
            assert_eq!(is_base64(text), expected, "MOD-16 {text:?}");
        }
    }
}
