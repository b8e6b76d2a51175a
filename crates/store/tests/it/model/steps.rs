//! Random operations.

use crate::make::*;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use provost_change::{
    AccountId, Bound, ChangeSet, CountChange, Delete, Expect, IndexEntry, Kind, LogEntry, Member, MemberChange, Put,
    Record, ResourceId, UniqueKey,
};
use provost_scim::{Filter, ResourceType, SortOrder};
use provost_store::{Candidates, Edges, LogQuery, Search, Sort, Store, Unindexing};
use std::collections::HashSet;

pub const ACCOUNTS: u128 = 2;
pub const IDS: u128 = 6;
pub const KINDS: [Kind; 3] = [Kind::USER, Kind::GROUP, Kind::ROLE];
pub const VALUES: [&str; 4] = ["ann", "bob", "eve", ""];
/// A unique space and an indexed attribute of the same name: both are looked at under one entry.
pub const SPACES: [&str; 2] = ["User.userName", "User.externalId"];
/// An index attribute with the name of every record, so that it gives an order.
const NAMES: &str = "names";
const FILTERS: [&str; 7] = [
    r#"userName eq "ann""#,
    r#"not (userName sw "e")"#,
    r#"meta.version eq "W/\"1\"""#,
    r#"meta.lastModified gt "1970-01-01T00:00:03Z" or active eq true"#,
    "groups pr",
    r#"groups.value eq "00000000-0000-0000-0000-000000000001""#,
    r#"not (groups.value eq "00000000-0000-0000-0000-000000000002") and userName ne "bob""#,
];
const GROUP_FILTERS: [&str; 3] = [
    "members pr",
    r#"members[value eq "00000000-0000-0000-0000-000000000001" and type eq "User"]"#,
    r#"not (members.value eq "00000000-0000-0000-0000-000000000002")"#,
];

#[derive(Clone, Debug)]
pub enum Step {
    Commit(AccountId, Vec<Part>),
    Rehearse(AccountId, Vec<Part>),
    Members(AccountId, ResourceId, Option<ResourceId>, u64),
    MembersAmong(AccountId, ResourceId, Vec<ResourceId>),
    GroupsOf(AccountId, Vec<ResourceId>),
    Search(AccountId, Box<Search>),
    Index(AccountId, u64, Kind, Option<ResourceId>, u64),
    Unindex(AccountId, Unindexing),
    Load(AccountId, Vec<(Kind, ResourceId)>),
    ByUnique(AccountId, UniqueKey, Kind),
    All(AccountId, Kind, Option<ResourceId>, u64),
    Log(AccountId, LogQuery),
    Prune(AccountId, i64),
    Erase(AccountId, ResourceId),
    Accounts(Option<AccountId>, u64),
    Reopen,
}

/// Part of a change set. Where it says `right`, the version that is there at that moment is filled in.
#[derive(Clone, Debug)]
pub enum Part {
    MakesAccount,
    Config(u64),
    ChangesConfig,
    Put(Put, bool),
    Delete(Delete, bool),
    /// Where it is right, only who is there comes.
    Members(MemberChange, bool),
    Count(CountChange),
    Log(LogEntry),
}

fn accounts() -> impl Strategy<Value = AccountId> {
    (0..ACCOUNTS).prop_map(account)
}

fn ids() -> impl Strategy<Value = ResourceId> {
    (0..IDS).prop_map(id)
}

fn kinds() -> impl Strategy<Value = Kind> {
    select(&KINDS[..])
}

fn unique_keys() -> impl Strategy<Value = UniqueKey> {
    (select(&SPACES[..]), select(&VALUES[..]))
        .prop_map(|(space, value)| UniqueKey { space: space.to_owned(), value: value.to_owned() })
}

fn entries() -> impl Strategy<Value = IndexEntry> {
    unique_keys().prop_map(|key| IndexEntry { attribute: key.space, value: key.value })
}

