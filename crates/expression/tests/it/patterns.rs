//! Regular expressions: what .NET's syntax means here, and what is refused.

use crate::fixtures::check;
use provost_expression::{Pattern, TooMuch};

/// Pattern, replacement, text, and what `Replace` makes of it.
#[track_caller]
fn replaces(cases: &[(&str, &str, &str, &str)]) {
    for (pattern, replacement, text, expected) in cases {
        let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let expression = format!("Replace([a], , \"{}\", , \"{}\", , )", escaped(pattern), escaped(replacement));
        let object = serde_json::json!({ "a": text }).to_string();
        let expected = serde_json::Value::from(*expected).to_string();
        check(&[(&expression, &object, &expected)]);
    }
}

#[test]
fn classes_mean_what_they_mean_in_dot_net() {
    replaces(&[
        ("[[]", "x", "a[b]", "axb]"),
        ("[]a]", "x", "a]b", "xxb"),
        ("[a&&b]", "x", "a&b", "xxx"),
        ("[a~~b]", "x", "a~c", "xxc"),
        ("[a-z-[aeiou]]", "x", "hallo-[", "xaxxo-["),
        ("[^a-z-[A]]", "x", "aAb1", "aAbx"),
        ("[a-d-[b-c-[c]]]", "x", "abcd", "xbxx"),
        ("[\\w-[\\d]]", "x", "a1-b", "x1-x"),
        ("[()\\s-]", "x", "(a) -", "xaxxx"),
        ("[\\]\\-\\\\]", "x", "]-\\a", "xxxa"),
        ("[+--]", "x", "+,-.", "xxx."),
        ("[\\b]", "x", "a\u{8}b", "axb"),
        ("(?x)[ #]", "x", "a #", "axx"),
    ]);
}

#[test]
fn braces_that_repeat_nothing_are_plain() {
    replaces(&[
        ("a{2}", "x", "aaa", "xa"),
        ("a{2,}", "x", "aaa", "x"),
        ("a{1,2}?", "x", "aa", "xx"),
        ("a{,2}", "x", "aa{,2}", "ax"),
        ("{a}", "x", "{a}", "x"),
        ("a{", "x", "a{", "x"),
        ("a{b", "x", "a{b", "x"),
    ]);
}

#[test]
fn escapes_and_options() {
    replaces(&[
        ("\\<a\\>", "x", "<a>", "x"),
        ("\\u00e9\\x41\\cA\\e", "x", "éA\u{1}\u{1b}", "x"),
        ("(?i)é", "x", "É", "x"),
        ("(?i:A)b", "x", "ab aB", "x aB"),
        ("(?#comment)a", "x", "a", "x"),
        ("(?'n'a)", "<${n}>", "a", "<a>"),
        ("\\p{Lu}", "x", "aÄ", "ax"),
        ("^b", "x", "a\nb", "a\nb"),
        ("(?m)^b", "x", "a\nb", "a\nx"),
        ("a.b", "x", "a\nb", "a\nb"),
        ("(?s)a.b", "x", "a\nb", "x"),
        ("\\bcat\\b", "x", "cat concat", "x concat"),
    ]);
}

#[test]
fn replacements_as_in_dot_net() {
    replaces(&[
        ("(a)(?<n>b)(c)", "$1-$2-$3-${n}-${2}", "abc", "a-c-b-b-c"),
        ("b", "[$&|$`|$'|$_]", "abc", "a[b|a|c|abc]c"),
        ("(a)(b)?", "<$2>", "a", "<>"),
        ("(a)(b)", "$+", "ab", "b"),
        ("a", "$$1 $5 ${x} $", "a", "$1 $5 ${x} $"),
        ("a", "${unclosed", "a", "${unclosed"),
        ("(a)", "$10", "a", "$10"),
        // Empty matches right behind other matches count.
        ("a*", "x", "baac", "xbxxcx"),
        ("", "-", "éa", "-é-a-"),
    ]);
}

