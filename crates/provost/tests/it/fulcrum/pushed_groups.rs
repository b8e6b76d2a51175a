//! Push groups: pushed ones are managed, and stand beside those made by hand.

use super::{Fulcrum, GROUP, fulcrum, group_by_hand, member, read};
use crate::support::{Answer, encoded, id, members};
use serde_json::{Value, json};

/// Asks to make a group as the identity provider does: without members.
fn push(account: &Fulcrum, name: &str) -> Answer {
    let body = json!({
        "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "externalId": format!("ext-{name}"), "displayName": name, "meta": { "resourceType": "Group" },
    });
    account.scim("POST", "/Groups", body)
}

/// How many groups a SCIM client finds under this name.
fn found(account: &Fulcrum, name: &str) -> Value {
    let filter = encoded(&format!("displayName eq \"{name}\""));
    let list = account.scim("GET", &format!("/Groups?excludedAttributes=members&filter={filter}"), Value::Null);
    list.expect(200).json()["totalResults"].clone()
}

/// The organisation's groups: names, and whether they are managed.
fn rows(account: &Fulcrum) -> Vec<(String, bool)> {
    let groups = read(account, "/groups")["items"].as_array().expect("a list").clone();
    let row = |group: &Value| {
        let name = group["display_name"].as_str().expect("a name").to_owned();
        (name, group["managed"].as_bool().expect("a mark"))
    };
    groups.iter().map(row).collect()
}

#[test]
fn u_12_pushed_groups_exist_with_their_members_and_are_marked_managed() {
    let account = fulcrum();
    let mut users = ["ann@b.com", "bob@b.com", "cy@b.com"].map(|name| member(&account, name));
    assert_eq!(found(&account, "Crew"), 0);
    let made = push(&account, "Crew").expect(201).json();
    let group = id(&made);
    assert_eq!((&made["schemas"], &made["externalId"]), (&json!([GROUP]), &json!("ext-Crew")));
    for user in &users {
        let one = json!([{ "op": "Add", "path": "members", "value": [{ "$ref": null, "value": user }] }]);
        assert_eq!(account.patch_group(&group, one).expect(204).text, "");
    }
    users.sort();
    assert_eq!(account.members_of(&group), users);
    let shown = read(&account, &format!("/groups/{group}"));
    assert_eq!((&shown["display_name"], &shown["managed"]), (&json!("Crew"), &json!(true)));
    let listed = read(&account, &format!("/groups/{group}/members"))["items"].as_array().expect("a list").clone();
    let listed: Vec<_> =
        listed.iter().map(|member| (member["type"].clone(), id(member), member["managed"].clone())).collect();
    assert_eq!(listed, users.map(|user| (json!("User"), user, json!(true))));
}

#[test]
fn u_69_a_group_made_over_scim_is_managed_and_names_its_origin() {
    let account = fulcrum();
    let group = id(&push(&account, "Crew").expect(201).json());
    let shown = read(&account, &format!("/groups/{group}"));
    assert_eq!(shown["managed"], true);
    assert_eq!(shown["origin"], json!({ "id": account.app, "name": "SCIM Azure / Entra ID" }));
    assert_eq!(shown["external_id"], "ext-Crew");
    let entry = super::last_entry(&account);
    assert_eq!((&entry["action"], &entry["target_name"]), (&json!("group.create"), &json!("Crew")));
}

#[test]
fn u_70_members_of_a_managed_group_are_managed_at_the_identity_provider() {
    let account = fulcrum();
    let (ann, bob) = (member(&account, "ann@b.com"), member(&account, "bob@b.com"));
    let group = id(&account.group("Crew", &[&ann]));
    let path = format!("/groups/{group}");
    let before = read(&account, &path);
    for change in [
        json!({ "add_members": [bob] }),
        json!({ "remove_members": [ann] }),
        json!({ "display_name": "Gang" }),
        json!({ "display_name": "Gang", "add_members": [bob], "remove_members": [ann] }),
    ] {
        let error = account.api("PATCH", &path, change).refused(409, &["managed by identity provider"]);
        assert!(error["detail"].as_str().is_some_and(|detail| detail.contains("local_edits.groups")), "{error}");
        assert_eq!(super::last_entry(&account)["outcome"], "failure");
    }
    assert_eq!((read(&account, &path), account.members_of(&group)), (before, vec![ann.clone()]));

    let unmanaged = group_by_hand(&account, "Friends", &[]);
    let path = format!("/groups/{unmanaged}");
    account.api("PATCH", &path, json!({ "add_members": [ann, bob], "display_name": "Guests" })).expect(200);
    account.api("PATCH", &path, json!({ "remove_members": [ann] })).expect(200);
    let left = read(&account, &format!("{path}/members"))["items"].clone();
    assert_eq!(left.as_array().map(Vec::len), Some(1), "groups made by hand are the organisation's own");
    assert_eq!((&left[0]["id"], &left[0]["type"]), (&json!(bob), &json!("User")));
}

