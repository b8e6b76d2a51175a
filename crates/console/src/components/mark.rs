//! States and tags: a mark whose shape tells it, and a word.

use maud::{Markup, html};

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// In force, as it should be: a grey disc.
    On,
    /// Waiting for somebody: a ring.
    Wait,
    /// Not in force: a dash.
    Off,
    /// Held until somebody decides: bars.
    Hold,
    /// Going on now.
    Run,
    /// To be looked at: a triangle.
    Warn,
    /// Failed: a square.
    Bad,
    /// Just proved: green.
    Good,
}

impl Mark {
    fn class(self) -> &'static str {
        match self {
            Self::On => "state state--on",
            Self::Wait => "state state--wait",
            Self::Off => "state state--off",
            Self::Hold => "state state--hold",
            Self::Run => "state state--run",
            Self::Warn => "state state--warn",
            Self::Bad => "state state--bad",
            Self::Good => "state state--good",
        }
    }
}

/// A state: its mark and its word.
pub fn state(mark: Mark, word: &str) -> Markup {
    html! { span class=(mark.class()) { (word) } }
}

/// A property that not everything has.
pub fn tag(word: &str) -> Markup {
    html! { span.tag { (word) } }
}

/// A property that the reader should look at.
pub fn tag_warn(word: &str) -> Markup {
    html! { span.tag.tag--warn { (word) } }
}

/// Longest name of whoever manages something that stays on one line in a table, in characters.
const ON_ONE_LINE: usize = 32;

/// Who manages something: the tag and the name of who does, or Local.
pub fn managed(origin: Option<&str>) -> Markup {
    match origin {
        Some(origin) => {
            let is_long = origin.chars().count() > ON_ONE_LINE;
            html! { span.managed.managed--long[is_long] { (tag("Managed")) " " (super::short(origin)) } }
        }
        None => html! { span.none { "Local" } },
    }
}
