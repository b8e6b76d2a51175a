//! Quorum policies: who approves, as a tree, and whom that guards from de-provisioning.

use super::{Part, below, page};
use crate::{
    Filled, Page, Place, Shell,
    components::{
        button_link,
        field::{Confirmation, Field, confirmation, form, token},
        mark::{Mark, state},
        message::{Tone, blank, callout, refusal},
        nothing, primary_link, section,
        table::{ACTS, act, bare, cell, head, head_opt, lead, opt, row, table},
        time::time,
    },
    screens::users::Named,
};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Who approves: somebody, or so many of several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tree {
    /// A user, by id.
    User(String),
    /// An admin app, by id.
    App(String),
    /// At least so many of several.
    Quorum(Quorum),
}

/// At least `n` of `members`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quorum {
    /// How many must approve.
    pub n: usize,
    /// Who may.
    pub members: Vec<Tree>,
}

/// A quorum policy, with whose it is.
#[derive(Debug, Deserialize)]
pub struct Owned {
    /// The group whose policy it is; `None` for the account's own.
    pub group: Option<String>,
    /// The group's name.
    pub group_name: Option<String>,
    /// The tree.
    pub policy: Tree,
}

/// What those of a tree are called, by id; who is gone is not in it.
pub type Names = BTreeMap<String, String>;

/// A removal that waits for approvers, or did.
#[derive(Debug, Deserialize)]
pub struct Request {
    /// The user who is to be removed; also the request's id.
    pub user: String,
    /// The user's sign-in name.
    pub user_name: Option<String>,
    /// What exactly is approved.
    pub digest: String,
    /// `open`, `approved`, `denied`, `expired` or `void`.
    pub state: String,
    /// Who proposed it; `None` for the operator.
    pub proposer: Option<Voter>,
    /// When.
    pub created: jiff::Timestamp,
    /// From when on nobody can approve it.
    pub expires: jiff::Timestamp,
    /// What was said so far.
    pub votes: Vec<Vote>,
}

/// Somebody who proposes, approves or denies.
#[derive(Debug, Deserialize)]
pub struct Voter {
    /// Its id.
    pub id: String,
    /// What it is called; `None` when it is gone.
    pub name: Option<String>,
}

/// An approver's word.
#[derive(Debug, Deserialize)]
pub struct Vote {
    /// Whose.
    pub by: Voter,
    /// `approve` or `deny`.
    pub verdict: String,
}

/// The tab.
pub struct View<'a> {
    /// The parts that whoever looks may see.
    pub open: &'a [Part],
    /// The policies, the account's own first.
    pub policies: &'a [Owned],
    /// What their approvers are called.
    pub names: &'a Names,
    /// Which guards the provisioning policy has; `None` where whoever looks may not read it.
    pub guards: Option<&'a [String]>,
    /// Groups that have none yet.
    pub groups: &'a [Named],
    /// Whether whoever looks may change them.
    pub may_manage: bool,
    /// Removals of approvers, newest first.
    pub requests: &'a [Request],
    /// The user who looks; `None` for the operator, who approves nothing.
    pub user: Option<&'a str>,
}

impl Tree {
    /// The tree as a quorum: somebody alone is one of one.
    pub fn into_quorum(self) -> Quorum {
        match self {
            Self::Quorum(quorum) => quorum,
            alone => Quorum { n: 1, members: vec![alone] },
        }
    }

    /// The users in it.
    pub fn users(&self) -> BTreeSet<&str> {
        match self {
            Self::User(id) => BTreeSet::from([id.as_str()]),
            Self::App(_) => BTreeSet::new(),
            Self::Quorum(quorum) => quorum.members.iter().flat_map(Self::users).collect(),
        }
    }
}

impl Quorum {
    /// The quorum at a place: positions from the root, parted by dots; empty is the root.
    pub fn at(&mut self, place: &str) -> Option<&mut Self> {
        let mut quorum = self;
        for position in place.split('.').filter(|part| !part.is_empty()) {
            let Some(Tree::Quorum(inner)) = quorum.members.get_mut(position.parse::<usize>().ok()?) else {
                return None;
            };
            quorum = inner;
        }
        Some(quorum)
    }

    /// Takes a member out; a quorum never wants more than it has, nor nobody.
    pub fn remove(&mut self, place: &str) {
        let (above, last) = place.rsplit_once('.').unwrap_or(("", place));
        let (Some(quorum), Ok(position)) = (self.at(above), last.parse::<usize>()) else { return };
        if position < quorum.members.len() {
            quorum.members.remove(position);
            quorum.n = quorum.n.min(quorum.members.len()).max(1);
        }
    }

    /// Every quorum with its place, the outer before the inner.
    pub fn places(&self) -> Vec<String> {
        let mut all = Vec::new();
        self.gather(String::new(), &mut all);
        all
    }

