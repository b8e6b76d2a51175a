//! From lines to change sets.
//!
//! The account's own record comes last, so that nothing of the account can be used before all of it is there. Until then the same
//! lines may come again: what is there already is left as it is.

use super::{
    Elsewhere, FORMAT, Header, Line, MEMBERS_MAX, Members,
    read::{self, Part, Types},
};
use crate::{
    Call, Configuration, Refused,
    audit::{self, Entry},
};
use jiff::Timestamp;
use provost_change::{
    AccountId, ChangeSet, CountChange, Expect, Kind, LogEntry, Member, MemberChange, Put, Record, ResourceId,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Longest line, in bytes: a resource as large as a request may bring it, and what stands around it.
pub const LINE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Records and members in one change set, at most.
const BATCH_MAX: usize = 1_000;
/// Text in one change set, in bytes: beyond it the change set is full.
const BATCH_BYTES: usize = 1024 * 1024;
/// Text of the account's configuration, in bytes: it is kept until the end.
const CONFIGURATION_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Sentences about what was left out, at most.
const WARNINGS_MAX: usize = 100;

/// An import that is under way.
pub struct Import {
    header: Header,
    /// What the configuration is read from; the account's record is put last.
    settings: Vec<Record>,
    settings_bytes: usize,
    types: Option<Types>,
    elsewhere: Elsewhere,
    parts: Vec<Part>,
    /// Records, members and bytes in `parts`.
    size: (usize, usize),
    /// Lines taken so far, and how many of them had been when the last batch was made.
    lines: u64,
    batched: u64,
    ended: bool,
    counts: BTreeMap<&'static str, u64>,
    warnings: Vec<String>,
}

/// What is committed together.
pub struct Batch {
    parts: Vec<Part>,
    log: LogEntry,
    completes: bool,
}

/// A change set, and what is not in it.
pub struct Change {
    /// What is to be committed.
    pub change: ChangeSet,
    /// Members that are nowhere.
    pub missing: u64,
}

impl Import {
    /// Begins with the first line.
    ///
    /// # Errors
    /// When it is no header, or one of another format.
    pub fn begin(line: Value, elsewhere: Elsewhere) -> Result<Self, Refused> {
        let header = match read::line(line)? {
            Line::Header(header) if header.format == FORMAT => header,
            Line::Header(header) => {
                let problem = format!("the file has format {}, this version of Provost reads {FORMAT}", header.format);
                return Err(Refused::invalid(problem));
            }
            _ => return Err(Refused::invalid("the file does not begin with a header: it is no account export")),
        };
        Ok(Self {
            header,
            settings: Vec::new(),
            settings_bytes: 0,
            types: None,
            elsewhere,
            parts: Vec::new(),
            size: (0, 0),
            lines: 1,
            batched: 0,
            ended: false,
            counts: BTreeMap::new(),
            warnings: Vec::new(),
        })
    }

    /// Which account the lines are about.
    pub fn account(&self) -> AccountId {
        self.header.account
    }

    /// How many of what there were so far.
    pub fn counts(&self) -> &BTreeMap<&'static str, u64> {
        &self.counts
    }

    /// Sentences about what was left out.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Takes another line, which has so many bytes.
    ///
    /// # Errors
    /// What cannot be a part of this account, or not at this place.
    pub fn take(&mut self, call: &Call, line: Value, bytes: usize) -> Result<(), Refused> {
        if self.ended {
            return Err(Refused::invalid("nothing may stand behind the end"));
        }
        let line = read::line(line)?;
        let noun = line.noun();
        let mut number = 1;
        match line {
            Line::Header(_) => return Err(Refused::invalid("a second header")),
            Line::End(end) if end.lines != self.lines => {
                let problem =
                    format!("{} lines were written and {} were read: some are missing", end.lines, self.lines);
                return Err(Refused::invalid(problem));
            }
            Line::End(_) => {
                self.types()?;
                self.ended = true;
            }
            line if line.configures() => self.settle(line, bytes)?,
            Line::Members(members) => {
                self.types()?;
                number = members.users.len() + members.groups.len();
                self.parts.push(Part::of_members(change_of(members)?));
            }
            line => {
                self.types()?;
                let types = self.types.as_ref().expect("they were just made");
                let (part, warning) = read::part(types, call, line)?;
                self.parts.push(part);
                if self.warnings.len() < WARNINGS_MAX {
                    self.warnings.extend(warning);
                }
            }
        }
        self.lines += 1;
        self.size = (self.size.0 + number, self.size.1 + bytes);
        *self.counts.entry(noun).or_default() += number as u64;
        Ok(())
    }

    /// A part of the configuration, which must come before what is read with it.
    fn settle(&mut self, line: Line, bytes: usize) -> Result<(), Refused> {
        if self.types.is_some() {
            return Err(Refused::invalid("a part of the account's configuration stands behind what is read with it"));
        }
        self.settings_bytes += bytes;
        if self.settings_bytes > CONFIGURATION_BYTES_MAX {
            return Err(Refused::invalid(format!(
                "the account's configuration has more than {CONFIGURATION_BYTES_MAX} bytes"
            )));
        }
        let put = read::setting(self.header.account, line)?;
        let Record { kind, id, .. } = &put.record;
        let one = *kind == Kind::ACCOUNT || *kind == Kind::POLICY;
        if self.settings.iter().any(|known| known.kind == *kind && (one || known.id == *id)) {
            return Err(Refused::invalid(format!("{kind} {id} stands there twice")));
        }
        self.settings.push(put.record.clone());
        if put.record.kind != Kind::ACCOUNT {
            self.parts.push(Part::of_put(put));
        }
        Ok(())
    }

    /// Makes what the lines behind the configuration are read with.
    fn types(&mut self) -> Result<(), Refused> {
        if self.types.is_none() {
            let config = Configuration::read(self.header.account, 0, &self.settings);
            let config =
                config.map_err(|error| Refused::invalid(format!("the configuration is not whole: {error}")))?;
            let in_force = config.account.policy;
            if !self.settings.iter().any(|record| record.kind == Kind::POLICY && record.id == in_force) {
                return Err(Refused::invalid(format!("policy {in_force} is missing, which is in force")));
            }
            self.types = Some(Types::of(config, self.elsewhere));
        }
        Ok(())
    }

    /// Whether what was taken is enough for a change set.
    pub fn is_full(&self) -> bool {
        self.size.0 >= BATCH_MAX || self.size.1 >= BATCH_BYTES
    }

    /// What was taken since the last batch; `None` when that is nothing.
    pub fn batch(&mut self, call: &Call) -> Option<Batch> {
        if self.parts.is_empty() {
            return None;
        }
        let log = self.entry(call, Vec::new());
        Some(Batch { parts: self.next(), log, completes: false })
    }

    /// The last batch: with it the account is there.
    ///
    /// # Errors
    /// When the lines have no end, or tell of no account.
    pub fn finish(&mut self, call: &Call) -> Result<Batch, Refused> {
        if !self.ended {
            return Err(Refused::invalid("the file has no end: it is not whole"));
        }
        let own = self.settings.iter().find(|record| record.kind == Kind::ACCOUNT);
        let own = own.ok_or_else(|| Refused::invalid("the file tells of no account"))?;
        let put = read::unindexed(own.clone());
        let log = self.entry(call, self.warnings.clone());
        self.parts.push(Part::of_put(put));
        Ok(Batch { parts: self.next(), log, completes: true })
    }

    fn next(&mut self) -> Vec<Part> {
        self.size = (0, 0);
        self.batched = self.lines;
        std::mem::take(&mut self.parts)
    }

    fn entry(&self, call: &Call, warnings: Vec<String>) -> LogEntry {
        let id = ResourceId::new(self.header.account.uuid());
        let lines = json!({ "from": self.batched + 1, "to": self.lines });
        let entry = Entry::done("account.import").about(&Kind::ACCOUNT, id, &self.header.name);
        audit::entry(call, entry.changed("lines", Value::Null, lines).warned(warnings))
    }
}

