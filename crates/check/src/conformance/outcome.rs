//! What came of cases.

use super::case::{Case, Level, Profile};
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

/// How many cases came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All held.
    pub passed: usize,
    /// A MUST did not hold.
    pub failed: usize,
    /// A SHOULD did not hold.
    pub warnings: usize,
    /// A MAY is otherwise.
    pub information: usize,
    /// What they need could not be made, so that nothing is known.
    pub unsettled: usize,
    /// What they need is not offered.
    pub not_offered: usize,
    /// They would have written, or it was ended before.
    pub not_run: usize,
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

/// What came of a case, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All held.
    Passed,
    /// A MUST did not hold.
    Failed,
    /// A SHOULD did not hold.
    Warning,
    /// A MAY is otherwise.
    Information,
    /// What it needs could not be made.
    Unsettled,
    /// What it needs is not offered.
    NotOffered,
    /// It was not tried.
    NotRun,
}

/// Something that did not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// The step, from 1.
    pub step: usize,
    /// What was expected, and what it was instead.
    pub what: String,
}

/// A request and its answer, shortened; the token is left out.
#[derive(Clone, Debug, Serialize)]
pub struct Exchange {
    /// The step, from 1.
    pub step: usize,
    /// `POST /Users`.
    pub request: String,
    /// Headers that are otherwise than usual: `If-Match: W/"1"`.
    pub request_headers: Vec<String>,
    /// What was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_body: Option<String>,
    /// The status; 0 when there was no answer.
    pub status: u16,
    /// Headers that matter to SCIM.
    pub headers: Vec<String>,
    /// What came, or why nothing did.
    pub body: String,
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

impl Counts {
    /// Counts cases.
    pub fn of(cases: &[CaseReport]) -> Self {
        let count = |outcome| cases.iter().filter(|case| case.outcome == outcome).count();
        Self {
            passed: count(Outcome::Passed),
            failed: count(Outcome::Failed),
            warnings: count(Outcome::Warning),
            information: count(Outcome::Information),
            unsettled: count(Outcome::Unsettled),
            not_offered: count(Outcome::NotOffered),
            not_run: count(Outcome::NotRun),
        }
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

impl Outcome {
    /// The outcome of a case with these findings.
    pub fn of(findings: &[Finding]) -> Self {
        match findings.iter().map(|finding| finding.level).min() {
            None => Self::Passed,
            Some(Level::Must) => Self::Failed,
            Some(Level::Should) => Self::Warning,
            Some(Level::May) => Self::Information,
        }
    }

    /// As reports say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Warning => "warning",
            Self::Information => "information",
            Self::Unsettled => "unsettled",
            Self::NotOffered => "not offered",
            Self::NotRun => "not run",
        }
    }
}
