//! Repository automation: `cargo xtask COMMAND`. What CI runs is `cargo xtask test`.
#![allow(clippy::print_stdout, reason = "printing is what these commands are for")]

mod capacity;
mod clients;
mod command;
mod conformance;
mod dependencies;
mod fuzz;
mod licence;
mod metadata;
mod reproducible;
mod requirements;
mod rust_source;
mod sbom;
mod screenshots;
mod security;
mod setup;
mod strangers;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::{Result, bail};

/// One row of the command table: its name, its arguments, what it does, and the function that does it.
struct Entry {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<()>,
}

const COMMANDS: &[Entry] = &[
    Entry {
        name: "test",
        arguments: "[--only STEP]",
        about: "Install what the tests need, then run every check in order; stop at the first failure",
        run: test::run,
    },
    Entry {
        name: "requirements",
        arguments: "[--side SP|UI|IDP|CLI|DOC] [--missing] [--summary]",
        about: "Show which entries of docs/requirements.md a test names",
        run: requirements::run,
    },
    Entry {
        name: "conformance",
        arguments: "",
        about: "Check that every line of docs/conformance.md has a test or a reason",
        run: conformance::run,
    },
    Entry {
        name: "conformance-report",
        arguments: "",
        about: "Check our own server with `provost check`, and write docs/conformance/ anew",
        run: conformance::report,
    },
    Entry { name: "tidy", arguments: "", about: "Check the rules that no compiler checks", run: tidy::run },
    Entry {
        name: "dependencies",
        arguments: "",
        about: "Check licences, sources, banned packages and the arrows between crates",
        run: dependencies::run,
    },
    Entry {
        name: "security",
        arguments: "",
        about: "Check that docs/security.md answers every rule and threat, and that the tests that it names are there",
        run: security::run,
    },
    Entry {
        name: "sbom",
        arguments: "[--target TRIPLE] [--check]",
        about: "Write what the release binary is made of (CycloneDX 1.5) to target/sbom; --check reads the schema (after `setup`)",
        run: sbom::run,
    },
    Entry {
        name: "release",
        arguments: "",
        about: "Build the release binary as it is published, without a trace of where it was built",
        run: reproducible::release,
    },
    Entry {
        name: "reproducible",
        arguments: "[--package NAME]",
        about: "Build what is committed twice, in two folders, and compare",
        run: reproducible::run,
    },
    Entry {
        name: "clients",
        arguments: "",
        about: "Run other people's SCIM clients against the built server (after `setup`)",
        run: clients::run,
    },
    Entry {
        name: "bench",
        arguments: "",
        about: "Measure the server against what the machine can do, as ratios in one run (release build, about two minutes)",
        run: bench,
    },
    Entry {
        name: "capacity",
        arguments: "[--seed N] [--set NAME=VALUE]… [--docs]",
        about: "Simulate a hundred million users: how many nodes, what database, where the walls stand",
        run: capacity::run,
    },
    Entry {
        name: "fuzz",
        arguments: "[NAME] [--minutes N] [--keep]",
        about: "Fuzz one target or all, and simulate the server, ten minutes each (docs/fuzzing.md says what is needed)",
        run: fuzz::run,
    },
    Entry {
        name: "screenshots",
        arguments: "[NAME]…",
        about: "Make the pictures of the console's screens in docs/screens anew, all or those named (after `setup`)",
        run: screenshots::run,
    },
    Entry { name: "setup", arguments: "", about: "Install what the tests need, and nothing else", run: setup::run },
];

fn bench(_arguments: &[String]) -> Result<()> {
    command::run(&mut command::cargo(&["bench", "--locked", "--package", "provost", "--bench", "ratios"]))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let Some((name, rest)) = arguments.split_first() else {
        print!("{}", help());
        bail!("a command is missing");
    };
    if ["help", "--help", "-h"].contains(&name.as_str()) || rest.iter().any(|word| word == "--help" || word == "-h") {
        print!("{}", help());
        return Ok(());
    }
    let Some(entry) = COMMANDS.iter().find(|entry| entry.name == name) else {
        print!("{}", help());
        bail!("there is no command `{name}`");
    };
    (entry.run)(rest)
}

fn help() -> String {
    let mut text = String::from("usage: cargo xtask COMMAND\n\ncommands:\n");
    for entry in COMMANDS {
        text.push_str(&format!("  {} {}\n      {}\n", entry.name, entry.arguments, entry.about));
    }
    text.push_str(&format!("\nsteps of `test`, for --only:\n  {}\n", test::step_names().join(", ")));
    text
}
