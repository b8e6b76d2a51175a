//! Why an account was not moved.

use crate::StoreError;
use provost_change::AccountId;

/// Why an account was not moved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoveError {
    /// The source does not have it.
    #[error("there is no account {0} at the source")]
    NoAccount(AccountId),
    /// The target has it, and not because of this move.
    #[error("account {0} is at the target already, and nothing is written over it")]
    Taken(AccountId),
    /// Another target was named before.
    #[error(
        "account {0} is being moved to another database: name that one to go on, or give the move up with `provost migrate --abort`"
    )]
    MovingElsewhere(AccountId),
    /// It is served from another target.
    #[error("account {0} was moved to another database before")]
    MovedAway(AccountId),
    /// Another process moves it, or has given the move up.
    #[error(
        "another `provost migrate` works on account {0}, or has given this move up; run it again to see how it stands"
    )]
    Contested(AccountId),
    /// It may take changes at the target.
    #[error(
        "the move of account {0} cannot be given up: the database that it was moved to serves it, or was not named"
    )]
    Live(AccountId),
    /// It was moved away, but not to the target that was named, or it is not there yet.
    #[error("the target does not have account {0} by the move that has taken it from the source; nothing was removed")]
    NotThere(AccountId),
    /// What was copied is not what was read.
    #[error(
        "account {account} is not at the target as it is at the source: `{table}` differs; run the command again to copy it anew"
    )]
    Differs {
        /// Which account.
        account: AccountId,
        /// The first table that differs.
        table: &'static str,
    },
    /// The source cannot be read or written.
    #[error("the source cannot be used: {0}")]
    Source(StoreError),
    /// The target cannot be read or written.
    #[error("the target cannot be used: {0}")]
    Target(StoreError),
}
