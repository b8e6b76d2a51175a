//! Scenarios as they are written: TOML, a table `[[act]]` for each act and `[[act.step]]` for each step.

use crate::script::{HeaderTemplates, Level, Need, Step, StepText, headers_of};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Longest scenario, in bytes.
const BYTES_MAX: usize = 1024 * 1024;
/// Most acts, and most steps of one.
const ACTS_MAX: usize = 100;
const STEPS_MAX: usize = 200;
/// Most variables and most headers.
const VARIABLES_MAX: usize = 100;
/// Longest sentence, and longest value of a variable, in characters.
const TEXT_MAX: usize = 500;

/// The life that somebody has at a server, as one client drives it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Who is played: `Microsoft Entra ID`.
    pub client: String,
    /// What happens, in one line.
    pub title: String,
    /// What a reader must know besides.
    pub about: String,
    /// Names and what they stand for where nobody says otherwise.
    pub variables: BTreeMap<String, String>,
    /// What is done, in order.
    pub acts: Vec<Act>,
    pub(super) headers: HeaderTemplates,
}

/// Steps that belong together.
#[derive(Clone, Debug)]
pub struct Act {
    /// What happens.
    pub title: String,
    pub(super) needs: Vec<Need>,
    pub(super) steps: Vec<Scene>,
}

/// A step of a scenario.
#[derive(Clone, Debug)]
pub struct Scene {
    /// What the client does and wants, in one line.
    pub says: String,
    /// What the client does when the server does not do its part.
    pub otherwise: Option<String>,
    /// Where it is written: `RFC 7644 §3.3`.
    pub source: Option<String>,
    pub needs: Vec<Need>,
    /// It is done only when all of these variables have a value that says something.
    pub when: Vec<String>,
    /// It is done only when none of these has one.
    pub unless: Vec<String>,
    pub step: Step,
}

/// Why a scenario cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {why}", .place.as_ref().map(|place| format!(", {place}")).unwrap_or_default())]
pub struct ScenarioError {
    /// The file's name.
    pub file: String,
    /// `act 2, step 3`, where it is one's.
    pub place: Option<String>,
    /// What is wrong, as one sentence.
    pub why: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenarioText {
    client: String,
    title: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(rename = "act", default)]
    acts: Vec<ActText>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActText {
    title: String,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(rename = "step", default)]
    steps: Vec<toml::Table>,
}

/// What a step of a scenario has besides what every step has.
#[derive(Debug, Deserialize)]
struct SceneText {
    says: String,
    otherwise: Option<String>,
    source: Option<String>,
    #[serde(default)]
    needs: Vec<String>,
    when: Option<Names>,
    unless: Option<Names>,
}

/// One name, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Several(Vec<String>),
}

/// The names of the fields of [`SceneText`].
const SCENE: [&str; 6] = ["says", "otherwise", "source", "needs", "when", "unless"];

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// The first thing that is wrong, with the place it is wrong in.
    pub fn read(file: &str, text: &str) -> Result<Self, ScenarioError> {
        let wrong = |place: Option<String>, why: String| ScenarioError { file: file.to_owned(), place, why };
        if text.len() > BYTES_MAX {
            return Err(wrong(None, format!("a scenario has at most {} KiB", BYTES_MAX / 1024)));
        }
        let read: ScenarioText = toml::from_str(text).map_err(|error| wrong(None, error.to_string()))?;
        let headers = read.whole().map_err(|why| wrong(None, why))?;
        let mut known: BTreeSet<String> = read.variables.keys().cloned().collect();
        let mut acts = Vec::with_capacity(read.acts.len());
        for (number, act) in read.acts.into_iter().enumerate() {
            let act = Act::of(act, &mut known).map_err(|(step, why)| {
                let step = step.map(|step| format!(", step {step}")).unwrap_or_default();
                wrong(Some(format!("act {}{step}", number + 1)), why)
            })?;
            acts.push(act);
        }
        let (client, title, about, variables) = (read.client, read.title, read.about, read.variables);
        Ok(Self { client, title, about, variables, acts, headers })
    }

    /// How many steps there are.
    pub fn steps(&self) -> usize {
        self.acts.iter().map(|act| act.steps.len()).sum()
    }
}

impl ScenarioText {
    /// The headers, where everything but the acts is sound.
    fn whole(&self) -> Result<HeaderTemplates, String> {
        sentence("client", &self.client)?;
        sentence("title", &self.title)?;
        if self.acts.is_empty() || self.acts.len() > ACTS_MAX {
            return Err(format!("a scenario has 1 to {ACTS_MAX} acts"));
        }
        if self.variables.len() > VARIABLES_MAX || self.headers.len() > VARIABLES_MAX {
            return Err(format!("a scenario has at most {VARIABLES_MAX} variables, and as many headers"));
        }
        for (name, value) in &self.variables {
            let is_plain = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
            if name.is_empty() || !name.chars().all(is_plain) {
                return Err(format!("`{name}` is no variable: its name has letters, digits, dots and hyphens"));
            }
            if value.chars().count() > TEXT_MAX {
                return Err(format!("the variable `{name}` has more than {TEXT_MAX} characters"));
            }
        }
        headers_of(&self.headers)
    }
}

