//! The thin clients against a real server.

use super::{as_operator, file, reads};
use crate::{
    process::{command, ended, run, run_with},
    support::{Server, request, send},
};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpListener,
    process::Stdio,
    thread,
};

fn count(list: &Value) -> usize {
    list["items"].as_array().expect("a list has items").len()
}

#[test]
fn a_client_says_in_one_sentence_what_is_wrong() {
    let server = Server::start();
    let url = ("PROVOST_URL", server.base.as_str());
    for (environment, said) in [
        ([("PROVOST_TOKEN", "x"), ("PROVOST_URL", "http://127.0.0.1:9")], "cannot reach http://127.0.0.1:9/: "),
        ([("PROVOST_TOKEN", "x"), ("PROVOST_URL", "nowhere")], "`nowhere` is not a URL"),
        ([("PROVOST_TOKEN", "x"), ("PROVOST_URL", "ftp://x")], "is not the URL of a server"),
        ([("PROVOST_TOKEN", "a b"), url], "the token is empty, or has characters that no token has"),
        ([("UNRELATED", "x"), url], "there is no token"),
    ] {
        let sentence = run_with(&["account", "list"], &environment).sentence();
        assert!(sentence.contains(said), "{environment:?}: {sentence}");
    }
    let wrong = run_with(&["account", "list"], &[("PROVOST_TOKEN", "prvop_0"), url]).sentence();
    let answer = send(request("GET", &format!("{}/api/v1/accounts", server.base)).bearer_auth("prvop_0")).expect(401);
    assert_eq!(json!(wrong), answer.json()["detail"], "the server's own words");
}

#[test]
fn another_kind_of_server_is_recognised() {
    for answer in
        ["HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", "HTTP/1.1 502 Bad\r\ncontent-length: 2\r\n\r\n{}"]
    {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let other = thread::spawn(move || {
            let (mut socket, _) = listener.accept().expect("the client connects");
            let _ = socket.read(&mut [0; 4096]).expect("the client asks");
            socket.write_all(answer.as_bytes()).expect("the client listens");
        });
        let sentence = run_with(&["account", "list"], &[("PROVOST_TOKEN", "x"), ("PROVOST_URL", &url)]).sentence();
        assert!(sentence.contains("but not as Provost does; is the URL right?"), "{sentence}");
        other.join().expect("the other server does not panic");
    }
}

#[test]
fn a_refusal_is_shown_in_the_servers_words() {
    let server = Server::start();
    let account = server.account(json!("dsm")).id;
    let elsewhere = format!("{}/elsewhere", server.base);
    for (arguments, said) in [
        (vec!["account", "show", "nobody"], "there is no account `nobody`"),
        (vec!["account", "list", "--token-file", "/nonexistent"], "cannot read the token in /nonexistent"),
        (vec!["account", "list", "--url", &elsewhere], "nothing is served at this path"),
        (vec!["user", "list"], "which account?"),
        (vec!["user", "show", "ann@acme.example", "-a", &account], "there is no user `ann@acme.example`"),
        (vec!["user", "create", "not-an-address", "-a", &account], "users.identifier_format"),
        (vec!["user", "list", "--filter", "((", "-a", &account], "filter"),
        (vec!["role", "delete", "ACCOUNTMEMBER", "-a", &account], "role"),
        (vec!["quorum-policy", "show", "-a", &account], "quorum policy"),
        (vec!["policy", "set", "no-such-preset", "-a", &account], "no-such-preset"),
        (vec!["policy", "set", "--file", "/nonexistent", "-a", &account], "cannot read /nonexistent"),
        (vec!["policy", "presets", "no-such-preset"], "there is no preset `no-such-preset`"),
    ] {
        let sentence = as_operator(&server, &arguments).sentence();
        assert!(sentence.contains(said), "{arguments:?}: {sentence}");
    }
}

