//! Members of groups, beside the samples of Microsoft's documentation.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::fixtures::{app, compiled};
use provost_engine::{Compatibility, Dialect, MEMBERS_MAX, MembersForm, Method, Request};
use serde_json::Value as Json;

fn ids(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("u{number}")).collect()
}

fn requests(dialect: Dialect, members: MembersForm, count: usize) -> [Vec<Request>; 2] {
    let mut app = app();
    app.compatibility = Compatibility { members, ..Compatibility::default() };
    let compiled = compiled(&app);
    let wire = compiled.groups.wire(dialect);
    [wire.add_members("g1", &ids(count)), wire.remove_members("g1", &ids(count))]
}

/// Compared as text, beside the operations of a sample.
#[track_caller]
fn is_operations(request: &Request, sample: &str) {
    assert_eq!((request.method, request.path.as_str()), (Method::Patch, "/Groups/g1"));
    let body = format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{sample}]}}"#);
    let sample: Json = serde_json::from_str(&body).unwrap();
    assert_eq!(request.body.as_ref().unwrap().to_string(), sample.to_string());
}

#[test]
fn members_come_and_go_in_the_older_dialect() {
    let [add, remove] = requests(Dialect::Legacy, MembersForm::Batched, 1);
    is_operations(&add[0], r#"{"op":"Add","path":"members","value":[{"$ref":null,"value":"u1"}]}"#);
    is_operations(&remove[0], r#"{"op":"Remove","path":"members","value":[{"$ref":null,"value":"u1"}]}"#);
    let [add, _] = requests(Dialect::Legacy, MembersForm::Batched, 2);
    is_operations(
        &add[0],
        r#"{"op":"Add","path":"members","value":[{"$ref":null,"value":"u1"},{"$ref":null,"value":"u2"}]}"#,
    );
}

#[test]
fn members_come_and_go_in_the_newer_dialect() {
    let [add, remove] = requests(Dialect::Compliant, MembersForm::Batched, 2);
    is_operations(
        &add[0],
        r#"{"op":"add","path":"members","value":[{"$ref":null,"value":"u1"},{"$ref":null,"value":"u2"}]}"#,
    );
    is_operations(
        &remove[0],
        r#"{"op":"remove","path":"members[value eq \"u1\"]"},{"op":"remove","path":"members[value eq \"u2\"]"}"#,
    );
}

#[test]
fn members_come_one_by_one_or_plain_where_the_target_needs_it() {
    let [add, remove] = requests(Dialect::Legacy, MembersForm::One, 300);
    assert_eq!((add.len(), remove.len()), (300, 300));
    is_operations(&add[299], r#"{"op":"Add","path":"members","value":[{"$ref":null,"value":"u300"}]}"#);
    let [add, remove] = requests(Dialect::Legacy, MembersForm::Plain, 1);
    is_operations(&add[0], r#"{"op":"Add","path":"members","value":[{"value":"u1"}]}"#);
    is_operations(&remove[0], r#"{"op":"Remove","path":"members[value eq \"u1\"]"}"#);
}

#[test]
fn many_members_are_several_requests_and_none_is_none() {
    for dialect in [Dialect::Legacy, Dialect::Compliant] {
        let [add, remove] = requests(dialect, MembersForm::Batched, 2 * MEMBERS_MAX + 1);
        assert_eq!((add.len(), remove.len()), (3, 3));
        assert_eq!(requests(dialect, MembersForm::Batched, 0), [vec![], vec![]]);
    }
    let mut app = app();
    app.mappings.groups.attributes.retain(|row| row.target != "members");
    let compiled = compiled(&app);
    assert!(
        compiled.groups.wire(Dialect::Legacy).add_members("g1", &ids(1)).is_empty(),
        "members that are not mapped are not sent"
    );
}

#[test]
fn an_id_with_quotes_cannot_end_the_filter() {
    let compiled = compiled(&app());
    let request = &compiled.groups.wire(Dialect::Compliant).remove_members("g1", &["a\"]b\\".to_owned()])[0];
    is_operations(request, r#"{"op":"remove","path":"members[value eq \"a\\\"]b\\\\\"]"}"#);
}
