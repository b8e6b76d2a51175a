//! The discrete-event simulation: clients, nodes, databases.
//!
//! What is single and what is aggregated: every request, transaction, lock and flush is one of its own. All work of a node
//! for one request is one visit to its cores, before the database is asked; all look-ups for it are one visit to the database's
//! cores; all work of a transaction is one visit by one core, as PostgreSQL works. Cores are not shared in slices: who is served is
//! served to the end. The network takes its constant time and no more. All pages are in memory. Caches are warm.

use std::collections::{HashMap, VecDeque};

use super::events::Events;
use super::figures::Figures;
use super::model::{Costs, Request, Routing, System, Time};
use super::outcome::{Outcome, Part, Record};
use super::random::mixed;
use super::station::{Heads, Log, Pool, Servers, Usage};
use super::workload::{Conversation, Scenario};

/// The numbers are those of conversations, lanes or databases.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A cycle begins.
    Start(u32),
    Send(u32),
    /// The node has done its part.
    Computed(u32),
    /// The look-ups are back.
    Queried(u32),
    /// A lane's transaction has written all and wants to be durable.
    Written(u32),
    /// A database's log has been flushed.
    Flushed(u32),
    /// A lane hears that its transaction is durable.
    Durable(u32),
}

/// A committer: takes what waits into one transaction, and does the next one when that is durable.
#[derive(Debug, Default)]
struct Lane {
    database: u32,
    is_running: bool,
    waiting: VecDeque<u32>,
    /// The conversations of the transaction.
    taken: Vec<u32>,
    /// Whose head rows it locks, in order.
    accounts: Vec<u32>,
    /// How many of them it has.
    held: usize,
}

impl Lane {
    /// Puts back, to the front, what is held elsewhere. When everything is, what belongs to the first account stays and waits.
    fn leave_out(&mut self, account: impl Fn(u32) -> u32, is_held: impl Fn(u32) -> bool) {
        let (mut held, mut free): (Vec<u32>, Vec<u32>) =
            self.taken.drain(..).partition(|number| is_held(account(*number)));
        if free.is_empty() {
            let first = account(held[0]);
            (free, held) = held.into_iter().partition(|number| account(*number) == first);
        }
        held.into_iter().rev().for_each(|number| self.waiting.push_front(number));
        self.taken = free;
    }
}

struct Simulation<'a> {
    system: &'a System,
    scenario: &'a Scenario,
    costs: Costs,
    conversations: Vec<Conversation>,
    events: Events<Event>,
    nodes: Vec<Servers>,
    databases: Vec<Servers>,
    logs: Vec<Log>,
    /// By node, then database.
    pools: Vec<Pool>,
    /// By node, then database, then lane.
    lanes: Vec<Lane>,
    heads: Heads,
    /// When the end of an account's index is free for the next insert.
    ranges: HashMap<u32, Time>,
    record: Record,
    commits: u64,
    changes: u64,
}

/// Runs the scenario on the system. The same arguments give the same outcome. The system must have connections for reads.
pub fn simulate(figures: &Figures, system: &System, scenario: &Scenario, seed: u64) -> Outcome {
    let mut simulation = Simulation::new(figures, system, scenario, seed);
    for number in 0..simulation.conversations.len() {
        let start = simulation.conversations[number].first_start(scenario);
        simulation.events.add(start, Event::Start(number as u32));
    }
    while let Some((now, event)) = simulation.events.next()
        && now < scenario.length
    {
        simulation.step(now, event);
    }
    simulation.outcome()
}

impl<'a> Simulation<'a> {
    fn new(figures: &Figures, system: &'a System, scenario: &'a Scenario, seed: u64) -> Self {
        let costs = figures.costs();
        let pairs = system.nodes * system.databases;
        let lane =
            |number: usize| Lane { database: (number / system.lanes % system.databases) as u32, ..Lane::default() };
        Self {
            system,
            scenario,
            conversations: Conversation::all(figures, scenario, seed),
            events: Events::new(),
            nodes: (0..system.nodes).map(|_| Servers::new(system.node_cores)).collect(),
            databases: (0..system.databases).map(|_| Servers::new(system.database_cores)).collect(),
            logs: (0..system.databases).map(|_| Log::new(costs.fsync)).collect(),
            pools: (0..pairs).map(|_| Pool::new(system.pool())).collect(),
            lanes: (0..pairs * system.lanes).map(lane).collect(),
            heads: Heads::new(figures.workload.accounts.value as usize),
            ranges: HashMap::new(),
            record: Record::default(),
            commits: 0,
            changes: 0,
            costs,
        }
    }

