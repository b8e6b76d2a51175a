//! The one writer: a thread that takes waiting change sets together, judges each on its own, and commits them at
//! once, so that they share one wait for the disk.

use super::apply::Rows;
use super::heads::Heads;
use super::look_up::Stored;
use super::read;
use super::readers::Readers;
use super::row::{Kept, Statements, execute, first};
use super::runs::{Runs, SPLIT_AT};
use crate::judge::judge;
use crate::{Indexed, Indexing, StoreError, Unindexing};
use jiff::Timestamp;
use provost_change::{AccountId, ChangeSet, Head, ResourceId};
use rusqlite::Connection;
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use tokio::sync::{mpsc, oneshot};

/// How many tasks one transaction takes: more would let the first wait long for little gain.
const BATCH_MAX: usize = 256;

/// How many tasks may wait; who brings more waits for a place.
const QUEUE_MAX: usize = 1024;

/// How many accounts' heads are remembered between transactions.
const HEADS_MAX: usize = 4096;

/// How many runs are remembered between transactions: those of some fifteen million records.
const RUNS_MAX: usize = 10_000;

/// What the writer does for an account.
#[derive(Debug)]
pub(super) enum Task {
    /// Answers with the account's last sequence number.
    Commit(ChangeSet),
    /// One step of it: answers with how many log entries went.
    PruneLog(Timestamp),
    /// Answers with how many log entries were emptied.
    ErasePersonal(ResourceId),
    /// Answers with how many records were entered, and the last of them.
    Index(Indexing),
    /// Answers with how many entries went.
    Unindex(Unindexing),
}

/// What a task is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Done {
    pub(super) number: u64,
    /// The record that it came to, where it goes from one to the next.
    pub(super) last: Option<ResourceId>,
}

impl From<u64> for Done {
    fn from(number: u64) -> Self {
        Self { number, last: None }
    }
}

type Answered = Result<Done, StoreError>;

struct Job {
    account: AccountId,
    task: Task,
    /// The task goes back with its answer: what a thread has allocated, it frees best itself.
    answer: oneshot::Sender<(Answered, Task)>,
}

enum Message {
    Job(Job),
    Close(oneshot::Sender<()>),
}

/// The way to the writer's thread.
#[derive(Debug)]
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread. It holds the folder's `lock` until it ends.
    pub(super) fn start(
        connection: Connection,
        lock: File,
        readers: Arc<Readers>,
        heads: Arc<Heads>,
    ) -> std::io::Result<Self> {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let thread = thread::Builder::new().name("store-writer".to_owned()).spawn(move || {
            let closing = Committer::new(Kept::new(&connection), heads).serve(waiting);
            readers.close();
            // Closing takes the write-ahead log away: nobody is told of the end, or let into the folder, before.
            drop(connection);
            drop(lock);
            for closing in closing {
                // Whoever asked for the end need not wait for it.
                let _ = closing.send(());
            }
        })?;
        Ok(Self { queue, thread: Mutex::new(Some(thread)) })
    }

    pub(super) async fn perform(&self, account: AccountId, task: Task) -> Answered {
        let (answer, answered) = oneshot::channel();
        let sent = self.queue.send(Message::Job(Job { account, task, answer })).await;
        sent.map_err(|_| ended())?;
        answered.await.map_or_else(|_| Err(ended()), |(answer, _)| answer)
    }

    /// Whether the thread still takes tasks.
    pub(super) fn ping(&self) -> Result<(), StoreError> {
        if self.queue.is_closed() { Err(ended()) } else { Ok(()) }
    }

    /// Ends the thread after what is queued.
    pub(super) async fn close(&self) {
        let (closing, closed) = oneshot::channel();
        if self.queue.send(Message::Close(closing)).await.is_ok() {
            // The sender goes without a word when the thread has ended already: that is closed, too.
            let _ = closed.await;
        }
    }
}

impl Drop for Writer {
    /// Waits for the thread, so that the folder is free afterwards.
    fn drop(&mut self) {
        self.queue = mpsc::channel(1).0;
        let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Err(_)) = thread.map(JoinHandle::join) {
            tracing::error!("The store's writer ended with a panic.");
        }
    }
}

fn ended() -> StoreError {
    StoreError::Unavailable("its writer has ended".to_owned())
}

/// What the thread works with.
struct Committer<C> {
    connection: C,
    /// Heads as the database has them, or will have when the transaction is committed. Nobody else writes them.
    heads: HashMap<AccountId, Head>,
    /// Where records lie, the same way.
    runs: Runs,
    /// Whose head the transaction changes.
    changed: BTreeSet<AccountId>,
    /// Who is told of heads once they are committed.
    told: Arc<Heads>,
    /// Grows when another process has written: moving an account freezes it.
    data_version: i64,
}

impl<C: Statements> Committer<C> {
    fn new(connection: C, told: Arc<Heads>) -> Self {
        Self {
            connection,
            heads: HashMap::new(),
            runs: Runs::new(SPLIT_AT),
            changed: BTreeSet::new(),
            told,
            data_version: 0,
        }
    }

