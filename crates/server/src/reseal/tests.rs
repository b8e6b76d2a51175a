//! Whatever an attempt has left, the next one comes to the same end.

use super::{Place, ResealError, Resealed, places, reseal};
use crate::{
    clock::FixedClock,
    entropy::{CountingEntropy, Entropy as _},
    seal::Seal,
};
use jiff::Timestamp;
use provost_change::{AccountId, ChangeSet, Expect, Put, Record, ResourceId};
use provost_store::{MemoryStore, Store as _};
use serde_json::{Value, json};
use uuid::Uuid;

const OLD: &str = "prvop_old";
const NEW: &str = "prvop_new";
const ACCOUNT: AccountId = AccountId::new(Uuid::from_u128(7));

fn id(number: usize) -> ResourceId {
    ResourceId::new(Uuid::from_u128(number as u128))
}

/// A document with a text at a pointer, and something beside it.
fn document(pointer: &str, text: Value) -> Value {
    let innermost = pointer.rsplit('/').next().unwrap();
    let within = json!({ innermost: text, "beside": 1 });
    match pointer.split('/').collect::<Vec<_>>()[..] {
        [_, _] => within,
        [_, outer, _] => json!({ outer: within, "name": "ä" }),
        _ => panic!("{pointer}"),
    }
}

fn put(place: &Place, at: usize, text: Value) -> Put {
    let record = Record {
        kind: place.kind.clone(),
        id: id(at),
        version: 0,
        created: Timestamp::UNIX_EPOCH,
        modified: Timestamp::UNIX_EPOCH,
        doc: document(place.pointer, text).to_string(),
        state: "{}".to_owned(),
    };
    Put {
        record,
        expect: Expect::Absent,
        claims: Vec::new(),
        releases: Vec::new(),
        index_adds: Vec::new(),
        index_removes: Vec::new(),
    }
}

/// An account with each secret, sealed with the key that is named for it.
async fn store(keys: [&str; 4]) -> MemoryStore {
    let (store, entropy) = (MemoryStore::new(), CountingEntropy::default());
    let all = places();
    let puts = all.iter().zip(keys).enumerate().map(|(at, (place, key))| {
        let mut nonce = [0; 12];
        entropy.fill(&mut nonce);
        let sealed = Seal::of_key(key).seal(nonce, &(place.sealed_for)(ACCOUNT, id(at)), &format!("secret {at}"));
        put(place, at, json!(sealed))
    });
    let change = ChangeSet { creates_account: true, puts: puts.collect(), ..ChangeSet::default() };
    store.commit(ACCOUNT, change).await.unwrap();
    store
}

async fn resealed(store: &MemoryStore) -> Result<Resealed, ResealError> {
    let clock = FixedClock::at("2026-01-02T03:04:05Z".parse().unwrap());
    reseal(store, (OLD, NEW), &clock, &CountingEntropy::default()).await
}

/// The text in one place, as a key opens it.
async fn opened(store: &MemoryStore, at: usize, key: &str) -> Option<String> {
    let place = &places()[at];
    let found = store.load(ACCOUNT, &[(place.kind.clone(), id(at))]).await.unwrap();
    let doc: Value = serde_json::from_str(&found[0].as_ref().unwrap().doc).unwrap();
    let sealed = doc.pointer(place.pointer).and_then(Value::as_str).unwrap();
    assert_eq!(doc, document(place.pointer, json!(sealed)), "nothing else has changed");
    Seal::of_key(key).open(&(place.sealed_for)(ACCOUNT, id(at)), sealed)
}

#[tokio::test]
async fn whatever_was_done_before_everything_is_sealed_with_the_new_key_in_the_end() {
    for done in 0..16_u64 {
        let store = store([0, 1, 2, 3].map(|at| if done >> at & 1 == 1 { NEW } else { OLD })).await;
        let (already, accounts) = (u64::from(done.count_ones()), 1);
        let expected = Resealed { secrets: 4 - already, already, accounts, ..Resealed::default() };
        assert_eq!(resealed(&store).await.unwrap(), expected, "{done:b}");
        for at in 0..4 {
            assert_eq!(opened(&store, at, NEW).await, Some(format!("secret {at}")), "{done:b}");
            assert_eq!(opened(&store, at, OLD).await, None, "{done:b}");
        }
        let again = resealed(&store).await.unwrap();
        assert_eq!(again, Resealed { already: 4, accounts, ..Resealed::default() }, "a second time changes nothing");
    }
}

#[tokio::test]
async fn what_no_key_opens_is_counted_and_left() {
    let store = store([OLD, "prvop_lost", OLD, NEW]).await;
    let expected = Resealed { secrets: 2, already: 1, lost: 1, accounts: 1, moved: 0 };
    assert_eq!(resealed(&store).await.unwrap(), expected);
    assert_eq!(opened(&store, 1, "prvop_lost").await.as_deref(), Some("secret 1"));
}

#[tokio::test]
async fn more_secrets_than_are_read_at_once_are_sealed_with_an_entry_for_each_commit() {
    let store = store([OLD; 4]).await;
    let credentials = &places()[3];
    let sealed = |at: usize| Seal::of_key(OLD).seal([9; 12], &(credentials.sealed_for)(ACCOUNT, id(at)), "s");
    let mut puts: Vec<Put> = (10..260).map(|at| put(credentials, at, json!(sealed(at)))).collect();
    // Most people have no authenticator app.
    puts.extend((300..500).map(|at| put(credentials, at, Value::Null)));
    store.commit(ACCOUNT, ChangeSet { puts, ..ChangeSet::default() }).await.unwrap();
    assert_eq!(resealed(&store).await.unwrap().secrets, 254);
    let head = store.head(ACCOUNT).await.unwrap().unwrap();
    assert_eq!(head.seq, 6, "one for each of three other kinds, and one for each hundred");
    assert_eq!(resealed(&store).await.unwrap().already, 254);
}
