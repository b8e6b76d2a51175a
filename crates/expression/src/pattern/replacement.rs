//! What takes the place of a match (.NET's substitutions).

use super::{Found, Pattern};
use std::ops::Range;

/// A replacement, taken apart for one pattern.
#[derive(Clone, Debug)]
pub(crate) struct Replacement(Vec<Piece>);

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    /// `$1`, `${name}`, `$&`, `$+`.
    Group(usize),
    /// `` $` ``: what stands before the match.
    Before,
    /// `$'`: what stands behind it.
    Behind,
    /// `$_`: the whole text.
    All,
}

impl Replacement {
    /// A dollar sign that begins no substitution means itself, and so does one with a group that the pattern does not have.
    pub fn parse(text: &str, pattern: &Pattern) -> Self {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            literal.push_str(&rest[..at]);
            let behind = &rest[at + 1..];
            match substitution(behind, pattern) {
                Some((piece, length)) => {
                    pieces.push(Piece::Text(std::mem::take(&mut literal)));
                    pieces.push(piece);
                    rest = &behind[length..];
                }
                None => {
                    literal.push('$');
                    rest = behind.strip_prefix('$').unwrap_or(behind);
                }
            }
        }
        literal.push_str(rest);
        pieces.push(Piece::Text(literal));
        Self(pieces)
    }

    /// Hands the parts of the replacement of one match in `text` to `push`, in order.
    pub fn expand<'r, E>(
        &'r self,
        text: &'r str,
        found: &Found<'_>,
        mut push: impl FnMut(&'r str) -> Result<(), E>,
    ) -> Result<(), E> {
        let whole: Range<usize> = found.whole().range();
        for piece in &self.0 {
            push(match piece {
                Piece::Text(text) => text,
                Piece::Group(index) => found.group(*index).map_or("", |span| &text[span.range()]),
                Piece::Before => &text[..whole.start],
                Piece::Behind => &text[whole.end..],
                Piece::All => text,
            })?;
        }
        Ok(())
    }
}

/// The substitution that begins behind a dollar sign, and its length in bytes.
fn substitution(behind: &str, pattern: &Pattern) -> Option<(Piece, usize)> {
    match behind.chars().next()? {
        '&' => Some((Piece::Group(0), 1)),
        '`' => Some((Piece::Before, 1)),
        '\'' => Some((Piece::Behind, 1)),
        '+' => Some((Piece::Group(pattern.last_group()), 1)),
        '_' => Some((Piece::All, 1)),
        '{' => {
            let (name, _) = behind[1..].split_once('}')?;
            Some((Piece::Group(pattern.group(name)?), name.len() + 2))
        }
        '0'..='9' => {
            let length = behind.bytes().take_while(u8::is_ascii_digit).count();
            Some((Piece::Group(pattern.numbered(behind[..length].parse().ok()?)?), length))
        }
        _ => None,
    }
}
