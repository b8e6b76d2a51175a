//! Tried with one user, switched on, watched.

use super::connected;
use crate::provisioning::{hire, users};
use serde_json::{Value, json};

#[test]
fn f_5_5_3_and_f_5_5_14_one_user_is_provisioned_on_demand_while_the_status_is_off() {
    let sending = connected();
    let page = &sending.page;
    sending.assign(json!({ "user": hire(&sending.company, "ann") }));
    sending.assign(json!({ "user": hire(&sending.company, "bob") }));
    sending.section("Provision on demand");
    page.choose("Kind", "User");
    page.fill("Select a user or group", "ann@a.com");
    page.click("Provision");
    for step in ["Import", "Determine if in scope", "Match between source and target", "Perform action"] {
        page.part("Result for ann@a.com").see(step);
    }
    assert_eq!(users(&sending.target), ["ann"]);
    assert_eq!(sending.api("GET", "", Value::Null)["started"], json!(false));
}

#[test]
fn f_5_5_15_who_is_not_there_or_not_assigned_is_told_as_such() {
    let sending = connected();
    let page = &sending.page;
    hire(&sending.company, "bob");
    sending.section("Provision on demand");
    for (name, told) in [("nobody@a.com", "Not found"), ("bob@a.com", "Skipped")] {
        page.fill("Select a user or group", name);
        page.click("Provision");
        page.see(told);
    }
    page.see("is not assigned");
    assert!(users(&sending.target).is_empty());
}

#[test]
fn f_5_5_16_and_u_2_the_status_is_set_to_on_and_everybody_assigned_is_provisioned() {
    let sending = connected();
    let page = &sending.page;
    sending.assign(json!({ "user": hire(&sending.company, "ann") }));
    sending.section("Provisioning");
    page.see("None: provisioning is off");
    page.part("Set status").click("On");
    page.see("Provisioning status set to On");
    page.see("1 created");
    assert_eq!(users(&sending.target), ["ann"]);
    page.part("Set status").click("Off");
    page.see("Provisioning status set to Off");
    page.see("None: provisioning is off");
}

#[test]
fn f_7_0_2_the_log_is_filtered_and_an_entry_opened() {
    let sending = connected();
    let page = &sending.page;
    for name in ["ann", "bob"] {
        sending.assign(json!({ "user": hire(&sending.company, name) }));
    }
    sending.cycle();
    page.see("2 created");
    sending.section("Provisioning logs");
    page.choose("Status", "Failure");
    page.click("Search");
    page.see("No entry matches");
    page.choose("Status", "Success");
    page.choose("Since", "24 hours");
    page.fill("Search provisioning logs", "ann@a.com");
    page.click("Search");
    page.table("Provisioning logs").offers("ann@a.com");
    page.table("Provisioning logs").withholds("bob@a.com");
    page.click("ann@a.com");
    page.part("Steps").see("Perform action");
    page.part("Modified properties").see("ann@a.com");
}

#[test]
fn f_7_0_5_a_mapping_that_is_trimmed_lets_through_what_waited() {
    let sending = connected();
    let page = &sending.page;
    let ann = hire(&sending.company, "ann");
    let assigned = sending.assign(json!({ "user": ann }));
    sending.cycle();
    page.see("1 created");
    sending.section("Attribute mapping");
    page.click("Provision users");
    page.click("Add mapping");
    page.choose("Mapping type", "Direct");
    page.fill("Source attribute", "displayName");
    page.choose("Target attribute", "displayName");
    page.click("Save mapping");
    page.see("Mapping saved");
    sending.cycle();
    page.see("1 failed");
    page.see("Failing 1 user or group, tried again by itself. See why");
    page.open(&format!("/console/accounts/{}/enterprise-apps", sending.company.id));
    page.row("DSM").see("1 failing");
    page.open(&format!("/console/accounts/{}", sending.company.id));
    page.see("Failures to act on 1 in 1 cause");
    page.table("Failures to act on").row("DSM").see("Provisioning failed");
    page.click("See the failures of DSM");
    page.table("Failures by cause").see("ann@a.com");
    page.table("Failures by cause").click("mapping");
    page.click("Delete displayName");
    page.click("Delete mapping");
    sending.api("DELETE", &format!("/assignments/{assigned}"), Value::Null);
    sending.cycle();
    page.see("1 disabled");
    page.see("Failing Nothing");
    assert_eq!(users(&sending.target), ["-ann"]);
}

#[test]
fn u_32_a_tenant_url_without_version_and_flag_works_alike() {
    let sending = connected();
    let page = &sending.page;
    let ann = hire(&sending.company, "ann");
    let assigned = sending.assign(json!({ "user": ann }));
    sending.section("Provisioning");
    page.part("Connection").click("Edit");
    page.fill("Tenant URL", &format!("{}/scim", sending.target.base));
    page.fill("Secret token", &sending.target.key);
    page.click("Test connection");
    page.see("The connection works");
    page.click("Save");
    sending.cycle();
    page.see("1 created");
    sending.api("DELETE", &format!("/assignments/{assigned}"), Value::Null);
    sending.cycle();
    assert_eq!(users(&sending.target), ["-ann"]);
}

#[test]
fn a_plan_is_reviewed_and_applied_exactly() {
    let sending = connected();
    let page = &sending.page;
    for name in ["ann", "bob"] {
        sending.assign(json!({ "user": hire(&sending.company, name) }));
    }
    sending.section("Plan");
    page.click("Make a plan");
    page.see("Create 2");
    page.see("ann@a.com");
    assert!(users(&sending.target).is_empty());
    page.click("Apply 2 changes");
    page.see("2 objects are written at DSM");
    page.click("Apply 2 changes");
    page.see("Plan applied: 2 objects applied");
    assert_eq!(users(&sending.target), ["ann", "bob"]);
}

#[test]
fn held_deletions_are_allowed_by_name_and_a_cycle_is_undone() {
    let sending = connected();
    let page = &sending.page;
    let assigned = sending.assign(json!({ "user": hire(&sending.company, "ann") }));
    sending.cycle();
    sending.api("PATCH", "", json!({ "accidental_deletion_threshold": 0 }));
    sending.api("DELETE", &format!("/assignments/{assigned}"), Value::Null);
    sending.cycle();
    page.see("1 user or group would lose access. Your threshold is 0.");
    page.offers("ann@a.com");
    assert_eq!(users(&sending.target), ["ann"]);
    page.click("Allow deletions");
    page.see("1 user or group lose access at the target in the next cycle");
    page.click("Allow deletions");
    sending.cycle();
    assert_eq!(users(&sending.target), ["-ann"]);
}
