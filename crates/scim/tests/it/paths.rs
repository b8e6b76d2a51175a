//! Attribute paths and PATCH paths: what they may look like (RFC 7644 §3.10, §3.5.2).

use provost_scim::{AttrPath, PatchPath, PathError, ScimError, ScimType};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The parts of a PATCH path, each in quotes.
fn shown(text: &str) -> String {
    match PatchPath::parse(text) {
        Ok(PatchPath { attribute, filter, sub }) => {
            let filter = filter.map(|filter| format!(" filter `{filter}`")).unwrap_or_default();
            let sub = sub.map(|sub| format!(" sub `{sub}`")).unwrap_or_default();
            format!("`{attribute}`{filter}{sub}")
        }
        Err(PathError { problem, offset }) => format!("{offset}: {problem}"),
    }
}

#[test]
fn patch_paths() {
    for (text, expected) in [
        // PAT-22
        ("members", "`members`"),
        ("name.familyName", "`name.familyName`"),
        (r#"addresses[type eq "work"]"#, r#"`addresses` filter `type eq "work"`"#),
        (r#"members[value eq "2819"]"#, r#"`members` filter `value eq "2819"`"#),
        (r#"members[value eq"2819"].displayName"#, r#"`members` filter `value eq "2819"` sub `displayName`"#),
        (r#"emails[type eq "other"].Value"#, r#"`emails` filter `type eq "other"` sub `Value`"#),
        (
            r#"urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "work"].value"#,
            r#"`urn:ietf:params:scim:schemas:core:2.0:User:emails` filter `type eq "work"` sub `value`"#,
        ),
        (ENTERPRISE, &format!("`{ENTERPRISE}`")),
        (&format!("{ENTERPRISE}:manager.$ref"), &format!("`{ENTERPRISE}:manager.$ref`")),
        (r#"roles[primary eq "True"].value"#, r#"`roles` filter `primary eq "True"` sub `value`"#),
        (r#"a["#, "2: in the value filter: expected an attribute name, found the end"),
        (r#"emails[type eq "a]b"].x"#, r#"`emails` filter `type eq "a]b"` sub `x`"#),
        (
            r#"emails[type eq "work" and (primary eq true or not (value pr))].value"#,
            r#"`emails` filter `type eq "work" and (primary eq true or not (value pr))` sub `value`"#,
        ),
        // PAT-23
        ("", "0: expected an attribute name, found the end"),
        ("  ", "2: expected an attribute name, found the end"),
        ("/members/0", "0: unexpected character `/`"),
        ("members.0", "8: `0` is not a sub-attribute name"),
        ("members[0]", "8: in the value filter: expected an attribute name, found `0`"),
        ("name.familyName.x", "5: `familyName.x` is not a sub-attribute name"),
        ("name.", "5: `` is not a sub-attribute name"),
        ("a b", "2: expected `[`, found `b`"),
        ("user:name", "0: `user:name` is not an attribute name"),
        ("urn:", "0: the URN has an empty part"),
        ("urn:a::b", "0: the URN has an empty part"),
        ("_x", "0: unexpected character `_`"),
        ("naïve", "2: unexpected character `ï`"),
        (r#"emails[type eq "work"]value"#, "22: expected the end, found `value`"),
        (r#"emails[type eq "work"].a.b"#, "23: expected the name of a sub-attribute, found `a.b`"),
        (r#"emails[type eq "work"].a[b pr]"#, "24: expected the end, found `[`"),
        // PAT-24
        ("emails[]", "7: in the value filter: expected an attribute name, found `]`"),
        (r#"emails[type eq "work""#, "21: in the value filter: expected `]`, found the end"),
        (r#"emails[type = "work"]"#, "12: in the value filter: unexpected character `=`"),
        ("emails[a[b pr]]", "8: in the value filter: a value filter may not hold another one"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
        if let Ok(path) = PatchPath::parse(text) {
            assert_eq!(PatchPath::parse(&path.to_string()), Ok(path), "{text}");
        }
    }
}

#[test]
fn a_malformed_path_answers_invalid_path() {
    let error = ScimError::from(PatchPath::parse("emails[").expect_err("malformed"));
    assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidPath)), "PAT-23 PAT-24");
    let detail = "in the value filter: expected an attribute name, found the end at byte 7 of the path";
    assert_eq!(error.detail, detail);
}

#[test]
fn attribute_paths_take_no_value_filter() {
    let plain = |name: &str, sub: Option<&str>| AttrPath::Plain { name: name.to_owned(), sub: sub.map(str::to_owned) };
    for (text, expected) in [
        ("userName", Some(plain("userName", None))),
        (" name.givenName ", Some(plain("name", Some("givenName")))),
        ("groups.$ref", Some(plain("groups", Some("$ref")))),
        ("URN:x:y", Some(AttrPath::Urn("URN:x:y".to_owned()))),
        ("urn:example:a@b/c%20d:attr", Some(AttrPath::Urn("urn:example:a@b/c%20d:attr".to_owned()))),
        ("emails[type pr]", None),
        ("", None),
        ("a.b.c", None),
        ("1a", None),
    ] {
        assert_eq!(text.parse::<AttrPath>().ok(), expected, "PRJ-09 {text}");
    }
}

#[test]
fn paths_are_bounded() {
    assert!(AttrPath::parse(&"a".repeat(4096)).is_ok());
    assert!(AttrPath::parse(&"a".repeat(4097)).is_err());
    for bomb in ["a[(".to_owned() + &"(".repeat(4000), "a[".repeat(2000), "a[not".to_owned() + &"(not".repeat(1000)] {
        assert!(PatchPath::parse(&bomb).is_err(), "FLT-15");
    }
}
