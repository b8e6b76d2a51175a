//! What was, and what it becomes: signs besides colour.

use super::breakable;
use maud::{Markup, html};

/// One attribute's change.
#[derive(Clone, Debug)]
pub struct Change {
    /// The attribute.
    pub attribute: String,
    /// What it was; `None` where it was not set.
    pub was: Option<String>,
    /// What it becomes; `None` where it is removed.
    pub becomes: Option<String>,
}

/// Changes of something that is there.
pub fn diff(changes: &[Change]) -> Markup {
    html! {
        dl.diff {
            @for change in changes {
                div {
                    dt { (breakable(&change.attribute)) }
                    @match &change.was { Some(was) => dd { del { (was) } }, None => dd.none { "not set" } }
                    @match &change.becomes { Some(becomes) => dd { ins { (becomes) } }, None => dd.none { "removed" } }
                }
            }
        }
    }
}

/// Values of something new.
pub fn created(changes: &[Change]) -> Markup {
    html! {
        dl.diff.diff--one {
            @for change in changes {
                div { dt { (breakable(&change.attribute)) } dd { ins { (change.becomes.as_deref().unwrap_or("")) } } }
            }
        }
    }
}
