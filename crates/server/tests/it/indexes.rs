//! Declared indexes while everybody writes: decisions that lie between reading and committing, workers that have seen an earlier
//! configuration, declarations that come and go. Whatever the order, what a search may use is whole and holds nothing wrong.

use jiff::Timestamp;
use proptest::{collection::vec, prelude::*, sample::select};
use provost_accounts::{
    Account, Actor, Call, Configuration, Decided, Policy, User,
    account::{self, AccountEdit},
    admin_app::{self, NewApp},
    api_key::NewKey,
    indexes::{self, DeclaredIndex, Progress, State},
    policy,
    users::{self, Creation, Patching},
};
use provost_change::{AccountId, ChangeSet, IndexEntry, Kind, Record, ResourceId};
use provost_scim::urn;
use provost_store::{Candidates, Edges, Indexing, MemoryStore, Search, SqliteStore, Store, StoreError, Unindexing};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;

const ACCOUNT: AccountId = AccountId::new(Uuid::from_u128(1));
const ATTRIBUTES: [&str; 2] = ["title", "phoneNumbers.value"];
const VALUES: [&str; 3] = ["a", "b", "c"];
const WORKERS: usize = 2;

#[derive(Clone, Debug)]
enum Step {
    /// A decision on what is there, to be committed later.
    Create(Values),
    Change(usize, Values),
    Delete(usize),
    /// Commits one of the decisions that lie there.
    Commit(usize),
    Declare(usize),
    Remove(usize),
    /// A worker looks what there is to do.
    Look(usize),
    /// A worker does so much of what it saw.
    Work(usize, u64),
}

/// A title and telephone numbers.
type Values = (Option<&'static str>, Vec<&'static str>);

fn values() -> impl Strategy<Value = Values> {
    (prop::option::of(select(&VALUES[..])), vec(select(&VALUES[..]), 0..3))
}

fn step() -> impl Strategy<Value = Step> {
    let worker = || 0..WORKERS;
    prop_oneof![
        4 => values().prop_map(Step::Create),
        4 => (any::<usize>(), values()).prop_map(|(user, values)| Step::Change(user, values)),
        2 => any::<usize>().prop_map(Step::Delete),
        8 => any::<usize>().prop_map(Step::Commit),
        2 => (0..ATTRIBUTES.len()).prop_map(Step::Declare),
        1 => (0..ATTRIBUTES.len()).prop_map(Step::Remove),
        4 => worker().prop_map(Step::Look),
        8 => (worker(), 1..4_u64).prop_map(|(worker, limit)| Step::Work(worker, limit)),
    ]
}

/// What a worker saw.
struct Seen {
    config: Arc<Configuration>,
    index: DeclaredIndex,
    noted: Option<Record>,
    progress: Progress,
}

struct Scene {
    store: Box<dyn Store>,
    app: ResourceId,
    next: u128,
    pending: Vec<ChangeSet>,
    workers: [Option<Seen>; WORKERS],
}

impl Scene {
    async fn on(store: Box<dyn Store>) -> Self {
        let mut scene =
            Self { store, app: ResourceId::new(Uuid::nil()), next: 0, pending: Vec::new(), workers: [None, None] };
        let policy: Policy = policy::from_document(&json!("standard")).unwrap();
        let call = scene.call(Actor::Operator);
        let made = account::create(ACCOUNT, &call, "Acme", policy, AccountEdit::default(), scene.id()).unwrap();
        scene.commit(made.change).await;
        let key = NewKey::make(ACCOUNT, [7; 8], [8; 32]);
        let (config, call) = (scene.config().await, scene.call(Actor::Operator));
        let app = NewApp { name: "Entra".to_owned(), ..NewApp::default() };
        let made = admin_app::create(&config, &call, app, &key).unwrap();
        scene.app = made.outcome.id;
        scene.commit(made.change).await;
        scene
    }

