//! Writing what was judged. An error here is the store's own: the whole transaction is rolled back.

use super::row::{Statements, execute, int, natural, rows};
use super::{members, runs::Runs};
use crate::judge::{Becomes, Memberships, Verdict};
use jiff::Timestamp;
use provost_change::{
    AccountId, ChainBase, ChangeSet, Delete, Head, IndexEntry, Kind, Logged, Put, ResourceId, UniqueKey,
};
use rusqlite::{Result, params};

/// How many log entries are removed in one transaction, so that commits need not wait long for it.
pub(super) const PRUNE_MAX: u64 = 2000;

/// One account's rows inside a transaction.
pub(super) struct Rows<'a, C> {
    pub(super) connection: &'a C,
    pub(super) account: AccountId,
}

impl<C: Statements> Rows<'_, C> {
    /// Writes everything but the head and the runs.
    pub(super) fn change(&self, change: &ChangeSet, verdict: &Verdict, runs: &mut Runs) -> Result<()> {
        for delete in &change.deletes {
            self.lose(&delete.kind, delete.id, &delete.releases, &delete.index_removes)?;
            self.delete(delete, runs)?;
        }
        for put in &change.puts {
            self.lose(&put.record.kind, put.record.id, &put.releases, &put.index_removes)?;
        }
        for (put, becomes) in change.puts.iter().zip(&verdict.puts) {
            self.put(put, *becomes, runs)?;
            self.gain(put)?;
        }
        self.memberships(&verdict.members)?;
        verdict.log.iter().try_for_each(|entry| self.append(entry))
    }

    pub(super) fn head(&self, head: &Head) -> Result<()> {
        const HEAD: &str = "
            INSERT INTO heads (account, seq, hash, base_seq, base_hash, config, counts)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (account) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, base_seq = excluded.base_seq,
                base_hash = excluded.base_hash, config = excluded.config, counts = excluded.counts";
        let counts = serde_json::to_string(&head.counts).expect("a map of texts to numbers is JSON");
        let (seq, base, config) = (int(head.seq), int(head.base.seq), int(head.config));
        let row = params![self.account.as_bytes(), seq, head.hash, base, head.base.hash, config, counts];
        execute(self.connection, HEAD, row).map(drop)
    }

    /// Removes the oldest log entries, as many as are older than `before` but not more than [`PRUNE_MAX`]. Answers
    /// with the new base, when any went.
    pub(super) fn prune_log(&self, base: ChainBase, before: Timestamp) -> Result<Option<ChainBase>> {
        const OLDEST: &str = "SELECT seq, at, hash FROM log WHERE account = $1 AND seq > $2 ORDER BY seq LIMIT $3";
        const REMOVE: &str = "DELETE FROM log WHERE account = $1 AND seq <= $2";
        let params = params![self.account.as_bytes(), int(base.seq), int(PRUNE_MAX)];
        let oldest = rows(self.connection, OLDEST, params, |row| {
            let at: i64 = row.get(1)?;
            Ok((at, ChainBase { seq: natural(row, 0)?, hash: row.get(2)? }))
        })?;
        let older = oldest.into_iter().take_while(|(at, _)| *at < before.as_microsecond());
        let Some((_, base)) = older.last() else { return Ok(None) };
        execute(self.connection, REMOVE, params![self.account.as_bytes(), int(base.seq)])?;
        Ok(Some(base))
    }

    /// Empties personal parts; answers with how many.
    pub(super) fn erase_personal(&self, subject: ResourceId) -> Result<u64> {
        const ERASE: &str = "
            UPDATE log SET salt = NULL, personal = NULL WHERE account = $1 AND subject = $2 AND personal IS NOT NULL";
        let erased = execute(self.connection, ERASE, params![self.account.as_bytes(), subject.as_bytes()])?;
        Ok(erased as u64)
    }

    fn delete(&self, delete: &Delete, runs: &mut Runs) -> Result<()> {
        const DELETE: &str = "DELETE FROM records WHERE account = $1 AND kind = $2 AND id = $3";
        let key = params![self.account.as_bytes(), delete.kind.as_str(), delete.id.as_bytes()];
        execute(self.connection, DELETE, key)?;
        runs.remove(self.connection, self.account, &delete.kind, delete.id)
    }

    fn put(&self, put: &Put, becomes: Becomes, runs: &mut Runs) -> Result<()> {
        const INSERT: &str = "
            INSERT INTO records (account, kind, id, version, created, modified, doc, state)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        const UPDATE: &str = "
            UPDATE records SET version = $1, created = $2, modified = $3, doc = $4, state = $5
             WHERE account = $6 AND kind = $7 AND id = $8";
        let record = &put.record;
        let (account, kind, id) = (self.account.as_bytes(), record.kind.as_str(), record.id.as_bytes());
        let (version, created) = (int(becomes.version), record.created.as_microsecond());
        let (modified, doc, state) = (record.modified.as_microsecond(), &record.doc, &record.state);
        if becomes.is_new {
            let row = params![account, kind, id, version, created, modified, doc, state];
            execute(self.connection, INSERT, row)?;
            runs.add(self.connection, self.account, &record.kind, record.id)
        } else {
            let row = params![version, created, modified, doc, state, account, kind, id];
            execute(self.connection, UPDATE, row).map(drop)
        }
    }

    fn gain(&self, put: &Put) -> Result<()> {
        const CLAIM: &str = "
            INSERT INTO unique_keys (account, space, value, kind, id) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (account, space, value) DO NOTHING";
        let (account, kind, id) = (self.account.as_bytes(), put.record.kind.as_str(), put.record.id.as_bytes());
        for claim in &put.claims {
            execute(self.connection, CLAIM, params![account, claim.space, claim.value, kind, id])?;
        }
        put.index_adds.iter().try_for_each(|entry| self.enter(&put.record.kind, put.record.id, entry))
    }

    fn lose(&self, kind: &Kind, id: ResourceId, releases: &[UniqueKey], removes: &[IndexEntry]) -> Result<()> {
        const RELEASE: &str = "
            DELETE FROM unique_keys WHERE account = $1 AND space = $2 AND value = $3 AND kind = $4 AND id = $5";
        const REMOVE: &str = "
            DELETE FROM attribute_index
             WHERE account = $1 AND kind = $2 AND attribute = $3 AND value = $4 AND id = $5";
        let (account, kind, id) = (self.account.as_bytes(), kind.as_str(), id.as_bytes());
        for release in releases {
            execute(self.connection, RELEASE, params![account, release.space, release.value, kind, id])?;
        }
        for entry in removes {
            execute(self.connection, REMOVE, params![account, kind, entry.attribute, entry.value, id])?;
        }
        Ok(())
    }

    fn memberships(&self, becomes: &Memberships) -> Result<()> {
        for group in &becomes.emptied {
            members::clear(self.connection, self.account, *group)?;
        }
        for (group, member) in &becomes.lost {
            members::remove(self.connection, self.account, *group, *member)?;
        }
        for (group, member) in &becomes.gained {
            members::add(self.connection, self.account, *group, member)?;
        }
        becomes.touched.iter().try_for_each(|(group, at)| members::touch(self.connection, self.account, *group, *at))
    }

    pub(super) fn append(&self, entry: &Logged) -> Result<()> {
        const APPEND: &str = "
            INSERT INTO log (account, seq, at, subject, public, salt, personal, personal_digest, hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let (account, seq, at) = (self.account.as_bytes(), int(entry.seq), entry.at.as_microsecond());
        let subject = entry.subject.as_ref().map(ResourceId::as_bytes);
        let salt = entry.personal.as_ref().map(|personal| &personal.salt);
        let personal = entry.personal.as_ref().map(|personal| &personal.json);
        let (public, digest, hash) = (&entry.public, entry.personal_digest, entry.hash);
        let row = params![account, seq, at, subject, public, salt, personal, digest, hash];
        execute(self.connection, APPEND, row).map(drop)
    }
}