    fn gather(&self, place: String, into: &mut Vec<String>) {
        into.push(place.clone());
        for (position, member) in self.members.iter().enumerate() {
            if let Tree::Quorum(inner) = member {
                inner.gather(below_place(&place, position), into);
            }
        }
    }
}

fn below_place(place: &str, position: usize) -> String {
    if place.is_empty() { position.to_string() } else { format!("{place}.{position}") }
}

/// Where the policy of a group, or of the account, is edited.
pub fn place(shell: &Shell, group: Option<&str>, rest: &str) -> String {
    let base = shell.path(Part::Quorum.path());
    match group {
        Some(group) => format!("{base}/groups/{group}{rest}"),
        None => format!("{base}/account{rest}"),
    }
}

/// The tab.
pub fn list(shell: &Shell, view: &View<'_>) -> Markup {
    let own = view.policies.iter().find(|owned| owned.group.is_none());
    let body = html! {
        @if !view.requests.is_empty() {
            @let requests = requested(shell, &shell.path("/approval-requests"), view.requests, view.user);
            (section("requests", "Approval requests", nothing(), requests))
        }
        (guarded(shell, view))
        (section("account-quorum", "Account", nothing(), match own {
            Some(owned) => shown(shell, view, owned),
            None => blank("No quorum policy", "A quorum policy names approvers. The provisioning policy says whether an \
                identity provider may remove them, and whether the others have to approve it first.",
                if view.may_manage { primary_link(&place(shell, None, ""), "Set quorum policy") } else { nothing() }),
        }))
        @for owned in view.policies.iter().filter(|owned| owned.group.is_some()) {
            @let name = owned.group_name.as_deref().unwrap_or("A group");
            (section(&format!("quorum-{}", owned.group.as_deref().unwrap_or("")), name, html! { p { "Group" } }, shown(shell, view, owned)))
        }
        @if view.may_manage && !view.groups.is_empty() { (section("another", "Another group", nothing(), another(shell, view.groups))) }
    };
    page(shell, view.open, Part::Quorum, body).render(shell)
}

/// Approval requests by themselves, at `base`: for approvers who may not see the settings, nor perhaps the account.
pub fn requests(shell: &Shell, base: &str, requests: &[Request], user: Option<&str>) -> Markup {
    let body = html! {
        @if requests.is_empty() {
            (blank("No approval requests", "When an approver is to be removed, the other approvers decide here.", nothing()))
        } @else { (requested(shell, base, requests, user)) }
    };
    Page::new("Approval requests", Place::Overview, body).render(shell)
}

/// Who is to be removed, and what the approvers have said.
fn requested(shell: &Shell, base: &str, requests: &[Request], user: Option<&str>) -> Markup {
    let heads =
        [head("To be removed"), head("State"), head("Proposed by"), head_opt("Said so far"), head_opt("Expires"), ACTS];
    let rows = html! { @for request in requests {
        (row(request.state != "open", html! {
            (lead(request.user_name.as_deref().unwrap_or(&request.user)))
            (bare(match request.state.as_str() {
                "open" => state(Mark::Wait, "Waits for approvers"),
                "approved" => state(Mark::On, "Approved and removed"),
                "denied" => state(Mark::Bad, "Denied"),
                "expired" => state(Mark::Off, "Expired"),
                _ => state(Mark::Off, "Void: the user or the policy has changed"),
            }))
            (cell("Proposed by", match &request.proposer {
                Some(by) => by.name.as_deref().unwrap_or("Somebody who is gone"),
                None => "The operator",
            }))
            (opt("Said so far", html! { @if request.votes.is_empty() { span.quiet { "Nothing yet" } } @for vote in &request.votes {
                (vote.by.name.as_deref().unwrap_or(&vote.by.id)) @if vote.verdict == "approve" { " approves. " } @else { " denies. " }
            } }))
            (opt("Expires", time(request.expires, shell.now)))
            (act(html! { @if is_asked(request, user) {
                (word(shell, base, request, ("approve", "Approve removal"))) " " (word(shell, base, request, ("deny", "Deny")))
            } }))
        }))
    } };
    table("Approval requests", &heads, rows)
}

/// Whether whoever looks may still give a word; whether it is an approver, the API says.
fn is_asked(request: &Request, user: Option<&str>) -> bool {
    let Some(user) = user else { return false };
    let others = request.proposer.iter().chain(request.votes.iter().map(|vote| &vote.by));
    request.state == "open" && request.user != user && others.into_iter().all(|by| by.id != user)
}

