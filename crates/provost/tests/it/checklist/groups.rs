//! The Group (GRP), with what PATCH does to members.

use super::{
    Case, GROUP, NOBODY, add, ask, check, done, fresh, get, id_of, make_group, make_user, members, patch, remove,
    replace, standard,
};
use crate::support::{Account, Server, encoded};
use serde_json::{Value, json};

fn users(account: &Account, count: usize) -> Vec<String> {
    (0..count).map(|_| id_of(&make_user(account, json!({})))).collect()
}

fn body(ids: &[&str]) -> Value {
    let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
    json!({ "schemas": [GROUP], "displayName": fresh("group"), "members": members })
}

/// The ids of a group's members, sorted.
fn member_ids(account: &Account, group: &str) -> Vec<String> {
    let shown = get(account, &format!("/Groups/{group}"));
    let members = shown["members"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<String> =
        members.iter().map(|member| member["value"].as_str().expect("an id").to_owned()).collect();
    ids.sort();
    ids
}

fn sorted(ids: &[&String]) -> Vec<String> {
    let mut ids: Vec<String> = ids.iter().map(|id| (*id).clone()).collect();
    ids.sort();
    ids
}

#[test]
fn grp_01_the_group_and_its_members() {
    let server = Server::start();
    let account = standard(&server);
    let ids = users(&account, 2);
    let group = done(&account, "POST /Groups", body(&[&ids[0], &ids[1], &ids[0]]));
    assert_eq!((&group["schemas"], &group["meta"]["resourceType"]), (&json!([GROUP]), &json!("Group")), "GRP-01");
    let listed = group["members"].as_array().expect("members");
    assert_eq!(listed.len(), 2, "GRP-08 MOD-30 a member that is sent twice is one: {group}");
    for member in listed {
        let id = member["value"].as_str().expect("GRP-05 the id of a resource");
        assert!(ids.iter().any(|known| known == id));
        assert_eq!(member["$ref"], json!(format!("{}/scim/v2/Users/{id}", account.base)), "GRP-05 GRP-06");
        assert_eq!(member["type"], "User", "GRP-05 GRP-06");
    }
    let same = json!({ "schemas": [GROUP], "displayName": group["displayName"] });
    let rule = "GRP-03 the name of a group is not unique unless the schema says so";
    let schema = get(&account, &format!("/Schemas/{GROUP}"));
    let attributes = schema["attributes"].as_array().expect("attributes");
    let name = attributes.iter().find(|one| one["name"] == "displayName").expect("displayName");
    let expected = if name["uniqueness"] == "none" { "201" } else { "409 uniqueness" };
    check(&account, [(rule, "POST /Groups".to_owned(), same, expected)]);
    assert_eq!(name["required"], true, "GRP-02");
}

/// A group's members, what is done to them, and what is left; or the error.
#[test]
fn grp_04_members_come_and_go_and_are_not_edited() {
    let server = Server::start();
    let account = standard(&server);
    let ids = users(&account, 3);
    let [one, two, three] = &ids[..] else { panic!("three users") };
    let of = |id: &str| format!("members[value eq \"{id}\"]");
    let by_uri = format!("members[$ref eq \"{}/scim/v2/Users/{one}\"]", account.base);
    let value = |ids: &[&String]| Value::from(ids.iter().map(|id| json!({ "value": id })).collect::<Vec<_>>());
    let all = "members";
    type Case<'a> = (&'a str, Vec<&'a String>, Value, Result<Vec<&'a String>, &'a str>);
    let cases: Vec<Case<'_>> = vec![
        ("GRP-04 PAT-36 add one", vec![one], add(all, value(&[two])), Ok(vec![one, two])),
        ("PAT-36 a single object", vec![one], add(all, json!({ "value": two })), Ok(vec![one, two])),
        ("PAT-37 add again", vec![one], add(all, value(&[one])), Ok(vec![one])),
        (
            "PAT-38 GRP-08 compared by value",
            vec![one],
            add(all, json!([{ "value": one, "type": "User" }])),
            Ok(vec![one]),
        ),
        ("PAT-45 remove by filter", vec![one, two], remove(&of(one)), Ok(vec![two])),
        ("PAT-48 GRP-04 remove no member", vec![one], remove(&of(two)), Ok(vec![one])),
        ("PAT-48 remove nobody", vec![one], remove(&of(NOBODY)), Ok(vec![one])),
        ("PAT-44 remove all", vec![one, two], remove(all), Ok(vec![])),
        (
            "PIT-07 PAT-51 remove with a value",
            vec![one, two],
            json!({ "op": "remove", "path": all, "value": value(&[one]) }),
            Ok(vec![two]),
        ),
        ("PAT-54 replace all", vec![one, two], replace(all, value(&[two, three])), Ok(vec![two, three])),
        ("PAT-61 replace by nothing", vec![one, two], replace(all, json!([])), Ok(vec![])),
        (
            "PAT-32 without path",
            vec![one],
            json!({ "op": "add", "value": { "members": value(&[two]) } }),
            Ok(vec![one, two]),
        ),
        ("PIT-19 in another case", vec![one], add("MEMBERS", value(&[two])), Ok(vec![one, two])),
        ("PIT-19 qualified", vec![one], add(&format!("{GROUP}:members"), value(&[two])), Ok(vec![one, two])),
        ("GRP-04 edit a member", vec![one], replace(&format!("{}.value", of(one)), json!(two)), Err("400 mutability")),
        (
            "CHR-05 the value as it is",
            vec![one],
            replace(&format!("{}.value", of(one)), json!(one)),
            Err("400 mutability"),
        ),
        ("CHR-25 add nobody", vec![one], add(all, json!([{ "value": NOBODY }])), Err("400 invalidValue")),
        ("GRP-04 replace no member", vec![one], replace(&of(two), json!({ "value": three })), Err("400 mutability")),
        (
            "GRP-04 a part of no member",
            vec![one],
            replace(&format!("{}.type", of(two)), json!("User")),
            Err("400 mutability"),
        ),
        ("PIT-22 MOD-03 $ref in a path", vec![one], remove(&by_uri), Ok(vec![])),
        ("GRP-02 PAT-47 the name stays", vec![one], remove("displayName"), Err("400 mutability")),
    ];
    for (name, start, operation, expected) in cases {
        let start: Vec<&str> = start.into_iter().map(String::as_str).collect();
        let group = make_group(&account, &start);
        let before = member_ids(&account, &group);
        let answer = ask(&account, &format!("PATCH /Groups/{group}"), patch(json!([operation])));
        match expected {
            Ok(left) => {
                let after = get(&account, &format!("/Groups/{group}"));
                assert_eq!((answer.status, answer.json()), (200, after), "{name}: PAT-10 the whole group");
                assert_eq!(member_ids(&account, &group), sorted(&left), "{name}");
            }
            Err(expected) => {
                assert_eq!(super::outcome(answer), expected, "{name}");
                assert_eq!(member_ids(&account, &group), before, "{name}: PAT-08");
            }
        }
    }
}

