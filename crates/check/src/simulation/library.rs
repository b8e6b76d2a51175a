//! The scenarios that are built in.

use super::scenario::Scenario;

/// A scenario that is built in.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// As it is written on the command line.
    pub name: &'static str,
    /// The file, below `crates/check/scenarios`.
    pub file: &'static str,
    text: &'static str,
    /// Variables that have another value than in the file.
    variables: &'static [(&'static str, &'static str)],
}

const ENTRA: &str = include_str!("../../scenarios/entra.toml");

const LIBRARY: [BuiltIn; 4] = [
    BuiltIn { name: "entra", file: "entra.toml", text: ENTRA, variables: &[] },
    BuiltIn { name: "entra-legacy", file: "entra.toml", text: ENTRA, variables: &[("legacy", "yes")] },
    BuiltIn { name: "okta", file: "okta.toml", text: include_str!("../../scenarios/okta.toml"), variables: &[] },
    BuiltIn { name: "google", file: "google.toml", text: include_str!("../../scenarios/google.toml"), variables: &[] },
];

/// All of them, in the order in which they are listed.
pub fn library() -> &'static [BuiltIn] {
    &LIBRARY
}

impl BuiltIn {
    /// The one with this name.
    ///
    /// # Errors
    /// A sentence that names those that there are.
    pub fn named(name: &str) -> Result<Self, String> {
        let names = LIBRARY.map(|one| one.name).join(", ");
        let found = LIBRARY.into_iter().find(|one| one.name == name);
        found
            .ok_or_else(|| format!("`{name}` is no client: there are {names}; `--scenario FILE` plays one of your own"))
    }

    /// The scenario.
    pub fn scenario(&self) -> Scenario {
        let mut scenario = Scenario::read(self.file, self.text).expect("a test reads every scenario that is built in");
        for (name, value) in self.variables {
            scenario.variables.insert((*name).to_owned(), (*value).to_owned());
        }
        scenario
    }

    /// The file's text.
    pub fn text(&self) -> &'static str {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::{LIBRARY, Scenario};
    use std::collections::BTreeSet;

    #[test]
    fn every_scenario_that_is_built_in_is_sound() {
        for one in LIBRARY {
            let scenario = Scenario::read(one.file, one.text).unwrap_or_else(|error| panic!("{error}"));
            assert!(scenario.steps() > 10, "{}", one.name);
            for (name, _) in one.variables {
                assert!(scenario.variables.contains_key(*name), "{} has no variable {name}", one.file);
            }
        }
    }

    #[test]
    fn every_step_says_what_the_client_does_otherwise() {
        for one in LIBRARY {
            for act in &one.scenario().acts {
                for scene in &act.steps {
                    assert!(scene.otherwise.is_some() && scene.source.is_some(), "{}: {}", one.file, scene.says);
                }
            }
        }
    }

    #[test]
    fn every_file_of_scenarios_is_built_in() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let built_in: BTreeSet<String> = LIBRARY.iter().map(|one| one.file.to_owned()).collect();
        assert_eq!(files.collect::<BTreeSet<String>>(), built_in);
    }
}
