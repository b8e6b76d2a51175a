//! The command line: help, JSON, exit codes, error sentences, and how the server starts and ends.

use crate::support::{Ran, Server, block_on, command, file, run, run_with, send_signal};
use reqwest::Method;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::fs;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

/// The subcommands that a help text lists.
fn subcommands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

fn walk_help(path: &[&str], seen: &mut Vec<String>) {
    let args: Vec<&str> = path.iter().copied().chain(["--help"]).collect();
    let help = run(&args).exits(0).stdout;
    let usage = format!("Usage: provost {}", path.join(" "));
    assert!(help.contains(usage.trim_end()), "{help}");
    assert!(help.lines().next().is_some_and(|about| about.len() > 5), "{path:?} says what it does: {help}");
    seen.push(path.join(" "));
    for name in subcommands(&help) {
        walk_help(&[path, &[name.as_str()]].concat(), seen);
    }
}

#[test]
fn every_command_has_help() {
    let mut seen = Vec::new();
    walk_help(&[], &mut seen);
    for command in [
        "serve",
        "demo",
        "account create",
        "admin-app rotate",
        "admin-app revoke",
        "user update",
        "group delete",
        "role update",
        "policy versions",
        "policy presets",
        "quorum-policy set",
        "quorum-policy remove",
        "audit verify",
    ] {
        assert!(seen.iter().any(|path| path == command), "{command} is not among {seen:?}");
    }
    let help = run(&["--help"]).stdout;
    assert!(help.contains("Exit codes:") && run(&["audit", "verify", "--help"]).stdout.contains("Exit code 3"));
}

#[test]
fn a_wrong_command_line_exits_with_2() {
    for args in [
        vec!["no-such-command"],
        vec!["serve", "--no-such-flag"],
        vec!["serve", "--trusted-proxy", "10.0.0.1/8"],
        vec!["account", "create"],
        vec!["account", "update", "acme", "--max-users", "many"],
        vec!["role", "create", "x", "--permission", "FLY"],
        vec!["quorum-policy", "set"],
        vec!["policy", "set"],
        vec!["audit", "list", "--outcome", "maybe"],
    ] {
        let ran = run(&args).exits(2);
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{args:?}");
    }
}

/// Runs, and answers with stderr: one sentence in one line.
#[track_caller]
fn sentence(ran: Ran) -> String {
    let ran = ran.exits(1);
    assert_eq!(ran.stdout, "");
    let said = ran.stderr.strip_prefix("provost: ").unwrap_or_else(|| panic!("{:?}", ran.stderr));
    assert_eq!(said.matches('\n').count(), 1, "{said}");
    said.to_owned()
}

#[test]
fn a_client_says_in_one_sentence_what_is_wrong() {
    let server = Server::start();
    let account = server.account("dsm").id;
    let nobody = "http://127.0.0.1:9";
    for (args, environment, said) in [
        (
            vec!["account", "list"],
            vec![("PROVOST_TOKEN", "x"), ("PROVOST_URL", nobody)],
            "cannot reach http://127.0.0.1:9/:",
        ),
        (vec!["account", "list"], vec![("PROVOST_TOKEN", "x"), ("PROVOST_URL", "nowhere")], "`nowhere` is not a URL"),
        (
            vec!["account", "list"],
            vec![("PROVOST_TOKEN", "x"), ("PROVOST_URL", "ftp://x")],
            "is not the URL of a server",
        ),
        (vec!["account", "list"], vec![("PROVOST_URL", server.url())], "there is no token"),
        (
            vec!["account", "list"],
            vec![("PROVOST_URL", server.url()), ("PROVOST_TOKEN", "a b")],
            "the token is empty, or",
        ),
        (vec!["account", "list", "--token-file", "/nonexistent"], vec![], "cannot read the token in /nonexistent"),
    ] {
        let sentence = sentence(run_with(&args, &environment));
        assert!(sentence.contains(said), "{args:?}: {sentence}");
    }
    let wrong = run_with(&["account", "list"], &[("PROVOST_TOKEN", "prvop_0"), ("PROVOST_URL", server.url())]);
    let refused = server.http();
    let answer = block_on(refused.send(Some("prvop_0"), Method::GET, "/api/v1/accounts", "", ().into())).expect(401);
    assert_eq!(sentence(wrong).trim_end(), answer.detail(), "the server's own words");
    let elsewhere = format!("{}/elsewhere", server.url());
    for (args, said) in [
        (vec!["account", "show", "nobody"], "there is no account `nobody`"),
        (vec!["user", "list"], "which account?"),
        (vec!["user", "show", "ann@acme.example", "-a", &account], "there is no user `ann@acme.example`"),
        (vec!["user", "create", "not-an-address", "-a", &account], "users.identifier_format"),
        (vec!["role", "delete", "ACCOUNTMEMBER", "-a", &account], "cannot be"),
        (vec!["quorum-policy", "show", "-a", &account], "no such"),
        (vec!["policy", "set", "no-such-preset", "-a", &account], "no-such-preset"),
        (vec!["policy", "set", "--file", "/nonexistent", "-a", &account], "cannot read /nonexistent"),
        (vec!["account", "list", "--url", &elsewhere], "is the URL right?"),
        (vec!["policy", "presets", "no-such-preset"], "there is no preset `no-such-preset`"),
    ] {
        let sentence = sentence(server.cli(&args));
        assert!(sentence.contains(said), "{args:?}: {sentence}");
    }
}

