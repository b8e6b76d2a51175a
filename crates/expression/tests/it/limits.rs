//! No expression hangs or grows without bound.

use crate::fixtures::{checked, explained, object, shown};
use provost_expression::Budget;

#[track_caller]
fn within(budget: Budget, expression: &str, values: &str, expected: &str) {
    let object = object(values);
    let program = checked(expression, &object).expect("the expression is right");
    let (evaluated, _) = explained(&program, &object, &[], budget);
    assert_eq!(shown(&evaluated), expected, "{expression}");
    assert!(evaluated.left.steps <= budget.steps && evaluated.left.bytes <= budget.bytes);
}

#[test]
fn texts_that_blow_each_other_up_are_stopped_at_the_bound_for_one_value() {
    let nested =
        (0..20).fold("[mail]".to_owned(), |inner, _| format!("Replace({inner}, \"a\", , , \"aaaaaaaaaa\", , )"));
    let object = object(r#"{"mail":"a"}"#);
    let program = checked(&nested, &object).unwrap();
    let (evaluated, steps) = explained(&program, &object, &[], Budget::default());
    assert!(shown(&evaluated).starts_with("error: the value has more than 65536 bytes"), "{}", shown(&evaluated));
    assert_eq!(steps.len(), 20, "5 values are made, the next and all calls around it fail");
}

#[test]
fn a_replacement_that_repeats_the_whole_text_is_stopped() {
    let text = format!("{{\"mail\":\"{}\"}}", "a".repeat(20_000));
    within(
        Budget::default(),
        "Replace([mail], , \"a\", , \"$_$_\", , )",
        &text,
        "error: the value has more than 65536 bytes, at line 1, column 1",
    );
    within(
        Budget::default(),
        "Replace([mail], \"a\", , , [mail], , )",
        &text,
        "error: the value has more than 65536 bytes, at line 1, column 1",
    );
}

#[test]
fn values_are_counted_together() {
    let budget = Budget { bytes: 100, ..Budget::default() };
    within(
        budget,
        "Join(\",\", [mail], [mail], [mail])",
        &format!("{{\"mail\":\"{}\"}}", "a".repeat(40)),
        "error: the values of this evaluation have more than 100 bytes together, at line 1, column 27",
    );
}

#[test]
fn an_attribute_may_be_too_long() {
    within(
        Budget::default(),
        "ToLower([mail])",
        &format!("{{\"mail\":\"{}\"}}", "a".repeat(65_536)),
        "error: the value has more than 65536 bytes, at line 1, column 9",
    );
}

#[test]
fn steps_are_counted() {
    let budget = Budget { steps: 3, ..Budget::default() };
    within(budget, "Append(\"a\", \"b\")", "", "\"ab\"");
    within(
        budget,
        "Append(\"a\", ToLower(\"b\"))",
        "",
        "error: the evaluation needs more than 3 steps, at line 1, column 21",
    );
}

#[test]
fn searches_that_would_take_quadratic_time_are_stopped() {
    within(
        Budget::default(),
        "Replace([mail], , \".*[^A-Z]|[A-Z]\", , \"x\", , )",
        &format!("{{\"mail\":\"{}\"}}", "A".repeat(60_000)),
        "error: the evaluation needs more than 50000 steps, at line 1, column 1",
    );
}

#[test]
fn many_groups_count() {
    within(
        Budget::default(),
        &format!("Replace([mail], , \"{}\", , \"x\", , )", "(a?)".repeat(100)),
        &format!("{{\"mail\":\"{}\"}}", "a".repeat(60_000)),
        "error: the evaluation needs more than 50000 steps, at line 1, column 1",
    );
}

#[test]
fn the_deepest_expression_that_parses_can_be_evaluated() {
    let nested = (0..63).fold("\"a\"".to_owned(), |inner, _| format!("Append({inner}, \"a\")"));
    within(Budget::default(), &nested, "", &format!("\"{}\"", "a".repeat(64)));
}
