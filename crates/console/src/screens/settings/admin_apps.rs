//! The administrative apps of an account: whom identity providers are here.

use super::{Part, below, page};
use crate::{
    Filled, Shell,
    components::{
        counted,
        field::{Check, Field, boxes, circles, form, submit},
        mark::{Mark, state},
        message::{Tone, blank, callout, refusal, support},
        nothing,
        paging::paging,
        primary_link,
        table::{cell, head, head_num, head_opt, lead_link, num, opt, row, side, table},
        time::ago,
    },
    screens::{overview::LastUse, users::Named},
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

/// Days before its end when a key is told of first (S-59).
const NOTICE_DAYS: i64 = 30;

/// An admin app, as the management API shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct App {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// Networks that its keys may be used from; none means any.
    pub allowed_ips: Vec<String>,
    /// The user whose token it is.
    pub owner: Option<Owner>,
    /// The highest role that it may grant.
    pub role_ceiling: Option<Named>,
    /// When it was made.
    pub created: Timestamp,
    /// What a SCIM client is given.
    pub tenant_url: String,
    /// Its keys, newest first.
    pub keys: Vec<Key>,
    /// The last request with one of them.
    pub last_used: Option<LastUse>,
    /// What to know of users who are there already.
    pub warning: Option<String>,
    /// Whether it is bait: any use of its key is refused and alerts.
    #[serde(default)]
    pub honey: bool,
}

/// The user whose token an app is.
#[derive(Clone, Debug, Deserialize)]
pub struct Owner {
    /// The id.
    pub id: String,
    /// The sign-in name; `None` when the user is gone.
    pub name: Option<String>,
    /// Whether the user is there and enabled.
    pub active: bool,
}

/// What is known of a key.
#[derive(Clone, Debug, Deserialize)]
pub struct Key {
    /// Its id.
    pub id: String,
    /// Its last eight characters.
    pub last_eight: String,
    /// When it was made.
    pub created: Timestamp,
    /// From when on it is refused; `None` for never.
    pub valid_until: Option<Timestamp>,
    /// `current`, `replaced` or `expired`.
    pub state: String,
}

/// An administrative app in the list.
#[derive(Debug)]
pub struct Listed {
    /// The app.
    pub app: App,
    /// How many users it manages.
    pub managed: Managed,
}

/// How many users an app manages, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Managed {
    /// So many.
    Counted(i64),
    /// More than so many.
    MoreThan(i64),
    /// The account has too many users to count those of each app for a list.
    TooMany,
    /// Whoever looks may not see users.
    Hidden,
}

/// The list.
pub struct List<'a> {
    /// The parts that whoever looks may see.
    pub open: &'a [Part],
    /// The apps.
    pub apps: &'a [Listed],
    /// The cursor of the next page.
    pub next: Option<&'a str>,
    /// Whether it is the first page.
    pub is_first: bool,
    /// Whether whoever looks may make apps.
    pub may_manage: bool,
}

/// What can be chosen in the form for another app.
pub struct Choices {
    /// The roles of the account.
    pub roles: Vec<Named>,
    /// Which credentials the policy takes: `app_key`, `user_token` or `both`.
    pub kind: String,
}

impl App {
    /// The key that is to be used now.
    pub fn key(&self) -> Option<&Key> {
        self.keys.iter().find(|key| key.state == "current")
    }

    /// How its key stands.
    pub fn key_state(&self, now: Timestamp) -> Markup {
        let Some(key) = self.key() else {
            let word = if self.keys.is_empty() { "Revoked" } else { "Expired" };
            return state(Mark::Bad, word);
        };
        if self.owner.as_ref().is_some_and(|owner| !owner.active) {
            return state(Mark::Bad, "Owner disabled");
        }
        match key.days_left(now).filter(|days| *days <= NOTICE_DAYS) {
            Some(days) => state(Mark::Warn, &format!("Expires in {}", counted(days.max(1), "day", "days"))),
            None => state(Mark::On, "Current"),
        }
    }

    /// Tells of a key that is near its end: 30, 7 and 1 days before, each more urgent (S-59).
    pub fn expiry_notice(&self, now: Timestamp, act: &Markup) -> Markup {
        let gone = self.key().is_none() && self.keys.iter().any(|key| key.state == "expired");
        if gone {
            return callout(
                Tone::Bad,
                &format!("The key of {} has expired", self.name),
                html! {
                    p { "Requests with it are refused. Rotate the key and give the new one to the identity provider." } (act)
                },
            );
        }
        let Some(days) = self.key().and_then(|key| key.days_left(now)).filter(|days| *days <= NOTICE_DAYS) else {
            return nothing();
        };
        let tone = match days {
            ..=1 => Tone::Bad,
            2..=7 => Tone::Warn,
            8.. => Tone::Info,
        };
        let left = counted(days.max(1), "day", "days");
        callout(
            tone,
            &format!("The key of {} expires in {left}", self.name),
            html! {
                p { "Rotate it before then, with an overlap, so that no request is refused in between." } (act)
            },
        )
    }
}

impl Key {
    /// Days until it is refused, begun ones counted; `None` for never.
    pub fn days_left(&self, now: Timestamp) -> Option<i64> {
        let seconds = self.valid_until?.duration_since(now).as_secs();
        Some((seconds.max(0) + 86_399) / 86_400)
    }
}

