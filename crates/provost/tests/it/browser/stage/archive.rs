//! An account whose guards have something to do: bait was taken, the brake holds, and the removal of an approver waits for the others.

use super::{Stage, account};
use crate::support::{Account, id};
use serde_json::{Value, json};

const DOMAIN: &str = "archive.example";
/// Users that the admin app disables before the brake holds, and tries to.
const BRAKE: usize = 3;
const LEAVERS: usize = 6;

/// Tells it; answers with the ids of the account and of its admin app.
pub fn tell(stage: &Stage) -> [(&'static str, String); 2] {
    let brake = json!({ "changes_per_hour": BRAKE, "answer": "accept" });
    let policy = json!({ "preset": "dsm", "quorum_member": "suspend", "brake": brake });
    let archive = account(&stage.server, "Records archive", policy, "SCIM Entra ID");
    let users: Vec<String> = ["ruth.olsen", "tomas.novak", "amara.diallo", "li.wei", "jonas.berg", "noor.haddad"]
        .iter()
        .chain(["sven.lind", "ewa.kowalska", "omar.farouk", "hana.sato"].iter())
        .map(|name| id(&archive.create(json!({ "userName": format!("{name}@{DOMAIN}") }))))
        .collect();
    approvers(&archive, &users[0]);
    // An approver leaves.
    archive.scim("DELETE", &format!("/Users/{}", users[0]), Value::Null).expect(204);
    // More leave than the brake lets go.
    for user in &users[1..=LEAVERS] {
        archive.patch(user, json!([{ "op": "replace", "path": "active", "value": false }])).expect(200);
    }
    // Somebody tries a key that was left in a wiki.
    let bait = json!({ "name": "Old Entra", "description": "Left in the wiki", "honey": true });
    let bait = archive.api("POST", "/admin-apps", bait).expect(201).json();
    let found = archive.with_key(bait["api_key"].as_str().expect("a new app shows its key"));
    found.scim("GET", "/Users", Value::Null).error(401);
    [("archive", archive.id.clone()), ("archive_app", archive.app)]
}

/// Two of three people approve; one of them is managed.
fn approvers(archive: &Account, managed: &str) {
    let local = ["root", "second"].map(|name| {
        let user = json!({ "email": format!("{name}@{DOMAIN}"), "roles": ["ACCOUNTADMINISTRATOR"] });
        id(&archive.api("POST", "/users", user).expect(201).json())
    });
    let [first, second] = &local;
    for user in [first, second, managed] {
        archive.api("PATCH", &format!("/users/{user}"), json!({ "verified": true })).expect(200);
    }
    let members = [first, second, managed].map(|user| json!({ "user": user }));
    archive.api("PUT", "/quorum-policy", json!({ "quorum": { "n": 2, "members": members } })).expect(200);
}
