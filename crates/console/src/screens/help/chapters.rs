//! Chapters of the guide that depend on the identity provider: where it asks for what, and in which words.

use crate::{components::message::marked, screens::settings::guides::Provider};
use maud::{Markup, html};

/// Where Microsoft tells how attribute mappings are customised.
pub const MAPPINGS_AT_MICROSOFT: &str =
    "https://learn.microsoft.com/en-us/entra/identity/app-provisioning/customize-application-attributes";
/// Where Microsoft tells of its provisioning logs.
pub const LOGS_AT_MICROSOFT: &str =
    "https://learn.microsoft.com/en-us/entra/identity/monitoring-health/concept-provisioning-logs";
/// Where Microsoft tells how users and groups are assigned to an application.
pub const ASSIGNMENT_AT_MICROSOFT: &str =
    "https://learn.microsoft.com/en-us/entra/identity/enterprise-apps/assign-user-or-group-access-portal";
/// Where Microsoft tells how a deleted user is restored or removed for good.
pub const DELETED_AT_MICROSOFT: &str = "https://learn.microsoft.com/en-us/entra/fundamentals/users-restore";

/// A link out of the console.
pub fn outward(href: &str, label: &str) -> Markup {
    html! { a href=(href) rel="noreferrer" { (label) } }
}

fn steps(all: &[&str]) -> Markup {
    html! { ol { @for step in all { li { (marked(step)) } } } }
}

/// Fields and buttons with what they are for.
type Named = [(&'static str, &'static str)];

impl Provider {
    /// How an application is added there.
    pub(super) fn add(self) -> Markup {
        steps(match self {
            Self::Entra => &[
                "In the Microsoft Entra admin center open Enterprise applications and choose New application.",
                "Choose Create your own application and give it a name that tells what it leads to.",
                "Choose “Integrate any other application you don’t find in the gallery (Non-gallery)”, then Create.",
                "The application opens. Its menu has Users and groups and, under Manage, Provisioning.",
            ],
            Self::EntraAutomatic => &[
                "In the Microsoft Entra admin center open Enterprise applications.",
                "Open the application with which people sign in here, or add one: New application, Create your own application.",
                "Open its menu item Provisioning, or the tile Provision User Accounts: both lead to the same page.",
            ],
            Self::Okta => &[
                "In the Okta Admin Console open Applications and choose Browse App Catalog.",
                "Add “SCIM 2.0 Test App (OAuth Bearer Token)”, or enable SCIM provisioning under General of your own SAML app.",
            ],
            Self::OneLogin => &[
                "In OneLogin open Applications and choose Add App.",
                "Add “SCIM Provisioner with SAML (SCIM v2 Enterprise)” and save it.",
            ],
            Self::Other => &["Make a connector, target or application of the kind SCIM 2.0 there."],
        })
    }

