//! Who calls, when, and with which fresh randomness.

use crate::{RoleKey, User};
use jiff::Timestamp;
use provost_change::{ChangeSet, ResourceId};
use uuid::Uuid;

/// Who wants something done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// An admin app, by one of its API keys.
    App {
        /// The admin app.
        id: ResourceId,
        /// Its name, for the audit log.
        name: String,
        /// The id of the key, not the key.
        key: String,
        /// Whose token the key is; `None` where it belongs to the account.
        owner: Option<Owner>,
    },
    /// A person who signed in to the console, or came with a link that was made for that person alone.
    Person {
        /// The user that it is.
        owner: Owner,
        /// The session; `None` of who came with a link.
        session: Option<ResourceId>,
    },
    /// The operator of the installation.
    Operator,
    /// Provost itself: retention, expiry.
    System,
}

/// The user behind a user token or a session, as the request found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The user.
    pub id: ResourceId,
    /// Its sign-in name, for the audit log.
    pub name: String,
    /// The roles that it holds: neither a token nor a session does what its owner may not do.
    pub roles: Vec<RoleKey>,
}

/// One request, as far as deciding needs it.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who.
    pub actor: Actor,
    /// When.
    pub now: Timestamp,
    /// The request id, also in the answer and the logs.
    pub request_id: String,
    /// From where, as far as it can be trusted.
    pub client_ip: String,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// The id of what the call makes, should it make something.
    pub new_id: Uuid,
    /// Salt for the personal part of the audit entry.
    pub salt: [u8; 16],
    /// Random bytes for a secret that the call hands out, such as the link in a mail; nothing else shows or keeps them.
    pub secret: [u8; 16],
    /// What links in mails begin with, such as `https://scim.example.com`; `None` where the installation sends no mail.
    pub mail_links: Option<String>,
    /// Whether the brake of the admin app that calls was found to hold: what it wants to disable or remove is kept for an administrator.
    pub is_braked: bool,
}

impl Call {
    /// The same call, made by the user who took a link that was good: no session, and nothing else that the user may do.
    pub(crate) fn by_link(&self, user: &User) -> Self {
        let owner = Owner { id: user.id(), name: user.user_name().to_owned(), roles: Vec::new() };
        Self { actor: Actor::Person { owner, session: None }, ..self.clone() }
    }
}

/// What was decided: what to commit, and what to answer once that is durable.
#[derive(Clone, Debug)]
pub struct Decided<T> {
    /// To be committed whole, with the audit entry inside.
    pub change: ChangeSet,
    /// What the caller is shown.
    pub outcome: T,
}

impl<T> Decided<T> {
    /// The same change with another outcome.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Decided<U> {
        Decided { change: self.change, outcome: with(self.outcome) }
    }
}
