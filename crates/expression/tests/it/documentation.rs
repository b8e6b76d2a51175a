//! `docs/expressions.md` is true: it names every function as it is, and its examples give what it says.

use crate::fixtures::{result, role};
use provost_expression::functions;
use serde_json::Value as Json;

const TEXT: &str = include_str!("../../../../docs/expressions.md");

#[test]
fn every_function_has_its_heading_and_its_summary() {
    let mut wrong = Vec::new();
    for function in functions() {
        let expected = format!("### `{function}`\n\n{}", function.summary);
        if !TEXT.contains(&expected) {
            wrong.push(expected);
        }
    }
    let headings = TEXT.lines().filter(|line| line.starts_with("### `")).count();
    assert!(wrong.is_empty(), "missing:\n{}", wrong.join("\n\n"));
    assert_eq!(headings, functions().count());
}

#[test]
fn every_example_gives_what_it_says() {
    let mut examples = 0;
    for block in TEXT.split("```expression\n").skip(1) {
        let (block, _) = block.split_once("```").expect("a block of code ends");
        let (expression, rest) = block.rsplit_once("\ngives ").unwrap_or((block, ""));
        let (expression, object) = expression.split_once("\nwhere ").unwrap_or((expression, ""));
        let given = result(expression, object, &[role(1, "Admin", "Administrator")]);
        if rest.is_empty() {
            assert!(!given.starts_with("refused") && !given.starts_with("error"), "{expression}: {given}");
        } else {
            let expected =
                serde_json::from_str::<Json>(rest).map_or_else(|_| rest.trim().to_owned(), |json| json.to_string());
            assert_eq!(given, expected, "{expression}");
        }
        examples += 1;
    }
    assert!(examples >= functions().count() - 5, "{examples} examples");
}
