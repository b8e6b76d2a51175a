//! What an evaluation tells people.

use crate::fixtures::{checked, explained, object};
use expect_test::{Expect, expect};
use provost_expression::Budget;

#[track_caller]
fn check(expression: &str, values: &str, expected: Expect) {
    let object = object(values);
    let program = checked(expression, &object).expect("the expression is right");
    let (evaluated, steps) = explained(&program, &object, &[], Budget::default());
    let mut shown = String::new();
    for step in steps {
        let arguments: Vec<String> =
            step.arguments.into_iter().map(|argument| argument.unwrap_or_else(|| "–".to_owned())).collect();
        let (indent, column) = ("  ".repeat(step.depth), step.place.column);
        shown.push_str(&format!("{indent}{column}: {}({}) = {}\n", step.function, arguments.join(", "), step.result));
    }
    shown.push_str(if evaluated.is_redacted { "redacted\n" } else { "" });
    expected.assert_eq(&shown);
}

#[test]
fn calls_are_told_from_the_inside_out() {
    check(
        r#"Join(" ", ToUpper([surname]), Switch([country], "–", "US", [state], "DE", "Germany"), [proxyAddresses])"#,
        r#"{"surname":"Doe","country":"DE","state":"CA","proxyAddresses":["a","b"]}"#,
        expect![[r#"
              11: ToUpper("Doe") = "DOE"
              31: Switch("DE", –, "US", –, "DE", "Germany") = "Germany"
            1: Join(" ", "DOE", "Germany", ["a", "b"]) = "DOE Germany a b"
        "#]],
    );
}

#[test]
fn a_fault_is_told_where_it_happened() {
    check(
        r#"Append(CDate([mail]), "x")"#,
        r#"{"mail":"soon"}"#,
        expect![[r#"
              8: CDate("soon") = error: `CDate`: `soon` is no date
            1: Append(–, –) = error: `CDate`: `soon` is no date
        "#]],
    );
    check(
        r#"Append(IgnoreFlowIfNullOrEmpty([mail]), "x")"#,
        "",
        expect![[r#"
              8: IgnoreFlowIfNullOrEmpty(null) = not sent
            1: Append(–, –) = not sent
        "#]],
    );
}

#[test]
fn what_is_redacted_is_shown_nowhere() {
    check(
        r#"Join(" ", [surname], Redact(ToUpper([mail])))"#,
        r#"{"surname":"Doe","mail":"secret"}"#,
        expect![[r#"
                29: ToUpper([Redact]) = [Redact]
              22: Redact([Redact]) = [Redact]
            1: Join(" ", "Doe", [Redact]) = [Redact]
            redacted
        "#]],
    );
    check(
        "CDate(Redact([mail]))",
        r#"{"mail":"secret"}"#,
        expect![[r#"
              7: Redact([Redact]) = [Redact]
            1: CDate([Redact]) = error: `CDate`: it does not work on a value that is redacted
            redacted
        "#]],
    );
    check(
        "Redact(CDate([mail]))",
        r#"{"mail":"secret"}"#,
        expect![[r#"
              8: CDate([Redact]) = error: `CDate`: it does not work on a value that is redacted
            1: Redact(–) = error: `CDate`: it does not work on a value that is redacted
        "#]],
    );
    check(
        r#"IIF([surname] = "Doe", "a", Redact([mail]))"#,
        r#"{"surname":"Doe","mail":"secret"}"#,
        expect![[r#"
            1: IIF(True, "a", –) = "a"
        "#]],
    );
}

#[test]
fn long_values_are_cut() {
    let object = object(&format!("{{\"mail\":\"{}\"}}", "ä".repeat(300)));
    let (_, steps) = explained(&checked("Left([mail], -1)", &object).unwrap(), &object, &[], Budget::default());
    assert_eq!(steps[0].result, format!("\"{}…\"", "ä".repeat(200)));
    check(
        r#"Split([mail], ",")"#,
        r#"{"mail":"1,2,3,4,5,6,7,8,9,10,11,12"}"#,
        expect![[r#"
            1: Split("1,2,3,4,5,6,7,8,9,10,11,12", ",") = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", 2 more]
        "#]],
    );
}
