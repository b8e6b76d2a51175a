//! Section 5.6: roles are assigned at the identity provider and held here.

use super::{
    ADMINISTRATOR, AUDITOR, MEMBER, custom_role, dsm, entries_about, id, named, neighbour, read, refused, roles_now,
    under,
};
use crate::support::{Account, Lodger, assertive};
use serde_json::{Value, json};

/// Makes a user who has these roles.
fn user_with(account: &Account, roles: &[&str]) -> String {
    id(&account.create(json!({ "userName": "ann@a.com", "roles": assertive(roles) })))
}

/// One role as the functions SingleAppRoleAssignment and AppRoleAssignmentsComplex send it: JSON text in `value`.
fn packed(value: &str) -> Value {
    json!({ "value": json!({ "id": "06b07648-ecfe-589f-9d2f-6325724a46ee", "value": value, "displayName": value }).to_string() })
}

#[test]
fn f_5_6_1_roles_follow_the_identity_provider() {
    for (name, none) in [
        ("an empty set", roles_now(&[])),
        ("no set", json!([{ "op": "remove", "path": "roles" }])),
        ("its own default", roles_now(&["User"])),
    ] {
        let account = dsm();
        let user = user_with(&account, &[MEMBER]);
        assert_eq!(account.roles_of(&user), ["Account Member"], "{name}");
        account.patch(&user, roles_now(&[AUDITOR])).expect(200);
        assert_eq!(account.roles_of(&user), ["Account Auditor"], "{name}");
        account.patch(&user, none).expect(200);
        assert_eq!(account.roles_of(&user), ["Account Member"], "{name}");
    }
}

#[test]
fn f_5_6_3_a_custom_role_is_gained_and_lost() {
    let account = dsm();
    let role = custom_role(&account, "Key Custodian", false);
    let user = user_with(&account, &[]);
    account.patch(&user, roles_now(&[&role])).expect(200);
    assert_eq!(account.roles_of(&user), ["Key Custodian"]);
    account.patch(&user, roles_now(&[])).expect(200);
    assert_eq!(account.roles_of(&user), ["Account Member"]);
}

#[test]
fn f_5_6_1_2_a_custom_role_must_exist_first() {
    let account = dsm();
    let foreign = custom_role(&neighbour(&account), "Key Custodian", false);
    let gone = custom_role(&account, "Gone", false);
    account.api("DELETE", &format!("/roles/{gone}"), Value::Null).expect(204);
    let user = user_with(&account, &[AUDITOR]);
    let before = account.get(&user).expect(200).json();
    for unknown in [&foreign, &gone, "01890000-0000-7000-8000-000000000000", "KeyCustodian", "accountmember"] {
        let named_in_detail = format!("`{unknown}`");
        let words = [named_in_detail.as_str(), "roles.unknown"];
        let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
        let body = json!({ "schemas": schemas, "userName": "bob@a.com", "roles": assertive(&[unknown]) });
        refused(account.scim("POST", "/Users", body), 400, &words);
        refused(account.patch(&user, roles_now(&[unknown])), 400, &words);
        refused(account.patch(&user, roles_now(&[unknown, MEMBER])), 400, &words);
    }
    assert_eq!((named(&account, "bob@a.com"), account.get(&user).expect(200).json()), (0, before));
}

/// An account with custom roles: two that can be held with others, two that cannot, and one that is held in groups.
fn with_roles() -> (Lodger, [String; 5]) {
    let account = dsm();
    let [one, two] = ["R1", "R2"].map(|name| custom_role(&account, name, false));
    let [first, second] = ["E1", "E2"].map(|name| custom_role(&account, name, true));
    let group = id(&account.api("POST", "/roles", json!({ "name": "G1", "kind": "group" })).expect(201).json());
    (account, [one, two, first, second, group])
}

