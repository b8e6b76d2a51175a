//! Deleted, restored, removed for good: over SCIM, the API and the command line.

use super::{directory, provost};
use crate::{
    process::run,
    support::{Account, Server, id, pause, request, send},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[test]
fn s_99_a_deleted_user_is_nowhere_but_in_the_bin_and_comes_back_as_it_was() {
    let contoso = directory();
    let ann = contoso.create(json!({ "userName": "ann@contoso.example", "externalId": "e-1", "displayName": "Ann" }));
    let ann_id = id(&ann);
    let group = id(&contoso.group("Sales", &[&ann_id]));
    let before = contoso.get(&ann_id).expect(200).json();
    contoso.scim("DELETE", &format!("/Users/{ann_id}"), Value::Null).expect(204);

    contoso.get(&ann_id).error(404);
    contoso.patch(&ann_id, json!([{ "op": "replace", "path": "active", "value": true }])).error(404);
    contoso.scim("DELETE", &format!("/Users/{ann_id}"), Value::Null).error(404);
    assert_eq!(contoso.find("userName eq \"ann@contoso.example\"")["totalResults"], json!(0));
    assert_eq!(contoso.find("externalId eq \"e-1\"")["totalResults"], json!(0));
    assert_eq!(contoso.members_of(&group), Vec::<String>::new(), "it left its groups");
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": ann_id }] }]);
    contoso.patch_group(&group, add).refused(400, &["has no user or group"]);

    let path = format!("/users/{ann_id}/restore");
    contoso.api("POST", &path, Value::Null).expect(200);
    let mut after = contoso.get(&ann_id).expect(200).json();
    assert_eq!(before["groups"].as_array().map(Vec::len), Some(1));
    for (shown, attribute) in [(&before, "version"), (&before, "lastModified")] {
        after["meta"][attribute] = shown["meta"][attribute].clone();
    }
    let mut alone = before.clone();
    alone.as_object_mut().expect("a user is an object").remove("groups");
    assert_eq!(after, alone, "all but its memberships");
    contoso.api("POST", &path, Value::Null).refused(409, &["is not deleted"]);
    let actions: Vec<String> = contoso.audit().iter().take(3).map(|entry| entry["action"].to_string()).collect();
    assert_eq!(actions, ["\"user.restore\"", "\"user.restore\"", "\"group.update\""]);
}

#[test]
fn s_99_a_name_that_was_taken_meanwhile_is_named() {
    let contoso = directory();
    let first = id(&contoso.create(json!({ "userName": "ann@contoso.example" })));
    contoso.api("DELETE", &format!("/users/{first}"), Value::Null).expect(204);
    let second = id(&contoso.create(json!({ "userName": "Ann@contoso.example" })));
    let path = format!("/users/{first}/restore");
    let problem = contoso.api("POST", &path, Value::Null).refused(409, &["cannot be restored", "`userName`"]);
    assert!(problem["type"].as_str().is_some_and(|kind| kind.ends_with("name-taken")), "{problem}");
    contoso.api("PATCH", &format!("/users/{second}"), json!({ "email": "other@contoso.example" })).expect(200);
    contoso.api("POST", &path, Value::Null).expect(200);
}

#[test]
fn s_99_the_command_line_deletes_lists_and_restores() {
    let contoso = directory();
    for name in ["ann", "bob"] {
        contoso.create(json!({ "userName": format!("{name}@contoso.example") }));
        provost(&contoso, &["user", "delete", &format!("{name}@contoso.example")]).exits(0);
    }
    let listed = provost(&contoso, &["user", "list", "--deleted"]).exits(0).stdout;
    assert!(listed.contains("REMOVED FOR GOOD") && listed.contains("bob@contoso.example"), "{listed}");
    let said = provost(&contoso, &["user", "restore", "nobody@contoso.example"]).sentence();
    assert_eq!(said, "there is no user `nobody@contoso.example`");
    let back = provost(&contoso, &["user", "restore", "ann@contoso.example", "--json"]).json();
    assert_eq!((&back["active"], &back["user_name"]), (&json!(true), &json!("ann@contoso.example")));
    provost(&contoso, &["user", "delete", "--permanent", "bob@contoso.example"]).exits(0);
    assert_eq!(provost(&contoso, &["user", "list", "--deleted", "--json"]).json()["items"], json!([]));
    provost(&contoso, &["user", "delete", "--permanent", "ann@contoso.example"]).exits(0);
    assert_eq!(provost(&contoso, &["user", "list", "--json"]).json()["items"], json!([]));
}

#[test]
fn s_99_the_bin_is_exported_and_imported() {
    let contoso = directory();
    let ann = id(&contoso.create(json!({ "userName": "ann@contoso.example", "externalId": "e-1" })));
    contoso.api("DELETE", &format!("/users/{ann}"), Value::Null).expect(204);
    let lines = provost(&contoso, &["account", "export", &contoso.id]).exits(0).stdout;
    let there = Server::start();
    let post = request("POST", &format!("{}/api/v1/accounts/import", there.base)).bearer_auth(&there.operator_key);
    let done = send(post.header("content-type", "application/x-ndjson").body(lines)).expect(201).json();
    assert_eq!(done["counts"]["deleted_users"], json!(1));
    let arrived = Account { operator_key: there.operator_key.clone(), ..there.again(&contoso) };
    let bin = "/users?deleted=true&filter=externalId%20eq%20%22e-1%22";
    assert_eq!(
        arrived.api("GET", bin, Value::Null).expect(200).json(),
        contoso.api("GET", bin, Value::Null).expect(200).json()
    );
    arrived.api("POST", &format!("/users/{ann}/restore"), Value::Null).expect(200);
}

#[test]
fn s_99_after_30_days_the_bin_is_emptied_and_the_books_are_right() {
    let mut server = Server::start_in_folder(&[]);
    let contoso = server.account(json!("directory"));
    let old = id(&contoso.create(json!({ "userName": "old@contoso.example" })));
    let kept = id(&contoso.create(json!({ "userName": "kept@contoso.example" })));
    contoso.api("DELETE", &format!("/users/{old}"), Value::Null).expect(204);
    let verify = |server: &Server| {
        let data = server.data();
        run(&["verify", "--data", data.to_str().expect("a path is text")]).exits(0);
    };
    server.stop();
    verify(&server);

    server.restart_at("+29 days");
    let young = id(&server.again(&contoso).create(json!({ "userName": "young@contoso.example" })));
    server.again(&contoso).api("DELETE", &format!("/users/{young}"), Value::Null).expect(204);
    server.again(&contoso).api("GET", &format!("/users/{old}"), Value::Null).expect(200);
    server.stop();

    server.restart_at("+31 days");
    let again = server.again(&contoso);
    let deadline = Instant::now() + Duration::from_secs(30);
    while again.api("GET", &format!("/users/{old}"), Value::Null).status != 404 {
        assert!(Instant::now() < deadline, "the user is still in the bin");
        pause();
    }
    again.api("POST", &format!("/users/{old}/restore"), Value::Null).expect(404);
    let purged = again.audit().into_iter().find(|entry| entry["action"] == "user.delete").expect("it is audited");
    assert_eq!((&purged["actor"]["type"], &purged["target"]["id"]), (&json!("system"), &json!(old)));
    again.api("GET", &format!("/users/{young}"), Value::Null).expect(200);
    again.get(&kept).expect(200);
    server.stop();
    verify(&server);
}
