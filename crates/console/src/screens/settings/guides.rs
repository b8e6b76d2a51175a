//! How an identity provider is set up, with the account's own address and what its policy asks for.

use super::admin_apps::App;
use maud::{Markup, html};
use serde_json::Value;

/// An identity provider that there is a guide for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Provider {
    /// Microsoft Entra ID, by its page Connect your application.
    #[default]
    Entra,
    /// Microsoft Entra ID, by the provisioning mode Automatic.
    EntraAutomatic,
    /// Okta.
    Okta,
    /// OneLogin.
    OneLogin,
    /// Whatever else speaks SCIM 2.0.
    Other,
}

/// What a policy asks of an identity provider.
#[derive(Debug)]
pub struct Asked<'a>(pub &'a Value);

impl Provider {
    /// Every guide, with its name in an address.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Entra, "entra"),
        (Self::EntraAutomatic, "entra-automatic"),
        (Self::Okta, "okta"),
        (Self::OneLogin, "onelogin"),
        (Self::Other, "other"),
    ];

    /// The provider of a name; the first for any other.
    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|(_, given)| *given == name).map_or_else(Self::default, |(provider, _)| provider)
    }

    /// Its name in an address.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(provider, _)| *provider == self).map_or("", |(_, name)| name)
    }

    /// Whether it is Entra, whatever its pages look like.
    pub fn is_entra(self) -> bool {
        matches!(self, Self::Entra | Self::EntraAutomatic)
    }

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Entra => "Microsoft Entra ID",
            Self::EntraAutomatic => "Microsoft Entra ID, mode Automatic",
            Self::Okta => "Okta",
            Self::OneLogin => "OneLogin",
            Self::Other => "Other SCIM client",
        }
    }

    /// The address that it is given: what stands behind `?` asks for Entra's standard dialect, and others do not take it.
    pub fn url(self, app: &App) -> &str {
        match self {
            Self::Entra | Self::EntraAutomatic => &app.tenant_url,
            Self::Okta | Self::OneLogin | Self::Other => {
                app.tenant_url.split_once('?').map_or(&app.tenant_url, |(base, _)| base)
            }
        }
    }

    /// What it calls the address and the key.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Entra | Self::EntraAutomatic => ("Tenant URL", "Secret Token at the identity provider"),
            Self::Okta => {
                ("Tenant URL", "API Token at the identity provider, called SCIM connector base URL and token")
            }
            Self::OneLogin => ("Tenant URL", "SCIM Bearer Token at the identity provider"),
            Self::Other => ("Tenant URL", "bearer token at the identity provider"),
        }
    }

    /// Where the address and the key are entered.
    pub fn connect(self) -> Markup {
        match self {
            Self::Entra => html! {
                "In Microsoft Entra ID open the enterprise application, choose Provisioning, then Connect your application. "
                "Paste the tenant URL and the key (Secret Token) there and choose Test connection. "
                "Entra then asks for a user who does not exist, and expects an empty list."
            },
            Self::EntraAutomatic => html! {
                "In Microsoft Entra ID open the enterprise application, choose Provisioning, Get started, and the mode Automatic. "
                "Paste the tenant URL and the key (Secret Token) under Admin Credentials, choose Test Connection, then Save."
            },
            Self::Okta => html! {
                "In Okta open the application’s Provisioning tab, choose Integration, then Configure API Integration. "
                "Paste the tenant URL as base URL and the key as API token, and choose Test API Credentials."
            },
            Self::OneLogin => html! {
                "In OneLogin open the application’s Configuration page. Paste the tenant URL as SCIM Base URL and the key as "
                "SCIM Bearer Token, and enable the API status."
            },
            Self::Other => html! {
                "Give the client the tenant URL as its base address and have it send the key in the header "
                code { "Authorization: Bearer …" } ". Any read proves the connection, such as " code { "GET /Users?count=1" } "."
            },
        }
    }

    /// How the first user is provisioned.
    pub fn first_user(self, asked: &Asked<'_>) -> Markup {
        let act = match self {
            Self::Entra | Self::EntraAutomatic => {
                "Assign one user to the application, then choose Provision on demand for this user."
            }
            Self::Okta => {
                "Enable Create Users, Update User Attributes and Deactivate Users under To App, then assign one user."
            }
            Self::OneLogin => {
                "Enable provisioning for create, delete and update, then give one user access to the application."
            }
            Self::Other => "Have the client create one user.",
        };
        html! {
            (act) " "
            @match asked.attributes() {
                Some(names) => {
                    "Map " (listed(&names)) ". Delete the other mappings: this account’s policy "
                    (asked.unsupported()) " them."
                }
                None => { "All standard attributes are taken; keep the mappings that the identity provider suggests." }
            }
            " Match users by " code { "userName" } "."
        }
    }

    /// What makes it go on by itself.
    pub fn go_on(self) -> &'static str {
        match self {
            Self::Entra | Self::EntraAutomatic => {
                "Set Provisioning Status to On. Entra then provisions about every 40 minutes."
            }
            Self::Okta => {
                "Assign the groups of people who are to be provisioned. Okta then sends each change as it happens."
            }
            Self::OneLogin => {
                "Assign roles to the application and approve what waits. OneLogin then sends each change as it happens."
            }
            Self::Other => "Let the client run. What it does is listed under Requests.",
        }
    }

    /// What to know of roles there.
    pub fn roles(self) -> Markup {
        match self {
            Self::Entra | Self::EntraAutomatic => html! {
                "Create one app role for each role here, and use the role’s id as its value. Map "
                code { "roles" } " with " code { "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])" } "."
            },
            Self::Okta => {
                html! { "Add an attribute with the external name " code { "roles" } " to the application’s profile." }
            }
            Self::OneLogin => html! { "Add a parameter " code { "roles" } " and include it in user provisioning." },
            Self::Other => {
                html! { "Send " code { r#""roles": [{"value": "…", "primary": true}]"# } " with each user." }
            }
        }
    }
}

impl Asked<'_> {
    fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or("")
    }

    /// The attributes that the policy takes; `None` for all.
    pub fn attributes(&self) -> Option<Vec<&str>> {
        let names = self.0.pointer("/users/attributes")?.as_array()?;
        Some(names.iter().filter_map(Value::as_str).collect())
    }

    /// What becomes of other attributes, as a verb.
    pub fn unsupported(&self) -> &'static str {
        match self.text("/users/unsupported_on_patch") {
            "reject" => "refuses",
            "store" => "keeps, but does not use,",
            _ => "does not keep",
        }
    }

    /// Whether somebody holds one role only.
    pub fn is_one_role(&self) -> bool {
        self.text("/roles/cardinality") == "single"
    }

    /// By what a role is known.
    pub fn role_rule(&self) -> &'static str {
        let ways = self.0.pointer("/roles/matching").and_then(Value::as_array);
        let has = |way: &str| ways.is_some_and(|ways| ways.iter().any(|one| one == way));
        match (has("id") || has("value_name"), has("display") || has("display_else_value")) {
            (true, false) => "The value decides which role it is; the display name is for people.",
            (false, true) => "The display name decides which role it is; the value is for the identity provider.",
            (true, true) | (false, false) => {
                "Both the value and the display name can say which role it is: give both as they stand here."
            }
        }
    }

    /// What to know of sign-in names that change.
    pub fn identifier(&self) -> &'static str {
        match self.text("/users/identifier_update") {
            "update" => {
                "A changed sign-in name is taken over; still, do not change e-mail addresses without need: other systems may not follow."
            }
            "ignore" => {
                "A changed sign-in name is not taken over: the person keeps the former one here, and the audit log warns."
            }
            "reject" => "A changed sign-in name is refused, and with it the whole change.",
            _ => "Not every account takes a changed sign-in name over.",
        }
    }

    /// What becomes of people who are here already.
    pub fn existing(&self) -> &'static str {
        match self.text("/users/existing") {
            "link" => "Somebody who is here already under the same sign-in name is linked, not made again.",
            "separate" => "Somebody who is here already is made a second time, unless migrated before.",
            "conflict" => "Somebody who is here already is in the way and answered with 409, unless migrated before.",
            _ => "",
        }
    }

    /// What becomes of somebody who is unassigned.
    pub fn deactivation(&self) -> &'static str {
        match self.text("/users/on_deactivate") {
            "remove" => "is removed from this account.",
            _ => "is disabled here: signed out at once, with roles and groups kept.",
        }
    }

    /// What becomes of somebody who is deleted.
    pub fn deletion(&self) -> &'static str {
        match self.text("/users/on_delete") {
            "soft_delete" => "is moved to the bin here and can be restored from there.",
            "disable" => "is disabled here and kept.",
            "refuse" => "stays here: this account refuses it.",
            _ => "is removed from this account for good.",
        }
    }

    /// What may be done to users.
    pub fn users(&self) -> String {
        let mut verbs = vec!["create"];
        if self.text("/users/existing") == "link" {
            verbs.push("link");
        }
        verbs.push("update");
        verbs.push(if self.text("/users/on_deactivate") == "remove" { "remove when deactivated" } else { "disable" });
        match self.text("/users/on_delete") {
            "remove" => verbs.push("remove"),
            "soft_delete" => verbs.push("move to the bin"),
            _ => {}
        }
        let mut text = verbs.join(", ");
        text[..1].make_ascii_uppercase();
        text
    }

    /// What may be done with groups.
    pub fn groups(&self) -> &'static str {
        match self.text("/groups/mode") {
            "off" => "Off in this account’s policy",
            "roles" => "Create, update, remove; each group is a role",
            _ => "Create, update, remove",
        }
    }
}

fn listed(names: &[&str]) -> Markup {
    html! {
        @for (position, name) in names.iter().enumerate() {
            @if position > 0 { @if position + 1 == names.len() { " and " } @else { ", " } }
            code { (name) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_policy_allows_is_said_in_words() {
        let dsm = json!({
            "users": { "existing": "link", "on_deactivate": "disable", "on_delete": "remove", "attributes": ["userName", "roles"],
                "unsupported_on_patch": "reject" },
            "groups": { "mode": "off" },
        });
        let asked = Asked(&dsm);
        assert_eq!(
            (asked.users().as_str(), asked.groups()),
            ("Create, link, update, disable, remove", "Off in this account’s policy")
        );
        let said = Provider::Entra.first_user(&asked).into_string();
        assert!(said.contains("<code>userName</code> and <code>roles</code>. Delete the other mappings"), "{said}");
        assert!(said.contains("refuses them"), "{said}");
        let open = json!({ "users": { "attributes": "all" } });
        assert!(Provider::Okta.first_user(&Asked(&open)).into_string().contains("All standard attributes are taken"));
    }
}