    fn step(&mut self, now: Time, event: Event) {
        match event {
            Event::Start(number) => self.start(now, number),
            Event::Send(number) => self.send(now, number),
            Event::Computed(number) => {
                let pool = self.pool(number);
                if self.pools[pool].take(number) {
                    self.query(now, number);
                }
            }
            Event::Queried(number) => self.queried(now, number),
            Event::Written(lane) => self.written(now, lane),
            Event::Flushed(database) => self.flushed(now, database),
            Event::Durable(lane) => self.durable(now, lane),
        }
    }

    fn start(&mut self, now: Time, number: u32) {
        let conversation = &mut self.conversations[number as usize];
        conversation.start(self.scenario, now);
        conversation.node = match self.system.routing {
            Routing::Any => conversation.random.below(self.system.nodes as u64) as u32,
            Routing::ByAccount => (mixed(u64::from(conversation.account)) % self.system.nodes as u64) as u32,
        };
        self.go_on(now, number);
    }

    /// Asks for the next thing once the client's pace allows it, or waits for the next cycle.
    fn go_on(&mut self, now: Time, number: u32) {
        let conversation = &mut self.conversations[number as usize];
        if let Some(request) = conversation.next(self.scenario) {
            let pace = if conversation.is_importer || conversation.connects { 0 } else { self.scenario.pace };
            conversation.request = request;
            self.events.add(now.max(conversation.sent + pace), Event::Send(number));
        } else {
            self.record.cycles.add(now - conversation.started);
            let next = conversation.started + self.scenario.interval;
            self.events.add(now.max(next), Event::Start(number));
        }
    }

    fn send(&mut self, now: Time, number: u32) {
        let conversation = &mut self.conversations[number as usize];
        (conversation.sent, conversation.waits) = (now, true);
        let handshake = if std::mem::take(&mut conversation.connects) { self.costs.handshake } else { 0 };
        let work = handshake + self.costs.node(conversation.request);
        let done = self.nodes[conversation.node as usize].serve(now, work);
        self.record.sent(now, conversation.request);
        self.events.add(done, Event::Computed(number));
    }

    fn query(&mut self, now: Time, number: u32) {
        let database = self.database(self.conversations[number as usize].account);
        let done = self.databases[database].serve(now, self.costs.queries);
        self.events.add(done + self.costs.query_trips, Event::Queried(number));
    }

    fn queried(&mut self, now: Time, number: u32) {
        let pool = self.pool(number);
        if let Some(next) = self.pools[pool].give() {
            self.query(now, next);
        }
        let conversation = &self.conversations[number as usize];
        if !conversation.request.is_write() {
            return self.reply(now, number);
        }
        let lane =
            pool * self.system.lanes + (mixed(u64::from(conversation.account)) >> 32) as usize % self.system.lanes;
        self.lanes[lane].waiting.push_back(number);
        if !self.lanes[lane].is_running {
            self.begin(now, lane as u32);
        }
    }

    /// A lane takes what waits and locks the head rows.
    fn begin(&mut self, now: Time, number: u32) {
        let lane = &mut self.lanes[number as usize];
        lane.is_running = true;
        let count = lane.waiting.len().min(self.system.batch_max);
        lane.taken.extend(lane.waiting.drain(..count));
        if self.system.head_rows && self.system.leaves_out_held {
            let account = |number: u32| self.conversations[number as usize].account;
            lane.leave_out(account, |account| self.heads.is_held(account));
        }
        lane.accounts.extend(lane.taken.iter().map(|one| self.conversations[*one as usize].account));
        lane.accounts.sort_unstable();
        lane.accounts.dedup();
        self.lock(now, number);
    }

