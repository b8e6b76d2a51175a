//! Answers what a machine of the engine asks.

use super::{App, Driven, kind};
use crate::{app::Failure, search};
use provost_change::{IndexEntry, Kind, Record, ResourceId};
use provost_engine::{
    Ask, Assignment, Key, Keys, Link, Objects, StoredLink, Token, Told, link_id,
    registry::{self, ASSIGNMENT_APP, Registered},
    target_key,
};
use provost_store::{LogQuery, Search};

/// What a machine asks about.
pub(super) struct World<'w> {
    pub reading: Reading<'w>,
}

/// The account as one app sees it.
#[derive(Clone, Copy)]
pub(super) struct Reading<'w> {
    pub app: &'w App,
    pub driven: &'w Driven,
}

impl World<'_> {
    /// The answer to one question.
    ///
    /// # Errors
    /// When the store is away or damaged: then the machine is given up, and what was committed is gone on from.
    pub(super) async fn answer(&self, token: Token, ask: Ask) -> Result<(Token, Told), Failure> {
        let reading = self.reading;
        let told = match ask {
            Ask::Head => Told::Seq(reading.head().await?.seq),
            Ask::Log { after, most } => reading.log(after, most).await?,
            Ask::Keys { which, after, most } => Told::Keys(reading.keys(which, after, most as u64).await?),
            Ask::MembersAmong { group, ids } => {
                let members = reading.app.store().members_among(reading.driven.account, group, &ids).await?;
                Told::Ids(members.into_iter().map(|member| member.id).collect())
            }
            Ask::GroupsOf(id) => Told::Ids(reading.groups_of(&[id]).await?.pop().unwrap_or_default()),
            Ask::Load(keys) => Told::Objects(reading.objects(keys).await?),
            Ask::Links(keys) => Told::Links(reading.links(&keys).await?),
            Ask::Owners { of, targets } => reading.owners(of, &targets).await?,
            Ask::Commit(commit) => Told::Committed(self.commit(&commit).await?),
            // Whoever drives does these itself.
            Ask::Send(_) | Ask::WakeAt(_) => return Err(Failure::Damaged("the account has no answer".to_owned())),
        };
        Ok((token, told))
    }
}

impl Reading<'_> {
    async fn head(&self) -> Result<provost_change::Head, Failure> {
        self.app.store().head(self.driven.account).await?.ok_or(Failure::NoAccount)
    }

    async fn log(&self, after: u64, most: usize) -> Result<Told, Failure> {
        let query =
            LogQuery { after: Some(after), before: None, subject: None, newest_first: false, limit: most as u64 };
        let entries = self.app.store().log(self.driven.account, &query).await?;
        // Asked behind the entries: what was removed meanwhile is seen.
        if self.head().await?.base.seq > after {
            return Ok(Told::Pruned);
        }
        Ok(Told::Log(entries))
    }

    async fn keys(&self, which: Keys, after: Option<ResourceId>, most: u64) -> Result<Vec<(ResourceId, Key)>, Failure> {
        let (account, app) = (self.driven.account, self.driven.app.id());
        match which {
            Keys::Links(set) => {
                let records = self.found(Link::kind(), set.entry(app), after, most).await?;
                records.iter().map(|record| Ok((record.id, read(record)?.link.key()))).collect()
            }
            Keys::All(of) => {
                let records = self.app.store().all(account, &kind(of), after, most).await?;
                Ok(records.into_iter().map(|record| (record.id, Key { of, id: record.id })).collect())
            }
            Keys::Assigned => {
                let entry = registry::entry(ASSIGNMENT_APP, app);
                let records = self.found(Assignment::kind(), entry, after, most).await?;
                let key = |record: Record| {
                    let assignment: Registered<Assignment> = Registered::read(account, record)?;
                    let Assignment { of, principal, .. } = assignment.value;
                    Ok((assignment.id(), Key { of, id: principal }))
                };
                records.into_iter().map(key).collect()
            }
            Keys::Members(group) => {
                let members = self.app.store().members(account, group, after, most).await?;
                let of = |kind: &Kind| if *kind == Kind::GROUP { Objects::Groups } else { Objects::Users };
                Ok(members.iter().map(|one| (one.id, Key { of: of(&one.kind), id: one.id })).collect())
            }
        }
    }

    /// Records under an index entry, a page.
    pub(super) async fn found(
        &self,
        kind: Kind,
        entry: IndexEntry,
        after: Option<ResourceId>,
        most: u64,
    ) -> Result<Vec<Record>, Failure> {
        let search = Search { after, limit: most, ..search::under(kind, entry) };
        Ok(self.app.store().search(self.driven.account, &search).await?.records)
    }

    pub(super) async fn groups_of(&self, ids: &[ResourceId]) -> Result<Vec<Vec<ResourceId>>, Failure> {
        Ok(self.app.store().groups_of(self.driven.account, ids).await?)
    }

    pub(super) async fn links(&self, keys: &[Key]) -> Result<Vec<Option<StoredLink>>, Failure> {
        let app = self.driven.app.id();
        let ids: Vec<(Kind, ResourceId)> = keys.iter().map(|key| (Link::kind(), link_id(app, *key))).collect();
        let found = self.app.store().load(self.driven.account, &ids).await?;
        found.iter().map(|record| record.as_ref().map(read).transpose()).collect()
    }

    async fn owners(&self, of: Objects, targets: &[String]) -> Result<Told, Failure> {
        let (account, app, generation) = (self.driven.account, self.driven.app.id(), self.driven.job.generation);
        let mut owners = Vec::with_capacity(targets.len());
        for target in targets {
            let key = target_key(app, generation, of, target);
            let record = self.app.store().by_unique(account, &key, &Link::kind()).await?;
            owners.push(record.as_ref().map(read).transpose()?.map(|stored| stored.link.key()));
        }
        Ok(Told::Owners(owners))
    }
}

fn read(record: &Record) -> Result<StoredLink, Failure> {
    StoredLink::read(record).map_err(|error| Failure::Damaged(format!("link {}: {error}", record.id)))
}