#[test]
fn f_5_6_1_3_what_the_users_page_refuses_is_refused_over_scim_for_the_same_reason() {
    let (account, [one, two, first, second, _]) = with_roles();
    let nowhere = "01890000-0000-7000-8000-000000000000";
    let sets: [&[&str]; 8] = [
        &[ADMINISTRATOR, MEMBER],
        &[MEMBER, &one],
        &[&first, &second],
        &[&first, &one],
        &[nowhere],
        &[&one, &two, AUDITOR],
        &[&one, nowhere],
        &["Nobody"],
    ];
    for roles in sets {
        let local = account.api("POST", "/users", json!({ "email": "ann@a.com", "roles": roles })).expect(400).json();
        let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann@a.com", "roles": assertive(roles) });
        let remote = account.scim("POST", "/Users", body).error(400);
        assert_eq!(local["detail"], remote["detail"], "{roles:?}");
    }
    assert_eq!(read(&account, "/users")["items"], json!([]));
}

#[test]
fn f_5_6_1_4_which_roles_may_be_held_together() {
    let (account, [one, two, first, second, group]) = with_roles();
    let user = user_with(&account, &[]);
    let legal: [&[&str]; 6] = [&[MEMBER], &[AUDITOR], &[&one], &[&one, &two], &[&first], &[&one, &one]];
    let illegal: [&[&str]; 8] = [
        &[MEMBER, AUDITOR],
        &[ADMINISTRATOR, MEMBER, AUDITOR],
        &[&first, &second],
        &[MEMBER, &one],
        &[&one, &two, AUDITOR],
        &[&first, &one],
        &[MEMBER, &first],
        &[&group],
    ];
    for roles in legal {
        account.patch(&user, roles_now(roles)).expect(200);
        let held: Vec<Value> =
            account.shown(&user)["roles"].as_array().expect("a list").iter().map(|role| role["id"].clone()).collect();
        let mut distinct = roles.to_vec();
        distinct.dedup();
        assert_eq!(held, distinct, "{roles:?}");
        for wrong in illegal {
            let error = account.patch(&user, roles_now(wrong)).error(400);
            assert_eq!(error["scimType"], "invalidValue", "{wrong:?}");
        }
        let after: Vec<Value> =
            account.shown(&user)["roles"].as_array().expect("a list").iter().map(|role| role["id"].clone()).collect();
        assert_eq!(after, held, "{roles:?}");
    }
}

#[test]
fn f_5_6_1_7_a_role_id_means_the_role_under_any_name() {
    let account = dsm();
    let role = custom_role(&account, "Key Custodian", false);
    let first = user_with(&account, &[&role]);
    account.api("PATCH", &format!("/roles/{role}"), json!({ "name": "Keeper of Keys" })).expect(200);
    let second = account.create(json!({ "userName": "bob@a.com", "roles": assertive(&[&role]) }));
    for user in [first, id(&second)] {
        assert_eq!(account.roles_of(&user), ["Keeper of Keys"]);
        assert_eq!(account.get(&user).expect(200).json()["roles"][0]["value"], json!(role));
        account.patch(&user, roles_now(&[&role])).expect(200);
        assert_eq!(account.roles_of(&user), ["Keeper of Keys"]);
    }
    let listed = read(&account, &format!("/roles/{role}"));
    assert_eq!((&listed["role_id"], &listed["value"]), (&json!(role), &json!(role)));
}

#[test]
fn f_5_6_1_8_every_kind_of_role_is_managed_from_the_identity_provider() {
    let account = dsm();
    let custom = custom_role(&account, "Key Custodian", false);
    let expected = [
        (ADMINISTRATOR, "Account Administrator"),
        (MEMBER, "Account Member"),
        (AUDITOR, "Account Auditor"),
        (custom.as_str(), "Key Custodian"),
    ];
    for (number, (value, name)) in expected.into_iter().enumerate() {
        let by_value = json!({ "userName": format!("user{number}@a.com"), "roles": [{ "value": value }] });
        assert_eq!(account.roles_of(&id(&account.create(by_value))), [name]);
        let by_display = json!({ "userName": format!("twin{number}@a.com"), "roles": [{ "display": name }] });
        assert_eq!(account.roles_of(&id(&account.create(by_display))), [name]);
    }
}

