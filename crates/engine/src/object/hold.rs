//! Disables and deletes that wait for somebody, and those that somebody rejected.

use super::finish::SPARED;
use crate::cycle::{Commit, Work};
use crate::{Action, ActionError, ActionKind, Identity, Link, Shared, Status, Step, StepKind, StoredLink};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Logs that a disable or delete waits: it is one of more than the threshold allows.
pub(crate) async fn stay_held(work: &Work, stored: StoredLink, threshold: u32) {
    let mut link = stored.link.clone();
    if let Some(held) = &mut link.held {
        held.logged = Some(work.port.now());
    }
    let why = format!(
        "it is one of more disables and deletes than the accidental-deletion threshold of {threshold} allows: it waits until \
         somebody allows or rejects it"
    );
    let action = action(work, &link, ActionKind::StagedDelete, Status::Skipped, "TooManyDeletes", why);
    settle(work, stored, Some(link), action).await;
}

/// Leaves an object as it is at the target, since somebody rejected its being disabled or removed. What is gone from the source is nobody's
/// there from now on: it will never be entitled again.
pub(crate) async fn spare(work: &Work, stored: StoredLink, is_gone: bool) {
    let mut link = stored.link.clone();
    link.held = None;
    link.escrow = None;
    link.unsure = false;
    link.standing = SPARED;
    let until = if is_gone { "" } else { " until it is entitled again" };
    let why = format!("somebody rejected its being disabled or removed: it is left alone{until}");
    let action = action(work, &link, ActionKind::Other, Status::Skipped, "DeletionRejected", why);
    if is_gone {
        work.state().written.insert(link.source);
    }
    settle(work, stored, (!is_gone).then_some(link), action).await;
}

async fn settle(work: &Work, stored: StoredLink, link: Option<Shared<Link>>, action: Action) {
    let number = work.next_number();
    work.commit(Commit { links: vec![(Some(stored), link)], actions: vec![(number, Arc::new(action))], job: None })
        .await;
}

fn action(work: &Work, link: &Link, kind: ActionKind, status: Status, code: &str, why: String) -> Action {
    let (of, name) = (link.of, link.name.clone());
    let step = Step {
        name: "EntrySynchronizationDelete".to_owned(),
        kind: StepKind::Processing,
        status,
        description: format!("'{name}' was not disabled or deleted: {why}"),
        details: BTreeMap::from([("SkipReason".to_owned(), code.to_owned())]),
    };
    let setting = &work.setting;
    Action {
        app: setting.id,
        cycle: work.id,
        at: work.port.now(),
        duration_ms: 0,
        action: kind,
        status,
        error: Some(ActionError { code: code.to_owned(), reason: why, next_attempt: None }),
        source: Identity {
            id: Some(link.source.to_string()),
            of,
            name: name.clone(),
            system: setting.source_name.clone(),
        },
        target: Identity { id: link.target.clone(), of, name, system: setting.app.name.clone() },
        steps: vec![step],
        modified: Vec::new(),
    }
}
