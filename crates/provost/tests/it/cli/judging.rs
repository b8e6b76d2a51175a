//! Policies, what they mean to requests, and groups, on the command line.

use super::{as_operator, file, reads};
use crate::support::{Server, shared};
use serde_json::{Value, json};

#[test]
fn policies_are_compared_previewed_and_reverted_on_the_command_line() {
    let server = shared();
    let account = server.account(json!("standard"));
    account.create(json!({ "userName": "ann" }));
    let run = |arguments: &[&str]| as_operator(&server, &[arguments, &["-a", &account.id]].concat());
    let shown = |arguments: &[&str], shown: &str| reads(&server, &[arguments, &["-a", &account.id]].concat(), shown);

    let preview = shown(&["policy", "preview", "dsm"], "users.identifier_format");
    assert_eq!(preview["affected"], json!(1));
    let said = run(&["policy", "preview", "dsm"]).exits(0).stdout;
    assert!(said.ends_with("1 of 1 users and groups would be affected. Nothing was changed.\n"), "{said}");
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = file(folder.path(), "policy.json", r#"{"users":{"on_delete":"disable"}}"#);
    assert_eq!(shown(&["policy", "preview", "--file", &path], "(none)")["affected"], json!(0));

    run(&["policy", "set", "--file", &path]).exits(0);
    let diff = shown(&["policy", "diff", "2"], "users.on_delete  remove  disable");
    assert_eq!((&diff["version"], &diff["against"]), (&json!(2), &json!(1)));
    assert_eq!(shown(&["policy", "diff", "1", "--against", "2"], "disable  remove")["against"], json!(2));
    let said = run(&["policy", "revert", "1"]).exits(0).stdout;
    assert_eq!(said, "Version 3 of the policy is in force, as version 1 was.\n");
    let first: Value = run(&["policy", "show", "--version", "1"]).json();
    assert_eq!(run(&["policy", "show"]).json(), first);
    for (arguments, said) in [
        (vec!["policy", "revert", "9"], "no version 9"),
        (vec!["policy", "diff", "9"], "no such policy version"),
        (vec!["policy", "show", "--version", "9"], "no such policy version"),
        (vec!["policy", "preview", "no-such"], "there is no preset"),
    ] {
        let sentence = run(&arguments).sentence();
        assert!(sentence.contains(said), "{arguments:?}: {sentence}");
    }
}

#[test]
fn s_85_a_request_is_tried_out_on_the_command_line() {
    let server = shared();
    let account = server.account(json!("dsm"));
    let ann = crate::support::id(&account.create(json!({ "userName": "ann@a.com", "externalId": "7" })));
    let run = |arguments: &[&str]| as_operator(&server, &[arguments, &["-a", &account.id]].concat());
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let operations = json!([{ "op": "Replace", "path": "active", "value": "False" }]);
    let patch = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
    let path = file(folder.path(), "patch.json", &patch.to_string());
    let to = format!("/Users/{ann}");
    let simulate = ["policy", "simulate", "PATCH", &to, "--file", &path, "--admin-app", "SCIM Entra"];
    let said = run(&simulate).exits(0).stdout;
    for part in ["HTTP 200\n", "\"active\": false", "user.disable", "active     yes  no", "Nothing was changed."] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    assert_eq!(run(&[&simulate[..], &["--json"]].concat()).json()["changed_nothing"], json!(true));
    let stale = run(&[&simulate[..], &["--header", "If-Match: W/\"9\""]].concat()).exits(0).stdout;
    assert!(stale.starts_with("HTTP 412\n"), "{stale}");
    let broken = file(folder.path(), "broken.json", "{\"userName\":");
    let refused = run(&["policy", "simulate", "POST", "/Users", "--file", &broken]).exits(0).stdout;
    assert!(refused.starts_with("HTTP 400\n") && refused.contains("invalidSyntax"), "{refused}");
    let user = file(
        folder.path(),
        "user.json",
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"x"}"#,
    );
    let refused = run(&["policy", "simulate", "POST", "/Users", "--file", &user]).exits(0).stdout;
    assert!(refused.contains("Decided by the policy fields users.identifier_format."), "{refused}");
    assert_eq!(account.get(&ann).expect(200).json()["active"], json!(true));
    run(&["policy", "simulate", "GET", "/Users", "--header", "no colon"]).exits(2);
}

#[test]
fn members_come_and_go_and_groups_are_renamed_on_the_command_line() {
    let server: std::sync::Arc<Server> = shared();
    let account = server.account(json!("standard"));
    let run = |arguments: &[&str]| as_operator(&server, &[arguments, &["-a", &account.id]].concat());
    let members = || {
        let list = run(&["group", "members", "Key Admins", "--json"]).json();
        let items = list["items"].as_array().expect("a list").clone();
        items.iter().map(|member| member["type"].as_str().expect("a type").to_owned()).collect::<Vec<String>>()
    };
    for name in ["ann@a.com", "bob@a.com"] {
        run(&["user", "create", name]).exits(0);
    }
    for name in ["Key Admins", "Site Admins"] {
        run(&["group", "create", name]).exits(0);
    }
    run(&["group", "add", "Key Admins", "ann@a.com", "bob@a.com", "--group", "Site Admins"]).exits(0);
    assert_eq!(members().len(), 3);
    let shown = run(&["group", "members", "Key Admins"]).exits(0).stdout;
    assert!(shown.contains("User") && shown.contains("Group"), "{shown}");
    run(&["group", "remove", "Key Admins", "ann@a.com", "--group", "Site Admins"]).exits(0);
    assert_eq!(members(), ["User"]);
    let renamed = run(&["group", "rename", "Key Admins", "Custodians", "--json"]).json();
    assert_eq!(renamed["display_name"], json!("Custodians"));
    assert_eq!(
        run(&["group", "members", "Custodians", "--limit", "1", "--json"]).json()["items"][0]["type"],
        json!("User")
    );
    let unknown = run(&["group", "add", "Custodians", "nobody@a.com"]).sentence();
    assert!(unknown.contains("there is no user `nobody@a.com`"), "{unknown}");
    run(&["group", "add", "Custodians"]).exits(2);
}

#[test]
fn s_78_the_brake_is_shown_and_released_on_the_command_line() {
    let server = shared();
    let account = server.account(json!({ "preset": "standard", "brake": { "changes_per_hour": 1 } }));
    let run = |arguments: &[&str]| as_operator(&server, &[arguments, &["-a", &account.id]].concat());
    let ann = crate::support::id(&account.create(json!({ "userName": "ann" })));
    account.scim("DELETE", &format!("/Users/{ann}"), Value::Null).expect(204);
    let brake = ["admin-app", "brake", "SCIM Entra"];
    assert_eq!(reads(&server, &[&brake[..], &["-a", &account.id]].concat(), "Holds:")["holds"], json!(true));
    let released = run(&[&brake[..], &["--release", "--json"]].concat()).json();
    assert_eq!((&released["used"], &released["holds"]), (&json!(0), &json!(false)));
}
