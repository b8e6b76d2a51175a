//! The guide of an identity provider, with the account's own address, attributes and values: from nothing to users who come by themselves.

use crate::{
    Page, Place, Shell,
    components::{
        code::{copied, copyable},
        facts::facts,
        mark::{Mark, state, tag},
        message::{Tone, callout, support},
        nothing, section,
        table::{cell, free, head, lead, row, table},
    },
    screens::settings::guides::{Asked, Provider},
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

/// Attributes that are worth mapping where the policy takes all.
const USUAL: [&str; 7] =
    ["userName", "active", "externalId", "displayName", "name.givenName", "name.familyName", "title"];

/// A role of the account, as far as a guide tells of it.
#[derive(Clone, Debug, Deserialize)]
pub struct OwnRole {
    /// Its name.
    pub name: String,
    /// What an identity provider sends as its value.
    pub value: String,
    /// `account` or `group`: where it is held.
    pub kind: String,
    /// Whether users for whom none is asserted have it.
    pub default: bool,
}

/// What is done of a set-up; `None` where whoever looks may not know.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    /// An administrative app has a key.
    pub has_key: Option<bool>,
    /// The identity provider has asked.
    pub has_asked: Option<bool>,
    /// It has provisioned somebody.
    pub has_users: Option<bool>,
    /// It has sent roles.
    pub has_roles: Option<bool>,
}

/// What a guide is printed with.
pub struct Guide<'a> {
    /// The identity provider.
    pub provider: Provider,
    /// The address that Entra is given.
    pub tenant_url: &'a str,
    /// The policy in force; `None` where whoever looks may not read it.
    pub policy: Option<&'a Value>,
    /// The roles of the account.
    pub roles: &'a [OwnRole],
    /// How far the set-up is.
    pub standing: Standing,
    /// Whether the account takes groups.
    pub has_groups: bool,
}

/// The page.
pub fn guide(shell: &Shell, guide: &Guide<'_>) -> Markup {
    let provider = guide.provider;
    let nothing_asked = Value::Null;
    let asked = Asked(guide.policy.unwrap_or(&nothing_asked));
    let chapter = |id: &str, heading: &str, body: Markup| {
        section(id, heading, nothing(), html! { div.stack-small.prose { (body) } })
    };
    let body = html! {
        (section("sides", "Both sides", html! { p { "The set-up needs both: what is missing keeps users or roles from coming" } },
            checklist(guide)))
        (section("parts", "How it fits together", nothing(), parts(guide)))
        (chapter("application", "1. Add the application at the identity provider", provider.add()))
        (chapter("credential", "2. Set up SCIM in this account", credential(shell)))
        (section("connection", "3. Connect the two", nothing(), connection(guide)))
        (section("attributes", "4. Map attributes", nothing(), attributes(guide, &asked)))
        (section("roles", "5. Provision roles", nothing(), roles(guide, &asked)))
        (chapter("groups", "6. Groups", groups(shell, guide)))
        (chapter("on", "7. Test with one person, then switch on", provider.switch_on()))
        (section("lifecycle", "Lifecycle", nothing(), lifecycle(&asked)))
        (chapter("trouble", "When something goes wrong", trouble(shell, guide)))
        (section("providers", "Identity providers", nothing(), providers(shell)))
        (support(shell.support.as_deref()))
    };
    let title = format!("Guide: {}", provider.label());
    let others = html! {
        form.filters method="get" action=(shell.path("/help/guide")) {
            label.filter { span { "Identity provider" } " "
                select name="idp" { @for (other, name) in Provider::ALL {
                    option value=(name) selected[other == provider] { (other.label()) }
                } }
            }
            " " button.button type="submit" { "Show guide" }
        }
    };
    let sub =
        html! { "Automatic provisioning and de-provisioning over SCIM, from " (provider.label()) " into this account" };
    Page::new(&title, Place::Overview, body).below("Help", shell.path("/help")).subtitle(sub).acts(others).render(shell)
}

