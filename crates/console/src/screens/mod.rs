//! The screens.

pub mod sign_in;
