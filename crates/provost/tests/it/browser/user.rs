//! One user: roles given by hand, what an identity provider keeps to itself, adopted, released, migrated, and never shown to others.

use super::{at, lodging, somebody};
use crate::support::{Lodger, id};
use provost_testkit::Page;
use serde_json::{Value, json};

/// An account with a user of an identity provider, its id, and the page of the user.
fn managed(policy: Value, name: &str) -> (Lodger, Page, String) {
    let (account, page) = lodging(policy);
    let user = id(&account.create(json!({
        "userName": name, "externalId": "e-1", "name": { "givenName": "Zoe", "familyName": "Lindqvist" },
    })));
    page.open(&at(&account, &format!("/users/{user}")));
    (account, page, user)
}

#[test]
fn f_5_6_2_a_role_that_is_given_on_the_users_page_takes_effect() {
    let (account, page) = lodging(json!("dsm"));
    let ann = somebody(&account, "ann@example.com", "ACCOUNTMEMBER");
    assert_eq!(ann.open(&at(&account, "/audit")), 403);
    page.open(&at(&account, "/users"));
    page.click("ann@example.com");
    page.click("Edit roles");
    for role in ["Account Administrator", "Account Auditor"] {
        assert!(!page.is_ticked(role), "{role}");
    }
    page.untick("Account Member");
    page.tick("Account Auditor");
    page.click("Save roles");
    page.see("In force: Account Auditor");
    assert_eq!(ann.open(&at(&account, "/audit")), 200);
}

#[test]
fn f_9_0_2_a_user_whose_address_was_changed_here_is_removed_and_comes_again() {
    let (account, page, user) = managed(json!("standard"), "old@example.com");
    page.click("Edit profile");
    page.fill("Email address", "new@example.com");
    page.click("Save profile");
    page.see("SCIM Entra knows this user by another address");
    page.click("Delete this user");
    page.fill("Type new@example.com to confirm", "new@example.com");
    page.click("Delete user");
    page.see("User deleted");
    let again = id(&account.create(json!({ "userName": "old@example.com", "externalId": "e-1" })));
    assert_ne!(again, user);
    page.open(&at(&account, "/users"));
    page.row("old@example.com").see("Managed SCIM Entra");
}

#[test]
fn s_37_a_managed_users_profile_is_locked_or_marked_as_overwritten() {
    let lock = json!({ "preset": "standard", "local_edits": { "profile": "lock", "roles": "lock" } });
    let (account, page, user) = managed(lock, "zoe@example.com");
    page.see("Read only: SCIM Entra manages this user");
    for act in ["Edit profile", "Edit roles", "Disable"] {
        page.withholds(act);
    }
    page.open(&at(&account, &format!("/users/{user}/edit")));
    page.see("Read only here");
    page.holds("First name (optional)", "Zoe");
    assert_eq!(page.evaluate("document.querySelectorAll('main input:not([type=hidden]):not([readonly])').length"), 0);
    page.withholds("Save profile");

    let allow = json!({ "preset": "standard", "local_edits": { "profile": "allow_override" } });
    let (account, page, user) = managed(allow, "zoe@example.com");
    page.click("Edit profile");
    page.see("The identity provider overwrites this");
    page.fill("First name (optional)", "Zoë");
    page.click("Save profile");
    page.see("Profile saved");
    assert_eq!(account.shown(&user)["attributes"]["name"]["givenName"], "Zoë");
}

#[test]
fn s_38_a_user_is_released_and_adopted_again_with_a_reason() {
    let policy = json!({ "preset": "standard", "users": { "visibility": "managed_only" } });
    let (account, page, user) = managed(policy, "zoe@example.com");
    page.click("Release from management");
    page.fill("Reason", "left Entra");
    page.click("Release user");
    page.see("User released");
    account.get(&user).expect(404);
    page.click("Adopt");
    page.fill("Reason", "back in Entra");
    page.click("Adopt user");
    page.see("User adopted");
    account.get(&user).expect(200);
    for (action, reason) in [("user.release", "left Entra"), ("user.adopt", "back in Entra")] {
        let log = account.api("GET", &format!("/audit?action={action}"), Value::Null).expect(200).json();
        assert!(log["items"].to_string().contains(reason), "{action}");
    }
}

#[test]
fn s_48_an_administrator_sees_nothing_of_a_users_other_account() {
    let (ours, _, user) = managed(json!("standard"), "ann@example.com");
    let (theirs, _, other) = managed(json!("standard"), "ann@example.com");
    theirs.api("PATCH", "", json!({ "name": "Zeta Works" })).expect(200);
    theirs.api("POST", "/roles", json!({ "name": "Zeta role" })).expect(201);
    theirs.api("PATCH", &format!("/users/{other}"), json!({ "roles": ["Zeta role"] })).expect(200);
    theirs.group("Zeta group", &[&other]);
    let page = somebody(&ours, "root@example.com", "ACCOUNTADMINISTRATOR");
    for path in
        [format!("/users/{user}"), "/users".to_owned(), "/audit".to_owned(), "/groups".to_owned(), "/roles".to_owned()]
    {
        page.open(&at(&ours, &path));
        page.lacks("Zeta");
        assert!(!page.text().contains(&other), "{path}");
    }
    for path in [String::new(), "/users".to_owned(), format!("/users/{other}"), "/audit".to_owned()] {
        let status = page.open(&at(&theirs, &path));
        assert!([403, 404].contains(&status), "{path}: {status}");
        page.lacks("Zeta");
    }
    let shown = ours.shown(&user).to_string();
    assert!(!shown.contains("Zeta") && !shown.contains(&other), "{shown}");
}

#[test]
fn u_18_users_who_are_here_are_tried_out_and_then_migrated_under_their_ids() {
    let (account, page) = lodging(json!({ "preset": "standard", "users": { "existing": "separate" } }));
    let name = |number: usize| format!("p{number:02}@example.com");
    for number in 0..20 {
        account.api("POST", "/users", json!({ "email": name(number) })).expect(201);
    }
    let users = || account.api("GET", "/users?limit=200", Value::Null).expect(200).json()["items"].clone();
    let ids = |of: &Value| -> Vec<(String, String)> {
        let listed = of.as_array().into_iter().flatten();
        listed.map(|user| (user["user_name"].as_str().unwrap_or_default().to_owned(), id(user))).collect()
    };
    let managed = |of: &Value| of.as_array().into_iter().flatten().filter(|user| user["managed"] == true).count();
    let before = ids(&users());
    page.open(&at(&account, &format!("/settings/admin-apps/{}", account.app)));
    page.see("Users are here already");
    page.click("Migrate users");
    let mut named: Vec<String> = (0..15).map(|number| format!("{}, e-{number}", name(number))).collect();
    named.push("stranger@example.com".to_owned());
    page.fill("Users of the identity provider", &named.join("\n"));
    page.click("Compare");
    page.see("Would become managed 15");
    page.row("stranger@example.com").see("Not here");
    assert_eq!(managed(&users()), 0, "nothing is done before it is confirmed");
    page.click("Migrate 15 users");
    page.see("15 users migrated");
    page.see("Stay unmanaged 5");
    let after = users();
    assert_eq!((managed(&after), ids(&after)), (15, before));
    for number in 0..15 {
        let found = account.find(&format!("userName eq \"{}\"", name(number)));
        assert_eq!(found["totalResults"], 1, "the next cycle finds who is here and makes nobody");
    }
}
