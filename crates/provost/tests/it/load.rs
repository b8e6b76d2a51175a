//! `provost load`, on our server and on others that can do less.

mod fake;

use crate::{
    process::{Ran, command, ended, run_with, signal},
    support::{Account, Lodger, Server, shared},
};
use expect_test::expect;
use fake::{Fake, usual};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Lines, Read},
    process::{Child, ChildStderr, Stdio},
};

/// Little of everything, so that it takes a second.
const LITTLE: [(&str, &str); 6] = [
    ("--duration", "1"),
    ("--warm-up", "0"),
    ("--users", "20"),
    ("--members", "5"),
    ("--operations", "3"),
    ("--connections", "2"),
];

fn lodger() -> Lodger {
    let server = shared();
    Lodger { account: server.account(json!("standard")), server }
}

/// Arguments for the service at `base`; what is said in `more` is not said otherwise.
fn on(base: &str, more: &[&str]) -> Vec<String> {
    let little = LITTLE.iter().filter(|(name, _)| !more.contains(name)).flat_map(|(name, value)| [*name, *value]);
    ["load", base].into_iter().chain(little).chain(more.iter().copied()).map(str::to_owned).collect()
}

fn load(base: &str, token: &str, more: &[&str]) -> Ran {
    let arguments = on(base, more);
    run_with(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), &[("PROVOST_TOKEN", token)])
}

fn scim(account: &Account) -> String {
    format!("{}/scim/v2", account.base)
}

fn users(account: &Account) -> u64 {
    let list = account.scim("GET", "/Users?count=0", Value::Null).expect(200).json();
    list["totalResults"].as_u64().expect("a list has a total")
}

