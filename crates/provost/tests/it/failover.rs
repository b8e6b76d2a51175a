//! The primary of a PostgreSQL database is killed while two servers write to it, and its standby takes over.

use crate::{
    operation::until,
    support::{Account, Answer, Server},
};
use provost_change::{AccountId, Logged, verify};
use provost_store::{LogQuery, PostgresStore, Store};
use provost_testkit::Pair;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Clients of each server.
const CLIENTS: usize = 4;
/// What each client has done before the primary is killed, and does once the standby has taken over.
const DONE_EACH: usize = 15;

/// What the clients of one server have seen.
#[derive(Default)]
struct Seen {
    /// Requests that succeeded, since somebody looked last.
    done: AtomicUsize,
    /// Requests that were answered with 503, since somebody looked last.
    refused: AtomicUsize,
}

/// A load that runs until it is told to end.
#[derive(Default)]
struct Load {
    ends: AtomicBool,
    servers: [Seen; 2],
    /// By user name: the id, and what the display name was acknowledged to be.
    acknowledged: Mutex<BTreeMap<String, (String, Option<String>)>>,
    /// When which server answered a request with success.
    successes: Mutex<Vec<(usize, Instant)>>,
}

impl Load {
    /// One client: makes users and names each, one request behind the other.
    fn client(&self, account: &Account, server: usize, client: usize) {
        for number in 0.. {
            if self.ends.load(Ordering::SeqCst) {
                return;
            }
            let name = format!("s{server}c{client}n{number}@example.com");
            let id = self.created(account, server, &name);
            self.acknowledged.lock().expect("no client fails").insert(name.clone(), (id.clone(), None));
            let shown = format!("Named {number}");
            let change = json!([{ "op": "replace", "path": "displayName", "value": shown }]);
            let changed = self.asked(server, || account.patch(&id, change.clone())).expect(200).json();
            assert_eq!(changed["displayName"], shown);
            self.acknowledged.lock().expect("no client fails").insert(name, (id, Some(shown)));
        }
    }

    /// The id of a user that is made. A request that got 503 may have made it: then the next one finds it there.
    fn created(&self, account: &Account, server: usize, name: &str) -> String {
        let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name });
        let answer = self.asked(server, || account.scim("POST", "/Users", user.clone()));
        let made = match answer.status {
            409 => self
                .asked(server, || {
                    account.scim("GET", &format!("/Users?filter=userName%20eq%20%22{name}%22"), Value::Null)
                })
                .expect(200)
                .json()["Resources"][0]
                .clone(),
            _ => answer.expect(201).json(),
        };
        made["id"].as_str().expect("a user has an id").to_owned()
    }

    /// Asks until the answer is another one than 503, which says when to try again. No connection is ever closed without an answer.
    fn asked(&self, server: usize, ask: impl Fn() -> Answer) -> Answer {
        loop {
            let answer = ask();
            if answer.status != 503 {
                self.servers[server].done.fetch_add(1, Ordering::SeqCst);
                self.successes.lock().expect("no client fails").push((server, Instant::now()));
                return answer;
            }
            assert!(!self.ends.load(Ordering::SeqCst), "at the end all of them are served");
            assert!(answer.header("retry-after").parse::<u64>().is_ok(), "{:?}", answer.headers);
            self.servers[server].refused.fetch_add(1, Ordering::SeqCst);
            // Sooner than it says: the test is not to take longer than it must.
            crate::support::pause();
        }
    }

    /// Waits until both servers have done so much from now on.
    fn go_on(&self) {
        for server in &self.servers {
            server.done.store(0, Ordering::SeqCst);
        }
        for server in &self.servers {
            until("work", || (server.done.load(Ordering::SeqCst) >= CLIENTS * DONE_EACH).then_some(()));
        }
    }

    /// Waits until both servers say that they cannot.
    fn stands_still(&self) {
        for server in &self.servers {
            server.refused.store(0, Ordering::SeqCst);
        }
        for server in &self.servers {
            until("a 503", || (server.refused.load(Ordering::SeqCst) > 0).then_some(()));
        }
    }

    /// How long after an instant each server answered with success again.
    fn first_success_after(&self, from: Instant) -> [Duration; 2] {
        let successes = self.successes.lock().expect("no client fails");
        [0, 1].map(|server| {
            let later = successes.iter().filter(|(of, at)| *of == server && *at > from);
            later.map(|(_, at)| *at - from).min().expect("each server has gone on")
        })
    }
}

