//! Lets requests through when they are due.

use super::{Pace, Schedule};
use std::{
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// How long requests that were due in time may still be sent behind the end.
const GRACE: Duration = Duration::from_secs(1);
/// How often it is looked whether they all were.
const LOOK: Duration = Duration::from_millis(10);

/// Leave to send a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Which request of the run, from 0.
    pub number: u64,
    /// When it was due.
    pub intended: Duration,
}

/// What all connections of a run wait at. Times count from its making.
#[derive(Debug)]
pub struct Gate {
    began: Instant,
    schedule: Option<Schedule>,
    end: Duration,
    /// One for each request that is due and not yet sent; with [`Pace::Max`] they are not counted, only closed.
    due: Semaphore,
    taken: AtomicU64,
}

impl Gate {
    /// A gate that opens now. With a rate, [`open_when_due`](Self::open_when_due) must run in a thread of its own.
    pub fn new(pace: Pace, end: Duration) -> Self {
        let schedule = match pace {
            Pace::Rate(rate) => Some(Schedule::new(rate, end)),
            Pace::Max => None,
        };
        Self { began: Instant::now(), schedule, end, due: Semaphore::new(0), taken: AtomicU64::new(0) }
    }

    /// What has passed since it opened.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Waits for the next request to be due; `None` when there are no more.
    pub async fn next(&self) -> Option<Slot> {
        match self.schedule {
            Some(schedule) => {
                self.due.acquire().await.ok()?.forget();
                let number = self.taken.fetch_add(1, Ordering::Relaxed);
                Some(Slot { number, intended: schedule.intended(number) })
            }
            None => {
                let intended = self.elapsed();
                let open = !self.due.is_closed() && intended < self.end;
                open.then(|| Slot { number: self.taken.fetch_add(1, Ordering::Relaxed), intended })
            }
        }
    }

    /// Nothing more is let through.
    pub fn close(&self) {
        self.due.close();
    }

    /// Requests that were due at an instant, or by the end, and that were not let through.
    pub fn unsent(&self, at: Duration) -> u64 {
        let due = self.schedule.map_or(0, |schedule| schedule.due(at));
        due.saturating_sub(self.taken.load(Ordering::Relaxed))
    }

    /// Lets requests through as they fall due, and closes behind the last, or when the sender of `told` is gone. Timers of the runtime
    /// are a millisecond coarse; a thread that waits is woken within a tenth of that.
    pub fn open_when_due(&self, told: &Receiver<()>) {
        let Some(schedule) = self.schedule else { return };
        let total = schedule.total();
        let mut released = 0;
        while released < total {
            let wait = schedule.intended(released).saturating_sub(self.elapsed());
            if is_told(told, wait) {
                return self.close();
            }
            let due = schedule.due(self.elapsed());
            self.due.add_permits(usize::try_from(due.saturating_sub(released)).unwrap_or(usize::MAX));
            released = released.max(due);
        }
        let last = self.elapsed().max(schedule.end()) + GRACE;
        while self.taken.load(Ordering::Relaxed) < total && self.elapsed() < last && !is_told(told, LOOK) {}
        self.close();
    }
}

/// Whether the end was asked for within a time.
fn is_told(told: &Receiver<()>, within: Duration) -> bool {
    match told.recv_timeout(within) {
        Ok(()) | Err(RecvTimeoutError::Disconnected) => true,
        Err(RecvTimeoutError::Timeout) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::{Arc, mpsc},
        thread,
    };

    #[tokio::test]
    async fn every_request_is_let_through_once_and_not_before_it_is_due() {
        let gate = Arc::new(Gate::new(Pace::Rate(1_000), Duration::from_millis(50)));
        let (_keep, told) = mpsc::channel();
        let pacer = thread::spawn({
            let gate = Arc::clone(&gate);
            move || gate.open_when_due(&told)
        });
        let mut numbers = Vec::new();
        while let Some(slot) = gate.next().await {
            assert!(gate.elapsed() >= slot.intended);
            numbers.push(slot.number);
        }
        assert_eq!(numbers, (0..50).collect::<Vec<u64>>());
        assert_eq!(gate.unsent(Duration::from_secs(9)), 0);
        pacer.join().expect("the pacer ends well");
    }

    #[tokio::test]
    async fn a_gate_that_is_closed_early_says_what_was_due_and_not_sent() {
        let gate = Arc::new(Gate::new(Pace::Rate(10), Duration::from_secs(3_600)));
        let (stop, told) = mpsc::channel::<()>();
        let pacer = thread::spawn({
            let gate = Arc::clone(&gate);
            move || gate.open_when_due(&told)
        });
        assert_eq!(gate.next().await.map(|slot| slot.number), Some(0));
        drop(stop);
        pacer.join().expect("the pacer ends well");
        assert_eq!(gate.next().await, None);
        assert_eq!(gate.unsent(Duration::from_millis(250)), 2);
    }

    #[tokio::test]
    async fn without_a_rate_the_next_request_is_due_at_once_until_the_end() {
        let gate = Gate::new(Pace::Max, Duration::from_secs(3_600));
        assert_eq!(gate.next().await.map(|slot| slot.number), Some(0));
        assert_eq!(gate.next().await.map(|slot| slot.number), Some(1));
        gate.close();
        assert_eq!(gate.next().await, None);
        assert_eq!(Gate::new(Pace::Max, Duration::ZERO).next().await, None);
    }
}
