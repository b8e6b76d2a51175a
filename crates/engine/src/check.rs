//! What can be wrong with an app before anything is sent.

mod clauses;
mod rows;
mod settings;
mod targets;
mod types;

use crate::{Compiled, EnterpriseApp, SourceSchemas};
pub(crate) use clauses::{CompiledClause, CompiledGroup, Question, groups};
use provost_expression::Fault;
pub(crate) use rows::rows;
pub(crate) use settings::settings;
pub(crate) use types::boolean;

/// Something wrong with an app: where, and one sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field, as in the app's JSON: `mappings.users.attributes[3].expression`; lists count from 0.
    pub field: String,
    /// What was found, and what was expected.
    pub problem: String,
    /// Where in an expression.
    pub at: Option<At>,
}

/// A place in an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// In bytes, from its start.
    pub offset: usize,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// Rows of one mapping: more than twice what Entra's largest template has.
pub const ROWS_MAX: usize = 200;
/// Attributes of a target, for each kind of object.
pub const TARGET_ATTRIBUTES_MAX: usize = 500;
/// Scoping filters of one kind of object, and clauses of one filter: each is asked for every object.
pub const FILTERS_MAX: usize = 50;
/// Bytes of a name or path.
pub const NAME_BYTES_MAX: usize = 500;
/// Bytes of a constant, of a default and of what a clause compares with.
pub const CONSTANT_BYTES_MAX: usize = 4_096;
/// Addresses that are told of trouble.
pub const NOTIFY_MAX: usize = 20;
/// Longest time between cycles in seconds: a week.
pub const INTERVAL_MAX: u64 = 7 * 24 * 60 * 60;
/// Highest matching precedence; each is a request of its own.
pub const PRECEDENCE_MAX: u32 = 10;

/// Everything that is wrong with an app, in the order of its fields. Empty when it can be saved and compiled.
pub fn check(app: &EnterpriseApp, schemas: SourceSchemas<'_>) -> Vec<Problem> {
    Compiled::new(app, schemas).err().unwrap_or_default()
}

/// Problems on their way out, below one field.
pub(crate) struct Problems<'p> {
    field: String,
    list: &'p mut Vec<Problem>,
}

impl<'p> Problems<'p> {
    pub fn of(list: &'p mut Vec<Problem>) -> Self {
        Self { field: String::new(), list }
    }

    /// Those of a member of this field.
    pub fn member(&mut self, name: &str) -> Problems<'_> {
        let field = if self.field.is_empty() { name.to_owned() } else { format!("{}.{name}", self.field) };
        Problems { field, list: self.list }
    }

    /// Those of an element of this list.
    pub fn element(&mut self, index: usize) -> Problems<'_> {
        Problems { field: format!("{}[{index}]", self.field), list: self.list }
    }

    pub fn add(&mut self, problem: impl Into<String>) {
        self.list.push(Problem { field: self.field.clone(), problem: problem.into(), at: None });
    }

    pub fn fault(&mut self, fault: Fault) {
        let Fault { problem, offset, line, column } = fault;
        self.list.push(Problem { field: self.field.clone(), problem, at: Some(At { offset, line, column }) });
    }

    /// The value, or a problem in its place.
    pub fn take<T>(&mut self, result: Result<T, String>) -> Option<T> {
        result.map_err(|problem| self.add(problem)).ok()
    }

    /// Whether a list is short enough; else says so.
    pub fn is_few(&mut self, count: usize, most: usize, what: &str) -> bool {
        if count > most {
            self.add(format!("there are {count} {what}, and there may be {most}"));
        }
        count <= most
    }
}
