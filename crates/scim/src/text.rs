//! How texts compare: written once, used by filters, uniqueness and indexes alike.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// The form in which a value is compared and indexed.
///
/// A `case_exact` value is compared as sent, in NFC, so that one accent written in two ways is one value. Any other value
/// is compared in NFKC and simple lower case, independent of locale and of neighbours (`ß` is not `ss`, a final sigma
/// stays one): RFC 7643 §2.2 `caseExact`, RFC 8265 §3.3.
pub fn fold(value: &str, case_exact: bool) -> Cow<'_, str> {
    match (case_exact, value.is_ascii()) {
        (true, true) => Cow::Borrowed(value),
        (true, false) => Cow::Owned(value.nfc().collect()),
        (false, true) if value.bytes().any(|byte| byte.is_ascii_uppercase()) => Cow::Owned(value.to_ascii_lowercase()),
        (false, true) => Cow::Borrowed(value),
        (false, false) => Cow::Owned(value.nfkc().flat_map(char::to_lowercase).nfkc().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn equal_after_folding() {
        let cases = [
            ("Juliet", "juliet"),
            ("\u{c5}", "A\u{30a}"),
            ("\u{ff4a}uliet", "juliet"),
            ("JOSÉ@Ex.com", "jose\u{301}@ex.com"),
        ];
        for (left, right) in cases {
            assert_eq!(fold(left, false), fold(right, false), "{left} {right}");
        }
    }

    #[test]
    fn different_after_folding() {
        let cases =
            [("\u{df}", "ss", false), ("\u{3c2}", "\u{3c3}", false), ("Secret", "secret", true), ("ı", "i", false)];
        for (left, right, case_exact) in cases {
            assert_ne!(fold(left, case_exact), fold(right, case_exact), "{left} {right}");
        }
    }
}
