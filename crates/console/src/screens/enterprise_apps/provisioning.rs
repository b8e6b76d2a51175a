//! How the provisioning of an application stands: cycles, quarantine, what is held, and what can be done about it.

use super::{
    App, Section, below,
    job::{Cycle, Job, Progress, Quarantine},
    of_app, standing,
};
use crate::{
    Filled, Shell,
    components::{
        breakable, button_link, count, counted,
        facts::facts,
        field::{Check, Confirmation, act, boxes, confirmation, form, submit, token},
        mark::{Mark, state},
        message::{Tone, blank, callout, refusal, told},
        nothing, primary_link, section,
        table::{ACTS, act as act_cell, bare, free, head, head_num, head_opt, lead, num, opt, row, table},
        time::{ago, time, until_text},
    },
};
use maud::{Markup, html};

/// Somebody whose disable or delete is held.
#[derive(Clone, Debug)]
pub struct Held {
    /// What is held: the id of a user or group.
    pub id: Option<String>,
    /// Whether it is a user.
    pub is_user: bool,
    /// The name.
    pub name: String,
}

/// The page of provisioning.
pub struct View<'a> {
    /// The application.
    pub app: &'a App,
    /// How it stands.
    pub job: &'a Job,
    /// Whose disables and deletes the last cycle held: the first of them.
    pub held: &'a [Held],
    /// Whether whoever looks may change it.
    pub may_manage: bool,
}

/// The page.
pub fn page(shell: &Shell, view: &View<'_>) -> Markup {
    let app = view.app;
    if !app.is_connected() {
        let detail = "Automate creating, changing and disabling users and groups in this application. Its tenant URL and a secret \
                      token connect it; who is provisioned is said under Users and groups.";
        let start =
            html! { @if view.may_manage { (primary_link(&app.path(shell, "/provisioning/connect"), "Get started")) } };
        return of_app(shell, app, Section::Provisioning, blank("Not connected yet", detail, start)).render(shell);
    }
    let body = html! {
        (trouble(shell, view))
        div.aside-right {
            div.stack {
                (section("status", "Provisioning status", nothing(), status(shell, view)))
                (section("cycles", "Cycles", nothing(), html! { div id="passed" data-live=(seconds(view)) { (cycles(shell, view)) } }))
                (section("maps", "Mappings", nothing(), html! {
                    ul.prose {
                        li { a href=(app.path(shell, "/mappings/users")) { "Provision users" } }
                        li { a href=(app.path(shell, "/mappings/groups")) { "Provision groups" } }
                    }
                }))
            }
            div.stack {
                (section("connection", "Connection", edit(shell, view, "/provisioning/connect?mode=automatic"), connection(app)))
                (section("settings", "Settings", edit(shell, view, "/provisioning/settings"), settings(app)))
            }
        }
    };
    let acts = html! { @if view.may_manage {
        (act(&app.path(shell, "/provisioning/cycle"), &shell.csrf, "button", "Run cycle now")) " "
        (button_link(&app.path(shell, "/provisioning/restart"), "Restart provisioning"))
    } };
    of_app(shell, app, Section::Provisioning, body).acts(acts).render(shell)
}

fn edit(shell: &Shell, view: &View<'_>, rest: &str) -> Markup {
    html! { @if view.may_manage { a.small href=(view.app.path(shell, rest)) { "Edit" } } }
}

fn trouble(shell: &Shell, view: &View<'_>) -> Markup {
    let held = view.job.cycles.first().map_or(0, |cycle| cycle.counts.held);
    html! {
        @if let Some(quarantine) = view.job.quarantine.as_ref().filter(|one| held == 0 || one.reason != "TooManyDeletes") {
            (quarantined(shell, view, quarantine))
        }
        @if held > 0 { (holding(shell, view, held)) }
    }
}

