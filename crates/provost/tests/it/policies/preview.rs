//! Who would be affected by another policy.

use super::{by_hand, disable, managed, read, under};
use serde_json::{Value, json};

#[test]
fn s_81_exactly_the_disabled_managed_users_would_be_affected_and_nothing_is_changed() {
    let account = under(json!({ "preset": "standard", "users": { "on_deactivate": "disable" } }));
    let mut disabled: Vec<String> = (0..7).map(|number| managed(&account, &format!("gone{number}@a.com"))).collect();
    (0..3).for_each(|number| drop(managed(&account, &format!("here{number}@a.com"))));
    let unmanaged = by_hand(&account, "by-hand@a.com");
    account.api("PATCH", &format!("/users/{unmanaged}"), json!({ "active": false })).expect(200);
    disabled.iter().for_each(|id| assert_eq!(disable(&account, id), 200));
    let before = read(&account, "/audit/verify");

    let wanted = json!({ "preset": "standard", "users": { "on_deactivate": "remove" } });
    let preview = account.api("POST", "/policy/preview", wanted).expect(200).json();
    let mut affected: Vec<String> = preview["effects"]
        .as_array()
        .expect("a list")
        .iter()
        .inspect(|effect| assert_eq!(effect["field"], json!("users.on_deactivate")))
        .map(|effect| effect["user"].as_str().expect("a user").to_owned())
        .collect();
    affected.sort();
    disabled.sort();
    assert_eq!(affected, disabled);
    assert_eq!((&preview["affected"], &preview["examined"]), (&json!(7), &json!(11)));
    assert_eq!(preview["counts"], json!({ "users.on_deactivate": 7 }));
    assert_eq!(preview["truncated"], json!(false));
    assert_eq!(preview["changes"], json!([{ "field": "users.on_deactivate", "old": "disable", "new": "remove" }]));
    assert_eq!(read(&account, "/audit/verify"), before, "nothing is changed");
    assert_eq!(read(&account, "/policy")["version"], json!(1));
    assert!(disabled.iter().all(|id| account.get(id).status == 200), "nothing until it is confirmed");
}

#[test]
fn s_81_groups_are_affected_when_they_are_switched_off() {
    let account = under(json!("standard"));
    account.group("Key Admins", &[]);
    let wanted = json!({ "preset": "standard", "groups": { "mode": "off" } });
    let preview = account.api("POST", "/policy/preview", wanted).expect(200).json();
    assert_eq!((&preview["affected"], &preview["counts"]["groups.mode"]), (&json!(1), &json!(1)));
    let effect = &preview["effects"][0];
    assert_eq!((&effect["user"], &effect["display_name"]), (&Value::Null, &json!("Key Admins")));
}

#[test]
fn s_81_more_than_a_thousand_effects_are_counted_and_the_first_thousand_listed() {
    let account = under(json!("standard"));
    let operations: Vec<Value> = (0..1_000)
        .map(|number| {
            let user =
                json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": format!("u{number}") });
            json!({ "method": "POST", "path": "/Users", "bulkId": number.to_string(), "data": user })
        })
        .collect();
    let bulk = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
    account.scim("POST", "/Bulk", bulk).expect(200);
    (0..5).for_each(|number| drop(managed(&account, &format!("last{number}"))));
    // Names that are no addresses, in attributes that may not be kept.
    let wanted = json!({ "preset": "standard", "users": { "identifier_format": "email" } });
    let preview = account.api("POST", "/policy/preview", wanted).expect(200).json();
    assert_eq!((&preview["affected"], &preview["truncated"]), (&json!(1_005), &json!(true)));
    assert_eq!(preview["counts"], json!({ "users.identifier_format": 1_005 }));
    assert_eq!(preview["effects"].as_array().expect("a list").len(), 1_000);
}

#[test]
fn s_81_what_could_not_be_put_in_force_is_not_previewed() {
    let account = under(json!("standard"));
    let gone = "01890000-0000-7000-8000-000000000000";
    for (policy, said) in [
        (json!("nothing-like"), "there is no preset"),
        (json!({ "users": { "no_such_field": 1 } }), "no_such_field"),
        (json!({ "roles": { "default": gone } }), "roles.default"),
    ] {
        let refused = account.api("POST", "/policy/preview", policy).expect(400).json();
        assert!(refused["detail"].as_str().expect("a sentence").contains(said), "{refused}");
    }
}
