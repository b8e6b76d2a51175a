//! Groups and long lists: what a request costs beside a group of a hundred thousand, against the same request without it.

use crate::{
    Figures, load,
    load::{Request, wire},
    server::Server,
};
use serde_json::{Value, json};
use std::{fmt::Write as _, time::Duration};

/// Members of the large group.
pub const MEMBERS: usize = 100_000;
/// Users who are members of no group before a round begins, one for each connection.
const SPARE: usize = CONNECTIONS;
const CONNECTIONS: usize = 32;
/// Length of one measurement.
const ROUND: Duration = Duration::from_secs(1);
/// Users made by one bulk request, and members added by one PATCH, while the account is filled.
const AT_ONCE: usize = 1_000;
/// Bulk requests under way at once while the account is filled.
const FILLING: usize = 8;
/// Users in each bulk request that is measured.
pub const BULK: usize = 100;
/// Where the deep page begins, and how many users it holds.
const DEEP: usize = 90_000;
const PAGE: usize = 100;

/// What is measured, what against, and how many times as much it may cost.
pub const RATIOS: [(&str, &str, Option<f64>); 5] = [
    ("PATCH member, 100,000", "PATCH member, none", Some(1.2)),
    ("GET group, 100,000", "GET group, none", Some(1.2)),
    ("GET user, 2 groups", "GET user, no group", None),
    ("page by cursor", "page by index", Some(1.0)),
    ("POST, bulk of 100", "POST, one by one", None),
];

/// An account with a large group, an empty one, and users in and outside of them.
pub struct Groups {
    key: String,
    large: String,
    empty: String,
    member: String,
    spare: Vec<String>,
    cursor: String,
}

impl Groups {
    /// Fills an account of its own.
    pub fn fill(server: &Server) -> Self {
        let key = server.make_account();
        let bodies: Vec<String> = (0..MEMBERS + SPARE)
            .collect::<Vec<usize>>()
            .chunks(AT_ONCE)
            .map(|numbers| bulk_body(&numbers.iter().map(|number| format!("member-{number}")).collect::<Vec<_>>()))
            .collect();
        let requests: Vec<Request> =
            bodies.iter().map(|body| wire("POST", "/scim/v2/Bulk", &key, Some(body))).collect();
        let answers = load::all(server.address, FILLING, requests);
        let mut users: Vec<String> = answers.iter().flat_map(|answer| created(answer)).collect();
        let spare = users.split_off(MEMBERS);
        let mut groups = Vec::new();
        for name in ["Everybody", "Second", "Nobody"] {
            let body = json!({ "schemas": [provost_scim::urn::GROUP], "displayName": name }).to_string();
            let answer = server.once(&wire("POST", "/scim/v2/Groups", &key, Some(&body)));
            groups.push(id_of(&answer));
        }
        let [large, second, empty] = <[String; 3]>::try_from(groups).expect("three groups were made");
        for members in users.chunks(AT_ONCE) {
            let path = format!("/scim/v2/Groups/{large}");
            server.once(&wire("PATCH", &path, &key, Some(&members_body("add", members))));
        }
        let member = users[MEMBERS / 2].clone();
        let body = members_body("add", std::slice::from_ref(&member));
        server.once(&wire("PATCH", &format!("/scim/v2/Groups/{second}"), &key, Some(&body)));
        let cursor = cursor_at(server, &key);
        Self { key, large, empty, member, spare, cursor }
    }

