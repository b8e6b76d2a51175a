//! `cargo xtask clients`: other people's SCIM clients against the built server.
//!
//! A client's finding counts as a failure unless `tests/clients/allowed.toml` names it with a reason. An entry there that
//! matches no finding is a failure too, so the list cannot outlive its reasons.

mod findings;
mod server;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{command, root, target_dir};
use crate::setup::client_python;
use findings::{Allowed, Report};
use server::Server;

const ALLOWED: &str = "tests/clients/allowed.toml";

/// `scim2 test` draws its values at random: each seed is another run, and the same seed is the same run.
const SEEDS: &[&str] = &["1", "2", "3", "4", "5"];

/// Checks that `scim2 test` makes of users and groups, at least: it checks only what discovery announces, so fewer would mean that
/// something is not announced any more.
const SCIM2_CHECKS_MIN: usize = 135;

/// `scim-sanity probe` and the policies it meets: it adds a member whom nobody has made and expects 200, which `standard` refuses.
const SCIM_SANITY: [(&str, &str); 2] = [
    ("scim-sanity, policy standard", "standard"),
    ("scim-sanity, unknown members ignored", r#"{"groups":{"unknown_member":"ignore"}}"#),
];

/// A client that takes longer hangs: each run is a few hundred requests.
const CLIENT_SECONDS_MAX: &str = "300";

/// Runs every client, each in an account of its own, and stops the server.
///
/// # Errors
/// When the server or a client cannot run, a finding is not allowed, an allowed one is not found, or the server does not
/// end with status 0 on SIGTERM.
pub fn run(_arguments: &[String]) -> Result<()> {
    let python = client_python()?;
    let python = python.to_str().context("the clients' Python has a path that is not UTF-8")?;
    let target = target_dir()?;
    let binary = target.join("ci").join("provost");
    if !Path::new(python).is_file() || !binary.is_file() {
        bail!(
            "run `cargo xtask test --only setup` and `--only server` first: {python} and {} must be there",
            binary.display()
        );
    }
    let allowed = std::fs::read_to_string(root().join(ALLOWED)).context(ALLOWED)?;
    let mut allowed = Allowed::parse(&allowed).context(ALLOWED)?;

    let server = Server::start(&binary, &target.join("clients").join("server"))?;
    println!("server: {}", server.address);
    let judged = clients(&server, python, &mut allowed);
    let stopped = server.stop();
    let failed = judged?;
    stopped?;
    println!("server: ended with status 0 on SIGTERM");

    let unused = allowed.unused();
    for one in &unused {
        println!("{ALLOWED}: {one} allows a finding that no client has any more");
    }
    if failed + unused.len() > 0 {
        bail!("{failed} findings of SCIM clients are not allowed, {} allowed ones are gone", unused.len());
    }
    Ok(())
}

/// How many findings are not allowed.
fn clients(server: &Server, python: &str, allowed: &mut Allowed) -> Result<usize> {
    let mut failed = 0;
    for seed in SEEDS {
        let key = account(server, python, &format!("scim2-cli {seed}"), "standard")?;
        let mut scim2 = client(python, &["tests/clients/scim2_seeded.py", seed, "--url", &server.scim(), "test"]);
        scim2.env("SCIM_CLI_HEADERS", format!("Authorization: Bearer {key}"));
        let report = Report::of_scim2(&ended(scim2)?)?;
        let checks = report.held + report.findings.len();
        if checks < SCIM2_CHECKS_MIN {
            bail!("`scim2 test` made {checks} checks only, not {SCIM2_CHECKS_MIN}: what does discovery not announce?");
        }
        failed += judge(&format!("scim2-cli, seed {seed}"), report, allowed);
    }
    for (name, policy) in SCIM_SANITY {
        let key = account(server, python, name, policy)?;
        let mut probe = client(python, &["-m", "scim_sanity", "probe", &server.scim(), "--token", &key]);
        probe.args(["--i-accept-side-effects", "--strict", "--json-output"]);
        failed += judge(name, Report::of_scim_sanity(name, &ended(probe)?)?, allowed);
    }
    for policy in ["standard", "dsm"] {
        let key = account(server, python, &format!("full life {policy}"), policy)?;
        let mut life = client(python, &["tests/clients/full_life.py", &server.scim(), policy]);
        let ended = ended_as(life.env("SCIM_TOKEN", key))?;
        println!("\nscim2-client, full life, policy {policy}:\n{}", ended.stdout.trim_end());
        if !ended.ok {
            println!("{}", ended.stderr.trim_end());
            failed += 1;
        }
    }
    println!();
    Ok(failed)
}

/// Prints a client's summary and findings; returns how many findings are not allowed.
fn judge(client: &str, report: Report, allowed: &mut Allowed) -> usize {
    let mut failed = 0;
    let mut lines = Vec::new();
    for finding in &report.findings {
        match allowed.reason(finding) {
            Some(reason) => lines.push(format!("  allowed {finding}\n          because {reason}")),
            None => {
                failed += 1;
                lines.push(format!("  FAILED  {finding}"));
            }
        }
    }
    let checks = report.held + report.findings.len();
    let allowed = lines.len() - failed;
    println!("\n{client}: {} of {checks} checks held, {allowed} allowed to fail, {failed} failed", report.held);
    for line in lines {
        println!("{line}");
    }
    failed
}

/// A new account under the policy, and the API key of its admin app.
fn account(server: &Server, python: &str, name: &str, policy: &str) -> Result<String> {
    let key_file = server.operator_key();
    let key_file = key_file.to_str().context("the server's folder has a path that is not UTF-8")?;
    let made = client(python, &["tests/clients/new_account.py", &server.address, key_file, name, policy]);
    let made = ended(made)?;
    if !made.ok {
        bail!("the management API makes no account `{name}`:\n{}", made.stderr);
    }
    Ok(made.stdout.trim().to_string())
}

/// How a client ended.
struct Ended {
    ok: bool,
    stdout: String,
    stderr: String,
}

/// Python with a time limit, not asked to write byte code beside the scripts.
fn client(python: &str, arguments: &[&str]) -> Command {
    let mut client = command("timeout", &["--kill-after=10", CLIENT_SECONDS_MAX, python]);
    client.args(arguments).env("PYTHONDONTWRITEBYTECODE", "1").env("NO_COLOR", "1");
    client
}

fn ended(mut client: Command) -> Result<Ended> {
    ended_as(&mut client)
}

fn ended_as(client: &mut Command) -> Result<Ended> {
    let output = client.output().context("`timeout` cannot start")?;
    if output.status.code() == Some(124) {
        bail!("a client was still running after {CLIENT_SECONDS_MAX} s: {:?}", client.get_args().collect::<Vec<_>>());
    }
    Ok(Ended {
        ok: output.status.success(),
        stdout: String::from_utf8(output.stdout).context("a client wrote something else than UTF-8")?,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