/// The change of a group's members that a line tells of.
fn change_of(members: Members) -> Result<MemberChange, Refused> {
    let Members { group, modified, users, groups } = members;
    if users.len() + groups.len() > MEMBERS_MAX {
        return Err(Refused::invalid(format!("a line names at most {MEMBERS_MAX} members")));
    }
    let of = |kind: Kind, ids: Vec<ResourceId>| ids.into_iter().map(move |id| Member { kind: kind.clone(), id });
    let adds = of(Kind::USER, users).chain(of(Kind::GROUP, groups)).collect();
    Ok(MemberChange { group, version: None, clear: false, removes: Vec::new(), adds, at: read::cut(modified) })
}

impl Batch {
    /// What has to be known before it becomes a change set: the records that it puts, groups whose members it changes, and members.
    pub fn keys(&self) -> Vec<(Kind, ResourceId)> {
        let put = |part: &Part| part.put.as_ref().map(|put| (put.record.kind.clone(), put.record.id));
        let members = self.parts.iter().filter_map(|part| part.members.as_ref());
        let members = members.flat_map(|change| {
            let adds = change.adds.iter().map(|member| (member.kind.clone(), member.id));
            std::iter::once((Kind::GROUP, change.group)).chain(adds)
        });
        let distinct: HashSet<(Kind, ResourceId)> = self.parts.iter().filter_map(put).chain(members).collect();
        distinct.into_iter().collect()
    }

