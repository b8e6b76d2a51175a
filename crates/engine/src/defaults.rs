//! What a new app begins with: Entra's default mappings and the target's attributes, as data.

use crate::{Mappings, ObjectMapping, Objects};
use std::sync::LazyLock;

static DEFAULTS: LazyLock<Mappings> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/default-mappings.json"))
        .expect("the mappings of this crate are well formed")
});

impl Default for Mappings {
    /// Entra's default mappings of a SCIM app: 22 rows for users and three for groups, and what Entra lists of a target.
    fn default() -> Self {
        DEFAULTS.clone()
    }
}

impl Mappings {
    /// The mapping of users or of groups.
    pub fn of(&self, of: Objects) -> &ObjectMapping {
        match of {
            Objects::Users => &self.users,
            Objects::Groups => &self.groups,
        }
    }
}
