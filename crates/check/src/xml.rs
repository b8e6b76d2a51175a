//! What reports in XML and HTML are made of.

use crate::script::{Level, Outcome};

/// Tests that belong together.
#[derive(Clone, Debug)]
pub struct Suite<'a> {
    pub name: &'a str,
    pub tests: Vec<Test>,
}

/// A test, as those who read JUnit files know it.
#[derive(Clone, Debug)]
pub struct Test {
    pub name: String,
    pub outcome: Outcome,
    /// Nothing known of a MUST is an error, of the rest it is skipped.
    pub level: Level,
    /// What is wrong, or why nothing came of it, in one line.
    pub message: String,
    /// The same with everything else that helps.
    pub whole: String,
    pub duration_ms: u64,
}

/// JUnit XML. A MUST that does not hold is a failure, what could not be tried an error; a warning passes and says so in its output; what is
/// not offered or not run is skipped, with the reason.
pub fn junit(name: &str, suites: &[Suite<'_>]) -> String {
    let all: Vec<&Test> = suites.iter().flat_map(|suite| &suite.tests).collect();
    let text: String = suites.iter().map(suite).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" {}>\n{text}</testsuites>\n",
        escaped(name),
        counts(&all)
    )
}

fn counts(tests: &[&Test]) -> String {
    let count = |is_meant: fn(&&&Test) -> bool| tests.iter().filter(is_meant).count();
    let failures = count(|test| test.outcome == Outcome::Failed);
    let errors = count(|test| test.is_error());
    let skipped = count(|test| test.is_skipped());
    let seconds = seconds(tests.iter().map(|test| test.duration_ms).sum());
    let number = tests.len();
    format!(
        "tests=\"{number}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{seconds:.3}\""
    )
}

fn suite(suite: &Suite<'_>) -> String {
    let name = escaped(suite.name);
    let mut out = format!("  <testsuite name=\"{name}\" {}>\n", counts(&suite.tests.iter().collect::<Vec<_>>()));
    for test in &suite.tests {
        out.push_str(&format!(
            "    <testcase classname=\"{name}\" name=\"{}\" time=\"{:.3}\"",
            escaped(&test.name),
            seconds(test.duration_ms)
        ));
        let inner = test.inner();
        if inner.is_empty() { out.push_str("/>\n") } else { out.push_str(&format!(">\n{inner}    </testcase>\n")) }
    }
    out.push_str("  </testsuite>\n");
    out
}

fn seconds(millis: u64) -> f64 {
    millis as f64 / 1_000.0
}

impl Test {
    fn is_error(&self) -> bool {
        self.outcome == Outcome::Unsettled && self.level == Level::Must
    }

    fn is_skipped(&self) -> bool {
        match self.outcome {
            Outcome::NotOffered | Outcome::NotRun => true,
            Outcome::Unsettled => !self.is_error(),
            Outcome::Passed | Outcome::Failed | Outcome::Warning | Outcome::Information => false,
        }
    }

    fn inner(&self) -> String {
        let (message, whole) = (escaped(&self.message), escaped(&self.whole));
        match self.outcome {
            Outcome::Passed => String::new(),
            Outcome::Failed => format!("      <failure message=\"{message}\">{whole}</failure>\n"),
            Outcome::Unsettled if self.is_error() => format!("      <error message=\"{message}\">{whole}</error>\n"),
            Outcome::NotOffered | Outcome::NotRun | Outcome::Unsettled => {
                format!("      <skipped message=\"{message}\"/>\n")
            }
            Outcome::Warning | Outcome::Information => {
                format!("      <system-out>{}: {whole}</system-out>\n", self.outcome.word())
            }
        }
    }
}

/// Text as it stands in HTML and XML. What neither may hold becomes U+FFFD.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(character),
            _ if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
    out
}
