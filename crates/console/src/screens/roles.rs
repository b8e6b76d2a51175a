//! The roles of an account: those of the system, and its own.

mod forms;
mod mapping;
mod page;

pub use forms::{add, confirm_delete, edit};
pub use mapping::{Assertion, Mapping, Meaning, Rules, mapping};
pub use page::{Holders, page};

use crate::{
    Page, Place, Shell, Tab, address,
    components::{
        count,
        mark::tag,
        paging::paging,
        primary_link,
        table::{bare, cell, head, head_num, head_opt, lead, num, opt, row, table},
    },
};
use maud::{Markup, html};
use serde::Deserialize;

/// What a role can permit: its name over the API, its label, what it means.
pub const PERMISSIONS: [(&str, &str, &str); 13] = [
    ("GET_USERS", "See users", "Read the users of the account with their roles and groups."),
    (
        "MANAGE_USERS",
        "Manage users",
        "Add, change, disable and delete users, and set their roles. Includes seeing them.",
    ),
    ("GET_ADMIN_APPS", "See applications", "Read administrative and enterprise applications, without their keys."),
    (
        "MANAGE_SCIM",
        "Set SCIM up",
        "Add administrative apps, rotate and revoke their keys, and set up what is provisioned.",
    ),
    ("GET_ROLES", "See roles", "Read custom roles and what they permit."),
    ("MANAGE_ROLES", "Manage roles", "Add, change and delete custom roles. Includes seeing them."),
    ("GET_GROUPS", "See groups", "Read groups and their members."),
    ("MANAGE_GROUPS", "Manage groups", "Add, change and delete groups, and their members. Includes seeing them."),
    ("GET_POLICY", "See the provisioning policy", "Read the policy in force and its earlier versions."),
    ("MANAGE_POLICY", "Change the provisioning policy", "Put another policy in force. Includes seeing it."),
    ("GET_QUORUM_POLICY", "See quorum policies", "Read who has to approve."),
    ("MANAGE_QUORUM_POLICY", "Change quorum policies", "Say who has to approve. Includes seeing it."),
    ("GET_AUDIT_LOG", "Read the audit log", "Read, verify and export the log, and see what failed."),
];

/// A role, as the management API shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Role {
    /// Its key: the value of a system role, the id of a custom one.
    pub id: String,
    /// The id of a custom role.
    pub role_id: Option<String>,
    /// What an identity provider sends as its value.
    pub value: String,
    /// Its name.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// Whether every account has it.
    pub system: bool,
    /// Whether it is held alone.
    pub exclusive: bool,
    /// `account` or `group`: where it is held.
    pub kind: String,
    /// What it permits, by the names of the API.
    pub permissions: Vec<String>,
    /// Whether users for whom none is asserted have it.
    pub default: bool,
    /// Whether it is a group's.
    pub of_group: bool,
    /// How many hold it themselves; `None` where nobody counts.
    pub holders: Option<i64>,
}

impl Role {
    /// Whether it can be changed and deleted here.
    pub fn is_own(&self) -> bool {
        !self.system && !self.of_group
    }

    fn kind_word(&self) -> &'static str {
        match (self.system, self.of_group, self.kind.as_str()) {
            (true, _, _) => "System role",
            (false, true, _) => "Role of the group of its name",
            (false, false, "group") => "Group role",
            (false, false, _) => "Custom role",
        }
    }
}

/// Where something of the roles is: `rest` follows `/roles`.
fn path(shell: &Shell, rest: &str) -> String {
    shell.path(&format!("/roles{rest}"))
}

/// Where something of one role is.
fn place(shell: &Shell, role: &Role, rest: &str) -> String {
    path(shell, &format!("/{}{rest}", crate::escaped(&role.id)))
}

fn tabs<'a>(shell: &Shell, is_mapping: bool) -> Vec<Tab<'a>> {
    let tab = |label, rest: &str, is_current| Tab { label, href: path(shell, rest), count: None, is_current };
    vec![tab("Roles", "", !is_mapping), tab("Mapping", "/mapping", is_mapping)]
}

/// A page of the list.
pub struct List<'a> {
    /// The roles, those of the system first.
    pub roles: &'a [Role],
    /// The cursor of the next page.
    pub next: Option<&'a str>,
    /// Whether it is the first page.
    pub is_first: bool,
    /// Whether whoever looks may change roles.
    pub may_manage: bool,
}

/// The list.
pub fn list(shell: &Shell, list: &List<'_>) -> Markup {
    let base = path(shell, "");
    let next = list.next.map(|cursor| address(&base, &[("cursor", cursor)]));
    let shown = format!("{} on this page", count(list.roles.len() as i64));
    let body = html! {
        div.section {
            (rows(shell, list.roles))
            (paging("Pages of roles", &shown, (!list.is_first).then_some(base.as_str()), next.as_deref()))
        }
    };
    let acts = html! { @if list.may_manage { (primary_link(&path(shell, "/new"), "Create role")) } };
    Page::new("Roles", Place::Roles, body).acts(acts).tabs(tabs(shell, false)).render(shell)
}

fn rows(shell: &Shell, roles: &[Role]) -> Markup {
    let heads = [head("Name"), head("Kind"), head_opt("How it is held"), head_num("Permissions"), head_num("Holders")];
    let rows = html! { @for role in roles {
        (row(false, html! {
            (lead(html! {
                a href=(place(shell, role, "")) { (role.name) }
                @if role.default { " " (tag("Default")) }
                @let description = role.description.as_deref().filter(|text| !text.is_empty());
                @if let Some(description) = description { " " span.second { (description) } }
            }))
            (cell("Kind", role.kind_word()))
            (opt("How it is held", held(role)))
            (num("Permissions", permission_count(role)))
            (num("Holders", role.holders.map_or_else(|| "not counted".to_owned(), count)))
        }))
    } };
    table("Roles", &heads, rows)
}

/// Whether it is held beside others.
fn held(role: &Role) -> &'static str {
    if role.exclusive { "Alone (exclusive)" } else { "With other roles" }
}

fn permission_count(role: &Role) -> String {
    if role.permissions.len() == PERMISSIONS.len() { "All".to_owned() } else { count(role.permissions.len() as i64) }
}

/// What permissions are, in words: label and meaning.
fn permissions(role: &Role) -> Markup {
    let heads = [head("Permission"), head("Lets its holder")];
    let known = |name: &str| PERMISSIONS.iter().find(|(permission, _, _)| *permission == name);
    html! {
        @if role.permissions.is_empty() {
            p.quiet { "None: whoever holds it may sign in, and manages nothing." }
        } @else {
            (table("Permissions", &heads, html! { @for name in &role.permissions { (row(false, html! {
                @match known(name) {
                    Some((_, label, meaning)) => { (lead(html! { (label) })) (cell("Lets its holder", meaning)) }
                    None => { (lead(html! { code { (name) } })) (bare("")) }
                }
            })) } }))
        }
    }
}
