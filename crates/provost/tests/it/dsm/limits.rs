//! Sections 7.0, 8.0 and 9.0: what goes wrong and who is told, what is not done, questions and answers.

use super::{
    ADMINISTRATOR, AUDITOR, MEMBER, by_hand, changed, dsm, entries_about, id, last_entry, named, neighbour, read,
    refused, roles_now, sign_in, through, unassigned, under, verify,
};
use crate::support::{Account, Answer, assertive, request, send};
use serde_json::{Value, json};

#[test]
fn f_7_0_4_an_unsupported_attribute_stands_in_the_audit_log() {
    let account = dsm();
    let user = id(&account.create(json!({ "userName": "ann@a.com" })));
    let operations = json!([unassigned()[0], { "op": "replace", "path": "displayName", "value": "Ann" }]);
    let error = account.patch(&user, operations).error(400);
    let entry = last_entry(&account);
    assert_eq!((&entry["severity"], &entry["outcome"]), (&json!("ERROR"), &json!("failure")));
    assert_eq!((&entry["target"]["id"], &entry["target_name"]), (&json!(user), &json!("ann@a.com")));
    assert_eq!(entry["detail"], error["detail"], "the words that the client got");
    assert!(entry["detail"].as_str().is_some_and(|detail| detail.contains("`displayName`")), "{entry}");
    assert_eq!(entry["reason"]["policyField"], "users.unsupported_on_patch");
    assert_eq!(read(&account, &format!("/audit?user={user}&outcome=failure"))["items"], json!([entry]));
}

#[test]
fn f_7_0_6_create_update_and_delete_stand_in_the_audit_log() {
    let account = dsm();
    let user = id(&account.create(json!({ "userName": "ann@a.com" })));
    account.patch(&user, roles_now(&[AUDITOR])).expect(200);
    account.scim("DELETE", &format!("/Users/{user}"), Value::Null).expect(204);

    let entries = entries_about(&account, &user);
    let actions: Vec<&Value> = entries.iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["user.create", "user.update", "user.delete"]);
    let mut times: Vec<&str> = Vec::new();
    for entry in &entries {
        assert_eq!((&entry["target"]["type"], &entry["target"]["id"]), (&json!("user"), &json!(user)));
        assert_eq!(entry["target_name"], "ann@a.com");
        let actor = &entry["actor"];
        assert_eq!(
            (&actor["type"], &actor["id"], &actor["name"]),
            (&json!("app"), &json!(account.app), &json!("SCIM Entra"))
        );
        times.push(entry["time"].as_str().expect("a time"));
    }
    assert!(times.is_sorted() && times[0].ends_with('Z'), "{times:?}");
    assert_eq!(changed(&entries[1], "account roles"), Some((json!([MEMBER]), json!([AUDITOR]))));
}

/// Encodings of a changed sign-in name.
fn renames(user: &str) -> [(&'static str, Value); 3] {
    [
        ("with a path", json!([{ "op": "replace", "path": "userName", "value": user }])),
        ("without", json!([{ "op": "replace", "value": { "userName": user } }])),
        ("in the old dialect", json!([{ "op": "Replace", "path": "userName", "value": user }])),
    ]
}

#[test]
fn f_8_0_1_a_changed_user_name_is_not_taken_over() {
    let account = dsm();
    let user = id(&account.create(json!({ "userName": "old@a.com" })));
    for (name, operations) in renames("new@a.com") {
        let answer = account.patch(&user, operations).expect(200).json();
        assert_eq!(answer["userName"], "old@a.com", "{name}");
        let entry = last_entry(&account);
        assert_eq!((&entry["outcome"], &entry["severity"]), (&json!("success"), &json!("WARNING")), "{name}");
        assert!(entry["warnings"][0].as_str().is_some_and(|warning| warning.contains("`userName`")), "{name}: {entry}");
    }
    let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "new@a.com", "externalId": "7" });
    let replaced = account.scim("PUT", &format!("/Users/{user}"), body).expect(200).json();
    assert_eq!((&replaced["userName"], &replaced["externalId"]), (&json!("old@a.com"), &json!("7")));
    assert_eq!(last_entry(&account)["severity"], "WARNING");
    assert_eq!((named(&account, "old@a.com"), named(&account, "new@a.com")), (1, 0));

    let leaver = json!([{ "op": "replace", "value": { "userName": "gone@a.com", "active": false } }]);
    let left = account.patch(&user, leaver).expect(200).json();
    assert_eq!(
        (&left["userName"], &left["active"]),
        (&json!("old@a.com"), &json!(false)),
        "a leaver is disabled all the same"
    );
}

