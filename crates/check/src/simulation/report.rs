//! What came of a life.

use super::scenario::Scene;
use crate::{
    script::{Counts, Exchange, Finding, Level, Outcome},
    xml::{self, Suite, Test},
};
use serde::Serialize;
use serde_json::Value;

/// The shape of [`Report`] as JSON; it goes up when a field changes its meaning.
pub const SHAPE: u32 = 1;
/// What is told again at the end, in this order.
const TOLD: [Outcome; 4] = [Outcome::Failed, Outcome::Unsettled, Outcome::Warning, Outcome::Information];

/// A whole run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// [`SHAPE`].
    pub shape: u32,
    /// Who was played.
    pub client: String,
    /// What happened, in one line.
    pub scenario: String,
    /// The service, without a token.
    pub url: String,
    /// A recording was said again, and the answers are compared with those that are in it.
    pub replayed: bool,
    /// It was ended before its end.
    pub ended_early: bool,
    /// How long it took.
    pub duration_ms: u64,
    /// How many requests were sent.
    pub requests: u64,
    /// How many of them were answered with 429.
    pub throttled: u64,
    /// How long was waited for that.
    pub waited_ms: u64,
    /// How many steps came to what.
    pub counts: Counts,
    /// In the order of the scenario.
    pub acts: Vec<ActReport>,
    /// What the names of everything that was left on the server begin with, where it was to be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
    /// What was made and could not be removed: paths below the service.
    pub left_behind: Vec<String>,
}

/// What came of an act.
#[derive(Clone, Debug, Serialize)]
pub struct ActReport {
    /// What happens in it.
    pub title: String,
    /// In order, without those that others were done instead of.
    pub steps: Vec<StepReport>,
}

/// What came of a step.
#[derive(Clone, Debug, Serialize)]
pub struct StepReport {
    /// What the client does and wants.
    pub says: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Why nothing came of it, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What did not hold.
    pub findings: Vec<Finding>,
    /// What the client does when the server does not do its part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// Where it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What was sent and what came.
    pub exchanges: Vec<Exchange>,
    /// How long it took.
    pub duration_ms: u64,
}

impl Report {
    /// Of a run of which nothing is known yet.
    pub(super) fn new(client: &str, url: &str) -> Self {
        Self { client: client.to_owned(), url: url.to_owned(), ..Self::default() }
    }

    /// Whether something did not hold that must, or could not be tried.
    pub fn has_failed(&self) -> bool {
        self.counts.failed > 0 || self.counts.unsettled > 0
    }

    fn with(&self, outcome: Outcome) -> impl Iterator<Item = (&ActReport, &StepReport)> {
        let steps = self.acts.iter().flat_map(|act| act.steps.iter().map(move |step| (act, step)));
        steps.filter(move |(_, step)| step.outcome == outcome)
    }
}

impl StepReport {
    /// Of a step of which nothing is known yet.
    pub(super) fn of(scene: &Scene, outcome: Outcome, why: Option<String>) -> Self {
        Self {
            says: scene.says.clone(),
            outcome,
            why,
            findings: Vec::new(),
            otherwise: scene.otherwise.clone(),
            source: scene.source.clone(),
            exchanges: Vec::new(),
            duration_ms: 0,
        }
    }

    /// What is wrong, what the client does then and where it is written, a line each. Empty where all held.
    pub fn wrong(&self) -> Vec<String> {
        let findings = self.findings.iter().map(|finding| match finding.level {
            Level::Must => format!("wrong: {}", finding.what),
            Level::Should => format!("should be otherwise: {}", finding.what),
            Level::May => format!("may matter: {}", finding.what),
        });
        let mut lines: Vec<String> = findings.collect();
        match self.outcome {
            Outcome::Failed | Outcome::Warning => {
                lines.extend(self.said());
                lines.extend(self.otherwise.iter().map(|otherwise| format!("then: {otherwise}")));
                lines.extend(self.source.iter().map(|source| format!("written: {source}")));
            }
            Outcome::Unsettled | Outcome::NotRun | Outcome::NotOffered => {
                lines.extend(self.why.iter().map(|why| format!("{}: {why}", self.outcome.word())));
            }
            Outcome::Passed | Outcome::Information => {}
        }
        lines
    }
}

impl StepReport {
    /// What the last answer says to people, where it is an error.
    fn said(&self) -> Option<String> {
        let last = self.exchanges.last().filter(|exchange| exchange.status >= 400)?;
        let body: Value = serde_json::from_str(&last.body).ok()?;
        Some(format!("said: {}", body["detail"].as_str()?))
    }
}

/// What did not hold, once more, and the counts: what somebody reads who did not watch.
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    for outcome in TOLD {
        for (act, step) in report.with(outcome) {
            out.push_str(&format!("\n{}  {}: {}\n", outcome.word().to_uppercase(), act.title, step.says));
            step.wrong().iter().for_each(|line| out.push_str(&format!("  {line}\n")));
        }
    }
    if let Some(prefix) = &report.kept {
        out.push_str(&format!("\nLeft on the server, as asked: everything whose name begins with `{prefix}`\n"));
    }
    if !report.left_behind.is_empty() {
        out.push_str("\nWhat was made and could not be removed; remove it by hand:\n");
        report.left_behind.iter().for_each(|path| out.push_str(&format!("  {path}\n")));
    }
    if report.ended_early {
        out.push_str("\nIt was ended before its end.\n");
    }
    out + &format!("\n{}\n", summary(report))
}

/// `61 steps: 60 held, 1 failed; 75 requests in 1.2 s; 429 came twice, …`.
fn summary(report: &Report) -> String {
    let counts = &report.counts;
    let parts = [
        (counts.passed, "held"),
        (counts.failed, "failed"),
        (counts.unsettled, "could not be done"),
        (counts.warnings, "with a warning"),
        (counts.information, "for information"),
        (counts.not_offered, "not offered"),
        (counts.not_run, "not done"),
    ];
    let steps: usize = parts.iter().map(|(count, _)| count).sum();
    let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    let parts = parts.collect::<Vec<_>>().join(", ");
    let seconds = |ms: u64| ms as f64 / 1_000.0;
    let mut out =
        format!("{steps} steps: {parts}; {} requests in {:.1} s", report.requests, seconds(report.duration_ms));
    if report.throttled > 0 {
        let (times, waited) = (report.throttled, seconds(report.waited_ms));
        out.push_str(&format!("; 429 came {times} times and was waited for, {waited:.1} s in all"));
    }
    out
}

/// JUnit XML. An act is a suite, a step a test.
pub fn junit(report: &Report) -> String {
    let suites: Vec<Suite<'_>> = report
        .acts
        .iter()
        .map(|act| {
            let tests = act.steps.iter().enumerate().map(|(number, step)| test(number + 1, step)).collect();
            Suite { name: &act.title, tests }
        })
        .collect();
    xml::junit(&format!("provost simulate: {}", report.client), &suites)
}

fn test(number: usize, step: &StepReport) -> Test {
    let wrong = step.wrong();
    Test {
        name: format!("{number}: {}", step.says),
        outcome: step.outcome,
        level: Level::Must,
        message: wrong.first().cloned().unwrap_or_default(),
        whole: wrong.join("\n"),
        duration_ms: step.duration_ms,
    }
}
