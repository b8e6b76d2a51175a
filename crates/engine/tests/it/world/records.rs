//! What was committed: links, actions and the job, as a store keeps them.

use provost_change::{ChangeSet, Expect, Put, ResourceId, UniqueKey};
use provost_engine::{Action, Job, Key, Link, Notice, Objects, Refused, StoredLink, target_key};
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Records {
    pub links: BTreeMap<ResourceId, StoredLink>,
    unique: BTreeMap<UniqueKey, ResourceId>,
    /// Newest first.
    pub actions: BTreeMap<ResourceId, Action>,
    pub job: Job,
    pub notices: Vec<Notice>,
}

impl Records {
    /// All or nothing, as a store does it.
    pub fn commit(&mut self, change: &ChangeSet) -> Result<(), Refused> {
        let links = || change.puts.iter().filter(|put| put.record.kind == Link::kind());
        for put in links() {
            let version = self.links.get(&put.record.id).map(|stored| stored.version);
            let is_expected = match put.expect {
                Expect::Absent => version.is_none(),
                Expect::Version(expected) => version == Some(expected),
                Expect::Any => true,
            };
            let is_free = |key: &UniqueKey| self.unique.get(key).is_none_or(|owner| *owner == put.record.id);
            if !is_expected || !put.claims.iter().all(is_free) {
                return Err(Refused);
            }
        }
        for delete in &change.deletes {
            if self.links.get(&delete.id).map(|stored| stored.version) != Some(delete.version) {
                return Err(Refused);
            }
        }
        for delete in &change.deletes {
            self.links.remove(&delete.id);
            self.unique.retain(|key, owner| !(delete.releases.contains(key) && *owner == delete.id));
        }
        for put in links() {
            self.unique.retain(|key, owner| !(put.releases.contains(key) && *owner == put.record.id));
            self.unique.extend(put.claims.iter().map(|key| (key.clone(), put.record.id)));
            let mut stored = StoredLink::read(&put.record).expect("a link that was written can be read");
            stored.version = put.record.version;
            self.links.insert(put.record.id, stored);
        }
        for put in change.puts.iter().filter(|put| put.record.kind == Action::kind()) {
            self.act(put);
        }
        Ok(())
    }

    fn act(&mut self, put: &Put) {
        let action = serde_json::from_str(&put.record.doc).expect("an action that was written can be read");
        self.actions.insert(put.record.id, action);
    }

    pub fn owner(&self, app: ResourceId, generation: u32, of: Objects, target: &str) -> Option<Key> {
        let id = self.unique.get(&target_key(app, generation, of, target))?;
        self.links.get(id).map(|stored| stored.link.key())
    }

    /// Actions of one cycle, oldest first.
    pub fn of_cycle(&self, cycle: ResourceId) -> Vec<&Action> {
        self.actions.values().rev().filter(|action| action.cycle == cycle).collect()
    }
}