/// The report with everything that differs from run to run taken out.
fn shape(value: &mut Value) {
    match value {
        Value::Number(number) => *value = json!(if number.is_f64() { "a fraction" } else { "a number" }),
        Value::Array(list) => {
            list.iter_mut().for_each(shape);
            list.dedup();
        }
        Value::Object(fields) => fields.values_mut().for_each(shape),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

#[test]
fn every_scenario_runs_without_errors_and_leaves_nothing_behind() {
    let account = lodger();
    let report = load(&scim(&account), &account.key, &["--rate", "20", "--json"]).json();
    let runs = report["runs"].as_array().expect("there are runs");
    let names: Vec<&str> = runs.iter().filter_map(|run| run["scenario"].as_str()).collect();
    assert_eq!(names, ["create", "read", "filter", "patch", "page", "group", "bulk"]);
    for run in runs {
        assert_eq!(run["outcome"], "measured", "{run}");
        assert_eq!(run["total"]["errors"], json!([]), "{run}");
        let sent = run["total"]["requests"].as_u64().expect("requests are counted");
        assert_eq!(sent + run["unsent"].as_u64().expect("what was not sent is counted"), 20, "{run}");
        assert!(sent > 0 && run["total"]["latency_ms"]["p50"].as_f64() > Some(0.0), "{run}");
    }
    assert_eq!((&report["ended_early"], &report["left_behind"]), (&json!(false), &json!(0)));
    assert_eq!(users(&account), 0);
    let groups = account.scim("GET", "/Groups", Value::Null).expect(200).json();
    assert_eq!(groups["totalResults"], 0);
}

#[test]
fn a_mix_is_reported_whole_and_by_scenario_in_a_shape_that_stays() {
    let account = lodger();
    let more = ["--rate", "max", "--seed", "7", "--json", "--scenario", "read=3,patch=1", "--scenario", "filter"];
    let mut report = load(&scim(&account), &account.key, &more).json();
    report["url"] = json!("the base");
    report["runs"].as_array_mut().expect("there are runs").truncate(1);
    shape(&mut report);
    expect![[r#"
        {
          "shape": "provost-load/1",
          "url": "the base",
          "users_before": "a number",
          "users_made": "a number",
          "members": "a number",
          "operations": "a number",
          "connections": "a number",
          "rate": "max",
          "warm_up_seconds": "a fraction",
          "seed": "7",
          "ended_early": false,
          "left_behind": "a number",
          "runs": [
            {
              "scenario": "read=3,patch=1",
              "outcome": "measured",
              "seconds": "a fraction",
              "unsent": "a number",
              "total": {
                "requests": "a number",
                "per_second": "a fraction",
                "bytes": "a number",
                "errors": [],
                "latency_ms": {
                  "mean": "a fraction",
                  "p50": "a fraction",
                  "p90": "a fraction",
                  "p99": "a fraction",
                  "p99_9": "a fraction",
                  "max": "a fraction"
                }
              },
              "parts": [
                {
                  "scenario": "read",
                  "requests": "a number",
                  "per_second": "a fraction",
                  "bytes": "a number",
                  "errors": [],
                  "latency_ms": {
                    "mean": "a fraction",
                    "p50": "a fraction",
                    "p90": "a fraction",
                    "p99": "a fraction",
                    "p99_9": "a fraction",
                    "max": "a fraction"
                  }
                },
                {
                  "scenario": "patch",
                  "requests": "a number",
                  "per_second": "a fraction",
                  "bytes": "a number",
                  "errors": [],
                  "latency_ms": {
                    "mean": "a fraction",
                    "p50": "a fraction",
                    "p90": "a fraction",
                    "p99": "a fraction",
                    "p99_9": "a fraction",
                    "max": "a fraction"
                  }
                }
              ]
            }
          ]
        }"#]]
    .assert_eq(&format!("{report:#}"));
}

#[test]
fn people_get_a_table_and_progress_on_stderr() {
    let account = lodger();
    let ran = load(&scim(&account), &account.key, &["--rate", "20", "--scenario", "read=1,page=1"]).exits(0);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(
        lines[1].starts_with("20 requests a second, 2 connections, 0 users before and 20 made, seed "),
        "{lines:?}"
    );
    let titles: Vec<&str> = lines[3].split("  ").map(str::trim).filter(|title| !title.is_empty()).collect();
    let expected =
        ["SCENARIO", "REQUESTS", "PER SECOND", "ERRORS", "MEAN ms", "P50", "P90", "P99", "P99.9", "MAX", "BYTES"];
    assert_eq!(titles, expected);
    let names: Vec<&str> = lines[4..].iter().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["read=1,page=1", "read", "page"]);
    for line in ["making users: ", "read=1,page=1: 0 of 1 s, ", "removing what was made: "] {
        assert!(ran.stderr.contains(line), "{}", ran.stderr);
    }
}

#[test]
fn what_cannot_be_measured_at_all_is_one_sentence() {
    let account = lodger();
    let base = scim(&account);
    let none = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free").local_addr().expect("it is bound");
    let none = format!("http://{none}");
    let no_scim = format!("{}/api/v1", account.base);
    for (url, token, more, words) in [
        (base.as_str(), "wrong", &[][..], vec!["refuses the token (HTTP 401)"]),
        (&none, "x", &[], vec!["cannot reach", &none, "refused"]),
        (&no_scim, &account.operator_key, &[], vec!["not the base of a SCIM service", "/ServiceProviderConfig", "404"]),
        ("scim.example", "x", &[], vec!["`scim.example` is not the base of a SCIM service", "https://"]),
        (&base, "a b", &[], vec!["the token is empty, or has characters"]),
        (&base, &account.key, &["--ca", "/no/such/file"], vec!["cannot read /no/such/file"]),
    ] {
        let said = load(url, token, &[more, &["--scenario", "read"]].concat()).sentence();
        for word in words {
            assert!(said.contains(word), "`{word}` is not in: {said}");
        }
    }
}

#[test]
fn the_same_seed_makes_the_same_users_so_that_what_stayed_is_in_the_way() {
    let account = lodger();
    let seeded =
        |more: &[&str]| load(&scim(&account), &account.key, &[&["--seed", "1", "--scenario", "create"], more].concat());
    let kept = seeded(&["--keep", "--rate", "10", "--json"]).json();
    assert_eq!(kept["users_made"], 20);
    assert_eq!(users(&account), 30, "what is measured stays too");
    let ran = seeded(&["--rate", "10"]).exits(1);
    let said = ran.stderr.lines().last().expect("it says why");
    assert!(said.starts_with("provost: cannot make 20 users before measuring: HTTP 409: "), "{said}");
    assert_eq!(users(&account), 30, "what it did not make it does not remove");
}

/// Why a run was skipped.
#[track_caller]
fn skipped<'a>(report: &'a Value, scenario: &str) -> &'a str {
    let runs = report["runs"].as_array().expect("there are runs");
    let run = runs.iter().find(|run| run["scenario"] == scenario).expect("every mix is reported");
    assert_eq!(run["outcome"], "skipped", "{run}");
    run["reason"].as_str().expect("a reason is a text")
}

#[test]
fn what_a_server_lacks_is_said_in_the_report() {
    let bare = Fake::start(&["filter"], usual);
    let report = load(&bare.base, "x", &["--rate", "20", "--json", "--operations", "6"]).json();
    for (scenario, lacks) in [("patch", "PATCH"), ("group", "PATCH"), ("bulk", "Bulk")] {
        let expected = format!("the server has no {lacks}, says its ServiceProviderConfig");
        assert_eq!(skipped(&report, scenario), expected);
    }
    assert_eq!(report["runs"][1]["outcome"], "measured");
    let small = Fake::start(&["patch", "bulk"], |method, path| match (method, path) {
        ("POST", "/Groups") => Some((501, br#"{"detail":"groups are off"}"#.to_vec())),
        _ => usual(method, path),
    });
    let report = load(&small.base, "x", &["--rate", "20", "--json", "--operations", "6"]).json();
    assert_eq!(skipped(&report, "group"), "the server creates no group: HTTP 501: groups are off");
    assert_eq!(skipped(&report, "bulk"), "the server takes at most 5 operations in a bulk request: ask for fewer");
    let told = load(&small.base, "x", &["--rate", "20", "--scenario", "group"]).exits(0).stdout;
    assert!(told.contains("\ngroup: not measured: the server creates no group: HTTP 501: groups are off\n"), "{told}");
}

/// The kinds of errors of a report's only run, in which nothing may have gone well.
#[track_caller]
fn only_errors(report: &Value) -> Vec<&str> {
    let total = &report["runs"][0]["total"];
    assert_eq!(total["per_second"], 0.0, "{total}");
    kinds(total)
}

fn kinds(total: &Value) -> Vec<&str> {
    let errors = total["errors"].as_array().expect("errors are a list");
    errors.iter().filter_map(|error| error["what"].as_str()).collect()
}

#[test]
fn bad_answers_are_counted_by_their_kind() {
    let only = |scenario| ["--rate", "20", "--json", "--scenario", scenario];
    let long = Fake::start(&[], |method, path| match (method, path) {
        ("GET", path) if path.starts_with("/Users/") => Some((200, vec![b' '; 17 * 1024 * 1024])),
        _ => usual(method, path),
    });
    assert_eq!(only_errors(&load(&long.base, "x", &only("read")).json()), ["too long"]);
    let empty = Fake::start(&["filter"], usual);
    assert_eq!(only_errors(&load(&empty.base, "x", &only("filter")).json()), ["wrong answer"]);
    let busy = Fake::start(&[], |method, path| match (method, path) {
        ("GET", path) if path.starts_with("/Users/") => Some((429, br#"{"detail":"slowly"}"#.to_vec())),
        _ => usual(method, path),
    });
    let report = load(&busy.base, "x", &only("read")).json();
    assert_eq!(only_errors(&report), ["HTTP 429"]);
    assert_eq!(report["runs"][0]["total"]["errors"][0]["detail"], "slowly");
    assert_eq!(report["runs"][0]["total"]["latency_ms"], Value::Null);
}

/// A load that runs, and what it says on stderr.
fn start(base: &str, token: &str, more: &[&str]) -> (Child, Lines<BufReader<ChildStderr>>) {
    let arguments = on(base, more);
    let mut command = command(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    command.env("PROVOST_TOKEN", token).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let stderr = BufReader::new(child.stderr.take().expect("stderr is piped"));
    (child, stderr.lines())
}

/// Reads on until a line begins so.
#[track_caller]
fn wait_for(lines: &mut Lines<BufReader<ChildStderr>>, begin: &str) -> String {
    let mut seen = Vec::new();
    for line in lines.map_while(Result::ok) {
        if line.starts_with(begin) {
            return line;
        }
        seen.push(line);
    }
    panic!("no line begins with `{begin}`: {seen:?}")
}

fn report_of(child: &mut Child) -> Value {
    let mut text = String::new();
    child.stdout.take().expect("stdout is piped").read_to_string(&mut text).expect("a report is text");
    assert!(ended(child).success(), "{text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_signal_ends_it_early_and_it_still_reports_and_cleans_up() {
    let account = lodger();
    for name in ["TERM", "INT"] {
        let more = ["--duration", "3600", "--rate", "50", "--json", "--scenario", "create", "--scenario", "read"];
        let (mut child, mut lines) = start(&scim(&account), &account.key, &more);
        wait_for(&mut lines, "create: ");
        signal(child.id(), name);
        wait_for(&mut lines, "Ending");
        let report = report_of(&mut child);
        assert_eq!((&report["ended_early"], &report["left_behind"]), (&json!(true), &json!(0)));
        assert_eq!(report["runs"][0]["outcome"], "measured", "{name}");
        assert_eq!(skipped(&report, "read"), "it was ended before");
        assert_eq!(users(&account), 0, "{name}");
    }
}

#[test]
fn a_second_signal_leaves_at_once_and_says_what_may_stay() {
    let hanging = Fake::start(&[], |method, path| match (method, path) {
        ("GET", path) if path.starts_with("/Users/") => None,
        _ => usual(method, path),
    });
    let (mut child, mut lines) = start(&hanging.base, "x", &["--seed", "255", "--scenario", "read"]);
    wait_for(&mut lines, "read: ");
    signal(child.id(), "TERM");
    wait_for(&mut lines, "Ending");
    signal(child.id(), "TERM");
    let said = wait_for(&mut lines, "provost: ");
    let expected = "provost: left at once: users whose names begin with `load-00000000000000ff-` may still be there";
    assert_eq!(said, expected);
    assert_eq!(ended(&mut child).code(), Some(1));
}

#[test]
fn a_server_that_dies_meanwhile_is_reported_with_what_stays_behind() {
    let mut server = Server::start();
    let account = server.account(json!("standard"));
    let more = ["--duration", "2", "--rate", "50", "--json", "--scenario", "read"];
    let (mut child, mut lines) = start(&scim(&account), &account.key, &more);
    wait_for(&mut lines, "read: ");
    server.kill();
    let report = report_of(&mut child);
    let total = &report["runs"][0]["total"];
    assert!(kinds(total).contains(&"no connection"), "{total}");
    assert_eq!(report["left_behind"], 20);
}
