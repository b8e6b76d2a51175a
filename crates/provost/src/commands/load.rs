//! `provost load`.

use crate::{
    output::{Field, Output, printable, table, write_out},
    signals::Signals,
};
use anyhow::{Context, bail};
use provost_check::{
    Target,
    load::{self, Measured, Mix, Outcome, Pace, Plan, Progress, Report, Scenario},
};
use provost_server::{Entropy as _, SystemEntropy};
use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
    process::ExitCode,
    sync::Mutex,
    time::Duration,
};
use tokio::sync::watch;

/// Longest time that can be asked for: a day.
const SECONDS_MAX: u64 = 24 * 3600;
/// Most connections, each of which is a socket here and there.
const CONNECTIONS_MAX: u64 = 4_096;
/// Most users that are made before.
const USERS_MAX: u64 = 10_000_000;
/// Most operations of a bulk request.
const OPERATIONS_MAX: u64 = 10_000;
/// How often somebody who is not a terminal is told how far it is.
const TELL_EVERY: Duration = Duration::from_secs(10);

const ABOUT: &str = "\
Scenarios:
  create  POST a user                         page    GET 100 users from a place on
  read    GET a user by id                    group   PATCH a group: add a member, or remove it again
  filter  GET users by userName eq            bulk    POST a bulk request that creates users
  patch   PATCH a user's title

With --rate N, a request is sent when it is due, whether or not earlier ones were answered, and its latency counts from when it was \
due. With --rate max, each connection sends the next as soon as the one before is answered, which finds the throughput.

Everything that is made has a name that begins with `load-` and the seed, and is removed at the end. Ctrl-C ends it early; what was \
measured is still reported and what was made removed. A second Ctrl-C leaves at once.

Examples:
  provost load https://scim.example/scim/v2 --rate 200
  provost load http://127.0.0.1:8080/scim/v2 --rate max --connections 32 --scenario read=70,filter=20,patch=10 --json

Exit codes: 0 when there is a report, whatever errors it counts; 1 when nothing could be measured, or when it was left at once.";

const COLUMNS: [Field; 11] = [
    ("SCENARIO", "/scenario"),
    ("REQUESTS", "/requests"),
    ("PER SECOND", "/per_second"),
    ("ERRORS", "/failed"),
    ("MEAN ms", "/latency_ms/mean"),
    ("P50", "/latency_ms/p50"),
    ("P90", "/latency_ms/p90"),
    ("P99", "/latency_ms/p99"),
    ("P99.9", "/latency_ms/p99_9"),
    ("MAX", "/latency_ms/max"),
    ("BYTES", "/bytes"),
];

/// Options of `provost load`.
#[derive(clap::Args, Debug)]
#[command(after_help = ABOUT)]
pub struct Args {
    /// The base of a SCIM service, such as `https://scim.example/scim/v2`
    url: String,
    /// A token that may read and write users; better given in the environment, where other users do not see it
    #[arg(long, env = "PROVOST_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Trust the authorities in this file (PEM) instead of those that this machine trusts
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// What to measure: a scenario, or a mix such as `read=70,patch=30`; may be repeated [default: each scenario]
    #[arg(long = "scenario", value_name = "SCENARIO|MIX")]
    mixes: Vec<Mix>,
    /// Requests a second, or `max`
    #[arg(long, value_name = "N|max", default_value = "100")]
    rate: Pace,
    /// Connections, and so requests under way at most
    #[arg(long, value_name = "N", default_value = "16", value_parser = clap::value_parser!(u64).range(1..=CONNECTIONS_MAX))]
    connections: u64,
    /// Seconds for which each scenario is measured
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=SECONDS_MAX))]
    duration: u64,
    /// Seconds for which each scenario runs before it is measured
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = clap::value_parser!(u64).range(0..=SECONDS_MAX))]
    warm_up: u64,
    /// Users that are made before
    #[arg(long, value_name = "N", default_value = "1000", value_parser = clap::value_parser!(u64).range(1..=USERS_MAX))]
    users: u64,
    /// Members that the group of `group` has; more users are made if it takes more
    #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u64).range(0..=USERS_MAX))]
    members: u64,
    /// Users that one request of `bulk` creates
    #[arg(long, value_name = "N", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=OPERATIONS_MAX))]
    operations: u64,
    /// Decides names and choices: the same seed asks for the same again [default: a random one]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Leave what was made on the server
    #[arg(long)]
    keep: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    /// Puts the load on the server and reports.
    ///
    /// # Errors
    /// What keeps it from being measured, as one sentence.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let authorities = match &self.ca {
            Some(file) => Some(std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?),
            None => None,
        };
        let target = Target::new(&self.url, self.token.as_deref().map(str::trim), authorities.as_deref())?;
        let plan = self.plan();
        let mut signals = Signals::listen().context("cannot listen for signals")?;
        let (end, ended) = watch::channel(false);
        let screen = Screen::default();
        let tell = |progress: Progress| screen.show(&progress);
        let mut running = std::pin::pin!(load::run(target, &plan, &tell, ended));
        let report = loop {
            tokio::select! {
                report = &mut running => break report,
                () = signals.end() => {
                    if end.send_replace(true) {
                        screen.clear();
                        bail!("left at once: users whose names begin with `{}` may still be there", plan.prefix());
                    }
                    screen.say("Ending; once more to leave at once.");
                }
            }
        };
        screen.clear();
        let report = report?;
        if self.json {
            Output::Json.object(&json!(report), &[])?;
        } else {
            write_out(&shown(&report))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn plan(&self) -> Plan {
        let number = |number: u64| usize::try_from(number).expect("it is within the bounds of its option");
        let random = || {
            let mut bytes = [0; 8];
            SystemEntropy.fill(&mut bytes);
            u64::from_le_bytes(bytes)
        };
        let mixes = if self.mixes.is_empty() { Scenario::ALL.map(Mix::from).to_vec() } else { self.mixes.clone() };
        Plan {
            mixes,
            pace: self.rate,
            connections: number(self.connections),
            duration: Duration::from_secs(self.duration),
            warm_up: Duration::from_secs(self.warm_up),
            users: number(self.users),
            members: number(self.members),
            operations: number(self.operations),
            seed: self.seed.unwrap_or_else(random),
            keep: self.keep,
        }
    }
}

