//! What the expression language promises.

mod parsing;
mod properties;
