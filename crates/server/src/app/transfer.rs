//! Takes accounts out of this installation and into it, a bounded piece at a time.

use super::{App, Caller, Failure, Target};
use provost_accounts::{
    Call, Refused,
    transfer::{Batch, End, FORMAT, Header, Import, Line, MEMBERS_MAX, Members, line},
};
use provost_change::{AccountId, Kind, Record, ResourceId};
use provost_engine::registry;
use provost_store::StoreError;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Records that are read at once.
const CHUNK: u64 = 200;
/// How often a batch is put together anew because somebody else imports the same.
const ATTEMPTS_MAX: usize = 3;

/// Takes lines one by one.
pub(crate) trait Lines: Send {
    /// Takes the next line; `false` when nobody wants more.
    fn take(&mut self, line: &Line) -> impl Future<Output = bool> + Send;
}

/// What an import has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Imported {
    /// How many of what the lines told of.
    pub counts: BTreeMap<&'static str, u64>,
    /// Members that the lines tell of nowhere else: they went while the lines were written.
    pub missing_members: u64,
    /// What was left out.
    pub warnings: Vec<String>,
}

/// An import under way, and where it has come.
pub(crate) struct Importing {
    app: App,
    call: Call,
    import: Import,
    exists: bool,
    done: Imported,
}

impl App {
    /// Writes an account's lines. Ends early when nobody takes them.
    ///
    /// # Errors
    /// When the store cannot be read: what was taken until then is not whole, and has no end.
    pub(crate) async fn export(&self, account: AccountId, out: &mut impl Lines) -> Result<(), Failure> {
        let config = self.configuration(account).await?;
        let seq = self.seq(account).await?;
        let name = config.account.name.clone();
        let mut written = Written { app: self, account, in_force: config.account.policy, out, lines: 0, open: true };
        written.put(&Line::Header(Header { format: FORMAT, account, name, time: self.now(), seq })).await;
        let own = [(Kind::ACCOUNT, config.account_record()), (Kind::POLICY, config.account.policy)];
        let own: Vec<Record> = self.store().load(account, &own).await?.into_iter().flatten().collect();
        written.records(&own).await?;
        for kind in [Kind::ROLE, Kind::ADMIN_APP, Kind::SCHEMA, Kind::RESOURCE_TYPE, Kind::INDEX] {
            written.all(kind).await?;
        }
        for kind in [Kind::POLICY, Kind::USER, Kind::SUSPENDED_USER, Kind::DELETED_USER, Kind::GROUP] {
            written.all(kind).await?;
        }
        written.members().await?;
        written.all(Kind::QUORUM_POLICY).await?;
        for custom in &config.types {
            written.all(custom.kind.clone()).await?;
        }
        for kind in registry::kinds() {
            written.all(kind).await?;
        }
        let end = End { lines: written.lines, seq: self.seq(account).await? };
        written.put(&Line::End(end)).await;
        Ok(())
    }

    async fn seq(&self, account: AccountId) -> Result<u64, Failure> {
        Ok(self.store().head(account).await?.ok_or(Failure::NoAccount)?.seq)
    }

    /// Begins an import with its first line.
    ///
    /// # Errors
    /// What is no first line; 409 when the account is here already.
    pub(crate) async fn begin_import(&self, caller: &Caller, header: Value) -> Result<Importing, Failure> {
        let import = Import::begin(header, registry::derived)?;
        let account = import.account();
        match self.configuration(account).await {
            Ok(config) => {
                let name = &config.account.name;
                return Err(Refused::status(409, format!("account {account} is here already, as `{name}`")).into());
            }
            Err(Failure::NoAccount) => {}
            Err(other) => return Err(other),
        }
        let exists = self.store().head(account).await?.is_some();
        Ok(Importing { app: self.clone(), call: caller.call(self), import, exists, done: Imported::default() })
    }
}

/// The lines that are written so far.
struct Written<'a, L> {
    app: &'a App,
    account: AccountId,
    in_force: ResourceId,
    out: &'a mut L,
    lines: u64,
    open: bool,
}

