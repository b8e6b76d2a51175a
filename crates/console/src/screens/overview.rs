//! How an account stands: failures to act on, last contact, users by state, what was done over time.

use super::{accounts::Account, help};
use crate::{
    Page, Place, Shell, address,
    components::{
        breakable,
        chart::{Bar, Share, bars, shares},
        count, counted,
        facts::{Figure, figure, figures},
        field::act as button,
        mark::{Mark, state},
        message::{Tone, blank, callout, told},
        nothing, primary_link, section,
        table::{ACTS, act, cell, free, head, head_num, head_opt, lead, lead_link, num, opt, row, side, table},
        time::{ago, time},
    },
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

/// What happened in an account in a period, as the management API counts it.
#[derive(Debug, Deserialize)]
pub struct Activity {
    /// When the period begins.
    pub since: Timestamp,
    /// Whether everything of the period was looked at.
    pub complete: bool,
    /// What was done.
    pub succeeded: u64,
    /// What was refused.
    pub failed: u64,
    /// The period in equal parts, oldest first.
    pub parts: Vec<Part>,
    /// What failed and did not succeed since, by cause.
    pub causes: Vec<Cause>,
}

/// A part of a period.
#[derive(Debug, Deserialize)]
pub struct Part {
    /// When it begins.
    pub from: Timestamp,
    /// What was done in it.
    pub succeeded: u64,
    /// What was refused in it.
    pub failed: u64,
}

/// Failures that have one cause.
#[derive(Debug, Deserialize)]
pub struct Cause {
    /// What was tried, such as `user.update`.
    pub action: String,
    /// Why it was refused.
    pub detail: String,
    /// The field of the policy that refuses it.
    pub policy_field: Option<String>,
    /// SCIM's keyword for the reason.
    #[serde(default)]
    pub scim_type: Option<String>,
    /// The HTTP status that it was answered with.
    #[serde(default)]
    pub status: Option<u64>,
    /// How often.
    pub count: u64,
    /// Whom it was about: the first few names.
    pub subjects: Vec<Subject>,
    /// How many it was about.
    pub subject_count: u64,
    /// Who tried it last.
    pub actor: String,
    /// When it was tried last.
    pub last: Timestamp,
}

/// What a failure was about.
#[derive(Debug, Deserialize)]
pub struct Subject {
    /// Its kind.
    pub kind: String,
    /// Its id, where it is there.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
}

/// An admin app, as the overview shows it.
#[derive(Debug, Deserialize)]
pub struct AdminApp {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The last request with one of its keys.
    pub last_used: Option<LastUse>,
}

/// The last request with a key.
#[derive(Clone, Debug, Deserialize)]
pub struct LastUse {
    /// When.
    pub at: Timestamp,
    /// From where.
    pub client_ip: String,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// The id of the key.
    #[serde(default)]
    pub key: Option<String>,
}

/// An enterprise app, as the overview shows it.
#[derive(Debug)]
pub struct Sending {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How it stands.
    pub state: (Mark, String),
    /// When its last cycle ended.
    pub last_cycle: Option<Timestamp>,
    /// Users and groups whose last try failed.
    pub failing: u64,
}

/// An alert that is raised.
#[derive(Debug, Deserialize)]
pub struct Alert {
    /// Its id.
    pub id: String,
    /// Why, such as `brake`.
    pub cause: String,
    /// The same in a few words.
    pub title: String,
    /// What happened and what to do.
    pub detail: String,
    /// The id of the admin app that it is about.
    pub app: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// Whether it stays until somebody dismisses it.
    pub dismissible: bool,
}

/// The overview.
pub struct Overview {
    /// The account.
    pub account: Account,
    /// What happened lately; `None` where whoever looks may not read the audit log.
    pub activity: Option<Activity>,
    /// The length of the period, in hours: 24, 168 or 720.
    pub hours: u64,
    /// Alerts that are raised; none where whoever looks may not see them.
    pub alerts: Vec<Alert>,
    /// Whether whoever looks may dismiss them.
    pub may_dismiss: bool,
    /// Admin apps; `None` where whoever looks may not see them.
    pub apps: Option<Vec<AdminApp>>,
    /// Enterprise apps.
    pub sending: Vec<Sending>,
}

/// The periods that can be chosen, in hours.
pub const PERIODS: [(u64, &str); 3] = [(24, "24 hours"), (168, "7 days"), (720, "30 days")];

/// The screen.
pub fn page(shell: &Shell, view: &Overview) -> Markup {
    let period = html! {
        nav.choice aria-label="Period" {
            @for (hours, label) in PERIODS {
                @let place = address(&shell.path(""), &[("hours", &hours.to_string())]);
                a href=(place) aria-current=[(hours == view.hours).then_some("true")] { (label) }
            }
        }
    };
    let body = html! {
        @for alert in &view.alerts { (raised(shell, alert, view.may_dismiss)) }
        (figures(&top(shell, view)))
        (failures(shell, view))
        div.aside-right.aside-narrow {
            @if let Some(activity) = &view.activity { (operations(activity, view.hours)) }
            (states(shell, &view.account))
        }
        @if let Some(apps) = &view.apps { (contact(shell, apps)) }
        @if !view.sending.is_empty() { (sending(shell, &view.sending)) }
    };
    Page::new("Overview", Place::Overview, body).acts(period).render(shell)
}

/// What administrators must hear of: on top of everything.
fn raised(shell: &Shell, alert: &Alert, may_dismiss: bool) -> Markup {
    let tone = if matches!(alert.cause.as_str(), "honey" | "brake" | "leavers") { Tone::Bad } else { Tone::Warn };
    let (label, place) = match (alert.cause.as_str(), &alert.app) {
        ("held", _) => ("See what waits", shell.path("/held-changes")),
        ("brake", Some(app)) => ("Open its limits", shell.path(&format!("/settings/admin-apps/{app}/limits"))),
        ("key_expires", Some(app)) => ("Open its key", shell.path(&format!("/settings/admin-apps/{app}/key"))),
        (_, Some(app)) => ("Open the app", shell.path(&format!("/settings/admin-apps/{app}/requests"))),
        (_, None) => ("Open the audit log", shell.path("/audit")),
    };
    let body = html! {
        p { (told(&alert.detail)) " " span.quiet { "Since " (time(alert.since, shell.now)) } }
        div.buttons {
            a.button href=(place) { (label) } " "
            @if alert.dismissible && may_dismiss {
                (button(&shell.path(&format!("/alerts/{}/dismiss", alert.id)), &shell.csrf, "button", html! { "Dismiss" }))
            }
        }
    };
    callout(tone, &alert.title, body)
}

fn top<'a>(shell: &Shell, view: &'a Overview) -> Vec<Figure<'a>> {
    let mut all = Vec::new();
    if let Some(activity) = &view.activity {
        let here: u64 = activity.causes.iter().map(|cause| cause.subject_count.max(1)).sum();
        let failing = here + view.sending.iter().map(|app| app.failing).sum::<u64>();
        let causes = activity.causes.len() + view.sending.iter().filter(|app| app.failing > 0).count();
        let causes = counted(number(causes as u64), "cause", "causes");
        let figure_of = figure("Failures to act on", count(number(failing)), html! { "in " (causes) });
        all.push(Figure { is_bad: failing > 0, ..figure_of });
        let whole = activity.succeeded + activity.failed;
        let rate = if whole == 0 {
            "–".to_owned()
        } else {
            format!("{:.1} %", activity.succeeded as f64 / whole as f64 * 100.0)
        };
        let note = if activity.complete { "of " } else { "of the last " };
        all.push(figure("Success rate", rate, html! { (note) (counted(number(whole), "operation", "operations")) }));
    }
    if let Some(apps) = &view.apps {
        let last = apps.iter().filter_map(|app| app.last_used.as_ref().map(|used| (used.at, &app.name))).max();
        all.push(match last {
            Some((at, name)) => figure("Last contact", ago(at, shell.now), name),
            None => figure("Last contact", "Never", "no identity provider has asked yet"),
        });
    }
    let managed = html! { (count(view.account.counts.managed_users)) " managed" };
    all.push(figure("Users", count(view.account.counts.users), managed));
    all
}

