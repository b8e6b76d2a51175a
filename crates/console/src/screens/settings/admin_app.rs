//! One administrative app: set-up, requests, users managed, limits, key.

use super::{
    Part,
    admin_apps::{App, limits_fields},
    set_up::{self, SetUp, place},
};
use crate::{
    Filled, Page, Place, Shell, Tab, address,
    components::{
        button_link, count, counted,
        facts::{Figure, facts, figure, figures},
        field::{Confirmation, Field, act, confirmation, form, submit},
        mark::{Mark, state, tag},
        message::{Tone, blank, callout, refusal, told},
        nothing,
        paging::paging,
        section,
        table::{bare, cell, head, head_opt, lead, lead_link, opt, row, side, table},
        time::{ago, ago_text, exact, time, until_text},
    },
    screens::{
        requests::{Request, rows},
        users::{Named, User},
    },
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A tab of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tabbed {
    /// How it is set up, and how far that is.
    SetUp,
    /// What it asked for.
    Requests,
    /// Whom it manages.
    Users,
    /// How far it may go.
    Limits,
    /// Its key.
    Key,
}

/// How much of something was done and refused.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Counted {
    /// Done.
    pub succeeded: u64,
    /// Refused.
    pub failed: u64,
}

/// What an app did in the last 30 days, by action.
pub type Counts = BTreeMap<String, Counted>;

/// How much of an app's brake is used up.
#[derive(Debug, Deserialize)]
pub struct Brake {
    /// Users that it may disable or remove in an hour.
    pub limit: Option<u32>,
    /// How many it has.
    pub used: u64,
    /// Whether the next is refused.
    pub holds: bool,
    /// From when on fewer count; `None` when none do.
    pub resets: Option<Timestamp>,
}

/// Which client speaks through the app, and how.
#[derive(Debug, Deserialize)]
pub struct Dialect {
    /// The client's name.
    pub client_name: Option<String>,
    /// Whether Entra speaks with its flag: `on` or `off`.
    pub flag: Option<String>,
    /// What was repaired in its requests.
    pub repairs: Vec<Repair>,
    /// What does not go together with the policy, and what to do.
    pub advice: Vec<String>,
}

/// A quirk that was repaired.
#[derive(Debug, Deserialize)]
pub struct Repair {
    /// What the client sends.
    pub meaning: String,
    /// How often.
    pub count: u64,
    /// When last.
    pub last: Timestamp,
}

/// What stands around each tab.
pub struct Frame<'a> {
    /// The app.
    pub app: &'a App,
    /// The tabs that whoever looks may open.
    pub may_see: &'a [Tabbed],
    /// Whether whoever looks may change the app.
    pub may_manage: bool,
    /// Whether whoever looks may let it manage users who are here already.
    pub may_migrate: bool,
}

impl Tabbed {
    /// Every tab, in its order.
    pub const ALL: [Self; 5] = [Self::SetUp, Self::Requests, Self::Users, Self::Limits, Self::Key];

    fn label(self) -> &'static str {
        match self {
            Self::SetUp => "Set-up",
            Self::Requests => "Requests",
            Self::Users => "Users managed",
            Self::Limits => "Limits",
            Self::Key => "Key",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::SetUp => "",
            Self::Requests => "/requests",
            Self::Users => "/users",
            Self::Limits => "/limits",
            Self::Key => "/key",
        }
    }
}

fn framed(shell: &Shell, frame: &Frame<'_>, current: Tabbed, body: Markup) -> Markup {
    let app = frame.app;
    let rotate = html! { a.button href=(place(shell, app, "/key/rotate")) { "Rotate key" } };
    let tabs = frame.may_see.iter().map(|tab| Tab {
        label: tab.label(),
        href: place(shell, app, tab.path()),
        count: None,
        is_current: *tab == current,
    });
    let acts = html! {
        @if frame.may_manage {
            @if app.owner.is_some() { (button_link(&place(shell, app, "/owner"), "Hand over")) " " }
            @if current != Tabbed::Key { (button_link(&place(shell, app, "/key"), "View API key details")) " " }
            (rotate) " "
            @if !app.keys.is_empty() { a.button.button--danger href=(place(shell, app, "/key/revoke")) { "Revoke key" } " " }
            a.button.button--danger href=(place(shell, app, "/remove")) { "Remove" }
        }
    };
    let sub = html! {
        @match &app.owner {
            Some(owner) => { "Token of " (owner.name.as_deref().unwrap_or("a user who is gone")) },
            None => "Administrative app with API key",
        }
        ", added " (ago(app.created, shell.now))
        @if !app.description.is_empty() { ". " (app.description) }
    };
    let notice = app.expiry_notice(shell.now, &html! { @if frame.may_manage { div.buttons { (rotate) } } });
    let bait = html! { @if app.honey { (callout(Tone::Info, "This app is bait", html! { p {
        "Nobody is given its key: whoever uses it has found it where it was left. Any use is refused, recorded and alerted to."
    } })) } };
    let body = html! { (bait) (notice) (body) };
    Page::new(&app.name, Place::Settings, body)
        .below("Settings", shell.path("/settings"))
        .below("Administrative apps", shell.path(Part::AdminApps.path()))
        .subtitle(sub)
        .acts(acts)
        .tabs(tabs.collect())
        .render(shell)
}

