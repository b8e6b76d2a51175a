//! A conversation with a server, written down without what differs from server to server: ids, times, origins.

use crate::support::{Account, Server};
use serde_json::{Map, Value, json};

/// What was asked and answered so far.
pub struct Conversation<'a> {
    account: &'a Account,
    /// What locations begin with.
    origin: String,
    ids: Vec<String>,
    /// One line for each request, with its answer.
    pub lines: Vec<String>,
}

impl<'a> Conversation<'a> {
    /// Begins to write down what `account` answers; its server says `origin` of itself.
    pub fn with(account: &'a Account, origin: &str) -> Self {
        Self { account, origin: origin.to_owned(), ids: Vec::new(), lines: Vec::new() }
    }

    /// A SCIM request; answers with the body, null when there is none.
    pub fn scim(&mut self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.account.scim(method, path, body);
        let headers: Vec<String> = ["content-type", "location", "etag"]
            .iter()
            .map(|name| format!("{name}: {}", answer.header(name)))
            .collect();
        self.write(&format!("{method} {path} {headers:?}"), answer.status, &answer.text)
    }

    /// A PATCH over SCIM.
    pub fn patch(&mut self, user: &str, operations: Value) -> Value {
        let answer = self.account.patch(user, operations);
        self.write(&format!("PATCH {user}"), answer.status, &answer.text)
    }

    /// A request to the management API.
    pub fn api(&mut self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.account.api(method, path, body);
        self.write(&format!("{method} {path}"), answer.status, &answer.text)
    }

    fn write(&mut self, asked: &str, status: u16, text: &str) -> Value {
        let body: Value =
            if text.is_empty() { Value::Null } else { serde_json::from_str(text).expect("a body is JSON") };
        let (asked, told) = (self.plain_text(asked), self.plain(&body));
        self.lines.push(format!("{asked} -> {status} {told}"));
        body
    }

    /// The value with ids and times replaced by their names.
    pub fn plain(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.plain_text(text)),
            Value::Array(values) => values.iter().map(|value| self.plain(value)).collect(),
            Value::Object(members) => {
                let members = members.iter().filter(|(name, _)| *name != "request_id");
                Value::Object(members.map(|(name, value)| (name.clone(), self.plain(value))).collect::<Map<_, _>>())
            }
            other => other.clone(),
        }
    }

    fn plain_text(&mut self, text: &str) -> String {
        if is_time(text) {
            return "TIME".to_owned();
        }
        let text = text.replace(&self.origin, "ORIGIN");
        let (mut plain, mut rest) = (String::new(), text.as_str());
        while let Some(one) = rest.chars().next() {
            if let Some(id) = rest.get(..36).filter(|id| is_id(id)) {
                let place = self.ids.iter().position(|known| known == id).unwrap_or_else(|| {
                    self.ids.push(id.to_owned());
                    self.ids.len() - 1
                });
                plain += &format!("ID{place}");
                rest = &rest[36..];
            } else {
                plain.push(one);
                rest = &rest[one.len_utf8()..];
            }
        }
        plain
    }
}

/// The same work on a server for one account, and on one for several behind a public name, where another account has a user of the
/// same name already.
pub fn on_premises_and_saas(work: impl Fn(&Account, &str) -> Vec<String>) -> [Vec<String>; 2] {
    let on_premises = Server::start();
    let account = on_premises.account(json!("dsm"));
    let one = work(&account, &on_premises.base);

    let saas = Server::start_with(&["--public-url", "https://scim.example.com"]);
    let accounts = [saas.account(json!("dsm")), saas.account(json!("dsm")), saas.account(json!("standard"))];
    accounts[0].create(json!({ "userName": "ann@a.com", "externalId": "7" }));
    accounts[2].create(json!({ "userName": "ann@a.com", "externalId": "7" }));
    let several = work(&accounts[1], "https://scim.example.com");
    [one, several]
}

/// A UUID.
fn is_id(text: &str) -> bool {
    let fits = |(place, byte): (usize, u8)| match place {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.bytes().enumerate().all(fits)
}

/// An instant of RFC 3339.
fn is_time(text: &str) -> bool {
    text.len() >= 20 && text.ends_with('Z') && text.as_bytes()[10] == b'T' && text.as_bytes()[4] == b'-'
}
