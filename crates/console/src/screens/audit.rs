//! The audit log: who did what to whom, when, with which outcome; and the proof that nobody changed it.

use crate::{
    Filled, Page, Place, Shell, address,
    components::{
        breakable, button_link, count,
        diff::{Change, diff},
        facts::facts,
        filters::{Filter, Filters, filters},
        mark::{Mark, state},
        message::{blank, told},
        nothing,
        paging::paging,
        record::{Changed, Entry, short_name, value_text},
        section,
        table::{cell, head, head_opt, lead, opt, row, side, table},
        time::{exact, time},
    },
    screens::help,
    words,
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Whether the log is what was written.
#[derive(Debug, Deserialize)]
pub struct Verified {
    /// Whether it is.
    pub verified: bool,
    /// How many entries there are, where it is.
    pub entries: Option<u64>,
    /// The oldest entry that is kept.
    pub first_seq: Option<u64>,
    /// The newest entry.
    pub last_seq: Option<u64>,
    /// The first entry that does not fit, where it is not.
    pub seq: Option<u64>,
    /// What does not fit.
    pub problem: Option<String>,
}

/// A page of the log.
pub struct List<'a> {
    /// The entries, newest first.
    pub entries: &'a [Entry],
    /// The cursor of the next page.
    pub next: Option<&'a str>,
    /// What is filtered by.
    pub chosen: &'a Filled,
    /// Names of admin apps, to choose from.
    pub actors: &'a [String],
    /// What a verification said, where one was asked for.
    pub verified: Option<&'a Verified>,
}

/// Names of the filters in the address, besides the text.
const FILTERS: [&str; 5] = ["when", "actor", "action", "severity", "outcome"];

/// What can be chosen, by what it is about; what is left is in the address.
const ACTIONS: [&str; 57] = [
    "user.create",
    "user.update",
    "user.disable",
    "user.enable",
    "user.delete",
    "user.soft_delete",
    "user.restore",
    "user.adopt",
    "user.release",
    "user.hold",
    "user.verify",
    "user.invite",
    "user.set_password",
    "user.reset_factors",
    "user.sign_in",
    "session.revoke_all",
    "group.create",
    "group.update",
    "group.delete",
    "role.create",
    "role.update",
    "role.delete",
    "policy.update",
    "policy.revert",
    "quorum_policy.set",
    "quorum_policy.remove",
    "approval.request",
    "approval.vote_approve",
    "approval.vote_deny",
    "admin_app.create",
    "admin_app.update",
    "admin_app.delete",
    "admin_app.view_key",
    "admin_app.rotate_key",
    "admin_app.revoke_keys",
    "admin_app.use",
    "admin_app.honey",
    "brake.release",
    "brake.discard",
    "enterprise-app.create",
    "enterprise-app.update",
    "enterprise-app.mappings",
    "enterprise-app.start",
    "enterprise-app.stop",
    "enterprise-app.restart",
    "enterprise-app.allow-deletions",
    "enterprise-app.reject-deletions",
    "enterprise-app.delete",
    "app-role.create",
    "app-role.update",
    "app-role.delete",
    "app-assignment.create",
    "app-assignment.update",
    "app-assignment.delete",
    "sign_in.update",
    "account.update",
    "audit.export",
];

/// The list.
pub fn list(shell: &Shell, list: &List<'_>) -> Markup {
    let base = shell.path("/audit");
    let own: Vec<(&str, &str)> =
        FILTERS.into_iter().chain(["user", "subject", "app"]).map(|name| (name, list.chosen.value(name))).collect();
    let here = address(&base, &own);
    let body = html! {
        div.section {
            (filters(&form(&base, list), list.chosen))
            @if list.entries.is_empty() {
                (blank("No entries", "Nothing in the log fits these filters.", button_link(&base, "Clear filters")))
            } @else {
                (rows(shell, list.entries))
            }
            @let first = list.chosen.given("cursor").map(|_| here.as_str());
            @let next = list.next.map(|cursor| {
                let mut query = own.clone();
                query.push(("cursor", cursor));
                address(&base, &query)
            });
            (paging("Pages of entries", &format!("{} on this page", count(list.entries.len() as i64)), first, next.as_deref()))
        }
    };
    let acts = html! {
        (button_link(&address(&base, &[("verify", "yes")]), "Verify chain")) " "
        (button_link(&address(&shell.path("/audit.csv"), &own), "Export CSV")) " "
        (button_link(&address(&shell.path("/audit.jsonl"), &own), "Export JSON"))
    };
    let page = Page::new("Audit log", Place::AuditLog, body).acts(acts);
    match list.verified {
        Some(verified) => page.subtitle(proof(verified)).render(shell),
        None => page.render(shell),
    }
}

