//! Objects of the account as the engine sees them, with the assignments that entitle them.

use super::{ask::Reading, kind};
use crate::{app::Failure, search};
use provost_accounts::assignments;
use provost_change::{Kind, Record, ResourceId};
use provost_engine::{
    Assigned, Assignment, Key, Loaded, Objects, SourceObject,
    registry::{self, ASSIGNMENT_APP, ASSIGNMENT_PRINCIPAL, Registered},
};
use provost_store::{Candidates, Search};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

/// Assignments that are read at once.
const AT_ONCE: u64 = 1_000;
/// How deep groups lie inside groups that count, at most.
const NESTING_MAX: usize = 20;

impl Reading<'_> {
    /// Objects with their links, in the order of the keys.
    pub(super) async fn objects(&self, keys: Vec<Key>) -> Result<Vec<Loaded>, Failure> {
        let links = self.links(&keys).await?;
        let records = self.records(&keys).await?;
        let groups = self.groups(&keys).await?;
        let assigned = self.assigned(&keys, &groups).await?;
        let mut loaded = Vec::with_capacity(keys.len());
        for (position, (key, link)) in keys.into_iter().zip(links).enumerate() {
            let source = records.get(&key).map(|record| {
                let own = assigned.get(&key.id).into_iter().flatten().map(|one| self.assignment(None, one));
                let through = groups[position].iter().flat_map(|group| {
                    let of_group = assigned.get(group).into_iter().flatten();
                    of_group.map(|one| self.assignment(Some(*group), one))
                });
                Ok::<_, Failure>(SourceObject {
                    of: key.of,
                    id: key.id,
                    resource: resource(record)?,
                    is_deleted: record.kind != kind(key.of),
                    assigned: own.chain(through).collect(),
                })
            });
            loaded.push(Loaded { key, source: source.transpose()?, link });
        }
        Ok(loaded)
    }

    /// What is there of each, be it in the bin or suspended.
    async fn records(&self, keys: &[Key]) -> Result<HashMap<Key, Record>, Failure> {
        let mut records = self.records_of(keys, |of| vec![kind(of)]).await?;
        let elsewhere: Vec<Key> =
            keys.iter().filter(|key| key.of == Objects::Users && !records.contains_key(key)).copied().collect();
        if !elsewhere.is_empty() {
            // All at the same moment: who is restored meanwhile is not gone.
            let kinds = |_| vec![Kind::USER, Kind::DELETED_USER, Kind::SUSPENDED_USER];
            records.extend(self.records_of(&elsewhere, kinds).await?);
        }
        Ok(records)
    }

    async fn records_of(
        &self,
        keys: &[Key],
        kinds: impl Fn(Objects) -> Vec<Kind>,
    ) -> Result<HashMap<Key, Record>, Failure> {
        let of = |key: &Key| kinds(key.of).into_iter().map(|kind| (*key, (kind, key.id))).collect::<Vec<_>>();
        let wanted: Vec<(Key, (Kind, ResourceId))> = keys.iter().flat_map(of).collect();
        let ids: Vec<(Kind, ResourceId)> = wanted.iter().map(|(_, id)| id.clone()).collect();
        let found = self.app.store().load(self.driven.account, &ids).await?;
        let there = wanted.into_iter().zip(found);
        Ok(there.filter_map(|((key, _), record)| Some((key, record?))).collect())
    }

    /// For each object the groups through which it may be entitled: those it is in itself, and those around them where nested groups
    /// count.
    async fn groups(&self, keys: &[Key]) -> Result<Vec<BTreeSet<ResourceId>>, Failure> {
        let ids: Vec<ResourceId> = keys.iter().map(|key| key.id).collect();
        let nested = self.driven.app.value.nested_groups;
        let mut all = Vec::with_capacity(keys.len());
        for (key, direct) in keys.iter().zip(self.groups_of(&ids).await?) {
            // A group is not entitled by those it is in.
            let mut groups: BTreeSet<ResourceId> =
                if key.of == Objects::Users { direct.into_iter().collect() } else { BTreeSet::new() };
            let mut edge: Vec<ResourceId> = groups.iter().copied().collect();
            for _ in 0..NESTING_MAX {
                if !nested || edge.is_empty() {
                    break;
                }
                let around: BTreeSet<ResourceId> = self.groups_of(&edge).await?.into_iter().flatten().collect();
                edge = around.into_iter().filter(|group| groups.insert(*group)).collect();
            }
            all.push(groups);
        }
        Ok(all)
    }

    /// The assignments to the app of these objects and groups, by who is assigned.
    async fn assigned(
        &self,
        keys: &[Key],
        groups: &[BTreeSet<ResourceId>],
    ) -> Result<HashMap<ResourceId, Vec<Assignment>>, Failure> {
        let principals: BTreeSet<ResourceId> =
            keys.iter().map(|key| key.id).chain(groups.iter().flatten().copied()).collect();
        let mut by_principal: HashMap<ResourceId, Vec<Assignment>> = HashMap::new();
        if principals.is_empty() || !self.has_assignments().await? {
            return Ok(by_principal);
        }
        let entries = principals.iter().map(|id| registry::entry(ASSIGNMENT_PRINCIPAL, *id)).collect();
        let mut under = search::under(assignments::kind(), assignments::of(self.driven.app.id()));
        under.candidates = Candidates::Under(entries);
        let mut after = None;
        loop {
            let search = Search { after, limit: AT_ONCE, ..under.clone() };
            let records = self.app.store().search(self.driven.account, &search).await?.records;
            let (count, last) = (records.len() as u64, records.last().map(|record| record.id));
            for record in records {
                let assignment: Registered<Assignment> = Registered::read(self.driven.account, record)?;
                if assignment.value.app == self.driven.app.id() {
                    by_principal.entry(assignment.value.principal).or_default().push(assignment.value);
                }
            }
            if count < AT_ONCE {
                return Ok(by_principal);
            }
            after = last;
        }
    }

    /// Whether anybody is assigned to the app: where all are in scope, mostly nobody is.
    async fn has_assignments(&self) -> Result<bool, Failure> {
        let entry = registry::entry(ASSIGNMENT_APP, self.driven.app.id());
        Ok(!self.found(assignments::kind(), entry, None, 1).await?.is_empty())
    }

    fn assignment(&self, through: Option<ResourceId>, assignment: &Assignment) -> Assigned {
        let role = assignment.app_role.and_then(|id| Some((id, self.driven.roles.get(&id)?.clone())));
        Assigned { through, role }
    }
}

/// The attributes of a record.
fn resource(record: &Record) -> Result<Map<String, Value>, Failure> {
    serde_json::from_str(&record.doc).map_err(|error| {
        let Record { kind, id, .. } = record;
        Failure::Damaged(format!("{kind} {id} cannot be read: {error}"))
    })
}
