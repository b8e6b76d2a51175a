//! One tokenizer for filters and PATCH paths (RFC 7644 §3.4.2.2, §3.5.2).
//!
//! A word is a maximal run of the characters of names, so `never`, `order` and `notes` are single words and a URN with
//! its dots and colons is one too. White space only separates; where tokens cannot be mistaken for each other, as in
//! `value eq"2819"`, it may be missing.

use serde_json::Number;
use std::fmt;

/// A token; texts are as written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Token<'t> {
    /// A name, a path, a URN or an operator.
    Word(&'t str),
    /// A JSON string with its quotes; the escapes are not checked yet.
    Text(&'t str),
    /// What may be a JSON number; not checked yet.
    Number(&'t str),
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    /// A dot that is not part of a word.
    Dot,
    End,
}

/// What is wrong with a text, and where, in bytes from its start.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    pub problem: String,
    pub offset: usize,
}

impl Fault {
    pub fn new(offset: usize, problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), offset }
    }
}

/// The tokens of a text, with one token of lookahead. Holds no more than the text itself.
pub(crate) struct Tokens<'t> {
    text: &'t str,
    token: Token<'t>,
    start: usize,
    end: usize,
}

impl<'t> Tokens<'t> {
    pub fn new(text: &'t str) -> Result<Self, Fault> {
        let mut tokens = Self { text, token: Token::End, start: 0, end: 0 };
        tokens.take()?;
        Ok(tokens)
    }

    /// The next token.
    pub fn peek(&self) -> Token<'t> {
        self.token
    }

    /// Where the next token starts.
    pub fn offset(&self) -> usize {
        self.start
    }

    /// Returns the next token and moves on. After the last one it is `End` for ever.
    pub fn take(&mut self) -> Result<Token<'t>, Fault> {
        let taken = self.token;
        let rest = self.text[self.end..].trim_start_matches([' ', '\t', '\r', '\n']);
        self.start = self.text.len() - rest.len();
        let (token, length) = lex(rest).map_err(|fault| Fault { offset: self.start + fault.offset, ..fault })?;
        self.token = token;
        self.end = self.start + length;
        Ok(taken)
    }

    /// Moves on when the next token is `wanted`.
    pub fn expect(&mut self, wanted: Token<'t>) -> Result<(), Fault> {
        if self.token == wanted {
            return self.take().map(|_| ());
        }
        Err(self.unexpected(&wanted.to_string()))
    }

    /// The fault of finding the next token instead of what is `wanted`.
    pub fn unexpected(&self, wanted: &str) -> Fault {
        Fault::new(self.start, format!("expected {wanted}, found {}", self.token))
    }
}

/// The first token of a text that does not start with white space, and its length in bytes.
fn lex(rest: &str) -> Result<(Token<'_>, usize), Fault> {
    let Some(first) = rest.chars().next() else { return Ok((Token::End, 0)) };
    match first {
        '(' => Ok((Token::Open, 1)),
        ')' => Ok((Token::Close, 1)),
        '[' => Ok((Token::OpenBracket, 1)),
        ']' => Ok((Token::CloseBracket, 1)),
        '.' => Ok((Token::Dot, 1)),
        '"' => {
            let length = string_length(rest).ok_or_else(|| Fault::new(0, "the string has no closing quote"))?;
            Ok((Token::Text(&rest[..length]), length))
        }
        '0'..='9' | '-' => {
            let length = run(rest, |byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
            match rest[length..].bytes().next() {
                Some(next) if is_word_byte(next) => Err(Fault::new(length, "a number and a name need a space between")),
                _ => Ok((Token::Number(&rest[..length]), length)),
            }
        }
        'a'..='z' | 'A'..='Z' | '$' => {
            let urn = starts_as_urn(rest);
            let length = run(rest, |byte| is_word_byte(byte) || urn && is_urn_byte(byte));
            Ok((Token::Word(&rest[..length]), length))
        }
        '\'' => Err(Fault::new(0, "strings stand in double quotes")),
        other => Err(Fault::new(0, format!("unexpected character `{}`", other.escape_debug()))),
    }
}

/// Whether a word is a URN rather than a name.
pub(crate) fn starts_as_urn(word: &str) -> bool {
    word.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("urn:"))
}

fn run(text: &str, belongs: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| belongs(*byte)).count()
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'$' | b'-' | b'_' | b'.' | b':')
}

/// What RFC 8141 allows in a URN beyond the characters of a word, without parentheses and quotes.
fn is_urn_byte(byte: u8) -> bool {
    matches!(byte, b'~' | b'!' | b'&' | b'*' | b'+' | b',' | b';' | b'=' | b'@' | b'/' | b'%')
}

/// Bytes of the JSON string at the start of `rest`, quotes included; `None` when it does not end.
fn string_length(rest: &str) -> Option<usize> {
    let mut escaped = false;
    for (position, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(position + 1),
            _ => {}
        }
    }
    None
}

/// The string that a [`Token::Text`] at `offset` stands for: all JSON escapes, surrogate pairs included.
pub(crate) fn string(text: &str, offset: usize) -> Result<String, Fault> {
    serde_json::from_str(text).map_err(|error| {
        let within = if error.line() == 1 { error.column().saturating_sub(1) } else { 0 };
        let problem = error.to_string();
        let problem = problem.split(" at line ").next().unwrap_or_default();
        Fault::new(offset + within, format!("not a JSON string: {problem}"))
    })
}

/// The number that a [`Token::Number`] at `offset` stands for.
pub(crate) fn number(text: &str, offset: usize) -> Result<Number, Fault> {
    serde_json::from_str(text).map_err(|_| Fault::new(offset, "not a JSON number, or too large"))
}

/// How much of a word an error repeats.
const SHOWN_MAX: usize = 60;

impl fmt::Display for Token<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) | Self::Number(word) => match word.get(..SHOWN_MAX) {
                Some(start) if word.len() > SHOWN_MAX => write!(out, "`{start}…`"),
                _ => write!(out, "`{word}`"),
            },
            Self::Text(_) => out.write_str("a string"),
            Self::Open => out.write_str("`(`"),
            Self::Close => out.write_str("`)`"),
            Self::OpenBracket => out.write_str("`[`"),
            Self::CloseBracket => out.write_str("`]`"),
            Self::Dot => out.write_str("`.`"),
            Self::End => out.write_str("the end"),
        }
    }
}
