//! Attribute mapping in the console: the tables, one row with its check, the list of target attributes, scope.

use super::enterprise_apps::{added, connected};
use crate::provisioning::{hire, users};
use serde_json::{Value, json};

#[test]
fn f_5_5_4_5_17_u_44_u_45_a_mapping_is_trimmed_and_shown_as_it_is() {
    let sending = added();
    let both = sending.open("/mappings");
    both.says("Provision users Enabled").says("Provision groups Enabled");
    sending.open("/provisioning").says("Not connected yet");
    let table = sending.visitor.open(&both.link("Provision users")).expect(200);
    table.says("userName Matching 1").says("[userPrincipalName]").says("Delete");
    let ask = sending.visitor.open(&table.link("Delete displayName")).expect(200);
    let trimmed = sending.send(&ask, "/mappings/users/delete", &[]).expect(200);
    trimmed.says("Mapping deleted").does_not_say("Delete displayName");
    let shown = sending.company.api("GET", &format!("{}/mappings", sending.path), Value::Null).expect(200).json();
    let targets: Vec<&Value> = shown["users"].as_array().into_iter().flatten().map(|row| &row["target"]).collect();
    assert!(!targets.contains(&&json!("displayName")), "{shown}");
    let off = sending.open("/mappings/groups");
    let off = sending.send(&off, "/mappings/groups/enabled", &[]).expect(200);
    off.says("Mapping disabled");
    sending.open("/mappings").says("Provision groups Disabled");
    let ask = sending.open("/mappings/restore");
    sending.send(&ask, "/mappings/restore", &[]).expect(200).says("Default mappings restored");
    sending.open("/mappings/users").says("Delete displayName");
}

#[test]
fn f_5_6_2_16_to_19_u_46_to_u_49_roles_are_listed_as_an_attribute_and_mapped_by_an_expression() {
    let sending = added();
    let table = sending.open("/mappings/users");
    table.says("Show advanced options").does_not_say("Edit attribute list");
    let advanced = sending.open("/mappings/users?advanced=yes");
    let list = sending.visitor.open(&advanced.link("Edit attribute list for DSM")).expect(200);
    list.says("roles String Yes No No");
    let at = "/mappings/users/attributes";
    let removed = format!("{}{at}/remove", sending.place);
    let pairs: Vec<(String, String)> = list
        .form(&removed)
        .into_iter()
        .map(|(name, value)| (name.clone(), if name == "name" { "roles".to_owned() } else { value }))
        .collect();
    let without = sending.visitor.post(&removed, &pairs, &[]).expect(200);
    without.says("Attribute removed").does_not_say("roles String Yes");
    let typed = [("name", "roles"), ("type", "string"), ("properties", "multi_valued")];
    sending.send(&without, at, &typed).expect(200).says("Attribute added").says("roles String Yes No No");
    let form = sending.visitor.open(&sending.open("/mappings/users").link("Add mapping")).expect(200);
    let row = [
        ("target", "roles"),
        ("kind", "expression"),
        ("expression", "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"),
    ];
    let saved = sending.send(&form, "/mappings/users/edit", &row).expect(200);
    saved.says("Mapping saved").says("AssertiveAppRoleAssignmentsComplex([appRoleAssignments])");
}

#[test]
fn an_expression_is_checked_with_the_place_of_its_fault_and_shown_step_by_step_for_one_user() {
    let sending = connected();
    sending.assign(&hire(&sending.company, "ann"));
    let form = sending.open("/mappings/users/edit?target=externalId");
    let edit = "/mappings/users/edit";
    let check = "/mappings/users/edit/check";
    let broken = [("kind", "expression"), ("expression", "ToUpper([displayNam], )")];
    let told = sending.press(&form, edit, check, &broken).expect(200);
    told.says("Line 1, column").does_not_say("Valid");
    sending.send(&form, edit, &broken).expect(400).says("Line 1, column");
    let right =
        [("kind", "expression"), ("expression", "ToUpper(Append([displayName], \"!\"), )"), ("for", "ann@a.com")];
    let shown = sending.press(&form, edit, check, &right).expect(200);
    shown.says("Valid").says("Append (\"ann\", \"!\")").says("\"ann!\"").says("Result ANN!");
    sending.press(&form, edit, check, &[("for", "nobody")]).expect(400).says("No user of this account");
    sending.cycle().says("1 created");
    let preview = sending.press(&form, edit, "/mappings/users/edit/preview", &right[..2]).expect(200);
    preview.says("What the next cycle would do with all users in scope").says("ANN!");
    sending.send(&form, edit, &right[..2]).expect(200).says("Mapping saved");
    assert_eq!(users(&sending.target), ["ann"]);
    sending.cycle().says("1 updated");
}

#[test]
fn scoping_filters_are_typed_one_a_line() {
    let sending = connected();
    let form = sending.open("/mappings/users/scope");
    let at = "/mappings/users/scope";
    sending.send(&form, at, &[("filters", "department EQUALS Sales")]).expect(400).says("has no name");
    let typed = "Sales: department EQUALS Sales AND country NOT EQUALS NO";
    let saved = sending.send(&form, at, &[("filters", typed)]).expect(200);
    saved.says("Scope saved").says("department EQUALS Sales AND country NOT EQUALS NO");
    let shown = sending.company.api("GET", &format!("{}/mappings", sending.path), Value::Null).expect(200).json();
    let clauses = &shown["settings"]["users"]["filters"][0]["clauses"];
    assert_eq!(clauses[1], json!({ "source": "country", "operator": "NOT EQUALS", "value": "NO" }));
}
