//! Sections 4.0 and 4.1: users and their roles arrive.

use super::{
    ADMINISTRATOR, AUDITOR, MEMBER, by_hand, changed,
    conversation::{Conversation, on_premises_and_saas},
    custom_role, dsm, entries_about, id, last_entry, named, neighbour, read, refused, roles_now, sign_in, through,
    unassigned, verify,
};
use crate::support::{Account, Answer, assertive};
use serde_json::{Value, json};

/// Posts a user with these roles.
fn post(account: &Account, user_name: &str, roles: &[&str]) -> Answer {
    let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    account.scim("POST", "/Users", json!({ "schemas": schemas, "userName": user_name, "roles": assertive(roles) }))
}

/// A client's work with everything that is particular to the preset.
fn particular_work(account: &Account, origin: &str) -> Vec<String> {
    let mut talk = Conversation::with(account, origin);
    let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    let custodian = id(&talk.api("POST", "/roles", json!({ "name": "Key Custodian" })));
    let guarded = id(&talk.api("POST", "/roles", json!({ "name": "Break Glass", "exclusive": true })));
    talk.api("GET", "/roles", Value::Null);
    let manual = id(&talk.api("POST", "/users", json!({ "email": "root@a.com", "roles": [ADMINISTRATOR] })));
    talk.api("PATCH", &format!("/users/{manual}"), json!({ "verified": true }));
    talk.api("PUT", "/quorum-policy", json!({ "quorum": { "n": 1, "members": [{ "user": manual }] } }));
    for (name, roles) in
        [("ann", vec![]), ("bob", vec![MEMBER, AUDITOR]), ("cy", vec![&custodian, &guarded]), ("dee", vec!["Boss"])]
    {
        let roles = assertive(&roles.iter().map(|role| &**role).collect::<Vec<_>>());
        let extra =
            json!({ "schemas": schemas, "userName": format!("{name}@a.com"), "roles": roles, "displayName": name });
        talk.scim("POST", "/Users", extra);
    }
    let ann = id(
        &talk.scim("GET", "/Users?aadOptscim062020&filter=userName%20eq%20%22ann%40a.com%22", Value::Null)["Resources"]
            [0],
    );
    talk.patch(&ann, roles_now(&[&custodian]));
    talk.patch(&ann, json!([{ "op": "replace", "path": "userName", "value": "anna@a.com" }]));
    talk.patch(&ann, json!([{ "op": "Replace", "path": "active", "value": "False" }, { "op": "Add", "path": "title", "value": "x" }]));
    talk.patch(&manual, unassigned());
    talk.patch(&ann, unassigned());
    talk.api("GET", &format!("/users/{ann}"), Value::Null);
    talk.scim("POST", "/Groups", json!({ "displayName": "All" }));
    talk.scim("DELETE", &format!("/Users/{manual}"), Value::Null);
    talk.scim("DELETE", &format!("/Users/{ann}"), Value::Null);
    talk.api("GET", "/users", Value::Null);
    talk.lines
}

#[test]
fn f_4_0_1_the_preset_works_the_same_on_premises_and_as_a_service() {
    let [on_premises, saas] = on_premises_and_saas(particular_work);
    assert_eq!(on_premises, saas);
    let statuses: Vec<&str> = saas.iter().filter_map(|line| line.split(" -> ").nth(1)?.get(..3)).collect();
    let expected = "201 201 200 201 200 200 201 400 400 400 200 200 200 400 409 200 200 501 409 204 200";
    assert_eq!(statuses.join(" "), expected, "{saas:#?}");
}

#[test]
fn f_4_0_2_two_clients_of_two_accounts_never_meet() {
    let here = dsm();
    let there = neighbour(&here);
    let work = |account: &Account| -> Vec<String> {
        let names = (0..10).map(|number| format!("user{number}@a.com"));
        let users: Vec<String> = names.map(|name| id(&account.create(json!({ "userName": name })))).collect();
        account.patch(&users[0], unassigned()).expect(200);
        account.scim("DELETE", &format!("/Users/{}", users[1]), Value::Null).expect(204);
        users
    };
    let (mine, theirs) = std::thread::scope(|scope| {
        let mine = scope.spawn(|| work(&here));
        (work(&there), mine.join().expect("both clients get through"))
    });
    for (account, own, foreign) in [(&here.account, &theirs, &mine), (&there, &mine, &theirs)] {
        let list = account.scim("GET", "/Users", Value::Null).expect(200).json();
        let listed: Vec<String> = list["Resources"].as_array().expect("a list").iter().map(id).collect();
        let kept: Vec<String> =
            own.iter().enumerate().filter(|(place, _)| *place != 1).map(|(_, id)| id.clone()).collect();
        assert_eq!(listed, kept);
        assert_eq!(list["Resources"][0]["active"], false);
        assert!(foreign.iter().all(|user| account.get(user).status == 404));
    }
}

