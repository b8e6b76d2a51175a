//! `provost check`.

use super::service::{Service, lines, prefix, read, until_done, write};
use crate::output::{printable, write_out};
use anyhow::{Context, bail};
use provost_check::conformance::{self, Catalogue, Plan, Profile, Progress, Report};
use std::{
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
    process::ExitCode,
};
use tokio::sync::watch;

/// Most files of cases in a folder.
const FILES_MAX: usize = 1_000;

const ABOUT: &str = "\
Profiles:
  rfc     RFC 7643, RFC 7644 and RFC 9865: whatever a server can be tested for from outside
  entra   what Microsoft Entra ID sends and expects, and what its validator does not look at
  okta    what Okta sends and expects

Users and groups are made and removed; their names begin with `check-`. Do not point it at an account that is in use, or pass \
--read-only. Ctrl-C ends it early: what was made is removed and what is known reported. A second Ctrl-C leaves at once.

What ServiceProviderConfig, ResourceTypes and Schemas do not offer is not tried, and the report says so. A MUST that does not hold \
has failed, a SHOULD is a warning, a MAY is information.

Examples:
  provost check https://scim.example/scim/v2 --token-file token
  provost check https://scim.example/scim/v2 --token-file token --profile entra --html report.html
  provost check http://127.0.0.1:8080/scim/v2 --junit check.xml --read-only

Exit codes: 0 when every MUST holds; 1 when one does not, or when it could not be tried.";

/// Options of `provost check`.
#[derive(clap::Args, Debug)]
#[command(after_help = ABOUT)]
pub struct Args {
    /// The base of a SCIM service, such as `https://scim.example/scim/v2`
    #[arg(required_unless_present = "list")]
    url: Option<String>,
    #[command(flatten)]
    service: Service,
    /// Who is asked for: rfc, entra or okta; may be repeated [default: all of them]
    #[arg(long = "profile", value_name = "PROFILE")]
    profiles: Vec<Profile>,
    /// Only this case; may be repeated
    #[arg(long = "case", value_name = "ID")]
    only: Vec<String>,
    /// A folder with more cases (*.toml)
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// Try only what writes nothing
    #[arg(long)]
    read_only: bool,
    /// The domain of the addresses that users get
    #[arg(long, value_name = "NAME", default_value = "example.com")]
    domain: String,
    /// Write the report as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the report as JUnit XML, for continuous integration
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the report as one HTML page
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// List the cases instead
    #[arg(long)]
    list: bool,
}

impl Args {
    /// Checks the server and reports.
    ///
    /// # Errors
    /// What keeps it from being checked, as one sentence.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let catalogue = self.catalogue()?;
        if self.list {
            write_out(&self.listed(&catalogue))?;
            return Ok(ExitCode::SUCCESS);
        }
        let plan = self.plan();
        let target = self.service.target(self.url.as_deref().unwrap_or_default())?;
        let (end, ended) = watch::channel(false);
        let screen = Screen { is_terminal: io::stderr().is_terminal() };
        let tell = |progress: Progress| screen.show(&progress);
        let running = conformance::run(target, catalogue.cases(), &plan, &tell, ended);
        let report = until_done(running, &end, &plan.prefix, || screen.clear()).await?;
        screen.clear();
        self.write(&report)?;
        write_out(&lines(&conformance::text(&report)))?;
        Ok(if report.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    fn profiles(&self) -> Vec<Profile> {
        if self.profiles.is_empty() { Profile::ALL.to_vec() } else { self.profiles.clone() }
    }

    fn plan(&self) -> Plan {
        Plan {
            profiles: self.profiles(),
            only: self.only.clone(),
            read_only: self.read_only,
            prefix: format!("{}-", prefix("check")),
            domain: self.domain.clone(),
        }
    }

    /// The cases that are built in, and those of the folder.
    fn catalogue(&self) -> anyhow::Result<Catalogue> {
        let mut catalogue = Catalogue::built_in();
        let Some(folder) = &self.cases else { return Ok(catalogue) };
        let listed = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        let mut files = Vec::new();
        for entry in listed {
            let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                files.push(path);
            }
        }
        if files.is_empty() || files.len() > FILES_MAX {
            bail!("{} has {} files of cases (*.toml); there must be 1 to {FILES_MAX}", folder.display(), files.len());
        }
        files.sort();
        for file in files {
            catalogue.add(&file.display().to_string(), &read(&file)?)?;
        }
        Ok(catalogue)
    }

    fn listed(&self, catalogue: &Catalogue) -> String {
        let profiles = self.profiles();
        let mut out = String::new();
        for case in catalogue.cases().iter().filter(|case| case.profiles.iter().any(|one| profiles.contains(one))) {
            let line = format!("{:<44} {:<7} {}: {}", case.id, case.level.word(), case.source, case.title);
            out.push_str(&printable(&line));
            out.push('\n');
        }
        out
    }

    fn write(&self, report: &Report) -> anyhow::Result<()> {
        let json = || serde_json::to_string_pretty(report).map(|text| text + "\n");
        for (file, text) in
            [(&self.json, json()?), (&self.junit, conformance::junit(report)), (&self.html, conformance::html(report))]
        {
            if let Some(file) = file {
                write(file, &text)?;
            }
        }
        Ok(())
    }
}

/// Progress on stderr, where that is a terminal.
struct Screen {
    is_terminal: bool,
}

impl Screen {
    fn show(&self, progress: &Progress) {
        if self.is_terminal {
            let Progress { done, of, case, findings } = progress;
            let line = format!("{} of {of}, {findings} findings: {case}", done + 1);
            let _ = write!(io::stderr(), "\r\u{1b}[K{}", printable(&line));
        }
    }

    fn clear(&self) {
        if self.is_terminal {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}
