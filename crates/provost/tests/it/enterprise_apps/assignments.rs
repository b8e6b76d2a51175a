//! Who is assigned.

use super::{app, company};
use crate::support::{id, pause};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[test]
fn f_5_5_12_and_f_5_6_2_14_users_and_groups_are_assigned_with_a_role_that_can_be_changed() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    let (manager, crew) = (app.role("Manager", "manager"), app.role("Field Crew", "fc"));
    let ann = id(&contoso.create(json!({ "userName": "ann@contoso.example" })));
    let sales = id(&contoso.group("Sales", &[&ann]));
    let user = json!({ "user": "Ann@contoso.example", "app_role": "Manager" });
    let of_user = app.api("POST", "/assignments", user.clone()).expect(201).json();
    let of_group = app.api("POST", "/assignments", json!({ "group": "sales", "app_role": "fc" })).expect(201).json();
    assert_eq!((&of_user["user"]["id"], &of_user["app_role"]["id"]), (&json!(ann), &json!(manager)));
    assert_eq!((&of_group["group"]["id"], &of_group["app_role"]["id"]), (&json!(sales), &json!(crew)));
    assert_eq!(of_group["group"]["name"], json!("Sales"));
    app.api("POST", "/assignments", user).refused(409, &["assigned with this role already"]);
    let second = app.api("POST", "/assignments", json!({ "user": ann, "app_role": crew })).expect(201).json();

    let path = format!("/assignments/{}", id(&second));
    app.api("PATCH", &path, json!({ "app_role": "manager" })).refused(409, &["already"]);
    app.api("PATCH", &path, json!({ "app_role": null })).expect(200);
    app.api("PATCH", &path, json!({ "app_role": "Nobody" })).refused(400, &["`app_role`"]);
    assert_eq!(app.api("GET", &path, Value::Null).expect(200).json()["app_role"], Value::Null);
    assert_eq!(app.list("/assignments").len(), 3);
    app.api("DELETE", &path, Value::Null).expect(204);
    app.api("DELETE", &path, Value::Null).refused(404, &["no such app assignment"]);
    let again = format!("/assignments/{}", id(&of_user));
    let changed = app.api("PATCH", &again, json!({ "app_role": "fc" })).expect(200).json();
    assert_eq!(changed["app_role"]["display_name"], json!("Field Crew"));

    let log = contoso.audit();
    let of = |subject: &str| -> Vec<String> {
        let about = log.iter().filter(|entry| entry["target"]["id"] == json!(subject));
        let assigned = about.filter(|entry| entry["action"].as_str().unwrap().starts_with("app-assignment."));
        assigned.map(|entry| format!("{} {}", entry["action"], entry["outcome"])).collect()
    };
    let expected =
        ["update success", "delete success", "update success", "create success", "create failure", "create success"];
    let expected: Vec<String> = expected
        .iter()
        .map(|entry| entry.split_once(' ').unwrap())
        .map(|(action, outcome)| format!("\"app-assignment.{action}\" \"{outcome}\""))
        .collect();
    assert_eq!(of(&ann), expected, "entries are about who is assigned");
    assert_eq!(of(&sales), ["\"app-assignment.create\" \"success\""]);
}

#[test]
fn who_cannot_be_assigned_is_named() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    let nobody = "0190a5b4-7f0e-7c3a-8f3e-0123456789ab";
    for (body, said) in [
        (json!({}), "a `user` or a `group`"),
        (json!({ "user": "ann", "group": "sales" }), "not both"),
        (json!({ "user": "nobody@contoso.example" }), "no user of this account has this id or userName"),
        (json!({ "user": nobody }), "no user of this account has this id or userName"),
        (json!({ "group": "Nobody" }), "no group of this account has this id or displayName"),
        (json!({ "user": "x".repeat(2_000) }), "at most 1024 bytes"),
        (json!({ "user": 7 }), "expected a string"),
        (json!({ "users": ["ann"] }), "unknown field"),
    ] {
        app.api("POST", "/assignments", body).refused(400, &[said]);
    }
    let path = format!("/enterprise-apps/{nobody}/assignments");
    let ann = id(&contoso.create(json!({ "userName": "ann@contoso.example" })));
    contoso.api("POST", &path, json!({ "user": ann })).refused(404, &["no such enterprise app"]);
    contoso.api("GET", &path, Value::Null).refused(404, &["no such enterprise app"]);
}

#[test]
fn f_4_2_4_and_5_who_is_deleted_is_assigned_to_nothing_and_stays_so_when_restored() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    let role = app.role("Manager", "manager");
    let ann = id(&contoso.create(json!({ "userName": "ann@contoso.example" })));
    let sales = id(&contoso.group("Sales", &[]));
    app.api("POST", "/assignments", json!({ "user": ann, "app_role": role })).expect(201);
    app.api("POST", "/assignments", json!({ "group": sales })).expect(201);
    contoso.api("DELETE", &format!("/users/{ann}"), Value::Null).expect(204);
    contoso.api("DELETE", &format!("/groups/{sales}"), Value::Null).expect(204);
    assert_eq!(app.list("/assignments"), Vec::<Value>::new());
    contoso.api("POST", &format!("/users/{ann}/restore"), Value::Null).expect(200);
    assert_eq!(app.list("/assignments"), Vec::<Value>::new());
    app.api("POST", "/assignments", json!({ "user": ann, "app_role": role })).expect(201);
}

#[test]
fn what_stood_below_a_removed_app_goes_and_leaves_nothing_behind() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    app.role("Manager", "manager");
    for n in 0..5 {
        let user = id(&contoso.create(json!({ "userName": format!("u{n}@contoso.example") })));
        app.api("POST", "/assignments", json!({ "user": user, "app_role": "manager" })).expect(201);
    }
    app.api("DELETE", "", Value::Null).expect(204);
    let deadline = Instant::now() + Duration::from_secs(30);
    let left = || contoso.api("GET", "/export", Value::Null).expect(200).text;
    while left().contains("app_assignment") || left().contains("app_role") {
        assert!(Instant::now() < deadline, "{}", left());
        pause();
    }
    super::app(&contoso, "https://scim.example.com");
}

#[test]
fn assignments_are_listed_page_by_page() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    for n in 0..5 {
        let user = id(&contoso.create(json!({ "userName": format!("u{n}@contoso.example") })));
        app.api("POST", "/assignments", json!({ "user": user })).expect(201);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.api("GET", &format!("/assignments?limit=2{cursor}"), Value::Null).expect(200).json();
        seen.extend(page["items"].as_array().unwrap().iter().map(id));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let all: Vec<String> = app.list("/assignments").iter().map(id).collect();
    assert_eq!((seen.len(), &seen), (5, &all));
}
