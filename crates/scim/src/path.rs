//! Attribute paths: one type for filters, PATCH, projection and policies (RFC 7644 §3.10, §3.5.2).

use crate::{
    error::{ScimError, ScimType},
    filter::{self, Filter},
    lex::{Fault, Token, Tokens, starts_as_urn},
    schema::is_attr_name,
};
use std::{fmt, str::FromStr};

/// Longest path in bytes: room for a schema URN and a value filter with a long value.
const PATH_BYTES_MAX: usize = 4096;

/// Names an attribute: `userName`, `name.givenName`, or anything that starts with a schema URN.
///
/// A URN contains colons and dots itself (`…:2.0:User:manager.value`), so where it ends is only known beside the
/// schemas: [`ResourceType::resolve`](crate::ResourceType::resolve) decides.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AttrPath {
    /// `name` or `name.sub`.
    Plain {
        /// Attribute name as written.
        name: String,
        /// Sub-attribute name as written.
        sub: Option<String>,
    },
    /// Begins with `urn:`; the text as written.
    Urn(String),
}

/// The path of a PATCH operation: `PATH = attrPath / valuePath [subAttr]`.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchPath {
    /// What stands before the bracket, or the whole path.
    pub attribute: AttrPath,
    /// The filter in the brackets.
    pub filter: Option<Filter>,
    /// The sub-attribute after the bracket.
    pub sub: Option<String>,
}

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at byte {offset} of the path")]
pub struct PathError {
    /// What was found or expected.
    pub problem: String,
    /// Where, in bytes from the start of the text.
    pub offset: usize,
}

impl AttrPath {
    /// Reads `name`, `name.sub` or a text that begins with `urn:`, at most 4,096 bytes long.
    ///
    /// # Errors
    /// When the text is empty, too long or anything else; a value filter is no part of an attribute path.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let mut tokens = bounded(text)?;
        let path = Self::take(&mut tokens)?;
        tokens.expect(Token::End)?;
        Ok(path)
    }

    /// The attribute path that comes next.
    pub(crate) fn take(tokens: &mut Tokens<'_>) -> Result<Self, Fault> {
        let offset = tokens.offset();
        let Token::Word(word) = tokens.peek() else { return Err(tokens.unexpected("an attribute name")) };
        tokens.take()?;
        Self::from_word(word).map_err(|fault| Fault { offset: offset + fault.offset, ..fault })
    }

    fn from_word(word: &str) -> Result<Self, Fault> {
        if starts_as_urn(word) {
            return match word.split([':', '.']).position(str::is_empty) {
                Some(_) => Err(Fault::new(0, "the URN has an empty part")),
                None => Ok(Self::Urn(word.to_owned())),
            };
        }
        let (name, sub) = match word.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (word, None),
        };
        if !is_attr_name(name) {
            return Err(Fault::new(0, format!("{} is not an attribute name", Token::Word(name))));
        }
        if let Some(sub) = sub.filter(|sub| !is_attr_name(sub)) {
            return Err(Fault::new(name.len() + 1, format!("{} is not a sub-attribute name", Token::Word(sub))));
        }
        Ok(Self::Plain { name: name.to_owned(), sub: sub.map(str::to_owned) })
    }
}

impl PatchPath {
    /// Reads a PATCH path: an attribute path, or one with a value filter and perhaps a sub-attribute after it, at most
    /// 4,096 bytes long.
    ///
    /// # Errors
    /// When the text is empty, too long or malformed, in the value filter or around it.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let mut tokens = bounded(text)?;
        let attribute = AttrPath::take(&mut tokens)?;
        if tokens.peek() == Token::End {
            return Ok(Self { attribute, filter: None, sub: None });
        }
        tokens.expect(Token::OpenBracket)?;
        let filter = filter::in_brackets(&mut tokens)
            .map_err(|fault| Fault { problem: format!("in the value filter: {}", fault.problem), ..fault })?;
        let sub = match tokens.peek() {
            Token::Dot => Some(sub_attribute(&mut tokens)?),
            _ => None,
        };
        tokens.expect(Token::End)?;
        Ok(Self { attribute, filter: Some(filter), sub })
    }
}

/// The dot and the one name that may follow a closing bracket.
pub(crate) fn sub_attribute(tokens: &mut Tokens<'_>) -> Result<String, Fault> {
    tokens.expect(Token::Dot)?;
    match tokens.peek() {
        Token::Word(name) if is_attr_name(name) => {
            tokens.take()?;
            Ok(name.to_owned())
        }
        _ => Err(tokens.unexpected("the name of a sub-attribute")),
    }
}

fn bounded(text: &str) -> Result<Tokens<'_>, Fault> {
    if text.len() > PATH_BYTES_MAX {
        return Err(Fault::new(PATH_BYTES_MAX, format!("a path may have {PATH_BYTES_MAX} bytes, and more begins")));
    }
    Tokens::new(text)
}

impl FromStr for AttrPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Self::parse(text)
    }
}

impl FromStr for PatchPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Self::parse(text)
    }
}

impl From<Fault> for PathError {
    fn from(fault: Fault) -> Self {
        Self { problem: fault.problem, offset: fault.offset }
    }
}

/// 400 `invalidPath`, for a malformed value filter too.
impl From<PathError> for ScimError {
    fn from(error: PathError) -> Self {
        Self::bad_request(ScimType::InvalidPath, error.to_string())
    }
}

impl fmt::Display for AttrPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain { name, sub: None } => out.write_str(name),
            Self::Plain { name, sub: Some(sub) } => write!(out, "{name}.{sub}"),
            Self::Urn(text) => out.write_str(text),
        }
    }
}

/// The path in the form that [`PatchPath::parse`] reads.
impl fmt::Display for PatchPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.attribute)?;
        if let Some(filter) = &self.filter {
            write!(out, "[{filter}]")?;
        }
        match &self.sub {
            Some(sub) => write!(out, ".{sub}"),
            None => Ok(()),
        }
    }
}
