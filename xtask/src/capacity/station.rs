//! Where work waits: cores, a database's log, a pool of connections, head rows.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

use super::model::{SECOND, Time};

/// What a station did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    pub visits: u64,
    /// Sum of all service times.
    pub busy: Time,
    /// Sum of all times between coming and being served.
    pub waited: Time,
    /// The longest queue that somebody found before them.
    pub queue_max: usize,
    /// `busy` by the second in which a service began.
    by_second: Vec<Time>,
}

impl Usage {
    fn add(&mut self, start: Time, service: Time) {
        let second = (start / SECOND) as usize;
        if self.by_second.len() <= second {
            self.by_second.resize(second + 1, 0);
        }
        self.by_second[second] += service;
        self.busy += service;
    }

    /// Adds what another station of the same kind did; of the queues, the longest counts.
    pub fn join(&mut self, other: &Self) {
        self.visits += other.visits;
        self.waited += other.waited;
        self.busy += other.busy;
        self.queue_max = self.queue_max.max(other.queue_max);
        if self.by_second.len() < other.by_second.len() {
            self.by_second.resize(other.by_second.len(), 0);
        }
        for (sum, busy) in self.by_second.iter_mut().zip(&other.by_second) {
            *sum += busy;
        }
    }

    /// Busy time over time, for `servers` over `length`.
    pub fn share(&self, servers: usize, length: Time) -> f64 {
        self.busy as f64 / (servers as f64 * length as f64)
    }

    /// The same for the busiest second. At most 1 but for a service that goes on into the next second.
    pub fn share_max(&self, servers: usize) -> f64 {
        let busiest = self.by_second.iter().copied().max().unwrap_or(0);
        (busiest as f64 / (servers as f64 * SECOND as f64)).min(1.0)
    }
}

/// Equal servers behind one queue: first come, first served, each to its end.
///
/// Who comes is told at once when it will be done, so that waiting needs no event of its own. Calls are therefore made in
/// order of `now`.
#[derive(Debug)]
pub struct Servers {
    /// When each becomes free.
    free: BinaryHeap<Reverse<Time>>,
    /// When those who wait begin, in order.
    starts: VecDeque<Time>,
    pub usage: Usage,
}

impl Servers {
    pub fn new(count: usize) -> Self {
        let free = (0..count).map(|_| Reverse(0)).collect();
        Self { free, starts: VecDeque::new(), usage: Usage::default() }
    }

    /// When a service of this length that is asked for `now` ends.
    pub fn serve(&mut self, now: Time, service: Time) -> Time {
        while self.starts.front().is_some_and(|start| *start <= now) {
            self.starts.pop_front();
        }
        self.usage.queue_max = self.usage.queue_max.max(self.starts.len());
        let mut first = self.free.peek_mut().expect("a station has servers");
        let start = now.max(first.0);
        *first = Reverse(start + service);
        if start > now {
            self.starts.push_back(start);
        }
        self.usage.visits += 1;
        self.usage.waited += start - now;
        self.usage.add(start, service);
        start + service
    }
}

/// A database's log: one flush at a time takes along all that wait when it begins.
#[derive(Debug)]
pub struct Log {
    fsync: Time,
    waiting: Vec<u32>,
    /// What the waiting add to the flush.
    writing: Time,
    flushing: Vec<u32>,
    pub usage: Usage,
}

impl Log {
    pub fn new(fsync: Time) -> Self {
        Self { fsync, waiting: Vec::new(), writing: 0, flushing: Vec::new(), usage: Usage::default() }
    }

    /// A transaction wants to be durable. Answers when a flush ends that begins with it.
    pub fn join(&mut self, now: Time, transaction: u32, write: Time) -> Option<Time> {
        self.usage.queue_max = self.usage.queue_max.max(self.waiting.len());
        self.waiting.push(transaction);
        self.writing += write;
        if self.flushing.is_empty() { Some(self.flush(now)) } else { None }
    }

    /// A flush ends: the transactions that are durable, and when the next one ends, should somebody wait.
    pub fn end(&mut self, now: Time) -> (Vec<u32>, Option<Time>) {
        let done = std::mem::take(&mut self.flushing);
        let next = if self.waiting.is_empty() { None } else { Some(self.flush(now)) };
        (done, next)
    }

    fn flush(&mut self, now: Time) -> Time {
        self.flushing = std::mem::take(&mut self.waiting);
        let service = self.fsync + std::mem::take(&mut self.writing);
        self.usage.visits += 1;
        self.usage.add(now, service);
        now + service
    }
}

/// A bounded number of connections; who finds none waits in order.
#[derive(Debug)]
pub struct Pool {
    size: usize,
    used: usize,
    waiting: VecDeque<u32>,
    pub queue_max: usize,
    pub used_max: usize,
}

impl Pool {
    pub fn new(size: usize) -> Self {
        Self { size, used: 0, waiting: VecDeque::new(), queue_max: 0, used_max: 0 }
    }

    /// Whether there is a connection for it now; otherwise it waits.
    pub fn take(&mut self, who: u32) -> bool {
        if self.used < self.size {
            self.used += 1;
            self.used_max = self.used_max.max(self.used);
            return true;
        }
        self.waiting.push_back(who);
        self.queue_max = self.queue_max.max(self.waiting.len());
        false
    }

    /// Gives a connection back. Answers who has it next.
    pub fn give(&mut self) -> Option<u32> {
        let next = self.waiting.pop_front();
        if next.is_none() {
            self.used -= 1;
        }
        next
    }
}

/// One lock for each account; who waits gets it in order.
#[derive(Debug)]
pub struct Heads {
    held: Vec<bool>,
    waiting: HashMap<u32, VecDeque<u32>>,
    /// Transactions that found a head row held.
    pub blocked: u64,
}

impl Heads {
    pub fn new(accounts: usize) -> Self {
        Self { held: vec![false; accounts], waiting: HashMap::new(), blocked: 0 }
    }

    /// Whether the transaction has it now; otherwise it waits.
    pub fn lock(&mut self, account: u32, transaction: u32) -> bool {
        let held = &mut self.held[account as usize];
        if *held {
            self.blocked += 1;
            self.waiting.entry(account).or_default().push_back(transaction);
            return false;
        }
        *held = true;
        true
    }

    /// Whether a transaction has it.
    pub fn is_held(&self, account: u32) -> bool {
        self.held[account as usize]
    }

    /// Gives it back. Answers which transaction has it next.
    pub fn release(&mut self, account: u32) -> Option<u32> {
        let next = self.waiting.get_mut(&account).and_then(VecDeque::pop_front);
        if next.is_none() {
            self.held[account as usize] = false;
            self.waiting.remove(&account);
        }
        next
    }
}

#[cfg(test)]
mod tests;