    /// Ids in no order.
    fn id(&mut self) -> ResourceId {
        self.next += 1;
        ResourceId::new(Uuid::from_u128(self.next.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)))
    }

    fn call(&mut self, actor: Actor) -> Call {
        Call {
            actor,
            now: Timestamp::UNIX_EPOCH,
            request_id: "r1".to_owned(),
            client_ip: "192.0.2.1".to_owned(),
            user_agent: None,
            new_id: self.id().uuid(),
            salt: [0; 16],
            secret: [7; 16],
            mail_links: None,
            is_braked: false,
        }
    }

    fn entra(&mut self) -> Call {
        let actor = Actor::App { id: self.app, name: "Entra".to_owned(), key: "k".to_owned(), owner: None };
        self.call(actor)
    }

    async fn config(&self) -> Configuration {
        let head = self.store.head(ACCOUNT).await.unwrap().unwrap();
        let own = [(Kind::ACCOUNT, ResourceId::new(ACCOUNT.uuid()))];
        let mut records: Vec<Record> = self.store.load(ACCOUNT, &own).await.unwrap().into_iter().flatten().collect();
        let account: Account = serde_json::from_str(&records[0].doc).unwrap();
        records
            .extend(self.store.load(ACCOUNT, &[(Kind::POLICY, account.policy)]).await.unwrap().into_iter().flatten());
        for kind in Configuration::KINDS {
            records.extend(self.store.all(ACCOUNT, &kind, None, 100).await.unwrap());
        }
        Configuration::read(ACCOUNT, head.config, &records).unwrap()
    }

    /// Commits; whether nobody was quicker.
    async fn commit(&self, change: ChangeSet) -> bool {
        match self.store.commit(ACCOUNT, change).await {
            Ok(_) => true,
            Err(StoreError::VersionChanged | StoreError::ConfigChanged) => false,
            Err(other) => panic!("{other}"),
        }
    }

    async fn users(&self) -> Vec<User> {
        let records = self.store.all(ACCOUNT, &Kind::USER, None, 1_000).await.unwrap();
        records.into_iter().map(|record| User::read(ACCOUNT, record).unwrap()).collect()
    }

    async fn user(&self, pick: usize) -> Option<User> {
        let mut users = self.users().await;
        if users.is_empty() { None } else { Some(users.swap_remove(pick % users.len())) }
    }

    async fn take(&mut self, step: Step) {
        let config = self.config().await;
        match step {
            Step::Create(values) => {
                let call = self.entra();
                let mut body = body(&values);
                body["userName"] = json!(format!("u{}", self.next));
                let decided = Creation::read(&config, body).unwrap().decide(&config, &call, None).unwrap();
                self.pending.push(decided.change);
            }
            Step::Change(pick, values) => {
                let (Some(user), call) = (self.user(pick).await, self.entra()) else { return };
                let operations = json!([
                    { "op": "remove", "path": "title" }, { "op": "remove", "path": "phoneNumbers" },
                    { "op": "add", "value": body(&values) },
                ]);
                let body = json!({ "schemas": [urn::PATCH_OP], "Operations": operations });
                let decided = Patching::read(&config, body).unwrap().decide(&config, &call, &user).unwrap();
                self.pending.push(decided.change);
            }
            Step::Delete(pick) => {
                let (Some(user), call) = (self.user(pick).await, self.entra()) else { return };
                self.pending.push(users::delete(&config, &call, &user).unwrap().change);
            }
            Step::Commit(pick) => {
                if !self.pending.is_empty() {
                    let change = self.pending.swap_remove(pick % self.pending.len());
                    self.commit(change).await;
                }
            }
            Step::Declare(attribute) => {
                let call = self.call(Actor::Operator);
                if let Ok(Decided { change, .. }) = indexes::declare(&config, &call, "User", ATTRIBUTES[attribute]) {
                    assert!(self.commit(change).await);
                }
            }
            Step::Remove(attribute) => {
                let call = self.call(Actor::Operator);
                let index = config.indexes.iter().find(|(index, _)| index.attribute == ATTRIBUTES[attribute]);
                let removed = index.map(|(index, _)| indexes::remove(&config, &call, index.id));
                if let Some(Ok(Decided { change, .. })) = removed {
                    assert!(self.commit(change).await);
                }
            }
            Step::Look(worker) => self.look(worker, config).await,
            Step::Work(worker, limit) => self.work(worker, limit).await,
        }
    }

    async fn look(&mut self, worker: usize, config: Configuration) {
        let Some(index) = config.unfinished_index().cloned() else { return self.workers[worker] = None };
        let key = indexes::progress_key(index.id);
        let noted = self.store.load(ACCOUNT, &[key]).await.unwrap().into_iter().flatten().next();
        let progress = indexes::progress(ACCOUNT, noted.as_ref()).unwrap();
        self.workers[worker] = Some(Seen { config: Arc::new(config), index, noted, progress });
    }

    async fn work(&mut self, worker: usize, limit: u64) {
        let call = self.call(Actor::System);
        let Some(seen) = self.workers[worker].take() else { return };
        let Seen { config, index, noted, progress } = seen;
        let change = match index.state {
            State::Building => {
                let (under, wanted) = (Arc::clone(&config), index.clone());
                let entries = Arc::new(move |record: &Record| Ok(wanted.entries(&under, record).unwrap()));
                let after = progress.after;
                let indexing = Indexing { config: config.version, kind: Kind::USER, after, limit, entries };
                let Ok(indexed) = self.store.index(ACCOUNT, indexing).await else { return };
                let progress = Progress { after: indexed.last.or(after), entered: progress.entered + indexed.records };
                if indexed.records == limit {
                    let change = progress.note(&config, noted.as_ref().unwrap(), call.now);
                    if self.commit(change).await {
                        let noted = self.store.load(ACCOUNT, &[indexes::progress_key(index.id)]).await.unwrap();
                        let noted = noted.into_iter().flatten().next();
                        self.workers[worker] = Some(Seen { config, index, noted, progress });
                    }
                    return;
                }
                indexes::built(&config, &call, index.id, noted.as_ref().unwrap()).map(|decided| decided.change)
            }
            State::Removing => {
                let attribute = index.indexed(&config).unwrap();
                let unindexing = Unindexing { config: config.version, kind: Kind::USER, attribute, limit };
                match self.store.unindex(ACCOUNT, unindexing).await {
                    Ok(gone) if gone < limit => indexes::dropped(&config, &call, index.id, noted.as_ref()),
                    Ok(_) => return self.workers[worker] = Some(Seen { config, index, noted, progress }),
                    Err(StoreError::ConfigChanged) => return,
                    Err(other) => panic!("{other}"),
                }
            }
            State::Ready => None,
        };
        if let Some(change) = change {
            self.commit(change).await;
        }
    }

    /// Holds what is found under each value against the documents.
    async fn check(&self) -> Result<(), TestCaseError> {
        let (config, users) = (self.config().await, self.users().await);
        for attribute in ATTRIBUTES {
            let state = config.indexes.iter().find(|(index, _)| index.attribute == attribute);
            let state = state.map(|(index, _)| index.state);
            for value in VALUES {
                let entry = IndexEntry { attribute: users::indexed(attribute), value: value.to_owned() };
                let found = self.found(entry).await;
                let right: BTreeSet<ResourceId> =
                    users.iter().filter(|user| has(user, attribute, value)).map(User::id).collect();
                match state {
                    Some(State::Ready) => prop_assert_eq!(found, right, "{} {}", attribute, value),
                    Some(State::Building) => {
                        prop_assert!(found.is_subset(&right), "{attribute} {value}: {found:?} {right:?}");
                    }
                    Some(State::Removing) => {}
                    None => prop_assert!(found.is_empty(), "{attribute} {value}: {found:?}"),
                }
            }
        }
        let unfinished = config.indexes.iter().filter(|(index, _)| index.state != State::Ready).count();
        let head = self.store.head(ACCOUNT).await.unwrap().unwrap();
        prop_assert_eq!(head.count(indexes::COUNT), i64::try_from(unfinished).unwrap());
        Ok(())
    }

    async fn found(&self, entry: IndexEntry) -> BTreeSet<ResourceId> {
        let search = Search {
            kind: Kind::USER,
            resource_type: "User".to_owned(),
            candidates: Candidates::Under(vec![entry]),
            filter: None,
            within: None,
            edges: Edges::default(),
            sort: None,
            after: None,
            offset: 0,
            limit: 1_000,
            scan_max: 0,
            config: None,
        };
        self.store.search(ACCOUNT, &search).await.unwrap().records.into_iter().map(|record| record.id).collect()
    }
}

