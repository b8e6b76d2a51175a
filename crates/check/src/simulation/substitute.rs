//! What stands in a recording, put into the words of another run: its base, its names and the ids that the server gave this time.

use super::recording::{Body, Recorded, Recording};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What stands for itself in a value that is part of a path.
const VALUE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b'@');
/// Most ids that are remembered.
const IDS_MAX: usize = 100_000;

/// What is put in place of what.
#[derive(Clone, Debug)]
pub struct Names {
    /// Texts that are replaced wherever they stand: the base, the beginning of names, the domain.
    texts: Vec<(String, String)>,
    /// Ids, which may be as short as `1`, and are replaced only where an id stands.
    ids: Vec<(String, String)>,
}

impl Names {
    /// Of a recording, for a run at `url` with names of its own.
    pub fn new(recording: &Recording, url: &str, prefix: &str, domain: &str) -> Self {
        let pair = |old: &str, new: &str| (old.to_owned(), new.to_owned());
        let texts = vec![pair(&recording.url, url), pair(&recording.prefix, prefix), pair(&recording.domain, domain)];
        Self { texts, ids: Vec::new() }
    }

    /// Remembers which id has taken the place of which: those of resources that stand at the same places of two answers.
    pub fn learn(&mut self, recorded: &Value, now: &Value) {
        if let (Some(old), Some(new)) = (recorded["id"].as_str(), now["id"].as_str()) {
            let is_known = self.ids.iter().any(|(known, _)| known == old);
            if !old.is_empty() && !is_known && self.ids.len() < IDS_MAX {
                self.ids.push((old.to_owned(), new.to_owned()));
            }
        }
        let (old, new) = (recorded["Resources"].as_array(), now["Resources"].as_array());
        if let Some((old, new)) = old.zip(new).filter(|(old, new)| old.len() == new.len()) {
            old.iter().zip(new).for_each(|(old, new)| self.learn(old, new));
        }
    }

    /// An exchange in the words of this run.
    pub fn exchange(&self, recorded: &Recorded) -> Recorded {
        let body = |body: &Body| match body {
            Body::Json(value) => Body::Json(self.json(value)),
            Body::Text(text) => Body::Text(self.text(text)),
        };
        Recorded {
            path: self.path(&recorded.path),
            headers: recorded
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), value.as_deref().map(|value| self.text(value))))
                .collect(),
            sent: recorded.sent.as_ref().map(body),
            came: recorded.came.as_ref().map(body),
            ..recorded.clone()
        }
    }

    fn json(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(elements) => elements.iter().map(|element| self.json(element)).collect(),
            Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), self.json(value))).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// An id is the whole text, a segment of an address, or stands in quotation marks.
    fn text(&self, text: &str) -> String {
        if let Some((_, new)) = self.ids.iter().find(|(old, _)| old == text) {
            return new.clone();
        }
        let mut text = self.plain(text);
        for (old, new) in &self.ids {
            text = between(&text, "/", old, new, &["/", "?", "\""]);
            text = between(&text, "\"", old, new, &["\""]);
        }
        text
    }

    fn path(&self, path: &str) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, VALUE).to_string();
        let mut path = self.texts.iter().fold(path.to_owned(), |path, (old, new)| path.replace(old, &encoded(new)));
        for (old, new) in &self.ids {
            let [old, new] = [old, new].map(|id| encoded(id));
            path = between(&path, "/", &old, &new, &["/", "?"]);
            path = between(&path, "%22", &old, &new, &["%22"]);
        }
        path
    }

    fn plain(&self, text: &str) -> String {
        self.texts.iter().fold(text.to_owned(), |text, (old, new)| text.replace(old, new))
    }
}

/// The text with `new` for `old`, where that stands behind `before` and in front of one of `after`, or of the end where one of them is a
/// slash.
fn between(text: &str, before: &str, old: &str, new: &str, after: &[&str]) -> String {
    let sought = format!("{before}{old}");
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((head, tail)) = rest.split_once(&sought) {
        let ends = after.iter().any(|one| tail.starts_with(one)) || (tail.is_empty() && after.contains(&"/"));
        out.push_str(head);
        out.push_str(before);
        out.push_str(if ends { new } else { old });
        rest = tail;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::Names;
    use serde_json::json;

    fn names() -> Names {
        let pair = |old: &str, new: &str| (old.to_owned(), new.to_owned());
        Names {
            texts: vec![pair("http://old/scim", "https://new"), pair("sim-1-", "sim-2-")],
            ids: vec![pair("1", "77"), pair("a b", "c")],
        }
    }

    #[test]
    fn an_id_is_replaced_only_where_an_id_stands() {
        for (text, new) in [
            ("1", "77"),
            ("11", "11"),
            ("sim-1-ann", "sim-2-ann"),
            ("http://old/scim/Users/1", "https://new/Users/77"),
            ("http://old/scim/Users/12", "https://new/Users/12"),
            ("members[value eq \"1\"]", "members[value eq \"77\"]"),
            ("room 1", "room 1"),
        ] {
            assert_eq!(names().text(text), new);
        }
        for (path, new) in [
            ("/Users/1", "/Users/77"),
            ("/Users/1?x=1", "/Users/77?x=1"),
            ("/Users/a%20b", "/Users/c"),
            ("/Users?filter=id%20eq%20%221%22&count=1", "/Users?filter=id%20eq%20%2277%22&count=1"),
            ("/Groups/1/x", "/Groups/77/x"),
        ] {
            assert_eq!(names().path(path), new);
        }
    }

    #[test]
    fn ids_are_learned_from_answers() {
        let mut names = names();
        names.learn(&json!({ "id": "x" }), &json!({ "id": "y" }));
        names.learn(&json!({ "Resources": [{ "id": "p" }] }), &json!({ "Resources": [{ "id": "q" }] }));
        names.learn(&json!({ "Resources": [{ "id": "r" }] }), &json!({ "Resources": [] }));
        names.learn(&json!({ "id": 7 }), &json!({ "id": "z" }));
        let old = json!({ "members": [{ "value": "x" }, { "value": "p" }, { "value": "r" }] });
        assert_eq!(names.json(&old), json!({ "members": [{ "value": "y" }, { "value": "q" }, { "value": "r" }] }));
    }
}
