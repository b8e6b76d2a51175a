//! What a move asks of a database, whichever it is.

use super::rows::{Place, Rows};
use crate::Answer;
use provost_change::{AccountId, Frozen, Head};
use uuid::Uuid;

/// A move that a database has noted of an account which comes to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Coming {
    /// Which move.
    pub(crate) token: Uuid,
    /// Behind which row of the source it goes on.
    pub(crate) place: Place,
}

/// A database that accounts leave or come to. Each function is one transaction, or one read.
pub(crate) trait End: Send + Sync {
    /// The account's head row, when the account is there.
    fn head(&self, account: AccountId) -> Answer<'_, Option<Head>>;

    /// At most `limit` accounts behind `after`, in the order of their ids.
    fn accounts(&self, after: Option<AccountId>, limit: u64) -> Answer<'_, Vec<AccountId>>;

    /// Changes why an account is frozen, if that is `from` now; whether it was.
    fn freeze(&self, account: AccountId, from: Option<Frozen>, to: Option<Frozen>) -> Answer<'_, bool>;

    /// The next rows behind a place, in the order of their keys; none at the end of the table.
    fn page<'a>(&'a self, account: AccountId, after: &'a Place) -> Answer<'a, Rows>;

    /// What is noted of the account's coming.
    fn coming(&self, account: AccountId) -> Answer<'_, Option<Coming>>;

    /// Notes that an account comes, from its first row on, in place of what was noted before.
    fn expect(&self, account: AccountId, token: Uuid) -> Answer<'_, ()>;

    /// Writes rows that were read behind `coming.place`, and moves that place to `next`; nothing when something else is noted. Whether
    /// it was done.
    fn append<'a>(&'a self, account: AccountId, coming: &'a Coming, rows: Rows, next: &'a Place) -> Answer<'a, bool>;

    /// Writes the head row, from which on the account is there, if all of it has come; whether it was done.
    fn go_live<'a>(&'a self, account: AccountId, token: Uuid, head: &'a Head) -> Answer<'a, bool>;

    /// Forgets that an account comes, unless it is there already; whether it was so.
    fn forget(&self, account: AccountId, token: Uuid) -> Answer<'_, bool>;

    /// Removes all rows of a table up to a place.
    fn remove<'a>(&'a self, account: AccountId, to: &'a Place) -> Answer<'a, ()>;

    /// Removes what else is there of an account without rows: its runs, and the head row of one that was moved away.
    fn remove_rest(&self, account: AccountId) -> Answer<'_, ()>;
}