/// The tab.
pub fn list(shell: &Shell, list: &List<'_>) -> Markup {
    let base = shell.path(Part::AdminApps.path());
    let add = primary_link(&format!("{base}/new"), "Add administrative app");
    let body = if list.apps.is_empty() && list.is_first {
        let detail = "An administrative app lets an identity provider create and update users here. Add one for each identity provider.";
        blank("No administrative apps yet", detail, if list.may_manage { add.clone() } else { nothing() })
    } else {
        html! {
            @for listed in list.apps {
                (listed.app.expiry_notice(shell.now, &html! {
                    @if list.may_manage { div.buttons { a.button href=(format!("{base}/{}/key/rotate", listed.app.id)) { "Rotate key" } } }
                }))
            }
            (rows(shell, &base, list.apps))
            @let next = list.next.map(|cursor| crate::address(&base, &[("cursor", cursor)]));
            @let first = (!list.is_first).then_some(base.as_str());
            @let shown = counted(list.apps.len() as i64, "administrative app", "administrative apps");
            (paging("Pages", &shown, first, next.as_deref()))
        }
    };
    let body = html! {
        (body)
        p.small { a href=(shell.path("/help")) { "Guides for identity providers" } }
        (support(shell.support.as_deref()))
    };
    let page = page(shell, list.open, Part::AdminApps, body);
    if list.may_manage && !(list.apps.is_empty() && list.is_first) {
        page.acts(add).render(shell)
    } else {
        page.render(shell)
    }
}

fn rows(shell: &Shell, base: &str, apps: &[Listed]) -> Markup {
    let heads = [head("Name"), head("Last contact"), head("Key"), head_num("Users managed"), head_opt("Added")];
    let rows = html! { @for Listed { app, managed } in apps {
        (row(false, html! {
            (lead_link(&format!("{base}/{}", app.id), &app.name, app.owner.as_ref().and_then(|owner| owner.name.as_deref())))
            @match &app.last_used {
                Some(used) => (side(html! { span.state.state--on { (ago(used.at, shell.now)) } })),
                None => (side(state(Mark::Wait, "Never"))),
            }
            (cell("Key", app.key_state(shell.now)))
            (num("Users managed", match managed {
                Managed::Counted(number) => html! { (crate::components::count(*number)) },
                Managed::MoreThan(number) => html! { "more than " (crate::components::count(*number)) },
                Managed::TooMany => html! { a href=(format!("{base}/{}/users", app.id)) { "See them" } },
                Managed::Hidden => html! { "–" },
            }))
            (opt("Added", ago(app.created, shell.now)))
        }))
    } };
    table("Administrative apps", &heads, rows)
}

/// How long a first key is taken, in days; none for as long as the policy allows.
const LIFETIMES: [(&str, &str); 5] = [
    ("", "As late as the policy allows"),
    ("30", "In 30 days"),
    ("90", "In 90 days"),
    ("180", "In 180 days"),
    ("365", "In a year"),
];

/// The form for another app.
pub fn add(shell: &Shell, choices: &Choices, filled: &Filled) -> Markup {
    let base = shell.path(Part::AdminApps.path());
    let fields = html! {
        (Field::text("name", "Name").hint("For people: which identity provider it is, such as “SCIM Entra”.").row(filled))
        (circles("method", "Authentication method", &methods(choices), filled))
        @if choices.kind != "app_key" {
            (Field::text("owner", "Owner").hint("For a user token: the sign-in name of the user with whom it dies.").optional().row(filled))
        }
        (limits_fields(&choices.roles, filled))
        (Field::choice("expires_days", "Key expires", &LIFETIMES).row(filled))
        (boxes("honey", "Bait", &[BAIT], filled))
    };
    let body = html! {
        (refusal(filled, "The administrative app was not added"))
        (form(&base, &shell.csrf, fields, html! { (submit("Create")) " " a.button href=(base) { "Cancel" } }))
    };
    below(shell, Part::AdminApps, "Add administrative app", body).render(shell)
}

/// An app that nobody is to use.
const BAIT: Check<'static> = Check {
    value: "yes",
    label: "Nobody uses this key",
    hint: Some(
        "Leave it where nobody should look. Whoever tries it is refused, and the account’s administrators are alerted.",
    ),
};

fn methods(choices: &Choices) -> Vec<Check<'static>> {
    let key = Check {
        value: "app_key",
        label: "API key",
        hint: Some("Belongs to the account. The identity provider sends it with each request."),
    };
    let token = Check {
        value: "user_token",
        label: "User token",
        hint: Some("Belongs to a user, and is refused as soon as the user is disabled or removed."),
    };
    match choices.kind.as_str() {
        "app_key" => vec![key],
        "user_token" => vec![token],
        _ => vec![key, token],
    }
}

/// From where, and how far: the fields that can be changed later, too.
pub fn limits_fields(roles: &[Named], filled: &Filled) -> Markup {
    let any = [("", "Any role")];
    let roles: Vec<(&str, &str)> =
        any.into_iter().chain(roles.iter().map(|role| (role.id.as_str(), role.name.as_str()))).collect();
    html! {
        (Field::lines("allowed_ips", "Allowed networks", 3).mono().optional()
            .hint("One a line, such as 203.0.113.0/24. Requests from elsewhere are refused. Empty means from anywhere.").row(filled))
        (Field::choice("role_ceiling", "Highest role", &roles)
            .hint("It cannot grant a role that permits more than this one.").row(filled))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_left_count_begun_days() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        for (until, days) in [
            ("2025-12-31T00:00:00Z", 0),
            ("2026-01-01T00:00:00Z", 0),
            ("2026-01-01T00:00:01Z", 1),
            ("2026-01-02T00:00:00Z", 1),
            ("2026-01-31T00:00:00Z", 30),
            ("2026-01-31T00:00:01Z", 31),
        ] {
            let key = Key {
                id: String::new(),
                last_eight: String::new(),
                created: now,
                valid_until: Some(until.parse().unwrap()),
                state: "current".to_owned(),
            };
            assert_eq!(key.days_left(now), Some(days), "{until}");
        }
    }
}
