//! Paging by cursor: what is shown, and the way on.

use maud::{Markup, html};

/// The foot of a list: what is shown and links to the first and the next page.
pub fn paging(label: &str, shown: &str, first: Option<&str>, next: Option<&str>) -> Markup {
    html! {
        @if first.is_some() || next.is_some() {
            nav.paging aria-label=(label) {
                span { (shown) } " "
                span.buttons {
                    @if let Some(first) = first { a.button href=(first) { "First page" } " " }
                    @if let Some(next) = next { a.button href=(next) { "Next page" } }
                }
            }
        } @else {
            p.fine { (shown) }
        }
    }
}
