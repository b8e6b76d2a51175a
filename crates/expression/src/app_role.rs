//! App roles, and the values of a complex attribute that they become.

use serde_json::{Value as Json, json};
use uuid::Uuid;

/// `type` of every role that Entra sends.
pub const APP_ROLE_TYPE: &str = "WindowsAzureActiveDirectoryRole";

/// A role that an enterprise app offers, as assigned to the user at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppRole {
    /// Id of the app role; the older PATCH dialect sends it.
    pub id: Uuid,
    /// What the target knows the role by.
    pub value: String,
    /// What people know the role by.
    pub display_name: String,
}

impl AppRole {
    pub(crate) fn bytes(&self) -> usize {
        self.value.len() + self.display_name.len() + 16
    }
}

/// All roles of a user, and what the target shall do about others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppRoles {
    /// In the order in which they were given.
    pub roles: Vec<AppRole>,
    /// Which function made them.
    pub form: RoleForm,
}

/// What it means that a role is not among [`AppRoles::roles`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleForm {
    /// `AppRoleAssignmentsComplex`: nothing. Roles are added and never removed.
    Added,
    /// `AssertiveAppRoleAssignmentsComplex`: the target shall take it away.
    Asserted,
}

impl AppRoles {
    /// The elements of the complex attribute, as a POST carries them: what was added calls the name `displayName`, what is
    /// asserted calls it `display`.
    pub fn elements(&self) -> Vec<Json> {
        self.roles.iter().map(|role| element(role, self.form)).collect()
    }
}

fn element(role: &AppRole, form: RoleForm) -> Json {
    let AppRole { value, display_name, .. } = role;
    match form {
        RoleForm::Added => {
            json!({ "primary": false, "type": APP_ROLE_TYPE, "displayName": display_name, "value": value })
        }
        RoleForm::Asserted => {
            json!({ "primary": false, "type": APP_ROLE_TYPE, "display": display_name, "value": value })
        }
    }
}
