//! The console's pages: view models in, HTML out.
//!
//! [`components`] are the parts that every screen is made of, [`layout`] is what stands around a screen, [`screens`] are the screens
//! and [`assets`] what a browser loads beside them. Nothing here asks or changes anything: the server fills the view models from its
//! management API. Every form works without a script; `console.js` adds comfort only.

pub mod assets;
pub mod components;
pub mod filled;
pub mod layout;
pub mod screens;
pub mod words;

pub use filled::{Fault, Filled};
pub use layout::{Page, Place, Shell, Tab, Theme};
pub use maud::Markup;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands unescaped in a part of an address.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as one segment of a path, or one value of a query.
pub fn escaped(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// An address with a query of those parameters that are not empty.
pub fn address(path: &str, query: &[(&str, &str)]) -> String {
    let given: Vec<String> = query
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    if given.is_empty() { path.to_owned() } else { format!("{path}?{}", given.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_carries_what_is_given_escaped() {
        assert_eq!(address("/users", &[("q", ""), ("state", "")]), "/users");
        assert_eq!(address("/users", &[("q", "a&b=c d"), ("state", "on")]), "/users?q=a%26b%3Dc%20d&state=on");
    }
}
