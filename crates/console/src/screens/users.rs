//! The users of an account.

mod csv;
pub mod invitations;

pub use csv::{CSV_HEAD, csv_field, csv_line};

use crate::{
    Filled, Page, Place, Shell, Tab, address,
    components::{
        button_link, count, counted,
        field::{Confirmation, Field, confirmation, form, submit},
        filters::{Filter, Filters, filters},
        mark::{Mark, managed, state},
        message::{Tone, blank, callout, refusal, told},
        nothing,
        paging::paging,
        primary_link,
        table::{
            Head, Sorted, cell, column, free, head, head_opt, headed, lead_link, opt, pick, pick_all, row, sorting,
        },
        time::time,
    },
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

/// Something with an id and a name.
#[derive(Clone, Debug, Deserialize)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A role that a user holds.
#[derive(Clone, Debug, Deserialize)]
pub struct HeldRole {
    /// Its id, or the value of a system role.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The group that gives it.
    pub via: Option<Named>,
}

/// Whether a user may use the account.
#[derive(Clone, Debug, Deserialize)]
pub struct SignIn {
    /// Whether it may.
    pub allowed: bool,
    /// Why not.
    pub reason: Option<String>,
}

/// What administrators cannot change of a user.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Locked {
    /// The attributes and whether the user is enabled.
    pub profile: bool,
    /// The roles.
    pub roles: bool,
}

/// A user, as the management API shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct User {
    /// Its id.
    pub id: String,
    /// The sign-in name.
    pub user_name: String,
    /// What the identity provider knows the user by.
    pub external_id: Option<String>,
    /// Whether the user is enabled.
    pub active: bool,
    /// Whether the person has proved the address.
    pub verified: bool,
    /// The admin app that manages the user.
    pub origin: Option<Named>,
    /// The source outside that brings the user.
    pub source: Option<String>,
    /// The roles that the user holds.
    pub roles: Vec<HeldRole>,
    /// The groups that the user is in.
    pub groups: Vec<Named>,
    /// What the identity provider asserted last of roles; `None` where it never did, or where roles grant nothing.
    pub asserted_roles: Option<Vec<serde_json::Value>>,
    /// Whether an administrator changed the roles since they were asserted.
    pub roles_overridden: bool,
    /// What administrators cannot change here.
    pub locked: Locked,
    /// Whether the user may use the account.
    pub sign_in: SignIn,
    /// When it was deleted.
    pub deleted: Option<Timestamp>,
    /// From when on it is removed for good.
    pub purge_at: Option<Timestamp>,
    /// When it was made.
    pub created: Timestamp,
    /// When it changed last.
    pub modified: Timestamp,
    /// All attributes, as SCIM has them.
    pub attributes: serde_json::Map<String, serde_json::Value>,
}

impl User {
    /// What the user is called: the display name, or what one signs in with.
    pub fn title(&self) -> &str {
        let shown = self.attributes.get("displayName").and_then(|name| name.as_str());
        shown.filter(|name| !name.trim().is_empty()).unwrap_or(&self.user_name)
    }

    /// The sign-in name, where it is not what the user is called.
    pub fn second_name(&self) -> Option<&str> {
        Some(self.user_name.as_str()).filter(|name| *name != self.title())
    }

    /// Whether the person may sign in.
    pub fn state(&self) -> Markup {
        match (self.deleted, self.active, self.sign_in.allowed) {
            (Some(_), _, _) => state(Mark::Off, "Deleted"),
            (None, false, _) => state(Mark::Off, "Disabled"),
            (None, true, false) => state(Mark::Wait, "Pending verification"),
            (None, true, true) => state(Mark::On, "Active"),
        }
    }

    /// Who manages the user.
    pub fn manager_of(&self) -> Markup {
        managed(self.origin.as_ref().map(|origin| origin.name.as_str()).or(self.source.as_deref()))
    }
}