fn proof(verified: &Verified) -> Markup {
    let number = |number: Option<u64>| count(i64::try_from(number.unwrap_or(0)).unwrap_or(i64::MAX));
    if verified.verified {
        let words = match verified.entries {
            Some(0) => "Chain whole: no entries yet".to_owned(),
            _ => format!("Chain whole from entry {} to {}", number(verified.first_seq), number(verified.last_seq)),
        };
        return state(Mark::Good, &words);
    }
    let problem = verified.problem.as_deref().unwrap_or("does not fit");
    html! {
        (state(Mark::Bad, &format!("Chain broken: entry {} {problem}", number(verified.seq)))) " "
        "Keep a copy of the database and compare it with your last export."
    }
}

fn form<'a>(base: &'a str, list: &List<'_>) -> Filters<'a> {
    let any = |label: &str| (String::new(), label.to_owned());
    let pairs = |first: &str, pairs: &[(&str, &str)]| {
        let rest = pairs.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned()));
        [any(first)].into_iter().chain(rest).collect()
    };
    let actors = list.actors.iter().map(|name| (name.clone(), name.clone()));
    // Somebody whose link was followed is among the choices, so that the filter shows whom.
    let chosen =
        list.chosen.given("actor").filter(|name| *name != "operator" && !list.actors.iter().any(|one| one == name));
    let actors = actors.chain(chosen.map(|name| (name.to_owned(), name.to_owned())));
    let actors = [any("Anyone"), ("operator".to_owned(), "Operator".to_owned())].into_iter().chain(actors);
    let actions = ACTIONS.iter().map(|action| ((*action).to_owned(), words::action(action)));
    Filters {
        action: base,
        label: "Search the audit log",
        placeholder: None,
        filters: vec![
            Filter {
                name: "when",
                label: "When",
                options: pairs("Any time", &[("1", "Last 24 hours"), ("7", "Last 7 days"), ("30", "Last 30 days")]),
            },
            Filter { name: "actor", label: "By", options: actors.collect() },
            Filter { name: "action", label: "Action", options: [any("Any")].into_iter().chain(actions).collect() },
            Filter {
                name: "severity",
                label: "Severity",
                options: pairs("Any", &[("INFO", "Info"), ("WARNING", "Warning"), ("ERROR", "Error")]),
            },
            Filter {
                name: "outcome",
                label: "Outcome",
                options: pairs("Any", &[("success", "Done"), ("failure", "Refused")]),
            },
        ],
    }
}

fn rows(shell: &Shell, entries: &[Entry]) -> Markup {
    let heads = [head("Time"), head("Action and target"), head("By"), head("Outcome"), head_opt("Entry")];
    let rows = html! { @for entry in entries {
        (row(false, html! {
            (side(time(entry.time, shell.now)))
            (lead(html! {
                a href=(shell.path(&format!("/audit/{}", entry.seq))) { (entry.words()) } " "
                span.second { (entry.target_name.as_deref().unwrap_or("")) }
            }))
            (cell("By", breakable(entry.by())))
            (cell("Outcome", entry.state()))
            (opt("Entry", html! { span.quiet { (count(i64::try_from(entry.seq).unwrap_or(i64::MAX))) } }))
        }))
    } };
    table("Audit entries, newest first", &heads, rows)
}

/// One entry with everything that is known of it.
pub fn entry(shell: &Shell, entry: &Entry, is_last: bool) -> Markup {
    let number = count(i64::try_from(entry.seq).unwrap_or(i64::MAX));
    let body = html! {
        (section("what", "What happened", nothing(), facts(&pairs(shell, entry))))
        @if let Some(detail) = &entry.detail { (section("why", "Why", nothing(), why(shell, entry, detail))) }
        @if !entry.changes.is_empty() { (section("changes", "Changes", nothing(), diff(&changes(entry)))) }
        @if !entry.warnings.is_empty() {
            @let warnings = html! { ul { @for warning in &entry.warnings { li { (told(warning)) } } } };
            (section("warnings", "Done otherwise than asked", nothing(), warnings))
        }
        @if !entry.repairs.is_empty() {
            @let repairs = html! { ul { @for repair in &entry.repairs { li { code { (repair) } } } } };
            (section("repairs", "Repaired in the request", nothing(), repairs))
        }
        @if entry.erased {
            p.quiet { "Names, values and addresses of this entry were erased with the person. The chain still proves that it stood here." }
        }
    };
    let earlier = (entry.seq > 1).then(|| shell.path(&format!("/audit/{}", entry.seq - 1)));
    let later = (!is_last).then(|| shell.path(&format!("/audit/{}", entry.seq + 1)));
    let acts = html! {
        @if let Some(earlier) = &earlier { (button_link(earlier, "Earlier entry")) " " }
        @if let Some(later) = &later { (button_link(later, "Later entry")) }
    };
    Page::new(&entry.words(), Place::AuditLog, body)
        .below("Audit log", shell.path("/audit"))
        .subtitle(html! { "Entry " (number) })
        .acts(acts)
        .render(shell)
}

