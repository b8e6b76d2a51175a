//! Where values come from, for "Why?".

use super::{Account, App, change, company, dsm_rows, hire, id_of};
use crate::{
    process::run_with,
    support::{encoded, id},
};
use serde_json::{Value, json};

/// One attribute of a user's lineage.
fn of<'l>(lineage: &'l Value, name: &str) -> &'l Value {
    let all = lineage["attributes"].as_array().expect("attributes are a list");
    let found = all.iter().find(|one| one["name"] == json!(name) || one["target"] == json!(name));
    found.unwrap_or_else(|| panic!("no {name} in {lineage}"))
}

fn lineage(account: &Account, user: &str) -> Value {
    account.api("GET", &format!("/users/{user}/lineage"), Value::Null).expect(200).json()
}

/// Who set an attribute, by which action: `SCIM Entra user.create`.
fn set_by(lineage: &Value, name: &str) -> String {
    let origin = &of(lineage, name)["origin"];
    let text = |of: &Value| of.as_str().expect("a text").to_owned();
    format!("{} {}", text(&origin["actor"]["name"]), text(&origin["action"]))
}

#[test]
fn each_attribute_of_a_user_names_the_entry_that_set_it_last() {
    let company = company();
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let ann = id(&company.create(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "userName": "ann@a.com", "displayName": "Ann", "name": { "givenName": "Ann", "familyName": "Archer" },
        ENTERPRISE: { "department": "Sales", "costCenter": "7" },
    })));
    let app = company.api("POST", "/admin-apps", json!({ "name": "HR" })).expect(201).json();
    let hr = company.with_key(app["api_key"].as_str().expect("a key is shown"));
    change(&hr, &ann, "name.familyName", json!("Baker"));
    change(&hr, &ann, &format!("{ENTERPRISE}:department"), json!("Research"));
    company.api("PATCH", &format!("/users/{ann}"), json!({ "active": false })).expect(200);
    let shown = lineage(&company, &ann);
    assert_eq!((&shown["id"], &shown["user_name"]), (&json!(ann), &json!("ann@a.com")));
    for (name, value, by) in [
        ("userName", json!("ann@a.com"), "SCIM Entra user.create"),
        ("name.givenName", json!("Ann"), "SCIM Entra user.create"),
        ("name.familyName", json!("Baker"), "HR user.update"),
        (&format!("{ENTERPRISE}:department"), json!("Research"), "HR user.update"),
        (&format!("{ENTERPRISE}:costCenter"), json!("7"), "SCIM Entra user.create"),
        ("active", json!(false), "operator user.disable"),
    ] {
        assert_eq!((&of(&shown, name)["value"], set_by(&shown, name)), (&value, by.to_owned()), "{name}");
    }
    let origin = &of(&shown, "name.familyName")["origin"];
    assert_eq!((&origin["old"], &origin["actor"]["id"]), (&json!("Archer"), &app["id"]));
    let entry = company.audit().into_iter().find(|entry| entry["seq"] == origin["seq"]).expect("it is in the log");
    assert_eq!((&entry["target"]["id"], &entry["time"]), (&json!(ann), &origin["time"]));
    company.api("GET", "/users/0190a5b4-7f0e-7c3a-8f3e-0123456789ab/lineage", Value::Null).expect(404);
}

