//! Two answers to one request: the recorded one, and that of now.

use super::recording::{Body, Recorded};
use crate::script::Level;
use serde_json::Value;

/// Most differences that are told of one answer.
const TOLD_MAX: usize = 20;
/// Longest value that is told, in characters.
const SHOWN_MAX: usize = 80;
/// Longest lists whose elements are sought in each other.
const ELEMENTS_MAX: usize = 500;
/// What `meta` says of the time, which is another each time.
const TIMES: [&str; 3] = ["created", "lastModified", "version"];

/// What is otherwise now than it was recorded, each with how much it matters. `recorded` is in the words of this run.
///
/// A status or a value that is another is as bad as a MUST that does not hold. What is there in addition, and what an error says to people,
/// may be otherwise. The order of values in a list says nothing (RFC 7643 §2.4).
pub fn differences(recorded: &Recorded, status: u16, came: Option<&Body>) -> Vec<(Level, String)> {
    let mut out = Vec::new();
    if recorded.status != status {
        out.push((Level::Must, format!("the status was {}, and is {}", word(recorded.status), word(status))));
        // An error beside what is none: the bodies have nothing in common.
        if recorded.status.max(status) >= 400 || recorded.status.min(status) == 0 {
            return out;
        }
    }
    match (&recorded.came, came) {
        (Some(Body::Json(old)), Some(Body::Json(new))) => walk("", old, new, &mut out),
        (Some(Body::Text(old)), Some(Body::Text(new))) if old == new => {}
        (None, None) => {}
        (Some(old), Some(new)) => {
            out.push((Level::Must, format!("the body was {}, and is {}", body(old), body(new))));
        }
        (Some(old), None) => out.push((Level::Must, format!("the body was {}, and there is none", body(old)))),
        (None, Some(new)) => out.push((Level::May, format!("there was no body, and it is {}", body(new)))),
    }
    out.truncate(TOLD_MAX);
    out
}

fn walk(at: &str, old: &Value, new: &Value, out: &mut Vec<(Level, String)>) {
    if out.len() >= TOLD_MAX {
        return;
    }
    match (old, new) {
        (Value::Object(olds), Value::Object(news)) => {
            let is_told = |name: &str| !(at.ends_with("/meta") && TIMES.contains(&name));
            for (name, old) in olds.iter().filter(|(name, _)| is_told(name)) {
                match news.get(name) {
                    Some(new) => walk(&format!("{at}/{name}"), old, new, out),
                    None => out.push((Level::Must, format!("`{at}/{name}` was {}, and is missing", short(old)))),
                }
            }
            for (name, new) in news.iter().filter(|(name, _)| is_told(name) && !olds.contains_key(*name)) {
                out.push((Level::May, format!("`{at}/{name}` was not there, and is {}", short(new))));
            }
        }
        (Value::Array(olds), Value::Array(news)) if olds.len() == news.len() => {
            if !has_same_elements(olds, news) {
                for (place, (old, new)) in olds.iter().zip(news).enumerate() {
                    walk(&format!("{at}/{place}"), old, new, out);
                }
            }
        }
        (Value::Array(olds), Value::Array(news)) => {
            out.push((Level::Must, format!("`{at}` had {} elements, and has {}", olds.len(), news.len())));
        }
        _ if old == new => {}
        _ => {
            let level = if at == "/detail" { Level::May } else { Level::Must };
            out.push((level, format!("`{at}` was {}, and is {}", short(old), short(new))));
        }
    }
}

/// Whether each element of one has an equal one of its own in the other.
fn has_same_elements(olds: &[Value], news: &[Value]) -> bool {
    if olds.len() > ELEMENTS_MAX {
        return olds.iter().zip(news).all(|(old, new)| is_same(old, new));
    }
    let mut left: Vec<&Value> = news.iter().collect();
    olds.iter().all(|old| match left.iter().position(|new| is_same(old, new)) {
        Some(place) => {
            left.swap_remove(place);
            true
        }
        None => false,
    })
}

fn is_same(old: &Value, new: &Value) -> bool {
    let mut out = Vec::new();
    walk("", old, new, &mut out);
    out.is_empty()
}

fn word(status: u16) -> String {
    if status == 0 { "none".to_owned() } else { status.to_string() }
}

fn body(body: &Body) -> String {
    match body {
        Body::Json(value) => short(value),
        Body::Text(text) => short(&Value::String(text.clone())),
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= SHOWN_MAX {
        return text;
    }
    text.chars().take(SHOWN_MAX).chain("…".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Body, Recorded, differences};
    use expect_test::{Expect, expect};
    use serde_json::{Value, json};

    #[track_caller]
    fn check(old: (u16, Value), new: (u16, Value), expected: Expect) {
        let body = |value: &Value| (!value.is_null()).then(|| Body::Json(value.clone()));
        let recorded = Recorded {
            act: String::new(),
            says: String::new(),
            method: "GET".to_owned(),
            path: "/".to_owned(),
            headers: Vec::new(),
            sent: None,
            status: old.0,
            came: body(&old.1),
        };
        let told = differences(&recorded, new.0, body(&new.1).as_ref());
        expected.assert_eq(&told.iter().map(|(level, what)| format!("{}: {what}\n", level.word())).collect::<String>());
    }

    #[test]
    fn times_and_the_order_of_values_say_nothing() {
        check(
            (
                200,
                json!({ "meta": { "created": "a", "version": "1" }, "emails": [{ "value": "x" }, { "value": "y" }] }),
            ),
            (
                200,
                json!({ "meta": { "created": "b", "version": "2" }, "emails": [{ "value": "y" }, { "value": "x" }] }),
            ),
            expect![""],
        );
        check((204, Value::Null), (204, Value::Null), expect![""]);
    }

    #[test]
    fn other_values_are_told_with_their_place() {
        check(
            (200, json!({ "active": true, "emails": [{ "value": "x" }], "title": "a", "meta": { "location": "/1" } })),
            (201, json!({ "active": false, "emails": [], "nick": "b", "meta": { "location": "/2" } })),
            expect![[r#"
                MUST: the status was 200, and is 201
                MUST: `/active` was true, and is false
                MUST: `/emails` had 1 elements, and has 0
                MUST: `/title` was "a", and is missing
                MUST: `/meta/location` was "/1", and is "/2"
                MAY: `/nick` was not there, and is "b"
            "#]],
        );
        check(
            (204, Value::Null),
            (200, json!({})),
            expect![[r#"
            MUST: the status was 204, and is 200
            MAY: there was no body, and it is {}
        "#]],
        );
        check(
            (200, json!({ "id": "a" })),
            (404, json!({ "detail": "b" })),
            expect![[r#"
            MUST: the status was 200, and is 404
        "#]],
        );
        check(
            (400, json!({ "detail": "a" })),
            (400, json!({ "detail": "b" })),
            expect![[r#"
            MAY: `/detail` was "a", and is "b"
        "#]],
        );
    }
}
