//! An object to evaluate for, and results as text.

use jiff::Timestamp;
use provost_expression::{
    AppRole, AttributeType, Budget, Evaluated, Expression, Fault, Inputs, Outcome, Program, ResultType, Step, Value,
};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// What `Now` gives, as in Entra's documentation.
pub const NOW: &str = "2021-07-02T15:33:38Z";

/// Attributes of every source, besides those that a case has values of.
const KNOWN: &[(&str, AttributeType)] = &[
    ("displayName", AttributeType::Of(ResultType::Text)),
    ("givenName", AttributeType::Of(ResultType::Text)),
    ("surname", AttributeType::Of(ResultType::Text)),
    ("mail", AttributeType::Of(ResultType::Text)),
    ("mobile", AttributeType::Of(ResultType::Text)),
    ("userPrincipalName", AttributeType::Of(ResultType::Text)),
    ("IsSoftDeleted", AttributeType::Of(ResultType::Boolean)),
    ("logonCount", AttributeType::Of(ResultType::Integer)),
    ("employeeHireDate", AttributeType::Of(ResultType::DateTime)),
    ("proxyAddresses", AttributeType::Of(ResultType::MultiValued)),
    ("name", AttributeType::Of(ResultType::Complex)),
    (r#"emails[type eq "work"].value"#, AttributeType::Of(ResultType::Text)),
    ("appRoleAssignments", AttributeType::AppRoleAssignments),
];

/// The attributes of [`KNOWN`] and those of the object.
pub fn attributes(object: &Map<String, Json>) -> Vec<(&str, AttributeType)> {
    let of = |json: &Json| match json {
        Json::Bool(_) => ResultType::Boolean,
        Json::Number(_) => ResultType::Integer,
        Json::Array(_) => ResultType::MultiValued,
        Json::Null | Json::String(_) | Json::Object(_) => ResultType::Text,
    };
    let own = object.iter().filter(|(name, _)| KNOWN.iter().all(|(known, _)| known != name));
    let own = own.map(|(name, json)| (name.as_str(), AttributeType::Of(of(json))));
    KNOWN.iter().copied().chain(own).collect()
}

/// The members of a JSON object; an empty text has none.
pub fn object(text: &str) -> Map<String, Json> {
    if text.is_empty() { Map::new() } else { serde_json::from_str(text).expect("a case holds a JSON object") }
}

pub fn checked(expression: &str, object: &Map<String, Json>) -> Result<Program, Vec<Fault>> {
    let parsed = Expression::parse(expression).map_err(|fault| vec![fault])?;
    parsed.check(attributes(object).as_slice())
}

/// A number that looks random and is the same in every run.
pub fn scrambled(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed ^ (*seed >> 29)
}

pub fn role(number: u128, value: &str, display_name: &str) -> AppRole {
    AppRole { id: Uuid::from_u128(number), value: value.to_owned(), display_name: display_name.to_owned() }
}

pub fn explained(
    program: &Program,
    object: &Map<String, Json>,
    roles: &[AppRole],
    budget: Budget,
) -> (Evaluated, Vec<Step>) {
    let attribute = |name: &str| object.get(name).and_then(Value::from_json).unwrap_or(Value::Null);
    let mut seed = 1;
    let mut random = |bytes: &mut [u8]| {
        for byte in bytes {
            *byte = scrambled(&mut seed).to_le_bytes()[3];
        }
    };
    program.explain(&mut Inputs {
        now: NOW.parse::<Timestamp>().expect("an instant"),
        attribute: &attribute,
        app_roles: roles,
        default_domain: Some("contoso.com"),
        random: &mut random,
        budget,
    })
}

pub fn evaluated(program: &Program, object: &Map<String, Json>, roles: &[AppRole]) -> Evaluated {
    explained(program, object, roles, Budget::default()).0
}

/// What an expression gives for an object, as JSON; or what is wrong.
pub fn result(expression: &str, text: &str, roles: &[AppRole]) -> String {
    let object = object(text);
    match checked(expression, &object) {
        Ok(program) => shown(&evaluated(&program, &object, roles)),
        Err(faults) => format!("refused: {}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
    }
}

pub fn shown(evaluated: &Evaluated) -> String {
    match &evaluated.outcome {
        Ok(Outcome::Value(value)) => value.to_json().to_string(),
        Ok(Outcome::Ignored) => "ignored".to_owned(),
        Ok(Outcome::Candidates(candidates)) => format!("candidates {}", Json::from(candidates.clone())),
        Err(fault) => format!("error: {fault}"),
    }
}

/// Expressions with the object that they are evaluated for, and what they give.
#[track_caller]
pub fn check(cases: &[(&str, &str, &str)]) {
    let wrong = cases.iter().filter_map(|(expression, object, expected)| {
        let result = result(expression, object, &[]);
        (result != *expected).then(|| format!("{expression}\n  for {object}\n  gives  {result}\n  wanted {expected}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
