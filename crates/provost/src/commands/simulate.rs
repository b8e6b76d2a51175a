//! `provost simulate`.

mod keys;
mod screen;

use super::service::{Service, lines, prefix, read, read_up_to, until_done, write};
use crate::output::write_out;
use anyhow::Context;
use clap::{CommandFactory as _, error::ErrorKind};
use provost_check::simulation::{self, BuiltIn, Control, Event, Plan, Recording, Report, Scenario, library, replay};
use screen::Screen;
use std::{path::PathBuf, process::ExitCode, time::Duration};
use tokio::sync::watch;

/// Longest wait before each request: an hour.
const PACE_MAX: u64 = 3_600_000;
/// Longest recording that is read, in bytes.
const RECORDING_BYTES_MAX: u64 = 256 * 1024 * 1024;

const ABOUT: &str = "\
Clients:
  entra         Microsoft Entra ID with the flag aadOptscim062020
  entra-legacy  Microsoft Entra ID as it is without that flag
  okta          Okta; with --set put=yes as an application of its wizard
  google        Google Workspace

What is shown: what the client does and wants, each request with its status and time, and where the server does not do its part, what the \
client would do then and where that is written.

Users and groups are made and removed; their names begin with `sim-`. Do not point it at an account that is in use. Ctrl-C ends it early: \
what was made is removed. At a terminal, Enter holds it and lets it go on.

Examples:
  provost simulate entra https://scim.example/scim/v2 --token-file token
  provost simulate okta http://127.0.0.1:8080/scim/v2 --step --verbose
  provost simulate entra-legacy https://scim.example/scim/v2 --set role=Seller --record entra.json --junit entra.xml
  provost simulate --replay entra.json https://staging.scim.example/scim/v2
  provost simulate --print entra > mine.toml && provost simulate --scenario mine.toml https://scim.example/scim/v2

Exit codes: 0 when everything held that must; 1 when something did not, or when it could not be tried.";

/// Options of `provost simulate`.
#[derive(clap::Args, Debug)]
#[command(after_help = ABOUT, override_usage = "provost simulate [OPTIONS] CLIENT URL\n       \
    provost simulate [OPTIONS] --scenario FILE URL\n       provost simulate [OPTIONS] --replay FILE URL")]
