//! What a case knows while it runs: its variables.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use provost_scim::urn;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What stands for itself everywhere in a path and its query; the rest of what a case writes there is encoded.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'\\')
    .add(b'^')
    .add(b'|')
    .add(b'[')
    .add(b']')
    .add(b'#');
/// What stands for itself in a value that is put into a path.
const VALUE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b'@');

/// An id that no server gives.
const NOBODY: &str = "018f4a3c-0000-7000-8000-00000c4ec4ed";

/// The variables of a case, and the values of those that are known so far.
#[derive(Clone, Debug, Default)]
pub struct State {
    values: BTreeMap<String, Value>,
}

/// The names of what every case knows, and what a step that sends several requests knows besides.
pub const GIVEN: &[&str] = &[
    "name",
    "mail",
    "domain",
    "nobody",
    "base",
    "i",
    "it",
    "USER",
    "GROUP",
    "ENTERPRISE",
    "PATCH",
    "SEARCH",
    "LIST",
    "ERROR",
    "BULK",
    "BULK_RESPONSE",
    "SPC",
    "RESOURCE_TYPE",
    "SCHEMA",
    "bulk.maxOperations",
    "bulk.over",
    "bulk.maxPayloadSize",
    "filter.maxResults",
];

impl State {
    /// What a case knows when it begins. Everything that it makes has a name that begins with `name`.
    pub fn new(name: &str, domain: &str, base: &str) -> Self {
        let mut state = Self::default();
        for (key, value) in [
            ("name", name),
            ("domain", domain),
            ("nobody", NOBODY),
            ("base", base),
            ("USER", urn::USER),
            ("GROUP", urn::GROUP),
            ("ENTERPRISE", urn::ENTERPRISE_USER),
            ("PATCH", urn::PATCH_OP),
            ("SEARCH", urn::SEARCH_REQUEST),
            ("LIST", urn::LIST_RESPONSE),
            ("ERROR", urn::ERROR),
            ("BULK", urn::BULK_REQUEST),
            ("BULK_RESPONSE", urn::BULK_RESPONSE),
            ("SPC", urn::SERVICE_PROVIDER_CONFIG),
            ("RESOURCE_TYPE", urn::RESOURCE_TYPE),
            ("SCHEMA", urn::SCHEMA),
        ] {
            state.set(key, json!(value));
        }
        state.set("mail", json!(format!("{name}@{domain}")));
        state
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: Value) {
        self.values.insert(name.to_owned(), value);
    }

    /// A variable's value.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Takes a variable's value away.
    pub fn unset(&mut self, name: &str) {
        self.values.remove(name);
    }

    /// Whether a variable has a value that says something: not nothing, null or an empty text.
    pub fn says(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|value| !value.is_null() && *value != json!(""))
    }

    /// The text with every `${name}` replaced.
    pub fn text(&self, template: &str) -> String {
        self.replaced(template, |value| value)
    }

    /// A path and query below the service, encoded: what the template holds by itself keeps its structure, values become plain text.
    pub fn path(&self, template: &str) -> String {
        let with_values = self.replaced(template, |value| utf8_percent_encode(&value, VALUE).to_string());
        utf8_percent_encode(&with_values, PATH).to_string()
    }

    /// JSON with every `${name}` replaced in its texts and names. A text that is one variable becomes its value, whatever type it has; an
    /// object `{"$repeat": N, "of": X}` in an array becomes N times X, each with its own `${i}`.
    pub fn json(&self, template: &Value) -> Value {
        match template {
            Value::String(text) => {
                let text = self.numbered(text);
                match whole(&text).and_then(|name| self.values.get(name)) {
                    Some(value) => value.clone(),
                    None => Value::String(self.text(&text)),
                }
            }
            Value::Array(elements) => Value::Array(elements.iter().flat_map(|element| self.element(element)).collect()),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (self.text(name), self.json(value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Value::Null | Value::Bool(_) | Value::Number(_) => template.clone(),
        }
    }

    fn element(&self, element: &Value) -> Vec<Value> {
        let (Some(times), Some(of)) = (element.get("$repeat"), element.get("of")) else {
            return vec![self.json(element)];
        };
        let times = self.json(times).as_u64().unwrap_or_default().min(REPEAT_MAX);
        let mut state = self.clone();
        let repeated = (0..times).map(|number| {
            state.set("i", json!(number.to_string()));
            state.json(of)
        });
        repeated.collect()
    }

    /// `${i}` may stand within another variable's name: `${u${i}}`.
    fn numbered(&self, template: &str) -> String {
        let number = self.values.get("i").and_then(Value::as_str);
        number.map_or_else(|| template.to_owned(), |number| template.replace("${i}", number))
    }

    fn replaced(&self, template: &str, show: impl Fn(String) -> String) -> String {
        let template = self.numbered(template);
        let (mut text, mut rest) = (String::with_capacity(template.len()), template.as_str());
        while let Some((before, after)) = rest.split_once("${") {
            text.push_str(before);
            let Some((name, behind)) = after.split_once('}') else {
                text.push_str("${");
                rest = after;
                continue;
            };
            match self.values.get(name) {
                Some(Value::String(value)) => text.push_str(&show(value.clone())),
                Some(value) => text.push_str(&show(value.to_string())),
                None => text.push_str(&format!("${{{name}}}")),
            }
            rest = behind;
        }
        text + rest
    }
}

/// Most elements that a `$repeat` makes.
const REPEAT_MAX: u64 = 5_000;

/// The names of the variables in a text.
pub fn variables(text: &str) -> Vec<&str> {
    text.split("${").skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

/// The name of the one variable that the whole text is.
pub fn whole(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    (!name.contains("${")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{State, variables};
    use serde_json::json;

    fn state() -> State {
        let mut state = State::new("check-1", "b.example", "https://a");
        state.set("id", json!("a/b c"));
        state.set("u1", json!("second"));
        state.set("list", json!([1, 2]));
        state
    }

    #[test]
    fn values_are_text_in_a_path_and_the_rest_keeps_its_structure() {
        for (template, path) in [
            ("/Users/${id}", "/Users/a%2Fb%20c"),
            (
                "/Users?filter=userName eq \"${mail}\"&count=1",
                "/Users?filter=userName%20eq%20%22check-1@b.example%22&count=1",
            ),
            ("/Users?filter=emails[type eq \"work\"]", "/Users?filter=emails%5Btype%20eq%20%22work%22%5D"),
            ("/Users?filter=a+eq+1%25", "/Users?filter=a+eq+1%25"),
            ("/${unknown}", "/$%7Bunknown%7D"),
        ] {
            assert_eq!(state().path(template), path);
        }
    }

    #[test]
    fn a_whole_variable_keeps_its_type_and_a_number_may_choose_it() {
        let mut state = state();
        state.set("i", json!("1"));
        let template = json!({ "${USER}": "${list}", "text": "of ${list}", "chosen": "${u${i}}" });
        let expected =
            json!({ "urn:ietf:params:scim:schemas:core:2.0:User": [1, 2], "text": "of [1,2]", "chosen": "second" });
        assert_eq!(state.json(&template), expected);
    }

    #[test]
    fn repeat_makes_elements() {
        let template = json!(["first", { "$repeat": 2, "of": { "n": "${i}" } }]);
        assert_eq!(state().json(&template), json!(["first", { "n": "0" }, { "n": "1" }]));
    }

    #[test]
    fn variables_are_found_in_a_text() {
        assert_eq!(variables("a ${b} ${c.d}${u${i}}$e"), ["b", "c.d", "i"]);
    }
}