#[test]
fn f_8_0_1_a_policy_may_refuse_a_changed_user_name() {
    let account = under(json!({ "preset": "dsm", "users": { "identifier_update": "reject" } }));
    let user = id(&account.create(json!({ "userName": "old@a.com" })));
    for (name, operations) in renames("new@a.com") {
        let error = refused(account.patch(&user, operations), 400, &["`userName`", "users.identifier_update"]);
        assert_eq!(error["scimType"], "mutability", "{name}");
        assert_eq!(last_entry(&account)["severity"], "ERROR", "{name}");
    }
    assert_eq!(account.get(&user).expect(200).json()["userName"], "old@a.com");
    account.patch(&user, json!([{ "op": "replace", "path": "userName", "value": "old@a.com" }])).expect(200);
}

/// A user whom SCIM manages and who can approve.
fn approver(account: &Account) -> String {
    let user = id(&account.create(json!({ "userName": "ann@a.com", "roles": assertive(&[AUDITOR]) })));
    verify(account, &user);
    user
}

/// Every way of de-provisioning is refused in these words, and audited.
#[track_caller]
fn cannot_leave(account: &Account, user: &str, words: &[&str]) {
    let path = format!("/Users/{user}");
    let put =
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann@a.com", "active": false });
    let ways: [(&str, Answer); 4] = [
        ("user.update", account.patch(user, unassigned())),
        ("user.update", account.patch(user, json!([{ "op": "Replace", "path": "active", "value": "False" }]))),
        ("user.update", account.scim("PUT", &path, put)),
        ("user.delete", account.scim("DELETE", &path, Value::Null)),
    ];
    let log = account.audit();
    for (place, (action, answer)) in ways.into_iter().rev().enumerate() {
        let error = refused(answer, 409, words);
        let entry = &log[place];
        assert_eq!((&entry["action"], &entry["outcome"]), (&json!(action), &json!("failure")));
        assert_eq!((&entry["detail"], &entry["target"]["id"]), (&error["detail"], &json!(user)));
        assert_eq!(entry["reason"]["policyField"], "guards");
    }
    assert_eq!(account.get(user).expect(200).json()["active"], true);
    assert_eq!(sign_in(account, "ann@a.com")["allowed"], true);
}

#[test]
fn f_8_0_3_an_approver_of_the_account_cannot_be_deprovisioned() {
    let account = dsm();
    let user = approver(&account);
    let other = id(&by_hand(&account, "other@a.com", &[]));
    verify(&account, &other);
    let named = json!({ "user": user });
    let one_of = |n: usize, members: Vec<Value>| json!({ "quorum": { "n": n, "members": members } });
    for policy in [
        named.clone(),
        one_of(1, vec![json!({ "user": other }), named.clone()]),
        one_of(
            2,
            vec![
                json!({ "user": other }),
                one_of(1, vec![json!({ "app": account.app }), one_of(1, vec![named.clone()])]),
            ],
        ),
    ] {
        account.api("PUT", "/quorum-policy", policy).expect(200);
        cannot_leave(&account, &user, &["the account's quorum policy"]);
    }
    account.api("PUT", "/quorum-policy", json!({ "user": other })).expect(200);
    account.patch(&user, unassigned()).expect(200);
    account.scim("DELETE", &format!("/Users/{user}"), Value::Null).expect(204);
}