    /// Locks head rows in order until one is held by somebody else; with all of them, the transaction does its work.
    fn lock(&mut self, now: Time, number: u32) {
        let lane = &mut self.lanes[number as usize];
        while self.system.head_rows && lane.held < lane.accounts.len() {
            if !self.heads.lock(lane.accounts[lane.held], number) {
                return;
            }
            lane.held += 1;
        }
        let mut work = self.costs.transaction;
        let mut inserted = now;
        for one in &lane.taken {
            let conversation = &self.conversations[*one as usize];
            work += self.costs.stored(conversation.request);
            if conversation.request == Request::Create {
                let free = self.ranges.entry(conversation.account).or_default();
                *free = now.max(*free) + self.costs.range / self.system.ranges as Time;
                inserted = inserted.max(*free);
            }
        }
        self.commits += 1;
        self.changes += lane.taken.len() as u64;
        let done = self.databases[lane.database as usize].serve(now, work).max(inserted);
        let trips = self.costs.round_trip * self.costs.commit_trips.saturating_sub(1);
        self.events.add(done + trips, Event::Written(number));
    }

    fn written(&mut self, now: Time, number: u32) {
        let lane = &self.lanes[number as usize];
        let write = self.costs.log_write * lane.taken.len() as Time;
        if let Some(end) = self.logs[lane.database as usize].join(now, number, write) {
            self.events.add(end, Event::Flushed(lane.database));
        }
    }

    fn flushed(&mut self, now: Time, database: u32) {
        let (done, next) = self.logs[database as usize].end(now);
        if let Some(end) = next {
            self.events.add(end, Event::Flushed(database));
        }
        for number in done {
            let lane = &mut self.lanes[number as usize];
            lane.held = 0;
            let mut released = std::mem::take(&mut lane.accounts);
            for account in released.drain(..).filter(|_| self.system.head_rows) {
                if let Some(next) = self.heads.release(account) {
                    self.lanes[next as usize].held += 1;
                    self.lock(now, next);
                }
            }
            self.lanes[number as usize].accounts = released;
            self.events.add(now + self.costs.round_trip, Event::Durable(number));
        }
    }

    fn durable(&mut self, now: Time, number: u32) {
        let mut taken = std::mem::take(&mut self.lanes[number as usize].taken);
        for one in taken.drain(..) {
            self.reply(now, one);
        }
        let lane = &mut self.lanes[number as usize];
        lane.taken = taken;
        lane.is_running = false;
        if !lane.waiting.is_empty() {
            self.begin(now, number);
        }
    }

    fn reply(&mut self, now: Time, number: u32) {
        let conversation = &mut self.conversations[number as usize];
        conversation.waits = false;
        self.record.answered(now, conversation.sent, conversation.is_importer);
        self.go_on(now, number);
    }

    fn database(&self, account: u32) -> usize {
        (mixed(!u64::from(account)) % self.system.databases as u64) as usize
    }

    /// The pool, and the first lane divided by the number of lanes, of a conversation's node to its database.
    fn pool(&self, number: u32) -> usize {
        let conversation = &self.conversations[number as usize];
        conversation.node as usize * self.system.databases + self.database(conversation.account)
    }

    fn outcome(mut self) -> Outcome {
        let end = self.scenario.length;
        self.record.passed(end);
        for waiting in self.conversations.iter().filter(|one| one.waits) {
            self.record.latency(end, waiting.sent, waiting.is_importer);
        }
        Outcome {
            length: end,
            record: self.record,
            node_cores: part(self.system.node_cores, self.nodes.iter().map(|node| &node.usage)),
            database_cores: part(self.system.database_cores, self.databases.iter().map(|one| &one.usage)),
            log: part(1, self.logs.iter().map(|log| &log.usage)),
            pool: self.system.pool(),
            pool_used_max: self.pools.iter().map(|pool| pool.used_max).max().unwrap_or(0),
            pool_queue_max: self.pools.iter().map(|pool| pool.queue_max).max().unwrap_or(0),
            commits: self.commits,
            changes: self.changes,
            blocked: self.heads.blocked,
            events: self.events.added(),
        }
    }
}

fn part<'u>(servers_each: usize, usages: impl Iterator<Item = &'u Usage>) -> Part {
    let mut part = Part { servers: 0, usage: Usage::default() };
    for usage in usages {
        part.servers += servers_each;
        part.usage.join(usage);
    }
    part
}
