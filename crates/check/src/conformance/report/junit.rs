//! A report for continuous integration.

use super::{source, wrong};
use crate::{
    conformance::outcome::{CaseReport, Report},
    xml::{self, Suite, Test},
};

/// JUnit XML. A chapter is a suite.
pub fn junit(report: &Report) -> String {
    let mut suites: Vec<Suite<'_>> = Vec::new();
    for case in &report.cases {
        match suites.iter_mut().find(|suite| suite.name == case.chapter) {
            Some(suite) => suite.tests.push(test(case)),
            None => suites.push(Suite { name: &case.chapter, tests: vec![test(case)] }),
        }
    }
    xml::junit("provost check", &suites)
}

fn test(case: &CaseReport) -> Test {
    let told = wrong(case);
    Test {
        name: format!("{}: {}", case.id, case.title),
        outcome: case.outcome,
        level: case.level,
        message: told.first().cloned().unwrap_or_default(),
        whole: format!("{}\n{} ({})\nchange: {}", told.join("\n"), case.says, source(case), case.change),
        duration_ms: case.duration_ms,
    }
}
