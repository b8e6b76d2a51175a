//! `/accounts/{account}/activity`, which the chart of the overview is drawn from.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::service::{At, Service, Tenant};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

async fn scene() -> (Service, Tenant) {
    let service = Service::new();
    let ours = service.tenant(json!("standard"), json!(["scim"])).await;
    (service, ours)
}

impl Service {
    async fn activity(&self, tenant: &Tenant, query: &str) -> Value {
        self.done("GET", &format!("{}/activity{query}", tenant.base), Value::Null).await
    }

    /// A user comes over SCIM, or is refused.
    async fn arrives(&self, tenant: &Tenant, name: &str, status: u16) {
        let user = json!({ "schemas": [USER], "userName": name });
        let answer = self.ask(&tenant.key, "POST", "/scim/v2/Users", user).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

/// What was done and refused in each part.
fn bars(activity: &Value) -> Vec<(u64, u64)> {
    let number = |part: &Value, name: &str| part[name].as_u64().unwrap();
    let parts = activity["parts"].as_array().unwrap();
    parts.iter().map(|part| (number(part, "succeeded"), number(part, "failed"))).collect()
}

#[tokio::test]
async fn a_period_has_parts_of_an_hour_six_hours_or_a_day_and_the_last_holds_the_present() {
    let (service, ours) = scene().await;
    for (query, parts, hours) in [
        ("", 24, 1),
        ("?hours=1", 1, 1),
        ("?hours=48", 48, 1),
        ("?hours=49", 9, 6),
        ("?hours=336", 56, 6),
        ("?hours=337", 15, 24),
        ("?hours=720", 30, 24),
    ] {
        let told = service.activity(&ours, query).await;
        let from: Vec<Timestamp> = told["parts"].as_array().unwrap().iter().map(|part| time(&part["from"])).collect();
        assert_eq!((from.len(), from[0]), (parts, time(&told["since"])), "{query}");
        let step = SignedDuration::from_hours(hours);
        assert!(from.windows(2).all(|pair| pair[1].duration_since(pair[0]) == step), "{query}: {from:?}");
        assert_eq!(from[0].as_second() % step.as_secs(), 0, "{query}: they begin at whole hours");
        let now = service.app.now();
        let last = *from.last().unwrap();
        assert!(last <= now && now < last.checked_add(step).unwrap(), "{query}: {last}");
        assert_eq!(bars(&told).last(), Some(&(2, 0)), "{query}: the account and the app were made just now");
    }
}

#[tokio::test]
async fn what_was_done_and_refused_stands_in_the_part_of_its_time_until_it_is_too_old() {
    let (service, ours) = scene().await;
    service.arrives(&ours, "ann@acme.example", 201).await;
    service.clock.advance(SignedDuration::from_hours(2));
    service.arrives(&ours, "bob@acme.example", 201).await;
    service.arrives(&ours, "bob@acme.example", 409).await;
    service.clock.advance(SignedDuration::from_hours(1));
    let told = service.activity(&ours, "?hours=4").await;
    assert_eq!(bars(&told), [(3, 0), (0, 0), (1, 1), (0, 0)]);
    assert_eq!((&told["succeeded"], &told["failed"], &told["complete"]), (&json!(4), &json!(1), &json!(true)));
    assert_eq!(told["actions"]["user.create"], json!({ "succeeded": 2, "failed": 1 }));
    let later = service.activity(&ours, "?hours=2").await;
    assert_eq!(
        (bars(&later), &later["actions"]),
        (vec![(1, 1), (0, 0)], &json!({ "user.create": { "succeeded": 1, "failed": 1 } }))
    );
    service.clock.advance(SignedDuration::from_hours(24));
    let quiet = service.activity(&ours, "").await;
    assert_eq!((&quiet["succeeded"], &quiet["failed"], &quiet["causes"]), (&json!(0), &json!(0), &json!([])));
}

#[tokio::test]
async fn failures_are_told_by_cause_until_the_same_act_succeeds() {
    let (service, ours) = scene().await;
    service.arrives(&ours, "ann@acme.example", 201).await;
    service.arrives(&ours, "ann@acme.example", 409).await;
    service.arrives(&ours, "ann@acme.example", 409).await;
    service.arrives(&ours, " ", 400).await;
    let told = service.activity(&ours, "").await;
    let causes: Vec<(&str, u64)> = told["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cause| (cause.at("/action"), cause["count"].as_u64().unwrap()))
        .collect();
    assert_eq!(causes, [("user.create", 1), ("user.create", 2)], "the newest first");
    let taken = &told["causes"][1];
    assert_eq!(
        (taken.at("/subjects/0/name"), &taken["subject_count"], taken.at("/actor")),
        ("ann@acme.example", &json!(1), "Entra")
    );
    let ann = service.done("GET", &format!("{}/users", ours.base), Value::Null).await["items"][0].at("/id").to_owned();
    service.done("DELETE", &format!("{}/users/{ann}", ours.base), Value::Null).await;
    service.arrives(&ours, "ann@acme.example", 201).await;
    let told = service.activity(&ours, "").await;
    assert_eq!(told["causes"].as_array().unwrap().len(), 1, "{told}");
    assert_eq!(told["failed"], 3, "what is put right was refused all the same");
}

#[tokio::test]
async fn one_app_is_asked_for_and_another_account_is_not_seen() {
    let (service, ours) = scene().await;
    let theirs = service.tenant(json!("standard"), json!(["scim"])).await;
    service.arrives(&ours, "ann@acme.example", 201).await;
    service.arrives(&theirs, "bob@acme.example", 201).await;
    let by = service.activity(&ours, &format!("?app={}", ours.app)).await;
    assert_eq!(
        (&by["succeeded"], &by["actions"]),
        (&json!(1), &json!({ "user.create": { "succeeded": 1, "failed": 0 } }))
    );
    let other = service.activity(&ours, &format!("?app={}", theirs.app)).await;
    assert_eq!(other["succeeded"], 0);
    service
        .check(
            &ours.base,
            [
                ("GET", "/activity?hours=0", Value::Null, "400 `hours` is a number from 1 to 720 "),
                ("GET", "/activity?hours=721", Value::Null, "400 `hours` is a number from 1 to 720 "),
                ("GET", "/activity?app=x", Value::Null, "400 `app` is the id of an admin app "),
                ("GET", "/activity?days=1", Value::Null, "400 "),
            ],
        )
        .await;
    let stranger = service.ask(&ours.key, "GET", &format!("{}/activity", ours.base), Value::Null).await;
    assert_eq!(stranger.status, 403, "a key for SCIM is for SCIM: {}", stranger.text);
}
