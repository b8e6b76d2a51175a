//! Help, and command lines that are wrong.

use crate::process::run;

/// The subcommands that a help text lists.
fn subcommands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

fn walk(path: &[&str], seen: &mut Vec<String>) {
    let arguments: Vec<&str> = path.iter().copied().chain(["--help"]).collect();
    let help = run(&arguments).exits(0).stdout;
    let usage = format!("Usage: provost {}", path.join(" "));
    assert!(help.contains(usage.trim_end()), "{help}");
    assert!(help.lines().next().is_some_and(|about| about.len() > 5), "{path:?} says what it does: {help}");
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{path:?} fits a terminal: {help}");
    seen.push(path.join(" "));
    for name in subcommands(&help) {
        walk(&[path, &[name.as_str()]].concat(), seen);
    }
}

#[test]
fn every_command_has_help() {
    let mut seen = Vec::new();
    walk(&[], &mut seen);
    for command in [
        "serve",
        "demo",
        "account create",
        "admin-app rotate",
        "admin-app revoke",
        "user update",
        "group delete",
        "role update",
        "policy versions",
        "policy presets",
        "policy diff",
        "policy preview",
        "policy revert",
        "policy simulate",
        "schema create",
        "resource-type create",
        "index create",
        "user migrate",
        "user invite",
        "user sessions",
        "user end-sessions",
        "user reset-factors",
        "sign-in show",
        "sign-in set",
        "group members",
        "quorum-policy set",
        "quorum-policy remove",
        "approval approve",
        "alert dismiss",
        "held-change release",
        "audit list",
        "audit verify",
        "backup",
        "restore",
        "verify",
        "migrate",
        "simulate",
        "load",
    ] {
        assert!(seen.iter().any(|path| path == command), "{command} is not among {seen:?}");
    }
    assert!(run(&["--help"]).stdout.contains("Exit codes:"));
    assert!(run(&["audit", "verify", "--help"]).stdout.contains("Exit code 3"));
}

#[test]
fn a_wrong_command_line_exits_with_2() {
    for arguments in [
        vec!["no-such-command"],
        vec!["serve", "--no-such-flag"],
        vec!["serve", "--trusted-proxy", "10.0.0.1/8"],
        vec!["serve", "--public-url", "scim.acme.example"],
        vec!["account", "create"],
        vec!["account", "create", "acme", "--policy", "dsm", "--policy-file", "policy.json"],
        vec!["account", "update", "acme", "--max-users", "many"],
        vec!["role", "create", "x", "--permission", "FLY"],
        vec!["quorum-policy", "set"],
        vec!["sign-in", "set", "--issuer", "https://login.example.com"],
        vec!["policy", "set"],
        vec!["audit", "list", "--outcome", "maybe"],
        vec!["load"],
        vec!["load", "http://127.0.0.1:1", "--rate", "0"],
        vec!["load", "http://127.0.0.1:1", "--scenario", "fly"],
        vec!["load", "http://127.0.0.1:1", "--duration", "0"],
    ] {
        let ran = run(&arguments).exits(2);
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{arguments:?}");
    }
}
