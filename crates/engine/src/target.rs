//! The target's side: its attributes' names, and values on their way to them.

mod path;
mod value;

pub use path::{TargetName, TargetPath};
pub(crate) use value::scalar;
pub use value::{Role, Roles, RolesForm, TargetValue, Values};
