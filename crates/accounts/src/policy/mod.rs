//! The provisioning policy: one document per account that says how requests are judged.
//!
//! Every field is documented where it is declared; the reference page and the API description are made from here. A field is
//! an enum that says what happens, not a boolean. A preset is a complete document in `presets/`; what an account stores is
//! complete too, so that a later change of a preset changes no account.

#[macro_use]
mod choice;
mod document;
mod fields;
mod reference;
mod sense;

pub(crate) use document::stored;
pub use document::{PRESETS, PolicyError, from_document, preset, purpose};
pub use fields::*;
pub use reference::reference;
pub use sense::check;
