//! What holds for every text, tree, object and budget.

use crate::fixtures::{checked, explained, object, role, shown};
use proptest::{collection::vec, option, prelude::*};
use provost_expression::{
    Budget, Call, Comparison, Evaluated, Expr, Expression, Kind, Operator, Outcome, Pattern, Place, Signature, Takes,
    Value, functions,
};
use serde_json::{Map, Value as Json, json};

fn expr(kind: Kind) -> Expr {
    Expr { kind, place: Place::default() }
}

fn operator() -> impl Strategy<Value = Operator> {
    use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    prop::sample::select(vec![Equal, NotEqual, Greater, GreaterOrEqual, Less, LessOrEqual])
}

fn leaf() -> impl Strategy<Value = Expr> {
    prop_oneof![
        "[a-zA-Z_:.][a-zA-Z0-9_:. ü-]{0,10}[a-z]".prop_map(Kind::Attribute),
        r#"[a-z]{1,5}\[[a-z]{1,4} eq "[\[\]a-z]{0,4}"\]\.[a-z]{1,4}"#.prop_map(Kind::Attribute),
        any::<String>().prop_map(Kind::Text),
        r#"[\\" \n\[\](),]{0,6}"#.prop_map(Kind::Text),
        any::<i64>().prop_map(Kind::Integer),
        "[a-zA-Z_][a-zA-Z0-9_]{0,6}".prop_map(Kind::Word),
    ]
    .prop_map(expr)
}

fn tree() -> impl Strategy<Value = Expr> {
    leaf().prop_recursive(5, 40, 5, |inner| {
        let compared = (inner.clone(), operator(), inner.clone())
            .prop_map(|(left, operator, right)| expr(Kind::Comparison(Box::new(Comparison { left, operator, right }))));
        let argument = option::weighted(0.9, prop_oneof![8 => inner, 1 => compared]);
        ("[a-zA-Z_][a-zA-Z0-9_]{0,6}", vec(argument, 0..5))
            .prop_filter("`F()` has no arguments", |(_, arguments)| arguments.as_slice() != [None])
            .prop_map(|(name, arguments)| expr(Kind::Call(Call { name, arguments })))
    })
}

/// Text that is nearly an expression, which finds more than letters at random do.
fn near_expression() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        r#" |\(|\)|\[|\]|,|"|""|"x"|"\\|\\|'|“|-|0|&H|&HF|=|<|>|<>|é|\n"#,
        "Append|Join|IIF|Switch|Now|Replace|vbTextCompare|mail|[ -~]",
    ];
    vec(token, 0..24).prop_map(|tokens| tokens.concat())
}

/// An argument that a parameter may take, rightly or nearly so.
fn argument(takes: Takes) -> BoxedStrategy<String> {
    let attribute = r"\[(displayName|mail|mobile|IsSoftDeleted|logonCount|employeeHireDate|proxyAddresses)\]";
    let text = prop_oneof![
        r#""([ a-cA-C.,@é-]|\\\\|\\"|\$[0-9&`'_+]|\$\{n\}){0,8}""#,
        r#""(2021-07-02|7/2/2021 3:33:38 PM|True|False|12|-3|AD)""#,
        attribute,
    ];
    match takes {
        Takes::Integer(..) => prop_oneof![4 => "(-1|0|1|2|3|255)", 1 => "-?[0-9]{18}", 1 => text].boxed(),
        Takes::DateTime => prop_oneof![r#""(2021-07-02|1/1/1601|9999-12-31T23:59:59Z|0001-01-01)""#, attribute].boxed(),
        Takes::Condition => prop_oneof![text.clone(), (text.clone(), "(=|<>|>|<|>=|<=)", text).prop_map(|(left, sign, right)| {
            format!("{left} {sign} {right}")
        })]
        .boxed(),
        Takes::OneOf(words) => prop::sample::select(words).prop_map(|word| format!("\"{word}\"")).boxed(),
        Takes::Styles => r#""(None|AllowInnerWhite|AssumeLocal|RoundtripKind|AllowWhiteSpaces, NoCurrentDateDefault)""#.boxed(),
        Takes::Format => r#""(yyyy|yy|M|MM|MMM|MMMM|d|dd|ddd|dddd|h|HH|m|ss|f|FFF|\.|t|tt|g|z|zzz|K|Z|o|D| |/|:|'x'|%|q){1,6}""#.boxed(),
        Takes::Culture => r#""(tr|az-AZ|en-US|)""#.boxed(),
        Takes::Pattern => {
            r#""(a|\[a-c\]|\[\^a-\[b\]\]|\(|\)|\(\?<n>|\||\*|\+|\?|\{1,3\}|\\\\d|\\\\w|\\\\b|\^|\$|\.|é){1,6}""#.prop_filter(
                "quotes",
                |text| text.len() > 1,
            )
            .boxed()
        }
        Takes::AppRoleAssignments => Just("[appRoleAssignments]".to_owned()).boxed(),
        Takes::Text | Takes::SomeText | Takes::Truth | Takes::Values | Takes::Any | Takes::Presence => text.boxed(),
    }
}

