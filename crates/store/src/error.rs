//! What can go wrong, as far as a caller can act on it.

use provost_change::{Frozen, ResourceId};
use std::path::PathBuf;

/// Why a store did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The account does not exist.
    #[error("there is no such account")]
    NoAccount,
    /// The account that the change set makes is there already.
    #[error("the account exists already")]
    AccountExists,
    /// A record is not what the change set was decided on: load, decide and commit again.
    #[error("a record changed in the meantime")]
    VersionChanged,
    /// The configuration is not what the change set was judged under: load, decide and commit again.
    #[error("the account's configuration changed in the meantime")]
    ConfigChanged,
    /// The account is read and not changed.
    #[error(transparent)]
    Frozen(#[from] Frozen),
    /// Another record holds the value.
    #[error("another record holds this value of `{space}`")]
    Uniqueness {
        /// What is unique.
        space: String,
        /// Who holds it.
        holder: ResourceId,
    },
    /// A count would leave its bound.
    #[error("the count `{count}` would leave its bound")]
    Bound {
        /// Which count.
        count: String,
    },
    /// The search would examine more records than it may (RFC 7644 §3.12 `tooMany`).
    #[error("the search would examine too many records")]
    TooMany,
    /// Nothing can be read or written now: disk full, input or output failed, read-only, closed.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// What is stored cannot be what was written.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
}

impl StoreError {
    /// Whether this is an answer to the question, and not a failure of the store.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::NoAccount
            | Self::AccountExists
            | Self::VersionChanged
            | Self::ConfigChanged
            | Self::Frozen(_)
            | Self::Uniqueness { .. }
            | Self::Bound { .. }
            | Self::TooMany => true,
            Self::Unavailable(_) | Self::Corrupt(_) => false,
        }
    }

    /// Why, where a sentence has said already that it is the store which fails.
    pub(crate) fn why(self) -> String {
        match self {
            Self::Unavailable(why) => why,
            other => other.to_string(),
        }
    }
}

/// Why a store does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process serves from this folder.
    #[error("another server uses the data folder `{}`; stop it first, or choose another folder", .0.display())]
    InUse(PathBuf),
    /// Another process moves accounts out of this folder.
    #[error("another `provost migrate` moves accounts out of the data folder `{}`; wait for its end", .0.display())]
    Leaving(PathBuf),
    /// There is nothing to open.
    #[error("there is no database in `{}`", .0.display())]
    Missing(PathBuf),
    /// A newer version of the program has written here.
    #[error("the database has schema {found}, but this version of Provost knows only {known}; use the newer version")]
    Newer {
        /// The newest migration that was applied.
        found: u32,
        /// The newest migration that this program has.
        known: u32,
    },
    /// An older version of the program has written here, and this opening may not change it.
    #[error(
        "the database has schema {found}, but this version of Provost needs {known}; start the server once to update it"
    )]
    Older {
        /// The newest migration that was applied.
        found: u32,
        /// The newest migration that this program has.
        known: u32,
    },
    /// A migration that was applied is not the one that this program has.
    #[error(
        "migration {0} of the database is not the one that this version of Provost has; it was made by another build"
    )]
    Changed(u32),
    /// The folder cannot be used.
    #[error("the data folder `{}` cannot be used: {error}", folder.display())]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The database cannot be opened.
    #[error("the database cannot be opened: {0}")]
    Database(String),
    /// The text does not say where a database is. It is not repeated, since it may hold a password.
    #[error("the database URL cannot be used: {0}")]
    Url(String),
    /// The server does not answer, or does not let us in.
    #[error("cannot connect to {place}: {error}")]
    Unreachable {
        /// Hosts and database.
        place: String,
        /// Why.
        error: String,
    },
}
