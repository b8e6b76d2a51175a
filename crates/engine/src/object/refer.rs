//! References: objects of the source become their ids at the target, once they have one.

use super::Visit;
use crate::{Key, Wanted};
use provost_change::ResourceId;
use std::collections::{BTreeMap, BTreeSet};

impl Visit<'_> {
    /// Makes values of the references. Those without an id at the target yet are waited for.
    pub(super) async fn refer(&mut self, wanted: &mut Wanted) {
        let all: BTreeSet<ResourceId> = wanted.references.iter().map(|reference| reference.to).collect();
        let keys: Vec<Key> = all.iter().map(|id| Key::user(*id)).collect();
        let links: Vec<_> = self.work.links(keys).await.into_iter().flatten().collect();
        // Who is not in scope is merely not there; who failed makes this a failure, too.
        self.unresolved += links.iter().filter(|stored| stored.link.escrow.is_some()).count() as u64;
        let ids: BTreeMap<ResourceId, String> = links
            .into_iter()
            .filter(|stored| super::is_in_use(&stored.link))
            .filter_map(|stored| Some((stored.link.source, stored.link.target.clone()?)))
            .collect();
        let unresolved = wanted.resolve(|id| ids.get(&id).cloned());
        for reference in &unresolved {
            self.warnings.push((
                "UnableToResolveReferenceAttributeValue",
                format!(
                    "We were unable to assign {} as the {} of {}: it is not at the target. It is sent once it is.",
                    reference.to, reference.target, self.link.name
                ),
            ));
        }
        self.refers_to(all, unresolved.into_iter().map(|reference| reference.to).collect());
    }
}
