//! One account: everything in it held against what follows from its records.

use super::super::{chain, tell};
use super::faults::{Fault, Faults, Remedy};
use super::keys::Sums;
use provost_accounts::{
    Account, Call, Configuration, Corrupt, User,
    audit::{self, Entry},
    derived::{self, is_derived_count},
};
use provost_change::{Head, Kind, LogEntry, Record, ResourceId};
use provost_engine::registry::derived_of_any;
use provost_store::{Inspected, LogQuery, StoreError};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Records between two signs of progress.
const PROGRESS_EVERY: u64 = 10_000;

/// What is looked at, and where it is said.
pub struct Look<'a> {
    pub(super) at: &'a Inspected<'a>,
    pub(super) faults: &'a mut Faults,
    /// What was repaired, by what it was.
    pub(super) done: BTreeMap<&'static str, u64>,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Records.
    pub records: u64,
    /// Entries of the log.
    pub entries: u64,
    /// Whether the account is an import that was not finished.
    pub is_unfinished: bool,
}

/// How an account's configuration was found.
enum Found {
    Whole(Box<Configuration>),
    /// The account's own record comes last.
    Unfinished,
    Damaged,
}

impl<'a> Look<'a> {
    /// Begins to look at an account.
    pub fn at(at: &'a Inspected<'a>, faults: &'a mut Faults) -> Self {
        Self { at, faults, done: BTreeMap::new() }
    }

    /// Looks at everything, and puts right what can be. `call` is what the entry in the log about repairs is made with. `None` when
    /// there is no such account.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub fn whole(mut self, call: &Call) -> Result<Option<Seen>, StoreError> {
        tell(&format!("account {} …", self.at.id()));
        let Some(mut head) = self.at.head()? else { return Ok(None) };
        if let Err(broken) = chain::check(self.at, &head)? {
            self.fault(Fault::of_account(self.at.id(), broken.to_string()), Remedy::None);
        }
        let found = self.configuration(&head)?;
        let config = match &found {
            Found::Whole(config) => Some(config.as_ref()),
            Found::Unfinished | Found::Damaged => None,
        };
        let mut sums = self.records(config)?;
        if let Some(config) = config {
            self.claims(config, &mut sums)?;
            self.surplus(config, &sums)?;
            if !sums.has_gaps {
                self.counts(&mut head, &sums.counts);
            }
        }
        self.memberships()?;
        self.circles()?;
        self.runs()?;
        if !self.done.is_empty() {
            let entry = self.entry(call);
            head = self.at.append(&head, entry)?;
        }
        let entries = head.seq - head.base.seq;
        Ok(Some(Seen { records: sums.records, entries, is_unfinished: matches!(found, Found::Unfinished) }))
    }

    pub(super) fn fault(&mut self, fault: Fault, remedy: Remedy) {
        self.faults.add(fault, remedy);
    }

    pub(super) fn of_record(&self, kind: &Kind, id: ResourceId, problem: impl Into<String>) -> Fault {
        Fault::of_record(self.at.id(), kind, id, problem)
    }

    /// Notes a fault that can be put right, and puts it right where that is wanted.
    pub(super) fn repair(
        &mut self,
        fault: Fault,
        what: &'static str,
        repair: impl FnOnce(&Inspected<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let remedy = self.faults.remedy();
        if remedy == Remedy::Done {
            repair(self.at)?;
            *self.done.entry(what).or_default() += 1;
        }
        self.fault(fault, remedy);
        Ok(())
    }

    /// What the account's records are read with.
    fn configuration(&mut self, head: &Head) -> Result<Found, StoreError> {
        let own = ResourceId::new(self.at.id().uuid());
        let read = match self.settings(own) {
            Ok(None) if self.is_import()? => return Ok(Found::Unfinished),
            Ok(None) => Err("the account's own record is missing".to_owned()),
            Ok(Some(records)) => {
                let config = Configuration::read(self.at.id(), head.config, &records);
                config.map_err(|error: Corrupt| error.to_string())
            }
            Err(StoreError::Corrupt(problem)) => Err(problem),
            Err(error) => return Err(error),
        };
        match read {
            Ok(config) => Ok(Found::Whole(Box::new(config))),
            Err(problem) => {
                let problem = format!("its users, groups and resources cannot be checked: {problem}");
                self.fault(Fault::of_account(self.at.id(), problem), Remedy::None);
                Ok(Found::Damaged)
            }
        }
    }

    /// The records that make the configuration; `None` when the account's own is missing.
    fn settings(&self, own: ResourceId) -> Result<Option<Vec<Record>>, StoreError> {
        let Some(own) = self.at.record(&Kind::ACCOUNT, own)? else { return Ok(None) };
        let account: Account =
            serde_json::from_str(&own.doc).map_err(|error| StoreError::Corrupt(format!("account: {error}")))?;
        let mut records = vec![own];
        records.extend(self.at.record(&Kind::POLICY, account.policy)?);
        for kind in Configuration::KINDS {
            records.extend(self.at.all(&kind)?);
        }
        Ok(Some(records))
    }

    /// Whether the newest entry of the log is about an import.
    fn is_import(&self) -> Result<bool, StoreError> {
        let query = LogQuery { after: None, before: None, subject: None, newest_first: true, limit: 1 };
        let newest = self.at.log(&query)?.pop();
        let public = newest.and_then(|entry| serde_json::from_str::<Value>(&entry.public).ok());
        Ok(public.is_some_and(|public| public["action"] == json!("account.import")))
    }

    /// Reads every record, and holds what follows from it against what is there.
    fn records(&mut self, config: Option<&Configuration>) -> Result<Sums, StoreError> {
        let mut sums = Sums::default();
        let at = self.at;
        at.records(|found| {
            sums.records += 1;
            if sums.records.is_multiple_of(PROGRESS_EVERY) {
                tell(&format!("account {}: {} records …", at.id(), sums.records));
            }
            let record = match found {
                Ok(record) => record,
                Err(row) => {
                    sums.has_gaps = true;
                    let problem = format!("it cannot be read: {}", row.cause);
                    self.fault(Fault::of_row(at.id(), row.kind, row.id, problem), Remedy::None);
                    return Ok(());
                }
            };
            if record.version == 0 {
                self.fault(self.of_record(&record.kind, record.id, "its version is 0"), Remedy::None);
            }
            let read = match config {
                Some(config) => derived_of_any(config, &record).map(Some),
                None if is_plain(&record.kind) => derived::check(at.id(), &record).map(|()| None),
                None => Ok(None),
            };
            match read {
                Ok(Some((now, formerly))) => self.follows(&record, now, formerly, &mut sums),
                Ok(None) => Ok(()),
                Err(error) => {
                    sums.has_gaps = true;
                    let problem = format!("its document is not what was written: {}", error.cause);
                    self.fault(self.of_record(&record.kind, record.id, problem), Remedy::None);
                    Ok(())
                }
            }
        })?;
        Ok(sums)
    }

    /// Counts that are sums over records.
    fn counts(&mut self, head: &mut Head, sums: &BTreeMap<String, i64>) {
        let names: BTreeSet<String> =
            head.counts.keys().filter(|name| is_derived_count(name)).chain(sums.keys()).cloned().collect();
        for name in names {
            let (says, is) = (head.count(&name), sums.get(&name).copied().unwrap_or(0));
            if says == is {
                continue;
            }
            let fault = Fault::of_account(self.at.id(), format!("the count `{name}` says {says}, and there are {is}"));
            let remedy = self.faults.remedy();
            if remedy == Remedy::Done {
                // Written with the entry that says so.
                match is {
                    0 => head.counts.remove(&name),
                    is => head.counts.insert(name, is),
                };
                *self.done.entry("counts").or_default() += 1;
            }
            self.fault(fault, remedy);
        }
    }

    /// Memberships between records that exist.
    fn memberships(&mut self) -> Result<(), StoreError> {
        for dangling in self.at.dangling()? {
            let (group, member) = (dangling.group, dangling.member);
            let problem = if dangling.group_exists {
                format!("its member {} {} does not exist", member.kind, member.id)
            } else {
                format!("it does not exist, and {} {} is a member of it", member.kind, member.id)
            };
            let fault = self.of_record(&Kind::GROUP, group, problem);
            self.repair(fault, "memberships", |at| at.end_membership(group, member.id))?;
        }
        Ok(())
    }

    /// No group contains itself, directly or through others.
    fn circles(&mut self) -> Result<(), StoreError> {
        for group in in_circles(self.at.nested()?) {
            let fault = self.of_record(&Kind::GROUP, group, "it contains itself through the groups in it");
            self.fault(fault, Remedy::None);
        }
        Ok(())
    }

    /// Where pages begin.
    fn runs(&mut self) -> Result<(), StoreError> {
        for kind in self.at.wrong_runs()? {
            let problem = format!("pages of kind `{kind}` do not begin where they should");
            let fault = Fault::of_account(self.at.id(), problem);
            self.repair(fault, "lists", |at| at.rebuild_runs(&kind))?;
        }
        Ok(())
    }

    /// What the log says about the repairs.
    fn entry(&self, call: &Call) -> LogEntry {
        let own = ResourceId::new(self.at.id().uuid());
        let entry = self
            .done
            .iter()
            .fold(Entry::done("account.repair").about(&Kind::ACCOUNT, own, ""), |entry, (what, number)| {
                entry.changed(what, Value::Null, json!(number))
            });
        audit::entry(call, entry)
    }
}

