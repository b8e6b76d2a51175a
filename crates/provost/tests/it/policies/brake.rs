//! The brake.

use super::{disable, managed, read, under};
use serde_json::{Value, json};

#[test]
fn s_78_the_brake_holds_until_an_administrator_lets_more_through() {
    let account = under(json!({ "preset": "standard", "brake": { "changes_per_hour": 3 } }));
    let users: Vec<String> = (0..8).map(|number| managed(&account, &format!("u{number}@a.com"))).collect();
    let brake = format!("/admin-apps/{}/brake", account.app);
    assert_eq!((&read(&account, &brake)["used"], &read(&account, &brake)["holds"]), (&json!(0), &json!(false)));

    for user in &users[..2] {
        assert_eq!(disable(&account, user), 200);
    }
    account.scim("DELETE", &format!("/Users/{}", users[2]), Value::Null).expect(204);
    let held = account.patch(&users[3], json!([{ "op": "replace", "path": "active", "value": false }]));
    let wait: u32 = held.header("retry-after").parse().expect("whole seconds");
    assert!((3_300..=3_900).contains(&wait), "until the oldest step has left the hour: {wait}");
    let held = held.error(429);
    assert!(held["detail"].as_str().expect("a sentence").contains("brake.changes_per_hour"), "{held}");
    account.scim("DELETE", &format!("/Users/{}", users[3]), Value::Null).error(429);
    assert_eq!(account.get(&users[3]).expect(200).json()["active"], json!(true), "nothing is changed");
    let others = json!([{ "op": "replace", "path": "displayName", "value": "Di" }]);
    account.patch(&users[3], others).expect(200);
    managed(&account, "new@a.com");

    let alert = account.audit().into_iter().find(|entry| entry["outcome"] == "failure").expect("it is recorded");
    assert_eq!(
        (&alert["severity"], &alert["reason"]["policyField"]),
        (&json!("ERROR"), &json!("brake.changes_per_hour"))
    );
    let metrics = crate::support::send(crate::support::request("GET", &format!("{}/metrics", account.base)));
    assert!(metrics.text.lines().any(is_counted), "{}", metrics.text);

    let shown = read(&account, &brake);
    assert_eq!((&shown["limit"], &shown["used"], &shown["holds"]), (&json!(3), &json!(3), &json!(true)));
    let released = account.api("POST", &format!("{brake}/release"), Value::Null).expect(200).json();
    assert_eq!((&released["used"], &released["holds"]), (&json!(0), &json!(false)));
    for user in &users[3..6] {
        assert_eq!(disable(&account, user), 200, "as many again go through");
    }
    assert_eq!(disable(&account, &users[6]), 429);
    let entry = account.audit().into_iter().find(|entry| entry["action"] == "brake.release").expect("it is recorded");
    assert_eq!(entry["changes"][0]["old"], json!(3));
}

/// Whether a line of the metrics says that a brake has held.
fn is_counted(line: &str) -> bool {
    let count = line.strip_prefix("provost_brake_refusals_total ").and_then(|count| count.parse::<u64>().ok());
    count.is_some_and(|count| count >= 2)
}

#[test]
fn s_78_each_admin_app_has_a_brake_of_its_own_and_an_unknown_one_none() {
    let account = under(json!({ "preset": "standard", "brake": { "changes_per_hour": 1 } }));
    let second = account.api("POST", "/admin-apps", json!({ "name": "Okta" })).expect(201).json();
    let okta = account.with_key(second["api_key"].as_str().expect("a key"));
    let users: Vec<String> = (0..3).map(|number| managed(&account, &format!("u{number}@a.com"))).collect();
    assert_eq!((disable(&account, &users[0]), disable(&account, &users[1])), (200, 429));
    assert_eq!((disable(&okta, &users[1]), disable(&okta, &users[2])), (200, 429));
    for path in ["/admin-apps/x/brake", "/admin-apps/01890000-0000-7000-8000-000000000000/brake"] {
        account.api("GET", path, Value::Null).expect(404);
        account.api("POST", &format!("{path}/release"), Value::Null).expect(404);
    }
    let unlimited = under(json!("standard"));
    let shown = read(&unlimited, &format!("/admin-apps/{}/brake", unlimited.app));
    assert_eq!((&shown["limit"], &shown["holds"]), (&Value::Null, &json!(false)));
}