#[test]
fn f_8_0_4_an_approver_of_a_group_cannot_be_deprovisioned() {
    let account = dsm();
    let user = approver(&account);
    let group = id(&account.api("POST", "/groups", json!({ "display_name": "Payments" })).expect(201).json());
    let path = format!("/groups/{group}/quorum-policy");
    account.api("PUT", &path, json!({ "quorum": { "n": 1, "members": [{ "user": user }] } })).expect(200);
    cannot_leave(&account, &user, &["quorum policy of group `Payments`"]);
    account.api("DELETE", &path, Value::Null).expect(204);
    account.patch(&user, unassigned()).expect(200);
}

#[test]
fn f_8_0_6_other_updates_of_an_approver_are_judged_as_ever() {
    let account = dsm();
    let user = approver(&account);
    account.api("PUT", "/quorum-policy", json!({ "user": user })).expect(200);
    account.patch(&user, roles_now(&[MEMBER])).expect(200);
    assert_eq!(account.roles_of(&user), ["Account Member"]);
    refused(account.patch(&user, roles_now(&[MEMBER, AUDITOR])), 400, &["cannot be held together"]);
    account.patch(&user, json!([{ "op": "add", "path": "externalId", "value": "7" }])).expect(200);
    account.patch(&user, json!([{ "op": "replace", "path": "active", "value": true }])).expect(200);
    account.patch(&user, unassigned()).error(409);
}

/// A user whose address an administrator has changed, although an identity provider manages it.
fn moved(account: &Account) -> String {
    let user = id(&account.create(json!({ "userName": "old@a.com", "externalId": "7" })));
    let edited = account.api("PATCH", &format!("/users/{user}"), json!({ "email": "new@a.com" })).expect(200).json();
    assert_eq!(edited["email"], "new@a.com");
    user
}

#[test]
fn f_9_0_1_an_address_changed_here_is_shown_to_break_the_link() {
    let account = dsm();
    let user = moved(&account);
    let entry = last_entry(&account);
    assert_eq!((&entry["severity"], &entry["actor"]["type"]), (&json!("WARNING"), &json!("operator")));
    assert!(entry["warnings"][0].as_str().is_some_and(|text| text.contains("identity provider")), "{entry}");

    let seen = account.get(&user).expect(200).json();
    assert_eq!(seen["userName"], "new@a.com", "a client that knows the id sees the mismatch");
    account.patch(&user, json!([{ "op": "replace", "path": "userName", "value": "old@a.com" }])).expect(200);
    let entry = last_entry(&account);
    assert_eq!((&entry["severity"], &entry["actor"]["id"]), (&json!("WARNING"), &json!(account.app)));
    assert_eq!((named(&account, "old@a.com"), named(&account, "new@a.com")), (0, 1));
}

#[test]
fn f_9_0_1_a_client_that_searches_by_the_old_address_does_not_make_a_second_user_unnoticed() {
    let account = dsm();
    let first = moved(&account);
    assert_eq!(named(&account, "old@a.com"), 0);
    account.create(json!({ "userName": "old@a.com", "externalId": "7" }));
    let entry = last_entry(&account);
    assert_eq!((&entry["action"], &entry["severity"]), (&json!("user.create"), &json!("WARNING")), "{entry}");
    let warnings = entry["warnings"].to_string();
    assert!(warnings.contains("externalId") && warnings.contains(&first), "{warnings}");
}

