//! Attribute mapping: the table, its advanced options, the editor.

use super::{Sending, added, connected};
use crate::provisioning::{hire, users};
use serde_json::{Value, json};

/// The table of the user mapping, by the menu.
#[track_caller]
fn table(sending: &Sending) {
    sending.section("Attribute mapping");
    sending.page.click("Provision users");
}

/// The target attributes that are shown in the table.
fn shown(sending: &Sending) -> Vec<String> {
    let rows = sending.page.table("Provision users").cells();
    let name = |cell: &String| {
        let name = cell.split(" Matching").next().unwrap_or_default();
        name.trim_end_matches(" On create").to_owned()
    };
    rows[1..].iter().map(|cells| name(&cells[0])).collect()
}

#[test]
fn f_5_5_4_and_f_5_5_5_and_f_5_6_2_16_and_u_45_the_user_mapping_is_a_table_that_can_be_edited() {
    let sending = added();
    sending.section("Attribute mapping");
    for name in ["Provision users", "Provision groups"] {
        sending.page.row(name).see("Enabled");
    }
    sending.page.click("Provision users");
    assert!(shown(&sending).len() > 10, "{:?}", shown(&sending));
    sending.page.offers("Delete displayName");
    sending.page.click("userName");
    sending.page.is_headed("Edit mapping");
}

#[test]
fn f_5_5_8_and_f_5_5_17_and_u_50_the_mapping_is_trimmed_to_what_the_target_takes() {
    let sending = added();
    table(&sending);
    let kept = ["userName", "active", "externalId"];
    for target in shown(&sending).iter().filter(|target| !kept.contains(&target.as_str())) {
        sending.page.click(&format!("Delete {target}"));
        sending.page.click("Delete mapping");
        sending.page.see("Mapping deleted");
    }
    sending.page.reload();
    let mut left = shown(&sending);
    left.sort();
    assert_eq!(left, ["active", "externalId", "userName"]);
    sending.page.row("userName").see("Matching 1");
}

#[test]
fn f_5_5_1_what_is_not_mapped_is_not_sent() {
    let sending = connected();
    sending.assign(json!({ "user": hire(&sending.company, "ann") }));
    table(&sending);
    sending.page.click("Delete externalId");
    sending.page.click("Delete mapping");
    sending.cycle();
    sending.page.see("1 created");
    let made = sending.target.find("userName eq \"ann@a.com\"")["Resources"][0].clone();
    assert_eq!(made["externalId"], Value::Null);
}

#[test]
fn u_44_provisioning_and_provisioning_again_leads_to_the_mappings() {
    let sending = connected();
    sending.page.part("Breadcrumb").click("Enterprise applications");
    sending.page.click("DSM");
    sending.page.click("Provision User Accounts");
    sending.section("Provisioning");
    sending.page.part("Mappings").click("Provision users");
    assert_eq!(shown(&sending), ["userName", "active", "externalId", "roles"]);
}

#[test]
fn f_5_6_2_17_and_u_46_and_u_47_and_u_48_advanced_options_lead_to_the_list_of_target_attributes() {
    let sending = connected();
    let page = &sending.page;
    table(&sending);
    page.withholds("Edit attribute list for DSM");
    page.tick("Show advanced options");
    page.click("Show");
    page.click("Edit attribute list for DSM");
    page.is_headed("Edit attribute list for DSM");
    let heads = page.table("Attributes of the target").cells()[0].clone();
    assert_eq!(heads[..5], ["Name", "Type", "Multi-Value?", "Required?", "Exact case?"]);
    page.click("Remove title");
    page.see("Attribute removed");
    page.part("Breadcrumb").click("Attribute mapping");
    page.click("Add mapping");
    let offered = super::options(page, "Target attribute");
    assert!(offered.contains(&"userName".to_owned()) && !offered.contains(&"title".to_owned()), "{offered:?}");
}

#[test]
fn f_5_6_2_18_and_f_5_6_2_19_and_u_49_roles_are_added_to_the_list_and_mapped_by_an_expression() {
    let sending = added();
    let page = &sending.page;
    sending.open("/mappings/users/attributes");
    page.click("Remove roles");
    page.withholds("Remove roles");
    page.fill("Name", "roles");
    page.choose("Type", "String");
    page.tick("Multi-Value?");
    page.click("Add attribute");
    page.row("roles").see("Yes");
    page.part("Breadcrumb").click("Attribute mapping");
    page.click("Add mapping");
    page.choose("Mapping type", "Expression");
    page.fill("Expression", "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])");
    page.choose("Target attribute", "roles");
    page.click("Save mapping");
    page.see("Mapping saved");
    page.row("roles").see("AssertiveAppRoleAssignmentsComplex([appRoleAssignments])");
}

#[test]
fn f_5_6_2_1_roles_reach_the_target_once_both_steps_are_done() {
    let sending = connected();
    let (ann, bob) = (hire(&sending.company, "ann"), hire(&sending.company, "bob"));
    sending.assign(json!({ "user": ann }));
    sending.cycle();
    let role_of = |name: &str| {
        let found = sending.target.find(&format!("userName eq \"{name}@a.com\""));
        sending.target.roles_of(found["Resources"][0]["id"].as_str().expect("the user is there"))
    };
    assert_eq!(role_of("ann"), ["Account Member"], "without app roles the default");
    let auditor = sending.role("Account Auditor", "ACCOUNTAUDITOR");
    sending.assign(json!({ "user": bob, "app_role": auditor }));
    sending.cycle();
    assert_eq!(role_of("bob"), ["Account Auditor"]);
}

#[test]
fn the_editor_checks_while_one_types_and_shows_each_step_and_what_would_change_for_all() {
    let sending = connected();
    let page = &sending.page;
    sending.assign(json!({ "user": hire(&sending.company, "ann") }));
    sending.cycle();
    table(&sending);
    page.click("externalId");
    page.choose("Mapping type", "Expression");
    page.fill("Expression", "ToUpper([displayNam], )");
    page.see("Line 1, column");
    page.click("Save mapping");
    page.see("The mapping was not saved");
    page.holds("Expression", "ToUpper([displayNam], )");
    page.fill("Expression", "ToUpper(Append([displayName], \"!\"), )");
    page.fill("Try it for a user (optional)", "ann@a.com");
    page.click("Check");
    page.part("Result for ann@a.com").see("\"ann!\"");
    page.part("Result for ann@a.com").see("ANN!");
    page.click("Preview for all users");
    page.see("What the next cycle would do with all users in scope");
    page.see("ANN!");
    page.click("Save mapping");
    page.see("Mapping saved");
    assert_eq!(users(&sending.target), ["ann"]);
    sending.cycle();
    page.see("1 updated");
}
