//! All accounts, one after the other.

use provost_change::AccountId;
use provost_store::{Store, StoreError};

/// Accounts that are read at once.
const AT_ONCE: u64 = 1_000;

/// Goes through the accounts in the order of their ids. One that is made meanwhile may be among them.
pub(crate) struct EachAccount<'s> {
    store: &'s dyn Store,
    page: std::vec::IntoIter<AccountId>,
    last: Option<AccountId>,
}

impl<'s> EachAccount<'s> {
    /// Begins with the first.
    pub(crate) fn of(store: &'s dyn Store) -> Self {
        Self { store, page: Vec::new().into_iter(), last: None }
    }

    /// The next one; `None` behind the last.
    ///
    /// # Errors
    /// A store that does not answer.
    pub(crate) async fn next(&mut self) -> Result<Option<AccountId>, StoreError> {
        if self.page.as_slice().is_empty() {
            self.page = self.store.accounts(self.last, AT_ONCE).await?.into_iter();
        }
        let next = self.page.next();
        self.last = next.or(self.last);
        Ok(next)
    }
}
