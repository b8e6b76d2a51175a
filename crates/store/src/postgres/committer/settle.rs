//! What became of a transaction whose commit was sent and not answered.

use super::{Answered, Lane};
use crate::StoreError;
use crate::postgres::again::persist;
use crate::postgres::connections::{Transaction, WRITE, first};
use crate::postgres::fault::Fault;
use crate::postgres::net::Net;
use crate::postgres::row::{self, int};
use provost_change::{AccountId, Digest};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long it is tried to find out; a server that is replaced by its standby may be back by then.
const SETTLE_MAX: Duration = Duration::from_secs(5);

/// How often it is looked whether there is a server again.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How a transaction is known: by a log entry that it appends. Its hash covers the chain up to it, so no other transaction makes it.
pub(super) struct Evidence {
    account: AccountId,
    seq: u64,
    hash: Digest,
    /// What its jobs are answered with, if it was committed.
    answers: Vec<Answered>,
}

impl Evidence {
    /// None when it leaves no entry in any log. Of an account that it makes there is no lock to wait for: there an entry that is found
    /// says something, and one that is not found does not.
    pub(super) fn of(net: &Net<'_>, answers: &[Answered]) -> Option<Self> {
        let is_new = |account: &AccountId| net.heads.get(account).is_none_or(|is_new| *is_new);
        let (account, entry) = net.log.iter().min_by_key(|(account, _)| is_new(account))?;
        Some(Self { account: *account, seq: entry.seq, hash: entry.hash, answers: answers.to_vec() })
    }
}

impl Lane {
    /// Answers its jobs if it was committed, and says that it can be tried again if not.
    pub(super) async fn settle(&self, evidence: Option<Evidence>, error: StoreError) -> Result<Vec<Answered>, Fault> {
        let Some(evidence) = evidence else { return Err(Fault::Unknown(error)) };
        let found = async {
            loop {
                match persist(&self.connections, || self.was_committed(&evidence)).await {
                    Ok(found) => return found,
                    Err(_) => sleep(LOOK_EVERY).await,
                }
            }
        };
        match timeout(SETTLE_MAX, found).await {
            Ok(Some(true)) => Ok(evidence.answers),
            Ok(Some(false)) => Err(Fault::Again(error)),
            Ok(None) | Err(_) => Err(Fault::Unknown(error)),
        }
    }

    /// Whether it was; none when that cannot be known: the account is not there, or retention may have removed the entry.
    ///
    /// The transaction held the lock of the account's head row, so whoever gets that sees how it ended. Committing here waits for the
    /// standby that the transaction itself may not have reached yet.
    async fn was_committed(&self, evidence: &Evidence) -> Result<Option<bool>, Fault> {
        const HEAD: &str = "SELECT seq, base_seq FROM heads WHERE account = $1 FOR UPDATE";
        const ENTRY: &str = "SELECT hash FROM log WHERE account = $1 AND seq = $2";
        let transaction = Transaction::begin(self.connections.take().await?, WRITE);
        let account = evidence.account.uuid();
        let Some(head) = first(&transaction, HEAD, &[&account]).await? else { return Ok(None) };
        let (last, base) = (row::natural(&head, 0)?, row::natural(&head, 1)?);
        let entry = first(&transaction, ENTRY, &[&account, &int(evidence.seq)]).await?;
        let hash = entry.map(|entry| row::digest(&entry, 0)).transpose()?;
        transaction.commit().await?;
        transaction.ended();
        Ok(match hash {
            Some(hash) => Some(hash == evidence.hash),
            None if last < evidence.seq => Some(false),
            None if base < evidence.seq => {
                Err(StoreError::Corrupt(format!("entry {} of the log is missing", evidence.seq)))?
            }
            None => None,
        })
    }
}
