//! The committers: tasks that take waiting change sets together, judge each on its own, and commit them at once, so that they share
//! the way to the server, the lock of the head row and one wait for its disk.

mod attempt;
mod indexing;
mod settle;

pub(super) use attempt::PRUNE_MAX;

use super::again::persist;
use super::connections::Connections;
use super::fault::Fault;
use crate::{Indexing, StoreError, Unindexing};
use jiff::Timestamp;
use provost_change::{AccountId, ChangeSet, ResourceId};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// How many tasks commit at once, each for its accounts: one waits for the server while another one judges. Four made more
/// creates in 64 accounts than one does, and no fewer in one account (`cargo bench -p provost-store --bench postgres`).
pub(super) const LANES: usize = 4;

/// How many change sets one transaction takes: more would let the first wait long for little gain.
const BATCH_MAX: usize = 256;

/// How many tasks may wait in a lane; who brings more waits for a place.
const QUEUE_MAX: usize = 1024;

/// What a committer does for an account.
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

pub(super) struct Job {
    pub(super) account: AccountId,
    pub(super) task: Task,
    answer: oneshot::Sender<Answered>,
}

/// What a job is answered with.
pub(super) type Answered = Result<Done, StoreError>;

enum Message {
    Job(Job),
    Close(oneshot::Sender<()>),
}

/// The way to the committers.
#[derive(Debug)]
pub(super) struct Committer {
    lanes: Vec<mpsc::Sender<Message>>,
}

impl Committer {
    /// Starts the tasks on the runtime that this is called in. They end when this is dropped, after what is queued.
    pub(super) fn start(connections: &Arc<Connections>) -> Self {
        let lane = |_| {
            let (queue, waiting) = mpsc::channel(QUEUE_MAX);
            tokio::spawn(Lane { connections: Arc::clone(connections) }.serve(waiting));
            queue
        };
        Self { lanes: (0..LANES).map(lane).collect() }
    }

    pub(super) async fn perform(&self, account: AccountId, task: Task) -> Answered {
        let (answer, answered) = oneshot::channel();
        let mut hasher = DefaultHasher::new();
        account.hash(&mut hasher);
        let lane = &self.lanes[hasher.finish() as usize % LANES];
        let sent = lane.send(Message::Job(Job { account, task, answer })).await;
        sent.map_err(|_| ended())?;
        answered.await.unwrap_or_else(|_| Err(ended()))
    }

    /// Whether tasks are still taken.
    pub(super) fn ping(&self) -> Result<(), StoreError> {
        if self.lanes.iter().any(mpsc::Sender::is_closed) { Err(ended()) } else { Ok(()) }
    }

    /// Ends the tasks after what is queued.
    pub(super) async fn close(&self) {
        for lane in &self.lanes {
            let (closing, closed) = oneshot::channel();
            if lane.send(Message::Close(closing)).await.is_ok() {
                // The sender goes without a word when the task has ended already: that is closed, too.
                let _ = closed.await;
            }
        }
    }
}

fn ended() -> StoreError {
    StoreError::Unavailable("its committer has ended".to_owned())
}

/// What one of the tasks works with.
struct Lane {
    connections: Arc<Connections>,
}

impl Lane {
    /// Works until nobody can send any more and the queue is empty.
    async fn serve(self, mut waiting: mpsc::Receiver<Message>) {
        let mut closing = Vec::new();
        let mut messages = Vec::with_capacity(BATCH_MAX);
        while waiting.recv_many(&mut messages, BATCH_MAX).await > 0 {
            let (mut commits, mut others) = (Vec::with_capacity(messages.len()), Vec::new());
            for message in messages.drain(..) {
                match message {
                    Message::Job(job) if matches!(job.task, Task::Commit(_)) => commits.push(job),
                    Message::Job(job) => others.push(vec![job]),
                    Message::Close(end) => {
                        waiting.close();
                        closing.push(end);
                    }
                }
            }
            for jobs in std::iter::once(commits).chain(others).filter(|jobs| !jobs.is_empty()) {
                self.run(jobs).await;
            }
        }
        for closing in closing {
            // Whoever asked for the end need not wait for it.
            let _ = closing.send(());
        }
    }

    /// Performs jobs in one transaction and answers them once it is durable.
    async fn run(&self, jobs: Vec<Job>) {
        match self.perform(&jobs).await {
            Ok(answers) => answer(jobs, answers),
            // One of them may be to blame: alone, the others can be done.
            Err(Fault::Statement(_)) if jobs.len() > 1 => {
                for job in jobs {
                    let jobs = vec![job];
                    let answers = self.perform(&jobs).await.unwrap_or_else(|fault| failed(&jobs, fault));
                    answer(jobs, answers);
                }
            }
            Err(fault) => {
                let answers = failed(&jobs, fault);
                answer(jobs, answers);
            }
        }
    }

    /// Tries again as long as others stand in the way, but not for ever.
    async fn perform(&self, jobs: &[Job]) -> Result<Vec<Answered>, Fault> {
        persist(&self.connections, || self.attempt(jobs)).await
    }
}

fn failed(jobs: &[Job], fault: Fault) -> Vec<Answered> {
    let error = fault.into_error();
    tracing::error!(%error, jobs = jobs.len(), "A transaction of the store failed.");
    vec![Err(error); jobs.len()]
}

fn answer(jobs: Vec<Job>, answers: Vec<Answered>) {
    for (job, answer) in jobs.into_iter().zip(answers) {
        // Nobody waits when the request was dropped; what was committed stays.
        let _ = job.answer.send(answer);
    }
}
