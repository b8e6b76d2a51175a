//! What administrators do to enterprise apps, their roles and their assignments: who asks is judged elsewhere; here it becomes a change
//! set with its audit entry, or is refused.
//!
//! Making and removing an app are changes of the account's configuration, and what is done below an app rests on the configuration that
//! it was decided under. So nothing comes to stand below an app that goes in the same moment.

mod app;
mod assignment;
mod derived;
mod job;
mod mappings;
mod removal;
mod role;

pub use app::{AppEdit, create, default_mappings, delete, update};
pub use assignment::{DEFAULT_ACCESS, Principal, assign, reassign, unassign};
pub use derived::{derived, derived_of_any};
pub use job::{Started, put_job, restart, set_started, settle_held, tell};
pub use mappings::{MappingsEdit, ObjectEdit, set_mappings};
pub use removal::{COUNT as REMOVALS_COUNT, Removal, below, removed};
pub use role::{RoleEdit, create_role, delete_role, update_role};

use crate::{AppRole, Assignment, EnterpriseApp, Problem, SourceSchemas, check};
use provost_accounts::{Call, Configuration, Corrupt, Refused, assignments, audit::Entry};
use provost_change::{AccountId, Delete, Expect, IndexEntry, Kind, Put, Record, ResourceId};
use serde::{Serialize, de::DeserializeOwned};

/// Enterprise apps in one account.
pub const APPS_MAX: i64 = 100;
/// The count of an account's enterprise apps.
pub const APPS_COUNT: &str = "enterprise-app";
/// App roles of one app.
pub const ROLES_MAX: usize = 1_000;
/// Longest description, in characters.
pub const DESCRIPTION_MAX: usize = 1_000;

/// In which app a role is: found by the app's id.
pub const ROLE_APP: &str = "app-role.app";
pub use provost_accounts::assignments::{
    APP as ASSIGNMENT_APP, PRINCIPAL as ASSIGNMENT_PRINCIPAL, ROLE as ASSIGNMENT_ROLE,
};

const APP_NAME: &str = "enterprise-app.name";
const ROLE_NAME: &str = "app-role.display_name";
const ROLE_VALUE: &str = "app-role.value";

/// A record with what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Registered<T> {
    /// As it is stored.
    pub record: Record,
    /// Its document.
    pub value: T,
}

impl<T: DeserializeOwned> Registered<T> {
    /// Reads a record.
    ///
    /// # Errors
    /// When the database was changed by something else.
    pub fn read(account: AccountId, record: Record) -> Result<Self, Corrupt> {
        match serde_json::from_str(&record.doc) {
            Ok(value) => Ok(Self { record, value }),
            Err(error) => Err(Corrupt { account, kind: record.kind, id: record.id, cause: error.to_string() }),
        }
    }
}

impl<T> Registered<T> {
    /// Its id.
    pub fn id(&self) -> ResourceId {
        self.record.id
    }

    /// The same record as it is once a change is committed.
    fn with(&self, call: &Call, value: T) -> Self {
        Self { record: Record { version: self.record.version + 1, modified: call.now, ..self.record.clone() }, value }
    }
}

/// A record that was just made.
fn new<T: Serialize>(kind: Kind, call: &Call, value: T) -> Registered<T> {
    let id = ResourceId::new(call.new_id);
    let mut record = provost_accounts::account::put(kind, id, call, &value, Expect::Absent).record;
    record.version = 1;
    Registered { record, value }
}

/// The put of a record as it is to be: `before` is what it replaces.
fn put<T: Serialize>(call: &Call, of: &Registered<T>, before: Option<&Record>) -> Put {
    let expect = before.map_or(Expect::Absent, |before| Expect::Version(before.version));
    let mut put = provost_accounts::account::put(of.record.kind.clone(), of.id(), call, &of.value, expect);
    put.record.created = of.record.created;
    put
}

fn delete_of(record: &Record) -> Delete {
    Delete {
        kind: record.kind.clone(),
        id: record.id,
        version: record.version,
        releases: Vec::new(),
        index_removes: Vec::new(),
    }
}

/// Where records are found whose attribute names another record.
pub fn entry(attribute: &str, id: ResourceId) -> IndexEntry {
    IndexEntry { attribute: attribute.to_owned(), value: id.to_string() }
}

/// Problems of an app that one refusal names.
const PROBLEMS_MAX: usize = 5;

/// Whether an app can be run beside the account's resource types.
fn checked(config: &Configuration, app: &EnterpriseApp) -> Result<(), Refused> {
    let mut problems = check(app, SourceSchemas { users: &config.full_user, groups: &config.full_group });
    if app.tenant_url.is_empty() {
        if app.secret_token.is_some() {
            return Err(Refused::invalid(
                "`secret_token`: give the tenant URL first, or with it: a token is for one host",
            ));
        }
        // Nothing is sent before somebody says where to.
        problems.retain(|problem| problem.field != "tenant_url");
    }
    if problems.is_empty() {
        return Ok(());
    }
    let said = |problem: &Problem| {
        let field = problem.field.strip_prefix("mappings.").unwrap_or(&problem.field);
        let place = problem.at.map(|at| format!(" (line {}, column {})", at.line, at.column)).unwrap_or_default();
        format!("`{field}`{place}: {}", problem.problem)
    };
    let mut sentences: Vec<String> = problems.iter().take(PROBLEMS_MAX).map(said).collect();
    if problems.len() > PROBLEMS_MAX {
        sentences.push(format!("and {} more", problems.len() - PROBLEMS_MAX));
    }
    Err(Refused::invalid(sentences.join("; ")))
}

fn about_app(action: &'static str, app: &Registered<EnterpriseApp>) -> Entry {
    Entry::done(action).about(&EnterpriseApp::kind(), app.id(), &app.value.name)
}

/// What a taken unique value means, when it is one of those kept here.
pub fn taken(space: &str) -> Option<Refused> {
    let detail = match space {
        APP_NAME => "an enterprise app of this name exists",
        ROLE_NAME => "the app has a role with this display name",
        ROLE_VALUE => "the app has a role with this value",
        assignments::UNIQUE => "the user or group is assigned with this role already",
        _ => return None,
    };
    Some(Refused::status(409, detail))
}

/// What a count that has reached its bound means, when it is one of those kept here.
pub fn full(count: &str) -> Option<Refused> {
    let refused = || Refused::status(409, format!("an account has at most {APPS_MAX} enterprise apps"));
    (count == APPS_COUNT).then(refused)
}

/// The kinds of the records that are kept here.
pub fn kinds() -> [Kind; 3] {
    [EnterpriseApp::kind(), AppRole::kind(), Assignment::kind()]
}
