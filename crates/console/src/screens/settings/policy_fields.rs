//! The fields of a provisioning policy, as its reference (a JSON Schema) declares them: what each means, how it is edited in a form, and
//! how the form is read back. No field is known by name here, so that a new one needs nothing.

use crate::{
    Filled,
    components::{
        field::{Check, Field, boxes_about, circles_about},
        message::marked,
    },
};
use maud::{Markup, html};
use serde_json::{Map, Value, json};

/// Fields whose order means something, so that they are lists of lines although their values are few.
const ORDERED: &str = "matching";
/// Steps of following references in a schema.
const DEPTH_MAX: usize = 8;

/// What a policy may say.
#[derive(Debug)]
pub struct Reference(pub Value);

/// A value that a field may have, and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed<'a> {
    /// As it stands in a document.
    pub value: &'a str,
    /// What it means; empty where the value says it.
    pub meaning: &'a str,
}

/// How a field is edited.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind<'a> {
    /// One of a few values.
    Choice(Vec<Allowed<'a>>),
    /// Any of a few values.
    Boxes(Vec<Allowed<'a>>),
    /// A whole number; `may_be_null` where it may be left out.
    Number {
        /// Whether there may be none.
        may_be_null: bool,
    },
    /// A text.
    Text,
    /// Texts, one a line; `words` stand for something instead of a list, such as `all`.
    Lines {
        /// What each may be; empty for anything.
        allowed: Vec<Allowed<'a>>,
        /// What may stand there instead of a list.
        words: Vec<&'a str>,
    },
    /// Anything else, as JSON.
    Json,
}

/// A field with its value.
#[derive(Clone, Debug)]
pub struct PolicyField<'a> {
    /// Its path, such as `users.on_delete`.
    pub path: String,
    /// What it means.
    pub meaning: &'a str,
    /// How it is edited.
    pub kind: Kind<'a>,
    /// Its value.
    pub value: &'a Value,
}

/// Fields that belong together.
#[derive(Clone, Debug)]
pub struct Section<'a> {
    /// Its name; empty for fields of the document itself.
    pub name: &'a str,
    /// What it is about.
    pub meaning: &'a str,
    /// Its fields.
    pub fields: Vec<PolicyField<'a>>,
}

impl Reference {
    /// The sections of a policy, in the order of the document; fields that stand alone come first.
    pub fn sections<'a>(&'a self, policy: &'a Value) -> Vec<Section<'a>> {
        let mut alone = Section { name: "", meaning: "", fields: Vec::new() };
        let mut sections = Vec::new();
        for (name, value) in policy.as_object().into_iter().flatten() {
            let declared = &self.0["properties"][name];
            let form = self.resolved(declared);
            match (form["properties"].is_object(), value.as_object()) {
                (true, Some(parts)) => {
                    let fields = parts
                        .iter()
                        .map(|(part, value)| self.field(format!("{name}.{part}"), &form["properties"][part], value));
                    sections.push(Section { name, meaning: described(declared), fields: fields.collect() });
                }
                // How it began is told elsewhere.
                _ if name == "preset" => {}
                _ => alone.fields.push(self.field(name.clone(), declared, value)),
            }
        }
        sections.push(alone);
        sections
    }

