//! What is refused when an expression is saved.

use crate::fixtures::{checked, object, result};
use provost_expression::{AttributeType, Expression, ResultType, functions};

/// Each refused expression with its faults.
#[track_caller]
fn refused(cases: &[(&str, &str)]) {
    for (expression, expected) in cases {
        let found = result(expression, "", &[]);
        assert_eq!(found.strip_prefix("refused: ").unwrap_or(&found), *expected, "{expression}");
    }
}

#[test]
fn names_that_do_not_exist() {
    refused(&[
        ("Apend([mail], \"x\")", "there is no function `Apend`; did you mean `Append`?, at line 1, column 1"),
        ("append([mail], \"x\")", "there is no function `append`; did you mean `Append`?, at line 1, column 1"),
        ("Concatenate([mail])", "there is no function `Concatenate`, at line 1, column 1"),
        ("ToLower([mial])", "the source has no attribute `mial`; did you mean `mail`?, at line 1, column 9"),
        ("ToLower([Mail])", "the source has no attribute `Mail`; did you mean `mail`?, at line 1, column 9"),
        ("ToLower([costCentre])", "the source has no attribute `costCentre`, at line 1, column 9"),
        (
            "ToLower(mail)",
            concat!(
                "`mail` is no value; attributes stand in [brackets], texts in \"quotes\", calls have (parentheses), ",
                "at line 1, column 9"
            ),
        ),
    ]);
}

#[test]
fn all_faults_are_told_in_order() {
    refused(&[(
        "Join(\n [x1],\n Lft(\"a\", 1),\n Left(\"a\", \"b\"))",
        concat!(
            "the source has no attribute `x1`, at line 2, column 2; ",
            "there is no function `Lft`; did you mean `Left`?, at line 3, column 2; ",
            "`NumChars` of `Left`: expected a whole number, found `b`, at line 4, column 12"
        ),
    )]);
}

#[test]
fn numbers_of_arguments() {
    refused(&[
        ("Mid([mail], 1)", "`Mid` takes 3 arguments, as in `Mid(source, start, length)`, not 2, at line 1, column 1"),
        ("Now(1)", "`Now` takes 0 arguments, as in `Now()`, not 1, at line 1, column 1"),
        ("Not()", "`Not` takes 1 argument, as in `Not(source)`, not 0, at line 1, column 1"),
        (
            "InStr([mail])",
            "`InStr` takes 2 to 4 arguments, as in `InStr(value1, value2, start, compareType)`, not 1, at line 1, column 1",
        ),
        (
            "Join(\",\")",
            "`Join` takes at least 2 arguments, as in `Join(separator, source, …)`, not 1, at line 1, column 1",
        ),
        (
            "Mid([mail], , 1)",
            "`Mid` needs its argument 2, `start`, as in `Mid(source, start, length)`, at line 1, column 1",
        ),
        (
            "Switch([mail], \"d\", \"k\", \"v\", \"k2\")",
            concat!(
                "`Switch` takes pairs at its end, as in `Switch(source, defaultValue, key, value, …)`: ",
                "a `value` is missing, at line 1, column 1"
            ),
        ),
        (
            "SelectUniqueValue([mail])",
            "`SelectUniqueValue` takes at least 2 arguments, as in `SelectUniqueValue(rule1, rule2, …)`, not 1, at line 1, column 1",
        ),
    ]);
}

