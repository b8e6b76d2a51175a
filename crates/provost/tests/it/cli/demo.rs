//! `provost demo`.

use crate::process::{command, ended, run_with, signal};
use std::{
    fs,
    io::{BufRead, BufReader},
    process::Stdio,
};

#[test]
fn it_tells_its_story_and_cleans_up() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let environment = [("TMPDIR", folder.path().to_str().expect("a path is text"))];
    let ran = run_with(&["demo", "--exit", "--listen", "127.0.0.1:0"], &environment).exits(0);
    for shown in [
        "200 OK the target answers as it should",
        "succeeded: imported 3, entitled 3, created 3",
        "entry_level_errors: imported 2, entitled 1, disabled 1, failed 1",
        "`Account Auditor` and `Account Administrator` cannot be held together",
        "204 No Content",
        "lin@contoso.example",
    ] {
        assert!(ran.stdout.contains(shown), "{shown} is not in {}", ran.stdout);
    }
    assert!(ran.stderr.is_empty(), "{}", ran.stderr);
    assert!(!ran.stdout.contains('\u{1b}'), "colour is for terminals");
    assert_eq!(fs::read_dir(folder.path()).expect("the folder is there").count(), 0, "the store is gone");
}

#[test]
fn it_stays_up_until_ctrl_c_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut command = command(&["demo", "--listen", "127.0.0.1:0"]);
    command.env("TMPDIR", folder.path()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let mut text = String::new();
    for line in BufReader::new(child.stdout.take().expect("stdout is piped")).lines() {
        let line = line.expect("stdout is text");
        text.push_str(&line);
        text.push('\n');
        if line.contains("  Secret token  prv_") {
            signal(child.id(), "INT");
        }
    }
    for shown in [
        "Tenant URL    http",
        "Secret token  prv_",
        "provost enterprise-app logs",
        "operator.key",
        "/console/password/prv_password_",
        "/console/sign-in?as=operator",
        "export PROVOST_URL=http://127.0.0.1:",
    ] {
        assert!(text.contains(shown), "{shown} is not in {text}");
    }
    assert_eq!(ended(&mut child).code(), Some(0));
    assert_eq!(fs::read_dir(folder.path()).expect("the folder is there").count(), 0, "the store is gone");
}
