//! Reads by key and in order.

use super::connections::{first, rows};
use super::fault::Fault;
use super::row::{self, int};
use crate::LogQuery;
use deadpool_postgres::Object;
use provost_change::{AccountId, Head, Kind, Logged, Record, ResourceId, UniqueKey};
use uuid::Uuid;

pub(super) async fn head(connection: &Object, account: AccountId) -> Result<Option<Head>, Fault> {
    const HEAD: &str = "
        SELECT seq, hash, base_seq, base_hash, config, counts, frozen FROM heads WHERE account = $1";
    first(connection, HEAD, &[&account.uuid()]).await?.map(|row| row::head(&row, 0)).transpose()
}

pub(super) async fn accounts(
    connection: &Object,
    after: Option<AccountId>,
    limit: u64,
) -> Result<Vec<AccountId>, Fault> {
    const FROM: &str = "SELECT account FROM heads WHERE account >= $1 ORDER BY account LIMIT $2";
    let Some(from) = row::behind(after.map(AccountId::uuid)) else { return Ok(Vec::new()) };
    let found = rows(connection, FROM, &[&from, &int(limit)]).await?;
    found.iter().map(|row| row::account_id(row, 0)).collect()
}

pub(super) async fn load(
    connection: &Object,
    account: AccountId,
    keys: &[(Kind, ResourceId)],
) -> Result<Vec<Option<Record>>, Fault> {
    const RECORD: &str = "
        SELECT id, version, created, modified, doc, state FROM records
         WHERE account = $1 AND kind = $2 AND id = $3";
    const RECORDS: &str = "
        SELECT k.n, r.id, r.version, r.created, r.modified, r.doc, r.state
          FROM unnest($1::TEXT[], $2::UUID[], $3::BIGINT[]) AS k (kind, id, n)
          JOIN records r ON r.account = $4 AND r.kind = k.kind AND r.id = k.id";
    if let [(kind, id)] = keys {
        let found = first(connection, RECORD, &[&account.uuid(), &kind.as_str(), &id.uuid()]).await?;
        return Ok(vec![found.map(|row| row::record(&row, 0, kind)).transpose()?]);
    }
    let mut records = vec![None; keys.len()];
    if keys.is_empty() {
        return Ok(records);
    }
    let kinds: Vec<&str> = keys.iter().map(|(kind, _)| kind.as_str()).collect();
    let ids: Vec<Uuid> = keys.iter().map(|(_, id)| id.uuid()).collect();
    let places: Vec<i64> = (0..).take(keys.len()).collect();
    for found in rows(connection, RECORDS, &[&kinds, &ids, &places, &account.uuid()]).await? {
        let place = usize::try_from(row::natural(&found, 0)?).unwrap_or(usize::MAX);
        if let (Some((kind, _)), Some(record)) = (keys.get(place), records.get_mut(place)) {
            *record = Some(row::record(&found, 1, kind)?);
        }
    }
    Ok(records)
}

pub(super) async fn by_unique(
    connection: &Object,
    account: AccountId,
    key: &UniqueKey,
    kind: &Kind,
) -> Result<Option<Record>, Fault> {
    const BY_UNIQUE: &str = "
        SELECT r.id, r.version, r.created, r.modified, r.doc, r.state
          FROM unique_keys u JOIN records r ON r.account = u.account AND r.kind = u.kind AND r.id = u.id
         WHERE u.account = $1 AND u.space = $2 AND u.value = $3 AND u.kind = $4";
    let value = row::value(&key.value);
    let found = first(connection, BY_UNIQUE, &[&account.uuid(), &key.space, &&*value, &kind.as_str()]).await?;
    found.map(|row| row::record(&row, 0, kind)).transpose()
}

/// Records of a kind from an id on.
pub(super) const FROM: &str = "
    SELECT id, version, created, modified, doc, state FROM records
     WHERE account = $1 AND kind = $2 AND id >= $3 ORDER BY id LIMIT $4";

pub(super) async fn all(
    connection: &Object,
    account: AccountId,
    kind: &Kind,
    after: Option<ResourceId>,
    limit: u64,
) -> Result<Vec<Record>, Fault> {
    let Some(from) = row::behind(after.map(ResourceId::uuid)) else { return Ok(Vec::new()) };
    let found = rows(connection, FROM, &[&account.uuid(), &kind.as_str(), &from, &int(limit)]).await?;
    found.iter().map(|row| row::record(row, 0, kind)).collect()
}

pub(super) async fn log(connection: &Object, account: AccountId, query: &LogQuery) -> Result<Vec<Logged>, Fault> {
    const OLDEST_FIRST: &str = "
        SELECT seq, at, subject, public, salt, personal, personal_digest, hash FROM log
         WHERE account = $1 AND seq > $2 AND seq < $3 ORDER BY seq LIMIT $4";
    const NEWEST_FIRST: &str = "
        SELECT seq, at, subject, public, salt, personal, personal_digest, hash FROM log
         WHERE account = $1 AND seq > $2 AND seq < $3 ORDER BY seq DESC LIMIT $4";
    const ABOUT_OLDEST_FIRST: &str = "
        SELECT seq, at, subject, public, salt, personal, personal_digest, hash FROM log
         WHERE account = $1 AND seq > $2 AND seq < $3 AND subject = $4 ORDER BY seq LIMIT $5";
    const ABOUT_NEWEST_FIRST: &str = "
        SELECT seq, at, subject, public, salt, personal, personal_digest, hash FROM log
         WHERE account = $1 AND seq > $2 AND seq < $3 AND subject = $4 ORDER BY seq DESC LIMIT $5";
    let (after, before) = (int(query.after.unwrap_or(0)), int(query.before.unwrap_or(u64::MAX)));
    let (account, limit) = (account.uuid(), int(query.limit));
    let found = match query.subject {
        None => {
            let sql = if query.newest_first { NEWEST_FIRST } else { OLDEST_FIRST };
            rows(connection, sql, &[&account, &after, &before, &limit]).await?
        }
        Some(subject) => {
            let sql = if query.newest_first { ABOUT_NEWEST_FIRST } else { ABOUT_OLDEST_FIRST };
            rows(connection, sql, &[&account, &after, &before, &subject.uuid(), &limit]).await?
        }
    };
    found.iter().map(row::logged).collect()
}

pub(super) async fn ping(connection: &Object) -> Result<(), Fault> {
    const PING: &str = "SELECT 1 FROM heads LIMIT 1";
    rows(connection, PING, &[]).await?;
    Ok(())
}