#[test]
fn u_73_a_managed_and_an_unmanaged_group_may_have_the_same_name() {
    let account = fulcrum();
    let ann = member(&account, "ann@b.com");
    let unmanaged = group_by_hand(&account, "Crew", &[&ann]);
    let managed = id(&push(&account, "Crew").expect(201).json());
    assert_ne!(managed, unmanaged);
    assert_eq!(account.members_of(&managed), Vec::<String>::new(), "its members are not the other's");
    account.scim("DELETE", &format!("/Groups/{managed}"), Value::Null).expect(204);
    assert_eq!(read(&account, &format!("/groups/{unmanaged}/members"))["items"][0]["id"], json!(ann));
}

#[test]
fn u_75_a_pushed_group_of_that_name_is_one_of_several_and_no_error() {
    let account = fulcrum();
    let before = account.audit().len();
    group_by_hand(&account, "Crew", &[]);
    push(&account, "Crew").expect(201);
    group_by_hand(&account, "Crew", &[]);
    let mut rows = rows(&account);
    rows.sort();
    assert_eq!(rows, [("Crew".to_owned(), false), ("Crew".to_owned(), false), ("Crew".to_owned(), true)]);
    assert_eq!(found(&account, "Crew"), 1, "the client's look-up stays unique");
    let log = account.audit();
    let raised = log[..log.len() - before].iter().filter(|entry| entry["severity"] != "INFO");
    assert_eq!(raised.count(), 0, "{log:?}");
}

#[test]
fn u_76_managed_groups_keep_distinct_names() {
    let account = fulcrum();
    let crew = id(&push(&account, "Crew").expect(201).json());
    for name in ["Crew", "crew", "CREW"] {
        let error = push(&account, name).refused(409, &["displayName"]);
        assert_eq!(error["scimType"], "uniqueness", "{name}");
        assert_eq!(found(&account, name), 1, "{name}");
    }
    let other = id(&push(&account, "Drivers").expect(201).json());
    let path = format!("/Groups/{other}");
    let put = json!({ "schemas": [GROUP], "displayName": "Crew" });
    let renames = [
        json!([{ "op": "Replace", "path": "displayName", "value": "Crew" }]),
        json!([{ "op": "replace", "value": { "displayName": "crew", "externalId": "7" } }]),
    ];
    for answer in
        renames.map(|rename| account.patch_group(&other, rename)).into_iter().chain([account.scim("PUT", &path, put)])
    {
        assert_eq!(answer.refused(409, &["displayName"])["scimType"], "uniqueness");
        let group = account.scim("GET", &path, Value::Null).expect(200).json();
        assert_eq!((&group["displayName"], &group["externalId"]), (&json!("Drivers"), &json!("ext-Drivers")));
    }
    account.patch_group(&crew, json!([{ "op": "Replace", "path": "displayName", "value": "CREW" }])).expect(204);
    account.patch_group(&crew, json!([{ "op": "Replace", "path": "displayName", "value": "Pilots" }])).expect(204);
    push(&account, "Crew").expect(201);
    account.scim("DELETE", &path, Value::Null).expect(204);
    push(&account, "Drivers").expect(201);
}

#[test]
fn u_78_a_group_is_no_member_of_a_group() {
    let account = fulcrum();
    let ann = member(&account, "ann@b.com");
    let (outer, inner) = (id(&account.group("Outer", &[&ann])), id(&account.group("Inner", &[])));
    let words = [inner.as_str(), "groups.nested"];
    let both = members(&[&ann, &inner]);
    let body = json!({ "schemas": [GROUP], "displayName": "Third", "members": both });
    let put = json!({ "schemas": [GROUP], "displayName": "Outer", "members": both });
    let typed = json!([{ "value": inner, "type": "Group" }]);
    for answer in [
        account.patch_group(&outer, json!([{ "op": "Add", "path": "members", "value": [{ "value": inner }] }])),
        account.patch_group(&outer, json!([{ "op": "add", "path": "members", "value": typed }])),
        account.patch_group(&outer, json!([{ "op": "replace", "path": "members", "value": both }])),
        account.patch_group(
            &outer,
            json!([{ "op": "replace", "path": "displayName", "value": "New" },
                                           { "op": "add", "value": { "members": [{ "value": inner }] } }]),
        ),
        account.scim("PUT", &format!("/Groups/{outer}"), put),
        account.scim("POST", "/Groups", body),
    ] {
        assert_eq!(answer.refused(400, &words)["scimType"], "invalidValue");
    }
    assert_eq!(account.members_of(&outer), [ann]);
    let names: Vec<String> = rows(&account).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Outer", "Inner"], "nothing has changed");
}
