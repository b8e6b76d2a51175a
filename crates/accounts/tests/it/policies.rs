//! Policy documents.

use crate::fixture::Fixture;
use provost_accounts::{
    Permission, SystemRole,
    account::{self, PolicyVersion},
    policy,
};
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
        (json!({ "users": { "profile_scope": "user" } }), "unknown variant `user`, expected `membership`"),
        (json!({ "users": { "attributes": ["userName", "shoeSize"] } }), "`shoeSize` is no attribute of a User"),
        (json!({ "users": { "attributes": ["active"] } }), "`userName` is needed"),
        (json!({ "users": { "domains": ["a@b"] } }), "`a@b` is no domain"),
        (json!({ "roles": { "matching": [] } }), "`roles.matching`"),
        (json!({ "users": { "matching": ["email", "email"] } }), "`users.matching`: one way or more, each once"),
        (json!({ "users": { "text_length_max": 0 } }), "`users.text_length_max`: at least 1"),
        (json!({ "limits": { "page_size_max": 0 } }), "`limits.page_size_max`: 1 to 1000"),
        (json!({ "limits": { "page_size_max": 1001 } }), "`limits.page_size_max`"),
        (
            json!({ "roles": { "protected": ["ACCOUNTMEMBER"] } }),
            "`roles.protected`: `ACCOUNTMEMBER` is the default role",
        ),
        (json!({ "groups": { "roles": [{ "group": " ", "role": "ACCOUNTAUDITOR" }] } }), "`groups.roles`"),
        (json!({ "groups": { "roles": [{ "group": "Crew", "role": "Auditor" }] } }), "expected ACCOUNTADMINISTRATOR"),
        (
            json!({
                "roles": { "protected": ["ACCOUNTAUDITOR"] },
                "groups": { "roles": [{ "group": "Crew", "role": "ACCOUNTAUDITOR" }] },
            }),
            "`groups.roles`: `ACCOUNTAUDITOR` is protected",
        ),
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
fn s_80_every_vendors_preset_is_there_and_has_a_purpose() {
    let names: Vec<&str> = policy::PRESETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "standard",
            "directory",
            "dsm",
            "fulcrum",
            "slack-like",
            "github-like",
            "pagerduty-like",
            "snowflake-like",
            "aws-like"
        ]
    );
    assert!(names.iter().all(|name| !policy::purpose(name).is_empty()));
}

/// Vendors whose behaviour the fields take up.
const VENDORS: [&str; 16] = [
    "Fortanix",
    "Fulcrum",
    "Slack",
    "GitHub",
    "PagerDuty",
    "Snowflake",
    "AWS",
    "Atlassian",
    "Zscaler",
    "LaunchDarkly",
    "BuildBuddy",
    "FusionAuth",
    "Kiro",
    "Databricks",
    "Entra",
    "Microsoft",
];

#[test]
fn s_86_every_field_and_value_is_described_and_every_field_names_a_vendor() {
    fn fields(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                fields(value, &path, found);
            }),
            _ => found.push(path.to_owned()),
        }
    }
    let mut all = Vec::new();
    fields(&serde_json::to_value(policy::preset("standard").unwrap()).unwrap(), "", &mut all);
    let page = policy::reference();
    for field in all {
        let heading = format!("### `{field}`\n");
        let (_, rest) = page.split_once(&heading).unwrap_or_else(|| panic!("`{field}` is not on the page"));
        let part = rest.split("\n#").next().unwrap();
        let (described, _) = part.split_once("\n- `").unwrap();
        assert!(VENDORS.iter().any(|vendor| described.contains(vendor)), "`{field}` names no vendor:\n{described}");
        let sentence = described.trim_start().lines().next().unwrap();
        assert!(sentence.len() > 20 && !sentence.starts_with('|'), "`{field}` is not described: {sentence}");
        for row in described.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---")) {
            let meaning = row.trim_matches('|').split_once('|').unwrap().1.trim();
            assert!(!meaning.is_empty(), "`{field}`: {row}");
        }
    }
}

