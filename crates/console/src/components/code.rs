//! What is carried elsewhere: keys, addresses, documents. Each has a Copy button with a name.

use maud::{Markup, html};

/// A value to copy, with its label. `what` names it for the button: "Copy the tenant URL".
pub fn copyable(label: &str, value: &str, what: &str) -> Markup {
    html! {
        div.code-field {
            span.label { (label) }
            div.code { code { (value) } (copy(value, what)) }
        }
    }
}

/// A value to copy within a line or a cell.
pub fn copied(value: &str, what: &str) -> Markup {
    html! { code { (value) } " " button.button.button--small type="button" hidden data-copy=(value) {
        "Copy" span.hidden-text { " " (what) }
    } }
}

/// A longer document to copy.
pub fn document(label: &str, text: &str, what: &str) -> Markup {
    html! {
        div.code-field {
            span.label { (label) }
            div.code { pre { (text) } (copy(text, what)) }
        }
    }
}

/// What stays of a secret, with what can be done.
pub fn secret_end(label: &str, shown: &str, act: Markup) -> Markup {
    html! { div.code-field { span.label { (label) } div.code { code { (shown) } (act) } } }
}

/// Shown by the script only: without one there is nothing that it could do.
fn copy(value: &str, what: &str) -> Markup {
    html! { button.button type="button" hidden data-copy=(value) { "Copy" span.hidden-text { " " (what) } } }
}
