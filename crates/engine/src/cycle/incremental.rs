//! A cycle over what changed since the watermark.

use super::{Ask, Commit, Keys, Told, Trouble, Work, each::Source, unexpected};
use crate::{
    CHANGED_MAX, Changes, Concern, Drift, Key, Link, LinkSet, Members, Objects, Phase, StoredLink, object::Task,
};
use jiff::Timestamp;
use provost_change::ResourceId;
use std::collections::{BTreeMap, BTreeSet};

/// Entries of the log that are read at once.
const LOG_PAGE: usize = 1_000;

/// Who learns late that others are at the target may be waited for himself: so often that is followed up in one cycle.
const ROUNDS_MAX: usize = 4;

/// Links that are held against the target in one cycle, where drift is looked for.
const DRIFT_MAX: usize = 10_000;

/// Objects that others were told of in this cycle, with what they were told.
type Announced = BTreeMap<Key, News>;

/// What others have to learn of an object.
#[derive(PartialEq, Eq)]
struct News {
    target: Option<String>,
    was_in: BTreeSet<ResourceId>,
    was_there: bool,
}

impl From<&Link> for News {
    fn from(link: &Link) -> Self {
        Self { target: link.target.clone(), was_in: link.was_in.clone(), was_there: link.was_there }
    }
}

impl Work {
    /// What changed between the watermark and the beginning of the cycle; `None` when everything has to be looked at.
    pub(super) async fn changes(&self) -> Option<Changes> {
        let mut after = self.job.watermark.filter(|_| self.job.progress.is_none())?;
        let until = self.state().watermark;
        let app = &self.setting.app;
        let concern = Concern {
            app: self.setting.id,
            roles: &self.setting.roles,
            scope: app.scope,
            nested_groups: app.nested_groups,
        };
        let mut changes = Changes::default();
        while after < until && changes.everything.is_none() {
            let most = usize::try_from(until - after).unwrap_or(LOG_PAGE).min(LOG_PAGE);
            match self.port.ask(Ask::Log { after, most }).await {
                Told::Log(entries) => {
                    after = entries.last().map_or(until, |entry| entry.seq);
                    changes.read(&concern, &entries);
                }
                Told::Pruned => return None,
                other => unexpected(&other),
            }
        }
        changes.everything.is_none().then_some(changes)
    }

    pub(super) async fn changed(&self, changes: Changes) -> Result<(), Trouble> {
        let Changes { users, groups, whole, .. } = changes;
        let users = users.into_iter().map(|(id, change)| Task {
            since: change.since,
            was_removed: change.was_removed,
            ..Task::new(Key::user(id))
        });
        self.each(Phase::ChangedUsers, Source::list(users), false).await?;
        for (group, since) in whole {
            self.whole_group(group, since).await?;
        }
        let retried = Task { retries: true, since: self.began, ..Task::template(Objects::Users) };
        self.each(Phase::ChangedUsers, Source::walk(Keys::Links(LinkSet::Escrowed), None, retried), false).await?;
        self.freed().await?;

        let mut groups: BTreeMap<ResourceId, (Timestamp, Members)> = groups
            .into_iter()
            .map(|(id, change)| {
                let members = change.touched.map_or(Members::Unknown, |touched| {
                    let mut members = Members::InStep;
                    members.touch(touched);
                    members
                });
                (id, (change.since, members))
            })
            .collect();
        let mut announced = BTreeMap::new();
        for _ in 0..ROUNDS_MAX {
            let new = self.announcements(&mut announced, &mut groups).await?;
            let tasks = std::mem::take(&mut groups)
                .into_iter()
                .map(|(id, (since, members))| Task { since, ..Task::new(Key::group(id)) }.with_members(members));
            self.each(Phase::ChangedGroups, Source::list(tasks), false).await?;
            if !new {
                break;
            }
        }
        self.announced(&announced).await
    }

    /// Tries those again whose name at the target another object had of which something was written meanwhile: it may be free now.
    pub(super) async fn freed(&self) -> Result<(), Trouble> {
        let written = std::mem::take(&mut self.state().written);
        let mut after = None;
        let mut is_over = written.is_empty();
        let mut tasks = Vec::new();
        while !is_over {
            let page = self.keys(Keys::Links(LinkSet::Escrowed), after).await;
            after = page.last().map(|(place, _)| *place);
            is_over = page.len() < super::each::PAGE;
            let links = self.links(page.into_iter().map(|(_, key)| key).collect()).await.into_iter().flatten();
            let is_freed = |stored: &StoredLink| {
                let holder = stored.link.escrow.as_ref().and_then(|escrow| escrow.holder);
                holder.is_some_and(|holder| written.contains(&holder))
            };
            let freed = links.filter(is_freed).map(|stored| stored.link.key());
            tasks.extend(freed.map(|key| Task { retries: true, is_freed: true, since: self.began, ..Task::new(key) }));
        }
        tasks.truncate(CHANGED_MAX);
        self.each(Phase::ChangedUsers, Source::list(tasks), false).await
    }

