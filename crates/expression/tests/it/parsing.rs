//! Text to tree, and the texts that are no expression.

use provost_expression::Expression;

/// The canonical text of what was read, or the fault.
fn shown(text: &str) -> String {
    match Expression::parse(text) {
        Ok(expression) => expression.to_string(),
        Err(fault) => format!("error: {fault}"),
    }
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(&shown(text), expected, "{text}");
    }
}

#[test]
fn white_space_is_free_and_omitted_arguments_are_kept() {
    check(&[
        ("Now()", "Now()"),
        (" Now (\t) ", "Now()"),
        ("F(\n  [a] ,\n\"b\")", r#"F([a], "b")"#),
        ("F(,)", "F(, )"),
        ("F([a],)", "F([a], )"),
        (r#"Replace([mail], "@contoso.com", , ,"", ,)"#, r#"Replace([mail], "@contoso.com", , , "", , )"#),
        (r#"Switch([a], , "k", "v")"#, r#"Switch([a], , "k", "v")"#),
    ]);
}

#[test]
fn constants() {
    check(&[
        (r#"F("a \"b\" \\ c")"#, r#"F("a \"b\" \\ c")"#),
        ("F(\"line\nbreak ü\")", "F(\"line\nbreak ü\")"),
        ("F(0, -10, 9223372036854775807)", "F(0, -10, 9223372036854775807)"),
        ("F(&HF, &hF7)", "F(15, 247)"),
        ("F(\"a\", vbBinaryCompare)", "F(\"a\", vbBinaryCompare)"),
    ]);
}

#[test]
fn attributes_may_be_paths_with_brackets() {
    check(&[
        ("F([ mail ])", "F([mail])"),
        (r#"F([emails[type eq "work"].value])"#, r#"F([emails[type eq "work"].value])"#),
        (r#"F([emails[type eq "]"].value])"#, r#"F([emails[type eq "]"].value])"#),
        (
            "F([urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department])",
            "F([urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department])",
        ),
    ]);
}

#[test]
fn conditions() {
    check(&[
        (r#"IIF([a]="b",[c],[d])"#, r#"IIF([a] = "b", [c], [d])"#),
        ("F([a]<>1,[a]>=1,[a]<=1,[a]>1,[a]<1)", "F([a] <> 1, [a] >= 1, [a] <= 1, [a] > 1, [a] < 1)"),
        ("F([a]<-1)", "F([a] < -1)"),
    ]);
}

#[test]
fn every_fault_says_what_was_expected_and_where() {
    let value = "expected a function, an [attribute], a \"text\" or a number";
    let cases: &[(&str, String)] = &[
        ("", format!("{value}, found the end, at line 1, column 1")),
        ("Append(", format!("{value}, found the end, at line 1, column 8")),
        ("Append([a]", "expected `,` or `)`, found the end, at line 1, column 11".to_owned()),
        ("Append([a]\n  [b])", "expected `,` or `)`, found `[b]`, at line 2, column 3".to_owned()),
        ("Append([a]))", "expected the end of the expression, found `)`, at line 1, column 12".to_owned()),
        ("Append([a), 1", "the attribute has no closing bracket (]), at line 1, column 8".to_owned()),
        ("Append([ ])", "expected the name of an attribute between the brackets, at line 1, column 8".to_owned()),
        ("ä", "unexpected character `ä`, at line 1, column 1".to_owned()),
        ("F(\"é\", \"b)", "the text has no closing quote (\"), at line 1, column 8".to_owned()),
        ("F(\"\\d\")", "write a backslash twice (`\\\\d` instead of `\\d`), at line 1, column 4".to_owned()),
        ("F(“a”)", "texts stand in straight double quotes (\"), not in `“`, at line 1, column 3".to_owned()),
        ("F('a')", "texts stand in straight double quotes (\"), not in `'`, at line 1, column 3".to_owned()),
        (
            "F(1.5)",
            "`1.5` is no whole number of 64 bits; anything else stands in quotes, at line 1, column 3".to_owned(),
        ),
        (
            "F(12a)",
            "`12a` is no whole number of 64 bits; anything else stands in quotes, at line 1, column 3".to_owned(),
        ),
        (
            "F(&HG)",
            "`&HG` is no whole number of 64 bits; anything else stands in quotes, at line 1, column 3".to_owned(),
        ),
        ("F(-)", "unexpected character `-`, at line 1, column 3".to_owned()),
        ("F(&)", "unexpected character `&`, at line 1, column 3".to_owned()),
        ("F([a] = )", format!("{value}, found `)`, at line 1, column 9")),
        ("F([a] = [b] = [c])", "expected `,` or `)`, found `=`, at line 1, column 13".to_owned()),
        (
            "[a] = [b]",
            "a comparison stands only in the condition of `IIF` or in `CBool`, at line 1, column 5".to_owned(),
        ),
        ("F(([a]))", format!("{value}, found `(`, at line 1, column 3")),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(text), format!("error: {expected}"), "{text}");
    }
}

#[test]
fn offsets_count_bytes_and_columns_characters() {
    let fault = Expression::parse("F(\"äö\",\r\n \"ü\", ?)").unwrap_err();
    assert_eq!((fault.offset, fault.line, fault.column), (18, 2, 7));
}

#[test]
fn bounds_on_length_depth_parts_and_names() {
    let text = |characters: usize| format!("F(\"{}\")", "ä".repeat(characters - 5));
    assert!(Expression::parse(&text(10_000)).is_ok());
    assert_eq!(
        shown(&text(10_001)),
        "error: an expression may have 10000 characters, and this one has more, at line 1, column 1"
    );

    let nested = |depth: usize| format!("{}{}", "F(".repeat(depth), ")".repeat(depth));
    assert!(Expression::parse(&nested(64)).is_ok());
    assert_eq!(shown(&nested(65)), "error: more than 64 calls stand within each other, at line 1, column 130");
    assert!(shown(&"F(".repeat(5_000)).starts_with("error: more than 64 calls"));
    assert!(shown(&"F([".repeat(3_000)).starts_with("error: the attribute has no closing bracket"));

    let parts = |count: usize| format!("F({})", vec!["1"; count - 1].join(","));
    assert!(Expression::parse(&parts(2_000)).is_ok());
    assert_eq!(shown(&parts(2_001)), "error: the expression has more than 2000 parts, at line 1, column 4001");
    assert!(shown(&format!("F({})", ",".repeat(2_000))).starts_with("error: the expression has more than 2000 parts"));

    assert!(Expression::parse(&format!("F([{}])", "a".repeat(512))).is_ok());
    assert_eq!(
        shown(&format!("F([{}])", "a".repeat(513))),
        "error: a name may have 512 bytes, and this one has more, at line 1, column 3"
    );
}

#[test]
fn the_attributes_that_are_read_are_known() {
    let expression = Expression::parse(r#"IIF([b] = "x", Join(" ", [a], [c]), Append([a], "]"))"#).unwrap();
    assert_eq!(Vec::from_iter(expression.attributes()), ["a", "b", "c"]);
}
