//! Edges come to the same as a list of members in the document.

use super::{GROUP, apply, request};
use proptest::{collection::vec, prelude::*};
use provost_scim::{Element, NoMatch, PatchRequest, Resource, dialect::normalise_patch, urn};
use serde_json::{Value, json};

/// Members by id; those from `d` on are groups.
fn member() -> impl Strategy<Value = Value> {
    prop::sample::select(vec!["a", "b", "c", "d", "e"]).prop_map(|id| {
        let kind = if id < "d" { "User" } else { "Group" };
        json!({"value":id,"type":kind})
    })
}

/// An operation on members that no document refuses.
fn operation() -> impl Strategy<Value = Value> {
    let path = prop::sample::select(vec!["members", "Members", "urn:ietf:params:scim:schemas:core:2.0:Group:members"]);
    let filter = prop::sample::select(vec![
        r#"value eq "a""#,
        r#"value eq "a" or VALUE eq "d""#,
        r#"not (value eq "a")"#,
        r#"type eq "group""#,
        r#"value pr and type eq "User""#,
        r#"value eq "b" and type eq "Group""#,
    ]);
    let set = prop::sample::select(vec!["add", "replace"]);
    prop_oneof![
        4 => (set.clone(), path.clone(), vec(member(), 0..4))
            .prop_map(|(op, path, value)| json!({"op":op,"path":path,"value":value})),
        2 => (set.clone(), path.clone(), member()).prop_map(|(op, path, value)| json!({"op":op,"path":path,"value":value})),
        1 => (set.clone(), path.clone()).prop_map(|(op, path)| json!({"op":op,"path":path,"value":null})),
        2 => (set, vec(member(), 0..3), any::<bool>()).prop_map(|(op, members, named)| {
            let mut value = json!({"MEMBERS":members});
            if named {
                value["displayName"] = json!("N");
            }
            json!({"op":op,"value":value})
        }),
        1 => path.clone().prop_map(|path| json!({"op":"remove","path":path})),
        4 => (path.clone(), filter).prop_map(|(path, filter)| json!({"op":"remove","path":format!("{path}[{filter}]")})),
        2 => (path, vec(member(), 0..4)).prop_map(|(path, value)| json!({"op":"Remove","path":path,"value":value})),
        1 => Just(json!({"op":"replace","path":"displayName","value":"M"})),
    ]
}

fn elements(document: &Resource) -> Vec<Element> {
    document.clone().take_elements("members").unwrap().unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn detached_operations_do_what_they_do_to_a_document(
        before in vec(member(), 0..5),
        operations in vec(operation(), 1..6),
    ) {
        let body = json!({"schemas":[urn::GROUP],"displayName":"G","members":before});
        let document = GROUP.read(body).unwrap().resource;
        let (normal, _) = normalise_patch(request(Value::Array(operations)), &GROUP);
        // Nothing but removals of nobody.
        let Ok(request) = PatchRequest::parse(normal) else { return Ok(()) };
        let whole = request.apply(&GROUP, &document, NoMatch::NoTarget).unwrap().resource;

        let (rest, steps) = request.detach(&GROUP, "members").unwrap();
        let mut bare = document.clone();
        bare.remove("members");
        let patched = rest.apply(&GROUP, &bare, NoMatch::NoTarget).unwrap();
        prop_assert_eq!(patched.resource.get("displayName"), whole.get("displayName"));
        prop_assert_eq!(patched.resource.get("members"), None);
        let mut members = elements(&document);
        apply(&steps, &mut members);
        prop_assert_eq!(members, elements(&whole), "{:?}", steps);
    }
}
