//! One role: what identity providers call it, what it permits, who holds it.

use super::{Role, held, permissions, place};
use crate::{
    Page, Place, Shell, address,
    components::{
        button_link,
        code::copyable,
        count,
        facts::facts_line,
        message::blank,
        nothing, section,
        table::{cell, head, lead_link, row, table},
    },
    screens::users::User,
};
use maud::{Markup, html};

/// Some of those who hold a role themselves.
pub struct Holders<'a> {
    /// The first of them.
    pub users: &'a [User],
    /// Whether there are more.
    pub more: bool,
}

/// The page. Without holders whoever looks may not see users.
pub fn page(shell: &Shell, role: &Role, who: Option<&Holders<'_>>, may_manage: bool) -> Markup {
    let body = html! {
        (section("sent", "What an identity provider sends", nothing(), sent(shell, role)))
        (section("permits", "Permissions", nothing(), permissions(role)))
        @if let Some(who) = who { (section("holders", "Held by", all(shell, role), holders(shell, role, who))) }
    };
    let acts = html! { @if may_manage && role.is_own() {
        (button_link(&place(shell, role, "/edit"), "Edit role")) " "
        a.button.button--danger href=(place(shell, role, "/delete")) { "Delete" }
    } };
    let mut facts = vec![("Kind", html! { (role.kind_word()) }), ("How it is held", html! { (held(role)) })];
    if let Some(holders) = role.holders {
        facts.push(("Holders", html! { (count(holders)) }));
    }
    if role.default {
        facts.push(("Default", html! { "Users for whom no role is asserted have it" }));
    }
    let page = Page::new(&role.name, Place::Roles, body).below("Roles", shell.path("/roles")).acts(acts);
    let page = match role.description.as_deref().filter(|text| !text.is_empty()) {
        Some(description) => page.subtitle(html! { (description) }),
        None => page,
    };
    page.facts(facts_line(&facts)).render(shell)
}

fn sent(shell: &Shell, role: &Role) -> Markup {
    html! {
        div.stack-small {
            @if role.role_id.is_some() {
                (copyable("role_id", &role.value, "the role_id"))
                p.small { "Use it as the value of the app role at the identity provider. It stays the same when the role is renamed." }
            } @else {
                (copyable("Value", &role.value, "the value"))
                p.small { "Use it as the value of the app role at the identity provider." }
            }
            @let try_it = address(&shell.path("/roles/mapping"), &[("value", &role.value), ("display", &role.name)]);
            p.small { a href=(try_it) { "Test what this assertion gives" } }
        }
    }
}

fn all(shell: &Shell, role: &Role) -> Markup {
    html! { a.small href=(address(&shell.path("/users"), &[("role", &role.id)])) { "All of them in the list of users" } }
}

/// Those who hold a role, as a table.
pub(super) fn holders(shell: &Shell, role: &Role, who: &Holders<'_>) -> Markup {
    if who.users.is_empty() {
        let note = if role.of_group { "Members of the group hold it through the group." } else { "Nobody holds it." };
        return blank("No holders", note, nothing());
    }
    let rows = html! { @for user in who.users {
        (row(!user.active, html! {
            (lead_link(&shell.path(&format!("/users/{}", user.id)), user.title(), user.second_name()))
            (cell("State", user.state()))
            (cell("Managed by", user.manager_of()))
        }))
    } };
    html! {
        (table("Holders", &[head("Name"), head("State"), head("Managed by")], rows))
        @if who.more { p.fine { "The first " (count(who.users.len() as i64)) " are shown." } }
    }
}
