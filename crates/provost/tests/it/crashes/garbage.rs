//! A disk that gives back something else than was written.

use crate::{
    database::{copy, file, first_pages},
    process::{command, ended, run},
    support::{Account, Server, first_line, request},
};
use serde_json::{Value, json};
use std::{fs, path::Path, process::Stdio};

const PAGE: usize = 4096;
/// Damaged places, spread over the file.
const PLACES: usize = 24;

/// Overwrites a page.
fn ruin(data: &Path, page: usize) {
    let path = file(data);
    let mut bytes = fs::read(&path).expect("the database is there");
    for (place, byte) in bytes[page * PAGE..(page + 1) * PAGE].iter_mut().enumerate() {
        *byte = (place * 31 + 7) as u8;
    }
    fs::write(&path, bytes).expect("it can be written");
}

/// What a server on damaged data answers, if it starts at all; otherwise its sentence.
fn serve(data: &Path, account: &Account, ids: &[String]) -> Result<Vec<u16>, String> {
    let mut command = command(&["serve", "--listen", "127.0.0.1:0", "--data"]);
    let log = data.with_file_name("log");
    let create = || fs::File::create(&log).expect("a file can be made");
    let mut child = command.arg(data).stdout(Stdio::piped()).stderr(create()).spawn().expect("the binary starts");
    let (line, _) = first_line(&mut child);
    let said = || fs::read_to_string(&log).expect("a log is text");
    let Some(base) = line.trim().strip_prefix("listening on ") else {
        assert_eq!(ended(&mut child).code(), Some(1), "{}", said());
        return Err(said());
    };
    let account = Account { base: base.to_owned(), ..account.with_key(&account.key) };
    let mut statuses: Vec<u16> = ids.iter().map(|id| account.get(id).status).collect();
    let new = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "new@a.example" });
    for (method, path, body) in [
        ("GET", "/Users?count=200", Value::Null),
        ("GET", "/Users?filter=userName%20eq%20%22many7%22", Value::Null),
        ("GET", "/Users?sortBy=userName", Value::Null),
        ("GET", "/Groups", Value::Null),
        ("POST", "/Users", new),
        ("DELETE", &format!("/Users/{}", ids[3]), Value::Null),
    ] {
        statuses.push(asked(&account, method, path, &body));
    }
    statuses.push(account.api("GET", "/audit/verify", Value::Null).status);
    let health = request("GET", &format!("{base}/healthz")).send().expect("it is alive");
    assert_eq!(health.status(), 200);
    child.kill().expect("a child can be killed");
    child.wait().expect("it can be waited for");
    assert!(!said().contains("panic"), "{}", said());
    Ok(statuses)
}

/// Repairs a copy with a ruined page: it is sound afterwards, or what is not is named.
fn repair(data: &Path, page: usize) {
    let copied = data.with_file_name("repaired");
    copy(data, &copied);
    ruin(&copied, page);
    let verify = ["verify", "--data", copied.to_str().expect("a path is text")];
    let repaired = run(&[&verify[..], &["--repair"]].concat());
    match repaired.code {
        0 => assert!(run(&verify).exits(0).stdout.ends_with("all is sound.\n"), "page {page}"),
        code => assert!(code == 3 && repaired.stdout.contains("database: ") || page == 0, "page {page}: {repaired:?}"),
    }
    fs::remove_dir_all(copied).expect("the copy can go");
}

/// The status of an answer; 500 of one that broke off, which is all that can be said once it has begun.
fn asked(account: &Account, method: &str, path: &str, body: &Value) -> u16 {
    let asked = request(method, &format!("{}/scim/v2{path}", account.base)).bearer_auth(&account.key);
    let asked = asked.header("content-type", "application/scim+json").body(body.to_string());
    let answer = asked.send().expect("the server answers");
    let status = answer.status().as_u16();
    if answer.text().is_ok() { status } else { 500 }
}

