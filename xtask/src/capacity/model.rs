//! What is simulated: requests, what they cost where, and the machines.

/// Nanoseconds of simulated time.
pub type Time = u64;

pub const SECOND: Time = 1_000_000_000;

/// Microseconds as [`Time`], to the nearest nanosecond.
pub fn micros(value: f64) -> Time {
    (value * 1e3).round() as Time
}

/// Seconds as [`Time`], to the nearest nanosecond.
pub fn seconds(value: f64) -> Time {
    (value * 1e9).round() as Time
}

/// A [`Time`] in seconds.
pub fn in_seconds(time: Time) -> f64 {
    time as f64 / 1e9
}

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// `GET …?filter=userName eq …`: probes and matching.
    Filter,
    /// `GET` by id, before a change.
    Get,
    /// `POST /Users`.
    Create,
    /// `PATCH` of a user: changes, disabling, enabling.
    Patch,
    /// `PATCH` of a group that adds or removes one member.
    Member,
}

impl Request {
    pub const ALL: [Self; 5] = [Self::Filter, Self::Get, Self::Create, Self::Patch, Self::Member];

    pub fn is_write(self) -> bool {
        matches!(self, Self::Create | Self::Patch | Self::Member)
    }
}

/// What one visit costs where.
#[derive(Clone, Debug)]
pub struct Costs {
    /// Of a node's core, for the first request of a cycle.
    pub handshake: Time,
    /// Of a node's core, for a request of each kind.
    pub get: Time,
    pub filter: Time,
    pub create: Time,
    pub patch: Time,
    pub member: Time,
    /// Of a core of the database, for all look-ups of one request together.
    pub queries: Time,
    /// On the network, for the same.
    pub query_trips: Time,
    pub round_trip: Time,
    /// Round trips of a transaction.
    pub commit_trips: Time,
    /// Of a core of the database, for a transaction and for each change in it.
    pub transaction: Time,
    pub stored_create: Time,
    pub stored_patch: Time,
    pub stored_member: Time,
    /// How long a create keeps a page at the end of its account's index.
    pub range: Time,
    /// One flush of the database's log.
    pub fsync: Time,
    /// What each write adds to a flush.
    pub log_write: Time,
}

impl Costs {
    /// Of a node's core.
    pub fn node(&self, request: Request) -> Time {
        match request {
            Request::Filter => self.filter,
            Request::Get => self.get,
            Request::Create => self.create,
            Request::Patch => self.patch,
            Request::Member => self.member,
        }
    }

    /// Of a core of the database, inside the transaction.
    pub fn stored(&self, request: Request) -> Time {
        match request {
            Request::Filter | Request::Get => 0,
            Request::Create => self.stored_create,
            Request::Patch => self.stored_patch,
            Request::Member => self.stored_member,
        }
    }
}

/// Which node answers a client's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Routing {
    /// Any, drawn for each cycle: a load balancer that knows nothing.
    Any,
    /// The one that the account's number says: all writers of an account meet in one committer.
    ByAccount,
}

/// The machines.
#[derive(Clone, Debug, PartialEq)]
pub struct System {
    pub nodes: usize,
    pub node_cores: usize,
    /// Committers of a node for each database; accounts are dealt out to them by number.
    pub lanes: usize,
    pub batch_max: usize,
    /// Connections for reads that each node would like to have to each database.
    pub pool: usize,
    pub routing: Routing,
    /// Databases among which accounts are dealt out; 1 is PostgreSQL, more is what spreads accounts.
    pub databases: usize,
    /// Of each of them.
    pub database_cores: usize,
    /// Connections that each of them takes.
    pub connection_limit: usize,
    /// Whether a transaction holds the head rows of its accounts to its end. Without: what if there were none.
    pub head_rows: bool,
    /// Whether a lane leaves out of a transaction what belongs to accounts whose head row another one holds.
    pub leaves_out_held: bool,
    /// Ranges into which the end of an account's index is spread: 1 for UUIDv7, 16 when hashed into 16 shards.
    pub ranges: usize,
}

impl System {
    /// Connections for reads that each node really has to each database: 0 when the lanes alone are too many.
    pub fn pool(&self) -> usize {
        (self.connection_limit / self.nodes).saturating_sub(self.lanes).min(self.pool)
    }
}
