//! Entra's names of source attributes, as data.

use super::computed::Computed;
use crate::{Objects, SourceType};
use serde::Deserialize;
use std::sync::LazyLock;

/// A name of Entra's for something of the account.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// Entra's name; case matters.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: SourceType,
    /// The SCIM path that it stands for; `None` when it is computed.
    #[serde(default)]
    pub path: Option<String>,
    #[serde(default)]
    pub(super) computed: Option<Computed>,
    /// Whether scoping filters may ask it.
    #[serde(default = "yes")]
    pub filterable: bool,
    /// What it is, for people.
    pub note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    users: Vec<Alias>,
    groups: Vec<Alias>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/source-attributes.json"))
        .expect("the table of this crate is well formed")
});

fn yes() -> bool {
    true
}

/// Entra's names of the attributes of users or groups, in the order in which people look for them.
pub fn aliases(of: Objects) -> &'static [Alias] {
    match of {
        Objects::Users => &TABLE.users,
        Objects::Groups => &TABLE.groups,
    }
}
