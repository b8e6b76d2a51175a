//! Filters: text to tree (RFC 7644 §3.4.2.2), and the texts that are none.

use provost_scim::{Filter, ScimError, ScimType};

/// The tree in prefix form, so that a case shows what binds to what.
fn tree(filter: &Filter) -> String {
    let all = |filters: &[Filter]| filters.iter().map(tree).collect::<Vec<_>>().join(", ");
    match filter {
        Filter::And(filters) => format!("and({})", all(filters)),
        Filter::Or(filters) => format!("or({})", all(filters)),
        Filter::Not(filter) => format!("not({})", tree(filter)),
        Filter::Value { path, filter } => format!("{path}[{}]", tree(filter)),
        Filter::Compare(_) | Filter::Present(_) => filter.to_string(),
    }
}

fn shown(text: &str) -> String {
    match Filter::parse(text) {
        Ok(filter) => tree(&filter),
        Err(error) => format!("error: {error}"),
    }
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(&shown(text), expected, "{text}");
    }
}

#[test]
fn valid_vectors_of_the_checklist() {
    check(&[
        (r#"userName eq "bjensen""#, r#"userName eq "bjensen""#),
        (r#"USERNAME EQ "BJENSEN""#, r#"USERNAME eq "BJENSEN""#),
        (r#"name.familyName co "O'Malley""#, r#"name.familyName co "O'Malley""#),
        (
            r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
            r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
        ),
        (
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "26118915""#,
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "26118915""#,
        ),
        (r#"title pr and userType eq "Employee""#, r#"and(title pr, userType eq "Employee")"#),
        (
            r#"title pr or userType eq "Intern" and active eq true"#,
            r#"or(title pr, and(userType eq "Intern", active eq true))"#,
        ),
        (r#"not (userType eq "Employee")"#, r#"not(userType eq "Employee")"#),
        (
            r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
            r#"and(userType ne "Employee", not(or(emails co "example.com", emails.value co "example.org")))"#,
        ),
        (
            r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
            concat!(
                r#"or(emails[and(type eq "work", value co "@example.com")], "#,
                r#"ims[and(type eq "xmpp", value co "@foo.com")])"#
            ),
        ),
        (
            r#"emails[type eq "work" or (type eq "home" and value ew "@example.com")]"#,
            r#"emails[or(type eq "work", and(type eq "home", value ew "@example.com"))]"#,
        ),
        (r#"emails[not (type eq "home")]"#, r#"emails[not(type eq "home")]"#),
        (
            r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
            r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
        ),
        (r#"meta.lastModified ge "2011-05-13T04:42:34Z""#, r#"meta.lastModified ge "2011-05-13T04:42:34Z""#),
        (
            r#"displayName eq "a \"quoted\" \\ name (x) [y] and z""#,
            r#"displayName eq "a \"quoted\" \\ name (x) [y] and z""#,
        ),
        (r#"displayName eq "\u00e9""#, r#"displayName eq "é""#),
        ("externalId eq null", "externalId eq null"),
        ("members[$ref pr]", "members[$ref pr]"),
        ("((userName pr))", "userName pr"),
    ]);
}

#[test]
fn invalid_vectors_of_the_checklist_name_the_byte() {
    let operators = "an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr)";
    let value = "a value: a string in double quotes, a number, true, false or null";
    for (text, expected) in [
        ("", "expected an attribute name, found the end at byte 0"),
        (" ", "expected an attribute name, found the end at byte 1"),
        ("userName", "expected an operator, found the end at byte 8"),
        ("userName eq", &format!("expected {value}, found the end at byte 11")),
        ("userName eq bjensen", &format!("expected {value}, found `bjensen` at byte 12")),
        ("userName eq 'bjensen'", "strings stand in double quotes at byte 12"),
        (r#"userName = "x""#, "unexpected character `=` at byte 9"),
        (r#"userName regex "^b""#, &format!("expected {operators}, found `regex` at byte 9")),
        (r#"eq "x""#, "expected an operator, found a string at byte 3"),
        (r#"userName eq "unterminated"#, "the string has no closing quote at byte 12"),
        ("(userName pr", "expected `)`, found the end at byte 12"),
        ("userName pr)", "expected the end, found `)` at byte 11"),
        ("userName pr and", "expected an attribute name, found the end at byte 15"),
        ("and userName pr", &format!("expected {operators}, found `userName` at byte 4")),
        ("not userName pr", "expected `(` after `not`, found `userName` at byte 4"),
        (r#"emails[type eq "work""#, "expected `]`, found the end at byte 21"),
        ("emails[]", "expected an attribute name, found `]` at byte 7"),
        ("emails[a eq 1 and b[c eq 2]]", "a value filter may not hold another one at byte 19"),
        (r#"userName eq "x" userName pr"#, "expected the end, found `userName` at byte 16"),
        ("userName eq 01", "not a JSON number, or too large at byte 12"),
        (r#"userName eq "\x""#, "not a JSON string: invalid escape at byte 14"),
        (r#"userName..x eq "y""#, "`.x` is not a sub-attribute name at byte 9"),
        (r#".userName eq "x""#, "expected an attribute name, found `.` at byte 0"),
    ] {
        assert_eq!(shown(text), format!("error: {expected} of the filter"), "{text}");
    }
}

#[test]
fn an_error_answers_invalid_filter() {
    let error = ScimError::from(Filter::parse("userName").expect_err("no operator"));
    assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidFilter)), "FLT-09");
    assert_eq!(error.detail, "expected an operator, found the end at byte 8 of the filter");
}

#[test]
fn words_and_precedence() {
    check(&[
        // FLT-01
        ("a Pr AND b PR oR NOT (c pR)", "or(and(a pr, b pr), not(c pr))"),
        // FLT-02
        ("a pr or b pr and c pr", "or(a pr, and(b pr, c pr))"),
        ("(a pr or b pr) and c pr", "and(or(a pr, b pr), c pr)"),
        ("not (a pr) and b pr", "and(not(a pr), b pr)"),
        ("a pr and (b pr and c pr)", "and(a pr, and(b pr, c pr))"),
        ("a pr and b pr and c pr or d pr or e pr", "or(and(a pr, b pr, c pr), d pr, e pr)"),
        // FLT-04
        ("not(a pr)", "not(a pr)"),
        // FLT-05
        ("\t a\r\n pr\tand (b  pr) ", "and(a pr, b pr)"),
        (r#"members[value eq"2819c223"]"#, r#"members[value eq "2819c223"]"#),
        (r#"(a pr)and(b eq"x")"#, r#"and(a pr, b eq "x")"#),
        // FLT-12
        (
            "never pr and order pr and prefix eq 1 or notes pr or android pr",
            "or(and(never pr, order pr, prefix eq 1), notes pr, android pr)",
        ),
        ("eqq eq 1", "eqq eq 1"),
        ("true eq true", "true eq true"),
        // MOD-02 MOD-03
        ("$ref pr", "$ref pr"),
        ("a-b_c$1 pr", "a-b_c$1 pr"),
    ]);
}

#[test]
fn literals() {
    check(&[
        // FLT-06
        (r#"a eq "\"\\\/\b\f\n\r\t""#, r#"a eq "\"\\/\b\f\n\r\t""#),
        (r#"a eq "\ud83d\ude00 and (b or [c])""#, r#"a eq "😀 and (b or [c])""#),
        (r#"a eq """#, r#"a eq """#),
        (r#"a eq "\ud83d""#, "error: not a JSON string: unexpected end of hex escape at byte 12 of the filter"),
        (
            "a eq \"\u{1}\"",
            "error: not a JSON string: control character (\\u0000-\\u001F) found while parsing a string \
             at byte 6 of the filter",
        ),
        // FLT-07
        ("a eq true and b eq false and c eq null", "and(a eq true, b eq false, c eq null)"),
        ("a eq -1.5e3", "a eq -1500.0"),
        ("a eq 18446744073709551615", "a eq 18446744073709551615"),
        ("a eq 1e999", "error: not a JSON number, or too large at byte 5 of the filter"),
        ("a eq 1.", "error: not a JSON number, or too large at byte 5 of the filter"),
        ("a eq -", "error: not a JSON number, or too large at byte 5 of the filter"),
        ("a eq +1", "error: unexpected character `+` at byte 5 of the filter"),
        ("a eq 1and b pr", "error: a number and a name need a space between at byte 6 of the filter"),
        // FLT-08
        (
            "a eq True",
            "error: expected a value: a string in double quotes, a number, true, false or null, found `True` \
             at byte 5 of the filter",
        ),
        ("a eq é", "error: unexpected character `é` at byte 5 of the filter"),
    ]);
}

#[test]
fn value_filters() {
    check(&[
        // FLT-14
        (r#"emails[type eq "work"].value eq "x""#, r#"emails[and(type eq "work", value eq "x")]"#),
        (
            r#"emails[type eq "work" and primary eq true].value sw "x""#,
            r#"emails[and(type eq "work", primary eq true, value sw "x")]"#,
        ),
        (
            r#"emails[type eq "work" or type eq "home"].Value pr and a pr"#,
            r#"and(emails[and(or(type eq "work", type eq "home"), Value pr)], a pr)"#,
        ),
        (r#"emails[type eq "work"].value"#, "error: expected an operator, found the end at byte 28 of the filter"),
        (
            r#"emails[type eq "work"].value.x pr"#,
            "error: expected the name of a sub-attribute, found `value.x` at byte 23 of the filter",
        ),
        (
            r#"emails[type eq "work"]."#,
            "error: expected the name of a sub-attribute, found the end at byte 23 of the filter",
        ),
        // FLT-13
        ("a[(b[c pr])]", "error: a value filter may not hold another one at byte 4 of the filter"),
        ("a[b pr] and c[d pr]", "and(a[b pr], c[d pr])"),
        ("[a pr]", "error: expected an attribute name, found `[` at byte 0 of the filter"),
        ("a[b pr)]", "error: expected `]`, found `)` at byte 6 of the filter"),
    ]);
}

#[test]
fn bounds_hold_while_parsing() {
    let deep = |open: &str, close: &str, levels: usize| format!("{}a pr{}", open.repeat(levels), close.repeat(levels));
    let too_deep = |offset: usize| {
        format!("error: more than 32 parentheses and brackets within each other at byte {offset} of the filter")
    };
    assert_eq!(shown(&deep("(", ")", 32)), "a pr", "FLT-15");
    assert_eq!(shown(&deep("(", ")", 33)), too_deep(32), "FLT-15");
    assert_eq!(shown(&deep("not(", ")", 1600)), too_deep(32 * 4 + 3), "FLT-15");
    assert_eq!(shown(&"(".repeat(5000)), too_deep(32), "FLT-15");
    assert_eq!(shown(&"a[".repeat(4000)), "error: a value filter may not hold another one at byte 3 of the filter");
    assert_eq!(shown(&"[".repeat(5000)), "error: expected an attribute name, found `[` at byte 0 of the filter");

    let long = |bytes: usize| format!(r#"a eq "{}""#, "x".repeat(bytes - 7));
    assert!(Filter::parse(&long(8192)).is_ok(), "FLT-15");
    assert_eq!(shown(&long(8193)), "error: a filter may have 8192 bytes, and more begins at byte 8192 of the filter");

    let wide = |terms: usize| vec!["a pr"; terms].join(" or ");
    assert!(Filter::parse(&wide(199)).is_ok(), "FLT-15");
    assert_eq!(
        shown(&wide(200)),
        format!("error: the filter has more than 200 parts at byte {} of the filter", wide(200).len())
    );
}

#[test]
fn what_is_parsed_at_the_bound_of_depth_is_safe_to_use() {
    let text = format!("{}a pr{}", "not (b pr and ".repeat(32), ")".repeat(32));
    let filter = Filter::parse(&text).expect("within the bounds");
    assert_eq!(filter.to_string(), text);
    assert_eq!(filter.clone(), filter);
}

#[test]
fn errors_repeat_no_long_words() {
    let text = format!("a {}", "x".repeat(8000));
    assert!(shown(&text).len() < 250, "{}", shown(&text));
}
