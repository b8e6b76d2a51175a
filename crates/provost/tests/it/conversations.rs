//! Recorded conversations: what real clients send, and our whole answers.
//!
//! A file in `tests/conversations/` begins with `policy: …`; then requests (`>>>`) alternate with answers (`<<<`). Lines that begin with
//! `#` are for people. Ids in answers are shown as `{id-1}`, `{id-2}`, … in the order in which they first appear, cursors as
//! `{cursor-1}`, …, and stand for the real ones in later requests; `UPDATE_EXPECT=1` records the answers anew.

use crate::support::{Account, Answer, Server, encoded, file, request, send};
use serde_json::Value;
use std::fmt::Write as _;

/// A request with the comment lines above it, and the answer that is expected.
struct Exchange {
    comment: String,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
    answer: String,
}

/// What is another each time, by number, as it appeared.
#[derive(Default)]
struct Unsteady {
    ids: Vec<String>,
    cursors: Vec<String>,
}

impl Unsteady {
    /// Numbers the cursors and UUIDs in an answer, and hides what an entity tag says about computed attributes.
    fn hide(&mut self, text: &str) -> String {
        let text = hide_digests(&self.hide_cursor(text));
        let mut shown = String::new();
        let mut rest = text.as_str();
        while let Some(position) = first_uuid(rest) {
            let id = &rest[position..position + 36];
            let number = self.ids.iter().position(|known| known == id).unwrap_or_else(|| {
                self.ids.push(id.to_owned());
                self.ids.len() - 1
            });
            write!(shown, "{}{{id-{}}}", &rest[..position], number + 1).expect("a String takes all that is written");
            rest = &rest[position + 36..];
        }
        shown + rest
    }

    /// An answer has one cursor at most.
    fn hide_cursor(&mut self, text: &str) -> String {
        let Some((before, after)) = text.split_once("\"nextCursor\": \"") else { return text.to_owned() };
        let (cursor, after) = after.split_once('"').expect("a text in JSON ends");
        self.cursors.push(cursor.to_owned());
        format!("{before}\"nextCursor\": \"{{cursor-{}}}\"{after}", self.cursors.len())
    }

    /// Puts the real ones in.
    fn fill(&self, text: &str) -> String {
        let fill = |text: String, name: &str, all: &[String]| {
            let numbered = all.iter().enumerate();
            numbered.fold(text, |text, (number, real)| text.replace(&format!("{{{name}-{}}}", number + 1), real))
        };
        fill(fill(text.to_owned(), "id", &self.ids), "cursor", &self.cursors)
    }
}

/// `W/"3-{digest}"` for `W/"3-1a2b3c4d"`: the digest of a user's groups and manager is made of ids.
fn hide_digests(text: &str) -> String {
    let mut parts = text.split("W/");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find('-').unwrap_or(0);
        let (version, rest) = part.split_at(end);
        let is_version = version.trim_start_matches(['\\', '"']).bytes().all(|byte| byte.is_ascii_digit());
        let digest = rest.get(1..9).filter(|digest| digest.bytes().all(|byte| byte.is_ascii_hexdigit()));
        shown.push_str("W/");
        match digest.filter(|_| is_version && end > 0) {
            Some(_) => write!(shown, "{version}-{{digest}}{}", &rest[9..]).expect("a String takes all that is written"),
            None => shown.push_str(part),
        }
    }
    shown
}

/// Where a UUID that the server issued stands: version 7, so that GUIDs of the client are left as they are.
fn first_uuid(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len().saturating_sub(35)).find(|start| {
        bytes[*start..start + 36].iter().enumerate().all(|(position, byte)| match position {
            8 | 13 | 18 | 23 => *byte == b'-',
            14 => *byte == b'7',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(byte),
        })
    })
}

#[test]
fn s_113_every_recorded_conversation_is_answered_as_recorded() {
    let server = Server::start();
    let mut files: Vec<_> = std::fs::read_dir(file("conversations"))
        .expect("a recorded conversation can be read and written")
        .map(|entry| entry.expect("a recorded conversation can be read and written").path())
        .collect();
    files.sort();
    assert!(files.len() >= 5, "the conversations are gone");
    for path in files {
        let recorded = std::fs::read_to_string(&path).expect("a recorded conversation can be read and written");
        let played = play(&server, &recorded);
        expect_test::expect_file![path].assert_eq(&played);
    }
}