/// A call of a function with arguments that it may take, or with calls in their place.
fn call(signature: &'static Signature, inner: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let more = if signature.repeats > 0 { 0..3 } else { 0..1_usize };
    more.prop_flat_map(move |more| {
        let count = signature.parameters.len() + more * signature.repeats;
        let arguments: Vec<BoxedStrategy<String>> = (0..count)
            .filter_map(|index| signature.parameter(index))
            .map(|parameter| {
                let given = argument(parameter.takes);
                let given = if parameter.takes == Takes::AppRoleAssignments {
                    given
                } else {
                    prop_oneof![2 => given, 1 => inner.clone()].boxed()
                };
                if parameter.is_optional { prop_oneof![2 => given, 1 => Just(String::new())].boxed() } else { given }
            })
            .collect();
        arguments.prop_map(move |arguments| format!("{}({})", signature.name, arguments.join(", ")))
    })
    .boxed()
}

fn expression() -> impl Strategy<Value = String> {
    let all: Vec<&'static Signature> = functions().collect();
    let start = "\"[a-c]{0,3}\"".boxed();
    start.prop_recursive(3, 24, 4, move |inner| {
        prop::sample::select(all.clone()).prop_flat_map(move |signature| call(signature, inner.clone().boxed()))
    })
}

fn person() -> impl Strategy<Value = Map<String, Json>> {
    let text = || {
        prop_oneof![
            Just(Json::Null),
            r#"[a-cA-C .,@é\\$-]{0,12}"#.prop_map(Json::from),
            any::<String>().prop_map(Json::from)
        ]
    };
    let date = "(2021-07-02|7/2/2021 3:33:38 PM|soon|)".prop_map(Json::from);
    (text(), text(), text(), any::<Option<bool>>(), any::<Option<i64>>(), date, vec("[a-c@.]{0,4}", 0..4)).prop_map(
        |(display_name, mail, mobile, deleted, count, date, addresses)| {
            object(
                &json!({
                    "displayName": display_name, "mail": mail, "mobile": mobile, "IsSoftDeleted": deleted, "logonCount": count,
                    "employeeHireDate": date, "proxyAddresses": addresses,
                })
                .to_string(),
            )
        },
    )
}

fn budget() -> impl Strategy<Value = Budget> {
    prop_oneof![
        3 => Just(Budget::default()),
        1 => (0..200_usize, 0..2_000_usize, 0..200_usize)
            .prop_map(|(steps, bytes, value_bytes)| Budget { steps, bytes, value_bytes }),
    ]
}

