//! Which role an identity provider's assertion gives: the table, and a box to try one in.

use super::{Role, path, place, tabs};
use crate::{
    Filled, Page, Place, Shell,
    components::{
        code::copied,
        facts::facts,
        field::Field,
        message::{Tone, callout, told},
        nothing, section,
        table::{free, head, lead, row, table},
    },
    screens::users::Named,
};
use maud::{Markup, html};
use serde::Deserialize;

/// What an assertion would give, as the management API tells.
#[derive(Clone, Debug, Deserialize)]
pub struct Assertion {
    /// The roles that the user would hold.
    pub roles: Vec<Named>,
    /// Why it would be refused.
    pub refused: Option<String>,
    /// What each element means.
    pub elements: Vec<Meaning>,
    /// Whether `roles` grants anything in this account.
    pub grants: bool,
}

/// What an element of an assertion means.
#[derive(Clone, Debug, Deserialize)]
pub struct Meaning {
    /// The role.
    pub role: Option<Named>,
    /// What identified it.
    pub by: Option<String>,
    /// `role`, `none`, `default`, `ignored` or `refused`.
    pub outcome: String,
}

/// What the policy says of roles, as far as the page tells of it.
#[derive(Clone, Debug, Deserialize)]
pub struct Rules {
    /// `grant` or `data`.
    pub meaning: String,
    /// What identifies a role, in this order.
    pub matching: Vec<String>,
    /// `exact` or `ignore`.
    pub match_case: String,
    /// What happens to a role that the account does not have.
    pub unknown: String,
    /// What happens where none is asserted.
    pub none: String,
    /// The key of the default role.
    pub default: String,
    /// Values that count as none.
    pub idp_defaults: Vec<String>,
    /// How many roles a user may hold.
    pub cardinality: String,
}

/// The mapping with the box to try an assertion in.
pub struct Mapping<'a> {
    /// The account's roles.
    pub roles: &'a [Role],
    /// What the policy says; `None` where whoever looks may not see it.
    pub rules: Option<&'a Rules>,
    /// What was typed into the box.
    pub typed: &'a Filled,
    /// What it would give.
    pub answer: Option<&'a Assertion>,
}

/// The page.
pub fn mapping(shell: &Shell, mapping: &Mapping<'_>) -> Markup {
    let body = html! {
        @if mapping.rules.is_some_and(|rules| rules.meaning == "data") { (grants_nothing()) }
        (section("test", "What would this assertion give?", nothing(), test(shell, mapping)))
        (section("table", "Mapping", nothing(), rows(shell, mapping)))
        @if let Some(rules) = mapping.rules { (section("rules", "Rules of the policy", nothing(), in_words(mapping, rules))) }
    };
    Page::new("Roles", Place::Roles, body)
        .subtitle(html! { "How the roles that an identity provider sends become roles of this account" })
        .tabs(tabs(shell, true))
        .render(shell)
}

fn test(shell: &Shell, mapping: &Mapping<'_>) -> Markup {
    html! {
        form.form method="get" action=(path(shell, "/mapping")) {
            div.field-row {
                (Field::text("value", "Value").optional().mono().row(mapping.typed))
                (Field::text("display", "Display name").optional().row(mapping.typed))
            }
            div.buttons { button.button.button--primary type="submit" { "Test" } }
        }
        @if let Some(answer) = mapping.answer { div role="status" { (given(shell, mapping, answer)) } }
    }
}

fn given(shell: &Shell, mapping: &Mapping<'_>, answer: &Assertion) -> Markup {
    if !answer.grants {
        // Said on top of the page, where the policy is to be seen.
        return if mapping.rules.is_some() {
            html! { p { "It gives nothing." } }
        } else {
            grants_nothing()
        };
    }
    if let Some(refused) = &answer.refused {
        let note = html! {
            p { (told(refused)) }
            p.small { "Policy field " code { "roles.unknown" } " and the others of " code { "roles" } "." }
        };
        return callout(Tone::Bad, "It would be refused, and nothing changed", note);
    }
    let names: Vec<&str> = answer.roles.iter().map(|role| role.name.as_str()).collect();
    callout(
        Tone::Ok,
        &format!("It gives {}", names.join(", ")),
        html! {
            @for meaning in &answer.elements { p { (why(meaning)) } }
            @if let [role] = answer.roles.as_slice() {
                @if let Some(role) = mapping.roles.iter().find(|known| known.id == role.id) {
                    p.small { a href=(place(shell, role, "")) { "Open " (role.name) } }
                }
            }
        },
    )
}

