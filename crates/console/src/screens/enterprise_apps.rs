//! Enterprise applications: the list, one application's head and menu, its overview.

pub mod assignments;
pub mod begin;
pub mod connection;
pub mod job;
pub mod logs;
pub mod mapping;
pub mod mappings;
pub mod on_demand;
pub mod plans;
pub mod provisioning;
pub mod roles;
pub mod settings;

use crate::{
    Filled, Page, Place, Shell, Tab,
    components::{
        breakable, count,
        facts::facts,
        field::{Confirmation, Field, confirmation, form, submit},
        mark::{Mark, state},
        message::{blank, refusal},
        nothing,
        paging::paging,
        primary_link, section,
        table::{bare, head, head_num, head_opt, lead_link, num, opt, row, table},
        time::{ago, time},
    },
};
use jiff::Timestamp;
use job::Job;
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;

/// An enterprise application, as the management API shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct App {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The target's SCIM base; empty until somebody connects it.
    pub tenant_url: String,
    /// What is shown of the secret token.
    pub secret_token: Option<SecretToken>,
    /// Whether it runs by itself.
    pub started: bool,
    /// Seconds from cycle to cycle.
    pub interval: u64,
    /// `assigned` or `all`.
    pub scope: String,
    /// How many disables and deletes one cycle may bring.
    pub accidental_deletion_threshold: Option<u32>,
    /// Whether leavers are left alone.
    pub skip_out_of_scope_deletions: bool,
    /// Whether members of inner groups count.
    pub nested_groups: bool,
    /// Whether what the source has no more is cleared.
    pub clear_nulls: bool,
    /// What is done about changes that somebody else made.
    pub drift: String,
    /// Who is told of trouble.
    pub notify: Vec<String>,
    /// What the target needs otherwise than Entra sends it.
    pub compatibility: BTreeMap<String, String>,
    /// When it was made.
    pub created: Timestamp,
}

/// What is shown of a secret token.
#[derive(Clone, Debug, Deserialize)]
pub struct SecretToken {
    /// Its last characters.
    pub ends_with: String,
}

impl App {
    /// Whether it leads somewhere, with a token.
    pub fn is_connected(&self) -> bool {
        !self.tenant_url.is_empty() && self.secret_token.is_some()
    }

    /// Where something of it is: `rest` begins with `/`, or is empty.
    pub fn path(&self, shell: &Shell, rest: &str) -> String {
        shell.path(&format!("/enterprise-apps/{}{rest}", self.id))
    }
}

/// A part of an application's menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// How it stands.
    Overview,
    /// Its connection and its cycles.
    Provisioning,
    /// Who is assigned.
    UsersAndGroups,
    /// Its roles.
    AppRoles,
    /// What is sent.
    AttributeMapping,
    /// One object at once.
    OnDemand,
    /// What the next cycle would do.
    Plan,
    /// What was done.
    Logs,
}

impl Section {
    const ALL: [(Self, &'static str, &'static str); 8] = [
        (Self::Overview, "Overview", ""),
        (Self::Provisioning, "Provisioning", "/provisioning"),
        (Self::UsersAndGroups, "Users and groups", "/assignments"),
        (Self::AppRoles, "App roles", "/app-roles"),
        (Self::AttributeMapping, "Attribute mapping", "/mappings"),
        (Self::OnDemand, "Provision on demand", "/on-demand"),
        (Self::Plan, "Plan", "/plan"),
        (Self::Logs, "Provisioning logs", "/logs"),
    ];
}

/// A page of an application, with its menu.
pub fn of_app<'a>(shell: &Shell, app: &'a App, open: Section, body: Markup) -> Page<'a> {
    let is_shown = |section: Section| section != Section::Logs || shell.places.contains(&Place::ProvisioningLogs);
    let tabs = Section::ALL
        .into_iter()
        .filter(|(section, _, _)| is_shown(*section))
        .map(|(section, label, rest)| Tab {
            label,
            href: app.path(shell, rest),
            count: None,
            is_current: section == open,
        })
        .collect();
    Page::new(&app.name, Place::EnterpriseApps, body)
        .below("Enterprise applications", shell.path("/enterprise-apps"))
        .tabs(tabs)
}

/// A page below a part of an application: a form, or a question that is asked again.
pub fn below<'a>(shell: &Shell, app: &App, (label, rest): (&str, &str), title: &'a str, body: Markup) -> Page<'a> {
    Page::new(title, Place::EnterpriseApps, body)
        .below("Enterprise applications", shell.path("/enterprise-apps"))
        .below(app.name.clone(), app.path(shell, ""))
        .below(label, app.path(shell, rest))
}

/// A row of the list.
pub struct Listed {
    /// The application.
    pub app: App,
    /// How its provisioning stands.
    pub job: Option<Job>,
}

/// The list.
pub struct List<'a> {
    /// The applications of the page.
    pub apps: &'a [Listed],
    /// Whether it is the first page.
    pub is_first: bool,
    /// The cursor of the next.
    pub next: Option<&'a str>,
    /// Whether whoever looks may make and change them.
    pub may_manage: bool,
}

