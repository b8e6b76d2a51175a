//! A run: cases on a server, one after the other.

use super::{
    case::{Case, Profile},
    outcome::{CaseReport, Report, SHAPE},
    trial,
};
use crate::{
    Target,
    script::{Bench, Counts, Outcome, Server, ServerError, State},
};
use serde_json::json;
use std::{sync::Arc, time::Instant};
use tokio::sync::watch;

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Who is asked for.
    pub profiles: Vec<Profile>,
    /// Only the cases with these ids, where there are any.
    pub only: Vec<String>,
    /// Nothing is written.
    pub read_only: bool,
    /// What the names of everything that is made begin with.
    pub prefix: String,
    /// The domain of addresses that users get.
    pub domain: String,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Cases that are done.
    pub done: usize,
    /// Cases that there are.
    pub of: usize,
    /// The one that begins.
    pub case: String,
    /// How many did not hold so far, warnings included.
    pub findings: usize,
}

/// Who is told how far it is, before each case.
pub type Tell<'a> = dyn Fn(Progress) + Sync + 'a;

/// Why nothing could be tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// The server cannot be tried.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// A case is wanted that there is not.
    #[error("there is no case `{0}` in these profiles: `--list` shows those that there are")]
    NoCase(String),
}

/// Tries the cases that the plan wants. When `stop` becomes true it ends early: what was made is removed and the report says what was
/// not run.
///
/// # Errors
/// What makes trying impossible. What a case finds is in the report.
pub async fn run(
    target: Target,
    cases: &[Case],
    plan: &Plan,
    tell: &Tell<'_>,
    stop: watch::Receiver<bool>,
) -> Result<Report, CheckError> {
    let began = Instant::now();
    let wanted = wanted(cases, plan)?;
    let target = Arc::new(target);
    let mut bench = Bench::new(Arc::clone(&target), stop.clone());
    let server = Server::look(&mut bench.connection, &target).await?;
    let mut reports = Vec::with_capacity(wanted.len());
    for (number, case) in wanted.iter().enumerate() {
        let findings = reports.iter().filter(|one: &&CaseReport| !one.findings.is_empty()).count();
        tell(Progress { done: number, of: wanted.len(), case: case.id.clone(), findings });
        let begins = Instant::now();
        // Not within the match: what is borrowed there stays locked until the case is done, and nobody could end it.
        let is_stopped = *stop.borrow();
        let mut report = match skipped(case, plan, &server, is_stopped) {
            Some(skipped) => skipped,
            None => trial::run(case, state(plan, &server, &target, number), &mut bench).await,
        };
        report.duration_ms = millis(begins);
        reports.push(report);
    }
    if !plan.read_only {
        bench.trail.sweep(&mut bench.connection, &plan.prefix).await;
    }
    Ok(Report {
        shape: SHAPE,
        url: target.url().to_owned(),
        profiles: plan.profiles.clone(),
        read_only: plan.read_only,
        ended_early: *stop.borrow(),
        duration_ms: millis(began),
        requests: bench.requests,
        counts: Counts::of(&reports.iter().map(|report| report.outcome).collect::<Vec<_>>()),
        cases: reports,
        left_behind: bench.trail.left,
    })
}

/// The cases of the plan's profiles, or of them those that it names.
fn wanted<'a>(cases: &'a [Case], plan: &Plan) -> Result<Vec<&'a Case>, CheckError> {
    let is_asked = |case: &&Case| case.profiles.iter().any(|profile| plan.profiles.contains(profile));
    let asked: Vec<&Case> = cases.iter().filter(is_asked).collect();
    if let Some(missing) = plan.only.iter().find(|id| !asked.iter().any(|case| case.id == **id)) {
        return Err(CheckError::NoCase(missing.clone()));
    }
    Ok(asked.into_iter().filter(|case| plan.only.is_empty() || plan.only.contains(&case.id)).collect())
}

fn skipped(case: &Case, plan: &Plan, server: &Server, is_stopped: bool) -> Option<CaseReport> {
    let report = |outcome, why: &str| Some(CaseReport::of(case, outcome, Some(why.to_owned())));
    if is_stopped {
        return report(Outcome::NotRun, "it was ended before");
    }
    if let Some(need) = case.lacks(&|feature| server.has(feature)) {
        return report(Outcome::NotOffered, &Server::why(need));
    }
    if plan.read_only && case.writes() {
        return report(Outcome::NotRun, "it writes, and `--read-only` was asked for");
    }
    None
}

fn state(plan: &Plan, server: &Server, target: &Target, number: usize) -> State {
    let mut state = State::new(&format!("{}{number:03}", plan.prefix), &plan.domain, target.url());
    for name in ["bulk.maxOperations", "bulk.maxPayloadSize", "filter.maxResults"] {
        if let Some(value) = server.number(name) {
            state.set(name, json!(value));
        }
    }
    if let Some(max) = server.number("bulk.maxOperations") {
        state.set("bulk.over", json!(max.saturating_add(1)));
    }
    state
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
