//! Text to tree, by recursive descent within fixed bounds.

use crate::{
    lexer::{Token, Tokens},
    place::{Fault, Place},
    tree::{Call, Comparison, Expr, Expression, Kind},
};

/// Longest expression in characters, as in Entra.
const CHARACTERS_MAX: usize = 10_000;
/// Calls within each other: a chain of 60 conditions fits, and so does the stack of any thread.
const DEPTH_MAX: usize = 64;
/// Calls, attributes, constants, comparisons and omitted arguments in all: bounds the work of one evaluation.
const NODES_MAX: usize = 2_000;

impl Expression {
    /// Reads an expression of at most 10,000 characters, 2,000 parts and 64 calls within each other.
    ///
    /// # Errors
    /// When the text is empty, malformed or beyond a bound.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if text.char_indices().nth(CHARACTERS_MAX).is_some() {
            let start = Place { offset: 0, line: 1, column: 1 };
            return Err(Fault::new(
                start,
                format!("an expression may have {CHARACTERS_MAX} characters, and this one has more"),
            ));
        }
        let mut parser = Parser { tokens: Tokens::new(text)?, depth: 0, nodes: 0 };
        let root = parser.expr()?;
        match parser.tokens.peek() {
            Token::End => Ok(Self { root }),
            Token::Compare(_) => {
                let problem = "a comparison stands only in the condition of `IIF` or in `CBool`";
                Err(Fault::new(parser.tokens.place(), problem))
            }
            Token::Name(_)
            | Token::Attribute(_)
            | Token::Text(_)
            | Token::Integer(_)
            | Token::Open
            | Token::Close
            | Token::Comma => Err(parser.tokens.unexpected("the end of the expression")),
        }
    }
}

struct Parser<'t> {
    tokens: Tokens<'t>,
    /// Calls that are open.
    depth: usize,
    /// Parts of the tree so far.
    nodes: usize,
}

impl Parser<'_> {
    fn expr(&mut self) -> Result<Expr, Fault> {
        let place = self.tokens.place();
        self.count()?;
        let kind = match self.tokens.peek() {
            Token::Name(_) | Token::Attribute(_) | Token::Text(_) | Token::Integer(_) => match self.tokens.take()? {
                Token::Name(name) => self.named(name)?,
                Token::Attribute(name) => Kind::Attribute(name),
                Token::Text(text) => Kind::Text(text),
                Token::Integer(number) => Kind::Integer(number),
                Token::Open | Token::Close | Token::Comma | Token::Compare(_) | Token::End => {
                    unreachable!("what was peeked is what is taken")
                }
            },
            Token::Open | Token::Close | Token::Comma | Token::Compare(_) | Token::End => {
                return Err(self.tokens.unexpected("a function, an [attribute], a \"text\" or a number"));
            }
        };
        Ok(Expr { kind, place })
    }

    /// What a name begins: a call, or nothing more than itself.
    fn named(&mut self, name: String) -> Result<Kind, Fault> {
        if *self.tokens.peek() != Token::Open {
            return Ok(Kind::Word(name));
        }
        if self.depth == DEPTH_MAX {
            return Err(Fault::new(
                self.tokens.place(),
                format!("more than {DEPTH_MAX} calls stand within each other"),
            ));
        }
        self.depth += 1;
        self.tokens.take()?;
        let arguments = self.arguments()?;
        self.depth -= 1;
        Ok(Kind::Call(Call { name, arguments }))
    }

    /// What stands between the parentheses, and the closing one.
    fn arguments(&mut self) -> Result<Vec<Option<Expr>>, Fault> {
        let mut arguments = Vec::new();
        loop {
            let argument = match self.tokens.peek() {
                Token::Comma | Token::Close => {
                    self.count()?;
                    None
                }
                Token::Name(_)
                | Token::Attribute(_)
                | Token::Text(_)
                | Token::Integer(_)
                | Token::Open
                | Token::Compare(_)
                | Token::End => Some(self.argument()?),
            };
            let is_first = arguments.is_empty();
            match self.tokens.peek() {
                Token::Close => {
                    if argument.is_some() || !is_first {
                        arguments.push(argument);
                    }
                    self.tokens.take()?;
                    return Ok(arguments);
                }
                Token::Comma => {
                    arguments.push(argument);
                    self.tokens.take()?;
                }
                Token::Name(_)
                | Token::Attribute(_)
                | Token::Text(_)
                | Token::Integer(_)
                | Token::Open
                | Token::Compare(_)
                | Token::End => return Err(self.tokens.unexpected("`,` or `)`")),
            }
        }
    }

    /// A value, or two values compared.
    fn argument(&mut self) -> Result<Expr, Fault> {
        let left = self.expr()?;
        let Token::Compare(operator) = *self.tokens.peek() else { return Ok(left) };
        self.tokens.take()?;
        self.count()?;
        let right = self.expr()?;
        let place = left.place;
        Ok(Expr { kind: Kind::Comparison(Box::new(Comparison { left, operator, right })), place })
    }

    fn count(&mut self) -> Result<(), Fault> {
        if self.nodes == NODES_MAX {
            return Err(Fault::new(self.tokens.place(), format!("the expression has more than {NODES_MAX} parts")));
        }
        self.nodes += 1;
        Ok(())
    }
}