#[test]
fn when_the_primary_is_killed_and_its_standby_promoted_no_acknowledged_write_is_lost() {
    fails_over(Load::stands_still);
}

/// What was under way then is found out about on the standby, or done again there.
#[test]
fn when_the_standby_is_promoted_at_once_no_acknowledged_write_is_lost() {
    fails_over(|_| ());
}

/// Lets it happen under load; `between` comes between the end of the primary and the promotion.
#[allow(clippy::print_stdout, reason = "the documentation tells these times, and how to measure them")]
fn fails_over(between: impl Fn(&Load) + Sync) {
    let pair = Pair::start();
    let first = Server::start_at(&pair.url());
    let key = fs::read_to_string(first.data().join("operator.key")).expect("the key is there");
    let second = Server::start_at_with_key(&pair.url(), &key);
    let here = first.account(json!("standard"));
    let accounts = [second.again(&here), here];
    let load = Load::default();
    let [killed, promoted] = thread::scope(|scope| {
        for (server, account) in accounts.iter().enumerate() {
            for client in 0..CLIENTS {
                scope.spawn({
                    let load = &load;
                    move || load.client(account, server, client)
                });
            }
        }
        let watched = scope.spawn(|| {
            load.go_on();
            // What waits for the standby when the primary dies was never acknowledged: it is done again on the standby.
            pair.hold_back();
            let killed = Instant::now();
            pair.kill_primary();
            between(&load);
            pair.promote();
            let promoted = Instant::now();
            load.go_on();
            [killed, promoted]
        });
        let times = watched.join();
        load.ends.store(true, Ordering::SeqCst);
        times.unwrap_or_else(|failed| std::panic::resume_unwind(failed))
    });
    println!(
        "The standby was the primary {:?} after the kill; the servers answered with success {:?} after that.",
        promoted - killed,
        load.first_success_after(promoted)
    );
    let acknowledged = load.acknowledged.into_inner().expect("no client fails");
    for account in &accounts {
        everything_is_there(account, &acknowledged);
    }
    runtime().block_on(the_log_is_whole(&pair, &accounts[0].id, &acknowledged));
}

/// Each user that was acknowledged is there, as it was acknowledged, and nobody else is.
fn everything_is_there(account: &Account, acknowledged: &BTreeMap<String, (String, Option<String>)>) {
    let counted = account.scim("GET", "/Users?count=0", Value::Null).expect(200).json();
    assert_eq!(counted["totalResults"], acknowledged.len(), "nothing is there twice");
    for (name, (id, shown)) in acknowledged {
        let user = account.get(id).expect(200).json();
        assert_eq!(user["userName"], *name);
        assert_eq!(user["displayName"].as_str(), shown.as_deref(), "{name}");
        let found = account.find(&format!("userName eq \"{name}\""));
        assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(id)));
    }
}

/// The audit log on what is the primary now has no gap and its chain holds, and says of each user once that it was made.
async fn the_log_is_whole(pair: &Pair, account: &str, acknowledged: &BTreeMap<String, (String, Option<String>)>) {
    let account = AccountId::new(account.parse::<Uuid>().expect("an account's id is a UUID"));
    let url = pair.url().parse().expect("the servers took it");
    let store = PostgresStore::open(&url, jiff::Timestamp::UNIX_EPOCH, Uuid::nil()).await.expect("it opens");
    let head = store.head(account).await.expect("it is read").expect("it is there");
    let whole = LogQuery { after: None, before: None, subject: None, newest_first: false, limit: u64::MAX };
    let log: Vec<Logged> = store.log(account, &whole).await.expect("it is read");
    assert_eq!(verify(head.base, &log).map(|end| (end.seq, end.hash)), Ok((head.seq, head.hash)));
    assert_eq!(usize::try_from(head.count("user")), Ok(acknowledged.len()));
    let of = |action: &str| -> Vec<String> {
        let entries = log.iter().filter_map(|entry| {
            let shown: Value = serde_json::from_str(&entry.public).expect("an entry is JSON");
            let done = shown["action"] == action && shown["outcome"] == "success";
            done.then(|| entry.subject.expect("it is about a user").to_string())
        });
        entries.collect()
    };
    let ids: BTreeSet<String> = acknowledged.values().map(|(id, _)| id.clone()).collect();
    let made = of("user.create");
    assert_eq!((made.len(), made.into_iter().collect::<BTreeSet<_>>()), (ids.len(), ids.clone()));
    // One that got 503 and was made all the same was asked for again.
    assert_eq!(of("user.update").into_iter().collect::<BTreeSet<_>>(), ids);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts")
}