/// What the list can be filtered and searched by, beside what every list can.
#[derive(Clone, Debug, Default)]
pub struct Offers {
    /// Roles: key and name.
    pub roles: Vec<Named>,
    /// Admin apps that manage users.
    pub apps: Vec<Named>,
    /// Sources that users come from.
    pub sources: Vec<String>,
    /// Whether a search looks anywhere in names; otherwise at how names begin, by indexes.
    pub anywhere: bool,
    /// Whether an index on display names is there.
    pub by_display_name: bool,
}

impl Offers {
    /// What a search looks at.
    pub fn placeholder(&self) -> &'static str {
        match (self.anywhere, self.by_display_name) {
            (true, _) => "Name, email or external id",
            (false, true) => "Beginning of name or email",
            (false, false) => "Beginning of sign-in name or email",
        }
    }
}

/// A page of the list.
pub struct List<'a> {
    /// The users.
    pub users: &'a [User],
    /// What can be filtered by.
    pub offers: &'a Offers,
    /// Why the management API refuses this search; nobody is listed then.
    pub refusal: Option<&'a str>,
    /// How many there are in all.
    pub total: i64,
    /// Those in the bin are shown.
    pub deleted: bool,
    /// Whether the account keeps deleted users.
    pub has_bin: bool,
    /// The cursor of the next page.
    pub next: Option<&'a str>,
    /// What is filtered by.
    pub chosen: &'a Filled,
    /// Whether whoever looks may change users.
    pub may_manage: bool,
}

/// Names of the filters in the address, besides the text.
pub const FILTERS: [&str; 4] = ["state", "managed", "role", "changed"];

/// The list.
pub fn list(shell: &Shell, list: &List<'_>) -> Markup {
    let base = path(shell, "");
    let here = address(&base, &asked(list, list.chosen.value("sort")));
    let body = html! {
        div.section {
            @if !list.deleted { (filters(&filter_form(&base, list.offers), list.chosen)) }
            @if let Some(refusal) = list.refusal {
                (callout(Tone::Warn, "This cannot be listed", html! {
                    p { (told(refusal)) }
                    div.buttons { (button_link(&base, "Clear filters")) }
                }))
            } @else if list.users.is_empty() { (empty(shell, list)) } @else { (rows(shell, list)) }
            @let first = (!list.chosen.value("cursor").is_empty()).then_some(here.as_str());
            @let next = list.next.map(|cursor| append(&here, "cursor", cursor));
            @if list.refusal.is_none() { (paging("Pages of users", &shown(list), first, next.as_deref())) }
        }
    };
    let at = if list.deleted { At::Deleted } else { At::All };
    let tabs = tabs(shell, at, list.total, list.has_bin);
    let acts = html! {
        (button_link(&address(&path(shell, ".csv"), &asked(list, "")), "Export CSV")) " "
        @if list.may_manage { (primary_link(&path(shell, "/new"), "Add user")) }
    };
    Page::new("Users", Place::Users, body).tabs(tabs).acts(acts).render(shell)
}

/// What the address says, in this order of the list.
fn asked<'a>(list: &'a List<'_>, sort: &'a str) -> Vec<(&'static str, &'a str)> {
    let mut query = vec![("deleted", if list.deleted { "true" } else { "" }), ("q", list.chosen.value("q"))];
    query.extend(FILTERS.map(|name| (name, list.chosen.value(name))));
    query.push(("sort", sort));
    query
}

fn empty(shell: &Shell, list: &List<'_>) -> Markup {
    let is_filtered = FILTERS.iter().chain(["q"].iter()).any(|name| !list.chosen.value(name).is_empty());
    match (is_filtered, list.deleted) {
        (true, _) if list.next.is_some() => {
            blank("Nobody among those looked at", "The next page looks at the users behind them.", nothing())
        }
        (true, _) => {
            let clear = button_link(&path(shell, ""), "Clear filters");
            blank("No user matches", "Nobody is found with these filters.", clear)
        }
        (false, true) => {
            blank("No deleted users", "Who is deleted stays here until the time to restore is over.", nothing())
        }
        (false, false) => blank(
            "No users yet",
            "An identity provider creates them over SCIM once an administrative app is set up, or you add them one by one.",
            html! { @if list.may_manage { (primary_link(&path(shell, "/new"), "Add user")) } },
        ),
    }
}