fn failures(shell: &Shell, view: &Overview) -> Markup {
    let beside = html! { p { "A failure leaves this list when the same change succeeds." } };
    let causes = view.activity.as_ref().map_or(&[][..], |activity| &activity.causes);
    let sending: Vec<&Sending> = view.sending.iter().filter(|app| app.failing > 0).collect();
    if view.activity.is_none() && sending.is_empty() {
        return nothing();
    }
    if causes.is_empty() && sending.is_empty() {
        let fine = html! { p.quiet { (state(Mark::On, "Nothing failed that did not succeed since")) } };
        return section("act-title", "Failures to act on", nothing(), fine);
    }
    let heads =
        [head("What failed"), head("For"), head("Why, and what to do"), head_opt("By"), head_opt("Since"), ACTS];
    let rows = html! {
        @for app in sending { (row(false, unsent(shell, app))) }
        @for cause in causes { (row(false, html! {
            (lead(state(Mark::Bad, &crate::words::refused(&cause.action))))
            (free("For", about(shell, cause)))
            (free("Why", html! { (told(&cause.detail)) " " span.second { (advice(cause)) } }))
            (opt("By", &cause.actor))
            (side(time(cause.last, shell.now)))
            (act(remedy(shell, cause)))
        })) }
    };
    section("act-title", "Failures to act on", beside, table("Failures to act on", &heads, rows))
}

