//! What the expression language promises.

mod checking;
mod dates;
mod diacritics;
mod documentation;
mod examples;
mod fixtures;
mod functions;
mod limits;
mod parsing;
mod patterns;
mod properties;
mod roles;
mod traces;