    /// The change set, which leaves out what is `found` already. `creates_account` says that nothing of the account is there yet.
    ///
    /// # Errors
    /// 409 when something is there and is another than the lines tell of; a group that no line before its members tells of.
    pub fn change(
        &self,
        creates_account: bool,
        found: &HashMap<(Kind, ResourceId), Record>,
    ) -> Result<Change, Refused> {
        let mut change = ChangeSet {
            creates_account,
            changes_config: creates_account || self.completes,
            log: vec![self.log.clone()],
            ..ChangeSet::default()
        };
        let mut comes: HashSet<(Kind, ResourceId)> = HashSet::new();
        let mut counts: BTreeMap<String, i64> = BTreeMap::new();
        for (put, part) in self.parts.iter().filter_map(|part| Some((part.put.as_ref()?, part))) {
            let key = (put.record.kind.clone(), put.record.id);
            match found.get(&key) {
                Some(there) if is_same(there, &put.record) => {}
                Some(_) => {
                    let (kind, id) = &key;
                    let problem =
                        format!("{kind} {id} is there already from an earlier attempt, and was another one then");
                    return Err(Refused::status(409, problem));
                }
                None => {
                    if !comes.insert(key) {
                        return Err(Refused::invalid(format!(
                            "{} {} stands there twice",
                            put.record.kind, put.record.id
                        )));
                    }
                    change.puts.push(Put { expect: Expect::Absent, ..put.clone() });
                    for count in &part.counts {
                        *counts.entry(count.name.clone()).or_default() += count.delta;
                    }
                }
            }
        }
        change.counts = counts.into_iter().map(|(name, delta)| CountChange::by(name, delta)).collect();
        let mut missing = 0;
        for members in self.parts.iter().filter_map(|part| part.members.as_ref()) {
            let is_there = |key: &(Kind, ResourceId)| comes.contains(key) || found.contains_key(key);
            if !is_there(&(Kind::GROUP, members.group)) {
                return Err(Refused::invalid(format!("no line before tells of group {}", members.group)));
            }
            let (adds, gone): (Vec<Member>, Vec<Member>) =
                members.adds.iter().cloned().partition(|member| is_there(&(member.kind.clone(), member.id)));
            missing += gone.len() as u64;
            change.members.push(MemberChange { adds, ..members.clone() });
        }
        Ok(Change { change, missing })
    }
}

/// Whether a record is what the lines tell of. A group's time of change moves as its members come.
fn is_same(there: &Record, told: &Record) -> bool {
    let seen =
        |record: &Record| -> (String, String, Timestamp) { (record.doc.clone(), record.state.clone(), record.created) };
    seen(there) == seen(told)
}
