//! Clients that write at once, each one request after the other.

use super::{
    World,
    ledger::{Ledger, Outcome},
};
use crate::{random::Random, service::Answered};
use serde_json::{Value, json};
use std::{
    future::poll_fn,
    pin::pin,
    sync::{Arc, MutexGuard},
    task::Poll,
};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// Names that clients want: fewer than there are users, so that they get into each other's way.
const NAMES: usize = 12;
/// One in so many requests is given up on the way.
const IMPATIENT: usize = 20;
/// A request that is given up has gone on so many times at most.
const POLLS: usize = 24;
/// Requests of one client in one life of the server.
const REQUESTS: usize = 25;

/// One client.
pub struct Client {
    world: Arc<World>,
    random: Random,
    number: usize,
    /// Users that only this client renames, deletes, and puts into groups.
    own: Vec<String>,
    /// Addresses made so far.
    made: usize,
}

impl Client {
    pub fn new(world: Arc<World>, seed: u64, number: usize, own: Vec<String>) -> Self {
        Self { world, random: Random(seed ^ (number as u64 + 1) << 32), number, own, made: 0 }
    }

    /// Sends requests until the server is killed, or enough have been sent.
    pub async fn live(mut self) -> Self {
        for _ in 0..REQUESTS {
            if self.world.faults.is_killed() {
                break;
            }
            match self.random.below(12) {
                0 | 1 => self.create().await,
                2..=4 => self.count().await,
                5 | 6 => self.add_address().await,
                7..=9 => self.join_or_leave().await,
                10 => self.rename().await,
                _ => self.delete().await,
            }
        }
        self
    }

    /// Which of the clients it is.
    pub fn number(&self) -> usize {
        self.number
    }

    /// The users that only it writes to.
    pub fn into_own(self) -> Vec<String> {
        self.own
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.world.ledger.lock().unwrap()
    }

