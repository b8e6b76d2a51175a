//! Text to tree, by recursive descent within fixed bounds.

use super::{Comparison, Filter, FilterError, Literal, Operator};
use crate::{
    lex::{self, Fault, Token, Tokens},
    path::{AttrPath, sub_attribute},
};

/// Longest filter in bytes; a URL hardly carries more.
const FILTER_BYTES_MAX: usize = 8192;
/// Parentheses and brackets within each other: deeper than people and clients write, shallow enough for any stack.
const DEPTH_MAX: usize = 32;
/// Comparisons, connectives and brackets in all: bounds the work per resource.
const NODES_MAX: usize = 200;

impl Filter {
    /// Reads a filter of at most 8,192 bytes, 200 nodes and 32 levels of parentheses and brackets.
    ///
    /// Names and operators are taken in any case. Beyond the grammar, `emails[type eq "work"].value eq "x"` is read as
    /// `emails[type eq "work" and value eq "x"]`, and white space may be missing beside quotes and parentheses.
    ///
    /// # Errors
    /// When the text is empty, malformed or beyond a bound.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        if text.len() > FILTER_BYTES_MAX {
            let problem = format!("a filter may have {FILTER_BYTES_MAX} bytes, and more begins");
            return Err(FilterError { problem, offset: FILTER_BYTES_MAX });
        }
        let mut tokens = Tokens::new(text)?;
        let filter = Parser { tokens: &mut tokens, depth: 0, nodes: 0, bracketed: false }.alternatives()?;
        tokens.expect(Token::End)?;
        Ok(filter)
    }
}

/// The filter of a PATCH path, whose opening bracket is read already, and its closing bracket.
pub(crate) fn in_brackets(tokens: &mut Tokens<'_>) -> Result<Filter, Fault> {
    let filter = Parser { tokens, depth: 1, nodes: 1, bracketed: true }.alternatives()?;
    tokens.expect(Token::CloseBracket)?;
    Ok(filter)
}

struct Parser<'p, 't> {
    tokens: &'p mut Tokens<'t>,
    /// Parentheses and brackets that are open.
    depth: usize,
    /// Nodes of the tree so far.
    nodes: usize,
    /// Whether one of the open ones is a bracket.
    bracketed: bool,
}

impl<'t> Parser<'_, 't> {
    /// `a or b`.
    fn alternatives(&mut self) -> Result<Filter, Fault> {
        let first = self.conjunction()?;
        self.more("or", first, Self::conjunction, Filter::Or)
    }

    /// `a and b`.
    fn conjunction(&mut self) -> Result<Filter, Fault> {
        let first = self.term()?;
        self.more("and", first, Self::term, Filter::And)
    }

    /// Further terms, each after `word`; `first` itself when there are none.
    fn more(
        &mut self,
        word: &str,
        first: Filter,
        term: fn(&mut Self) -> Result<Filter, Fault>,
        connect: fn(Vec<Filter>) -> Filter,
    ) -> Result<Filter, Fault> {
        let mut terms = vec![first];
        while self.next_is(word) {
            self.tokens.take()?;
            terms.push(term(self)?);
        }
        match terms.len() {
            1 => Ok(terms.swap_remove(0)),
            _ => self.node(connect(terms)),
        }
    }

    fn term(&mut self) -> Result<Filter, Fault> {
        if self.tokens.peek() == Token::Open {
            return self.parenthesised();
        }
        if self.next_is("not") {
            self.tokens.take()?;
            if self.tokens.peek() != Token::Open {
                return Err(self.tokens.unexpected("`(` after `not`"));
            }
            let filter = self.parenthesised()?;
            return self.node(Filter::Not(Box::new(filter)));
        }
        let path = AttrPath::take(self.tokens)?;
        match self.tokens.peek() {
            Token::OpenBracket => self.value_path(path),
            _ => self.expression(path),
        }
    }

    fn parenthesised(&mut self) -> Result<Filter, Fault> {
        self.enter()?;
        let filter = self.alternatives()?;
        self.tokens.expect(Token::Close)?;
        self.depth -= 1;
        Ok(filter)
    }

    /// `[…]` after a path, and the comparison that Entra writes behind it: `emails[type eq "work"].value eq "x"`.
    fn value_path(&mut self, path: AttrPath) -> Result<Filter, Fault> {
        if self.bracketed {
            return Err(Fault::new(self.tokens.offset(), "a value filter may not hold another one"));
        }
        self.enter()?;
        self.bracketed = true;
        let mut filter = self.alternatives()?;
        self.tokens.expect(Token::CloseBracket)?;
        self.bracketed = false;
        self.depth -= 1;
        if self.tokens.peek() == Token::Dot {
            let name = sub_attribute(self.tokens)?;
            let expression = self.expression(AttrPath::Plain { name, sub: None })?;
            filter = match filter {
                Filter::And(mut terms) => {
                    terms.push(expression);
                    Filter::And(terms)
                }
                other => self.node(Filter::And(vec![other, expression]))?,
            };
        }
        self.node(Filter::Value { path, filter: Box::new(filter) })
    }

    /// What follows a path: `pr`, or an operator and a literal.
    fn expression(&mut self, path: AttrPath) -> Result<Filter, Fault> {
        if self.next_is("pr") {
            self.tokens.take()?;
            return self.node(Filter::Present(path));
        }
        let Token::Word(word) = self.tokens.peek() else {
            return Err(self.tokens.unexpected("an operator"));
        };
        let Some(operator) = Operator::from_word(word) else {
            return Err(self.tokens.unexpected("an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr)"));
        };
        self.tokens.take()?;
        let value = self.literal()?;
        self.node(Filter::Compare(Comparison { path, operator, value }))
    }

    fn literal(&mut self) -> Result<Literal, Fault> {
        let offset = self.tokens.offset();
        let literal = match self.tokens.peek() {
            Token::Word("null") => Literal::Null,
            Token::Word("true") => Literal::Bool(true),
            Token::Word("false") => Literal::Bool(false),
            Token::Text(text) => Literal::Text(lex::string(text, offset)?),
            Token::Number(text) => Literal::Number(lex::number(text, offset)?),
            Token::Word(_)
            | Token::Open
            | Token::Close
            | Token::OpenBracket
            | Token::CloseBracket
            | Token::Dot
            | Token::End => {
                return Err(self
                    .tokens
                    .unexpected("a value: a string in double quotes, a number, true, false or null"));
            }
        };
        self.tokens.take()?;
        Ok(literal)
    }

    fn next_is(&self, word: &str) -> bool {
        matches!(self.tokens.peek(), Token::Word(next) if next.eq_ignore_ascii_case(word))
    }

    /// Takes an opening parenthesis or bracket.
    fn enter(&mut self) -> Result<(), Fault> {
        if self.depth == DEPTH_MAX {
            let problem = format!("more than {DEPTH_MAX} parentheses and brackets within each other");
            return Err(Fault::new(self.tokens.offset(), problem));
        }
        self.depth += 1;
        self.tokens.take().map(|_| ())
    }

    fn node(&mut self, filter: Filter) -> Result<Filter, Fault> {
        if self.nodes == NODES_MAX {
            return Err(Fault::new(self.tokens.offset(), format!("the filter has more than {NODES_MAX} parts")));
        }
        self.nodes += 1;
        Ok(filter)
    }
}
