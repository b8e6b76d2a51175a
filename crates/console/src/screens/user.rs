//! One user: state, roles, groups, every attribute and where it comes from, what happened.

mod access;
mod forms;
mod history;
mod profile;
pub mod sessions;

pub(crate) use access::NO_MAIL;
pub use access::{Credentials, Passkey};
use forms::below;
pub use forms::{Dangerous, Edited, PROFILE, adopt, confirm, edit, edit_roles, shown_link};
pub use profile::{Origin, SetBy};

use self::profile::Past;
use super::{
    help,
    users::{HeldRole, User, role_names},
};
use crate::{
    Page, Place, Shell,
    components::{
        button_link,
        facts::facts_line,
        field::act,
        mark::{Mark, state, tag, tag_warn},
        message::{Tone, blank, callout, sentence, told},
        nothing,
        record::{Entry, timeline},
        section,
        table::{bare, free, head, lead, row, table},
        time::{exact, time},
    },
    words,
};
use maud::{Markup, html};
use serde_json::Value;

/// Entries of the timeline; the audit log has them all.
const TIMELINE_MAX: usize = 20;

/// A user's page.
pub struct View<'a> {
    /// The user.
    pub user: &'a User,
    /// The newest entries about the user; `None` where whoever looks may not read the audit log.
    pub entries: Option<&'a [Entry]>,
    /// What set each attribute, where there are more entries than these.
    pub origins: &'a [Origin],
    /// Whether whoever looks may change users.
    pub may_manage: bool,
    /// Whether the account can send mail to prove addresses.
    pub may_mail: bool,
    /// Whether a link to set a password is shown to whoever looks, for want of mail.
    pub may_show_link: bool,
    /// Whether there is an admin app that could manage the user.
    pub may_adopt: bool,
    /// What the user signs in to the console with; `None` where that is not to be seen.
    pub credentials: Option<&'a Credentials>,
    /// How many sessions the user has in the console.
    pub sessions: Option<i64>,
    /// The end of the key that wrote last, as the entries tell: for [`writer`].
    pub key_end: Option<&'a str>,
}

impl<'a> View<'a> {
    fn history(&self) -> &'a [Entry] {
        self.entries.unwrap_or_default()
    }
}

/// The newest entry by which an admin app wrote the user.
pub fn writer(entries: &[Entry]) -> Option<&Entry> {
    entries.iter().find(|entry| !entry.is_failure() && entry.actor.kind == "app" && entry.action.starts_with("user."))
}

/// The page.
pub fn page(shell: &Shell, view: &View<'_>) -> Markup {
    let user = view.user;
    let body = html! {
        div.aside-right {
            div.stack {
                (warnings(shell, view))
                @let past = Past { entries: view.entries, origins: view.origins };
                (section("profile", "Profile", profile::note(user), profile::attributes(shell, user, past)))
                (section("roles", "Roles", roles_note(user), roles(shell, view)))
                (section("groups", "Groups", nothing(), groups(shell, user)))
                (access::sign_in(shell, view))
            }
            @if let Some(entries) = view.entries {
                @let log = html! { a.small href=(crate::address(&shell.path("/audit"), &[("user", &user.id)])) { "Audit log" } };
                @let newest = entries.get(..TIMELINE_MAX).unwrap_or(entries);
                @let line = html! { @if newest.is_empty() { p.quiet { "Nothing yet." } } @else { (timeline(shell, newest)) } };
                (section("timeline", "Timeline", log, line))
            }
        }
    };
    Page::new(user.title(), Place::Users, body)
        .below("Users", shell.path("/users"))
        .subtitle(html! { (user.user_name) })
        .acts(if view.may_manage { acts(shell, view) } else { nothing() })
        .facts(facts_line(&facts(shell, view)))
        .render(shell)
}

/// Where something of the user is.
fn place(shell: &Shell, user: &User, rest: &str) -> String {
    shell.path(&format!("/users/{}{rest}", user.id))
}

fn facts<'a>(shell: &Shell, view: &View<'_>) -> Vec<(&'a str, Markup)> {
    let user = view.user;
    let verified = if user.verified { "verified" } else { "not verified" };
    let mut all = vec![("State", html! { (user.state()) ", " (verified) }), ("Managed by", user.manager_of())];
    if let Some(entry) = writer(view.history()) {
        let key = html! { @if let Some(end) = view.key_end { ", key ending " code { (end) } } };
        all.push(("Last synchronised", html! { (time(entry.time, shell.now)) " by " (entry.actor.name) (key) }));
    }
    all.extend([
        ("Last change", time(user.modified, shell.now)),
        ("Created", time(user.created, shell.now)),
        ("Id", html! { code { (user.id) } }),
    ]);
    if let Some(external) = &user.external_id {
        all.push(("External id", html! { code { (external) } }));
    }
    if let Some(purge) = user.purge_at {
        all.push(("Removed for good", exact(purge)));
    }
    all
}