#[test]
fn f_4_0_3_roles_are_optional_when_a_user_is_made() {
    let account = dsm();
    let without = account.create(json!({ "userName": "ann@a.com" }));
    let with = account.create(json!({ "userName": "bob@a.com", "roles": assertive(&[AUDITOR]) }));
    assert_eq!(account.roles_of(&id(&without)), ["Account Member"]);
    assert_eq!(account.roles_of(&id(&with)), ["Account Auditor"]);
}

#[test]
fn f_4_0_4_unassigned_is_disabled_and_hard_deleted_is_removed() {
    let account = dsm();
    let user = id(&account.create(json!({ "userName": "ann@a.com" })));
    account.patch(&user, unassigned()).expect(200);
    assert_eq!((account.shown(&user)["active"].clone(), named(&account, "ann@a.com")), (json!(false), 1));
    account.scim("DELETE", &format!("/Users/{user}"), Value::Null).expect(204);
    account.api("GET", &format!("/users/{user}"), Value::Null).expect(404);
    assert_eq!(named(&account, "ann@a.com"), 0);
}

/// What an administrator does to users by hand.
fn manual_work(account: &Account) -> Vec<String> {
    let mut talk = Conversation::with(account, "no origin");
    let check = |talk: &mut Conversation<'_>| {
        talk.api("POST", "/sign-in-checks", json!({ "identifier": "ann@a.com" }));
    };
    let path = format!("/users/{}", id(&talk.api("POST", "/users", json!({ "email": "ann@a.com" }))));
    check(&mut talk);
    for edit in [
        json!({ "verified": true }),
        json!({ "roles": [AUDITOR] }),
        json!({ "roles": [AUDITOR, MEMBER] }),
        json!({ "active": false }),
        json!({ "active": true, "roles": [] }),
        json!({ "email": "anna@a.com" }),
        json!({ "email": "anna" }),
    ] {
        talk.api("PATCH", &path, edit);
        check(&mut talk);
    }
    talk.api("POST", "/users", json!({ "email": "ANNA@a.com" }));
    talk.api("GET", "/users", Value::Null);
    talk.api("DELETE", &path, Value::Null);
    talk.api("GET", &path, Value::Null);
    talk.lines
}

#[test]
fn f_4_0_5_scim_changes_nothing_else_about_users() {
    let with = dsm();
    let without = neighbour(&with);
    without.api("DELETE", &format!("/admin-apps/{}", without.app), Value::Null).expect(204);
    let (set_up, never) = (manual_work(&with), manual_work(&without));
    assert_eq!(set_up, never);
    assert!(never.iter().any(|line| line.contains("\"allowed\":true")), "{never:#?}");
}

#[test]
fn f_4_1_2_the_key_of_an_admin_app_creates_and_updates_and_another_key_does_not() {
    let account = dsm();
    let user = id(&post(&account, "ann@a.com", &[]).expect(201).json());
    account.patch(&user, roles_now(&[AUDITOR])).expect(200);

    let other = through(&account, json!({ "name": "Crypto app", "scopes": ["api"] }));
    refused(post(&other, "bob@a.com", &[]), 403, &["scope `scim`"]);
    refused(other.patch(&user, unassigned()), 403, &["scope `scim`"]);
    refused(other.get(&user), 403, &["scope `scim`"]);
    let entry = last_entry(&account);
    assert_eq!((&entry["outcome"], &entry["actor"]["name"]), (&json!("failure"), &json!("Crypto app")));
    assert_eq!((named(&account, "bob@a.com"), account.shown(&user)["active"].clone()), (0, json!(true)));
}

#[test]
fn f_4_1_5_account_administrator_is_synchronised() {
    let account = dsm();
    let user = id(&post(&account, "ann@a.com", &[ADMINISTRATOR]).expect(201).json());
    assert_eq!(account.roles_of(&user), ["Account Administrator"]);
    assert_eq!(account.shown(&user)["roles"][0]["id"], ADMINISTRATOR);
}

#[test]
fn f_4_1_6_account_member_is_synchronised() {
    let account = dsm();
    let user = id(&post(&account, "ann@a.com", &[MEMBER]).expect(201).json());
    assert_eq!(account.roles_of(&user), ["Account Member"]);
}