/// The page with the set-up, and what it did since.
pub fn set_up(shell: &Shell, frame: &Frame<'_>, view: &SetUp<'_>, counts: Option<&Counts>) -> Markup {
    let body = html! {
        @if let Some(warning) = &frame.app.warning {
            (callout(Tone::Info, "Users are here already", html! {
                p { (told(warning)) }
                @if frame.may_migrate {
                    div.buttons { (button_link(&place(shell, frame.app, "/migrate"), "Migrate users")) }
                }
            }))
        }
        @if view.app.last_used.is_some() { (figures(&done(shell, frame.app, counts))) }
        (set_up::body(shell, view))
    };
    framed(shell, frame, Tabbed::SetUp, body)
}

/// Acts that take a user's access away.
const LEAVING: [&str; 5] = ["user.disable", "user.suspend", "user.delete", "user.soft_delete", "user.remove"];

/// Last contact, and what was created, updated, disabled and failed.
fn done<'a>(shell: &Shell, app: &'a App, counts: Option<&Counts>) -> Vec<Figure<'a>> {
    let mut all = Vec::new();
    all.push(match &app.last_used {
        Some(used) => figure("Last contact", ago_text(used.at, shell.now), html! { "from " code { (used.client_ip) } }),
        None => figure("Last contact", "Never", "the key has never been used"),
    });
    if let Some(counts) = counts {
        let of = |actions: &[&str]| -> u64 {
            actions.iter().filter_map(|action| counts.get(*action)).map(|counted| counted.succeeded).sum()
        };
        let shown = |number: u64| count(i64::try_from(number).unwrap_or(i64::MAX));
        let failed: u64 = counts.values().map(|counted| counted.failed).sum();
        all.push(figure("Created", shown(of(&["user.create", "group.create"])), "in 30 days"));
        all.push(figure("Updated", shown(of(&["user.update", "user.enable", "group.update"])), "in 30 days"));
        all.push(figure("Disabled", shown(of(&LEAVING)), "or removed, in 30 days"));
        let figure_of = figure("Failed", shown(failed), "in 30 days");
        all.push(Figure { is_bad: failed > 0, ..figure_of });
    }
    all
}

/// What it asked for, newest first.
pub fn requests(
    shell: &Shell,
    frame: &Frame<'_>,
    requests: &[Request],
    next: Option<&str>,
    counts: Option<&Counts>,
    dialect: &Dialect,
) -> Markup {
    let base = place(shell, frame.app, "/requests");
    let log = address(&shell.path("/audit"), &[("app", &frame.app.id)]);
    let body = html! {
        (figures(&done(shell, frame.app, counts)))
        (spoken(shell, dialect))
        @if requests.is_empty() {
            (blank("No requests yet", "What the identity provider asks stands here for seven days.", nothing()))
        } @else {
            (rows(shell, requests, false))
            @let next = next.map(|cursor| address(&base, &[("cursor", cursor)]));
            (paging("Pages of requests", &format!("{} on this page", count(requests.len() as i64)), None, next.as_deref()))
        }
        p.small { a href=(log) { "What it changed, in the audit log" } }
    };
    framed(shell, frame, Tabbed::Requests, body)
}

/// Which client speaks, how, and what of that does not fit.
fn spoken(shell: &Shell, dialect: &Dialect) -> Markup {
    let Some(client) = &dialect.client_name else { return nothing() };
    let flag = match dialect.flag.as_deref() {
        Some("on") => html! { "With " code { "aadOptscim062020" } },
        Some(_) => html! { "Without " code { "aadOptscim062020" } },
        None => nothing(),
    };
    let repairs = html! {
        @if dialect.repairs.is_empty() { "Nothing" }
        @else { ul { @for repair in &dialect.repairs {
            li { (crate::components::message::marked(&repair.meaning)) ": " (repair.count) " times, last " (ago(repair.last, shell.now)) }
        } } }
    };
    let mut all = vec![("Client", html! { (client) })];
    if dialect.flag.is_some() {
        all.push(("Dialect", flag));
    }
    all.push(("Repaired in its requests", repairs));
    html! {
        @for advice in &dialect.advice { (callout(Tone::Warn, "The client and the policy", html! { p { (told(advice)) } })) }
        (section("dialect", "How it speaks", nothing(), facts(&all)))
    }
}

