//! What holds for every filter, path and body: printing and reading agree, no text panics, and a lookup loses no match.

use proptest::{collection::vec, prelude::*};
use provost_scim::{
    AttrPath, Comparison, Filter, Literal, Operator, PatchPath, Projection, ResourceType,
    json::{Limits, parse},
};
use serde_json::{Map, Number, Value, json};
use std::sync::LazyLock;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z][a-zA-Z0-9_$-]{0,6}",
        "\\$ref|userName|emails|value|type|primary|active|meta|externalId|never|order|prefix|true|null|pr|eq|and",
    ]
    .prop_filter("`not` starts a negation", |name| !name.eq_ignore_ascii_case("not"))
}

fn attr_path() -> impl Strategy<Value = AttrPath> {
    prop_oneof![
        4 => (name(), proptest::option::of(name())).prop_map(|(name, sub)| AttrPath::Plain { name, sub }),
        1 => "urn(:[a-zA-Z0-9_$%@/-]{1,5}){1,4}(\\.[0-9a-z]{1,3}){0,2}".prop_map(AttrPath::Urn),
    ]
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(|number| Literal::Number(number.into())),
        any::<u64>().prop_map(|number| Literal::Number(number.into())),
        any::<f64>().prop_filter_map("finite", |number| Number::from_f64(number).map(Literal::Number)),
        ".{0,8}".prop_map(Literal::Text),
        any::<String>().prop_map(Literal::Text),
    ]
}

fn operator() -> impl Strategy<Value = Operator> {
    use Operator::{Co, Eq, Ew, Ge, Gt, Le, Lt, Ne, Sw};
    prop::sample::select(vec![Eq, Ne, Co, Sw, Ew, Gt, Ge, Lt, Le])
}

fn leaf() -> impl Strategy<Value = Filter> {
    prop_oneof![
        attr_path().prop_map(Filter::Present),
        (attr_path(), operator(), literal()).prop_map(|(path, operator, value)| Filter::Compare(Comparison {
            path,
            operator,
            value
        })),
    ]
}

fn connected(leaf: impl Strategy<Value = Filter> + 'static) -> impl Strategy<Value = Filter> {
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Filter::And),
            vec(inner.clone(), 2..4).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
}

fn value_filter() -> impl Strategy<Value = Filter> {
    (attr_path(), connected(leaf())).prop_map(|(path, filter)| Filter::Value { path, filter: Box::new(filter) })
}

fn filter() -> impl Strategy<Value = Filter> {
    connected(prop_oneof![3 => leaf(), 1 => value_filter()])
}

/// Text that is nearly a filter, which finds more than letters at random do.
fn near_filter() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        r#" | |\(|\)|\[|\]|\.|,|"|""|"x"|"\\|'|-|0|1e|true|null|and|or|not|pr|eq|ne|co|gt|urn:|\$|é"#,
        "userName|emails|value|type|active|meta|name|[a-z]{1,3}|[ -~]",
    ];
    vec(token, 0..24).prop_map(|tokens| tokens.concat())
}

static USER: LazyLock<ResourceType> =
    LazyLock::new(|| ResourceType::user().expect("the schemas in the crate are sound"));

/// Few attributes and few values, so that matches are common.
fn user() -> impl Strategy<Value = Map<String, Value>> {
    let value = || proptest::option::of(prop::sample::select(vec!["a", "A", "b", ""]));
    let email = (value(), value()).prop_map(|(value, kind)| json!({ "value": value, "type": kind }));
    (value(), value(), vec(email, 0..3)).prop_map(|(user_name, title, emails)| {
        let Value::Object(members) = json!({ "userName": user_name, "title": title, "emails": emails }) else {
            unreachable!("an object is written above")
        };
        members
    })
}

