//! What is shown where a screen cannot be: why, what to do, and the number that support asks for.

use crate::{
    Page, Place, Shell, Theme,
    components::{button_link, message},
    layout,
};
use maud::{Markup, html};

/// Why a screen cannot be shown.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// The HTTP status.
    pub status: u16,
    /// What the server says.
    pub detail: String,
    /// The request's number.
    pub reference: String,
}

/// The page, within what stands around every screen.
pub fn page(trouble: &Trouble, shell: &Shell) -> Markup {
    let title = title(trouble.status);
    let body = html! {
        div.blank role="alert" {
            h2 { (message::told(&trouble.detail)) }
            p { (advice(trouble.status)) }
            div.buttons { (button_link(&shell.here, "Try again")) " " (button_link("/console", "Go to the start")) }
            p.fine { "Reference " code { (trouble.reference) } }
            (message::support(shell.support.as_deref()))
        }
    };
    Page::new(title, Place::Overview, body).render(shell)
}

/// The page for a form that another site has sent: nobody is asked who it is.
pub fn foreign(version: &str) -> Markup {
    let body = html! { p { "A form of another site was sent here, and nothing was done. Open the page here, and send its form." } };
    layout::bare("This was not done", Theme::System, version, &body)
}

fn title(status: u16) -> &'static str {
    match status {
        403 => "You may not do this",
        404 => "Not found",
        409 | 412 => "It changed meanwhile",
        429 => "Too many requests",
        503 => "The server cannot answer now",
        400..500 => "This was not done",
        _ => "Something went wrong",
    }
}

fn advice(status: u16) -> &'static str {
    match status {
        403 => "Somebody whose roles permit it can do it, or give you such a role.",
        404 => "It may have been removed, or its address was mistyped.",
        409 | 412 => "Open it again to see what it is now, and do what you meant to do.",
        429 => "Wait a moment, then try again.",
        503 => "Nothing was changed. It usually answers again within seconds.",
        400..500 => "Go back, correct it, and send it again: what you typed is still there.",
        _ => "Nothing was changed. The server's log says more under the reference below.",
    }
}