#[test]
fn f_5_6_2_3_without_a_mapped_role_a_user_is_an_account_member() {
    let account = dsm();
    for (name, roles) in [
        ("none", Value::Null),
        ("empty", json!([])),
        ("the portal's default role", assertive(&["User"])),
        ("the default role of gallery apps", assertive(&["msiam_access"])),
        ("default access, by display", json!([{ "display": "Default Access", "primary": false }])),
        ("the nil id", assertive(&["00000000-0000-0000-0000-000000000000"])),
    ] {
        let user = id(&account.create(json!({ "userName": "ann@a.com", "roles": roles })));
        let shown = account.shown(&user);
        assert_eq!(shown["roles"], json!([{ "id": MEMBER, "name": "Account Member", "via": null }]), "{name}");
        account.scim("DELETE", &format!("/Users/{user}"), Value::Null).expect(204);
    }
}

/// What the two functions that are not supported send, by name.
fn other_expressions(value: &str) -> [(&'static str, Value); 5] {
    [
        ("SingleAppRoleAssignment", json!([{ "op": "Add", "path": "roles", "value": [packed(value)] }])),
        (
            "AppRoleAssignmentsComplex",
            json!([{ "op": "Add", "path": "roles", "value": [packed(value), packed("User")] }]),
        ),
        ("with the flag", json!([{ "op": "add", "path": "roles", "value": [{ "value": value, "primary": false }] }])),
        (
            "into the primary role",
            json!([{ "op": "Replace", "path": "roles[primary eq \"True\"].value", "value": value }]),
        ),
        ("packed, without a path", json!([{ "op": "replace", "value": { "roles": [packed(value)] } }])),
    ]
}

#[test]
fn f_5_6_2_21_only_assertive_app_role_assignments_complex_is_taken() {
    let account = dsm();
    let role = custom_role(&account, "Key Custodian", false);
    let user = user_with(&account, &[MEMBER]);
    account.patch(&user, roles_now(&[&role])).expect(200);
    assert_eq!(account.roles_of(&user), ["Key Custodian"], "replaced, not added to");
    for (name, operations) in other_expressions(AUDITOR) {
        let error = refused(account.patch(&user, operations), 400, &["AssertiveAppRoleAssignmentsComplex"]);
        assert_eq!(error["scimType"], "invalidValue", "{name}");
        assert_eq!(account.roles_of(&user), ["Key Custodian"], "{name}");
    }
}

#[test]
fn f_5_6_2_21_a_tolerant_policy_takes_the_other_functions() {
    let account = under(json!({ "preset": "dsm", "roles": { "packed_json": "accept", "patch": "add_and_replace" } }));
    let user = user_with(&account, &[]);
    for (name, operations) in other_expressions(AUDITOR) {
        account.patch(&user, operations).expect(200);
        assert_eq!(account.roles_of(&user), ["Account Auditor"], "{name}");
        account.patch(&user, roles_now(&[])).expect(200);
    }
}

#[test]
fn f_5_6_2_22_roles_that_are_not_asserted_are_removed() {
    let account = dsm();
    let (one, two) = (custom_role(&account, "R1", false), custom_role(&account, "R2", false));
    let user = user_with(&account, &[&one, &two]);
    assert_eq!(account.roles_of(&user), ["R1", "R2"]);
    account.patch(&user, roles_now(&[&two])).expect(200);
    assert_eq!(account.roles_of(&user), ["R2"]);
    account.patch(&user, roles_now(&[])).expect(200);
    assert_eq!(account.roles_of(&user), ["Account Member"]);
    assert_eq!(entries_about(&account, &user).len(), 3);
}