#[test]
fn constants_out_of_range() {
    refused(&[
        (
            "Item([proxyAddresses], 0)",
            "`index` of `Item`: expected a whole number of at least 1, found `0`, at line 1, column 24",
        ),
        (
            "Mid([mail], 0, 1)",
            "`start` of `Mid`: expected a whole number of at least 1, found `0`, at line 1, column 13",
        ),
        ("Left([mail], \"x\")", "`NumChars` of `Left`: expected a whole number, found `x`, at line 1, column 14"),
        (
            "DateAdd(\"w\", 1, Now())",
            "`interval` of `DateAdd`: expected one of yyyy, m, d, ww, h, n, s, found `w`, at line 1, column 9",
        ),
        ("CDate(\"yesterday\")", "`expression` of `CDate`: `yesterday` is no date, at line 1, column 7"),
        (
            "FormatDateTime([mail], , \"q\", \"d\")",
            "`inputFormat` of `FormatDateTime`: `q` alone is no standard .NET date format, at line 1, column 26",
        ),
        (
            "FormatDateTime([mail], \"AllowAll\", \"d\", \"d\")",
            "`dateTimeStyles` of `FormatDateTime`: `AllowAll` is none of .NET's DateTimeStyles, at line 1, column 24",
        ),
        (
            "FormatDateTime([mail], \"RoundtripKind, AssumeUniversal\", \"d\", \"d\")",
            concat!(
                "`dateTimeStyles` of `FormatDateTime`: RoundtripKind does not go with AssumeLocal, AssumeUniversal or ",
                "AdjustToUniversal, at line 1, column 24"
            ),
        ),
        (
            "ToLower([mail], \"english?\")",
            "`culture` of `ToLower`: expected a culture such as en-US, found `english?`, at line 1, column 17",
        ),
        ("Split([mail], \"\")", "`delimiter` of `Split`: the text may not be empty, at line 1, column 15"),
        (
            "InStr([mail], \"a\", 1, vbFuzzy)",
            "`compareType` of `InStr`: expected one of vbBinaryCompare, vbTextCompare, found `vbFuzzy`, at line 1, column 23",
        ),
        (
            "RandomString(4, 2, 2, 1, 0)",
            "`RandomString`: its minimums add up to more than its length, at line 1, column 1",
        ),
        (
            "RandomString(257, 0, 0, 0, 0)",
            "`Length` of `RandomString`: expected a whole number from 1 to 256, found `257`, at line 1, column 14",
        ),
        (
            "Replace([mail], , \"(a\", , \"b\", , )",
            "`regexPattern` of `Replace`: the pattern is not understood: unclosed group, at line 1, column 19",
        ),
        ("Replace([mail], , \"(?<x>a)\", \"y\", \"b\", , )", "the pattern has no group `y`, at line 1, column 1"),
        (
            "Replace([mail], \"\", , , \"b\", , )",
            "`oldValue` of `Replace`: the text may not be empty, at line 1, column 17",
        ),
        (
            "Replace([mail], \"a\")",
            concat!(
                "`Replace` needs oldValue and replacementValue; or oldValue and template; or regexPattern and replacementValue, ",
                "with or without regexGroupName; or regexPattern, regexGroupName and replacementAttributeName, at line 1, column 1"
            ),
        ),
    ]);
}

#[test]
fn types_that_do_not_fit() {
    refused(&[
        (
            "ToLower([proxyAddresses])",
            "`ToLower` takes one value as `source`, not several values; take one with `Item` or join them with `Join`, at line 1, column 9",
        ),
        ("Left([mail], Now())", "`Left` takes a whole number as `NumChars`, not a date, at line 1, column 14"),
        (
            "DateAdd(\"d\", 1, [IsSoftDeleted])",
            "`DateAdd` takes a date as `dateTime`, not True or False, at line 1, column 17",
        ),
        ("Append([name], \"x\")", "`Append` takes one value as `source`, not a complex value, at line 1, column 8"),
        (
            "Split(Split([mail], \",\"), \";\")",
            concat!(
                "`Split` takes one value as `source`, not several values; take one with `Item` or join them with `Join`, ",
                "at line 1, column 7"
            ),
        ),
        (
            "IIF([proxyAddresses] = \"a\", \"b\", \"c\")",
            "one value is compared with another, not several values, at line 1, column 5",
        ),
    ]);
}

#[test]
fn comparisons_stand_in_conditions_only_and_never_with_an_empty_text() {
    refused(&[
        (
            "Append([mail] = \"a\", \"b\")",
            "a comparison stands only in the condition of `IIF` or in `CBool`, at line 1, column 8",
        ),
        (
            "Not([mail] = \"a\")",
            "a comparison stands only in the condition of `IIF` or in `CBool`, at line 1, column 5",
        ),
        (
            "IIF([mail] = \"\", \"a\", \"b\")",
            "no comparison with an empty text holds; ask `IsNullOrEmpty`, at line 1, column 14",
        ),
    ]);
}