/// That a target does not take what it is sent.
fn unsent(shell: &Shell, app: &Sending) -> Markup {
    let place = shell.path(&format!("/enterprise-apps/{}", app.id));
    html! {
        (lead(state(Mark::Bad, "Provisioning failed")))
        (free("For", html! { b { (counted(number(app.failing), "user or group", "users and groups")) } }))
        (free("Why", html! { (app.name) " did not take what it was sent. It is tried again by itself; the provisioning log says why." }))
        (opt("By", &app.name))
        (side(html! { @if let Some(at) = app.last_cycle { (time(at, shell.now)) } }))
        (act(html! { a href=(format!("{place}/logs?status=failure")) { "See the failures" span.hidden-text { " of " (app.name) } } }))
    }
}

/// Whom a failure is about, each with a way to it.
fn about(shell: &Shell, cause: &Cause) -> Markup {
    let place = |subject: &Subject| match (subject.kind.as_str(), &subject.id) {
        ("user", Some(id)) => Some(shell.path(&format!("/users/{id}"))),
        ("group", Some(id)) => Some(shell.path(&format!("/groups/{id}"))),
        _ => None,
    };
    html! {
        @match cause.subjects.as_slice() {
            [one] if cause.subject_count == 1 => {
                @match place(one) {
                    Some(href) => a href=(href) aria-label=(one.name) { (breakable(&one.name)) },
                    None => b { (breakable(&one.name)) },
                }
            }
            [] => span.quiet { "the whole account" },
            several => {
                b { (counted(number(cause.subject_count), "record", "records")) } " "
                span.second {
                    @for (place, one) in several.iter().enumerate() { @if place > 0 { ", " } (breakable(&one.name)) }
                }
            }
        }
    }
}

/// What is known of such refusals: what to do, with the way to what causes them. The policy's fields explain themselves.
fn advice(cause: &Cause) -> Markup {
    let known = help::code_of(cause.scim_type.as_deref(), cause.status).filter(|_| cause.policy_field.is_none());
    html! { @if let Some(known) = known { (told(known.remedy)) " " a href=(help::href(known)) { "What can cause this" } } }
}

