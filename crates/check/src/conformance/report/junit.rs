//! A report for continuous integration.

use super::{escaped, source, wrong};
use crate::conformance::{
    case::Level,
    outcome::{CaseReport, Outcome, Report},
};

/// JUnit XML. A chapter is a suite. A MUST that does not hold is a failure, a case that could not be tried an error; a warning passes and
/// says so in its output; what is not offered or not run is skipped, with the reason.
pub fn junit(report: &Report) -> String {
    let mut chapters: Vec<&str> = report.cases.iter().map(|case| case.chapter.as_str()).collect();
    chapters.dedup();
    let mut seen = Vec::new();
    let mut suites = String::new();
    for chapter in chapters {
        if !seen.contains(&chapter) {
            seen.push(chapter);
            let cases: Vec<&CaseReport> = report.cases.iter().filter(|case| case.chapter == chapter).collect();
            suites.push_str(&suite(chapter, &cases));
        }
    }
    let cases: Vec<&CaseReport> = report.cases.iter().collect();
    let counts = counts(&cases);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"provost check\" {counts}>\n{suites}</testsuites>\n"
    )
}

fn counts(cases: &[&CaseReport]) -> String {
    let count = |test: fn(&&&CaseReport) -> bool| cases.iter().filter(test).count();
    let failures = count(|case| case.outcome == Outcome::Failed);
    let errors = count(|case| is_error(case));
    let skipped = count(|case| is_skipped(case));
    let seconds = cases.iter().map(|case| case.duration_ms).sum::<u64>() as f64 / 1_000.0;
    format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{seconds:.3}\"",
        cases.len()
    )
}

/// Nothing is known of a MUST.
fn is_error(case: &CaseReport) -> bool {
    case.outcome == Outcome::Unsettled && case.level == Level::Must
}

fn is_skipped(case: &CaseReport) -> bool {
    match case.outcome {
        Outcome::NotOffered | Outcome::NotRun => true,
        Outcome::Unsettled => !is_error(case),
        Outcome::Passed | Outcome::Failed | Outcome::Warning | Outcome::Information => false,
    }
}

fn suite(chapter: &str, cases: &[&CaseReport]) -> String {
    let mut out = format!("  <testsuite name=\"{}\" {}>\n", escaped(chapter), counts(cases));
    for case in cases {
        let seconds = case.duration_ms as f64 / 1_000.0;
        out.push_str(&format!(
            "    <testcase classname=\"{}\" name=\"{}: {}\" time=\"{seconds:.3}\"",
            escaped(chapter),
            escaped(&case.id),
            escaped(&case.title)
        ));
        let inner = inner(case);
        if inner.is_empty() { out.push_str("/>\n") } else { out.push_str(&format!(">\n{inner}    </testcase>\n")) }
    }
    out.push_str("  </testsuite>\n");
    out
}

fn inner(case: &CaseReport) -> String {
    let told = wrong(case);
    let message = escaped(told.first().map(String::as_str).unwrap_or_default());
    let whole = escaped(&format!("{}\n{} ({})\nchange: {}", told.join("\n"), case.says, source(case), case.change));
    match case.outcome {
        Outcome::Passed => String::new(),
        Outcome::Failed => format!("      <failure message=\"{message}\">{whole}</failure>\n"),
        Outcome::Unsettled if is_error(case) => format!("      <error message=\"{message}\">{whole}</error>\n"),
        Outcome::NotOffered | Outcome::NotRun | Outcome::Unsettled => {
            format!("      <skipped message=\"{message}\"/>\n")
        }
        Outcome::Warning | Outcome::Information => {
            format!("      <system-out>{}: {whole}</system-out>\n", case.outcome.word())
        }
    }
}
