//! From what an expression gives to what an attribute of the target takes.

use super::{AttributeFault, FaultCode};
use crate::{Role, Roles, RolesForm, Row, TargetType, TargetValue, check::boolean};
use jiff::Timestamp;
use provost_expression::{APP_ROLE_TYPE, AppRole, Fault, Value};
use serde_json::Value as Json;

/// A value of the source as a value of the row's attribute. An empty text is no value: no target could tell it from none.
pub(super) fn convert(value: Value, row: &Row) -> Result<TargetValue, AttributeFault> {
    match value {
        Value::Roles(roles) => Ok(TargetValue::Roles(Roles::from(roles))),
        value if value.is_null_or_empty() => Ok(TargetValue::Null),
        Value::Role(role) => Ok(single_role(role, row)),
        Value::Many(mut values) => {
            values.retain(|value| !value.is_empty());
            if row.multi_valued {
                let values = values.into_iter().map(|value| scalar(&Value::Text(value), row));
                return values.collect::<Result<_, _>>().map(TargetValue::Many);
            }
            match values.as_slice() {
                [value] => scalar(&Value::from(value.as_str()), row).map(TargetValue::One),
                _ => Err(several(row, values.len())),
            }
        }
        single if row.multi_valued => Ok(TargetValue::Many(vec![scalar(&single, row)?])),
        single => scalar(&single, row).map(TargetValue::One),
    }
}

fn several(row: &Row, count: usize) -> AttributeFault {
    AttributeFault {
        code: FaultCode::SchemaPropertyCanOnlyAcceptValue,
        target: row.target.as_str().to_owned(),
        problem: format!("`{}` takes one value, and the source gives {count}; use Item or Join", row.target),
    }
}

/// `SingleAppRoleAssignment`: the role itself goes into `roles[primary eq "True"].value`, its name and type beside it; anything else takes
/// its value.
fn single_role(role: AppRole, row: &Row) -> TargetValue {
    let is_element = !row.target.filter.is_empty() && row.target.name.eq_ignore_ascii_case("roles");
    match row.target.sub.as_deref().filter(|_| is_element) {
        Some("value") => TargetValue::Roles(Roles { roles: vec![Role::from(role)], form: RolesForm::Single }),
        Some("display") => TargetValue::One(Json::from(role.display_name)),
        Some("type") => TargetValue::One(Json::from(APP_ROLE_TYPE)),
        Some(_) | None => {
            let value = Json::from(role.value);
            if row.multi_valued { TargetValue::Many(vec![value]) } else { TargetValue::One(value) }
        }
    }
}

fn scalar(value: &Value, row: &Row) -> Result<Json, AttributeFault> {
    let text = value.text().unwrap_or_default();
    let converted = match row.kind {
        TargetType::Boolean => match value {
            Value::Boolean(value) => Some(Json::from(*value)),
            _ => boolean(&text).map(Json::from),
        },
        TargetType::Integer => text.trim().parse::<i64>().ok().map(Json::from),
        TargetType::DateTime => match value {
            Value::DateTime(at) => Some(Json::from(at.to_string())),
            _ => text.trim().parse::<Timestamp>().ok().map(|_| Json::from(text.trim())),
        },
        TargetType::String | TargetType::Binary | TargetType::Reference => Some(Json::from(text.as_str())),
    };
    converted.ok_or_else(|| {
        let takes = match row.kind {
            TargetType::Boolean => "True or False",
            TargetType::Integer => "a whole number",
            TargetType::DateTime => "a point in time such as 2026-01-31T09:00:00Z",
            TargetType::String | TargetType::Binary | TargetType::Reference => "a text",
        };
        AttributeFault {
            code: FaultCode::AttributeValidationFailed,
            target: row.target.as_str().to_owned(),
            problem: format!("the value of `{}` is invalid: the attribute takes {takes}", row.target),
        }
    })
}

/// A required attribute that has no value.
pub(super) fn missing(row: &Row) -> AttributeFault {
    AttributeFault {
        code: FaultCode::AttributeValidationFailed,
        target: row.target.as_str().to_owned(),
        problem: format!("the value of `{}` is missing, and the target requires it; give it a default", row.target),
    }
}

/// An expression that gave no value.
pub(super) fn failed(row: &Row, fault: &Fault) -> AttributeFault {
    AttributeFault {
        code: FaultCode::ExpressionFailed,
        target: row.target.as_str().to_owned(),
        problem: format!("the expression of `{}` gave no value: {fault}", row.target),
    }
}
