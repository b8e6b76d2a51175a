//! App roles of an application: the list, the form, what can be done with one.

use super::{App, Section, below, of_app};
use crate::{
    Filled, Shell,
    components::{
        field::{Check, Confirmation, Field, boxes, circles, confirmation, form, submit},
        mark::{Mark, state},
        message::refusal,
        nothing, primary_link,
        table::{ACTS, act, bare, cell, free, head, head_opt, lead, opt, row, table},
    },
};
use maud::{Markup, html};
use serde::Deserialize;

/// An app role, as the management API shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct AppRole {
    /// Its id.
    pub id: String,
    /// What people know it by.
    pub display_name: String,
    /// What the target knows it by; `None` of the default role.
    pub value: Option<String>,
    /// What it is for.
    pub description: String,
    /// Whether it can be assigned.
    pub enabled: bool,
    /// Who can hold it: `user`, `application`.
    pub member_types: Vec<String>,
}

impl AppRole {
    /// Whether users and groups can be assigned with it.
    pub fn is_assignable(&self) -> bool {
        self.enabled && self.member_types.iter().any(|kind| kind == "user")
    }

    fn members(&self) -> String {
        let word = |kind: &String| if kind == "user" { "Users/Groups" } else { "Applications" };
        self.member_types.iter().map(word).collect::<Vec<_>>().join(", ")
    }
}

/// The list.
pub fn list(shell: &Shell, app: &App, roles: &[AppRole], may_manage: bool) -> Markup {
    let heads = [
        head("Display name"),
        head("Value"),
        head("Allowed member types"),
        head("State"),
        head_opt("Description"),
        ACTS,
    ];
    let rows = html! { @for role in roles { (row(!role.enabled, html! {
        (lead(html! {
            @if may_manage && role.value.is_some() { a href=(place(shell, app, role, "")) { (role.display_name) } } @else {
                (role.display_name) }
        }))
        (cell("Value", html! { @match &role.value { Some(value) => code { (value) }, None => span.none { "none" } } }))
        (cell("Allowed member types", role.members()))
        (bare(if role.enabled { state(Mark::On, "Enabled") } else { state(Mark::Off, "Disabled") }))
        (opt("Description", &role.description))
        (act(html! { @if may_manage && role.value.is_some() {
            a href=(place(shell, app, role, "/delete")) { "Delete" span.hidden-text { " " (role.display_name) } }
        } }))
    })) } };
    let body = html! {
        p.prose.small.quiet {
            "What the identity provider’s App registrations page calls App roles. The value is what the target knows the role by. \
             Without roles of its own, the application offers Default Access."
        }
        (table("App roles", &heads, rows))
    };
    let acts = html! { @if may_manage { (primary_link(&app.path(shell, "/app-roles/new"), "Create app role")) } };
    of_app(shell, app, Section::AppRoles, body).acts(acts).render(shell)
}

fn place(shell: &Shell, app: &App, role: &AppRole, rest: &str) -> String {
    app.path(shell, &format!("/app-roles/{}{rest}", role.id))
}

const MEMBER_TYPES: [Check<'static>; 3] = [
    Check { value: "user", label: "Users/Groups", hint: None },
    Check { value: "application", label: "Applications", hint: Some("Kept, but never assigned here.") },
    Check { value: "both", label: "Both (Users/Groups + Applications)", hint: None },
];

const ENABLED: [Check<'static>; 1] = [Check {
    value: "yes",
    label: "Do you want to enable this app role?",
    hint: Some("One that is not enabled cannot be assigned."),
}];

/// What the form of a role begins with.
pub fn filled(role: &AppRole) -> Filled {
    let kinds = match role.member_types.as_slice() {
        [one] => one.as_str(),
        _ => "both",
    };
    Filled::with(&[
        ("display_name", &role.display_name),
        ("value", role.value.as_deref().unwrap_or_default()),
        ("description", &role.description),
        ("member_types", kinds),
        ("enabled", if role.enabled { "yes" } else { "" }),
    ])
}

/// What the form of another role begins with.
pub fn blank() -> Filled {
    Filled::with(&[("member_types", "user"), ("enabled", "yes")])
}

/// The form of a role: of another one, or of one that is there.
pub fn edit(shell: &Shell, app: &App, role: Option<&AppRole>, filled: &Filled) -> Markup {
    let fields = html! {
        (Field::text("display_name", "Display name").hint("What people choose it by, such as Account Auditor.").row(filled))
        (circles("member_types", "Allowed member types", &MEMBER_TYPES, filled))
        (Field::text("value", "Value").hint("What the target knows the role by: no spaces. Of a system role its name in capitals, such \
            as ACCOUNTAUDITOR; of a custom role its role id.").mono().row(filled))
        (Field::lines("description", "Description", 2).row(filled))
        (boxes("enabled", "State", &ENABLED, filled))
    };
    let (title, at) = match role {
        Some(role) => ("Edit app role", place(shell, app, role, "")),
        None => ("Create app role", app.path(shell, "/app-roles")),
    };
    let body = html! {
        (refusal(filled, "The app role was not saved"))
        (form(&at, &shell.csrf, fields, submit("Apply")))
    };
    below(shell, app, ("App roles", "/app-roles"), title, body).render(shell)
}

/// The question before a role is removed.
pub fn ask_delete(shell: &Shell, app: &App, role: &AppRole, filled: &Filled) -> Markup {
    let consequences =
        ["nobody can be assigned with it any more; a role that somebody has cannot be deleted".to_owned()];
    let ask = Confirmation {
        question: &format!("Delete {}?", role.display_name),
        consequences: &consequences,
        name: None,
        fields: nothing(),
        button: "Delete app role",
        action: &place(shell, app, role, "/delete"),
        back: &app.path(shell, "/app-roles"),
    };
    below(shell, app, ("App roles", "/app-roles"), "Delete app role", confirmation(&ask, &shell.csrf, filled))
        .render(shell)
}

/// Applications with their roles, as an identity provider's App registrations page lists them.
pub fn registrations(shell: &Shell, apps: &[App]) -> Markup {
    let rows = html! { @for app in apps { (row(false, html! {
        (lead(html! { a href=(app.path(shell, "/app-roles")) { (app.name) } }))
        (free("App roles", html! { a href=(app.path(shell, "/app-roles")) { "App roles" span.hidden-text { " of " (app.name) } } }))
    })) } };
    let body = table("App registrations", &[head("Application"), head("App roles")], rows);
    crate::Page::new("App registrations", crate::Place::EnterpriseApps, body)
        .below("Enterprise applications", shell.path("/enterprise-apps"))
        .subtitle(html! { "Roles of applications. Here an application and its registration are one." })
        .render(shell)
}