/// A button that says yes or no to exactly the change that is shown.
fn word(shell: &Shell, base: &str, request: &Request, (verdict, label): (&str, &str)) -> Markup {
    html! {
        form method="post" action=(format!("{base}/{}/{verdict}", request.user)) {
            (token(&shell.csrf))
            input type="hidden" name="digest" value=(request.digest);
            button.button.button--small type="submit" {
                (label) span.hidden-text { " of " (request.user_name.as_deref().unwrap_or("")) }
            }
        }
    }
}

/// Who is guarded from de-provisioning, and by which policy.
fn guarded(shell: &Shell, view: &View<'_>) -> Markup {
    let Some(guards) = view.guards else { return nothing() };
    let has = |name: &str| guards.iter().any(|guard| guard == name);
    let guards_of = |owned: &&Owned| if owned.group.is_some() { has("group_quorum") } else { has("account_quorum") };
    let users: BTreeSet<&str> = view.policies.iter().filter(guards_of).flat_map(|owned| owned.policy.users()).collect();
    if view.policies.is_empty() {
        return nothing();
    }
    if users.is_empty() {
        let policy = shell.path(Part::Policy.path());
        let body = html! { p { "The provisioning policy has no guard for approvers: an identity provider may disable or remove them." }
        div.buttons { (button_link(&policy, "Open provisioning policy")) } };
        return callout(Tone::Warn, "Approvers are not guarded", body);
    }
    let body = html! { ul { @for id in users {
        li { a href=(shell.path(&format!("/users/{id}"))) { (view.names.get(id).map_or(id, String::as_str)) } }
    } } };
    section(
        "guarded",
        "Guarded users",
        html! { p { "No identity provider can disable, remove or demote them." } },
        body,
    )
}

fn shown(shell: &Shell, view: &View<'_>, owned: &Owned) -> Markup {
    let group = owned.group.as_deref();
    html! {
        ul.tree { (member(view.names, &owned.policy)) }
        @if view.may_manage {
            div.buttons {
                (button_link(&place(shell, group, ""), "Edit quorum policy")) " "
                a.button.button--danger href=(place(shell, group, "/remove")) { "Remove" }
            }
        }
    }
}

fn member(names: &Names, tree: &Tree) -> Markup {
    html! { li { @match tree {
        Tree::User(id) => (called(names, id)),
        Tree::App(id) => { (called(names, id)) " " span.quiet { "administrative app" } },
        Tree::Quorum(quorum) => {
            b { (how_many(quorum)) }
            ul.tree { @for inner in &quorum.members { (member(names, inner)) } }
        }
    } } }
}

fn called(names: &Names, id: &str) -> Markup {
    match names.get(id) {
        Some(name) => html! { (name) },
        None => html! { code { (id) } " " span.quiet { "gone" } },
    }
}

fn how_many(quorum: &Quorum) -> String {
    match (quorum.n, quorum.members.len()) {
        (n, all) if n == all && all > 1 => format!("All {all} of"),
        (1, 1) => "This one".to_owned(),
        (1, _) => "Any one of".to_owned(),
        (n, all) => format!("{n} of these {all}"),
    }
}

fn another(shell: &Shell, groups: &[Named]) -> Markup {
    let options: Vec<(&str, &str)> = groups.iter().map(|group| (group.id.as_str(), group.name.as_str())).collect();
    let fields = Field::choice("group", "Group", &options).row(&Filled::default());
    form(
        &shell.path("/settings/quorum/groups"),
        &shell.csrf,
        fields,
        html! { button.button type="submit" { "Set quorum policy" } },
    )
}

/// The editor of a tree.
pub struct Editor<'a> {
    /// The group whose policy it is, by id and name.
    pub group: Option<&'a Named>,
    /// The tree, as it is edited.
    pub tree: &'a Quorum,
    /// What its approvers are called.
    pub names: &'a Names,
    /// The admin apps that can approve.
    pub apps: &'a [Named],
}

/// The editor: each button sends the form, and the tree comes back changed, until it is saved.
pub fn edit(shell: &Shell, editor: &Editor<'_>, filled: &Filled) -> Markup {
    let group = editor.group.map(|group| group.id.as_str());
    let text = serde_json::to_string(editor.tree).unwrap_or_default();
    let title = match editor.group {
        Some(group) => format!("Quorum policy of {}", group.name),
        None => "Quorum policy of the account".to_owned(),
    };
    let body = html! {
        (refusal(filled, "The quorum policy was not saved"))
        form.form.form--wide method="post" action=(place(shell, group, "")) {
            (token(&shell.csrf))
            // Enter in a field adds what was typed there.
            button.hidden-text type="submit" name="do" value="add" tabindex="-1" { "Add what was typed" }
            input type="hidden" name="tree" value=(text);
            (branch(editor, editor.tree, "", filled))
            div.buttons {
                button.button.button--primary type="submit" name="do" value="save" { "Save quorum policy" } " "
                a.button href=(shell.path(Part::Quorum.path())) { "Cancel" }
            }
        }
    };
    below(shell, Part::Quorum, &title, body).render(shell)
}

