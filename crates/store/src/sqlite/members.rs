//! Membership: edges that are looked up from either side. Nothing here reads more of a group than it answers with or changes.

use super::row::{self, Statements, execute, int};
use crate::StoreError;
use jiff::Timestamp;
use provost_change::{AccountId, Kind, Member, ResourceId};
use rusqlite::{Result, params};

/// At most `limit` members of a group behind `after`, in the order of their ids.
pub(super) fn page(
    connection: &impl Statements,
    account: AccountId,
    group: ResourceId,
    after: Option<ResourceId>,
    limit: u64,
) -> Result<Vec<Member>, StoreError> {
    const PAGE: &str = "
        SELECT member, kind FROM members
         WHERE account = $1 AND group_id = $2 AND member > $3 ORDER BY member LIMIT $4";
    let params = params![account.as_bytes(), group.as_bytes(), row::behind(after.as_ref()), int(limit)];
    Ok(row::rows(connection, PAGE, params, |row| {
        Ok(Member { id: row::resource_id(row, 0)?, kind: row::kind(row, 1)? })
    })?)
}

/// Whether a group has more than `most` members: their index entries are passed over, not read.
pub(super) fn exceed(
    connection: &impl Statements,
    account: AccountId,
    group: ResourceId,
    most: u64,
) -> Result<bool, StoreError> {
    const BEYOND: &str = "SELECT 1 FROM members WHERE account = $1 AND group_id = $2 LIMIT 1 OFFSET $3";
    let params = params![account.as_bytes(), group.as_bytes(), int(most)];
    Ok(row::first(connection, BEYOND, params, |_| Ok(()))?.is_some())
}

/// What a member of a group is; none when it is no member.
pub(super) fn kind(
    connection: &impl Statements,
    account: AccountId,
    group: ResourceId,
    member: ResourceId,
) -> Result<Option<Kind>, StoreError> {
    const KIND: &str = "SELECT kind FROM members WHERE account = $1 AND group_id = $2 AND member = $3";
    let key = params![account.as_bytes(), group.as_bytes(), member.as_bytes()];
    Ok(row::first(connection, KIND, key, |row| row::kind(row, 0))?)
}

/// Which of these are members of a group, in the order of their ids, each once.
pub(super) fn among(
    connection: &impl Statements,
    account: AccountId,
    group: ResourceId,
    ids: &[ResourceId],
) -> Result<Vec<Member>, StoreError> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let member = |id| Ok(kind(connection, account, group, id)?.map(|kind| Member { kind, id }));
    ids.into_iter().filter_map(|id| member(id).transpose()).collect()
}

/// At most `limit` groups that contain a member itself, in the order of their ids.
pub(super) fn groups_of(
    connection: &impl Statements,
    account: AccountId,
    member: ResourceId,
    limit: u64,
) -> Result<Vec<ResourceId>, StoreError> {
    const GROUPS: &str = "
        SELECT group_id FROM members WHERE account = $1 AND member = $2 ORDER BY group_id LIMIT $3";
    let params = params![account.as_bytes(), member.as_bytes(), int(limit)];
    Ok(row::rows(connection, GROUPS, params, |row| row::resource_id(row, 0))?)
}

/// The first group that contains a member of this kind.
pub(super) fn first_group_of(
    connection: &impl Statements,
    account: AccountId,
    member: ResourceId,
    kind: &Kind,
) -> Result<Option<ResourceId>, StoreError> {
    const FIRST: &str = "
        SELECT group_id FROM members WHERE account = $1 AND member = $2 AND kind = $3 ORDER BY group_id LIMIT 1";
    let params = params![account.as_bytes(), member.as_bytes(), kind.as_str()];
    Ok(row::first(connection, FIRST, params, |row| row::resource_id(row, 0))?)
}

pub(super) fn add(connection: &impl Statements, account: AccountId, group: ResourceId, member: &Member) -> Result<()> {
    const ADD: &str = "INSERT INTO members (account, group_id, member, kind) VALUES ($1, $2, $3, $4)";
    let row = params![account.as_bytes(), group.as_bytes(), member.id.as_bytes(), member.kind.as_str()];
    execute(connection, ADD, row).map(drop)
}

pub(super) fn remove(
    connection: &impl Statements,
    account: AccountId,
    group: ResourceId,
    member: ResourceId,
) -> Result<()> {
    const REMOVE: &str = "DELETE FROM members WHERE account = $1 AND group_id = $2 AND member = $3";
    execute(connection, REMOVE, params![account.as_bytes(), group.as_bytes(), member.as_bytes()]).map(drop)
}

/// Removes all members of a group.
pub(super) fn clear(connection: &impl Statements, account: AccountId, group: ResourceId) -> Result<()> {
    const CLEAR: &str = "DELETE FROM members WHERE account = $1 AND group_id = $2";
    execute(connection, CLEAR, params![account.as_bytes(), group.as_bytes()]).map(drop)
}

/// Counts a group's version up; its time of modification stays where none is given.
pub(super) fn touch(
    connection: &impl Statements,
    account: AccountId,
    group: ResourceId,
    at: Option<Timestamp>,
) -> Result<()> {
    const TOUCH: &str = "
        UPDATE records SET version = version + 1, modified = coalesce($1, modified)
         WHERE account = $2 AND kind = $3 AND id = $4";
    let at = at.map(Timestamp::as_microsecond);
    execute(connection, TOUCH, params![at, account.as_bytes(), Kind::GROUP.as_str(), group.as_bytes()]).map(drop)
}