#[test]
fn accounts_and_admin_apps_on_the_command_line() {
    let server = Server::start();
    let made =
        as_operator(&server, &["account", "create", "acme", "--policy", "dsm", "--max-users", "9", "--json"]).json();
    assert_eq!((&made["preset"], &made["max_users"]), (&json!("dsm"), &json!(9)));
    assert_eq!(reads(&server, &["account", "list"], "acme")["items"][0]["id"], made["id"]);
    let update = ["account", "update", "acme", "--max-users", "none", "--feature", "sso", "--json"];
    let updated = as_operator(&server, &update).json();
    assert_eq!((&updated["max_users"], &updated["features"]), (&Value::Null, &json!(["sso"])));
    assert_eq!(reads(&server, &["account", "show", "acme"], "Tenant URL:")["id"], made["id"]);

    let create = ["admin-app", "create", "Entra ID", "-a", "acme", "--scope", "scim", "--scope", "api", "--json"];
    let app = as_operator(&server, &create).json();
    let rotate = ["admin-app", "rotate", "Entra ID", "-a", "acme", "--overlap-hours", "1", "--json"];
    let rotated = as_operator(&server, &rotate).json();
    let key = rotated["api_key"].as_str().expect("a new key is shown");
    let users = format!("{}/scim/v2/Users", server.base);
    for key in [app["api_key"].as_str().expect("a new key is shown"), key] {
        send(request("GET", &users).bearer_auth(key)).expect(200);
    }
    let shown = reads(&server, &["admin-app", "show", "Entra ID", "-a", "acme"], "replaced");
    assert!(!shown.to_string().contains(key), "a key is shown once");
    assert_eq!(count(&reads(&server, &["admin-app", "list", "-a", "acme"], "Entra ID")), 1);
    let update = ["admin-app", "update", "Entra ID", "-a", "acme", "--description", "the job", "--json"];
    assert_eq!(as_operator(&server, &update).json()["description"], json!("the job"));

    // With a key of scope `api` the account is named by its id.
    let id = made["id"].as_str().expect("an account has an id");
    let as_app = [("PROVOST_URL", server.base.as_str()), ("PROVOST_TOKEN", key), ("PROVOST_ACCOUNT", id)];
    assert!(run_with(&["role", "list"], &as_app).exits(0).stdout.contains("ACCOUNTMEMBER"));

    as_operator(&server, &["admin-app", "revoke", "Entra ID", "-a", "acme"]).exits(0);
    send(request("GET", &users).bearer_auth(key)).expect(401);
    as_operator(&server, &["admin-app", "delete", "Entra ID", "-a", "acme"]).exits(0);
    assert_eq!(count(&reads(&server, &["admin-app", "list", "-a", "acme"], "(none)")), 0);
}