    /// What is entered and pressed there, in its own words.
    pub(super) fn connection(self) -> &'static Named {
        match self {
            Self::Entra => &[
                (
                    "Tenant URL",
                    "Under Provisioning, Get started, Connect your application. Where requests are sent: the address below.",
                ),
                ("Secret Token", "The API key of the administrative app, as it was shown once."),
                (
                    "Test connection",
                    "Asks for a user who does not exist and expects an empty list. It tells at once whether both are right.",
                ),
                ("Create", "Keeps both and makes the provisioning configuration."),
            ],
            Self::EntraAutomatic => &[
                ("Provisioning Mode", "Under Provisioning, Get started: choose Automatic."),
                ("Tenant URL", "Under Admin Credentials. Where requests are sent: the address below."),
                ("Secret Token", "The API key or API token, as it was shown once."),
                ("Test Connection", "Asks for a user who does not exist and expects an empty list."),
                (
                    "Save",
                    "Keeps both; the mappings show after that. This style has no button Create: saving creates the configuration.",
                ),
            ],
            Self::Okta => &[
                (
                    "SCIM connector base URL",
                    "Provisioning, Integration, Configure API Integration. This is the Tenant URL: the address below.",
                ),
                ("API Token", "This is the Secret Token: the API key of the administrative app."),
                ("Test API Credentials", "Reads users and tells whether both are right."),
                (
                    "Save",
                    "Creates the connection; then enable Create Users, Update User Attributes and Deactivate Users under To App.",
                ),
            ],
            Self::OneLogin => &[
                ("SCIM Base URL", "On the page Configuration. This is the Tenant URL: the address below."),
                ("SCIM Bearer Token", "This is the Secret Token: the API key of the administrative app."),
                ("API Status: Enable", "Tries the connection."),
                ("Save", "Creates the connection; then enable provisioning."),
            ],
            Self::Other => &[
                ("Tenant URL", "Often called base URL or endpoint. Where requests are sent: the address below."),
                ("Secret Token", "The API key, sent with each request as `Authorization: Bearer …`."),
                ("Test", "Any read proves the connection, such as `GET /Users?count=1`."),
                ("Create", "Keep both; how that is called differs."),
            ],
        }
    }

    /// How attributes are mapped there.
    pub(super) fn mapping(self) -> Markup {
        match self {
            Self::Entra => html! { p {
                "Under Manage choose Attribute mapping, then Provision Microsoft Entra ID Users. Keep the mappings of this table "
                "and delete the others."
            } },
            Self::EntraAutomatic => html! { p {
                "Under Provisioning choose Edit provisioning, then Mappings and Provision Entra ID Users. Keep the mappings of this table "
                "and delete the others; attributes that are missing are added under Show advanced options, Edit attribute list."
            } },
            Self::Okta => {
                html! { p { "Under Provisioning, To App, keep the mappings of this table and unmap the others." } }
            }
            Self::OneLogin => {
                html! { p { "Under Parameters include the values of this table in user provisioning, and no others." } }
            }
            Self::Other => html! { p { "Send these attributes, and no others." } },
        }
    }

    /// Where an attribute comes from there.
    pub(super) fn source(self, attribute: &str) -> &'static str {
        match (self, attribute) {
            (Self::Entra | Self::EntraAutomatic, "userName") => {
                "userPrincipalName, or mail where that is the e-mail address"
            }
            (Self::Entra | Self::EntraAutomatic, "active") => {
                "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")"
            }
            (Self::Entra | Self::EntraAutomatic, "externalId") => "objectId",
            (Self::Entra | Self::EntraAutomatic, "name.givenName") => "givenName",
            (Self::Entra | Self::EntraAutomatic, "name.familyName") => "surname",
            (Self::Entra | Self::EntraAutomatic, "title") => "jobTitle",
            (_, "userName") => "the e-mail address",
            (_, "active") => "whether the person is assigned and enabled",
            (_, "externalId") => "the person’s lasting id",
            (_, "roles") => "see Roles below",
            _ => "the value of that name",
        }
    }

    /// How roles are made and sent there.
    pub(super) fn role_steps(self, is_single: bool) -> Markup {
        match self {
            Self::Entra | Self::EntraAutomatic => html! {
                ol {
                    li { "Open App registrations, the application, App roles, and choose Create app role." }
                    li { "Display name: the role’s name, exactly as below. Allowed member types: Users/Groups. Value: as below, "
                        "without spaces. "
                        "Give a description, tick “Do you want to enable this app role?” and choose Apply. Repeat it for each role." }
                    li { "Open Enterprise applications, the application, Users and groups. Choose Add user/group, or select somebody and "
                        "Edit "
                        "assignment; select a role, then Assign." }
                    li { "In the attribute mapping choose Show advanced options, then Edit attribute list, and add "
                        @if is_single { code { "roles[primary eq \"True\"].value" } ", type String." }
                        @else { code { "roles" } ", type String, Multi-Value." } }
                    li { "Add a mapping of the type Expression: "
                        @if is_single { code { "SingleAppRoleAssignment([appRoleAssignments])" } }
                        @else { code { "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])" } }
                        " to the attribute that you added." }
                }
                p { "Microsoft describes this in its "
                    (outward(MAPPINGS_AT_MICROSOFT, "tutorial on customising attribute mappings")) "." }
            },
            Self::Okta | Self::OneLogin | Self::Other => self.roles(),
        }
    }

    /// How somebody is assigned, tried and everybody switched on.
    pub(super) fn switch_on(self) -> Markup {
        match self {
            Self::Entra | Self::EntraAutomatic => html! {
                ol {
                    li { "Users and groups, Add user/group: select people or groups, then Assign. Members of an assigned group come "
                        "with it; "
                        "members of groups within it do not." }
                    li { "Provision on demand: select one person and choose Provision. Each step is shown, and what was sent." }
                    li { (self.go_on()) }
                }
                p { "At Microsoft: "
                    (outward(ASSIGNMENT_AT_MICROSOFT, "managing the assignment of users and groups to an application")) ", and "
                    (outward(DELETED_AT_MICROSOFT, "restoring or permanently removing a deleted user")) "." }
            },
            Self::Okta | Self::OneLogin | Self::Other => html! {
                p { "Assign people or groups to the application, one person first. A person who is taken out of the assignment is "
                    "disabled; "
                    "a person who was deleted by mistake is restored at the identity provider and assigned again." }
                p { (self.go_on()) }
            },
        }
    }

    /// Where its own record of provisioning is.
    pub(super) fn logs(self) -> Markup {
        match self {
            Self::Entra | Self::EntraAutomatic => html! {
                "Entra’s provisioning logs show each person with every step and the answer. Microsoft tells "
                (outward(LOGS_AT_MICROSOFT, "what Entra’s provisioning logs are")) "."
            },
            Self::Okta => html! { "Okta shows what failed under Dashboard, Tasks, and everything in the System Log." },
            Self::OneLogin => {
                html! { "OneLogin shows what failed under Activity, Events, and beside each user of the application." }
            }
            Self::Other => html! { "The client’s own log shows what it sent." },
        }
    }
}
