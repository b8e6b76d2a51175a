//! The functions of the language, by what they work on.

mod case;
mod dates;
mod encoding;
mod flow;
mod lists;
mod logic;
mod random;
mod replace;
mod roles;
mod text;

use crate::signature::Signature;
use std::{collections::HashMap, sync::LazyLock};

const TABLES: [&[Signature]; 10] = [
    text::TABLE,
    case::TABLE,
    replace::TABLE,
    logic::TABLE,
    dates::TABLE,
    lists::TABLE,
    roles::TABLE,
    flow::TABLE,
    encoding::TABLE,
    random::TABLE,
];

static BY_NAME: LazyLock<HashMap<&str, &Signature>> =
    LazyLock::new(|| functions().map(|signature| (signature.name, signature)).collect());

/// Every function, those that work on the same things side by side.
pub fn functions() -> impl Iterator<Item = &'static Signature> {
    TABLES.into_iter().flatten()
}

/// The function of that name, in exactly that spelling.
pub fn named(name: &str) -> Option<&'static Signature> {
    BY_NAME.get(name).copied()
}