/// Runs a command twice: as people see it, which must hold `shown`, and with `--json`, which it answers with.
#[track_caller]
fn reads(server: &Server, args: &[&str], shown: &str) -> Value {
    let plain = server.cli(args).exits(0).stdout;
    assert!(plain.contains(shown), "{args:?}: {plain}");
    server.cli(&[args, &["--json"]].concat()).json()
}

#[test]
fn the_life_of_an_account_on_the_command_line() {
    let server = Server::start();
    let made = server.cli(&["account", "create", "acme", "--policy", "dsm", "--max-users", "9", "--json"]).json();
    assert_eq!((&made["name"], &made["preset"], &made["max_users"]), (&json!("acme"), &json!("dsm"), &json!(9)));
    let id = made["id"].as_str().unwrap();
    assert_eq!(reads(&server, &["account", "list"], "acme")["items"][0]["id"], made["id"]);
    let updated =
        server.cli(&["account", "update", "acme", "--max-users", "none", "--feature", "sso", "--json"]).json();
    assert_eq!((&updated["max_users"], &updated["features"]), (&Value::Null, &json!(["sso"])));
    assert_eq!(reads(&server, &["account", "show", "acme"], "Tenant URL:")["id"], made["id"]);

    let app = server
        .cli(&["admin-app", "create", "Entra ID", "-a", "acme", "--scope", "scim", "--scope", "api", "--json"])
        .json();
    let first_key = app["api_key"].as_str().unwrap();
    let rotated =
        server.cli(&["admin-app", "rotate", "Entra ID", "-a", "acme", "--overlap-hours", "1", "--json"]).json();
    let key = rotated["api_key"].as_str().unwrap();
    for (key, status) in [(first_key, 200), (key, 200)] {
        server.scim(key, Method::GET, "/Users", ()).expect(status);
    }
    let shown = reads(&server, &["admin-app", "show", "Entra ID", "-a", "acme"], "replaced");
    assert!(!shown.to_string().contains(key), "a key is shown once");
    assert_eq!(reads(&server, &["admin-app", "list", "-a", "acme"], "Entra ID")["items"].as_array().unwrap().len(), 1);
    server.cli(&["admin-app", "update", "Entra ID", "-a", "acme", "--description", "the job"]).exits(0);

    let role =
        server.cli(&["role", "create", "Key Custodian", "-a", "acme", "--permission", "GET_USERS", "--json"]).json();
    assert_eq!(role["permissions"], json!(["GET_USERS"]));
    let role = server.cli(&["role", "update", "Key Custodian", "-a", "acme", "--exclusive", "true", "--json"]).json();
    assert_eq!(role["exclusive"], json!(true));
    assert_eq!(
        reads(&server, &["role", "list", "-a", "acme"], "ACCOUNTADMINISTRATOR")["items"].as_array().unwrap().len(),
        4
    );
    assert_eq!(
        reads(&server, &["role", "show", "ACCOUNTAUDITOR", "-a", "acme"], "Account Auditor")["system"],
        json!(true)
    );

    for (email, role) in [("ann@acme.example", "ACCOUNTADMINISTRATOR"), ("o'x@acme.example", "Key Custodian")] {
        server.cli(&["user", "create", email, "-a", "acme", "--role", role]).exits(0);
    }
    let ann = server.cli(&["user", "update", "ANN@acme.example", "-a", "acme", "--verified", "true", "--json"]).json();
    assert_eq!((&ann["verified"], &ann["sign_in"]["allowed"]), (&json!(true), &json!(true)));
    assert_eq!(
        reads(&server, &["user", "show", "o'x@acme.example", "-a", id], "Key Custodian")["managed"],
        json!(false)
    );
    let filter = ["user", "list", "-a", "acme", "--filter", "userName sw \"ann\""];
    assert_eq!(reads(&server, &filter, "ann@acme.example")["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        server.cli(&["user", "list", "-a", "acme", "--limit", "1", "--json"]).json()["items"].as_array().unwrap().len(),
        1
    );
    // With a key of scope `api`, the account is named by its id.
    let as_app = [("PROVOST_URL", server.url()), ("PROVOST_TOKEN", key), ("PROVOST_ACCOUNT", id)];
    assert!(run_with(&["user", "list"], &as_app).exits(0).stdout.contains("ann@acme.example"));

    server.cli(&["group", "create", "Key Admins", "-a", "acme"]).exits(0);
    assert_eq!(
        reads(&server, &["group", "show", "Key Admins", "-a", "acme"], "Key Admins")["display_name"],
        json!("Key Admins")
    );
    for at in [vec!["-a", "acme"], vec!["-a", "acme", "--group", "Key Admins"]] {
        let set =
            [vec!["quorum-policy", "set", "--user", "ann@acme.example", "--app", "Entra ID", "-n", "2"], at.clone()];
        server.cli(&set.concat()).exits(0);
        let shown = reads(&server, &[vec!["quorum-policy", "show"], at].concat(), "quorum");
        assert_eq!(
            (&shown["policy"]["quorum"]["n"], &shown["policy"]["quorum"]["members"][0]["user"]),
            (&json!(2), &ann["id"])
        );
    }
    let refused = sentence(server.cli(&["user", "delete", "ann@acme.example", "-a", "acme"]));
    assert!(refused.contains("uorum"), "{refused}");
    server.cli(&["quorum-policy", "remove", "-a", "acme", "--group", "Key Admins"]).exits(0);
    server.cli(&["group", "delete", "Key Admins", "-a", "acme"]).exits(0);
    server.cli(&["user", "delete", "o'x@acme.example", "-a", "acme"]).exits(0);
    server.cli(&["role", "delete", "Key Custodian", "-a", "acme"]).exits(0);

    server.cli(&["admin-app", "revoke", "Entra ID", "-a", "acme"]).exits(0);
    server.scim(key, Method::GET, "/Users", ()).expect(401);
    let failures = reads(&server, &["audit", "list", "-a", "acme", "--outcome", "failure"], "user.delete");
    assert_eq!(failures["items"].as_array().unwrap().len(), 1);
    let about_ann = ["audit", "list", "-a", "acme", "--user", "ann@acme.example", "--order", "oldest", "--limit", "2"];
    assert_eq!(reads(&server, &about_ann, "user.create")["items"][0]["action"], json!("user.create"));
    assert_eq!(reads(&server, &["audit", "verify", "-a", "acme"], "entries verify")["verified"], json!(true));
}

#[test]
fn a_policy_goes_out_and_comes_in_as_the_same_document() {
    let server = Server::start();
    let account = server.account("standard").id;
    let folder = tempfile::tempdir().unwrap();
    let preset = run(&["policy", "presets", "dsm"]).exits(0).stdout;
    let mut document: Value = serde_json::from_str(&preset).unwrap();
    document["users"]["on_delete"] = json!("disable");
    let path = file(folder.path(), "policy.json", &document.to_string());
    server.cli(&["policy", "set", "--file", &path, "-a", &account]).exits(0);
    let shown: Value = serde_json::from_str(&server.cli(&["policy", "show", "-a", &account]).exits(0).stdout).unwrap();
    assert_eq!(shown, document);
    assert_eq!(server.cli(&["policy", "show", "-a", &account, "--json"]).json()["version"], json!(2));
    let versions = reads(&server, &["policy", "versions", "-a", &account], "operator");
    assert_eq!(versions["items"].as_array().unwrap().len(), 2);
    let path = file(folder.path(), "partial.json", r#"{"preset":"dsm","users":{"no_such_field":1}}"#);
    assert!(sentence(server.cli(&["policy", "set", "--file", &path, "-a", &account])).contains("no_such_field"));
}

#[test]
fn the_first_start_writes_a_key_that_only_its_owner_reads() {
    let mut server = Server::start();
    let path = server.data().join("operator.key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let key = fs::read_to_string(&path).unwrap();
    let digits = key.trim_end().strip_prefix("prvop_").unwrap();
    assert!(digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()), "{key}");
    server.restart();
    assert_eq!(fs::read_to_string(&path).unwrap(), key, "a restart keeps it");
    server.api(Method::GET, "/accounts", ()).expect(200);
    assert!(!server.log().contains(digits), "S-56: no key in the log");
    let token_file = ["account", "list", "--url", server.url(), "--token-file", path.to_str().unwrap()];
    run(&token_file).exits(0);
}

#[test]
fn a_server_ends_with_0_on_sigterm_and_keeps_what_it_wrote() {
    let mut server = Server::start();
    let account = server.account("dsm");
    for signal in ["TERM", "INT"] {
        server.signal(signal);
        assert_eq!(server.wait(), Some(0), "SIG{signal}: {}", server.log());
        server.restart();
        server.scim(&account.key, Method::GET, "/Users", ()).expect(200);
    }
    let app = server.api(Method::GET, &format!("/accounts/{}/admin-apps/{}", account.id, account.app), ()).json();
    let used = app["last_used"]["at"].as_str().map(str::to_owned);
    server.restart();
    let app = server.api(Method::GET, &format!("/accounts/{}/admin-apps/{}", account.id, account.app), ()).json();
    assert!(used.is_some() && app["last_used"]["at"].as_str() >= used.as_deref(), "key uses outlast a stop: {app}");
}

#[test]
fn a_server_that_cannot_start_says_why_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start();
    let taken = server.url().strip_prefix("http://").unwrap().to_owned();
    let in_use = server.data().to_str().unwrap().to_owned();
    let a_file = file(folder, "file", "");
    let bad_key = file(folder, "bad.toml", "data = \"x\"\nlisen = \"127.0.0.1:0\"\n");
    let not_pem = file(folder, "not.pem", "hello");
    let broken = folder.join("broken");
    fs::create_dir(&broken).unwrap();
    file(&broken, "operator.key", "short");
    let (new, broken) = (folder.join("new"), broken.to_str().unwrap().to_owned());
    let new = new.to_str().unwrap();
    for (args, said) in [
        (vec!["--data", &in_use, "--listen", "127.0.0.1:0"], "another server uses the data folder"),
        (vec!["--data", &a_file, "--listen", "127.0.0.1:0"], "cannot be used"),
        (vec!["--data", new, "--listen", &taken], "cannot listen on"),
        (vec!["--data", new, "--listen", "nowhere.invalid:0"], "cannot listen on nowhere.invalid:0"),
        (vec!["--data", new, "--listen", "0.0.0.0:0"], "--allow-plain-http"),
        (vec!["--data", new, "--config", &bad_key], "line 2: unknown field `lisen`"),
        (vec!["--data", new, "--config", "/nonexistent"], "cannot read /nonexistent"),
        (vec!["--data", new, "--tls-cert", &not_pem], "--tls-key"),
        (vec!["--data", new, "--tls-cert", &not_pem, "--tls-key", &not_pem], "holds no certificate"),
        (vec!["--data", &broken, "--listen", "127.0.0.1:0"], "does not hold an operator's key"),
        (vec!["--data", new, "--log", "a=b=c"], "is not a log filter"),
    ] {
        let sentence = sentence(run(&[vec!["serve"], args.clone()].concat()));
        assert!(sentence.contains(said), "{args:?}: {sentence}");
    }
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let mut server = Server::start();
    server.stop();
    let database = Connection::open(server.data().join("provost.db")).unwrap();
    database.execute("INSERT INTO migrations (number, checksum, applied) VALUES (999, 'x', 0)", []).unwrap();
    drop(database);
    let data = server.data().to_str().unwrap().to_owned();
    let said = sentence(run(&["serve", "--listen", "127.0.0.1:0", "--data", &data]));
    assert!(said.contains("schema 999") && said.contains("use the newer version"), "{said}");
}

#[test]
fn settings_come_from_the_environment_and_the_file_too() {
    let server = Server::start_with(&[
        "--allow-plain-http",
        "--log-format",
        "json",
        "--public-url",
        "https://scim.acme.example/",
    ]);
    let account = server.account("standard");
    let made = server.scim(
        &account.key,
        Method::POST,
        "/Users",
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "a" }),
    );
    assert!(made.expect(201).header("location").unwrap().starts_with("https://scim.acme.example/scim/v2/Users/"));
    for line in server.log().lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
    }
    let folder = tempfile::tempdir().unwrap();
    let config = file(folder.path(), "provost.toml", "listen = \"0.0.0.0:0\"\nallow_plain_http = false\n");
    let data = folder.path().join("data");
    let environment = [("PROVOST_CONFIG", config.as_str()), ("PROVOST_DATA", data.to_str().unwrap())];
    assert!(sentence(run_with(&["serve"], &environment)).contains("0.0.0.0:"), "the file's address");
    let environment = [environment[0], environment[1], ("PROVOST_LISTEN", "nowhere.invalid:1")];
    assert!(
        sentence(run_with(&["serve"], &environment)).contains("nowhere.invalid:1"),
        "the environment goes before it"
    );
    let flag = run_with(&["serve", "--listen", "nowhere.invalid:2"], &environment);
    assert!(sentence(flag).contains("nowhere.invalid:2"), "a flag goes before both");
}