fn grants_nothing() -> Markup {
    let note = html! { p {
        "The policy keeps what identity providers send as roles for the application behind (policy field " code { "roles.meaning" }
        "). Roles are given here."
    } };
    callout(Tone::Info, "Roles that are sent grant nothing in this account", note)
}

fn why(meaning: &Meaning) -> Markup {
    let role = meaning.role.as_ref().map_or("", |role| role.name.as_str());
    match (meaning.outcome.as_str(), &meaning.by) {
        ("role", Some(by)) => {
            html! { "Rule matched: " (rule(by)) ", which is " (role) " (" code { "roles.matching" } ": " code { (by) } ")." }
        }
        ("none", _) => {
            html! {
                "It counts as no role: identity providers send it where no app role is assigned (" code { "roles.idp_defaults" }
                "). The default role holds."
            }
        }
        ("default", _) => {
            html! { "No role of this account is meant; the default role takes its place (" code { "roles.unknown" } ")." }
        }
        ("ignored", _) => {
            html! { "No role of this account is meant; it is left out (" code { "roles.unknown" } "). The default role holds." }
        }
        _ => nothing(),
    }
}

/// A way of `roles.matching`, in words.
fn rule(by: &str) -> &str {
    match by {
        "id" => "the value is a role_id",
        "value_name" => "the value is a system role’s value or a role’s name",
        "display" => "the display name is a role’s name",
        "display_else_value" => "the display name is a role’s name, or without one the value",
        other => other,
    }
}

fn rows(shell: &Shell, mapping: &Mapping<'_>) -> Markup {
    let heads = [head("Role"), head("Value to send"), head("Display name to send")];
    let by_display =
        mapping.rules.is_some_and(|rules| !rules.matching.iter().any(|way| way == "id" || way == "value_name"));
    html! {
        (table("Roles and what stands for them", &heads, html! {
            @for role in mapping.roles.iter().filter(|role| role.kind == "account") { (row(false, html! {
                (lead(html! { a href=(place(shell, role, "")) { (role.name) } }))
                (free("Value to send", html! {
                    @if by_display { span.none { "Any" } } @else { (copied(&role.value, &format!("the value of {}", role.name))) }
                }))
                (free("Display name to send", copied(&role.name, &format!("the name {}", role.name))))
            })) }
        }))
    }
}

fn in_words(mapping: &Mapping<'_>, rules: &Rules) -> Markup {
    let default = mapping.roles.iter().find(|role| role.id == rules.default);
    let default = default.map_or(rules.default.as_str(), |role| role.name.as_str());
    let unknown = match rules.unknown.as_str() {
        "reject" => "Refused with 400, naming it",
        "default" => "The default role takes its place",
        _ => "Left out",
    };
    let none = if rules.none == "reject" { "Refused with 400".to_owned() } else { format!("{default} is held") };
    let many = match rules.cardinality.as_str() {
        "single" => "Exactly one role",
        "dsm_rules" => "Several, if none of them is exclusive; every system role is",
        _ => "Any number",
    };
    let case =
        if rules.match_case == "exact" { "Names compare exactly" } else { "Names compare without regard to case" };
    facts(&[
        (
            "A role is found when",
            html! { ol { @for way in &rules.matching { li { (rule(way)) } } } p.small { (case) } },
        ),
        ("Unknown roles", html! { (unknown) }),
        ("No role", html! { (none) }),
        (
            "Counts as none",
            html! {
                @if rules.idp_defaults.is_empty() { span.none { "Nothing" } }
                @for value in &rules.idp_defaults { code { (value) } " " }
            },
        ),
        ("Together", html! { (many) }),
    ])
}
