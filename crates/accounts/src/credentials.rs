//! What a person proves to be a user with: a password, codes of an authenticator app, recovery codes, passkeys.
//!
//! One record per user, apart from the user's own: nothing of it is seen over SCIM, and signing in changes no user. It goes with the user.

mod decide;
pub mod passkey;
pub mod password;
pub mod recovery;
pub mod totp;

pub use decide::{
    Invitation, LINK_LIFETIME, PATH, add_passkey, add_totp, end_sessions, forgot, invite, is_good, remove_passkey,
    remove_totp, renew_recovery, reset, sent, set_password, take_link, use_passkey, use_recovery, use_totp, withdraw,
    works,
};

use crate::{Corrupt, User, verification::Proof};
use jiff::Timestamp;
use passkey::Passkey;
use password::PasswordHash;
use provost_change::{AccountId, Delete, IndexEntry, Kind, Record, ResourceId};
use serde::{Deserialize, Serialize};

/// Index attribute of those who were invited and have not come.
pub const INVITED: &str = "credentials.invited";

/// What is kept of one user's credentials.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Credentials {
    /// The password, and since when it is this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
    /// The link that is out to set a password; its address is empty where the link was not sent by mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Proof>,
    /// The authenticator app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp: Option<Totp>,
    /// Hashes of the recovery codes that were not used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recovery: Vec<String>,
    /// Passkeys, in the order in which they came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passkeys: Vec<Passkey>,
}

impl Credentials {
    /// Whether a link went out, and no password was ever set: the user was invited and has not come. The link may have expired.
    pub fn is_invited(&self) -> bool {
        self.link.is_some() && self.password.is_none()
    }

    /// Under what they are found.
    pub(crate) fn index(&self) -> Option<IndexEntry> {
        self.is_invited().then(invited)
    }
}

/// Under what the credentials are found of those who were [invited](Credentials::is_invited).
pub fn invited() -> IndexEntry {
    IndexEntry { attribute: INVITED.to_owned(), value: "true".to_owned() }
}

/// A password.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Password {
    /// Its hash.
    pub hash: PasswordHash,
    /// Since when.
    pub set: Timestamp,
}

/// An authenticator app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Totp {
    /// Its secret, sealed for this user.
    pub sealed: String,
    /// Since when.
    pub since: Timestamp,
    /// The step of the last code that was taken.
    pub used: i64,
}

/// A user with what a person proves to be that user with.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// The user.
    pub user: User,
    /// The credentials; empty where nothing was ever set.
    pub credentials: Credentials,
    /// Their record, where there is one.
    record: Option<Record>,
}

impl Person {
    /// Puts a user and the record of its credentials together.
    ///
    /// # Errors
    /// When the database was changed by something else.
    pub fn read(account: AccountId, user: User, record: Option<Record>) -> Result<Self, Corrupt> {
        let credentials = record.as_ref().map(|record| read(account, record)).transpose()?.unwrap_or_default();
        Ok(Self { user, credentials, record })
    }

    /// Whether a password alone does not do for this user, whatever the account's rules.
    pub fn has_second_factor(&self) -> bool {
        self.credentials.totp.is_some() || !self.credentials.passkeys.is_empty()
    }
}

/// Reads stored credentials.
///
/// # Errors
/// When the database was changed by something else.
pub fn read(account: AccountId, record: &Record) -> Result<Credentials, Corrupt> {
    serde_json::from_str(&record.doc).map_err(|error| Corrupt {
        account,
        kind: record.kind.clone(),
        id: record.id,
        cause: error.to_string(),
    })
}

/// What removes the credentials of a user who goes for good.
pub fn gone(record: &Record) -> Delete {
    Delete {
        kind: Kind::CREDENTIALS,
        id: record.id,
        version: record.version,
        releases: Vec::new(),
        // What is not there is not removed, so that nobody has to read what goes.
        index_removes: vec![invited()],
    }
}

/// The key of the record of a user's credentials.
pub fn key(user: ResourceId) -> (Kind, ResourceId) {
    (Kind::CREDENTIALS, user)
}
