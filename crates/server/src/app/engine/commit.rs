//! Commits what a machine of the engine decides: links and the provisioning log as it says, the job as it is stored by now.

use super::ask::{Reading, World};
use crate::app::Failure;
use provost_change::{Kind, ResourceId};
use provost_engine::{
    Commit, Job, Refused,
    registry::{self, Registered},
};
use provost_store::StoreError;

/// How often a commit is put together anew because the job changed meanwhile: more often, it is the links that changed.
const ATTEMPTS_MAX: usize = 5;

impl World<'_> {
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