#[test]
fn verification_without_a_server_names_the_first_broken_entry() {
    let mut server = Server::start();
    let account = server.account("dsm");
    let data = server.data().to_str().unwrap().to_owned();
    let verify = ["audit", "verify", "--data", &data];
    let beside = run(&[&verify[..], &["--json"]].concat()).json();
    assert_eq!(
        (&beside["verified"], &beside["account"], &beside["entries"]),
        (&json!(true), &json!(account.id), &json!(2))
    );
    server.stop();
    assert!(run(&verify).exits(0).stdout.contains("2 entries verify"));
    assert!(sentence(run(&["audit", "verify", "--data", "/nonexistent"])).contains("there is no database"));
    for (damage, seq, problem) in [
        ("UPDATE log SET public = replace(public, 'success', 'failure') WHERE seq = 2", 2, "was changed"),
        ("DELETE FROM log WHERE seq = 1", 1, "is missing"),
        ("DELETE FROM log", 1, "is missing"),
    ] {
        Connection::open(server.data().join("provost.db")).unwrap().execute(damage, []).unwrap();
        let ran = run(&verify).exits(3);
        assert!(ran.stdout.contains(&format!("BROKEN: audit entry {seq}: {problem}")), "{damage}: {}", ran.stdout);
        let found: Value = serde_json::from_str(&run(&[&verify[..], &["--json"]].concat()).exits(3).stdout).unwrap();
        assert_eq!((&found["verified"], &found["seq"]), (&json!(false), &json!(seq)));
    }
    server.restart();
    let ran = server.cli(&["audit", "verify", "-a", &account.id]).exits(3);
    assert!(ran.stdout.contains("BROKEN: audit entry 1"), "over the API: {}", ran.stdout);
}

