//! An expression whose names, arguments and types are checked: what can be evaluated.

use crate::{
    pattern::Pattern,
    place::Place,
    signature::{Gives, ResultType, Signature},
    tree::Operator,
    value::Value,
};

/// A checked expression, made by [`Expression::check`](crate::Expression::check). Patterns are compiled in it: keep it for many
/// evaluations.
#[derive(Clone, Debug)]
pub struct Program {
    pub(crate) root: Node,
    pub(crate) result: ResultType,
}

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub kind: NodeKind,
    pub place: Place,
}

#[derive(Clone, Debug)]
pub(crate) enum NodeKind {
    Constant(Value),
    /// A constant pattern, and its text.
    Pattern(String, Box<Pattern>),
    Attribute(String),
    AppRoleAssignments,
    Call(CallNode),
    Comparison(Box<ComparisonNode>),
}

#[derive(Clone, Debug)]
pub(crate) struct CallNode {
    pub signature: &'static Signature,
    /// `None` for what was omitted.
    pub arguments: Vec<Option<Node>>,
}

#[derive(Clone, Debug)]
pub(crate) struct ComparisonNode {
    pub left: Node,
    pub operator: Operator,
    pub right: Node,
}

impl Program {
    /// The type of its result, unless that is null.
    pub fn result(&self) -> ResultType {
        self.result
    }

    /// Whether it gives candidates (`SelectUniqueValue`): only for attributes that are set at creation and that match nothing.
    pub fn gives_candidates(&self) -> bool {
        matches!(&self.root.kind, NodeKind::Call(call) if call.signature.gives == Gives::Candidates)
    }

    /// Whether the result may go into an attribute of this type.
    ///
    /// A text may go anywhere but into a complex attribute, since only its value shows whether it is a number or a date; one value may
    /// go into a multi-valued attribute, and anything that is one value into a text.
    ///
    /// # Errors
    /// Why not, as a sentence.
    pub fn fits(&self, target: ResultType) -> Result<(), String> {
        use ResultType::{Boolean, Complex, DateTime, Integer, MultiValued, Text};
        let fits = match (self.result, target) {
            (Complex, _) | (_, Complex) => self.result == target,
            (_, MultiValued) | (Text, _) => true,
            (MultiValued, _) => false,
            (_, Text) => true,
            (Boolean, Boolean) | (Integer, Integer) | (DateTime, DateTime) => true,
            (Boolean | Integer | DateTime, Boolean | Integer | DateTime) => false,
        };
        if fits {
            return Ok(());
        }
        Err(format!("the expression gives {}, and the attribute takes {}", self.result.describe(), target.describe()))
    }
}

impl ResultType {
    /// As part of a sentence.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Boolean => "True or False",
            Self::Integer => "a number",
            Self::DateTime => "a date",
            Self::MultiValued => "several values",
            Self::Complex => "a complex value",
        }
    }
}
