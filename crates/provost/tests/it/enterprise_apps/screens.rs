//! What the pages of the documents show and do, by the requests behind them.

use super::{App, TOKEN, app, company};
use crate::{
    fulcrum::organisation,
    support::{Account, id},
};
use serde_json::{Value, json};

/// The role of each who is assigned, by name.
fn assigned(app: &App<'_>) -> Vec<(String, Value)> {
    let shown = |one: &Value| {
        let who = if one["user"].is_null() { &one["group"] } else { &one["user"] };
        (who["name"].as_str().expect("a name").to_owned(), one["app_role"]["display_name"].clone())
    };
    let mut all: Vec<(String, Value)> = app.list("/assignments").iter().map(shown).collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

fn user(account: &Account, name: &str) -> String {
    id(&account.create(json!({ "userName": format!("{name}@contoso.example") })))
}

#[test]
fn f_5_2_1_an_app_that_is_added_is_listed_with_all_that_its_menu_leads_to() {
    let contoso = company();
    let apps = || contoso.api("GET", "/enterprise-apps", Value::Null).expect(200).json()["items"].clone();
    assert_eq!(apps(), json!([]));
    let app = app(&contoso, "https://scim.example.com");
    assert_eq!((&apps()[0]["id"], &apps()[0]["name"]), (&json!(app.id), &json!("DSM")));
    for (page, path, member) in [
        ("Overview", "", "/started"),
        ("Provisioning", "/status", "/state"),
        ("Users and groups", "/assignments", "/items"),
        ("Attribute mapping", "/mappings", "/users"),
        ("App roles", "/app-roles", "/items"),
        ("Provisioning logs", "/provisioning-logs", "/items"),
    ] {
        let shown = app.api("GET", path, Value::Null).expect(200).json();
        assert!(shown.pointer(member).is_some(), "{page}: {shown}");
    }
    app.api("POST", "/provision-on-demand", json!({})).refused(400, &["name a `user` or a `group`"]);
}

#[test]
fn f_5_4_3_and_f_5_4_9_a_tenant_url_and_a_masked_token_make_a_job_that_is_ready_and_off() {
    let contoso = company();
    let ready = app(&contoso, "https://scim.example.com/scim/v2?aadOptscim062020");
    let shown = ready.api("GET", "", Value::Null).expect(200).json();
    assert_eq!(shown["tenant_url"], json!("https://scim.example.com/scim/v2?aadOptscim062020"));
    assert_eq!(shown["secret_token"], json!({ "ends_with": &TOKEN[TOKEN.len() - 4..] }));
    let status = || ready.api("GET", "/status", Value::Null).expect(200).json();
    assert_eq!((&shown["started"], &status()["state"]), (&json!(false), &json!("NotRun")), "ready, and off");
    assert_eq!((&status()["next_cycle"], &status()["cycles"]), (&Value::Null, &json!([])));
    ready.api("PATCH", "", json!({ "secret_token": null })).expect(200);
    assert_eq!(status()["state"], json!("NotConfigured"));
    ready.api("POST", "/start", Value::Null).refused(409, &["no secret token"]);
}

#[test]
fn u_31_what_is_not_switched_on_needs_no_credentials_and_runs_no_cycle() {
    let contoso = company();
    let body = json!({ "name": "By hand", "tenant_url": "https://scim.example.com", "interval": 1, "scope": "all" });
    let app = App { account: &contoso, id: id(&contoso.api("POST", "/enterprise-apps", body).expect(201).json()) };
    user(&contoso, "ann");
    let shown = app.api("GET", "", Value::Null).expect(200).json();
    assert_eq!((&shown["secret_token"], &shown["started"]), (&Value::Null, &json!(false)));
    let status = app.api("GET", "/status", Value::Null).expect(200).json();
    assert_eq!((&status["next_cycle"], &status["cycles"]), (&Value::Null, &json!([])), "none is due, none was");
    assert_eq!(app.list("/provisioning-logs"), Vec::<Value>::new());
}

#[test]
fn u_39_users_and_groups_are_found_by_the_beginning_of_their_names_to_be_assigned() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    for name in ["ann", "anton", "bob"] {
        user(&contoso, name);
    }
    for name in ["Anglers", "Sales"] {
        contoso.group(name, &[]);
    }
    let names = |path: &str, name: &str| -> Vec<String> {
        let found = contoso.api("GET", path, Value::Null).expect(200).json();
        let name = |one: &Value| one[name].as_str().expect("a name").to_owned();
        let mut names: Vec<String> = found["items"].as_array().expect("a list").iter().map(name).collect();
        names.sort();
        names
    };
    let filter = crate::support::encoded("userName sw \"An\"");
    assert_eq!(
        names(&format!("/users?filter={filter}"), "user_name"),
        ["ann@contoso.example", "anton@contoso.example"]
    );
    let filter = crate::support::encoded("displayName sw \"an\"");
    assert_eq!(names(&format!("/groups?filter={filter}"), "display_name"), ["Anglers"]);
    contoso.api("GET", "/groups?filter=displayName", Value::Null).expect(400);
    assert_eq!(app.list("/app-roles")[0]["display_name"], json!("Default Access"), "and a role to choose");
}