#[test]
fn app_roles_go_through_their_functions() {
    let through = "[appRoleAssignments] goes through a function such as `AssertiveAppRoleAssignmentsComplex`";
    refused(&[
        ("Join(\",\", [appRoleAssignments])", &format!("{through}, at line 1, column 11")),
        ("Coalesce([appRoleAssignments])", &format!("{through}, at line 1, column 10")),
        (
            "SingleAppRoleAssignment([mail])",
            "`SingleAppRoleAssignment` takes [appRoleAssignments] as `[appRoleAssignments]`, not something else, at line 1, column 25",
        ),
        (
            "AppRoleAssignmentsComplex(\"Admin\")",
            "`AppRoleAssignmentsComplex` takes [appRoleAssignments] as `[appRoleAssignments]`, not something else, at line 1, column 27",
        ),
        (
            "IIF([mail] = \"a\", AppRoleAssignmentsComplex([appRoleAssignments]), \"none\")",
            "`IIF` gives a complex value in one case and a plain one in another, at line 1, column 68",
        ),
        (
            "ToLower(AppRoleAssignmentsComplex([appRoleAssignments]))",
            "`ToLower` takes one value as `source`, not a complex value, at line 1, column 9",
        ),
    ]);
}

#[test]
fn a_whole_expression_is_a_call_and_candidates_are_whole_expressions() {
    let bare = "an expression is a call of a function; map a bare attribute directly, and a bare value as a constant";
    refused(&[
        ("[mail]", &format!("{bare}, at line 1, column 1")),
        ("  \"text\"", &format!("{bare}, at line 1, column 3")),
        ("ToLower(SelectUniqueValue([mail], \"b\"))", "`SelectUniqueValue` stands only outermost, at line 1, column 9"),
    ]);
}

#[test]
fn the_type_of_the_result_is_known_and_held_against_the_target() {
    use ResultType::{Boolean, Complex, DateTime, Integer, MultiValued, Text};
    let assertive = "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])";
    let cases: &[(&str, ResultType, &[ResultType])] = &[
        ("Append([mail], \"x\")", Text, &[Text, Boolean, Integer, DateTime, MultiValued]),
        ("Not([IsSoftDeleted])", Boolean, &[Text, Boolean, MultiValued]),
        ("Count([proxyAddresses])", Integer, &[Text, Integer, MultiValued]),
        ("Now()", DateTime, &[Text, DateTime, MultiValued]),
        ("Split([mail], \",\")", MultiValued, &[MultiValued]),
        (assertive, Complex, &[Complex]),
        ("IIF([mail] = \"a\", Now(), Now())", DateTime, &[Text, DateTime, MultiValued]),
        ("IIF([mail] = \"a\", Now(), \"never\")", Text, &[Text, Boolean, Integer, DateTime, MultiValued]),
        ("Coalesce([mail], [proxyAddresses])", MultiValued, &[MultiValued]),
        ("Switch([mail], , \"a\", Not(\"True\"))", Boolean, &[Text, Boolean, MultiValued]),
        ("SelectUniqueValue([mail], \"b\")", Text, &[Text, Boolean, Integer, DateTime, MultiValued]),
        ("Redact([logonCount])", Integer, &[Text, Integer, MultiValued]),
    ];
    for (expression, gives, targets) in cases {
        let program = checked(expression, &object("")).unwrap();
        assert_eq!(program.result(), *gives, "{expression}");
        for target in [Text, Boolean, Integer, DateTime, MultiValued, Complex] {
            assert_eq!(program.fits(target).is_ok(), targets.contains(&target), "{expression} into {target:?}");
        }
    }
    let program = checked("Split([mail], \",\")", &object("")).unwrap();
    assert_eq!(program.fits(Text).unwrap_err(), "the expression gives several values, and the attribute takes a text");
}

#[test]
fn candidates_are_announced() {
    assert!(checked("SelectUniqueValue([mail], \"b\")", &object("")).unwrap().gives_candidates());
    assert!(!checked("Coalesce([mail], \"b\")", &object("")).unwrap().gives_candidates());
}

#[test]
fn functions_are_named_once_and_described() {
    let mut names: Vec<&str> = functions().map(|function| function.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    for function in functions() {
        assert!(function.summary.ends_with('.'), "{function}");
        assert!(function.repeats <= function.parameters.len(), "{function}");
        assert!(provost_expression::named(function.name).is_some(), "{function}");
    }
}

#[test]
fn an_attribute_of_any_type_may_be_asked_for() {
    let attributes: &[(&str, AttributeType)] = &[("a", AttributeType::Of(ResultType::Complex))];
    let expression = Expression::parse("IsPresent([a])").unwrap();
    assert!(expression.check(attributes).is_ok());
}
