//! The sending half of the two documents: a company provisions over real HTTP into accounts under `dsm` and `fulcrum`. What the documents
//! do by clicks is done here by the requests behind them.

mod attributes;
mod changes;
mod cycles;
mod demand;
mod fulcrum;
mod groups;
mod interrupted;
mod leavers;
mod lineage;
mod logs;
mod newcomers;
mod notices;
mod plans;
pub mod recorder;
mod roles;
mod together;
mod wire;

use crate::support::{Account, Answer, Lodger, Server, encoded, id};
use recorder::Recorder;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError, Weak};

const MEMBER: &str = "ACCOUNTMEMBER";
const AUDITOR: &str = "ACCOUNTAUDITOR";
const ADMINISTRATOR: &str = "ACCOUNTADMINISTRATOR";

/// What the Fortanix DSM document leaves of the mapping of users.
fn dsm_rows() -> Value {
    json!([
        { "target": "userName", "source": "userPrincipalName", "matching": 1 },
        { "target": "active", "expression": "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" },
        { "target": "externalId", "source": "objectId" },
        { "target": "roles", "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])" },
    ])
}

/// What the Fulcrum document leaves of it.
fn fulcrum_rows() -> Value {
    let mut rows = dsm_rows();
    rows.as_array_mut().expect("rows are a list").extend([
        json!({ "target": "emails[type eq \"work\"].value", "source": "mail" }),
        json!({ "target": "name.givenName", "source": "givenName" }),
        json!({ "target": "name.familyName", "source": "surname" }),
    ]);
    rows
}

/// A server of these tests that may call this machine: it runs as long as somebody holds it.
fn server() -> Arc<Server> {
    static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let started = Arc::new(Server::start_with(&["--allow-private-targets"]));
        *shared = Arc::downgrade(&started);
        started
    })
}

/// A company, whose users and groups are the truth: a directory of its own, on a server that may call this machine.
pub fn company() -> Lodger {
    let server = server();
    Lodger { account: server.account(json!("directory")), server }
}

/// An account under the preset `dsm`, in the same process as the company.
pub fn dsm(company: &Lodger) -> Account {
    company.server.account(json!("dsm"))
}

/// An enterprise app of a company.
struct App<'a> {
    company: &'a Account,
    id: String,
}

/// An app of the company that leads to a target, with its key.
#[track_caller]
fn app<'a>(company: &'a Account, tenant_url: &str, key: &str) -> App<'a> {
    let body = json!({ "name": tenant_url, "tenant_url": tenant_url, "secret_token": key });
    App { company, id: id(&company.api("POST", "/enterprise-apps", body).expect(201).json()) }
}

/// An app that leads into a DSM account as the document has it set up: three mappings and roles, no groups.
#[track_caller]
fn into_dsm<'a>(company: &'a Account, target: &Account) -> App<'a> {
    let made = app(company, &format!("{}/scim/v2?aadOptscim062020", target.base), &target.key);
    made.maps(dsm_rows(), false);
    made
}

/// The same by way of a proxy.
#[track_caller]
fn through<'a>(company: &'a Account, target: &Account) -> (App<'a>, Recorder) {
    let recorder = Recorder::before(&target.base);
    let made = app(company, &format!("{}/scim/v2?aadOptscim062020", recorder.base), &target.key);
    made.maps(dsm_rows(), false);
    (made, recorder)
}

/// How a cycle went: how it ended, and how many objects it created, updated, disabled, deleted and failed with.
type Went = (String, [u64; 5]);

/// A cycle that did this and came to its end.
fn went(counts: [u64; 5]) -> Went {
    let status = if counts[4] > 0 { "entry_level_errors" } else { "succeeded" };
    (status.to_owned(), counts)
}

