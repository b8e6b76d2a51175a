//! Core attributes: each kind of target against each operation.

use super::{WORK, WORK_VALUE, add, apply, check, mails, remove, replace};
use crate::kinds;
use expect_test::expect;
use provost_scim::{NoMatch, urn};
use serde_json::{Value, json};

#[test]
fn add_replace_and_remove_by_target() {
    let full = || {
        json!({"userName":"b","name":{"givenName":"A","familyName":"F"},"title":"T",
            "emails":[{"value":"a","type":"work","primary":true},{"value":"b","type":"home"}],
            urn::ENTERPRISE_USER: {"department":"D","manager":{"value":"7"}}})
    };
    let cases = [
        ("PAT-31 add without value", full(), json!({"op":"add","path":"title"})),
        ("PAT-61 replace without value", full(), json!({"op":"replace","path":"title"})),
        ("PAT-41 add of null", full(), add("title", Value::Null)),
        ("PAT-41 add of an empty array", full(), add("emails", json!([]))),
        ("PAT-61 replace by an empty array", full(), replace("emails", json!([]))),
        ("PAT-36 add of one value without its array", full(), add("emails", json!({"value":"c"}))),
        (
            "PAT-38 present but for primary",
            full(),
            add("emails", json!([{"value":"A","type":"work"},{"value":"b","type":"home","primary":false}])),
        ),
        (
            "PAT-14 a present value becomes primary",
            full(),
            add("emails", json!([{"value":"b","type":"home","primary":true}])),
        ),
        (
            "PAT-15 one operation, two primary values",
            full(),
            add("emails", json!([{"value":"c","primary":true},{"value":"d","primary":true}])),
        ),
        ("PAT-15 a filter that makes two primary", full(), replace(r#"emails[value pr].primary"#, json!(true))),
        ("PAT-14 primary through a filter", full(), replace(r#"emails[type eq "home"].primary"#, json!(true))),
        ("PAT-14 primary in a merged element", full(), replace(r#"emails[type eq "home"]"#, json!({"PRIMARY":true}))),
        ("PAT-58 CON-04 an element is merged", full(), replace(WORK, json!({"display":"W"}))),
        ("PAT-61 an element replaced by null", full(), replace(WORK, Value::Null)),
        ("PAT-61 a sub-attribute replaced by null", full(), replace(WORK_VALUE, Value::Null)),
        ("PAT-39 add to all that match", full(), add(r#"emails[value pr].display"#, json!("x"))),
        ("PAT-28 a sub-attribute of all values", full(), replace("emails.display", json!("x"))),
        ("PAT-28 remove a sub-attribute of all values", full(), remove("emails.type")),
        (
            "MOD-30 values that become equal are one",
            full(),
            json!([replace("emails.value", json!("x")), remove("emails.type")]),
        ),
        ("PAT-46 remove a sub-attribute of matches", full(), remove(WORK_VALUE)),
        ("PAT-44 remove all values", full(), remove("emails")),
        ("PAT-43 remove a complex value", full(), remove("name")),
        ("PAT-43 remove a sub-attribute", full(), remove("name.givenName")),
        (
            "MOD-33 remove the last sub-attribute",
            json!({"userName":"b","name":{"givenName":"A"}}),
            remove("name.givenName"),
        ),
        ("PAT-50 remove what is unassigned", full(), remove("nickName")),
        ("PAT-51 remove with a value", full(), json!({"op":"remove","path":"emails","value":[{"value":"a"}]})),
        ("PAT-06 remove with a value and no path", full(), json!({"op":"remove","value":{"emails":[]}})),
        ("PAT-47 replace userName by null", full(), replace("userName", Value::Null)),
        ("USR-03 blank userName", full(), replace("userName", json!(" "))),
        (
            "PAT-53 sub-attribute of an unassigned complex value",
            json!({"userName":"b"}),
            replace("name.familyName", json!("X")),
        ),
        ("PAT-28 sub-attribute of no values at all", json!({"userName":"b"}), add("emails.value", json!("x"))),
        ("PAT-62 complex from a string", full(), replace("name", json!("Babs"))),
        ("PAT-62 an element from a string", full(), add("emails", json!(["a@b"]))),
        ("PAT-62 a filtered element from a string", full(), replace(WORK, json!("a@b"))),
        ("PAT-62 single-valued from an array", full(), replace("title", json!(["T"]))),
        ("PAT-56 nothing given, nothing changed", full(), replace("name", json!({}))),
        ("MOD-04 twice in one value", full(), replace("name", json!({"givenName":"x","GIVENNAME":"y"}))),
        (
            "CHR-01 a readOnly sub-attribute inside a value",
            full(),
            replace(
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
                json!({"value":"8","displayName":"M"}),
            ),
        ),
        (
            "CHR-03 a readOnly sub-attribute as target",
            full(),
            replace("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName", json!("M")),
        ),
        ("PAT-27 a filter on a single value", full(), replace(r#"name[givenName eq "A"]"#, json!({"givenName":"B"}))),
        ("PAT-27 a filter after a sub-attribute", full(), replace(r#"emails.value[type eq "work"]"#, json!("x"))),
        ("PAT-24 a filter that the type forbids", full(), replace(r#"emails[primary gt true]"#, json!({}))),
        (
            "PAT-07 in order",
            full(),
            json!([
                remove("emails"),
                add("emails", json!([{"value":"x"}])),
                replace(r#"emails[value eq "x"].type"#, json!("other"))
            ]),
        ),
        ("PAT-21 PIT-34 there and back", full(), json!([replace("title", json!("X")), replace("title", json!("T"))])),
        ("PIT-21 values with spaces", full(), replace(WORK_VALUE, json!("a b \"c\" d"))),
    ];
    check(
        &kinds::user(),
        NoMatch::NoTarget,
        &cases,
        expect![[r#"
            PAT-31 add without value
              invalidValue: an add or replace operation needs a value
            PAT-61 replace without value
              invalidValue: an add or replace operation needs a value
            PAT-41 add of null
              unchanged
            PAT-41 add of an empty array
              unchanged
            PAT-61 replace by an empty array
              {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
            PAT-36 add of one value without its array
              {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","type":"work","primary":true},{"value":"b","type":"home"},{"value":"c"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
            PAT-38 present but for primary
              unchanged
            PAT-14 a present value becomes primary
              {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","type":"work","primary":false},{"value":"b","type":"home","primary":true}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
            PAT-15 one operation, two primary values
              invalidValue: `emails` has more than one primary value
            PAT-15 a filter that makes two primary
              invalidValue: `emails.primary` has more than one primary value
            PAT-14 primary through a filter
              {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","type":"work","primary":false},{"value":"b","type":"home","primary":true}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
            PAT-14 primary in a merged element
              {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","type":"work","primary":false},{"value":"b","type":"home","primary":true}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
            PAT-58 CON-04 an element is merged
              {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","display":"W","type":"work","primary":true},{"value":"b","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
            PAT-61 an element replaced by null
              {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"b","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
            PAT-61 a sub-attribute replaced by null
              {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"type":"work","primary":true},{"value":"b","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
            PAT-39 add to all that match
              {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","display":"x","type":"work","primary":true},{"value":"b","display":"x","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
            PAT-28 a sub-attribute of all values
              {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","display":"x","type":"work","primary":true},{"value":"b","display":"x","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
            PAT-28 remove a sub-attribute of all values
              {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","primary":true},{"value":"b"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
            MOD-30 values that become equal are one
              {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"x","primary":true}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
            PAT-46 remove a sub-attribute of matches
              {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"type":"work","primary":true},{"value":"b","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
            PAT-44 remove all values
              {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
            PAT-43 remove a complex value
              {"userName":"b","title":"T","emails":[{"value":"a","type":"work","primary":true},{"value":"b","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
            PAT-43 remove a sub-attribute
              {"userName":"b","name":{"familyName":"F"},"title":"T","emails":[{"value":"a","type":"work","primary":true},{"value":"b","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
            MOD-33 remove the last sub-attribute
              {"userName":"b"}
            PAT-50 remove what is unassigned
              unchanged
            PAT-51 remove with a value
              invalidValue: a remove operation takes no value; name the values in the path
            PAT-06 remove with a value and no path
              noTarget: a remove operation needs a path
            PAT-47 replace userName by null
              mutability: `userName` is required and may not be removed
            USR-03 blank userName
              invalidValue: `userName` must not be blank
            PAT-53 sub-attribute of an unassigned complex value
              {"userName":"b","name":{"familyName":"X"}}
            PAT-28 sub-attribute of no values at all
              {"userName":"b","emails":[{"value":"x"}]}
            PAT-62 complex from a string
              invalidValue: `name` must be an object, not a string
            PAT-62 an element from a string
              invalidValue: `emails` must be an object, not a string
            PAT-62 a filtered element from a string
              invalidValue: `emails` must be an object, not a string
            PAT-62 single-valued from an array
              invalidValue: `title` must be a string, not an array
            PAT-56 nothing given, nothing changed
              unchanged
            MOD-04 twice in one value
              invalidSyntax: `name.GIVENNAME` is given twice
            CHR-01 a readOnly sub-attribute inside a value
              {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","type":"work","primary":true},{"value":"b","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"8"}}}
            CHR-03 a readOnly sub-attribute as target
              mutability: `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName` is readOnly and may not be changed
            PAT-27 a filter on a single value
              invalidPath: `name` has no values that a filter could select
            PAT-27 a filter after a sub-attribute
              invalidPath: `emails.value` has no values that a filter could select
            PAT-24 a filter that the type forbids
              invalidFilter: in the value filter: `primary` is a boolean and cannot be compared with gt
            PAT-07 in order
              {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"x","type":"other"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
            PAT-21 PIT-34 there and back
              unchanged
            PIT-21 values with spaces
              {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a b \"c\" d","type":"work","primary":true},{"value":"b","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        "#]],
    );
}

#[test]
fn a_filter_without_match() {
    let cases = [
        ("PIT-04 PAT-40 add makes the element", mails(&[("home", "h")]), add(WORK_VALUE, json!("w"))),
        ("PIT-04 replace makes it too", mails(&[("home", "h")]), replace(WORK_VALUE, json!("w"))),
        ("PIT-05 twice makes one", mails(&[]), json!([add(WORK_VALUE, json!("w")), add(WORK_VALUE, json!("v"))])),
        (
            "PIT-04 eq terms joined by and",
            mails(&[]),
            add(r#"emails[type eq "work" and primary eq "True"].value"#, json!("w")),
        ),
        (
            "PIT-04 an element merged with its filter",
            mails(&[]),
            add(r#"emails[type eq "work"]"#, json!({"value":"w"})),
        ),
        (
            "PIT-04 or describes nothing",
            mails(&[]),
            add(r#"emails[type eq "work" or type eq "home"].value"#, json!("w")),
        ),
        ("PIT-04 ne describes nothing", mails(&[]), add(r#"emails[type ne "work"].value"#, json!("w"))),
        ("nothing to clear", mails(&[]), replace(WORK_VALUE, Value::Null)),
        (
            "PAT-14 the new element is primary",
            json!({"userName":"b","emails":[{"value":"a","primary":true}]}),
            add(r#"emails[type eq "work"]"#, json!({"value":"w","primary":true})),
        ),
        ("PAT-62 the value must fit", mails(&[]), add(WORK_VALUE, json!(7))),
    ];
    let user = kinds::user();
    check(
        &user,
        NoMatch::Create,
        &cases,
        expect![[r#"
        PIT-04 PAT-40 add makes the element
          {"userName":"b","emails":[{"value":"h","type":"home"},{"value":"w","type":"work"}]}
        PIT-04 replace makes it too
          {"userName":"b","emails":[{"value":"h","type":"home"},{"value":"w","type":"work"}]}
        PIT-05 twice makes one
          {"userName":"b","emails":[{"value":"v","type":"work"}]}
        PIT-04 eq terms joined by and
          {"userName":"b","emails":[{"value":"w","type":"work","primary":true}]}
        PIT-04 an element merged with its filter
          {"userName":"b","emails":[{"value":"w","type":"work"}]}
        PIT-04 or describes nothing
          noTarget: no value of `emails.value` matches the filter
        PIT-04 ne describes nothing
          noTarget: no value of `emails.value` matches the filter
        nothing to clear
          unchanged
        PAT-14 the new element is primary
          {"userName":"b","emails":[{"value":"a","primary":false},{"value":"w","type":"work","primary":true}]}
        PAT-62 the value must fit
          invalidValue: `emails.value` must be a string, not a number
    "#]],
    );
    for (name, before, operations) in cases.iter().filter(|(name, ..)| !name.starts_with("PIT-05")) {
        let shown = apply(&user, before, json!([operations]), NoMatch::NoTarget);
        assert!(shown.starts_with("noTarget: no value of `emails"), "PAT-40 PAT-60 strict: {name}: {shown}");
    }
}

#[test]
fn without_path() {
    let before = || json!({"userName":"b","name":{"givenName":"A","familyName":"F"},"emails":[{"value":"a"}]});
    let replace = |value: Value| json!({"op":"replace","value":value});
    let cases = [
        (
            "PAT-52 each member is replaced",
            before(),
            replace(json!({"emails":[{"value":"c"}],"name":{"givenName":"B"}})),
        ),
        (
            "PAT-32 each member is added",
            before(),
            json!({"op":"add","value":{"emails":[{"value":"c"}],"nickName":"N"}}),
        ),
        ("PAT-30 an empty path is none", before(), json!({"op":"replace","path":"","value":{"title":"T"}})),
        ("PAT-32 not an object", before(), replace(json!("x"))),
        ("PIT-10 CHR-04 the current id", before(), replace(json!({"id":"1","title":"T"}))),
        ("CHR-04 another id", before(), replace(json!({"id":"2","title":"T"}))),
        ("CHR-04 groups that are not there", before(), replace(json!({"groups":[{"value":"g"}]}))),
        ("schemas and meta are ignored", before(), replace(json!({"schemas":["x"],"META":{"version":"1"}}))),
        (
            "PAT-29 an extension",
            before(),
            replace(json!({urn::ENTERPRISE_USER: {"department":"D","manager":{"value":"7"}}})),
        ),
        ("extension that is no object", before(), replace(json!({urn::ENTERPRISE_USER: "D"}))),
        ("MOD-01 names in any case", before(), replace(json!({"TITLE":"T"}))),
        (
            "unknown members",
            before(),
            replace(json!({"title":"T","shoeSize":43,"name":{"nick":"x"}, urn::ENTERPRISE_USER: {"pet":"cat"}})),
        ),
        ("PAT-47 null for a required attribute", before(), replace(json!({"userName":null}))),
        ("1.8 null clears a sub-attribute", before(), replace(json!({"name":{"familyName":null}}))),
    ];
    check(
        &kinds::user(),
        NoMatch::NoTarget,
        &cases,
        expect![[r#"
        PAT-52 each member is replaced
          {"userName":"b","name":{"familyName":"F","givenName":"B"},"emails":[{"value":"c"}]}
        PAT-32 each member is added
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"nickName":"N","emails":[{"value":"a"},{"value":"c"}]}
        PAT-30 an empty path is none
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a"}]}
        PAT-32 not an object
          invalidValue: without a path, the value must be an object, not a string
        PIT-10 CHR-04 the current id
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a"}]}
        CHR-04 another id
          mutability: `id` is readOnly and may not be changed
        CHR-04 groups that are not there
          mutability: `groups` is readOnly and may not be changed
        schemas and meta are ignored
          unchanged
        PAT-29 an extension
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"emails":[{"value":"a"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        extension that is no object
          invalidValue: `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User` must be an object, not a string
        MOD-01 names in any case
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a"}]}
        unknown members
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a"}]} unknown: shoeSize name.nick urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:pet
        PAT-47 null for a required attribute
          mutability: `userName` is required and may not be removed
        1.8 null clears a sub-attribute
          {"userName":"b","name":{"givenName":"A"},"emails":[{"value":"a"}]}
    "#]],
    );
}