fn play(server: &Server, recorded: &str) -> String {
    let (head, exchanges) = parse(recorded);
    let policy = head.lines().find_map(|line| line.strip_prefix("policy: ")).expect("a conversation names its policy");
    let policy = serde_json::from_str(policy).unwrap_or_else(|_| Value::String(policy.to_owned()));
    let account = server.account(policy);
    let mut unsteady = Unsteady::default();
    let mut played = head;
    for exchange in exchanges {
        let answer = ask(&account, &exchange, &unsteady);
        let shown = unsteady.hide(&show(&account, &answer));
        let Exchange { comment, method, target, headers, body, .. } = exchange;
        writeln!(played, "{comment}>>> {method} {target}").expect("a recorded conversation can be read and written");
        headers.iter().for_each(|(name, value)| {
            writeln!(played, "{name}: {value}").expect("a recorded conversation can be read and written")
        });
        writeln!(played, "{body}<<< {shown}\n").expect("a recorded conversation can be read and written");
    }
    played.trim_end().to_owned() + "\n"
}

fn ask(account: &Account, exchange: &Exchange, unsteady: &Unsteady) -> Answer {
    let target = unsteady.fill(&exchange.target);
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) => format!("{name}={}", encoded(value)),
            None => pair.to_owned(),
        })
        .collect();
    let mut asked =
        request(&exchange.method, &format!("{}{path}?{}", account.base, query.join("&"))).bearer_auth(&account.key);
    for (name, value) in &exchange.headers {
        asked = asked.header(name, value);
    }
    if !exchange.body.trim().is_empty() {
        asked =
            asked.header("content-type", "application/scim+json; charset=utf-8").body(unsteady.fill(&exchange.body));
    }
    send(asked)
}

/// Status, the headers that a client may look at, and the body, one attribute a line.
fn show(account: &Account, answer: &Answer) -> String {
    let mut shown = answer.status.to_string();
    for name in ["content-type", "location", "etag"] {
        if !answer.header(name).is_empty() {
            write!(shown, "\n{name}: {}", answer.header(name))
                .expect("a recorded conversation can be read and written");
        }
    }
    if !answer.text.is_empty() {
        let mut body = answer.json();
        hide_times(&mut body);
        write!(
            shown,
            "\n{}",
            serde_json::to_string_pretty(&body).expect("a recorded conversation can be read and written")
        )
        .expect("a recorded conversation can be read and written");
    }
    shown.replace(&account.base, "{base}")
}

fn hide_times(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if matches!(name.as_str(), "created" | "lastModified") {
                    let text = value.as_str().unwrap_or_default();
                    assert!(text.parse::<jiff::Timestamp>().is_ok() && text.ends_with('Z'), "{text}");
                    *value = Value::from("{time}");
                }
                hide_times(value);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(hide_times),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn parse(text: &str) -> (String, Vec<Exchange>) {
    let mut exchanges: Vec<Exchange> = Vec::new();
    let (mut head, mut comment) = (String::new(), String::new());
    let mut in_answer = false;
    for line in text.lines() {
        if let Some(asked) = line.strip_prefix(">>> ") {
            let (method, target) = asked.split_once(' ').expect("a request has a method and a target");
            exchanges.push(Exchange {
                comment: std::mem::take(&mut comment),
                method: method.to_owned(),
                target: target.to_owned(),
                headers: Vec::new(),
                body: String::new(),
                answer: String::new(),
            });
            in_answer = false;
        } else if line.starts_with('#') && (in_answer || exchanges.is_empty()) {
            comment += &format!("{line}\n");
        } else if let Some(exchange) = exchanges.last_mut() {
            match line.strip_prefix("<<<") {
                Some(_) => in_answer = true,
                None if in_answer => exchange.answer += line,
                None if line.starts_with("If-") => {
                    let (name, value) = line.split_once(": ").expect("a header has a value");
                    exchange.headers.push((name.to_owned(), value.to_owned()));
                }
                None => exchange.body += &format!("{line}\n"),
            }
        } else {
            head += &format!("{line}\n");
        }
    }
    assert!(!exchanges.is_empty(), "a conversation has requests");
    (head, exchanges)
}
