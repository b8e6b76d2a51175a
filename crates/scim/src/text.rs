//! How texts compare: written once, used by filters, uniqueness and indexes alike.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// The form in which a value is compared and indexed.
///
/// A `case_exact` value is compared as sent, in NFC, so that one accent written in two ways is one value. Any other value
/// is compared in NFKC and simple lower case, independent of locale and of neighbours (`ß` is not `ss`, a final sigma
/// stays one): RFC 7643 §2.2 `caseExact`, RFC 8265 §3.3. What nobody sees counts for nothing there, as in NFKC_Casefold (Unicode,
/// section 3.13): a name with a zero-width space in it is the name without.
pub fn fold(value: &str, case_exact: bool) -> Cow<'_, str> {
    match (case_exact, value.is_ascii()) {
        (true, true) => Cow::Borrowed(value),
        (true, false) => Cow::Owned(value.nfc().collect()),
        (false, true) if value.bytes().any(|byte| byte.is_ascii_uppercase()) => Cow::Owned(value.to_ascii_lowercase()),
        (false, true) => Cow::Borrowed(value),
        (false, false) => {
            let seen = value.nfkc().filter(|letter| !is_ignorable(*letter));
            Cow::Owned(seen.flat_map(char::to_lowercase).nfkc().collect())
        }
    }
}

/// Whether a character is ignored where it cannot be shown: `Default_Ignorable_Code_Point` of Unicode 16.
fn is_ignorable(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
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
            ("an\u{200b}n", "Ann"),
            ("\u{202e}ann\u{202c}", "ann"),
            ("a\u{ad}nn\u{feff}", "ann"),
            ("\u{ffa0}ann\u{e0041}", "ann"),
            ("a\u{200d}\u{30a}", "å"),
            ("\u{212a}im", "kim"),
        ];
        for (left, right) in cases {
            assert_eq!(fold(left, false), fold(right, false), "{left} {right}");
        }
    }

    #[test]
    fn different_after_folding() {
        let cases = [
            ("\u{df}", "ss", false),
            ("\u{3c2}", "\u{3c3}", false),
            ("Secret", "secret", true),
            ("ı", "i", false),
            ("\u{130}", "i", false),
            ("\u{430}nn", "ann", false),
            ("an\u{200b}n", "ann", true),
        ];
        for (left, right, case_exact) in cases {
            assert_ne!(fold(left, case_exact), fold(right, case_exact), "{left} {right}");
        }
    }
}
