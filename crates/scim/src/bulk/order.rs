//! In which order operations run, so that what one refers to is there (BLK-23, BLK-24).

use super::{BulkMethod, BulkRequest};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

/// An operation in its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ordered {
    /// Its position in the request, from 0.
    pub index: usize,
    /// The cycle that it belongs to, if any: operations with the same number refer to each other, or one to itself. They are
    /// POSTs, and can only be run with ids that were given out beforehand.
    pub cycle: Option<usize>,
}

impl BulkRequest {
    /// All operations, malformed ones included, in the order in which they are to be run.
    ///
    /// That is the order of the request, except that an operation which refers to what a later POST creates waits for it; later
    /// operations on the resource of one that waits, wait too, so that changes of one resource stay in order. References within
    /// a cycle do not count.
    ///
    /// Linear in the references, and takes no more stack for long chains.
    pub fn order(&self) -> Vec<Ordered> {
        let waits_for = self.waits_for();
        let cycles = cycles(&waits_for);
        let is_within = |one: usize, other: usize| cycles[one].is_some() && cycles[one] == cycles[other];
        let mut open = vec![0_usize; waits_for.len()];
        let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); waits_for.len()];
        for (index, needed) in waits_for.iter().enumerate() {
            for &other in needed.iter().filter(|other| !is_within(index, **other)) {
                open[index] += 1;
                waiting[other].push(index);
            }
        }
        let mut ready: BinaryHeap<Reverse<usize>> =
            (0..open.len()).filter(|index| open[*index] == 0).map(Reverse).collect();
        let mut order = Vec::with_capacity(open.len());
        while let Some(Reverse(index)) = ready.pop() {
            order.push(Ordered { index, cycle: cycles[index] });
            for &next in &waiting[index] {
                open[next] -= 1;
                if open[next] == 0 {
                    ready.push(Reverse(next));
                }
            }
        }
        order
    }

    /// For each operation those that must run before it. Nothing waits for an operation that is no POST, except a later one on
    /// the same path; so all cycles are among POSTs.
    fn waits_for(&self) -> Vec<Vec<usize>> {
        let mut creates: HashMap<&str, usize> = HashMap::new();
        for (index, operation) in self.operations.iter().enumerate() {
            let posted = operation.as_ref().ok().filter(|operation| operation.method == BulkMethod::Post);
            creates.extend(posted.and_then(|operation| operation.bulk_id.as_deref()).map(|id| (id, index)));
        }
        let mut last_on: HashMap<&str, usize> = HashMap::new();
        let mut waits_for = Vec::with_capacity(self.operations.len());
        for (index, operation) in self.operations.iter().enumerate() {
            let Ok(operation) = operation else {
                waits_for.push(Vec::new());
                continue;
            };
            let named = operation.references().into_iter();
            let mut needed: Vec<usize> = named.filter_map(|id| creates.get(id.as_str()).copied()).collect();
            if operation.method != BulkMethod::Post {
                needed.extend(last_on.insert(&operation.path, index));
            }
            waits_for.push(needed);
        }
        waits_for
    }
}

/// The number of each operation's cycle: strongly connected components (Tarjan), with a stack of our own.
fn cycles(waits_for: &[Vec<usize>]) -> Vec<Option<usize>> {
    let mut search = Search {
        waits_for,
        number: vec![None; waits_for.len()],
        lowest: vec![0; waits_for.len()],
        is_done: vec![false; waits_for.len()],
        pending: Vec::new(),
        visits: Vec::new(),
        cycles: vec![None; waits_for.len()],
        next_number: 0,
    };
    for root in 0..waits_for.len() {
        if search.number[root].is_none() {
            search.run(root);
        }
    }
    search.cycles
}

/// A depth-first search along the references.
struct Search<'w> {
    waits_for: &'w [Vec<usize>],
    /// When an operation was first seen.
    number: Vec<Option<usize>>,
    /// The lowest number that is reached from an operation within its component.
    lowest: Vec<usize>,
    /// Whether its component is complete.
    is_done: Vec<bool>,
    /// Operations seen whose component is not complete, in order.
    pending: Vec<usize>,
    /// The path of the search, each with how many of its references were followed.
    visits: Vec<(usize, usize)>,
    cycles: Vec<Option<usize>>,
    next_number: usize,
}

impl Search<'_> {
    fn run(&mut self, root: usize) {
        self.enter(root);
        while let Some((node, followed)) = self.visits.last_mut() {
            let node = *node;
            let next = self.waits_for[node].get(*followed).copied();
            *followed += 1;
            match next {
                Some(other) => match self.number[other] {
                    None => self.enter(other),
                    Some(number) if !self.is_done[other] => self.lowest[node] = self.lowest[node].min(number),
                    Some(_) => {}
                },
                None => self.leave(node),
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.number[node] = Some(self.next_number);
        self.lowest[node] = self.next_number;
        self.next_number += 1;
        self.pending.push(node);
        self.visits.push((node, 0));
    }

    /// All references of an operation are followed: it may be the first of its component.
    fn leave(&mut self, node: usize) {
        self.visits.pop();
        if let Some((parent, _)) = self.visits.last() {
            self.lowest[*parent] = self.lowest[*parent].min(self.lowest[node]);
        }
        if self.number[node] != Some(self.lowest[node]) {
            return;
        }
        let start = self.pending.iter().rposition(|pending| *pending == node).unwrap_or(0);
        let component = self.pending.split_off(start);
        let is_cycle = component.len() > 1 || self.waits_for[node].contains(&node);
        for member in component {
            self.is_done[member] = true;
            self.cycles[member] = is_cycle.then_some(node);
        }
    }
}
