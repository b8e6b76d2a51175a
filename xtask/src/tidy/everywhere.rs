//! Rules for files of every kind.

use super::{Finding, SourceFile, has_ending, is_test_file};

/// In characters. A line that needs more is read in two halves; a JSON payload is not, and what a test
/// expects stands as it is answered.
const LINE_LENGTH_MAX: usize = 140;

/// In lines. Behind it stands a second idea that wants its own file.
const FILE_LENGTH_MAX: usize = 600;

/// In lines: a test file may also hold its table of cases.
const TEST_FILE_LENGTH_MAX: usize = 1000;

/// One entry, one line: the form that `cargo xtask requirements` reads.
const LONG_LINES: &[&str] = &["docs/requirements.md"];

/// Paths that exist only on the machine of whoever wrote the file. In two halves, so that this file does not hold them.
const PLACES: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("../sha", "red"),
    concat!("/tmp/tar", "get"),
];

/// Lines are at most [`LINE_LENGTH_MAX`] characters long, save Markdown tables and addresses, which cannot be broken.
pub fn line_length(file: &SourceFile) -> Vec<Finding> {
    if !has_ending(&file.path, &["rs", "md", "py", "sh"]) || LONG_LINES.contains(&file.path.as_str()) {
        return Vec::new();
    }
    let may_be_long = |line: &str| {
        line.contains("://")
            || line.contains("\":")
            || file.path.contains("/tests/")
            || (file.path.ends_with(".md") && line.starts_with('|'))
    };
    let lines = file.text.lines().enumerate().map(|(number, line)| (number + 1, line, line.chars().count()));
    lines
        .filter(|(_, line, length)| *length > LINE_LENGTH_MAX && !may_be_long(line))
        .map(|(number, _, length)| (number, format!("{length} characters, at most {LINE_LENGTH_MAX}")))
        .collect()
}

/// Rust files are at most [`FILE_LENGTH_MAX`] lines long, test files [`TEST_FILE_LENGTH_MAX`].
pub fn file_length(file: &SourceFile) -> Vec<Finding> {
    let max = if is_test_file(&file.path) { TEST_FILE_LENGTH_MAX } else { FILE_LENGTH_MAX };
    let length = file.text.lines().count();
    let is_long = file.path.ends_with(".rs") && length > max;
    if is_long { vec![(length, format!("{length} lines, at most {max}"))] } else { Vec::new() }
}

/// No copies that an editor or a merge leaves behind.
pub fn stray_copy(file: &SourceFile) -> Vec<Finding> {
    let is_stray = has_ending(&file.path, &["bak", "old", "orig", "rej", "swp", "tmp"]) || file.path.ends_with('~');
    if is_stray { vec![(1, "a stray copy".to_string())] } else { Vec::new() }
}

/// No paths of the machine on which a file was written.
pub fn place(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        let held = PLACES.iter().filter(|place| line.contains(*place));
        findings.extend(held.map(|place| (number + 1, format!("`{place}` exists on one machine only"))));
    }
    findings
}

/// No notes to oneself: what is open stands in an issue.
pub fn open_note(file: &SourceFile) -> Vec<Finding> {
    let notes = [concat!("FIX", "ME"), concat!("X", "XX")];
    let mut findings = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        let words = line.split(|one: char| !(one.is_alphanumeric() || one == '_'));
        findings
            .extend(words.filter(|word| notes.contains(word)).map(|word| (number + 1, format!("{word} is left over"))));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::shown;
    use super::{file_length, line_length, open_note, place, stray_copy};

    const NONE: [&str; 0] = [];

    #[test]
    fn a_line_may_not_be_too_long() {
        let long = format!("ok\n{}\n", "ä".repeat(141));
        assert_eq!(shown(line_length, "a.rs", &long), ["2: 141 characters, at most 140"]);
        assert_eq!(shown(line_length, "a.rs", &"ä".repeat(140)), NONE);
        assert_eq!(shown(line_length, "a.json", &long), NONE);
        assert_eq!(shown(line_length, "a.md", &format!("| {} |", "a".repeat(140))), NONE);
        assert_eq!(shown(line_length, "a.rs", &format!("// https://{}", "a".repeat(140))), NONE);
    }

    #[test]
    fn a_rust_file_may_not_be_too_long() {
        assert_eq!(shown(file_length, "crates/a/src/b.rs", &"x\n".repeat(601)), ["601: 601 lines, at most 600"]);
        assert_eq!(shown(file_length, "crates/a/src/b.rs", &"x\n".repeat(600)), NONE);
        assert_eq!(
            shown(file_length, "crates/a/tests/it/b.rs", &"x\n".repeat(1001)),
            ["1001: 1001 lines, at most 1000"]
        );
        assert_eq!(shown(file_length, "crates/a/tests/it/b.rs", &"x\n".repeat(1000)), NONE);
        assert_eq!(shown(file_length, "a.json", &"x\n".repeat(2000)), NONE);
    }

    #[test]
    fn a_stray_copy_may_not_stay() {
        for path in ["a.rs.bak", "a.rs.orig", "b/a.old", "a.rs~"] {
            assert_eq!(shown(stray_copy, path, ""), ["1: a stray copy"], "{path}");
        }
        assert_eq!(shown(stray_copy, "threshold", ""), NONE);
    }

    #[test]
    fn a_path_of_one_machine_may_not_be_named() {
        let path = concat!("/wo", "rk/main");
        let told = format!("2: `{}` exists on one machine only", concat!("/wo", "rk/"));
        assert_eq!(shown(place, "README.md", &format!("see\n{path}")), [told]);
        assert_eq!(shown(place, "README.md", "/var/lib/provost"), NONE);
    }

    #[test]
    fn a_note_to_oneself_may_not_stay() {
        assert_eq!(shown(open_note, "a.py", concat!("# FIX", "ME: later")), [concat!("1: FIX", "ME is left over")]);
        assert_eq!(shown(open_note, "a.rs", concat!("// X", "XX")), [concat!("1: X", "XX is left over")]);
        assert_eq!(shown(open_note, "a.rs", "XXXX"), NONE);
    }
}
