//! One group: who is in it, what it gives, what it is in.

use super::{Group, place, role};
use crate::{
    Page, Place, Shell,
    components::{
        button_link,
        facts::facts_line,
        field::token,
        mark::{Mark, state, tag},
        message::{Tone, blank, callout},
        nothing,
        paging::paging,
        section,
        table::{ACTS, act, cell, free, head, lead_link, row, table},
        time::time,
    },
};
use maud::{Markup, html};
use serde::Deserialize;

/// A member of a group, as the management API shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Member {
    /// Its id.
    pub id: String,
    /// `User` or `Group`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The sign-in name of a user.
    pub user_name: Option<String>,
    /// Whether a user is enabled.
    pub active: Option<bool>,
    /// Whether an identity provider manages it.
    pub managed: bool,
}

/// Who approves: a name, or so many of several.
#[derive(Clone, Debug)]
pub enum Approvers {
    /// A user or an admin app, by its name.
    One(String),
    /// At least so many of these.
    Of(u64, Vec<Approvers>),
}

/// A group's page.
pub struct View<'a> {
    /// The group.
    pub group: &'a Group,
    /// A page of its members.
    pub members: &'a [Member],
    /// The cursor of the next page of members.
    pub next: Option<&'a str>,
    /// Whether it is the first page.
    pub is_first: bool,
    /// Its quorum policy; `None` for none, or where whoever looks may not see it.
    pub quorum: Option<&'a Approvers>,
    /// Whether whoever looks may see quorum policies.
    pub may_see_quorum: bool,
    /// Whether whoever looks may change groups.
    pub may_manage: bool,
}

/// The page.
pub fn page(shell: &Shell, view: &View<'_>) -> Markup {
    let group = view.group;
    let can_edit = view.may_manage && !group.locked;
    let more = html! { @if can_edit { (button_link(&place(shell, group, "/members/add"), "Add members")) } };
    let body = html! {
        @if group.locked { (locked(shell, group)) }
        (section("members", "Members", more, members(shell, view, can_edit)))
        @if group.managed { p.small { a href=(shell.path("/help#groups")) { "About managing groups" } } }
        @if !group.groups.is_empty() {
            (section("above", "In these groups", nothing(), html! {
                ul { @for above in &group.groups { li { a href=(shell.path(&format!("/groups/{}", above.id))) { (above.name) } } } }
            }))
        }
        @if view.may_see_quorum { (section("quorum", "Quorum policy", nothing(), quorum(view))) }
    };
    let acts = html! {
        @if can_edit { (button_link(&place(shell, group, "/edit"), "Rename")) " " }
        @if view.may_manage { a.button.button--danger href=(place(shell, group, "/delete")) { "Delete" } }
    };
    Page::new(&group.display_name, Place::Groups, body)
        .below("Groups", shell.path("/groups"))
        .acts(acts)
        .facts(facts_line(&facts(shell, group)))
        .render(shell)
}

fn facts<'a>(shell: &Shell, group: &Group) -> Vec<(&'a str, Markup)> {
    let mut all = vec![
        ("Managed by", group.manager_of()),
        ("Members", html! { (group.members()) }),
        ("Role of its members", role(shell, group)),
        ("Last change", time(group.modified, shell.now)),
        ("Created", time(group.created, shell.now)),
        ("Id", html! { code { (group.id) } }),
    ];
    if let Some(external) = &group.external_id {
        all.push(("External id", html! { code { (external) } }));
    }
    all
}

/// What cannot be changed of a managed group, and what can.
fn locked(shell: &Shell, group: &Group) -> Markup {
    let origin = group.origin.as_ref().map_or("the identity provider", |origin| origin.name.as_str());
    callout(
        Tone::Info,
        "Members are managed by the identity provider",
        html! {
            p {
                "Name and members are changed at " (origin) ", not here (policy field " code { "local_edits.groups" } "). "
                "What the group may do is yours to say: it can approve by a quorum policy, give its members a role, "
                "and be assigned to applications."
            }
            @if shell.places.contains(&Place::EnterpriseApps) {
                div.buttons { (button_link(&shell.path("/enterprise-apps"), "Assign it to an application")) }
            }
        },
    )
}

fn members(shell: &Shell, view: &View<'_>, can_edit: bool) -> Markup {
    let group = view.group;
    if view.members.is_empty() && view.is_first {
        let how = if group.locked {
            "The identity provider has put nobody in it."
        } else {
            "Users and groups are added one by one."
        };
        let acts = html! { @if can_edit { (button_link(&place(shell, group, "/members/add"), "Add members")) } };
        return blank("No members", how, acts);
    }
    let mut heads = vec![head("Name"), head("State"), head("Managed")];
    if can_edit {
        heads.push(ACTS);
    }
    let rows = html! { @for member in view.members {
        (row(member.active == Some(false), html! {
            (lead_link(&target(shell, member), &member.name, member.user_name.as_deref().filter(|name| *name != member.name)))
            (cell("State", standing(member)))
            (cell("Managed", html! { @if member.managed { (tag("Managed")) } @else { span.none { "Local" } } }))
            @if can_edit { (act(removal(shell, group, member))) }
        }))
    } };
    let here = place(shell, group, "");
    let next = view.next.map(|cursor| crate::address(&here, &[("cursor", cursor)]));
    let shown = format!("{} on this page", crate::components::count(view.members.len() as i64));
    html! {
        (table("Members", &heads, rows))
        (paging("Pages of members", &shown, (!view.is_first).then_some(here.as_str()), next.as_deref()))
    }
}

fn target(shell: &Shell, member: &Member) -> String {
    let place = if member.kind == "Group" { "groups" } else { "users" };
    shell.path(&format!("/{place}/{}", member.id))
}

fn standing(member: &Member) -> Markup {
    match member.active {
        Some(true) => state(Mark::On, "Active"),
        Some(false) => state(Mark::Off, "Disabled"),
        None if member.kind == "Group" => html! { "Group, with its own members" },
        None => state(Mark::Off, "Gone"),
    }
}

fn removal(shell: &Shell, group: &Group, member: &Member) -> Markup {
    html! {
        form.inline method="post" action=(place(shell, group, "/members/remove")) {
            (token(&shell.csrf))
            input type="hidden" name="member" value=(member.id);
            button.row-action type="submit" { "Remove" span.hidden-text { " " (member.name) } }
        }
    }
}

fn quorum(view: &View<'_>) -> Markup {
    html! {
        @match view.quorum {
            None => p.quiet { "None: nothing of this group needs approvals." },
            Some(approvers) => (tree(approvers)),
        }
    }
}

fn tree(approvers: &Approvers) -> Markup {
    match approvers {
        Approvers::One(name) => html! { p { (name) " approves" } },
        Approvers::Of(least, members) => html! {
            p { "At least " (crate::components::count(i64::try_from(*least).unwrap_or(i64::MAX))) " of these " (members.len()) " approve:" }
            (table("Approvers", &[head("Approver")], html! { @for member in members { (row(false, free("Approver", match member {
                Approvers::One(name) => html! { (name) },
                Approvers::Of(..) => tree(member),
            }))) } }))
        },
    }
}