/// The list.
pub fn list(shell: &Shell, list: &List<'_>) -> Markup {
    let base = shell.path("/enterprise-apps");
    let new = || html! { @if list.may_manage { (primary_link(&format!("{base}/new"), "New application")) } };
    if list.apps.is_empty() && list.is_first {
        let detail = "An enterprise application is a system that users and groups of this account are provisioned into. Add one, \
                      connect it with its tenant URL and secret token, then assign users and groups to it.";
        let body = blank("No enterprise applications yet", detail, new());
        return Page::new("Enterprise applications", Place::EnterpriseApps, body).render(shell);
    }
    let heads = [head("Name"), head("Provisioning"), head_num("Last cycle"), head_opt("What it did"), head_num("Held")];
    let rows =
        html! { @for Listed { app, job } in list.apps { (row(!app.started, row_of(shell, app, job.as_ref()))) } };
    let next = list.next.map(|cursor| crate::address(&base, &[("cursor", cursor)]));
    let body = html! {
        (table("Enterprise applications", &heads, rows))
        @let shown = format!("{} shown", count(list.apps.len() as i64));
        (paging("Pages of enterprise applications", &shown, (!list.is_first).then_some(base.as_str()), next.as_deref()))
    };
    Page::new("Enterprise applications", Place::EnterpriseApps, body).acts(new()).render(shell)
}

fn row_of(shell: &Shell, app: &App, job: Option<&Job>) -> Markup {
    let last = job.and_then(|job| job.cycles.first());
    let held = last.map_or(0, |cycle| cycle.counts.held);
    html! {
        (lead_link(&app.path(shell, ""), &app.name, Some(&app.tenant_url).filter(|url| !url.is_empty()).map(|url| url.as_str())))
        (bare(html! {
            (standing(app, job))
            @if let Some(failing) = job.map(|job| job.failing).filter(|failing| *failing > 0) {
                " " span.second { (count(i64::try_from(failing).unwrap_or(i64::MAX))) " failing" }
            }
        }))
        (num("Last cycle", html! { @match last { Some(cycle) => (ago(cycle.ended, shell.now)), None => span.quiet { "None yet" } } }))
        (opt("What it did", html! { @if let Some(cycle) = last { (cycle.counts.words()) } }))
        (num("Held", html! { @if held > 0 { (state(Mark::Hold, &count(held as i64))) } @else { "0" } }))
    }
}

/// How the provisioning of an application stands.
pub fn standing(app: &App, job: Option<&Job>) -> Markup {
    let (mark, word) = match (app.is_connected(), job) {
        (false, _) => (Mark::Wait, "Not connected"),
        (true, Some(job)) => job.standing(app.started),
        (true, None) => (Mark::Off, "Off"),
    };
    state(mark, word)
}

/// The form for another application.
pub fn add(shell: &Shell, filled: &Filled) -> Markup {
    let base = shell.path("/enterprise-apps");
    let fields = Field::text("name", "Name")
        .hint("What people call the system that is provisioned into, such as Fortanix DSM.")
        .row(filled);
    let body = html! {
        (refusal(filled, "The application was not added"))
        (form(&base, &shell.csrf, fields, submit("Create")))
    };
    Page::new("New application", Place::EnterpriseApps, body).below("Enterprise applications", base).render(shell)
}

/// An application's overview.
pub struct Overview<'a> {
    /// The application.
    pub app: &'a App,
    /// How its provisioning stands.
    pub job: &'a Job,
    /// Who is assigned; `None` where whoever looks may not know.
    pub assigned: Option<begin::Assigned>,
    /// Whether whoever looks may change it.
    pub may_manage: bool,
}

/// The overview.
pub fn overview(shell: &Shell, view: &Overview<'_>) -> Markup {
    let app = view.app;
    let to = |rest: &str| app.path(shell, rest);
    let pairs = [
        ("Provisioning", standing(app, Some(view.job))),
        (
            "Tenant URL",
            html! { @if app.tenant_url.is_empty() { span.none { "Not connected yet" } } @else { code { (breakable(&app.tenant_url)) } } },
        ),
        (
            "Last cycle",
            html! { @match view.job.cycles.first() { Some(cycle) => { (time(cycle.ended, shell.now)) ": " (cycle.counts.words()) },
            None => "None yet" } },
        ),
        ("At the target", html! { (provisioning::there(view.job)) " created or linked" }),
        ("Failing", provisioning::failing(shell, app, view.job)),
        ("Added", time(app.created, shell.now)),
        ("Id", html! { code { (app.id) } }),
    ];
    let body = html! {
        (begin::begin(shell, view))
        (section("facts", "How it stands", nothing(), facts(&pairs)))
    };
    let acts = html! { @if view.may_manage { a.button.button--danger href=(to("/delete")) { "Delete" } } };
    of_app(shell, app, Section::Overview, body).acts(acts).render(shell)
}

/// The question before an application is removed.
pub fn ask_delete(shell: &Shell, app: &App, filled: &Filled) -> Markup {
    let consequences = [
        "its app roles, assignments, mappings and secret token are removed".to_owned(),
        "users and groups at the target stay as they are: nothing is sent there any more".to_owned(),
    ];
    let ask = Confirmation {
        question: &format!("Delete {}?", app.name),
        consequences: &consequences,
        name: Some(&app.name),
        fields: nothing(),
        button: "Delete application",
        action: &app.path(shell, "/delete"),
        back: &app.path(shell, ""),
    };
    let body = confirmation(&ask, &shell.csrf, filled);
    below(shell, app, ("Overview", ""), "Delete", body).render(shell)
}
