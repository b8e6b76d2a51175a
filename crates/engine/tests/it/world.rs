//! A small world for cycles: an account, a target, and who carries between them, with a clock that only tests move.

pub mod account;
pub mod chance;
pub mod faults;
pub mod records;
pub mod target;

use account::Account;
use chance::Chance;
use faults::{Faults, Happens};
use jiff::{SignedDuration, Timestamp};
use provost_change::{AccountId, ResourceId};
use provost_engine::{
    Ask, Commit, Compiled, CycleReport, EnterpriseApp, Key, Keys, Link, LinkSet, Loaded, Objects, Reply, Request,
    Running, Setting, SourceSchemas, StoredLink, Token, Told, Wish, cycle, link_id,
};
use provost_scim::ResourceType;
use records::Records;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;
use target::Target;
use uuid::Uuid;

/// Something that is done to the account.
pub type Happening = fn(&mut Account, &mut Chance, Timestamp);

/// An account with one app and its target.
pub struct World {
    pub now: Timestamp,
    pub account: Account,
    pub target: Target,
    pub records: Records,
    pub app: EnterpriseApp,
    pub app_id: ResourceId,
    pub chance: Chance,
    pub faults: Faults,
    /// How long an answer takes, in milliseconds, at least and at most.
    pub latency: (u64, u64),
    /// After how many commands the engine is killed, once.
    pub dies_after: Option<u64>,
    /// What is done to the account while cycles run, and how likely at each command.
    pub meanwhile: Option<(u32, Happening)>,
    /// Requests in order, with their time and status; 0 where no answer came.
    pub sent: Vec<(Timestamp, Request, u16)>,
    pub requests_max: usize,
    /// Objects whose removal somebody rejected.
    pub spared: BTreeSet<ResourceId>,
    compiled: std::cell::RefCell<Option<(EnterpriseApp, Compiled)>>,
    /// Whether what happens is printed, for who replays a story.
    pub tells: bool,
}

/// A reply under way.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Flight {
    /// Reversed, so that the earliest is the greatest.
    due: std::cmp::Reverse<(Timestamp, u64)>,
    token: Token,
}

pub fn id(number: u128) -> ResourceId {
    ResourceId::new(Uuid::from_u128(number))
}

pub const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

impl World {
    pub fn new(seed: u64) -> Self {
        let app_id = id(1);
        let mut app = EnterpriseApp::new("Fulcrum", "https://target.example/scim?aadOptscim062020");
        app.interval = 40 * 60;
        // What the object is called may change: its id does not.
        for row in &mut app.mappings.users.attributes {
            if row.target == "externalId" {
                row.gives = provost_engine::Gives::Source("objectId".to_owned());
            }
        }
        let mut records = Records::default();
        records.job.start();
        Self {
            now: START,
            account: Account::new(AccountId::new(Uuid::nil()), app_id),
            target: Target::new(),
            records,
            app,
            app_id,
            chance: Chance::new(seed),
            faults: Faults::default(),
            latency: (5, 60),
            dies_after: None,
            meanwhile: None,
            sent: Vec::new(),
            requests_max: 8,
            spared: BTreeSet::new(),
            compiled: std::cell::RefCell::new(None),
            tells: false,
        }
    }

    pub fn setting(&self) -> Arc<Setting> {
        let known = self.compiled.borrow().as_ref().filter(|(app, _)| *app == self.app).map(|(_, known)| known.clone());
        let compiled = known.unwrap_or_else(|| {
            let (users, groups) = (ResourceType::user().unwrap(), ResourceType::group().unwrap());
            Compiled::new(&self.app, SourceSchemas { users: &users, groups: &groups }).unwrap()
        });
        *self.compiled.borrow_mut() = Some((self.app.clone(), compiled.clone()));
        Arc::new(Setting {
            id: self.app_id,
            app: self.app.clone(),
            compiled,
            roles: self.account.roles.keys().copied().collect(),
            has_roles: self.account.roles.values().any(|role| role.enabled),
            source_name: "Contoso".to_owned(),
            default_domain: None,
            seed: [7; 32],
            requests_max: self.requests_max,
        })
    }

    /// Runs a cycle; `None` when the engine was killed on the way.
    pub fn cycle(&mut self) -> Option<CycleReport> {
        self.cycle_with(Wish::default())
    }

