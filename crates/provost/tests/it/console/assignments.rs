//! Users and groups of an application, and its app roles, in the console.

use super::enterprise_apps::{added, connected};
use crate::provisioning::hire;
use serde_json::{Value, json};

#[test]
fn u_37_to_u_41_f_5_5_12_users_and_groups_are_picked_and_assigned() {
    let sending = added();
    let (ann, bob) = (hire(&sending.company, "ann"), hire(&sending.company, "bob"));
    let group = sending.company.group("Sales", &[]);
    let empty = sending.open("/assignments");
    empty.says("Nobody is assigned yet");
    let form = sending.visitor.open(&empty.link("Add user/group")).expect(200);
    sending.send(&form, "/assignments", &[]).expect(400).says("Select at least one user or group.");
    let picker = sending.visitor.open(&form.link("None selected")).expect(200);
    picker.says("ann@a.com User").says("bob@a.com User").says("Sales Group");
    let key = |kind: &str, id: &str| format!("picked={kind}%3A{id}");
    let (ann, bob) = (key("user", &ann), key("user", &bob));
    let group = key("group", group["id"].as_str().expect("a group has an id"));
    // What was picked stays when somebody searches again.
    let again = sending.open(&format!("/assignments/pick?q=sal&{ann}&{bob}"));
    again.says("2 selected ann@a.com User bob@a.com User").says("Sales Group");
    let three = sending.open(&format!("/assignments/new?{ann}&{bob}&{group}"));
    three.says("3 selected").says("Default Access");
    let list = sending.visitor.post(
        &format!("{}/assignments", sending.place),
        &three.form(&format!("{}/assignments", sending.place)),
        &[],
    );
    let list = list.expect(200);
    list.says("3 assignments added").says("ann@a.com User Default Access").says("Sales Group Default Access");
    let ask = sending.visitor.open(&list.link("Remove Sales")).expect(200);
    let asked = list.link("Remove Sales");
    sending.visitor.send(&ask, &asked, &[]).expect(200).says("Assignment removed").does_not_say("Sales Group");
}

#[test]
fn f_5_6_2_4_to_13_u_52_u_53_app_roles_are_created_listed_and_refused() {
    let sending = added();
    let registrations = format!("/console/accounts/{}/app-registrations", sending.company.id);
    let path = sending.visitor.open(&registrations).expect(200);
    let list = sending.visitor.open(&path.link("DSM")).expect(200);
    list.says("Default Access");
    let form = sending.visitor.open(&list.link("Create app role")).expect(200);
    form.says("Display name").says("Allowed member types").says("Value").says("Description");
    form.says("Do you want to enable this app role?");
    let spaced = [("display_name", "Account Member"), ("value", "Account Member"), ("description", "Members")];
    sending.send(&form, "/app-roles", &spaced).expect(400).says("The app role was not saved");
    let undescribed = [("display_name", "Account Member"), ("value", "ACCOUNTMEMBER"), ("description", "")];
    sending.send(&form, "/app-roles", &undescribed).expect(400).says("The app role was not saved");
    for (name, value) in
        [("Account Member", "ACCOUNTMEMBER"), ("Account Auditor", "ACCOUNTAUDITOR"), ("Field Crew", "crew")]
    {
        let typed = [("display_name", name), ("value", value), ("description", "What it is for")];
        sending
            .send(&form, "/app-roles", &typed)
            .expect(200)
            .says("App role created")
            .says(&format!("{name} {value} Users/Groups Enabled"));
    }
    let twice = [("display_name", "Field Crew"), ("value", "other"), ("description", "Again")];
    sending.send(&form, "/app-roles", &twice).expect(409).says("The app has a role with this display name");
    // Without its box the role cannot be assigned.
    let list = sending.open("/app-roles");
    let edit = sending.visitor.open(&list.link("Field Crew")).expect(200);
    let at = list.link("Field Crew");
    let mut pairs = edit.form(&at);
    pairs.retain(|(name, _)| name != "enabled");
    sending
        .visitor
        .post(&at, &pairs, &[])
        .expect(200)
        .says("App role saved")
        .says("Field Crew crew Users/Groups Disabled");
    sending.open("/assignments/new").says("Account Auditor").does_not_say("Field Crew");
    let ask = sending.visitor.open(&format!("{at}/delete")).expect(200);
    sending
        .visitor
        .send(&ask, &format!("{at}/delete"), &[])
        .expect(200)
        .says("App role deleted")
        .does_not_say("Field Crew");
}

#[test]
fn f_5_6_2_14_15_an_assignment_gets_another_role() {
    let sending = connected();
    for (name, value) in [("Account Member", "ACCOUNTMEMBER"), ("Account Auditor", "ACCOUNTAUDITOR")] {
        let role = json!({ "display_name": name, "value": value, "description": name });
        sending.company.api("POST", &format!("{}/app-roles", sending.path), role).expect(201);
    }
    let ann = hire(&sending.company, "ann");
    let body = json!({ "user": ann, "app_role": "ACCOUNTMEMBER" });
    sending.company.api("POST", &format!("{}/assignments", sending.path), body).expect(201);
    let list = sending.open("/assignments");
    list.says("ann@a.com User Account Member");
    let at = list.link("Edit assignment of ann@a.com");
    let form = sending.visitor.open(&at).expect(200);
    let roles = sending.company.api("GET", &format!("{}/app-roles", sending.path), Value::Null).expect(200).json();
    let auditor = roles["items"].as_array().and_then(|all| all.iter().find(|role| role["value"] == "ACCOUNTAUDITOR"));
    let auditor = auditor.and_then(|role| role["id"].as_str()).expect("the role is listed");
    let changed = sending.visitor.send(&form, &at, &[("app_role", auditor)]).expect(200);
    changed.says("Assignment changed").says("ann@a.com User Account Auditor");
}
