//! Groups that administrators make and change over the management API (U-70, C12).

use super::{NOBODY, join, read, some_users, standard, under, users};
use crate::support::{Account, id};
use serde_json::{Value, json};

/// The members that the management API lists, page by page.
fn listed(account: &Account, group: &str, limit: usize) -> Vec<Value> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = read(account, &format!("/groups/{group}/members?limit={limit}{cursor}"));
        all.extend(page["items"].as_array().expect("a list").clone());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

#[test]
fn a_group_made_by_hand_is_unmanaged_and_its_members_come_and_go() {
    let account = standard();
    let [one, two] = some_users(&account);
    let inner = id(&account.api("POST", "/groups", json!({ "display_name": "Inner" })).expect(201).json());
    let new = json!({ "display_name": "Crew", "members": [one, inner] });
    let made = account.api("POST", "/groups", new).expect(201);
    let crew = id(&made.json());
    assert_eq!(made.header("location"), format!("{}/api/v1/accounts/{}/groups/{crew}", account.base, account.id));
    let shown = read(&account, &format!("/groups/{crew}"));
    assert_eq!((&shown["managed"], &shown["origin"], &shown["version"]), (&json!(false), &Value::Null, &json!(1)));
    let mut expected = vec![json!({ "id": one, "type": "User" }), json!({ "id": inner, "type": "Group" })];
    expected.sort_by_key(|member| member["id"].to_string());
    let members = listed(&account, &crew, 1);
    let shown: Vec<Value> = members.iter().map(|one| json!({ "id": one["id"], "type": one["type"] })).collect();
    assert_eq!(shown, expected);
    assert!(members.iter().all(|one| one["name"].is_string()), "{members:?}");

    let change = json!({ "display_name": "Gang", "add_members": [two], "remove_members": [inner] });
    let changed = account.api("PATCH", &format!("/groups/{crew}"), change).expect(200).json();
    assert_eq!((&changed["display_name"], &changed["version"]), (&json!("Gang"), &json!(2)));
    assert_eq!(account.members_of(&crew), [one, two], "a client sees the same");
    let entry = account.audit()[0].clone();
    assert_eq!((&entry["action"], &entry["actor"]["type"]), (&json!("group.update"), &json!("operator")));
    account.api("DELETE", &format!("/groups/{crew}"), Value::Null).expect(204);
    account.api("GET", &format!("/groups/{crew}/members"), Value::Null).expect(404);
}

#[test]
fn members_are_listed_in_pages() {
    let account = standard();
    let all = users(&account, 25);
    let crew =
        id(&account.api("POST", "/groups", json!({ "display_name": "Crew", "members": all })).expect(201).json());
    for limit in [1, 10, 25, 200] {
        let ids: Vec<String> = listed(&account, &crew, limit).iter().map(id).collect();
        assert_eq!(ids, all, "{limit}");
    }
}

#[test]
fn what_the_management_api_refuses_of_members() {
    let account = standard();
    let foreign = some_users::<1>(&account.server.account(json!("standard")))[0].clone();
    let [user] = some_users(&account);
    let crew =
        id(&account.api("POST", "/groups", json!({ "display_name": "Crew", "members": [user] })).expect(201).json());
    let path = format!("/groups/{crew}");
    let too_many: Vec<String> = vec![NOBODY.to_owned(); 1_001];
    for (name, body) in [
        ("nobody", json!({ "add_members": [NOBODY] })),
        ("another account's user", json!({ "display_name": "New", "add_members": [foreign] })),
        ("no id", json!({ "add_members": ["7"] })),
        ("too many", json!({ "add_members": too_many })),
        ("itself", json!({ "add_members": [crew] })),
        ("an unknown field", json!({ "members": [user] })),
        ("no name", json!({ "display_name": " " })),
    ] {
        let answer = account.api("PATCH", &path, body);
        assert_eq!(answer.status, 400, "{name}: {}", answer.text);
        assert_eq!(read(&account, &path)["version"], 1, "{name}");
    }
    account.api("POST", "/groups", json!({ "display_name": "Gang", "members": [foreign] })).refused(400, &[&foreign]);
    assert_eq!(read(&account, "")["counts"]["groups"], 1);
    account.api("PATCH", &path, json!({ "remove_members": [NOBODY] })).expect(200);
    assert_eq!(account.members_of(&crew), [user]);
}

#[test]
fn u_70_a_managed_group_is_changed_by_hand_only_where_the_policy_allows_it() {
    for (edits, status) in [("allow_override", 200), ("lock", 409)] {
        let account = under(json!({ "preset": "standard", "local_edits": { "groups": edits } }));
        let [one, two] = some_users(&account);
        let made = id(&account.group("Crew", &[&one]));
        let path = format!("/groups/{made}");
        for change in
            [json!({ "add_members": [two] }), json!({ "remove_members": [one] }), json!({ "display_name": "Gang" })]
        {
            let answer = account.api("PATCH", &path, change.clone());
            assert_eq!(answer.status, status, "{edits} {change}: {}", answer.text);
        }
        let (name, members) = if status == 200 { ("Gang", vec![two.clone()]) } else { ("Crew", vec![one.clone()]) };
        assert_eq!(
            (&read(&account, &path)["display_name"], account.members_of(&made)),
            (&json!(name), members),
            "{edits}"
        );
        account.patch_group(&made, join(&[&one, &two])).expect(200);
        assert_eq!(account.members_of(&made), [one, two], "{edits}: the client goes on");
    }
}

#[test]
fn a_group_made_by_hand_is_linked_by_the_first_client_that_writes_to_it() {
    let account = standard();
    let [user] = some_users(&account);
    let crew = id(&account.api("POST", "/groups", json!({ "display_name": "Crew" })).expect(201).json());
    account.patch_group(&crew, join(&[&user])).expect(200);
    let shown = read(&account, &format!("/groups/{crew}"));
    assert_eq!((&shown["managed"], &shown["origin"]["id"]), (&json!(true), &json!(account.app)));

    let apart = under(json!({ "preset": "standard", "users": { "existing": "conflict" } }));
    let [user] = some_users(&apart);
    let crew = id(&apart.api("POST", "/groups", json!({ "display_name": "Crew" })).expect(201).json());
    apart.patch_group(&crew, join(&[&user])).refused(403, &["users.existing"]);
    assert_eq!(apart.members_of(&crew), Vec::<String>::new());
}
