//! Facts are read, figures are compared. Neither has a box.

use maud::{Markup, Render, html};

/// A list of facts.
pub fn facts(pairs: &[(&str, Markup)]) -> Markup {
    listed("facts", pairs)
}

/// Facts on one line, below a title.
pub fn facts_line(pairs: &[(&str, Markup)]) -> Markup {
    listed("facts facts--line", pairs)
}

fn listed(class: &str, pairs: &[(&str, Markup)]) -> Markup {
    html! { dl class=(class) { @for (name, value) in pairs { div { dt { (name) } dd { (value) } } } } }
}

/// A figure with what it counts and what it means.
pub struct Figure<'a> {
    /// What is counted.
    pub label: &'a str,
    /// The figure.
    pub value: Markup,
    /// What it means.
    pub note: Markup,
    /// Whether somebody has to act.
    pub is_bad: bool,
}

/// A figure that asks nothing of the reader.
pub fn figure<'a>(label: &'a str, value: impl Render, note: impl Render) -> Figure<'a> {
    Figure { label, value: value.render(), note: note.render(), is_bad: false }
}

/// Figures side by side.
pub fn figures(figures: &[Figure<'_>]) -> Markup {
    html! {
        dl.figures {
            @for figure in figures {
                div.figure { dt { (figure.label) } dd class=[figure.is_bad.then_some("is-bad")] { (figure.value) } dd { (figure.note) } }
            }
        }
    }
}
