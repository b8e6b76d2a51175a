//! Finding requirement ids in test code: in function names, comments and strings.
//!
//! Test code is every file in a `tests` folder and every `#[cfg(test)]` item.

use std::ops::Range;

use crate::rust_source::{RustSource, line_of};

/// One place that names a requirement.
#[derive(Debug, PartialEq, Eq)]
pub struct Claim {
    /// The file, from the root.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// What is named.
    pub found: Found,
}

/// How a place names a requirement.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// Written out: `F-4.1-10`.
    Text(String),
    /// As the name of a function: `f_4_1_10_…`. Where the number ends is not sure, so all readings are here, longest first.
    Name(Vec<String>),
}

/// The ids that test code in this file names.
pub fn claims(path: &str, text: &str) -> Vec<Claim> {
    let mut claims = Vec::new();
    for piece in test_code(path, text) {
        let claim = |line, found| Claim { path: path.to_string(), line, found };
        if piece.is_name {
            claims.extend(in_name(piece.text).into_iter().map(|ids| claim(piece.line, Found::Name(ids))));
        } else {
            let ids = in_text(piece.text).into_iter();
            claims.extend(ids.map(|(byte, id)| claim(piece.line_of(byte), Found::Text(id))));
        }
    }
    claims.sort_by_key(|claim| claim.line);
    claims
}

/// A stretch of test code that can name something.
pub struct Piece<'t> {
    /// Whether it is the name of a function; else a comment, a string or a whole text file.
    pub is_name: bool,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// As written.
    pub text: &'t str,
}

impl Piece<'_> {
    /// The line of one of its bytes.
    pub fn line_of(&self, byte: usize) -> usize {
        self.line + line_of(self.text, byte) - 1
    }
}

/// What can name something in the test code of this file.
pub fn test_code<'t>(path: &str, text: &'t str) -> Vec<Piece<'t>> {
    let in_crates = path.starts_with("crates/");
    let is_test = path.starts_with("tests/") || in_crates && path.contains("/tests/");
    if path.ends_with(".rs") && in_crates {
        let source = RustSource::new(text);
        let whole = 0..text.len();
        let ranges = if is_test || path.ends_with("/tests.rs") { vec![whole] } else { source.test_items() };
        ranges.into_iter().flat_map(|range| in_rust(&source, text, range)).collect()
    } else if is_test {
        vec![Piece { is_name: false, line: 1, text }]
    } else {
        Vec::new()
    }
}

fn in_rust<'t>(source: &RustSource<'_>, text: &'t str, range: Range<usize>) -> Vec<Piece<'t>> {
    let mut pieces = Vec::new();
    let code = &source.code[range.clone()];
    for (offset, _) in code.match_indices("fn ") {
        let word_starts = offset == 0 || !is_word(code.as_bytes()[offset - 1]);
        if word_starts {
            let start = range.start + offset + 3;
            let length =
                text[start..].find(|one: char| one != '_' && !one.is_alphanumeric()).unwrap_or(text.len() - start);
            pieces.push(Piece { is_name: true, line: source.line_of(start), text: &text[start..start + length] });
        }
    }
    let inside = |piece: &Range<usize>| piece.start >= range.start && piece.end <= range.end;
    for piece in source.pieces.iter().filter(|piece| inside(&piece.range)) {
        let line = source.line_of(piece.range.start);
        pieces.push(Piece { is_name: false, line, text: &text[piece.range.clone()] });
    }
    pieces
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The ids at the start of a function's name and after each `_and_`: `f_4_1_10_and_s_12_…`.
fn in_name(name: &str) -> Vec<Vec<String>> {
    name.split("_and_").filter_map(readings).collect()
}

/// `f_5_6_2_20_…` may be F-5.6.2-20 or F-5.6-2; `s_12_…` is S-12.
fn readings(name: &str) -> Option<Vec<String>> {
    let mut words = name.split('_');
    let letter = words.next().filter(|letter| ["f", "u", "s"].contains(letter))?.to_uppercase();
    let numbers: Vec<&str> =
        words.take_while(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())).collect();
    match (letter.as_str(), numbers.len()) {
        ("F", 3..) => {
            let reading = |length: usize| {
                let (entry, section) = numbers[..length].split_last().expect("there are three numbers at least");
                format!("F-{}-{entry}", section.join("."))
            };
            Some((3..=numbers.len()).rev().map(reading).collect())
        }
        ("U" | "S", 1..) => Some(vec![format!("{letter}-{}", numbers[0])]),
        (_, _) => None,
    }
}

