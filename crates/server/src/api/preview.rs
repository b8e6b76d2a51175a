//! Who would be affected by another policy (S-81). Nothing is changed by asking.

use super::{
    Answer,
    asked::InAccount,
    ok,
    policy::{FieldChange, read},
};
use crate::app::Failure;
use axum::body::Body;
use provost_accounts::{
    Configuration, Group, User, account,
    preview::{self, Effect},
};
use provost_change::{Kind, Record, ResourceId};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Users and groups that are read at once.
const CHUNK: u64 = 1_000;
/// Effects that are listed; all are counted.
const EFFECTS_MAX: usize = 1_000;

/// What another policy would mean to the users and groups that are there.
#[derive(Default, Serialize, ToSchema)]
pub(super) struct PolicyPreview {
    /// Users and groups for whom something would be different.
    affected: u64,
    /// Users and groups that were looked at: all of the account.
    examined: u64,
    /// How many effects each policy field has.
    counts: BTreeMap<String, u64>,
    /// The first 1,000 effects: of users, then of groups, each in the order in which they were made.
    effects: Vec<EffectView>,
    /// Whether there are more.
    truncated: bool,
    /// Where the policy differs from the one in force.
    changes: Vec<FieldChange>,
}

/// Something that would be different.
#[derive(Serialize, ToSchema)]
pub(super) struct EffectView {
    /// The id of the user for whom it would; null for a group.
    user: Option<String>,
    /// The user's sign-in name; null for a group.
    user_name: Option<String>,
    /// The id of the group for which it would; null for a user.
    group: Option<String>,
    /// The group's name; null for a user.
    display_name: Option<String>,
    /// The policy field that brings it about.
    field: String,
    /// What would be different, in a sentence.
    effect: String,
}

pub(super) async fn create(asked: InAccount, body: Body) -> Answer {
    let document: Value = asked.request.json(body).await?;
    let policy = read(&document)?;
    let old = &asked.config;
    // What would be refused when it is put in force is refused here.
    let id = ResourceId::new(asked.request.app.new_id());
    account::change_policy(old, &asked.request.caller.call(&asked.request.app), policy.clone(), id)?;
    let new = old.with_policy(policy);
    let mut shown =
        PolicyPreview { changes: FieldChange::between(&old.policy, &new.policy), ..PolicyPreview::default() };
    for kind in [Kind::USER, Kind::GROUP] {
        let mut after = None;
        loop {
            let records = asked.request.app.store().all(old.id, &kind, after, CHUNK).await?;
            let Some(last) = records.last() else { break };
            after = Some(last.id);
            for record in records {
                shown.look_at(old, &new, record)?;
            }
        }
    }
    ok(&shown)
}

impl PolicyPreview {
    fn look_at(&mut self, old: &Configuration, new: &Configuration, record: Record) -> Result<(), Failure> {
        let id = Some(record.id.to_string());
        if record.kind == Kind::USER {
            let user = User::read(old.id, record)?;
            let name = user.user_name().to_owned();
            self.add(preview::effects(old, new, &user), |field, effect| EffectView {
                user: id.clone(),
                user_name: Some(name.clone()),
                group: None,
                display_name: None,
                field,
                effect,
            });
        } else {
            let group = Group::read(old.id, record)?;
            let name = group.display_name().to_owned();
            self.add(preview::group_effects(old, new, &group), |field, effect| EffectView {
                user: None,
                user_name: None,
                group: id.clone(),
                display_name: Some(name.clone()),
                field,
                effect,
            });
        }
        Ok(())
    }

    fn add(&mut self, effects: Vec<Effect>, view: impl Fn(String, String) -> EffectView) {
        self.examined += 1;
        self.affected += u64::from(!effects.is_empty());
        for Effect { field, what } in effects {
            *self.counts.entry(field.clone()).or_default() += 1;
            if self.effects.len() < EFFECTS_MAX {
                self.effects.push(view(field, what));
            } else {
                self.truncated = true;
            }
        }
    }
}
