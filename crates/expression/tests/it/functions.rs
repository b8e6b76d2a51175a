//! What each function does at its edges: nothing, empty texts, several values, numbers out of range.

use crate::fixtures::{check, result};

#[test]
fn null_in_null_out() {
    let null = "null";
    check(&[
        (r#"Append([mail], "x")"#, "", null),
        (r#"Append("x", [mail])"#, "", r#""x""#),
        (r#"Prepend("x", [mail])"#, "", null),
        (r#"Prepend([mail], "x")"#, "", r#""x""#),
        ("CStr([mail])", "", null),
        ("Trim([mail])", "", null),
        ("StripSpaces([mail])", "", null),
        ("ToLower([mail])", "", null),
        ("ToUpper([mail])", "", null),
        ("PCase([mail])", "", null),
        ("NormalizeDiacritics([mail])", "", null),
        ("Mid([mail], 1, 2)", "", null),
        ("ConvertToBase64([mail])", "", null),
        ("ConvertToUTF8Hex([mail])", "", null),
        ("CDate([mail])", "", null),
        ("CDate([mail])", r#"{"mail":""}"#, null),
        (r#"DateAdd("d", 1, [mail])"#, "", null),
        (r#"DateAdd("d", [mail], Now())"#, "", null),
        (r#"DateDiff("d", Now(), [mail])"#, "", null),
        ("DateFromNum([mail])", "", null),
        ("NumFromDate([mail])", "", null),
        (r#"FormatDateTime([mail], , "d", "d")"#, "", null),
        ("BitAnd([mail], 1)", "", null),
        ("Coalesce([mail], [mobile])", "", null),
        (r#"Replace([mail], "a", , , "b", , )"#, "", null),
        (r#"Replace([mail], "<u>", , , , , "<u>@x")"#, "", null),
        (r#"Replace([mail], , "a", , "b", , )"#, "", null),
        ("Item([proxyAddresses], 1)", "", null),
        (r#"Join(",", [mail], [proxyAddresses])"#, "", null),
        ("RemoveDuplicates([proxyAddresses])", "", "[]"),
        (r#"Split([mail], ",")"#, "", "[]"),
        ("Count([proxyAddresses])", "", "0"),
        ("Left([mail], 2)", "", r#""""#),
        (r#"Word([mail], 1, " ")"#, "", r#""""#),
        (r#"InStr([mail], "a")"#, "", "0"),
        ("Not([mail])", "", "true"),
        ("CBool([mail])", "", "false"),
    ]);
}

#[test]
fn texts_are_cut_by_characters() {
    check(&[
        (r#"Left("héé", 2)"#, "", r#""hé""#),
        (r#"Left("abc", 0)"#, "", r#""""#),
        (r#"Left("abc", -1)"#, "", r#""abc""#),
        (r#"Left("abc", 99)"#, "", r#""abc""#),
        (r#"Left("abc", [mail])"#, r#"{"mail":" 2 "}"#, r#""ab""#),
        (r#"Mid("añb", 2, 1)"#, "", r#""ñ""#),
        (r#"Mid("abc", 2, 99)"#, "", r#""bc""#),
        (r#"Mid("abc", 4, 1)"#, "", r#""""#),
        (r#"Mid("abc", 1, 9223372036854775807)"#, "", r#""abc""#),
        (r#"Mid("abc", 9223372036854775807, 0)"#, "", r#""""#),
        (
            r#"Mid("abc", [mail], 1)"#,
            r#"{"mail":"0"}"#,
            "error: `Mid`: `start` takes a whole number of at least 1, not `\"0\"`, at line 1, column 1",
        ),
        (r#"Mid("abc", [mail], 1)"#, "", "error: `Mid`: its position or length is null, at line 1, column 1"),
        (
            r#"Left("abc", [mail])"#,
            r#"{"mail":"two"}"#,
            "error: `Left`: `NumChars` takes a whole number, not `\"two\"`, at line 1, column 1",
        ),
    ]);
}

#[test]
fn several_values_are_joined_or_chosen_from_and_never_guessed() {
    let two = r#"{"proxyAddresses":["a","b"],"mail":null}"#;
    check(&[
        (r#"Join(";", [proxyAddresses], "c")"#, two, r#""a;b;c""#),
        (r#"Join(";", [proxyAddresses], [mail], "c")"#, r#"{"proxyAddresses":["a","","b"]}"#, r#""a;b;c""#),
        ("Item([proxyAddresses], 2)", two, r#""b""#),
        ("Item([proxyAddresses], 3)", two, "null"),
        (r#"Item("single", 1)"#, "", r#""single""#),
        ("Count([proxyAddresses])", two, "2"),
        (r#"Count("one")"#, "", "1"),
        ("Coalesce([mail], [proxyAddresses])", two, r#"["a","b"]"#),
        ("Coalesce([proxyAddresses], \"none\")", r#"{"proxyAddresses":[]}"#, r#""none""#),
        (r#"Item(Split("a;b; c ;", ";"), 3)"#, "", r#""c""#),
        (r#"Count(Split("a;b; c ;", ";"))"#, "", "4"),
        (r#"Split("a--b", "--")"#, "", r#"["a","b"]"#),
        (r#"RemoveDuplicates(Split("a,A,a", ","))"#, "", r#"["a","A"]"#),
        ("IsString([proxyAddresses])", two, "false"),
    ]);
    // One value of a multi-valued attribute is that value, also where the source calls the attribute single-valued.
    let program = crate::fixtures::checked("ToUpper([mail])", &crate::fixtures::object("")).unwrap();
    let several =
        |text: &str| crate::fixtures::shown(&crate::fixtures::evaluated(&program, &crate::fixtures::object(text), &[]));
    assert_eq!(several(r#"{"mail":["a"]}"#), r#""A""#);
    assert_eq!(several(r#"{"mail":[]}"#), "null");
    assert_eq!(
        several(r#"{"mail":["a","b"]}"#),
        "error: `ToUpper`: `source` has 2 values; take one with `Item` or join them with `Join`, at line 1, column 1"
    );
}

#[test]
fn positions_of_texts_in_texts() {
    check(&[
        (r#"InStr("abcabc", "c", 4)"#, "", "6"),
        (r#"InStr("abc", "C")"#, "", "0"),
        (r#"InStr("abc", "C", , vbTextCompare)"#, "", "3"),
        (r#"InStr("ÄÖÜ", "öü", 1, "vbTextCompare")"#, "", "2"),
        (r#"InStr("abc", "")"#, "", "1"),
        (r#"InStr("abc", "", 3)"#, "", "3"),
        (r#"InStr("abc", "", 4)"#, "", "0"),
        (r#"InStr("", "")"#, "", "0"),
        (r#"InStr("éa", "a", 2)"#, "", "2"),
    ]);
}

#[test]
fn words() {
    check(&[
        (r#"Word("a b", 0, " ")"#, "", r#""""#),
        (r#"Word("a b", -1, " ")"#, "", r#""""#),
        (r#"Word("a b", 3, " ")"#, "", r#""""#),
        (r#"Word("a  b", 2, " ")"#, "", r#""b""#),
        (r#"Word("a b", 1, "")"#, "", r#""a b""#),
    ]);
}

#[test]
fn upper_and_lower_case_by_culture() {
    check(&[
        (r#"ToLower("ÀÉI İ")"#, "", r#""àéi İ""#),
        (r#"ToLower("ISTANBUL", "tr-TR")"#, "", r#""ıstanbul""#),
        (r#"ToLower("İ", "tr")"#, "", r#""i""#),
        (r#"ToLower("İ", "en-US")"#, "", r#""i""#),
        (r#"ToUpper("straße ı")"#, "", r#""STRAßE ı""#),
        (r#"ToUpper("istanbul", "az-Latn-AZ")"#, "", r#""İSTANBUL""#),
        (r#"ToUpper("iı", "de-DE")"#, "", r#""II""#),
        (r#"ToUpper("ΣΊΣΥΦΟΣ σ", "")"#, "", r#""ΣΊΣΥΦΟΣ Σ""#),
        (
            r#"ToLower("A", [mail])"#,
            r#"{"mail":"no culture"}"#,
            "error: `ToLower`: `no culture` is no name of a culture, such as en-US, at line 1, column 1",
        ),
    ]);
}

#[test]
fn proper_case() {
    check(&[
        (r#"PCase("o'neil MCDONALD")"#, "", r#""O'neil Mcdonald""#),
        (r#"PCase("a-b_c.d/e")"#, "", r#""A-B_C.D/E""#),
        (r#"PCase("3rd a1b")"#, "", r#""3Rd A1b""#),
        (r#"PCase("ÉCOLE élan")"#, "", r#""École Élan""#),
        (
            r#"PCase("e\u{301}", "")"#,
            "",
            "refused: write a backslash twice (`\\\\u` instead of `\\u`), at line 1, column 9",
        ),
        (r#"PCase("AB CD", "")"#, "", r#""Ab cd""#),
        (r#"PCase("AB-CD EF", "-")"#, "", r#""Ab-Cd ef""#),
    ]);
}

#[test]
fn spaces() {
    check(&[
        ("StripSpaces([mail])", "{\"mail\":\" a b\\tc\u{a0}\"}", "\"ab\\tc\u{a0}\""),
        ("Trim([mail])", "{\"mail\":\" \\t a b \u{a0}\"}", r#""a b""#),
    ]);
}

#[test]
fn conditions_with_nothing_on_one_side_fail() {
    check(&[
        (r#"IIF([country] = "US", "yes", "no")"#, r#"{"country":null}"#, r#""no""#),
        (r#"IIF([country] <> "US", "yes", "no")"#, r#"{"country":null}"#, r#""no""#),
        (r#"IIF([country] <> "US", "yes", "no")"#, r#"{"country":""}"#, r#""no""#),
        (r#"IIF([country] <> "US", "yes", "no")"#, r#"{"country":"DE"}"#, r#""yes""#),
        (r#"IIF([a] = [b], "yes", "no")"#, r#"{"a":null,"b":null}"#, r#""no""#),
        (r#"IIF(IsNullOrEmpty([country]), "Other", [country])"#, r#"{"country":""}"#, r#""Other""#),
    ]);
}

#[test]
fn comparisons_by_type() {
    let yes = r#""yes""#;
    let no = r#""no""#;
    check(&[
        (r#"IIF([a] = "b", "yes", "no")"#, r#"{"a":"B"}"#, no),
        (r#"IIF([a] < "b", "yes", "no")"#, r#"{"a":"a"}"#, yes),
        (r#"IIF([a] < "10", "yes", "no")"#, r#"{"a":"9"}"#, yes),
        (r#"IIF([a] = "9.0", "yes", "no")"#, r#"{"a":"9"}"#, no),
        (r#"IIF([a] >= "9.5", "yes", "no")"#, r#"{"a":"9.50"}"#, yes),
        ("IIF([a] = 9, \"yes\", \"no\")", r#"{"a":"09"}"#, yes),
        ("IIF([a] = 9, \"yes\", \"no\")", r#"{"a":"nine"}"#, no),
        ("IIF([a] <> 9, \"yes\", \"no\")", r#"{"a":"nine"}"#, yes),
        ("IIF([a] > 9, \"yes\", \"no\")", r#"{"a":"nine"}"#, no),
        ("IIF([a] > 8, \"yes\", \"no\")", r#"{"a":9}"#, yes),
        ("IIF([a] <= 8, \"yes\", \"no\")", r#"{"a":9}"#, no),
        (r#"IIF([IsSoftDeleted] = "true", "yes", "no")"#, r#"{"IsSoftDeleted":true}"#, yes),
        (r#"IIF([a] < Now(), "yes", "no")"#, r#"{"a":"2021-07-02"}"#, yes),
        (r#"IIF([a] < Now(), "yes", "no")"#, r#"{"a":"2021-07-03"}"#, no),
        (r#"IIF([a] < Now(), "yes", "no")"#, r#"{"a":"no date"}"#, no),
    ]);
}

#[test]
fn truth() {
    for (value, expected) in [
        ("true", "true"),
        ("\"TRUE\"", "true"),
        ("\" true \"", "true"),
        ("\"yes\"", "false"),
        ("\"1\"", "true"),
        ("\"-0.5\"", "true"),
        ("\"0\"", "false"),
        ("\"\"", "false"),
        ("5", "true"),
        ("0", "false"),
        ("false", "false"),
    ] {
        let object = format!("{{\"a\":{value}}}");
        assert_eq!(result("CBool([a])", &object, &[]), expected, "{value}");
        assert_eq!(result("IIF([a], \"true\", \"false\")", &object, &[]), format!("\"{expected}\""), "{value}");
        assert_ne!(result("Not([a])", &object, &[]), expected, "{value}");
    }
}

#[test]
fn only_what_is_chosen_is_evaluated() {
    check(&[
        (r#"IIF("True", "a", Error("not reached"))"#, "", r#""a""#),
        (r#"Switch("k", Error("no"), "k", "v", "l", Error("no"))"#, "", r#""v""#),
        (r#"Coalesce("a", Error("no"))"#, "", r#""a""#),
        (r#"IIF("False", "a", Error("no country"))"#, "", "error: `Error`: no country, at line 1, column 19"),
    ]);
}

#[test]
fn switch_compares_texts_with_case() {
    check(&[
        (r#"Switch([a], "d", "k", "v")"#, r#"{"a":"K"}"#, r#""d""#),
        (r#"Switch([a], , "k", "v")"#, r#"{"a":"K"}"#, "null"),
        (r#"Switch([a], "d", "1", "one")"#, r#"{"a":1}"#, r#""one""#),
        (r#"Switch([a], "d", "k", "first", "k", "second")"#, r#"{"a":"k"}"#, r#""first""#),
        (r#"Switch([a], "d", [b], "v")"#, r#"{"a":null,"b":null}"#, r#""v""#),
        (r#"Switch([a], "d", "True", [b])"#, r#"{"a":true,"b":null}"#, "null"),
    ]);
}

#[test]
fn presence() {
    for (value, null, empty, string) in [
        ("null", true, true, false),
        ("\"\"", false, true, true),
        ("\"a\"", false, false, true),
        ("0", false, false, false),
        ("false", false, false, false),
        ("[]", true, true, false),
        ("[\"\"]", false, true, true),
        ("[\"a\",\"b\"]", false, false, false),
    ] {
        let object = format!("{{\"a\":{value}}}");
        for (function, expected) in [
            ("IsNull", null),
            ("IsNothing", null),
            ("IsNullOrEmpty", empty),
            ("IsPresent", !empty),
            ("IsString", string),
        ] {
            assert_eq!(
                result(&format!("{function}([a])"), &object, &[]),
                expected.to_string(),
                "{function} of {value}"
            );
        }
    }
}

#[test]
fn what_is_ignored_inside_is_ignored_whole() {
    check(&[
        (r#"Append(IgnoreFlowIfNullOrEmpty([mail]), "x")"#, "", "ignored"),
        (r#"Append(IgnoreFlowIfNullOrEmpty([mail]), "x")"#, r#"{"mail":"a"}"#, r#""ax""#),
        (r#"IIF("True", "a", IgnoreFlowIfNullOrEmpty([mail]))"#, "", r#""a""#),
    ]);
}

#[test]
fn candidates_are_told_once_and_without_empty_ones() {
    check(&[
        (r#"SelectUniqueValue("b", [mail], "a", "", "b")"#, "", r#"candidates ["b","a"]"#),
        ("SelectUniqueValue([mail], [mobile])", "", "candidates []"),
        (r#"SelectUniqueValue("a", IgnoreFlowIfNullOrEmpty([mail]))"#, "", "ignored"),
    ]);
}

#[test]
fn surroundings() {
    check(&[
        ("DefaultDomain()", "", r#""contoso.com""#),
        (r#"Join("@", [mailNickname], DefaultDomain())"#, r#"{"mailNickname":"jo"}"#, r#""jo@contoso.com""#),
        (r#"Append([emails[type eq "work"].value], "")"#, r#"{"emails[type eq \"work\"].value":"a@x"}"#, r#""a@x""#),
        ("CStr([logonCount])", r#"{"logonCount":12}"#, r#""12""#),
        ("CStr([IsSoftDeleted])", r#"{"IsSoftDeleted":true}"#, r#""True""#),
        ("CStr(Now())", "", r#""7/2/2021 3:33:38 PM""#),
        ("BitAnd([a], 2)", r#"{"a":"514"}"#, "2"),
        ("BitAnd(-1, 512)", "", "512"),
        ("ConvertToBase64([a])", r#"{"a":"é😀"}"#, r#""6QA92ADe""#),
    ]);
}

/// The text of a result, without its quotes.
fn text(expression: &str) -> String {
    result(expression, "", &[]).trim_matches('"').to_owned()
}

#[test]
fn guids_are_random_and_of_version_4() {
    let one = text("Guid()");
    assert_eq!(one.len(), 36);
    assert_eq!(&one[14..15], "4");
    assert!("89ab".contains(&one[19..20]), "{one}");
    assert_eq!(one, one.to_lowercase());
    let two = text("Join(\" \", Guid(), Guid())");
    let (first, second) = two.split_once(' ').unwrap();
    assert_ne!(first, second);
}

#[test]
fn random_strings_hold_what_was_asked_for() {
    let count = |text: &str, is_it: fn(char) -> bool| text.chars().filter(|character| is_it(*character)).count();
    let special = |character: char| !character.is_ascii_alphanumeric();

    let plain = text("RandomString(6,3,0,0,3)");
    assert_eq!(
        (plain.len(), count(&plain, |one| one.is_ascii_digit()), count(&plain, |one| one.is_ascii_lowercase())),
        (6, 3, 3)
    );

    let expression =
        crate::fixtures::checked("RandomString(200,2,2,2,1,\"?,aZ9\")", &crate::fixtures::object("")).unwrap();
    let evaluated = crate::fixtures::evaluated(&expression, &crate::fixtures::object(""), &[]);
    let Ok(provost_expression::Outcome::Value(provost_expression::Value::Text(mixed))) = evaluated.outcome else {
        panic!("a text is made")
    };
    assert_eq!(mixed.len(), 200);
    assert!(!mixed.contains(['?', ',', 'a', 'Z', '9']), "{mixed}");
    assert!(count(&mixed, |one| one.is_ascii_digit()) >= 2 && count(&mixed, special) >= 2);
    assert!(count(&mixed, |one| one.is_ascii_uppercase()) >= 2 && count(&mixed, |one| one.is_ascii_lowercase()) >= 1);

    let unspecified = text("RandomString(256,0,0,0,0)");
    assert_eq!((unspecified.len(), count(&unspecified, special)), (256, 0));
    assert_eq!(
        text("RandomString(4,4,0,0,0,\"0123456789\")"),
        "error: `RandomString`: `CharactersToAvoid` leaves none of the characters that it needs, at line 1, column 1"
    );
}
