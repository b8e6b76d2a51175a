//! Reading PATCH requests under the policy, whatever they are for.

use crate::{
    Configuration, Refused,
    policy::{EmptyPatch, PatchNoMatch},
};
use provost_scim::{NoMatch, PatchRequest, ResourceType, dialect};
use serde_json::Value;

impl From<PatchNoMatch> for NoMatch {
    fn from(choice: PatchNoMatch) -> Self {
        match choice {
            PatchNoMatch::NoTarget => Self::NoTarget,
            PatchNoMatch::Create => Self::Create,
        }
    }
}

/// The request in standard form, and the codes of what was repaired; no request where nothing is asked and the policy takes that.
///
/// # Errors
/// A body that is no PATCH request, in standard form or in a known dialect.
pub(crate) fn read(
    config: &Configuration,
    kind: &ResourceType,
    body: Value,
) -> Result<(Option<PatchRequest>, Vec<&'static str>), Refused> {
    let (body, repairs) = dialect::normalise_patch(body, kind);
    let repairs = repairs.into_iter().map(|repair| repair.code).collect();
    let empty = body.get("Operations").and_then(Value::as_array).is_some_and(Vec::is_empty);
    let request = match (empty, config.policy.patch.empty) {
        (true, EmptyPatch::Accept) => None,
        (true, EmptyPatch::Reject) | (false, _) => Some(PatchRequest::parse(body)?),
    };
    Ok((request, repairs))
}
