//! Members of a group: those who came and went, or all of them when that is not known.

use super::found::{Problem, Purpose, answered, json};
use super::gate::Halt;
use super::visit::Visit;
use crate::cycle::{Ask, Keys, Told, unexpected};
use crate::{
    ActionKind, Answer, Body, Drift, Intent, Key, Link, MODIFIED_MAX, Members, Modified, Objects, Reply, Shared,
    TargetValue, id_of,
};
use provost_change::ResourceId;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Who is to come and to go, by the ids of the source and of the target.
#[derive(Default)]
struct Delta {
    adds: Vec<(ResourceId, String)>,
    removes: Vec<(Option<ResourceId>, String)>,
}

impl Visit<'_> {
    /// Brings the members of a group to the target.
    pub(super) async fn members(&mut self) -> Result<(), Halt> {
        if self.task.key.of == Objects::Users || self.compiled().members().is_none() {
            return Ok(());
        }
        match self.link.members.clone() {
            Members::InStep => Ok(()),
            Members::Touched(touched) => {
                let delta = self.touched(touched.into_iter().collect()).await;
                self.bring_members(delta).await?;
                self.in_step();
                Ok(())
            }
            Members::Unknown => self.all_members().await,
        }
    }

    fn in_step(&mut self) {
        if !self.plans() {
            self.link.members = Members::InStep;
        }
    }

    /// What is to be done about these, as the source has them now.
    async fn touched(&mut self, ids: Vec<ResourceId>) -> Delta {
        let ask = Ask::MembersAmong { group: self.task.key.id, ids: ids.clone() };
        let present: BTreeSet<ResourceId> = match self.work.port.ask(ask).await {
            Told::Ids(ids) => ids.into_iter().collect(),
            other => unexpected(&other),
        };
        let links = self.links_of(&ids).await;
        let mut delta = Delta::default();
        for id in ids {
            let link = links.get(&id);
            match (present.contains(&id), link.and_then(|link| link.target.clone())) {
                (true, Some(target)) if link.is_some_and(|link| super::is_in_use(link)) => {
                    delta.adds.push((id, target))
                }
                (false, Some(target)) => delta.removes.push((Some(id), target)),
                // Who is not at the target comes once he is.
                (true, _) | (false, None) => {}
            }
        }
        delta
    }

    /// Links of members, be they users or groups.
    async fn links_of(&self, ids: &[ResourceId]) -> BTreeMap<ResourceId, Shared<Link>> {
        let mut links = BTreeMap::new();
        for of in [Objects::Groups, Objects::Users] {
            let keys = ids.iter().map(|id| Key { of, id: *id }).collect();
            links.extend(
                self.work.links(keys).await.into_iter().flatten().map(|stored| (stored.link.source, stored.link)),
            );
        }
        links
    }

    /// Compares all members. Those of the target that are no object's of ours stay.
    async fn all_members(&mut self) -> Result<(), Halt> {
        let seen = match (&self.link.target, self.is_matched || !self.is_new) {
            (Some(target), true) => {
                let target = target.clone();
                self.seen_members(&target).await?
            }
            (_, _) => Some(BTreeSet::new()),
        };
        let mut wanted: BTreeSet<String> = BTreeSet::new();
        let mut drift = Delta::default();
        let mut after = None;
        loop {
            let page = self.work.keys(Keys::Members(self.task.key.id), after).await;
            after = page.last().map(|(place, _)| *place);
            let is_last = page.len() < crate::cycle::PAGE;
            let ids: Vec<ResourceId> = page.iter().map(|(_, key)| key.id).collect();
            let links = self.links_of(&ids).await;
            let mut delta = Delta::default();
            for id in ids {
                match links.get(&id).filter(|link| super::is_in_use(link)).and_then(|link| link.target.clone()) {
                    Some(target) if seen.as_ref().is_some_and(|seen| seen.contains(&target)) => {
                        wanted.insert(target);
                    }
                    Some(target) => delta.adds.push((id, target)),
                    None => {}
                }
            }
            self.bring_unless_drifted(delta, &mut drift).await?;
            if is_last {
                break;
            }
        }
        let Some(seen) = seen else {
            let why = "the group has more members at the target than are read at once: missing ones were added, and nobody was taken out";
            return Err(Problem::incompatible(why).into());
        };
        let surplus: Vec<String> = seen.into_iter().filter(|id| !wanted.contains(id)).collect();
        let mut strangers = surplus.len();
        for page in surplus.chunks(crate::cycle::PAGE) {
            let removes = self.ours(page).await;
            strangers -= removes.len();
            self.bring_unless_drifted(Delta { removes, ..Delta::default() }, &mut drift).await?;
        }
        self.link.has_strangers = strangers > 0;
        self.members_drifted(&drift);
        self.in_step();
        Ok(())
    }

    /// Brings members to the target, unless somebody else changed them there, and the app leaves that so.
    async fn bring_unless_drifted(&mut self, delta: Delta, drift: &mut Delta) -> Result<(), Halt> {
        match self.work.setting.app.drift {
            Drift::Alert | Drift::Adopt if self.finds_drift => {
                drift.adds.extend(delta.adds);
                drift.removes.extend(delta.removes);
                Ok(())
            }
            Drift::Ignore | Drift::Alert | Drift::Adopt | Drift::Repair => {
                self.corrects_drift |= self.finds_drift && !(delta.adds.is_empty() && delta.removes.is_empty());
                self.bring_members(delta).await
            }
        }
    }

    /// Says once which members somebody else changed.
    fn members_drifted(&mut self, drift: &Delta) {
        let name = self.compiled().members().map_or("members", |path| path.as_str()).to_owned();
        let gone = drift.adds.iter().map(|(_, target)| format!("-{target}"));
        let mut all: Vec<String> = gone.chain(drift.removes.iter().map(|(_, target)| format!("+{target}"))).collect();
        all.sort_unstable();
        if all.is_empty() {
            return self.link.alerted.remove(&name);
        }
        let hash = Sha256::digest(all.join("\n"));
        let value = TargetValue::from(hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>().as_str());
        if self.link.alerted.get(&name) != Some(&value) {
            self.link.alerted.set(&name, value);
            let is_adopted = self.work.setting.app.drift == Drift::Adopt;
            let (code, what) = if is_adopted { ("DriftAdopted", ", and are left so") } else { ("DriftDetected", "") };
            let (came, went) = (drift.removes.len(), drift.adds.len());
            let why = format!("{name} were changed at the target{what}: {came} came, and {went} went");
            self.warnings.push((code, why));
        }
    }

    /// Those of the target's ids that belong to an object that is in use there: who left the scope keeps its memberships.
    async fn ours(&self, targets: &[String]) -> Vec<(Option<ResourceId>, String)> {
        let mut ours = Vec::new();
        for of in [Objects::Users, Objects::Groups] {
            let ask = Ask::Owners { of, targets: targets.to_vec() };
            let owners = match self.work.port.ask(ask).await {
                Told::Owners(owners) => owners,
                other => unexpected(&other),
            };
            let owned: Vec<(Key, &String)> =
                owners.into_iter().zip(targets).filter_map(|(owner, target)| Some((owner?, target))).collect();
            let links = self.work.links(owned.iter().map(|(key, _)| *key).collect()).await;
            let in_use = links.into_iter().map(|link| link.is_some_and(|stored| super::is_in_use(&stored.link)));
            let kept = owned.into_iter().zip(in_use).filter(|(_, in_use)| *in_use);
            ours.extend(kept.map(|((key, target), _)| (Some(key.id), target.clone())));
        }
        ours
    }

    /// Who is a member at the target; `None` when there are more than can be read at once: then nobody is taken out.
    async fn seen_members(&mut self, target: &str) -> Result<Option<BTreeSet<String>>, Halt> {
        let mut request = self.wire().read(target);
        if let Some(query) = request.path.find('?') {
            request.path.truncate(query);
        }
        let reply = self.send(request).await;
        let body = match answered(&reply, Purpose::Read).map(json) {
            Ok(Ok(body)) => body,
            // Those who are missing are added once; to take somebody out, it has to be known who is in.
            Ok(Err(problem)) => match &reply {
                Reply::Answered(Answer { body: Body::TooLong, .. }) if self.link.escrow.is_none() => return Ok(None),
                Reply::Answered(_)
                | Reply::TimedOut
                | Reply::Unreachable(_)
                | Reply::Forbidden(_)
                | Reply::Unclear(_) => {
                    return Err(problem.into());
                }
            },
            Err(problem) => return Err(problem.into()),
        };
        if id_of(body).as_deref() != Some(target) {
            return Err(Problem::incompatible("the target answered with another group than was asked for").into());
        }
        let members = body.get("members").and_then(Value::as_array).into_iter().flatten();
        Ok(Some(members.filter_map(|member| member.get("value")?.as_str().map(str::to_owned)).collect()))
    }

    async fn bring_members(&mut self, delta: Delta) -> Result<(), Halt> {
        if delta.adds.is_empty() && delta.removes.is_empty() {
            return Ok(());
        }
        self.may(self.compiled().actions.update, "update")?;
        let shown = self.shown(&delta);
        // A group that is made with its members is logged as made.
        let action = if self.action == ActionKind::Other { ActionKind::Update } else { self.action };
        let target = self.link.target.clone();
        self.gate(action, || Intent {
            is_members: true,
            adds: delta.adds.len() as u64,
            removes: delta.removes.len() as u64,
            changes: shown.clone(),
            ..Intent::new(ActionKind::Update, target, &[])
        })?;
        if self.plans() {
            return Ok(());
        }
        let Some(group) = self.link.target.clone() else { return Ok(()) };
        let removes: Vec<String> = delta.removes.into_iter().map(|(_, target)| target).collect();
        let adds: Vec<String> = delta.adds.into_iter().map(|(_, target)| target).collect();
        let result = match self.change_members(&group, &removes, false).await {
            Ok(()) => self.change_members(&group, &adds, true).await,
            Err(problem) => Err(problem),
        };
        let room = MODIFIED_MAX.saturating_sub(self.modified.len());
        self.modified.extend(shown.into_iter().take(room));
        Ok(result?)
    }

    fn shown(&self, delta: &Delta) -> Vec<Modified> {
        let name = self.compiled().members().map_or("members", |path| path.as_str());
        let one = |old: TargetValue, new: TargetValue| Modified { name: name.into(), old, new };
        let gone = delta.removes.iter().map(|(_, target)| one(TargetValue::from(target.as_str()), TargetValue::Null));
        let come = delta.adds.iter().map(|(_, target)| one(TargetValue::Null, TargetValue::from(target.as_str())));
        gone.chain(come).take(MODIFIED_MAX).collect()
    }

    /// Sends members in batches. A batch that is refused is sent one by one, so that one who is refused does not keep out the others.
    async fn change_members(&mut self, group: &str, ids: &[String], adds: bool) -> Result<(), Problem> {
        let wire = self.wire();
        let requests =
            |ids: &[String]| if adds { wire.add_members(group, ids) } else { wire.remove_members(group, ids) };
        let mut last = None;
        for batch in ids.chunks(crate::MEMBERS_MAX) {
            let mut refused = BTreeSet::new();
            for request in requests(batch) {
                match self.export(request).await {
                    Ok(_) => {}
                    Err(problem) if problem.trouble.is_some() || problem.is_uncertain => return Err(problem),
                    Err(problem) => {
                        refused.extend(batch.iter().cloned());
                        last = Some(problem);
                    }
                }
            }
            if refused.is_empty() || batch.len() == 1 {
                continue;
            }
            last = None;
            for id in refused {
                for request in requests(std::slice::from_ref(&id)) {
                    match self.export(request).await {
                        Ok(_) => {}
                        Err(problem) if problem.trouble.is_some() || problem.is_uncertain => return Err(problem),
                        Err(problem) => last = Some(problem),
                    }
                }
            }
        }
        last.map_or(Ok(()), Err)
    }
}
