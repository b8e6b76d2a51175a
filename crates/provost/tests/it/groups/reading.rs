//! What a client reads of groups: parts of them, and those that a filter finds (S-7, S-4).

use super::{GROUP, NOBODY, each, ids, some_users, standard, users};
use crate::support::{Account, encoded, id};
use serde_json::{Value, json};

fn get(account: &Account, path: &str) -> Value {
    account.scim("GET", path, Value::Null).expect(200).json()
}

#[test]
fn s_7_a_group_of_five_hundred_is_looked_up_without_its_members() {
    let account = standard();
    let all = users(&account, 500);
    let made = id(&account.group("G", &each(&all)));
    account.group("H", &each(&all[..1]));
    let filter = encoded("displayName eq \"G\"");
    let search = |excluded: &str| {
        let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]);
        let body = json!({ "schemas": schemas, "filter": "displayName eq \"G\"", "excludedAttributes": [excluded] });
        account.scim("POST", "/Groups/.search", body).expect(200).json()
    };
    for list in [
        get(&account, &format!("/Groups?excludedAttributes=members&filter={filter}")),
        get(&account, &format!("/Groups?filter={filter}&excludedAttributes=MEMBERS")),
        get(&account, &format!("/Groups?filter={filter}&excludedAttributes={}", encoded(&format!("{GROUP}:members")))),
        search("members"),
    ] {
        assert_eq!(ids(&list), [made.as_str()]);
        let group = list["Resources"][0].as_object().expect("a group");
        let mut keys: Vec<&String> = group.keys().collect();
        keys.sort();
        assert_eq!(keys, ["displayName", "id", "meta", "schemas"]);
    }
    let whole = get(&account, &format!("/Groups?filter={filter}"));
    assert_eq!(whole["Resources"][0]["members"].as_array().map(Vec::len), Some(500));
}

#[test]
fn s_7_of_members_only_what_is_asked_for_is_shown() {
    let account = standard();
    let [user] = some_users(&account);
    let made = id(&account.group("Crew", &[&user]));
    let location = format!("{}/scim/v2/Users/{user}", account.base);
    for (query, member) in [
        ("attributes=members", Some(json!({ "value": user, "$ref": location, "type": "User" }))),
        ("attributes=members.value", Some(json!({ "value": user }))),
        ("attributes=members.type", Some(json!({ "type": "User" }))),
        ("attributes=members.$ref", Some(json!({ "$ref": location }))),
        ("attributes=members.value,members.type", Some(json!({ "value": user, "type": "User" }))),
        ("attributes=members.display", None),
        ("attributes=displayName", None),
        ("excludedAttributes=members.$ref", Some(json!({ "value": user, "type": "User" }))),
        ("excludedAttributes=members.$ref,members.type", Some(json!({ "value": user }))),
        ("excludedAttributes=members", None),
    ] {
        let group = get(&account, &format!("/Groups/{made}?{query}"));
        let shown = group.get("members").map(|members| members[0].clone());
        assert_eq!(shown, member, "{query}: {group}");
        assert_eq!(group["id"], json!(made), "{query}");
        let listed = get(&account, &format!("/Groups?{query}"))["Resources"][0].clone();
        assert_eq!(listed, group, "{query}");
    }
}

#[test]
fn s_7_of_groups_only_what_is_asked_for_is_shown() {
    let account = standard();
    let [user] = some_users(&account);
    let made = id(&account.group("Crew", &[&user]));
    let location = format!("{}/scim/v2/Groups/{made}", account.base);
    for (query, group) in [
        ("", Some(json!({ "value": made, "$ref": location, "display": "Crew", "type": "direct" }))),
        ("attributes=groups.display", Some(json!({ "display": "Crew" }))),
        ("attributes=groups.value,groups.type", Some(json!({ "value": made, "type": "direct" }))),
        ("excludedAttributes=groups", None),
        ("attributes=userName", None),
    ] {
        let shown = get(&account, &format!("/Users/{user}?{query}"));
        assert_eq!(shown.get("groups").map(|groups| groups[0].clone()), group, "{query}: {shown}");
    }
}

