//! Policy documents.

use provost_accounts::{Permission, SystemRole, policy};
use serde_json::{Value, json};

#[test]
fn every_preset_is_a_complete_valid_document() {
    for (name, text) in policy::PRESETS {
        let preset = policy::preset(name).unwrap();
        assert_eq!(preset.preset, name);
        let shown: Value = serde_json::to_value(&preset).unwrap();
        assert_eq!(shown, serde_json::from_str::<Value>(text).unwrap(), "{name} leaves nothing to defaults");
    }
}

#[test]
fn s_84_what_is_wrong_is_named() {
    let cases = [
        (json!("dms"), "there is no preset `dms`"),
        (json!({ "users": { "on_delte": "remove" } }), "unknown field `on_delte`"),
        (json!({ "users": { "on_delete": "explode" } }), "unknown variant `explode`"),
        (json!({ "surprise": 1 }), "unknown field `surprise`"),
        (json!({ "groups": { "mode": "managed" } }), "`groups.mode`: `managed` is not offered"),
        (json!({ "users": { "attributes": ["userName", "shoeSize"] } }), "`shoeSize` is no attribute of a User"),
        (json!({ "users": { "attributes": ["active"] } }), "`userName` is needed"),
        (json!({ "users": { "domains": ["a@b"] } }), "`a@b` is no domain"),
        (json!({ "roles": { "matching": [] } }), "`roles.matching`"),
        (json!({ "audit": { "retention_days": 0 } }), "at least 1 day"),
        (json!(7), "expected the name of a preset or an object"),
    ];
    for (document, expected) in cases {
        let error = policy::from_document(&document).unwrap_err().to_string();
        assert!(error.contains(expected), "{document}: {error}");
    }
}

#[test]
fn a_partial_document_is_filled_up_from_its_preset() {
    let changed = policy::from_document(&json!({ "preset": "dsm", "users": { "on_delete": "refuse" } })).unwrap();
    let mut expected = policy::preset("dsm").unwrap();
    expected.users.on_delete = policy::OnDelete::Refuse;
    assert_eq!(changed, expected);
}

#[test]
fn system_roles_permit_what_their_names_say() {
    let matrix: Vec<String> = Permission::ALL
        .into_iter()
        .map(|permission| {
            let cells = SystemRole::ALL.map(|role| if role.permits(permission) { "yes" } else { "-" });
            format!("{permission:?}: {}", cells.join(" "))
        })
        .collect();
    // Administrator, Member, Auditor.
    expect_test::expect![[r#"
        GetUsers: yes - yes
        ManageUsers: yes - -
        GetAdminApps: yes - yes
        ManageScim: yes - -
        GetRoles: yes - yes
        ManageRoles: yes - -
        GetGroups: yes - yes
        ManageGroups: yes - -
        GetPolicy: yes - yes
        ManagePolicy: yes - -
        GetQuorumPolicy: yes - yes
        ManageQuorumPolicy: yes - -
        GetAuditLog: yes - yes"#]]
    .assert_eq(&matrix.join("\n"));
}
