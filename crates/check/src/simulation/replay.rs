//! Saying again what was recorded.

use super::{
    compare::differences,
    recording::{Body, Recorded, Recording},
    report::{ActReport, Report, StepReport},
    run::{Control, Event, PATIENCE, Plan, Tell, finished, millis, untimed},
    substitute::Names,
};
use crate::{
    Fault, Reply, Target,
    script::{Bench, Exchange, Finding, Gate, Heard, Level, Outcome, Server, ServerError},
};
use std::{sync::Arc, time::Instant};

/// What an answer of 429 was waited for with; it is not said again.
const THROTTLED: u16 = 429;

/// Sends the requests of a recording, with names of its own and the ids that the server gives this time, and compares the answers with
/// those that were recorded. What was made is removed, unless the plan keeps it; its variables say nothing here.
///
/// # Errors
/// What makes it impossible. What is otherwise is in the report: a status or a value that differs has failed.
pub async fn replay(
    target: Target,
    recording: &Recording,
    plan: &Plan,
    tell: &Tell<'_>,
    control: Control,
) -> Result<Report, ServerError> {
    let began = Instant::now();
    let target = Arc::new(target);
    let listener = |said: &Heard<'_>| match said {
        Heard::Throttled(wait) => tell(Event::Throttled(*wait)),
        Heard::Exchange { shown, .. } => tell(Event::Exchange(shown)),
    };
    let mut bench = Bench::new(Arc::clone(&target), control.stop);
    Server::look(&mut bench.connection, &target).await?;
    bench.gate = Gate::new(plan.delay, control.allowed);
    bench.patience = PATIENCE;
    bench.listener = Some(&listener);
    let mut names = Names::new(recording, target.url(), &plan.prefix, &plan.domain);
    let mut acts: Vec<ActReport> = Vec::new();
    for recorded in recording.exchanges.iter().filter(|exchange| exchange.status != THROTTLED) {
        if acts.last().is_none_or(|act| act.title != recorded.act) {
            tell(Event::Act { title: &recorded.act, why_not: None });
            acts.push(ActReport { title: recorded.act.clone(), steps: Vec::new() });
        }
        let steps = acts.last_mut().map(|act| &mut act.steps).expect("there is one by now");
        let number = steps.len() + 1;
        steps.push(again(number, recorded, &mut names, &mut bench, tell).await);
    }
    bench.listener = None;
    let report = Report {
        scenario: recording.scenario.clone(),
        replayed: true,
        acts,
        ..Report::new(&recording.client, target.url())
    };
    Ok(finished(bench, plan, began, tell, report).await)
}

/// Sends one request again.
async fn again(
    number: usize,
    recorded: &Recorded,
    names: &mut Names,
    bench: &mut Bench<'_>,
    tell: &Tell<'_>,
) -> StepReport {
    tell(Event::Step { says: &recorded.says });
    let begun = Instant::now();
    let mut report = StepReport {
        says: recorded.says.clone(),
        outcome: Outcome::NotRun,
        why: Some("it was ended before".to_owned()),
        findings: Vec::new(),
        otherwise: None,
        source: None,
        exchanges: Vec::new(),
        duration_ms: 0,
    };
    if !bench.is_stopped() {
        let (findings, exchanges) = exchange(number, recorded, names, bench).await;
        if !bench.is_stopped() {
            (report.outcome, report.why) = (Outcome::of(&findings), None);
            (report.findings, report.exchanges) = (findings, exchanges);
        }
    }
    report.duration_ms = millis(begun.elapsed());
    tell(Event::Done(&report));
    report
}

async fn exchange(
    number: usize,
    recorded: &Recorded,
    names: &mut Names,
    bench: &mut Bench<'_>,
) -> (Vec<Finding>, Vec<Exchange>) {
    let ready = match names.exchange(recorded).ready() {
        Ok(ready) => ready,
        Err(why) => return (vec![Finding { level: Level::Must, step: number, what: why }], Vec::new()),
    };
    let answer = bench.exchange(number, &ready).await;
    let came = answer.as_ref().ok().and_then(|reply| Body::of(&bench.target, &reply.body));
    if let (Some(Body::Json(old)), Some(Body::Json(new))) = (&recorded.came, &came) {
        names.learn(old, new);
    }
    // The answer may hold an id that has just been given.
    let mut findings = told(number, &names.exchange(recorded), &answer, came.as_ref());
    let exchanges = std::mem::take(&mut bench.exchanges);
    findings.extend(untimed(number, &exchanges));
    (findings, exchanges)
}

fn told(step: usize, wanted: &Recorded, answer: &Result<Reply, Fault>, came: Option<&Body>) -> Vec<Finding> {
    let finding = |(level, what): (Level, String)| Finding { level, step, what };
    match answer {
        Ok(reply) => differences(wanted, reply.status, came).into_iter().map(finding).collect(),
        Err(_) if wanted.status == 0 => Vec::new(),
        Err(fault) => {
            let what = format!("the status was {}, and there is no answer: {fault}", wanted.status);
            vec![finding((Level::Must, what))]
        }
    }
}