    /// Everybody whom a group entitles or entitled.
    async fn whole_group(&self, group: ResourceId, since: Timestamp) -> Result<(), Trouble> {
        let task = Task { is_quiet: true, since, ..Task::template(Objects::Users) };
        let through = Keys::Links(LinkSet::Through(group));
        self.each(Phase::ChangedUsers, Source::walk(through, None, task.clone()), false).await?;
        self.each(Phase::ChangedUsers, Source::members(group, task), false).await
    }

    /// Has those who wait for newly linked objects look again; whether there were any.
    async fn announcements(
        &self,
        announced: &mut Announced,
        groups: &mut BTreeMap<ResourceId, (Timestamp, Members)>,
    ) -> Result<bool, Trouble> {
        let mut after = None;
        let (mut any, mut any_was_there) = (false, false);
        let quiet = Task { is_quiet: true, since: self.began, ..Task::template(Objects::Users) };
        loop {
            let page = self.keys(Keys::Links(LinkSet::Unannounced), after).await;
            after = page.last().map(|(place, _)| *place);
            let fresh = page.iter().map(|(_, key)| *key).filter(|key| !announced.contains_key(key));
            let room = CHANGED_MAX.saturating_sub(announced.len());
            for StoredLink { link, .. } in self.links(fresh.take(room).collect()).await.into_iter().flatten() {
                any = true;
                any_was_there |= link.was_there;
                let key = link.key();
                let referring = Source::walk(Keys::Links(LinkSet::ReferringTo(key.id)), None, quiet.clone());
                self.each(Phase::Waiting, referring, false).await?;
                for group in self.groups_of(key.id).await.into_iter().chain(link.was_in.iter().copied()) {
                    groups.entry(group).or_insert((self.began, Members::InStep)).1.touch([key.id]);
                }
                announced.insert(key, News::from(&*link));
            }
            if page.len() < super::each::PAGE {
                break;
            }
        }
        if any_was_there {
            // Groups that were compared before may have them as members whom nobody knew then.
            let strangers = Source::walk(Keys::Links(LinkSet::Strangers), None, quiet.with_members(Members::Unknown));
            self.each(Phase::ChangedGroups, strangers, false).await?;
        }
        Ok(any)
    }

    async fn groups_of(&self, id: ResourceId) -> Vec<ResourceId> {
        match self.port.ask(Ask::GroupsOf(id)).await {
            Told::Ids(ids) => ids,
            other => unexpected(&other),
        }
    }

    /// Those who waited have looked again. What came to be known meanwhile is announced by the next cycle.
    async fn announced(&self, announced: &Announced) -> Result<(), Trouble> {
        let keys: Vec<Key> = announced.keys().copied().collect();
        for page in keys.chunks(super::each::PAGE) {
            let links = self.links(page.to_vec()).await.into_iter().flatten().filter(|stored| {
                let told = announced.get(&stored.link.key());
                stored.link.unannounced && told.is_some_and(|told| *told == News::from(&*stored.link))
            });
            let told = |stored: StoredLink| {
                let mut link = stored.link.clone();
                link.unannounced = false;
                link.was_there = false;
                link.was_in.clear();
                (Some(stored), Some(link))
            };
            self.commit(Commit { links: links.map(told).collect(), ..Commit::default() }).await;
        }
        Ok(())
    }

    /// Holds links against the target, where the app wants that: some in each cycle, all in turn.
    pub(super) async fn drift(&self) -> Result<(), Trouble> {
        if self.setting.app.drift == Drift::Ignore {
            return Ok(());
        }
        let mut left = DRIFT_MAX;
        for of in [Objects::Users, Objects::Groups] {
            let mut after = if of == Objects::Users { self.job.drift_place } else { None };
            loop {
                let page = self.keys(Keys::Links(LinkSet::All(of)), after).await;
                let is_last = page.len() < super::each::PAGE;
                after = page.last().map(|(place, _)| *place);
                left = left.saturating_sub(page.len());
                let task = Task { looks: true, finds_drift: true, is_quiet: true, ..Task::template(of) };
                let tasks = page.into_iter().map(|(_, key)| Task { key, ..task.clone() });
                self.each(Phase::Drift, Source::list(tasks), false).await?;
                if is_last {
                    break;
                }
                if left == 0 {
                    self.state().drift_place = after;
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}