/// Whom it manages.
pub fn users(shell: &Shell, frame: &Frame<'_>, users: &[User], next: Option<&str>) -> Markup {
    let base = place(shell, frame.app, "/users");
    let heads = [head("User"), head("State"), head_opt("External id"), head("Last change")];
    let rows = html! { @for user in users {
        (row(!user.active, html! {
            (lead_link(&shell.path(&format!("/users/{}", user.id)), user.title(), user.second_name()))
            (bare(user.state()))
            (opt("External id", html! { code { (user.external_id.as_deref().unwrap_or("")) } }))
            (side(time(user.modified, shell.now)))
        }))
    } };
    let body = html! {
        @if users.is_empty() && next.is_none() {
            (blank("It manages nobody yet", "Users whom it creates or links are listed here.", nothing()))
        } @else {
            (table("Users managed by the app", &heads, rows))
            @let next = next.map(|cursor| address(&base, &[("cursor", cursor)]));
            (paging("Pages of users", &format!("{} on this page", count(users.len() as i64)), None, next.as_deref()))
        }
    };
    framed(shell, frame, Tabbed::Users, body)
}

/// From where, how far, how fast.
pub fn limits(shell: &Shell, frame: &Frame<'_>, brake: &Brake, may_release: bool) -> Markup {
    let app = frame.app;
    let networks = html! {
        @if app.allowed_ips.is_empty() { "Any" }
        @else { ul { @for network in &app.allowed_ips { li { code { (network) } } } } }
    };
    let ceiling = html! { (app.role_ceiling.as_ref().map_or("Any role", |role| role.name.as_str())) };
    let edit = html! { @if frame.may_manage { a.small href=(place(shell, app, "/limits/edit")) { "Edit limits" } } };
    let body = html! {
        (section("limits", "Limits", edit, facts(&[("Allowed networks", networks), ("Highest role", ceiling)])))
        (section("brake", "Brake", nothing(), brake_shown(shell, app, brake, may_release)))
    };
    framed(shell, frame, Tabbed::Limits, body)
}

fn brake_shown(shell: &Shell, app: &App, brake: &Brake, may_release: bool) -> Markup {
    let Some(limit) = brake.limit else {
        let policy = shell.path("/settings/policy");
        return html! { p {
            "No brake: it may disable and remove any number of users. The policy field "
            a href=(policy) { code { "brake.changes_per_hour" } } " sets one."
        } };
    };
    let used = html! {
        (brake.used) " of " (limit) " in the last hour"
        @if let Some(at) = brake.resets { ". The first of them stops counting " (until_text(at, shell.now)) "." }
    };
    let standing = if brake.holds {
        state(Mark::Hold, "On: the next disable or removal is not done")
    } else {
        state(Mark::On, "Free")
    };
    html! {
        (facts(&[("State", standing), ("Disabled or removed", used)]))
        p { a href=(shell.path("/held-changes")) { "Changes that are held for an administrator" } }
        @if brake.holds && may_release {
            div.buttons { (act(&place(shell, app, "/brake/release"), &shell.csrf, "button", html! {
                "Release brake for " (counted(i64::from(limit), "more user", "more users"))
            })) }
        }
    }
}

/// The form for other limits and another name.
pub fn edit(shell: &Shell, app: &App, roles: &[Named], filled: &Filled) -> Markup {
    let fields = html! {
        (Field::text("name", "Name").row(filled))
        (Field::text("description", "Description").optional().row(filled))
        (limits_fields(roles, filled))
    };
    let back = place(shell, app, "/limits");
    let buttons = html! { (submit("Save")) " " a.button href=(back) { "Cancel" } };
    let body = html! {
        (refusal(filled, "The administrative app was not changed"))
        (form(&place(shell, app, "/limits/edit"), &shell.csrf, fields, buttons))
    };
    one(shell, app, "Edit limits", body)
}

pub(super) fn one(shell: &Shell, app: &App, title: &str, body: Markup) -> Markup {
    Page::new(title, Place::Settings, body)
        .below("Settings", shell.path("/settings"))
        .below("Administrative apps", shell.path(Part::AdminApps.path()))
        .below(&app.name, place(shell, app, ""))
        .render(shell)
}

/// The form for another owner of a token.
pub fn hand_over(shell: &Shell, app: &App, filled: &Filled) -> Markup {
    let fields = Field::text("owner", "Owner")
        .hint("The sign-in name of the user whose token it is from now on. The token itself stays the same.")
        .row(filled);
    let buttons = html! { (submit("Hand over")) " " a.button href=(place(shell, app, "")) { "Cancel" } };
    let body = html! {
        (refusal(filled, "The token was not handed over"))
        (form(&place(shell, app, "/owner"), &shell.csrf, fields, buttons))
    };
    one(shell, app, "Hand over", body)
}

