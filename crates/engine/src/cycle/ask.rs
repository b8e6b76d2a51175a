//! What a cycle wants of the world, and what it is told: both are data.

use crate::{
    Action, Job, JobChange, Key, Link, LinkSet, Objects, Reply, Request, Shared, SourceObject, StoredLink, link_change,
};
use jiff::Timestamp;
use provost_change::{ChangeSet, Logged, ResourceId};
use std::sync::Arc;

/// What a cycle wants, with a number that the answer comes back under.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Which command.
    pub token: Token,
    /// What is wanted.
    pub ask: Ask,
}

/// Tells commands of one cycle apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token(pub(super) u64);

/// What a cycle wants. Whoever runs it reads the account, calls the target and commits; each ask has one [`Told`].
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// The sequence number of the newest entry of the audit log: [`Told::Seq`].
    Head,
    /// At most `most` entries of the audit log behind `after`, in order; what retention has removed makes it [`Told::Pruned`].
    Log {
        /// Behind which sequence number.
        after: u64,
        /// At most how many.
        most: usize,
    },
    /// Keys of objects, a page: [`Told::Keys`].
    Keys {
        /// Which objects.
        which: Keys,
        /// Behind which place.
        after: Option<ResourceId>,
        /// At most how many.
        most: usize,
    },
    /// Which of these are direct members of the group, at the source: [`Told::Ids`].
    MembersAmong {
        /// Which group.
        group: ResourceId,
        /// Who.
        ids: Vec<ResourceId>,
    },
    /// The groups that the object is a direct member of: [`Told::Ids`].
    GroupsOf(ResourceId),
    /// Objects with their links: [`Told::Objects`], in the order of the keys.
    Load(Vec<Key>),
    /// Links: [`Told::Links`], in the order of the keys.
    Links(Vec<Key>),
    /// Whose link of this generation has each of these resources of the target: [`Told::Owners`], in order.
    Owners {
        /// Users or groups.
        of: Objects,
        /// Ids at the target.
        targets: Vec<String>,
    },
    /// A request to the target: [`Told::Reply`].
    Send(Arc<Request>),
    /// A commit, whole or not at all: [`Told::Committed`].
    Commit(Box<Commit>),
    /// To be stepped again at this time at the latest. Has no answer.
    WakeAt(Timestamp),
}

/// Objects whose keys can be read page by page, in the order of their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Keys {
    /// Those with a link of the set; the place is the link's id.
    Links(LinkSet),
    /// All users or groups of the account that are not in the bin; the place is their id.
    All(Objects),
    /// Principals of the app's assignments; the place is the assignment's id.
    Assigned,
    /// Direct members of a group, users and groups; the place is their id.
    Members(ResourceId),
}

/// What a cycle is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// A sequence number.
    Seq(u64),
    /// Entries of the audit log.
    Log(Vec<Logged>),
    /// Entries that were asked for are not kept any more.
    Pruned,
    /// Keys, each with its place.
    Keys(Vec<(ResourceId, Key)>),
    /// Ids, in any order.
    Ids(Vec<ResourceId>),
    /// Objects.
    Objects(Vec<Loaded>),
    /// Links; `None` where there is none.
    Links(Vec<Option<StoredLink>>),
    /// Objects by their resources at the target.
    Owners(Vec<Option<Key>>),
    /// What came of a request.
    Reply(Reply),
    /// Whether a commit was done: refused, when another link has the resource of the target, or a record changed meanwhile.
    Committed(Result<(), Refused>),
}

/// A commit was not done: what it rests on is not so any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// An object of the source with its link.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// Which one.
    pub key: Key,
    /// The object; `None` when it is neither there nor in the bin.
    pub source: Option<SourceObject>,
    /// Its link, of whatever generation.
    pub link: Option<StoredLink>,
}

/// What is to be committed together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Commit {
    /// Links as they were and as they become; `None` for one that is not there.
    pub links: Vec<(Option<StoredLink>, Option<Shared<Link>>)>,
    /// What was done, each with the number that tells it apart in its cycle.
    pub actions: Vec<(u64, Arc<Action>)>,
    /// What becomes of the job: to be applied to the job as it is stored, see [`Job::apply`].
    pub job: Option<JobChange>,
}

impl Commit {
    /// The same as a change set, without the job. Links and actions have no audit entries: they say nothing that the provisioning log
    /// does not say.
    pub fn change_set(&self, now: Timestamp) -> ChangeSet {
        let mut change = ChangeSet::default();
        for (before, after) in &self.links {
            let (put, delete) = link_change(before.as_ref(), after.as_ref(), now);
            change.puts.extend(put);
            change.deletes.extend(delete);
        }
        change.puts.extend(self.actions.iter().map(|(number, action)| action.put(*number)));
        change
    }

    /// The job after the commit; `None` when the commit has nothing for it.
    pub fn job(&self, job: &Job, now: Timestamp) -> Option<(Job, Vec<super::Notice>)> {
        let change = self.job.as_ref()?;
        let mut job = job.clone();
        let notices = job.apply(change, now);
        Some((job, notices))
    }
}