    /// Sends a request; `None` when it is given up on the way.
    async fn ask(&mut self, method: &str, path: &str, if_match: Option<&str>, body: Value) -> Option<Answered> {
        let patience = if self.random.one_in(IMPATIENT) { 1 + self.random.below(POLLS) } else { usize::MAX };
        let (world, node) = (Arc::clone(&self.world), self.number);
        let mut asked = pin!(world.ask(node, method, path, if_match, body));
        let mut polls = 0;
        poll_fn(|context| match asked.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if polls == patience => Poll::Ready(None),
            Poll::Pending => {
                polls += 1;
                Poll::Pending
            }
        })
        .await
    }

    /// Sends a write, and says what came of it.
    async fn write(&mut self, method: &str, path: &str, if_match: Option<&str>, body: Value) -> (Outcome, Value) {
        let answer = self.ask(method, path, if_match, body).await;
        let outcome = match &answer {
            Some(answer) if answer.status < 300 => Outcome::Done,
            Some(answer) if answer.status < 500 => Outcome::Refused,
            Some(answer) => {
                if answer.status != 503 {
                    let breach = format!("{method} {path}: {} {}", answer.status, answer.text);
                    self.ledger().breaches.push(breach);
                }
                Outcome::Unknown
            }
            None => Outcome::Unknown,
        };
        self.ledger().note(outcome);
        (outcome, answer.map(|answer| answer.json()).unwrap_or_default())
    }

    async fn patch(&mut self, path: &str, if_match: Option<&str>, operation: Value) -> Outcome {
        let body = json!({ "schemas": [PATCH], "Operations": [operation] });
        self.write("PATCH", path, if_match, body).await.0
    }

    fn name(&mut self) -> String {
        let name = format!("name{}@a.example", self.random.below(NAMES));
        if self.random.one_in(3) { name.to_uppercase() } else { name }
    }

    async fn create(&mut self) {
        let name = self.name();
        let user = json!({ "schemas": [USER], "userName": name, "title": "0" });
        match self.write("POST", "/Users", None, user).await {
            (Outcome::Done, user) => {
                let id = user["id"].as_str().unwrap().to_owned();
                self.ledger().created(&id, &name);
                self.own.push(id);
            }
            (Outcome::Unknown, _) => self.ledger().doubtful_users.push(name.to_lowercase()),
            (Outcome::Refused, _) => {}
        }
    }

    /// Reads a count that all clients raise, and writes the next one if it is still that.
    async fn count(&mut self) {
        let user = self.random.pick(&self.world.shared).clone();
        let path = format!("/Users/{user}");
        let Some(read) = self.ask("GET", &path, None, Value::Null).await.filter(|read| read.status == 200) else {
            return;
        };
        let next = read.json()["title"].as_str().unwrap().parse::<u64>().unwrap() + 1;
        let tag = read.header("etag").unwrap().to_owned();
        let operation = json!({ "op": "replace", "path": "title", "value": next.to_string() });
        let outcome = self.patch(&path, Some(&tag), operation).await;
        self.ledger().counted(&user, next, outcome);
    }

    /// Adds to a list to which all clients add.
    async fn add_address(&mut self) {
        let user = self.random.pick(&self.world.shared).clone();
        self.made += 1;
        let address = format!("{}-{}@a.example", self.number, self.made);
        let operation = json!({ "op": "add", "path": "emails", "value": [{ "value": address }] });
        match self.patch(&format!("/Users/{user}"), None, operation).await {
            Outcome::Done => _ = self.ledger().of(&user).emails.insert(address),
            Outcome::Unknown => _ = self.ledger().of(&user).doubtful_emails.insert(address),
            Outcome::Refused => self.ledger().breaches.push(format!("{address} was refused")),
        }
    }

    async fn join_or_leave(&mut self) {
        let Some(user) = self.any_own() else { return };
        let group = self.random.pick(&self.world.groups).clone();
        let joins = !self.random.one_in(3);
        let operation = if joins {
            json!({ "op": "add", "path": "members", "value": [{ "value": user }] })
        } else {
            json!({ "op": "remove", "path": format!("members[value eq \"{user}\"]") })
        };
        let outcome = self.patch(&format!("/Groups/{group}"), None, operation).await;
        let is_gone = self.ledger().of(&user).is_deleted != Some(false);
        let mut ledger = self.ledger();
        match outcome {
            Outcome::Done => _ = ledger.of(&user).member_of.insert(group, Some(joins)),
            Outcome::Unknown => _ = ledger.of(&user).member_of.insert(group, None),
            Outcome::Refused if is_gone => {}
            Outcome::Refused => ledger.breaches.push(format!("{user} could not join or leave {group}")),
        }
    }

    async fn rename(&mut self) {
        let Some(user) = self.any_own() else { return };
        let name = self.name();
        let operation = json!({ "op": "replace", "path": "userName", "value": name });
        match self.patch(&format!("/Users/{user}"), None, operation).await {
            Outcome::Done => self.ledger().of(&user).names = [name].into(),
            Outcome::Unknown => _ = self.ledger().of(&user).names.insert(name),
            Outcome::Refused => {}
        }
    }

    async fn delete(&mut self) {
        let Some(user) = self.any_own().filter(|_| self.own.len() > 1) else { return };
        let (outcome, _) = self.write("DELETE", &format!("/Users/{user}"), None, Value::Null).await;
        let is_gone = {
            let mut ledger = self.ledger();
            let known = ledger.of(&user);
            match outcome {
                Outcome::Done => known.is_deleted = Some(true),
                Outcome::Unknown => known.is_deleted = None,
                // The one in doubt before was done.
                Outcome::Refused if known.is_deleted.is_none() => known.is_deleted = Some(true),
                Outcome::Refused => ledger.breaches.push(format!("{user} could not be deleted")),
            }
            ledger.of(&user).is_deleted == Some(true)
        };
        if is_gone {
            self.own.retain(|own| *own != user);
        }
    }

    fn any_own(&mut self) -> Option<String> {
        if self.own.is_empty() { None } else { Some(self.random.pick(&self.own).clone()) }
    }
}