/// What is known of its keys; the key itself only where it was just made.
pub fn key(shell: &Shell, frame: &Frame<'_>, view: &SetUp<'_>) -> Markup {
    let app = frame.app;
    let heads = [head("Key"), head("State"), head("Ends with"), head("Made"), head("Expires"), head_opt("Last use")];
    let rows = html! { @for key in &app.keys {
        (row(key.state == "expired", html! {
            (lead(html! { code { (key.id) } }))
            (bare(match key.state.as_str() {
                "current" => state(Mark::On, "Current"),
                "replaced" => state(Mark::Wait, "Replaced, still taken"),
                _ => state(Mark::Off, "Expired"),
            }))
            (cell("Ends with", html! { code { "…" (key.last_eight) } }))
            (cell("Made", time(key.created, shell.now)))
            (cell("Expires", match key.valid_until { Some(until) => exact(until), None => html! { "Never" } }))
            (opt("Last use", match app.last_used.as_ref().filter(|used| used.key.as_deref() == Some(&key.id)) {
                Some(used) => html! {
                    (time(used.at, shell.now)) " from " code { (used.client_ip) }
                    @if let Some(agent) = &used.user_agent { " " span.second { (agent) } }
                },
                None => html! { "Never used" },
            }))
        }))
    } };
    let keys = html! {
        @if app.keys.is_empty() {
            (blank("No key", "All keys were revoked. Rotate the key to make another one.", nothing()))
        } @else {
            (table("Keys, newest first", &heads, rows))
        }
    };
    let body = html! {
        @match view.key {
            Some(key) => (set_up::key_once(view, key)),
            None => {
                (callout(Tone::Info, "The key itself was shown once", html! { p {
                    "Provost stores only its hash, so that nobody can read it here. If it is lost, rotate it: the old one can stay "
                    "valid until the identity provider has the new one."
                } }))
                (crate::components::code::copyable("Tenant URL", &app.tenant_url, "the tenant URL"))
            }
        }
        @let heading = if view.key.is_some() { "Keys" } else { "API key details" };
        (section("keys", heading, html! { @if app.owner.is_some() { (tag("User token")) } }, keys))
    };
    framed(shell, frame, Tabbed::Key, body)
}

/// How long the old key stays valid, in hours.
const OVERLAPS: [(&str, &str); 5] =
    [("0", "Refuse it at once"), ("1", "One hour"), ("24", "One day"), ("168", "One week"), ("720", "30 days")];

/// The form for a new key.
pub fn rotate(shell: &Shell, app: &App, filled: &Filled) -> Markup {
    let fields = html! {
        (Field::choice("overlap_hours", "The old key", &OVERLAPS)
            .hint("How long it is still taken beside the new one: until the identity provider has that.").row(filled))
        (Field::number("expires_days", "The new key expires in days").optional().hint("Empty: as late as the policy allows.").row(filled))
    };
    let back = place(shell, app, "/key");
    let buttons = html! { (submit("Rotate key")) " " a.button href=(back) { "Cancel" } };
    let body = html! {
        (refusal(filled, "The key was not rotated"))
        (form(&place(shell, app, "/key/rotate"), &shell.csrf, fields, buttons))
    };
    one(shell, app, "Rotate key", body)
}

/// What is asked again before it is done to an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dangerous {
    /// Refuse its keys.
    Revoke,
    /// Remove it.
    Remove,
}

/// The page that asks again.
pub fn confirm(shell: &Shell, app: &App, what: Dangerous, filled: &Filled) -> Markup {
    let stays = "users that it manages stay as they are, and nothing updates them".to_owned();
    let (question, consequences, path, button) = match what {
        Dangerous::Revoke => (
            format!("Revoke the key of {}?", app.name),
            vec!["every request with it is refused at once".to_owned(), stays],
            "/key/revoke",
            "Revoke key",
        ),
        Dangerous::Remove => (
            format!("Remove {}?", app.name),
            vec![
                "every request with its key is refused at once".to_owned(),
                stays,
                "this cannot be undone: another app with the same name does not manage these users".to_owned(),
            ],
            "/remove",
            "Remove administrative app",
        ),
    };
    let ask = Confirmation {
        question: &question,
        consequences: &consequences,
        name: (what == Dangerous::Remove).then_some(app.name.as_str()),
        fields: nothing(),
        button,
        action: &place(shell, app, path),
        back: &place(shell, app, "/key"),
    };
    one(shell, app, "Confirm", confirmation(&ask, &shell.csrf, filled))
}
