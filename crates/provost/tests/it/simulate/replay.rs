//! What was recorded is said again.

use super::{Simulated, for_entra, scim, simulate, text, totals};
use crate::support::shared;
use provost_testkit::{Fault, Faulty};
use serde_json::{Value, json};
use std::{fs, path::Path};

/// Records a life and answers with the file's text.
fn record(client: &str, file: &Path) -> String {
    let account = for_entra();
    let simulated = simulate(&[client, "--record", text(file)], &scim(&account), &account.key);
    assert_eq!(simulated.ran.code, 0, "{}", simulated.ran.stdout);
    let recorded = fs::read_to_string(file).expect("it was written");
    assert!(!recorded.contains(&account.key), "the token is recorded");
    recorded
}

fn replay(file: &Path, base: &str, token: &str) -> Simulated {
    simulate(&["--replay", text(file)], base, token)
}

#[test]
fn another_server_of_the_same_kind_answers_as_was_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    for client in ["entra", "entra-legacy", "okta"] {
        let file = folder.path().join(client);
        let recorded: Value = serde_json::from_str(&record(client, &file)).expect("a recording is JSON");
        let account = for_entra();
        let replayed = replay(&file, &scim(&account), &account.key);
        assert_eq!(replayed.ran.code, 0, "{}", replayed.ran.stdout);
        let exchanges = recorded["exchanges"].as_array().expect("it has exchanges").len() as u64;
        assert_eq!((replayed.count("passed"), replayed.report["requests"].as_u64()), (exchanges, Some(exchanges)));
        assert_eq!(replayed.report["replayed"], json!(true));
        assert_eq!(totals(&account), (0, 0));
    }
}

#[test]
fn what_is_otherwise_than_it_was_recorded_is_told_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("entra.json");
    record("entra", &file);
    let account = for_entra();
    let faulty = Faulty::start(shared().base.trim_start_matches("http://"), Fault::LosesRemove);
    let replayed = replay(&file, &format!("{}/scim/v2", faulty.base()), &account.key);
    assert_eq!(replayed.ran.code, 1);
    let told = &replayed.ran.stdout;
    assert!(told.contains("wrong: the status was 200, and is 204"), "{told}");
    assert!(told.contains("wrong: `/members` had 1 elements, and has 2"), "{told}");
    assert_eq!(totals(&account), (0, 0));
}

/// A recording is read as strictly as anything that somebody brings along, and what it names stays below the service.
#[test]
fn a_recording_that_was_changed_by_hand_says_what_differs() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("okta.json");
    let mut recorded: Value = serde_json::from_str(&record("okta", &file)).expect("a recording is JSON");
    recorded["exchanges"][0]["status"] = json!(418);
    fs::write(&file, recorded.to_string()).expect("a file");
    let account = for_entra();
    let replayed = replay(&file, &scim(&account), &account.key);
    assert_eq!((replayed.ran.code, replayed.count("failed")), (1, 1), "{}", replayed.ran.stdout);
    assert!(replayed.ran.stdout.contains("wrong: the status was 418, and is 200"), "{}", replayed.ran.stdout);
}
