//! Section 4.2: users leave.

use super::{by_hand, custom_role, dsm, entries_about, id, named, neighbour, read, roles_now, unassigned};
use crate::support::assertive;
use serde_json::{Value, json};

#[test]
fn f_4_2_2_a_disabled_user_stays() {
    let account = dsm();
    let made = account.create(json!({ "userName": "ann@a.com", "externalId": "7" }));
    account.patch(&id(&made), unassigned()).expect(200);
    let mut expected = made.clone();
    expected["active"] = json!(false);
    let mut user = account.get(&id(&made)).expect(200).json();
    assert_ne!(user["meta"]["version"], made["meta"]["version"]);
    user["meta"] = made["meta"].clone();
    assert_eq!(user, expected);
}

#[test]
fn f_4_2_7_a_removal_concerns_one_account() {
    let account = dsm();
    let other = neighbour(&account);
    let here = id(&account.create(json!({ "userName": "ann@a.com", "externalId": "7" })));
    let there = id(&other.create(json!({ "userName": "ann@a.com", "externalId": "7" })));
    let before = (other.shown(&there), other.audit());
    account.scim("DELETE", &format!("/Users/{here}"), Value::Null).expect(204);
    assert_eq!((named(&account, "ann@a.com"), named(&other, "ann@a.com")), (0, 1));
    assert_eq!((other.shown(&there), other.audit()), before);
}

#[test]
fn f_4_2_8_a_user_of_several_groups_is_disabled_when_the_last_one_goes() {
    let account = dsm();
    let (one, two) = (custom_role(&account, "Role of G1", false), custom_role(&account, "Role of G2", false));
    let user = id(&account.create(json!({ "userName": "ann@a.com", "roles": assertive(&[&one, &two]) })));
    account.patch(&user, roles_now(&[&two])).expect(200);
    assert_eq!(account.roles_of(&user), ["Role of G2"]);
    assert_eq!(account.get(&user).expect(200).json()["active"], true, "out of G1 only");
    account.patch(&user, unassigned()).expect(200);
    assert_eq!(account.get(&user).expect(200).json()["active"], false, "out of G2 too");
}

#[test]
fn f_4_2_11_the_audit_log_of_a_user_tells_that_it_was_disabled_and_by_which_app() {
    let account = dsm();
    let user = id(&account.create(json!({ "userName": "ann@a.com" })));
    let other = id(&account.create(json!({ "userName": "bob@a.com" })));
    by_hand(&account, "cy@a.com", &[]);
    account.patch(&user, unassigned()).expect(200);
    account.patch(&other, unassigned()).expect(200);

    let found = read(&account, &format!("/audit?user={user}&action=user.disable"));
    let entries = found["items"].as_array().expect("a list");
    assert_eq!(entries.len(), 1, "{found}");
    assert_eq!(entries[0]["actor"]["name"], "SCIM Entra");
    assert_eq!((&entries[0]["target"]["id"], &entries[0]["target_name"]), (&json!(user), &json!("ann@a.com")));
    let all: Vec<Value> = entries_about(&account, &user).iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(all, ["user.create", "user.disable"]);
}
