//! What change sets name: everything that must be known before they are judged.

use provost_change::{AccountId, ChangeSet, Expect, Kind, ResourceId, UniqueKey};
use std::collections::BTreeSet;

/// Rows to read. All of it is borrowed from the change sets.
#[derive(Default)]
pub(super) struct Names<'a> {
    /// Whose heads.
    pub(super) accounts: BTreeSet<AccountId>,
    /// Which records' versions.
    pub(super) records: BTreeSet<(AccountId, &'a Kind, ResourceId)>,
    /// Which keys' holders.
    pub(super) keys: BTreeSet<(AccountId, &'a UniqueKey)>,
    /// Which edges, by group and member.
    pub(super) edges: BTreeSet<(AccountId, ResourceId, ResourceId)>,
    /// Records of which all groups are asked.
    pub(super) members: BTreeSet<(AccountId, ResourceId)>,
    /// Groups of which all members are asked.
    pub(super) groups: BTreeSet<(AccountId, ResourceId)>,
    /// The least id that may come or go, of each kind: the runs from there on are asked.
    pub(super) runs: BTreeSet<(AccountId, &'a Kind, ResourceId)>,
}

/// The kind whose records have members.
pub(super) static GROUP: Kind = Kind::GROUP;

impl<'a> Names<'a> {
    /// Adds an account.
    pub(super) fn add_account(&mut self, account: AccountId) {
        self.accounts.insert(account);
    }

    /// Adds all that a change set names.
    pub(super) fn add(&mut self, account: AccountId, change: &'a ChangeSet) {
        self.add_account(account);
        for delete in &change.deletes {
            self.records.insert((account, &delete.kind, delete.id));
            self.keys.extend(delete.releases.iter().map(|key| (account, key)));
            self.members.insert((account, delete.id));
            self.runs.insert((account, &delete.kind, delete.id));
        }
        for put in &change.puts {
            self.records.insert((account, &put.record.kind, put.record.id));
            self.keys.extend(put.releases.iter().chain(&put.claims).map(|key| (account, key)));
            match put.expect {
                Expect::Absent | Expect::Any => {
                    self.runs.insert((account, &put.record.kind, put.record.id));
                }
                Expect::Version(_) => {}
            }
        }
        for members in &change.members {
            let group = members.group;
            self.records.insert((account, &GROUP, group));
            self.records.extend(members.adds.iter().map(|member| (account, &member.kind, member.id)));
            let named = members.removes.iter().copied().chain(members.adds.iter().map(|member| member.id));
            self.edges.extend(named.map(|member| (account, group, member)));
            if members.clear {
                self.groups.insert((account, group));
            }
        }
    }

    /// The first of each account and kind.
    pub(super) fn first_of_runs(&self) -> Vec<(AccountId, &'a Kind, ResourceId)> {
        let mut firsts: Vec<(AccountId, &Kind, ResourceId)> = Vec::new();
        for (account, kind, id) in &self.runs {
            if firsts.last().is_none_or(|(of, last, _)| (of, last) != (account, kind)) {
                firsts.push((*account, kind, *id));
            }
        }
        firsts
    }
}
