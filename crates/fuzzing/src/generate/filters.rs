//! Filters as texts, most of which mean something for the type.

use super::resources::of_type;
use crate::Choices;
use provost_scim::{Attribute, ResourceType, Type};

/// Levels of connectives that a filter has at most.
const DEPTH: usize = 3;

/// A filter on resources of the type.
pub fn filter(choices: &mut Choices<'_>, kind: &ResourceType) -> String {
    connected(choices, DEPTH, &mut |choices| on_resource(choices, kind))
}

/// What may stand between the brackets of an attribute.
pub fn filter_within(choices: &mut Choices<'_>, attribute: &Attribute) -> String {
    connected(choices, 1, &mut |choices| on_element(choices, attribute))
}

fn connected(choices: &mut Choices<'_>, depth: usize, leaf: &mut dyn FnMut(&mut Choices<'_>) -> String) -> String {
    match choices.below(if depth == 0 { 1 } else { 6 }) {
        1 => format!("{} and {}", connected(choices, depth - 1, leaf), connected(choices, depth - 1, leaf)),
        2 => format!("{} or {}", connected(choices, depth - 1, leaf), connected(choices, depth - 1, leaf)),
        3 => format!("not ({})", connected(choices, depth - 1, leaf)),
        4 => format!("({} OR  {})", connected(choices, depth - 1, leaf), connected(choices, depth - 1, leaf)),
        _ => leaf(choices),
    }
}

fn on_resource(choices: &mut Choices<'_>, kind: &ResourceType) -> String {
    let schemas: Vec<_> =
        std::iter::once(&kind.schema).chain(kind.extensions.iter().map(|(schema, _)| schema)).collect();
    let place = choices.below(schemas.len());
    let schema = schemas[place];
    if choices.one_in(12) {
        let common = [
            "id eq \"1\"",
            "externalId pr",
            "schemas eq \"urn:example:site\"",
            "meta.created gt \"2011-05-13T06:42:34+02:00\"",
            "meta pr",
            "id eq null",
            "nobody eq \"a\"",
            "urn:example:Site pr",
        ];
        return (*choices.pick(&common)).to_owned();
    }
    let attribute = choices.pick(&schema.attributes);
    let mut path = written(choices, &attribute.name);
    if place > 0 || choices.one_in(8) {
        path = format!("{}:{path}", schema.id);
    }
    if attribute.kind == Type::Complex || attribute.multi_valued {
        if choices.one_in(3) {
            return format!("{path}[{}]", filter_within(choices, attribute));
        }
        if !attribute.sub_attributes.is_empty() && !choices.one_in(5) {
            let sub = choices.pick(&attribute.sub_attributes);
            let path = format!("{path}.{}", written(choices, &sub.name));
            return expression(choices, &path, sub);
        }
    }
    let compared = attribute.sub_attribute("value").filter(|_| attribute.kind == Type::Complex).unwrap_or(attribute);
    expression(choices, &path, compared)
}

fn on_element(choices: &mut Choices<'_>, attribute: &Attribute) -> String {
    if choices.one_in(20) {
        return "nobody pr".to_owned();
    }
    if attribute.sub_attributes.is_empty() {
        return expression(choices, "value", attribute);
    }
    let sub = choices.pick(&attribute.sub_attributes);
    let path = written(choices, &sub.name);
    expression(choices, &path, sub)
}

/// A path with an operator and a literal, which mostly fit the attribute.
fn expression(choices: &mut Choices<'_>, path: &str, attribute: &Attribute) -> String {
    if choices.one_in(6) {
        return format!("{path} pr");
    }
    let literal = match choices.below(14) {
        12 => "null".to_owned(),
        13 => (*choices.pick(&["true", "\"TRUE\"", "1", "1.5e2", "\"2011-05-13T06:42:34+02:00\"", "\"x\"", "-0"]))
            .to_owned(),
        _ => of_type(choices, attribute).to_string(),
    };
    let operators = match attribute.kind {
        Type::Boolean => ["eq", "ne", "eq", "ne", "eq", "ne", "EQ", "co", "gt"],
        Type::Integer | Type::Decimal | Type::DateTime => ["eq", "ne", "gt", "ge", "lt", "le", "Gt", "eq", "co"],
        Type::Binary => ["eq", "ne", "co", "sw", "ew", "eq", "ne", "Sw", "lt"],
        Type::String | Type::Reference | Type::Complex => ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"],
    };
    format!("{path} {} {literal}", choices.pick(&operators))
}

/// A name in some case.
pub(super) fn written(choices: &mut Choices<'_>, name: &str) -> String {
    if choices.one_in(6) { name.to_uppercase() } else { name.to_owned() }
}