    pub fn cycle_with(&mut self, wish: Wish) -> Option<CycleReport> {
        let running = cycle(self.setting(), self.records.job.clone(), wish, self.now);
        let report = self.drive(running);
        if self.tells {
            eprintln!("cycle: {report:?}\n");
        }
        report
    }

    /// Lets time pass.
    pub fn wait(&mut self, time: SignedDuration) {
        self.now += time;
    }

    /// Steps until it is done, or until the engine is killed: then what is under way is lost, as a process loses it.
    pub fn drive<T>(&mut self, mut running: Running<T>) -> Option<T> {
        let mut inbox: Vec<(Token, Told)> = Vec::new();
        let mut flights: BinaryHeap<Flight> = BinaryHeap::new();
        let mut replies: BTreeMap<Token, (Request, Happens)> = BTreeMap::new();
        let mut wakes: BinaryHeap<std::cmp::Reverse<Timestamp>> = BinaryHeap::new();
        let mut number = 0;
        loop {
            // Nothing happens in no time: what comes after something is later.
            self.now += SignedDuration::from_micros(1);
            let (commands, done) = running.step(self.now, inbox.drain(..));
            for command in commands {
                if let Some(left) = &mut self.dies_after {
                    if *left == 0 {
                        self.dies_after = None;
                        for (request, happens) in replies.into_values() {
                            if self.chance.one_in(2) {
                                self.happen(&request, &happens);
                            }
                        }
                        return None;
                    }
                    *left -= 1;
                }
                if let Some((one_in, change)) = self.meanwhile
                    && self.chance.one_in(one_in)
                {
                    change(&mut self.account, &mut self.chance, self.now);
                }
                match command.ask {
                    Ask::Send(request) => {
                        number += 1;
                        let took = self.chance.between(self.latency.0, self.latency.1);
                        let happens = self.faults.choose(&mut self.chance);
                        let due = self.now + SignedDuration::from_millis(took as i64) + happens.extra();
                        flights.push(Flight { due: std::cmp::Reverse((due, number)), token: command.token });
                        replies.insert(command.token, (Arc::unwrap_or_clone(request), happens));
                    }
                    Ask::WakeAt(at) => wakes.push(std::cmp::Reverse(at)),
                    local => inbox.push((command.token, self.answer(local))),
                }
            }
            if let Some(done) = done {
                return Some(done);
            }
            if !inbox.is_empty() {
                continue;
            }
            let flight = flights.peek().map(|flight| flight.due.0.0);
            let wake = wakes.peek().map(|wake| wake.0);
            let next =
                [flight, wake].into_iter().flatten().min().expect("a cycle that waits for nothing would wait for ever");
            self.now = self.now.max(next);
            while wakes.peek().is_some_and(|wake| wake.0 <= self.now) {
                wakes.pop();
            }
            while flights.peek().is_some_and(|flight| flight.due.0.0 <= self.now) {
                let flight = flights.pop().expect("there is one");
                let (request, happens) = replies.remove(&flight.token).expect("each flight has its request");
                let reply = self.happen(&request, &happens);
                let status = if let Reply::Answered(answer) = &reply { answer.status } else { 0 };
                self.sent.push((self.now, request, status));
                inbox.push((flight.token, Told::Reply(reply)));
            }
        }
    }

    fn happen(&mut self, request: &Request, happens: &Happens) -> Reply {
        let reply = faults::happen(&mut self.target, request, happens);
        if self.tells {
            let body = request.body.as_ref().map(ToString::to_string).unwrap_or_default();
            eprintln!("{} {:?} {} {body}\n    {happens:?}: {reply:?}", self.now, request.method, request.path);
        }
        reply
    }