#[test]
fn s_4_groups_are_found_by_their_members() {
    let account = standard();
    let [one, two, lonely] = some_users(&account);
    let crew = id(&account.group("Crew", &[&one]));
    let gang = id(&account.group("Gang", &[&one, &two]));
    let empty = id(&account.group("Empty", &[]));
    let outer = id(&account.group("Outer", &[&crew]));
    let elsewhere = account.server.account(json!("standard"));
    let [stranger] = some_users(&elsewhere);
    elsewhere.group("Crew", &[&stranger]);
    for (filter, expected) in [
        (format!("members.value eq \"{one}\""), vec![&crew, &gang]),
        (format!("members[value eq \"{one}\"]"), vec![&crew, &gang]),
        (format!("members eq \"{two}\""), vec![&gang]),
        (format!("members.value eq \"{crew}\""), vec![&outer]),
        (format!("members.value eq \"{lonely}\""), vec![]),
        (format!("members.value eq \"{NOBODY}\""), vec![]),
        ("members.value eq \"7\"".to_owned(), vec![]),
        (format!("displayName eq \"gang\" and members.value eq \"{one}\""), vec![&gang]),
        (format!("members[value eq \"{one}\"] and displayName eq \"Gang\""), vec![&gang]),
        (format!("displayName sw \"C\" and members.value eq \"{two}\""), vec![]),
        (format!("id eq \"{gang}\" and members eq \"{two}\""), vec![&gang]),
        (format!("id eq \"{crew}\" and members eq \"{two}\""), vec![]),
        (format!("members.value eq \"{one}\" and members.value eq \"{two}\""), vec![&gang]),
        (format!("members.value eq \"{two}\" or members.value eq \"{crew}\""), vec![&gang, &outer]),
        (format!("displayName eq \"Empty\" or members.value eq \"{two}\""), vec![&empty, &gang]),
        (format!("not (members.value eq \"{one}\")"), vec![&empty, &outer]),
        (format!("members pr and not (members eq \"{one}\")"), vec![&outer]),
        ("not (members pr)".to_owned(), vec![&empty]),
        (format!("members[value eq \"{one}\" and type eq \"User\"]"), vec![&crew, &gang]),
        (format!("members[type eq \"user\" and value eq \"{one}\"]"), vec![&crew, &gang]),
        (format!("members[value eq \"{one}\" and type eq \"Group\"]"), vec![]),
        (format!("members[type eq \"Group\" and value eq \"{crew}\"]"), vec![&outer]),
        (format!("members[value eq \"{crew}\" and type eq \"User\"]"), vec![]),
        (format!("members[value eq \"{crew}\" and not (type eq \"User\")]"), vec![&outer]),
        (format!("members[(value eq \"{one}\" or value eq \"{crew}\") and type eq \"Group\"]"), vec![&outer]),
        (format!("members[value eq \"{one}\" and value eq \"{two}\"]"), vec![]),
        (format!("members[value eq \"{one}\" and type eq \"User\"] and displayName eq \"gang\""), vec![&gang]),
        (format!("not (members[value eq \"{one}\" and type eq \"User\"])"), vec![&empty, &outer]),
        (format!("members[value eq \"{NOBODY}\" and type eq \"User\"]"), vec![]),
        ("members[value eq \"7\" and type eq \"User\"]".to_owned(), vec![]),
        (format!("members[value eq \"{stranger}\" and type eq \"User\"]"), vec![]),
    ] {
        let list = get(&account, &format!("/Groups?filter={}", encoded(&filter)));
        let mut expected: Vec<String> = expected.into_iter().cloned().collect();
        expected.sort();
        assert_eq!(ids(&list), expected, "{filter}");
        let without = get(&account, &format!("/Groups?attributes=id&filter={}", encoded(&filter)));
        assert_eq!(ids(&without), expected, "{filter}: without members");
    }
    for filter in [
        "members.value co \"7\"",
        "members.display eq \"x\"",
        "members[value sw \"0\"]",
        "members[type eq \"User\"]",
        "members[value eq \"7\" or type eq \"User\"]",
    ] {
        let error = account.scim("GET", &format!("/Groups?filter={}", encoded(filter)), Value::Null).error(400);
        assert_eq!(error["scimType"], "invalidFilter", "{filter}");
    }
}

#[test]
fn s_4_users_are_found_by_their_groups() {
    let account = standard();
    let [one, two, lonely] = some_users(&account);
    let crew = id(&account.group("Crew", &[&one]));
    let gang = id(&account.group("Gang", &[&one, &two]));
    account.patch(&two, json!([{ "op": "replace", "path": "active", "value": false }])).expect(200);
    for (filter, expected) in [
        (format!("groups.value eq \"{crew}\""), vec![&one]),
        (format!("groups.value eq \"{gang}\""), vec![&one, &two]),
        (format!("groups[value eq \"{gang}\"]"), vec![&one, &two]),
        (format!("groups.value eq \"{gang}\" and active eq true"), vec![&one]),
        (format!("active eq false and groups.value eq \"{gang}\""), vec![&two]),
        (format!("groups.value eq \"{crew}\" and groups.value eq \"{gang}\""), vec![&one]),
        (format!("groups.value eq \"{crew}\" or id eq \"{lonely}\""), vec![&one, &lonely]),
        (format!("groups.value eq \"{NOBODY}\""), vec![]),
        ("groups pr".to_owned(), vec![&one, &two]),
        ("not (groups pr)".to_owned(), vec![&lonely]),
    ] {
        let mut expected: Vec<String> = expected.into_iter().cloned().collect();
        expected.sort();
        assert_eq!(ids(&account.find(&filter)), expected, "{filter}");
    }
}

#[test]
fn s_5_a_groups_name_compares_without_regard_to_case_and_its_external_id_with() {
    let account = standard();
    let body = json!({ "schemas": [GROUP], "displayName": "Field Crew", "externalId": "Ab" });
    let made = id(&account.scim("POST", "/Groups", body).expect(201).json());
    for (filter, found) in [
        ("displayName eq \"FIELD crew\"", true),
        ("displayName eq \"Field\"", false),
        ("externalId eq \"Ab\"", true),
        ("externalId eq \"ab\"", false),
        ("externalId eq \"Ab\" and displayName co \"eld\"", true),
    ] {
        let list = get(&account, &format!("/Groups?filter={}", encoded(filter)));
        assert_eq!(ids(&list), if found { vec![made.clone()] } else { vec![] }, "{filter}");
    }
}
