//! Our own server, and what the command does besides playing.

use super::{for_entra, for_everybody, lodger, scim, simulate, text, totals};
use crate::{
    fulcrum::fulcrum,
    process::{command, ended, run, run_with, signal},
    support::{Account, pause},
};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    process::Stdio,
};

/// Nothing is wrong, and nothing stays.
#[track_caller]
fn holds(what: &[&str], account: &Account) {
    let before = totals(account);
    let simulated = simulate(what, &scim(account), &account.key);
    assert_eq!(simulated.ran.code, 0, "{what:?}: {}", simulated.ran.stdout);
    assert_eq!((simulated.count("failed"), simulated.count("unsettled")), (0, 0));
    assert!(simulated.count("passed") >= 14, "{what:?}: {}", simulated.ran.stdout);
    assert_eq!(simulated.left_behind(), &Vec::<Value>::new());
    assert_eq!(totals(account), before, "{what:?}");
}

#[test]
fn every_client_lives_well_under_the_standard() {
    let account = for_entra();
    for what in [&["entra"][..], &["entra-legacy"], &["okta"], &["okta", "--set", "put=yes"]] {
        holds(what, &account);
    }
    // Google names a schema of SCIM 1 with every user, which the standard refuses.
    holds(&["google"], &for_everybody());
    let strict = simulate(&["google"], &scim(&account), &account.key);
    assert_eq!(strict.ran.code, 1);
    assert!(strict.ran.stdout.contains("said: `urn:scim:schemas:core:1.0` is not supported"), "{}", strict.ran.stdout);
}

#[test]
fn every_client_lives_well_under_dsm() {
    let account = lodger(json!("dsm"));
    let roles = ["--set", "role=ACCOUNTAUDITOR", "--set", "other-role=ACCOUNTMEMBER"];
    holds(&[&["entra"], &roles[..]].concat(), &account);
    holds(&[&["entra-legacy"], &roles[..]].concat(), &account);
    for what in [&["okta"][..], &["okta", "--set", "put=yes"], &["google"]] {
        holds(what, &account);
    }
}

/// Who is disabled there is removed, and who comes back is made anew: each client tells so, and goes on.
#[test]
fn every_client_lives_well_under_fulcrum() {
    let organisation = fulcrum();
    let account: &Account = &organisation;
    let roles = ["--set", "role=Manager", "--set", "other-role=Field Crew"];
    holds(&[&["entra"], &roles[..]].concat(), account);
    holds(&[&["entra-legacy"], &roles[..]].concat(), account);
    for what in [&["okta"][..], &["okta", "--set", "put=yes"], &["google"]] {
        holds(what, account);
        let simulated = simulate(what, &scim(account), &account.key);
        assert_eq!(simulated.count("warnings"), 1, "{}", simulated.ran.stdout);
        assert!(simulated.ran.stdout.contains("anew, under another id"), "{}", simulated.ran.stdout);
    }
}

#[test]
fn a_server_that_throttles_is_waited_for() {
    let account = lodger(json!({ "preset": "dsm", "limits": { "requests_per_second": 5 } }));
    let simulated = simulate(&["google"], &scim(&account), &account.key);
    assert_eq!(simulated.ran.code, 0, "{}", simulated.ran.stdout);
    assert_eq!(simulated.count("failed"), 0);
    let times = simulated.report["throttled"].as_u64().expect("429 is counted");
    assert!(times > 0 && simulated.report["waited_ms"].as_u64() >= Some(1_000 * times), "{}", simulated.report);
    assert!(simulated.ran.stdout.contains("    the server throttles: waiting 1.0 s"), "{}", simulated.ran.stdout);
}

#[test]
fn what_was_made_stays_when_it_is_to_be_kept() {
    let account = lodger(json!("dsm"));
    let simulated = simulate(&["google", "--keep"], &scim(&account), &account.key);
    assert_eq!(totals(&account).0, 2);
    let kept = simulated.report["kept"].as_str().expect("it says what names begin with");
    let said = format!("Left on the server, as asked: everything whose name begins with `{kept}`");
    assert!(simulated.ran.stdout.contains(&said), "{}", simulated.ran.stdout);
    let found = account.find(&format!("userName sw \"{kept}\""));
    assert_eq!(found["totalResults"], json!(2));
}

/// In steps, each Enter lets one request go, and the end of the input all.
#[test]
fn requests_go_as_somebody_lets_them() {
    let account = lodger(json!("dsm"));
    let mut command = command(&["simulate", "google", &scim(&account), "--step", "--pace", "1", "--verbose"]);
    command.env("PROVOST_TOKEN", &account.key).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut enter = child.stdin.take().expect("stdin is piped");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines().map_while(Result::ok);
    let mut until = |sought: &str| {
        let all: Vec<String> = lines.by_ref().take_while(|line| !line.contains(sought)).collect();
        all.iter().filter(|line| line.starts_with("    200") || line.starts_with("    201")).count()
    };
    enter.write_all(b"\n\n").expect("it reads");
    assert_eq!(until("GET /Users?filter=userName"), 1);
    assert_eq!(totals(&account).0, 0);
    enter.write_all(b"\n").expect("it reads");
    assert_eq!(until("> {\"schemas\":[\"urn:scim:schemas:core:1.0\""), 1);
    drop(enter);
    assert!(until("steps: ") > 5);
    assert!(ended(&mut child).success());
}

