//! Who loses access, and what is gone from the source.

use super::gate::Halt;
use super::visit::Visit;
use crate::{ActionKind, Entitlement, Intent, Link, Objects, Shared, SourceObject, Standing, Values, Wanted, wanted};

impl Visit<'_> {
    /// Brings about that who is not entitled has no access.
    pub(super) async fn not_entitled(&mut self, object: &SourceObject, entitlement: &Entitlement) -> Result<(), Halt> {
        self.recall().await;
        let left_scope = object.is_active() && !entitlement.is_in_scope();
        if self.link.target.is_none() {
            if !self.was_created_unseen(object).await? {
                self.drops_link = true;
                return Err(not_entitled(entitlement));
            }
        } else if !self.link.standing.is_managed() && !self.link.unsure {
            return Err(not_entitled(entitlement));
        }
        if left_scope && self.work.setting.app.skip_out_of_scope_deletions {
            let why = "it left the scope, and such objects are left alone at the target (skip_out_of_scope_deletions)";
            return Err(Halt::Skipped("SkipOutOfScopeDeletions", why.to_owned()));
        }
        match self.task.key.of {
            Objects::Groups => self.remove().await,
            Objects::Users => self.disable(object, entitlement.is_in_scope()).await,
        }
    }

    /// Takes a dropped link up again, unless another object has its resource now.
    async fn recall(&mut self) {
        let Some(dropped) = self.dropped.take().map(Shared::into_inner) else { return };
        let is_taken = match &dropped.target {
            Some(target) => self.owner(target).await.is_some_and(|owner| owner != self.task.key),
            None => false,
        };
        if !is_taken {
            let was_removed = self.link.was_removed || dropped.was_removed;
            let unsure = dropped.unsure || super::visit::is_in_doubt(self.work, &dropped);
            self.link = Link { generation: self.work.job.generation, was_removed, unsure, ..dropped }.into();
        }
    }

    /// Whether a resource came about although no answer said so.
    async fn was_created_unseen(&mut self, object: &SourceObject) -> Result<bool, Halt> {
        if self.link.tried.is_empty() && self.link.former.is_none() {
            return Ok(false);
        }
        let wanted = self.wanted_disabled(object, false)?;
        Ok(self.find(&wanted).await?.is_some())
    }

    /// Of somebody who is still in scope everything is kept up to date; who left is disabled and nothing else, so that a target which
    /// would not have the rest does not keep them in.
    async fn disable(&mut self, object: &SourceObject, is_in_scope: bool) -> Result<(), Halt> {
        let standing = if object.is_active() { Standing::Left } else { Standing::Disabled };
        let Some(target) = self.link.target.clone().filter(|_| self.compiled().disables()) else {
            self.link.standing = standing;
            let why = "no mapping tells the target that it is disabled";
            return Err(Halt::Skipped("NotEffectivelyEntitled", why.to_owned()));
        };
        let mut wanted = self.wanted_disabled(object, is_in_scope)?;
        self.refer(&mut wanted).await;
        let known = match self.link.unsure || self.work.is_on_demand {
            true => match self.read(&target).await {
                Ok(seen) => Ok(seen),
                Err(problem) if problem.is_missing => Err(()),
                Err(problem) => return Err(problem.into()),
            },
            false => Ok(self.link.written.clone()),
        };
        if let Ok(known) = known
            && self.disable_as(&wanted, &known, (standing, is_in_scope)).await?
        {
            return Ok(());
        }
        match self.anew(&wanted).await? {
            Some(known) if self.disable_as(&wanted, &known, (standing, is_in_scope)).await? => Ok(()),
            Some(_) | None => self.is_gone_there(),
        }
    }

    /// What the mapping wants of somebody who is to be disabled: only a fault in what says so keeps them in. Of who is in scope others are
    /// warned of.
    fn wanted_disabled(&mut self, object: &SourceObject, is_in_scope: bool) -> Result<Wanted, Halt> {
        let wanted = self.evaluated(object, wanted::Purpose::Update);
        for fault in &wanted.faults {
            if self.compiled().disabling(&fault.target) {
                return Err(self.at_fault(fault).into());
            }
            if is_in_scope {
                let why = format!("the value of the property {} was left as it is: {}", fault.target, fault.problem);
                self.warnings.push((fault.code.as_str(), why));
            }
        }
        Ok(wanted)
    }

    /// Disables what is linked; `false` when the target does not have it.
    async fn disable_as(
        &mut self,
        wanted: &Wanted,
        known: &Values,
        (standing, is_in_scope): (Standing, bool),
    ) -> Result<bool, Halt> {
        let Some(target) = self.link.target.clone() else { return Ok(false) };
        let mut changes = self.compiled().diff(&wanted.values, known);
        changes.retain(|change| is_in_scope || self.compiled().disabling(change.target.as_str()));
        let Some(request) = self.wire().update(&target, &changes) else {
            self.link.has(known.clone());
            self.link.standing = standing;
            self.link.unsure = false;
            return Err(super::visit::redundant());
        };
        // One that a lost answer may have enabled counts as in use.
        let was_in_use = matches!(self.link.standing, Standing::Entitled | Standing::New) || self.link.unsure;
        let action = if was_in_use { ActionKind::Disable } else { ActionKind::Update };
        self.may(self.compiled().actions.update, "update")?;
        self.gate(action, || Intent::new(action, Some(target), &changes))?;
        self.decided(action);
        if self.plans() {
            return Err(Halt::Planned);
        }
        self.note_doubt().await?;
        match self.export(request).await {
            Ok(_) => {}
            Err(problem) if problem.is_missing => return Ok(false),
            Err(problem) => return Err(problem.into()),
        }
        self.link.has(known.clone());
        self.link.standing = standing;
        self.written(&changes);
        Ok(true)
    }

    /// Neither in the account nor in its bin.
    pub(super) async fn gone(&mut self) -> Result<(), Halt> {
        self.recall().await;
        self.imported_gone();
        self.linked();
        if self.link.target.is_none() && self.link.tried.is_empty() && self.link.former.is_none() {
            self.drops_link = true;
            return Err(Halt::Skipped(
                "NotEffectivelyEntitled",
                "it is gone, and nothing of it is at the target".to_owned(),
            ));
        }
        if !self.link.standing.is_managed() && !self.link.unsure {
            self.drops_link = true;
            let why = "it is gone, and was not managed at the target any more since it had left the scope";
            return Err(Halt::Skipped("NotEffectivelyEntitled", why.to_owned()));
        }
        if self.link.target.is_none() && self.find(&Wanted::default()).await?.is_none() {
            self.drops_link = true;
            return Err(Halt::Skipped(
                "NotEffectivelyEntitled",
                "it is gone, and nothing of it is at the target".to_owned(),
            ));
        }
        self.remove().await
    }

    async fn remove(&mut self) -> Result<(), Halt> {
        self.may(self.compiled().actions.delete, "delete")?;
        if self.delete().await? {
            return Ok(());
        }
        match self.anew(&Wanted::default()).await? {
            Some(_) if self.delete().await? => Ok(()),
            Some(_) | None => self.is_gone_there(),
        }
    }

    /// Removes what is linked; `false` when the target does not have it.
    async fn delete(&mut self) -> Result<bool, Halt> {
        let Some(target) = self.link.target.clone() else { return Ok(false) };
        self.gate(ActionKind::Delete, || Intent::new(ActionKind::Delete, Some(target.clone()), &[]))?;
        self.decided(ActionKind::Delete);
        if self.plans() {
            return Err(Halt::Planned);
        }
        self.note_doubt().await?;
        match self.export(self.wire().delete(&target)).await {
            Ok(_) => {
                self.drops_link = true;
                Ok(true)
            }
            Err(problem) if problem.is_missing => Ok(false),
            Err(problem) => Err(problem.into()),
        }
    }

    /// What was to be disabled is not there any more.
    fn is_gone_there(&mut self) -> Result<(), Halt> {
        self.drops_link = true;
        Ok(())
    }
}

fn not_entitled(entitlement: &Entitlement) -> Halt {
    let why = entitlement.why_not().unwrap_or_default();
    Halt::Skipped("NotEffectivelyEntitled", format!("it is not to be at the target: {why}"))
}
