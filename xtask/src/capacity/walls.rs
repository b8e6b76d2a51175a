//! Where each wall stands by the operational laws, without a simulation: what a part can do at most is what its servers
//! can do together over what one request takes of them.

use super::figures::Figures;
use super::model::{Request, System, Time, in_seconds};
use super::outcome::Outcome;

/// A part that all requests pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Nodes,
    DatabaseCores,
    Connections,
    Committers,
    Log,
}

impl Part {
    pub fn name(self) -> &'static str {
        match self {
            Self::Nodes => "cores of the nodes",
            Self::DatabaseCores => "cores of the database",
            Self::Connections => "connections to the database",
            Self::Committers => "committers of the nodes",
            Self::Log => "log of the database",
        }
    }

    pub fn moved_by(self) -> &'static str {
        match self {
            Self::Nodes => "more nodes; an ECDSA certificate",
            Self::DatabaseCores => {
                "a larger machine; fewer look-ups; reads on replicas; accounts spread over several databases"
            }
            Self::Connections => "a higher limit, a pooler; look-ups in one round trip",
            Self::Committers => "more nodes, more lanes a node",
            Self::Log => "a faster disk for the log, less in it; accounts spread over several databases",
        }
    }
}

/// Where a part's wall stands.
#[derive(Clone, Copy, Debug)]
pub struct Wall {
    pub part: Part,
    /// Requests a second of the whole mix at which the part is never idle.
    pub at_most: f64,
}

/// Where one account's walls stand: writes a second.
#[derive(Clone, Copy, Debug)]
pub struct AccountWalls {
    /// Each transaction changes one thing.
    pub head_alone: f64,
    /// Each transaction is full.
    pub head_full: f64,
    /// Inserts at the end of the index.
    pub range: f64,
}

/// What requests a run has seen, each kind as a share of all.
#[derive(Clone, Debug)]
pub struct Mix {
    shares: [f64; 5],
    /// Handshakes for each request.
    handshakes: f64,
}

impl Mix {
    pub fn of(outcome: &Outcome) -> Self {
        let all = outcome.record.sent.iter().sum::<u64>().max(1) as f64;
        let shares = outcome.record.sent.map(|sent| sent as f64 / all);
        Self { shares, handshakes: outcome.record.cycles.count() as f64 / all }
    }

    fn mean(&self, cost: impl Fn(Request) -> Time) -> f64 {
        Request::ALL.iter().zip(self.shares).map(|(request, share)| share * in_seconds(cost(*request))).sum()
    }

    fn writes(&self) -> f64 {
        Request::ALL.iter().zip(self.shares).filter(|(request, _)| request.is_write()).map(|(_, share)| share).sum()
    }
}

/// All walls that the whole mix runs into, the nearest first. Commits are taken to be as full as they can be: at the wall they are.
pub fn walls(figures: &Figures, system: &System, mix: &Mix) -> Vec<Wall> {
    let costs = figures.costs();
    let (nodes, databases) = (system.nodes as f64, system.databases as f64);
    let writes = mix.writes().max(1e-9);
    let stored = mix.mean(|request| costs.stored(request)) / writes;
    let transaction = in_seconds(costs.transaction) / system.batch_max as f64;
    let node = mix.mean(|request| costs.node(request)) + mix.handshakes * in_seconds(costs.handshake);
    let database = in_seconds(costs.queries) + writes * (stored + transaction);
    let connection = in_seconds(costs.queries + costs.query_trips);
    let lane = one_commit(figures, system, stored) / system.batch_max as f64;
    let servers = |each: usize| databases * each as f64;
    let mut walls = vec![
        Wall { part: Part::Nodes, at_most: nodes * system.node_cores as f64 / node },
        Wall { part: Part::DatabaseCores, at_most: servers(system.database_cores) / database },
        Wall { part: Part::Connections, at_most: nodes * servers(system.pool()) / connection },
        Wall { part: Part::Committers, at_most: nodes * servers(system.lanes) / lane / writes },
        Wall { part: Part::Log, at_most: databases / in_seconds(costs.log_write.max(1)) / writes },
    ];
    walls.sort_by(|one, other| one.at_most.total_cmp(&other.at_most));
    walls
}

/// What one account runs into with `request` alone, however many machines there are.
pub fn account_walls(figures: &Figures, system: &System, request: Request) -> AccountWalls {
    let costs = figures.costs();
    let stored = in_seconds(costs.stored(request));
    // The last half of the last round trip and the first half of the first one are not under the lock.
    let held = |batch_max: usize| {
        let system = System { batch_max, ..system.clone() };
        one_commit(figures, &system, stored) - in_seconds(costs.round_trip)
    };
    AccountWalls {
        head_alone: 1.0 / held(1),
        head_full: system.batch_max as f64 / held(system.batch_max),
        range: system.ranges as f64 / in_seconds(costs.range.max(1)),
    }
}

/// How long a lane needs for one full transaction that finds the log idle: seconds.
fn one_commit(figures: &Figures, system: &System, stored: f64) -> f64 {
    let costs = figures.costs();
    let trips = in_seconds(costs.round_trip * costs.commit_trips.max(1));
    let batch = system.batch_max as f64;
    let writes = batch * (stored + in_seconds(costs.log_write));
    trips + in_seconds(costs.transaction + costs.fsync) + writes
}
