//! Text to tokens, each with its place.

use crate::{
    place::{Fault, Place, quoted},
    tree::Operator,
};
use std::fmt;

/// Longest name of an attribute or a function, in bytes: a SCIM path with a URN and a filter fits.
const NAME_BYTES_MAX: usize = 512;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// A function's name or a bare word.
    Name(String),
    /// What stands in square brackets.
    Attribute(String),
    /// What stands in quotes, escapes resolved.
    Text(String),
    Integer(i64),
    Open,
    Close,
    Comma,
    Compare(Operator),
    End,
}

/// The tokens of a text, with one token of lookahead.
pub(crate) struct Tokens<'t> {
    text: &'t str,
    token: Token,
    /// Where `token` begins.
    start: Place,
    /// Where `token` ends.
    end: Place,
}

impl<'t> Tokens<'t> {
    pub fn new(text: &'t str) -> Result<Self, Fault> {
        let start = Place { offset: 0, line: 1, column: 1 };
        let mut tokens = Self { text, token: Token::End, start, end: start };
        tokens.take()?;
        Ok(tokens)
    }

    pub fn peek(&self) -> &Token {
        &self.token
    }

    /// Where the next token begins.
    pub fn place(&self) -> Place {
        self.start
    }

    /// Returns the next token and moves on. After the last one it is `End` for ever.
    pub fn take(&mut self) -> Result<Token, Fault> {
        let rest = &self.text[self.end.offset..];
        let space = rest.len() - rest.trim_start().len();
        self.start = self.moved(self.end, space);
        let rest = &self.text[self.start.offset..];
        let (token, length) =
            lex(rest).map_err(|(within, problem)| Fault::new(self.moved(self.start, within), problem))?;
        self.end = self.moved(self.start, length);
        Ok(std::mem::replace(&mut self.token, token))
    }

    /// The fault of finding the next token instead of what is `wanted`.
    pub fn unexpected(&self, wanted: &str) -> Fault {
        Fault::new(self.start, format!("expected {wanted}, found {}", self.token))
    }

    /// The place `bytes` behind `from`.
    fn moved(&self, from: Place, bytes: usize) -> Place {
        let mut place = from;
        place.offset += bytes;
        for character in self.text[from.offset..place.offset].chars() {
            if character == '\n' {
                place.line += 1;
                place.column = 1;
            } else {
                place.column += 1;
            }
        }
        place
    }
}

/// What is wrong with a token, and how many bytes behind its start.
type Within = (usize, String);

/// The first token of a text that does not begin with white space, and its length in bytes.
fn lex(rest: &str) -> Result<(Token, usize), Within> {
    let Some(first) = rest.chars().next() else { return Ok((Token::End, 0)) };
    match first {
        '(' => Ok((Token::Open, 1)),
        ')' => Ok((Token::Close, 1)),
        ',' => Ok((Token::Comma, 1)),
        '"' => string(rest),
        '[' => attribute(rest),
        '&' | '-' | '0'..='9' => integer(rest),
        '=' => Ok((Token::Compare(Operator::Equal), 1)),
        '<' if rest.starts_with("<>") => Ok((Token::Compare(Operator::NotEqual), 2)),
        '<' if rest.starts_with("<=") => Ok((Token::Compare(Operator::LessOrEqual), 2)),
        '<' => Ok((Token::Compare(Operator::Less), 1)),
        '>' if rest.starts_with(">=") => Ok((Token::Compare(Operator::GreaterOrEqual), 2)),
        '>' => Ok((Token::Compare(Operator::Greater), 1)),
        'a'..='z' | 'A'..='Z' | '_' => {
            let length = rest.bytes().take_while(|byte| is_name_byte(*byte)).count();
            short_enough(length)?;
            Ok((Token::Name(rest[..length].to_owned()), length))
        }
        '“' | '”' | '„' | '\'' | '’' => {
            Err((0, format!("texts stand in straight double quotes (\"), not in `{first}`")))
        }
        other => Err((0, format!("unexpected character `{}`", other.escape_debug()))),
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn short_enough(length: usize) -> Result<(), Within> {
    if length > NAME_BYTES_MAX {
        return Err((0, format!("a name may have {NAME_BYTES_MAX} bytes, and this one has more")));
    }
    Ok(())
}

/// A text in quotes, in which `\\` and `\"` stand for a backslash and a quote.
fn string(rest: &str) -> Result<(Token, usize), Within> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((offset, character)) = characters.next() {
        match character {
            '"' => return Ok((Token::Text(text), offset + 1)),
            '\\' => match characters.next() {
                Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                Some((_, other)) => {
                    let other = other.escape_debug();
                    return Err((offset, format!("write a backslash twice (`\\\\{other}` instead of `\\{other}`)")));
                }
                None => break,
            },
            other => text.push(other),
        }
    }
    Err((0, "the text has no closing quote (\")".to_owned()))
}

/// A name in square brackets. Brackets within it, as those of a SCIM value path, come in pairs, and texts in them are skipped.
fn attribute(rest: &str) -> Result<(Token, usize), Within> {
    let (mut open, mut in_text, mut escaped) = (0_usize, false, false);
    for (offset, character) in rest.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' if open > 1 => in_text = !in_text,
            _ if in_text => {}
            '[' => open += 1,
            ']' if open == 1 => return named(&rest[1..offset]).map(|token| (token, offset + 1)),
            ']' => open -= 1,
            _ => {}
        }
    }
    Err((0, "the attribute has no closing bracket (])".to_owned()))
}

fn named(within: &str) -> Result<Token, Within> {
    let name = within.trim();
    if name.is_empty() {
        return Err((0, "expected the name of an attribute between the brackets".to_owned()));
    }
    short_enough(name.len())?;
    Ok(Token::Attribute(name.to_owned()))
}

/// `12`, `-3`, `&HF7`.
fn integer(rest: &str) -> Result<(Token, usize), Within> {
    let sign = usize::from(rest.starts_with('-'));
    let is_hex = rest.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("&h"));
    let prefix = if is_hex { 2 } else { sign };
    let digits =
        rest[prefix..].bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_')).count();
    let length = prefix + digits;
    let written = &rest[..length];
    let number = if is_hex {
        let digits = &written[prefix..];
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_plain.then(|| i64::from_str_radix(digits, 16).ok()).flatten()
    } else {
        written.parse().ok()
    };
    match number {
        Some(number) => Ok((Token::Integer(number), length)),
        None if digits == 0 => Err((0, format!("unexpected character `{}`", &rest[..1]))),
        None => Err((0, format!("{} is no whole number of 64 bits; anything else stands in quotes", quoted(written)))),
    }
}

impl fmt::Display for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => out.write_str(&quoted(name)),
            Self::Attribute(name) => out.write_str(&quoted(&format!("[{name}]"))),
            Self::Text(_) => out.write_str("a text in quotes"),
            Self::Integer(number) => write!(out, "`{number}`"),
            Self::Open => out.write_str("`(`"),
            Self::Close => out.write_str("`)`"),
            Self::Comma => out.write_str("`,`"),
            Self::Compare(operator) => write!(out, "`{}`", operator.as_str()),
            Self::End => out.write_str("the end"),
        }
    }
}
