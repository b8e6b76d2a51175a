//! Index entries by themselves, behind the lock of the head row.

use super::{Answered, attempt};
use crate::postgres::connections::{Transaction, execute, first, rows};
use crate::postgres::fault::Fault;
use crate::postgres::row::{self, int, value};
use crate::postgres::{read, write};
use crate::{Indexing, StoreError, Unindexing};
use provost_change::{AccountId, IndexEntry, ResourceId};
use std::borrow::Cow;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// Locks the head; answers with why nothing may be done.
async fn refusal(transaction: &Transaction, account: AccountId, config: u64) -> Result<Option<StoreError>, Fault> {
    Ok(match attempt::lock(transaction, account).await? {
        Ok(head) => (head.config != config).then_some(StoreError::ConfigChanged),
        Err(refusal) => Some(refusal),
    })
}

/// Enters records as they are now.
pub(super) async fn index(
    transaction: &Transaction,
    account: AccountId,
    indexing: &Indexing,
) -> Result<Answered, Fault> {
    let Indexing { config, kind, after, limit, entries } = indexing;
    if let Some(refusal) = refusal(transaction, account, *config).await? {
        return Ok(Err(refusal));
    }
    let mut records = Vec::new();
    if let Some(from) = row::behind(after.map(ResourceId::uuid)) {
        let params: [&(dyn ToSql + Sync); 4] = [&account.uuid(), &kind.as_str(), &from, &int(*limit)];
        for found in &rows(transaction, read::FROM, &params).await? {
            records.push(row::record(found, 0, kind)?);
        }
    }
    let mut found: Vec<(ResourceId, IndexEntry)> = Vec::new();
    for record in &records {
        found.extend(entries(record)?.into_iter().map(|entry| (record.id, entry)));
    }
    if !found.is_empty() {
        let values: Vec<Cow<'_, [u8]>> = found.iter().map(|(_, entry)| value(&entry.value)).collect();
        let values: Vec<&[u8]> = values.iter().map(AsRef::as_ref).collect();
        let attributes: Vec<&str> = found.iter().map(|(_, entry)| entry.attribute.as_str()).collect();
        let ids: Vec<Uuid> = found.iter().map(|(id, _)| id.uuid()).collect();
        let (accounts, kinds) = (vec![account.uuid(); found.len()], vec![kind.as_str(); found.len()]);
        execute(transaction, write::ENTER, &[&accounts, &kinds, &attributes, &values, &ids]).await?;
    }
    transaction.commit().await.map_err(Fault::of_commit)?;
    Ok(Ok(super::Done { number: records.len() as u64, last: records.last().map(|record| record.id) }))
}

/// Removes the first entries of an attribute; answers with how many.
pub(super) async fn unindex(
    transaction: &Transaction,
    account: AccountId,
    unindexing: &Unindexing,
) -> Result<Answered, Fault> {
    const LAST: &str = "
        SELECT value, id FROM attribute_index WHERE account = $1 AND kind = $2 AND attribute = $3
         ORDER BY value, id LIMIT 1 OFFSET $4";
    const UP_TO: &str = "
        DELETE FROM attribute_index
         WHERE account = $1 AND kind = $2 AND attribute = $3 AND (value, id) <= ($4, $5)";
    const REST: &str = "DELETE FROM attribute_index WHERE account = $1 AND kind = $2 AND attribute = $3";
    let Unindexing { config, kind, attribute, limit } = unindexing;
    if let Some(refusal) = refusal(transaction, account, *config).await? {
        return Ok(Err(refusal));
    }
    let Some(before_last) = limit.checked_sub(1) else { return Ok(Ok(0.into())) };
    let (account, kind) = (account.uuid(), kind.as_str());
    let gone = match first(transaction, LAST, &[&account, &kind, attribute, &int(before_last)]).await? {
        Some(last) => {
            let (value, id): (&[u8], Uuid) = (row::get(&last, 0)?, row::get(&last, 1)?);
            execute(transaction, UP_TO, &[&account, &kind, attribute, &value, &id]).await?
        }
        None => execute(transaction, REST, &[&account, &kind, attribute]).await?,
    };
    transaction.commit().await.map_err(Fault::of_commit)?;
    Ok(Ok(gone.into()))
}