#[test]
fn groups_by_name_and_by_number() {
    check(&[
        (r#"Replace("a1b2", , "([a-z])(?<digit>\\d)", "digit", "+", , )"#, "", r#""a+b+""#),
        (r#"Replace("a1b2", , "([a-z])(?<digit>\\d)", "1", "+", , )"#, "", r#""+1+2""#),
        (r#"Replace("a1b2", , "(?<digit>\\d)|(x)", "1", "+", , )"#, "", r#""a1b2""#),
        (r#"Replace([mail], , "(?<digit>\\d)", "digit", , "a7", )"#, "", r#""7""#),
        (r#"Replace([mail], , "(?<digit>\\d)", "digit", , "a", )"#, "", "null"),
        (
            r#"Replace([mail], , [p], "digit", , "a", )"#,
            r#"{"p":"(a"}"#,
            "error: `Replace`: the pattern is not understood: unclosed group, at line 1, column 1",
        ),
        (
            r#"Replace("a", , [p], [g], "x", , )"#,
            r#"{"p":"(?<n>a)","g":"m"}"#,
            "error: `Replace`: the pattern has no group `m`, at line 1, column 1",
        ),
        (r#"Replace("a", , [p], , "x", , )"#, r#"{"p":null}"#, r#""a""#),
        (r#"Replace("aXa", [p], , , "-", , )"#, r#"{"p":""}"#, r#""aXa""#),
        (r#"Replace("aXaX", "X", , , [p], , )"#, r#"{"p":null}"#, r#""aa""#),
    ]);
}

#[test]
fn what_needs_backtracking_is_refused_by_name() {
    let linear = "patterns are searched in linear time, so";
    for (pattern, problem) in [
        ("(?=a)", format!("{linear} looks ahead (`(?=`, `(?!`) are not supported")),
        ("(?!a)", format!("{linear} looks ahead (`(?=`, `(?!`) are not supported")),
        ("(?<=a)", format!("{linear} looks behind (`(?<=`, `(?<!`) are not supported")),
        ("(?<!a)", format!("{linear} looks behind (`(?<=`, `(?<!`) are not supported")),
        ("(?>a)", format!("{linear} atomic groups (`(?>`) are not supported")),
        ("(?(1)a|b)", format!("{linear} conditional groups (`(?(`) are not supported")),
        ("(a)\\1", format!("{linear} references back to groups (`\\1`, `\\k<name>`) are not supported")),
        ("\\k<a>", format!("{linear} references back to groups (`\\1`, `\\k<name>`) are not supported")),
        ("(?<a-b>c)", format!("{linear} balancing groups (`(?<a-b>`) are not supported")),
        ("\\Ga", format!("{linear} places of the last match (`\\G`) are not supported")),
        ("(?P<a>b)", "a group with a name is written `(?<name>`".to_owned()),
        ("(?<1>b)", "the name of a group begins with a letter".to_owned()),
        ("(?n)a", "the option `n` is not supported; write `(?:` for groups that capture nothing".to_owned()),
        ("(?q)a", "`(?q` has no meaning in a pattern".to_owned()),
        ("\\y", "`\\y` has no meaning in a pattern".to_owned()),
        ("[a", "a character class has no closing bracket (])".to_owned()),
        ("[a-[b]c]", "a class that is taken away ends the class that it is taken from".to_owned()),
        ("a\\", "the pattern ends with a backslash".to_owned()),
        ("\\xZZ", "expected a character's code of 2 hexadecimal digits".to_owned()),
        ("\\ud800", "expected a character's code of 4 hexadecimal digits".to_owned()),
        ("\\pL", "expected `{` after `\\p`".to_owned()),
        (
            "\\p{IsGreek}",
            "`IsGreek` is no general category of Unicode; blocks and scripts are not supported".to_owned(),
        ),
        ("(?#a", "the comment `(?#` has no closing parenthesis".to_owned()),
        ("(?", "the pattern ends within a group".to_owned()),
        ("(a", "the pattern is not understood: unclosed group".to_owned()),
        ("a)", "the pattern is not understood: unopened group".to_owned()),
        ("*", "the pattern is not understood: repetition operator missing expression".to_owned()),
        (
            "[z-a]",
            "the pattern is not understood: invalid character class range, the start must be <= the end".to_owned(),
        ),
    ] {
        assert_eq!(Pattern::parse(pattern).unwrap_err(), problem, "{pattern}");
    }
}

#[test]
fn patterns_have_bounds() {
    assert_eq!(
        Pattern::parse(&"a".repeat(1_001)).unwrap_err(),
        "a pattern may have 1000 characters, and this one has more"
    );
    let large = "the pattern is too large; use smaller repetitions";
    assert_eq!(Pattern::parse("((\\w{50}){50}){50}").unwrap_err(), large);
    assert_eq!(Pattern::parse("(a{1000}){1000}").unwrap_err(), large);
    assert!(Pattern::parse(&"(".repeat(1_000)).is_err());
    assert!(Pattern::parse(&"[a-".repeat(333)).is_err());
    assert!(Pattern::parse(&"()".repeat(400)).is_err());
    assert!(Pattern::parse("\\w{20}@(\\w{1,10}\\.){1,5}").is_ok());
}

#[test]
fn matching_is_anchored_nowhere_and_costs_no_more_than_its_bound() {
    let pattern = Pattern::parse("(1[0-9]{6})").unwrap();
    assert_eq!(pattern.is_match("id 1234567"), Ok(true));
    assert_eq!(pattern.is_match("2234567"), Ok(false));
    assert_eq!(Pattern::parse("").unwrap().is_match(""), Ok(true));
    let heavy = Pattern::parse("(?:a|b|ab)*c\\w{50}").unwrap();
    assert_eq!(heavy.is_match(&"ab".repeat(1_000_000)), Err(TooMuch));
}
