//! How much of what the machine can do the server makes of it: ratios measured in one run.
//!
//! `cargo xtask bench`, or `cargo bench -p provost`. Reads are compared with the same HTTP stack answering a constant of the same
//! size, creates with SQLite alone committing the same bytes with group commit. Rounds alternate, so that a machine that slows
//! down meanwhile slows down both sides. `-- guards` measures only what the guards cost.

#[path = "../common/client.rs"]
mod client;
mod groups;
mod guards;
#[path = "../common/load.rs"]
mod load;
mod server;
#[path = "../../../store/benches/sqlite_alone.rs"]
mod sqlite_alone;

use groups::Groups;
use guards::Guards;
use load::run;
use server::Server;
use sqlite_alone::{Rows, users_per_second};
use std::time::{Duration, Instant};

/// Requests under way at once.
const CONNECTIONS: usize = 64;
/// Users that are there before anything is measured.
const USERS: usize = 2_000;
/// Length of one measurement.
const ROUND: Duration = Duration::from_secs(2);
/// Measurements of each figure; the median counts.
const ROUNDS: usize = 5;

#[derive(Default)]
struct Figures {
    names: Vec<&'static str>,
    rounds: Vec<Vec<f64>>,
}

impl Figures {
    fn add(&mut self, name: &'static str, per_second: f64) {
        let position = self.names.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.names.push(name);
            self.rounds.push(Vec::new());
            self.names.len() - 1
        });
        self.rounds[position].push(per_second);
    }

    fn median(&self, name: &str) -> f64 {
        let position = self.names.iter().position(|known| *known == name).expect("the figure was measured");
        let mut rounds = self.rounds[position].clone();
        rounds.sort_by(f64::total_cmp);
        rounds[rounds.len() / 2]
    }
}

#[allow(clippy::print_stdout, reason = "the figures are the output")]
fn main() {
    let server = Server::start();
    if std::env::args().any(|argument| argument == "guards") {
        measure_guards(&server);
        return server.stop();
    }
    println!("{CONNECTIONS} connections, {ROUNDS} rounds of {} s, {USERS} users to begin with", ROUND.as_secs());
    let users = server.create_users(USERS);
    let sample = server.sample(&users[0]);
    server.set_constant(&sample);

    let mut figures = Figures::default();
    for round in 0..ROUNDS {
        measure(&server, &users, round, sample.len(), &mut figures);
    }
    report(&figures);
    println!("\n{} members of one group, {} users in a bulk request", groups::MEMBERS, groups::BULK);
    let groups = Groups::fill(&server);
    for round in 0..ROUNDS {
        groups.measure(&server, round, &mut figures);
    }
    report_groups(&figures);
    measure_guards(&server);
    server.stop();
}

/// What an account with all guards on does of what one without any does.
#[allow(clippy::print_stdout, reason = "the figures are the output")]
fn measure_guards(server: &Server) {
    println!("\nAll guards on, and none: {CONNECTIONS} connections, {ROUNDS} rounds of {} s", ROUND.as_secs());
    let guards = Guards::fill(server);
    let mut figures = Figures::default();
    for round in 0..ROUNDS {
        guards.measure(server, round, &mut figures);
    }
    println!("\n{:<18} {:>12} {:>12}", "", "median/s", "ratio");
    for (name, against) in guards::RATIOS {
        let (one, other) = (figures.median(name), figures.median(against));
        println!("{against:<18} {other:>12.0}");
        println!("{name:<18} {one:>12.0}   {:.2}", one / other);
    }
}

fn measure(server: &Server, users: &[server::Made], round: usize, bytes: usize, figures: &mut Figures) {
    let address = server.address;
    figures.add("constant", run(address, CONNECTIONS, ROUND, |_, _| server.request("GET", "/constant", None)));
    figures.add(
        "GET by id",
        run(address, CONNECTIONS, ROUND, |connection, n| {
            server.request("GET", &format!("/scim/v2/Users/{}", users[(connection * 7919 + n) % users.len()].id), None)
        }),
    );
    figures.add(
        "GET by userName",
        run(address, CONNECTIONS, ROUND, |connection, n| {
            let name = &users[(connection * 7919 + n) % users.len()].user_name;
            server.request("GET", &format!("/scim/v2/Users?filter=userName%20eq%20%22{name}%22"), None)
        }),
    );
    figures.add(
        "POST",
        run(address, CONNECTIONS, ROUND, |connection, n| {
            let body = server::user_body(&format!("new-{round}-{connection}-{n}@bench.example"));
            server.request("POST", "/scim/v2/Users", Some(&body))
        }),
    );
    figures.add(
        "PATCH",
        run(address, CONNECTIONS, ROUND, |connection, n| {
            let user = &users[(connection * 31 + n * CONNECTIONS) % users.len()];
            let body = server::patch_body(&format!("title {round} {connection} {n}"));
            server.request("PATCH", &format!("/scim/v2/Users/{}", user.id), Some(&body))
        }),
    );
    // What a create stores: the document, its audit entry with the same values, and the keys and index entries.
    let stored = 2 * bytes + 600;
    for (name, rows) in [("SQLite, bare", Rows::Bare), ("SQLite, same rows", Rows::Indexed)] {
        let started = Instant::now();
        let file = server.folder().join(format!("{name}-{round}.db"));
        figures.add(name, users_per_second(&file, rows, stored, CONNECTIONS, || started.elapsed() > ROUND));
    }
}

#[allow(clippy::print_stdout, reason = "the figures are the output")]
fn report(figures: &Figures) {
    println!("\n{:<18} {:>12} {:>12}", "", "median/s", "ratio");
    for (name, against) in [
        ("constant", None),
        ("GET by id", Some("constant")),
        ("GET by userName", Some("constant")),
        ("SQLite, bare", None),
        ("SQLite, same rows", None),
        ("POST", Some("SQLite, bare")),
        ("POST", Some("SQLite, same rows")),
        ("PATCH", Some("SQLite, same rows")),
    ] {
        let ratio = against.map_or(String::new(), |against| {
            format!("{:.2} of {against}", figures.median(name) / figures.median(against))
        });
        println!("{name:<18} {:>12.0}   {ratio}", figures.median(name));
    }
}

#[allow(clippy::print_stdout, reason = "the figures are the output")]
fn report_groups(figures: &Figures) {
    println!("\n{:<22} {:>12} {:>12}", "", "median/s", "ratio");
    for (name, against, cost_max) in groups::RATIOS {
        let (one, other) = (figures.median(name), figures.median(against));
        let budget = cost_max.map_or(String::new(), |most| format!(" (at most {most:.1})"));
        println!("{against:<22} {other:>12.0}");
        println!("{name:<22} {one:>12.0}   {:.2}: costs {:.2} times as much{budget}", one / other, other / one);
    }
}