    /// One round of each figure.
    pub fn measure(&self, server: &Server, round: usize, figures: &mut Figures) {
        for (name, group) in [("PATCH member, 100,000", &self.large), ("PATCH member, none", &self.empty)] {
            let path = format!("/scim/v2/Groups/{group}");
            // In and out, so that the group stays as large as it is.
            let toggle = |connection: usize, n: usize| {
                let op = if n.is_multiple_of(2) { "add" } else { "remove" };
                self.request("PATCH", &path, Some(&members_body(op, &self.spare[connection..=connection])))
            };
            figures.add(name, load::run(server.address, CONNECTIONS, ROUND, toggle));
            let body = members_body("remove", &self.spare);
            server.once(&self.request("PATCH", &path, Some(&body)));
        }
        for (name, path) in [
            ("GET group, 100,000", format!("/scim/v2/Groups/{}?excludedAttributes=members", self.large)),
            ("GET group, none", format!("/scim/v2/Groups/{}?excludedAttributes=members", self.empty)),
            ("GET user, 2 groups", format!("/scim/v2/Users/{}", self.member)),
            ("GET user, no group", format!("/scim/v2/Users/{}", self.spare[0])),
            ("page by cursor", format!("/scim/v2/Users?cursor={}&count={PAGE}", self.cursor)),
            ("page by index", format!("/scim/v2/Users?startIndex={}&count={PAGE}", DEEP + 1)),
        ] {
            figures.add(name, load::run(server.address, CONNECTIONS, ROUND, |_, _| self.request("GET", &path, None)));
        }
        let bulk = load::run(server.address, CONNECTIONS, ROUND, |connection, n| {
            let names: Vec<String> = (0..BULK).map(|user| format!("bulk-{round}-{connection}-{n}-{user}")).collect();
            self.request("POST", "/scim/v2/Bulk", Some(&bulk_body(&names)))
        });
        figures.add("POST, bulk of 100", bulk * BULK as f64);
        let single = load::run(server.address, CONNECTIONS, ROUND, |connection, n| {
            let user = user(&format!("single-{round}-{connection}-{n}")).to_string();
            self.request("POST", "/scim/v2/Users", Some(&user))
        });
        figures.add("POST, one by one", single);
    }

    fn request(&self, method: &str, path: &str, body: Option<&str>) -> Request {
        wire(method, path, &self.key, body)
    }
}

fn user(user_name: &str) -> Value {
    json!({ "schemas": [provost_scim::urn::USER], "userName": user_name })
}

fn bulk_body(user_names: &[String]) -> String {
    let operation = |(number, name): (usize, &String)| {
        let bulk_id = number.to_string();
        json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": user(name) })
    };
    let operations: Vec<Value> = user_names.iter().enumerate().map(operation).collect();
    json!({ "schemas": [provost_scim::urn::BULK_REQUEST], "Operations": operations }).to_string()
}

fn members_body(op: &str, ids: &[String]) -> String {
    let mut members = String::new();
    for (position, id) in ids.iter().enumerate() {
        let comma = if position > 0 { "," } else { "" };
        write!(members, "{comma}{{\"value\":\"{id}\"}}").expect("a String takes all that is written");
    }
    let schema = provost_scim::urn::PATCH_OP;
    format!(r#"{{"schemas":["{schema}"],"Operations":[{{"op":"{op}","path":"members","value":[{members}]}}]}}"#)
}

/// The ids of what a bulk request created.
fn created(answer: &[u8]) -> Vec<String> {
    let answer: Value = serde_json::from_slice(answer).expect("SCIM answers JSON");
    let results = answer["Operations"].as_array().expect("a bulk request has results");
    let id = |result: &Value| {
        assert_eq!(result["status"], "201", "{result}");
        let location = result["location"].as_str().expect("what is created has a location");
        location.rsplit('/').next().expect("a location ends in an id").to_owned()
    };
    results.iter().map(id).collect()
}

fn id_of(answer: &[u8]) -> String {
    let resource: Value = serde_json::from_slice(answer).expect("SCIM answers JSON");
    resource["id"].as_str().expect("a resource has an id").to_owned()
}

/// The cursor behind the first [`DEEP`] users.
fn cursor_at(server: &Server, key: &str) -> String {
    let (mut cursor, mut passed) = (String::new(), 0);
    while passed < DEEP {
        let path = format!("/scim/v2/Users?attributes=id&count={PAGE}&cursor={cursor}");
        let page: Value =
            serde_json::from_slice(&server.once(&wire("GET", &path, key, None))).expect("SCIM answers JSON");
        cursor = page["nextCursor"].as_str().expect("more users follow").to_owned();
        passed += PAGE;
    }
    cursor
}
