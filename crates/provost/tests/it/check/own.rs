//! Our own server, and what the command does besides trying cases.

use super::{check, text};
use crate::{
    fulcrum::fulcrum,
    process::{command, ended, run, run_with, signal},
    support::{Account, Lodger, shared},
};
use expect_test::{expect, expect_file};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::Stdio,
};

fn lodger(policy: Value) -> Lodger {
    let server = shared();
    Lodger { account: server.account(policy), server }
}

fn standard() -> Lodger {
    lodger(json!({ "preset": "standard", "groups": { "mode": "managed" } }))
}

/// What Entra's dialects need besides: the standard wants `noTarget` where Entra wants a value made.
fn for_entra() -> Lodger {
    lodger(json!({ "preset": "standard", "groups": { "mode": "managed" }, "patch": { "no_match": "create" } }))
}

fn scim(account: &Account) -> String {
    format!("{}/scim/v2", account.base)
}

fn total(account: &Account, path: &str) -> u64 {
    let list = account.scim("GET", path, Value::Null).expect(200).json();
    list["totalResults"].as_u64().expect("a list has a total")
}

#[test]
fn our_own_server_fails_nothing_and_keeps_nothing() {
    for (account, profiles) in [(standard(), &["rfc"][..]), (for_entra(), &["entra", "okta"])] {
        let options: Vec<&str> = profiles.iter().flat_map(|profile| ["--profile", profile]).collect();
        let checked = check(&scim(&account), &account.key, &options);
        assert_eq!(checked.with(&["failed", "unsettled"]), Vec::<&str>::new(), "{}", checked.ran.stdout);
        assert_eq!(checked.ran.code, 0);
        assert_eq!(checked.left_behind(), &Vec::<Value>::new());
        assert_eq!((total(&account, "/Users?count=0"), total(&account, "/Groups?count=0")), (0, 0));
    }
}