#[test]
fn pat_12_a_patch_of_a_group_answers_with_what_is_asked_for() {
    let server = Server::start();
    let account = standard(&server);
    let ids = users(&account, 2);
    let group = make_group(&account, &[&ids[0]]);
    let path = format!("PATCH /Groups/{group}");
    let adding = patch(json!([add("members", json!([{ "value": ids[1] }]))]));
    let named = done(&account, &format!("{path}?attributes=displayName"), adding.clone());
    assert_eq!(members(&named), ["displayName", "id", "schemas"], "PAT-12 PRJ-01");
    let without = done(&account, &format!("{path}?excludedAttributes=members"), adding.clone());
    assert_eq!(members(&without), ["displayName", "id", "meta", "schemas"], "PAT-13");
    let policy = json!({ "groups": { "patch_answer": "no_content" } });
    account.api("PUT", "/policy", policy).expect(200);
    let plain = ask(&account, &path, adding).expect(204);
    assert_eq!(plain.text, "", "PAT-11");
    let read = ask(&account, &format!("GET /Groups/{group}"), Value::Null).expect(200);
    assert_eq!(plain.header("etag"), read.header("etag"), "ETG-02 the tag comes with 204 too");
}

#[test]
fn put_of_a_group() {
    let server = Server::start();
    let account = standard(&server);
    let ids = users(&account, 3);
    let group = make_group(&account, &[&ids[0], &ids[1]]);
    let path = format!("PUT /Groups/{group}");
    let named = |more: Value| {
        let mut body = json!({ "schemas": [GROUP], "displayName": "Guides" });
        super::merge(&mut body, more);
        body
    };
    done(&account, &path, named(json!({})));
    assert_eq!(member_ids(&account, &group), sorted(&[&ids[0], &ids[1]]), "PUT-14 membership does not end by omission");
    done(&account, &path, named(json!({ "members": [{ "value": ids[2] }] })));
    assert_eq!(member_ids(&account, &group), sorted(&[&ids[2]]), "PUT-02 members are replaced");
    done(&account, &path, named(json!({ "members": [] })));
    assert_eq!(member_ids(&account, &group), Vec::<String>::new(), "PUT-04");
    check(&account, [("PUT-07 CHR-15 a group without name", path, json!({ "schemas": [GROUP] }), "400 invalidValue")]);
}

