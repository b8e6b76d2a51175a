//! What went wrong, as far as it decides what to do next.

use crate::StoreError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// Why a transaction did not come to its end.
#[derive(Debug)]
pub(super) enum Fault {
    /// It stood in the way of another one: the whole of it can be tried again.
    Again(StoreError),
    /// The server or the way to it failed.
    Gone(StoreError),
    /// The server refuses a statement: one of the change sets may be to blame.
    Statement(StoreError),
}

impl Fault {
    /// What a caller is told.
    pub(super) fn into_error(self) -> StoreError {
        match self {
            Self::Again(error) | Self::Gone(error) | Self::Statement(error) => error,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let told = unavailable(&error);
        let Some(state) = error.code() else { return Self::Gone(told) };
        match state.code().get(..2) {
            _ if *state == SqlState::T_R_SERIALIZATION_FAILURE || *state == SqlState::T_R_DEADLOCK_DETECTED => {
                Self::Again(told)
            }
            // Data, constraints, syntax, limits of the program.
            Some("22" | "23" | "42" | "54") => Self::Statement(told),
            Some(_) | None => Self::Gone(told),
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Gone(error)
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        unavailable(&error)
    }
}

/// What the server or the client says, with its SQLSTATE; `Corrupt` when the server found its data damaged.
pub(super) fn unavailable(error: &Error) -> StoreError {
    let Some(database) = error.as_db_error() else {
        let cause = std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {cause}"));
        return StoreError::Unavailable(format!("{error}{cause}"));
    };
    let told = format!("{} (SQLSTATE {})", database.message(), database.code().code());
    if [SqlState::DATA_CORRUPTED, SqlState::INDEX_CORRUPTED].contains(database.code()) {
        StoreError::Corrupt(told)
    } else {
        StoreError::Unavailable(told)
    }
}