fn user_filter() -> impl Strategy<Value = String> {
    let test = |names: &'static str| {
        (names, r#" (eq|eq|eq|ne|co|gt|le) "(a|A|b|)"| pr| eq null"#).prop_map(|(name, rest)| format!("{name}{rest}"))
    };
    let join = |inner: BoxedStrategy<String>| {
        prop_oneof![
            (inner.clone(), "and|or", inner.clone())
                .prop_map(|(left, word, right)| format!("({left}) {word} ({right})")),
            inner.prop_map(|filter| format!("not ({filter})")),
        ]
    };
    let within = test("value|type").prop_recursive(2, 6, 2, join).prop_map(|filter| format!("emails[{filter}]"));
    prop_oneof![test("userName|title|emails|emails\\.value|emails\\.type"), within].prop_recursive(3, 12, 2, join)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn a_printed_filter_reads_back(filter in filter()) {
        let text = filter.to_string();
        prop_assert_eq!(Filter::parse(&text), Ok(filter), "{}", text);
    }

    #[test]
    fn a_printed_path_reads_back(
        attribute in attr_path(),
        filter in proptest::option::of((connected(leaf()), proptest::option::of(name()))),
    ) {
        let (filter, sub) = filter.map_or((None, None), |(filter, sub)| (Some(filter), sub));
        let path = PatchPath { attribute, filter, sub };
        let text = path.to_string();
        prop_assert_eq!(PatchPath::parse(&text), Ok(path), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in prop_oneof![near_filter(), any::<String>()]) {
        if let Ok(filter) = Filter::parse(&text) {
            prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter.clone()), "{}", text);
            if let Ok(query) = filter.resolve(&USER) {
                let negated = Filter::Not(Box::new(filter)).resolve(&USER).map(|negated| negated.matches(&Map::new()));
                prop_assert_eq!(negated, Ok(!query.matches(&Map::new())), "FLT-36 {}", text);
            }
        }
        if let Ok(path) = PatchPath::parse(&text) {
            prop_assert_eq!(PatchPath::parse(&path.to_string()), Ok(path), "{}", text);
        }
        if let Ok(projection) = Projection::parse(Some(&text), None) {
            prop_assert!(projection.apply(&USER, Map::new()).is_empty());
        }
    }

    #[test]
    fn any_bytes_are_json_or_refused(
        text in prop_oneof![
            r#"([\[\]{},:]|"a"|"A"|"b"|1|-|true|null| |"\\u[dD]8[0-9a-f]{2}"){0,16}"#.prop_map(String::into_bytes),
            vec(any::<u8>(), 0..64),
        ],
    ) {
        // What is accepted is what serde_json accepts, but for repeated names and deep nesting.
        if let Ok(value) = parse(&text, &Limits::default()) {
            prop_assert_eq!(serde_json::from_slice::<Value>(&text).ok(), Some(value));
        }
    }

    #[test]
    fn a_lookup_loses_no_match(user in user(), filter in user_filter()) {
        let query = Filter::parse(&filter).expect("well formed").resolve(&USER).expect("fits the schema");
        let negated = Filter::Not(Box::new(Filter::parse(&filter).expect("well formed"))).resolve(&USER).expect("fits");
        prop_assert_ne!(query.matches(&user), negated.matches(&user), "FLT-36 {}", filter);
        let indexed = ["userName".to_owned(), "emails.value".to_owned()];
        if let (true, Some(lookups)) = (query.matches(&user), query.lookups(&indexed)) {
            let folded = |value: &Value| value.as_str().map(str::to_lowercase);
            let found = lookups.iter().any(|(attribute, value)| match attribute.as_str() {
                "userName" => folded(&user["userName"]).as_ref() == Some(value),
                "emails.value" => {
                    let emails = user["emails"].as_array().expect("an array is written above");
                    emails.iter().any(|email| folded(&email["value"]).as_ref() == Some(value))
                }
                _ => false,
            });
            prop_assert!(found, "{} {:?}", filter, lookups);
        }
    }
}