impl<L: Lines> Written<'_, L> {
    async fn put(&mut self, line: &Line) {
        if self.open {
            self.open = self.out.take(line).await;
            self.lines += 1;
        }
    }

    async fn records(&mut self, records: &[Record]) -> Result<(), Failure> {
        for record in records {
            if let Some(line) = line(self.account, record, self.in_force)? {
                self.put(&line).await;
            }
        }
        Ok(())
    }

    /// All records of a kind; the policy in force has come already.
    async fn all(&mut self, kind: Kind) -> Result<(), Failure> {
        let mut after: Option<ResourceId> = None;
        while self.open {
            let mut records = self.app.store().all(self.account, &kind, after, CHUNK).await?;
            let Some(last) = records.last() else { return Ok(()) };
            after = Some(last.id);
            records.retain(|record| record.kind != Kind::POLICY || record.id != self.in_force);
            self.records(&records).await?;
        }
        Ok(())
    }

    /// Who is in which group.
    async fn members(&mut self) -> Result<(), Failure> {
        let mut after: Option<ResourceId> = None;
        while self.open {
            let groups = self.app.store().all(self.account, &Kind::GROUP, after, CHUNK).await?;
            let Some(last) = groups.last() else { return Ok(()) };
            after = Some(last.id);
            for group in &groups {
                self.members_of(group).await?;
            }
        }
        Ok(())
    }

    async fn members_of(&mut self, group: &Record) -> Result<(), Failure> {
        let mut after: Option<ResourceId> = None;
        while self.open {
            let found = self.app.store().members(self.account, group.id, after, MEMBERS_MAX as u64).await?;
            let Some(last) = found.last() else { return Ok(()) };
            after = Some(last.id);
            let (groups, users): (Vec<_>, Vec<_>) = found.into_iter().partition(|member| member.kind == Kind::GROUP);
            let ids = |members: Vec<provost_change::Member>| members.into_iter().map(|member| member.id).collect();
            let members = Members { group: group.id, modified: group.modified, users: ids(users), groups: ids(groups) };
            self.put(&Line::Members(members)).await;
        }
        Ok(())
    }
}

impl Importing {
    /// Takes another line, which has so many bytes, and commits when there is enough.
    ///
    /// # Errors
    /// What cannot be a part of this account. What was committed stays, and nobody can use it: the same lines may come again.
    pub(crate) async fn take(&mut self, line: Value, bytes: usize) -> Result<(), Failure> {
        self.import.take(&self.call, line, bytes)?;
        if self.import.is_full()
            && let Some(batch) = self.import.batch(&self.fresh_call())
        {
            self.commit(&batch).await?;
        }
        Ok(())
    }

    /// Completes the account after the last line.
    ///
    /// # Errors
    /// When the lines are not whole.
    pub(crate) async fn finish(&mut self) -> Result<(AccountId, Imported), Failure> {
        let last = self.import.finish(&self.fresh_call())?;
        self.commit(&last).await?;
        let (counts, warnings) = (self.import.counts().clone(), self.import.warnings().to_vec());
        Ok((self.import.account(), Imported { counts, warnings, ..self.done.clone() }))
    }

    /// Records in the account's audit log why the import did not go on, once there is a log.
    pub(crate) async fn failed(&self, failure: &Failure) {
        if self.exists {
            let account = self.import.account();
            let target = Target::Record(Kind::ACCOUNT, ResourceId::new(account.uuid()));
            self.app.record_failure(account, &self.fresh_call(), "account.import", Some(target), failure).await;
        }
    }

    /// The call with its own time and salt, since an import takes long and writes many entries.
    fn fresh_call(&self) -> Call {
        Call { now: self.app.now(), salt: self.app.random(), ..self.call.clone() }
    }

    async fn commit(&mut self, batch: &Batch) -> Result<(), Failure> {
        let (account, keys) = (self.import.account(), batch.keys());
        for _ in 0..ATTEMPTS_MAX {
            let found = self.app.store().load(account, &keys).await?;
            let found: HashMap<(Kind, ResourceId), Record> =
                found.into_iter().flatten().map(|record| ((record.kind.clone(), record.id), record)).collect();
            let change = batch.change(!self.exists, &found)?;
            match self.app.commit(account, change.change).await {
                Ok(()) => {
                    self.exists = true;
                    self.done.missing_members += change.missing;
                    return Ok(());
                }
                Err(StoreError::AccountExists) => self.exists = true,
                Err(StoreError::VersionChanged) => {}
                Err(StoreError::Uniqueness { space, holder }) => {
                    let problem = format!("a value of `{space}` is taken by {holder} already");
                    return Err(Refused::status(409, problem).into());
                }
                Err(other) => return Err(other.into()),
            }
        }
        Err(Failure::Busy)
    }
}

/// A line as text, ended by a line feed.
pub(crate) fn line_text(line: &Line) -> Result<Vec<u8>, Failure> {
    let mut text = serde_json::to_vec(line).map_err(|error| Failure::Damaged(error.to_string()))?;
    text.push(b'\n');
    Ok(text)
}
