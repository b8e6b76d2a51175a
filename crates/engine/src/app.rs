//! Enterprise applications: the outbound connections of an account.

use crate::{Compatibility, Mappings};
use provost_change::Kind;
use serde::{Deserialize, Serialize};

/// An outbound connection: where it leads, and what of the account goes there.
///
/// Stored as one record of [`EnterpriseApp::kind`]. How far its provisioning has come is kept elsewhere, since the engine writes that
/// all the time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnterpriseApp {
    /// What people call it; unique in the account.
    pub name: String,
    /// The target's SCIM base, with flags for the client as its query: `?aadOptscim062020` asks for the newer PATCH dialect. Empty until
    /// somebody connects the app: then it has no token, and nothing is sent.
    pub tenant_url: String,
    /// What authenticates at the target; without one nothing is sent.
    pub secret_token: Option<SecretToken>,
    /// Whether it runs by itself.
    pub started: bool,
    /// Seconds from the beginning of one cycle to that of the next.
    pub interval: u64,
    /// Who is in scope before filters are asked.
    pub scope: ScopeMode,
    /// How many disables and deletes one cycle may bring; more are held until somebody allows or rejects them. `None`: any number.
    pub accidental_deletion_threshold: Option<u32>,
    /// Whether those who leave the scope are left alone at the target.
    pub skip_out_of_scope_deletions: bool,
    /// Whether members of groups inside an assigned group count as its members. Entra has no such thing.
    pub nested_groups: bool,
    /// Whether an attribute that the source has no more is cleared at the target. Entra leaves it.
    pub clear_nulls: bool,
    /// What is done about changes that somebody else made at the target.
    pub drift: Drift,
    /// Addresses that are told of quarantine and of held deletions.
    pub notify: Vec<String>,
    /// What the target needs otherwise than Entra sends it.
    #[serde(default)]
    pub compatibility: Compatibility,
    /// What is sent, by kind of object.
    pub mappings: Mappings,
}

/// A secret that is stored sealed and never shown again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretToken {
    /// The sealed text.
    pub sealed: String,
    /// Its last characters, to tell it from another one: four, and none of a short one.
    pub ends_with: String,
}

/// Who is in scope before filters are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScopeMode {
    /// Users and groups that are assigned, and direct members of assigned groups.
    #[default]
    Assigned,
    /// All users and groups of the account. Roles cannot be sent then.
    All,
}

/// What is done about changes that somebody else made at the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Drift {
    /// Nobody looks, as with Entra: they stay until the source changes.
    #[default]
    Ignore,
    /// They are looked for and logged.
    Alert,
    /// They are undone.
    Repair,
    /// They are taken over as what was written last, and stay until the source changes.
    Adopt,
}

/// A kind of object of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objects {
    /// Users.
    Users,
    /// Groups.
    Groups,
}

/// Seconds between cycles where nobody says otherwise: Entra's 40 minutes.
pub const INTERVAL_DEFAULT: u64 = 40 * 60;

impl EnterpriseApp {
    /// A new app with what Entra begins with: stopped, assigned users and groups, every 40 minutes, its default mappings.
    pub fn new(name: impl Into<String>, tenant_url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            tenant_url: tenant_url.into(),
            secret_token: None,
            started: false,
            interval: INTERVAL_DEFAULT,
            scope: ScopeMode::Assigned,
            accidental_deletion_threshold: None,
            skip_out_of_scope_deletions: false,
            nested_groups: false,
            clear_nulls: false,
            drift: Drift::Ignore,
            notify: Vec::new(),
            compatibility: Compatibility::default(),
            mappings: Mappings::default(),
        }
    }

    /// The kind of the records.
    pub fn kind() -> Kind {
        Kind::named("enterprise-app")
    }
}
