//! Membership: edges that are looked up from either side. Nothing here reads more of a group than it answers with.

use super::connections::{first, rows};
use super::fault::Fault;
use super::row::{self, int};
use deadpool_postgres::Object;
use provost_change::{AccountId, Member, ResourceId};
use std::collections::HashMap;
use uuid::Uuid;

/// At most `limit` members of a group behind `after`, in the order of their ids.
pub(super) async fn page(
    connection: &Object,
    account: AccountId,
    group: ResourceId,
    after: Option<ResourceId>,
    limit: u64,
) -> Result<Vec<Member>, Fault> {
    const PAGE: &str = "
        SELECT member, kind FROM members
         WHERE account = $1 AND group_id = $2 AND member >= $3 ORDER BY member LIMIT $4";
    let Some(from) = row::behind(after.map(ResourceId::uuid)) else { return Ok(Vec::new()) };
    let found = rows(connection, PAGE, &[&account.uuid(), &group.uuid(), &from, &int(limit)]).await?;
    found.iter().map(row::member).collect()
}

/// Whether a group has more than `most` members.
pub(super) async fn exceed(
    connection: &Object,
    account: AccountId,
    group: ResourceId,
    most: u64,
) -> Result<bool, Fault> {
    const BEYOND: &str = "SELECT 1 FROM members WHERE account = $1 AND group_id = $2 LIMIT 1 OFFSET $3";
    Ok(first(connection, BEYOND, &[&account.uuid(), &group.uuid(), &int(most)]).await?.is_some())
}

/// Which of these are members of a group, in the order of their ids, each once.
pub(super) async fn among(
    connection: &Object,
    account: AccountId,
    group: ResourceId,
    ids: &[ResourceId],
) -> Result<Vec<Member>, Fault> {
    const AMONG: &str = "
        SELECT member, kind FROM members
         WHERE account = $1 AND group_id = $2 AND member = ANY($3) ORDER BY member";
    let found = rows(connection, AMONG, &[&account.uuid(), &group.uuid(), &uuids(ids)]).await?;
    found.iter().map(row::member).collect()
}

/// For each of these, the groups that contain it itself, in the order of their ids.
pub(super) async fn groups_of(
    connection: &Object,
    account: AccountId,
    members: &[ResourceId],
) -> Result<Vec<Vec<ResourceId>>, Fault> {
    const GROUPS: &str = "
        SELECT member, group_id FROM members WHERE account = $1 AND member = ANY($2) ORDER BY member, group_id";
    let mut groups: HashMap<ResourceId, Vec<ResourceId>> = HashMap::new();
    for found in rows(connection, GROUPS, &[&account.uuid(), &uuids(members)]).await? {
        groups.entry(row::resource_id(&found, 0)?).or_default().push(row::resource_id(&found, 1)?);
    }
    Ok(members.iter().map(|member| groups.get(member).cloned().unwrap_or_default()).collect())
}

pub(super) fn uuids(ids: &[ResourceId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.uuid()).collect()
}
