//! A hundred thousand random requests: bodies, filters and paths made of valid fragments and of their ruins.

mod messages;

use crate::service::{Answered, Service, Tenant};
use axum::{body::Body, extract::Request};
use provost_server::Peer;
use serde_json::{Value, json};
use std::thread;

const SEEDS: u64 = 20;
const REQUESTS: usize = 5_000;
const THREADS: u64 = 4;

/// SplitMix64: repeatable from its seed, which a failure prints.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Less than `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    pub fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    pub fn pick<'t, T>(&mut self, among: &'t [T]) -> &'t T {
        &among[self.below(among.len())]
    }
}

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

const PATHS: [&str; 22] = [
    "userName",
    "active",
    "externalId",
    "displayName",
    "name",
    "name.givenName",
    "NAME.FamilyName",
    "emails",
    "emails.value",
    "emails[type eq \"work\"]",
    "emails[type eq \"work\"].value",
    "emails[type eq \"work\" and primary eq true].display",
    "phoneNumbers[not (type eq \"fax\")]",
    "roles",
    "roles[primary eq \"True\"].value",
    "addresses[type eq \"home\"].formatted",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "urn:ietf:params:scim:schemas:core:2.0:User:title",
    "members",
    "x509Certificates",
];

const FILTERS: [&str; 24] = [
    "userName eq \"ann@a.example\"",
    "externalId eq \"e1\"",
    "emails.value eq \"ann@a.example\"",
    "emails eq \"x\"",
    "id eq \"018f4a3c-0000-7000-8000-000000000000\"",
    "title pr",
    "not (title pr)",
    "active eq true",
    "active eq \"False\"",
    "name.familyName co \"O'Malley\"",
    "meta.lastModified gt \"2011-05-13T04:42:34Z\"",
    "emails[type eq \"work\" and value co \"@example.com\"]",
    "emails[type eq \"work\"].value eq \"x\"",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber sw \"7\"",
    "schemas eq \"urn:ietf:params:scim:schemas:core:2.0:User\"",
    "title eq null",
    "userName gt \"a\"",
    "roles.primary ne true",
    "displayName eq \"g1\"",
    "groups pr",
    "groups.value eq \"018f4a3c-0000-7000-8000-000000000000\"",
    "members pr",
    "members[value eq \"018f4a3c-0000-7000-8000-000000000000\"]",
    "not (members.value eq \"x\") and members.type eq \"User\"",
];

/// What the requests of a storm may name.
struct Known {
    users: Vec<String>,
    groups: Vec<String>,
    cursors: Vec<String>,
}

const FRAGMENTS: [&str; 40] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    ",",
    ":",
    ".",
    "..",
    "/",
    " and ",
    " or ",
    "not (",
    " eq ",
    " pr",
    "null",
    "true",
    "-0",
    "1e308",
    "1e999",
    "99999999999999999999",
    "\u{0}",
    "\u{7f}",
    "\u{feff}",
    "😀",
    "ß",
    "İ",
    "e\u{301}",
    "urn:",
    "$ref",
    "%",
    "%00",
    "+",
    "&filter=",
    "password",
];

