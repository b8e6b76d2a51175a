//! Attributes that shall have no value, at targets that give them one all the same.

use super::found::{Purpose, answered, json};
use super::visit::Visit;
use crate::{Change, Reply, Role, Roles, RolesForm, TargetName, TargetValue, Values, id_of};

impl Visit<'_> {
    /// What is seen at the target: where it has just what it made of none, none.
    pub(super) fn less_made_of_none(&self, mut seen: Values) -> Values {
        for (name, made) in self.link.made_of_none.iter() {
            if seen.get(name).is_some_and(|value| is_same(value, made)) {
                seen.set(name, none());
            }
        }
        seen
    }

    /// Learns what the target made of none, from what it answered to the request that made the resource.
    pub(super) fn learn_of_creation(&mut self, reply: &Reply) {
        let written = self.link.written.named().filter(|(_, value)| value.says_none());
        let names: Vec<TargetName> = written.map(|(name, _)| name.clone()).collect();
        if !names.is_empty()
            && let Some(seen) = self.answered_with(reply)
        {
            self.learn(&names, &seen);
        }
    }

    /// Learns what the target made of none, from its answer to a change, or by asking it.
    pub(super) async fn learn_of_change(&mut self, reply: &Reply, changes: &[Change], before: &Values) {
        let (emptied, filled): (Vec<&Change>, Vec<&Change>) =
            changes.iter().partition(|change| change.after.says_none());
        for change in filled {
            self.link.made_of_none.remove(&change.target);
        }
        let mut names: Vec<TargetName> = emptied.iter().map(|change| change.target.clone()).collect();
        let Some(target) = self.link.target.clone().filter(|_| !names.is_empty()) else { return };
        let shown = self.answered_with(reply).filter(|seen| names.iter().all(|name| seen.get(name).is_some()));
        let seen = match shown {
            Some(seen) => seen,
            None => {
                for name in &names {
                    self.link.made_of_none.remove(name);
                }
                let Ok(seen) = self.read(&target).await else { return };
                // What is as it was may merely be an old answer, unless the target was told before.
                let is_news = |change: &&&Change| {
                    let was_told = before.get(&change.target).is_some_and(TargetValue::says_none);
                    was_told || seen.get(&change.target).is_none_or(|value| !is_same(value, &change.before))
                };
                names = emptied.iter().filter(is_news).map(|change| change.target.clone()).collect();
                seen
            }
        };
        self.learn(&names, &seen);
    }

    fn learn(&mut self, names: &[TargetName], seen: &Values) {
        for name in names {
            match seen.get(name) {
                Some(TargetValue::Roles(roles)) if !roles.roles.is_empty() => {
                    self.link.made_of_none.set(name, TargetValue::Roles(roles.clone()));
                }
                Some(_) | None => self.link.made_of_none.remove(name),
            }
        }
    }

    /// The linked resource as the answer to a request shows it; only what it names.
    fn answered_with(&self, reply: &Reply) -> Option<Values> {
        let body = answered(reply, Purpose::Write).and_then(json).ok()?;
        if id_of(body).is_none() || id_of(body) != self.link.target {
            return None;
        }
        let names = body.as_object()?;
        let is_named = |name: &str| self.compiled().row(name).is_some_and(|row| names.contains_key(&row.target.name));
        let seen = self.compiled().seen(body);
        Some(
            seen.iter()
                .filter(|(name, _)| is_named(name))
                .map(|(name, value)| (name.to_owned(), value.clone()))
                .collect(),
        )
    }
}

/// No role, asserted.
fn none() -> TargetValue {
    TargetValue::Roles(Roles { roles: Vec::new(), form: RolesForm::Asserted })
}

/// The same roles, in any order.
fn is_same(one: &TargetValue, other: &TargetValue) -> bool {
    let (TargetValue::Roles(one), TargetValue::Roles(other)) = (one, other) else { return false };
    let has = |all: &Roles, role: &Role| all.roles.iter().any(|known| known.value == role.value);
    one.roles.iter().all(|role| has(other, role)) && other.roles.iter().all(|role| has(one, role))
}