/// The five parts, from where a call begins to whom it is for.
fn parts(guide: &Guide<'_>) -> Markup {
    html! {
        figure.stack-small {
            ol.chain.prose aria-label="From the identity provider to this account" {
                li { div { b { "Identity provider" } " " (guide.provider.label()) ": who works here, and with which role" } }
                li { div { b { "Its SCIM client" } " sends what changed, with the key; nobody calls it" } }
                li { div { b { "SCIM endpoints" } " " code { (guide.tenant_url) } } }
                li { div { b { "Admin app" } " whose key it is: what it may do, and what it did" } }
                li aria-current="true" { div { b { "This account" } " with its policy: users, groups, roles" } }
            }
            figcaption.fine { "All calls go this way. What they are answered goes back, and nothing else does." }
        }
    }
}

/// The identity providers that there are guides for, and how each is set up.
fn providers(shell: &Shell) -> Markup {
    let way = |provider: Provider| match provider {
        Provider::Entra | Provider::EntraAutomatic => {
            "Manual, not in gallery: an application of your own is made first"
        }
        Provider::Okta | Provider::OneLogin => "Manual, by the provider’s general SCIM application",
        Provider::Other => "Manual, with whatever speaks SCIM 2.0",
    };
    let rows = html! { @for (provider, name) in Provider::ALL { (row(false, html! {
        (lead(html! { a href=(crate::address(&shell.path("/help/guide"), &[("idp", name)])) { (provider.label()) } }))
        (free("Set-up", way(provider)))
    })) } };
    table("Identity providers", &[head("Identity provider"), head("Set-up")], rows)
}

/// What is done on each side, and what is missing.
fn checklist(guide: &Guide<'_>) -> Markup {
    let standing = guide.standing;
    let default = guide.roles.iter().find(|role| role.default).map_or("the default role", |role| role.name.as_str());
    let without_roles = format!("Until then everybody is {default}");
    let lines = [
        ("This account", "An administrative app with a key", standing.has_key, "Add one under Settings"),
        (
            "This account",
            "Roles with the values of chapter 5",
            Some(!guide.roles.is_empty()),
            "You may not see the roles",
        ),
        ("Identity provider", "Tenant URL and secret token are entered", standing.has_asked, "No request has come yet"),
        ("Identity provider", "One person is provisioned", standing.has_users, "Nobody has come yet"),
        ("Identity provider", "App roles are made, assigned and mapped", standing.has_roles, without_roles.as_str()),
    ];
    table(
        "Both sides",
        &[head("Side"), head("What"), head("State")],
        html! { @for (side, what, is_done, missing) in lines {
            (row(false, html! {
                (cell("Side", side))
                (lead(html! { (what) }))
                (free("State", match is_done {
                    Some(true) => state(Mark::On, "Done"),
                    Some(false) => html! { (state(Mark::Warn, "Missing")) " " span.second { (missing) } },
                    None => html! { span.none { "Not to be seen by you" } },
                }))
            }))
        } },
    )
}

fn credential(shell: &Shell) -> Markup {
    html! {
        ol {
            li {
                "Open " a href=(shell.path("/settings/admin-apps")) { "Settings, Administrative apps" }
                " and choose Add administrative app."
            }
            li { "Enter a name that tells which identity provider it is. API key is the authentication method that is chosen already." }
            li { "Choose Create. The key is shown once: copy it. View API key details shows later how it ends and when it was used." }
        }
        p { "Where the policy takes tokens of people instead, an owner opens Settings, API, chooses New API token, enters a description, "
            "chooses Create token and copies the token. It ends with its owner." }
    }
}

fn connection(guide: &Guide<'_>) -> Markup {
    let pairs: Vec<(&str, Markup)> = guide
        .provider
        .connection()
        .iter()
        .map(|(name, what)| (*name, crate::components::message::marked(what)))
        .collect();
    html! { div.stack-small {
        (facts(&pairs))
        (copyable("Tenant URL", url(guide), "the tenant URL"))
        @if guide.provider.is_entra() {
            p.fine { "What stands behind “?” asks Entra for its SCIM-compliant dialect. Both are understood here." }
        }
    } }
}

fn url<'a>(guide: &'a Guide<'_>) -> &'a str {
    if guide.provider.is_entra() {
        guide.tenant_url
    } else {
        guide.tenant_url.split_once('?').map_or(guide.tenant_url, |(base, _)| base)
    }
}

