//! What a brake keeps back: answered as if it were done, listed, released, discarded.

use super::{actions, alerts, environment};
use crate::{
    console::Visitor,
    process::run_with,
    support::{Account, Server, id},
};
use serde_json::{Value, json};

fn held(account: &Account) -> Vec<(String, String)> {
    let listed = account.api("GET", "/held-changes", Value::Null).expect(200).json();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    listed["items"].as_array().expect("a list").iter().map(|one| (text(&one["user_name"]), text(&one["act"]))).collect()
}

#[test]
fn s_78_what_the_brake_keeps_back_is_listed_and_released_or_discarded() {
    let server = Server::start();
    let brake = json!({ "changes_per_hour": 1, "answer": "accept" });
    let account = server.account(json!({ "preset": "standard", "brake": brake }));
    let users: Vec<String> =
        (0..5).map(|number| id(&account.create(json!({ "userName": format!("u{number}@a.com") })))).collect();
    let disable = json!([
        { "op": "replace", "path": "active", "value": false },
        { "op": "replace", "path": "title", "value": "Leaver" },
    ]);
    account.patch(&users[0], disable.clone()).expect(200);
    let answered = account.patch(&users[1], disable.clone()).expect(200).json();
    assert_eq!((&answered["active"], &answered["title"]), (&json!(true), &json!("Leaver")), "the rest is done");
    account.scim("DELETE", &format!("/Users/{}", users[2]), Value::Null).expect(204);
    account.scim("DELETE", &format!("/Users/{}", users[3]), Value::Null).expect(204);
    let waits = |name: &str, act: &str| (name.to_owned(), act.to_owned());
    assert_eq!(
        held(&account),
        [waits("u1@a.com", "disable"), waits("u2@a.com", "remove"), waits("u3@a.com", "remove")]
    );
    assert_eq!(account.shown(&users[1])["held"]["app"]["name"], "SCIM Entra");
    alerts(&account, |causes| ["brake", "held"].iter().all(|cause| causes.iter().any(|raised| raised == cause)));

    let environment = environment(&server);
    let listed = run_with(&["held-change", "list", "--account", &account.id], &environment).exits(0).stdout;
    assert!(listed.contains("u2@a.com") && listed.contains("SCIM Entra"), "{listed}");
    run_with(&["held-change", "release", "u1@a.com", "--account", &account.id], &environment).exits(0);
    assert_eq!(account.get(&users[1]).expect(200).json()["active"], false);
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/held-changes", account.id);
    let page = visitor.open(&place).expect(200);
    page.says("To be removed");
    let page = visitor.send(&page, &format!("{place}/{}/release", users[2]), &[]).expect(200);
    page.says("Change released").does_not_say("u2@a.com");
    account.get(&users[2]).expect(404);
    let page = visitor.send(&page, &format!("{place}/{}/discard", users[3]), &[]).expect(200);
    page.says("Nothing waits");
    assert_eq!(account.get(&users[3]).expect(200).json()["active"], true);
    account.api("POST", &format!("/held-changes/{}/release", users[3]), json!({})).expect(409);
    account.api("POST", &format!("/held-changes/{}/release", account.app), json!({})).expect(404);

    let done = actions(&account);
    for (action, times) in [("user.hold", 3), ("brake.discard", 1), ("user.disable", 2), ("user.delete", 1)] {
        assert_eq!(done.iter().filter(|one| *one == action).count(), times, "{action}: {done:?}");
    }
    alerts(&account, |causes| causes == ["brake"]);
    account.api("POST", &format!("/admin-apps/{}/brake/release", account.app), json!({})).expect(200);
    alerts(&account, <[String]>::is_empty);
}
