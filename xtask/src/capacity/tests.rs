//! The whole simulation against what is known without it.

use super::figures::Figures;
use super::model::{Costs, Request, Routing, SECOND, System, in_seconds};
use super::outcome::Outcome;
use super::search::{fewest_nodes, system};
use super::simulation::simulate;
use super::walls::{Mix, account_walls, walls};
use super::workload::Scenario;
use super::{Asked, asked};

/// A thousand accounts of a hundred thousand users together.
fn small() -> Figures {
    Figures::load(&[("workload.accounts".into(), 1_000.0), ("workload.users".into(), 100_000.0)]).unwrap()
}

fn of(nodes: usize, cores: usize) -> System {
    System { node_cores: 1, database_cores: cores, ..system(&small(), nodes) }
}

/// A reorganisation in which clients do not pause: as many requests under way as there are accounts.
fn rush(figures: &Figures, seconds: u64) -> Scenario {
    Scenario { pace: 0, changes: [50.0; 2], ..Scenario::reorganisation(figures) }.first(seconds * SECOND)
}

fn throughput(outcome: &Outcome) -> f64 {
    outcome.record.answered as f64 / in_seconds(outcome.length)
}

#[track_caller]
fn near(measured: f64, expected: f64, tolerance: f64) {
    assert!((measured / expected - 1.0).abs() < tolerance, "{measured} instead of {expected}");
}

#[test]
fn the_same_seed_gives_the_same_outcome_and_another_one_another() {
    let (figures, system) = (small(), of(2, 4));
    let scenario = Scenario::full_hour(&figures);
    let run = |seed| simulate(&figures, &system, &scenario, seed);
    assert_eq!(run(3), run(3));
    assert_ne!(run(3).record, run(4).record);
}

#[test]
fn every_request_of_an_idle_system_takes_what_its_stations_take() {
    let figures = small();
    let scenario = Scenario { changes: [0.0; 2], ..Scenario::jitter(&figures) };
    let outcome = simulate(&figures, &of(4, 4), &scenario, 1);
    let costs = figures.costs();
    let alone = costs.node(Request::Filter) + costs.queries + costs.query_trips;
    assert_eq!(outcome.record.sent[0], outcome.record.answered + outcome.record.in_flight());
    // The median has neither waited nor opened a connection.
    assert!((alone..alone + alone / 16).contains(&outcome.latencies().quantile(0.4)));

    let scenario = Scenario { importers: 1, ..scenario.first(10 * SECOND) };
    let outcome = simulate(&figures, &of(4, 4), &scenario, 1);
    let read = costs.node(Request::Create) + costs.queries + costs.query_trips;
    let commit = costs.transaction + costs.stored(Request::Create) + costs.log_write + costs.fsync;
    let alone = read + commit + costs.commit_trips * costs.round_trip;
    assert!((alone - 1000..alone + alone / 16).contains(&outcome.record.importers.quantile(0.5)));
    near(outcome.record.imported as f64, 10.0 / in_seconds(alone), 0.02);
}

#[test]
fn what_parts_were_busy_with_is_what_was_asked_of_them() {
    let figures = small();
    let outcome = simulate(&figures, &of(2, 4), &Scenario::full_hour(&figures), 1);
    let costs = figures.costs();
    assert_eq!(outcome.record.in_flight(), 0);
    let asked = |cost: &dyn Fn(&Costs, Request) -> u64| -> u64 {
        Request::ALL.iter().zip(outcome.record.sent).map(|(request, sent)| sent * cost(&costs, *request)).sum()
    };
    let all: u64 = outcome.record.sent.iter().sum();
    let handshakes = outcome.record.cycles.count() * costs.handshake;
    assert_eq!(outcome.node_cores.usage.busy, asked(&|costs, request| costs.node(request)) + handshakes);
    let stored = asked(&|costs, request| costs.stored(request)) + outcome.commits * costs.transaction;
    assert_eq!(outcome.database_cores.usage.busy, all * costs.queries + stored);
    let flushes = outcome.log.usage.visits * costs.fsync + outcome.changes * costs.log_write;
    assert_eq!(outcome.log.usage.busy, flushes);
    assert_eq!(outcome.changes, outcome.record.sent[2..].iter().sum::<u64>());
}

#[test]
fn requests_under_way_are_throughput_times_latency() {
    let figures = small();
    let outcome = simulate(&figures, &of(1, 4), &Scenario::full_hour(&figures), 1);
    assert_eq!(outcome.record.in_flight_area, u128::from(outcome.record.latency_sum));
    // A closed circle that never pauses: all clients are always under way.
    let rushed = simulate(&figures, &of(1, 4), &rush(&figures, 10), 1);
    let latency = in_seconds(rushed.record.latency_sum) / rushed.record.answered as f64;
    near(throughput(&rushed) * latency, 1_000.0, 0.06);
}

#[test]
fn a_rush_runs_into_the_nearest_wall_and_not_through_it() {
    let figures = small();
    for (system, name) in [
        (of(1, 32), "cores of the nodes"),
        (of(24, 1), "cores of the database"),
        (System { connection_limit: 12, ..of(6, 32) }, "connections to the database"),
    ] {
        let outcome = simulate(&figures, &system, &rush(&figures, 10), 1);
        let wall = walls(&figures, &system, &Mix::of(&outcome)).remove(0);
        assert_eq!(wall.part.name(), name);
        let reached = throughput(&outcome) / wall.at_most;
        assert!((0.75..=1.01).contains(&reached), "{name}: {reached}");
    }
}

