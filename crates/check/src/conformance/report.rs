//! A report in other forms.

mod html;
mod junit;
mod text;

pub use html::html;
pub use junit::junit;
pub use text::text;

use super::outcome::{CaseReport, Report};
use crate::script::Outcome;

/// What people want to see first, in this order.
const TOLD: [Outcome; 4] = [Outcome::Failed, Outcome::Unsettled, Outcome::Warning, Outcome::Information];

/// `rfc, entra`.
fn profiles(report: &Report) -> String {
    report.profiles.iter().map(|profile| profile.name()).collect::<Vec<_>>().join(", ")
}

/// `214 cases: 200 passed, 3 failed, …`, without what there is none of.
fn summary(report: &Report) -> String {
    let counts = &report.counts;
    let parts = [
        (counts.passed, "passed"),
        (counts.failed, "failed"),
        (counts.unsettled, "unsettled"),
        (counts.warnings, "with a warning"),
        (counts.information, "for information"),
        (counts.not_offered, "not offered"),
        (counts.not_run, "not run"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    format!("{} cases: {}", report.cases.len(), parts.collect::<Vec<_>>().join(", "))
}

/// `RFC 7644 §3.3, MUST; checklist CRE-01`.
fn source(case: &CaseReport) -> String {
    let level = case.level.word();
    if case.lines.is_empty() {
        return format!("{}, {level}", case.source);
    }
    format!("{}, {level}; checklist {}", case.source, case.lines.join(", "))
}

/// What is wrong with a case: its findings, or why nothing came of it.
fn wrong(case: &CaseReport) -> Vec<String> {
    let findings = case.findings.iter().map(|finding| {
        let more = if finding.level == case.level { String::new() } else { format!(" ({})", finding.level.word()) };
        format!("step {}: {}{more}", finding.step, finding.what)
    });
    findings.chain(case.why.clone()).collect()
}
