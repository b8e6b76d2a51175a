//! One attempt at a transaction.

use super::settle::Evidence;
use super::{Answered, Job, Lane, Task, indexing};
use crate::StoreError;
use crate::judge::judge;
use crate::postgres::connections::{Transaction, WRITE, execute, first, rows};
use crate::postgres::fault::Fault;
use crate::postgres::fetch::{Heads, fetch};
use crate::postgres::names::Names;
use crate::postgres::net::Net;
use crate::postgres::row::{self, int};
use crate::postgres::write;
use jiff::Timestamp;
use provost_change::{AccountId, ChainBase, Head, ResourceId};
use std::time::Duration;
use tokio::time::timeout;

/// How many log entries are removed in one transaction, so that commits need not wait long for it.
pub(in crate::postgres) const PRUNE_MAX: u64 = 2000;

/// How long an attempt may take; a server that is silent for so long is taken for lost.
const ATTEMPT_MAX: Duration = Duration::from_secs(60);

impl Lane {
    pub(super) async fn attempt(&self, jobs: &[Job]) -> Result<Vec<Answered>, Fault> {
        let transaction = Transaction::begin(self.connections.take().await?, WRITE);
        let mut evidence = None;
        let attempt = timeout(ATTEMPT_MAX, perform(&transaction, jobs, &mut evidence)).await;
        let silent = || Fault::Unknown(StoreError::Unavailable("the database does not answer".to_owned()));
        match attempt.unwrap_or_else(|_| Err(silent())) {
            Ok(answers) => {
                transaction.ended();
                Ok(answers)
            }
            Err(Fault::Unknown(error)) => {
                transaction.abandon();
                self.settle(evidence, error).await
            }
            Err(fault @ (Fault::Gone(_) | Fault::Lost(_))) => {
                // Another connection may lead to a server that can.
                transaction.abandon();
                Err(fault)
            }
            Err(fault @ (Fault::Again(_) | Fault::Statement(_))) => Err(fault),
        }
    }
}

/// Does all of the jobs and commits. Before that it says how the commit will be known.
async fn perform(
    transaction: &Transaction,
    jobs: &[Job],
    evidence: &mut Option<Evidence>,
) -> Result<Vec<Answered>, Fault> {
    if let [Job { account, task, .. }] = jobs {
        match task {
            Task::PruneLog(before) => return Ok(vec![prune_log(transaction, *account, *before).await?]),
            Task::ErasePersonal(subject) => return Ok(vec![erase_personal(transaction, *account, *subject).await?]),
            Task::Index(wanted) => return Ok(vec![indexing::index(transaction, *account, wanted).await?]),
            Task::Unindex(wanted) => return Ok(vec![indexing::unindex(transaction, *account, wanted).await?]),
            Task::Commit(_) => {}
        }
    }
    let mut names = Names::default();
    for job in jobs {
        if let Task::Commit(change) = &job.task {
            names.add(job.account, change);
        }
    }
    let mut fetched = fetch(transaction, &names, Heads::Locked).await?;
    let mut net = Net::default();
    let mut answers = Vec::with_capacity(jobs.len());
    for job in jobs {
        let Task::Commit(change) = &job.task else { continue };
        let account = fetched.accounts.entry(job.account).or_default();
        let verdict = match judge(account, job.account, account.head.as_ref(), change) {
            Ok(verdict) => verdict,
            Err(error) if error.is_refusal() => {
                answers.push(Err(error));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        answers.push(Ok(verdict.head.seq.into()));
        account.apply(job.account, change, verdict, &mut net);
    }
    fetched.runs.count(&net);
    *evidence = Evidence::of(&net, &answers);
    write::commit(transaction, &fetched.accounts, &net, &fetched.runs).await.map_err(Fault::of_commit)?;
    Ok(answers)
}

/// Locks the head, and answers with it when the account is there and takes changes.
pub(super) async fn lock(transaction: &Transaction, account: AccountId) -> Result<Result<Head, StoreError>, Fault> {
    const LOCK: &str = "
        SELECT seq, hash, base_seq, base_hash, config, counts, frozen FROM heads WHERE account = $1 FOR UPDATE";
    let Some(found) = first(transaction, LOCK, &[&account.uuid()]).await? else {
        return Ok(Err(StoreError::NoAccount));
    };
    let head = row::head(&found, 0)?;
    Ok(head.frozen.map_or(Ok(head), |frozen| Err(frozen.into())))
}

/// Removes the oldest log entries, as many as are older than `before` but not more than [`PRUNE_MAX`].
async fn prune_log(transaction: &Transaction, account: AccountId, before: Timestamp) -> Result<Answered, Fault> {
    const OLDEST: &str = "SELECT seq, at, hash FROM log WHERE account = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    const REMOVE: &str = "DELETE FROM log WHERE account = $1 AND seq <= $2";
    const MOVE: &str = "UPDATE heads SET base_seq = $1, base_hash = $2 WHERE account = $3";
    let base = match lock(transaction, account).await? {
        Ok(head) => head.base,
        Err(refused) => return Ok(Err(refused)),
    };
    let oldest = rows(transaction, OLDEST, &[&account.uuid(), &int(base.seq), &int(PRUNE_MAX)]).await?;
    let mut last = base;
    for found in &oldest {
        let at: i64 = row::get(found, 1)?;
        if at >= before.as_microsecond() {
            break;
        }
        last = ChainBase { seq: row::natural(found, 0)?, hash: row::digest(found, 2)? };
    }
    if last.seq > base.seq {
        execute(transaction, REMOVE, &[&account.uuid(), &int(last.seq)]).await?;
        execute(transaction, MOVE, &[&int(last.seq), &last.hash.as_slice(), &account.uuid()]).await?;
    }
    transaction.commit().await.map_err(Fault::of_commit)?;
    Ok(Ok((last.seq - base.seq).into()))
}

/// Empties personal parts.
async fn erase_personal(transaction: &Transaction, account: AccountId, subject: ResourceId) -> Result<Answered, Fault> {
    const ERASE: &str = "
        UPDATE log SET salt = NULL, personal = NULL WHERE account = $1 AND subject = $2 AND personal IS NOT NULL";
    if let Err(refused) = lock(transaction, account).await? {
        return Ok(Err(refused));
    }
    let erased = execute(transaction, ERASE, &[&account.uuid(), &subject.uuid()]).await?;
    transaction.commit().await.map_err(Fault::of_commit)?;
    Ok(Ok(erased.into()))
}
