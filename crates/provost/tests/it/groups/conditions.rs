//! ETags: the version of a group grows with its members, that of a user shows its groups (S-9).

use super::{GROUP, body, group, join, leave, some_users, standard};
use crate::support::{Account, Answer, id};
use serde_json::{Value, json};

fn tag(account: &Account, path: &str) -> String {
    account.scim("GET", path, Value::Null).expect(200).header("etag").to_owned()
}

/// The number in `W/"7"` or `W/"7-00c0ffee"`.
fn version(tag: &str) -> u64 {
    let inner = tag.strip_prefix("W/\"").and_then(|rest| rest.strip_suffix('"')).expect("a weak tag");
    inner.split('-').next().and_then(|number| number.parse().ok()).expect("a version")
}

#[test]
fn s_9_the_version_of_a_group_grows_when_its_members_change() {
    let account = standard();
    let [one, two] = some_users(&account);
    let made = id(&account.group("Crew", &[]));
    let path = format!("/Groups/{made}");
    let mut before = tag(&account, &path);
    for (name, operations) in [
        ("one joins", join(&[&one])),
        ("another joins", join(&[&two])),
        ("one leaves", leave(&one)),
        ("all are replaced", json!([{ "op": "replace", "path": "members", "value": [{ "value": one }] }])),
        ("all leave", json!([{ "op": "remove", "path": "members" }])),
        ("another name", json!([{ "op": "replace", "path": "displayName", "value": "Gang" }])),
    ] {
        let patched = account.patch_group(&made, operations).expect(200);
        let after = tag(&account, &path);
        assert_eq!(patched.header("etag"), after, "{name}");
        assert!(version(&after) > version(&before), "{name}: {before} {after}");
        let shown = group(&account, &made);
        assert_eq!(shown["meta"]["version"], json!(after), "{name}");
        let unchanged = account.scim_with("GET", &path, &[("if-none-match", &after)], Value::Null).expect(304);
        assert_eq!((unchanged.text.as_str(), unchanged.header("etag")), ("", after.as_str()), "{name}");
        account.scim_with("GET", &path, &[("if-none-match", &before)], Value::Null).expect(200);
        before = after;
    }
    account.patch_group(&made, json!([{ "op": "remove", "path": "members" }])).expect(200);
    assert_eq!(tag(&account, &path), before, "nobody left");
}

#[test]
fn s_9_a_write_that_rests_on_an_old_version_is_refused() {
    let account = standard();
    let [one, two] = some_users(&account);
    let made = id(&account.group("Crew", &[&one]));
    let path = format!("/Groups/{made}");
    let old = tag(&account, &path);
    account.patch_group(&made, join(&[&two])).expect(200);
    let before = group(&account, &made);
    let patch = |operations: Value| json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
    let with = |method: &str, tag: &str, body: Value| account.scim_with(method, &path, &[("if-match", tag)], body);
    for (method, body) in [
        ("PATCH", patch(leave(&one))),
        ("PATCH", patch(json!([{ "op": "replace", "path": "displayName", "value": "Gang" }]))),
        ("PUT", body("Gang", &[])),
        ("DELETE", Value::Null),
    ] {
        with(method, &old, body).error(412);
        assert_eq!(group(&account, &made), before, "{method}");
    }
    let now = tag(&account, &path);
    let patched: Answer = with("PATCH", &now, patch(leave(&one))).expect(200);
    assert_eq!(version(patched.header("etag")), version(&now) + 1);
    with("PATCH", &now, patch(leave(&two))).error(412);
    assert_eq!(account.members_of(&made), [two]);
    with("PUT", patched.header("etag"), json!({ "schemas": [GROUP], "displayName": "Gang" })).expect(200);
    with("DELETE", "*", Value::Null).expect(204);
}

#[test]
fn s_9_a_condition_that_does_not_hold_changes_nothing_in_the_answer() {
    let account = standard();
    let [user] = some_users(&account);
    let inner = id(&account.group("Inner", &[&user]));
    let group = id(&account.group("Outer", &[&inner]));
    for path in [format!("/Users/{user}"), format!("/Users/{user}?attributes=groups"), format!("/Groups/{group}")] {
        let plain = account.scim("GET", &path, Value::Null).expect(200);
        for other in ["W/\"1-00c0ffee\"", "W/\"x\", \"y\""] {
            let shown = account.scim_with("GET", &path, &[("if-none-match", other)], Value::Null).expect(200);
            assert_eq!(shown.text, plain.text, "{path}: {other}");
            for header in ["etag", "location", "content-type"] {
                assert_eq!(shown.header(header), plain.header(header), "{path}: {other}: {header}");
            }
        }
        let unchanged = account.scim_with("GET", &path, &[("if-none-match", plain.header("etag"))], Value::Null);
        assert_eq!(unchanged.expect(304).header("etag"), plain.header("etag"), "{path}");
    }
}

#[test]
fn s_9_the_tag_of_a_user_changes_with_its_groups_and_the_version_does_not() {
    let account = standard();
    let [user] = some_users(&account);
    account.patch(&user, json!([{ "op": "replace", "path": "title", "value": "Pilot" }])).expect(200);
    let path = format!("/Users/{user}");
    let alone = tag(&account, &path);
    assert_eq!(alone, "W/\"2\"");
    let crew = id(&account.group("Crew", &[&user]));
    let mut tags = vec![alone.clone(), tag(&account, &path)];
    account.patch_group(&crew, json!([{ "op": "replace", "path": "displayName", "value": "Gang" }])).expect(200);
    tags.push(tag(&account, &path));
    let other = id(&account.group("Other", &[&user]));
    tags.push(tag(&account, &path));
    for (place, one) in tags.iter().enumerate() {
        assert_eq!(version(one), 2, "{one}");
        assert_eq!(tags.iter().position(|same| same == one), Some(place), "each differs: {tags:?}");
        let digest = one.trim_end_matches('"').split_once('-').map(|(_, digest)| digest);
        match digest {
            None => assert_eq!(place, 0),
            Some(digest) => assert!(digest.len() == 8 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{one}"),
        }
    }
    let shown = account.get(&user).expect(200).json();
    assert_eq!(shown["meta"]["version"], json!(tags[3]));
    account.scim_with("GET", &path, &[("if-none-match", &tags[3])], Value::Null).expect(304);
    account.scim_with("GET", &path, &[("if-none-match", &alone)], Value::Null).expect(200);

    let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]);
    let title = json!({ "schemas": schemas, "Operations": [{ "op": "replace", "path": "title", "value": "Driver" }] });
    let with = |tag: &str| account.scim_with("PATCH", &path, &[("if-match", tag)], title.clone());
    assert_eq!(version(with(&alone).expect(200).header("etag")), 3, "what is written is of the version that was read");
    with(&tags[3]).error(412);
    for group in [crew, other] {
        account.scim("DELETE", &format!("/Groups/{group}"), Value::Null).expect(204);
    }
    assert_eq!(tag(&account, &path), "W/\"3\"");
}
