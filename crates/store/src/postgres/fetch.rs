//! Reading, in one round trip, everything that change sets name.

use super::connections::rows;
use super::fault::Fault;
use super::names::{GROUP, Names};
use super::row;
use super::runs::{self, Runs};
use super::state::Account;
use deadpool_postgres::Object;
use futures_util::future::try_join_all;
use provost_change::{AccountId, Kind, Member, ResourceId, UniqueKey};
use std::borrow::Cow;
use std::collections::BTreeMap;
use tokio::try_join;
use tokio_postgres::{Error, Row};
use uuid::Uuid;

/// What is stored of the accounts in a transaction.
#[derive(Default)]
pub(super) struct Fetched<'a> {
    pub(super) accounts: BTreeMap<AccountId, Account<'a>>,
    pub(super) runs: Runs<'a>,
}

/// Whether the heads stay as they are until the transaction ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Heads {
    /// Nobody else writes to the accounts: what is read behind the heads stays true.
    Locked,
    /// The transaction shows one moment.
    Seen,
}

/// Reads what `names` says. Heads come first; everything else is sent right behind.
pub(super) async fn fetch<'a>(connection: &Object, names: &Names<'a>, heads: Heads) -> Result<Fetched<'a>, Fault> {
    const LOCK: &str = "
        SELECT account, seq, hash, base_seq, base_hash, config, counts, frozen FROM heads
         WHERE account = ANY($1) ORDER BY account FOR UPDATE";
    const SEE: &str = "
        SELECT account, seq, hash, base_seq, base_hash, config, counts, frozen FROM heads WHERE account = ANY($1)";
    let head = connection.prepare_cached(if heads == Heads::Locked { LOCK } else { SEE }).await?;
    let accounts: Vec<Uuid> = names.accounts.iter().map(|account| account.uuid()).collect();
    let records: Vec<(AccountId, &'a Kind, ResourceId)> = names.records.iter().copied().collect();
    let keys: Vec<(AccountId, &'a UniqueKey)> = names.keys.iter().copied().collect();
    let starts = if heads == Heads::Locked { names.first_of_runs() } else { Vec::new() };
    let (heads, versions, holders, edges, groups, members, runs) = try_join!(
        biased;
        async { connection.query(&head, &[&accounts]).await },
        versions(connection, &records),
        holders(connection, &keys),
        edges(connection, names),
        groups_of(connection, names),
        members_of(connection, names),
        try_join_all(starts.iter().map(|start| runs::from(connection, *start))),
    )?;
    let mut fetched = Fetched::default();
    for row in &heads {
        fetched.of(row::account_id(row, 0)?).head = Some(row::head(row, 1)?);
    }
    for (account, kind, id) in &records {
        fetched.of(*account).versions.insert((kind, *id), 0);
    }
    for row in &versions {
        let Some((account, kind, id)) = named(row, &records)? else { continue };
        fetched.of(*account).versions.insert((*kind, *id), row::natural(row, 1)?);
    }
    for row in &holders {
        let Some((account, key)) = named(row, &keys)? else { continue };
        fetched.of(*account).holders.insert(key, (row::kind(row, 1)?, row::resource_id(row, 2)?));
    }
    fetched.add_edges(&edges)?;
    fetched.add_edges(&members)?;
    fetched.add_edges(&groups)?;
    for row in &groups {
        let group = (&GROUP, row::resource_id(row, 1)?);
        fetched.of(row::account_id(row, 0)?).versions.insert(group, row::natural(row, 4)?);
    }
    for (start, rows) in starts.iter().zip(&runs) {
        fetched.runs.add(*start, rows)?;
    }
    Ok(fetched)
}

/// What a row is about: its first column counts the names.
fn named<'n, T>(row: &Row, names: &'n [T]) -> Result<Option<&'n T>, Fault> {
    Ok(usize::try_from(row::natural(row, 0)?).ok().and_then(|place| names.get(place)))
}

fn places(count: usize) -> Vec<i64> {
    (0..).take(count).collect()
}

impl<'a> Fetched<'a> {
    fn of(&mut self, account: AccountId) -> &mut Account<'a> {
        self.accounts.entry(account).or_default()
    }

    /// Columns `account, group_id, member, kind`.
    fn add_edges(&mut self, edges: &[Row]) -> Result<(), Fault> {
        for row in edges {
            let member = Member { id: row::resource_id(row, 2)?, kind: row::kind(row, 3)? };
            self.of(row::account_id(row, 0)?).add_edge(row::resource_id(row, 1)?, member);
        }
        Ok(())
    }
}

