//! What was acknowledged is there, whatever happens to the process, its disk and its clock.

mod clock;
mod full_disk;
mod garbage;
#[cfg(unix)]
mod refused;
mod torn;

use crate::{
    process::run,
    support::{Account, Server, request},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// Kills, unless the environment names another number in `PROVOST_TEST_KILLS`.
const ROUNDS: usize = 100;
/// After so many rounds everything is looked at, after the others what they may have changed.
const WHOLE_EVERY: usize = 20;
const WRITERS: usize = 8;
/// Acknowledged writes of a round before the server is killed; it varies so that each round hits another moment.
const WRITES_MIN: usize = 20;
const WRITES_MORE: usize = 4;

/// What a writer was promised about a user: its id, and the last title that was acknowledged and those that were asked for since.
#[derive(Clone, Default)]
struct Promise {
    title: String,
    asked: Vec<String>,
}

#[derive(Default)]
struct Ledger {
    /// By id.
    users: BTreeMap<String, (String, Promise)>,
    /// Ids of those that the round created or changed.
    touched: BTreeSet<String>,
    /// Names for which no answer came.
    unsure: Vec<String>,
    /// Acknowledged writes.
    acknowledged: u64,
}

fn body(name: &str, title: &str) -> Value {
    json!({
        "schemas": [USER],
        "userName": name,
        "externalId": format!("ext-{name}"),
        "title": title,
        "name": { "givenName": format!("given-{name}"), "familyName": "x".repeat(200) },
        "emails": [{ "type": "work", "value": name }],
    })
}

/// Sends a write; `None` when no answer came.
fn write(account: &Account, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
    let request = request(method, &format!("{}/scim/v2{path}", account.base)).bearer_auth(&account.key);
    let answer = request.header("content-type", "application/scim+json").body(body.to_string()).send().ok()?;
    let status = answer.status().as_u16();
    let text = answer.text().ok()?;
    Some((status, serde_json::from_str(&text).ok()?))
}

/// Creates users and changes its own ones until the server is gone.
fn writer(account: &Account, round: usize, number: usize, ledger: &Mutex<Ledger>, writes: &AtomicUsize) {
    let mut own: Vec<String> = Vec::new();
    for turn in 0.. {
        let locked = || ledger.lock().expect("no writer fails");
        if turn % 3 == 0 || own.is_empty() {
            let name = format!("r{round}-w{number}-{turn}@a.example");
            let title = format!("new-{turn}");
            match write(account, "POST", "/Users", &body(&name, &title)) {
                Some((status, user)) => {
                    assert_eq!(status, 201, "{user}");
                    let id = user["id"].as_str().expect("a user has an id").to_owned();
                    own.push(id.clone());
                    let mut ledger = locked();
                    ledger.touched.insert(id.clone());
                    ledger.users.insert(id, (name, Promise { title, asked: Vec::new() }));
                    ledger.acknowledged += 1;
                }
                None => return locked().unsure.push(name),
            }
        } else {
            let id = &own[turn % own.len()];
            let title = format!("patched-{round}-{number}-{turn}");
            {
                let mut ledger = locked();
                ledger.touched.insert(id.clone());
                ledger.users.get_mut(id).expect("it is known").1.asked.push(title.clone());
            }
            let patch =
                json!({ "schemas": [PATCH_OP], "Operations": [{ "op": "replace", "path": "title", "value": title }] });
            let Some((status, user)) = write(account, "PATCH", &format!("/Users/{id}"), &patch) else { return };
            assert_eq!(status, 200, "{user}");
            let mut ledger = locked();
            ledger.users.get_mut(id).expect("it is known").1 = Promise { title, asked: Vec::new() };
            ledger.acknowledged += 1;
        }
        writes.fetch_add(1, Ordering::Relaxed);
    }
}

/// Everything that is listed, by id, page by page.
fn listed(account: &Account) -> BTreeMap<String, Value> {
    let mut users = BTreeMap::new();
    loop {
        let page =
            account.scim("GET", &format!("/Users?startIndex={}", users.len() + 1), Value::Null).expect(200).json();
        let resources = page["Resources"].as_array().expect("a list");
        users.extend(resources.iter().map(|user| (user["id"].as_str().expect("an id").to_owned(), user.clone())));
        if resources.is_empty() {
            assert_eq!(page["totalResults"], json!(users.len()), "the total is what is listed");
            return users;
        }
    }
}

fn check_whole(user: &Value, titles: &[&str]) {
    let name = user["userName"].as_str().expect("a name");
    let title = user["title"].as_str().unwrap_or_default();
    assert!(titles.is_empty() || titles.contains(&title), "{title} is none of {titles:?}");
    let whole = body(name, title);
    for (attribute, value) in whole.as_object().expect("an object") {
        assert_eq!(&user[attribute], value, "{attribute} of {user}");
    }
}

/// Checks what was promised about users that the round touched, or about all; those that were never acknowledged become known when
/// they are there.
fn check(account: &Account, ledger: &mut Ledger, round: usize) {
    let whole = round % WHOLE_EVERY == WHOLE_EVERY - 1;
    let users = if whole { listed(account) } else { BTreeMap::new() };
    let touched = std::mem::take(&mut ledger.touched);
    for (id, (name, promise)) in &mut ledger.users {
        let user = match (whole, touched.contains(id)) {
            (true, _) => users.get(id).cloned(),
            (false, true) => Some(account.get(id)).filter(|answer| answer.status == 200).map(|answer| answer.json()),
            (false, false) => continue,
        };
        let user = user.unwrap_or_else(|| panic!("round {round}: {name} was acknowledged and is gone"));
        assert_eq!(user["userName"], json!(name));
        let titles: Vec<&str> = promise.asked.iter().chain([&promise.title]).map(String::as_str).collect();
        check_whole(&user, &titles);
        *promise = Promise { title: user["title"].as_str().expect("a title").to_owned(), asked: Vec::new() };
    }
    for name in ledger.unsure.drain(..) {
        let found = account.find(&format!("userName eq \"{name}\""));
        let external = account.find(&format!("externalId eq \"ext-{name}\""));
        let email = account.find(&format!("emails.value eq \"{name}\""));
        assert_eq!((&found["totalResults"], &found["Resources"]), (&external["totalResults"], &external["Resources"]));
        assert_eq!(found["Resources"], email["Resources"]);
        if let [user] = found["Resources"].as_array().map_or(&[][..], Vec::as_slice) {
            let id = user["id"].as_str().expect("an id");
            assert_eq!(&account.get(id).expect(200).json(), user);
            check_whole(user, &[]);
            let title = user["title"].as_str().expect("a title").to_owned();
            ledger.users.insert(id.to_owned(), (name, Promise { title, asked: Vec::new() }));
        }
    }
    let counts = &account.api("GET", "", Value::Null).expect(200).json()["counts"];
    let known = json!(ledger.users.len());
    assert_eq!((&counts["users"], &counts["active_users"]), (&known, &known), "nothing else is there");
    assert!(!whole || users.len() == ledger.users.len(), "nothing else is listed");
}

/// Every invariant holds in the folder of a server, which may run; a database elsewhere is for others to check.
fn check_sound(server: &Server) {
    if !server.is_in_folder() {
        return;
    }
    let data = server.data();
    let verified = run(&["verify", "--data", data.to_str().expect("a path is text")]);
    assert!(verified.code == 0 && verified.stdout.ends_with("all is sound.\n"), "{verified:?}");
}

/// Each acknowledged write left one entry; one more may stand for each request that was under way at a kill.
fn check_audit(account: &Account, ledger: &Ledger, kills: usize) {
    let verified = account.api("GET", "/audit/verify", Value::Null).expect(200).json();
    assert_eq!(verified["verified"], json!(true), "{verified}");
    let entries = verified["entries"].as_u64().expect("a number") - 2;
    let most = ledger.acknowledged + (kills * WRITERS) as u64;
    assert!(
        (ledger.acknowledged..=most).contains(&entries),
        "{entries} entries, {} to {most} writes",
        ledger.acknowledged
    );
}

/// The audit entries of each user are its creation and its changes, one for each version.
fn check_versions(account: &Account, ledger: &Ledger) {
    for (id, user) in listed(account).iter().take(50) {
        let entries = account.api("GET", &format!("/audit?subject={id}&limit=200"), Value::Null).expect(200).json();
        let entries = entries["items"].as_array().expect("a list").len();
        assert_eq!(user["meta"]["version"], json!(format!("W/\"{entries}\"")), "{id}");
        assert!(ledger.users.contains_key(id));
    }
}

#[test]
fn s_106_after_kill_9_every_acknowledged_write_is_there_and_none_is_half_there() {
    let mut server = Server::start();
    let account = server.account(json!("standard"));
    let ledger = Mutex::new(Ledger::default());
    let rounds = std::env::var("PROVOST_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(ROUNDS);
    for round in 0..rounds {
        let (current, writes) = (server.again(&account), AtomicUsize::new(0));
        thread::scope(|scope| {
            for number in 0..WRITERS {
                let (current, ledger, writes) = (&current, &ledger, &writes);
                scope.spawn(move || writer(current, round, number, ledger, writes));
            }
            while writes.load(Ordering::Relaxed) < WRITES_MIN + WRITES_MORE * (round % 20) {
                thread::yield_now();
            }
            server.kill();
        });
        server.restart();
        let current = server.again(&account);
        let ledger = &mut *ledger.lock().expect("no writer fails");
        check(&current, ledger, round);
        check_audit(&current, ledger, round + 1);
        check_sound(&server);
    }
    let ledger = ledger.into_inner().expect("no writer fails");
    assert!(ledger.acknowledged >= (rounds * WRITES_MIN) as u64);
    check_versions(&server.again(&account), &ledger);
}

#[test]
fn s_108_sigterm_lets_requests_in_flight_end_and_exits_0() {
    let mut server = Server::start();
    let account = server.account(json!("standard"));
    let (started, stopping) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (tell, told) = mpsc::channel::<Option<String>>();
    thread::scope(|scope| {
        for number in 0..WRITERS {
            let (account, started, stopping, tell) = (&account, &started, &stopping, tell.clone());
            scope.spawn(move || {
                for turn in 0.. {
                    let name = format!("{number}-{turn}@a.example");
                    started.fetch_add(1, Ordering::Relaxed);
                    match write(account, "POST", "/Users", &body(&name, "t")) {
                        Some((status, user)) => {
                            assert_eq!(status, 201, "{user}");
                            tell.send(Some(name)).expect("the test listens");
                        }
                        // Only a server that is ending may leave a request without an answer: it was not accepted any more.
                        None => {
                            assert!(stopping.load(Ordering::SeqCst), "no answer before the end");
                            return tell.send(None).expect("the test listens");
                        }
                    }
                }
            });
        }
        while started.load(Ordering::Relaxed) < 200 {
            thread::yield_now();
        }
        stopping.store(true, Ordering::SeqCst);
        server.stop();
    });
    drop(tell);
    let acknowledged: Vec<String> = told.into_iter().flatten().collect();
    server.restart();
    let account = server.again(&account);
    let users = listed(&account);
    // Every request that was taken was answered: what is there is exactly what was acknowledged.
    assert_eq!(users.len(), acknowledged.len());
    for name in acknowledged {
        assert!(users.values().any(|user| user["userName"] == json!(name)), "{name}");
    }
}
