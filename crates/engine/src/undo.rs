//! Undo: what a cycle wrote is taken back, by what its log says.

use crate::cycle::{Commit, Work};
use crate::object::{Answered, answered};
use crate::{
    Action, ActionError, ActionKind, Change, ChangeKind, Identity, Intent, Key, Link, Modified, Plan, PlannedObject,
    Shared, Standing, Status, Step, StepKind, StoredLink, TargetPath, TargetValue,
};
use provost_change::ResourceId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The plan that takes back what these actions, all of one cycle, wrote at the target: the newest comes first. What was removed cannot be
/// brought back, and what the log hides cannot be restored: the plan says so. Undoing changes the target and not the source: what still
/// wants the same is written again when the object changes, or when everything is looked at. Correct the mapping first.
pub fn undo(actions: &[Action]) -> Plan {
    let mut by_object: BTreeMap<Key, PlannedObject> = BTreeMap::new();
    let mut plan = Plan::default();
    let mut sorted: Vec<&Action> = actions.iter().collect();
    sorted.sort_by_key(|action| std::cmp::Reverse(action.at));
    for action in sorted.into_iter().filter(|action| matches!(action.status, Status::Success | Status::Warning)) {
        let Some(id) = action.source.id.as_deref().and_then(|id| id.parse::<ResourceId>().ok()) else { continue };
        let key = Key { of: action.source.of, id };
        match inverse(action) {
            Ok(Some(intent)) => {
                let fresh = || PlannedObject {
                    of: key.of,
                    id,
                    name: action.source.name.clone(),
                    intents: Vec::new(),
                    why: None,
                };
                by_object.entry(key).or_insert_with(fresh).intents.push(intent);
            }
            Ok(None) => {}
            Err(why) => plan.failures.push((id, why)),
        }
    }
    for object in by_object.into_values() {
        plan.add(object);
    }
    plan
}

/// What takes an action back; `None` where it wrote nothing.
fn inverse(action: &Action) -> Result<Option<Intent>, String> {
    let name = &action.source.name;
    let target = action.target.id.clone();
    let hidden = TargetValue::from("[redacted]");
    if action.modified.iter().any(|one| one.new == hidden) {
        return Err(format!("{name}: the log hides what was written, so that it cannot be taken back"));
    }
    let back = |one: &Modified| Modified { name: one.name.clone(), old: one.new.clone(), new: one.old.clone() };
    let changes: Vec<Modified> = action.modified.iter().rev().map(back).collect();
    let intent = |kind, changes| Intent { changes, ..Intent::new(kind, target.clone(), &[]) };
    match action.action {
        ActionKind::Create => Ok(target.is_some().then(|| intent(ActionKind::Delete, Vec::new()))),
        ActionKind::Update | ActionKind::Disable if changes.is_empty() => Ok(None),
        ActionKind::Update | ActionKind::Disable => Ok(Some(intent(ActionKind::Update, changes))),
        ActionKind::Delete => Err(format!("{name}: it was removed at the target, which cannot be taken back")),
        ActionKind::StagedDelete | ActionKind::Other => Ok(None),
    }
}

/// Whether the target has what the cycle left there, as far as is known.
pub(crate) async fn is_as_left(work: &Work, planned: &PlannedObject) -> bool {
    let Some(stored) = work.links(vec![planned.key()]).await.pop().flatten() else { return false };
    let mut known = stored.link.written.clone();
    planned.intents.iter().all(|intent| {
        let members = members(work, planned);
        let attributes = || intent.changes.iter().filter(|one| members.as_deref() != Some(one.name.as_str()));
        let is_same = attributes().all(|one| known.get(&one.name).unwrap_or(&TargetValue::Null) == &one.old);
        for one in attributes() {
            known.set(&one.name, one.new.clone());
        }
        is_same && intent.target == stored.link.target
    })
}

fn members(work: &Work, planned: &PlannedObject) -> Option<String> {
    work.setting.compiled.objects(planned.of).members().map(|path| path.as_str().to_owned())
}

/// Takes back what was planned of one object.
pub(crate) async fn revert(work: &Work, planned: &PlannedObject) -> Result<(), String> {
    let gone = || "its link is gone: nothing is known to be at the target".to_owned();
    for intent in &planned.intents {
        let stored = work.links(vec![planned.key()]).await.pop().flatten().ok_or_else(gone)?;
        let target = stored.link.target.clone().ok_or_else(gone)?;
        let was_unsure = stored.link.unsure;
        let stored = in_doubt(work, stored).await?;
        let result = send(work, planned, intent, &target).await;
        settle(work, planned, intent, stored, &result, was_unsure).await;
        result?;
    }
    Ok(())
}