fn pairs<'a>(shell: &Shell, entry: &Entry) -> Vec<(&'a str, Markup)> {
    let mut all = vec![
        ("Outcome", entry.state()),
        ("Time", exact(entry.time)),
        (
            "By",
            html! {
                @if entry.actor.kind == "person" && entry.actor_owner.is_some() {
                    a href=(address(&shell.path("/audit"), &[("actor", entry.by())])) title="What else this person did" { (entry.by()) }
                } @else { (entry.by()) }
                @if let Some(key) = &entry.actor.key {
                    ", " (if entry.actor.kind == "person" { "session " } else { "key " }) code { (key) }
                } @else if entry.actor.kind == "person" { ", by a link that was made for this person" }
            },
        ),
        ("About", target(shell, entry)),
        ("Action", html! { code { (entry.action) } }),
        ("Request", html! { code { (entry.request_id) } }),
    ];
    if let Some(address) = &entry.client_ip {
        all.push(("From", html! { code { (address) } }));
    }
    if let Some(agent) = &entry.user_agent {
        all.push(("Client", html! { (agent) }));
    }
    all.push(("Hash", html! { code { (entry.hash) } }));
    all
}

fn target(shell: &Shell, entry: &Entry) -> Markup {
    let Some(target) = &entry.target else { return html! { "the whole account" } };
    let name = entry.target_name.as_deref().or(target.id.as_deref()).unwrap_or("");
    let place = match (target.kind.as_str(), &target.id) {
        ("user" | "deleted-user", Some(id)) => Some(format!("/users/{id}")),
        ("group", Some(id)) => Some(format!("/groups/{id}")),
        _ => None,
    };
    html! {
        @match place { Some(place) => a href=(shell.path(&place)) { (name) }, None => (name) }
        " " span.quiet { (target.kind.replace('-', " ")) }
    }
}

fn why(shell: &Shell, entry: &Entry, detail: &str) -> Markup {
    let field = entry.reason.get("policyField").and_then(Value::as_str);
    html! {
        p { (told(detail)) }
        @if let Some(field) = field { p.small { "Policy field " code { (field) } } }
        @if let Some((label, path)) = words::remedy(&entry.action, field) {
            div.buttons { (button_link(&shell.path(path), label)) }
        }
        @let keyword = entry.reason.get("scimType").and_then(Value::as_str);
        @let status = entry.reason.get("status").and_then(Value::as_u64);
        @if let Some(remedy) = if field.is_some() { help::remedy("policy") } else { help::code_of(keyword, status) } {
            p { a href=(help::href(remedy)) { "What can cause this: " (remedy.title) } }
        }
    }
}

fn changes(entry: &Entry) -> Vec<Change> {
    let mut all = Vec::new();
    for Changed { attribute, old, new } in &entry.changes {
        let parts: BTreeSet<&String> =
            [old, new].into_iter().filter_map(Value::as_object).flat_map(Map::keys).collect();
        // A complex attribute is told part by part, unless it was something else before.
        let is_complex = [old, new].into_iter().all(|value| value.is_object() || value.is_null());
        if parts.is_empty() || !is_complex {
            let (was, becomes) = (value_text(old), value_text(new));
            all.push(Change { attribute: short_name(attribute).to_owned(), was, becomes });
            continue;
        }
        for part in parts {
            let of = |value: &Value| value.get(part).and_then(value_text);
            let (was, becomes) = (of(old), of(new));
            if was != becomes {
                all.push(Change { attribute: format!("{}.{part}", short_name(attribute)), was, becomes });
            }
        }
    }
    all
}
