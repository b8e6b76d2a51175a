//! What is changed of a user: forms, and questions that are asked again.

use super::place;
use crate::{
    Filled, Page, Place, Shell,
    components::{
        button_link,
        code::copyable,
        field::{Check, Confirmation, Field, boxes, confirmation, form, submit},
        message::{Tone, callout, refusal},
        nothing,
        time::exact,
    },
    screens::users::{Named, User},
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde_json::Value;

/// Attributes that the form has, by their SCIM paths, each with its name in the form and its label.
pub const PROFILE: [(&str, &str, &str); 4] = [
    ("displayName", "display_name", "Display name"),
    ("name.givenName", "given_name", "First name"),
    ("name.familyName", "family_name", "Last name"),
    ("title", "title", "Job title"),
];

/// A user whose profile is edited.
pub struct Edited<'a> {
    /// The user.
    pub user: &'a User,
    /// The attributes of [`PROFILE`] that the account supports, by their paths.
    pub supported: &'a [&'a str],
}

impl Edited<'_> {
    /// The form as the user is.
    pub fn filled(&self) -> Filled {
        let user = self.user;
        let mut values = vec![("email".to_owned(), user.user_name.clone())];
        values.extend(PROFILE.map(|(path, name, _)| (name.to_owned(), current(user, path).to_owned())));
        if user.verified {
            values.push(("verified".to_owned(), "yes".to_owned()));
        }
        Filled::new(values)
    }
}

/// The value of an attribute of [`PROFILE`]; empty where there is none.
pub(crate) fn current<'u>(user: &'u User, path: &str) -> &'u str {
    let mut parts = path.split('.');
    let first = parts.next().and_then(|name| user.attributes.get(name));
    parts.fold(first, |value, part| value.and_then(|value| value.get(part))).and_then(Value::as_str).unwrap_or_default()
}

impl User {
    /// The value of an attribute of [`PROFILE`], by its path; empty where there is none.
    pub fn profile_value(&self, path: &str) -> &str {
        current(self, path)
    }
}

/// The form for another profile. Of a managed user whose profile is locked it shows the values, read only, and why.
pub fn edit(shell: &Shell, edited: &Edited<'_>, filled: &Filled) -> Markup {
    let user = edited.user;
    let is_locked = user.locked.profile;
    let keep = |field: Field<'_>| if is_locked { field.read_only().row(filled) } else { field.row(filled) };
    let check =
        [Check { value: "yes", label: "Address verified", hint: Some("Ticked: counts as proved, without a mail.") }];
    let fields = html! {
        (keep(Field::text("email", "Email address").hint("What the user signs in with. Another one must be verified again.")))
        @for (path, name, label) in PROFILE {
            @if edited.supported.contains(&path) { (keep(Field::text(name, label).optional())) }
        }
        @if !is_locked { (boxes("verified", "Verification", &check, filled)) }
    };
    let body = html! {
        (refusal(filled, "The profile was not changed"))
        (managed_note(user))
        @if is_locked { div.form { (fields) } } @else { (form(&place(shell, user, "/edit"), &shell.csrf, fields, submit("Save profile"))) }
    };
    below(shell, user, "Edit profile", body)
}

fn managed_note(user: &User) -> Markup {
    let Some(origin) = &user.origin else { return nothing() };
    if user.locked.profile {
        return callout(
            Tone::Info,
            "Read only here",
            html! { p {
                (origin.name) " manages this user, and the policy keeps the profile to it (policy field " code { "local_edits.profile" }
                "). Change it at the identity provider, or release the user from management."
            } },
        );
    }
    callout(
        Tone::Warn,
        "The identity provider overwrites this",
        html! { p {
            (origin.name) " manages this user: what you change here holds until it next sends the attribute. "
            "Another email address breaks its link to the user, unless it is changed there as well."
        } },
    )
}

/// The form by which an admin app comes to manage a user.
pub fn adopt(shell: &Shell, user: &User, apps: &[Named], filled: &Filled) -> Markup {
    let options: Vec<(&str, &str)> = apps.iter().map(|app| (app.id.as_str(), app.name.as_str())).collect();
    let fields = html! {
        @let hint = "The one through which the identity provider provisions.";
        (Field::choice("admin_app", "Administrative app", &options).hint(hint).row(filled))
        (Field::text("reason", "Reason").hint("Written to the audit log.").row(filled))
    };
    let note = html! { p {
        "The identity provider finds the user by the sign-in name, changes it and may disable or delete it from then on. "
        "Id, roles and groups stay as they are."
    } };
    let body = html! {
        (refusal(filled, "The user was not adopted"))
        (callout(Tone::Info, "The identity provider takes the user over", note))
        (form(&place(shell, user, "/adopt"), &shell.csrf, fields, submit("Adopt user")))
    };
    below(shell, user, "Adopt user", body)
}