#[test]
fn a_policy_stored_before_a_field_existed_reads_as_things_were() {
    let mut document = serde_json::to_value(policy::preset("dsm").unwrap()).unwrap();
    for (section, name) in
        [("users", "matching"), ("users", "verification_mail"), ("groups", "nested"), ("roles", "none")]
    {
        document[section].as_object_mut().unwrap().remove(name).unwrap();
    }
    document.as_object_mut().unwrap().retain(|name, _| !matches!(name.as_str(), "brake" | "limits"));
    let stored = json!({ "version": 3, "policy": document, "author": "operator" });
    let version: PolicyVersion = serde_json::from_value(stored).unwrap();
    let dsm = policy::preset("dsm").unwrap();
    let standard = policy::preset("standard").unwrap();
    assert_eq!(version.policy.preset, "dsm");
    assert_eq!(version.policy.users.attributes, dsm.users.attributes, "what was stored counts");
    assert_eq!(version.policy.users.verification_mail, policy::VerificationMail::None, "no mail went out then");
    assert_eq!(version.policy.brake, standard.brake);
    assert_eq!(version.policy.limits, standard.limits);
    let unreadable = json!({ "version": 3, "policy": { "surprise": 1 }, "author": "operator" });
    assert!(serde_json::from_value::<PolicyVersion>(unreadable).is_err());
}

#[test]
fn s_82_a_policy_is_reverted_to_an_earlier_version() {
    let mut fixture = Fixture::dsm();
    let first = PolicyVersion {
        version: 1,
        policy: fixture.config().policy.clone(),
        author: "operator".to_owned(),
        author_user: None,
    };
    let second = policy::from_document(&json!({ "preset": "dsm", "users": { "on_delete": "refuse" } })).unwrap();
    let changed = account::change_policy(&fixture.config(), &fixture.operator(), second, fixture.id()).unwrap();
    assert_eq!(fixture.commit(changed).unwrap().policy_version, 2);
    let reverted = account::revert_policy(&fixture.config(), &fixture.operator(), &first, fixture.id()).unwrap();
    assert_eq!(fixture.commit(reverted).unwrap().policy_version, 3);
    assert_eq!(fixture.config().policy, first.policy);
    let entry = fixture.log.last().unwrap();
    assert_eq!(entry["action"], "policy.revert");
    let changes = json!([
        { "attribute": "version", "old": 2, "new": 1 },
        { "attribute": "users.on_delete", "old": "refuse", "new": "remove" },
    ]);
    assert_eq!(entry["changes"], changes);
}

#[test]
fn roles_that_a_policy_names_exist_and_stay() {
    let mut fixture = Fixture::new(json!("standard"));
    let role = fixture.add_role("Owner", false);
    let ghost = fixture.id().to_string();
    for (field, document) in [
        ("roles.default", json!({ "roles": { "default": ghost } })),
        ("roles.protected", json!({ "roles": { "protected": [ghost] } })),
        ("groups.roles", json!({ "groups": { "roles": [{ "group": "Crew", "role": ghost }] } })),
    ] {
        let policy = policy::from_document(&document).unwrap();
        let refused = account::change_policy(&fixture.config(), &fixture.operator(), policy, fixture.id()).unwrap_err();
        assert_eq!(refused.field, Some(field));
        let document = document.to_string().replace(&ghost, &role.to_string());
        let policy = policy::from_document(&serde_json::from_str(&document).unwrap()).unwrap();
        let changed = account::change_policy(&fixture.config(), &fixture.operator(), policy, fixture.id()).unwrap();
        fixture.commit(changed).unwrap();
        let held = provost_accounts::role::Held { holders: 0, seq: 1 };
        let refused = provost_accounts::role::delete(&fixture.config(), &fixture.operator(), role, held).unwrap_err();
        assert_eq!((refused.error.status, refused.field), (409, Some(field)));
    }
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