/// A tab above the users.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    All,
    Deleted,
    Invitations,
}

fn tabs(shell: &Shell, at: At, total: i64, has_bin: bool) -> Vec<Tab<'static>> {
    let tab = |label, rest, count, tab| Tab { label, href: path(shell, rest), count, is_current: tab == at };
    let deleted = has_bin.then(|| tab("Deleted users", "?deleted=true", None, At::Deleted));
    let others = [tab("Invitations", "/invitations", None, At::Invitations)];
    [tab("All users", "", Some(total), At::All)].into_iter().chain(deleted).chain(others).collect()
}

/// Where something of the users is: `rest` follows `/users`.
fn path(shell: &Shell, rest: &str) -> String {
    shell.path(&format!("/users{rest}"))
}

fn append(address: &str, name: &str, value: &str) -> String {
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}{name}={}", crate::escaped(value))
}

fn shown(list: &List<'_>) -> String {
    let here = count(list.users.len() as i64);
    if list.next.is_none() && list.chosen.value("cursor").is_empty() {
        return format!("{here} shown");
    }
    format!("{here} on this page")
}

fn filter_form<'a>(base: &'a str, offers: &Offers) -> Filters<'a> {
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect()
    };
    let mut managed = pairs(&[("", "Any or none"), ("true", "An identity provider"), ("false", "Nobody (local)")]);
    managed.extend(offers.apps.iter().map(|app| (format!("app:{}", app.id), app.name.clone())));
    managed.extend(offers.sources.iter().map(|source| (format!("source:{source}"), format!("Source {source}"))));
    let mut roles = pairs(&[("", "Any")]);
    roles.extend(offers.roles.iter().map(|role| (role.id.clone(), role.name.clone())));
    let states = [("", "Any"), ("active", "Active"), ("pending", "Pending verification"), ("disabled", "Disabled")];
    let days = [("", "Any time"), ("1", "Last 24 hours"), ("7", "Last 7 days"), ("30", "Last 30 days")];
    Filters {
        action: base,
        label: "Search users",
        placeholder: Some(offers.placeholder()),
        filters: vec![
            Filter { name: "state", label: "State", options: pairs(&states) },
            Filter { name: "managed", label: "Managed by", options: managed },
            Filter { name: "role", label: "Role", options: roles },
            Filter { name: "changed", label: "Last change", options: pairs(&days) },
        ],
    }
}

fn rows(shell: &Shell, list: &List<'_>) -> Markup {
    let picks = list.may_manage && !list.deleted;
    let rows = html! { @for user in list.users {
        (row(!user.active || user.deleted.is_some(), html! {
            @if picks {
                @let can = user.active && !user.locked.profile;
                (pick("user", can.then_some(user.id.as_str()), user.title()))
            }
            (lead_link(&path(shell, &format!("/{}", user.id)), user.title(), user.second_name()))
            (cell("State", user.state()))
            (cell("Managed by", user.manager_of()))
            (roles_of(user))
            (opt("Last change", match user.purge_at { Some(at) => time(at, shell.now), None => time(user.modified, shell.now) }))
        }))
    } };
    let heads = html! {
        @if picks { (pick_all("user")) }
        (ordering(shell, list, head("Name"), "user_name", Sorted::Ascending))
        (column(head("State"))) (column(head("Managed by"))) (column(head("Roles")))
        @if list.deleted { (column(head_opt("Removed for good"))) }
        @else { (ordering(shell, list, head_opt("Last change"), "modified", Sorted::Descending)) }
    };
    let table = headed("Users", heads, rows);
    html! {
        @if picks {
            form method="get" action=(path(shell, "/disable")) {
                (table)
                div.bulk { button.button.button--small type="submit" { "Disable selected" } }
            }
        } @else { (table) }
    }
}