#[test]
fn u_41_two_users_and_a_group_are_assigned_and_listed_with_their_role() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    app.role("Field Crew", "fc");
    let (ann, bob) = (user(&contoso, "ann"), user(&contoso, "bob"));
    let crew = id(&contoso.group("Crew", &[]));
    for (member, who) in [("user", &ann), ("user", &bob), ("group", &crew)] {
        app.api("POST", "/assignments", json!({ member: who, "app_role": "fc" })).expect(201);
    }
    let role = json!("Field Crew");
    let row = |name: &str| (name.to_owned(), role.clone());
    assert_eq!(assigned(&app), [row("Crew"), row("ann@contoso.example"), row("bob@contoso.example")]);
}

#[test]
fn f_5_5_5_and_u_45_the_mapping_of_users_is_a_table_of_source_and_target_whose_rows_can_be_deleted() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    let rows =
        || app.api("GET", "/mappings", Value::Null).expect(200).json()["users"].as_array().expect("rows").clone();
    let gives =
        |row: &Value| ["source", "constant", "expression", "none"].iter().filter(|one| !row[**one].is_null()).count();
    let before = rows();
    assert!(before.len() > 20 && before.iter().all(|row| row["target"].is_string() && gives(row) == 1));
    for at in [before.len() - 1, 3] {
        let mut left = rows();
        let gone = left.remove(at);
        app.api("PUT", "/mappings", json!({ "users": left })).expect(200);
        assert_eq!(rows(), left);
        assert!(!rows().contains(&gone), "{gone}");
    }
    let without_key: Vec<Value> = rows().into_iter().filter(|row| row["matching"].is_null()).collect();
    app.api("PUT", "/mappings", json!({ "users": without_key })).refused(400, &["matching"]);
}

#[test]
fn f_5_5_17_the_trimmed_mapping_is_the_three_rows_of_the_figure() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    let all = app.api("GET", "/mappings", Value::Null).expect(200).json();
    let kept = ["userName", "active", "externalId"];
    let is_kept = |row: &&Value| kept.iter().any(|target| row["target"] == json!(target));
    let mut trimmed: Vec<Value> = all["users"].as_array().expect("rows").iter().filter(is_kept).cloned().collect();
    // Entra's own row of `externalId` is `mailNickname`; the document sends `objectId`.
    for row in trimmed.iter_mut().filter(|row| row["target"] == json!("externalId")) {
        row["source"] = json!("objectId");
    }
    app.api("PUT", "/mappings", json!({ "users": trimmed, "settings": { "groups": { "enabled": false } } }))
        .expect(200);
    let shown = app.api("GET", "/mappings", Value::Null).expect(200).json();
    let row = |row: &Value| {
        let from = if row["source"].is_null() { &row["expression"] } else { &row["source"] };
        (row["target"].clone(), from.clone(), row["matching"].clone())
    };
    let mut rows: Vec<_> = shown["users"].as_array().expect("rows").iter().map(row).collect();
    rows.sort_by_key(|row| row.0.to_string());
    let switch = json!("Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")");
    assert_eq!(
        rows,
        [
            (json!("active"), switch, Value::Null),
            (json!("externalId"), json!("objectId"), Value::Null),
            (json!("userName"), json!("userPrincipalName"), json!(1)),
        ]
    );
    assert_eq!(shown["settings"]["groups"]["enabled"], json!(false));
}

