//! What deciding about members of groups needs to know.

use super::{App, Failure};
use provost_accounts::{
    Configuration, Group, User,
    groups::{Facts, MemberEdit},
};
use provost_change::{Kind, Member, ResourceId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Levels of groups inside groups that are followed upwards.
const LEVELS_MAX: usize = 32;

/// Members that are read at once.
const CHUNK: u64 = 10_000;

impl App {
    /// The facts for a change of the members of `group`, which has or is to have `name`.
    pub(crate) async fn member_facts(
        &self,
        config: &Configuration,
        edit: &MemberEdit,
        group: ResourceId,
        name: &str,
    ) -> Result<Facts, Failure> {
        let mut facts = Facts::default();
        if edit.is_empty() {
            return Ok(facts);
        }
        facts.seq = self.store().head(config.id).await?.ok_or(Failure::NoAccount)?.seq;
        let wanted = edit.wanted();
        self.load_wanted(config, &wanted, &mut facts).await?;
        if !facts.groups.is_empty() {
            let above = self.groups_above(config, BTreeSet::from([group])).await?;
            facts.containing = above.into_values().flatten().collect();
        }
        if edit.needs_members() {
            facts.members = self.all_members(config, group).await?;
        }
        if edit.needs_groups(config, group, name) {
            let users: Vec<ResourceId> = facts.users.keys().copied().collect();
            facts.groups_of = self.groups_by_user(config, &users).await?;
        }
        Ok(facts)
    }

    async fn load_wanted(
        &self,
        config: &Configuration,
        wanted: &[ResourceId],
        facts: &mut Facts,
    ) -> Result<(), Failure> {
        let keys = |kind: Kind, ids: &[ResourceId]| -> Vec<(Kind, ResourceId)> {
            ids.iter().map(|id| (kind.clone(), *id)).collect()
        };
        let mut others = Vec::new();
        let found = self.store().load(config.id, &keys(Kind::USER, wanted)).await?;
        for (id, record) in wanted.iter().zip(found) {
            match record {
                Some(record) => drop(facts.users.insert(*id, User::read(config.id, record)?)),
                None => others.push(*id),
            }
        }
        let found = self.store().load(config.id, &keys(Kind::GROUP, &others)).await?;
        for (id, record) in others.into_iter().zip(found) {
            if let Some(record) = record {
                facts.groups.insert(id, Group::read(config.id, record)?);
            }
        }
        Ok(())
    }

    async fn all_members(&self, config: &Configuration, group: ResourceId) -> Result<Vec<Member>, Failure> {
        let mut all: Vec<Member> = Vec::new();
        loop {
            let after = all.last().map(|member| member.id);
            let members = self.store().members(config.id, group, after, CHUNK).await?;
            let is_last = (members.len() as u64) < CHUNK;
            all.extend(members);
            if is_last {
                return Ok(all);
            }
        }
    }

    /// The groups that each of these users is in itself.
    pub(crate) async fn groups_by_user(
        &self,
        config: &Configuration,
        users: &[ResourceId],
    ) -> Result<HashMap<ResourceId, Vec<Group>>, Failure> {
        let ids = self.store().groups_of(config.id, users).await?;
        let distinct: BTreeSet<ResourceId> = ids.iter().flatten().copied().collect();
        let keys: Vec<(Kind, ResourceId)> = distinct.into_iter().map(|id| (Kind::GROUP, id)).collect();
        let mut groups: HashMap<ResourceId, Group> = HashMap::new();
        for record in self.store().load(config.id, &keys).await?.into_iter().flatten() {
            groups.insert(record.id, Group::read(config.id, record)?);
        }
        let of = |ids: Vec<ResourceId>| ids.iter().filter_map(|id| groups.get(id).cloned()).collect();
        Ok(users.iter().copied().zip(ids.into_iter().map(of)).collect())
    }

    /// For each of these groups and of those above them the groups that it is directly in. Ends with circles, too, should there be
    /// any.
    pub(crate) async fn groups_above(
        &self,
        config: &Configuration,
        groups: BTreeSet<ResourceId>,
    ) -> Result<BTreeMap<ResourceId, Vec<ResourceId>>, Failure> {
        let mut above: BTreeMap<ResourceId, Vec<ResourceId>> = BTreeMap::new();
        let mut level: Vec<ResourceId> = groups.into_iter().collect();
        for _ in 0..LEVELS_MAX {
            level.retain(|group| !above.contains_key(group));
            if level.is_empty() {
                break;
            }
            let parents = self.store().groups_of(config.id, &level).await?;
            let next: BTreeSet<ResourceId> = parents.iter().flatten().copied().collect();
            above.extend(level.into_iter().zip(parents));
            level = next.into_iter().collect();
        }
        Ok(above)
    }
}
