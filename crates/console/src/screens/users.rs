//! The users of an account.

use crate::{
    Filled, Page, Place, Shell, Tab, address,
    components::{
        button_link, count,
        field::{Field, form, submit},
        filters::{Filter, Filters, filters},
        mark::{Mark, managed, state},
        message::{blank, refusal},
        nothing,
        paging::paging,
        primary_link,
        table::{cell, free, head, head_opt, lead_link, opt, row, table},
        time::time,
    },
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

/// Something with an id and a name.
#[derive(Clone, Debug, Deserialize)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A role that a user holds.
#[derive(Clone, Debug, Deserialize)]
pub struct HeldRole {
    /// Its id, or the value of a system role.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The group that gives it.
    pub via: Option<Named>,
}

/// Whether a user may use the account.
#[derive(Clone, Debug, Deserialize)]
pub struct SignIn {
    /// Whether it may.
    pub allowed: bool,
    /// Why not.
    pub reason: Option<String>,
}

/// A user, as the management API shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct User {
    /// Its id.
    pub id: String,
    /// The sign-in name.
    pub user_name: String,
    /// What the identity provider knows the user by.
    pub external_id: Option<String>,
    /// Whether the user is enabled.
    pub active: bool,
    /// Whether the person has proved the address.
    pub verified: bool,
    /// The admin app that manages the user.
    pub origin: Option<Named>,
    /// The source outside that brings the user.
    pub source: Option<String>,
    /// The roles that the user holds.
    pub roles: Vec<HeldRole>,
    /// The groups that the user is in.
    pub groups: Vec<Named>,
    /// Whether an administrator changed the roles since they were asserted.
    pub roles_overridden: bool,
    /// Whether the user may use the account.
    pub sign_in: SignIn,
    /// When it was deleted.
    pub deleted: Option<Timestamp>,
    /// From when on it is removed for good.
    pub purge_at: Option<Timestamp>,
    /// When it was made.
    pub created: Timestamp,
    /// When it changed last.
    pub modified: Timestamp,
    /// All attributes, as SCIM has them.
    pub attributes: serde_json::Map<String, serde_json::Value>,
}

impl User {
    /// What the user is called: the display name, or what one signs in with.
    pub fn title(&self) -> &str {
        let shown = self.attributes.get("displayName").and_then(|name| name.as_str());
        shown.filter(|name| !name.trim().is_empty()).unwrap_or(&self.user_name)
    }

    /// Whether the person may sign in.
    pub fn state(&self) -> Markup {
        match (self.deleted, self.active, self.sign_in.allowed) {
            (Some(_), _, _) => state(Mark::Off, "Deleted"),
            (None, false, _) => state(Mark::Off, "Disabled"),
            (None, true, false) => state(Mark::Wait, "Pending verification"),
            (None, true, true) => state(Mark::On, "Active"),
        }
    }

    /// Who manages the user.
    pub fn manager_of(&self) -> Markup {
        managed(self.origin.as_ref().map(|origin| origin.name.as_str()).or(self.source.as_deref()))
    }
}

/// A page of the list.
pub struct List<'a> {
    /// The users.
    pub users: &'a [User],
    /// How many there are in all.
    pub total: i64,
    /// Those in the bin are shown.
    pub deleted: bool,
    /// Whether the account keeps deleted users.
    pub has_bin: bool,
    /// The cursor of the next page.
    pub next: Option<&'a str>,
    /// What is filtered by.
    pub chosen: &'a Filled,
    /// Whether whoever looks may change users.
    pub may_manage: bool,
}

/// The list.
pub fn list(shell: &Shell, list: &List<'_>) -> Markup {
    let base = path(shell, "");
    let own = [
        ("state", list.chosen.value("state")),
        ("managed", list.chosen.value("managed")),
        ("q", list.chosen.value("q")),
    ];
    let here = address(&base, &[("deleted", if list.deleted { "true" } else { "" }), own[0], own[1], own[2]]);
    let is_filtered = own.iter().any(|(_, value)| !value.is_empty());
    let empty = || match (is_filtered, list.deleted) {
        (true, _) => {
            blank("No user matches", "Nobody is found with these filters.", button_link(&base, "Clear filters"))
        }
        (false, true) => {
            blank("No deleted users", "Who is deleted stays here until the time to restore is over.", nothing())
        }
        (false, false) => blank(
            "No users yet",
            "An identity provider creates them over SCIM once an administrative app is set up, or you add them one by one.",
            html! { @if list.may_manage { (primary_link(&path(shell, "/new"), "Add user")) } },
        ),
    };
    let body = html! {
        div.section {
            @if !list.deleted { (filters(&filter_form(&base), list.chosen)) }
            @if list.users.is_empty() { (empty()) } @else { (rows(shell, list)) }
            @let first = (!list.chosen.value("cursor").is_empty()).then_some(here.as_str());
            @let next = list.next.map(|cursor| append(&here, "cursor", cursor));
            (paging("Pages of users", &shown(list), first, next.as_deref()))
        }
    };
    let mut tabs = vec![tab("All users", base, Some(list.total), !list.deleted)];
    if list.has_bin {
        tabs.push(tab("Deleted users", path(shell, "?deleted=true"), None, list.deleted));
    }
    let acts = html! {
        (button_link(&path(shell, ".csv"), "Export CSV")) " "
        @if list.may_manage { (primary_link(&path(shell, "/new"), "Add user")) }
    };
    Page::new("Users", Place::Users, body).tabs(tabs).acts(acts).render(shell)
}