fn acts(shell: &Shell, view: &View<'_>) -> Markup {
    let user = view.user;
    let to = |rest: &str| place(shell, user, rest);
    html! {
        @if user.deleted.is_some() {
            (act(&to("/restore"), &shell.csrf, "button button--primary", "Restore user")) " "
            a.button.button--danger href=(to("/delete")) { "Delete permanently" }
        } @else {
            @if !user.locked.profile { (button_link(&to("/edit"), "Edit profile")) " " }
            @if !user.locked.roles { (button_link(&to("/roles"), "Edit roles")) " " }
            @if user.origin.is_some() { (button_link(&to("/release"), "Release from management")) " " }
            @else if view.may_adopt { (button_link(&to("/adopt"), "Adopt")) " " }
            @if user.locked.profile {}
            @else if user.active { a.button.button--danger href=(to("/disable")) { "Disable" } }
            @else { (act(&to("/enable"), &shell.csrf, "button", "Enable")) }
            " " a.button.button--danger href=(to("/delete")) { "Delete" }
        }
    }
}

fn warnings(shell: &Shell, view: &View<'_>) -> Markup {
    let user = view.user;
    html! {
        @if let Some(conflict) = history::conflict(view.history()) { (refused(shell, conflict)) }
        @if let (Some(moved), None) = (history::moved(user, view.history()), user.deleted) { (moved_away(shell, view, &moved)) }
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

/// The last request about the user that was refused and did not succeed since, with what mends it.
fn refused(shell: &Shell, entry: &Entry) -> Markup {
    let field = entry.reason.get("policyField").and_then(Value::as_str);
    let keyword = entry.reason.get("scimType").and_then(Value::as_str);
    let status = entry.reason.get("status").and_then(Value::as_u64);
    let cause = if field.is_some() { help::remedy("policy") } else { help::code_of(keyword, status) };
    callout(
        Tone::Bad,
        &format!("{}: {}", entry.by(), entry.words()),
        html! {
            p { (told(entry.detail.as_deref().unwrap_or_default())) " " (time(entry.time, shell.now)) }
            div.buttons {
                @if let Some((label, path)) = words::remedy(&entry.action, field) { (button_link(&shell.path(path), label)) " " }
                (button_link(&shell.path(&format!("/audit/{}", entry.seq)), "See the entry"))
            }
            @if let Some(cause) = cause { p.small { a href=(help::href(cause)) { "What can cause this: " (cause.title) } } }
        },
    )
}

/// A sign-in name that was changed here, under the feet of whoever manages the user.
fn moved_away(shell: &Shell, view: &View<'_>, moved: &history::Moved<'_>) -> Markup {
    let origin = view.user.origin.as_ref().map_or("The identity provider", |origin| origin.name.as_str());
    callout(
        Tone::Warn,
        &format!("{origin} knows this user by another address"),
        html! {
            p {
                (moved.entry.by()) " changed the sign-in name from " code { (moved.was) } " here, "
                (time(moved.entry.time, shell.now)) ". " (origin)
                " still looks for the former one, finds nobody and may make a second user."
            }
            p {
                "Change the address at the identity provider as well. Or delete this user: then one with the former address "
                "can be provisioned again, in the next cycle."
            }
            @if view.may_manage {
                div.buttons { (button_link(&place(shell, view.user, "/delete"), "Delete this user")) }
            }
        },
    )
}

fn roles_note(user: &User) -> Markup {
    html! { p { "In force: " (if user.roles.is_empty() { "none".to_owned() } else { role_names(&user.roles) }) } }
}

fn roles(shell: &Shell, view: &View<'_>) -> Markup {
    let user = view.user;
    if user.roles.is_empty() {
        return blank("No roles", "The user may sign in and do nothing.", nothing());
    }
    let heads = [head("Role"), head("In force"), head("Why")];
    let set = history::newest(view.history(), "account roles").map(|(entry, _)| entry);
    let rows = html! { @for role in &user.roles {
        (row(false, html! {
            (lead(role_link(shell, role)))
            (bare(state(Mark::On, "Yes")))
            (free("Why", html! { (reason(shell, user, role)) @if let (None, Some(entry)) = (&role.via, set) {
                " " span.second { "Last set by " (entry.by()) ", " (time(entry.time, shell.now)) }
            } }))
        }))
    } };
    table("Roles of the user", &heads, rows)
}

fn role_link(shell: &Shell, role: &HeldRole) -> Markup {
    html! {
        @if shell.places.contains(&Place::Roles) {
            a href=(shell.path(&format!("/roles/{}", crate::escaped(&role.id)))) { (role.name) }
        } @else { (role.name) }
    }
}

fn reason(shell: &Shell, user: &User, role: &HeldRole) -> Markup {
    match &role.via {
        Some(group) => html! { "By group " a href=(shell.path(&format!("/groups/{}", group.id))) { (group.name) } },
        None if user.roles_overridden => html! {
            (tag_warn("Override")) " Set here; ends when the identity provider next sends roles"
        },
        None if user.asserted_roles.as_ref().is_some_and(|elements| !elements.is_empty()) => {
            html! { (tag("Asserted")) }
        }
        None => html! { "The default role, or set here" },
    }
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
