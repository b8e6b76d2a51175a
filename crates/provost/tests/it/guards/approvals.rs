//! The removal of an approver: asked, approved and denied over the API, on the command line and in the console.

use super::{actions, environment};
use crate::{
    console::{Browser, access},
    process::run_with,
    support::{Account, Server},
};
use serde_json::{Value, json};

const NAMES: [&str; 3] = ["ann@acme.example", "bob@acme.example", "cid@acme.example"];

/// An account of three approvers, two of whom are enough, in which their removal waits.
fn account(server: &Server) -> (Account, Vec<String>) {
    let policy = json!({ "preset": "dsm", "quorum_member": "suspend", "users": { "verification_mail": "none" } });
    let account = server.account(policy);
    let users: Vec<String> = NAMES.iter().map(|name| access::person(server, &account, name, "ACCOUNTMEMBER")).collect();
    let members: Vec<Value> = users.iter().map(|user| json!({ "user": user })).collect();
    account.api("PUT", "/quorum-policy", json!({ "quorum": { "n": 2, "members": members } })).expect(200);
    (account, users)
}

fn request(account: &Account, user: &str) -> Value {
    account.api("GET", &format!("/approval-requests/{user}"), Value::Null).expect(200).json()
}

/// The path and the fields of a form that says a word.
fn say(browser: &Browser, account: &Account, user: &str, verdict: &str) -> u16 {
    let page = format!("/console/accounts/{}/approval-requests", account.id);
    browser.submit(&page, &format!("{page}/{user}/{verdict}"), &[]).status
}

#[test]
fn the_other_approvers_approve_a_removal_in_the_console_and_the_user_goes() {
    let server = Server::start();
    let (account, users) = account(&server);
    let bob = access::signed_in(&server, &account, NAMES[1]);
    let cid = access::signed_in(&server, &account, NAMES[2]);
    account.scim("DELETE", &format!("/Users/{}", users[0]), Value::Null).expect(204);
    account.get(&users[0]).expect(404);
    let open = request(&account, &users[0]);
    assert_eq!((&open["state"], &open["user_name"]), (&json!("open"), &json!(NAMES[0])));
    assert_eq!((&open["proposer"]["kind"], &open["proposer"]["name"]), (&json!("app"), &json!("SCIM Entra")));

    let path = format!("/approval-requests/{}/approve", users[0]);
    let digest = json!({ "digest": open["digest"] });
    account.api("POST", &path, digest.clone()).refused(403, &["only approvers"]);
    account.api("POST", &path, json!({ "digest": "x" })).expect(409);
    assert_eq!(say(&bob, &account, &users[0], "approve"), 303);
    assert_eq!(request(&account, &users[0])["votes"][0]["by"]["name"], NAMES[1]);
    assert_eq!(say(&cid, &account, &users[0], "approve"), 303);
    assert_eq!(request(&account, &users[0])["state"], "approved");
    account.api("GET", &format!("/users/{}", users[0]), Value::Null).expect(404);
    let tree = account.api("GET", "/quorum-policy", Value::Null).expect(200).text;
    assert!(!tree.contains(&users[0]) && tree.contains(&users[1]), "{tree}");
    account.api("POST", &path, digest).expect(409);
    let done = actions(&account);
    for action in ["user.suspend", "approval.request", "approval.vote_approve", "approval.approve", "user.delete"] {
        assert_eq!(
            done.iter().filter(|one| *one == action).count(),
            if action == "approval.approve" { 4 } else { 1 },
            "{action}: {done:?}"
        );
    }
}

#[test]
fn a_removal_is_proposed_by_hand_and_denied() {
    let server = Server::start();
    let (account, users) = account(&server);
    account.api("DELETE", &format!("/users/{}", users[0]), Value::Null).expect(409);
    let environment = environment(&server);
    let of = ["--account", account.id.as_str()];
    let proposed = run_with(&[&["approval", "propose", NAMES[0]][..], &of, &["--json"]].concat(), &environment).json();
    assert_eq!((&proposed["state"], &proposed["proposer"]), (&json!("open"), &Value::Null));
    assert_eq!(account.get(&users[0]).expect(200).json()["active"], true, "nothing is done yet");
    let listed = run_with(&[&["approval", "list"][..], &of].concat(), &environment).exits(0).stdout;
    assert!(listed.contains(NAMES[0]) && listed.contains("open"), "{listed}");
    let digest = proposed["digest"].as_str().expect("a digest");
    let operator = run_with(&[&["approval", "approve", NAMES[0], "--digest", digest][..], &of].concat(), &environment);
    assert!(operator.exits(1).stderr.contains("only approvers"));

    let ann = access::signed_in(&server, &account, NAMES[0]);
    let page = format!("/console/accounts/{}/approval-requests", account.id);
    assert!(!ann.get(&page).expect(200).text.contains("Approve removal"), "not by the one it is about");
    let bob = access::signed_in(&server, &account, NAMES[1]);
    assert_eq!(say(&bob, &account, &users[0], "deny"), 303);
    assert_eq!(request(&account, &users[0])["state"], "denied", "both others would have to approve");
    assert_eq!(account.get(&users[0]).expect(200).json()["active"], true);

    // What changes meanwhile makes a request void.
    run_with(&[&["approval", "propose", NAMES[0]][..], &of].concat(), &environment).exits(0);
    account.patch(&users[0], json!([{ "op": "replace", "path": "externalId", "value": "e1" }])).expect(200);
    assert_eq!(say(&bob, &account, &users[0], "approve"), 303);
    assert_eq!(request(&account, &users[0])["state"], "void");
    account.api("GET", "/approval-requests/x", Value::Null).expect(404);
}
