//! Cases as they are written: TOML, one table `[[case]]` each.

use crate::script::{Feature, Level, Need, Step, StepText};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};

/// Most steps of a case.
const STEPS_MAX: usize = 40;

/// Who asks for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// RFC 7643, 7644 and 9865.
    Rfc,
    /// The provisioning service of Microsoft Entra ID, and its validator.
    Entra,
    /// Okta's provisioning.
    Okta,
}

/// One requirement, and how it is tried.
#[derive(Clone, Debug)]
pub struct Case {
    /// Names it for ever: `create-answers-201`.
    pub id: String,
    /// What the cases of its file are about.
    pub chapter: String,
    /// What must hold, in one line.
    pub title: String,
    /// Who asks for it.
    pub profiles: Vec<Profile>,
    /// How much.
    pub level: Level,
    /// Where it is written: `RFC 7644 §3.3`.
    pub source: String,
    /// Lines of the SCIM checklist (`docs/conformance.md`) that it tries.
    pub lines: Vec<String>,
    /// What is written there, in our words.
    pub says: String,
    /// What to change when it does not hold.
    pub change: String,
    /// What the server must offer for it to be tried.
    pub(super) needs: Vec<Need>,
    /// What is done, in order.
    pub(super) steps: Vec<Step>,
}

/// Why a file of cases cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {why}", .case.as_ref().map(|id| format!(", case `{id}`")).unwrap_or_default())]
pub struct CaseError {
    /// The file's name.
    pub file: String,
    /// The case, where it is one's.
    pub case: Option<String>,
    /// What is wrong, as one sentence.
    pub why: String,
}

/// A file of cases as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    chapter: String,
    profiles: Vec<Profile>,
    #[serde(default, rename = "case")]
    cases: Vec<CaseText>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseText {
    id: String,
    title: String,
    profiles: Option<Vec<Profile>>,
    level: Level,
    source: String,
    #[serde(default)]
    lines: Vec<String>,
    says: String,
    change: String,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(rename = "step")]
    steps: Vec<StepText>,
}

impl Case {
    /// The cases of a file.
    ///
    /// # Errors
    /// The first thing that is wrong, with the case it is wrong in.
    pub fn read(file: &str, text: &str) -> Result<Vec<Self>, CaseError> {
        let wrong =
            |case: Option<&str>, why: String| CaseError { file: file.to_owned(), case: case.map(str::to_owned), why };
        let read: FileText = toml::from_str(text).map_err(|error| wrong(None, error.to_string()))?;
        let (chapter, profiles) = (read.chapter, read.profiles);
        let cases = read.cases.into_iter().map(|case| {
            let id = case.id.clone();
            Self::of(case, &chapter, &profiles).map_err(|why| wrong(Some(&id), why))
        });
        cases.collect()
    }

    fn of(text: CaseText, chapter: &str, profiles: &[Profile]) -> Result<Self, String> {
        let is_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if text.id.is_empty() || !text.id.bytes().all(is_id) {
            return Err("an id has small letters, digits and hyphens".to_owned());
        }
        if text.steps.is_empty() || text.steps.len() > STEPS_MAX {
            return Err(format!("a case has 1 to {STEPS_MAX} steps"));
        }
        if let Some(empty) =
            [&text.title, &text.source, &text.says, &text.change].into_iter().find(|one| one.is_empty())
        {
            return Err(format!("title, source, says and change are sentences, not `{empty}`"));
        }
        let needs = text.needs.iter().map(|need| need.parse()).collect::<Result<Vec<Need>, String>>()?;
        let mut known = BTreeSet::new();
        let mut steps = Vec::with_capacity(text.steps.len());
        for (number, step) in text.steps.into_iter().enumerate() {
            let step = Step::of(step, text.level, &mut known).map_err(|why| format!("step {}: {why}", number + 1))?;
            steps.push(step);
        }
        Ok(Self {
            id: text.id,
            chapter: chapter.to_owned(),
            title: text.title,
            profiles: text.profiles.unwrap_or_else(|| profiles.to_vec()),
            level: text.level,
            source: text.source,
            lines: text.lines,
            says: text.says,
            change: text.change,
            needs,
            steps,
        })
    }

    /// Whether it may change something on the server.
    pub fn writes(&self) -> bool {
        self.steps.iter().any(Step::writes)
    }

    /// What it needs of the server, in words of the case's file.
    pub fn needs(&self) -> Vec<String> {
        self.needs.iter().map(ToString::to_string).collect()
    }

    /// What of its needs the features do not give.
    pub(super) fn lacks<'a>(&'a self, has: &dyn Fn(&Feature) -> bool) -> Option<&'a Need> {
        self.needs.iter().find(|need| has(&need.feature) != need.wanted)
    }
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rfc, Self::Entra, Self::Okta];

    /// As it is written on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rfc => "rfc",
            Self::Entra => "entra",
            Self::Okta => "okta",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|profile| profile.name() == text);
        found.ok_or_else(|| format!("`{text}` is no profile: there are rfc, entra and okta"))
    }
}
