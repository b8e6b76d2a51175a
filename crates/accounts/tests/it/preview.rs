//! Who a change of the policy would affect.

use crate::fixture::{Fixture, replace, roles};
use provost_accounts::{Group, User, policy, preview};
use provost_change::{Kind, Record};
use serde_json::{Value, json};

/// The fields that affect a user once the account's policy is changed by `over`.
fn fields(fixture: &Fixture, user: &User, over: Value) -> Vec<String> {
    let old = fixture.config();
    let mut document = over;
    if document.get("preset").is_none() {
        document["preset"] = json!(old.policy.preset);
    }
    let new = old.with_policy(policy::from_document(&document).unwrap());
    let effects = preview::effects(&old, &new, user);
    assert!(effects.iter().all(|effect| effect.what.len() > 10));
    effects.into_iter().map(|effect| effect.field).collect()
}

#[test]
fn s_81_exactly_the_disabled_managed_users_are_affected_by_removal() {
    let mut fixture = Fixture::dsm();
    let mut disabled = Vec::new();
    for number in 0..12 {
        let user = fixture.post(json!({ "userName": format!("u{number}@acme.example") })).unwrap();
        if number < 7 {
            disabled.push(fixture.patch(user.id(), replace("active", json!(false))).unwrap().id());
        }
    }
    let local = fixture.local("hand@acme.example", &[]).unwrap();
    let off = provost_accounts::users::LocalEdit { active: Some(false), ..Default::default() };
    fixture.edit(&local, &off).unwrap();
    let users = fixture.records.iter().filter(|record| record.kind == Kind::USER);
    let users: Vec<User> = users.map(|record| User::read(crate::fixture::ACCOUNT, record.clone()).unwrap()).collect();
    let affected: Vec<_> = users
        .iter()
        .filter(|user| !fields(&fixture, user, json!({ "users": { "on_deactivate": "remove" } })).is_empty())
        .map(User::id)
        .collect();
    disabled.sort();
    let mut affected = affected;
    affected.sort();
    assert_eq!(affected, disabled);
}

#[test]
fn s_81_each_change_names_its_field() {
    let mut fixture = Fixture::new(json!({ "roles": { "meaning": "grant" } }));
    let auditor = fixture.add_role("Auditor", false);
    let body = json!({
        "userName": "ann",
        "title": "Doctor",
        "name": { "givenName": "Ann" },
        "emails": [{ "value": "a@b.com" }, { "value": "c@d.com" }],
        "roles": roles(&["Auditor"]),
    });
    let user = fixture.post(body).unwrap();
    let local = fixture.local("bob@b.com", &[]).unwrap();
    let grant = |mut roles: Value| {
        roles["meaning"] = json!("grant");
        json!({ "roles": roles })
    };
    let with = |users: Value| json!({ "users": users, "roles": { "meaning": "grant" } });
    let cases = [
        ("nothing", &user, grant(json!({})), vec![]),
        ("format", &user, with(json!({ "identifier_format": "email" })), vec!["users.identifier_format"]),
        ("domains", &user, with(json!({ "domains": ["acme.example"] })), vec!["users.domains"]),
        ("required", &user, with(json!({ "required": ["name.familyName"] })), vec!["users.required"]),
        ("required and there", &user, with(json!({ "required": ["name.givenName"] })), vec![]),
        ("several values", &user, with(json!({ "multi_valued": "one" })), vec!["users.multi_valued"]),
        (
            "long texts",
            &user,
            with(json!({ "text_length_max": 5 })),
            vec!["users.text_length_max", "users.text_length_max"],
        ),
        ("verification", &user, with(json!({ "verification": "required" })), vec!["users.verification"]),
        (
            "attributes",
            &user,
            with(json!({ "attributes": ["userName", "active", "emails", "roles", "name.familyName"] })),
            vec!["users.attributes", "users.attributes"],
        ),
        ("visibility", &local, with(json!({ "visibility": "managed_only" })), vec!["users.visibility"]),
        ("visibility of a managed one", &user, with(json!({ "visibility": "managed_only" })), vec![]),
        ("unknown role", &user, grant(json!({ "matching": ["id"] })), vec!["roles.unknown"]),
        ("other role", &user, grant(json!({ "matching": ["id"], "unknown": "default" })), vec!["roles.matching"]),
        ("protected", &user, grant(json!({ "protected": [auditor] })), vec!["roles.protected"]),
        ("no role", &local, grant(json!({ "none": "reject" })), vec![]),
    ];
    for (name, user, over, expected) in cases {
        assert_eq!(fields(&fixture, user, over), expected, "{name}");
    }
    let two = fixture.post(json!({ "userName": "two", "roles": roles(&["ACCOUNTMEMBER", "Auditor"]) })).unwrap();
    assert_eq!(fields(&fixture, &two, grant(json!({ "cardinality": "single" }))), ["roles.cardinality"]);
}

#[test]
fn s_81_groups_are_affected_too() {
    let fixture = Fixture::new(json!("standard"));
    let old = fixture.config();
    let record = Record {
        kind: Kind::GROUP,
        id: fixture.id(),
        version: 1,
        created: jiff::Timestamp::UNIX_EPOCH,
        modified: jiff::Timestamp::UNIX_EPOCH,
        doc: json!({ "displayName": "Crew" }).to_string(),
        state: "{}".to_owned(),
    };
    let group = Group::read(crate::fixture::ACCOUNT, record).unwrap();
    let cases = [
        (json!({}), vec![]),
        (json!({ "groups": { "mode": "off" } }), vec!["groups.mode"]),
        (json!({ "groups": { "roles": [{ "group": "crew", "role": "ACCOUNTAUDITOR" }] } }), vec!["groups.roles"]),
        (json!({ "users": { "visibility": "managed_only" } }), vec!["users.visibility"]),
    ];
    for (document, expected) in cases {
        let new = old.with_policy(policy::from_document(&document).unwrap());
        let effects = preview::group_effects(&old, &new, &group);
        assert_eq!(effects.into_iter().map(|effect| effect.field).collect::<Vec<_>>(), expected, "{document}");
    }
}
