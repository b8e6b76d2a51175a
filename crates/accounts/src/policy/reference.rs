//! The reference page of the policy, made from its schema and the presets.

use super::{PRESETS, Policy};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fmt::Write as _};
use utoipa::{PartialSchema, ToSchema};

const INTRODUCTION: &str = "\
# The provisioning policy

One document per account says how its SCIM clients are answered. `PUT /api/v1/accounts/{id}/policy` takes the name of a preset or
a document; what a document leaves out comes from its `preset`, or from `standard`. What an account stores is complete: a later
change of a preset changes no account. A refusal names its field, and the audit log keeps it.

This page is made from the source: `UPDATE_EXPECT=1 cargo test -p provost-accounts reference` writes it again.
";

/// The page, in Markdown: every field with its meaning, its values and what the presets choose.
pub fn reference() -> String {
    let mut schemas = Vec::new();
    Policy::schemas(&mut schemas);
    let page = Page {
        schemas: schemas.into_iter().map(|(name, schema)| (name, json!(schema))).collect(),
        presets: PRESETS.map(|(name, text)| (name, serde_json::from_str(text).unwrap_or_default())),
    };
    let mut out = INTRODUCTION.to_owned();
    page.section(&mut out, "", &json!(Policy::schema()));
    out
}

struct Page {
    schemas: BTreeMap<String, Value>,
    presets: [(&'static str, Value); PRESETS.len()],
}

/// One way to fill a field in.
struct Choice {
    /// As it is written in JSON, or what it looks like.
    shown: String,
    meaning: String,
}

/// Characters of a value that are shown.
const VALUE_CHARS_MAX: usize = 80;

/// A value; of a long list its first entries, since the preset's file has them all.
fn shown(value: &Value) -> String {
    let whole = value.to_string();
    let Some(entries) = value.as_array().filter(|_| whole.chars().count() > VALUE_CHARS_MAX) else {
        return format!("`{whole}`");
    };
    let first: Vec<String> = entries.iter().take(3).map(|entry| format!("`{entry}`")).collect();
    format!("{} and others, {} in all", first.join(", "), entries.len())
}

impl Page {
    /// The fields of an object, in the order in which they are declared: plain fields first, then the sections.
    fn section(&self, out: &mut String, path: &str, schema: &Value) {
        let fields = self.presets[0].1.pointer(&pointer(path)).and_then(Value::as_object);
        let names: Vec<&String> = fields.into_iter().flat_map(Map::keys).collect();
        let of = |name: &str| {
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            (path, &schema["properties"][name])
        };
        let (sections, plain): (Vec<&String>, Vec<&String>) =
            names.into_iter().partition(|name| self.resolved(of(name).1)["properties"].is_object());
        for name in plain {
            let (path, field) = of(name);
            self.field(out, &path, field);
        }
        for name in sections {
            let (path, field) = of(name);
            write(out, format_args!("\n## {path}\n\n{}\n", described(field)));
            self.section(out, &path, self.resolved(field));
        }
    }

    fn field(&self, out: &mut String, path: &str, field: &Value) {
        write(out, format_args!("\n### `{path}`\n\n{}\n\n", described(field)));
        let is_list = self.resolved(field)["items"].is_object();
        let choices = self.choices(field);
        let of = self.resolved(&self.resolved(field)["items"]);
        if of["properties"].is_object() {
            write(out, format_args!("Value: a list of objects.\n\n| member | meaning |\n| --- | --- |\n"));
            for (name, member) in of["properties"].as_object().into_iter().flatten() {
                write(out, format_args!("| `{name}` | {} |\n", described(member)));
            }
            out.push('\n');
        } else if choices.is_empty() {
            write(out, format_args!("Value: {}.\n\n", kind(self.resolved(field))));
        } else {
            write(out, format_args!("| {} | meaning |\n| --- | --- |\n", if is_list { "any of" } else { "value" }));
            for Choice { shown, meaning } in choices {
                write(out, format_args!("| {shown} | {} |\n", meaning.replace('\n', " ").replace('|', "\\|")));
            }
            out.push('\n');
        }
        for (value, names) in self.chosen(path) {
            write(out, format_args!("- {}: {}\n", shown(&value), names.join(", ")));
        }
    }

    /// What the presets choose for a field: each value with the presets that have it, both in the order of the presets.
    fn chosen(&self, path: &str) -> Vec<(Value, Vec<&'static str>)> {
        let mut chosen: Vec<(Value, Vec<&'static str>)> = Vec::new();
        for (name, document) in &self.presets {
            let value = document.pointer(&pointer(path)).cloned().unwrap_or_default();
            match chosen.iter_mut().find(|(other, _)| *other == value) {
                Some((_, names)) => names.push(name),
                None => chosen.push((value, vec![name])),
            }
        }
        chosen
    }

    fn choices(&self, field: &Value) -> Vec<Choice> {
        let schema = self.resolved(field);
        let is_list = schema["items"].is_object();
        let of = if is_list { self.resolved(&schema["items"]) } else { schema };
        let ways = of["oneOf"].as_array().map(Vec::as_slice).unwrap_or_default();
        let value = |way: &Value| self.resolved(way).pointer("/oneOf/0/enum/0").or(way.pointer("/enum/0")).cloned();
        ways.iter()
            .map(|way| match value(way) {
                Some(value) => Choice { shown: format!("`{value}`"), meaning: described(way) },
                None => Choice { shown: kind(way), meaning: described(way) },
            })
            .collect()
    }

    /// What a schema refers to, or the schema itself.
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
        name.and_then(|name| self.schemas.get(name)).unwrap_or(schema)
    }
}

fn described(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().trim().to_owned()
}

/// What a value looks like that is not one of a few.
fn kind(schema: &Value) -> String {
    let name = |kind: &Value| match kind.as_str() {
        Some("array") => "a list of texts".to_owned(),
        Some("integer") => "a whole number".to_owned(),
        Some("string") => "a text".to_owned(),
        other => other.unwrap_or("a value").to_owned(),
    };
    if let Value::Array(values) = &schema["enum"] {
        return format!("one of\n{}", values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(",\n"));
    }
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(name).collect::<Vec<_>>().join(" or "),
        kind => name(kind),
    }
}

fn pointer(path: &str) -> String {
    path.split('.').filter(|name| !name.is_empty()).map(|name| format!("/{name}")).collect()
}

fn write(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a String takes all that is written");
}

#[cfg(test)]
mod tests {
    use expect_test::expect_file;

    #[test]
    fn the_reference_page_is_what_the_source_says() {
        expect_file!["../../../../docs/policy.md"].assert_eq(&super::reference());
    }
}