/// Whether a record is read without the account's configuration.
fn is_plain(kind: &Kind) -> bool {
    !User::KINDS.contains(kind) && *kind != Kind::GROUP && !kind.as_str().starts_with("custom.")
}

/// The groups that lie on a circle or between two: what remains when all that contain nothing, or are in nothing, are taken away.
fn in_circles(mut nested: Vec<(ResourceId, ResourceId)>) -> BTreeSet<ResourceId> {
    loop {
        let outer: BTreeSet<ResourceId> = nested.iter().map(|(group, _)| *group).collect();
        let inner: BTreeSet<ResourceId> = nested.iter().map(|(_, member)| *member).collect();
        let before = nested.len();
        nested.retain(|(group, member)| inner.contains(group) && outer.contains(member));
        if nested.len() == before {
            return outer;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_groups_on_circles_and_between_them_remain() {
        let id = |number: u8| format!("00000000-0000-0000-0000-{number:012}").parse::<ResourceId>().unwrap();
        let circles = |nested: &[(u8, u8)]| {
            let nested = nested.iter().map(|(group, member)| (id(*group), id(*member))).collect();
            in_circles(nested).iter().map(|id| id.as_bytes()[15]).collect::<Vec<_>>()
        };
        assert_eq!(circles(&[]), [0_u8; 0]);
        assert_eq!(circles(&[(1, 2), (2, 3), (1, 3)]), [0_u8; 0]);
        assert_eq!(circles(&[(1, 1)]), [1]);
        assert_eq!(circles(&[(1, 2), (2, 3), (3, 2), (3, 4)]), [2, 3]);
    }
}
