//! What went wrong, as far as it decides what to do next.

use crate::StoreError;
use rustls::CertificateError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// Why something did not come to its end.
#[derive(Debug)]
pub(super) enum Fault {
    /// It stood in the way of another one: the whole of it can be tried again.
    Again(StoreError),
    /// The connection was lost, or leads to a server that does not write any more; nothing was changed. Another connection may do.
    Lost(StoreError),
    /// It was to be committed, and the answer did not come.
    Unknown(StoreError),
    /// The server or the way to it failed, or the answer is no.
    Gone(StoreError),
    /// The server refuses a statement: one of the change sets may be to blame.
    Statement(StoreError),
}

impl Fault {
    /// What a caller is told.
    pub(super) fn into_error(self) -> StoreError {
        match self {
            Self::Again(error) | Self::Lost(error) | Self::Gone(error) | Self::Statement(error) => error,
            Self::Unknown(StoreError::Unavailable(why)) => {
                StoreError::Unavailable(format!("{why}; whether the change was made is not known"))
            }
            Self::Unknown(error) => error,
        }
    }

    /// The same for what failed while it was being committed.
    pub(super) fn of_commit(error: Error) -> Self {
        let lost = error.code().is_none_or(|state| {
            *state == SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN || matches!(state.code().get(..2), Some("08" | "57"))
        });
        // Another node has made the same account in the meantime.
        let raced = error.code() == Some(&SqlState::UNIQUE_VIOLATION);
        match (lost, raced) {
            (true, _) => Self::Unknown(unavailable(&error)),
            (false, true) => Self::Again(unavailable(&error)),
            (false, false) => error.into(),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let told = unavailable(&error);
        let Some(state) = error.code() else { return Self::Lost(told) };
        let one_of = |states: &[SqlState]| states.contains(state);
        match state.code().get(..2) {
            _ if is_conflict(&error) => Self::Again(told),
            _ if one_of(&[SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::READ_ONLY_SQL_TRANSACTION]) => {
                Self::Lost(told)
            }
            Some("08") => Self::Lost(told),
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

/// Whether others only stood in the way: a serialization failure, or a deadlock.
pub(super) fn is_conflict(error: &Error) -> bool {
    let conflicts = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
    error.code().is_some_and(|state| conflicts.contains(state))
}

/// What the server or the client says, with its SQLSTATE; `Corrupt` when the server found its data damaged.
pub(super) fn unavailable(error: &Error) -> StoreError {
    let Some(database) = error.as_db_error() else {
        if let Some(untrusted) = untrusted(error) {
            return StoreError::Unavailable(untrusted);
        }
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

/// Why the server's certificate is not taken, and what to do about it; none when it is not about that.
fn untrusted(error: &Error) -> Option<String> {
    let cause = std::error::Error::source(error)?.downcast_ref::<std::io::Error>()?;
    let tls = cause.get_ref()?.downcast_ref::<rustls::Error>()?;
    let rustls::Error::InvalidCertificate(certificate) = tls else { return None };
    Some(match certificate {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "no authority that is trusted issued its certificate; name the file with that authority's as sslrootcert"
                .to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name; call the server by one that stands in the certificate".to_owned()
        }
        other => format!("its certificate is not valid: {other}"),
    })
}
