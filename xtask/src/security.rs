//! `cargo xtask security`: whether `docs/security.md` answers every rule and every threat, and the tests that it names are there.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};

use crate::command::root;

const DOCUMENT: &str = "docs/security.md";

/// The rules that the server is hardened by: `R1` to `R14`.
const RULES: usize = 14;
/// The threats that were thought of: `T1` to `T32`.
const THREATS: usize = 32;

/// A row of a table: `| T1 | what it is | what answers it |`.
#[derive(Debug, PartialEq, Eq)]
struct Row<'a> {
    id: &'a str,
    answer: &'a str,
}

/// A test that the document names, as a link: ``[`name`](../crates/…/file.rs)``.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named<'a> {
    name: &'a str,
    path: &'a str,
}

/// Prints how many rules and threats there are and how many tests answer them.
///
/// # Errors
/// When a rule or threat is missing or stands twice, has neither test nor reason, or a test is not there.
pub fn run(arguments: &[String]) -> Result<()> {
    if let Some(word) = arguments.first() {
        bail!("`{word}` is no option of `security`");
    }
    let text = std::fs::read_to_string(root().join(DOCUMENT)).context(DOCUMENT)?;
    let mut findings = incomplete(&text);
    let tests: BTreeSet<Named<'_>> = named(&text).into_iter().collect();
    for test in &tests {
        let there = std::fs::read_to_string(root().join(test.path)).is_ok_and(|source| is_test(&source, test.name));
        if !there {
            findings.push(format!("there is no test `{}` in {}", test.name, test.path));
        }
    }
    for finding in &findings {
        println!("{DOCUMENT}: {finding}");
    }
    if !findings.is_empty() {
        bail!("{} findings in {DOCUMENT}", findings.len());
    }
    println!("{RULES} rules and {THREATS} threats: all answered, by {} tests that are there", tests.len());
    Ok(())
}

/// The rows of all tables whose first cell is the id of a rule or a threat.
fn rows(text: &str) -> Vec<Row<'_>> {
    let row = |line: &'_ str| -> Option<(usize, usize)> {
        let id = line.strip_prefix("| ")?.split(' ').next()?;
        let number = id.strip_prefix(['R', 'T'])?;
        (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some((2, 2 + id.len()))
    };
    let cells = |line: &'_ str| line.trim_end().trim_end_matches('|').rfind('|').map(|last| last + 1);
    text.lines()
        .filter_map(|line| {
            let ((start, end), last) = (row(line)?, cells(line)?);
            Some(Row { id: &line[start..end], answer: line[last..].trim().trim_end_matches('|').trim() })
        })
        .collect()
}

/// What of the rules and threats is not there, is there twice, or says neither a test nor a reason.
fn incomplete(text: &str) -> Vec<String> {
    let rows = rows(text);
    let expected =
        (1..=RULES).map(|number| format!("R{number}")).chain((1..=THREATS).map(|number| format!("T{number}")));
    let mut findings = Vec::new();
    for id in expected {
        let answers: Vec<&str> = rows.iter().filter(|row| row.id == id).map(|row| row.answer).collect();
        match answers[..] {
            [] => findings.push(format!("{id} is missing")),
            [answer] if named(answer).is_empty() && !answer.ends_with('.') => {
                findings.push(format!("{id} names no test and gives no reason"));
            }
            [_] => {}
            _ => findings.push(format!("{id} stands {} times", answers.len())),
        }
    }
    findings
}

/// The tests that a text names.
fn named(text: &str) -> Vec<Named<'_>> {
    let link = |rest: &'_ str| -> Option<(usize, usize, usize)> {
        let name = rest.find("`](../")?;
        let path = name + "`](../".len();
        let end = path + rest[path..].find(')')?;
        Some((name, path, end))
    };
    let of = |rest| {
        let (name, path, end) = link(rest)?;
        let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        (is_word(&rest[..name]) && rest[path..end].ends_with(".rs"))
            .then_some(Named { name: &rest[..name], path: &rest[path..end] })
    };
    text.match_indices("[`").filter_map(|(at, start)| of(&text[at + start.len()..])).collect()
}

/// Whether a source has a test of this name: a function below an attribute that makes it one.
fn is_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let begins = |line: &str| line.split("fn ").nth(1).is_some_and(|rest| rest.strip_prefix(name).is_some_and(opens));
    lines.iter().enumerate().any(|(at, line)| {
        let above = lines[..at].iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("//"));
        begins(line) && above.into_iter().any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
    })
}

fn opens(rest: &str) -> bool {
    rest.starts_with('(')
}

#[cfg(test)]
mod tests {
    use super::{Named, Row, incomplete, is_test, named, rows};

    #[test]
    fn a_row_has_an_id_and_an_answer() {
        let text = "| rule | asks | held by |\n| --- | --- | --- |\n| R1 | a | [`x`](../a.rs) |\n| T12 | b | None. |\n| Tx | c | d |";
        let expected = [Row { id: "R1", answer: "[`x`](../a.rs)" }, Row { id: "T12", answer: "None." }];
        assert_eq!(rows(text), expected);
    }

    #[test]
    fn a_test_is_named_by_a_link_into_the_sources() {
        let text = "see [`a_b`](../crates/x/y.rs), [`Type`](policy.md), [guards](guards.md) and `c` ([`d_1`](../e.rs))";
        let expected = [Named { name: "a_b", path: "crates/x/y.rs" }, Named { name: "d_1", path: "e.rs" }];
        assert_eq!(named(text), expected);
    }

    #[test]
    fn a_test_is_a_function_that_is_one() {
        let source = "fn helper() {}\n#[test]\nfn one() {}\n    #[tokio::test(flavor = \"x\")]\n    // why\n    async fn two() {}\n";
        for (name, expected) in [("one", true), ("two", true), ("helper", false), ("on", false), ("three", false)] {
            assert_eq!(is_test(source, name), expected, "{name}");
        }
    }

    #[test]
    fn every_rule_and_threat_is_answered_once() {
        let mut whole: Vec<String> = (1..=14).map(|number| format!("| R{number} | a | A reason. |")).collect();
        whole.extend((1..=32).map(|number| format!("| T{number} | a | [`x`](../a.rs) |")));
        assert!(incomplete(&whole.join("\n")).is_empty());
        whole.remove(13);
        whole[2] = "| R3 | a | nothing yet |".to_string();
        whole.push("| T7 | a | Again. |".to_string());
        let expected = ["R3 names no test and gives no reason", "R14 is missing", "T7 stands 2 times"];
        assert_eq!(incomplete(&whole.join("\n")), expected);
    }
}