fn tab(label: &str, href: String, count: Option<i64>, is_current: bool) -> Tab<'_> {
    Tab { label, href, count, is_current }
}

/// Where something of the users is: `rest` follows `/users`.
fn path(shell: &Shell, rest: &str) -> String {
    shell.path(&format!("/users{rest}"))
}

fn append(address: &str, name: &str, value: &str) -> String {
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}{name}={}", crate::escaped(value))
}

fn shown(list: &List<'_>) -> String {
    let here = count(list.users.len() as i64);
    if list.next.is_none() && list.chosen.value("cursor").is_empty() {
        return format!("{here} shown");
    }
    format!("{here} on this page")
}

fn filter_form(base: &str) -> Filters<'_> {
    let options = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect()
    };
    Filters {
        action: base,
        label: "Search users",
        placeholder: Some("Beginning of a sign-in name"),
        filters: vec![
            Filter {
                name: "state",
                label: "State",
                options: options(&[("", "Any"), ("active", "Active"), ("disabled", "Disabled")]),
            },
            Filter {
                name: "managed",
                label: "Managed by",
                options: options(&[("", "Any or none"), ("true", "An identity provider"), ("false", "Nobody (local)")]),
            },
        ],
    }
}

fn rows(shell: &Shell, list: &List<'_>) -> Markup {
    let heads = [
        head("Name"),
        head("State"),
        head("Managed by"),
        head("Roles"),
        head_opt(if list.deleted { "Removed for good" } else { "Last change" }),
    ];
    let rows = html! { @for user in list.users {
        (row(!user.active || user.deleted.is_some(), html! {
            (lead_link(&path(shell, &format!("/{}", user.id)), user.title(), Some(&user.user_name)))
            (cell("State", user.state()))
            (cell("Managed by", user.manager_of()))
            (free("Roles", role_names(&user.roles)))
            (opt("Last change", match user.purge_at { Some(at) => time(at, shell.now), None => time(user.modified, shell.now) }))
        }))
    } };
    table("Users", &heads, rows)
}

/// The names of roles, in words.
pub fn role_names(roles: &[HeldRole]) -> String {
    roles.iter().map(|role| role.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The form for another user.
pub fn add(shell: &Shell, roles: &[Named], filled: &Filled) -> Markup {
    let mut options = vec![("", "The account’s default role")];
    options.extend(roles.iter().map(|role| (role.id.as_str(), role.name.as_str())));
    let fields = html! {
        (Field::email("email", "Email address").hint("What the user signs in with.").row(filled))
        (Field::choice("role", "Role", &options).row(filled))
    };
    let body = html! {
        (refusal(filled, "The user was not added"))
        (form(&path(shell, ""), &shell.csrf, fields, submit("Add user")))
    };
    Page::new("Add user", Place::Users, body).below("Users", path(shell, "")).render(shell)
}

/// The first line of an export.
pub const CSV_HEAD: &str = "id,userName,externalId,displayName,state,managedBy,roles,created,lastModified\r\n";

/// The line of a user in an export.
pub fn csv_line(user: &User) -> String {
    let state = match (user.deleted, user.active, user.sign_in.allowed) {
        (Some(_), _, _) => "deleted",
        (None, false, _) => "disabled",
        (None, true, false) => "pending verification",
        (None, true, true) => "active",
    };
    let fields = [
        user.id.clone(),
        user.user_name.clone(),
        user.external_id.clone().unwrap_or_default(),
        user.title().to_owned(),
        state.to_owned(),
        user.origin.as_ref().map(|origin| origin.name.clone()).or(user.source.clone()).unwrap_or_default(),
        role_names(&user.roles),
        user.created.to_string(),
        user.modified.to_string(),
    ];
    format!("{}\r\n", fields.map(|field| csv_field(&field)).join(","))
}

/// A field of a line: quoted where it has to be. What a spreadsheet would take for a formula is made text (`'=1+1`).
pub fn csv_field(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::csv_field;

    #[test]
    fn a_field_is_quoted_and_no_formula() {
        for (text, field) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=1+1", "'=1+1"),
            ("@sum(a1)", "'@sum(a1)"),
            ("-1,2", "\"'-1,2\""),
        ] {
            assert_eq!(csv_field(text), field);
        }
    }
}
