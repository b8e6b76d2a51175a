//! Which assertions of roles are taken, and what they come to.

use crate::fixture::{Fixture, outcome, roles};
use provost_accounts::role::{RoleEdit, RoleKind};
use serde_json::{Value, json};

/// Posts a user with these roles and shows what came of it.
fn assertion(fixture: &mut Fixture, asserted: Value) -> String {
    let result = fixture.post(json!({ "userName": "ann@acme.example", "roles": asserted }));
    outcome(fixture, result)
}

#[test]
fn dsm_takes_one_role_of_any_kind_or_several_plain_custom_ones() {
    let mut fixture = Fixture::dsm();
    let [r1, r2] = ["Reader", "Writer"].map(|name| fixture.add_role(name, false).to_string());
    let [e1, e2] = ["Custodian", "Officer"].map(|name| fixture.add_role(name, true).to_string());
    let (admin, member, auditor) = ("ACCOUNTADMINISTRATOR", "ACCOUNTMEMBER", "ACCOUNTAUDITOR");
    let conflict = "400 roles.cardinality";
    let cases: [(&str, &[&str], &str); 15] = [
        ("F-4.1-5 administrator", &[admin], "Account Administrator"),
        ("F-4.1-6 member", &[member], "Account Member"),
        ("F-4.1-7 auditor", &[auditor], "Account Auditor"),
        ("F-4.1-8 custom", &[&r1], "Reader"),
        ("F-4.1-10 two system roles", &[admin, member], conflict),
        ("F-4.1-10 two others", &[member, auditor], conflict),
        ("F-4.1-13 two plain custom", &[&r1, &r2], "Reader, Writer"),
        ("F-4.1-14 two exclusive", &[&e1, &e2], conflict),
        ("S-25 system and custom", &[member, &r1], conflict),
        ("S-26 exclusive and plain", &[&e1, &r1], conflict),
        ("S-26 exclusive alone", &[&e1], "Custodian"),
        ("one role twice is one role", &[member, member], "Account Member"),
        ("F-5.6.2-3 none", &[], "Account Member"),
        ("F-5.6.1-2 unknown", &["00000000-0000-0000-0000-0000000000ff"], "400 roles.unknown"),
        ("F-5.6.2-8 space", &["Account Member"], "400 roles.value_spaces"),
    ];
    for (name, asserted, expected) in cases {
        assert_eq!(assertion(&mut fixture, roles(asserted)), expected, "{name}");
    }
}

#[test]
fn what_identifies_a_role_is_tried_in_the_policys_order() {
    let mut fixture = Fixture::dsm();
    let reader = fixture.add_role("Reader", false).to_string();
    let group_role = fixture.add_role_of(RoleEdit {
        name: Some("Keeper".to_owned()),
        kind: Some(RoleKind::Group),
        ..RoleEdit::default()
    });
    let cases = [
        ("role id", json!([{ "value": reader }]), "Reader"),
        ("name as value", json!([{ "value": "Reader" }]), "Reader"),
        ("display", json!([{ "display": "Account Auditor" }]), "Account Auditor"),
        ("case counts", json!([{ "value": "accountmember" }]), "400 roles.unknown"),
        ("the identity provider's default role", json!([{ "value": "User", "display": "User" }]), "Account Member"),
        ("an empty element", json!([{ "primary": false }]), "Account Member"),
        ("S-27 group role", json!([{ "value": group_role.to_string() }]), "400 roles.matching"),
        (
            "S-15 packed JSON",
            json!([{ "value": r#"{"id":"1","value":"ACCOUNTMEMBER","displayName":"x"}"# }]),
            "400 roles.packed_json",
        ),
    ];
    for (name, asserted, expected) in cases {
        assert_eq!(assertion(&mut fixture, asserted), expected, "{name}");
    }
}

#[test]
fn the_policy_chooses_what_happens_to_unknown_and_conflicting_roles() {
    let with = |roles: Value| Fixture::new(json!({ "preset": "dsm", "roles": roles }));
    let two = roles(&["ACCOUNTMEMBER", "ACCOUNTADMINISTRATOR"]);
    let ghost = roles(&["Ghost"]);
    let cases = [
        (with(json!({ "unknown": "default" })), ghost.clone(), "Account Member"),
        (with(json!({ "unknown": "ignore" })), ghost, "Account Member"),
        (with(json!({ "on_conflict": "first" })), two.clone(), "Account Member"),
        (with(json!({ "on_conflict": "highest" })), two.clone(), "Account Administrator"),
        (with(json!({ "cardinality": "many" })), two, "Account Member, Account Administrator"),
    ];
    for (mut fixture, asserted, expected) in cases {
        assert_eq!(assertion(&mut fixture, asserted.clone()), expected, "{asserted}");
    }
}

#[test]
fn packed_json_is_unpacked_where_the_policy_accepts_it() {
    let mut fixture =
        Fixture::new(json!({ "preset": "dsm", "roles": { "packed_json": "accept", "patch": "add_and_replace" } }));
    let user = fixture.post(json!({ "userName": "ann@acme.example" })).unwrap().id();
    let packed = json!({ "value": r#"{"id":"06b0","value":"ACCOUNTAUDITOR","displayName":"Auditor"}"# });
    let result = fixture.patch(user, json!([{ "op": "Add", "path": "roles", "value": [packed] }]));
    assert_eq!(outcome(&fixture, result), "Account Auditor", "S-15");
}
