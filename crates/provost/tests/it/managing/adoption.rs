//! Adoption and release.

use super::{apart, by_hand};
use crate::support::id;
use serde_json::{Value, json};

#[test]
fn s_38_a_user_is_released_and_adopted_with_a_reason() {
    let account = apart();
    let ann = id(&account.create(json!({ "userName": "ann@a.com", "externalId": "7" })));
    let release = format!("/users/{ann}/release");
    let released = account.api("POST", &release, json!({ "reason": "leaves the pilot" })).expect(200).json();
    assert_eq!((&released["managed"], &released["origin"]), (&json!(false), &Value::Null));
    let entry = &account.audit()[0];
    assert_eq!((&entry["action"], &entry["target"]["id"]), (&json!("user.release"), &json!(ann)));
    assert_eq!(entry["changes"][0]["new"], json!("leaves the pilot"));
    account.get(&ann).error(404);
    assert_eq!(account.find("userName eq \"ann@a.com\"")["totalResults"], json!(0));

    let adopt = format!("/users/{ann}/adopt");
    let body = json!({ "admin_app": account.app, "reason": "is back" });
    let adopted = account.api("POST", &adopt, body).expect(200).json();
    assert_eq!((&adopted["managed"], &adopted["origin"]["id"]), (&json!(true), &json!(account.app)));
    assert_eq!(adopted["user_name"], json!("ann@a.com"), "the sign-in name is what it was");
    assert_eq!(account.audit()[0]["action"], json!("user.adopt"));
    assert_eq!(account.get(&ann).expect(200).json()["externalId"], json!("7"));
}

#[test]
fn s_38_what_cannot_be_is_refused_and_recorded() {
    let account = apart();
    let (ann, bob) = (id(&account.create(json!({ "userName": "ann@a.com" }))), by_hand(&account, "bob@a.com"));
    let nobody = "01890000-0000-7000-8000-000000000000";
    let app = json!(account.app);
    let cases = [
        (
            "a user who is managed already",
            format!("/users/{ann}/adopt"),
            json!({ "admin_app": app, "reason": "x" }),
            409,
        ),
        ("a user who is not managed", format!("/users/{bob}/release"), json!({ "reason": "x" }), 409),
        ("without a reason", format!("/users/{bob}/adopt"), json!({ "admin_app": app }), 400),
        ("a blank reason", format!("/users/{bob}/adopt"), json!({ "admin_app": app, "reason": " " }), 400),
        ("a reason of several lines", format!("/users/{ann}/release"), json!({ "reason": "a\nb" }), 400),
        ("a long reason", format!("/users/{ann}/release"), json!({ "reason": "x".repeat(1_001) }), 400),
        ("an unknown app", format!("/users/{bob}/adopt"), json!({ "admin_app": nobody, "reason": "x" }), 404),
        ("no app", format!("/users/{bob}/adopt"), json!({ "admin_app": "x", "reason": "x" }), 400),
        ("an unknown user", format!("/users/{nobody}/release"), json!({ "reason": "x" }), 404),
        ("no user", "/users/x/release".to_owned(), json!({ "reason": "x" }), 404),
    ];
    let count = cases.len();
    for (name, path, body, status) in cases {
        assert_eq!(account.api("POST", &path, body).status, status, "{name}");
    }
    let refused = account.audit().into_iter().filter(|entry| entry["outcome"] == "failure").count();
    assert_eq!(refused, count);
    assert_eq!((&account.shown(&ann)["managed"], &account.shown(&bob)["managed"]), (&json!(true), &json!(false)));
}

#[test]
fn s_38_another_accounts_app_adopts_nobody_here() {
    let (ours, theirs) = (apart(), apart());
    let bob = by_hand(&ours, "bob@a.com");
    let body = json!({ "admin_app": theirs.app, "reason": "x" });
    ours.api("POST", &format!("/users/{bob}/adopt"), body.clone()).expect(404);
    theirs.api("POST", &format!("/users/{bob}/release"), json!({ "reason": "x" })).expect(404);
    theirs.api("POST", &format!("/users/{bob}/adopt"), body).expect(404);
}
