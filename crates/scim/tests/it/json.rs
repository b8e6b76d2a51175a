//! Bodies: what is JSON for us, and what is refused before it costs anything.

use provost_scim::{
    ScimError, ScimType,
    json::{JsonError, Limits, parse},
};
use serde_json::{Value, json};

fn shown(text: &[u8]) -> String {
    match parse(text, &Limits::default()) {
        Ok(value) => value.to_string(),
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn json_is_read_as_it_stands() {
    for text in [
        r#"{"b":1,"a":[true,false,null,-1,1.5,18446744073709551615],"c":{"d":"\u0000\n\"é😀"}}"#,
        "\"text\"",
        "[]",
        "{}",
        "null",
        r#"{"":{}}"#,
    ] {
        assert_eq!(shown(text.as_bytes()), text, "order and values stay");
    }
    assert_eq!(shown(b" {\"a\" : 1e3 }\n"), r#"{"a":1000.0}"#);
    assert_eq!(shown(br#""\ud83d\ude00\/""#), r#""😀/""#);
}

#[test]
fn what_is_no_json_is_refused_with_its_place() {
    let cases: [(&[u8], &str); 15] = [
        (b"", "EOF while parsing a value at line 1 column 0"),
        (b"{", "EOF while parsing an object at line 1 column 1"),
        (b"{\"a\":1,}", "trailing comma at line 1 column 8"),
        (b"{\"a\":1} x", "trailing characters at line 1 column 9"),
        (b"{}{}", "trailing characters at line 1 column 3"),
        (b"{'a':1}", "key must be a string at line 1 column 2"),
        (b"{\n \"a\":tru}", "expected ident at line 2 column 9"),
        (b"[01]", "invalid number at line 1 column 3"),
        (b"[1e999]", "number out of range at line 1 column 6"),
        (b"NaN", "expected value at line 1 column 1"),
        (b"\"\n\"", "control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0"),
        (br#""\ud800""#, "unexpected end of hex escape at line 1 column 8"),
        (br#""\udc00x""#, "lone leading surrogate in hex escape at line 1 column 7"),
        (b"\"\xff\"", "invalid unicode code point at line 1 column 2"),
        (b"\xff", "expected value at line 1 column 1"),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(text), format!("error: {expected} of the body"), "HTT-24 {}", text.escape_ascii());
    }
}

#[test]
fn one_name_twice_is_refused_in_any_case() {
    for (text, name, column) in [
        (r#"{"userName":"a","userName":"b"}"#, "userName", 26),
        (r#"{"userName":"a","UserName":"b"}"#, "UserName", 26),
        (r#"{"x":[{"name":{"a":1,"A":2}}]}"#, "A", 24),
        (r#"{"a":1,"\u0041":2}"#, "A", 15),
    ] {
        let expected =
            format!("error: the object holds the attribute `{name}` twice at line 1 column {column} of the body");
        assert_eq!(shown(text.as_bytes()), expected, "MOD-04 {text}");
    }
    assert_eq!(shown(br#"{"a":{"a":1},"b":{"a":1}}"#), r#"{"a":{"a":1},"b":{"a":1}}"#, "MOD-04 names of one object");
    assert_eq!(shown(r#"{"é":1,"É":2}"#.as_bytes()), r#"{"é":1,"É":2}"#, "MOD-01 attribute names are ASCII");
    let long = format!(r#"{{"{0}":1,"{0}":2}}"#, "x".repeat(100_000));
    assert!(shown(long.as_bytes()).len() < 400, "an error repeats no long name");
}

#[test]
fn limits_hold_while_reading() {
    let limits = Limits { bytes: 40, depth: 2, values: 4 };
    let read = |text: &str| parse(text.as_bytes(), &limits).map_err(|error| error.to_string());
    assert_eq!(read("[[1,2]]"), Ok(json!([[1, 2]])));
    assert_eq!(
        read(r#"{"a":{"b":{}}}"#),
        Err("more than 2 levels of arrays and objects at line 1 column 12 of the body".to_owned())
    );
    assert_eq!(read("[1,2,3]"), Ok(json!([1, 2, 3])));
    assert_eq!(read("[1,2,3,4]"), Err("more than 4 values at line 1 column 7 of the body".to_owned()));
    assert_eq!(read(&format!("{:40}", "1")), Ok(json!(1)));
    assert_eq!(read(&format!("{:41}", "1")), Err("the body is larger than 40 bytes".to_owned()));
}

#[test]
fn bombs_are_cheap_refusals() {
    let objects = "{\"a\":".repeat(100_000);
    let arrays = "[".repeat(100_000);
    for bomb in [objects, arrays] {
        assert!(shown(bomb.as_bytes()).starts_with("error: more than 32 levels of arrays and objects"));
    }
    let wide = format!("[{}0]", "0,".repeat(200_000));
    assert!(shown(wide.as_bytes()).starts_with("error: more than 100000 values"));
    let large = vec![b' '; 20_000_000];
    assert_eq!(parse(&large, &Limits::default()), Err(JsonError::TooLarge { bytes_max: 1 << 20 }));
    let unlimited = Limits { bytes: usize::MAX, depth: usize::MAX, values: usize::MAX };
    assert!(parse("[".repeat(1_000_000).as_bytes(), &unlimited).is_err(), "no limit lets the stack run out");
}

#[test]
fn errors_answer_as_scim() {
    let answer = |text: &[u8], limits: &Limits| {
        let error: ScimError = parse(text, limits).expect_err("refused").into();
        (error.status, error.scim_type, error.detail)
    };
    let limits = Limits { bytes: 2, ..Limits::default() };
    assert_eq!(answer(b"[1]", &limits), (413, None, "the body is larger than 2 bytes".to_owned()));
    let (status, scim_type, _) = answer(b"[", &limits);
    assert_eq!((status, scim_type), (400, Some(ScimType::InvalidSyntax)), "HTT-24");
    assert_eq!(parse(b"1", &limits), Ok(Value::from(1)));
}

#[test]
fn a_number_is_the_nearest_double_so_that_writing_it_changes_nothing() {
    for text in ["555555555555555555555555555555555555555", "33333777777777777777777777773333333333666"] {
        let read = parse(text.as_bytes(), &Limits::default()).expect("it is a number");
        assert_eq!(read.as_f64(), text.parse().ok(), "{text}");
        assert_eq!(parse(read.to_string().as_bytes(), &Limits::default()), Ok(read), "{text}");
    }
}