/// The link that leads to what can be done.
fn remedy(shell: &Shell, cause: &Cause) -> Markup {
    match crate::words::remedy(&cause.action, cause.policy_field.as_deref()) {
        Some((label, path)) => html! { a href=(shell.path(path)) { (label) } },
        None => {
            let log = address(&shell.path("/audit"), &[("action", &cause.action), ("outcome", "failure")]);
            html! { a href=(log) { "See the entries" } }
        }
    }
}

fn operations(activity: &Activity, hours: u64) -> Markup {
    let form = if hours <= 24 { "%H:%M" } else { "%-d %b" };
    let label = |at: Timestamp| at.to_zoned(jiff::tz::TimeZone::UTC).strftime(form).to_string();
    let all: Vec<Bar> = activity
        .parts
        .iter()
        .map(|part| Bar { label: label(part.from), good: part.succeeded, bad: part.failed })
        .collect();
    let busiest = all.iter().max_by_key(|bar| bar.good + bar.bad).filter(|bar| bar.good + bar.bad > 0);
    let finding = match busiest {
        Some(bar) => format!(
            "{} operations, {} of them failed; most at {}",
            activity.succeeded + activity.failed,
            activity.failed,
            bar.label
        ),
        None => "No operations".to_owned(),
    };
    let unit = if hours <= 24 { "Hour from" } else { "From" };
    section("operations", "Operations", nothing(), bars(&finding, unit, &all))
}

fn states(shell: &Shell, account: &Account) -> Markup {
    let active = unsigned(account.counts.active_users);
    let disabled = unsigned(account.counts.users).saturating_sub(active);
    let part =
        |label, number, state| Share { label, number, href: Some(address(&shell.path("/users"), &[("state", state)])) };
    let finding = format!("{active} enabled, {disabled} disabled");
    let parts = [part("Enabled", active, "active"), part("Disabled", disabled, "disabled")];
    section("state-title", "Users by state", nothing(), shares(&finding, &parts))
}

fn contact(shell: &Shell, apps: &[AdminApp]) -> Markup {
    let place = shell.path("/settings/admin-apps");
    let beside = html! { a.small href=(place) { "Administrative apps" } };
    if apps.is_empty() {
        let add = primary_link(&shell.path("/settings/admin-apps/new"), "Add administrative app");
        let detail = "An administrative app lets an identity provider create and update users here. Add one for each identity provider.";
        return section("contact-title", "Last contact", beside, blank("No administrative apps yet", detail, add));
    }
    let heads = [head("Administrative app"), head("Last contact"), head_opt("From"), head_opt("Client")];
    let rows = html! { @for app in apps {
        (row(false, html! {
            (lead_link(&format!("{place}/{}", app.id), &app.name, None))
            @match &app.last_used {
                Some(used) => {
                    (side(html! { span.state.state--on { (ago(used.at, shell.now)) } }))
                    (opt("From", html! { code { (used.client_ip) } }))
                    (opt("Client", used.user_agent.as_deref().unwrap_or("")))
                }
                None => { (side(state(Mark::Wait, "Never"))) (opt("From", "")) (opt("Client", "")) }
            }
        }))
    } };
    section("contact-title", "Last contact", beside, table("Last contact", &heads, rows))
}

fn sending(shell: &Shell, apps: &[Sending]) -> Markup {
    let place = shell.path("/enterprise-apps");
    let heads = [head("Enterprise application"), head("State"), head_num("Last cycle")];
    let rows = html! { @for app in apps {
        (row(false, html! {
            (lead_link(&format!("{place}/{}", app.id), &app.name, None))
            (cell("State", state(app.state.0, &app.state.1)))
            (num("Last cycle", html! { @if let Some(at) = app.last_cycle { (ago(at, shell.now)) } @else { "None yet" } }))
        }))
    } };
    let beside = html! { a.small href=(place) { "Enterprise applications" } };
    section("send-title", "Sending", beside, table("Sending", &heads, rows))
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
