//! What the tests of other crates start, tried by itself.

mod browser;
mod site;
