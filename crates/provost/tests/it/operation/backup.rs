//! S-109: backups while the server serves, and the way back.

use super::transfer::rich;
use crate::{
    database::{alter, copy, file},
    process::{Ran, command, ended, run, signal},
    support::{Account, Server, pause},
};
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    path::Path,
    process::Stdio,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

fn text(path: &Path) -> &str {
    path.to_str().expect("a path is text")
}

fn back_up(data: &Path, to: &Path, more: &[&str]) -> Ran {
    run(&[&["backup", "--data", text(data), "--to", text(to)], more].concat())
}

fn restore(from: &Path, data: &Path) -> Ran {
    run(&["restore", "--from", text(from), "--data", text(data)])
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name is text"))
        .collect();
    names.sort();
    names
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).expect("the file is there").permissions().mode() & 0o777
}

/// Creates users until it is told to stop; each number in `acknowledged` is one that is there.
fn write(account: &Account, acknowledged: &AtomicUsize, stop: &AtomicBool) {
    while !stop.load(Ordering::SeqCst) {
        let number = acknowledged.load(Ordering::SeqCst);
        account.create(json!({ "userName": format!("w{number}@a.example"), "externalId": format!("w{number}") }));
        acknowledged.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn s_109_a_backup_made_while_writing_is_whole_and_serves_after_a_restore() {
    let mut server = Server::start_in_folder(&[]);
    let account = rich(&server);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (to, data) = (folder.path().join("provost.backup"), folder.path().join("restored"));
    let (acknowledged, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let before = thread::scope(|scope| {
        scope.spawn(|| write(&account, &acknowledged, &stop));
        while acknowledged.load(Ordering::SeqCst) < 20 {
            pause();
        }
        let before = acknowledged.load(Ordering::SeqCst);
        // The second takes the place of the first.
        for _ in 0..2 {
            let said = back_up(&server.data(), &to, &["--with-keys"]).exits(0).stdout;
            assert!(said.contains("is made and checked") && said.contains("keep it secret"), "{said}");
        }
        stop.store(true, Ordering::SeqCst);
        before
    });
    assert_eq!(names(folder.path()), ["provost.backup"], "nothing else is left");
    #[cfg(unix)]
    assert_eq!(mode(&to), 0o600);
    let key = server.operator_key.clone();
    server.stop();

    let said = restore(&to, &data).exits(0).stdout;
    assert!(said.contains("The operator's key came with it."), "{said}");
    assert_eq!(names(&data), ["operator.key", "provost.db"]);
    #[cfg(unix)]
    assert!(names(&data).iter().all(|name| mode(&data.join(name)) == 0o600));
    let verified = run(&["verify", "--data", text(&data), "--json"]).json();
    assert_eq!(verified["sound"], json!(true));

    // What was acknowledged before the backup began is there; the server's own folder plays no part.
    fs::remove_dir_all(server.data()).expect("the old folder can go");
    copy(&data, &server.data());
    server.restart();
    assert_eq!(server.operator_key, key);
    let account = server.again(&account);
    let there = account.find("externalId sw \"w\"")["totalResults"].as_u64().expect("a number");
    let most = acknowledged.load(Ordering::SeqCst) as u64;
    assert!((before as u64..=most).contains(&there), "{before} to {most}: {there}");
    account.create(json!({ "userName": "new@a.example" }));
}

#[test]
fn a_backup_holds_no_key_unless_it_is_told_to() {
    let mut server = Server::start_in_folder(&[]);
    server.account(json!("standard"));
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (to, data) = (folder.path().join("b"), folder.path().join("restored"));
    let ran = run(&["backup", "--data", text(&server.data()), "--to", text(&to), "--json"]).json();
    let length = fs::metadata(&to).expect("the backup is there").len();
    assert_eq!(ran, json!({ "file": text(&to), "bytes": length, "keys": [] }));
    let secret = server.operator_key.clone().into_bytes();
    let bytes = fs::read(&to).expect("the backup is there");
    assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    assert!(back_up(&server.data(), &to, &[]).exits(0).stdout.contains("keep operator.key elsewhere"));
    server.stop();
    let said = restore(&to, &data).exits(0).stdout;
    assert!(said.contains("put yours into the folder as operator.key"), "{said}");
    assert_eq!(names(&data), ["provost.db"]);

    // A key that came along is nowhere in the database.
    back_up(&server.data(), &to, &["--with-keys"]).exits(0);
    fs::remove_dir_all(&data).expect("a folder can be removed");
    restore(&to, &data).exits(0);
    let bytes = fs::read(file(&data)).expect("the database is there");
    assert!(!bytes.windows(secret.len()).any(|window| window == secret));
}

#[test]
fn a_backup_that_cannot_be_made_leaves_what_was_there() {
    let mut server = Server::start_in_folder(&[]);
    server.account(json!("standard"));
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let to = folder.path().join("kept");
    fs::write(&to, "kept").expect("a file can be written");
    let data = server.data();
    let inside = back_up(&data, &data.join("backup.db"), &[]).sentence();
    assert!(inside.starts_with("a backup does not belong into the data folder"), "{inside}");
    let nowhere = back_up(&data, &folder.path().join("no/where"), &[]).sentence();
    assert!(nowhere.contains("cannot be used: No such file"), "{nowhere}");
    assert!(back_up(folder.path(), &to, &[]).sentence().starts_with("there is no database in"));
    let partial = folder.path().join("kept.partial");
    let other = File::create(&partial).expect("a file can be made");
    other.lock().expect("nobody has it");
    assert!(back_up(&data, &to, &[]).sentence().ends_with("is under way"));
    drop(other);
    server.stop();
    // Garbage that the copy takes along is found in it.
    let database = file(&data);
    let mut bytes = fs::read(&database).expect("the database is there");
    let half = bytes.len() / 2 / 4096 * 4096;
    bytes[half..half + 4096].fill(0xa5);
    fs::write(&database, bytes).expect("it can be written");
    let damaged = back_up(&data, &to, &[]).sentence();
    assert!(damaged.contains("is damaged: "), "{damaged}");
    assert_eq!(fs::read_to_string(&to).expect("it is there"), "kept");
    assert_eq!(names(folder.path()), ["kept"]);
}

/// However a backup ends, what was there stays, and the next one is made over what it left.
#[test]
fn a_killed_backup_does_no_harm() {
    let server = Server::start_in_folder(&[]);
    let account = server.account(json!("standard"));
    crate::crowd::users(&account, "many", 400);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (to, data) = (folder.path().join("b"), server.data());
    fs::write(&to, "kept").expect("a file can be written");
    let mut unfinished = 0;
    for _ in 0..20 {
        let arguments = ["backup", "--data", text(&data), "--to", text(&to)];
        let mut child = command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        while !folder.path().join("b.partial").exists() && child.try_wait().expect("it can be asked").is_none() {
            thread::yield_now();
        }
        if child.try_wait().expect("it can be asked").is_none() {
            signal(child.id(), "KILL");
        }
        ended(&mut child);
        if fs::read(&to).expect("it is there") == b"kept" {
            unfinished += 1;
        } else {
            fs::write(&to, "kept").expect("a file can be written");
        }
    }
    assert!(unfinished > 0, "a kill came before the end");
    back_up(&data, &to, &[]).exits(0);
    assert_eq!(names(folder.path()), ["b"]);
    restore(&to, &folder.path().join("restored")).exits(0);
}

#[test]
fn what_cannot_be_restored_is_refused_in_one_sentence_and_leaves_nothing() {
    let mut server = Server::start_in_folder(&[]);
    let account = server.account(json!("standard"));
    crate::crowd::users(&account, "many", 200);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let at = |name: &str| folder.path().join(name);
    let good = at("good");
    back_up(&server.data(), &good, &[]).exits(0);
    let live = restore(&file(&server.data()), &at("live")).sentence();
    assert!(live.contains("has a write-ahead log beside it"), "{live}");
    server.stop();

    fs::write(at("text"), "no database, but long enough to look like one ".repeat(999)).expect("a file can be written");
    fs::write(at("empty"), "").expect("a file can be written");
    let whole = fs::read(&good).expect("the backup is there");
    fs::write(at("cut"), &whole[..whole.len() / 2]).expect("a file can be written");
    let mut garbage = whole.clone();
    let half = garbage.len() / 2 / 4096 * 4096;
    garbage[half..half + 4096].fill(0xa5);
    fs::write(at("garbage"), garbage).expect("a file can be written");
    for (name, statements) in [
        ("newer", "INSERT INTO migrations VALUES (999, 'x', 0)"),
        ("changed", "UPDATE migrations SET checksum = 'x' WHERE number = 1"),
        ("other", "DROP TABLE migrations"),
    ] {
        fs::create_dir(at("altered")).expect("a folder can be made");
        fs::copy(&good, file(&at("altered"))).expect("a file can be copied");
        alter(&at("altered"), statements);
        fs::rename(file(&at("altered")), at(name)).expect("a file can be moved");
        fs::remove_dir(at("altered")).expect("it is empty");
    }
    for (from, said) in [
        ("text", "is no backup of Provost"),
        ("empty", "is no backup of Provost"),
        ("other", "is no backup of Provost"),
        ("missing", "cannot be used: No such file"),
        ("cut", "is damaged: "),
        ("garbage", "is damaged: "),
        ("newer", "the database has schema 999, but this version of Provost knows only 3; use the newer version"),
        ("changed", "it was made by another build"),
    ] {
        let sentence = restore(&at(from), &at("new")).sentence();
        assert!(sentence.contains(said), "{from}: {sentence}");
        assert!(!at("new").exists() || names(&at("new")).is_empty(), "{from} leaves nothing behind");
    }
    let full = restore(&good, &server.data()).sentence();
    assert!(full.ends_with("is not empty; name a new one, or move what is in it away"), "{full}");
    let a_file = restore(&good, &at("text")).sentence();
    assert!(a_file.contains("cannot be used"), "{a_file}");
    // What an attempt that was killed left behind is in nobody's way.
    fs::create_dir_all(at("new")).expect("a folder can be made");
    fs::write(at("new").join("provost.db.partial"), "x".repeat(99_999)).expect("a file can be written");
    restore(&good, &at("new")).exits(0);
    assert_eq!(names(&at("new")), ["provost.db"]);
    assert_eq!(run(&["verify", "--data", text(&at("new")), "--json"]).json()["sound"], json!(true));
    let again = restore(&good, &at("new")).sentence();
    assert!(again.contains("is not empty"), "{again}");
}

#[test]
fn a_backup_without_its_keys_starts_with_new_ones() {
    let mut server = Server::start_in_folder(&[]);
    let account = server.account(json!("standard"));
    let user = account.create(json!({ "userName": "ann@a.example" }));
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let to = folder.path().join("b");
    back_up(&server.data(), &to, &[]).exits(0);
    let old = server.operator_key.clone();
    server.stop();
    fs::remove_dir_all(server.data()).expect("the old folder can go");
    restore(&to, &server.data()).exits(0);
    server.restart();
    assert_ne!(server.operator_key, old);
    let account = server.again(&account);
    assert_eq!(account.get(user["id"].as_str().expect("an id")).expect(200).json()["userName"], "ann@a.example");
    server.api("GET", "/accounts", Value::Null).expect(200);
}
