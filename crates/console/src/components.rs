//! The parts that screens are made of. A screen uses these and nothing else; `/console/_components` shows them all.

pub mod chart;
pub mod code;
pub mod diff;
pub mod facts;
pub mod field;
pub mod filters;
pub mod mark;
pub mod message;
pub mod paging;
pub mod qr;
pub mod record;
pub mod table;
pub mod time;

use maud::{Markup, PreEscaped, Render, html};
use std::borrow::Cow;

/// A number as people read it: `48,219`.
pub fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 user`, `2 users`.
pub fn counted(number: i64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A section with a heading; what comes behind the heading stands on its line.
pub fn section(id: &str, heading: &str, beside: impl Render, body: impl Render) -> Markup {
    html! {
        section.section aria-labelledby=(id) {
            div.section-head { h2 id=(id) { (heading) } " " (beside) }
            (body)
        }
    }
}

/// Nothing, where something may stand.
pub fn nothing() -> Markup {
    PreEscaped(String::new())
}

/// A link that is a button; the one primary act of a screen with `primary`.
pub fn button_link(href: &str, label: &str) -> Markup {
    html! { a.button href=(href) { (label) } }
}

/// The one primary act of a screen, as a link to its form.
pub fn primary_link(href: &str, label: &str) -> Markup {
    html! { a.button.button--primary href=(href) { (label) } }
}

/// Longest name that stands in a list or a title, in characters.
const SHORT_MAX: usize = 160;

/// A text without spaces, such as an address or an attribute, that may break behind its signs rather than within a word.
pub fn breakable(text: &str) -> Markup {
    breakable_whole(&short(text))
}

/// The same of a text that is shown in whole.
pub fn breakable_whole(text: &str) -> Markup {
    html! { @for part in text.split_inclusive(['@', '.', '_', ':', '/', '?']) { (part) wbr; } }
}

/// A name as lists and titles show it: the beginning of one that is very long. The page of what it names has the whole.
pub fn short(name: &str) -> Cow<'_, str> {
    match name.char_indices().nth(SHORT_MAX) {
        Some((end, _)) => Cow::Owned(format!("{}…", name[..end].trim_end())),
        None => Cow::Borrowed(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_between_characters() {
        assert_eq!(short("Ångström"), "Ångström");
        assert_eq!(short(&"é".repeat(SHORT_MAX)), "é".repeat(SHORT_MAX));
        assert_eq!(short(&"é".repeat(10_000)), format!("{}…", "é".repeat(SHORT_MAX)));
    }

    #[test]
    fn numbers_have_commas_and_nouns_their_number() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (48_219, "48,219"), (-1_234_567, "-1,234,567")]
        {
            assert_eq!(count(number), text);
        }
        assert_eq!(counted(1, "user", "users"), "1 user");
        assert_eq!(counted(1_204, "user", "users"), "1,204 users");
    }
}
