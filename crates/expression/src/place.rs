//! Where something stands in an expression, and what is wrong there.

/// A place in the text of an expression.
///
/// All places are equal: two trees that say the same are the same tree, wherever their parts were written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// In bytes, from the start of the text.
    pub offset: usize,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl PartialEq for Place {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Place {}

/// What is wrong with an expression or with one evaluation of it: one sentence that says what to do, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}, at line {line}, column {column}")]
pub struct Fault {
    /// What was found, and what was expected.
    pub problem: String,
    /// In bytes, from the start of the text.
    pub offset: usize,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl Fault {
    pub(crate) fn new(place: Place, problem: impl Into<String>) -> Self {
        let Place { offset, line, column } = place;
        Self { problem: problem.into(), offset, line, column }
    }
}

/// How much of a name or a value a sentence repeats, in characters.
const SHOWN_MAX: usize = 60;

/// `text` in back quotes, cut when it is long.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}