async fn versions(connection: &Object, records: &[(AccountId, &Kind, ResourceId)]) -> Result<Vec<Row>, Error> {
    const VERSIONS: &str = "
        SELECT k.n, r.version
          FROM unnest($1::BIGINT[], $2::UUID[], $3::TEXT[], $4::UUID[]) AS k (n, account, kind, id)
          JOIN records r ON r.account = k.account AND r.kind = k.kind AND r.id = k.id";
    if records.is_empty() {
        return Ok(Vec::new());
    }
    let accounts: Vec<Uuid> = records.iter().map(|(account, ..)| account.uuid()).collect();
    let kinds: Vec<&str> = records.iter().map(|(_, kind, _)| kind.as_str()).collect();
    let ids: Vec<Uuid> = records.iter().map(|(.., id)| id.uuid()).collect();
    rows(connection, VERSIONS, &[&places(records.len()), &accounts, &kinds, &ids]).await
}

async fn holders(connection: &Object, keys: &[(AccountId, &UniqueKey)]) -> Result<Vec<Row>, Error> {
    const HOLDERS: &str = "
        SELECT k.n, u.kind, u.id
          FROM unnest($1::BIGINT[], $2::UUID[], $3::TEXT[], $4::BYTEA[]) AS k (n, account, space, value)
          JOIN unique_keys u ON u.account = k.account AND u.space = k.space AND u.value = k.value";
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let accounts: Vec<Uuid> = keys.iter().map(|(account, _)| account.uuid()).collect();
    let spaces: Vec<&str> = keys.iter().map(|(_, key)| key.space.as_str()).collect();
    let values: Vec<Cow<'_, [u8]>> = keys.iter().map(|(_, key)| row::value(&key.value)).collect();
    let values: Vec<&[u8]> = values.iter().map(AsRef::as_ref).collect();
    rows(connection, HOLDERS, &[&places(keys.len()), &accounts, &spaces, &values]).await
}

async fn edges(connection: &Object, names: &Names<'_>) -> Result<Vec<Row>, Error> {
    const EDGES: &str = "
        SELECT m.account, m.group_id, m.member, m.kind
          FROM unnest($1::UUID[], $2::UUID[], $3::UUID[]) AS k (account, group_id, member)
          JOIN members m ON m.account = k.account AND m.group_id = k.group_id AND m.member = k.member";
    if names.edges.is_empty() {
        return Ok(Vec::new());
    }
    let accounts: Vec<Uuid> = names.edges.iter().map(|(account, ..)| account.uuid()).collect();
    let groups: Vec<Uuid> = names.edges.iter().map(|(_, group, _)| group.uuid()).collect();
    let members: Vec<Uuid> = names.edges.iter().map(|(.., member)| member.uuid()).collect();
    rows(connection, EDGES, &[&accounts, &groups, &members]).await
}

/// The edges of some members, each with the version of its group: nobody has named that one.
async fn groups_of(connection: &Object, names: &Names<'_>) -> Result<Vec<Row>, Error> {
    const GROUPS: &str = "
        SELECT m.account, m.group_id, m.member, m.kind, r.version
          FROM unnest($1::UUID[], $2::UUID[]) AS k (account, member)
          JOIN members m ON m.account = k.account AND m.member = k.member
          JOIN records r ON r.account = m.account AND r.kind = $3 AND r.id = m.group_id";
    if names.members.is_empty() {
        return Ok(Vec::new());
    }
    let accounts: Vec<Uuid> = names.members.iter().map(|(account, _)| account.uuid()).collect();
    let members: Vec<Uuid> = names.members.iter().map(|(_, member)| member.uuid()).collect();
    rows(connection, GROUPS, &[&accounts, &members, &GROUP.as_str()]).await
}

async fn members_of(connection: &Object, names: &Names<'_>) -> Result<Vec<Row>, Error> {
    const MEMBERS: &str = "
        SELECT m.account, m.group_id, m.member, m.kind
          FROM unnest($1::UUID[], $2::UUID[]) AS k (account, group_id)
          JOIN members m ON m.account = k.account AND m.group_id = k.group_id";
    if names.groups.is_empty() {
        return Ok(Vec::new());
    }
    let accounts: Vec<Uuid> = names.groups.iter().map(|(account, _)| account.uuid()).collect();
    let groups: Vec<Uuid> = names.groups.iter().map(|(_, group)| group.uuid()).collect();
    rows(connection, MEMBERS, &[&accounts, &groups]).await
}
