//! Heads of accounts, remembered from one commit to the next: every request asks for one.

use crate::StoreError;
use provost_change::{AccountId, Head};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// How many are remembered; beyond it all are forgotten and read again as they are asked for.
const HEADS_MAX: usize = 4096;

/// What the writer has said of heads, and what was read since. Only the process that writes may remember.
#[derive(Debug, Default)]
pub(super) struct Heads(RwLock<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    /// Counts what the writer has said: what was read before its last word may be older than that.
    told: u64,
    heads: HashMap<AccountId, Head>,
}

impl Heads {
    /// The head as the last commit left it; `read` finds it where it is not remembered.
    pub(super) fn get(
        &self,
        account: AccountId,
        read: impl FnOnce() -> Result<Option<Head>, StoreError>,
    ) -> Result<Option<Head>, StoreError> {
        let told = {
            let remembered = self.reading();
            if let Some(head) = remembered.heads.get(&account) {
                return Ok(Some(head.clone()));
            }
            remembered.told
        };
        let head = read()?;
        if let Some(head) = &head {
            let mut remembered = self.writing();
            if remembered.told == told {
                remembered.keep(account, head.clone());
            }
        }
        Ok(head)
    }

    /// What a commit has made of heads: said once it is durable, and before it is answered.
    pub(super) fn tell(&self, heads: impl Iterator<Item = (AccountId, Head)>) {
        let mut remembered = self.writing();
        remembered.told += 1;
        for (account, head) in heads {
            remembered.keep(account, head);
        }
    }

    /// Forgets all: another process has written.
    pub(super) fn forget(&self) {
        let mut remembered = self.writing();
        remembered.told += 1;
        remembered.heads.clear();
    }

    fn reading(&self) -> RwLockReadGuard<'_, Remembered> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> RwLockWriteGuard<'_, Remembered> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remembered {
    fn keep(&mut self, account: AccountId, head: Head) {
        if self.heads.len() >= HEADS_MAX && !self.heads.contains_key(&account) {
            self.heads.clear();
        }
        self.heads.insert(account, head);
    }
}

#[cfg(test)]
mod tests {
    use super::{HEADS_MAX, Heads};
    use crate::StoreError;
    use provost_change::{AccountId, Head};
    use uuid::Uuid;

    fn account(number: usize) -> AccountId {
        AccountId::new(Uuid::from_u128(number as u128))
    }

    fn head(seq: u64) -> Head {
        Head { seq, ..Head::new(account(1)) }
    }

    fn seq(heads: &Heads, stored: Option<u64>) -> Option<u64> {
        heads.get(account(1), || Ok(stored.map(head))).unwrap().map(|head| head.seq)
    }

    #[test]
    fn a_head_is_read_once_and_then_as_the_writer_says() {
        let heads = Heads::default();
        assert_eq!(seq(&heads, None), None, "an account that is not there is not remembered");
        assert_eq!(seq(&heads, Some(1)), Some(1));
        assert_eq!(seq(&heads, Some(7)), Some(1));
        heads.tell([(account(1), head(2))].into_iter());
        assert_eq!(seq(&heads, Some(7)), Some(2));
    }

    #[test]
    fn what_was_read_while_the_writer_spoke_is_not_remembered() {
        let heads = Heads::default();
        let read = heads.get(account(1), || {
            heads.tell([(account(2), head(2))].into_iter());
            Ok(Some(head(1)))
        });
        assert_eq!(read.unwrap().map(|head| head.seq), Some(1));
        assert_eq!(seq(&heads, Some(3)), Some(3));
    }

    #[test]
    fn what_another_process_has_written_is_read_anew() {
        let heads = Heads::default();
        assert_eq!(seq(&heads, Some(1)), Some(1));
        heads.forget();
        assert_eq!(seq(&heads, Some(2)), Some(2));
    }

    #[test]
    fn a_failure_is_not_remembered() {
        let heads = Heads::default();
        let failed = heads.get(account(1), || Err(StoreError::TooMany));
        assert_eq!(failed, Err(StoreError::TooMany));
        assert_eq!(seq(&heads, Some(1)), Some(1));
    }

    #[test]
    fn so_many_are_remembered_and_no_more() {
        let heads = Heads::default();
        heads.tell((1..=HEADS_MAX).map(|number| (account(number), head(1))));
        assert_eq!(seq(&heads, Some(9)), Some(1));
        heads.tell([(account(0), head(1))].into_iter());
        assert_eq!(seq(&heads, Some(9)), Some(9));
    }
}