#[test]
fn users_roles_groups_and_quorum_policies_on_the_command_line() {
    let server = Server::start();
    let account = server.account(json!("dsm")).id;
    let run = |arguments: &[&str]| as_operator(&server, &[arguments, &["-a", &account, "--json"]].concat());
    let shown = |arguments: &[&str], shown: &str| reads(&server, &[arguments, &["-a", &account]].concat(), shown);

    let role = run(&["role", "create", "Key Custodian", "--permission", "GET_USERS"]).json();
    assert_eq!(role["permissions"], json!(["GET_USERS"]));
    assert_eq!(run(&["role", "update", "Key Custodian", "--exclusive", "true"]).json()["exclusive"], json!(true));
    assert_eq!(count(&shown(&["role", "list"], "ACCOUNTADMINISTRATOR")), 4);
    assert_eq!(shown(&["role", "show", "ACCOUNTAUDITOR"], "Account Auditor")["system"], json!(true));

    for (email, role) in [("ann@acme.example", "ACCOUNTADMINISTRATOR"), ("o'x@acme.example", "Key Custodian")] {
        run(&["user", "create", email, "--role", role]).exits(0);
    }
    let ann = run(&["user", "update", "ANN@acme.example", "--verified", "true"]).json();
    assert_eq!((&ann["verified"], &ann["sign_in"]["allowed"]), (&json!(true), &json!(true)));
    assert_eq!(shown(&["user", "show", "o'x@acme.example"], "Key Custodian")["managed"], json!(false));
    assert_eq!(count(&shown(&["user", "list", "--filter", "userName sw \"ann\""], "ann@acme.example")), 1);
    assert_eq!(count(&run(&["user", "list", "--limit", "1"]).json()), 1);

    run(&["group", "create", "Key Admins"]).exits(0);
    assert_eq!(shown(&["group", "show", "Key Admins"], "Key Admins")["display_name"], json!("Key Admins"));
    for of in [vec![], vec!["--group", "Key Admins"]] {
        let set = ["quorum-policy", "set", "--user", "ann@acme.example", "--app", "SCIM Entra", "-n", "2"];
        run(&[&set[..], &of].concat()).exits(0);
        let policy = shown(&[&["quorum-policy", "show"][..], &of].concat(), "quorum")["policy"]["quorum"].clone();
        assert_eq!((&policy["n"], &policy["members"][0]["user"]), (&json!(2), &ann["id"]));
    }
    let refused = run(&["user", "delete", "ann@acme.example"]).sentence();
    assert!(refused.contains("uorum"), "{refused}");
    run(&["quorum-policy", "remove", "--group", "Key Admins"]).exits(0);
    run(&["group", "delete", "Key Admins"]).exits(0);
    run(&["user", "delete", "o'x@acme.example"]).exits(0);
    run(&["role", "delete", "Key Custodian"]).exits(0);

    assert_eq!(count(&shown(&["audit", "list", "--outcome", "failure"], "user.delete")), 1);
    let about_ann = ["audit", "list", "--user", "ann@acme.example", "--order", "oldest", "--limit", "2"];
    assert_eq!(shown(&about_ann, "user.create")["items"][0]["action"], json!("user.create"));
    assert_eq!(shown(&["audit", "verify"], "entries verify")["verified"], json!(true));
}

#[test]
fn a_list_is_read_to_its_end() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let made: Vec<String> = (0..230).map(|number| format!("user{number:03}")).collect();
    for name in &made {
        account.create(json!({ "userName": name }));
    }
    let list = as_operator(&server, &["user", "list", "-a", &account.id, "--json"]).json();
    let mut names: Vec<&str> =
        list["items"].as_array().expect("a list").iter().filter_map(|user| user["user_name"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, made);
    assert_eq!(
        count(&as_operator(&server, &["user", "list", "-a", &account.id, "--limit", "210", "--json"]).json()),
        210
    );
}

#[test]
fn a_policy_goes_out_and_comes_in_as_the_same_document() {
    let server = Server::start();
    let account = server.account(json!("standard")).id;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut document = run(&["policy", "presets", "dsm"]).json();
    document["users"]["on_delete"] = json!("disable");
    let path = file(folder.path(), "policy.json", &document.to_string());
    as_operator(&server, &["policy", "set", "--file", &path, "-a", &account]).exits(0);
    assert_eq!(as_operator(&server, &["policy", "show", "-a", &account]).json(), document);
    assert_eq!(as_operator(&server, &["policy", "show", "-a", &account, "--json"]).json()["version"], json!(2));
    assert_eq!(count(&reads(&server, &["policy", "versions", "-a", &account], "operator")), 2);
    let path = file(folder.path(), "partial.json", r#"{"preset":"dsm","users":{"no_such_field":1}}"#);
    let refused = as_operator(&server, &["policy", "set", "--file", &path, "-a", &account]).sentence();
    assert!(refused.contains("no_such_field"), "{refused}");
    let created = as_operator(&server, &["account", "create", "b", "--policy-file", &path]).sentence();
    assert!(created.contains("no_such_field"), "{created}");
}

#[test]
fn output_that_nobody_reads_is_no_failure() {
    let server = Server::start();
    let mut child = command(&["policy", "presets", "dsm", "--url", &server.base])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    assert_eq!(ended(&mut child).code(), Some(0));
    let stderr = std::io::read_to_string(child.stderr.take().expect("stderr is piped")).expect("stderr is text");
    assert_eq!(stderr, "");
}