fn records() -> impl Strategy<Value = Record> {
    (kinds(), ids(), select(&VALUES[..]), any::<bool>(), 0..9_i64).prop_map(|(kind, id, name, active, modified)| {
        Record {
            kind,
            id,
            version: 0,
            created: at(1),
            modified: at(modified),
            doc: format!(r#"{{"userName":"{name}","active":{active}}}"#),
            state: format!(r#"{{"modified":{modified}}}"#),
        }
    })
}

fn part() -> impl Strategy<Value = Part> {
    let expect = select(&[Expect::Absent, Expect::Version(1), Expect::Version(2), Expect::Any][..]);
    let (claims, releases) = (vec(unique_keys(), 0..3), vec(unique_keys(), 0..3));
    let (index_adds, index_removes) = (vec(entries(), 0..3), vec(entries(), 0..3));
    let put = (records(), expect, claims, releases, index_adds, index_removes, prop::bool::weighted(0.7)).prop_map(
        |(record, expect, claims, releases, index_adds, index_removes, right)| {
            Part::Put(Put { record, expect, claims, releases, index_adds, index_removes }, right)
        },
    );
    let delete = (kinds(), ids(), 0..3_u64, prop::bool::weighted(0.8)).prop_map(|(kind, id, version, right)| {
        // Whoever deletes knows what the record had; here it may have had anything.
        let had =
            SPACES.iter().flat_map(|space| VALUES.iter().map(move |value| (space.to_string(), value.to_string())));
        let releases = had.clone().map(|(space, value)| UniqueKey { space, value }).collect();
        let index_removes = had.map(|(attribute, value)| IndexEntry { attribute, value }).collect();
        Part::Delete(Delete { kind, id, version, releases, index_removes }, right)
    });
    let bound = of(prop_oneof![(-1..2_i64).prop_map(Bound::AtLeast), (0..3_i64).prop_map(Bound::AtMost)]);
    let count = (select(&["user", "role", "seat"][..]), -1..3_i64, bound)
        .prop_map(|(name, delta, bound)| Part::Count(CountChange { name: name.to_owned(), delta, bound }));
    let log = (0..9_i64, of(0..IDS), any::<bool>()).prop_map(|(seconds, subject, has_personal)| {
        let entry = entry("entry", seconds, subject);
        Part::Log(if has_personal { personal(entry) } else { entry })
    });
    let joining = (prop::bool::weighted(0.7), ids())
        .prop_map(|(is_user, id)| Member { kind: if is_user { Kind::USER } else { Kind::GROUP }, id });
    let clear = prop::bool::weighted(0.15);
    let changed = (ids(), of(0..3_u64), clear, vec(ids(), 0..3), vec(joining, 0..4), 0..9_i64);
    let members =
        (changed, prop::bool::weighted(0.8)).prop_map(|((group, version, clear, removes, adds, modified), right)| {
            Part::Members(MemberChange { group, version, clear, removes, adds, at: at(modified) }, right)
        });
    prop_oneof![
        1 => Just(Part::MakesAccount),
        1 => (0..3_u64).prop_map(Part::Config),
        1 => Just(Part::ChangesConfig),
        12 => put,
        4 => delete,
        10 => members,
        4 => count,
        6 => log,
    ]
}

/// The entries with the first characters of their values.
fn begin(entries: Vec<IndexEntry>, length: usize) -> Vec<IndexEntry> {
    let cut = |entry: IndexEntry| IndexEntry { value: entry.value.chars().take(length).collect(), ..entry };
    entries.into_iter().map(cut).collect()
}

fn searches() -> impl Strategy<Value = Search> {
    let candidates = prop_oneof![
        3 => Just(Candidates::All),
        1 => vec(entries(), 0..3).prop_map(Candidates::Under),
        1 => (vec(entries(), 0..3), 0..6_usize).prop_map(|(entries, length)| Candidates::Beginning(begin(entries, length))),
        1 => vec(ids(), 0..4).prop_map(Candidates::Ids),
        1 => vec(ids(), 0..3).prop_map(Candidates::Containing),
        1 => vec(ids(), 0..3).prop_map(Candidates::MembersOf),
    ];
    let user_filter = select(&FILTERS[..]).prop_map(filter);
    let group_filter = select(&GROUP_FILTERS[..]).prop_map(|text| {
        let kind = ResourceType::group().unwrap();
        Some(Filter::parse(text).unwrap().resolve(&kind).unwrap())
    });
    let filter = prop_oneof![3 => Just(None), 2 => user_filter, 1 => group_filter];
    let edges = (vec(ids(), 0..3), any::<bool>(), vec(ids(), 0..3), any::<bool>())
        .prop_map(|(members, any_member, groups, any_group)| Edges { members, any_member, groups, any_group });
    let what = (kinds(), candidates, filter, of(entries()), edges);
    let page = (
        of(sorts()),
        of(ids()),
        0..4_u64,
        0..4_u64,
        select(&[0, 1, 3, 100][..]),
        prop::option::weighted(0.2, 0..3_u64),
    );
    (what, page).prop_map(
        |((kind, candidates, filter, within, edges), (sort, after, offset, limit, scan_max, config))| {
            let resource_type = kind.as_str().to_owned();
            Search {
                kind,
                resource_type,
                candidates,
                filter,
                within,
                edges,
                sort,
                after,
                offset,
                limit,
                scan_max,
                config,
            }
        },
    )
}

fn sorts() -> impl Strategy<Value = Sort> {
    let order = select(&[SortOrder::Ascending, SortOrder::Descending][..]);
    (select(&["userName", "active", "meta.lastModified"][..]), order, any::<bool>()).prop_map(|(by, order, indexed)| {
        let index = (indexed && by == "userName").then(|| NAMES.to_owned());
        Sort { index, ..sorted(by, order) }
    })
}

pub fn step() -> impl Strategy<Value = Step> {
    let log = (of(0..9_u64), of(0..9_u64), of(ids()), any::<bool>(), 0..5_u64).prop_map(
        |(after, before, subject, newest_first, limit)| LogQuery { after, before, subject, newest_first, limit },
    );
    prop_oneof![
        30 => (accounts(), vec(part(), 1..5)).prop_map(|(account, parts)| Step::Commit(account, parts)),
        3 => (accounts(), vec(part(), 1..5)).prop_map(|(account, parts)| Step::Rehearse(account, parts)),
        3 => (accounts(), ids(), of(ids()), 0..4_u64)
            .prop_map(|(account, group, after, limit)| Step::Members(account, group, after, limit)),
        2 => (accounts(), ids(), vec(ids(), 0..4))
            .prop_map(|(account, group, ids)| Step::MembersAmong(account, group, ids)),
        2 => (accounts(), vec(ids(), 0..4)).prop_map(|(account, ids)| Step::GroupsOf(account, ids)),
        16 => (accounts(), searches()).prop_map(|(account, search)| Step::Search(account, Box::new(search))),
        3 => (accounts(), vec((kinds(), ids()), 0..4)).prop_map(|(account, keys)| Step::Load(account, keys)),
        3 => (accounts(), unique_keys(), kinds()).prop_map(|(account, key, kind)| Step::ByUnique(account, key, kind)),
        3 => (accounts(), kinds(), of(ids()), 0..4_u64)
            .prop_map(|(account, kind, after, limit)| Step::All(account, kind, after, limit)),
        4 => (accounts(), 0..3_u64, kinds(), of(ids()), 0..4_u64)
            .prop_map(|(account, config, kind, after, limit)| Step::Index(account, config, kind, after, limit)),
        2 => (accounts(), 0..3_u64, kinds(), select(&SPACES[..]), 0..4_u64).prop_map(
            |(account, config, kind, attribute, limit)| {
                Step::Unindex(account, Unindexing { config, kind, attribute: attribute.to_owned(), limit })
            },
        ),
        4 => (accounts(), log).prop_map(|(account, query)| Step::Log(account, query)),
        2 => (accounts(), 0..9_i64).prop_map(|(account, before)| Step::Prune(account, before)),
        2 => (accounts(), ids()).prop_map(|(account, subject)| Step::Erase(account, subject)),
        1 => (of(accounts()), 0..3_u64).prop_map(|(after, limit)| Step::Accounts(after, limit)),
        1 => Just(Step::Reopen),
    ]
}

/// The change set of some parts, with the versions that the store has now where they should be right.
pub async fn change_set(store: &dyn Store, account: AccountId, parts: &[Part]) -> ChangeSet {
    let mut change = ChangeSet::default();
    let mut changed = Vec::new();
    for part in parts {
        match part.clone() {
            Part::MakesAccount => change.creates_account = true,
            Part::Config(config) => change.config = Some(config),
            Part::ChangesConfig => change.changes_config = true,
            Part::Count(count) => change.counts.push(count),
            Part::Log(entry) => change.log.push(entry),
            Part::Put(mut put, right) => {
                let there = version(store, account, &put.record.kind, put.record.id).await;
                if right {
                    put.expect = there.map_or(Expect::Absent, Expect::Version);
                }
                change.puts.push(put);
            }
            Part::Delete(mut delete, right) => {
                let there = version(store, account, &delete.kind, delete.id).await;
                delete.version = there.filter(|_| right).unwrap_or(delete.version);
                change.deletes.push(delete);
            }
            Part::Members(members, right) => changed.push((members, right)),
        }
    }
    for (mut members, right) in changed {
        if right {
            let mut there = Vec::new();
            for member in members.adds {
                let is_put = |put: &Put| put.record.kind == member.kind && put.record.id == member.id;
                if change.puts.iter().any(is_put) || version(store, account, &member.kind, member.id).await.is_some() {
                    there.push(member);
                }
            }
            members.adds = there;
            let stored = version(store, account, &Kind::GROUP, members.group).await;
            members.version = members.version.and(stored);
        }
        change.members.push(members);
    }
    name(&mut change);
    change
}

/// What an account begins with, so that much of what follows finds something: users and groups, some inside of others.
pub fn inhabitants() -> ChangeSet {
    let users = (0..4).map(|number| user(number, VALUES[number as usize % 2]));
    let groups = (2..IDS).map(|number| Record { kind: Kind::GROUP, ..user(number, VALUES[number as usize % 3]) });
    let mut change = puts(users.chain(groups).map(|record| put(record, Expect::Absent)).collect());
    change.members = vec![adds(2, [0, 1]), adds(3, [1, 2]), MemberChange { adds: vec![nested(2)], ..of_group(4) }];
    name(&mut change);
    change
}

/// Keeps the names of all records in their index: one for each, also when a change set puts a record twice.
fn name(change: &mut ChangeSet) {
    let entry = |name: &str| IndexEntry { attribute: NAMES.to_owned(), value: name.to_owned() };
    let all = || VALUES.into_iter().map(entry);
    for delete in &mut change.deletes {
        delete.index_removes.extend(all());
    }
    let mut named = HashSet::new();
    for put in change.puts.iter_mut().rev() {
        put.index_removes.extend(all());
        if named.insert((put.record.kind.clone(), put.record.id)) {
            let doc: serde_json::Value = serde_json::from_str(&put.record.doc).unwrap();
            put.index_adds.push(entry(doc["userName"].as_str().unwrap()));
        }
    }
}

async fn version(store: &dyn Store, account: AccountId, kind: &Kind, id: ResourceId) -> Option<u64> {
    let loaded = store.load(account, &[(kind.clone(), id)]).await.unwrap();
    loaded[0].as_ref().map(|record| record.version)
}
