//! Plans in the console: made, reviewed, applied.

use super::enterprise_apps::connected;
use crate::provisioning::{hire, users};
use serde_json::{Value, json};

#[test]
fn a_plan_is_shown_by_equal_change_and_applied_exactly() {
    let sending = connected();
    let people = ["ann", "bob"].map(|name| sending.assign(&hire(&sending.company, name)));
    let page = sending.open("/plan");
    let plan = sending.send(&page, "/plan", &[]).expect(200);
    plan.says("Create 2").says("Apply 2 changes").says("ann@a.com");
    let ask = sending.send(&plan, "/plan/review", &[]).expect(200);
    ask.says("2 objects are written at DSM");
    assert!(users(&sending.target).is_empty());
    sending.send(&ask, "/plan/apply", &[]).expect(200).says("Plan applied: 2 objects applied");
    assert_eq!(users(&sending.target), ["ann", "bob"]);
    for one in people {
        sending.company.api("DELETE", &format!("{}/assignments/{one}", sending.path), Value::Null).expect(204);
    }
    sending.company.api("PATCH", &sending.path, json!({ "accidental_deletion_threshold": 1 })).expect(200);
    let page = sending.open("/plan");
    let plan = sending.send(&page, "/plan", &[]).expect(200);
    plan.says("2 users and groups would lose access. Your threshold is 1.").says("2 objects");
    plan.says("It is not assigned to the app.");
    // What has changed meanwhile is not done.
    sending.assign("ann@a.com");
    let ask = sending.send(&plan, "/plan/review", &[]).expect(200);
    sending.send(&ask, "/plan/apply", &[]).expect(409).says("nothing was done");
}