/// The head of a column that the list can be sorted by. Beyond what can be sorted without an index there is only the order of names.
fn ordering(shell: &Shell, list: &List<'_>, head: Head<'_>, order: &str, sorted: Sorted) -> Markup {
    if list.deleted || !(list.offers.anywhere || order == "user_name") {
        return column(head);
    }
    let is_current = list.chosen.value("sort") == order;
    let href = address(&path(shell, ""), &asked(list, if is_current { "" } else { order }));
    sorting(head, &href, if is_current { sorted } else { Sorted::No })
}

/// The page that asks again before several users are disabled.
pub fn confirm_disable(shell: &Shell, users: &[User], filled: &Filled) -> Markup {
    let number = counted(users.len() as i64, "user", "users");
    let question = format!("Disable {number}?");
    let button = format!("Disable {number}");
    let fields = html! {
        ul.names { @for user in users { li { a href=(path(shell, &format!("/{}", user.id))) { (user.title()) } } } }
        @for user in users { input type="hidden" name="user" value=(user.id); }
    };
    let ask = Confirmation {
        question: &question,
        consequences: &[
            "they are signed out and lose access at once".to_owned(),
            "roles and groups stay, for when they are enabled again".to_owned(),
            "each of them has an entry of its own in the audit log".to_owned(),
        ],
        name: None,
        fields,
        button: &button,
        action: &path(shell, "/disable"),
        back: &path(shell, ""),
    };
    Page::new("Confirm", Place::Users, confirmation(&ask, &shell.csrf, filled))
        .below("Users", path(shell, ""))
        .render(shell)
}

/// What became of several users, where not all of it was done: each name with the reason.
pub fn partly_disabled(shell: &Shell, done: i64, refused: &[(String, String, String)]) -> Markup {
    let body = html! {
        (callout(Tone::Warn, &format!("{} disabled, {} refused", counted(done, "user", "users"), count(refused.len() as i64)),
            html! { p { "Those below are as they were." } }))
        (headed("Refused", html! { (column(head("Name"))) (column(head("Why"))) }, html! {
            @for (id, name, why) in refused {
                (row(false, html! { (lead_link(&path(shell, &format!("/{id}")), name, None)) (free("Why", told(why))) }))
            }
        }))
        div.buttons { (button_link(&path(shell, ""), "Back to users")) }
    };
    Page::new("Disable users", Place::Users, body).below("Users", path(shell, "")).render(shell)
}

/// Roles that a row names; the user's page has all of them.
const ROLES_NAMED: usize = 3;
/// The cell of a user's roles: a name goes to the next line before it is broken, and only the first few are named.
fn roles_of(user: &User) -> Markup {
    let named = &user.roles[..user.roles.len().min(ROLES_NAMED)];
    let more = user.roles.len() - named.len();
    html! {
        td.free.roles role="cell" data-label="Roles" {
            @for (at, role) in named.iter().enumerate() {
                span { (crate::components::short(&role.name)) @if at + 1 < named.len() { "," } } " "
            }
            @if more > 0 { span.none { "and " (count(more as i64)) " more" } }
        }
    }
}

/// The names of roles, in words.
pub fn role_names(roles: &[HeldRole]) -> String {
    roles.iter().map(|role| role.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The form for another user.
pub fn add(shell: &Shell, roles: &[Named], filled: &Filled) -> Markup {
    let mut options = vec![("", "The account’s default role")];
    options.extend(roles.iter().map(|role| (role.id.as_str(), role.name.as_str())));
    let fields = html! {
        (Field::email("email", "Email address").hint("What the user signs in with.").row(filled))
        (Field::choice("role", "Role", &options).row(filled))
    };
    let body = html! {
        (refusal(filled, "The user was not added"))
        (form(&path(shell, ""), &shell.csrf, fields, submit("Add user")))
    };
    Page::new("Add user", Place::Users, body).below("Users", path(shell, "")).render(shell)
}
