//! What happens next.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap};

use super::model::Time;

/// How long a slice of time is, as a power of two: 8 ms.
const SLICE: u32 = 23;

/// Events by their time; those of one time in the order in which they were added.
///
/// Only what comes in the present slice of time is kept in order: most events are further away, and a heap of all of them
/// would be too large for a processor's caches.
#[derive(Debug)]
pub struct Events<E> {
    present: u64,
    soon: BinaryHeap<Reverse<Entry<E>>>,
    /// By slice; all behind the present one.
    later: BTreeMap<u64, Vec<Reverse<Entry<E>>>>,
    added: u64,
}

#[derive(Debug)]
struct Entry<E> {
    at: Time,
    order: u64,
    event: E,
}

impl<E> Events<E> {
    pub fn new() -> Self {
        Self { present: 0, soon: BinaryHeap::new(), later: BTreeMap::new(), added: 0 }
    }

    pub fn add(&mut self, at: Time, event: E) {
        let entry = Reverse(Entry { at, order: self.added, event });
        match at >> SLICE {
            slice if slice <= self.present => self.soon.push(entry),
            slice => self.later.entry(slice).or_default().push(entry),
        }
        self.added += 1;
    }

    /// How many there have been.
    pub fn added(&self) -> u64 {
        self.added
    }
}

impl<E> Iterator for Events<E> {
    type Item = (Time, E);

    fn next(&mut self) -> Option<Self::Item> {
        if self.soon.is_empty()
            && let Some((slice, entries)) = self.later.pop_first()
        {
            self.present = slice;
            self.soon = BinaryHeap::from(entries);
        }
        self.soon.pop().map(|Reverse(entry)| (entry.at, entry.event))
    }
}

impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<E> Eq for Entry<E> {}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::Events;

    #[test]
    fn events_of_far_times_come_in_order_too() {
        let (mut events, mut random) = (Events::new(), Random::new(1));
        (0..1_000).for_each(|_| events.add(random.below(1 << 30), ()));
        let mut seen = Vec::new();
        while let Some((at, ())) = events.next() {
            seen.push(at);
            if seen.len() < 2_000 {
                events.add(at + random.below(1 << 26), ());
            }
        }
        assert_eq!(seen.len(), 2_999);
        assert!(seen.is_sorted());
    }

    #[test]
    fn events_come_by_time_and_then_as_they_were_added() {
        let mut events = Events::new();
        for (at, name) in [(5, "c"), (1, "a"), (5, "d"), (2, "b")] {
            events.add(at, name);
        }
        assert_eq!(events.by_ref().collect::<Vec<_>>(), [(1, "a"), (2, "b"), (5, "c"), (5, "d")]);
        assert_eq!(events.added(), 4);
    }
}
