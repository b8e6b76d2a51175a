//! The questions, one table each.

mod levers;

use super::figures::Figures;
use super::model::{Request, SECOND, System, in_seconds};
use super::outcome::{Outcome, Part};
use super::search::{DATABASE_CORES, GOAL, NODES, fewest_nodes, system};
use super::simulation::simulate;
use super::table::{Table, count, duration, percent, rate};
use super::walls::{Mix, Part as WallPart, account_walls, walls};
use super::workload::Scenario;

/// What a search looks at: the begin of the hour, where its peak is.
const PEAK: u64 = 30 * SECOND;

/// All answers.
pub struct Study {
    pub tables: Vec<Table>,
    /// The scenarios over the whole hour, for the picture.
    pub hours: Vec<(&'static str, Outcome)>,
}

/// Runs everything. `told` hears what is being done.
pub fn study(figures: &Figures, seed: u64, told: &mut dyn FnMut(&str)) -> Study {
    let full_hour = Scenario::full_hour(figures);
    told("the smallest system at the full hour");
    let (mut tables, smallest) = sizes(figures, &full_hour, seed);
    told("the same hour with jitter, and a reorganisation day");
    let hours: Vec<_> = [full_hour, Scenario::jitter(figures), Scenario::reorganisation(figures)]
        .into_iter()
        .map(|scenario| (scenario.name, simulate(figures, &smallest, &scenario, seed)))
        .collect();
    tables.push(scenarios(&smallest, &hours));
    tables.push(wall_table(figures, &smallest, &hours));
    tables.push(account_table(figures, &smallest));
    told("what moves the wall");
    tables.push(levers::levers(figures, &smallest, seed));
    told("the reorganisation day on larger systems");
    tables.push(reorganisations(figures, &smallest, seed));
    told("begins that are spread");
    tables.push(spreads(figures, seed));
    told("a hot account");
    tables.push(levers::hot_accounts(figures, &smallest, seed));
    tables.push(disk(figures));
    Study { tables, hours }
}

/// For each size of the database, the fewest nodes; and the smallest system of all.
fn sizes(figures: &Figures, scenario: &Scenario, seed: u64) -> (Vec<Table>, System) {
    let mut table = Table::new(
        "The smallest system at the full hour",
        &format!(
            "Every identity provider begins its cycle within {} of the full hour. The fewest nodes of {} cores at which 99 of 100 requests \
             of the worst minute are answered within {}, for each size of the database.",
            duration(scenario.spread),
            figures.node.cores.value,
            duration(GOAL)
        ),
        &[
            "cores of the database",
            "nodes",
            "p50",
            "p99",
            "under way at most",
            "nodes busy",
            "database busy",
            "nearest wall",
        ],
    );
    let mut smallest: Option<System> = None;
    let mut most = NODES[NODES.len() - 1];
    for cores in DATABASE_CORES {
        let sized = System { database_cores: cores, ..system(figures, 1) };
        let Some((found, outcome)) = fewest_nodes(figures, &sized, &scenario.clone().first(PEAK), seed, most) else {
            let missing = ["–"; 5].map(String::from);
            let mut row = vec![cores.to_string(), format!("not with {most}")];
            row.extend(missing);
            row.push("cores of the database".into());
            table.row(row);
            continue;
        };
        let minute = outcome.worst_minute();
        let wall = walls(figures, &found, &Mix::of(&outcome)).remove(0).part.name();
        table.row(vec![
            cores.to_string(),
            found.nodes.to_string(),
            duration(minute.quantile(0.5)),
            duration(minute.quantile(0.99)),
            count(outcome.in_flight_max()),
            percent(outcome.node_cores.usage.share_max(outcome.node_cores.servers)),
            percent(outcome.database_cores.usage.share_max(outcome.database_cores.servers)),
            wall.to_string(),
        ]);
        most = found.nodes;
        smallest.get_or_insert(found);
    }
    // Where none is large enough, the largest goes on: its figures say why.
    let largest = System { database_cores: 128, ..system(figures, NODES[NODES.len() - 1]) };
    (vec![table], smallest.unwrap_or(largest))
}

fn shown(system: &System) -> String {
    format!("{} nodes of {} cores, database of {} cores", system.nodes, system.node_cores, system.database_cores)
}

/// A line of the table of hours: its name and what it shows of each.
type Line<'a> = (&'static str, &'a dyn Fn(&Outcome) -> String);

fn scenarios(system: &System, hours: &[(&'static str, Outcome)]) -> Table {
    let mut columns = vec![""];
    columns.extend(hours.iter().map(|(name, _)| *name));
    let note = format!("{}, over the hour.", shown(system));
    let mut table = Table::new("The hour", &note, &columns);
    let busy = |part: &Part, length| {
        let (mean, most) = (part.usage.share(part.servers, length), part.usage.share_max(part.servers));
        format!("{} / {}", percent(mean), percent(most))
    };
    let lines: &[Line] = &[
        ("requests", &|run| count(run.record.sent.iter().sum())),
        ("… of which writes", &|run| count(run.changes)),
        ("requests in the busiest second", &|run| count(run.sent_max())),
        ("p50, whole hour", &|run| duration(run.latencies().quantile(0.5))),
        ("p99, whole hour", &|run| duration(run.latencies().quantile(0.99))),
        ("p50, worst minute", &|run| duration(run.worst_minute().quantile(0.5))),
        ("p99, worst minute", &|run| duration(run.p99())),
        ("under way at most", &|run| count(run.in_flight_max())),
        ("not answered within the hour", &|run| count(run.record.in_flight())),
        ("longest queue before a node's cores", &|run| count(run.node_cores.usage.queue_max as u64)),
        ("longest queue for a connection of a node", &|run| count(run.pool_queue_max as u64)),
        ("longest queue before the database's cores", &|run| count(run.database_cores.usage.queue_max as u64)),
        ("nodes' cores busy: hour / worst second", &|run| busy(&run.node_cores, run.length)),
        ("database's cores busy: hour / worst second", &|run| busy(&run.database_cores, run.length)),
        ("log busy: hour / worst second", &|run| busy(&run.log, run.length)),
        ("cycle, p99 of those that ended", &|run| duration(run.record.cycles.quantile(0.99))),
    ];
    for (name, value) in lines {
        let mut row = vec![name.to_string()];
        row.extend(hours.iter().map(|(_, outcome)| value(outcome)));
        table.row(row);
    }
    table
}

fn wall_table(figures: &Figures, system: &System, hours: &[(&'static str, Outcome)]) -> Table {
    let note = "By the operational laws, for the mix of requests of each hour: requests a second at which that \
                part is never idle. The nearest wall of an ordinary cycle stands first.";
    let mut table = Table::new("The walls", note, &["wall", "ordinary cycle", "reorganisation", "what moves it"]);
    let [ordinary, _, reorganised] = hours else { return table };
    let others = walls(figures, system, &Mix::of(&reorganised.1));
    for wall in walls(figures, system, &Mix::of(&ordinary.1)) {
        let other = others.iter().find(|other| other.part == wall.part).map_or(0.0, |other| other.at_most);
        let row = [wall.part.name().to_string(), rate(wall.at_most), rate(other), wall.part.moved_by().to_string()];
        table.row(row.to_vec());
    }
    table
}

fn account_table(figures: &Figures, system: &System) -> Table {
    let note = format!(
        "By the same laws, writes a second of one account, however many machines there are. An identity provider may ask for {} requests a \
         second, by the bar for Entra's gallery.",
        figures.client.bar_per_s.value
    );
    let columns = ["wall", "creates", "user PATCHes", "member PATCHes", "what moves it"];
    let mut table = Table::new("The walls of one account", &note, &columns);
    let [create, patch, member] =
        [Request::Create, Request::Patch, Request::Member].map(|request| account_walls(figures, system, request));
    let head = "work under the lock: fewer round trips, a faster fsync; an account cut into several";
    let row = |name: &str, values: [f64; 3], moved_by: &str| {
        let mut row = vec![name.to_string()];
        row.extend(values.map(|value| if value.is_finite() { rate(value) } else { "–".into() }));
        row.push(moved_by.to_string());
        row
    };
    let alone = [create.head_alone, patch.head_alone, member.head_alone];
    table.row(row("head row, one change a transaction", alone, "an account's writers brought together in one node"));
    table.row(row("head row, full transactions", [create.head_full, patch.head_full, member.head_full], head));
    let range = "ids hashed into shards, or UUIDv4 for that account";
    table.row(row("last page of the index (UUIDv7)", [create.range, f64::INFINITY, f64::INFINITY], range));
    table
}

/// How often a system is made larger on a reorganisation day before that is given up.
const ENLARGED_MAX: usize = 6;

/// The smallest system on a reorganisation day, and larger ones: whatever stands nearest is doubled.
fn reorganisations(figures: &Figures, smallest: &System, seed: u64) -> Table {
    let note = "The first five seconds of a reorganisation day, when every account still has work, on the \
                smallest system and on larger ones: what is the nearest wall is doubled until p99 holds. Clients \
                wait for their answers, so that a system that is too small makes their cycles longer, and its \
                queue no longer than there are clients.";
    let columns = [
        "nodes",
        "databases",
        "cores of each",
        "p50",
        "p99",
        "answers a second",
        "nodes busy",
        "databases busy",
        "logs busy",
        "nearest wall",
    ];
    let mut table = Table::new("A reorganisation day", note, &columns);
    let scenario = Scenario::reorganisation(figures).first(5 * SECOND);
    let mut tried = smallest.clone();
    for _ in 0..ENLARGED_MAX {
        let outcome = simulate(figures, &tried, &scenario, seed);
        let minute = outcome.worst_minute();
        let busy = |part: &Part| percent(part.usage.share(part.servers, outcome.length));
        let nearest = walls(figures, &tried, &Mix::of(&outcome)).remove(0);
        table.row(vec![
            tried.nodes.to_string(),
            tried.databases.to_string(),
            tried.database_cores.to_string(),
            duration(minute.quantile(0.5)),
            duration(minute.quantile(0.99)),
            rate(outcome.record.answered as f64 / in_seconds(outcome.length)),
            busy(&outcome.node_cores),
            busy(&outcome.database_cores),
            busy(&outcome.log),
            nearest.part.name().to_string(),
        ]);
        if outcome.p99() < GOAL {
            break;
        }
        match nearest.part {
            WallPart::Nodes | WallPart::Committers => tried.nodes *= 2,
            WallPart::DatabaseCores => tried.database_cores *= 2,
            WallPart::Connections => tried.connection_limit *= 2,
            WallPart::Log => tried.databases *= 2,
        }
    }
    table
}

fn spreads(figures: &Figures, seed: u64) -> Table {
    let note = "What the same ordinary cycle needs when clients begin within a longer time: the fewest nodes, \
                and the cores of the database that are busy in the worst second.";
    let columns = [
        "begins within",
        "nodes",
        "cores of nodes busy",
        "cores of the database busy",
        "p99",
        "requests in the busiest second",
    ];
    let mut table = Table::new("Jitter", note, &columns);
    for spread in [1, 10, 60, 600, 2400] {
        let scenario = Scenario::full_hour(figures);
        let scenario = Scenario { spread: spread * SECOND, length: spread * SECOND + PEAK, ..scenario };
        let large = System { database_cores: 128, ..system(figures, 1) };
        let Some((found, outcome)) = fewest_nodes(figures, &large, &scenario, seed, NODES[NODES.len() - 1]) else {
            continue;
        };
        let cores = |part: &Part| format!("{:.1}", part.usage.share_max(part.servers) * part.servers as f64);
        table.row(vec![
            duration(scenario.spread),
            found.nodes.to_string(),
            cores(&outcome.node_cores),
            cores(&outcome.database_cores),
            duration(outcome.p99()),
            count(outcome.sent_max()),
        ]);
    }
    table
}

fn disk(figures: &Figures) -> Table {
    let (workload, database) = (&figures.workload, &figures.database);
    let users = workload.users.value;
    let day = users * workload.changes_per_user_day.value * (1.0 + workload.memberships_per_change.value);
    let reorganisation = users * workload.reorganised_share.value * (1.0 + workload.reorganised_memberships.value);
    let note = "Without backups and standbys; each standby has all of it again. Every write leaves an entry in \
                the audit log, until retention takes it away.";
    let mut table = Table::new("On disk", note, &["what", "SQLite, GB", "PostgreSQL, GB"]);
    for (name, bytes) in [
        ("all users", users * database.sqlite_bytes_per_user.value),
        ("audit log of an ordinary day", day * database.sqlite_bytes_per_entry.value),
        ("audit log of a year", 365.0 * day * database.sqlite_bytes_per_entry.value),
        ("audit log of a reorganisation", reorganisation * database.sqlite_bytes_per_entry.value),
    ] {
        let sizes = [bytes, bytes * database.postgres_factor.value].map(|bytes| format!("{:.1}", bytes / 1e9));
        table.row([vec![name.to_string()], sizes.to_vec()].concat());
    }
    for (name, writes) in
        [("write-ahead log of an ordinary day", day), ("write-ahead log of a reorganisation", reorganisation)]
    {
        let size = format!("{:.1}", writes * database.wal_bytes_per_write.value / 1e9);
        table.row(vec![name.to_string(), "–".into(), size]);
    }
    table
}
