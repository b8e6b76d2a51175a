//! The request log: what SCIM clients asked and were answered.

use super::users::Named;
use crate::{
    Filled, Page, Place, Shell, address,
    components::{
        button_link, code, count, counted,
        facts::facts,
        filters::{Filter, Filters, filters},
        mark::{Mark, state},
        message::{blank, told},
        nothing,
        paging::paging,
        section,
        table::{Head, cell, head, head_num, head_opt, lead, num, opt, row, side, table},
        time::{exact, time},
    },
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

/// Characters of a path that are shown where there is little room.
const PATH_CHARS_SHORT: usize = 60;

/// A request, as the management API shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Request {
    /// Its id in the log.
    pub id: String,
    /// When it came.
    pub at: Timestamp,
    /// `GET`, `POST`, …
    pub method: String,
    /// The path and the query.
    pub path: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// How long the answer took.
    pub duration_ms: u64,
    /// The admin app.
    pub app: Named,
    /// The id of the key.
    pub key: String,
    /// From where.
    pub client_ip: String,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// The request's number.
    pub request_id: String,
    /// The resource that the path names.
    pub resource: Option<String>,
    /// The name in the body.
    pub name: Option<String>,
    /// Why it was refused.
    pub detail: Option<String>,
    /// The beginning of the body, without secrets.
    pub body: Option<String>,
    /// How many were not kept before it.
    pub left_out: u64,
}

impl Request {
    /// How it went.
    pub fn state(&self) -> Markup {
        let mark = if self.status >= 400 { Mark::Bad } else { Mark::On };
        state(mark, &self.status.to_string())
    }

    /// How long the answer took.
    pub fn took(&self) -> String {
        match self.duration_ms {
            0 => "< 1 ms".to_owned(),
            more => format!("{} ms", count(i64::try_from(more).unwrap_or(i64::MAX))),
        }
    }

    /// What it asked of, without its query, and the status.
    pub fn answered(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        let short = path.rsplit_once("/scim/v2").map_or(path, |(_, below)| below);
        let short: String = short.chars().take(PATH_CHARS_SHORT).collect();
        format!("{short}: {}", self.status)
    }
}

/// A page of the log.
pub struct List<'a> {
    /// The requests, newest first.
    pub requests: &'a [Request],
    /// The cursor of the next page.
    pub next: Option<&'a str>,
    /// What is filtered by.
    pub chosen: &'a Filled,
    /// Admin apps, to choose from.
    pub apps: &'a [Named],
}

/// The list.
pub fn list(shell: &Shell, list: &List<'_>) -> Markup {
    let base = shell.path("/requests");
    let own = ["q", "app", "outcome"].map(|name| (name, list.chosen.value(name)));
    let is_filtered = own.iter().any(|(_, value)| !value.is_empty());
    let here = address(&base, &own);
    let empty = if is_filtered {
        blank("No request matches", "Nothing in the log fits these filters.", button_link(&base, "Clear filters"))
    } else {
        blank("No requests yet", "What an identity provider asks over SCIM stands here for seven days.", nothing())
    };
    let first = list.chosen.given("cursor").map(|_| here.as_str());
    let next = list.next.map(|cursor| address(&base, &[own[0], own[1], own[2], ("cursor", cursor)]));
    let shown = format!("{} on this page", count(i64::try_from(list.requests.len()).unwrap_or(i64::MAX)));
    let body = html! {
        div.section {
            (filters(&form(&base, list), list.chosen))
            @if list.requests.is_empty() { (empty) } @else { (rows(shell, list.requests, true)) }
            (paging("Pages of requests", &shown, first, next.as_deref()))
        }
    };
    let sub = html! { "Failures are kept for seven days; of the rest a sample" };
    Page::new("Request log", Place::RequestLog, body).subtitle(sub).render(shell)
}

