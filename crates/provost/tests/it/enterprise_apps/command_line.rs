//! `provost enterprise-app`.

use super::company;
use crate::{
    process::{Ran, run_with},
    support::Account,
};
use serde_json::{Value, json};

fn provost(account: &Account, arguments: &[&str]) -> Ran {
    let environment = [
        ("PROVOST_URL", account.base.as_str()),
        ("PROVOST_TOKEN", &account.operator_key),
        ("PROVOST_ACCOUNT", &account.id),
        ("PROVOST_SECRET_TOKEN", &account.key),
    ];
    run_with(arguments, &environment)
}

#[track_caller]
fn json_of(ran: Ran) -> Value {
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error} in {}", ran.stdout))
}

#[test]
fn f_5_4_1_an_app_is_set_up_and_tested_from_the_command_line() {
    let contoso = company();
    let url = format!("{}/scim/v2?aadOptscim062020", contoso.base);
    contoso.create(json!({ "userName": "ann@contoso.example" }));
    let made = json_of(provost(&contoso, &["enterprise-app", "create", "Itself", &url, "--interval", "5", "--json"]));
    assert_eq!((&made["interval"], &made["tenant_url"]), (&json!(5), &json!(url)));
    let tested = json_of(provost(&contoso, &["enterprise-app", "test", "Itself", "--json"]));
    assert_eq!(tested["result"], json!("success"), "{tested}");
    let app = "Itself";
    let probed = provost(&contoso, &["enterprise-app", "probe", app, "--write", "--save"]);
    assert!(probed.code == 0 && probed.stdout.contains("booleans: text"), "{}{}", probed.stdout, probed.stderr);
    let role = ["enterprise-app", "role", "create", app, "Manager", "manager", "--description", "Runs it", "--json"];
    assert_eq!(json_of(provost(&contoso, &role))["value"], json!("manager"));
    let assign = ["enterprise-app", "assign", app, "--user", "ann@contoso.example", "--role", "Manager", "--json"];
    assert_eq!(json_of(provost(&contoso, &assign))["app_role"]["value"], json!("manager"));
    let listed = provost(&contoso, &["enterprise-app", "assignments", app]);
    assert!(listed.stdout.contains("ann@contoso.example") && listed.stdout.contains("Manager"), "{}", listed.stdout);
    let unassign = ["enterprise-app", "unassign", app, "--user", "ann@contoso.example"];
    assert_eq!(provost(&contoso, &unassign).code, 0);
    let again = provost(&contoso, &unassign);
    assert!(again.code == 1 && again.stderr.contains("is not assigned to this app"), "{}", again.stderr);
    let assign = ["enterprise-app", "assign", app, "--user", "ann@contoso.example"];
    assert_eq!(provost(&contoso, &assign).code, 0);
    let plan = json_of(provost(&contoso, &["enterprise-app", "plan", app]));
    assert!(plan["digest"].is_string(), "{plan}");
    let on_demand = ["enterprise-app", "provision-on-demand", app, "--user", "ann@contoso.example"];
    let shown = provost(&contoso, &on_demand);
    assert!(shown.code == 0 && shown.stdout.contains("scoping"), "{}{}", shown.stdout, shown.stderr);
    let ran = json_of(provost(&contoso, &["enterprise-app", "cycle", app, "--retry", "--json"]));
    assert_eq!(ran["status"], json!("succeeded"), "{ran}");
    let status = provost(&contoso, &["enterprise-app", "status", app]);
    assert!(status.stdout.contains("succeeded"), "{}", status.stdout);
    let logs = provost(&contoso, &["enterprise-app", "logs", app, "--user", "ann@contoso.example"]);
    assert!(logs.code == 0 && logs.stdout.contains("ann@contoso.example"), "{}{}", logs.stdout, logs.stderr);
    assert_eq!(provost(&contoso, &["enterprise-app", "restart", app, "--full"]).code, 0);
    assert_eq!(provost(&contoso, &["enterprise-app", "held", app, "reject"]).code, 0);
    let mappings = json_of(provost(&contoso, &["enterprise-app", "mappings", app]));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), json!({ "users": &mappings["users"].as_array().unwrap()[..2] }).to_string()).unwrap();
    let set = ["enterprise-app", "mappings", app, "--file", file.path().to_str().unwrap()];
    assert_eq!(json_of(provost(&contoso, &set))["users"].as_array().map(Vec::len), Some(2));
    let started = json_of(provost(&contoso, &["enterprise-app", "start", app, "--json"]));
    assert_eq!(started["started"], json!(true));
    let set = ["enterprise-app", "set", app, "--tenant-url", "http://127.0.0.1:1/scim", "--any-deletions"];
    assert_eq!(provost(&contoso, &set).code, 0);
    let failed = provost(&contoso, &["enterprise-app", "test", app]);
    assert!(failed.code == 1 && failed.stdout.contains("unreachable"), "{}{}", failed.stdout, failed.stderr);
    for ran in [provost(&contoso, &["enterprise-app", "show", app]), provost(&contoso, &["enterprise-app", "list"])] {
        assert!(ran.stdout.contains("Itself") && !ran.stdout.contains(&contoso.key), "{}", ran.stdout);
    }
    assert_eq!(provost(&contoso, &["enterprise-app", "delete", app]).code, 0);
    assert!(provost(&contoso, &["enterprise-app", "show", app]).stderr.contains("enterprise app"));
}