/// Notes, before anything is taken back, that the target may have what the link does not say: nobody else knows of an undo that was
/// killed.
async fn in_doubt(work: &Work, stored: StoredLink) -> Result<StoredLink, String> {
    if stored.link.unsure {
        return Ok(stored);
    }
    let link = Shared::from(Link { unsure: true, ..Link::clone(&stored.link) });
    let commit = Commit { links: vec![(Some(stored.clone()), Some(link.clone()))], ..Commit::default() };
    if !work.commit(commit).await {
        return Err("its link was changed by somebody else meanwhile: nothing was taken back".to_owned());
    }
    Ok(StoredLink { link, version: stored.version + 1, ..stored })
}

async fn send(work: &Work, planned: &PlannedObject, intent: &Intent, target: &str) -> Result<(), String> {
    let compiled = work.setting.compiled.objects(planned.of);
    let wire = compiled.wire(work.setting.compiled.dialect(false));
    let mut requests = Vec::new();
    if intent.action == ActionKind::Delete {
        requests.push(wire.delete(target));
    } else {
        let members = members(work, planned);
        let (members, attributes): (Vec<&Modified>, Vec<&Modified>) =
            intent.changes.iter().partition(|one| members.as_deref() == Some(one.name.as_str()));
        let changes: Vec<Change> = attributes.into_iter().map(change).collect();
        requests.extend(wire.update(target, &changes));
        let ids = |value: fn(&Modified) -> &TargetValue| -> Vec<String> {
            members.iter().filter_map(|one| value(one).shown()).collect()
        };
        requests.extend(wire.remove_members(target, &ids(|one| &one.old)));
        requests.extend(wire.add_members(target, &ids(|one| &one.new)));
    }
    for request in requests {
        let reply = work.send(request).await;
        match answered(&reply, Answered::Write) {
            Ok(_) => {}
            Err(problem) if problem.is_missing && intent.action == ActionKind::Delete => {}
            Err(problem) => return Err(problem.reason),
        }
    }
    Ok(())
}

fn change(one: &Modified) -> Change {
    let kind = match (one.old.is_null(), one.new.is_null()) {
        (_, true) => ChangeKind::Remove,
        (true, false) => ChangeKind::Add,
        (false, false) => ChangeKind::Replace,
    };
    let has_filter = TargetPath::parse(&one.name).is_ok_and(|path| !path.filter.is_empty());
    Change {
        target: one.name.clone(),
        kind,
        before: one.old.clone(),
        after: one.new.clone(),
        is_new_element: one.old.is_null() && has_filter,
    }
}

/// Keeps what was taken back, and logs it.
async fn settle(
    work: &Work,
    planned: &PlannedObject,
    intent: &Intent,
    stored: StoredLink,
    result: &Result<(), String>,
    was_unsure: bool,
) {
    let mut link = stored.link.clone();
    let is_deleted = intent.action == ActionKind::Delete && result.is_ok();
    match result {
        Ok(()) => {
            link.unsure = was_unsure;
            let members = members(work, planned);
            let attributes = intent.changes.iter().filter(|one| members.as_deref() != Some(one.name.as_str()));
            let mut known = std::mem::take(&mut link.written);
            for one in attributes {
                known.set(&one.name, one.new.clone());
            }
            link.has(known);
        }
        Err(_) => link.unsure = true,
    }
    if intent.action != ActionKind::Delete && link.standing == Standing::Disabled {
        link.standing = Standing::Entitled;
    }
    let status = if result.is_ok() { Status::Success } else { Status::Failure };
    let identity = |id: Option<String>, system: &str| Identity {
        id,
        of: planned.of,
        name: planned.name.clone(),
        system: system.to_owned(),
    };
    let action = Action {
        app: work.setting.id,
        cycle: work.id,
        at: work.port.now(),
        duration_ms: 0,
        action: intent.action,
        status,
        error: result.as_ref().err().map(|why| ActionError {
            code: "UndoFailed".to_owned(),
            reason: why.clone(),
            next_attempt: None,
        }),
        source: identity(Some(planned.id.to_string()), &work.setting.source_name),
        target: identity(intent.target.clone(), &work.setting.app.name),
        steps: vec![Step {
            name: "Undo".to_owned(),
            kind: StepKind::Export,
            status,
            description: format!("'{}' was set back at the target to what it was before a cycle", planned.name),
            details: BTreeMap::new(),
        }],
        modified: if result.is_ok() { intent.changes.clone() } else { Vec::new() },
    };
    let after = (!is_deleted).then_some(link);
    let number = work.next_number();
    work.commit(Commit { links: vec![(Some(stored), after)], actions: vec![(number, Arc::new(action))], job: None })
        .await;
}