/// Progress on stderr: one line that changes on a terminal, a line now and then elsewhere. That nobody reads it is no reason to end.
#[derive(Default)]
struct Screen(Mutex<Option<(String, std::time::Instant)>>);

impl Screen {
    fn show(&self, progress: &Progress) {
        let (phase, line) = told(progress);
        if io::stderr().is_terminal() {
            let _ = write!(io::stderr(), "\r\u{1b}[K{}", printable(&line));
            return;
        }
        let mut last = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let is_due = last.as_ref().is_none_or(|(before, at)| *before != phase || at.elapsed() >= TELL_EVERY);
        if is_due {
            *last = Some((phase, std::time::Instant::now()));
            let _ = writeln!(io::stderr(), "{}", printable(&line));
        }
    }

    fn say(&self, sentence: &str) {
        self.clear();
        let _ = writeln!(io::stderr(), "{sentence}");
    }

    fn clear(&self) {
        if io::stderr().is_terminal() {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

/// What is going on, and how far it is.
fn told(progress: &Progress) -> (String, String) {
    match progress {
        Progress::Making { done, of } => ("making".to_owned(), format!("making users: {done} of {of}")),
        Progress::Removing { done, of } => ("removing".to_owned(), format!("removing what was made: {done} of {of}")),
        Progress::Running { scenario, elapsed, of, requests, errors } => {
            let (elapsed, of) = (elapsed.as_secs(), of.as_secs());
            let line = format!("{scenario}: {elapsed} of {of} s, {requests} requests, {errors} errors");
            (scenario.clone(), line)
        }
    }
}

/// The report for people.
fn shown(report: &Report) -> String {
    let Report { url, users_before, users_made, connections, rate, seed, .. } = report;
    let url = printable(url);
    let pace = if rate == "max" { "as fast as it answers".to_owned() } else { format!("{rate} requests a second") };
    let mut text = format!(
        "{url}\n{pace}, {connections} connections, {users_before} users before and {users_made} made, seed {seed}\n"
    );
    let mut line = |shown: std::fmt::Arguments<'_>| text.write_fmt(shown).expect("a String takes every text");
    let rows: Vec<Value> = report.runs.iter().flat_map(rows).collect();
    if !rows.is_empty() {
        line(format_args!("\n{}", table(&rows, &COLUMNS)));
    }
    for run in &report.runs {
        match &run.outcome {
            Outcome::Skipped { reason } => {
                line(format_args!("\n{}: not measured: {}\n", run.scenario, printable(reason)))
            }
            Outcome::Measured { unsent, total, .. } => {
                if *unsent > 0 {
                    line(format_args!(
                        "\n{}: the server did not keep up: {unsent} requests were due and never sent, latencies would be longer\n",
                        run.scenario
                    ));
                }
                for error in &total.errors {
                    let (what, count) = (printable(&error.what), error.count);
                    line(format_args!("\n{}: {count} × {what}: {}\n", run.scenario, printable(&error.detail)));
                }
            }
        }
    }
    if report.ended_early {
        line(format_args!("\nIt was ended before its end.\n"));
    }
    if report.left_behind > 0 {
        let count = report.left_behind;
        line(format_args!(
            "\n{count} users or groups that were made could not be removed; the seed is in their names.\n"
        ));
    }
    text
}

/// The lines of a run: the whole, and its parts where there are several.
fn rows(run: &load::RunReport) -> Vec<Value> {
    let Outcome::Measured { total, parts, .. } = &run.outcome else { return Vec::new() };
    let row = |name: &str, measured: &Measured| {
        let mut row = json!(measured);
        row["scenario"] = json!(name);
        row["failed"] = json!(measured.failed());
        row
    };
    let mut rows = vec![row(&run.scenario, total)];
    if parts.len() > 1 {
        rows.extend(parts.iter().map(|part| row(part.scenario, &part.measured)));
    }
    rows
}
