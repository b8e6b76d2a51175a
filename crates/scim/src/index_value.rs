//! Values as an index keeps them: texts that sort as the values do, and are alike where the values are equal.

use crate::{instant, schema::Type, text};
use jiff::Timestamp;
use serde_json::{Number, Value};
use std::borrow::Cow;

/// Doubles below this stand for one integer each (2^53); from there on, several integers have the same text.
const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;
/// Nanoseconds that make every instant positive: the first is in the year -9999.
const INSTANT_OFFSET: i128 = 1_000_000_000_000_000_000_000;

/// The text of a value of this type; `None` for what is of another type, and for complex values.
pub(crate) fn of(value: &Value, kind: Type, case_exact: bool) -> Option<Cow<'_, str>> {
    match (kind, value) {
        (Type::String | Type::Reference | Type::Binary, Value::String(value)) => Some(text::fold(value, case_exact)),
        (Type::Boolean, Value::Bool(value)) => Some(Cow::Borrowed(of_bool(*value))),
        (Type::Integer | Type::Decimal, Value::Number(number)) => of_number(number).map(Cow::Owned),
        (Type::DateTime, Value::String(value)) => instant::parse(value).map(|at| Cow::Owned(of_instant(at))),
        (
            Type::String
            | Type::Reference
            | Type::Binary
            | Type::Boolean
            | Type::Integer
            | Type::Decimal
            | Type::DateTime
            | Type::Complex,
            _,
        ) => None,
    }
}

/// `false` stands before `true`.
pub(crate) fn of_bool(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// The nearest double in 16 hexadecimal digits.
pub(crate) fn of_number(number: &Number) -> Option<String> {
    // A negative zero is zero.
    let bits = (number.as_f64().filter(|value| value.is_finite())? + 0.0).to_bits();
    let sign = 1 << 63;
    let ordered = if bits & sign == 0 { bits | sign } else { !bits };
    Some(format!("{ordered:016x}"))
}

/// Whether no number that is another one has the same text.
pub(crate) fn is_exact(number: &Number) -> bool {
    number.as_f64().is_some_and(|value| value.abs() < EXACT_BELOW)
}

/// Nanoseconds since a point before all instants.
pub(crate) fn of_instant(at: Timestamp) -> String {
    format!("{:022}", at.as_nanosecond() + INSTANT_OFFSET)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn number(value: Value) -> String {
        of(&value, Type::Decimal, true).unwrap().into_owned()
    }

    #[test]
    fn numbers_sort_by_value() {
        let numbers = [
            json!(i64::MIN),
            json!(-1e9),
            json!(-2),
            json!(-1.5),
            json!(0),
            json!(1e-9),
            json!(1),
            json!(1.5),
            json!(10),
            json!(u64::MAX),
        ];
        assert!(numbers.windows(2).all(|pair| number(pair[0].clone()) < number(pair[1].clone())));
        assert_eq!((number(json!(-0.0)), number(json!(7))), (number(json!(0)), number(json!(7.0))));
    }

    #[test]
    fn instants_sort_by_time_whatever_their_zone() {
        let instant = |text: &str| of(&json!(text), Type::DateTime, false).unwrap().into_owned();
        let times = [
            "1969-12-31T23:59:59.5Z",
            "1970-01-01T00:00:00Z",
            "2024-01-01T00:00:00+01:00",
            "2024-01-01T00:00:00Z",
            "2024-01-01T00:00:00.000000001Z",
            "9999-12-30T22:00:00Z",
        ];
        let texts: Vec<String> = times.iter().map(|text| instant(text)).collect();
        assert!(texts.windows(2).all(|pair| pair[0] < pair[1] && pair[0].len() == pair[1].len()), "{texts:?}");
        assert_eq!(instant("2024-01-01T01:00:00+01:00"), instant("2024-01-01T00:00:00.000Z"));
        assert!(of_instant(Timestamp::MIN) < of_instant(Timestamp::MAX));
    }

    #[test]
    fn what_is_of_another_type_has_no_text() {
        for (value, kind) in [
            (json!("x"), Type::Integer),
            (json!(1), Type::String),
            (json!("yesterday"), Type::DateTime),
            (json!("true"), Type::Boolean),
            (json!({ "value": "x" }), Type::Complex),
        ] {
            assert_eq!(of(&value, kind, false), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn small_numbers_are_equal_exactly_when_their_texts_are(one in -1e15..1e15f64, other in -1000i64..1000) {
            let (one, other) = (json!(one), json!(other));
            let order = one.as_f64().unwrap().partial_cmp(&other.as_f64().unwrap()).unwrap();
            prop_assert_eq!(number(one).cmp(&number(other)), order);
        }
    }
}
