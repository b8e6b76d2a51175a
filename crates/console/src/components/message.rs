//! Callouts, empty places, toasts: what happened, what it means, what to do.

use crate::Filled;
use maud::{Markup, Render, html};

/// What a callout is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// To be known.
    Info,
    /// Just proved.
    Ok,
    /// To be looked at.
    Warn,
    /// Failed.
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Info => "callout callout--info",
            Self::Ok => "callout callout--ok",
            Self::Warn => "callout callout--warn",
            Self::Bad => "callout callout--bad",
        }
    }
}

/// Whom to ask where nothing here helps, where the operator has named somebody.
pub fn support(address: Option<&str>) -> Markup {
    html! { @if let Some(address) = address {
        p.small { "Questions that stay: write to " a href=(format!("mailto:{address}")) { (address) } "." }
    } }
}

/// A callout with a heading.
pub fn callout(tone: Tone, heading: &str, body: impl Render) -> Markup {
    html! { div class=(tone.class()) { h3 { (heading) } (body) } }
}

/// The place of something that is not there: how it fills, or what can be done.
pub fn blank(heading: &str, detail: impl Render, acts: impl Render) -> Markup {
    html! { div.blank { h3 { (heading) } p { (detail) } div.buttons { (acts) } } }
}

/// What is wrong with a form, on top of it, with links to the fields. `what` says what was not done: "The user was not added".
pub fn refusal(filled: &Filled, what: &str) -> Markup {
    html! {
        @if filled.is_refused() {
            div.callout.callout--bad role="alert" tabindex="-1" {
                h2 { (what) }
                @if let Some(refusal) = filled.refusal() { p { (told(refusal)) } }
                @if !filled.faults().is_empty() {
                    ul { @for fault in filled.faults() { li { a href=(format!("#{}", fault.field)) { (told(&fault.detail)) } } } }
                }
            }
        }
    }
}

/// A sentence from a clause: begins with a capital and ends with a full stop. What begins with a name in code stays as it is.
pub fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let Some(first) = letters.next() else { return String::new() };
    let mut text: String = first.to_uppercase().chain(letters).collect();
    if !text.ends_with(['.', '!', '?', ':']) {
        text.push('.');
    }
    text
}

/// What the server says, as a sentence; what stands between backticks there is code.
pub fn told(clause: &str) -> Markup {
    marked(&sentence(clause))
}

/// A text in which what stands between backticks is code.
pub fn marked(text: &str) -> Markup {
    html! {
        @for (position, part) in text.split('`').enumerate() {
            @if position % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// Says that something is done.
pub fn toast(text: &str) -> Markup {
    html! {
        div.toast.toast--fixed role="status" data-toast="" {
            span { (text) } " " button.link-button type="button" hidden data-dismiss="" { "Dismiss" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{sentence, told};

    #[test]
    fn code_in_a_sentence_is_code() {
        assert_eq!(told("field `a<b` is off").into_string(), "Field <code>a&lt;b</code> is off.");
    }

    #[test]
    fn a_clause_becomes_a_sentence() {
        for (clause, text) in [
            ("no such role", "No such role."),
            ("`a`: not taken", "`a`: not taken."),
            ("Done.", "Done."),
            ("", ""),
            ("ß", "SS."),
        ] {
            assert_eq!(sentence(clause), text);
        }
    }
}
