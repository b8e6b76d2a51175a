//! What a cycle costs: what changed, and not what exists.

use crate::fixtures::{id, values};
use crate::world::{START, World, account::Account};
use expect_test::expect;
use provost_change::{AccountId, ResourceId};
use provost_engine::{
    Answer, Ask, Assigned, Body, Job, Key, Keys, Link, LinkSet, Loaded, Method, Objects, Reply, Request, SourceObject,
    Standing, StoredLink, Token, Told, Wish, cycle,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A directory whose users are made when they are asked for: those with the ids from 1 on, all assigned, linked and in one group.
struct Directory {
    app: ResourceId,
    users: u128,
    changed: Account,
    asks: BTreeMap<String, usize>,
}

const GROUP: u128 = u128::MAX;

impl Directory {
    fn of(app: ResourceId, users: u128) -> Self {
        let mut changed = Account::new(AccountId::new(Uuid::nil()), app);
        for number in 1..=8 {
            let user = id(number * users / 8);
            changed.write(START, "user.update", "user", user, &[("displayName", json!("Old"), json!("New"))]);
        }
        changed.write(START, "app-assignment.create", "user", id(users / 3), &[]);
        let members = ("members", json!([]), json!([id(users / 2)]));
        changed.write(START, "group.update", "group", id(GROUP), &[members]);
        Self { app, users, changed, asks: BTreeMap::new() }
    }

    fn counts(&mut self, what: &str, things: usize) {
        *self.asks.entry(format!("{what}, asks")).or_default() += 1;
        *self.asks.entry(format!("{what}, things")).or_default() += things;
    }

    fn page(&self, after: Option<ResourceId>, most: usize) -> Vec<(ResourceId, Key)> {
        let first = after.map_or(1, |after| after.uuid().as_u128() + 1);
        (first..=self.users).take(most).map(|number| (id(number), Key::user(id(number)))).collect()
    }

    fn object(&self, key: Key) -> SourceObject {
        let number = key.id.uuid().as_u128();
        let resource = match key.of {
            Objects::Users => json!({"id": key.id, "userName": format!("u{number}@contoso.example"), "active": true,
                "displayName": "New"}),
            Objects::Groups => json!({"id": key.id, "displayName": "Everybody"}),
        };
        let Value::Object(resource) = resource else { unreachable!("it is an object") };
        let assigned = vec![Assigned { through: None, role: None }];
        SourceObject { of: key.of, id: key.id, resource, is_deleted: false, assigned }
    }

    fn link(&self, key: Key) -> Option<StoredLink> {
        let number = key.id.uuid().as_u128();
        if (key.of == Objects::Groups) != (number == GROUP) {
            return None;
        }
        let name = format!("u{number}@contoso.example");
        let written = match key.of {
            Objects::Users => json!({"userName": name, "active": true, "displayName": "Old"}),
            Objects::Groups => json!({"displayName": "Everybody"}),
        };
        let target = Some(format!("t{number}"));
        let link =
            Link { target, written: values(written), standing: Standing::Entitled, ..Link::new(self.app, key, 0) };
        Some(StoredLink { link: link.into(), version: 1, created: START })
    }

    fn answer(&mut self, ask: Ask) -> Told {
        let name = match &ask {
            Ask::Keys { which: Keys::Links(set), .. } => format!("Keys of links: {set:?}"),
            Ask::Keys { which, .. } => format!("Keys: {which:?}"),
            other => format!("{other:?}").split([' ', '(']).next().unwrap_or_default().to_owned(),
        };
        // Which user or group a set is of matters to nobody here.
        let name = name.split("(0").next().unwrap_or_default().to_owned();
        let (told, things) = match ask {
            Ask::Head => (Told::Seq(self.changed.log.len() as u64), 1),
            Ask::Log { after, most } => {
                let entries = self.changed.log.iter().filter(|entry| entry.seq > after);
                let entries: Vec<_> = entries.take(most).cloned().collect();
                let things = entries.len();
                (Told::Log(entries), things)
            }
            Ask::Keys { which, after, most } => {
                let page = match which {
                    Keys::Links(LinkSet::All(Objects::Users)) | Keys::All(Objects::Users) | Keys::Assigned => {
                        self.page(after, most)
                    }
                    Keys::Members(group) if group == id(GROUP) => self.page(after, most),
                    Keys::Links(_) | Keys::All(Objects::Groups) | Keys::Members(_) => Vec::new(),
                };
                let things = page.len();
                (Told::Keys(page), things)
            }
            Ask::MembersAmong { ids, .. } => {
                let things = ids.len();
                (Told::Ids(ids), things)
            }
            Ask::GroupsOf(_) => (Told::Ids(vec![id(GROUP)]), 1),
            Ask::Load(keys) => {
                let is_there = |key: &Key| (key.of == Objects::Groups) == (key.id == id(GROUP));
                let loaded = keys.into_iter().map(|key| Loaded {
                    key,
                    source: is_there(&key).then(|| self.object(key)),
                    link: self.link(key),
                });
                let loaded: Vec<_> = loaded.collect();
                let things = loaded.len();
                (Told::Objects(loaded), things)
            }
            Ask::Links(keys) => {
                let things = keys.len();
                (Told::Links(keys.into_iter().map(|key| self.link(key)).collect()), things)
            }
            Ask::Owners { targets, .. } => {
                let things = targets.len();
                (Told::Owners(vec![None; things]), things)
            }
            Ask::Commit(commit) => (Told::Committed(Ok(())), commit.links.len() + commit.actions.len()),
            Ask::Send(request) => (Told::Reply(sent(&request)), 1),
            Ask::WakeAt(at) => unreachable!("a target that answers at once lets nobody wait until {at}"),
        };
        self.counts(&name, things);
        told
    }
}

fn sent(request: &Request) -> Reply {
    assert_eq!(request.method, Method::Patch, "{request:?}");
    Reply::Answered(Answer { status: 204, retry_after: None, body: Body::Empty })
}

/// What a cycle with ten changes asks for.
fn asked(users: u128) -> BTreeMap<String, usize> {
    let world = World::new(1);
    let mut directory = Directory::of(world.app_id, users);
    let mut job = Job { watermark: Some(0), ..Job::default() };
    job.start();
    let mut running = cycle(world.setting(), job, Wish::default(), START);
    let mut inbox: Vec<(Token, Told)> = Vec::new();
    loop {
        let (commands, done) = running.step(START, inbox.drain(..));
        if let Some(report) = done {
            assert_eq!((report.tally.updated, report.tally.failed), (10, 0), "{report:?}");
            return directory.asks;
        }
        inbox.extend(commands.into_iter().map(|command| (command.token, directory.answer(command.ask))));
    }
}

#[test]
fn ten_changes_cost_the_same_among_a_thousand_users_and_among_a_million() {
    let of_a_million = asked(1_000_000);
    assert_eq!(asked(1_000), of_a_million);
    let shown: String = of_a_million.iter().map(|(what, count)| format!("{what}: {count}\n")).collect();
    expect![[r#"
        Commit, asks: 12
        Commit, things: 20
        Head, asks: 1
        Head, things: 1
        Keys of links: Escrowed, asks: 3
        Keys of links: Escrowed, things: 0
        Keys of links: Held, asks: 1
        Keys of links: Held, things: 0
        Keys of links: Through, asks: 1
        Keys of links: Through, things: 0
        Keys of links: Unannounced, asks: 1
        Keys of links: Unannounced, things: 0
        Keys: Members, asks: 1
        Keys: Members, things: 0
        Links, asks: 2
        Links, things: 2
        Load, asks: 2
        Load, things: 11
        Log, asks: 1
        Log, things: 10
        MembersAmong, asks: 1
        MembersAmong, things: 1
        Send, asks: 11
        Send, things: 11
    "#]]
    .assert_eq(&shown);
}