fn quarantined(shell: &Shell, view: &View<'_>, quarantine: &Quarantine) -> Markup {
    let what = match quarantine.reason.as_str() {
        "TooManyDeletes" => {
            "Too many people would lose access at once. Look at who below, then allow or reject it, or correct the source."
        }
        "EncounteredQuarantineException" => {
            "Test the connection; when it works, restart provisioning or wait for the next try."
        }
        _ => {
            "Look at the failures by cause in the provisioning logs, correct the mapping or the source, then restart provisioning."
        }
    };
    let app = view.app;
    let body = html! {
        p { (told(&quarantine.detail)) }
        p { (what) " It began " (time(quarantine.series_began, shell.now))
            @if app.started {
                " and is tried again " (until_text(quarantine.next_attempt, shell.now)) ". After 28 days it is switched off."
            } @else { ". Provisioning is off, so that it is not tried again." }
        }
        div.buttons {
            (button_link(&app.path(shell, "/logs?status=failure"), "See the failures")) " "
            @if view.may_manage { (button_link(&app.path(shell, "/provisioning/connect?mode=automatic"), "Test connection")) }
        }
    };
    callout(Tone::Bad, "In quarantine", body)
}

fn holding(shell: &Shell, view: &View<'_>, held: u64) -> Markup {
    let app = view.app;
    let whole = i64::try_from(held).unwrap_or(i64::MAX);
    let threshold =
        app.accidental_deletion_threshold.map_or_else(String::new, |most| format!(" Your threshold is {most}."));
    let heading = format!("{} would lose access.{threshold}", counted(whole, "user or group", "users and groups"));
    let beyond = held.saturating_sub(view.held.len() as u64);
    let decided = match view.job.held_decision.as_deref() {
        Some("allowed") => Some("Allowed: the next cycle sends their disables and deletes."),
        Some(_) => Some("Rejected: the next cycle lets go of their disables and deletes. They keep their access."),
        None => None,
    };
    let body = html! {
        p {
            @match decided {
                Some(decided) => strong { (decided) },
                None => "Their disables and deletes are held: nothing of it was sent. Allow or reject it, or correct the source.",
            }
            @if let Some(quarantine) = &view.job.quarantine {
                " The application is in quarantine since " (time(quarantine.series_began, shell.now))
                @if app.started { " and is tried again " (until_text(quarantine.next_attempt, shell.now)) }
                "."
            }
        }
        ul.names { @for one in view.held { li { (named(shell, one)) } } }
        @if beyond > 0 { p { a.small href=(app.path(shell, "/logs?action=staged_delete")) { "Show " (count(beyond as i64)) " more" } } }
        @if view.may_manage && decided.is_none() {
            div.buttons {
                (button_link(&app.path(shell, "/provisioning/allow"), "Allow deletions")) " "
                (button_link(&app.path(shell, "/provisioning/reject"), "Reject deletions")) " "
                (button_link(&app.path(shell, "/provisioning/settings"), "Change the threshold"))
            }
        }
    };
    callout(Tone::Warn, &heading, body)
}

fn named(shell: &Shell, one: &Held) -> Markup {
    let kind = if one.is_user { "users" } else { "groups" };
    html! { @match &one.id {
        Some(id) => a href=(shell.path(&format!("/{kind}/{id}"))) { (one.name) },
        None => (one.name),
    } }
}

fn status(shell: &Shell, view: &View<'_>) -> Markup {
    let (app, job) = (view.app, view.job);
    let switch = |on: bool| {
        let (word, rest) = if on { ("On", "/provisioning/start") } else { ("Off", "/provisioning/stop") };
        html! { button type="submit" formaction=(app.path(shell, rest)) aria-pressed=(if app.started == on { "true" } else { "false" })
        { (word) } }
    };
    html! {
        @if view.may_manage {
            form.inline method="post" {
                (token(&shell.csrf))
                div.choice role="group" aria-label="Set status" { (switch(true)) (switch(false)) }
            }
        }
        div id="standing" data-live=(seconds(view)) {
            (facts(&[
                ("State", standing(app, Some(job))),
                ("Next cycle", html! { (next(shell, view)) }),
                ("Created or linked", html! { (there(job)) }),
                ("Failing", failing(shell, app, job)),
                ("Until access is gone", gone(job)),
            ]))
            @if let Some(progress) = &job.progress { (running(progress)) }
        }
    }
}

