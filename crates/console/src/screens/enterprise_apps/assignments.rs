//! Who is assigned to an application, and with which role.

use super::{App, Section, below, of_app, roles::AppRole};
use crate::{
    Filled, Shell, address,
    components::{
        button_link, count, counted,
        field::{Confirmation, Field, confirmation, form, submit},
        mark::tag,
        message::{Tone, blank, callout, refusal},
        nothing,
        paging::paging,
        primary_link, section,
        table::{ACTS, act, cell, head, head_opt, lead, opt, row, table},
        time::time,
    },
    screens::users::Named,
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

/// An assignment, as the management API shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Assignment {
    /// Its id.
    pub id: String,
    /// The user.
    pub user: Option<Named>,
    /// The group.
    pub group: Option<Named>,
    /// The role; `None` for default access.
    pub app_role: Option<AssignedRole>,
    /// When it was made.
    pub created: Timestamp,
}

/// The role of an assignment.
#[derive(Clone, Debug, Deserialize)]
pub struct AssignedRole {
    /// Its id.
    pub id: String,
    /// Its name.
    pub display_name: String,
}

impl Assignment {
    /// Who is assigned.
    pub fn name(&self) -> &str {
        self.user.as_ref().or(self.group.as_ref()).map_or("", |who| who.name.as_str())
    }

    fn role(&self) -> &str {
        self.app_role.as_ref().map_or("Default Access", |role| role.display_name.as_str())
    }
}

/// The list.
pub struct List<'a> {
    /// The assignments of the page.
    pub assignments: &'a [Assignment],
    /// Whether it is the first page.
    pub is_first: bool,
    /// The cursor of the next.
    pub next: Option<&'a str>,
    /// Whether whoever looks may change them.
    pub may_manage: bool,
    /// Whether some of them have a role, and no mapping sends roles.
    pub roles_unsent: bool,
}

/// The list.
pub fn list(shell: &Shell, app: &App, list: &List<'_>) -> Markup {
    let base = app.path(shell, "/assignments");
    let new = format!("{base}/new");
    let add = || html! { @if list.may_manage { (primary_link(&new, "Add user/group")) } };
    let everybody = (app.scope == "all").then(|| html! {
        p.prose.small.quiet { "The scope is all users and groups: assignments do not matter for who is provisioned." }
    });
    let body = if list.assignments.is_empty() && list.is_first {
        blank(
            "Nobody is assigned yet",
            "Assign users and groups: they, and the members of the groups, are provisioned into this application.",
            add(),
        )
    } else {
        let heads = [head("Name"), head("Type"), head("Role assigned"), head_opt("Assigned"), ACTS];
        let rows = html! { @for one in list.assignments { (row(false, one_row(shell, app, one, list.may_manage))) } };
        let next = list.next.map(|cursor| address(&base, &[("cursor", cursor)]));
        let shown = format!("{} shown", count(list.assignments.len() as i64));
        html! {
            @if let Some(everybody) = everybody { (everybody) }
            @if list.roles_unsent { (roles_unsent(shell, app, list.may_manage)) }
            (table("Users and groups", &heads, rows))
            (paging("Pages of assignments", &shown, (!list.is_first).then_some(base.as_str()), next.as_deref()))
        }
    };
    let acts = if list.assignments.is_empty() && list.is_first { nothing() } else { add() };
    of_app(shell, app, Section::UsersAndGroups, body).acts(acts).render(shell)
}

fn roles_unsent(shell: &Shell, app: &App, may_manage: bool) -> Markup {
    let body = html! {
        p { "No attribute mapping sends roles, so that the application never hears of those below. Map its attribute for roles to "
            code { "AppRoleAssignmentsComplex([appRoleAssignments])" } ", or to "
            code { "SingleAppRoleAssignment([appRoleAssignments])" } " where it takes one role." }
        @if may_manage {
            div.buttons { (button_link(&app.path(shell, "/mappings/users"), "Attribute mapping of users")) }
        }
    };
    callout(Tone::Warn, "Roles are not sent", body)
}

fn one_row(shell: &Shell, app: &App, one: &Assignment, may_manage: bool) -> Markup {
    let at = app.path(shell, &format!("/assignments/{}", one.id));
    let (who, kind) = match (&one.user, &one.group) {
        (Some(user), _) => (shell.path(&format!("/users/{}", user.id)), "User"),
        (None, Some(group)) => (shell.path(&format!("/groups/{}", group.id)), "Group"),
        (None, None) => (shell.path(""), ""),
    };
    html! {
        (lead(html! { a href=(who) { (one.name()) } }))
        (cell("Type", kind))
        (cell("Role assigned", one.role()))
        (opt("Assigned", time(one.created, shell.now)))
        (act(html! { @if may_manage {
            a href=(at) { "Edit assignment" span.hidden-text { " of " (one.name()) } } " "
            a href=(format!("{at}/remove")) { "Remove" span.hidden-text { " " (one.name()) } }
        } }))
    }
}

/// Somebody who can be picked, or who was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// `user:` or `group:` and the id.
    pub key: String,
    /// The name.
    pub name: String,
}

impl Candidate {
    fn kind(&self) -> &'static str {
        if self.key.starts_with("group:") { "Group" } else { "User" }
    }
}

/// The form that assigns.
pub struct Add<'a> {
    /// Who is picked.
    pub picked: &'a [Candidate],
    /// The roles of the application.
    pub roles: &'a [AppRole],
    /// What was typed.
    pub filled: &'a Filled,
}

/// Whom `picked` are, as an address says it.
fn query(picked: &[Candidate]) -> Vec<(&str, &str)> {
    picked.iter().map(|one| ("picked", one.key.as_str())).collect()
}