    fn field<'a>(&'a self, path: String, declared: &'a Value, value: &'a Value) -> PolicyField<'a> {
        let kind = self.kind(&path, declared);
        PolicyField { path, meaning: described(declared), kind, value }
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        for _ in 0..DEPTH_MAX {
            let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) else { break };
            schema = &self.0["components"]["schemas"][name];
        }
        schema
    }

    fn kind<'a>(&'a self, path: &str, declared: &'a Value) -> Kind<'a> {
        let form = self.resolved(declared);
        let allowed = self.allowed(form);
        let list = |form: &'a Value, words: Vec<&'a str>| match self.resolved(&form["items"]) {
            items if items["properties"].is_object() => Kind::Json,
            items => Kind::Lines { allowed: self.allowed(items).unwrap_or_default(), words },
        };
        if let Some(allowed) = allowed {
            return Kind::Choice(allowed);
        }
        if let Some(one_of) = form["oneOf"].as_array() {
            let forms: Vec<&Value> = one_of.iter().map(|form| self.resolved(form)).collect();
            let words: Vec<&str> =
                forms.iter().filter_map(|form| self.allowed(form)).flatten().map(|one| one.value).collect();
            return match forms.iter().find(|form| form["items"].is_object()) {
                Some(form) if forms.len() == 2 && !words.is_empty() => list(form, words),
                Some(_) | None => Kind::Json,
            };
        }
        let types: Vec<&str> = match &form["type"] {
            Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
            other => other.as_str().into_iter().collect(),
        };
        match types.as_slice() {
            ["array"] => match list(form, Vec::new()) {
                Kind::Lines { allowed, .. } if !allowed.is_empty() && !path.ends_with(ORDERED) => Kind::Boxes(allowed),
                kind => kind,
            },
            ["integer"] => Kind::Number { may_be_null: false },
            ["integer", "null"] => Kind::Number { may_be_null: true },
            ["string"] => Kind::Text,
            _ => Kind::Json,
        }
    }

    /// The values of a form that has only so many texts.
    fn allowed<'a>(&'a self, form: &'a Value) -> Option<Vec<Allowed<'a>>> {
        if let Some(values) = form["enum"].as_array() {
            let one = |value: &'a Value| Some(Allowed { value: value.as_str()?, meaning: "" });
            let meaning = described(form);
            return values
                .iter()
                .map(|value| one(value).map(|one| if values.len() == 1 { Allowed { meaning, ..one } } else { one }))
                .collect();
        }
        let one_of = form["oneOf"].as_array()?;
        let mut all = Vec::new();
        for declared in one_of {
            let form = self.resolved(declared);
            let value = form["enum"].as_array().filter(|values| values.len() == 1)?.first()?.as_str()?;
            all.push(Allowed { value, meaning: described(declared) });
        }
        Some(all)
    }
}

fn described(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or("")
}