fn form<'a>(base: &'a str, list: &List<'_>) -> Filters<'a> {
    let pair = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    let apps = list.apps.iter().map(|app| pair(&app.id, &app.name));
    Filters {
        action: base,
        label: "Search by user",
        placeholder: Some("Sign-in name or id of a user"),
        filters: vec![
            Filter { name: "app", label: "Through", options: [pair("", "Any app")].into_iter().chain(apps).collect() },
            Filter {
                name: "outcome",
                label: "Outcome",
                options: vec![pair("", "Any"), pair("failure", "Refused"), pair("success", "Done")],
            },
        ],
    }
}

/// Requests as a table, for this screen and for the page of an admin app, where `by_all` is false: all of them came through it.
pub fn rows(shell: &Shell, requests: &[Request], by_all: bool) -> Markup {
    let through = by_all.then(|| head_opt("Through"));
    let heads: Vec<Head<'_>> = [head("Time"), head("Request"), head("Status"), head_opt("Why")]
        .into_iter()
        .chain(through)
        .chain([head_num("Took")])
        .collect();
    let rows = html! { @for request in requests {
        (row(false, html! {
            (side(time(request.at, shell.now)))
            (lead(html! {
                a href=(shell.path(&format!("/requests/{}", request.id))) {
                    span.whole[path(&request.path).len() <= PATH_CHARS_SHORT] { (request.method) " " (path(&request.path)) }
                }
                @if let Some(name) = &request.name { " " span.second { (name) } }
            }))
            (cell("Status", request.state()))
            (opt("Why", request.detail.as_deref().map(told).unwrap_or_default()))
            @if by_all { (opt("Through", &request.app.name)) }
            (num("Took", request.took()))
        }))
    } };
    table("Requests, newest first", &heads, rows)
}

/// A path without what all have in common and without its query.
fn path(path: &str) -> &str {
    let path = path.split('?').next().unwrap_or(path);
    path.strip_prefix("/scim/v2").or(path.strip_prefix("/scim")).filter(|rest| !rest.is_empty()).unwrap_or(path)
}

/// One request.
pub fn one(shell: &Shell, request: &Request) -> Markup {
    let mut pairs = vec![
        ("Status", html! { (request.state()) }),
        ("Time", exact(request.at)),
        ("Took", html! { (request.took()) }),
        (
            "Through",
            html! { a href=(shell.path(&format!("/settings/admin-apps/{}", request.app.id))) { (request.app.name) } },
        ),
        ("From", html! { code { (request.client_ip) } }),
        ("Request", html! { code { (request.request_id) } }),
        ("Address", html! { code { (request.path) } }),
    ];
    if let Some(agent) = &request.user_agent {
        pairs.push(("Client", html! { (agent) }));
    }
    if let Some(resource) = &request.resource {
        let kind = if request.path.contains("/Groups/") { "groups" } else { "users" };
        pairs.push(("About", html! { a href=(shell.path(&format!("/{kind}/{resource}"))) { code { (resource) } } }));
    }
    if let Some(name) = &request.name {
        pairs.push(("Name in the body", html! { (name) }));
    }
    let left_out = i64::try_from(request.left_out).unwrap_or(i64::MAX);
    let body = html! {
        @if let Some(detail) = &request.detail { (section("why", "Why", nothing(), html! { p { (told(detail)) } })) }
        (section("what", "Request", nothing(), facts(&pairs)))
        @if let Some(body) = &request.body {
            (section("body", "Body", html! { p { "Without secrets" } }, code::document("Request body", body, "the request body")))
        }
        @if left_out > 0 { p.quiet { (counted(left_out, "request", "requests")) " before this one are not kept." } }
    };
    let title = format!("{} {}", request.method, path(&request.path));
    let log = address(
        &shell.path("/requests"),
        &[("q", request.name.as_deref().or(request.resource.as_deref()).unwrap_or(""))],
    );
    Page::new(&title, Place::RequestLog, body)
        .below("Request log", shell.path("/requests"))
        .acts(html! { (button_link(&log, "Others about the same")) })
        .render(shell)
}
