//! `cargo xtask tidy`: rules that no compiler checks.

mod everywhere;
mod rust;
mod sql;

use anyhow::{Result, bail};

use crate::command::{command, output, root};

/// A text file of the repository.
pub struct SourceFile {
    /// From the root, with `/`.
    pub path: String,
    /// The whole file.
    pub text: String,
}

/// A broken rule: the line (from 1) and what is wrong there.
type Finding = (usize, String);

/// Looks at one file. Each rule decides itself which files concern it.
type Rule = fn(&SourceFile) -> Vec<Finding>;

const RULES: &[Rule] = &[
    everywhere::line_length,
    everywhere::file_length,
    everywhere::stray_copy,
    everywhere::place,
    everywhere::open_note,
    rust::leftover,
    sql::only_in_store,
    sql::placeholder_order,
];

/// Checks every file that git knows or would add.
///
/// # Errors
/// When a rule is broken; each finding is printed as `path:line: what`.
pub fn run(_arguments: &[String]) -> Result<()> {
    let files = repository_files()?;
    let mut broken = 0;
    for file in &files {
        for rule in RULES {
            for (line, what) in rule(file) {
                println!("{}:{line}: {what}", file.path);
                broken += 1;
            }
        }
    }
    if broken > 0 {
        bail!("{broken} findings");
    }
    println!("{} rules hold in {} files", RULES.len(), files.len());
    Ok(())
}

/// The text files that are committed, or would be by `git add --all`, in order of their paths.
///
/// # Errors
/// When git cannot list them or one cannot be read.
pub fn repository_files() -> Result<Vec<SourceFile>> {
    let listed = output(&mut command("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    let mut files = Vec::new();
    for path in listed.split_terminator('\0') {
        // A file that was deleted but is not yet committed so is still listed.
        let full = root().join(path);
        if full.is_file() {
            // What is not UTF-8 is no text: a certificate or a picture.
            if let Ok(text) = String::from_utf8(std::fs::read(full)?) {
                files.push(SourceFile { path: path.to_string(), text });
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

/// Whether the file holds only tests.
fn is_test_file(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// Whether one of the endings (without the dot) is the file's.
fn has_ending(path: &str, endings: &[&str]) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
}

/// What a rule finds in a sample, as `line: what`.
#[cfg(test)]
fn shown(rule: Rule, path: &str, text: &str) -> Vec<String> {
    let file = SourceFile { path: path.to_string(), text: text.to_string() };
    rule(&file).into_iter().map(|(line, what)| format!("{line}: {what}")).collect()
}