/// Bytes of a result's texts.
fn size(evaluated: &Evaluated) -> usize {
    match &evaluated.outcome {
        Ok(Outcome::Value(Value::Many(texts)) | Outcome::Candidates(texts)) => texts.iter().map(String::len).sum(),
        Ok(Outcome::Value(value)) => value.text().map_or(0, |text| text.len()),
        Ok(Outcome::Ignored) | Err(_) => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn a_printed_expression_reads_back(tree in tree()) {
        let text = tree.to_string();
        let read = Expression::parse(&text);
        prop_assert_eq!(read.as_ref().map(Expression::root), Ok(&tree), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in prop_oneof![near_expression(), any::<String>(), expression()]) {
        match Expression::parse(&text) {
            Ok(expression) => prop_assert_eq!(Expression::parse(&expression.to_string()), Ok(expression)),
            Err(fault) => {
                prop_assert!(text.is_char_boundary(fault.offset), "{}", fault);
                let before = &text[..fault.offset];
                prop_assert_eq!(fault.line, 1 + before.matches('\n').count());
                let line = before.rsplit('\n').next().unwrap_or_default();
                prop_assert_eq!(fault.column, 1 + line.chars().count());
            }
        }
    }

    #[test]
    fn evaluation_ends_within_its_budget_and_twice_the_same(text in expression(), person in person(), budget in budget()) {
        let Ok(program) = checked(&text, &person) else { return Ok(()) };
        let roles = [role(1, "Admin", "Administrator")];
        let (evaluated, steps) = explained(&program, &person, &roles, budget);
        prop_assert!(evaluated.left.steps <= budget.steps && evaluated.left.bytes <= budget.bytes);
        prop_assert!(size(&evaluated) <= budget.value_bytes, "{}", shown(&evaluated));
        prop_assert!(steps.len() <= 2_000);
        prop_assert_eq!((evaluated, steps), explained(&program, &person, &roles, budget));
    }

    #[test]
    fn any_pattern_is_read_or_refused(
        pattern in prop_oneof![
            r"(a|b|\[|\]|\[\^|-|&&|\(|\)|\(\?|<n>|:|=|\||\*|\+|\?|\{|\}|1|,|\\|d|w|b|p|\{L\}|\^|\$|\.|é| |#){0,12}",
            any::<String>(),
        ],
        text in "[abé -]{0,12}",
    ) {
        if let Ok(pattern) = Pattern::parse(&pattern) {
            prop_assert!(pattern.is_match(&text).is_ok());
        }
    }

    #[test]
    fn any_format_and_any_date_are_read_or_refused(format in r#"[yMdhHmsfFtgzKZo:/. 'x%-]{0,12}"#, text in "[0-9A-Za-z:/. +-]{0,20}") {
        let object = object(&json!({ "f": format, "d": text, "t": "AllowWhiteSpaces" }).to_string());
        for expression in ["FormatDateTime([d], , [f], [f])", "FormatDateTime([d], [t], [f], \"o\")", "FormatDateTime(Now(), , \"G\", [f])"] {
            let program = checked(expression, &object).expect("the expression is right");
            let (evaluated, _) = explained(&program, &object, &[], Budget::default());
            prop_assert!(size(&evaluated) < 1_000);
        }
        let program = checked("CDate([d])", &object).expect("the expression is right");
        explained(&program, &object, &[], Budget::default());
    }

    #[test]
    fn dates_and_their_numbers_are_one(number in 0..2_650_467_743_999_999_999_i64) {
        let gives = |expression: &str| {
            let object = object(&json!({ "n": number }).to_string());
            shown(&explained(&checked(expression, &object).expect("the expression is right"), &object, &[], Budget::default()).0)
        };
        prop_assert_eq!(gives("NumFromDate(DateFromNum([n]))"), number.to_string());
        let whole_seconds = number / 10_000_000 * 10_000_000;
        prop_assert_eq!(gives("NumFromDate(CStr(DateFromNum([n])))"), whole_seconds.to_string());
        prop_assert_eq!(
            gives(r#"NumFromDate(FormatDateTime(DateFromNum([n]), , "M/d/yyyy h:mm:ss tt", "o"))"#),
            whole_seconds.to_string()
        );
    }
}

#[test]
fn most_generated_expressions_are_right() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let strategy = expression();
    let texts: Vec<String> = (0..500).map(|_| strategy.new_tree(&mut runner).expect("a tree").current()).collect();
    let right = texts.iter().filter(|text| checked(text, &Map::new()).is_ok()).count();
    assert!(right > 100, "{right} of 500: the property of evaluation would say little");
}