    fn answer(&mut self, ask: Ask) -> Told {
        match ask {
            Ask::Head => Told::Seq(self.account.log.len() as u64),
            Ask::Log { after, most } => {
                let entries = self.account.log.iter().filter(|entry| entry.seq > after);
                Told::Log(entries.take(most).cloned().collect())
            }
            Ask::Keys { which, after, most } => Told::Keys(self.keys(which, after, most)),
            Ask::MembersAmong { group, ids } => {
                let members = self.account.groups.get(&group).map(|group| group.members.clone()).unwrap_or_default();
                Told::Ids(ids.into_iter().filter(|id| members.contains(id)).collect())
            }
            Ask::GroupsOf(member) => {
                let groups = self.account.groups.iter().filter(|(_, group)| group.members.contains(&member));
                Told::Ids(groups.map(|(id, _)| *id).collect())
            }
            Ask::Load(keys) => Told::Objects(
                keys.into_iter()
                    .map(|key| Loaded { key, source: self.account.object(key), link: self.link(key) })
                    .collect(),
            ),
            Ask::Links(keys) => Told::Links(keys.into_iter().map(|key| self.link(key)).collect()),
            Ask::Owners { of, targets } => {
                let generation = self.records.job.generation;
                Told::Owners(
                    targets.iter().map(|target| self.records.owner(self.app_id, generation, of, target)).collect(),
                )
            }
            Ask::Commit(commit) => Told::Committed(self.commit(&commit)),
            Ask::Send(_) | Ask::WakeAt(_) => unreachable!("these take time"),
        }
    }

    fn commit(&mut self, commit: &Commit) -> Result<(), provost_engine::Refused> {
        if self.tells {
            for (before, after) in &commit.links {
                let shown = |link: &Link| {
                    format!("{:?} {:?} {:?} g{}", link.source, link.target, link.standing, link.generation)
                };
                let before = before.as_ref().map(|stored| (shown(&stored.link), stored.version));
                eprintln!("    link: {before:?} -> {:?}", after.as_deref().map(shown));
            }
            for (_, action) in &commit.actions {
                eprintln!("    logged: {:?} {:?} {:?} {:?}", action.action, action.status, action.source, action.error);
            }
        }
        self.records.commit(&commit.change_set(self.now))?;
        for (_, action) in &commit.actions {
            let is_rejected = action.error.as_ref().is_some_and(|error| error.code == "DeletionRejected");
            self.spared
                .extend(action.source.id.as_ref().filter(|_| is_rejected).map(|id| id.parse::<ResourceId>().unwrap()));
        }
        if let Some((job, notices)) = commit.job(&self.records.job, self.now) {
            // As it comes back from the store.
            self.records.job = serde_json::from_str(&serde_json::to_string(&job).unwrap()).unwrap();
            self.records.notices.extend(notices);
        }
        Ok(())
    }

    pub fn link(&self, key: Key) -> Option<StoredLink> {
        self.records.links.get(&link_id(self.app_id, key)).cloned()
    }

    fn keys(&self, which: Keys, after: Option<ResourceId>, most: usize) -> Vec<(ResourceId, Key)> {
        let behind = |id: &ResourceId| after.is_none_or(|after| *id > after);
        match which {
            Keys::Links(set) => self.linked(set, &behind).take(most).collect(),
            Keys::All(of) => {
                let ids = self.account.present(of).into_iter().filter(behind);
                ids.take(most).map(|id| (id, Key { of, id })).collect()
            }
            Keys::Assigned => {
                let assignments = self.account.assignments.iter().filter(|(id, _)| behind(id));
                assignments.take(most).map(|(id, one)| (*id, Key { of: one.of, id: one.principal })).collect()
            }
            Keys::Members(group) => {
                let members = self.account.groups.get(&group).map(|group| group.members.clone()).unwrap_or_default();
                let of = |id: &ResourceId| {
                    if self.account.groups.contains_key(id) { Objects::Groups } else { Objects::Users }
                };
                members.iter().filter(|id| behind(id)).take(most).map(|id| (*id, Key { of: of(id), id: *id })).collect()
            }
        }
    }

    fn linked(&self, set: LinkSet, behind: &dyn Fn(&ResourceId) -> bool) -> impl Iterator<Item = (ResourceId, Key)> {
        let entry = set.entry(self.app_id);
        let found: Vec<_> = self
            .records
            .links
            .iter()
            .filter(|(id, stored)| behind(id) && stored.link.index().contains(&entry))
            .map(|(id, stored)| (*id, stored.link.key()))
            .collect();
        found.into_iter()
    }

    /// The link of a user.
    pub fn link_of(&self, user: ResourceId) -> Option<Link> {
        self.link(Key::user(user)).map(|stored| stored.link.into_inner())
    }

    /// Requests since the mark that write.
    pub fn writes_since(&self, mark: usize) -> Vec<&Request> {
        let sent = self.sent[mark..].iter().map(|(_, request, _)| request);
        sent.filter(|request| request.method != provost_engine::Method::Get).collect()
    }
}
