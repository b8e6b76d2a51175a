//! The smallest system that is large enough.

use super::figures::Figures;
use super::model::{Routing, SECOND, System, Time};
use super::outcome::Outcome;
use super::simulation::simulate;
use super::workload::Scenario;

/// p99 in the worst minute must stay below this.
pub const GOAL: Time = SECOND;

/// Numbers of nodes that are tried.
pub const NODES: [usize; 17] = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 96];

/// Cores of a database that are tried.
pub const DATABASE_CORES: [usize; 6] = [4, 8, 16, 32, 64, 128];

/// A system of `nodes` nodes, and else as the figures say.
pub fn system(figures: &Figures, nodes: usize) -> System {
    let (node, database) = (&figures.node, &figures.database);
    System {
        nodes,
        node_cores: node.cores.value as usize,
        lanes: node.lanes.value as usize,
        batch_max: node.batch_max.value as usize,
        pool: node.pool.value as usize,
        routing: Routing::Any,
        databases: 1,
        database_cores: database.cores.value as usize,
        connection_limit: database.connection_limit.value as usize,
        head_rows: true,
        leaves_out_held: false,
        ranges: 1,
    }
}

/// The smallest number of nodes, up to `most`, at which the scenario keeps the goal, with what happens there.
///
/// Takes it that more nodes are never worse; where no number will do, there is none.
pub fn fewest_nodes(
    figures: &Figures,
    system: &System,
    scenario: &Scenario,
    seed: u64,
    most: usize,
) -> Option<(System, Outcome)> {
    let tried = |nodes: usize| {
        let system = System { nodes, ..system.clone() };
        if system.pool() == 0 {
            return None;
        }
        let outcome = simulate(figures, &system, scenario, seed);
        (outcome.p99() < GOAL).then_some((system, outcome))
    };
    let (mut low, mut high) = (0, NODES.iter().rposition(|nodes| *nodes <= most)?);
    let mut found = None;
    // The largest number last: it is seldom the answer, and the dearest to try.
    while low < high {
        let middle = usize::midpoint(low, high);
        match tried(NODES[middle]) {
            Some(one) => (found, high) = (Some(one), middle),
            None => low = middle + 1,
        }
    }
    found.filter(|(system, _)| system.nodes == NODES[high]).or_else(|| tried(NODES[high]))
}