#[test]
fn f_4_1_7_account_auditor_is_synchronised_and_only_reads() {
    let account = dsm();
    let user = id(&post(&account, "ann@a.com", &[AUDITOR]).expect(201).json());
    assert_eq!(account.roles_of(&user), ["Account Auditor"]);
    verify(&account, &user);
    let session = sign_in(&account, "ann@a.com");
    assert_eq!(session["allowed"], true);
    let permissions: Vec<&str> =
        session["permissions"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    for reading in
        ["GET_USERS", "GET_ROLES", "GET_GROUPS", "GET_POLICY", "GET_ADMIN_APPS", "GET_QUORUM_POLICY", "GET_AUDIT_LOG"]
    {
        assert!(permissions.contains(&reading), "{reading} is not in {permissions:?}");
    }
    assert_eq!(permissions.iter().find(|name| !name.starts_with("GET_")), None);
}

#[test]
fn f_4_1_8_a_custom_role_is_synchronised() {
    let account = dsm();
    let role = custom_role(&account, "Key Custodian", false);
    let user = id(&post(&account, "ann@a.com", &[&role]).expect(201).json());
    assert_eq!(account.roles_of(&user), ["Key Custodian"]);
    assert_eq!(account.shown(&user)["roles"][0]["id"], json!(role));
}

/// Each pair of system roles.
const PAIRS: [[&str; 2]; 3] = [[ADMINISTRATOR, MEMBER], [MEMBER, AUDITOR], [ADMINISTRATOR, AUDITOR]];

#[test]
fn f_4_1_10_two_system_roles_fail_to_provision() {
    for pair in PAIRS {
        let account = dsm();
        let error = refused(post(&account, "usera@a.com", &pair), 400, &["Account", "cannot be held together"]);
        assert_eq!(error["scimType"], "invalidValue", "{pair:?}");
        assert_eq!(read(&account, "/users")["items"], json!([]), "{pair:?}");
        let entry = last_entry(&account);
        assert_eq!((&entry["action"], &entry["outcome"]), (&json!("user.create"), &json!("failure")), "{pair:?}");
        assert_eq!(entry["reason"]["policyField"], "roles.cardinality", "{pair:?}");
    }
}

#[test]
fn f_4_1_12_a_user_who_fails_is_not_there_at_all() {
    let account = dsm();
    for pair in PAIRS {
        post(&account, "usera@a.com", &pair).error(400);
        assert_eq!(named(&account, "usera@a.com"), 0, "{pair:?}");
    }
    let counts = &read(&account, "")["counts"];
    assert_eq!([&counts["users"], &counts["active_users"], &counts["managed_users"]], [&json!(0); 3]);
    post(&account, "usera@a.com", &[MEMBER]).expect(201);
}

#[test]
fn f_4_1_13_several_custom_roles_are_held_together() {
    let account = dsm();
    let (one, two) = (custom_role(&account, "R1", false), custom_role(&account, "R2", false));
    let user = id(&post(&account, "ann@a.com", &[&one, &two]).expect(201).json());
    assert_eq!(account.roles_of(&user), ["R1", "R2"]);
}

#[test]
fn f_4_1_14_several_exclusive_roles_fail() {
    let account = dsm();
    let (one, two) = (custom_role(&account, "E1", true), custom_role(&account, "E2", true));
    refused(post(&account, "ann@a.com", &[&one, &two]), 400, &["`E1`", "`E2`", "exclusive"]);
    assert_eq!(named(&account, "ann@a.com"), 0);
}

#[test]
fn f_4_1_15_exclusive_belongs_to_a_custom_role() {
    let account = dsm();
    for (name, given, exclusive) in [
        ("R1", json!({}), false),
        ("R2", json!({ "exclusive": false }), false),
        ("R3", json!({ "exclusive": true }), true),
    ] {
        let mut body = given;
        body["name"] = json!(name);
        let role = account.api("POST", "/roles", body).expect(201).json();
        assert_eq!(role["exclusive"], exclusive, "{name}");
        let path = format!("/roles/{}", id(&role));
        assert_eq!(read(&account, &path)["exclusive"], exclusive, "{name}");
        account.api("PATCH", &path, json!({ "exclusive": !exclusive })).expect(200);
        assert_eq!(read(&account, &path)["exclusive"], !exclusive, "{name}");
    }
}

#[test]
fn f_4_1_16_an_existing_user_is_found_and_not_made_twice() {
    let account = dsm();
    let manual = id(&by_hand(&account, "x@a.com", &[]));
    for spelling in ["x@a.com", "X@A.com"] {
        let found = account.find(&format!("userName eq \"{spelling}\""));
        assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(manual)), "{spelling}");
        let error = refused(post(&account, spelling, &[]), 409, &["userName"]);
        assert_eq!(error["scimType"], "uniqueness", "{spelling}");
    }
    assert_eq!(read(&account, "/users")["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(account.shown(&manual)["managed"], false);
}

#[test]
fn f_4_1_20_scim_does_not_tell_verified_users_from_others() {
    let account = dsm();
    let [verified, unverified] =
        ["ann@a.com", "bob@a.com"].map(|name| id(&account.create(json!({ "userName": name }))));
    verify(&account, &verified);
    let list = account.scim("GET", "/Users", Value::Null).expect(200).json();
    let shape = |user: &Value| -> Vec<String> { user.as_object().expect("a user").keys().cloned().collect() };
    assert_eq!((id(&list["Resources"][0]), id(&list["Resources"][1])), (verified.clone(), unverified.clone()));
    assert_eq!(shape(&list["Resources"][0]), shape(&list["Resources"][1]));
    assert!(!list.to_string().to_lowercase().contains("verified"));
    for user in [verified, unverified] {
        account.patch(&user, roles_now(&[AUDITOR])).expect(200);
        account.patch(&user, unassigned()).expect(200);
        account.scim("DELETE", &format!("/Users/{user}"), Value::Null).expect(204);
    }
}

#[test]
fn f_4_1_22_a_fresh_user_may_not_sign_in_before_verifying() {
    let account = dsm();
    let user = id(&account.create(json!({ "userName": "ann@a.com" })));
    let before = account.get(&user).expect(200).json();
    let refusal = sign_in(&account, "ann@a.com");
    assert_eq!((&refusal["allowed"], &refusal["permissions"]), (&json!(false), &json!([])));
    assert!(refusal["reason"].as_str().is_some_and(|reason| reason.contains("verified")), "{refusal}");
    assert_eq!(account.shown(&user)["sign_in"]["allowed"], false);

    verify(&account, &user);
    let session = sign_in(&account, "ann@a.com");
    assert_eq!(
        (&session["allowed"], &session["reason"], &session["user"]["id"]),
        (&json!(true), &Value::Null, &json!(user))
    );
    assert_eq!(account.shown(&user)["sign_in"], json!({ "allowed": true, "reason": null }));
    let attributes = |user: &Value| (user["active"].clone(), user["roles"].clone(), user["userName"].clone());
    assert_eq!(attributes(&account.get(&user).expect(200).json()), attributes(&before));
}

#[test]
fn f_4_1_23_active_is_independent_of_verification() {
    let account = dsm();
    let user = id(&account.create(json!({ "userName": "ann@a.com" })));
    assert_eq!(account.get(&user).expect(200).json()["active"], true);
    assert_eq!(account.shown(&user)["verified"], false);
    account.patch(&user, unassigned()).expect(200);
    verify(&account, &user);
    assert_eq!(account.get(&user).expect(200).json()["active"], false);
    assert_eq!(sign_in(&account, "ann@a.com")["allowed"], false);
}

/// A user whom the identity provider has as a member and an administrator of the account has made an administrator.
fn overridden(account: &Account) -> String {
    by_hand(account, "root@a.com", &[ADMINISTRATOR]);
    let user = id(&post(account, "ann@a.com", &[MEMBER]).expect(201).json());
    account.api("PATCH", &format!("/users/{user}"), json!({ "roles": [ADMINISTRATOR] })).expect(200);
    let shown = account.shown(&user);
    assert_eq!(
        (&shown["roles"][0]["name"], &shown["roles_overridden"]),
        (&json!("Account Administrator"), &json!(true))
    );
    user
}

#[test]
fn f_4_1_25_a_cycle_overrides_what_an_administrator_changed() {
    for (name, cycle) in [
        ("the roles again", roles_now(&[MEMBER])),
        ("another attribute", json!([{ "op": "replace", "path": "externalId", "value": "8" }])),
    ] {
        let account = dsm();
        let user = overridden(&account);
        account.patch(&user, cycle).expect(200);
        assert_eq!(account.roles_of(&user), ["Account Member"], "{name}");
        assert_eq!(account.shown(&user)["roles_overridden"], false, "{name}");

        let entries = entries_about(&account, &user);
        let told: Vec<_> =
            entries.iter().map(|entry| (&entry["actor"]["type"], changed(entry, "account roles"))).collect();
        let (member, administrator) = (json!([MEMBER]), json!([ADMINISTRATOR]));
        assert_eq!(told.len(), 3, "{name}");
        assert_eq!(told[1], (&json!("operator"), Some((member.clone(), administrator.clone()))), "{name}");
        assert_eq!(told[2], (&json!("app"), Some((administrator, member))), "{name}");
        assert_eq!(entries[2]["actor"]["id"], json!(account.app), "{name}");
    }
}