/// Whom the target did not take, with the way to the reasons.
pub fn failing(shell: &Shell, app: &App, job: &Job) -> Markup {
    if job.failing == 0 {
        return html! { span.none { "Nothing" } };
    }
    let number = counted(i64::try_from(job.failing).unwrap_or(i64::MAX), "user or group", "users and groups");
    html! {
        (state(Mark::Bad, &number)) ", tried again by itself. "
        a href=(app.path(shell, "/logs?status=failure")) { "See why" }
    }
}

/// After how many seconds to look again.
fn seconds(view: &View<'_>) -> &'static str {
    let is_about_to = view.app.started && view.job.cycles.is_empty();
    if view.job.under_way || is_about_to { "2" } else { "10" }
}

/// How many objects the application has of those that are sent.
pub fn there(job: &Job) -> String {
    let users = counted(job.synchronized_users as i64, "user", "users");
    format!("{users}, {}", counted(job.synchronized_groups as i64, "group", "groups"))
}

fn next(shell: &Shell, view: &View<'_>) -> String {
    match (view.app.started, view.job.under_way, view.job.next_cycle) {
        (false, _, _) => "None: provisioning is off".to_owned(),
        (true, true, _) => "Running now".to_owned(),
        (true, false, Some(at)) => until_text(at, shell.now),
        (true, false, None) => "At once".to_owned(),
    }
}

fn gone(job: &Job) -> Markup {
    let span = |ms: u64| match ms {
        0..10_000 => format!("{} ms", count(ms as i64)),
        10_000..600_000 => format!("{} s", ms / 1_000),
        _ => format!("{} min", count((ms / 60_000) as i64)),
    };
    let measured = &job.deprovisioning;
    html! {
        @if measured.count == 0 { span.quiet { "Nobody has left yet" } }
        @else { (span(measured.last_ms)) " last time, " (span(measured.longest_ms)) " at most" }
    }
}

fn running(progress: &Progress) -> Markup {
    let phase = match progress.phase.as_str() {
        "probe" => "Asking the target",
        "changed_users" | "linked_users" | "new_users" | "waiting" => "Users",
        "changed_groups" | "linked_groups" | "new_groups" => "Groups",
        "drift" => "Looking for changes at the target",
        _ => "Disables and deletes",
    };
    html! {
        p role="status" { (state(Mark::Run, phase)) " " (counted(progress.tally.imported as i64, "object", "objects")) " looked at; "
            (progress.tally.words()) "." }
    }
}

fn cycles(shell: &Shell, view: &View<'_>) -> Markup {
    if view.job.cycles.is_empty() {
        return html! { p.quiet { "No cycle yet. The first one looks at everybody; it begins when the status is set to On." } };
    }
    let heads =
        [head("Began"), head("How it ended"), head("What it did"), head_num("Requests"), head_opt("Took"), ACTS];
    let rows = html! { @for cycle in &view.job.cycles { (row(false, one_cycle(shell, view, cycle))) } };
    table("Cycles", &heads, rows)
}

fn one_cycle(shell: &Shell, view: &View<'_>, cycle: &Cycle) -> Markup {
    let (mark, word) = cycle.standing();
    let seconds = cycle.ended.duration_since(cycle.began).as_secs();
    let log = view.app.path(shell, &format!("/logs?cycle={}", cycle.id));
    html! {
        (lead(html! { a href=(log) { (time(cycle.began, shell.now)) } " " span.second { (ago(cycle.began, shell.now)) @if cycle.initial
            { ", looked at everything" } } }))
        (bare(html! { (state(mark, word)) @if let Some(why) = &cycle.detail { " " span.fine { (told(why)) } } }))
        (free("What it did", cycle.counts.words()))
        (num("Requests", count(cycle.counts.requests as i64)))
        (opt("Took", format!("{seconds} s")))
        (act_cell(html! { @if view.may_manage && cycle.counts.writes() > 0 {
            a href=(view.app.path(shell, &format!("/provisioning/undo/{}", cycle.id))) { "Undo" span.hidden-text { " the cycle" } }
        } }))
    }
}

fn connection(app: &App) -> Markup {
    let token = app.secret_token.as_ref().map_or("none", |token| token.ends_with.as_str());
    facts(&[
        ("Mode", html! { "Automatic" }),
        ("Tenant URL", html! { code { (breakable(&app.tenant_url)) } }),
        ("Secret token", html! { code { "••••" (token) } }),
    ])
}

fn settings(app: &App) -> Markup {
    let scope = if app.scope == "all" { "All users and groups" } else { "Only assigned users and groups" };
    let minutes = app.interval / 60;
    let every = if app.interval.is_multiple_of(60) {
        counted(minutes as i64, "minute", "minutes")
    } else {
        format!("{} seconds", app.interval)
    };
    let others: Vec<String> = app
        .compatibility
        .iter()
        .filter(|(name, value)| super::settings::is_other(name, value))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    facts(&[
        ("Scope", html! { (scope) }),
        ("A cycle every", html! { (every) }),
        (
            "Accidental deletions",
            html! { @match app.accidental_deletion_threshold { Some(most) => { "More than " (most) " in a cycle are held" }, None =>
            "No threshold" } },
        ),
        (
            "Mail on trouble",
            html! { @if app.notify.is_empty() { span.none { "Nobody" } } @else { (app.notify.join(", ")) } },
        ),
        (
            "Compatibility",
            html! { @if others.is_empty() { "As Microsoft Entra ID sends" } @else { (others.join(", ")) } },
        ),
    ])
}

/// What a restart can forget: names of the API, words, and what it means.
const RESETS: [(&str, &str, &str); 5] = [
    ("watermark", "How far it has come", "The next cycle looks at everybody."),
    ("escrows", "Failures", "What failed is tried anew, and forgotten."),
    ("quarantine_state", "Quarantine", "Cycles run at their usual interval again."),
    ("connector_data_store", "Links", "Everybody is matched at the target anew."),
    ("force_deletes", "Holding", "Disables and deletes that are held are sent."),
];

/// The form for a restart.
pub fn restart(shell: &Shell, app: &App, filled: &Filled) -> Markup {
    let checks = RESETS.map(|(value, label, hint)| Check { value, label, hint: Some(hint) });
    let fields = boxes("clear", "What to clear", &checks, filled);
    let body = html! {
        (refusal(filled, "Provisioning was not restarted"))
        p.prose { "A restart changes nothing at the target by itself. The next cycle then does what is missing there." }
        (form(&app.path(shell, "/provisioning/restart"), &shell.csrf, fields, submit("Restart provisioning")))
    };
    below(shell, app, ("Provisioning", "/provisioning"), "Restart provisioning", body).render(shell)
}

/// The question before held deletions are sent, or let go of.
pub fn ask_held(shell: &Shell, view: &View<'_>, is_allowed: bool, filled: &Filled) -> Markup {
    let held = view.job.cycles.first().map_or(0, |cycle| cycle.counts.held);
    let whole = counted(i64::try_from(held).unwrap_or(i64::MAX), "user or group", "users and groups");
    let (question, button, rest, consequence) = if is_allowed {
        (
            format!("Allow the deletions of {}?", view.app.name),
            "Allow deletions",
            "/provisioning/allow",
            format!("{whole} lose access at the target in the next cycle"),
        )
    } else {
        (
            format!("Reject the deletions of {}?", view.app.name),
            "Reject deletions",
            "/provisioning/reject",
            format!("{whole} keep their access at the target until they are entitled again"),
        )
    };
    let names = html! { ul.names { @for one in view.held { li { (named(shell, one)) } } } };
    let consequences = [consequence];
    let ask = Confirmation {
        question: &question,
        consequences: &consequences,
        name: None,
        fields: names,
        button,
        action: &view.app.path(shell, rest),
        back: &view.app.path(shell, "/provisioning"),
    };
    below(shell, view.app, ("Provisioning", "/provisioning"), button, confirmation(&ask, &shell.csrf, filled))
        .render(shell)
}