/// The form: who, and with which role.
pub fn add(shell: &Shell, app: &App, view: &Add<'_>) -> Markup {
    let picker = address(&app.path(shell, "/assignments/pick"), &query(view.picked));
    let whom = match view.picked.len() {
        0 => "None selected".to_owned(),
        some => format!("{} selected", count(some as i64)),
    };
    let options = role_options(view.roles);
    let fields = html! {
        div.field {
            span.label { "Users and groups" }
            p { a.button href=(picker) { (whom) } }
            @if !view.picked.is_empty() {
                ul.names { @for one in view.picked { li { (one.name) " " (tag(one.kind())) input type="hidden" name="picked"
                    value=(one.key); } } }
            }
            @if let Some(fault) = view.filled.fault("picked") { p.field-error { (crate::components::message::sentence(fault)) } }
        }
        (Field::choice("app_role", "Select a role", &options).hint("Its value is what the target is told.").row(view.filled))
    };
    let body = html! {
        (refusal(view.filled, "Nobody was assigned"))
        (form(&app.path(shell, "/assignments"), &shell.csrf, fields, submit("Assign")))
    };
    below(shell, app, ("Users and groups", "/assignments"), "Add assignment", body).render(shell)
}

fn role_options(roles: &[AppRole]) -> Vec<(&str, &str)> {
    let own: Vec<(&str, &str)> = roles
        .iter()
        .filter(|role| role.value.is_some() && role.is_assignable())
        .map(|role| (role.id.as_str(), role.display_name.as_str()))
        .collect();
    if own.is_empty() { vec![("", "Default Access")] } else { own }
}

/// The picker: a search whose boxes stay ticked when it is searched again.
pub struct Picker<'a> {
    /// Who is picked already.
    pub picked: &'a [Candidate],
    /// Who was found.
    pub found: &'a [Candidate],
    /// What was searched for.
    pub text: &'a str,
    /// Whether there are more than are shown.
    pub is_cut: bool,
}

/// The picker.
pub fn picker(shell: &Shell, app: &App, view: &Picker<'_>) -> Markup {
    let at = app.path(shell, "/assignments/pick");
    let boxed = |one: &Candidate, is_picked: bool| {
        html! {
            label.check {
                input type="checkbox" name="picked" value=(one.key) checked[is_picked];
                " " span { (one.name) } " " span.hint { (one.kind()) }
            }
        }
    };
    let others: Vec<&Candidate> = view.found.iter().filter(|one| !view.picked.contains(one)).collect();
    let body = html! {
        form.form method="get" action=(at) {
            div.filters role="search" {
                label.hidden-text for="q" { "Search users and groups" }
                input.input.search id="q" name="q" type="search" maxlength="200" placeholder="Beginning of a name" value=(view.text);
                " " button.button type="submit" { "Search" }
            }
            @if !view.picked.is_empty() {
                (section("picked", &format!("{} selected", count(view.picked.len() as i64)), nothing(), html! {
                    div.checks { @for one in view.picked { (boxed(one, true)) } }
                }))
            }
            (section("found", "Users and groups", nothing(), html! {
                @if others.is_empty() { p.quiet { @if view.text.is_empty() { "There is nobody else." } @else {
                    "Nobody else is found whose name begins with “" (view.text) "”." } } }
                div.checks { @for one in others { (boxed(one, false)) } }
                @if view.is_cut { p.fine { "More are there than are shown: search for the beginning of a name." } }
            }))
            div.buttons {
                button.button.button--primary type="submit" formaction=(app.path(shell, "/assignments/new")) { "Select" } " "
                (button_link(&app.path(shell, "/assignments"), "Cancel"))
            }
        }
    };
    below(shell, app, ("Users and groups", "/assignments"), "Users and groups to assign", body).render(shell)
}

/// The form that gives an assignment another role.
pub fn edit(shell: &Shell, app: &App, one: &Assignment, roles: &[AppRole], filled: &Filled) -> Markup {
    let options = role_options(roles);
    let fields = Field::choice("app_role", "Select a role", &options).row(filled);
    let body = html! {
        (refusal(filled, "The assignment was not changed"))
        p { "The role of " b { (one.name()) } " is " (one.role()) "." }
        (form(&app.path(shell, &format!("/assignments/{}", one.id)), &shell.csrf, fields, submit("Assign")))
    };
    below(shell, app, ("Users and groups", "/assignments"), "Edit assignment", body).render(shell)
}

/// The question before an assignment ends.
pub fn ask_remove(shell: &Shell, app: &App, one: &Assignment, filled: &Filled) -> Markup {
    let consequences = [match one.group {
        Some(_) => {
            format!("its members who are not assigned otherwise lose access in {} with the next cycle", app.name)
        }
        None => format!("who is not assigned otherwise loses access in {} with the next cycle", app.name),
    }];
    let at = app.path(shell, &format!("/assignments/{}", one.id));
    let ask = Confirmation {
        question: &format!("Remove {} from {}?", one.name(), app.name),
        consequences: &consequences,
        name: None,
        fields: nothing(),
        button: "Remove assignment",
        action: &format!("{at}/remove"),
        back: &app.path(shell, "/assignments"),
    };
    below(
        shell,
        app,
        ("Users and groups", "/assignments"),
        "Remove assignment",
        confirmation(&ask, &shell.csrf, filled),
    )
    .render(shell)
}

/// What was done, for the toast: `3 assignments added`.
pub fn said(number: usize) -> String {
    format!("{} added", counted(i64::try_from(number).unwrap_or(i64::MAX), "assignment", "assignments"))
}
