//! The grammar of RFC 7644 Figure 1, rule by rule, without our parser's leniency.

use serde_json::Value;

/// A filter as the grammar has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// `… and …`
    And(Box<Expression>, Box<Expression>),
    /// `… or …`
    Or(Box<Expression>, Box<Expression>),
    /// `not (…)`
    Not(Box<Expression>),
    /// `attrPath pr`
    Present(String),
    /// `attrPath compareOp compValue`, the operator in lower case.
    Compare(String, String, Value),
    /// `attrPath [ valFilter ]`
    Element(String, Box<Expression>),
}

/// A PATCH path: `attrPath / valuePath [subAttr]`.
pub(super) struct Path {
    pub attribute: String,
    pub filter: Option<Expression>,
    pub sub: Option<String>,
}

const OPERATORS: [&str; 9] = ["eq", "ne", "co", "sw", "ew", "gt", "lt", "ge", "le"];

impl Expression {
    /// Reads a filter; nothing for what the grammar does not have.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text };
        let read = reader.alternatives(false)?;
        reader.is_at_end().then_some(read)
    }
}

impl Path {
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text };
        let attribute = reader.word()?;
        let mut path = Self { attribute, filter: None, sub: None };
        if reader.takes("[") {
            path.filter = Some(reader.alternatives(true)?);
            reader.takes("]").then_some(())?;
            if reader.takes(".") {
                path.sub = Some(reader.word()?);
            }
        }
        reader.is_at_end().then_some(path)
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    fn is_at_end(&mut self) -> bool {
        self.skip();
        self.rest.is_empty()
    }

    fn takes(&mut self, sign: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Letters up to a space, a bracket or a quotation mark.
    fn peek_word(&mut self) -> &str {
        self.skip();
        let ends = |one: char| one.is_ascii_whitespace() || "()[]\"".contains(one);
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        &self.rest[..end]
    }

    fn word(&mut self) -> Option<String> {
        let word = self.peek_word().to_owned();
        let first = word.chars().next()?;
        if !(first.is_ascii_alphabetic() || first == '$') {
            return None;
        }
        self.rest = &self.rest[word.len()..];
        Some(word)
    }

    fn takes_word(&mut self, wanted: &str) -> bool {
        let found = self.peek_word().to_lowercase() == wanted;
        if found {
            self.rest = &self.rest[wanted.len()..];
        }
        found
    }

    fn alternatives(&mut self, within: bool) -> Option<Expression> {
        let mut left = self.conjunction(within)?;
        while self.takes_word("or") {
            left = Expression::Or(Box::new(left), Box::new(self.conjunction(within)?));
        }
        Some(left)
    }

    fn conjunction(&mut self, within: bool) -> Option<Expression> {
        let mut left = self.term(within)?;
        while self.takes_word("and") {
            left = Expression::And(Box::new(left), Box::new(self.term(within)?));
        }
        Some(left)
    }

    fn term(&mut self, within: bool) -> Option<Expression> {
        if self.takes("(") {
            let inner = self.alternatives(within)?;
            return self.takes(")").then_some(inner);
        }
        if self.takes_word("not") {
            self.takes("(").then_some(())?;
            let inner = self.alternatives(within)?;
            return self.takes(")").then_some(Expression::Not(Box::new(inner)));
        }
        let path = self.word()?;
        if self.takes("[") {
            if within {
                return None;
            }
            let inner = self.alternatives(true)?;
            return self.takes("]").then_some(Expression::Element(path, Box::new(inner)));
        }
        if self.takes_word("pr") {
            return Some(Expression::Present(path));
        }
        let operator = self.word()?.to_lowercase();
        OPERATORS.contains(&operator.as_str()).then_some(())?;
        Some(Expression::Compare(path, operator, self.literal()?))
    }

    /// A JSON string, number, true, false or null.
    fn literal(&mut self) -> Option<Value> {
        self.skip();
        if !self.rest.starts_with('"') {
            let word = self.peek_word().to_owned();
            self.rest = &self.rest[word.len()..];
            return number(&word).or_else(|| serde_json::from_str(&word).ok());
        }
        let mut escaped = false;
        for (at, sign) in self.rest.char_indices().skip(1) {
            match sign {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    let (text, rest) = self.rest.split_at(at + 1);
                    self.rest = rest;
                    return serde_json::from_str(text).ok();
                }
                _ => {}
            }
        }
        None
    }
}

/// A number with a fraction or an exponent as the nearest double.
fn number(word: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(word).ok()?;
    match value {
        Value::Number(number) if number.is_f64() => serde_json::Number::from_f64(word.parse().ok()?).map(Value::Number),
        Value::Number(number) => Some(Value::Number(number)),
        _ => None,
    }
}
