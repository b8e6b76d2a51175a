//! What the guards cost: an account with all of them on beside one with none, in one server.

use crate::{
    CONNECTIONS, Figures, ROUND,
    load::{run, wire},
    server::{self, Made, Server},
};
use serde_json::{Value, json};

/// Users of each account.
const USERS: usize = 1_000;

/// What is compared: the account with all guards, and the one without.
pub const RATIOS: [(&str, &str); 5] = [
    ("GET, guarded", "GET, plain"),
    ("POST, guarded", "POST, plain"),
    ("PATCH, guarded", "PATCH, plain"),
    ("disable, guarded", "disable, plain"),
    ("all, guarded", "all, plain"),
];

/// Names of the figures of one account.
struct Names {
    get: &'static str,
    post: &'static str,
    patch: &'static str,
    disable: &'static str,
    all: &'static str,
}

/// An account with its key and its users.
struct Account {
    key: String,
    users: Vec<Made>,
    names: Names,
}

/// Both accounts.
pub struct Guards([Account; 2]);

/// Every guard that an account can switch on, none of which refuses anything here.
fn guarded() -> Value {
    json!({
        "preset": "standard",
        "roles": { "meaning": "grant", "protected": ["ACCOUNTADMINISTRATOR"] },
        "guards": ["account_quorum", "group_quorum", "last_admin", "token_owner", "rank"],
        "quorum_member": "suspend",
        "credentials": { "ownership": "exclusive", "lifetime_days_max": 365 },
        "brake": { "changes_per_hour": 100_000_000, "answer": "accept" },
        "alerts": { "no_contact_hours": 1, "failure_percent": 50, "leavers_per_hour": 500 },
        "limits": { "requests_per_second": 1_000_000 },
    })
}

/// The same without any of them.
fn plain() -> Value {
    json!({
        "preset": "standard",
        "roles": { "meaning": "grant" },
        "guards": [],
        "alerts": { "no_contact_hours": null },
    })
}

impl Guards {
    /// Makes both accounts and their users.
    pub fn fill(server: &Server) -> Self {
        let ceiling =
            json!({ "name": "Bench", "role_ceiling": "ACCOUNTMEMBER", "allowed_ips": ["127.0.0.0/8", "::1/128"] });
        let account = |policy: Value, app: Value, names: Names| {
            let key = server.make_account_under(&policy, &app);
            let users = server.create_users_with(&key, USERS);
            Account { key, users, names }
        };
        let with =
            Names { get: RATIOS[0].0, post: RATIOS[1].0, patch: RATIOS[2].0, disable: RATIOS[3].0, all: RATIOS[4].0 };
        let without =
            Names { get: RATIOS[0].1, post: RATIOS[1].1, patch: RATIOS[2].1, disable: RATIOS[3].1, all: RATIOS[4].1 };
        Self([account(guarded(), ceiling, with), account(plain(), json!({ "name": "Bench" }), without)])
    }

    /// One round; who is first alternates.
    pub fn measure(&self, server: &Server, round: usize, figures: &mut Figures) {
        let [one, other] = &self.0;
        let order = if round.is_multiple_of(2) { [one, other] } else { [other, one] };
        for account in order {
            account.measure(server, round, figures);
        }
    }
}

impl Account {
    fn measure(&self, server: &Server, round: usize, figures: &mut Figures) {
        let Self { key, users, names } = self;
        let user = |connection: usize, n: usize| &users[(connection * 31 + n * CONNECTIONS) % users.len()].id;
        let change = |connection, n, body: String| {
            wire("PATCH", &format!("/scim/v2/Users/{}", user(connection, n)), key, Some(&body))
        };
        let get = run(server.address, CONNECTIONS, ROUND, |connection, n| {
            wire("GET", &format!("/scim/v2/Users/{}", user(connection, n)), key, None)
        });
        let post = run(server.address, CONNECTIONS, ROUND, |connection, n| {
            let body = server::user_body(&format!("new-{round}-{connection}-{n}@bench.example"));
            wire("POST", "/scim/v2/Users", key, Some(&body))
        });
        let patch = run(server.address, CONNECTIONS, ROUND, |connection, n| {
            change(connection, n, server::patch_body(&format!("title {round} {connection} {n}")))
        });
        // Off and on again: half of them count for the brake.
        let disable = run(server.address, CONNECTIONS, ROUND, |connection, n| {
            change(connection, n, server::active_body(n % 2 == 1))
        });
        for (name, per_second) in [(names.get, get), (names.post, post), (names.patch, patch), (names.disable, disable)]
        {
            figures.add(name, per_second);
        }
        // One of each, after the other: what a client that does a quarter of each would have.
        figures.add(names.all, 4.0 / (1.0 / get + 1.0 / post + 1.0 / patch + 1.0 / disable));
    }
}
