//! One user: state, roles, groups, every attribute, what happened.

use super::users::{Named, User, role_names};
use crate::{
    Filled, Page, Place, Shell,
    components::{
        breaking, button_link,
        facts::facts_line,
        field::{Check, Confirmation, act, boxes, confirmation, form, submit},
        mark::{Mark, state, tag, tag_warn},
        message::{Tone, blank, callout, refusal, sentence, told},
        nothing,
        record::{Entry, timeline, value_text},
        section,
        table::{bare, free, head, lead, row, table},
        time::{exact, time},
    },
};
use maud::{Markup, html};
use serde_json::Value;

/// A user's page.
pub struct View<'a> {
    /// The user.
    pub user: &'a User,
    /// The newest entries about the user; `None` where whoever looks may not read the audit log.
    pub entries: Option<&'a [Entry]>,
    /// Whether whoever looks may change users.
    pub may_manage: bool,
    /// Whether the account can send mail to prove addresses.
    pub may_mail: bool,
}

/// The page.
pub fn page(shell: &Shell, view: &View<'_>) -> Markup {
    let user = view.user;
    let body = html! {
        div.aside-right {
            div.stack {
                (warnings(shell, view))
                (section("profile", "Profile", profile_note(user), profile(user)))
                (section("roles", "Roles", roles_note(user), roles(user)))
                (section("groups", "Groups", nothing(), groups(shell, user)))
            }
            @if let Some(entries) = view.entries {
                @let log = html! { a.small href=(crate::address(&shell.path("/audit"), &[("user", &user.id)])) { "Audit log" } };
                @let line = html! { @if entries.is_empty() { p.quiet { "Nothing yet." } } @else { (timeline(shell, entries)) } };
                (section("timeline", "Timeline", log, line))
            }
        }
    };
    Page::new(user.title(), Place::Users, body)
        .below("Users", shell.path("/users"))
        .subtitle(breaking(&user.user_name))
        .acts(if view.may_manage { acts(shell, user) } else { nothing() })
        .facts(facts_line(&facts(shell, user)))
        .render(shell)
}

/// Where something of the user is.
fn place(shell: &Shell, user: &User, rest: &str) -> String {
    shell.path(&format!("/users/{}{rest}", user.id))
}

fn facts<'a>(shell: &Shell, user: &User) -> Vec<(&'a str, Markup)> {
    let verified = if user.verified { "verified" } else { "not verified" };
    let mut all = vec![
        ("State", html! { (user.state()) ", " (verified) }),
        ("Managed by", user.manager_of()),
        ("Last change", time(user.modified, shell.now)),
        ("Created", time(user.created, shell.now)),
        ("Id", html! { code { (user.id) } }),
    ];
    if let Some(external) = &user.external_id {
        all.push(("External id", html! { code { (external) } }));
    }
    if let Some(purge) = user.purge_at {
        all.push(("Removed for good", exact(purge)));
    }
    all
}

fn acts(shell: &Shell, user: &User) -> Markup {
    let to = |rest: &str| place(shell, user, rest);
    html! {
        @if user.deleted.is_some() {
            (act(&to("/restore"), &shell.csrf, "button button--primary", "Restore user")) " "
            a.button.button--danger href=(to("/delete")) { "Delete permanently" }
        } @else {
            (button_link(&to("/roles"), "Edit roles")) " "
            @if user.origin.is_some() { (button_link(&to("/release"), "Release from management")) " " }
            @if user.active { a.button.button--danger href=(to("/disable")) { "Disable" } }
            @else { (act(&to("/enable"), &shell.csrf, "button", "Enable")) }
            " " a.button.button--danger href=(to("/delete")) { "Delete" }
        }
    }
}

fn warnings(shell: &Shell, view: &View<'_>) -> Markup {
    let user = view.user;
    html! {
        @if let Some(refused) = view.entries.and_then(|entries| entries.first()).filter(|entry| entry.is_failure()) {
            (callout(Tone::Bad, &format!("{}: {}", refused.actor.name, refused.words()), html! {
                p { (told(refused.detail.as_deref().unwrap_or_default())) }
                div.buttons { (button_link(&shell.path(&format!("/audit/{}", refused.seq)), "See the entry")) }
            }))
        }
        @if let (None, Some(reason), true) = (user.deleted, user.sign_in.reason.as_deref(), user.active) {
            (callout(Tone::Warn, "Cannot sign in yet", html! {
                p { (sentence(reason)) }
                @if view.may_manage && !user.verified && view.may_mail {
                    @let again = place(shell, user, "/verification-mail");
                    div.buttons { (act(&again, &shell.csrf, "button", "Send verification mail again")) }
                }
            }))
        }
        @if user.deleted.is_some() {
            @let note = "The user has no access. Restoring gives back the user as it was, without its groups and assignments.";
            (callout(Tone::Info, "Deleted", html! { p { (note) } }))
        }
    }
}

fn profile_note(user: &User) -> Markup {
    html! { @if let Some(origin) = &user.origin {
        p { "Managed values are read only here. " (origin.name) " overwrites them." }
    } }
}

/// Every attribute with its value; complex ones by their sub-attributes.
fn profile(user: &User) -> Markup {
    let from = user.origin.as_ref().map_or("Local", |origin| origin.name.as_str());
    let mut all = Vec::new();
    for (name, value) in &user.attributes {
        if !matches!(name.as_str(), "schemas" | "meta" | "id" | "roles" | "groups") {
            flatten(short(name), value, &mut all);
        }
    }
    html! {
        div.attributes {
            @for (name, value) in &all {
                div.row { span.name { (name) } span.value { (value) } span.from { (from) } }
            }
        }
    }
}