impl Act {
    /// Reads an act; an error says in which step it is, from 1.
    fn of(text: ActText, known: &mut BTreeSet<String>) -> Result<Self, (Option<usize>, String)> {
        let here = |why: String| (None, why);
        sentence("title", &text.title).map_err(here)?;
        if text.steps.is_empty() || text.steps.len() > STEPS_MAX {
            return Err(here(format!("an act has 1 to {STEPS_MAX} steps")));
        }
        let needs = needs(&text.needs).map_err(here)?;
        let steps = text
            .steps
            .into_iter()
            .enumerate()
            .map(|(number, step)| Scene::of(step, known).map_err(|why| (Some(number + 1), why)));
        Ok(Self { title: text.title, needs, steps: steps.collect::<Result<_, _>>()? })
    }
}

impl Scene {
    fn of(mut text: toml::Table, known: &mut BTreeSet<String>) -> Result<Self, String> {
        let own: toml::Table = SCENE.iter().filter_map(|name| text.remove_entry(*name)).collect();
        let own: SceneText = own.try_into().map_err(|error: toml::de::Error| told(&error))?;
        let step: StepText = text.try_into().map_err(|error: toml::de::Error| told(&error))?;
        sentence("says", &own.says)?;
        for (name, value) in [("otherwise", &own.otherwise), ("source", &own.source)] {
            value.iter().try_for_each(|value| sentence(name, value))?;
        }
        let [when, unless] = [own.when, own.unless].map(|names| names.map(Names::all).unwrap_or_default());
        for name in when.iter().chain(&unless) {
            if !known.contains(name) {
                return Err(format!(
                    "`{name}` is neither a variable of the scenario nor kept or found by a step before"
                ));
            }
        }
        let step = Step::of(step, Level::Must, known)?;
        let needs = needs(&own.needs)?;
        let (says, otherwise, source) = (own.says, own.otherwise, own.source);
        Ok(Self { says, otherwise, source, needs, when, unless, step })
    }

    /// Whether it may be done, as far as variables say.
    pub fn is_on(&self, says: impl Fn(&str) -> bool) -> bool {
        self.when.iter().all(|name| says(name)) && !self.unless.iter().any(|name| says(name))
    }
}

impl Names {
    fn all(self) -> Vec<String> {
        match self {
            Self::One(name) => vec![name],
            Self::Several(names) => names,
        }
    }
}

fn needs(written: &[String]) -> Result<Vec<Need>, String> {
    written.iter().map(|need| need.parse()).collect()
}

fn sentence(name: &str, text: &str) -> Result<(), String> {
    if text.trim().is_empty() || text.chars().count() > TEXT_MAX || text.contains('\n') {
        return Err(format!("`{name}` is one line of at most {TEXT_MAX} characters"));
    }
    Ok(())
}

