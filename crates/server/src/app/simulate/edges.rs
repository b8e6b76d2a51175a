//! What change sets that were not kept would make of a group's members.

use provost_change::{Member, MemberChange, ResourceId};
use std::collections::{BTreeMap, BTreeSet};

/// Who would have come and gone in one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Edges {
    /// Whether all who are stored would have gone.
    cleared: bool,
    gone: BTreeSet<ResourceId>,
    come: BTreeMap<ResourceId, Member>,
}

impl Edges {
    /// What one more change does: all who are members go where it says so, then those whom it names, then others come.
    pub(super) fn change(&mut self, change: &MemberChange) {
        if change.clear {
            *self = Self { cleared: true, ..Self::default() };
        }
        for id in &change.removes {
            self.come.remove(id);
            self.gone.insert(*id);
        }
        for member in &change.adds {
            self.gone.remove(&member.id);
            self.come.insert(member.id, member.clone());
        }
    }

    /// How many stored members have to be read, so that `limit` are left; none where none of them would be.
    pub(super) fn to_read(&self, limit: u64) -> u64 {
        if self.cleared { 0 } else { limit.saturating_add(self.gone.len() as u64) }
    }

    /// Who would be a member among these stored ones and those who came; only who `is_asked` for, in the order of ids.
    pub(super) fn over(&self, stored: Vec<Member>, is_asked: impl Fn(ResourceId) -> bool) -> Vec<Member> {
        let stays = |member: &Member| !self.cleared && !self.gone.contains(&member.id);
        let stored = stored.into_iter().filter(stays).map(|member| (member.id, member));
        let come = self.come.iter().filter(|(id, _)| is_asked(**id)).map(|(id, member)| (*id, member.clone()));
        stored.chain(come).collect::<BTreeMap<ResourceId, Member>>().into_values().collect()
    }

    /// Whether somebody would be a member who is one, or is not.
    pub(super) fn has(&self, id: ResourceId, is_stored: bool) -> bool {
        self.come.contains_key(&id) || (is_stored && !self.cleared && !self.gone.contains(&id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use provost_change::Kind;
    use uuid::Uuid;

    fn id(number: u128) -> ResourceId {
        ResourceId::new(Uuid::from_u128(number))
    }

    fn users(numbers: &[u128]) -> Vec<Member> {
        numbers.iter().map(|number| Member { kind: Kind::USER, id: id(*number) }).collect()
    }

    fn change(clear: bool, removes: &[u128], adds: &[u128]) -> MemberChange {
        MemberChange {
            group: id(0),
            version: None,
            clear,
            removes: removes.iter().map(|number| id(*number)).collect(),
            adds: users(adds),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn members_are_those_who_stay_and_those_who_come() {
        for (name, changes, expected) in [
            ("nothing", vec![], vec![1, 2, 3]),
            ("one goes, one comes", vec![change(false, &[2], &[4])], vec![1, 3, 4]),
            ("who comes twice is there once", vec![change(false, &[], &[3, 3])], vec![1, 2, 3]),
            ("replaced", vec![change(true, &[], &[5, 1])], vec![1, 5]),
            ("gone and back", vec![change(false, &[1], &[]), change(false, &[], &[1])], vec![1, 2, 3]),
            ("come and gone", vec![change(false, &[], &[9]), change(false, &[9], &[])], vec![1, 2, 3]),
            ("added, then all replaced", vec![change(false, &[], &[9]), change(true, &[], &[2])], vec![2]),
        ] {
            let mut edges = Edges::default();
            changes.iter().for_each(|change| edges.change(change));
            assert_eq!(edges.over(users(&[1, 2, 3]), |_| true), users(&expected), "{name}");
            for number in 1..10 {
                let has = edges.has(id(number), number < 4);
                assert_eq!(has, expected.contains(&number), "{name}: {number}");
            }
        }
    }
}
