//! What Entra ID's provisioning service sends, in both of its dialects.

use serde_json::{Value, json};

/// The flag on the tenant URL that asks for standard PATCH requests.
pub const FLAG: &str = "aadOptscim062020";
/// What Entra calls a role.
const ROLE_TYPE: &str = "WindowsAzureActiveDirectoryRole";

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// How Entra writes a PATCH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Without the flag: capital operations, `"False"` for `false`.
    Legacy,
    /// With the flag: as RFC 7644 has it.
    Standard,
}

/// Somebody who is assigned to the application in Entra.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// `userPrincipalName`.
    pub user_name: &'static str,
    /// `mailNickname`.
    pub nickname: &'static str,
    /// Given name.
    pub given: &'static str,
    /// Surname.
    pub family: &'static str,
}

/// An app role: the value is what an administrator typed into Entra, for a custom role its role_id.
#[derive(Clone, Debug)]
pub struct AppRole {
    /// Display name.
    pub display: String,
    /// Value.
    pub value: String,
}

impl Dialect {
    fn replace(self) -> &'static str {
        match self {
            Self::Legacy => "Replace",
            Self::Standard => "replace",
        }
    }

    /// `active` as an update.
    pub fn set_active(self, active: bool) -> Value {
        let value = match (self, active) {
            (Self::Standard, active) => json!(active),
            (Self::Legacy, true) => json!("True"),
            (Self::Legacy, false) => json!("False"),
        };
        patch(json!({ "op": self.replace(), "path": "active", "value": value }))
    }

    /// A changed text attribute: with a path, or, with the flag, merged into an operation without one.
    pub fn set_text(self, attribute: &str, text: &str) -> Value {
        patch(match self {
            Self::Legacy => json!({ "op": self.replace(), "path": attribute, "value": text }),
            Self::Standard => json!({ "op": self.replace(), "value": { attribute: text } }),
        })
    }
}

/// The body of a POST with the default mappings and `AssertiveAppRoleAssignmentsComplex([appRoleAssignments])` on `roles`.
pub fn create(person: &Person, roles: &[AppRole]) -> Value {
    let display = format!("{} {}", person.given, person.family);
    json!({
        "schemas": [USER, ENTERPRISE_USER],
        "externalId": person.nickname,
        "userName": person.user_name,
        "active": true,
        "displayName": display,
        "emails": [{ "primary": true, "type": "work", "value": person.user_name }],
        "meta": { "resourceType": "User" },
        "name": { "formatted": display, "familyName": person.family, "givenName": person.given },
        "roles": elements(roles),
    })
}

/// A changed set of assignments, as `AssertiveAppRoleAssignmentsComplex` sends it.
pub fn set_roles(roles: &[AppRole]) -> Value {
    patch(json!({ "op": "replace", "path": "roles", "value": elements(roles) }))
}

fn elements(roles: &[AppRole]) -> Vec<Value> {
    let element =
        |role: &AppRole| json!({ "primary": false, "type": ROLE_TYPE, "display": role.display, "value": role.value });
    roles.iter().map(element).collect()
}

fn patch(operation: Value) -> Value {
    json!({ "schemas": [PATCH_OP], "Operations": [operation] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_1_3_the_flag_changes_how_a_patch_is_written() {
        for (dialect, active, text) in [
            (
                Dialect::Legacy,
                r#"{"op":"Replace","path":"active","value":"False"}"#,
                r#"{"op":"Replace","path":"userName","value":"x"}"#,
            ),
            (
                Dialect::Standard,
                r#"{"op":"replace","path":"active","value":false}"#,
                r#"{"op":"replace","value":{"userName":"x"}}"#,
            ),
        ] {
            assert_eq!(dialect.set_active(false)["Operations"][0].to_string(), active);
            assert_eq!(dialect.set_text("userName", "x")["Operations"][0].to_string(), text);
        }
    }
}