/// A schema's attributes go by a short name of the schema.
fn short(name: &str) -> String {
    match name.strip_prefix("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User") {
        Some(_) => "enterprise".to_owned(),
        None => name.to_owned(),
    }
}

fn flatten(name: String, value: &Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Object(parts) => {
            for (part, value) in parts {
                flatten(format!("{name}.{part}"), value, into);
            }
        }
        Value::Array(elements) => {
            for (position, element) in elements.iter().enumerate() {
                let kind = element.get("type").and_then(Value::as_str);
                let name = match kind {
                    Some(kind) => format!("{name}[{kind}]"),
                    None if elements.len() > 1 => format!("{name}[{}]", position + 1),
                    None => name.clone(),
                };
                match element.get("value") {
                    Some(value) => flatten(name, value, into),
                    None => flatten(name, element, into),
                }
            }
        }
        other => into.extend(value_text(other).map(|text| (name, text))),
    }
}

fn roles_note(user: &User) -> Markup {
    html! { p { "In force: " (if user.roles.is_empty() { "none".to_owned() } else { role_names(&user.roles) }) } }
}

fn roles(user: &User) -> Markup {
    if user.roles.is_empty() {
        return blank("No roles", "The user may sign in and do nothing.", nothing());
    }
    let heads = [head("Role"), head("In force"), head("Why")];
    let rows = html! { @for role in &user.roles {
        (row(false, html! {
            (lead(html! { (role.name) }))
            (bare(state(Mark::On, "Yes")))
            (free("Why", match &role.via {
                Some(group) => html! { "By group " (group.name) },
                None if user.roles_overridden => html! {
                    (tag_warn("Override")) " Set here; ends when the identity provider next sends roles"
                },
                None if user.origin.is_some() => html! { (tag("Asserted")) " or the default role" },
                None => html! { "Set here" },
            }))
        }))
    } };
    table("Roles of the user", &heads, rows)
}

fn groups(shell: &Shell, user: &User) -> Markup {
    html! {
        @if user.groups.is_empty() {
            p.quiet { "In no group." }
        } @else {
            ul { @for group in &user.groups { li { a href=(shell.path(&format!("/groups/{}", group.id))) { (group.name) } } } }
        }
    }
}

/// The form for other roles.
pub fn edit_roles(shell: &Shell, user: &User, all: &[Named], filled: &Filled) -> Markup {
    let checks: Vec<Check<'_>> =
        all.iter().map(|role| Check { value: &role.id, label: &role.name, hint: None }).collect();
    let fields = boxes("roles", "Roles", &checks, filled);
    let body = html! {
        (refusal(filled, "The roles were not changed"))
        @if let Some(origin) = &user.origin {
            (callout(Tone::Info, "These roles come from an identity provider", html! { p {
                (origin.name) " asserts this user’s roles. What you choose here holds until it next sends roles."
            } }))
        }
        (form(&place(shell, user, "/roles"), &shell.csrf, fields, submit("Save roles")))
    };
    Page::new("Edit roles", Place::Users, body)
        .below("Users", shell.path("/users"))
        .below(user.title(), place(shell, user, ""))
        .render(shell)
}

/// What is asked again before it is done to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dangerous {
    /// Take access away.
    Disable,
    /// Remove, to the bin where the policy keeps one.
    Delete,
    /// Nobody manages the user any more.
    Release,
}

/// The page that asks again.
pub fn confirm(shell: &Shell, user: &User, what: Dangerous, filled: &Filled) -> Markup {
    let name = user.title();
    let groups = crate::components::counted(user.groups.len() as i64, "group", "groups");
    let (title, consequences, path, button) = match what {
        Dangerous::Disable => (
            format!("Disable {name}?"),
            vec![
                "the user is signed out and loses access at once".to_owned(),
                "roles and groups stay, for when the user is enabled again".to_owned(),
            ],
            "/disable",
            "Disable user",
        ),
        Dangerous::Delete if user.deleted.is_some() => (
            format!("Delete {name} permanently?"),
            vec!["this cannot be undone".to_owned(), "the entries in the audit log stay".to_owned()],
            "/delete",
            "Delete user permanently",
        ),
        Dangerous::Delete => (
            format!("Delete {name}?"),
            vec![
                format!("membership of this account and of {groups} ends"),
                "what the account’s policy says of deleted users is done: kept for 30 days, disabled, or removed for good".to_owned(),
                "the entries in the audit log stay".to_owned(),
            ],
            "/delete",
            "Delete user",
        ),
        Dangerous::Release => (
            format!("Release {name} from management?"),
            vec![
                "the identity provider cannot change this user any more".to_owned(),
                "it makes another user, or is refused, when it next provisions the same person".to_owned(),
            ],
            "/release",
            "Release user",
        ),
    };
    let reason =
        crate::components::field::Field::text("reason", "Reason").hint("Written to the audit log.").row(filled);
    let ask = Confirmation {
        question: &title,
        consequences: &consequences,
        name: (what == Dangerous::Delete).then_some(name),
        fields: if what == Dangerous::Release { reason } else { nothing() },
        button,
        action: &place(shell, user, path),
        back: &place(shell, user, ""),
    };
    Page::new("Confirm", Place::Users, confirmation(&ask, &shell.csrf, filled))
        .below("Users", shell.path("/users"))
        .below(name, place(shell, user, ""))
        .render(shell)
}