fn body((title, numbers): &Values) -> Value {
    let mut body = json!({ "schemas": [urn::USER] });
    if let Some(title) = title {
        body["title"] = json!(title.to_uppercase());
    }
    if !numbers.is_empty() {
        body["phoneNumbers"] =
            numbers.iter().enumerate().map(|(at, n)| json!({ "value": n, "display": at.to_string() })).collect();
    }
    body
}

fn has(user: &User, attribute: &str, value: &str) -> bool {
    match attribute {
        "title" => {
            user.resource.get("title").and_then(Value::as_str).is_some_and(|title| title.to_lowercase() == value)
        }
        _ => {
            let numbers = user.resource.get("phoneNumbers").and_then(Value::as_array);
            numbers.is_some_and(|numbers| numbers.iter().any(|number| number["value"] == value))
        }
    }
}

async fn holds(store: Box<dyn Store>, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut scene = Scene::on(store).await;
    for step in steps {
        scene.take(step).await;
        scene.check().await?;
    }
    while scene.config().await.unfinished_index().is_some() {
        let config = scene.config().await;
        scene.look(0, config).await;
        scene.work(0, 2).await;
        scene.check().await?;
    }
    let progress = scene.store.all(ACCOUNT, &indexes::progress_key(scene.app).0, None, 10).await.unwrap();
    prop_assert!(progress.is_empty(), "what is done leaves nothing: {progress:?}");
    Ok(())
}

fn run(store: Box<dyn Store>, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(holds(store, steps))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn an_index_is_whole_whatever_happens_while_it_is_built(steps in vec(step(), 1..80)) {
        run(Box::new(MemoryStore::new()), steps)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    #[test]
    fn an_index_in_a_folder_is_whole_whatever_happens_while_it_is_built(steps in vec(step(), 1..50)) {
        let folder = tempfile::tempdir().unwrap();
        run(Box::new(SqliteStore::open(folder.path(), Timestamp::UNIX_EPOCH).unwrap()), steps)?;
    }
}
