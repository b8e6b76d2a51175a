//! Several requests in one: how much of them, and what came of each.

use crate::Reply;

/// What a target takes in one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Requests that it consists of, at least two.
    pub operations: usize,
    /// Its bytes.
    pub bytes: usize,
}

/// What came of a request that consists of several.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Parted {
    /// What came of each, in their order.
    Each(Vec<Reply>),
    /// It was more than the target takes: nothing was done.
    TooLarge,
    /// The target takes no such request: nothing was done.
    Refused,
}

impl Limits {
    /// Less than was too much; `None` where that is not several any more.
    pub fn halved(self) -> Option<Self> {
        (self.operations >= 4).then_some(Self { operations: self.operations / 2, bytes: self.bytes / 2 })
    }
}
