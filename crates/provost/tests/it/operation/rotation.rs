//! Another operator's key: what is stored sealed goes on working, and the old key opens nothing any more.

use super::{
    receiver::{Receiver, web},
    until,
};
use crate::{
    process::{Ran, run, run_with},
    support::{Account, Server, id, request, send},
};
use serde_json::{Value, json};
use std::{fs, path::PathBuf};

/// `provost rotate-key` on what a server that is stopped has left.
pub fn rotate(server: &Server) -> Ran {
    let data = server.data();
    let url = server.database_url();
    let environment: Vec<(&str, &str)> = url.iter().map(|url| ("PROVOST_DATABASE_URL", url.as_str())).collect();
    run_with(&["rotate-key", "--json", "--data", data.to_str().expect("a path is text")], &environment)
}

fn next(server: &Server) -> PathBuf {
    server.data().join("operator.key.next")
}

/// A target that provisioning is tested against, and an account with every secret of an account.
struct Scene {
    server: Server,
    account: Account,
    target: Account,
    app: String,
    receiver: Receiver,
}

fn scene() -> Scene {
    let server = Server::start_with(&["--allow-private-targets"]);
    let (account, target) = (server.account(json!("standard")), server.account(json!("standard")));
    let app = json!({ "name": "DSM", "tenant_url": format!("{}/scim/v2", target.base), "secret_token": target.key });
    let app = id(&account.api("POST", "/enterprise-apps", app).expect(201).json());
    let receiver = Receiver::start(web);
    let address = format!("http://{}/in?source=provost", receiver.address);
    let stream = json!({ "target": address, "headers": { "Authorization": "Splunk hidden-word" } });
    account.api("PUT", "/audit/stream", stream).expect(200);
    let provider =
        json!({ "issuer": "https://login.invalid/acme", "client_id": "provost", "client_secret": "client-s3cret" });
    account.api("PATCH", "/sign-in", json!({ "provider": provider })).expect(200);
    Scene { server, account, target, app, receiver }
}

/// What is sealed opens: the token at a target, the headers of the stream.
#[track_caller]
fn all_opens(scene: &Scene, account: &Account) {
    let target = json!({ "tenant_url": format!("{}/scim/v2", account.base) });
    // The target listens elsewhere by now; a token goes with its host, not with the port.
    let app = format!("/enterprise-apps/{}", scene.app);
    account.api("PATCH", &app, target).expect(200);
    let tested = account.api("POST", &format!("{app}/test-connection"), Value::Null).expect(200).json();
    assert_eq!(tested["result"], "success", "{tested}");
    account.create(json!({ "userName": format!("{}@a.example", scene.receiver.newest()) }));
    let newest = account.audit()[0]["seq"].as_u64().expect("a number");
    until("what is logged", || (scene.receiver.newest() >= newest).then_some(()));
}

#[test]
fn a_rotated_key_opens_what_is_stored_and_the_old_one_nothing() {
    let mut scene = scene();
    all_opens(&scene, &scene.account);
    let old = scene.server.operator_key.clone();
    let refused = rotate(&scene.server);
    if scene.server.is_in_folder() {
        assert!(refused.sentence().contains("another server uses the data folder"));
        assert!(!next(&scene.server).exists(), "nothing has begun");
    } else {
        // Of a shared database nobody knows who serves from it: it is done.
        refused.exits(0);
    }
    scene.server.stop();
    let before = fs::read_to_string(scene.server.data().join("operator.key")).expect("the key is there");
    let done = rotate(&scene.server).json();
    assert_eq!((&done["secrets"], &done["lost"], &done["accounts"]), (&json!(3), &json!(0), &json!(2)), "{done}");
    assert!(!next(&scene.server).exists());
    scene.server.restart();
    assert_ne!(scene.server.operator_key, before.trim());
    let account = scene.server.again(&scene.account);
    all_opens(&scene, &account);
    let rules = account.api("GET", "/sign-in", Value::Null).expect(200).json();
    assert_eq!(rules["provider"]["has_client_secret"], true);
    send(request("GET", &format!("{}/api/v1/accounts", account.base)).bearer_auth(&old)).expect(401);
    scene.server.again(&scene.target).scim("GET", "/Users", Value::Null).expect(200);
    let entries: Vec<Value> =
        account.audit().into_iter().filter(|entry| entry["action"] == "account.rotate_key").collect();
    assert!(entries.len() >= 3 && entries[0]["actor"]["type"] == "operator", "{entries:?}");
    account.api("GET", "/audit/verify", Value::Null);
}

#[test]
fn a_rotation_that_was_ended_keeps_servers_from_starting_until_it_is_done() {
    let mut scene = scene();
    scene.server.stop();
    // What a crash behind the first step leaves.
    let chosen = format!("prvop_{}", "5".repeat(64));
    fs::write(next(&scene.server), &chosen).expect("a file can be written");
    let data = scene.server.data();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().expect("a path is text")];
    let url = scene.server.database_url();
    let environment: Vec<(&str, &str)> = url.iter().map(|url| ("PROVOST_DATABASE_URL", url.as_str())).collect();
    let said = run_with(&serve, &environment).sentence();
    assert!(said.contains("run `provost rotate-key` again"), "{said}");
    assert_eq!(rotate(&scene.server).json()["secrets"], 3);
    scene.server.restart();
    assert_eq!(scene.server.operator_key, chosen, "the key that was begun with");
    all_opens(&scene, &scene.server.again(&scene.account));
}

#[test]
fn what_cannot_be_rotated_is_refused_in_one_sentence() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let data = folder.path().join("data");
    let arguments = ["rotate-key", "--data", data.to_str().expect("a path is text")];
    let said = run(&arguments).sentence();
    assert!(said.starts_with("there is no operator's key in ") && !data.exists(), "{said}");
    fs::create_dir(&data).expect("a folder can be made");
    fs::write(data.join("operator.key"), "prvop_short").expect("a file can be written");
    let said = run(&arguments).sentence();
    assert!(said.contains("does not hold an operator's key"), "{said}");
}
