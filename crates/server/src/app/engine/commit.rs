//! Commits what a machine of the engine decides: links and the provisioning log as it says, the job as it is stored by now.

use super::ask::{Reading, World};
use crate::app::Failure;
use provost_change::{ChangeSet, Kind, ResourceId};
use provost_engine::{
    Commit, Job, Refused, Token, Told,
    registry::{self, Registered},
};
use provost_store::StoreError;
use std::time::Duration;
use tokio::time::Instant;

/// How often a commit is put together anew because the job changed meanwhile: more often, it is the links that changed.
const ATTEMPTS_MAX: usize = 5;

/// Commits that wait to go to the store together: one transaction for several costs less than one for each.
#[derive(Default)]
pub(super) struct Gathered {
    commits: Vec<(Token, Box<Commit>)>,
    due: Option<Instant>,
}

/// How many go together.
const TOGETHER_MAX: usize = 32;

/// How long the first one waits for others, while there is something else that they may come of.
const GATHERING: Duration = Duration::from_millis(1);

impl Gathered {
    pub(super) fn add(&mut self, token: Token, commit: Box<Commit>) {
        self.due.get_or_insert_with(|| Instant::now() + GATHERING);
        self.commits.push((token, commit));
    }

    /// When they go at the latest; `None` while there are none.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Those that go now: all, when they are many, or nothing is under way from which others could come.
    pub(super) fn ready(&mut self, is_alone: bool) -> Option<Vec<(Token, Box<Commit>)>> {
        if self.commits.len() >= TOGETHER_MAX || is_alone { self.take() } else { None }
    }

    /// All, when there are any.
    pub(super) fn take(&mut self) -> Option<Vec<(Token, Box<Commit>)>> {
        self.due = None;
        (!self.commits.is_empty()).then(|| std::mem::take(&mut self.commits))
    }
}

impl World<'_> {
    /// Commits what was gathered, each whole or not at all. None of them says anything of the job.
    pub(super) async fn commit_all(&self, commits: Vec<(Token, Box<Commit>)>) -> Result<Vec<(Token, Told)>, Failure> {
        let Reading { app, driven } = self.reading;
        let mut together = ChangeSet::default();
        if commits.len() > 1 {
            for change in commits.iter().map(|(_, commit)| commit.change_set(app.now())) {
                together.puts.extend(change.puts);
                together.deletes.extend(change.deletes);
            }
            match app.commit(driven.account, together).await {
                Ok(()) => return Ok(commits.into_iter().map(|(token, _)| (token, Told::Committed(Ok(())))).collect()),
                // One of them is to blame; alone, the others can be done.
                Err(StoreError::VersionChanged | StoreError::Uniqueness { .. }) => {}
                Err(other) => return Err(other.into()),
            }
        }
        let mut told = Vec::with_capacity(commits.len());
        for (token, commit) in commits {
            told.push((token, Told::Committed(self.commit(&commit).await?)));
        }
        Ok(told)
    }

    /// Commits, whole or not at all. Refused when another link has the resource of the target, or a link is not what it was.
    pub(super) async fn commit(&self, commit: &Commit) -> Result<Result<(), Refused>, Failure> {
        let Reading { app, driven } = self.reading;
        let account = driven.account;
        for _ in 0..ATTEMPTS_MAX {
            let now = app.now();
            let mut change = commit.change_set(now);
            if commit.job.is_some() {
                let before = self.job().await?;
                let job = before.as_ref().map_or_else(Job::default, |job| job.value.clone());
                if let Some((job, notices)) = commit.job(&job, now) {
                    let call = app.own_call("provisioning");
                    change.puts.push(registry::put_job(&call, driven.app.id(), before.as_ref(), job));
                    registry::tell(&call, &driven.app, &notices, &mut change);
                }
            }
            match app.commit(account, change).await {
                Ok(()) => return Ok(Ok(())),
                Err(StoreError::VersionChanged) if commit.job.is_some() => {}
                Err(StoreError::VersionChanged | StoreError::Uniqueness { .. }) => return Ok(Err(Refused)),
                Err(other) => return Err(other.into()),
            }
        }
        Ok(Err(Refused))
    }

    async fn job(&self) -> Result<Option<Registered<Job>>, Failure> {
        let Reading { app, driven } = self.reading;
        let key: [(Kind, ResourceId); 1] = [(Job::kind(), driven.app.id())];
        let record = app.store().load(driven.account, &key).await?.into_iter().flatten().next();
        Ok(record.map(|record| Registered::read(driven.account, record)).transpose()?)
    }
}
