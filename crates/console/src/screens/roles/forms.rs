//! What is changed of a role: forms, and the question that is asked again.

use super::{Holders, PERMISSIONS, Role, path, place};
use crate::{
    Filled, Page, Place, Shell,
    components::{
        button_link, counted,
        field::{Check, Confirmation, Field, boxes, circles, confirmation, form, submit},
        message::{Tone, callout, refusal},
        nothing, section,
    },
};
use maud::{Markup, html};

fn fields(filled: &Filled) -> Markup {
    let checks = PERMISSIONS.map(|(value, label, meaning)| Check { value, label, hint: Some(meaning) });
    let exclusive = [Check {
        value: "yes",
        label: "Exclusive",
        hint: Some("Whoever holds it holds no other role of this account."),
    }];
    html! {
        (Field::text("name", "Name").hint("Unique in the account. Identity providers that send names of roles send this one.").row(filled))
        (Field::lines("description", "Description", 2).optional().hint("For people, at most 1,000 characters.").row(filled))
        (boxes("permissions", "Permissions", &checks, filled))
        (boxes("exclusive", "Combination with others", &exclusive, filled))
    }
}

/// The form for another role.
pub fn add(shell: &Shell, filled: &Filled) -> Markup {
    let kinds = [
        Check {
            value: "account",
            label: "In the account",
            hint: Some("Users hold it, and identity providers can assert it."),
        },
        Check {
            value: "group",
            label: "In a group",
            hint: Some("It cannot be asserted over SCIM as a role of the account."),
        },
    ];
    let body = html! {
        (refusal(filled, "The role was not created"))
        (form(&path(shell, ""), &shell.csrf, html! { (fields(filled)) (circles("kind", "Where it is held", &kinds, filled)) }, submit("Create role")))
    };
    Page::new("Create role", Place::Roles, body).below("Roles", path(shell, "")).render(shell)
}

/// The form for what a role is. Where it was refused, those who hold the role are shown.
pub fn edit(shell: &Shell, role: &Role, who: Option<&Holders<'_>>, filled: &Filled) -> Markup {
    let body = html! {
        (refusal(filled, "The role was not changed"))
        @if let (true, Some(who)) = (filled.is_refused(), who.filter(|who| !who.users.is_empty())) {
            (section("holders", "Who holds it now", nothing(), super::page::holders(shell, role, who)))
        }
        @if role.holders.is_some_and(|holders| holders > 0) {
            (callout(Tone::Info, "The role is in use", html! { p {
                (counted(role.holders.unwrap_or(0), "user holds", "users hold")) " it. Permissions change for them at once; it cannot become exclusive while they do."
            } }))
        }
        (form(&place(shell, role, "/edit"), &shell.csrf, fields(filled), submit("Save role")))
    };
    below(shell, role, "Edit role", body)
}

/// The page that asks again; of a role in use it says by whom instead.
pub fn confirm_delete(shell: &Shell, role: &Role, who: Option<&Holders<'_>>, filled: &Filled) -> Markup {
    let in_use = role.holders.filter(|holders| *holders > 0);
    let body = match in_use {
        Some(holders) => html! {
            (callout(Tone::Bad, &format!("{} this role: it cannot be deleted", counted(holders, "user holds", "users hold")), html! {
                p { "Give them another role first, or change the app role at the identity provider." }
                div.buttons { (button_link(&place(shell, role, ""), "Back to the role")) }
            }))
            @if let Some(who) = who { (section("holders", "Who would lose it", nothing(), super::page::holders(shell, role, who))) }
        },
        None => {
            let ask = Confirmation {
                question: &format!("Delete role {}?", role.name),
                consequences: &[
                    "nobody holds it".to_owned(),
                    "an identity provider that still sends its role_id is answered as the policy says of unknown roles"
                        .to_owned(),
                    "its role_id is never given again; this cannot be undone".to_owned(),
                ],
                name: Some(&role.name),
                fields: nothing(),
                button: "Delete role",
                action: &place(shell, role, "/delete"),
                back: &place(shell, role, ""),
            };
            confirmation(&ask, &shell.csrf, filled)
        }
    };
    below(shell, role, "Confirm", body)
}

fn below(shell: &Shell, role: &Role, title: &str, body: Markup) -> Markup {
    Page::new(title, Place::Roles, body)
        .below("Roles", path(shell, ""))
        .below(role.name.as_str(), place(shell, role, ""))
        .render(shell)
}