/// A text with a few of its bytes cut, doubled, exchanged or joined by fragments.
fn ruined(random: &mut Random, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..random.below(4) {
        let at = random.below(bytes.len() + 1);
        let to = (at + random.below(12)).min(bytes.len());
        match random.below(5) {
            0 => drop(bytes.drain(at..to)),
            1 => {
                let again = bytes[at..to].to_vec();
                bytes.splice(at..at, again);
            }
            2 => drop(bytes.splice(at..at, random.pick(&FRAGMENTS).bytes())),
            3 if at < bytes.len() => bytes[at] = (random.next() & 0x7f) as u8,
            _ => {
                let many = random.pick(&["(", "[", "{\"a\":", "not(", "a."]).repeat(random.below(300));
                bytes.splice(at..at, many.bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn scalar(random: &mut Random) -> Value {
    match random.below(10) {
        0 => Value::Null,
        1 => json!(random.one_in(2)),
        2 => json!(random.next() as i64),
        3 => json!("True"),
        4 => json!(""),
        5 => json!(random.pick(&FRAGMENTS)),
        6 => json!(-0.5),
        7 => json!("2011-05-13T04:42:34Z"),
        8 => json!("{\"id\":\"1\",\"value\":\"Admin\",\"displayName\":\"Admin\"}"),
        _ => json!(format!("u{}@a.example", random.below(40))),
    }
}

fn value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth == 0 { 1 } else { 4 }) {
        1 => (0..random.below(4)).map(|_| value(random, depth - 1)).collect(),
        2 => {
            let names = ["value", "type", "primary", "display", "givenName", "$ref", "nonsense", "Value"];
            let members: serde_json::Map<String, Value> =
                (0..random.below(4)).map(|_| ((*random.pick(&names)).to_owned(), value(random, depth - 1))).collect();
            Value::Object(members)
        }
        _ => scalar(random),
    }
}

fn user(random: &mut Random) -> Value {
    let mut user = json!({ "schemas": [USER, ENTERPRISE], "userName": format!("u{}@a.example", random.below(40)) });
    for _ in 0..random.below(4) {
        let name = random.pick(&PATHS).split(['.', '[']).next().unwrap().to_owned();
        user[name] = value(random, 3);
    }
    if random.one_in(3) {
        user["emails"] = json!([{ "value": "w@a.example", "type": "work", "primary": true }]);
        user[ENTERPRISE] = json!({ "department": "Sales", "manager": "7" });
    }
    user
}

fn patch(random: &mut Random) -> Value {
    let operations: Vec<Value> = (0..1 + random.below(3))
        .map(|_| {
            let mut operation =
                json!({ "op": random.pick(&["add", "Add", "replace", "Replace", "remove", "REMOVE", "move"]) });
            if !random.one_in(5) {
                let path = *random.pick(&PATHS);
                operation["path"] = json!(if random.one_in(3) { ruined(random, path) } else { path.to_owned() });
            }
            if !random.one_in(6) {
                operation["value"] = match (operation.get("path"), random.one_in(2)) {
                    (None, _) | (_, true) => value(random, 3),
                    (Some(_), false) => scalar(random),
                };
                if operation.get("path").is_none() && random.one_in(2) {
                    operation["value"] =
                        json!({ *random.pick(&PATHS): value(random, 2), *random.pick(&PATHS): scalar(random) });
                }
            }
            operation
        })
        .collect();
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

/// Percent-encodes what may not stand in a URL, and a little more.
fn in_url(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~()'!*,;:@/$".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn query(random: &mut Random, known: &Known) -> String {
    let mut parts = Vec::new();
    for _ in 0..random.below(4) {
        let first = *random.pick(&FILTERS);
        let text = match random.below(5) {
            0 => format!("{first} and ({})", random.pick(&FILTERS)),
            1 => format!("not ({first}) or {}", random.pick(&FILTERS)),
            _ => first.to_owned(),
        };
        let part = match random.below(9) {
            0 => format!("attributes={}", in_url(&ruined(random, "userName,name.givenName,emails.value"))),
            1 => format!("excludedAttributes={}", in_url(&ruined(random, "emails,name"))),
            2 => format!("startIndex={}&count={}", in_url(&ruined(random, "1")), in_url(&ruined(random, "10"))),
            3 => format!("filter={}", in_url(&ruined(random, &text)).replace("%20", "+")),
            4 => format!("filter={}%{:x}", in_url(&text), random.below(256)),
            5 => {
                let (by, order) = (*random.pick(&PATHS), *random.pick(&["ascending", "descending"]));
                format!("sortBy={}&sortOrder={order}", in_url(by))
            }
            6 => format!(
                "sortBy={}&sortOrder={}",
                in_url(&ruined(random, "userName")),
                in_url(&ruined(random, "ascending"))
            ),
            7 => {
                let cursor = random.pick(&known.cursors).clone();
                let cursor = if random.one_in(3) { ruined(random, &cursor) } else { cursor };
                format!("cursor={}&count={}", in_url(&cursor), random.below(4))
            }
            _ => format!("filter={}", in_url(&text)),
        };
        parts.push(part);
    }
    parts.join("&")
}

struct Asked {
    method: &'static str,
    target: String,
    content_type: &'static str,
    if_match: Option<String>,
    body: Vec<u8>,
}

fn request(random: &mut Random, known: &Known) -> Asked {
    let (user, group) = (random.pick(&known.users), random.pick(&known.groups));
    let (method, path, body) = match random.below(16) {
        0 => ("POST", "/Users".to_owned(), self::user(random).to_string()),
        1 => ("PUT", format!("/Users/{user}"), self::user(random).to_string()),
        2 | 3 => ("PATCH", format!("/Users/{user}"), patch(random).to_string()),
        4 => ("GET", format!("/Users/{user}"), String::new()),
        5 => {
            let path =
                random.pick(&["/Schemas", "/ResourceTypes/User", "/ServiceProviderConfig", "/Robots", "/Me", "/Bulk"]);
            let path = format!("/{}", in_url(&ruined(random, &path[1..])));
            (*random.pick(&["GET", "POST", "DELETE", "OPTIONS"]), path, String::new())
        }
        6 => ("POST", "/Groups".to_owned(), messages::group(random, known).to_string()),
        7 => ("PUT", format!("/Groups/{group}"), messages::group(random, known).to_string()),
        8 | 9 => ("PATCH", format!("/Groups/{group}"), messages::group_patch(random, known).to_string()),
        10 => ("GET", format!("/Groups/{group}"), String::new()),
        11 => ("GET", (*random.pick(&["/Groups", "/"])).to_owned(), String::new()),
        12 => {
            let path = *random.pick(&["/.search", "/Users/.search", "/Groups/.search"]);
            ("POST", path.to_owned(), messages::search(random, known).to_string())
        }
        13 => ("POST", "/Bulk".to_owned(), messages::bulk(random, known).to_string()),
        _ => ("GET", "/Users".to_owned(), String::new()),
    };
    let method = if random.one_in(40) { "DELETE" } else { method };
    let path = if random.one_in(10) { format!("/{}", in_url(&ruined(random, &path[1..]))) } else { path };
    let mut body = if random.one_in(3) { ruined(random, &body).into_bytes() } else { body.into_bytes() };
    if random.one_in(30) && !body.is_empty() {
        let at = random.below(body.len());
        body[at] = 0xff;
    }
    let base = *random.pick(&["/scim/v2", "/scim"]);
    let content_type = if random.one_in(20) { "text/plain" } else { "application/scim+json" };
    let if_match = random.one_in(8).then(|| ruined(random, "W/\"1\""));
    Asked { method, target: format!("{base}{path}?{}", query(random, known)), content_type, if_match, body }
}

async fn send(service: &Service, tenant: &Tenant, asked: &Asked) -> Option<Answered> {
    let request = Request::builder().method(asked.method).uri(&asked.target).header("content-type", asked.content_type);
    let mut request = request.header("authorization", format!("Bearer {}", tenant.key));
    if let Some(tag) = &asked.if_match {
        request = request.header("if-match", tag.as_bytes());
    }
    // A target that is none never comes this far: HTTP refuses it.
    let mut request = request.body(Body::from(asked.body.clone())).ok()?;
    request.extensions_mut().insert(Peer("192.0.2.7:1".parse().unwrap()));
    Some(service.send(request).await)
}

async fn create(service: &Service, tenant: &Tenant, path: &str, body: Value) -> String {
    let answer = service.ask(&tenant.key, "POST", &format!("/scim/v2{path}"), body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// An account with some users and, where there are any, groups.
async fn furnished(service: &Service, seed: u64) -> (Tenant, Known) {
    let policy = match seed % 4 {
        1 => json!("dsm"),
        3 => json!({ "preset": "standard", "groups": { "mode": "roles" }, "roles": { "meaning": "grant" } }),
        _ => json!("standard"),
    };
    let has_groups = policy != json!("dsm");
    let tenant = service.tenant(policy, json!(["scim"])).await;
    let nobody = "018f4a3c-0000-7000-8000-000000000000".to_owned();
    let mut known = Known { users: vec![nobody.clone()], groups: vec![nobody], cursors: vec![String::new()] };
    for number in 0..8 {
        let user = json!({ "schemas": [USER], "userName": format!("known{number}@a.example") });
        known.users.push(create(service, &tenant, "/Users", user).await);
    }
    for number in 0..if has_groups { 4 } else { 0 } {
        let group = json!({ "schemas": [messages::GROUP], "displayName": format!("g{number}") });
        known.groups.push(create(service, &tenant, "/Groups", group).await);
    }
    (tenant, known)
}

/// Sends random requests to a server of its own; answers with how many were sent and how many were done.
async fn storm(seed: u64) -> (usize, usize) {
    let mut random = Random(seed);
    let service = Service::new();
    let (tenant, mut known) = furnished(&service, seed).await;
    let (mut sent, mut done) = (0, 0);
    while sent < REQUESTS {
        let asked = request(&mut random, &known);
        let Some(answer) = send(&service, &tenant, &asked).await else { continue };
        sent += 1;
        done += usize::from(answer.status < 300);
        check(seed, &asked, &answer);
        if let Some((_, next)) = answer.text.split_once("\"nextCursor\":\"") {
            known.cursors.push(next.split('"').next().unwrap_or_default().to_owned());
        }
    }
    let user = json!({ "schemas": [USER], "userName": "afterwards@a.example" });
    let id = create(&service, &tenant, "/Users", user).await;
    let read = service.ask(&tenant.key, "GET", &format!("/scim/v2/Users/{id}"), Value::Null).await;
    assert_eq!(read.status, 200, "seed {seed}: a normal request afterwards");
    messages::no_circles(&service, &tenant, seed).await;
    let verified = service.done("GET", &format!("{}/audit/verify", tenant.base), Value::Null).await;
    assert_eq!(verified["verified"], json!(true), "seed {seed}: {verified}");
    (sent, done)
}

/// No 5xx but 501, the honest answer for what this version does not offer; errors in their form; and what is JSON is whole.
fn check(seed: u64, asked: &Asked, answer: &Answered) {
    let shown = || format!("seed {seed}: {} {} {}", asked.method, asked.target, String::from_utf8_lossy(&asked.body));
    assert!(answer.status < 500 || answer.status == 501, "{}: {} {}", shown(), answer.status, answer.text);
    if answer.status >= 400 {
        let error: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        assert_eq!(error["status"], json!(answer.status.to_string()), "{}: {}", shown(), answer.text);
        let is_short = error["detail"].as_str().is_some_and(|detail| detail.len() < 2_000);
        assert!(is_short, "{}: {}", shown(), answer.text);
    } else if !answer.text.is_empty() {
        let document: Result<Value, _> = serde_json::from_str(&answer.text);
        let results = document.unwrap_or_else(|error| panic!("{}: {error} in {}", shown(), answer.text));
        for result in results["Operations"].as_array().into_iter().flatten() {
            let status = result["status"].as_str().unwrap_or_default();
            assert!(!status.starts_with('5') || status == "501", "{}: {result}", shown());
        }
    }
}

#[test]
fn s_16_a_hundred_thousand_random_requests_neither_panic_nor_end_in_a_5xx() {
    let counts: Vec<(usize, usize)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    let storms = (thread..SEEDS).step_by(usize::try_from(THREADS).unwrap());
                    storms.map(|seed| runtime.block_on(storm(seed))).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a storm ends well; its seed is above")).collect()
    });
    let (sent, done) = counts.iter().fold((0, 0), |(sent, done), storm| (sent + storm.0, done + storm.1));
    assert_eq!(sent, 100_000);
    assert!(done > sent / 10 && done < sent, "both ways are walked: {done} of {sent} were done");
}
