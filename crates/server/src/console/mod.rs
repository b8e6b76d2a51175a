//! `/console`: what people see.

pub(crate) mod access;
