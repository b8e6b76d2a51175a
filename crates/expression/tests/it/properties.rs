//! What holds for every text and tree.

use proptest::{collection::vec, option, prelude::*};
use provost_expression::{Call, Comparison, Expr, Expression, Kind, Operator, Place};

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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_printed_expression_reads_back(tree in tree()) {
        let text = tree.to_string();
        let read = Expression::parse(&text);
        prop_assert_eq!(read.as_ref().map(Expression::root), Ok(&tree), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in prop_oneof![near_expression(), any::<String>()]) {
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
}
