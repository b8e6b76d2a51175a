//! Rules for Rust code.

use super::{Finding, SourceFile};
use crate::rust_source::RustSource;

/// What may not stay in code, and what to do instead.
const LEFTOVERS: &[(&str, &str)] = &[
    ("dbg!", "use tracing, or nothing"),
    ("todo!", "write it, or leave it out"),
    ("unimplemented!", "write it, or leave it out"),
    ("#[ignore", "a test that does not run tests nothing"),
];

/// No code that was meant for a moment.
pub fn leftover(file: &SourceFile) -> Vec<Finding> {
    if !file.path.ends_with(".rs") {
        return Vec::new();
    }
    let source = RustSource::new(&file.text);
    let mut findings = Vec::new();
    for (needle, instead) in LEFTOVERS {
        for (at, _) in source.code.match_indices(needle) {
            let continues = source.code[..at].ends_with(|one: char| one.is_alphanumeric() || one == '_');
            if !continues {
                findings.push((source.line_of(at), format!("{needle} is left over: {instead}")));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::shown;
    use super::leftover;

    #[test]
    fn code_meant_for_a_moment_may_not_stay() {
        for (code, told) in [
            ("fn a() {\n    dbg!(1);\n}", "2: dbg! is left over: use tracing, or nothing"),
            ("fn a() { todo!() }", "1: todo! is left over: write it, or leave it out"),
            ("fn a() { unimplemented!() }", "1: unimplemented! is left over: write it, or leave it out"),
            ("#[ignore = \"slow\"]\nfn a() {}", "1: #[ignore is left over: a test that does not run tests nothing"),
        ] {
            assert_eq!(shown(leftover, "a.rs", code), [told]);
        }
    }

    #[test]
    fn comments_texts_and_longer_names_are_no_leftovers() {
        for code in ["// todo!", "f(\"dbg!\")", "my_todo!()"] {
            assert_eq!(shown(leftover, "a.rs", code), [""; 0], "{code}");
        }
    }
}