#[test]
fn u_47_the_list_of_target_attributes_is_shown_and_edited() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    let list = || {
        let shown = app.api("GET", "/mappings", Value::Null).expect(200).json();
        shown["settings"]["users"]["target_attributes"].as_array().expect("a list").clone()
    };
    let before = list();
    assert!(
        before.iter().all(|one| one["name"].is_string() && one["type"].is_string() && one["required"].is_boolean())
    );
    let badge = json!({
        "name": "urn:example:1.0:User:badge", "type": "integer", "multi_valued": false, "required": false,
        "case_exact": true,
    });
    let edited: Vec<Value> = before.iter().cloned().chain([badge.clone()]).collect();
    let put = |list: &[Value]| {
        let settings = json!({ "users": { "target_attributes": list } });
        app.api("PUT", "/mappings", json!({ "settings": settings }))
    };
    put(&edited).expect(200);
    assert_eq!(list(), edited);
    put(&before).expect(200);
    assert_eq!(list(), before);
    let without_name: Vec<Value> = before.into_iter().filter(|one| one["name"] != json!("userName")).collect();
    put(&without_name).refused(400, &["userName"]);
}

#[test]
fn u_52_app_roles_are_listed_with_name_value_and_state() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    let listed = || -> Vec<(Value, Value, Value)> {
        let shown = |role: &Value| (role["display_name"].clone(), role["value"].clone(), role["enabled"].clone());
        app.list("/app-roles").iter().map(shown).collect()
    };
    assert_eq!(listed(), [(json!("Default Access"), Value::Null, json!(true))]);
    app.role("Field Crew", "fc");
    let manager = app.role("Manager", "manager");
    app.api("PATCH", &format!("/app-roles/{manager}"), json!({ "enabled": false })).expect(200);
    let row = |name: &str, value: &str, enabled: bool| (json!(name), json!(value), json!(enabled));
    assert_eq!(listed(), [row("Field Crew", "fc", true), row("Manager", "manager", false)]);
}

#[test]
fn f_5_6_2_6_and_f_5_6_2_11_and_f_5_6_2_12_a_role_gets_an_id_is_listed_as_it_was_made_and_is_for_users_and_groups() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    let role = json!({
        "display_name": "Field Crew", "value": "fc", "description": "Works outside", "member_types": ["user"], "enabled": true,
    });
    let made = app.api("POST", "/app-roles", role.clone()).expect(201).json();
    assert!(!id(&made).is_empty());
    let listed = app.list("/app-roles");
    assert_eq!(listed, [made]);
    for (name, value) in role.as_object().expect("an object") {
        assert_eq!(&listed[0][name], value, "{name}");
    }
    let (ann, crew) = (user(&contoso, "ann"), id(&contoso.group("Crew", &[])));
    for (member, who) in [("user", ann), ("group", crew)] {
        app.api("POST", "/assignments", json!({ member: who, "app_role": listed[0]["id"] })).expect(201);
    }
    let held = json!("Field Crew");
    assert_eq!(assigned(&app), [("Crew".to_owned(), held.clone()), ("ann@contoso.example".to_owned(), held)]);
}

#[test]
fn u_54_the_target_shows_the_names_of_its_roles_to_make_app_roles_of() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    let target = organisation(&contoso.server, json!("fulcrum"));
    target.api("POST", "/roles", json!({ "name": "Owner" })).expect(201);
    let roles = target.api("GET", "/roles?limit=200", Value::Null).expect(200).json();
    let names: Vec<&str> =
        roles["items"].as_array().expect("a list").iter().map(|role| role["name"].as_str().expect("a name")).collect();
    for name in ["Owner", "Manager", "Standard User", "Field Crew"] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
        app.role(name, &name.replace(' ', "").to_lowercase());
    }
    let made: Vec<Value> = app.list("/app-roles").iter().map(|role| role["display_name"].clone()).collect();
    assert_eq!(made.len(), 4);
    assert!(made.iter().all(|name| names.iter().any(|known| name == known)), "the exact names");
}
