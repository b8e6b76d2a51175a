//! What an app sends.

use super::{app, company};
use serde_json::{Value, json};

#[test]
fn f_5_5_4_a_new_app_has_entras_default_mappings_and_takes_back_what_it_shows() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    let shown = app.api("GET", "/mappings", Value::Null).expect(200).json();
    let targets = |of: &str| -> Vec<&str> {
        shown[of].as_array().unwrap().iter().map(|row| row["target"].as_str().unwrap()).collect()
    };
    assert_eq!(targets("users").len(), 22);
    assert_eq!(targets("groups"), ["displayName", "externalId", "members"]);
    let user_name = json!({ "target": "userName", "source": "userPrincipalName", "matching": 1, "apply": "always" });
    assert!(shown["users"].as_array().unwrap().contains(&user_name));
    let on = json!({ "create": true, "update": true, "delete": true });
    for of in ["users", "groups"] {
        let settings = &shown["settings"][of];
        assert_eq!((&settings["enabled"], &settings["actions"]), (&json!(true), &on), "{of}");
        assert_eq!(settings["filters"], json!([]));
    }
    assert_eq!(app.api("PUT", "/mappings", shown.clone()).expect(200).json(), shown);
}

#[test]
fn f_5_5_8_rows_are_trimmed_and_what_is_left_out_stays() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    let rows = json!([
        { "target": "userName", "source": "userPrincipalName", "matching": 1 },
        { "target": "active", "expression": "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" },
        { "target": "externalId", "source": "objectId" },
        { "target": "roles", "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])" },
        { "target": "title", "none": true, "default": "Staff", "apply": "on_create" },
        { "target": "userType", "constant": "Employee" },
    ]);
    let groups = app.api("GET", "/mappings", Value::Null).json()["groups"].clone();
    app.api("PUT", "/mappings", json!({ "users": rows })).expect(200);
    let off = json!({ "settings": { "groups": { "enabled": false }, "users": {
        "actions": { "create": true, "update": true, "delete": false },
        "filters": [{ "name": "Sales", "clauses": [{ "source": "department", "operator": "EQUALS", "value": "Sales" }] }],
    } } });
    app.api("PUT", "/mappings", off.clone()).expect(200);
    let shown = app.api("GET", "/mappings", Value::Null).expect(200).json();
    let applied = |row: &Value| {
        let mut row = row.clone();
        row["apply"] = row.get("apply").cloned().unwrap_or(json!("always"));
        row
    };
    let expected: Vec<Value> = rows.as_array().unwrap().iter().map(applied).collect();
    assert_eq!(shown["users"], json!(expected));
    assert_eq!(shown["groups"], groups);
    assert_eq!(shown["settings"]["groups"]["enabled"], json!(false));
    assert_eq!(shown["settings"]["users"]["filters"], off["settings"]["users"]["filters"]);
    assert_eq!(shown["settings"]["users"]["actions"]["delete"], json!(false));
}

#[test]
fn u_48_only_listed_attributes_are_targets_and_the_list_is_the_administrators() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    let row = |target: &str| json!({ "target": target, "source": "jobTitle" });
    let key = json!({ "target": "userName", "source": "userPrincipalName", "matching": 1 });
    let urn = "urn:example:1.0:User:badge";
    app.api("PUT", "/mappings", json!({ "users": [key, row(urn)] })).refused(400, &["users.attributes[1]"]);
    let list = json!([{ "name": "userName", "type": "string", "required": true }, { "name": urn, "type": "string" }]);
    let settings = json!({ "users": { "target_attributes": list } });
    app.api("PUT", "/mappings", json!({ "users": [key, row(urn)], "settings": settings })).expect(200);
    app.api("PUT", "/mappings", json!({ "users": [key, row("title")] })).refused(400, &["users.attributes[1]"]);
}

#[test]
fn a_mapping_with_a_fault_is_refused_with_its_place() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    let before = app.api("GET", "/mappings", Value::Null).json();
    let key = json!({ "target": "userName", "source": "userPrincipalName", "matching": 1 });
    for (row, said) in [
        (json!({ "target": "title" }), "exactly one of"),
        (json!({ "target": "title", "source": "jobTitle", "constant": "x" }), "exactly one of"),
        (json!({ "target": "title", "none": false }), "exactly one of"),
        (json!({ "target": "title", "source": "jobTitel" }), "users.attributes[1]"),
        (json!({ "target": "title", "expression": "Join(" }), "line 1"),
        (json!({ "target": "title", "expression": "Nothing([jobTitle])" }), "Nothing"),
        (json!({ "target": "titel", "source": "jobTitle" }), "users.attributes[1]"),
        (json!({ "target": "userName", "source": "mail" }), "users.attributes[1]"),
        (json!({ "target": "title", "source": "jobTitle", "matchin": 1 }), "unknown field `matchin`"),
    ] {
        app.api("PUT", "/mappings", json!({ "users": [key, row] })).refused(400, &[said]);
    }
    app.api("PUT", "/mappings", json!({ "user": [] })).refused(400, &["unknown field"]);
    assert_eq!(app.api("GET", "/mappings", Value::Null).json(), before);
}
