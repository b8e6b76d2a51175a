//! What is changed of a group: forms, and the question that is asked again.

use super::{Group, path, place};
use crate::{
    Filled, Page, Place, Shell,
    components::{
        field::{Check, Confirmation, Field, boxes, confirmation, form, submit},
        filters::{Filters, filters},
        message::{blank, refusal},
        nothing,
    },
};
use maud::{Markup, html};

/// Somebody who can become a member.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The sign-in name, or that it is a group.
    pub second: String,
}

/// The form for another group.
pub fn add(shell: &Shell, filled: &Filled) -> Markup {
    let fields = Field::text("display_name", "Name").hint("For people; members are added next.").row(filled);
    let body = html! {
        (refusal(filled, "The group was not added"))
        (form(&path(shell, ""), &shell.csrf, fields, submit("Add group")))
    };
    Page::new("Add group", Place::Groups, body).below("Groups", path(shell, "")).render(shell)
}

/// The form for another name.
pub fn rename(shell: &Shell, group: &Group, filled: &Filled) -> Markup {
    let fields = Field::text("display_name", "Name")
        .hint("Roles that the policy gives by a group’s name follow the name.")
        .row(filled);
    let body = html! {
        (refusal(filled, "The group was not renamed"))
        (form(&place(shell, group, "/edit"), &shell.csrf, fields, submit("Rename group")))
    };
    below(shell, group, "Rename group", body)
}

/// The page that finds users and groups and adds those that are ticked. `found` is `None` before anything is searched for.
pub fn add_members(
    shell: &Shell,
    group: &Group,
    found: Option<&[Choice]>,
    placeholder: &str,
    filled: &Filled,
) -> Markup {
    let action = place(shell, group, "/members/add");
    let search = Filters {
        action: &action,
        label: "Search users and groups",
        placeholder: Some(placeholder),
        filters: Vec::new(),
    };
    let body = html! {
        (refusal(filled, "Nobody was added"))
        (filters(&search, filled))
        @match found {
            None => p.quiet { "Search for whom to add." },
            Some([]) => (blank("Nobody is found", "No user and no group matches.", nothing())),
            Some(found) => (form(&action, &shell.csrf, html! {
                input type="hidden" name="q" value=(filled.value("q"));
                @let checks: Vec<Check<'_>> = found.iter().map(|one| Check { value: &one.id, label: &one.name, hint: Some(&one.second) }).collect();
                (boxes("member", "Found", &checks, filled))
            }, submit("Add selected"))),
        }
    };
    below(shell, group, "Add members", body)
}

/// The page that asks again.
pub fn confirm_delete(shell: &Shell, group: &Group, filled: &Filled) -> Markup {
    let mut consequences = vec![
        format!("its members ({}) stay in the account", group.members()),
        "its quorum policy and its assignments to applications go with it".to_owned(),
    ];
    if let Some(role) = &group.role {
        consequences.push(format!("whoever holds {} only through it loses that role", role.name));
    }
    if let Some(origin) = &group.origin {
        consequences.push(format!("{} makes it again when it next sends it", origin.name));
    }
    consequences.push("this cannot be undone".to_owned());
    let ask = Confirmation {
        question: &format!("Delete group {}?", group.display_name),
        consequences: &consequences,
        name: Some(&group.display_name),
        fields: nothing(),
        button: "Delete group",
        action: &place(shell, group, "/delete"),
        back: &place(shell, group, ""),
    };
    below(shell, group, "Confirm", confirmation(&ask, &shell.csrf, filled))
}

fn below(shell: &Shell, group: &Group, title: &str, body: Markup) -> Markup {
    Page::new(title, Place::Groups, body)
        .below("Groups", path(shell, ""))
        .below(group.display_name.as_str(), place(shell, group, ""))
        .render(shell)
}
