//! All cases: those that are built in, and those of whoever checks.

use super::case::{Case, CaseError};
use std::collections::HashSet;

/// The files that are built in, each with its name.
const FILES: &[(&str, &str)] = &[
    ("rfc/discovery.toml", include_str!("../../cases/rfc/discovery.toml")),
    ("rfc/http.toml", include_str!("../../cases/rfc/http.toml")),
    ("rfc/create.toml", include_str!("../../cases/rfc/create.toml")),
    ("rfc/read.toml", include_str!("../../cases/rfc/read.toml")),
    ("rfc/replace.toml", include_str!("../../cases/rfc/replace.toml")),
    ("rfc/patch.toml", include_str!("../../cases/rfc/patch.toml")),
    ("rfc/delete.toml", include_str!("../../cases/rfc/delete.toml")),
    ("rfc/filter.toml", include_str!("../../cases/rfc/filter.toml")),
    ("rfc/list.toml", include_str!("../../cases/rfc/list.toml")),
    ("rfc/cursor.toml", include_str!("../../cases/rfc/cursor.toml")),
    ("rfc/etag.toml", include_str!("../../cases/rfc/etag.toml")),
    ("rfc/bulk.toml", include_str!("../../cases/rfc/bulk.toml")),
    ("rfc/groups.toml", include_str!("../../cases/rfc/groups.toml")),
    ("rfc/details.toml", include_str!("../../cases/rfc/details.toml")),
    ("entra/users.toml", include_str!("../../cases/entra/users.toml")),
    ("entra/groups.toml", include_str!("../../cases/entra/groups.toml")),
    ("entra/beyond.toml", include_str!("../../cases/entra/beyond.toml")),
    ("okta/okta.toml", include_str!("../../cases/okta/okta.toml")),
];

/// Cases, each with an id of its own.
#[derive(Clone, Debug)]
pub struct Catalogue {
    cases: Vec<Case>,
}

impl Catalogue {
    /// The cases that are built in.
    pub fn built_in() -> Self {
        let mut catalogue = Self { cases: Vec::new() };
        for (file, text) in FILES {
            catalogue.add(file, text).expect("a test reads every file that is built in");
        }
        catalogue
    }

    /// Adds the cases of a file.
    ///
    /// # Errors
    /// When the file is no file of cases, or has one whose id is taken.
    pub fn add(&mut self, file: &str, text: &str) -> Result<(), CaseError> {
        let new = Case::read(file, text)?;
        let mut taken: HashSet<&str> = self.cases.iter().map(|case| case.id.as_str()).collect();
        if let Some(double) = new.iter().find(|case| !taken.insert(&case.id)) {
            let why = "there is another case with this id".to_owned();
            return Err(CaseError { file: file.to_owned(), case: Some(double.id.clone()), why });
        }
        self.cases.extend(new);
        Ok(())
    }

    /// The cases, in the order of their files.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }
}

#[cfg(test)]
mod tests {
    use super::{Catalogue, FILES};
    use crate::conformance::Case;
    use expect_test::expect_file;
    use std::collections::BTreeSet;

    /// Every case stands in `docs/conformance/cases.md`; `UPDATE_EXPECT=1` writes it.
    #[test]
    fn every_case_is_described() {
        let catalogue = Catalogue::built_in();
        let lines: BTreeSet<&String> = catalogue.cases().iter().flat_map(|case| &case.lines).collect();
        let mut text = format!(
            "# What `provost check` tries\n\n{} cases, which try {} lines of [the SCIM checklist](../conformance.md). \
             [check.md](../check.md) explains the command.\n",
            catalogue.cases().len(),
            lines.len()
        );
        let mut chapter = "";
        for case in catalogue.cases() {
            if case.chapter != chapter {
                chapter = &case.chapter;
                text.push_str(&format!(
                    "\n## {chapter}\n\n| case | level | source | checklist | needs | what must hold |\n"
                ));
                text.push_str("| --- | --- | --- | --- | --- | --- |\n");
            }
            let cells =
                [&case.source, &case.lines.join(", "), &case.needs().join(", ")].map(|cell| cell.replace('|', "/"));
            let [source, lines, needs] = cells;
            let (id, level, title, says) = (&case.id, case.level.word(), &case.title, &case.says);
            text.push_str(&format!("| {id} | {level} | {source} | {lines} | {needs} | **{title}.** {says} |\n"));
        }
        expect_file!["../../../../docs/conformance/cases.md"].assert_eq(&text);
    }

    #[test]
    fn lines_of_the_checklist_exist() {
        let checklist = include_str!("../../../../docs/conformance.md");
        for case in Catalogue::built_in().cases() {
            for line in &case.lines {
                assert!(checklist.contains(&format!("| {line} | ")), "{}: there is no line {line}", case.id);
            }
        }
    }

    #[test]
    fn every_file_that_is_built_in_is_sound() {
        for (file, text) in FILES {
            let read = Case::read(file, text).unwrap_or_else(|error| panic!("{error}"));
            assert!(!read.is_empty(), "{file} has no cases");
        }
        assert!(Catalogue::built_in().cases().len() > 100);
    }

    #[test]
    fn every_file_of_cases_is_built_in() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
        let mut there = Vec::new();
        for profile in std::fs::read_dir(&folder).unwrap() {
            let profile = profile.unwrap().file_name().into_string().unwrap();
            for file in std::fs::read_dir(folder.join(&profile)).unwrap() {
                there.push(format!("{profile}/{}", file.unwrap().file_name().into_string().unwrap()));
            }
        }
        there.sort();
        let mut built_in: Vec<&str> = FILES.iter().map(|(file, _)| *file).collect();
        built_in.sort_unstable();
        assert_eq!(there, built_in);
    }
}