#[test]
fn more_nodes_are_never_worse_until_the_database_is_the_wall() {
    let figures = small();
    let rushed =
        [1, 2, 4, 8, 16, 32].map(|nodes| throughput(&simulate(&figures, &of(nodes, 4), &rush(&figures, 5), 1)));
    assert!(rushed.windows(2).all(|pair| pair[1] > pair[0] * 0.97), "{rushed:?}");
    assert!(rushed[1] > rushed[0] * 1.8, "{rushed:?}");
    // Four cores of the database: beyond that, nodes add nothing.
    near(rushed[5], rushed[4], 0.05);
    let more = simulate(&figures, &of(32, 8), &rush(&figures, 5), 1);
    assert!(throughput(&more) > rushed[5] * 1.3);
}

#[test]
fn the_fewest_nodes_are_enough_and_one_fewer_are_not() {
    let figures = Figures::load(&[("workload.accounts".into(), 30_000.0), ("workload.users".into(), 3e7)]).unwrap();
    let scenario = Scenario::full_hour(&figures).first(10 * SECOND);
    let (found, outcome) = fewest_nodes(&figures, &of(1, 128), &scenario, 1, 96).unwrap();
    assert!(found.nodes > 1 && outcome.p99() < SECOND);
    let fewer = System { nodes: found.nodes / 2, ..found };
    assert!(simulate(&figures, &fewer, &scenario, 1).p99() >= SECOND);
    assert!(fewest_nodes(&figures, &of(1, 1), &scenario, 1, 96).is_none());
}

#[test]
fn a_hot_account_is_held_by_its_head_row() {
    let figures = small();
    let scenario = Scenario { importers: 2048, changes: [0.0; 2], ..Scenario::hot_account(&figures, 0) };
    let system = System { node_cores: 64, routing: Routing::ByAccount, ..of(2, 64) };
    let creates = |system: &System| simulate(&figures, system, &scenario, 1).record.imported as f64 / 10.0;
    let head = account_walls(&figures, &system, Request::Create).head_full;
    let held = creates(&system);
    assert!(held < head && held > head * 0.6, "{held} of {head}");
    // More machines do not move it.
    near(creates(&System { nodes: 4, database_cores: 128, ..system.clone() }), held, 0.05);
    assert!(creates(&System { head_rows: false, lanes: 4, routing: Routing::Any, ..system }) > held * 1.5);
}

#[test]
fn leaving_out_held_accounts_spares_the_others_the_hot_one_s_queue() {
    let figures = small();
    let scenario = Scenario { changes: [5.0; 2], pace: SECOND / 10, ..Scenario::hot_account(&figures, 64) };
    let run = |leaves_out_held| {
        let system = System { node_cores: 16, leaves_out_held, ..of(8, 32) };
        simulate(&figures, &system, &scenario, 1)
    };
    let (waiting, leaving_out) = (run(false), run(true));
    assert!(waiting.blocked > 1_000, "{}", waiting.blocked);
    assert!(leaving_out.p99() * 3 < waiting.p99(), "{} and {}", leaving_out.p99(), waiting.p99());
    assert!(leaving_out.record.imported > 1_000);
}

#[test]
fn the_picture_has_a_line_for_each_run_in_each_panel() {
    let figures = small();
    let outcome = simulate(&figures, &of(2, 4), &Scenario::full_hour(&figures), 1);
    let picture = super::picture::svg(&[("one", &outcome), ("other", &outcome)]);
    assert_eq!(picture.matches("<path class=\"l\"").count(), 4);
    assert!(!picture.contains("NaN") && !picture.contains("inf"));
}

#[test]
fn an_hour_ends_with_all_that_was_asked() {
    let figures = small();
    let outcome = simulate(&figures, &of(2, 4), &Scenario::full_hour(&figures), 1);
    // Two cycles of a thousand accounts, each with two probes at least.
    assert_eq!(outcome.record.cycles.count(), 2_000);
    assert!(outcome.record.sent[0] >= 4_000);
    assert_eq!(outcome.latencies().count(), outcome.record.answered);
}

#[test]
fn the_figures_in_the_docs_are_those_of_the_program() {
    let document = std::fs::read_to_string(crate::command::root().join(super::DOCUMENT)).unwrap();
    assert!(document.starts_with(&super::head()), "run `cargo xtask capacity --docs`");
}

#[test]
fn arguments_are_read_or_refused() {
    let read = |words: &[&str]| asked(&words.iter().map(|word| (*word).to_string()).collect::<Vec<_>>());
    let expected = Asked { seed: 7, replaced: vec![("node.cores".into(), 8.0)], docs: false };
    assert_eq!(read(&["--seed", "7", "--set", "node.cores=8"]).unwrap(), expected);
    for (words, why) in [
        (
            &["--sed", "7"][..],
            "there is no option `--sed`: usage: cargo xtask capacity [--seed N] [--set NAME=VALUE]… [--docs]",
        ),
        (&["--seed"], "`--seed` wants a value"),
        (&["--set", "node.cores"], "`--set` wants SECTION.NAME=VALUE"),
        (&["--set", "node.cores=many"], "`many` is not a number"),
        (
            &["--docs", "--seed", "2"],
            "`--docs` writes what figures.toml says, with seed 1: leave out `--seed` and `--set`",
        ),
    ] {
        assert_eq!(read(words).unwrap_err().to_string(), why);
    }
}
