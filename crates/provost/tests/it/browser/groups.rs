//! Groups of an identity provider: their members are its own, their rights are the account's.

use super::{at, lodging};
use crate::support::{Lodger, id};
use provost_testkit::Page;
use serde_json::{Value, json};

/// An account with a pushed group of one user, and somebody made by hand; the page shows the group.
fn pushed() -> (Lodger, Page, String) {
    let (account, page) = lodging(json!({ "preset": "standard", "local_edits": { "groups": "lock" } }));
    let user = id(&account.create(json!({ "userName": "ann@example.com" })));
    let group = id(&account.group("Pushed", &[&user]));
    account.api("POST", "/users", json!({ "email": "bob@example.com" })).expect(201);
    page.open(&at(&account, "/groups"));
    page.click("Pushed");
    (account, page, group)
}

#[test]
fn u_70_members_of_a_managed_group_are_changed_at_the_identity_provider_only() {
    let (account, page, group) = pushed();
    page.see("Members are managed by the identity provider");
    page.row("ann@example.com").see("Managed");
    for act in ["Add members", "Rename", "Remove ann@example.com"] {
        page.withholds(act);
    }
    page.open(&at(&account, &format!("/groups/{group}/members/add?q=bob")));
    page.tick("bob@example.com");
    page.click("Add selected");
    page.see("Nobody was added");
    page.see("managed by identity provider");
    let added = account.api("PATCH", &format!("/groups/{group}"), json!({ "members": [] }));
    assert!(added.status >= 400 && account.members_of(&group).len() == 1, "{}", added.text);
}

#[test]
fn s_53_a_managed_group_is_given_rights_here() {
    let (account, page, group) = pushed();
    page.open(&at(&account, "/settings/quorum"));
    let another = page.part("Another group");
    another.choose("Group", "Pushed");
    another.click("Set quorum policy");
    page.is_headed("Quorum policy of Pushed");
    page.fill("User", "ann@example.com");
    page.click("Add user");
    page.click("Save quorum policy");
    page.see("Quorum policy saved");
    page.open(&at(&account, &format!("/groups/{group}")));
    page.part("Quorum policy").see("ann@example.com");
    let policy = account.api("GET", &format!("/groups/{group}/quorum-policy"), Value::Null).expect(200).json();
    assert!(policy["policy"].is_object(), "{policy}");
}

#[test]
fn u_71_the_page_of_a_managed_group_leads_to_how_groups_are_managed() {
    let (account, page, _) = pushed();
    page.click("About managing groups");
    assert_eq!(page.path(), at(&account, "/help#groups"));
    page.part("Managing groups").see("A pushed group is the identity provider’s");
}