impl App<'_> {
    /// A request about the app; `path` below it, or empty for the app itself.
    fn api(&self, method: &str, path: &str, body: Value) -> Answer {
        self.company.api(method, &format!("/enterprise-apps/{}{path}", self.id), body)
    }

    /// Sends these rows of users, and groups or not.
    #[track_caller]
    fn maps(&self, rows: Value, groups: bool) {
        let settings = json!({ "groups": { "enabled": groups } });
        self.api("PUT", "/mappings", json!({ "users": rows, "settings": settings })).expect(200);
    }

    /// Changes the app.
    #[track_caller]
    fn set(&self, change: Value) {
        self.api("PATCH", "", change).expect(200);
    }

    /// Makes an app role.
    #[track_caller]
    fn role(&self, display_name: &str, value: &str) -> String {
        let body = json!({ "display_name": display_name, "value": value, "description": display_name });
        id(&self.api("POST", "/app-roles", body).expect(201).json())
    }

    /// The three system roles of DSM.
    #[track_caller]
    fn system_roles(&self) {
        for role in ["Account Administrator", "Account Member", "Account Auditor"] {
            self.role(role, &role.replace(' ', "").to_uppercase());
        }
    }

    /// Assigns a user, with a role or without.
    #[track_caller]
    fn assign(&self, user: &str, role: Option<&str>) -> String {
        id(&self.api("POST", "/assignments", json!({ "user": user, "app_role": role })).expect(201).json())
    }

    /// Assigns a group, with a role or without.
    #[track_caller]
    fn assign_group(&self, group: &str, role: Option<&str>) -> String {
        id(&self.api("POST", "/assignments", json!({ "group": group, "app_role": role })).expect(201).json())
    }

    /// Takes an assignment away.
    #[track_caller]
    fn unassign(&self, assignment: &str) {
        self.api("DELETE", &format!("/assignments/{assignment}"), Value::Null).expect(204);
    }

    /// Runs a cycle, whatever comes of it, and shows how it went.
    #[track_caller]
    fn run(&self, query: &str) -> Value {
        self.api("POST", &format!("/cycle{query}"), Value::Null).expect(200).json()
    }

    /// Runs a cycle.
    #[track_caller]
    fn cycle(&self) -> Went {
        let ran = self.run("");
        let count = |name: &str| ran["counts"][name].as_u64().expect("a count is a number");
        let counts = ["created", "updated", "disabled", "deleted", "failed"].map(count);
        (ran["status"].as_str().expect("a cycle has a status").to_owned(), counts)
    }

    /// How its provisioning stands.
    #[track_caller]
    fn status(&self) -> Value {
        self.api("GET", "/status", Value::Null).expect(200).json()
    }

    /// Its provisioning log, newest first.
    #[track_caller]
    fn log(&self, query: &str) -> Vec<Value> {
        let list = self.api("GET", &format!("/provisioning-logs?limit=200{query}"), Value::Null).expect(200).json();
        list["items"].as_array().expect("a list").clone()
    }

    /// Actions with their status that the log has of a user, newest first.
    #[track_caller]
    fn log_of(&self, user: &str) -> Vec<String> {
        let word = |of: &Value| of.as_str().expect("a word").to_owned();
        let shown = |entry: &Value| format!("{} {}", word(&entry["action"]), word(&entry["status"]));
        self.log(&format!("&user={}", encoded(user))).iter().map(shown).collect()
    }
}

/// Makes a user of the company: `ann` becomes `ann@a.com`.
#[track_caller]
pub fn hire(company: &Account, name: &str) -> String {
    id(&company.create(json!({ "userName": format!("{name}@a.com"), "displayName": name })))
}

/// Changes attributes of a user of the company.
#[track_caller]
fn change(company: &Account, user: &str, path: &str, value: Value) {
    company.patch(user, json!([{ "op": "replace", "path": path, "value": value }])).expect(200);
}

/// What a SCIM client sees of a user of this name; null for nobody.
#[track_caller]
fn seen(target: &Account, name: &str) -> Value {
    let found = target.find(&format!("userName eq \"{name}@a.com\""));
    assert!(found["totalResults"].as_u64().is_some_and(|count| count < 2), "{found}");
    found["Resources"][0].clone()
}

/// The id of the user of this name.
#[track_caller]
fn id_of(target: &Account, name: &str) -> String {
    id(&seen(target, name))
}

/// The users that a SCIM client sees, with whether each is active, sorted: `ann`, `-bob` who is disabled.
#[track_caller]
pub fn users(target: &Account) -> Vec<String> {
    let list = target.scim("GET", "/Users?count=200", Value::Null).expect(200).json();
    let shown = |user: &Value| {
        let name = user["userName"].as_str().expect("a user has a name").trim_end_matches("@a.com").to_owned();
        if user["active"] == json!(true) { name } else { format!("-{name}") }
    };
    let mut users: Vec<String> = list["Resources"].as_array().into_iter().flatten().map(shown).collect();
    users.sort_by(|one, other| one.trim_start_matches('-').cmp(other.trim_start_matches('-')));
    users
}