fn branch(editor: &Editor<'_>, quorum: &Quorum, at: &str, filled: &Filled) -> Markup {
    let (n, who, app) = (format!("n.{at}"), format!("who.{at}"), format!("app.{at}"));
    html! {
        fieldset.branch {
            legend { @if at.is_empty() { "Approvers" } @else { "Branch " (at) } }
            div.branch-row {
                label for=(n) { "How many must approve" }
                input.input id=(n) name=(n) type="number" min="1" max=(quorum.members.len().max(1)) value=(quorum.n);
                span.quiet { "of " (quorum.members.len()) }
            }
            @if quorum.members.is_empty() { p.quiet { "Nobody yet: add a user, an administrative app or a branch." } }
            ul.branch-members {
                @for (position, member) in quorum.members.iter().enumerate() {
                    @let inner = below_place(at, position);
                    li {
                        @match member {
                            Tree::User(id) => span { (called(editor.names, id)) },
                            Tree::App(id) => span { (called(editor.names, id)) " " span.quiet { "administrative app" } },
                            Tree::Quorum(quorum) => (branch(editor, quorum, &inner, filled)),
                        }
                        @if let Some(name) = named(editor.names, member) {
                            " " button.button.button--small type="submit" name="do" value=(format!("remove {inner}")) {
                                "Remove" span.hidden-text { " " (name) }
                            }
                        }
                    }
                }
            }
            div.branch-row {
                label for=(who) { "User" }
                input.input id=(who) name=(who) placeholder="Sign-in name" autocomplete="off" maxlength="320" value=[filled.given(&who)];
                button.button.button--small type="submit" name="do" value="add" { "Add user" }
            }
            @if let Some(fault) = filled.fault(&who) { p.field-error { (crate::components::message::sentence(fault)) } }
            @if !editor.apps.is_empty() {
                div.branch-row {
                    label for=(app) { "Administrative app" }
                    select.input id=(app) name=(app) {
                        @for one in editor.apps { option value=(one.id) selected[filled.value(&app) == one.id] { (one.name) } }
                    }
                    button.button.button--small type="submit" name="do" value=(format!("app {at}")) { "Add app" }
                }
            }
            div.buttons {
                button.button.button--small type="submit" name="do" value=(format!("branch {at}")) { "Add branch" }
                @if !at.is_empty() {
                    " " button.button.button--small type="submit" name="do" value=(format!("remove {at}")) { "Remove branch " (at) }
                }
            }
        }
    }
}

/// Somebody's name; a branch has its own button.
fn named<'a>(names: &'a Names, member: &'a Tree) -> Option<&'a str> {
    match member {
        Tree::User(id) | Tree::App(id) => Some(names.get(id).map_or(id, String::as_str)),
        Tree::Quorum(_) => None,
    }
}

/// Asks again before a policy is removed.
pub fn confirm(shell: &Shell, group: Option<&Named>, filled: &Filled) -> Markup {
    let id = group.map(|group| group.id.as_str());
    let of = group.map_or("the account", |group| group.name.as_str());
    let question = format!("Remove the quorum policy of {of}?");
    let consequences = ["its approvers are not guarded from de-provisioning by it any more".to_owned()];
    let ask = Confirmation {
        question: &question,
        consequences: &consequences,
        name: None,
        fields: nothing(),
        button: "Remove quorum policy",
        action: &place(shell, id, "/remove"),
        back: &shell.path(Part::Quorum.path()),
    };
    below(shell, Part::Quorum, "Confirm", confirmation(&ask, &shell.csrf, filled)).render(shell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Quorum {
        let user = |id: &str| Tree::User(id.to_owned());
        let inner = Quorum { n: 2, members: vec![user("b"), user("c")] };
        Quorum { n: 2, members: vec![user("a"), Tree::Quorum(inner)] }
    }

    #[test]
    fn members_are_taken_out_by_their_place() {
        let mut quorum = tree();
        assert_eq!(quorum.places(), ["", "1"]);
        quorum.remove("1.0");
        assert_eq!(quorum.at("1"), Some(&mut Quorum { n: 1, members: vec![Tree::User("c".to_owned())] }));
        for nowhere in ["7", "1.9", "0.0", "x", ""] {
            let before = quorum.clone();
            quorum.remove(nowhere);
            assert_eq!(quorum, before, "{nowhere}");
        }
        quorum.remove("1");
        assert_eq!(quorum, Quorum { n: 1, members: vec![Tree::User("a".to_owned())] });
        assert!(quorum.at("0").is_none(), "somebody is no quorum");
    }
}