#[test]
fn ctrl_c_removes_what_was_made_and_reports() {
    let account = lodger(json!("dsm"));
    let mut command = command(&["simulate", "google", &scim(&account), "--step"]);
    command.env("PROVOST_TOKEN", &account.key).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let mut enter = child.stdin.take().expect("stdin is piped");
    enter.write_all(b"\n\n\n").expect("it reads");
    while totals(&account).0 == 0 {
        pause();
    }
    signal(child.id(), "INT");
    let lines: Vec<String> =
        BufReader::new(child.stdout.take().expect("stdout is piped")).lines().map_while(Result::ok).collect();
    ended(&mut child);
    assert!(lines.iter().any(|line| line == "It was ended before its end."), "{lines:#?}");
    assert!(lines.last().is_some_and(|line| line.contains(" not done; ")), "{lines:#?}");
    assert_eq!(totals(&account), (0, 0));
}

#[test]
fn a_report_for_continuous_integration_has_acts_as_suites() {
    let account = lodger(json!("dsm"));
    let folder = tempfile::tempdir().expect("a folder");
    let junit = folder.path().join("simulate.xml");
    simulate(&["google", "--junit", text(&junit)], &scim(&account), &account.key);
    let junit = fs::read_to_string(junit).expect("it was written");
    assert!(
        junit.contains("<testsuites name=\"provost simulate: Google Workspace\" tests=\"15\" failures=\"0\""),
        "{junit}"
    );
    assert_eq!(junit.matches("<testsuite name=").count(), 5, "{junit}");
    assert_eq!(junit.matches("<skipped").count(), 1, "{junit}");
}

#[test]
fn what_cannot_be_played_is_said_in_a_sentence() {
    let account = lodger(json!("dsm"));
    let folder = tempfile::tempdir().expect("a folder");
    let [odd, said] = ["odd.toml", "said.json"].map(|name| folder.path().join(name));
    fs::write(&odd, "client = 'x'\ntitle = 'x'\n[[act]]\ntitle = 'x'\n[[act.step]]\nsays = 'x'\nsend = 'GET'\n")
        .expect("a file");
    fs::write(&said, "{}").expect("a file");
    let token = [("PROVOST_TOKEN", account.key.as_str())];
    let base = scim(&account);
    let sentence = |arguments: &[&str]| run_with(&[&["simulate"], arguments].concat(), &token).sentence();
    for (arguments, end) in [
        (&["entra", "http://127.0.0.1:1/scim/v2"][..], "Connection refused (os error 111)"),
        (&["entra", "ftp://a"], "write for example https://scim.example/scim/v2"),
        (&["google", &base, "--set", "legacy=yes"], "the scenario has no variable `legacy`: it has ann, ben, cid"),
        (&["--scenario", text(&odd), &base], "odd.toml, act 1, step 1: `send` is a method and a path"),
        (&["--replay", text(&said), &base], "missing field `shape` at line 1 column 2"),
        (&["--scenario", "/nowhere/a.toml", &base], "No such file or directory (os error 2)"),
    ] {
        let sentence = sentence(arguments);
        assert!(sentence.ends_with(end), "{sentence}");
    }
    let refused = run_with(&["simulate", "okta", &base], &[("PROVOST_TOKEN", "wrong")]).sentence();
    assert_eq!(
        refused,
        format!("{base} refuses the token (HTTP 401): pass one that may read and write users and groups")
    );
}

#[test]
fn a_wrong_command_line_exits_with_2() {
    for arguments in [
        &["simulate"][..],
        &["simulate", "entra"],
        &["simulate", "sailpoint", "http://a"],
        &["simulate", "entra", "http://a", "--scenario", "mine.toml"],
        &["simulate", "http://a", "--scenario", "mine.toml", "--replay", "said.json"],
        &["simulate", "http://a", "--replay", "said.json", "--record", "more.json"],
        &["simulate", "entra", "http://a", "--set", "role"],
        &["simulate", "entra", "http://a", "--pace", "soon"],
        &["simulate", "--print", "sailpoint"],
    ] {
        let ran = run(arguments).exits(2);
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn clients_are_listed_and_printed_without_a_server() {
    let listed = run(&["simulate", "--list"]).exits(0).stdout;
    for client in ["entra ", "entra-legacy ", "okta ", "google "] {
        assert!(listed.lines().any(|line| line.starts_with(client)), "{listed}");
    }
    let printed = run(&["simulate", "--print", "okta"]).exits(0).stdout;
    assert!(printed.starts_with("client = \"Okta\""), "{printed}");
    let help = run(&["simulate", "--help"]).exits(0).stdout;
    assert!(help.contains("provost simulate [OPTIONS] CLIENT URL") && help.contains("Exit codes:"), "{help}");
}