#[test]
fn f_9_0_5_every_answer_is_json_of_a_standard_schema() {
    let account = dsm();
    let user = id(&account.create(json!({ "userName": "ann@a.com" })));
    let path = format!("/Users/{user}");
    let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    let patch = |value: Value| {
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{ "op": "replace", "path": "active", "value": value }] })
    };
    let core = "urn:ietf:params:scim:schemas:core:2.0:";
    let messages = "urn:ietf:params:scim:api:messages:2.0:";
    for (method, path, body, status, schema) in [
        ("GET", "/Users", Value::Null, 200, format!("{messages}ListResponse")),
        ("GET", "/Users?filter=userName%20eq%20%22nobody%22", Value::Null, 200, format!("{messages}ListResponse")),
        ("GET", "/Groups", Value::Null, 200, format!("{messages}ListResponse")),
        ("GET", "/ResourceTypes", Value::Null, 200, format!("{messages}ListResponse")),
        ("GET", "/ResourceTypes/User", Value::Null, 200, format!("{core}ResourceType")),
        ("GET", "/Schemas", Value::Null, 200, format!("{messages}ListResponse")),
        ("GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", Value::Null, 200, format!("{core}Schema")),
        ("GET", "/ServiceProviderConfig", Value::Null, 200, format!("{core}ServiceProviderConfig")),
        ("POST", "/Users", json!({ "schemas": schemas, "userName": "bob@a.com" }), 201, format!("{core}User")),
        ("GET", &path, Value::Null, 200, format!("{core}User")),
        ("PUT", &path, json!({ "schemas": schemas, "userName": "ann@a.com" }), 200, format!("{core}User")),
        ("PATCH", &path, patch(json!(false)), 200, format!("{core}User")),
        ("PATCH", &path, patch(json!(7)), 400, format!("{messages}Error")),
        ("GET", "/Users?filter=xx", Value::Null, 400, format!("{messages}Error")),
        ("GET", "/Users/7", Value::Null, 404, format!("{messages}Error")),
        ("GET", "/Nothing/at/all", Value::Null, 404, format!("{messages}Error")),
        ("DELETE", "/Users", Value::Null, 405, format!("{messages}Error")),
        ("POST", "/Users", json!({ "schemas": schemas, "userName": "bob@a.com" }), 409, format!("{messages}Error")),
        ("POST", "/Groups", json!({}), 501, format!("{messages}Error")),
        ("GET", "/Me", Value::Null, 501, format!("{messages}Error")),
    ] {
        let answer = account.scim(method, path, body).expect(status);
        assert_eq!(answer.header("content-type"), "application/scim+json", "{method} {path}");
        assert_eq!(answer.json()["schemas"], json!([schema]), "{method} {path}");
    }
    send(request("GET", &format!("{}/scim/v2/Users", account.base))).error(401);
    let text = request("POST", &format!("{}/scim/v2/Users", account.base)).bearer_auth(&account.key);
    send(text.header("content-type", "text/plain").body("{}")).error(415);
    let broken = request("POST", &format!("{}/scim/v2/Users", account.base)).bearer_auth(&account.key);
    send(broken.header("content-type", "application/scim+json").body("{\"a\":")).error(400);
    assert_eq!(account.scim("DELETE", &path, Value::Null).expect(204).text, "");
}