/// In one line, without the line of the file, which a part of it does not know.
fn told(error: &toml::de::Error) -> String {
    error.message().replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::{BYTES_MAX, Scenario};
    use expect_test::{Expect, expect};

    const HEAD: &str = "client = 'Us'\ntitle = 'A life'\n";
    const STEP: &str = "[[act.step]]\nsays = 'We ask'\nsend = 'GET /Users'\n";

    /// What is wrong with each scenario, or how many steps it has.
    #[track_caller]
    fn check(texts: &[&str], expected: Expect) {
        let told = texts.iter().map(|text| match Scenario::read("mine.toml", text) {
            Ok(scenario) => format!("{} steps\n", scenario.steps()),
            // Of a fault of TOML, the line is enough.
            Err(error) => {
                format!(
                    "{}\n",
                    error.to_string().lines().next().unwrap_or_default().chars().take(120).collect::<String>()
                )
            }
        });
        expected.assert_eq(&told.collect::<String>());
    }

    /// A scenario with these lines behind its head.
    fn with(lines: &str) -> String {
        format!("{HEAD}{lines}")
    }

    /// A scenario whose one step has these lines besides.
    fn step(lines: &str) -> String {
        with(&format!("[variables]\nrole = 'x'\n[[act]]\ntitle = 'Act'\n{STEP}{lines}\n"))
    }

    #[test]
    fn a_scenario_is_acts_of_steps() {
        check(
            &[
                &with(&format!(
                    "[[act]]\ntitle = 'Act'\n{STEP}{STEP}[[act]]\ntitle = 'Act'\nneeds = ['groups']\n{STEP}"
                )),
                &step("when = 'role'\nunless = ['role']\nneeds = ['User.title']\notherwise = 'Then'\nsource = 'RFC'"),
                &step(
                    "until = ['/totalResults is 1']\ntries = 3\nevery_ms = 10\nfind = { a = '/x' }\nkeep = { b = '/y' }",
                ),
                &step("repeat = 3\nheaders = { if-match = '${role}' }"),
            ],
            expect![[r#"
                3 steps
                1 steps
                1 steps
                1 steps
            "#]],
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        check(
            &[
                "client = ",
                "client = 'Us'\n",
                "client = ''\ntitle = 'x'\n[[act]]\ntitle = 'x'\n",
                HEAD,
                &with("color = 'red'\n"),
                &with("[headers]\n'a b' = 'x'\n[[act]]\ntitle = 'Act'\n"),
                &with("[variables]\n'a b' = 'x'\n[[act]]\ntitle = 'Act'\n"),
                &with("[[act]]\ntitle = 'Act'\n"),
                &with(&format!("[[act]]\ntitle = 'Act'\nneeds = ['wings']\n{STEP}")),
                &with("[[act]]\ntitle = 'Act'\n[[act.step]]\nsend = 'GET /'\n"),
                &with("[[act]]\ntitle = 'Act'\n[[act.step]]\nsays = 'x'\n"),
                &with(&format!("[[act]]\ntitle = 'Act'\n{STEP}[[act]]\ntitle = 'Act'\n{STEP}{STEP}colour = 'red'\n")),
                &step("body = '{'"),
                &step("expect = ['/id grows']"),
                &step("when = 'nobody'"),
                &step("headers = { x = '${elsewhere}' }"),
                &step("expect = ['/id is \"${elsewhere}\"']"),
                &step("tries = 3"),
                &step("repeat = 3\ntogether = 2"),
                &step("says = 'again'"),
            ],
            expect![[r#"
                mine.toml: TOML parse error at line 1, column 10
                mine.toml: TOML parse error at line 1, column 1
                mine.toml: `client` is one line of at most 500 characters
                mine.toml: a scenario has 1 to 100 acts
                mine.toml: TOML parse error at line 3, column 1
                mine.toml: `a b` is no header
                mine.toml: `a b` is no variable: its name has letters, digits, dots and hyphens
                mine.toml, act 1: an act has 1 to 200 steps
                mine.toml, act 1: `wings` is nothing that a server offers
                mine.toml, act 1, step 1: missing field `says`
                mine.toml, act 1, step 1: a step has either `make` or `send`
                mine.toml, act 2, step 2: unknown field `colour`, expected one of `make`, `with`, `send`, `headers`, `body`, `patch`, `r
                mine.toml, act 1, step 1: `body` is not JSON: EOF while parsing an object at line 1 column 1
                mine.toml, act 1, step 1: `/id grows`: `grows` is no test
                mine.toml, act 1, step 1: `nobody` is neither a variable of the scenario nor kept or found by a step before
                mine.toml, act 1, step 1: `${elsewhere}` has no value yet
                mine.toml, act 1, step 1: `${elsewhere}` has no value yet
                mine.toml, act 1, step 1: `tries` and `every_ms` belong to `until`
                mine.toml, act 1, step 1: a step has one of `repeat`, `together` and `each`
                mine.toml: TOML parse error at line 10, column 1
            "#]],
        );
    }

    #[test]
    fn everything_has_a_bound() {
        let long = "x".repeat(501);
        let acts = "[[act]]\ntitle = 'Act'\n".to_owned() + STEP;
        check(
            &[
                &with(&format!("# {}\n", "x".repeat(BYTES_MAX))),
                &with(&acts.repeat(101)),
                &with(&format!("[[act]]\ntitle = 'Act'\n{}", STEP.repeat(201))),
                &with(&format!("[variables]\nlong = '{long}'\n{acts}")),
                &with(&format!(
                    "[variables]\n{}{acts}",
                    (0..101).map(|number| format!("v{number} = ''\n")).collect::<String>()
                )),
                &format!("client = '{long}'\ntitle = 'x'\n{acts}"),
                &step(&format!("otherwise = '{long}'")),
                &step("repeat = 1001"),
                &step("together = 33"),
                &step("until = ['status is 200']\ntries = 61"),
                &step("until = ['status is 200']\nevery_ms = 60001"),
            ],
            expect![[r#"
                mine.toml: a scenario has at most 1024 KiB
                mine.toml: a scenario has 1 to 100 acts
                mine.toml, act 1: an act has 1 to 200 steps
                mine.toml: the variable `long` has more than 500 characters
                mine.toml: a scenario has at most 100 variables, and as many headers
                mine.toml: `client` is one line of at most 500 characters
                mine.toml, act 1, step 1: `otherwise` is one line of at most 500 characters
                mine.toml, act 1, step 1: `repeat` is 1 to 1000
                mine.toml, act 1, step 1: `together` is 2 to 32
                mine.toml, act 1, step 1: `tries` is 1 to 60, and `every_ms` at most 60000
                mine.toml, act 1, step 1: `tries` is 1 to 60, and `every_ms` at most 60000
            "#]],
        );
    }
}
