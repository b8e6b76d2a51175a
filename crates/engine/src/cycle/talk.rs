//! Functions that ask the world and go on with its answer, without doing anything themselves.
//!
//! What a cycle does reads from top to bottom as an `async` function, and runs as a state machine: a step hands in answers and takes
//! out new commands. There is no runtime, no thread and no clock: the same answers at the same times give the same commands.

use super::ask::{Ask, Command, Token, Told};
use super::pace::Pace;
use crate::Reply;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Where a cycle's functions leave what they want and find what they are told.
#[derive(Clone)]
pub(crate) struct Port(Arc<Mutex<Shared>>);

struct Shared {
    now: Timestamp,
    next: u64,
    commands: Vec<Command>,
    told: HashMap<Token, Told>,
    /// Who has asked and was not told yet.
    asking: HashMap<Token, Waker>,
    /// Who waits until a time.
    sleeping: BTreeMap<(Timestamp, Token), Waker>,
    /// Who waits for a place for a request, in the order of arrival.
    queue: BTreeMap<Token, Waker>,
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
            asking: HashMap::new(),
            sleeping: BTreeMap::new(),
            queue: BTreeMap::new(),
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
    pub fn leave(&self, sent: Timestamp, reply: &Reply, is_plain: bool) {
        let mut shared = self.shared();
        let now = shared.now;
        shared.pace.leave(sent, now, reply, is_plain);
        // Those who cannot have a place learn how long nobody can.
        let free = if shared.pace.paused_until > now { usize::MAX } else { shared.pace.free() };
        shared.queue.values().take(free).for_each(Waker::wake_by_ref);
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
            let token = shared.token();
            shared.commands.push(Command { token, ask });
            token
        };
        self.wait(token, || self.shared().told.remove(&token)).await
    }

    /// A number that nobody else has.
    pub fn token(&self) -> Token {
        self.shared().token()
    }

    /// Waits until there is something. Whoever waits is told so by [`call`](Self::call).
    pub async fn wait<R>(&self, token: Token, mut look: impl FnMut() -> Option<R>) -> R {
        poll_fn(|context| match look() {
            Some(found) => {
                self.shared().asking.remove(&token);
                Poll::Ready(found)
            }
            None => {
                self.shared().asking.insert(token, context.waker().clone());
                Poll::Pending
            }
        })
        .await
    }

    /// Has whoever waits under a number look again.
    pub fn call(&self, token: Token) {
        let mut shared = self.shared();
        if let Some(waiting) = shared.asking.remove(&token) {
            waiting.wake();
            shared.is_stirred = true;
        }
    }

    /// Takes a place for a request, once there is one and the target is not left alone.
    pub async fn enter(&self) {
        let ticket = self.shared().token();
        loop {
            let until = self.pace(|pace, _| pace.paused_until);
            self.sleep_until(until).await;
            let has_entered = poll_fn(|context| {
                let mut shared = self.shared();
                let now = shared.now;
                let has_entered = shared.pace.enter(now);
                if has_entered || shared.pace.paused_until > now {
                    shared.queue.remove(&ticket);
                    return Poll::Ready(has_entered);
                }
                shared.queue.insert(ticket, context.waker().clone());
                Poll::Pending
            });
            if has_entered.await {
                return;
            }
        }
    }

    /// Waits until a time.
    async fn sleep_until(&self, at: Timestamp) {
        let token = {
            let mut shared = self.shared();
            if shared.now >= at {
                return;
            }
            let token = shared.token();
            shared.commands.push(Command { token, ask: Ask::WakeAt(at) });
            token
        };
        poll_fn(|context| {
            let mut shared = self.shared();
            if shared.now >= at {
                return Poll::Ready(());
            }
            shared.sleeping.insert((at, token), context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

impl Shared {
    fn token(&mut self) -> Token {
        let token = Token(self.next);
        self.next += 1;
        token
    }

    /// Hands over what was told at this time, and wakes whom that concerns.
    fn hear(&mut self, now: Timestamp, told: impl IntoIterator<Item = (Token, Told)>) {
        self.now = now;
        for (token, told) in told {
            self.told.insert(token, told);
            if let Some(asking) = self.asking.remove(&token) {
                asking.wake();
            }
        }
        while let Some(first) = self.sleeping.first_entry().filter(|first| first.key().0 <= now) {
            first.remove().wake();
        }
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
        self.port.shared().hear(now, told);
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

/// Functions that go on beside each other. Only those are polled that can go on: whoever waits costs nothing.
pub(crate) struct Crowd<'f, T> {
    running: Vec<Member<'f, T>>,
    done: Vec<T>,
}

/// A function of a crowd.
struct Member<'f, T> {
    function: Pin<Box<dyn Future<Output = T> + Send + 'f>>,
    call: Arc<Call>,
    waker: Waker,
}

/// Whether a function can go on.
struct Call(AtomicBool);

impl Wake for Call {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl<'f, T: Send> Crowd<'f, T> {
    pub fn new() -> Self {
        Self { running: Vec::new(), done: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.running.len()
    }

    pub fn push(&mut self, function: impl Future<Output = T> + Send + 'f) {
        let call = Arc::new(Call(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&call));
        self.running.push(Member { function: Box::pin(function), call, waker });
    }

    fn poll(&mut self) {
        let done = &mut self.done;
        self.running.retain_mut(|Member { function, call, waker }| {
            if !call.0.swap(false, Ordering::Relaxed) {
                return true;
            }
            match function.as_mut().poll(&mut Context::from_waker(waker)) {
                Poll::Ready(result) => {
                    done.push(result);
                    false
                }
                Poll::Pending => true,
            }
        });
    }

    /// What came of one; `None` when there is nobody any more.
    pub async fn next(&mut self) -> Option<T> {
        poll_fn(|_| {
            if self.done.is_empty() {
                self.poll();
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
            self.poll();
            other.as_mut().poll(context)
        })
        .await
    }
}