    /// Works until nobody can send any more and the queue is empty. Answers with who waits for that.
    fn serve(mut self, mut waiting: mpsc::Receiver<Message>) -> Vec<oneshot::Sender<()>> {
        let mut closing = Vec::new();
        let mut messages = Vec::with_capacity(BATCH_MAX);
        while waiting.blocking_recv_many(&mut messages, BATCH_MAX) > 0 {
            let mut jobs = Vec::with_capacity(messages.len());
            for message in messages.drain(..) {
                match message {
                    Message::Job(job) => jobs.push(job),
                    Message::Close(end) => {
                        waiting.close();
                        closing.push(end);
                    }
                }
            }
            if !jobs.is_empty() {
                self.run(jobs);
            }
        }
        if let Err(error) = self.connection.connection().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
            tracing::warn!(%error, "The write-ahead log could not be copied back; the next start does it.");
        }
        closing
    }

    /// Performs jobs in one transaction and answers them once it is durable.
    fn run(&mut self, jobs: Vec<Job>) {
        let performed = match self.begin() {
            Ok(()) => match self.perform_all(&jobs) {
                Ok(answers) => self.commit().map(|()| answers),
                Err(error) => {
                    self.roll_back();
                    if jobs.len() > 1 {
                        // One of them may be to blame: alone, the others can be done.
                        return jobs.into_iter().for_each(|job| self.run(vec![job]));
                    }
                    Err(error)
                }
            },
            Err(error) => Err(error),
        };
        let answers = performed.unwrap_or_else(|error| {
            tracing::error!(%error, jobs = jobs.len(), "A transaction of the store failed.");
            vec![Err(error); jobs.len()]
        });
        for (job, answer) in jobs.into_iter().zip(answers) {
            // Nobody waits when the request was dropped; what was committed stays.
            let _ = job.answer.send((answer, job.task));
        }
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        if self.heads.len() > HEADS_MAX {
            self.heads.clear();
        }
        if self.runs.remembered() > RUNS_MAX {
            self.runs.clear();
        }
        execute(&self.connection, "BEGIN IMMEDIATE", [])?;
        let data_version = first(&self.connection, "PRAGMA data_version", [], |row| row.get(0));
        let data_version = data_version.inspect_err(|_| self.roll_back())?.unwrap_or_default();
        if data_version != self.data_version {
            self.data_version = data_version;
            self.heads.clear();
            self.runs.clear();
            self.told.forget();
        }
        Ok(())
    }

    /// Answers each job, or fails as a whole when the store itself does.
    fn perform_all(&mut self, jobs: &[Job]) -> Result<Vec<Answered>, StoreError> {
        let mut answers = Vec::with_capacity(jobs.len());
        for job in jobs {
            match self.perform(job) {
                Err(error) if !error.is_refusal() => return Err(error),
                answer => answers.push(answer),
            }
        }
        Ok(answers)
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let counted = self.runs.write(&self.connection);
        let committed =
            counted.and_then(|()| self.write_heads()).and_then(|()| execute(&self.connection, "COMMIT", []).map(drop));
        if let Err(error) = committed {
            self.roll_back();
            return Err(StoreError::Unavailable(error.to_string()));
        }
        let changed = std::mem::take(&mut self.changed);
        self.told.tell(changed.into_iter().map(|account| (account, self.heads[&account].clone())));
        Ok(())
    }

    fn write_heads(&self) -> rusqlite::Result<()> {
        self.changed
            .iter()
            .try_for_each(|account| Rows { connection: &self.connection, account: *account }.head(&self.heads[account]))
    }

    fn roll_back(&mut self) {
        self.heads.clear();
        self.runs.clear();
        self.changed.clear();
        // Some errors have ended the transaction already.
        if !self.connection.connection().is_autocommit()
            && let Err(error) = execute(&self.connection, "ROLLBACK", [])
        {
            tracing::error!(%error, "A transaction of the store could not be rolled back.");
        }
    }

    /// Judges, then writes: an answer that refuses has written nothing.
    fn perform(&mut self, job: &Job) -> Answered {
        let account = job.account;
        self.remember(account)?;
        let head = self.heads.get(&account);
        let rows = Rows { connection: &self.connection, account };
        let (head, answer) = match &job.task {
            Task::Commit(change) => {
                let verdict = judge(&Stored { connection: &self.connection, account }, account, head, change)?;
                rows.change(change, &verdict, &mut self.runs)?;
                let seq = verdict.head.seq;
                (verdict.head, seq)
            }
            Task::PruneLog(before) => {
                let head = changeable(head)?;
                let Some(base) = rows.prune_log(head.base, *before)? else { return Ok(0.into()) };
                (Head { base, ..head.clone() }, base.seq - head.base.seq)
            }
            Task::ErasePersonal(subject) => {
                changeable(head)?;
                return Ok(rows.erase_personal(*subject)?.into());
            }
            Task::Index(indexing) => {
                check_config(changeable(head)?, indexing.config)?;
                let Indexed { records: number, last } = rows.index(indexing)?;
                return Ok(Done { number, last });
            }
            Task::Unindex(unindexing) => {
                check_config(changeable(head)?, unindexing.config)?;
                return Ok(rows.unindex(unindexing)?.into());
            }
        };
        // Records without an audit entry, such as links and the provisioning log, leave the head as it is.
        if self.heads.get(&account) != Some(&head) {
            self.heads.insert(account, head);
            self.changed.insert(account);
        }
        Ok(answer.into())
    }

    fn remember(&mut self, account: AccountId) -> Result<(), StoreError> {
        if !self.heads.contains_key(&account)
            && let Some(head) = read::head(&self.connection, account)?
        {
            self.heads.insert(account, head);
        }
        Ok(())
    }
}

/// The head of an account that is there and takes changes.
fn changeable(head: Option<&Head>) -> Result<&Head, StoreError> {
    let head = head.ok_or(StoreError::NoAccount)?;
    head.frozen.map_or(Ok(head), |frozen| Err(frozen.into()))
}

/// Whether the account has this configuration.
fn check_config(head: &Head, config: u64) -> Result<(), StoreError> {
    if head.config == config { Ok(()) } else { Err(StoreError::ConfigChanged) }
}

#[cfg(test)]
mod tests;
