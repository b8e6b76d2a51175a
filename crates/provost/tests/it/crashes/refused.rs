//! States in which no server starts: each is one sentence and exit code 1, and leaves everything as it was.

use crate::{
    process::{command, ended},
    support::Server,
};
use serde_json::json;
use std::{
    fs::{self, File, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Stdio},
};

/// Runs the program to its end under another one, as a user for whom permissions count: root is for these purposes nobody special.
fn sentence(wrapper: &[&str], arguments: &[&str]) -> String {
    let id = Command::new("id").arg("-u").output().expect("`id` is installed");
    let plain: &[&str] =
        if id.stdout.trim_ascii() == b"0" { &["setpriv", "--bounding-set=-all", "--inh-caps=-all"] } else { &[] };
    let words: Vec<&str> = [wrapper, plain].concat();
    let ours = command(arguments);
    let mut run = match words.split_first() {
        None => command(arguments),
        Some((program, rest)) => {
            let mut run = Command::new(program);
            run.args(rest).arg(ours.get_program()).args(ours.get_args());
            run
        }
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (stdout, stderr) = (folder.path().join("stdout"), folder.path().join("stderr"));
    let create = |path| File::create(path).expect("a file can be made");
    run.stdin(Stdio::null()).stdout(create(&stdout)).stderr(create(&stderr));
    let mut child = run.spawn().expect("`setpriv` and `prlimit` (util-linux) are installed");
    let code = ended(&mut child).code();
    let read = |path| fs::read_to_string(path).expect("output is text");
    let said = read(&stderr);
    assert_eq!((code, read(&stdout).as_str()), (Some(1), ""), "{said}");
    let said = said.strip_prefix("provost: ").unwrap_or_else(|| panic!("{said:?}"));
    assert_eq!(said.matches('\n').count(), 1, "{said}");
    said.trim_end().to_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path is text")
}

fn permit(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("permissions can be set");
}

#[test]
fn a_folder_or_file_without_permission_is_refused() {
    let mut server = Server::start_in_folder(&[]);
    server.account(json!("standard"));
    server.stop();
    let data = server.data();
    let bytes = || fs::read(data.join("provost.db")).expect("it is there");
    let before = bytes();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--data", text(&data)];
    let verify = ["verify", "--data", text(&data)];
    let only_read = "the database cannot be opened: it may only be read; let the user that runs this write the folder and all files in it";
    for (name, mode, arguments, said) in [
        ("provost.db", 0o400, &serve[..], only_read),
        ("provost.db", 0o000, &serve, "unable to open database file"),
        ("provost.db", 0o000, &verify, "unable to open database file"),
        ("operator.key", 0o000, &serve, "cannot read"),
        ("provost.lock", 0o000, &serve, "cannot be used: Permission denied"),
        (".", 0o000, &serve, "cannot be used: Permission denied"),
        (".", 0o000, &verify, "cannot be used: Permission denied"),
    ] {
        let path = data.join(name);
        let old = fs::metadata(&path).expect("it is there").permissions();
        permit(&path, mode);
        let sentence = sentence(&[], arguments);
        fs::set_permissions(&path, old).expect("permissions can be set");
        assert!(sentence.contains(said), "{name} {mode:o}: {sentence}");
        assert_eq!(bytes(), before, "{name} {mode:o} leaves it as it was");
    }
    let closed = data.with_file_name("closed");
    fs::create_dir(&closed).expect("a folder can be made");
    permit(&closed, 0o500);
    let inside = closed.join("data");
    for folder in [&closed, &inside] {
        let said = sentence(&[], &["serve", "--listen", "127.0.0.1:0", "--data", text(folder)]);
        assert!(said.contains("cannot be used: Permission denied"), "{said}");
    }
    let said = sentence(&[], &["backup", "--data", text(&data), "--to", text(&inside)]);
    assert!(said.contains("cannot be used: Permission denied"), "{said}");
    permit(&closed, 0o700);
    server.restart();
}

/// The signal that would end it without a word is caught before anything is written.
#[test]
fn a_disk_that_is_full_at_the_start_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    // The sentence goes to a file, too, and needs some space itself.
    for bytes in [1_000, 20_000] {
        let data = folder.path().join(bytes.to_string());
        let limit = format!("--fsize={bytes}");
        let said = sentence(&["prlimit", &limit], &["serve", "--listen", "127.0.0.1:0", "--data", text(&data)]);
        assert!(said.contains("the disk is full or failing, or the file may not grow"), "{bytes}: {said}");
    }
    // With space it starts on what was left.
    let mut server = Server::start_in_folder(&[]);
    server.stop();
    let left = folder.path().join("20000");
    fs::remove_dir_all(server.data()).expect("the folder can go");
    crate::database::copy(&left, &server.data());
    server.restart();
    server.account(json!("standard"));
}

#[test]
fn a_second_server_on_one_folder_is_refused_and_the_first_goes_on() {
    let server = Server::start_in_folder(&[]);
    let account = server.account(json!("standard"));
    let data = server.data();
    let said = sentence(&[], &["serve", "--listen", "127.0.0.1:0", "--data", text(&data)]);
    let expected =
        format!("another server uses the data folder `{}`; stop it first, or choose another folder", data.display());
    assert_eq!(said, expected);
    account.create(json!({ "userName": "ann" }));
}
