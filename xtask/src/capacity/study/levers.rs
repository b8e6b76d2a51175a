//! What one change does: to the whole, and to a hot account.

use super::{PEAK, shown};
use crate::capacity::figures::Figures;
use crate::capacity::model::{Routing, SECOND, System, in_seconds};
use crate::capacity::simulation::simulate;
use crate::capacity::table::{Table, count, duration, rate};
use crate::capacity::workload::Scenario;

/// A change to the system or to the figures.
type Lever = (&'static str, &'static [(&'static str, f64)], fn(&mut System));

const LEVERS: &[Lever] = &[
    ("as it is", &[], |_| {}),
    ("twice the nodes", &[], |system| system.nodes *= 2),
    ("twice the database's cores", &[], |system| system.database_cores *= 2),
    ("accounts spread over two databases", &[], |system| system.databases = 2),
    ("an ECDSA certificate", &[("node.handshake_us", 150.0)], |_| {}),
    ("look-ups in one query and round trip", &[("database.queries_per_request", 1.0)], |_| {}),
    ("fsync in 0.25 ms", &[("database.fsync_us", 250.0)], |_| {}),
    ("2 KB of log for each write", &[("database.wal_bytes_per_write", 2000.0)], |_| {}),
    ("four times the connections", &[], |system| system.connection_limit *= 4),
    ("begins spread over 10 s", &[("client.start_spread_s", 10.0)], |_| {}),
];

fn changed(figures: &Figures, replaced: &[(&str, f64)]) -> Figures {
    replaced.iter().fold(figures.clone(), |changed, (figure, value)| changed.with(figure, *value))
}

/// Systems that are too small, each changed in one way. The figures are those of `figures.toml` but for that one.
pub fn levers(figures: &Figures, smallest: &System, seed: u64) -> Table {
    let sized = |nodes: usize, database_cores: usize| System { nodes, database_cores, ..smallest.clone() };
    let (nodes, cores) = (smallest.nodes, smallest.database_cores);
    let large = sized(nodes * 2, cores * 4);
    let few_connections = System { connection_limit: nodes * 2 * (smallest.lanes + 1), ..large.clone() };
    let small = [sized(nodes.div_ceil(2), cores * 4), sized(nodes * 2, cores.div_ceil(2)), few_connections, large];
    let note = format!(
        "p99 of the worst minute on systems that are too small, each changed in one way. At the full \
         hour: A has {}; B {}; C {} that takes {} connections. D, the first seconds of a reorganisation \
         day: {}.",
        shown(&small[0]),
        shown(&small[1]),
        shown(&small[2]),
        small[2].connection_limit,
        shown(&small[3])
    );
    let columns = ["", "A: few nodes", "B: small database", "C: few connections", "D: one log"];
    let mut table = Table::new("What moves the wall", &note, &columns);
    for &(name, replaced, change) in LEVERS {
        let figures = changed(figures, replaced);
        let full_hour = Scenario::full_hour(&figures).first(PEAK);
        let reorganisation = Scenario::reorganisation(&figures).first(3 * SECOND);
        let mut row = vec![name.to_string()];
        for (number, system) in small.iter().enumerate() {
            let mut system = system.clone();
            change(&mut system);
            let scenario = if number == 3 { &reorganisation } else { &full_hour };
            let p99 = || duration(simulate(&figures, &system, scenario, seed).p99());
            row.push(if system.pool() > 0 { p99() } else { "no connection".into() });
        }
        table.row(row);
    }
    table
}

/// What one range takes where a range has one leader and three copies: 4,000 inserts a second, assumed.
const ONE_LEADER: (&str, f64) = ("database.range_us", 250.0);

/// How many connections import, and what else is changed.
const HOT: &[(u32, Lever)] = &[
    (0, ("nobody imports", &[], |_| {})),
    (64, ("64 connections import", &[], |_| {})),
    (64, ("… fsync in 0.25 ms", &[("database.fsync_us", 250.0)], |_| {})),
    (64, ("… eight lanes a node", &[], |system| system.lanes = 8)),
    (64, ("… held accounts left out", &[], |system| system.leaves_out_held = true)),
    (64, ("… routed by account", &[], |system| system.routing = Routing::ByAccount)),
    (1024, ("1,024 connections import", &[], |_| {})),
    (1024, ("… eight lanes a node", &[], |system| system.lanes = 8)),
    (1024, ("… held accounts left out", &[], |system| system.leaves_out_held = true)),
    (1024, ("… routed by account", &[], |system| system.routing = Routing::ByAccount)),
    (1024, ("… by account, one leader a range", &[ONE_LEADER], |system| system.routing = Routing::ByAccount)),
    (
        1024,
        ("… and ids hashed into 16 ranges", &[ONE_LEADER], |system| {
            (system.routing, system.ranges) = (Routing::ByAccount, 16);
        }),
    ),
];

/// An import into the largest account, changed in several ways.
pub fn hot_accounts(figures: &Figures, smallest: &System, seed: u64) -> Table {
    let large = System { database_cores: smallest.database_cores * 4, nodes: smallest.nodes * 2, ..smallest.clone() };
    let note = format!(
        "Somebody fills the largest account as fast as answers come, for ten seconds from the full hour, \
         on {}, so that machines are not what is missing. Others are all other clients. One leader a \
         range: a database that keeps each range on one leader, with 4,000 inserts a second (assumed).",
        shown(&large)
    );
    let columns = [
        "",
        "creates a second",
        "p99 of the import",
        "p99 of others",
        "p99.9 of others",
        "changes a commit",
        "waits for a head row",
    ];
    let mut table = Table::new("A hot account", &note, &columns);
    for &(importers, (name, replaced, change)) in HOT {
        let mut system = large.clone();
        change(&mut system);
        let figures = changed(figures, replaced);
        let outcome = simulate(&figures, &system, &Scenario::hot_account(&figures, importers), seed);
        let (import, others) = (&outcome.record.importers, outcome.latencies());
        table.row(vec![
            name.to_string(),
            if importers > 0 {
                rate(outcome.record.imported as f64 / in_seconds(outcome.length))
            } else {
                "–".into()
            },
            if importers > 0 { duration(import.quantile(0.99)) } else { "–".into() },
            duration(others.quantile(0.99)),
            duration(others.quantile(0.999)),
            format!("{:.1}", outcome.changes as f64 / outcome.commits.max(1) as f64),
            count(outcome.blocked),
        ]);
    }
    table
}
