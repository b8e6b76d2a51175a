//! The brake on disables and removals.

use crate::fixture::{Fixture, refusal, replace};
use jiff::{SignedDuration, Timestamp};
use provost_accounts::users::{self, Patching, brake};
use provost_change::ResourceId;
use serde_json::json;

fn braked() -> (Fixture, Vec<ResourceId>) {
    let mut fixture = Fixture::new(json!({ "preset": "dsm", "brake": { "changes_per_hour": 2 } }));
    let users = (0..5)
        .map(|number| fixture.post(json!({ "userName": format!("u{number}@acme.example") })).unwrap().id())
        .collect();
    (fixture, users)
}

#[test]
fn s_78_the_brake_holds_further_disables_and_removals_until_an_administrator_lets_them_through() {
    let (mut fixture, users) = braked();
    let disable = replace("active", json!(false));
    fixture.patch(users[0], disable.clone()).unwrap();
    fixture.patch(users[0], disable.clone()).unwrap();
    fixture.delete(users[1]).unwrap();
    let refused = fixture.patch(users[2], disable.clone()).unwrap_err();
    assert_eq!((refused.error.status, refused.field), (429, Some("brake.changes_per_hour")), "P-33");
    assert!(refused.error.detail.contains("`Entra`"), "{}", refused.error.detail);
    assert_eq!(refusal(fixture.delete(users[2])), (429, "brake.changes_per_hour"));
    assert!(fixture.user(users[2]).is_active(), "nothing was changed");
    assert!(fixture.patch(users[2], replace("externalId", json!("e1"))).is_ok(), "other changes go through");
    assert!(fixture.post(json!({ "userName": "new@acme.example" })).is_ok());
    let other = fixture.local("hand@acme.example", &[]).unwrap();
    let removed = users::delete_local(&fixture.config(), &fixture.operator(), &other, false).unwrap();
    assert!(fixture.commit(removed).is_ok(), "administrators are not braked");

    let count = fixture.counts[&brake::count_name(fixture.app, Timestamp::UNIX_EPOCH)];
    assert_eq!(count, 2, "the second request to disable one user changed nothing");
    let released = brake::release(&fixture.config(), &fixture.operator(), fixture.app, count).unwrap();
    fixture.commit(released).unwrap();
    let entry = fixture.log.last().unwrap();
    assert_eq!(
        (entry["action"].as_str(), entry["target"]["type"].as_str()),
        (Some("brake.release"), Some("admin-app"))
    );
    assert!(fixture.patch(users[2], disable.clone()).is_ok() && fixture.patch(users[3], disable.clone()).is_ok());
    assert_eq!(refusal(fixture.patch(users[4], disable)).0, 429, "and then holds again");
}

#[test]
fn the_brake_counts_each_hour_and_each_admin_app_on_its_own() {
    let (mut fixture, users) = braked();
    let disable = replace("active", json!(false));
    for user in &users[..2] {
        fixture.patch(*user, disable.clone()).unwrap();
    }
    let config = fixture.config();
    let body = json!({ "schemas": [provost_scim::urn::PATCH_OP], "Operations": disable });
    let mut call = fixture.entra();
    call.now += SignedDuration::from_hours(1);
    let later = Patching::read(&config, body).unwrap().decide(&config, &call, &fixture.user(users[2])).unwrap();
    assert!(fixture.commit(later).is_ok(), "an hour later");

    let shared = Fixture::new(json!({ "brake": { "changes_per_hour": 0 } }));
    assert_ne!(
        brake::count_name(shared.app, Timestamp::UNIX_EPOCH),
        brake::count_name(ResourceId::new(uuid::Uuid::from_u128(9)), Timestamp::UNIX_EPOCH)
    );
}

#[test]
fn counts_of_hours_that_are_over_are_forgotten() {
    let (mut fixture, users) = braked();
    fixture.delete(users[0]).unwrap();
    let name = brake::count_name(fixture.app, Timestamp::UNIX_EPOCH);
    assert!(brake::forget(&fixture.counts, Timestamp::UNIX_EPOCH).is_none(), "the hour is not over");
    let later = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
    let change = brake::forget(&fixture.counts, later).unwrap();
    assert_eq!(change.counts.len(), 1, "no other count is touched");
    assert_eq!((change.counts[0].name.as_str(), change.counts[0].delta), (name.as_str(), -1));
}
