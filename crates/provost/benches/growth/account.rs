//! An account of some size, and what is asked of it.

use crate::{
    client::{self, operation},
    load,
    load::{Request, wire},
    process::Server,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Requests under way at once while reading.
const READERS: usize = 16;
/// Requests under way at once while writing: as many as fill a group commit.
const WRITERS: usize = 64;
/// Length of one measurement.
const ROUND: Duration = Duration::from_millis(1_500);
/// Users made in one round, and removed after it, so that the account stays as large as it is.
const CREATES: usize = 3_000;
/// Operations of one bulk request, and members added by one PATCH, while the account is filled.
const AT_ONCE: usize = 1_000;
/// Bulk requests under way at once while the account is filled.
const FILLING: usize = 4;
/// Users for each group, and for each member of the largest.
const USERS_PER_GROUP: usize = 100;
const USERS_PER_MEMBER: usize = 10;
/// Users on a page.
const PAGE: usize = 100;
/// Users on a page of the console.
const SCREEN: usize = 25;
/// Places in the list at which pages are asked for by cursor.
const CURSORS: usize = 64;

/// Runs a scenario and says how many requests were answered in a second.
type Run = fn(&Account, &Server, usize) -> f64;

/// What is measured. Reads come first, so that they find the account as it was filled.
pub const SCENARIOS: [(&str, Run); 13] = [
    ("GET by id", |account, server, _| account.read(server, |n| format!("/Users/{}", account.id(n)))),
    ("filter userName eq", |account, server, _| account.read(server, |n| filter(&equal("userName", n)))),
    ("filter externalId eq", |account, server, _| account.read(server, |n| filter(&equal("externalId", n)))),
    ("filter emails.value eq", |account, server, _| account.read(server, |n| filter(&equal("emails.value", n)))),
    ("search as one types", |account, server, _| account.read(server, |n| search(n % account.users.len()))),
    ("first page", |account, server, _| account.read(server, |_| page(1))),
    ("last page", |account, server, _| account.read(server, |_| page(account.users.len() - PAGE + 1))),
    ("page by cursor", Account::by_cursor),
    ("total", |account, server, _| account.read(server, |_| "/Users?count=0".to_owned())),
    ("GET the largest group", |account, server, _| {
        account.read(server, |_| format!("/Groups/{}?excludedAttributes=members", account.largest))
    }),
    ("PATCH", Account::patch),
    ("PATCH the largest group", Account::patch_group),
    ("POST", Account::create),
];

pub struct Account {
    key: String,
    users: Vec<u128>,
    groups: usize,
    largest: String,
}

impl Account {
    /// Makes an account with so many users, groups, and one group with many members.
    pub fn fill(server: &Server, size: usize) -> Self {
        let key = server.make_account(&format!("Bench {size}"));
        let mut users = Vec::with_capacity(size);
        for first in (0..size).step_by(AT_ONCE * FILLING * 8) {
            let last = size.min(first + AT_ONCE * FILLING * 8);
            let requests = (first..last).step_by(AT_ONCE).map(|from| {
                let numbers = from..last.min(from + AT_ONCE);
                bulk(&key, numbers.map(|number| ("POST", "/Users".to_owned(), Some(user(&name(number))))))
            });
            let answers = load::all(server.address, FILLING, requests.collect());
            users.extend(answers.iter().flat_map(|answer| created(answer)));
        }
        assert_eq!(users.len(), size, "every user was made");
        let groups = (size / USERS_PER_GROUP).max(1);
        let requests = (0..groups).step_by(AT_ONCE).map(|from| {
            let group = |number: usize| json!({ "schemas": [provost_scim::urn::GROUP], "displayName": format!("Group {number}") });
            bulk(&key, (from..groups.min(from + AT_ONCE)).map(|number| ("POST", "/Groups".to_owned(), Some(group(number)))))
        });
        let answers = load::all(server.address, 1, requests.collect());
        let largest = hyphened(created(&answers[0]).next().expect("there is a group"));
        let account = Self { key, users, groups, largest };
        // Evenly among the users, so that every page shows as many of them in an account of any size.
        let members: Vec<u128> = account.users.iter().copied().step_by(USERS_PER_MEMBER).collect();
        for members in members.chunks(AT_ONCE) {
            let values: Vec<Value> = members.iter().map(|id| json!({ "value": hyphened(*id) })).collect();
            server.once(&account.request(
                "PATCH",
                &account.largest_path(),
                Some(&operation("add", "members", values.into())),
            ));
        }
        account
    }

    pub fn size(&self) -> usize {
        self.users.len()
    }

    pub fn groups(&self) -> usize {
        self.groups
    }

    fn id(&self, n: usize) -> String {
        hyphened(self.users[n % self.users.len()])
    }

    fn largest_path(&self) -> String {
        format!("/Groups/{}", self.largest)
    }

    fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Request {
        let body = body.map(Value::to_string);
        wire(method, &format!("/scim/v2{path}"), &self.key, body.as_deref())
    }

    /// Reads again and again. `path` gets a number that leads all over the account.
    fn read(&self, server: &Server, path: impl Fn(usize) -> String + Sync) -> f64 {
        load::run(server.address, READERS, ROUND, |connection, n| {
            self.request("GET", &path(scattered(connection, n) % self.users.len()), None)
        })
    }

    fn by_cursor(&self, server: &Server, _: usize) -> f64 {
        let pages = self.users.len() / PAGE;
        let (mut cursors, mut cursor) = (Vec::new(), String::new());
        for passed in 0..pages {
            if passed % pages.div_ceil(CURSORS) == 0 {
                cursors.push(cursor.clone());
            }
            let path = format!("/Users?count={PAGE}&cursor={cursor}");
            let answer: Value = serde_json::from_slice(&server.once(&self.request("GET", &path, None))).expect("JSON");
            cursor = answer["nextCursor"].as_str().unwrap_or_default().to_owned();
        }
        self.read(server, |n| format!("/Users?count={PAGE}&cursor={}", cursors[n % cursors.len()]))
    }

    fn patch(&self, server: &Server, round: usize) -> f64 {
        load::run(server.address, WRITERS, ROUND, |connection, n| {
            let path = format!("/Users/{}", self.id(scattered(connection, n)));
            let title = json!(format!("Engineer {round} {connection} {n}"));
            self.request("PATCH", &path, Some(&operation("replace", "title", title)))
        })
    }

    /// Each connection lets a user of its own in and out.
    fn patch_group(&self, server: &Server, _: usize) -> f64 {
        let newcomers = &self.users[self.users.len() - WRITERS..];
        let value = |id: &u128| json!({ "value": hyphened(*id) });
        let per_second = load::run(server.address, WRITERS, ROUND, |connection, n| {
            let op = if n.is_multiple_of(2) { "add" } else { "remove" };
            let body = operation(op, "members", json!([value(&newcomers[connection])]));
            self.request("PATCH", &self.largest_path(), Some(&body))
        });
        let all: Vec<Value> = newcomers.iter().map(value).collect();
        server.once(&self.request("PATCH", &self.largest_path(), Some(&operation("remove", "members", all.into()))));
        per_second
    }

    fn create(&self, server: &Server, round: usize) -> f64 {
        let requests = (0..CREATES)
            .map(|number| self.request("POST", "/Users", Some(&user(&format!("new-{round}-{}", name(number))))))
            .collect();
        let started = Instant::now();
        let answers = load::all(server.address, WRITERS, requests);
        let per_second = CREATES as f64 / started.elapsed().as_secs_f64();
        let ids = answers.iter().map(|answer| {
            let made: Value = serde_json::from_slice(answer).expect("SCIM answers JSON");
            made["id"].as_str().expect("a user has an id").to_owned()
        });
        for some in ids.collect::<Vec<_>>().chunks(AT_ONCE) {
            server.once(&bulk(&self.key, some.iter().map(|id| ("DELETE", format!("/Users/{id}"), None))));
        }
        per_second
    }
}

/// A number that follows no order.
fn scattered(connection: usize, n: usize) -> usize {
    (connection * 7_919 + n).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 16
}

fn name(number: usize) -> String {
    format!("user-{number:07}@bench.example")
}

fn equal(attribute: &str, number: usize) -> String {
    format!("{attribute} eq \"{}\"", name(number))
}

/// What a console asks for when somebody has typed all but the last digit: ten users begin so.
fn search(number: usize) -> String {
    let typed = &name(number)[..11];
    let terms = ["userName", "emails.value"].map(|name| format!("{name} sw \"{typed}\""));
    format!("{}&count={SCREEN}", filter(&terms.join(" or ")))
}

fn filter(text: &str) -> String {
    format!("/Users?filter={}", text.replace(' ', "%20").replace('"', "%22"))
}

fn page(start: usize) -> String {
    format!("/Users?startIndex={start}&count={PAGE}")
}

fn user(user_name: &str) -> Value {
    client::user(user_name, &format!("Ann Example, {user_name}"))
}

fn bulk(key: &str, operations: impl Iterator<Item = (&'static str, String, Option<Value>)>) -> Request {
    let operations: Vec<Value> = operations
        .enumerate()
        .map(|(number, (method, path, data))| match data {
            Some(data) => json!({ "method": method, "path": path, "bulkId": number.to_string(), "data": data }),
            None => json!({ "method": method, "path": path }),
        })
        .collect();
    let body = json!({ "schemas": [provost_scim::urn::BULK_REQUEST], "Operations": operations });
    wire("POST", "/scim/v2/Bulk", key, Some(&body.to_string()))
}

/// The ids of what a bulk request created.
fn created(answer: &[u8]) -> impl Iterator<Item = u128> + use<> {
    let mut answer: Value = serde_json::from_slice(answer).expect("SCIM answers JSON");
    let Value::Array(results) = answer["Operations"].take() else { panic!("a bulk request has results") };
    results.into_iter().map(|result| {
        assert_eq!(result["status"], "201", "{result}");
        let location = result["location"].as_str().expect("what is created has a location");
        let id = location.rsplit('/').next().expect("a location ends in an id");
        uuid::Uuid::parse_str(id).expect("our ids are UUIDs").as_u128()
    })
}

fn hyphened(id: u128) -> String {
    uuid::Uuid::from_u128(id).to_string()
}
