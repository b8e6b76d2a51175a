//! Two servers on one database that provision the same apps.

use crate::{
    provisioning::recorder::Recorder,
    support::{Account, Server, id, pause, request, shared},
};
use provost_testkit::PostgresServer;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::{Arc, mpsc::channel},
    thread,
    time::{Duration, Instant},
};

/// Two servers that may call this machine, on one database.
fn two_drivers() -> (Server, Server) {
    let (database, arguments) = (Arc::new(PostgresServer::shared().database()), ["--allow-private-targets"]);
    let first = Server::start_on(Some(Arc::clone(&database)), &[], &arguments);
    let key = fs::read_to_string(first.data().join("operator.key")).expect("the key is there");
    let second = Server::start_with_key(database, &key, &arguments);
    (first, second)
}

/// An app of the account for everybody, that leads to a target by way of a proxy.
fn app(account: &Account, name: &str, target: &Account) -> (String, Recorder) {
    let recorder = Recorder::before(&target.base);
    let tenant_url = format!("{}/scim/v2?aadOptscim062020", recorder.base);
    let body = json!({
        "name": name, "tenant_url": tenant_url, "secret_token": target.key, "scope": "all", "interval": 1,
    });
    let path = format!("/enterprise-apps/{}", id(&account.api("POST", "/enterprise-apps", body).expect(201).json()));
    let rows = json!([
        { "target": "userName", "source": "userPrincipalName", "matching": 1 },
        { "target": "externalId", "source": "objectId" },
    ]);
    let mappings = json!({ "users": rows, "settings": { "groups": { "enabled": false } } });
    account.api("PUT", &format!("{path}/mappings"), mappings).expect(200);
    (path, recorder)
}

fn hire(account: &Account, name: &str) {
    account.create(json!({ "userName": format!("{name}@a.com") }));
}

/// The userNames at a target.
fn names(target: &Account) -> BTreeSet<String> {
    let list = target.scim("GET", "/Users?count=200", Value::Null).expect(200).json();
    let name =
        |user: &Value| user["userName"].as_str().expect("a user has a name").trim_end_matches("@a.com").to_owned();
    list["Resources"].as_array().into_iter().flatten().map(name).collect()
}

/// How often each user was posted.
fn posts(recorder: &Recorder) -> BTreeMap<String, usize> {
    let mut posts = BTreeMap::new();
    for heard in recorder.take().into_iter().filter(|heard| heard.method == "POST") {
        *posts.entry(heard.body["userName"].to_string()).or_default() += 1;
    }
    posts
}

#[track_caller]
fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        pause();
    }
}

#[test]
fn s_96_two_servers_that_both_run_the_same_apps_make_everybody_once() {
    let (first, second) = two_drivers();
    let here = first.account(json!("directory"));
    let there = second.again(&here);
    let elsewhere = shared();
    let targets = [(); 2].map(|()| elsewhere.account(json!("standard")));
    let apps = [app(&here, "One", &targets[0]), app(&there, "Two", &targets[1])];
    // Who starts an app has it on the schedule, so both servers have both.
    for (path, _) in &apps {
        here.api("POST", &format!("{path}/start"), Value::Null).expect(200);
        there.api("POST", &format!("{path}/start"), Value::Null).expect(200);
    }
    let mut all = BTreeSet::new();
    for round in 0..4 {
        for number in 0..10 {
            let name = format!("r{round}-{number}");
            hire(if number % 2 == 0 { &here } else { &there }, &name);
            all.insert(name);
        }
        until("everybody is at both targets", || targets.iter().all(|target| names(target) == all));
    }
    for (path, recorder) in &apps {
        let created = |account: &Account| {
            let log =
                account.api("GET", &format!("{path}/provisioning-logs?limit=200"), Value::Null).expect(200).json();
            let items = log["items"].as_array().expect("a list").clone();
            items.iter().filter(|entry| entry["action"] == json!("create")).count()
        };
        // Somebody is at the target a moment before the log says so, and stopping waits for nothing.
        until("there is one action for each", || created(&here) == 40);
        here.api("POST", &format!("{path}/stop"), Value::Null).expect(200);
        let twice: Vec<_> = posts(recorder).into_iter().filter(|(_, times)| *times > 1).collect();
        assert_eq!(twice, [], "{path}");
        assert_eq!((created(&here), created(&there)), (40, 40), "one action for each, seen on both");
    }
}

#[test]
fn s_96_when_one_server_dies_in_a_cycle_the_other_takes_over_and_makes_nobody_twice() {
    let (mut first, second) = two_drivers();
    let here = first.account(json!("directory"));
    let there = second.again(&here);
    let elsewhere = shared();
    let target = elsewhere.account(json!("standard"));
    let (path, recorder) = app(&here, "One", &target);
    let all: BTreeSet<String> = (0..30).map(|number| format!("user{number:02}")).collect();
    all.iter().for_each(|name| hire(&here, name));

    let (struck, strikes) = channel();
    let (dead, is_dead) = channel::<()>();
    let mut seen = 0;
    recorder.gate(Box::new(move |heard| {
        seen += usize::from(heard.method == "POST");
        if seen >= 10 {
            // Nobody listens any more once the server is dead.
            let _ = struck.send(());
            let _ = is_dead.recv();
        }
        true
    }));
    let cycle = format!("{}/api/v1/accounts/{}{path}/cycle", here.base, here.id);
    thread::scope(|scope| {
        let asked = scope.spawn(|| request("POST", &cycle).bearer_auth(&here.operator_key).send().is_ok());
        strikes.recv_timeout(Duration::from_secs(60)).expect("the cycle gets as far");
        let busy = there.api("POST", &format!("{path}/cycle"), Value::Null);
        busy.refused(409, &["another node works for this account's enterprise apps"]);
        first.kill();
        drop(dead);
        assert!(!asked.join().expect("the request ends"), "it was killed on the way");
    });
    recorder.settle();
    recorder.open();

    // The lease of the server that was killed runs out first.
    until("the other server may work for the account", || {
        there.api("POST", &format!("{path}/cycle"), Value::Null).status == 200
    });
    assert_eq!(names(&target), all);
    let posted = posts(&recorder);
    assert_eq!((posted.len(), posted.values().max()), (30, Some(&1)), "{posted:?}");
    let again = there.api("POST", &format!("{path}/cycle"), Value::Null).expect(200).json();
    assert_eq!(again["counts"]["writes"], json!(0), "{again}");

    first.restart();
    hire(&first.again(&here), "late");
    until("either of them goes on", || {
        first.again(&here).api("POST", &format!("{path}/cycle"), Value::Null).status == 200
    });
    assert!(names(&target).contains("late"));
}
