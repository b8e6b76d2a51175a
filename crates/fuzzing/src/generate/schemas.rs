//! Resource types with every data type and mutability.

use crate::Choices;
use provost_scim::{ResourceType, Schema};
use serde_json::{Value, json};

const NAMES: [&str; 6] = ["alpha", "beta", "Gamma", "delta", "epsilon", "zeta"];
const SUBS: [&str; 6] = ["value", "type", "primary", "note", "codes", "$ref"];
const TYPES: [&str; 8] = ["string", "complex", "boolean", "integer", "decimal", "dateTime", "binary", "reference"];

/// A resource type with one or two extensions.
pub fn kind(choices: &mut Choices<'_>) -> ResourceType {
    let mut extensions = vec![(schema(choices, "urn:example:Site"), choices.one_in(4))];
    if choices.one_in(2) {
        // Begins as the other one does.
        extensions.push((schema(choices, "urn:example:Site:2.0:More"), false));
    }
    ResourceType {
        name: "Thing".to_owned(),
        endpoint: "/Things".to_owned(),
        description: String::new(),
        schema: schema(choices, "urn:example:Thing"),
        extensions,
        indexed: Vec::new(),
        building: Vec::new(),
    }
}

fn schema(choices: &mut Choices<'_>, urn: &str) -> Schema {
    let count = 1 + choices.below(NAMES.len());
    let attributes: Vec<Value> = NAMES[..count].iter().map(|name| attribute(choices, name)).collect();
    let document = json!({ "id": urn, "name": "Thing", "attributes": attributes });
    Schema::load(&document.to_string()).expect("the schema that is made keeps the rules")
}

fn attribute(choices: &mut Choices<'_>, name: &str) -> Value {
    let kind = if choices.one_in(2) { "complex" } else { *choices.pick(&TYPES) };
    let multi_valued = choices.one_in(2);
    let mut attribute = simple(choices, name, kind, multi_valued);
    if kind == "complex" {
        let is_fixed = attribute["mutability"] == "readOnly";
        let mut subs = Vec::new();
        for sub in SUBS {
            if sub == "value" || choices.one_in(2) {
                subs.push(sub_attribute(choices, sub, multi_valued, is_fixed));
            }
        }
        attribute["subAttributes"] = Value::Array(subs);
    }
    attribute
}

fn sub_attribute(choices: &mut Choices<'_>, name: &str, in_several: bool, is_fixed: bool) -> Value {
    let kind = match name {
        "primary" => "boolean",
        "$ref" => "reference",
        _ if choices.one_in(4) => *choices.pick(&["boolean", "integer", "decimal", "dateTime", "binary"]),
        _ => "string",
    };
    let multi_valued = name == "codes" && choices.one_in(2);
    let mut sub = simple(choices, name, kind, multi_valued);
    // An immutable `value` makes the elements edges, which stand in no document.
    if in_several && name == "value" && sub["mutability"] == "immutable" || name == "primary" {
        sub["mutability"] = json!("readWrite");
        sub["returned"] = json!("default");
        sub["required"] = json!(false);
    }
    if is_fixed {
        sub["mutability"] = json!("readOnly");
        sub["returned"] = json!("default");
        sub["required"] = json!(false);
    }
    sub
}

fn simple(choices: &mut Choices<'_>, name: &str, kind: &str, multi_valued: bool) -> Value {
    let mutability = *choices.pick(&["readWrite", "readWrite", "readWrite", "immutable", "readOnly", "writeOnly"]);
    let hidden = mutability == "writeOnly" || mutability != "readOnly" && choices.one_in(12);
    json!({
        "name": name,
        "type": kind,
        "multiValued": multi_valued,
        "required": mutability != "readOnly" && choices.one_in(5),
        "caseExact": choices.one_in(2) || kind == "binary" || kind == "reference",
        "mutability": mutability,
        "returned": if hidden { "never" } else { "default" },
    })
}