/// The ids written out in a text, each with its first byte. `F-5.4-1..3` names three.
fn in_text(text: &str) -> Vec<(usize, String)> {
    let bytes = text.as_bytes();
    let mut ids = Vec::new();
    for (at, _) in text.match_indices(['F', 'U', 'S']) {
        let starts = at == 0 || !(is_word(bytes[at - 1]) || bytes[at - 1] == b'-');
        if !starts || bytes.get(at + 1) != Some(&b'-') {
            continue;
        }
        let mut rest = &text[at + 2..];
        let section = if bytes[at] == b'F' {
            let Some((section, after)) = section(rest) else { continue };
            rest = after;
            format!("{section}-")
        } else {
            String::new()
        };
        let Some((first, after)) = number(rest) else { continue };
        if after.bytes().next().is_some_and(|byte| is_word(byte) || byte == b'-') {
            continue;
        }
        let last = after.strip_prefix("..").and_then(number).map_or(first, |(last, _)| last);
        ids.extend((first..=last).map(|entry| (at, format!("{}-{section}{entry}", &text[at..=at]))));
    }
    ids
}

/// `4.1-rest`: the section and what follows its hyphen.
fn section(text: &str) -> Option<(&str, &str)> {
    let (section, after) = text.split_once('-')?;
    section.split('.').all(|part| number(part).is_some_and(|(_, after)| after.is_empty())).then_some((section, after))
}

/// The number at the start of a text, and the rest. At most four digits: no entry has more.
fn number(text: &str) -> Option<(u32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=4).contains(&digits) {
        return None;
    }
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

#[cfg(test)]
mod tests {
    use super::{Claim, Found, claims, in_name, in_text};

    #[test]
    fn ids_stand_alone_in_a_text() {
        for (text, expected) in [
            ("F-4.1-10", &["F-4.1-10"][..]),
            ("see F-5.6.2-1, U-8 and (S-12).", &["F-5.6.2-1", "U-8", "S-12"]),
            ("F-5.4-1..3.", &["F-5.4-1", "F-5.4-2", "F-5.4-3"]),
            ("UTF-8 AES-256 F-4.1 S-12a S-12-3 X-S-1 F-8 S-12345 S-", &[]),
        ] {
            let found: Vec<String> = in_text(text).into_iter().map(|(_, id)| id).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn ids_begin_a_functions_name() {
        assert_eq!(in_name("f_4_1_10_two_roles"), [["F-4.1-10"]]);
        assert_eq!(in_name("f_5_6_2_20_users"), [["F-5.6.2-20", "F-5.6-2"]]);
        assert_eq!(in_name("s_12_and_u_8_20_users"), [["S-12"], ["U-8"]]);
        assert_eq!(in_name("finds_s_12"), Vec::<Vec<String>>::new());
        assert_eq!(in_name("f_4_1_alone"), Vec::<Vec<String>>::new());
    }

    #[test]
    fn only_test_code_counts() {
        let source = "//! S-1\nfn s_2_x() {}\n#[cfg(test)]\nmod tests {\n    // S-3\n    fn s_4_x() { \"S-5\" }\n}\n";
        let ids = |path: &str| -> Vec<(usize, String)> {
            let shown = |claim: Claim| match claim.found {
                Found::Text(id) => (claim.line, id),
                Found::Name(ids) => (claim.line, ids.concat()),
            };
            claims(path, source).into_iter().map(shown).collect()
        };
        let owned =
            |list: &[(usize, &str)]| list.iter().map(|(line, id)| (*line, (*id).to_string())).collect::<Vec<_>>();
        assert_eq!(ids("crates/a/src/lib.rs"), owned(&[(5, "S-3"), (6, "S-4"), (6, "S-5")]));
        assert_eq!(ids("crates/a/tests/it/main.rs").len(), 5);
        assert_eq!(ids("crates/a/tests/recorded/entra.txt"), owned(&[(1, "S-1"), (5, "S-3"), (6, "S-5")]));
        assert_eq!(ids("docs/x.md"), []);
    }
}
