//! What came of cases.

use super::case::{Case, Profile};
use crate::script::{Counts, Exchange, Finding, Level, Outcome};
use serde::Serialize;

/// The shape of [`Report`] as JSON; it goes up when a field changes its meaning.
pub const SHAPE: u32 = 1;

/// A whole run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// [`SHAPE`].
    pub shape: u32,
    /// The service, without a token.
    pub url: String,
    /// Who was asked for.
    pub profiles: Vec<Profile>,
    /// Nothing was written.
    pub read_only: bool,
    /// It was ended before its end: the cases that are missing were not run.
    pub ended_early: bool,
    /// How long it took.
    pub duration_ms: u64,
    /// How many requests were sent.
    pub requests: u64,
    /// How many cases came to what.
    pub counts: Counts,
    /// In the order of the catalogue.
    pub cases: Vec<CaseReport>,
    /// What was made and could not be removed: paths below the service, or why it is not known.
    pub left_behind: Vec<String>,
}

/// What came of a case.
#[derive(Clone, Debug, Serialize)]
pub struct CaseReport {
    /// The case's name.
    pub id: String,
    /// What its file is about.
    pub chapter: String,
    /// What must hold.
    pub title: String,
    /// Who asks for it.
    pub profiles: Vec<Profile>,
    /// How much.
    pub level: Level,
    /// Where it is written.
    pub source: String,
    /// Lines of the SCIM checklist.
    pub lines: Vec<String>,
    /// What is written there.
    pub says: String,
    /// What to change when it does not hold.
    pub change: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Why nothing came of it, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What did not hold.
    pub findings: Vec<Finding>,
    /// What was sent and what came, unless all held.
    pub exchanges: Vec<Exchange>,
    /// How long it took.
    pub duration_ms: u64,
}

impl Report {
    /// Whether a MUST did not hold, or could not be tried although it should have been.
    pub fn has_failed(&self) -> bool {
        let is_bad = |case: &CaseReport| {
            case.outcome == Outcome::Failed || (case.outcome == Outcome::Unsettled && case.level == Level::Must)
        };
        self.cases.iter().any(is_bad)
    }

    /// Cases with this outcome, in order.
    pub fn with(&self, outcome: Outcome) -> impl Iterator<Item = &CaseReport> {
        self.cases.iter().filter(move |case| case.outcome == outcome)
    }
}

impl CaseReport {
    /// Of a case of which nothing is known yet.
    pub fn of(case: &Case, outcome: Outcome, why: Option<String>) -> Self {
        Self {
            id: case.id.clone(),
            chapter: case.chapter.clone(),
            title: case.title.clone(),
            profiles: case.profiles.clone(),
            level: case.level,
            source: case.source.clone(),
            lines: case.lines.clone(),
            says: case.says.clone(),
            change: case.change.clone(),
            outcome,
            why,
            findings: Vec::new(),
            exchanges: Vec::new(),
            duration_ms: 0,
        }
    }
}
