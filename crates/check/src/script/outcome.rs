//! What came of a step, a case or a run.

use serde::{Deserialize, Serialize};

/// How much the standard, or the client, insists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// MUST, SHALL, REQUIRED: what is not met has failed.
    Must,
    /// SHOULD, RECOMMENDED: what is not met is a warning.
    Should,
    /// MAY, OPTIONAL, or left open: what is otherwise is told.
    May,
}

/// How many cases or steps came to what.
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

/// What came of a case or a step, in one word.
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
    /// How long it took.
    pub duration_ms: u64,
}

impl Level {
    /// The key word of RFC 2119.
    pub fn word(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        }
    }
}

impl Counts {
    /// Counts outcomes.
    pub fn of(outcomes: &[Outcome]) -> Self {
        let count = |outcome| outcomes.iter().filter(|one| **one == outcome).count();
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
