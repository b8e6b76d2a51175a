//! Whose a managed object is, and who may write to it.

use crate::{
    Actor, Call, Configuration, Refused,
    policy::{Existing, Ownership, Visibility},
};
use provost_change::ResourceId;
use serde::{Deserialize, Serialize};

/// Whether an admin app made or linked something, and which one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Management {
    /// Whether it is managed.
    pub managed: bool,
    /// By which admin app; it may be gone.
    pub origin: Option<ResourceId>,
}

impl Management {
    /// Of what a call makes: an admin app manages what it makes, an administrator does not.
    pub(crate) fn of_new(call: &Call) -> Self {
        match call.actor {
            Actor::App { id, .. } => Self { managed: true, origin: Some(id) },
            Actor::Person { .. } | Actor::Operator | Actor::System => Self::default(),
        }
    }

    /// Whether SCIM clients of the account may see it.
    pub fn is_visible(self, config: &Configuration) -> bool {
        match config.policy.users.visibility {
            Visibility::All => true,
            Visibility::ManagedOnly => self.managed,
        }
    }

    /// What becomes of it when the caller writes to it over SCIM: an admin app that writes to something made by hand links it, one
    /// that writes to another app's is refused where ownership is exclusive. `what` names it in a sentence.
    ///
    /// # Errors
    /// By `credentials.ownership` and `users.existing`.
    pub(crate) fn after_write(self, config: &Configuration, call: &Call, what: &str) -> Result<Self, Refused> {
        let Actor::App { id: app, .. } = &call.actor else { return Ok(self) };
        let taken_over = Self { managed: true, origin: Some(*app) };
        match (self.managed, self.origin) {
            (true, Some(origin)) if origin == *app => Ok(self),
            (true, Some(origin)) => match config.app(origin) {
                Some(owner) if config.policy.credentials.ownership == Ownership::Exclusive => Err(Refused::by(
                    "credentials.ownership",
                    403,
                    None,
                    format!("this {what} is managed by admin app `{}`; only that app changes it", owner.name),
                )),
                Some(_) | None => Ok(taken_over),
            },
            (true, None) => Ok(taken_over),
            (false, _) => match config.policy.users.existing {
                Existing::Link => Ok(taken_over),
                Existing::Separate | Existing::Conflict => Err(Refused::by(
                    "users.existing",
                    403,
                    None,
                    format!("this {what} was not made by an identity provider and is not managed by one"),
                )),
            },
        }
    }
}
