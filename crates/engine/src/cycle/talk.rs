//! Functions that ask the world and go on with its answer, without doing anything themselves.
//!
//! What a cycle does reads from top to bottom as an `async` function, and runs as a state machine: a step hands in answers and takes
//! out new commands. There is no runtime, no thread and no clock: the same answers at the same times give the same commands.

use super::ask::{Ask, Command, Token, Told};
use super::pace::Pace;
use crate::Reply;
use jiff::Timestamp;
use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Where a cycle's functions leave what they want and find what they are told.
#[derive(Clone)]
pub(crate) struct Port(Arc<Mutex<Shared>>);

struct Shared {
    now: Timestamp,
    next: u64,
    commands: Vec<Command>,
    told: HashMap<Token, Told>,
    pace: Pace,
    is_stopping: bool,
    /// Whether somebody may go on who could not when he was polled in this round.
    is_stirred: bool,
}

/// A function of this crate that is under way: a state machine that is stepped with answers and gives commands.
pub struct Running<T> {
    port: Port,
    function: Pin<Box<dyn Future<Output = T> + Send>>,
}

impl Port {
    pub fn new(now: Timestamp, pace: Pace) -> Self {
        let shared = Shared {
            now,
            next: 0,
            commands: Vec::new(),
            told: HashMap::new(),
            pace,
            is_stopping: false,
            is_stirred: false,
        };
        Self(Arc::new(Mutex::new(shared)))
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time of this step.
    pub fn now(&self) -> Timestamp {
        self.shared().now
    }

    /// Whether nothing new is to be begun.
    pub fn is_stopping(&self) -> bool {
        self.shared().is_stopping
    }

    pub fn stop(&self) {
        self.shared().is_stopping = true;
    }

    /// Lets a request's place be taken by another one.
    pub fn leave(&self, sent: Timestamp, reply: &Reply) {
        let mut shared = self.shared();
        let now = shared.now;
        shared.pace.leave(sent, now, reply);
        shared.is_stirred = true;
    }

    /// How fast the target is asked.
    pub fn pace<T>(&self, with: impl FnOnce(&mut Pace, Timestamp) -> T) -> T {
        let mut shared = self.shared();
        let now = shared.now;
        with(&mut shared.pace, now)
    }

    /// Wants something, and is told.
    pub async fn ask(&self, ask: Ask) -> Told {
        let token = {
            let mut shared = self.shared();
            let token = Token(shared.next);
            shared.next += 1;
            shared.commands.push(Command { token, ask });
            token
        };
        poll_fn(|_| self.shared().told.remove(&token).map_or(Poll::Pending, Poll::Ready)).await
    }

    /// Waits until something holds.
    pub async fn until(&self, mut holds: impl FnMut(&mut Pace, Timestamp) -> bool) {
        poll_fn(|_| if self.pace(&mut holds) { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    /// Waits until a time.
    pub async fn sleep_until(&self, at: Timestamp) {
        {
            let mut shared = self.shared();
            if shared.now < at {
                let token = Token(shared.next);
                shared.next += 1;
                shared.commands.push(Command { token, ask: Ask::WakeAt(at) });
            }
        }
        self.until(|_, now| now >= at).await;
    }
}

impl<T> Running<T> {
    pub(crate) fn new<F: Future<Output = T> + Send + 'static>(port: Port, function: F) -> Self {
        Self { port, function: Box::pin(function) }
    }

    /// Begins nothing new: what is under way with an object comes to its end.
    pub fn stop(&self) {
        self.port.stop();
    }

    /// Goes on with what was told, as far as it can: new commands, and the result once it is there. The same steps give the same
    /// commands. Nothing may be told that was not asked, and nothing twice.
    pub fn step(&mut self, now: Timestamp, told: impl IntoIterator<Item = (Token, Told)>) -> (Vec<Command>, Option<T>) {
        {
            let mut shared = self.port.shared();
            shared.now = now;
            shared.told.extend(told);
        }
        let mut commands = Vec::new();
        loop {
            let polled = self.function.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            let (new, is_stirred) = {
                let mut shared = self.port.shared();
                (std::mem::take(&mut shared.commands), std::mem::take(&mut shared.is_stirred))
            };
            let is_quiet = new.is_empty() && !is_stirred;
            commands.extend(new);
            match polled {
                Poll::Ready(result) => return (commands, Some(result)),
                // One who was polled early may wait for what another one did later in the same round.
                Poll::Pending if is_quiet => return (commands, None),
                Poll::Pending => {}
            }
        }
    }
}

/// Functions that go on beside each other.
pub(crate) struct Crowd<'f, T> {
    running: Vec<Pin<Box<dyn Future<Output = T> + Send + 'f>>>,
    done: Vec<T>,
}

impl<'f, T: Send> Crowd<'f, T> {
    pub fn new() -> Self {
        Self { running: Vec::new(), done: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.running.len()
    }

    pub fn push(&mut self, function: impl Future<Output = T> + Send + 'f) {
        self.running.push(Box::pin(function));
    }

    fn poll(&mut self, context: &mut Context<'_>) {
        let done = &mut self.done;
        self.running.retain_mut(|function| match function.as_mut().poll(context) {
            Poll::Ready(result) => {
                done.push(result);
                false
            }
            Poll::Pending => true,
        });
    }

    /// What came of one; `None` when there is nobody any more.
    pub async fn next(&mut self) -> Option<T> {
        poll_fn(|context| {
            if self.done.is_empty() {
                self.poll(context);
            }
            match (self.done.pop(), self.running.is_empty()) {
                (Some(result), _) => Poll::Ready(Some(result)),
                (None, true) => Poll::Ready(None),
                (None, false) => Poll::Pending,
            }
        })
        .await
    }

    /// Does something else while they go on.
    pub async fn beside<R>(&mut self, other: impl Future<Output = R> + Send) -> R {
        let mut other = Box::pin(other);
        poll_fn(|context| {
            self.poll(context);
            other.as_mut().poll(context)
        })
        .await
    }
}