#[test]
fn grp_05_groups_may_nest_and_never_in_a_circle() {
    let server = Server::start();
    let account = standard(&server);
    let user = users(&account, 1).remove(0);
    let inner = make_group(&account, &[&user]);
    let outer = make_group(&account, &[&inner]);
    let member = get(&account, &format!("/Groups/{outer}"))["members"][0].clone();
    assert_eq!((&member["value"], &member["type"]), (&json!(inner), &json!("Group")), "GRP-05");
    assert_eq!(member["$ref"], json!(format!("{}/scim/v2/Groups/{inner}", account.base)), "GRP-06");
    let mut groups = get(&account, &format!("/Users/{user}"))["groups"].as_array().expect("groups").clone();
    groups.sort_by_key(|group| group["type"].as_str().map(str::to_owned));
    let shown: Vec<(&Value, &Value)> = groups.iter().map(|group| (&group["value"], &group["type"])).collect();
    assert_eq!(shown, [(&json!(inner), &json!("direct")), (&json!(outer), &json!("indirect"))], "USR-21");
    let into = |group: &str, member: &str| -> (String, Value) {
        (format!("PATCH /Groups/{group}"), patch(json!([add("members", json!([{ "value": member }]))])))
    };
    for (name, (request, body)) in
        [("GRP-09 itself", into(&inner, &inner)), ("GRP-09 through another", into(&inner, &outer))]
    {
        check(&account, [(name, request, body, "400 invalidValue")]);
    }
}

#[test]
fn grp_10_who_is_deleted_leaves_every_group() {
    let server = Server::start();
    let account = standard(&server);
    let ids = users(&account, 2);
    let group = make_group(&account, &[&ids[0], &ids[1]]);
    let read = || ask(&account, &format!("GET /Groups/{group}"), Value::Null).expect(200);
    let before = read();
    ask(&account, &format!("DELETE /Users/{}", ids[0]), Value::Null).expect(204);
    let after = read();
    assert_eq!(member_ids(&account, &group), sorted(&[&ids[1]]), "GRP-10 DEL-08");
    assert_ne!(before.header("etag"), after.header("etag"), "GRP-10 the group has changed");
    let time = |answer: &crate::support::Answer| {
        answer.json()["meta"]["lastModified"].as_str().expect("a time").parse::<jiff::Timestamp>().expect("a time")
    };
    assert!(time(&after) > time(&before), "GRP-10");
    let found = get(&account, &format!("/Groups?filter={}", encoded(&format!("members.value eq \"{}\"", ids[0]))));
    assert_eq!(found["totalResults"], 0, "GRP-10");
}

#[test]
fn filters_on_members() {
    let server = Server::start();
    let account = standard(&server);
    let ids = users(&account, 2);
    let (first, second, empty) =
        (make_group(&account, &[&ids[0]]), make_group(&account, &[&ids[0], &ids[1]]), make_group(&account, &[]));
    let cases: Vec<(&str, String, Vec<&String>)> = vec![
        ("FLT-19 members.value", format!("members.value eq \"{}\"", ids[0]), vec![&first, &second]),
        ("FLT-19 members[value]", format!("members[value eq \"{}\"]", ids[1]), vec![&second]),
        ("FLT-22 members", format!("members eq \"{}\"", ids[1]), vec![&second]),
        ("FLT-28 members pr", "members pr".to_owned(), vec![&first, &second]),
        ("FLT-28 not members pr", "not (members pr)".to_owned(), vec![&empty]),
        ("PIT-22 MOD-03 $ref", "members[$ref pr]".to_owned(), vec![&first, &second]),
        ("FLT-19 nobody", format!("members.value eq \"{NOBODY}\""), vec![]),
    ];
    for (name, filter, expected) in cases {
        let list = get(&account, &format!("/Groups?filter={}", encoded(&filter)));
        let mut found = super::column(&list, "id");
        found.sort();
        assert_eq!(found, sorted(&expected), "{name}");
    }
    let query = format!("/Groups?excludedAttributes=members&filter={}", encoded("displayName sw \"group\""));
    let list = get(&account, &query);
    assert_eq!(list["totalResults"], 3, "PIT-08");
    assert_eq!(list["Resources"][0].get("members"), None, "PIT-08");
}

#[test]
fn what_a_group_refuses() {
    let server = Server::start();
    let account = standard(&server);
    let user = users(&account, 1).remove(0);
    let with = |members: Value| json!({ "schemas": [GROUP], "displayName": fresh("group"), "members": members });
    let post = || "POST /Groups".to_owned();
    let cases: Vec<Case<'static>> = vec![
        ("MOD-25 members are an array", post(), with(json!("x")), "400 invalidValue"),
        ("MOD-25 of objects", post(), with(json!([1])), "400 invalidValue"),
        ("CHR-16 a member needs its value", post(), with(json!([{ "type": "User" }])), "400 invalidValue"),
        ("GRP-07 another type", post(), with(json!([{ "value": user, "type": "Group" }])), "400 invalidValue"),
        ("GRP-02 no name", post(), json!({ "schemas": [GROUP], "members": [] }), "400 invalidValue"),
        ("GRP-02 a blank name", post(), json!({ "schemas": [GROUP], "displayName": " " }), "400 invalidValue"),
    ];
    check(&account, cases);
}
