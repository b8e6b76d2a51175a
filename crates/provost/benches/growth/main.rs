//! How much more a request costs in a large account than in a small one: accounts of all sizes in one server, measured in turn.
//!
//! `cargo bench -p provost --bench growth`, then `-- --database postgresql` for the other store, `--sizes 1000,100000` for fewer,
//! `--rounds 1` for a first look. Progress goes to stderr, one JSON object to stdout.

mod account;
#[path = "../common/client.rs"]
mod client;
#[path = "../common/load.rs"]
mod load;
mod process;

use account::{Account, SCENARIOS};
use process::Server;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, time::Instant};

/// What is asked for on the command line.
struct Options {
    sizes: Vec<usize>,
    rounds: usize,
    database: String,
}

/// What an account's scenarios gave in each round.
type Rounds = BTreeMap<&'static str, Vec<f64>>;

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "the figures are the output")]
fn main() {
    let options = options();
    let server = Server::start(&options.database);
    let mut accounts = Vec::new();
    let mut filled = Map::new();
    for size in &options.sizes {
        let started = Instant::now();
        let account = Account::fill(&server, *size);
        let seconds = started.elapsed().as_secs_f64();
        eprintln!("{size} users and {} groups in {seconds:.1} s", account.groups());
        filled.insert(size.to_string(), json!({ "seconds": seconds, "resident_mb": server.resident_mb() }));
        accounts.push((account, Rounds::new()));
    }
    for round in 0..options.rounds {
        for (name, run) in SCENARIOS {
            for (account, rounds) in &mut accounts {
                let per_second = run(account, &server, round);
                eprintln!("round {}, {name}, {} users: {per_second:.0} a second", round + 1, account.size());
                rounds.entry(name).or_default().push(per_second);
            }
        }
    }
    let per_second: Map<String, Value> =
        accounts.iter().map(|(account, rounds)| (account.size().to_string(), medians(rounds))).collect();
    let told = json!({
        "database": options.database,
        "rounds": options.rounds,
        "users": options.sizes.iter().sum::<usize>(),
        "filled": filled,
        "resident_mb": server.resident_mb(),
        "bytes": server.bytes(),
        "per_second": per_second,
    });
    println!("{told:#}");
}

fn medians(rounds: &Rounds) -> Value {
    let median = |(name, rounds): (&&str, &Vec<f64>)| {
        let mut sorted = rounds.clone();
        sorted.sort_by(f64::total_cmp);
        ((*name).to_owned(), json!(sorted[sorted.len() / 2]))
    };
    Value::Object(rounds.iter().map(median).collect())
}

fn options() -> Options {
    let mut options =
        Options { sizes: vec![1_000, 10_000, 100_000, 1_000_000], rounds: 3, database: "sqlite".to_owned() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_else(|| panic!("{word} has a value"));
        match word.as_str() {
            "--sizes" => {
                let numbers = value();
                options.sizes = numbers.split(',').map(|size| size.parse().expect("sizes are numbers")).collect();
            }
            "--rounds" => options.rounds = value().parse().expect("`--rounds` is a number"),
            "--database" => options.database = value(),
            // What cargo adds.
            "--bench" => {}
            other => panic!("`{other}` is none of --sizes, --rounds and --database"),
        }
    }
    assert!(options.rounds > 0 && !options.sizes.is_empty(), "there is something to measure");
    assert!(["sqlite", "postgresql"].contains(&options.database.as_str()), "`--database` is sqlite or postgresql");
    options
}
