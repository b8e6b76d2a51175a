//! The groups of an account.

mod forms;
mod page;

pub use forms::{Choice, add, add_members, confirm_delete, rename};
pub use page::{Approvers, Member, View, page};

use super::users::Named;
use crate::{
    Filled, Page, Place, Shell, address,
    components::{
        button_link, count,
        filters::{Filters, filters},
        mark::managed,
        message::{Tone, blank, callout},
        nothing,
        paging::paging,
        primary_link,
        table::{cell, head, head_num, head_opt, lead_link, num, opt, row, table},
        time::time,
    },
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

/// A group, as the management API shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// Its name.
    pub display_name: String,
    /// What the identity provider knows it by.
    pub external_id: Option<String>,
    /// Whether an identity provider manages it.
    pub managed: bool,
    /// The admin app through which it does.
    pub origin: Option<Named>,
    /// The source outside that brings it.
    #[serde(default)]
    pub source: Option<String>,
    /// Whether its name and members are changed at the identity provider only.
    pub locked: bool,
    /// The role that its members hold.
    pub role: Option<Named>,
    /// The groups that it is in.
    pub groups: Vec<Named>,
    /// How many members it has; `None` for very many.
    pub member_count: Option<i64>,
    /// When it was made.
    pub created: Timestamp,
    /// When it or its members changed last.
    pub modified: Timestamp,
}

impl Group {
    /// Who manages it.
    pub fn manager_of(&self) -> Markup {
        managed(self.origin.as_ref().map(|origin| origin.name.as_str()).or(self.source.as_deref()))
    }

    /// How many members it has, in words.
    pub fn members(&self) -> String {
        self.member_count.map_or_else(|| "more than 1,000".to_owned(), count)
    }
}

/// A page of the list.
pub struct List<'a> {
    /// The groups.
    pub groups: &'a [Group],
    /// The cursor of the next page.
    pub next: Option<&'a str>,
    /// What is searched for.
    pub chosen: &'a Filled,
    /// Whether whoever looks may change groups.
    pub may_manage: bool,
    /// Whether the account takes groups over SCIM; `None` where whoever looks may not know.
    pub over_scim: Option<bool>,
}

/// The list.
pub fn list(shell: &Shell, list: &List<'_>) -> Markup {
    let base = path(shell, "");
    let search = list.chosen.value("q");
    let here = address(&base, &[("q", search)]);
    let form = Filters {
        action: &base,
        label: "Search groups",
        placeholder: Some("Beginning of a group’s name"),
        filters: Vec::new(),
    };
    let add = || html! { @if list.may_manage { (primary_link(&path(shell, "/new"), "Add group")) } };
    let body = html! {
        @if list.over_scim == Some(false) {
            (callout(Tone::Info, "Identity providers send no groups here", html! { p {
                "The policy does not take groups over SCIM (policy field " code { "groups.mode" } "): those that you make here are the account’s own."
            } }))
        }
        div.section {
            (filters(&form, list.chosen))
            @if !list.groups.is_empty() {
                (rows(shell, list.groups))
            } @else if search.is_empty() {
                @let how = "You add them here, or an identity provider pushes them over SCIM where the policy takes them.";
                (blank("No groups yet", how, add()))
            } @else {
                (blank("No group matches", "No group’s name begins so.", button_link(&base, "Clear search")))
            }
            @let first = (!list.chosen.value("cursor").is_empty()).then_some(here.as_str());
            @let next = list.next.map(|cursor| address(&base, &[("q", search), ("cursor", cursor)]));
            (paging("Pages of groups", &format!("{} on this page", count(list.groups.len() as i64)), first, next.as_deref()))
        }
    };
    let acts = if list.groups.is_empty() && search.is_empty() { nothing() } else { add() };
    Page::new("Groups", Place::Groups, body).acts(acts).render(shell)
}

/// Where something of the groups is: `rest` follows `/groups`.
fn path(shell: &Shell, rest: &str) -> String {
    shell.path(&format!("/groups{rest}"))
}

/// Where something of one group is.
fn place(shell: &Shell, group: &Group, rest: &str) -> String {
    path(shell, &format!("/{}{rest}", group.id))
}

fn rows(shell: &Shell, groups: &[Group]) -> Markup {
    let heads =
        [head("Name"), head("Managed by"), head_num("Members"), head("Role of its members"), head_opt("Last change")];
    let rows = html! { @for group in groups {
        (row(false, html! {
            (lead_link(&place(shell, group, ""), &group.display_name, None))
            (cell("Managed by", group.manager_of()))
            (num("Members", group.members()))
            (cell("Role of its members", role(shell, group)))
            (opt("Last change", time(group.modified, shell.now)))
        }))
    } };
    table("Groups", &heads, rows)
}

/// The role that a group gives, with a link for those who may see roles.
fn role(shell: &Shell, group: &Group) -> Markup {
    match &group.role {
        None => html! { span.none { "None" } },
        Some(role) if shell.places.contains(&Place::Roles) => {
            html! { a href=(shell.path(&format!("/roles/{}", crate::escaped(&role.id)))) { (role.name) } }
        }
        Some(role) => html! { (role.name) },
    }
}
