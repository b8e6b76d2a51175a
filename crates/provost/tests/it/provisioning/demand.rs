//! Provision on demand.

use super::{company, dsm, hire, into_dsm, users};
use serde_json::{Value, json};

#[test]
fn f_5_5_3_one_user_is_provisioned_on_demand_while_the_status_is_off() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    for name in ["ann", "bob"] {
        app.assign(&hire(&company, name), None);
    }
    let shown = app.api("POST", "/provision-on-demand", json!({ "user": "ann@a.com" })).expect(200).json();
    assert_eq!((&shown["action"], &shown["status"]), (&json!("create"), &json!("success")), "{shown}");
    assert_eq!(users(&target), ["ann"]);
    assert_eq!(app.api("GET", "", Value::Null).json()["started"], json!(false));
}

#[test]
fn f_5_5_14_and_f_5_5_15_each_step_is_shown_and_who_is_unknown_or_not_in_scope_is_named() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    app.assign(&hire(&company, "ann"), None);
    hire(&company, "bob");
    let on_demand = |user: &str| app.api("POST", "/provision-on-demand", json!({ "user": user }));
    let shown = on_demand("ann@a.com").expect(200).json();
    let kinds: Vec<&str> =
        shown["steps"].as_array().expect("steps").iter().filter_map(|step| step["type"].as_str()).collect();
    for kind in ["import", "scoping", "matching", "export"] {
        assert!(kinds.contains(&kind), "{kind} in {kinds:?} (S-98)");
    }
    let skipped = on_demand("bob@a.com").expect(200).json();
    assert_eq!((&skipped["status"], users(&target)), (&json!("skipped"), vec!["ann".to_owned()]), "{skipped}");
    let (code, reason) = (&skipped["error"]["code"], skipped["error"]["reason"].as_str().expect("a sentence"));
    assert_eq!(code, &json!("NotEffectivelyEntitled"));
    assert!(reason.contains("not to be at the target") && reason.contains("assigned"), "not in scope: {reason}");
    on_demand("nobody@a.com").refused(400, &["no user of this account has this id or userName"]);
    let of_ann = app.log("&user=ann%40a.com&status=success");
    assert_eq!((of_ann.len(), &of_ann[0]["action"]), (1, &json!("create")), "{of_ann:?}");
}
