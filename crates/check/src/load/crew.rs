//! Many requests that are not measured, on all connections at once.

use crate::{Ask, Connection, Fault, Reply, Target};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{interval, sleep},
};

/// How often a request is sent that the server puts off.
const ATTEMPTS: u32 = 6;
/// First pause where the server names none; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(200);
/// Longest pause, whatever the server names.
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Whether somebody wants an end before the end.
#[derive(Clone, Debug)]
pub struct Stop(Option<watch::Receiver<bool>>);

impl Stop {
    /// Nobody does.
    pub fn never() -> Self {
        Self(None)
    }

    /// Somebody does when this becomes true.
    pub fn when(receiver: watch::Receiver<bool>) -> Self {
        Self(Some(receiver))
    }

    /// Whether it is wanted.
    pub fn is_asked(&self) -> bool {
        self.0.as_ref().is_some_and(|receiver| *receiver.borrow())
    }

    /// Waits until it is wanted.
    pub async fn asked(&mut self) {
        if let Some(receiver) = &mut self.0
            && receiver.wait_for(|asked| *asked).await.is_ok()
        {
            return;
        }
        std::future::pending().await
    }
}

/// Connections to one server.
#[derive(Clone, Debug)]
pub struct Crew {
    /// The server.
    pub target: Arc<Target>,
    /// How many.
    pub connections: usize,
}

/// What came of many requests.
#[derive(Debug)]
pub struct Sent<T> {
    /// What was read of the answers, in the order of the requests.
    pub read: Vec<T>,
    /// Why it broke off, if it did.
    pub failed: Option<String>,
}

impl Crew {
    /// Sends one request, again and again while the server puts it off.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn once(&self, ask: &Ask) -> Result<Reply, Fault> {
        patiently(&mut Connection::new(Arc::clone(&self.target)), ask).await
    }

    /// Sends `count` requests that `make` makes, and reads their answers by `read`, whose first error ends it, as does `stop`.
    pub async fn each<T: Send + 'static>(
        &self,
        count: usize,
        make: impl Fn(usize) -> Ask + Send + Sync + 'static,
        read: impl Fn(usize, Result<Reply, Fault>) -> Result<T, String> + Send + Sync + 'static,
        stop: &Stop,
        tell: &(dyn Fn(usize) + Sync),
    ) -> Sent<T> {
        let (next, done, halted) = <(Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicBool>)>::default();
        let work = Arc::new((make, read));
        let mut hands = JoinSet::new();
        for _ in 0..self.connections.min(count) {
            let mut connection = Connection::new(Arc::clone(&self.target));
            let (next, done, halted) = (Arc::clone(&next), Arc::clone(&done), Arc::clone(&halted));
            let (work, stop) = (Arc::clone(&work), stop.clone());
            hands.spawn(async move {
                let (make, read) = &*work;
                let mut results = Vec::new();
                while !stop.is_asked() && !halted.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    match read(number, patiently(&mut connection, &make(number)).await) {
                        Ok(result) => results.push((number, result)),
                        Err(why) => {
                            halted.store(true, Ordering::Relaxed);
                            return (results, Some(why));
                        }
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                }
                (results, None)
            });
        }
        let (mut read, mut failed) = (Vec::with_capacity(count), None);
        let mut tick = interval(TELL_EVERY);
        loop {
            tokio::select! {
                ended = hands.join_next() => match ended {
                    None => break,
                    Some(hand) => {
                        let (results, why) = hand.expect("no hand panics or is cancelled");
                        read.extend(results);
                        failed = failed.or(why);
                    }
                },
                _ = tick.tick() => tell(done.load(Ordering::Relaxed)),
            }
        }
        read.sort_by_key(|(number, _)| *number);
        Sent { read: read.into_iter().map(|(_, result)| result).collect(), failed }
    }
}

/// Sends a request; again when the server says that it is too busy, or cannot be connected to.
async fn patiently(connection: &mut Connection, ask: &Ask) -> Result<Reply, Fault> {
    let mut pause = PAUSE;
    for _ in 1..ATTEMPTS {
        let answer = connection.exchange(ask).await;
        let named = match &answer {
            Ok(reply) if matches!(reply.status, 429 | 503) => reply.retry_after,
            Err(Fault::Unreachable(_)) => None,
            Ok(_) | Err(_) => return answer,
        };
        sleep(named.unwrap_or(pause).min(PAUSE_MAX)).await;
        pause *= 2;
    }
    connection.exchange(ask).await
}