fn attributes(guide: &Guide<'_>, asked: &Asked<'_>) -> Markup {
    let own = asked.attributes();
    let names: Vec<&str> = own.clone().unwrap_or_else(|| USUAL.to_vec());
    let role_function = if asked.is_one_role() {
        "SingleAppRoleAssignment([appRoleAssignments])"
    } else {
        "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"
    };
    let source = |name: &str| match name {
        "roles" if guide.provider.is_entra() => role_function,
        name => guide.provider.source(name),
    };
    html! { div.stack-small {
        (guide.provider.mapping())
        (table("Attributes to keep", &[head("Attribute here"), head("From")], html! { @for name in &names {
            (row(false, html! { (lead(html! { code { (name) } })) (free("From", html! { (source(name)) })) }))
        } }))
        @if own.is_some() {
            p { "These are all that this account’s policy takes; it " (asked.unsupported()) " others when they are changed. "
                "Left in place, they make updates and de-provisioning fail wherever the policy refuses them." }
        } @else {
            p.quiet { "This account’s policy takes every standard attribute; these are the usual ones." }
        }
        (callout(Tone::Info, "Do not change e-mail addresses after provisioning", html! { p { (asked.identifier()) } }))
    } }
}

fn roles(guide: &Guide<'_>, asked: &Asked<'_>) -> Markup {
    html! { div.stack-small {
        div.prose { h3 { "In this account" } p { "These roles are here; administrators add others under Roles, "
            "Create role. A custom role’s "
            "value is its " code { "role_id" } "." } }
        (table("Roles and their values", &[head("Role"), head("Display name"), head("Value")], html! {
            @for role in guide.roles.iter().filter(|role| role.kind == "account") {
                (row(false, html! {
                    (lead(html! { (role.name) @if role.default { " " (tag("Default")) } }))
                    (free("Display name", copied(&role.name, &format!("the name {}", role.name))))
                    (free("Value", copied(&role.value, &format!("the value of {}", role.name))))
                }))
            }
        }))
        p { (asked.role_rule()) }
        div.prose { h3 { "At the identity provider" } (guide.provider.role_steps(asked.is_one_role())) }
        p { "Roles follow what is assigned there, with every cycle: whoever loses the assignment loses the role." }
    } }
}

fn groups(shell: &Shell, guide: &Guide<'_>) -> Markup {
    html! {
        @if guide.has_groups {
            p { "This account takes groups. Enable the provisioning of groups and assign those that are to come; who is in them is "
                "managed at "
                "the identity provider from then on. "
                a href=(shell.path("/help#groups")) { "Managing groups" } " tells what stays yours." }
        } @else {
            p { "This account takes no groups: disable the provisioning of groups at the identity provider. Groups may still be "
                "assigned to "
                "the application there: their members come as users." }
        }
    }
}

fn lifecycle(asked: &Asked<'_>) -> Markup {
    facts(&[
        (
            "Create",
            html! { "Whoever is assigned to the application is created here in the next cycle. " (asked.existing()) },
        ),
        (
            "Update",
            html! { "What changes at the identity provider changes here in the next cycle. " (asked.identifier()) },
        ),
        (
            "Disable",
            html! { "Whoever is taken out of the assignment, blocked or deleted there " (asked.deactivation()) },
        ),
        (
            "Re-enable",
            html! {
                "Whoever is assigned again is enabled again, as the same user. Restoring a deleted person at the identity provider is not "
            "enough: "
                "the assignment has to be made again."
            },
        ),
        (
            "Delete",
            html! { "Whoever is deleted there for good " (asked.deletion()) " Other accounts are not touched." },
        ),
    ])
}

fn trouble(shell: &Shell, guide: &Guide<'_>) -> Markup {
    html! {
        ul {
            li { a href=(shell.path("")) { "Overview" } " lists failures to act on, each with its reason and what to do." }
            li { a href=(shell.path("/requests")) { "Request log" } " shows what the identity provider sent and was answered." }
            li { a href=(shell.path("/audit")) { "Audit log" } " shows what was created, updated, disabled and removed, and by whom." }
            li { (guide.provider.logs()) }
            li { a href=(shell.path("/help")) { "Help" } " explains every refusal." }
        }
    }
}
