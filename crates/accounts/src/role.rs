//! Roles: what they permit, which sets of them are legal, and how an assertion finds one.

mod assertion;
mod decide;
mod mirror;
mod set;

pub use assertion::{Asserted, Meaning, RoleError, assert_roles, explain};
pub use decide::{Held, RoleEdit, create, delete, update};
pub(crate) use mirror::mirror;
pub use set::{check, represent};

use provost_change::ResourceId;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// What a role lets its holder do in the account. One `Manage…` implies the finer ones of its subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Permission {
    /// See the users of the account.
    GetUsers,
    /// Make, change, disable and remove users, and set their roles.
    ManageUsers,
    /// See the admin apps, without their keys.
    GetAdminApps,
    /// Make admin apps, rotate and revoke their keys: set up SCIM.
    ManageScim,
    /// See custom roles.
    GetRoles,
    /// Make, change and remove custom roles.
    ManageRoles,
    /// See groups.
    GetGroups,
    /// Make, change and remove groups.
    ManageGroups,
    /// See the provisioning policy and its versions.
    GetPolicy,
    /// Change the provisioning policy.
    ManagePolicy,
    /// See quorum policies.
    GetQuorumPolicy,
    /// Change quorum policies.
    ManageQuorumPolicy,
    /// Read and verify the audit log.
    GetAuditLog,
}

impl Permission {
    /// Every permission, in the order in which they are documented.
    pub const ALL: [Self; 13] = [
        Self::GetUsers,
        Self::ManageUsers,
        Self::GetAdminApps,
        Self::ManageScim,
        Self::GetRoles,
        Self::ManageRoles,
        Self::GetGroups,
        Self::ManageGroups,
        Self::GetPolicy,
        Self::ManagePolicy,
        Self::GetQuorumPolicy,
        Self::ManageQuorumPolicy,
        Self::GetAuditLog,
    ];

    /// Whether holding this permission includes `other`.
    pub fn implies(self, other: Self) -> bool {
        self == other
            || matches!(
                (self, other),
                (Self::ManageUsers, Self::GetUsers)
                    | (Self::ManageScim, Self::GetAdminApps)
                    | (Self::ManageRoles, Self::GetRoles)
                    | (Self::ManageGroups, Self::GetGroups)
                    | (Self::ManagePolicy, Self::GetPolicy)
                    | (Self::ManageQuorumPolicy, Self::GetQuorumPolicy)
            )
    }

    /// Whether it only reads.
    pub fn reads_only(self) -> bool {
        !matches!(
            self,
            Self::ManageUsers
                | Self::ManageScim
                | Self::ManageRoles
                | Self::ManageGroups
                | Self::ManagePolicy
                | Self::ManageQuorumPolicy
        )
    }
}

/// As it is written: `MANAGE_USERS`, ….
impl fmt::Display for Permission {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(out)
    }
}

/// The roles that every account has; they cannot be changed, and each counts as exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SystemRole {
    /// May do everything in the account.
    AccountAdministrator,
    /// Belongs to the account, manages nothing.
    AccountMember,
    /// Sees everything in the account, changes nothing.
    AccountAuditor,
}

impl SystemRole {
    /// The three of them.
    pub const ALL: [Self; 3] = [Self::AccountAdministrator, Self::AccountMember, Self::AccountAuditor];

    /// What stands for it in `roles.value`: without spaces, as Entra demands of an app role's value.
    pub const fn value(self) -> &'static str {
        match self {
            Self::AccountAdministrator => "ACCOUNTADMINISTRATOR",
            Self::AccountMember => "ACCOUNTMEMBER",
            Self::AccountAuditor => "ACCOUNTAUDITOR",
        }
    }

    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountAdministrator => "Account Administrator",
            Self::AccountMember => "Account Member",
            Self::AccountAuditor => "Account Auditor",
        }
    }

    /// Whether it permits something.
    pub fn permits(self, permission: Permission) -> bool {
        match self {
            Self::AccountAdministrator => true,
            Self::AccountMember => false,
            Self::AccountAuditor => permission.reads_only(),
        }
    }
}

/// Names a role of the account: a system role by its value, a custom role by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleKey {
    /// A system role.
    System(SystemRole),
    /// A custom role.
    Custom(ResourceId),
}

/// A custom role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Its `role_id`: what an identity provider uses as the app role's value. Never changes.
    pub id: ResourceId,
    /// Unique in the account, at most [`NAME_MAX`] characters.
    pub name: String,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// Whether it is held in the account or in a group; only account roles can be asserted over SCIM.
    pub kind: RoleKind,
    /// An exclusive role is held alone.
    pub exclusive: bool,
    /// What it permits.
    pub permissions: Vec<Permission>,
    /// Whether it is the role of the group with its id (`groups.mode: roles`): it has the group's name, and goes with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_group: bool,
}

/// Where a custom role is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RoleKind {
    /// In the account.
    #[default]
    Account,
    /// In one group of the account.
    Group,
}

/// Longest name of a role, group or admin app, in characters.
pub const NAME_MAX: usize = 256;

impl fmt::Display for RoleKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(role) => out.write_str(role.value()),
            Self::Custom(id) => fmt::Display::fmt(id, out),
        }
    }
}

impl FromStr for RoleKey {
    type Err = provost_change::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match SystemRole::ALL.into_iter().find(|role| role.value() == text) {
            Some(role) => Ok(Self::System(role)),
            None => text.parse().map(Self::Custom),
        }
    }
}

impl Serialize for RoleKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RoleKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(|_| de::Error::custom("expected ACCOUNTADMINISTRATOR, ACCOUNTMEMBER, ACCOUNTAUDITOR or a role id"))
    }
}
