//! What the brakes of admin apps keep for an administrator: disables and removals to release or discard.

use super::users::Named;
use crate::{
    Page, Place, Shell,
    components::{
        field::act as button_to,
        message::blank,
        nothing,
        paging::paging,
        table::{ACTS, act, cell, head, head_opt, lead_link, row, side, table},
        time::time,
    },
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

/// A change that waits for an administrator.
#[derive(Debug, Deserialize)]
pub struct Held {
    /// The id of the user whom it is about.
    pub user: String,
    /// The user's sign-in name.
    pub user_name: String,
    /// `disable` or `remove`.
    pub act: String,
    /// The admin app that wanted it.
    pub app: Named,
    /// When.
    pub since: Timestamp,
}

/// The list.
pub fn page(shell: &Shell, held: &[Held], next: Option<&str>, may_decide: bool) -> Markup {
    let base = shell.path("/held-changes");
    let heads = [head("User"), head("What waits"), head("Wanted by"), head_opt("Since"), ACTS];
    let button = |held: &Held, act_of: &str, label: &str| {
        let label = html! { (label) span.hidden-text { " " (held.user_name) } };
        button_to(&format!("{base}/{}/{act_of}", held.user), &shell.csrf, "button button--small", label)
    };
    let rows = html! { @for held in held {
        (row(false, html! {
            (lead_link(&shell.path(&format!("/users/{}", held.user)), &held.user_name, None))
            (cell("What waits", if held.act == "remove" { "To be removed" } else { "To be disabled" }))
            (cell("Wanted by", html! {
                a href=(shell.path(&format!("/settings/admin-apps/{}/limits", held.app.id))) { (held.app.name) }
            }))
            (side(time(held.since, shell.now)))
            (act(html! { @if may_decide { (button(held, "release", "Release")) " " (button(held, "discard", "Discard")) } }))
        }))
    } };
    let body = html! {
        p { "The identity provider was answered as if these were done. Until somebody decides, the users stay as they are." }
        @if held.is_empty() && next.is_none() {
            (blank("Nothing waits", "What an app wants to disable or remove while its brake holds is listed here.", nothing()))
        } @else {
            (table("Held changes", &heads, rows))
            @let next = next.map(|cursor| crate::address(&base, &[("cursor", cursor)]));
            (paging("Pages of held changes", &format!("{} on this page", held.len()), None, next.as_deref()))
        }
    };
    Page::new("Held changes", Place::Overview, body).below("Overview", shell.path("")).render(shell)
}
