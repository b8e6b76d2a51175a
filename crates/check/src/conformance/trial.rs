//! One case on a server.

use super::{case::Case, outcome::CaseReport};
use crate::script::{Bench, End, Outcome, State, Talk};

/// Most exchanges that are shown of a case: the last ones.
const EXCHANGES_MAX: usize = 12;

/// Tries a case and removes what it made.
pub async fn run(case: &Case, state: State, bench: &mut Bench<'_>) -> CaseReport {
    let mut talk = Talk::new(bench, state, Vec::new());
    let mut end = None;
    for (number, step) in case.steps.iter().enumerate() {
        if let Err(why) = talk.step(number + 1, step).await {
            end = Some(why);
            break;
        }
    }
    let (findings, mut exchanges) = talk.take();
    bench.trail.clear(&mut bench.connection).await;
    let outcome = Outcome::of(&findings);
    let (outcome, why) = match end {
        Some(End::Stopped) => (Outcome::NotRun, Some("it was ended before its end".to_owned())),
        Some(End::Unsettled(why)) if findings.is_empty() => (Outcome::Unsettled, Some(why)),
        Some(End::Unsettled(_) | End::Missed) | None => (outcome, None),
    };
    if outcome == Outcome::Passed {
        exchanges.clear();
    }
    exchanges.drain(..exchanges.len().saturating_sub(EXCHANGES_MAX));
    CaseReport { findings, exchanges, ..CaseReport::of(case, outcome, why) }
}
