//! Whether an object shall be at the target: active, assigned, with a role where roles count, within the scoping filters.

use crate::{
    CompiledObjects, ScopeMode, SourceObject,
    check::{CompiledClause, CompiledGroup, Question},
};
use provost_expression::Value;
use serde_json::{Map, Value as Json};

/// Whether an object shall be at the target, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitlement {
    /// Whether it is there and may sign in.
    pub is_active: bool,
    /// Whether it is assigned to the app; always true where all are in scope.
    pub is_assigned: bool,
    /// Whether one of its assignments counts: Default Access does not where the app has roles.
    pub has_role: bool,
    /// Whether one of the scoping filters holds, or there is none.
    pub passes_filters: bool,
    /// What each clause gave, under the name that the log shows: `Sales in NY.department EQUALS 'Sales'`.
    pub clauses: Vec<(String, bool)>,
}

impl Entitlement {
    /// Why it is not to be at the target, in a clause; `None` where it is.
    pub fn why_not(&self) -> Option<&'static str> {
        match self {
            Self { is_active: false, .. } => Some("it is blocked or lies in the bin"),
            Self { is_assigned: false, .. } => Some("it is not assigned to the app"),
            Self { has_role: false, .. } => Some("it has Default Access, which does not count where the app has roles"),
            Self { passes_filters: false, .. } => Some("none of the scoping filters holds"),
            Self { .. } => None,
        }
    }

    /// Whether it shall be at the target. `IsSoftDeleted` is the opposite.
    pub fn is_entitled(&self) -> bool {
        self.is_active && self.is_in_scope()
    }

    /// Whether it is assigned with a role that counts, and within the filters: what leaving the scope is about.
    pub fn is_in_scope(&self) -> bool {
        self.is_assigned && self.has_role && self.passes_filters
    }

    /// `ScopeEvaluationResult` of the provisioning log: JSON text, `{}` without filters.
    pub fn scope_evaluation_result(&self) -> String {
        let clauses = self.clauses.iter().map(|(name, holds)| (name.clone(), Json::from(*holds)));
        Json::Object(clauses.collect::<Map<_, _>>()).to_string()
    }
}

impl CompiledObjects {
    /// Judges an object. `app_has_roles` says whether the app offers a role that is enabled and that users or groups can hold.
    ///
    /// # Errors
    /// When a pattern of a filter gives no answer, because the value is too long for it. That is no reason to take the object away:
    /// it is left as it is, and the sentence goes to the log.
    pub fn entitlement(&self, object: &SourceObject, app_has_roles: bool) -> Result<Entitlement, String> {
        let (is_assigned, has_role) = match self.scope {
            ScopeMode::All => (true, true),
            ScopeMode::Assigned => {
                let has_role = !app_has_roles || object.assigned.iter().any(|assigned| assigned.role.is_some());
                (!object.assigned.is_empty(), has_role)
            }
        };
        let mut clauses = Vec::new();
        let mut passes_filters = self.filters.is_empty();
        for group in &self.filters {
            passes_filters |= group_holds(group, object, &mut clauses)?;
        }
        Ok(Entitlement { is_active: object.is_active(), is_assigned, has_role, passes_filters, clauses })
    }
}

fn group_holds(
    group: &CompiledGroup,
    object: &SourceObject,
    clauses: &mut Vec<(String, bool)>,
) -> Result<bool, String> {
    let mut all = true;
    for clause in &group.clauses {
        let name = format!("{}.{}", group.name, clause.shown);
        let holds = clause_holds(clause, object)
            .map_err(|problem| format!("the scoping filter `{name}` gave no answer: {problem}"))?;
        all &= holds;
        clauses.push((name, holds));
    }
    Ok(all)
}

fn clause_holds(clause: &CompiledClause, object: &SourceObject) -> Result<bool, String> {
    // `IsSoftDeleted` cannot be asked, so what it is does not matter here.
    let value = object.value(&clause.attribute, false);
    let text = value.text().filter(|text| !text.is_empty());
    let Some(text) = text else { return Ok(matches!(clause.question, Question::IsNull)) };
    let number = || text.trim().parse::<i64>().ok();
    let found = |pattern: &provost_expression::Pattern| pattern.is_match(&text).map_err(|error| error.to_string());
    Ok(match &clause.question {
        Question::Equals(wanted) => text == *wanted,
        Question::NotEquals(wanted) => text != *wanted,
        Question::IsTrue => value == Value::Boolean(true),
        Question::IsFalse => value == Value::Boolean(false),
        Question::IsNull => false,
        Question::IsNotNull => true,
        Question::Matches(pattern) => found(pattern)?,
        Question::MatchesNot(pattern) => !found(pattern)?,
        Question::Greater(than) => number().is_some_and(|number| number > *than),
        Question::AtLeast(than) => number().is_some_and(|number| number >= *than),
        Question::Includes(part) => text.contains(part.as_str()),
        Question::EndsWith(end) => text.ends_with(end.as_str()),
        Question::HasBits(bits) => number().is_some_and(|number| number & bits != 0),
        Question::HasNoBits(bits) => number().is_some_and(|number| number & bits == 0),
    })
}
