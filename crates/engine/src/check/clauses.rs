//! Scoping filters: checked, and ready to ask.

use super::{CONSTANT_BYTES_MAX, FILTERS_MAX, NAME_BYTES_MAX, Problems};
use crate::{Clause, FilterGroup, FilterOperator, SourceAttribute, SourceType, source::SourceNames};
use provost_expression::Pattern;

/// A filter that can be asked.
#[derive(Clone, Debug)]
pub(crate) struct CompiledGroup {
    pub name: String,
    pub clauses: Vec<CompiledClause>,
}

/// A clause that can be asked.
#[derive(Clone, Debug)]
pub(crate) struct CompiledClause {
    /// As the log names it: `department EQUALS 'Sales'`.
    pub shown: String,
    pub attribute: SourceAttribute,
    pub question: Question,
}

/// What is asked of a value.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    Equals(String),
    NotEquals(String),
    IsTrue,
    IsFalse,
    IsNull,
    IsNotNull,
    Matches(Box<Pattern>),
    MatchesNot(Box<Pattern>),
    Greater(i64),
    AtLeast(i64),
    Includes(String),
    EndsWith(String),
    HasBits(i64),
    HasNoBits(i64),
}

/// Checks the scoping filters of one kind of object.
pub(crate) fn groups(list: &[FilterGroup], names: &SourceNames<'_>, problems: &mut Problems<'_>) -> Vec<CompiledGroup> {
    let mut compiled: Vec<CompiledGroup> = Vec::with_capacity(list.len());
    if !problems.is_few(list.len(), FILTERS_MAX, "scoping filters") {
        return compiled;
    }
    for (index, group) in list.iter().enumerate() {
        let mut at = problems.element(index);
        if group.name.trim().is_empty() {
            at.member("name").add("a scoping filter needs a name, which the provisioning log shows");
        } else if group.name.len() > NAME_BYTES_MAX {
            at.member("name").add(format!("a name may have {NAME_BYTES_MAX} bytes, and this one has more"));
        } else if compiled.iter().any(|known| known.name == group.name) {
            at.member("name").add("another scoping filter has this name");
        }
        let mut at = at.member("clauses");
        if group.clauses.is_empty() {
            at.add("a scoping filter without clauses holds for everybody; give it one, or remove it");
        }
        if !at.is_few(group.clauses.len(), FILTERS_MAX, "clauses") {
            continue;
        }
        let clauses = group.clauses.iter().enumerate();
        let clauses = clauses.filter_map(|(index, one)| clause(one, names, &mut at.element(index))).collect();
        compiled.push(CompiledGroup { name: group.name.clone(), clauses });
    }
    compiled
}

fn clause(clause: &Clause, names: &SourceNames<'_>, problems: &mut Problems<'_>) -> Option<CompiledClause> {
    let attribute = problems.member("source").take(names.find(&clause.source));
    if let Some(attribute) = &attribute
        && !attribute.is_filterable
    {
        let why =
            "scoping filters do not ask attributes with several values, references, dates, app roles and IsSoftDeleted";
        problems.member("source").add(format!("`{}` cannot be asked: {why}", clause.source));
        return None;
    }
    let is_boolean = attribute.as_ref().is_none_or(|attribute| attribute.kind == SourceType::Boolean);
    if matches!(clause.operator, FilterOperator::IsTrue | FilterOperator::IsFalse) && !is_boolean {
        problems.member("operator").add(format!("`{}` is neither true nor false; use EQUALS", clause.source));
    }
    let question = problems.member("value").take(question(clause))?;
    let operator = clause.operator.as_str();
    let shown = match &clause.value {
        Some(value) => format!("{} {operator} '{value}'", clause.source),
        None => format!("{} {operator}", clause.source),
    };
    Some(CompiledClause { shown, attribute: attribute?, question })
}

fn question(clause: &Clause) -> Result<Question, String> {
    use FilterOperator as Is;
    let operator = clause.operator;
    let text = || {
        let value = clause.value.as_deref().filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| format!("{} needs a value", operator.as_str()))?;
        if value.len() > CONSTANT_BYTES_MAX {
            return Err(format!("a value may have {CONSTANT_BYTES_MAX} bytes, and this one has more"));
        }
        Ok(value.to_owned())
    };
    let number = || {
        let number = text()?.trim().parse().ok().filter(|number: &i64| *number >= 0);
        number.ok_or_else(|| format!("{} compares with a whole number of at least 0", operator.as_str()))
    };
    let pattern = || Pattern::parse(&text()?).map(Box::new).map_err(|problem| format!("in the pattern: {problem}"));
    let none = |question: Question| match &clause.value {
        Some(value) if !value.is_empty() => Err(format!("{} takes no value; leave it out", operator.as_str())),
        Some(_) | None => Ok(question),
    };
    match operator {
        Is::Equals => text().map(Question::Equals),
        Is::NotEquals => text().map(Question::NotEquals),
        Is::IsTrue => none(Question::IsTrue),
        Is::IsFalse => none(Question::IsFalse),
        Is::IsNull => none(Question::IsNull),
        Is::IsNotNull => none(Question::IsNotNull),
        Is::RegexMatch => pattern().map(Question::Matches),
        Is::NotRegexMatch => pattern().map(Question::MatchesNot),
        Is::GreaterThan => number().map(Question::Greater),
        Is::GreaterThanOrEquals => number().map(Question::AtLeast),
        Is::Includes => text().map(Question::Includes),
        Is::EndsWith => text().map(Question::EndsWith),
        Is::HasBits => number().map(Question::HasBits),
        Is::HasNoBits => number().map(Question::HasNoBits),
    }
}

impl FilterOperator {
    /// As Entra spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equals => "EQUALS",
            Self::NotEquals => "NOT EQUALS",
            Self::IsTrue => "IS TRUE",
            Self::IsFalse => "IS FALSE",
            Self::IsNull => "IS NULL",
            Self::IsNotNull => "IS NOT NULL",
            Self::RegexMatch => "REGEX MATCH",
            Self::NotRegexMatch => "NOT REGEX MATCH",
            Self::GreaterThan => "Greater_Than",
            Self::GreaterThanOrEquals => "Greater_Than_OR_EQUALS",
            Self::Includes => "Includes",
            Self::EndsWith => "ENDS_WITH",
            Self::HasBits => "&",
            Self::HasNoBits => "!&",
        }
    }
}