#[test]
fn garbage_in_the_database_is_named_and_answered_and_ends_nothing() {
    let mut server = Server::start_in_folder(&[]);
    let account = server.account(json!("standard"));
    let ids = crate::crowd::users(&account, "many", 150);
    let members: Vec<&str> = ids.iter().take(50).map(String::as_str).collect();
    account.group("All", &members);
    server.stop();
    let damaged = server.data().with_file_name("damaged");
    let pages =
        usize::try_from(fs::metadata(file(&server.data())).expect("it is there").len()).expect("it is small") / PAGE;
    assert!(pages > 2 * PLACES, "{pages}");
    let (mut served, mut failed) = (0, 0);
    for place in 0..PLACES {
        let page = if place == 0 { 0 } else { 1 + place * (pages - 2) / PLACES };
        if damaged.exists() {
            fs::remove_dir_all(&damaged).expect("the copy can go");
        }
        copy(&server.data(), &damaged);
        ruin(&damaged, page);
        let verify = run(&["verify", "--data", damaged.to_str().expect("a path is text")]);
        assert!(verify.code == 3 || verify.code == 1 && page == 0, "page {page}: {verify:?}");
        assert!(page == 0 || verify.stdout.contains("database: "), "page {page}: {}", verify.stdout);
        repair(&server.data(), page);
        match serve(&damaged, &account, &ids) {
            Ok(statuses) => {
                for status in statuses {
                    assert!([200, 201, 204, 401, 404, 409, 500, 503].contains(&status), "page {page}: {status}");
                    served += usize::from(status < 300);
                    failed += usize::from(status >= 500);
                }
            }
            Err(said) => {
                let last = said.lines().last().unwrap_or_default();
                assert!(last.starts_with("provost: the database cannot be opened: "), "page {page}: {said}");
            }
        }
    }
    assert!(served > failed && failed > 0, "{served} were served, {failed} failed");
}

/// What only follows from the rest is made anew, even where its pages cannot be read; what nothing else says is left alone.
#[test]
fn damaged_pages_that_held_nothing_of_their_own_are_made_anew() {
    let mut server = Server::start_in_folder(&[]);
    let account = server.account(json!("standard"));
    let ids = crate::crowd::users(&account, "many", 150);
    let members: Vec<&str> = ids.iter().take(50).map(String::as_str).collect();
    let group = crate::support::id(&account.group("All", &members));
    server.stop();
    let whole = server.data().with_file_name("whole");
    copy(&server.data(), &whole);
    let pages = first_pages(&whole);
    assert!(pages.len() > 10, "{pages:?}");
    for (name, page) in pages {
        fs::remove_dir_all(server.data()).expect("the folder can go");
        copy(&whole, &server.data());
        ruin(&server.data(), page);
        let before = fs::read(file(&server.data())).expect("it is there");
        let data = server.data();
        let repaired = run(&["verify", "--repair", "--data", data.to_str().expect("a path is text")]);
        let kept = data.join("provost.db.damaged-1");
        if ["migrations", "heads", "moves", "records", "members", "log"].contains(&name.as_str()) {
            assert!([1, 3].contains(&repaired.code), "{name}: {repaired:?}");
            assert!(name == "migrations" || repaired.stdout.contains("go back to a backup"), "{name}: {repaired:?}");
            assert_eq!(fs::read(file(&data)).expect("it is there"), before, "{name} is left as it was");
            assert!(!kept.exists());
            continue;
        }
        assert!(repaired.code == 0 && repaired.stdout.contains("all is sound now."), "{name}: {repaired:?}");
        assert!(kept.exists(), "{name}: the damaged file is kept");
        server.restart();
        let account = server.again(&account);
        super::check_sound(&server);
        assert_eq!(super::listed(&account).len(), ids.len(), "{name}");
        assert_eq!(account.members_of(&group).len(), members.len(), "{name}");
        assert_eq!(account.find("userName eq \"many7\"")["totalResults"], json!(1), "{name}");
        server.stop();
    }
}
