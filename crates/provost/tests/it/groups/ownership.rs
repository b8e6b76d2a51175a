//! Whose a group is: the account's, an admin app's; and what the audit log says about it (S-70, F-2.0-7).

use super::{GROUP, NOBODY, body, group, ids, join, leave, read, some_users, standard, under};
use crate::support::{Account, Answer, encoded, id};
use serde_json::{Value, json};

/// Everything that a client can do to one group.
fn ways(account: &Account, group: &str) -> [Answer; 4] {
    let path = format!("/Groups/{group}");
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "Mine" }]);
    [
        account.patch_group(group, rename),
        account.patch_group(group, json!([{ "op": "remove", "path": "members" }])),
        account.scim("PUT", &path, body("Mine", &[])),
        account.scim("DELETE", &path, Value::Null),
    ]
}

#[test]
fn a_group_of_another_account_does_not_exist() {
    let account = standard();
    let neighbour = account.server.account(json!("standard"));
    let [theirs] = some_users(&neighbour);
    let crew = id(&neighbour.group("Crew", &[&theirs]));
    let before = group(&neighbour, &crew);
    let unknown = account.scim("GET", &format!("/Groups/{NOBODY}"), Value::Null).error(404);
    assert_eq!(account.scim("GET", &format!("/Groups/{crew}"), Value::Null).error(404), unknown);
    for answer in ways(&account, &crew) {
        assert_eq!(answer.error(404), unknown);
    }
    for filter in
        [format!("id eq \"{crew}\""), format!("members.value eq \"{theirs}\""), "displayName eq \"Crew\"".to_owned()]
    {
        let list = account.scim("GET", &format!("/Groups?filter={}", encoded(&filter)), Value::Null).expect(200).json();
        assert_eq!(ids(&list), Vec::<String>::new(), "{filter}");
    }
    let users = account.find(&format!("groups.value eq \"{crew}\""));
    assert_eq!(users["totalResults"], 0);
    for (method, path) in [("GET", ""), ("GET", "/members"), ("DELETE", "")] {
        account.api(method, &format!("/groups/{crew}{path}"), Value::Null).expect(404);
    }
    account.group("Crew", &[]);
    assert_eq!(group(&neighbour, &crew), before);
}

#[test]
fn another_apps_group_is_left_alone_where_ownership_is_exclusive() {
    for (ownership, status) in [("exclusive", 403), ("shared", 200)] {
        let entra = under(json!({ "preset": "standard", "credentials": { "ownership": ownership } }));
        let made = entra.api("POST", "/admin-apps", json!({ "name": "SCIM Okta" })).expect(201).json();
        let okta = entra.with_key(made["api_key"].as_str().expect("a key"));
        let [user] = some_users(&entra);
        let crew = id(&entra.group("Crew", &[&user]));
        if status == 403 {
            let before = group(&entra, &crew);
            for answer in ways(&okta, &crew) {
                answer.refused(403, &["`SCIM Entra`", "credentials.ownership"]);
            }
            assert_eq!(group(&entra, &crew), before);
        } else {
            okta.patch_group(&crew, leave(&user)).expect(200);
            assert_eq!(read(&entra, &format!("/groups/{crew}"))["origin"]["name"], "SCIM Okta");
        }
    }
}

/// A write, the status that it must have, and the action that it must leave in the log.
type Write<'a> = (&'a str, Box<dyn Fn() -> Answer + 'a>, u16, &'a str);

#[test]
fn s_70_every_write_to_a_group_leaves_exactly_one_entry() {
    let account = standard();
    let [one, two] = some_users(&account);
    let crew = id(&account.group("Crew", &[&one]));
    let path = format!("/Groups/{crew}");
    let stale = || account.scim_with("DELETE", &path, &[("if-match", "W/\"77\"")], Value::Null);
    let writes: Vec<Write<'_>> = vec![
        ("create", Box::new(|| account.scim("POST", "/Groups", body("Gang", &[&one]))), 201, "group.create"),
        ("a taken name", Box::new(|| account.scim("POST", "/Groups", body("gang", &[]))), 409, "group.create"),
        ("no name", Box::new(|| account.scim("POST", "/Groups", json!({ "schemas": [GROUP] }))), 400, "group.create"),
        ("nobody", Box::new(|| account.scim("POST", "/Groups", body("New", &[NOBODY]))), 400, "group.create"),
        ("join", Box::new(|| account.patch_group(&crew, join(&[&two]))), 200, "group.update"),
        ("join again", Box::new(|| account.patch_group(&crew, join(&[&two]))), 200, "group.update"),
        ("leave", Box::new(|| account.patch_group(&crew, leave(&one))), 200, "group.update"),
        ("a member who is not there", Box::new(|| account.patch_group(&crew, join(&[NOBODY]))), 400, "group.update"),
        (
            "a broken path",
            Box::new(|| account.patch_group(&crew, json!([{ "op": "remove", "path": "a b" }]))),
            400,
            "group.update",
        ),
        ("replace", Box::new(|| account.scim("PUT", &path, body("Crew", &[&one]))), 200, "group.update"),
        ("no group", Box::new(|| account.patch_group(NOBODY, join(&[&one]))), 404, "group.update"),
        ("no id", Box::new(|| account.patch_group("7", join(&[&one]))), 404, "group.update"),
        ("another version", Box::new(stale), 412, "group.delete"),
        ("delete", Box::new(|| account.scim("DELETE", &path, Value::Null)), 204, "group.delete"),
        ("delete again", Box::new(|| account.scim("DELETE", &path, Value::Null)), 404, "group.delete"),
    ];
    for (name, write, status, action) in writes {
        let before = account.audit().len();
        let answer = write();
        assert_eq!(answer.status, status, "{name}: {}", answer.text);
        let log = account.audit();
        assert_eq!(log.len(), before + 1, "{name}: one entry");
        let outcome = if status < 300 { "success" } else { "failure" };
        assert_eq!((&log[0]["action"], &log[0]["outcome"]), (&json!(action), &json!(outcome)), "{name}");
        assert_eq!(log[0]["actor"]["id"], json!(account.app), "{name}");
        if status != 404 && name != "no name" {
            assert_eq!(log[0]["target"]["type"], "group", "{name}: {}", log[0]);
        }
    }
}

#[test]
fn s_70_the_entry_says_who_came_and_who_went() {
    let account = standard();
    let [one, two] = some_users(&account);
    let crew = id(&account.group("Crew", &[&one]));
    let both = json!([join(&[&two])[0], leave(&one)[0], { "op": "replace", "path": "displayName", "value": "Gang" }]);
    account.patch_group(&crew, both).expect(200);
    let entry = account.audit()[0].clone();
    assert_eq!((&entry["target"]["id"], &entry["target_name"]), (&json!(crew), &json!("Crew")));
    let changes = entry["changes"].as_array().expect("changes");
    let changed = |name: &str| {
        changes.iter().find(|change| change["attribute"] == name).map(|change| (&change["old"], &change["new"]))
    };
    assert_eq!(changed("members"), Some((&json!([one]), &json!([two]))), "{entry}");
    assert_eq!(changed("displayName"), Some((&json!("Crew"), &json!("Gang"))), "{entry}");
    let found = read(&account, &format!("/audit?subject={crew}"))["items"].clone();
    assert_eq!(found.as_array().map(Vec::len), Some(2), "{found}");
}
