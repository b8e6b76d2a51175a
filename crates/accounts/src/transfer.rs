//! An account as lines of JSON, to be taken to another installation: everything but secrets and the audit log.
//!
//! First comes a header; then what makes the account's configuration, which the rest is read with; then policies that were in force
//! before, users, groups, who is in them, quorum policies, resources of the account's own types, and enterprise apps with their roles and
//! assignments; then an end, without which the file is not whole. Ids stay what they are. API keys, links in mails, secret tokens and the
//! targets of streams are left out, and so is what was done at the targets of enterprise apps.

mod export;
mod import;
mod read;

pub use export::line;
pub use import::{Batch, Import, LINE_BYTES_MAX};

use crate::{configuration::Corrupt, derived::Derived};
use jiff::Timestamp;
use provost_change::{AccountId, Kind, Record, ResourceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The form of the lines; another number is another form.
pub const FORMAT: u32 = 1;

/// Members of a group that one line names, at most.
pub const MEMBERS_MAX: usize = 1_000;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Line {
    /// The first.
    Header(Header),
    /// The account itself.
    Account(Item),
    /// The policy in force.
    Policy(Item),
    /// A custom role.
    Role(Item),
    /// An admin app, without its keys.
    AdminApp(Item),
    /// A schema of the account's own.
    Schema(Item),
    /// A resource type of the account's own.
    ResourceType(Item),
    /// An index that the account declares.
    Index(Item),
    /// A policy that was in force.
    PolicyVersion(Item),
    /// A user.
    User(Item),
    /// A user who is disabled until somebody may remove it.
    SuspendedUser(Item),
    /// A user who was deleted and can be restored.
    DeletedUser(Item),
    /// A group, without its members.
    Group(Item),
    /// Members of a group.
    Members(Members),
    /// A quorum policy.
    QuorumPolicy(Item),
    /// A resource of one of the account's own types.
    Resource(Item),
    /// An enterprise app, without its secret token, and stopped.
    EnterpriseApp(Item),
    /// A role of an enterprise app.
    AppRole(Item),
    /// Who is assigned to an enterprise app.
    AppAssignment(Item),
    /// The last.
    End(End),
}

/// What follows from a record of a kind that is kept elsewhere than here; `None` for other kinds.
pub type Elsewhere = fn(AccountId, &Record) -> Option<Result<Derived, Corrupt>>;

/// The kinds that are kept elsewhere and taken along.
const OUTBOUND: [&str; 3] = ["enterprise-app", "app-role", "app-assignment"];

/// What the first line says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`].
    pub format: u32,
    /// Which account it is.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// When the lines were begun.
    pub time: Timestamp,
    /// The newest entry of the audit log then.
    pub seq: u64,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Its id.
    pub id: ResourceId,
    /// The type of a resource of the account's own types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<ResourceId>,
    /// When it was made.
    pub created: Timestamp,
    /// When it changed last.
    pub modified: Timestamp,
    /// What is shown of it.
    pub attributes: Value,
    /// What SCIM does not show of it.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub state: Value,
}

/// Some members of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Members {
    /// Which group.
    pub group: ResourceId,
    /// When the group changed last.
    pub modified: Timestamp,
    /// Users in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<ResourceId>,
    /// Groups in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<ResourceId>,
}

/// What the last line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// How many lines came before.
    pub lines: u64,
    /// The newest entry of the audit log at the end. If it is that of the header, nothing changed while the lines were written, and
    /// they show one moment.
    pub seq: u64,
}

impl Line {
    /// What it counts as in a summary.
    fn noun(&self) -> &'static str {
        match self {
            Self::Header(_) | Self::Account(_) | Self::End(_) => "lines",
            Self::Policy(_) | Self::PolicyVersion(_) => "policy_versions",
            Self::Role(_) => "roles",
            Self::AdminApp(_) => "admin_apps",
            Self::Schema(_) => "schemas",
            Self::ResourceType(_) => "resource_types",
            Self::Index(_) => "indexes",
            Self::User(_) => "users",
            Self::SuspendedUser(_) => "suspended_users",
            Self::DeletedUser(_) => "deleted_users",
            Self::Group(_) => "groups",
            Self::Members(_) => "members",
            Self::QuorumPolicy(_) => "quorum_policies",
            Self::Resource(_) => "resources",
            Self::EnterpriseApp(_) => "enterprise_apps",
            Self::AppRole(_) => "app_roles",
            Self::AppAssignment(_) => "app_assignments",
        }
    }

    /// Whether it belongs to what the other lines are read with.
    fn configures(&self) -> bool {
        match self {
            Self::Account(_)
            | Self::Policy(_)
            | Self::Role(_)
            | Self::AdminApp(_)
            | Self::Schema(_)
            | Self::ResourceType(_)
            | Self::Index(_) => true,
            Self::Header(_)
            | Self::PolicyVersion(_)
            | Self::User(_)
            | Self::SuspendedUser(_)
            | Self::DeletedUser(_)
            | Self::Group(_)
            | Self::Members(_)
            | Self::QuorumPolicy(_)
            | Self::Resource(_)
            | Self::EnterpriseApp(_)
            | Self::AppRole(_)
            | Self::AppAssignment(_)
            | Self::End(_) => false,
        }
    }
}

/// The kind of resources of a type of the account's own.
fn custom_kind(of: ResourceId) -> Kind {
    Kind::named(format!("{CUSTOM}{of}"))
}

/// What the kinds of such resources begin with.
const CUSTOM: &str = "custom.";
