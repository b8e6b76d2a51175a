//! Groups: the list, one group's page, its members, and what is done there.

use super::Visitor;
use crate::support::{Account, id, shared};
use serde_json::{Value, json};

fn by_hand(account: &Account, email: &str) -> String {
    id(&account.api("POST", "/users", json!({ "email": email })).expect(201).json())
}

#[test]
fn a_group_is_added_filled_renamed_and_deleted_by_its_name() {
    let server = shared();
    let account = server.account(json!("standard"));
    let ann = by_hand(&account, "ann@example.com");
    by_hand(&account, "bob@example.com");
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/groups", account.id);
    let list = visitor.open(&place).expect(200);
    list.says("No groups yet");
    let form = visitor.open(&list.link("Add group")).expect(200);
    let again = visitor.send(&form, &place, &[("display_name", " ")]).expect(400);
    again.says("The group was not added");
    let page = visitor.send(&again, &place, &[("display_name", "Optics <b>")]).expect(200);
    page.says("Group added").says("Optics <b>").says("No members");
    let group = page.at.rsplit('/').next().unwrap().to_owned();

    let search = visitor.open(&page.link("Add members")).expect(200);
    search.says("Search for whom to add");
    let adding = format!("{place}/{group}/members/add");
    let found = visitor.open(&format!("{adding}?q=ann")).expect(200);
    found.says("ann@example.com").does_not_say("bob@example.com");
    visitor.send(&found, &adding, &[]).expect(400).says("Nobody is selected");
    let filled = visitor.send(&found, &adding, &[("member", &ann)]).expect(200);
    filled.says("Members added").says("ann@example.com Active Local").says("Members 1");
    assert_eq!(account.members_of(&group), [ann.as_str()]);
    visitor.open(&place).expect(200).says("Optics <b> Local 1 None");
    visitor.open(&format!("/console/accounts/{}/users/{ann}", account.id)).expect(200).says("Groups Optics <b>");

    let removing = format!("{place}/{group}/members/remove");
    visitor.send(&filled, &removing, &[]).expect(200).says("Member removed").says("No members");
    let form = visitor.open(&format!("{place}/{group}/edit")).expect(200);
    let renamed = visitor.send(&form, &format!("{place}/{group}/edit"), &[("display_name", "Lab")]).expect(200);
    let ask = visitor.open(&renamed.link("Delete")).expect(200);
    ask.says("Delete group Lab?").says("stay in the account");
    let wrong = visitor.send(&ask, &format!("{place}/{group}/delete"), &[("typed", "lab?")]).expect(400);
    wrong.says("What you typed is not “Lab”.");
    visitor.send(&wrong, &format!("{place}/{group}/delete"), &[("typed", "Lab")]).expect(200).says("Group deleted");
    account.api("GET", &format!("/groups/{group}"), Value::Null).expect(404);
    account.shown(&ann);
}

#[test]
fn groups_are_found_by_how_their_name_begins_and_paged() {
    let server = shared();
    let account = server.account(json!("standard"));
    for number in 0..60 {
        account.api("POST", "/groups", json!({ "name": format!("Team {number:02}") })).expect(201);
    }
    account.api("POST", "/groups", json!({ "name": "Sales" })).expect(201);
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/groups", account.id);
    let first = visitor.open(&place).expect(200);
    first.says("Team 00").does_not_say("Sales");
    visitor.open(&first.link("Next page")).expect(200).says("Sales").does_not_say("Team 00");
    visitor.open(&format!("{place}?q=sal")).expect(200).says("Sales").does_not_say("Team");
    visitor.open(&format!("{place}?q=nobody%22)")).expect(200).says("No group matches");
}

#[test]
fn u_70_s_53_members_of_a_managed_group_are_locked_and_its_rights_are_not() {
    let server = shared();
    let mut policy = json!({ "preset": "fulcrum" });
    policy["requires"] = json!([]);
    let account = server.account(policy);
    let user = id(&account.create(json!({ "userName": "ann@example.com" })));
    let group = id(&account.group("Pushed", &[&user]));
    let ours = by_hand(&account, "bob@example.com");
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/groups/{group}", account.id);
    let page = visitor.open(&place).expect(200);
    page.says("Members are managed by the identity provider").says("Managed SCIM Entra").says("ann@example.com");
    page.does_not_say("Add members").does_not_say("Rename").does_not_say("Remove ann");
    let search = visitor.open(&format!("{place}/members/add?q=bob")).expect(200);
    let refused = visitor.send(&search, &format!("{place}/members/add"), &[("member", &ours)]).expect(409);
    refused.says("Nobody was added").says("managed by identity provider");
    let approvers = json!({ "quorum": { "n": 1, "members": [{ "user": user }, { "user": ours }] } });
    account.api("PUT", &format!("/groups/{group}/quorum-policy"), approvers).expect(200);
    visitor.open(&place).expect(200).says("At least 1 of these 2 approve").says("bob@example.com");
}

#[test]
fn s_54_a_group_shows_the_role_that_it_gives_and_what_it_is_in() {
    let server = shared();
    let roles = json!([{ "group": "Auditors", "role": "ACCOUNTAUDITOR" }]);
    let account = server.account(json!({ "preset": "standard", "groups": { "roles": roles } }));
    let user = by_hand(&account, "ann@example.com");
    let auditors = account.api("POST", "/groups", json!({ "name": "Auditors", "members": [user] })).expect(201).json();
    let everyone = json!({ "name": "Everyone", "members": [auditors["id"]] });
    let everyone = account.api("POST", "/groups", everyone).expect(201).json();
    let visitor = Visitor::operator(&server);
    let base = format!("/console/accounts/{}", account.id);
    let page = visitor.open(&format!("{base}/groups/{}", id(&auditors))).expect(200);
    page.says("Role of its members Account Auditor").says("In these groups Everyone");
    let outer = visitor.open(&format!("{base}/groups/{}", id(&everyone))).expect(200);
    outer.says("Auditors Group, with its own members");
    visitor.open(&format!("{base}/users/{user}")).expect(200).says("Account Auditor Yes By group Auditors");
}
