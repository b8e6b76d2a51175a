//! App roles, and who is assigned with them.

use super::{Sending, added, connected};
use crate::{
    provisioning::{hire, users},
    support::id,
};
use serde_json::json;

/// The form of a new app role, reached as the document says.
#[track_caller]
fn creating(sending: &Sending) {
    sending.page.open(&format!("/console/accounts/{}/app-registrations", sending.company.id));
    sending.page.click("DSM");
    sending.page.click("Create app role");
}

/// Fills the form of an app role and applies it.
#[track_caller]
fn apply(sending: &Sending, [name, value, description]: [&str; 3]) {
    sending.page.fill("Display name", name);
    sending.page.fill("Value", value);
    sending.page.fill("Description", description);
    sending.page.click("Apply");
}

#[test]
fn f_5_6_2_4_and_u_53_app_registrations_lead_to_the_form_of_an_app_role() {
    let sending = added();
    creating(&sending);
    let page = &sending.page;
    page.is_headed("Create app role");
    for field in ["Display name", "Value", "Description"] {
        page.holds(field, "");
    }
    page.part("Allowed member types").see("Both (Users/Groups + Applications)");
    assert!(page.is_ticked("Do you want to enable this app role?"));
}

#[test]
fn f_5_6_2_5_and_f_5_6_2_6_and_f_5_6_2_7_and_f_5_6_2_11_and_f_5_6_2_12_and_u_52_roles_are_applied_and_listed() {
    let sending = added();
    let page = &sending.page;
    for (name, value) in [
        ("Account Administrator", "ACCOUNTADMINISTRATOR"),
        ("Account Auditor", "ACCOUNTAUDITOR"),
        ("Account Member", "ACCOUNTMEMBER"),
        ("Field Crew", "0b7c1b5e-6f6b-4b3e-9b0e-1d2c3b4a5f60"),
    ] {
        creating(&sending);
        page.choose("Allowed member types", "Users/Groups");
        apply(&sending, [name, value, "What it is for"]);
        page.see("App role created");
        page.row(name).see(value);
        page.row(name).see("Users/Groups");
        page.row(name).see("Enabled");
    }
    creating(&sending);
    apply(&sending, ["Field Crew", "other", "Twice"]);
    page.see("The app has a role with this display name");
}

#[test]
fn f_5_6_2_9_a_description_is_asked_for_and_a_value_with_spaces_refused() {
    let sending = added();
    let page = &sending.page;
    creating(&sending);
    apply(&sending, ["Account Member", "Account Member", "Members"]);
    page.see("The app role was not saved");
    page.holds("Display name", "Account Member");
    apply(&sending, ["Account Member", "ACCOUNTMEMBER", " "]);
    page.see("The app role was not saved");
    apply(&sending, ["Account Member", "ACCOUNTMEMBER", "Members of the account"]);
    page.row("Account Member").see("Members of the account");
}

#[test]
fn f_5_6_2_10_a_role_that_is_not_enabled_is_not_offered() {
    let sending = added();
    let page = &sending.page;
    sending.role("Account Auditor", "ACCOUNTAUDITOR");
    creating(&sending);
    page.untick("Do you want to enable this app role?");
    apply(&sending, ["Account Member", "ACCOUNTMEMBER", "Members"]);
    page.row("Account Member").see("Disabled");
    sending.section("Users and groups");
    page.click("Add user/group");
    assert_eq!(super::options(page, "Select a role"), ["Account Auditor"]);
}

#[test]
fn f_5_5_12_and_u_38_and_u_39_and_u_40_and_u_41_two_users_and_a_group_are_picked_and_assigned() {
    let sending = added();
    let page = &sending.page;
    for name in ["ann", "bob", "cid"] {
        hire(&sending.company, name);
    }
    sending.company.group("Sales", &[]);
    sending.section("Users and groups");
    page.click("Add user/group");
    page.is_headed("Add assignment");
    page.click("None selected");
    page.fill("Search users and groups", "a");
    page.click("Search");
    page.tick("ann@a.com User");
    page.fill("Search users and groups", "");
    page.click("Search");
    assert!(page.is_ticked("ann@a.com User"), "what was picked stays when somebody searches again");
    page.tick("bob@a.com User");
    page.tick("Sales Group");
    page.click("Select");
    page.offers("3 selected");
    page.choose("Select a role", "Default Access");
    page.click("Assign");
    page.see("3 assignments added");
    for name in ["ann@a.com", "bob@a.com", "Sales"] {
        page.row(name).see("Default Access");
    }
    page.withholds("cid@a.com");
}

#[test]
fn f_5_5_2_and_u_36_and_u_42_who_is_assigned_alone_or_by_a_group_is_provisioned_and_nobody_else() {
    let sending = connected();
    let people: Vec<String> = (0..10).map(|number| hire(&sending.company, &format!("p{number}"))).collect();
    let group = id(&sending.company.group("Sales", &[&people[2], &people[3], &people[4]]));
    for whom in [json!({ "user": people[0] }), json!({ "user": people[1] }), json!({ "group": group })] {
        sending.assign(whom);
    }
    sending.cycle();
    sending.page.see("5 created");
    assert_eq!(users(&sending.target), ["p0", "p1", "p2", "p3", "p4"]);
    let roles = sending.target.roles_of(&id(&sending.target.find("userName eq \"p0@a.com\"")["Resources"][0]));
    assert_eq!(roles, ["Account Member"], "without app roles the default of the target stands");
}

#[test]
fn f_5_6_2_14_and_f_5_6_2_15_and_u_56_an_assignment_gets_another_role_and_so_does_the_user_at_the_target() {
    let sending = connected();
    let page = &sending.page;
    for (name, value) in [("Account Member", "ACCOUNTMEMBER"), ("Account Auditor", "ACCOUNTAUDITOR")] {
        sending.role(name, value);
    }
    hire(&sending.company, "ann");
    sending.section("Users and groups");
    page.click("Add user/group");
    page.click("None selected");
    page.tick("ann@a.com User");
    page.click("Select");
    page.choose("Select a role", "Account Member");
    page.click("Assign");
    page.row("ann@a.com").see("Account Member");
    let role = || sending.target.roles_of(&id(&sending.target.find("userName eq \"ann@a.com\"")["Resources"][0]));
    sending.cycle();
    page.see("1 created");
    assert_eq!(role(), ["Account Member"]);
    sending.section("Users and groups");
    page.click("Edit assignment of ann@a.com");
    page.choose("Select a role", "Account Auditor");
    page.click("Assign");
    page.row("ann@a.com").see("Account Auditor");
    sending.cycle();
    page.see("1 updated");
    assert_eq!(role(), ["Account Auditor"]);
}