#[test]
fn each_value_at_the_target_names_its_row_its_sources_and_the_action_that_wrote_it() {
    let company = company();
    let target = company.server.account(json!("standard"));
    let app = super::app(&company, &format!("{}/scim/v2?aadOptscim062020", target.base), &target.key);
    let mut rows = dsm_rows();
    rows.as_array_mut().expect("rows are a list").truncate(3);
    rows.as_array_mut().expect("rows are a list").extend([
        json!({ "target": "displayName", "expression": "Join(\", \", [surname], [givenName])" }),
        json!({ "target": "userType", "constant": "Employee" }),
        json!({ "target": "title", "none": true, "default": "Staff" }),
    ]);
    app.maps(rows, false);
    let ann = hire(&company, "ann");
    let names = json!([
        { "op": "add", "path": "name.givenName", "value": "Ann" },
        { "op": "add", "path": "name.familyName", "value": "Archer" },
    ]);
    company.patch(&ann, names).expect(200);
    let of_app = |app: &App<'_>| app.api("GET", &format!("/lineage?user={}", encoded("ann@a.com")), Value::Null);
    let before = of_app(&app).expect(200).json();
    assert_eq!((&before["entitled"], &before["target"]), (&json!(false), &Value::Null), "not assigned: {before}");
    let title = of(&before, "title");
    assert_eq!(
        (&title["is_default"], &title["wanted"], &title["written"]),
        (&json!(true), &json!("Staff"), &Value::Null)
    );

    app.assign(&ann, None);
    let first = app.run("")["id"].clone();
    change(&company, &ann, "name.familyName", json!("Baker"));
    let second = app.run("")["id"].clone();
    change(&company, &ann, "name.givenName", json!("Anna"));
    let shown = of_app(&app).expect(200).json();
    assert_eq!((&shown["entitled"], &shown["standing"]), (&json!(true), &json!("entitled")));
    assert_eq!(shown["target"], json!(id_of(&target, "ann")));

    let name = of(&shown, "displayName");
    assert_eq!(name["gives"], json!({ "expression": "Join(\", \", [surname], [givenName])" }));
    assert_eq!((&name["wanted"], &name["written"]), (&json!("Baker, Anna"), &json!("Baker, Ann")), "not sent yet");
    assert_eq!((&name["action"]["cycle"], &name["action"]["action"]), (&second, &json!("update")));
    assert_eq!(
        (&name["steps"][0]["function"], &name["steps"][0]["result"]),
        (&json!("Join"), &json!("\"Baker, Anna\""))
    );
    let reads = name["reads"].as_array().expect("it reads attributes");
    let surname = reads.iter().find(|read| read["name"] == json!("surname")).expect("it reads the surname");
    assert_eq!((&surname["value"], &surname["origin"]["old"]), (&json!("Baker"), &json!("Archer")));
    assert_eq!(surname["origin"]["actor"]["name"], json!("SCIM Entra"));

    let kind = of(&shown, "userType");
    assert_eq!((&kind["gives"], &kind["written"]), (&json!({ "constant": "Employee" }), &json!("Employee")));
    assert_eq!(kind["action"]["cycle"], first);
    let log = app.log(&format!("&user={ann}"));
    assert!(log.iter().any(|entry| entry["id"] == kind["action"]["id"]), "the action is in the log");
    let active = of(&shown, "active");
    assert_eq!(active["reads"][0], json!({ "name": "IsSoftDeleted", "value": false, "origin": null }));
    for query in ["", "?user=nobody%40a.com", "?user=x&group=y", "?who=x"] {
        app.api("GET", &format!("/lineage{query}"), Value::Null).expect(400);
    }
    let nobody = "0190a5b4-7f0e-7c3a-8f3e-0123456789ab";
    app.api("GET", &format!("/lineage?user={nobody}"), Value::Null).expect(404);
}

#[test]
fn the_command_line_shows_where_values_come_from() {
    let company = company();
    let target = company.server.account(json!("standard"));
    let app = super::app(&company, &format!("{}/scim/v2", target.base), &target.key);
    app.set(json!({ "name": "Target" }));
    app.assign(&hire(&company, "ann"), None);
    app.cycle();
    let provost = |arguments: &[&str]| {
        let environment = [
            ("PROVOST_URL", company.base.as_str()),
            ("PROVOST_TOKEN", &company.operator_key),
            ("PROVOST_ACCOUNT", &company.id),
        ];
        run_with(arguments, &environment).exits(0).stdout
    };
    let shown = provost(&["user", "lineage", "ann@a.com"]);
    assert!(shown.contains("displayName") && shown.contains("SCIM Entra") && shown.contains("user.create"), "{shown}");
    let shown = provost(&["enterprise-app", "lineage", "Target", "--user", "ann@a.com"]);
    assert!(shown.contains("userPrincipalName") && shown.contains("ann@a.com"), "{shown}");
}