impl PolicyField<'_> {
    /// The value, as a document writes it; a text without its marks.
    pub fn shown(&self) -> String {
        match self.value {
            Value::Null => "none".to_owned(),
            Value::String(text) => text.clone(),
            Value::Array(values) if values.is_empty() => "none".to_owned(),
            Value::Array(values) if values.iter().all(Value::is_string) => {
                values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        }
    }

    /// What the present value means.
    pub fn shown_meaning(&self) -> &str {
        let Kind::Choice(allowed) = &self.kind else { return "" };
        let value = self.value.as_str();
        allowed.iter().find(|one| Some(one.value) == value).map_or("", |one| one.meaning)
    }

    /// What a form begins with.
    fn begin(&self, into: &mut Vec<(String, String)>) {
        let mut put = |text: String| into.push((self.path.clone(), text));
        match (&self.kind, self.value) {
            (Kind::Boxes(_), Value::Array(values)) => {
                values.iter().filter_map(Value::as_str).for_each(|value| put(value.to_owned()));
            }
            (Kind::Lines { .. }, Value::Array(values)) => {
                put(values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"));
            }
            (Kind::Json, value) => put(value.to_string()),
            (_, Value::Null) => put(String::new()),
            (_, Value::String(text)) => put(text.clone()),
            (_, value) => put(value.to_string()),
        }
    }

    /// What a form says.
    fn read(&self, filled: &Filled) -> Result<Value, String> {
        let text = filled.value(&self.path).trim();
        match &self.kind {
            Kind::Choice(_) | Kind::Text => Ok(json!(text)),
            Kind::Boxes(_) => Ok(filled.all(&self.path).collect()),
            Kind::Number { may_be_null: true } if text.is_empty() => Ok(Value::Null),
            Kind::Number { .. } => text.parse::<u64>().map(Value::from).map_err(|_| "give a whole number".to_owned()),
            Kind::Lines { words, .. } => {
                let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
                match lines.as_slice() {
                    [word] if words.contains(word) => Ok(json!(word)),
                    lines => Ok(json!(lines)),
                }
            }
            Kind::Json => serde_json::from_str(text).map_err(|error| format!("this is no JSON: {error}")),
        }
    }

    /// Its row in a form.
    pub fn row(&self, filled: &Filled) -> Markup {
        let (path, meaning) = (self.path.as_str(), prose(self.meaning));
        let meanings =
            |allowed: &[Allowed<'_>]| -> Vec<String> { allowed.iter().map(|one| plain(one.meaning)).collect() };
        match &self.kind {
            Kind::Choice(allowed) if allowed.iter().any(|one| !one.meaning.is_empty()) => {
                circles_about(path, path, &meaning, &checks(allowed, &meanings(allowed)), filled)
            }
            Kind::Choice(allowed) => {
                let options: Vec<(&str, &str)> = allowed.iter().map(|one| (one.value, one.value)).collect();
                Field::choice(path, path, &options).hint(meaning).row(filled)
            }
            Kind::Boxes(allowed) => boxes_about(path, path, &meaning, &checks(allowed, &meanings(allowed)), filled),
            Kind::Number { may_be_null } => {
                let field = Field::number(path, path).hint(meaning);
                if *may_be_null { field.optional().row(filled) } else { field.row(filled) }
            }
            Kind::Text => Field::text(path, path).hint(meaning).mono().row(filled),
            Kind::Lines { allowed, words } => {
                let hint = html! {
                    (meaning) " One a line"
                    @if !words.is_empty() { ", or only " @for word in words { code { (word) } } }
                    @if !allowed.is_empty() { ": " @for one in allowed { code { (one.value) } " " } }
                    "."
                };
                Field::lines(path, path, 4).hint(hint).mono().optional().row(filled)
            }
            Kind::Json => Field::lines(path, path, 3).hint(html! { (meaning) " As JSON." }).mono().row(filled),
        }
    }
}

/// Values to choose from, each with what it means.
fn checks<'a>(allowed: &'a [Allowed<'_>], meanings: &'a [String]) -> Vec<Check<'a>> {
    let pairs = allowed.iter().zip(meanings);
    let hint = |meaning: &'a String| Some(meaning.as_str()).filter(|text| !text.is_empty());
    pairs.map(|(one, meaning)| Check { value: one.value, label: one.value, hint: hint(meaning) }).collect()
}

/// What a form for these sections begins with.
pub fn begin(sections: &[Section<'_>]) -> Filled {
    let mut values = Vec::new();
    for field in sections.iter().flat_map(|section| &section.fields) {
        field.begin(&mut values);
    }
    Filled::new(values)
}

/// The document that a form says: `policy` with its fields changed. What cannot be read is said beside its field, and then there is none.
pub fn read(sections: &[Section<'_>], policy: &Value, filled: &mut Filled) -> Option<Value> {
    let mut document = policy.clone();
    for field in sections.iter().flat_map(|section| &section.fields) {
        match field.read(filled) {
            Ok(value) => put(&mut document, &field.path, value),
            Err(problem) => filled.refuse_field(&field.path, problem),
        }
    }
    (!filled.is_refused()).then_some(document)
}

fn put(document: &mut Value, path: &str, value: Value) {
    let (section, name) = path.split_once('.').map_or((None, path), |(section, name)| (Some(section), name));
    let fields: Option<&mut Map<String, Value>> = match section {
        Some(section) => document.get_mut(section).and_then(Value::as_object_mut),
        None => document.as_object_mut(),
    };
    if let Some(fields) = fields {
        fields.insert(name.to_owned(), value);
    }
}

/// A description as people read it: without the numbers of requirements, with code as code.
pub fn prose(text: &str) -> Markup {
    marked(&plain(text))
}

/// A description on one line, without the numbers of requirements: `(C2, P-10)` and the like.
fn plain(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('(') {
        let Some((inside, behind)) = after.split_once(')') else { break };
        let is_number = |word: &str| {
            let digits = word.trim_start_matches(|letter: char| letter.is_ascii_uppercase() || letter == '-');
            digits.len() < word.len() && !digits.is_empty() && digits.chars().all(|digit| digit.is_ascii_digit())
        };
        shown.push_str(before);
        if inside.split([',', ' ', ';']).filter(|word| !word.is_empty()).all(is_number) {
            shown.truncate(shown.trim_end().len());
        } else {
            shown.push('(');
            shown.push_str(inside);
            shown.push(')');
        }
        rest = behind;
    }
    shown.push_str(rest);
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference() -> Reference {
        Reference(json!({
            "properties": {
                "preset": { "type": "string" },
                "notify": { "oneOf": [
                    { "type": "string", "enum": ["none"], "description": "Nobody." },
                    { "type": "string", "enum": ["user"], "description": "The user (C20)." },
                ], "description": "Who gets mail (C20, P-30)." },
                "users": { "$ref": "#/components/schemas/Users", "description": "Users." },
            },
            "components": { "schemas": {
                "All": { "type": "string", "enum": ["all"] },
                "Users": { "type": "object", "properties": {
                    "attributes": { "oneOf": [
                        { "$ref": "#/components/schemas/All" },
                        { "type": "array", "items": { "type": "string" } },
                    ] },
                    "max": { "type": ["integer", "null"] },
                    "days": { "type": "integer" },
                    "matching": { "type": "array", "items": { "type": "string", "enum": ["a", "b"] } },
                    "guards": { "type": "array", "items": { "type": "string", "enum": ["a", "b"] } },
                    "roles": { "type": "array", "items": { "type": "object", "properties": { "x": {} } } },
                } },
            } },
        }))
    }

    fn policy() -> Value {
        json!({
            "preset": "standard",
            "users": { "attributes": "all", "max": null, "days": 3, "matching": ["b", "a"], "guards": ["b"], "roles": [{ "x": 1 }] },
            "notify": "none",
        })
    }

    #[test]
    fn a_form_that_nobody_changed_says_the_same_policy() {
        let (reference, policy) = (reference(), policy());
        let sections = reference.sections(&policy);
        let mut filled = begin(&sections);
        assert_eq!(read(&sections, &policy, &mut filled), Some(policy.clone()));
    }

    #[test]
    fn what_is_typed_is_read_by_the_kind_of_the_field() {
        let (reference, policy) = (reference(), policy());
        let sections = reference.sections(&policy);
        for (field, typed, becomes) in [
            ("users.attributes", "userName\r\n active\n\n", Ok(json!(["userName", "active"]))),
            ("users.attributes", "all", Ok(json!("all"))),
            ("users.max", "7", Ok(json!(7))),
            ("users.max", "", Ok(Value::Null)),
            ("users.days", "", Err("give a whole number")),
            ("users.days", "-1", Err("give a whole number")),
            ("users.guards", "a", Ok(json!(["a"]))),
            ("users.roles", "[", Err("this is no JSON: EOF while parsing a list at line 1 column 1")),
            ("notify", "user", Ok(json!("user"))),
        ] {
            let mut pairs = begin(&sections).pairs().to_vec();
            pairs.retain(|(name, _)| name != field);
            pairs.push((field.to_owned(), typed.to_owned()));
            let mut filled = Filled::new(pairs);
            let read = read(&sections, &policy, &mut filled);
            match becomes {
                Ok(value) => {
                    let pointer = format!("/{}", field.replace('.', "/"));
                    assert_eq!(read.unwrap().pointer(&pointer), Some(&value), "{field} {typed}");
                }
                Err(problem) => assert_eq!((read, filled.fault(field)), (None, Some(problem)), "{field} {typed}"),
            }
        }
    }

    #[test]
    fn descriptions_lose_the_numbers_of_requirements_only() {
        for (text, said) in [
            ("Who gets mail (C20, P-30). Nobody.", "Who gets mail. Nobody."),
            ("Only (most of) them\nare (S-12) here", "Only (most of) them are here"),
            ("open ( bracket", "open ( bracket"),
        ] {
            assert_eq!(plain(text), said);
        }
        assert_eq!(prose("say `a<b` once").into_string(), "say <code>a&lt;b</code> once");
    }
}