pub(super) fn below(shell: &Shell, user: &User, title: &str, body: Markup) -> Markup {
    Page::new(title, Place::Users, body)
        .below("Users", shell.path("/users"))
        .below(user.title(), place(shell, user, ""))
        .render(shell)
}

/// The form for other roles.
pub fn edit_roles(shell: &Shell, user: &User, all: &[Named], filled: &Filled) -> Markup {
    let checks: Vec<Check<'_>> =
        all.iter().map(|role| Check { value: &role.id, label: &role.name, hint: None }).collect();
    let fields = boxes("roles", "Roles", &checks, filled);
    let body = html! {
        (refusal(filled, "The roles were not changed"))
        @if let Some(origin) = user.origin.as_ref().filter(|_| user.asserted_roles.is_some()) {
            (callout(Tone::Info, "These roles come from an identity provider", html! { p {
                (origin.name) " asserts this user’s roles. What you choose here holds until it next sends roles."
            } }))
        }
        (form(&place(shell, user, "/roles"), &shell.csrf, fields, submit("Save roles")))
    };
    below(shell, user, "Edit roles", body)
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
    /// Another second factor is to be set up.
    Forget,
    /// A link to set a password is shown.
    ShowLink,
}

/// A link to set a password, shown once to whoever hands it over.
pub fn shown_link(shell: &Shell, user: &User, link: &str, expires: Timestamp) -> Markup {
    let body = html! {
        (callout(Tone::Warn, "Shown now, and never again", html! { p {
            "Give it to " (crate::components::short(user.title())) " yourself. It works once, until " (exact(expires)) "."
        } }))
        (copyable("Link to set a password", link, "the link"))
        div.buttons { (button_link(&place(shell, user, ""), "Done")) }
    };
    below(shell, user, "Link to set a password", body)
}

/// The page that asks again. `tokens` are those that end with the user.
/// `on_delete` is what the account's policy does with deleted users, as far as whoever looks may know, with the days that they are kept.
pub fn confirm(
    shell: &Shell,
    user: &User,
    (what, on_delete): (Dangerous, Option<(&str, u64)>),
    tokens: &[Named],
    filled: &Filled,
) -> Markup {
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
                fate(on_delete),
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
        Dangerous::Forget => (
            format!("Forget the second factors of {name}?"),
            vec![
                "the authenticator app, the recovery codes and all passkeys are gone".to_owned(),
                "the user is signed out everywhere; the password stays".to_owned(),
                "be sure who asks for it: from then on the password alone lets in".to_owned(),
            ],
            "/second-factors/forget",
            "Forget second factors",
        ),
        Dangerous::ShowLink => (
            format!("Show a link to set a password for {name}?"),
            vec![
                "whoever has the link can sign in as this user: hand it over yourself".to_owned(),
                "it works once, for 24 hours; the link before is dead".to_owned(),
            ],
            "/invitation/link",
            "Show link",
        ),
    };
    let reason = Field::text("reason", "Reason").hint("Written to the audit log.").row(filled);
    let ask = Confirmation {
        question: &title,
        consequences: &consequences,
        name: (what == Dangerous::Delete).then_some(name),
        fields: if what == Dangerous::Release { reason } else { nothing() },
        button,
        action: &place(shell, user, path),
        back: &place(shell, user, ""),
    };
    let is_loss = what != Dangerous::Release && !tokens.is_empty();
    let body = html! {
        @if is_loss { (tokens_end(shell, name, tokens)) }
        (confirmation(&ask, &shell.csrf, filled))
    };
    below(shell, user, "Confirm", body)
}

/// What becomes of a deleted user. An administrator's delete keeps the user where SCIM's does, and else removes.
fn fate(on_delete: Option<(&str, u64)>) -> String {
    match on_delete {
        Some(("soft_delete", days)) => {
            format!(
                "the user can be restored for {}, then is removed for good",
                crate::components::counted(i64::try_from(days).unwrap_or(i64::MAX), "day", "days")
            )
        }
        Some(_) => "the user is removed for good: this cannot be undone".to_owned(),
        None => "the user is removed for good, unless the account’s policy keeps deleted users for a while".to_owned(),
    }
}

/// Tells which tokens are refused from then on, and how to keep them.
fn tokens_end(shell: &Shell, name: &str, tokens: &[Named]) -> Markup {
    let heading = format!("{} with {name}", counted_tokens(tokens));
    callout(
        Tone::Warn,
        &heading,
        html! {
            p { "What uses a token of this user is refused from then on, identity providers too. Hand it over first, and it stays valid." }
            div.buttons { @for token in tokens {
                a.button href=(shell.path(&format!("/settings/admin-apps/{}/owner", token.id))) { "Hand over " (token.name) } " "
            } }
        },
    )
}

fn counted_tokens(tokens: &[Named]) -> String {
    match tokens {
        [one] => format!("The token {} ends", one.name),
        several => format!("{} tokens end", several.len()),
    }
}
