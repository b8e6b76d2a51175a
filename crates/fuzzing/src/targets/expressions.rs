//! Mapping expressions.

use jiff::Timestamp;
use provost_expression::{
    AppRole, AttributeType, Budget, Evaluated, Expression, Inputs, Outcome, Program, ResultType, Value,
};
use uuid::Uuid;

/// What the object has; names that are not here are unknown.
const ATTRIBUTES: &[(&str, AttributeType, &str)] = &[
    ("displayName", AttributeType::Of(ResultType::Text), "Barbara Jensén"),
    ("mail", AttributeType::Of(ResultType::Text), "b.jensen@contoso.com"),
    ("mobile", AttributeType::Of(ResultType::Text), ""),
    ("IsSoftDeleted", AttributeType::Of(ResultType::Boolean), "False"),
    ("logonCount", AttributeType::Of(ResultType::Integer), "12"),
    ("employeeHireDate", AttributeType::Of(ResultType::DateTime), "2021-07-02T00:00:00Z"),
    ("appRoleAssignments", AttributeType::AppRoleAssignments, ""),
];

/// Characters of an expression, at most.
const CHARACTERS: usize = 10_000;

pub(super) fn expression(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let expression = match Expression::parse(text) {
        Ok(expression) => expression,
        Err(fault) => {
            assert!(text.is_char_boundary(fault.offset), "{fault}");
            return;
        }
    };
    assert!(text.chars().count() <= CHARACTERS, "an expression of {} characters", text.chars().count());
    let printed = expression.to_string();
    assert_eq!(Expression::parse(&printed).as_ref(), Ok(&expression), "{printed}");
    let attributes: Vec<(&str, AttributeType)> = ATTRIBUTES.iter().map(|(name, kind, _)| (*name, *kind)).collect();
    let Ok(program) = expression.check(attributes.as_slice()) else { return };
    let small = Budget { steps: 60, bytes: 600, value_bytes: 60 };
    for budget in [Budget { steps: 5_000, ..Budget::default() }, small] {
        let first = evaluated(&program, budget);
        let left = first.left;
        assert!(left.steps <= budget.steps && left.bytes <= budget.bytes, "{left:?} is left of {budget:?}");
        assert!(size(&first) <= budget.value_bytes, "{} bytes within {budget:?}", size(&first));
        assert_eq!(evaluated(&program, budget), first, "the same twice");
    }
}

fn evaluated(program: &Program, budget: Budget) -> Evaluated {
    let attribute = |wanted: &str| {
        let found = ATTRIBUTES.iter().find(|(name, _, _)| *name == wanted);
        found.map_or(Value::Null, |(_, _, text)| Value::Text((*text).to_owned()))
    };
    let role = |number: u128, name: &str| AppRole {
        id: Uuid::from_u128(number),
        value: name.to_owned(),
        display_name: name.to_owned(),
    };
    let mut next = 0_u8;
    let mut random = |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(181).wrapping_add(91);
            *byte = next;
        }
    };
    program.evaluate(&mut Inputs {
        now: Timestamp::UNIX_EPOCH,
        attribute: &attribute,
        app_roles: &[role(1, "Admin"), role(2, "User")],
        default_domain: Some("contoso.com"),
        random: &mut random,
        budget,
    })
}

/// Bytes of the texts of a result.
fn size(evaluated: &Evaluated) -> usize {
    match &evaluated.outcome {
        Ok(Outcome::Value(Value::Many(texts)) | Outcome::Candidates(texts)) => texts.iter().map(String::len).sum(),
        Ok(Outcome::Value(value)) => value.text().map_or(0, |text| text.len()),
        Ok(Outcome::Ignored) | Err(_) => 0,
    }
}
