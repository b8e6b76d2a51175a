//! What filters ask of members and groups.

use super::GROUP;
use crate::kinds;
use proptest::{collection::vec, prelude::*};
use provost_scim::{Filter, ResourceType};
use serde_json::{Value, json};

fn edge_terms(kind: &ResourceType, attribute: &str, filter: &str) -> String {
    let query = Filter::parse(filter).unwrap().resolve(kind).unwrap();
    match query.edge_terms(attribute) {
        None => "refused".to_owned(),
        Some(terms) => {
            let (any, types) = (if terms.any { " any" } else { "" }, if terms.types { " types" } else { "" });
            format!("[{}]{any}{types}", terms.values.join(" "))
        }
    }
}

#[test]
fn what_filters_ask_of_edges() {
    let cases = [
        (r#"displayName eq "x""#, "[]"),
        (r#"members eq "1""#, "[1]"),
        (r#"MEMBERS.value EQ "a""#, "[a]"),
        (r#"members[value eq "1"]"#, "[1]"),
        (r#"id eq "g" and members eq "1""#, "[1]"),
        (r#"members eq "1" or members.value eq "2" or members[value eq "1"]"#, "[1 2]"),
        (r#"not (members eq "1")"#, "[1]"),
        (r#"urn:ietf:params:scim:schemas:core:2.0:Group:members eq "1""#, "[1]"),
        (r#"members ne "1""#, "refused"),
        (r#"members[not (value eq "1")]"#, "refused"),
        ("members.value ne null", "[] any"),
        ("members pr", "[] any"),
        ("members.value pr", "[] any"),
        ("members[value pr]", "[] any"),
        ("members eq null", "[] any"),
        (r#"members pr and displayName sw "x""#, "[] any"),
        (r#"members co "1""#, "refused"),
        (r#"members gt "1""#, "refused"),
        (r#"members.type eq "User""#, "refused"),
        (r#"members[value eq "1" and type eq "User"]"#, "[1] types"),
        (r#"members[type eq "User" and value eq "1"]"#, "[1] types"),
        (r#"members[(value eq "1" or value eq "2") and type eq "User"]"#, "[1 2] types"),
        (r#"members[value eq "1" and type eq "User" or value eq "2"]"#, "[1 2] types"),
        (r#"members[value eq "1" and not (type eq "User")]"#, "[1] types"),
        (r#"members[value eq "1" and type sw "U"]"#, "[1] types"),
        (r#"members[value eq "1" and type pr]"#, "[1] any"),
        (r#"members[value eq "1" and value eq "2"]"#, "[1 2]"),
        (r#"members[value eq "1" and value ne "2"]"#, "[1]"),
        (r#"members[value eq "1" and $ref eq "x"]"#, "refused"),
        (r#"members[value eq "1" or type eq "User"]"#, "refused"),
        (r#"members[value sw "1" and type eq "User"]"#, "refused"),
        (r#"members[not (value eq "1") and type eq "User"]"#, "refused"),
        (r#"members[value eq "1"] and members[type eq "User"]"#, "refused"),
        (r#"members[value eq "1"] and members.type eq "User""#, "refused"),
        (r#"members.$ref eq "1""#, "refused"),
        ("members.type pr", "[] any"),
        ("members[$ref pr]", "[] any"),
        (r#"members eq "1" and members[value sw "2"]"#, "refused"),
    ];
    for (filter, expected) in cases {
        assert_eq!(edge_terms(&GROUP, "members", filter), expected, "{filter}");
    }
    let user = kinds::user();
    let extension = r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "1""#;
    let cases = [
        (r#"groups eq "1" and userName sw "b""#, "[1]"),
        (r#"groups.display eq "G""#, "refused"),
        (r#"groups[type eq "direct"]"#, "refused"),
        (r#"groups[value eq "1" and type eq "direct"]"#, "[1] types"),
        (r#"emails[not (value eq "b")] and groups.value eq "1""#, "[1]"),
        (extension, "[]"),
    ];
    for (filter, expected) in cases {
        assert_eq!(edge_terms(&user, "groups", filter), expected, "{filter}");
    }
}

#[test]
fn membership_is_an_index() {
    let user = kinds::user();
    let cases = [
        (&*GROUP, r#"members eq "A""#, Some("members.value=A"), true),
        (&*GROUP, r#"members[value eq "A"]"#, Some("members.value=A"), true),
        (&*GROUP, r#"members[value eq "A" and type eq "User"]"#, Some("members.value=A"), false),
        (&*GROUP, r#"id eq "g" and members eq "a""#, Some("id=g"), false),
        (&*GROUP, r#"displayName eq "Guides""#, Some("displayName=guides"), true),
        (&*GROUP, r#"members ne "A""#, None, false),
        (&user, r#"groups.value eq "A""#, Some("groups.value=A"), true),
        (&user, r#"groups[value eq "A" or value eq "B"]"#, Some("groups.value=A groups.value=B"), true),
        (&user, "groups pr", None, false),
    ];
    for (kind, filter, lookups, is_all) in cases {
        let query = Filter::parse(filter).unwrap().resolve(kind).unwrap();
        let found = query.lookups(&kind.indexed);
        let texts = found.map(|found| found.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>());
        assert_eq!(texts.map(|texts| texts.join(" ")).as_deref(), lookups, "{filter}");
        assert_eq!(query.is_its_lookups(&kind.indexed), is_all, "{filter}");
    }
}

fn joined(inner: impl Strategy<Value = String> + 'static) -> BoxedStrategy<String> {
    let joined = inner.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left} and {right})")),
            (inner.clone(), inner).prop_map(|(left, right)| format!("({left} or {right})")),
        ]
    });
    joined.boxed()
}

fn filter() -> impl Strategy<Value = String> {
    let id = || prop::sample::select(vec!["a", "b", "c"]);
    let of_values = prop_oneof![id().prop_map(|id| format!(r#"value eq "{id}""#)), Just("value pr".to_owned()),];
    let inner = joined(of_values);
    let of_types = ["type eq \"user\"", "type eq \"Group\"", "not (type eq \"User\")", "type pr", "value ne \"b\""];
    let further = prop_oneof![inner.clone(), prop::sample::select(of_types.to_vec()).prop_map(str::to_owned)];
    let known = (id(), joined(further)).prop_map(|(id, further)| format!(r#"(value eq "{id}" and {further})"#));
    let inner = joined(prop_oneof![inner, known]);
    let outer = prop_oneof![
        id().prop_map(|id| format!(r#"members eq "{id}""#)),
        id().prop_map(|id| format!(r#"members.value eq "{id}""#)),
        Just("members pr".to_owned()),
        Just("members eq null".to_owned()),
        inner.prop_map(|inner| format!("members[{inner}]")),
    ];
    outer.prop_recursive(2, 6, 2, |outer| {
        prop_oneof![
            (outer.clone(), outer.clone()).prop_map(|(left, right)| format!("({left} and {right})")),
            (outer.clone(), outer.clone()).prop_map(|(left, right)| format!("({left} or {right})")),
            outer.prop_map(|outer| format!("not ({outer})")),
        ]
    })
}

proptest! {
    /// What a filter asks for is enough to answer it.
    #[test]
    fn edge_terms_answer_their_filter(
        members in vec(prop::sample::select(vec!["a", "b", "c", "d", "e"]), 0..5),
        filter in filter(),
    ) {
        let query = Filter::parse(&filter).unwrap().resolve(&GROUP).unwrap();
        let terms = query.edge_terms("members").unwrap();
        let document = |members: &[&str]| {
            let kind = |member: &str| if matches!(member, "a" | "c") { "User" } else { "Group" };
            let element = |member: &&str| json!({ "value": member, "type": kind(member) });
            let members: Vec<Value> = members.iter().map(element).collect();
            let mut document = serde_json::Map::new();
            if !members.is_empty() {
                document.insert("members".to_owned(), Value::Array(members));
            }
            document
        };
        let named = |member: &&&str| terms.values.iter().any(|value| value == **member);
        let mut known: Vec<&str> = members.iter().filter(named).copied().collect();
        if terms.any && known.is_empty() {
            known.extend(members.first());
        }
        prop_assert_eq!(query.matches(&document(&known)), query.matches(&document(&members)), "{} {:?}", filter, terms);
    }
}
