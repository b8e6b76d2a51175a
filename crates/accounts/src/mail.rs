//! Mail: which ones a change brings about, what they say, and how they wait in the outbox.
//!
//! A mail is a record in the change set of what causes it, so that none is lost and none is sent for a change that did not happen.
//! Whoever sends reads it, claims it for a while, and removes it once it is handed over; a mail may therefore come twice, never
//! not at all.

mod letter;
mod outbox;

pub use letter::{MailKind, Post, address, farewell};
pub use outbox::{
    CLAIMED_FOR, COUNT, Next, claim, expand, give_up, is_queued_by, kind, next, postpone, read, release, remove,
};

pub(crate) use letter::{Link, invitation, verification};

use jiff::Timestamp;
use provost_change::ResourceId;
use serde::{Deserialize, Serialize};

/// A mail that waits to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// To whom.
    pub to: Recipient,
    /// One line.
    pub subject: String,
    /// The body, plain text.
    pub text: String,
    /// What it is for.
    pub kind: MailKind,
    /// The user whom it is about.
    pub about: ResourceId,
    /// Not to be sent earlier.
    pub due: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
}

/// Who gets a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// Whoever reads mail at this address.
    Address(String),
    /// Every enabled Account Administrator of the account, as they are when it is sent.
    Administrators,
}