#[test]
fn f_9_0_13_a_sign_in_must_carry_the_identifier_that_scim_provisioned() {
    let account = dsm();
    let user = id(&account.create(json!({ "userName": "x@a.com", "externalId": "Mail-7" })));
    verify(&account, &user);
    for identifier in ["x@a.com", "X@A.COM", "Mail-7"] {
        let session = sign_in(&account, identifier);
        assert_eq!((&session["allowed"], &session["user"]["id"]), (&json!(true), &json!(user)), "{identifier}");
    }
    neighbour(&account).create(json!({ "userName": "y@a.com" }));
    for identifier in ["y@a.com", "mail-7", "x", user.as_str(), ""] {
        let refusal = sign_in(&account, identifier);
        assert_eq!((&refusal["allowed"], &refusal["user"]), (&json!(false), &Value::Null), "{identifier}");
        assert!(refusal["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{identifier}: {refusal}");
        assert_eq!(refusal["permissions"], json!([]), "{identifier}");
    }
    assert_eq!(read(&account, "")["counts"]["users"], 1, "no shadow user");
}

#[test]
fn f_9_0_14_scim_needs_single_sign_on_only_where_the_policy_says_so() {
    let off = dsm();
    assert_eq!(read(&off, "/policy")["policy"]["requires"], json!([]));
    off.create(json!({ "userName": "ann@a.com" }));

    let on = under(json!({ "preset": "dsm", "requires": ["sso"] }));
    let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    let body = json!({ "schemas": schemas, "userName": "ann@a.com" });
    for (method, path, body) in [
        ("POST", "/Users", body.clone()),
        ("GET", "/Users", Value::Null),
        ("GET", "/ServiceProviderConfig", Value::Null),
        ("DELETE", "/Users/7", Value::Null),
    ] {
        refused(on.scim(method, path, body), 403, &["`sso`", "not switched on", "`requires`"]);
    }
    on.api("PATCH", "", json!({ "features": ["sso", "plan"] })).expect(200);
    on.scim("POST", "/Users", body).expect(201);
    on.api("PATCH", "", json!({ "features": ["plan"] })).expect(200);
    refused(on.scim("GET", "/Users", Value::Null), 403, &["`sso`"]);
}

#[test]
fn f_9_0_14_a_write_for_want_of_single_sign_on_stands_in_the_audit_log() {
    let account = under(json!({ "preset": "dsm", "requires": ["sso"] }));
    let before = account.audit().len();
    account.scim("POST", "/Users", json!({ "userName": "ann@a.com" })).error(403);
    let log = account.audit();
    assert_eq!(log.len(), before + 1);
    assert_eq!((&log[0]["outcome"], &log[0]["reason"]["policyField"]), (&json!("failure"), &json!("requires")));
}

#[test]
fn f_9_0_15_the_audit_log_tells_which_app_made_each_change() {
    let entra = dsm();
    let okta = through(&entra, json!({ "name": "SCIM Okta" }));
    let first = id(&entra.create(json!({ "userName": "ann@a.com" })));
    let second = id(&okta.create(json!({ "userName": "bob@a.com" })));
    entra.patch(&first, roles_now(&[AUDITOR])).expect(200);
    okta.patch(&second, unassigned()).expect(200);
    for (user, app) in [(&first, "SCIM Entra"), (&second, "SCIM Okta")] {
        let entries = entries_about(&entra, user);
        assert_eq!(entries.len(), 2, "{app}");
        assert!(entries.iter().all(|entry| entry["actor"]["name"] == app), "{entries:?}");
        assert_eq!(entra.shown(user)["origin"]["name"], app);
    }
}

#[test]
fn f_9_0_16_two_identity_providers_share_an_account_but_not_a_user() {
    let entra = dsm();
    let okta = through(&entra, json!({ "name": "SCIM Okta" }));
    let first = id(&entra.create(json!({ "userName": "ann@a.com", "roles": assertive(&[AUDITOR]) })));
    okta.create(json!({ "userName": "bob@a.com" }));
    let before = entra.shown(&first);

    let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    let again = okta.scim("POST", "/Users", json!({ "schemas": schemas, "userName": "ann@a.com" }));
    assert_eq!(refused(again, 409, &["userName"])["scimType"], "uniqueness");
    let path = format!("/Users/{first}");
    for answer in [
        okta.patch(&first, roles_now(&[ADMINISTRATOR])),
        okta.patch(&first, unassigned()),
        okta.scim("PUT", &path, json!({ "schemas": schemas, "userName": "ann@a.com", "active": false })),
        okta.scim("DELETE", &path, Value::Null),
    ] {
        refused(answer, 403, &["`SCIM Entra`", "credentials.ownership"]);
        let entry = last_entry(&entra);
        assert_eq!((&entry["outcome"], &entry["target"]["id"]), (&json!("failure"), &json!(first)));
    }
    let entry = last_entry(&entra);
    assert_eq!(entry["actor"]["name"], "SCIM Okta");
    assert!(
        entry["detail"].as_str().is_some_and(|detail| detail.contains("`SCIM Entra`")),
        "the log names both: {entry}"
    );
    assert_eq!(entra.shown(&first), before);
    entra.patch(&first, roles_now(&[MEMBER])).expect(200);
}
