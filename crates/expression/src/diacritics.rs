//! Letters without their marks.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Letters whose marks Entra takes away.
const BASES: &str = "acdegilnorstuyz";

/// Letters that are no letter with a mark, and what Entra writes for them.
const OTHERS: &[(char, &str)] = &[
    ('æ', "ae"),
    ('Æ', "AE"),
    ('ø', "oe"),
    ('Ø', "OE"),
    ('œ', "oe"),
    ('Œ', "OE"),
    ('ß', "ss"),
    ('ł', "l"),
    ('Ł', "L"),
    ('ı', "i"),
];

/// `text` with the letters of Entra's table written without marks; anything else stays as it is.
pub(crate) fn without(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let marks = rest.char_indices().skip(1).find(|(_, character)| !is_combining_mark(*character));
        let (cluster, behind) = rest.split_at(marks.map_or(rest.len(), |(end, _)| end));
        letter(&mut out, first, cluster);
        rest = behind;
    }
    out
}

/// One letter with the marks behind it.
fn letter(out: &mut String, first: char, cluster: &str) {
    if first.is_ascii() && cluster.len() == 1 {
        return out.push(first);
    }
    let mut parts = cluster.nfd();
    let base = parts.next().unwrap_or(first);
    if !parts.all(is_combining_mark) {
        return out.push_str(cluster);
    }
    if BASES.contains(base.to_ascii_lowercase()) {
        return out.push(base);
    }
    match OTHERS.iter().find(|(letter, _)| *letter == base) {
        Some((_, plain)) => out.push_str(plain),
        None => out.push_str(cluster),
    }
}