#[test]
fn output_that_nobody_reads_is_no_failure() {
    let server = Server::start();
    let mut command = command(&["account", "list", "--url", server.url(), "--token-file"]);
    command.arg(server.data().join("operator.key")).stdout(Stdio::piped()).stderr(Stdio::piped());
    block_on(async {
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().await.unwrap();
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
    });
}

#[test]
fn the_demo_tells_its_story_and_cleans_up() {
    let folder = tempfile::tempdir().unwrap();
    let environment = [("TMPDIR", folder.path().to_str().unwrap())];
    let ran = run_with(&["demo", "--exit", "--listen", "127.0.0.1:0"], &environment).exits(0);
    for shown in [
        "200 OK 0 found",
        r#""path":"active","value":"False""#,
        "`Account Administrator` and `Account Auditor` cannot be held together",
        "`displayName` is not supported in this account",
        "204 No Content",
        "`userName` was not changed",
        r#""verified":true"#,
    ] {
        assert!(ran.stdout.contains(shown), "{shown} is not in {}", ran.stdout);
    }
    assert!(ran.stderr.is_empty() && !ran.stdout.contains('\u{1b}'), "{}", ran.stderr);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "the store is gone");
}

#[test]
fn the_demo_stays_up_until_ctrl_c_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(&["demo", "--listen", "127.0.0.1:0"]);
    command.env("TMPDIR", folder.path()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    block_on(async {
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let (mut text, mut line) = (String::new(), String::new());
        let told = async {
            while !line.contains("provost policy show") {
                line.clear();
                assert!(stdout.read_line(&mut line).await.unwrap() > 0, "ended early: {text}");
                text.push_str(&line);
            }
        };
        tokio::time::timeout(Duration::from_secs(60), told).await.unwrap();
        for shown in
            ["Tenant URL", "Secret token  prv_", "curl -H", "operator.key", "export PROVOST_URL=http://127.0.0.1:"]
        {
            assert!(text.contains(shown), "{shown} is not in {text}");
        }
        send_signal(child.id().unwrap(), "INT");
        let status = tokio::time::timeout(Duration::from_secs(60), child.wait()).await.unwrap().unwrap();
        stdout.read_to_string(&mut text).await.unwrap();
        assert_eq!(status.code(), Some(0));
    });
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "the store is gone");
}
