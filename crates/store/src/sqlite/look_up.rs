//! What judging asks, answered from the connection when it is asked.

use super::search::SMALL_MAX;
use super::{
    members,
    row::{self, Statements},
};
use crate::StoreError;
use crate::judge::LookUp;
use provost_change::{AccountId, ChangeSet, Kind, Member, MemberChange, ResourceId, UniqueKey};
use rusqlite::params;

/// One account as a connection sees it.
pub(super) struct Stored<'a, C> {
    pub(super) connection: &'a C,
    pub(super) account: AccountId,
}

impl<C: Statements> LookUp for Stored<'_, C> {
    fn version(&self, kind: &Kind, id: ResourceId) -> Result<u64, StoreError> {
        const VERSION: &str = "SELECT version FROM records WHERE account = $1 AND kind = $2 AND id = $3";
        let key = params![self.account.as_bytes(), kind.as_str(), id.as_bytes()];
        Ok(row::first(self.connection, VERSION, key, |row| row::natural(row, 0))?.unwrap_or(0))
    }

    fn holder(&self, key: &UniqueKey) -> Result<Option<(Kind, ResourceId)>, StoreError> {
        const HOLDER: &str = "SELECT kind, id FROM unique_keys WHERE account = $1 AND space = $2 AND value = $3";
        let params = params![self.account.as_bytes(), key.space, key.value];
        let read = |row: &rusqlite::Row<'_>| Ok((row::kind(row, 0)?, row::resource_id(row, 1)?));
        Ok(row::first(self.connection, HOLDER, params, read)?)
    }

    fn edge(&self, group: ResourceId, member: ResourceId) -> Result<Option<Kind>, StoreError> {
        members::kind(self.connection, self.account, group, member)
    }

    fn groups_of(&self, member: ResourceId) -> Result<Vec<ResourceId>, StoreError> {
        members::groups_of(self.connection, self.account, member, u64::MAX)
    }

    fn members_of(&self, group: ResourceId) -> Result<Vec<Member>, StoreError> {
        members::page(self.connection, self.account, group, None, u64::MAX)
    }
}

/// Whether a change set is judged in some hundred microseconds.
pub(super) fn is_small(change: &ChangeSet) -> bool {
    let named = |members: &MemberChange| members.removes.len() + members.adds.len();
    let rows = change.deletes.len() + change.puts.len() + change.members.iter().map(named).sum::<usize>();
    rows as u64 <= SMALL_MAX && change.members.iter().all(|members| !members.clear)
}
