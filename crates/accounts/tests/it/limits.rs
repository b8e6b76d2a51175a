//! What the policy sets limits to in users' attributes.

use crate::fixture::{Fixture, refusal, replace};
use serde_json::{Value, json};

fn with(users: Value) -> Fixture {
    Fixture::new(json!({ "users": users }))
}

#[test]
fn p_6_a_changed_external_id_follows_the_policy() {
    let cases = [("update", Ok("e2")), ("ignore", Ok("e1")), ("reject", Err((400, "users.external_id_update")))];
    for (choice, expected) in cases {
        let mut fixture = with(json!({ "external_id_update": choice }));
        let user = fixture.post(json!({ "userName": "ann" })).unwrap().id();
        let first = fixture.patch(user, replace("externalId", json!("e1")));
        assert!(first.is_ok(), "{choice}: the first one is no change");
        let result = fixture.patch(user, replace("externalId", json!("e2")));
        match expected {
            Ok(external_id) => assert_eq!(result.unwrap().resource.external_id(), Some(external_id), "{choice}"),
            Err(refused) => assert_eq!(refusal(result), refused),
        }
        let same = fixture.user(user).resource.external_id().map(str::to_owned);
        assert!(fixture.patch(user, replace("externalId", json!(same))).is_ok(), "{choice}: the same is no change");
    }
    let mut ignoring = with(json!({ "external_id_update": "ignore" }));
    let user = ignoring.post(json!({ "userName": "ann", "externalId": "e1" })).unwrap().id();
    let both = json!([{ "op": "replace", "value": { "externalId": "e2", "active": false } }]);
    assert!(!ignoring.patch(user, both).unwrap().is_active(), "the rest is done");
    assert_eq!(ignoring.log.last().unwrap()["severity"], "WARNING");
    let removal = json!([{ "op": "remove", "path": "externalId" }]);
    assert_eq!(ignoring.patch(user, removal).unwrap().resource.external_id(), Some("e1"));
}

#[test]
fn p_11_a_second_value_of_an_attribute_is_refused_where_there_is_room_for_one() {
    let two = json!([{ "value": "a@acme.example", "type": "work" }, { "value": "b@acme.example", "type": "home" }]);
    let mut many = with(json!({}));
    let user = many.post(json!({ "userName": "ann", "emails": two })).unwrap().id();

    let mut one = with(json!({ "multi_valued": "one" }));
    assert_eq!(refusal(one.post(json!({ "userName": "ann", "emails": two }))), (400, "users.multi_valued"));
    let posted = one.post(json!({ "userName": "ann", "emails": [two[0]] })).unwrap().id();
    let second = json!([{ "op": "add", "path": "emails", "value": [two[1]] }]);
    let refused = one.patch(posted, second).unwrap_err();
    assert_eq!(refused.field, Some("users.multi_valued"));
    assert!(refused.error.detail.starts_with("`emails` takes one value"), "{}", refused.error.detail);
    assert_eq!(refusal(one.put(posted, json!({ "userName": "ann", "emails": two }))), (400, "users.multi_valued"));
    assert!(one.put(posted, json!({ "userName": "ann", "emails": [two[1]] })).is_ok());

    // Who had two before the policy changed can still be disabled.
    many.records.retain(|record| record.kind != provost_change::Kind::POLICY);
    let policy = one.records.iter().find(|record| record.kind == provost_change::Kind::POLICY).unwrap().clone();
    many.records.push(policy);
    assert!(!many.patch(user, replace("active", json!(false))).unwrap().is_active());
}

#[test]
fn p_11_roles_that_are_granted_have_a_rule_of_their_own() {
    let mut fixture = Fixture::new(
        json!({ "users": { "multi_valued": "one" }, "roles": { "meaning": "grant", "cardinality": "many" } }),
    );
    let two = crate::fixture::roles(&["ACCOUNTMEMBER", "ACCOUNTAUDITOR"]);
    assert!(fixture.post(json!({ "userName": "ann", "roles": two })).is_ok());
}

#[test]
fn p_22_a_disabled_user_takes_no_change_but_back() {
    let mut fixture = with(json!({ "inactive_edits": "only_active" }));
    let user = fixture.post(json!({ "userName": "ann", "title": "Dr" })).unwrap().id();
    let leaving = json!([{ "op": "replace", "value": { "active": false, "title": "Retired" } }]);
    assert!(fixture.patch(user, leaving).is_ok(), "the request that disables may say more");
    let title = replace("title", json!("Prof"));
    let refused = fixture.patch(user, title.clone()).unwrap_err();
    assert_eq!((refused.error.status, refused.field), (400, Some("users.inactive_edits")));
    assert!(refused.error.detail.contains("`title`"), "{}", refused.error.detail);
    assert_eq!(refusal(fixture.put(user, json!({ "userName": "ann" }))), (400, "users.inactive_edits"));
    assert!(fixture.patch(user, replace("active", json!(false))).is_ok(), "what it is already is no change");
    assert!(fixture.patch(user, replace("title", json!("Retired"))).is_ok(), "nor is a value that is there");
    let back = json!([{ "op": "replace", "value": { "active": true, "title": "Prof" } }]);
    assert!(fixture.patch(user, back).unwrap().is_active(), "one that enables is taken whole");
    assert!(fixture.patch(user, title).is_ok());
}

#[test]
fn p_31_a_text_has_a_longest_length_in_characters() {
    let mut fixture = with(json!({ "text_length_max": 4 }));
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let cases = [
        ("title", json!({ "userName": "ann", "title": "Major" }), Some("`title`")),
        ("sub-attribute", json!({ "userName": "ann", "name": { "familyName": "Meier" } }), Some("`name.familyName`")),
        ("element", json!({ "userName": "ann", "emails": [{ "value": "a@b.c" }] }), Some("`emails.value`")),
        (
            "extension",
            json!({ "userName": "ann", enterprise: { "department": "Sales" } }),
            Some("`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`"),
        ),
        ("four characters, more bytes", json!({ "userName": "ännä" }), None),
    ];
    for (name, mut body, expected) in cases {
        if body.get(enterprise).is_some() {
            body["schemas"] = json!([provost_scim::urn::USER, enterprise]);
        }
        match (fixture.post(body), expected) {
            (Ok(_), None) => {}
            (Err(refused), Some(attribute)) => {
                assert_eq!((refused.error.status, refused.field), (400, Some("users.text_length_max")), "{name}");
                assert!(refused.error.detail.starts_with(attribute), "{name}: {}", refused.error.detail);
            }
            (other, _) => panic!("{name}: {other:?}"),
        }
    }
    assert_eq!(refusal(fixture.local("annabel@acme.example", &[])), (400, "users.text_length_max"), "by hand neither");
}

#[test]
fn p_10_required_attributes_are_asked_for() {
    let mut fixture = Fixture::new(json!("aws-like"));
    assert_eq!(refusal(fixture.post(json!({ "userName": "ann", "displayName": "Ann" }))).0, 400);
    let body =
        json!({ "userName": "ann", "displayName": "Ann", "name": { "givenName": "Ann", "familyName": "Meier" } });
    assert!(fixture.post(body).is_ok());
}
