//! A machine that lost power in the middle of a write: the end of the write-ahead log is not what was to be there.

use super::check_sound;
use crate::{
    database::{copy, file},
    support::{Account, Server},
};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Bytes of a frame: its head, and a page.
const FRAME: usize = 24 + 4096;
/// Bytes before the first frame.
const HEAD: usize = 32;
const USERS: usize = 30;

fn log_of(data: &Path) -> PathBuf {
    data.join("provost.db-wal")
}

/// Frames that the last commit wrote, from the end: each commit's last one names the size of the database.
fn frames_of_last_commit(log: &[u8]) -> usize {
    let commits = |frame: &[u8]| frame[4..8] != [0; 4];
    let frames: Vec<&[u8]> = log[HEAD..].chunks_exact(FRAME).collect();
    assert!(frames.last().is_some_and(|frame| commits(frame)), "nothing was under way at the kill");
    1 + frames.iter().rev().skip(1).take_while(|frame| !commits(frame)).count()
}

#[test]
fn s_106_a_torn_write_at_the_end_of_the_log_costs_the_last_commit_at_most() {
    let mut server = Server::start_in_folder(&[]);
    let account = server.account(json!("standard"));
    let mut logs = Vec::new();
    for number in 0..USERS {
        account.create(json!({ "userName": format!("u{number}@a.example"), "externalId": format!("x{number}") }));
        logs.push(fs::metadata(log_of(&server.data())).expect("a log is there").len());
    }
    assert!(logs.is_sorted_by(|one, next| one < next), "each commit is in the log, behind the one before: {logs:?}");
    server.kill();
    let kept = server.data().with_file_name("kept");
    copy(&server.data(), &kept);
    let log = fs::read(log_of(&kept)).expect("a log is left");
    let last = log.len() - frames_of_last_commit(&log) * FRAME;

    type Damage = fn(&mut Vec<u8>, usize);
    let damages: [(&str, usize, Damage); 9] = [
        ("untouched", USERS, |_, _| {}),
        ("one byte short", USERS - 1, |log, _| log.truncate(log.len() - 1)),
        ("half a page short", USERS - 1, |log, _| log.truncate(log.len() - 2000)),
        ("without its last frame", USERS - 1, |log, _| log.truncate(log.len() - FRAME)),
        ("only the beginning of the last commit", USERS - 1, |log, last| log.truncate(last + 5000)),
        ("zeros in place of the last page", USERS - 1, |log, _| {
            let from = log.len() - 4096;
            log[from..].fill(0);
        }),
        ("garbage in place of the last frame's head", USERS - 1, |log, _| {
            let from = log.len() - FRAME;
            log[from..from + 24].fill(0xa5);
        }),
        ("one bit flipped in the first frame of the last commit", USERS - 1, |log, last| log[last + 24 + 1000] ^= 1),
        ("garbage behind it", USERS, |log, _| log.extend([0xa5; FRAME])),
    ];
    for (name, there, damage) in damages {
        fs::remove_dir_all(server.data()).expect("the folder can go");
        copy(&kept, &server.data());
        let mut log = log.clone();
        damage(&mut log, last);
        fs::write(log_of(&server.data()), log).expect("it can be written");
        server.restart();
        let account = server.again(&account);
        users_are_there(name, &account, there);
        check_sound(&server);
        // What is lost can be done again.
        let again = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": format!("u{}@a.example", USERS - 1) });
        account.scim("POST", "/Users", again).expect(if there == USERS { 409 } else { 201 });
        server.stop();
        check_sound(&server);
        assert!(file(&server.data()).exists());
    }
}

fn users_are_there(name: &str, account: &Account, there: usize) {
    for number in 0..USERS {
        let found = account.find(&format!("userName eq \"u{number}@a.example\""));
        assert_eq!(found["totalResults"], json!(usize::from(number < there)), "{name}: user {number}");
        let external = account.find(&format!("externalId eq \"x{number}\""));
        assert_eq!(external["totalResults"], found["totalResults"], "{name}: user {number}");
    }
}
