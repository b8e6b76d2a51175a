//! Checking one row of a mapping before it is saved, and evaluating it for somebody.

use super::{app_of, mappings::MappingRow};
use crate::{
    api::{Answer, asked::InAccount, body::member, named, ok},
    app::{Evaluation, Failure, RowPlace},
};
use axum::body::Body;
use provost_engine::{AttributeFault, Lineage, Objects, Problem};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A row that may be saved, and for whom it is to be evaluated.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct MappingCheck {
    /// `users`, which it is unless said, or `groups`.
    #[serde(default = "users")]
    #[schema(value_type = String)]
    objects: Objects,
    /// The row.
    row: MappingRow,
    /// The target of the row that it takes the place of; absent for one that is added.
    replaces: Option<String>,
    /// For this user or group, by id or name; absent where it is only checked.
    #[serde(rename = "for")]
    of: Option<String>,
}

fn users() -> Objects {
    Objects::Users
}

/// What was found.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct MappingVerdict {
    /// Whether it can be saved.
    valid: bool,
    /// What is wrong.
    problems: Vec<MappingProblem>,
    /// What it gives for whom it was to be evaluated; null where nobody was named, and of a row that is wrong.
    evaluated: Option<EvaluatedRow>,
}

/// Something wrong.
#[derive(Serialize, ToSchema)]
struct MappingProblem {
    /// Which member of the row, or which part of the mapping.
    field: String,
    /// What was found, and what was expected.
    detail: String,
    /// The line of an expression, from 1.
    line: Option<usize>,
    /// The place in the line, from 1, in characters.
    column: Option<usize>,
}

/// What a row gives for one user or group when it is made at the target.
#[derive(Serialize, ToSchema)]
struct EvaluatedRow {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Whether it would be at the target.
    in_scope: bool,
    /// Why a scoping filter gave no answer.
    unanswered: Option<String>,
    /// The calls of the expression in the order in which they ended.
    steps: Vec<CallStep>,
    /// The value; null where there is none.
    #[schema(value_type = Option<Object>)]
    value: Value,
    /// Whether the default stood in.
    is_default: bool,
    /// Why there is no value.
    fault: Option<String>,
}

/// A call of an expression.
#[derive(Serialize, ToSchema)]
struct CallStep {
    /// The function.
    function: &'static str,
    /// How many calls stand around it.
    depth: usize,
    /// Its arguments; null for one that is left out or was not needed.
    arguments: Vec<Option<String>>,
    /// What it gave.
    result: String,
}

impl From<Problem> for MappingProblem {
    fn from(Problem { field, problem, at }: Problem) -> Self {
        Self { field, detail: problem, line: at.map(|at| at.line), column: at.map(|at| at.column) }
    }
}

impl EvaluatedRow {
    fn of((id, name): (String, String), evaluation: Evaluation) -> Self {
        let Evaluation { is_entitled, unanswered, lineage } = evaluation;
        let mut row = Self {
            id,
            name,
            in_scope: is_entitled,
            unanswered,
            steps: Vec::new(),
            value: Value::Null,
            is_default: false,
            fault: None,
        };
        let Some(Lineage { target, steps, is_default, wanted, .. }) = lineage else { return row };
        row.is_default = is_default;
        row.fault = wanted.faults.first().map(|AttributeFault { problem, .. }| problem.clone());
        let reference = wanted.references.first().map(|reference| json!(reference.to));
        let candidates = wanted.candidates.first().map(|candidates| json!(candidates.values));
        let value = wanted.values.get(&target).and_then(|value| serde_json::to_value(value).ok());
        row.value = match wanted.redacted.is_empty() {
            true => value.or(reference).or(candidates).unwrap_or_default(),
            false => json!("[Redact]"),
        };
        row.steps = steps
            .into_iter()
            .map(|step| CallStep {
                function: step.function,
                depth: step.depth,
                arguments: step.arguments,
                result: step.result,
            })
            .collect();
        row
    }
}

pub(in crate::api) async fn check(asked: InAccount, body: Body) -> Answer {
    let id = app_of(&asked).await?.id();
    let MappingCheck { objects, row, replaces, of } = asked.request.json(body).await?;
    let row = row.read().map_err(|problem| member("row", problem))?;
    let (app, account) = (&asked.request.app, asked.account());
    let place = RowPlace { of: objects, replaces };
    let problems = app.check_row(account, id, &place, &row).await?;
    let mut verdict = MappingVerdict { valid: problems.is_empty(), problems: Vec::new(), evaluated: None };
    verdict.problems = problems.into_iter().map(MappingProblem::from).collect();
    if let (true, Some(of)) = (verdict.valid, of.filter(|of| !of.is_empty())) {
        let (object, name) = named(&asked, objects, &of).await?;
        let evaluation = app.evaluate_row(account, id, &place, &row, object).await?;
        verdict.evaluated = Some(EvaluatedRow::of((object.to_string(), name), evaluation));
    }
    ok(&verdict)
}

async fn named(
    asked: &InAccount,
    objects: Objects,
    text: &str,
) -> Result<(provost_change::ResourceId, String), Failure> {
    match objects {
        Objects::Users => {
            let user = named::user(asked, "for", text).await?;
            Ok((user.id(), user.user_name().to_owned()))
        }
        Objects::Groups => {
            let group = named::group(asked, "for", text).await?;
            Ok((group.id(), group.display_name().to_owned()))
        }
    }
}
