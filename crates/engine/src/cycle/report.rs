//! What a cycle counts on its way, and how it ends.

use super::together::Together;
use super::{Ask, Commit, Ended, JobChange, Place, Told, Trouble, Work, end_of, unexpected};
use crate::{
    Action, ActionError, ActionKind, CycleEnd, CycleReport, Deprovisioning, Identity, Key, Objects, Plan,
    QuarantineReason, Status, Step, StepKind, Tally, by_count, cut, object::Problem,
};
use provost_change::ResourceId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a cycle counts on its way.
#[derive(Default)]
pub(crate) struct State {
    pub tally: Tally,
    /// What the watermark becomes: the head of the log when the cycle began.
    pub watermark: u64,
    /// Created or linked since the job was written.
    pub users: u64,
    pub groups: u64,
    pub deprovisioning: Deprovisioning,
    pub trouble: Option<Trouble>,
    /// Objects that are under way: none is twice.
    pub under_way: BTreeSet<Key>,
    /// Of which something was written, or whose link went, since those were looked at who wait for what they have there.
    pub written: BTreeSet<ResourceId>,
    /// Numbers actions.
    pub actions: u64,
    pub drift_place: Option<ResourceId>,
    /// What would be done, where nothing is.
    pub plan: Plan,
    pub together: Together,
}

impl Work {
    pub fn next_number(&self) -> u64 {
        let mut state = self.state();
        state.actions += 1;
        state.actions
    }

    /// Commits. A commit that is refused rests on what is not so any more: the object is looked at again.
    pub async fn commit(&self, commit: Commit) -> bool {
        if self.plans {
            return true;
        }
        match self.port.ask(Ask::Commit(Box::new(commit))).await {
            Told::Committed(result) => result.is_ok(),
            other => unexpected(&other),
        }
    }

    /// Logs that the target cannot be asked for any object, with its answer.
    pub(super) async fn not_usable(&self, of: Objects, problem: &Problem) {
        let now = self.port.now();
        let nobody =
            |name: &str, system: &str| Identity { id: None, of, name: name.to_owned(), system: system.to_owned() };
        let reason = cut(&problem.reason);
        let step = Step {
            name: "EntrySynchronizationError".to_owned(),
            kind: StepKind::Matching,
            status: Status::Failure,
            description: reason.clone(),
            details: BTreeMap::new(),
        };
        let action = Action {
            app: self.setting.id,
            cycle: self.id,
            at: now,
            duration_ms: u64::try_from(now.duration_since(self.began).as_millis()).unwrap_or(0),
            action: ActionKind::Other,
            status: Status::Failure,
            error: Some(ActionError { code: problem.code.to_owned(), reason, next_attempt: None }),
            source: nobody("", &self.setting.source_name),
            target: nobody(&self.setting.app.name, &self.setting.app.name),
            steps: vec![step],
            modified: Vec::new(),
        };
        self.commit(Commit { actions: vec![(self.next_number(), Arc::new(action))], ..Commit::default() }).await;
    }

    /// What the job learns now.
    pub fn job_change(&self, place: Place) -> JobChange {
        let mut state = self.state();
        JobChange {
            epoch: self.job.epoch,
            users: std::mem::take(&mut state.users),
            groups: std::mem::take(&mut state.groups),
            deprovisioning: std::mem::take(&mut state.deprovisioning),
            place,
        }
    }

    /// Ends the cycle: how it went, what the job becomes.
    pub(super) async fn finish(&self, result: Result<(), Trouble>, is_initial: bool) -> CycleReport {
        let now = self.port.now();
        let (tally, watermark, drift_place) = {
            let state = self.state();
            (state.tally, state.watermark, state.drift_place)
        };
        let end = match &result {
            Err(trouble) => end_of(trouble),
            Ok(()) if tally.failed > 0 => CycleEnd::EntryLevelErrors,
            Ok(()) => CycleEnd::Succeeded,
        };
        let by_count = by_count(&tally);
        let prunes = result.is_ok() && is_initial && by_count.is_some();
        let quarantine = match &result {
            Err(Trouble::Unusable(why)) => Some((QuarantineReason::EncounteredQuarantineException, why.clone())),
            Err(Trouble::Stopped | Trouble::Away(_)) => None,
            Ok(()) if tally.held > 0 => Some((QuarantineReason::TooManyDeletes, held(tally.held))),
            Ok(()) => by_count.filter(|_| !is_initial),
        };
        let not_before = self.port.pace(|pace, now| (pace.paused_until > now).then_some(pace.paused_until));
        let report = CycleReport { id: self.id, began: self.began, ended: now, is_initial, end, tally };
        let ended = Ended {
            report: report.clone(),
            watermark: result.is_ok().then_some(watermark),
            in_doubt: self.job.is_under_way && result.is_err(),
            decided: self.job.decided(),
            quarantine,
            prunes,
            not_before,
            interval: self.setting.app.interval,
            drift_place,
        };
        let job = Some(self.job_change(Place::Ended(Box::new(ended))));
        self.commit(Commit { job, ..Commit::default() }).await;
        report
    }
}

fn held(count: u64) -> String {
    format!(
        "{count} disables and deletes are more than the accidental-deletion threshold allows: look at them in the provisioning log, then \
         allow or reject them"
    )
}
