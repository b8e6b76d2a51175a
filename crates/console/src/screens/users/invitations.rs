//! Who was invited to the console and has not come: sent again or withdrawn from here.

use super::{Named, append, path, tabs};
use crate::{
    Page, Place, Shell,
    components::{
        counted,
        field::act,
        mark::{Mark, state},
        message::blank,
        nothing,
        paging::paging,
        short,
        table::{ACTS, act as acts, cell, head, head_opt, lead_link, opt, row, table},
        time::time,
    },
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

/// Somebody who was invited, as the management API shows it.
#[derive(Debug, Deserialize)]
pub struct Invited {
    /// The user.
    pub user: Named,
    /// To which address the link went; `None` where it was shown.
    pub to: Option<String>,
    /// When it went out.
    pub sent: Timestamp,
    /// Until when it works.
    pub expires: Timestamp,
    /// Whether it works now.
    pub works: bool,
}

/// A page of the list.
pub struct View<'a> {
    /// Who was invited.
    pub invited: &'a [Invited],
    /// The cursor of the next page.
    pub next: Option<&'a str>,
    /// Whether this is not the first page.
    pub is_further: bool,
    /// Whether the account keeps deleted users.
    pub has_bin: bool,
    /// How many users there are in all.
    pub total: i64,
    /// Whether whoever looks may send and withdraw.
    pub may_manage: bool,
    /// Whether links go out by mail.
    pub may_mail: bool,
    /// Whether links are shown instead.
    pub may_show_link: bool,
}

/// The list.
pub fn invitations(shell: &Shell, view: &View<'_>) -> Markup {
    let base = path(shell, "/invitations");
    let number = counted(view.invited.len() as i64, "invitation", "invitations");
    let shown = format!("{number} {}", if view.is_further || view.next.is_some() { "on this page" } else { "shown" });
    let next = view.next.map(|cursor| append(&base, "cursor", cursor));
    let body = html! {
        div.section {
            p.small { "Who was sent a link to set a password and has not used it yet. To invite somebody, open the user’s page."
                @if !view.may_mail && !view.may_show_link { " " (crate::screens::user::NO_MAIL) }
            }
            @if view.invited.is_empty() {
                @let detail = match view.next {
                    Some(_) => "Who was invited here has been deleted. There are more on the next page.",
                    None => "Everybody who was invited has come, or the invitation was withdrawn.",
                };
                (blank("Nobody is awaited", detail, nothing()))
            } @else { (rows(shell, view)) }
            @if !view.invited.is_empty() || view.next.is_some() || view.is_further {
                (paging("Pages of invitations", &shown, view.is_further.then_some(base.as_str()), next.as_deref()))
            }
        }
    };
    let tabs = tabs(shell, super::At::Invitations, view.total, view.has_bin);
    Page::new("Users", Place::Users, body).tabs(tabs).render(shell)
}

fn rows(shell: &Shell, view: &View<'_>) -> Markup {
    let heads = [head("User"), head("State"), head_opt("Sent to"), head("Sent"), head("Works until"), ACTS];
    let rows = html! { @for one in view.invited {
        (row(!one.works, html! {
            (lead_link(&path(shell, &format!("/{}", one.user.id)), &one.user.name, None))
            (cell("State", state_of(shell, one)))
            (opt("Sent to", one.to.as_deref().map_or_else(|| html! { "Shown to the operator" }, sent_to)))
            (cell("Sent", time(one.sent, shell.now)))
            (cell("Works until", time(one.expires, shell.now)))
            (acts(html! { @if view.may_manage { (buttons(shell, view, one)) } }))
        }))
    } };
    table("Invitations", &heads, rows)
}

fn sent_to(address: &str) -> Markup {
    html! { (short(address)) }
}

fn state_of(shell: &Shell, one: &Invited) -> Markup {
    match (one.works, one.expires > shell.now) {
        (true, _) => state(Mark::Wait, "Not used yet"),
        (false, false) => state(Mark::Off, "Expired"),
        // The user is disabled, or has another address than the link went to.
        (false, true) => state(Mark::Off, "Does not work"),
    }
}

fn buttons(shell: &Shell, view: &View<'_>, one: &Invited) -> Markup {
    let to = |rest: &str| path(shell, &format!("/invitations/{}{rest}", one.user.id));
    let label = |verb: &str| html! { (verb) span.hidden-text { " " (one.user.name) } };
    html! {
        @if view.may_mail { (act(&to("/send"), &shell.csrf, "link-button", label("Send again"))) " " }
        @if view.may_show_link {
            a href=(path(shell, &format!("/{}/invitation/link", one.user.id))) { (label("Show a new link")) } " "
        }
        (act(&to("/withdraw"), &shell.csrf, "link-button", label("Withdraw")))
    }
}
