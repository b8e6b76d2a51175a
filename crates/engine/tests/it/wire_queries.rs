//! Looking for resources, reading and removing them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::fixtures::{app, compiled};
use expect_test::expect;
use provost_engine::{Compatibility, Dialect, FiltersForm, MatchingValue, Method, Objects, Request, TargetPath};
use serde_json::{Value as Json, json};
use uuid::Uuid;

fn get(request: &Request) -> String {
    assert_eq!((request.method, &request.body), (Method::Get, &None));
    format!("{}\n", request.path)
}

fn find(of: Objects, target: &str, value: Json, filters: FiltersForm) -> String {
    let mut app = app();
    app.compatibility = Compatibility { filters, ..Compatibility::default() };
    let compiled = compiled(&app);
    let matching =
        MatchingValue { precedence: 1, target: TargetPath::parse(target).unwrap().into(), value: Some(value) };
    get(&compiled.objects(of).wire(Dialect::Legacy).find(&matching).unwrap())
}

#[test]
fn a_resource_is_looked_for_by_each_matching_attribute_and_no_value_can_end_the_filter() {
    let users = |target: &str, value: Json| find(Objects::Users, target, value, FiltersForm::Entra);
    let shown = [
        users("userName", json!("bjensen@contoso.com")),
        users("externalId", json!("bjensen")),
        users("emails[type eq \"work\"].value", json!("user@contoso.com")),
        find(Objects::Users, "emails[type eq \"work\"].value", json!("u@c"), FiltersForm::Standard),
        find(Objects::Groups, "displayName", json!("Sales"), FiltersForm::Entra),
        users("userName", json!("\" or userName pr or userName eq \"")),
        users("userName", json!("a\\\"b&c=d#e+f%g\n")),
        users("displayName", json!("Zo\u{eb} \u{1f600}")),
        users("custom", json!(7)),
    ];
    expect![[r#"
        /Users?filter=userName%20eq%20%22bjensen%40contoso.com%22
        /Users?filter=externalId%20eq%20%22bjensen%22
        /Users?filter=emails%5Btype%20eq%20%22work%22%5D.value%20eq%20%22user%40contoso.com%22
        /Users?filter=emails%5Btype%20eq%20%22work%22%20and%20value%20eq%20%22u%40c%22%5D
        /Groups?excludedAttributes=members&filter=displayName%20eq%20%22Sales%22
        /Users?filter=userName%20eq%20%22%5C%22%20or%20userName%20pr%20or%20userName%20eq%20%5C%22%22
        /Users?filter=userName%20eq%20%22a%5C%5C%5C%22b%26c%3Dd%23e%2Bf%25g%5Cn%22
        /Users?filter=displayName%20eq%20%22Zo%C3%AB%20%F0%9F%98%80%22
        /Users?filter=custom%20eq%207
    "#]]
    .assert_eq(&shown.concat());
}

#[test]
fn a_connection_is_tested_with_a_value_that_nobody_has() {
    let compiled = compiled(&app());
    let random = Uuid::parse_str("4d32ab19-ae09-4236-82fa-15768bc48f08").unwrap();
    let shown: String = [&compiled.users, &compiled.groups]
        .iter()
        .map(|objects| get(&objects.wire(Dialect::Legacy).probe(random)))
        .collect();
    expect![[r#"
        /Users?filter=userName%20eq%20%224d32ab19-ae09-4236-82fa-15768bc48f08%22
        /Groups?excludedAttributes=members&filter=displayName%20eq%20%224d32ab19-ae09-4236-82fa-15768bc48f08%22
    "#]]
    .assert_eq(&shown);
    let mut without = app();
    without.mappings.groups.enabled = false;
    without.mappings.groups.attributes.clear();
    let without = crate::fixtures::compiled(&without);
    expect![[r#"
        /Groups?excludedAttributes=members&filter=displayName%20eq%20%224d32ab19-ae09-4236-82fa-15768bc48f08%22
    "#]]
    .assert_eq(&get(&without.groups.wire(Dialect::Compliant).probe(random)));
}

#[test]
fn resources_are_read_and_removed_by_id_and_an_id_cannot_leave_its_place() {
    let compiled = compiled(&app());
    let mut shown = String::new();
    for id in ["48af03ac28ad4fb88478", "a/b?c#d", "é%41"] {
        for objects in [&compiled.users, &compiled.groups] {
            let wire = objects.wire(Dialect::Compliant);
            let delete = wire.delete(id);
            assert_eq!((delete.method, &delete.body), (Method::Delete, &None));
            shown.push_str(&format!("{}DELETE {}\n", get(&wire.read(id)), delete.path));
        }
    }
    expect![[r#"
        /Users/48af03ac28ad4fb88478
        DELETE /Users/48af03ac28ad4fb88478
        /Groups/48af03ac28ad4fb88478?excludedAttributes=members
        DELETE /Groups/48af03ac28ad4fb88478
        /Users/a%2Fb%3Fc%23d
        DELETE /Users/a%2Fb%3Fc%23d
        /Groups/a%2Fb%3Fc%23d?excludedAttributes=members
        DELETE /Groups/a%2Fb%3Fc%23d
        /Users/%C3%A9%2541
        DELETE /Users/%C3%A9%2541
        /Groups/%C3%A9%2541?excludedAttributes=members
        DELETE /Groups/%C3%A9%2541
    "#]]
    .assert_eq(&shown);
}
