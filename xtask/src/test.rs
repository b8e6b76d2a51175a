//! `cargo xtask test`: every check of the repository, in order.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::command::{cargo, command, run as run_command, run_tests, succeeds};
use crate::{clients, conformance, dependencies, requirements, sbom, security, setup, tidy};

/// A step's name, which `--only` takes, and its work.
type Step = (&'static str, fn() -> Result<()>);

/// For how long the suites may say nothing. The longest silence seen on two cores was two minutes, while they were
/// built. What hangs is named before anybody who waits for the whole gives up.
const SILENCE_MAX: Duration = Duration::from_mins(20);

/// Cheap checks come first. `server` builds the binary that `clients` drives.
const STEPS: &[Step] = &[
    ("setup", || setup::run(&[])),
    ("fmt", || {
        run_command(&mut cargo(&["fmt", "--all", "--check"]))?;
        run_command(&mut cargo(&["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))
    }),
    ("tidy", || tidy::run(&[])),
    ("requirements", || requirements::run(&["--summary".to_string()])),
    ("conformance", || conformance::run(&[])),
    ("security", || security::run(&[])),
    ("dependencies", || {
        dependencies::run(&[])?;
        cargo_deny()
    }),
    ("sbom", || sbom::run(&["--check".to_string()])),
    ("clippy", || {
        run_command(&mut cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    }),
    ("unit", || run_tests(SILENCE_MAX, &mut cargo(&["test", "--locked", "--workspace"]))),
    ("postgres", || {
        println!(
            "without those that look at screens or at other people's servers: the store makes no difference there"
        );
        let mut http = cargo(&["test", "--locked", "-p", "provost", "--test", "it", "--"]);
        http.args(STORELESS.iter().flat_map(|module| ["--skip", module]));
        run_tests(SILENCE_MAX, http.env("PROVOST_TEST_STORE", "postgres"))
    }),
    ("doc", || {
        let mut doc = cargo(&["doc", "--locked", "--workspace", "--no-deps"]);
        run_command(doc.env("RUSTDOCFLAGS", "-D warnings"))
    }),
    ("server", || run_command(&mut cargo(&["build", "--locked", "--profile", "ci", "-p", "provost"]))),
    ("clients", || clients::run(&[])),
];

/// The names that `--only` takes, in the order in which they run.
pub fn step_names() -> Vec<&'static str> {
    STEPS.iter().map(|(name, _)| *name).collect()
}

/// Modules of the HTTP suite that ask nothing of the store that others do not ask; they are the slowest.
const STORELESS: &[&str] = &[
    "browser::",
    "check::faults::",
    "check::strangers::",
    "newman::",
    "simulate::faults::",
    "simulate::replay::",
    "simulate::strangers::",
];

/// Runs all steps, or the one that `--only` names.
///
/// # Errors
/// The first step that fails ends the run; its name is in the message. A step that cannot run has failed.
pub fn run(arguments: &[String]) -> Result<()> {
    let steps: Vec<&Step> = match arguments {
        [] => STEPS.iter().collect(),
        [flag, name] if flag == "--only" => {
            let step = STEPS.iter().find(|(step, _)| step == name);
            vec![step.with_context(|| format!("there is no step `{name}`; there are {}", step_names().join(", ")))?]
        }
        _ => bail!("usage: cargo xtask test [--only STEP]"),
    };
    let mut took: Vec<(&str, Duration)> = Vec::new();
    for (name, work) in &steps {
        println!("\n==== {name} ====");
        let start = Instant::now();
        work().with_context(|| format!("step `{name}` failed after {}", seconds(start.elapsed())))?;
        println!("==== {name}: {} ====", seconds(start.elapsed()));
        took.push((name, start.elapsed()));
    }
    println!();
    for (name, time) in &took {
        println!("{name:>14} {:>9}", seconds(*time));
    }
    println!("{:>14} {:>9}", "all held", seconds(took.iter().map(|(_, time)| *time).sum()));
    Ok(())
}

/// The same rules once more by the tool that `deny.toml` is written for. Our own check has already run on every machine.
fn cargo_deny() -> Result<()> {
    if !succeeds(&mut command("cargo-deny", &["--version"])) {
        println!("cargo-deny is not installed; the check above reads the same deny.toml");
        return Ok(());
    }
    run_command(&mut command("cargo-deny", &["--offline", "check", "bans", "licenses", "sources"]))
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