pub struct Args {
    /// Who is played (not with --scenario or --replay), and the base of a SCIM service, such as `https://scim.example/scim/v2`
    #[arg(value_name = "CLIENT URL", num_args = 0..=2)]
    what: Vec<String>,
    #[command(flatten)]
    service: Service,
    /// Play a scenario of your own
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    scenario: Option<PathBuf>,
    /// Another value for a variable of the scenario; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = variable, conflicts_with = "replay")]
    variables: Vec<(String, String)>,
    /// Wait so long before each request
    #[arg(long, value_name = "MILLISECONDS", default_value = "0", value_parser = clap::value_parser!(u64).range(0..=PACE_MAX))]
    pace: u64,
    /// Wait for Enter before each request
    #[arg(long)]
    step: bool,
    /// Show bodies and headers, too
    #[arg(long, short)]
    verbose: bool,
    /// The domain of the addresses that users get
    #[arg(long, value_name = "NAME", default_value = "example.com")]
    domain: String,
    /// Leave what was made on the server
    #[arg(long)]
    keep: bool,
    /// Keep what was said in a file
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    record: Option<PathBuf>,
    /// Say again what was recorded, and compare the answers
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// Write the report as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the report as JUnit XML, for continuous integration
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// List the clients and the variables of their scenarios instead
    #[arg(long)]
    list: bool,
    /// Print a client's scenario instead, to begin one of your own with
    #[arg(long, value_name = "CLIENT", value_parser = BuiltIn::named)]
    print: Option<BuiltIn>,
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// What is played.
enum Life {
    Scenario(Box<Scenario>),
    Recording(Box<Recording>),
}

impl Args {
    /// Plays a client and reports.
    ///
    /// # Errors
    /// What keeps it from being played, as one sentence.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        if self.list {
            write_out(&listed())?;
            return Ok(ExitCode::SUCCESS);
        }
        if let Some(client) = &self.print {
            write_out(client.text())?;
            return Ok(ExitCode::SUCCESS);
        }
        let (life, url) = self.life()?;
        let target = self.service.target(&url)?;
        let plan = Plan {
            prefix: prefix("sim"),
            domain: self.domain.clone(),
            variables: self.variables.clone(),
            keep: self.keep,
            delay: Duration::from_millis(self.pace),
        };
        let (end, stop) = watch::channel(false);
        let control = Control { stop, allowed: keys::watched(self.step) };
        let screen = Screen::new(self.verbose, &life.title(target.url()), &plan.prefix);
        let tell = |event: Event<'_>| screen.show(&event);
        let report = match &life {
            Life::Scenario(scenario) => {
                let running = simulation::run(target, scenario, &plan, &tell, control);
                let (report, recording) = until_done(running, &end, &plan.prefix, || ()).await?;
                if let Some(file) = &self.record {
                    write(file, &(serde_json::to_string_pretty(&recording)? + "\n"))?;
                }
                report
            }
            Life::Recording(recording) => {
                let running = replay(target, recording, &plan, &tell, control);
                until_done(running, &end, &plan.prefix, || ()).await?
            }
        };
        self.write(&report)?;
        screen.end()?;
        write_out(&lines(&simulation::text(&report)))?;
        Ok(if report.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// What is played, and at which service.
    fn life(&self) -> anyhow::Result<(Life, String)> {
        let wrong = |kind, why: &str| crate::cli::Cli::command().error(kind, why).exit();
        match (&self.scenario, &self.replay, self.what.as_slice()) {
            (Some(file), _, [url]) => {
                let scenario = Scenario::read(&file.display().to_string(), &read(file)?)?;
                Ok((Life::Scenario(Box::new(scenario)), url.clone()))
            }
            (None, Some(file), [url]) => {
                let text = read_up_to(file, RECORDING_BYTES_MAX)?;
                let recording = Recording::read(&file.display().to_string(), &text)?;
                Ok((Life::Recording(Box::new(recording)), url.clone()))
            }
            (None, None, [client, url]) => match BuiltIn::named(client) {
                Ok(built_in) => Ok((Life::Scenario(Box::new(built_in.scenario())), url.clone())),
                Err(why) => wrong(ErrorKind::InvalidValue, &why),
            },
            (None, None, _) => wrong(
                ErrorKind::MissingRequiredArgument,
                "`provost simulate` wants a client and the base of a SCIM service: provost simulate entra https://scim.example/scim/v2",
            ),
            (Some(_), _, _) | (None, Some(_), _) => wrong(
                ErrorKind::WrongNumberOfValues,
                "with --scenario or --replay, `provost simulate` wants the base of a SCIM service and nothing else",
            ),
        }
    }

    fn write(&self, report: &Report) -> anyhow::Result<()> {
        if let Some(file) = &self.json {
            let text = serde_json::to_string_pretty(report).context("the report cannot be written as JSON")?;
            write(file, &(text + "\n"))?;
        }
        if let Some(file) = &self.junit {
            write(file, &simulation::junit(report))?;
        }
        Ok(())
    }
}

impl Life {
    fn title(&self, url: &str) -> String {
        match self {
            Self::Scenario(scenario) => format!("{} at {url}: {}", scenario.client, scenario.title),
            Self::Recording(recording) => {
                format!("What {} said at {}, again at {url}: {}", recording.client, recording.url, recording.scenario)
            }
        }
    }
}

/// The clients, what their scenarios are about, and their variables.
fn listed() -> String {
    let lines = library().iter().map(|built_in| {
        let scenario = built_in.scenario();
        let variables: Vec<String> = scenario.variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let (acts, steps) = (scenario.acts.len(), scenario.steps());
        format!(
            "{:<13} {}: {}; {acts} acts, {steps} steps\n  {}\n  {}\n",
            built_in.name,
            scenario.client,
            scenario.title,
            scenario.about,
            variables.join(" ")
        )
    });
    lines.collect()
}
