//! Refusals: what was refused, by which rule, and what to do.

use crate::role::RoleError;
use provost_scim::{PatchError, ScimError, ScimType, ValueError};

/// A request that changes nothing. The client reads the error, the administrator finds the field in the audit log.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{error}")]
pub struct Refused {
    /// The answer.
    pub error: ScimError,
    /// The policy field that refused, such as `users.identifier_format`; `None` where the protocol itself does.
    pub field: Option<&'static str>,
    /// Seconds after which the same request may be taken; `None` where waiting does not help, or nobody knows for how long.
    pub retry_after: Option<u32>,
}

impl Refused {
    /// A refusal by a policy field. The detail names the field, so that an administrator knows where to turn.
    pub fn by(field: &'static str, status: u16, scim_type: Option<ScimType>, detail: impl AsRef<str>) -> Self {
        let detail = format!("{} (policy field `{field}`)", detail.as_ref());
        Self { error: ScimError { status, scim_type, detail }, field: Some(field), retry_after: None }
    }

    /// A refusal of a value, 400 `invalidValue`, by a policy field.
    pub fn value(field: &'static str, detail: impl AsRef<str>) -> Self {
        Self::by(field, 400, Some(ScimType::InvalidValue), detail)
    }

    /// Something that does not exist, or must not be seen to.
    pub fn not_found(what: &str) -> Self {
        Self::status(404, format!("no such {what}"))
    }

    /// A refusal without a policy field.
    pub fn status(status: u16, detail: impl Into<String>) -> Self {
        Self { error: ScimError::status(status, detail), field: None, retry_after: None }
    }

    /// A value that is against a rule that no policy changes.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self { error: ScimError::bad_request(ScimType::InvalidValue, detail), field: None, retry_after: None }
    }

    /// A refused assertion or assignment of roles.
    pub fn role(error: &RoleError) -> Self {
        let field = match error {
            RoleError::Unknown { .. } => "roles.unknown",
            RoleError::GroupRole { .. } => "roles.matching",
            RoleError::Combination { .. } => "roles.cardinality",
            RoleError::None => "roles.none",
            RoleError::Space { .. } => "roles.value_spaces",
            RoleError::Packed => "roles.packed_json",
        };
        Self::value(field, error.to_string())
    }
}

impl From<ScimError> for Refused {
    fn from(error: ScimError) -> Self {
        Self { error, field: None, retry_after: None }
    }
}

impl From<ValueError> for Refused {
    fn from(error: ValueError) -> Self {
        ScimError::from(error).into()
    }
}

impl From<PatchError> for Refused {
    fn from(error: PatchError) -> Self {
        ScimError::from(error).into()
    }
}