/// Under a policy that restricts, what fails is what it restricts.
#[test]
fn policies_that_restrict_fail_what_they_restrict() {
    let dsm = lodger(json!("dsm"));
    let fulcrum = fulcrum();
    let findings = |account: &Account| check(&scim(account), &account.key, &[]).findings();
    // `users.identifier_update: ignore`: who a user is does not change.
    expect![[r#"
        failed: put-taken-user-name: RFC 7644 §3.12
        failed: patch-taken-user-name: RFC 7644 §3.12
        failed: entra-07-update-user-name: Entra validator, test 7
        information: 3
        not_offered: 142
        passed: 173
    "#]]
    .assert_eq(&findings(&dsm));
    // `users.on_deactivate: remove`: a user that is disabled is gone.
    expect![[r#"
        failed: entra-08-disable-user: Entra validator, test 8
        failed: entra-08-disable-with-text: Entra: legacy dialect
        failed: entra-soft-delete-and-return: Entra: disable, restore, delete
        failed: okta-deactivate: Okta: deactivate user
        failed: okta-reactivate: Okta: reactivate user
        information: 5
        not_offered: 62
        passed: 248
        warning: 1
    "#]]
    .assert_eq(&findings(&fulcrum));
}

/// The report of this version. `cargo xtask conformance-report` writes it anew.
#[test]
fn the_report_of_this_version_is_true() {
    let (ours, entras) = (standard(), for_entra());
    let rfc = check(&scim(&ours), &ours.key, &["--profile", "rfc"]);
    let clients = check(&scim(&entras), &entras.key, &["--profile", "entra", "--profile", "okta"]);
    let mut report = String::from(include_str!("report-head.md"));
    let mut chapter = "";
    for case in [&rfc, &clients].into_iter().flat_map(|checked| checked.cases()) {
        let of = |name: &str| case[name].as_str().unwrap_or_default();
        if of("chapter") != chapter {
            chapter = of("chapter");
            report.push_str(&format!(
                "\n## {chapter}\n\n| case | level | source | outcome |\n| --- | --- | --- | --- |\n"
            ));
        }
        let outcome = match case["why"].as_str() {
            Some(why) => format!("{}: {why}", of("outcome").replace('_', " ")),
            None => of("outcome").replace('_', " "),
        };
        report.push_str(&format!(
            "| {}: {} | {} | {} | {outcome} |\n",
            of("id"),
            of("title"),
            of("level"),
            of("source")
        ));
    }
    expect_file!["../../../../../docs/conformance/report.md"].assert_eq(&report);
}

#[test]
fn read_only_writes_nothing() {
    let account = standard();
    let before = account.audit().len();
    let checked = check(&scim(&account), &account.key, &["--read-only"]);
    assert_eq!(checked.ran.code, 0, "{}", checked.ran.stdout);
    assert_eq!(account.audit().len(), before);
    assert!(checked.with(&["passed"]).len() > 20 && checked.with(&["not_run"]).len() > 100);
}

#[test]
fn reports_have_their_forms() {
    let account = standard();
    let folder = tempfile::tempdir().expect("a folder");
    let [junit, html] = ["check.xml", "check.html"].map(|name| folder.path().join(name));
    let options = ["--case", "error-has-its-form", "--case", "discovery-refuses-filters"];
    let more = [&options[..], &["--junit", text(&junit), "--html", text(&html)]].concat();
    let checked = check(&scim(&account), &account.key, &more);
    let junit = fs::read_to_string(&junit).expect("it was written");
    let times = |text: &str| {
        text.split('"').map(|part| if part.contains('.') { "N" } else { part }).collect::<Vec<_>>().join("\"")
    };
    expect![[r#"
        <?xml version="N" encoding="UTF-8"?>
        <testsuites name="provost check" tests="2" failures="0" errors="0" skipped="0" time="N">
          <testsuite name="Discovery" tests="1" failures="0" errors="0" skipped="0" time="N">
            <testcase classname="Discovery" name="discovery-refuses-filters: A filter on discovery is refused with 403" time="N"/>
          </testsuite>
          <testsuite name="HTTP and errors" tests="1" failures="0" errors="0" skipped="0" time="N">
            <testcase classname="HTTP and errors" name="error-has-its-form: An error has the Error schema and a status that is a string" time="N"/>
          </testsuite>
        </testsuites>
    "#]].assert_eq(&times(&junit));
    let html = fs::read_to_string(&html).expect("it was written");
    assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"));
    assert!(!html.contains("<script") && !html.contains("src=") && !html.contains(&account.key));
    assert!(checked.ran.stdout.ends_with("2 cases: 2 passed\n"), "{}", checked.ran.stdout);
}

#[test]
fn a_failure_is_told_with_what_was_sent_and_what_to_change() {
    let account = standard();
    let folder = tempfile::tempdir().expect("a folder");
    let case = "\
chapter = 'Ours'\nprofiles = ['okta']\n[[case]]\nid = 'ours'\ntitle = 'Nobody is there'\nlevel = 'must'\nsource = 'our book'\n\
says = 'There is somebody.'\nchange = 'Hire somebody.'\n[[case.step]]\nsend = 'GET /Users?filter=userName eq \"${nobody}\"'\n\
status = 200\nexpect = ['/totalResults is 1', 'should: /Resources/?active=true/id is present']\n";
    fs::write(folder.path().join("ours.toml"), case).expect("a file");
    let checked = check(&scim(&account), &account.key, &["--cases", text(folder.path()), "--case", "ours"]);
    assert_eq!(checked.ran.code, 1);
    let shown: Vec<&str> = checked.ran.stdout.lines().skip(2).filter(|line| !line.contains("etag")).collect();
    expect![[r#"

        FAILED  ours: Nobody is there
          says    There is somebody. (our book, MUST)
          sent    GET /Users?filter=userName%20eq%20%22018f4a3c-0000-7000-8000-00000c4ec4ed%22
          came    200
                  content-type: application/scim+json
                  content-length: 130
                  {"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}
          wrong   step 1: `/totalResults` should be 1, and is 0
          wrong   step 1: `/Resources/?active=true/id` should be there, and is nowhere (SHOULD)
          change  Hire somebody.

        1 cases: 1 failed
    "#]].assert_eq(&(shown.join("\n") + "\n"));
}

#[test]
fn what_cannot_be_checked_is_said_in_a_sentence() {
    let account = standard();
    let folder = tempfile::tempdir().expect("a folder");
    let token = [("PROVOST_TOKEN", account.key.as_str())];
    let said = |arguments: &[&str]| run_with(&[&["check"], arguments].concat(), &token).sentence();
    let base = scim(&account);
    fs::write(folder.path().join("odd.toml"), "chapter = 'x'\nprofiles = ['rfc']\n[[case]]\nid = 'odd'\ntitle = 't'\nlevel = 'must'\nsource = 's'\nsays = 's'\nchange = 'c'\n[[case.step]]\nsend = 'GET /Users/${ann}'\n").expect("a file");
    let odd = said(&[&base, "--cases", text(folder.path())]);
    assert!(odd.ends_with("odd.toml, case `odd`: step 1: `${ann}` has no value yet"), "{odd}");
    expect!["there is no case `nothing` in these profiles: `--list` shows those that there are"]
        .assert_eq(&said(&[&base, "--case", "nothing"]));
    let nowhere = said(&["http://127.0.0.1:1/scim/v2"]);
    assert!(nowhere.starts_with("cannot reach http://127.0.0.1:1/scim/v2: no connection"), "{nowhere}");
    let refused = run_with(&["check", &base], &[("PROVOST_TOKEN", "wrong")]).sentence();
    assert_eq!(
        refused,
        format!("{base} refuses the token (HTTP 401): pass one that may read and write users and groups")
    );
}

#[test]
fn ctrl_c_removes_what_was_made_and_reports() {
    let account = standard();
    let before = account.audit().len();
    let mut command = command(&["check", &scim(&account), "--profile", "rfc"]);
    let mut child = command
        .env("PROVOST_TOKEN", &account.key)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    // It is at work, and listens for signals, as soon as something was made.
    while account.audit().len() == before {
        crate::support::pause();
    }
    signal(child.id(), "INT");
    let stdout = child.stdout.take().expect("stdout is piped");
    let lines: Vec<String> = BufReader::new(stdout).lines().map_while(Result::ok).collect();
    ended(&mut child);
    assert!(
        lines.iter().any(|line| line.starts_with("Not run: ") && line.ends_with("it was ended early")),
        "{lines:#?}"
    );
    assert_eq!((total(&account, "/Users?count=0"), total(&account, "/Groups?count=0")), (0, 0));
}

#[test]
fn cases_are_listed_without_a_server() {
    let listed = run(&["check", "--list", "--profile", "okta"]).exits(0).stdout;
    assert!(listed.lines().count() > 10 && listed.lines().all(|line| line.starts_with("okta-")), "{listed}");
}
