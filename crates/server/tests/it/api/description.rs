//! `/openapi.json` and the router say the same.

use std::fmt::Write as _;

use expect_test::expect;
use serde_json::{Value, json};

use crate::service::{At, Service};

async fn document(service: &Service) -> Value {
    let answer = service.ask("", "GET", "/api/v1/openapi.json", Value::Null).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")), "it needs no key");
    answer.json()
}

#[tokio::test]
async fn the_description_names_every_endpoint() {
    let document = document(&Service::new()).await;
    let mut lines = String::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            let statuses: Vec<&str> = responses.keys().map(String::as_str).collect();
            writeln!(lines, "{method:6} {path}: {} ({})", operation.at("/summary"), statuses.join(", ")).unwrap();
        }
    }
    expect![[r#"
        post   /accounts: Make an account (operator) (201, default)
        get    /accounts: List accounts (operator) (200, default)
        post   /accounts/import: Import an account from lines of JSON (operator) (201, default)
        get    /accounts/{account}: Show an account (200, default)
        patch  /accounts/{account}: Change an account (operator) (200, default)
        get    /accounts/{account}/activity: Show how much was done and refused lately, and what failed and did not succeed since (200, default)
        post   /accounts/{account}/admin-apps: Make an admin app with its first API key (201, default)
        get    /accounts/{account}/admin-apps: List admin apps (200, default)
        get    /accounts/{account}/admin-apps/{app}: Show an admin app (200, default)
        patch  /accounts/{account}/admin-apps/{app}: Change an admin app (200, default)
        delete /accounts/{account}/admin-apps/{app}: Remove an admin app with its keys (204, default)
        get    /accounts/{account}/admin-apps/{app}/brake: Show how much of an admin app's brake is used up (200, default)
        post   /accounts/{account}/admin-apps/{app}/brake/release: Let an admin app disable and remove as many users again (200, default)
        get    /accounts/{account}/admin-apps/{app}/dialect: Show which client speaks through an admin app, how, and what of that the policy does not fit (200, default)
        post   /accounts/{account}/admin-apps/{app}/key-views: Show an admin app's key details, and record that somebody looked (200, default)
        post   /accounts/{account}/admin-apps/{app}/revoke: Refuse every API key of an admin app (200, default)
        post   /accounts/{account}/admin-apps/{app}/rotate: Give an admin app a new API key (200, default)
        get    /accounts/{account}/alerts: List the alerts that are raised (200, default)
        post   /accounts/{account}/alerts/{alert}/dismiss: Take an alert away that does not end by itself (204, default)
        get    /accounts/{account}/approval-requests: List the approval requests, newest first: removals that wait for approvers (200, default)
        post   /accounts/{account}/approval-requests: Propose to remove an approver of a quorum policy (201, default)
        get    /accounts/{account}/approval-requests/{user}: Show the approval request about a user (200, default)
        post   /accounts/{account}/approval-requests/{user}/approve: Approve a removal, as an approver of the quorum policy (200, default)
        post   /accounts/{account}/approval-requests/{user}/deny: Deny a removal, as an approver of the quorum policy (200, default)
        get    /accounts/{account}/audit: Read the audit log (200, default)
        get    /accounts/{account}/audit/export.csv: Export the audit log as CSV; the export is an entry itself (200, default)
        get    /accounts/{account}/audit/export.jsonl: Export the audit log as lines of JSON; the export is an entry itself (200, default)
        get    /accounts/{account}/audit/stream: Show where the audit log is sent, and how far it has come (operator) (200, default)
        put    /accounts/{account}/audit/stream: Send the audit log to a syslog server or a webhook (operator) (200, default)
        delete /accounts/{account}/audit/stream: Send the audit log nowhere any more (operator) (204, default)
        get    /accounts/{account}/audit/verify: Verify the hash chain of the audit log (200, default)
        post   /accounts/{account}/enterprise-apps: Make an enterprise app: a target that the account provisions into (201, default)
        get    /accounts/{account}/enterprise-apps: List enterprise apps (200, default)
        get    /accounts/{account}/enterprise-apps/{enterprise_app}: Show an enterprise app (200, default)
        patch  /accounts/{account}/enterprise-apps/{enterprise_app}: Change an enterprise app (200, default)
        delete /accounts/{account}/enterprise-apps/{enterprise_app}: Remove an enterprise app; nothing is done at its target (204, default)
        post   /accounts/{account}/enterprise-apps/{enterprise_app}/allow-deletions: Let the disables and deletes that are held be sent by the next cycle (200, default)
        post   /accounts/{account}/enterprise-apps/{enterprise_app}/app-roles: Make an app role (201, default)
        get    /accounts/{account}/enterprise-apps/{enterprise_app}/app-roles: List the roles of an enterprise app (200, default)
        get    /accounts/{account}/enterprise-apps/{enterprise_app}/app-roles/{app_role}: Show an app role (200, default)
        patch  /accounts/{account}/enterprise-apps/{enterprise_app}/app-roles/{app_role}: Change an app role (200, default)
        delete /accounts/{account}/enterprise-apps/{enterprise_app}/app-roles/{app_role}: Remove an app role that nobody has (204, default)
        post   /accounts/{account}/enterprise-apps/{enterprise_app}/apply: Do what a plan showed, exactly, or nothing (200, default)
        post   /accounts/{account}/enterprise-apps/{enterprise_app}/assignments: Assign a user or a group to an enterprise app (201, default)
        get    /accounts/{account}/enterprise-apps/{enterprise_app}/assignments: List who is assigned to an enterprise app (200, default)
        get    /accounts/{account}/enterprise-apps/{enterprise_app}/assignments/{assignment}: Show an assignment (200, default)
        patch  /accounts/{account}/enterprise-apps/{enterprise_app}/assignments/{assignment}: Give an assignment another app role (200, default)
        delete /accounts/{account}/enterprise-apps/{enterprise_app}/assignments/{assignment}: End an assignment (204, default)
        post   /accounts/{account}/enterprise-apps/{enterprise_app}/cycle: Run a cycle of an enterprise app now, and wait for its end (200, default)
        get    /accounts/{account}/enterprise-apps/{enterprise_app}/lineage: Show where the values come from that an app sends of a user or group (200, default)
        get    /accounts/{account}/enterprise-apps/{enterprise_app}/mappings: Show what an enterprise app sends (200, default)
        put    /accounts/{account}/enterprise-apps/{enterprise_app}/mappings: Change what an enterprise app sends (200, default)
        post   /accounts/{account}/enterprise-apps/{enterprise_app}/mappings/check: Check one row of a mapping, and evaluate it step by step for somebody (200, default)
        post   /accounts/{account}/enterprise-apps/{enterprise_app}/mappings/restore: Have an enterprise app send what a new one sends (200, default)
        post   /accounts/{account}/enterprise-apps/{enterprise_app}/plan: Show what the next cycle of an enterprise app would do; nothing is changed (200, default)
        post   /accounts/{account}/enterprise-apps/{enterprise_app}/probe: Find out what the target of an enterprise app needs otherwise than Entra sends (200, default)
        post   /accounts/{account}/enterprise-apps/{enterprise_app}/provision-on-demand: Provision a user or a group now, and show it step by step (200, default)
        get    /accounts/{account}/enterprise-apps/{enterprise_app}/provisioning-logs: Read the provisioning log of an enterprise app, newest first (200, default)
        get    /accounts/{account}/enterprise-apps/{enterprise_app}/provisioning-logs/{provisioning_log}: Read one entry of the provisioning log (200, default)
        post   /accounts/{account}/enterprise-apps/{enterprise_app}/reject-deletions: Have the next cycle let go of the disables and deletes that are held (200, default)
        post   /accounts/{account}/enterprise-apps/{enterprise_app}/restart: Have an enterprise app look at everything again (200, default)
        get    /accounts/{account}/enterprise-apps/{enterprise_app}/scope: Show who is in scope of an enterprise app (200, default)
        put    /accounts/{account}/enterprise-apps/{enterprise_app}/scope: Say who is in scope of an enterprise app (200, default)
        post   /accounts/{account}/enterprise-apps/{enterprise_app}/start: Let an enterprise app run by itself (200, default)
        get    /accounts/{account}/enterprise-apps/{enterprise_app}/status: Show how the provisioning of an enterprise app stands (200, default)
        post   /accounts/{account}/enterprise-apps/{enterprise_app}/stop: Stop an enterprise app (200, default)
        post   /accounts/{account}/enterprise-apps/{enterprise_app}/test-connection: Ask the target of an enterprise app whether it can be provisioned into (200, default)
        post   /accounts/{account}/enterprise-apps/{enterprise_app}/undo: Take back what a cycle wrote, exactly as was shown, or nothing (200, default)
        post   /accounts/{account}/enterprise-apps/{enterprise_app}/undo-plan: Show what would take back what a cycle wrote; nothing is changed (200, default)
        get    /accounts/{account}/export: Export an account as lines of JSON, without secrets (operator) (200, default)
        post   /accounts/{account}/groups: Make a group (201, default)
        get    /accounts/{account}/groups: List groups (200, default)
        post   /accounts/{account}/groups/import: Make and change groups as a source outside says that they are (200, default)
        get    /accounts/{account}/groups/{group}: Show a group (200, default)
        patch  /accounts/{account}/groups/{group}: Change a group by hand (200, default)
        delete /accounts/{account}/groups/{group}: Remove a group with its quorum policy (204, default)
        get    /accounts/{account}/groups/{group}/members: List the members of a group (200, default)
        get    /accounts/{account}/groups/{group}/quorum-policy: Show a group's quorum policy (200, default)
        put    /accounts/{account}/groups/{group}/quorum-policy: Set a group's quorum policy (200, default)
        delete /accounts/{account}/groups/{group}/quorum-policy: Remove a group's quorum policy (204, default)
        get    /accounts/{account}/held-changes: List the disables and removals that a brake keeps for an administrator (200, default)
        post   /accounts/{account}/held-changes/{user}/discard: Forget what a brake kept back: the user stays (204, default)
        post   /accounts/{account}/held-changes/{user}/release: Do what a brake kept back (204, default)
        post   /accounts/{account}/indexes: Declare an index on an attribute; it is built in the background (201, default)
        get    /accounts/{account}/indexes: List the indexes that the account declares, and how far they are (200, default)
        get    /accounts/{account}/indexes/{index}: Show an index, and how far it is (200, default)
        delete /accounts/{account}/indexes/{index}: Take an index back; its entries go in the background (202, default)
        get    /accounts/{account}/invitations: List who was sent a link to set a password and has not set one (200, default)
        get    /accounts/{account}/policy: Show the provisioning policy in force (200, default)
        put    /accounts/{account}/policy: Put another provisioning policy in force (200, default)
        post   /accounts/{account}/policy/preview: Ask whom another provisioning policy would affect; nothing is changed (200, default)
        post   /accounts/{account}/policy/revert: Put an earlier version of the provisioning policy in force again (200, default)
        get    /accounts/{account}/policy/versions: List the versions of the provisioning policy, oldest first (200, default)
        get    /accounts/{account}/policy/versions/{version}: Show a version of the provisioning policy (200, default)
        get    /accounts/{account}/policy/versions/{version}/diff: Compare a version of the provisioning policy with another one (200, default)
        get    /accounts/{account}/quorum-policies: List the quorum policies: the account's own and those of groups (200, default)
        get    /accounts/{account}/quorum-policy: Show the account's quorum policy (200, default)
        put    /accounts/{account}/quorum-policy: Set the account's quorum policy (200, default)
        delete /accounts/{account}/quorum-policy: Remove the account's quorum policy (204, default)
        get    /accounts/{account}/requests: Read the request log: what SCIM clients asked and were answered (200, default)
        get    /accounts/{account}/requests/{request}: Show a request of the log (200, default)
        post   /accounts/{account}/resource-types: Define a resource type (201, default)
        get    /accounts/{account}/resource-types: List the account's own resource types (200, default)
        get    /accounts/{account}/resource-types/{type}: Show a resource type of the account's own (200, default)
        delete /accounts/{account}/resource-types/{type}: Remove a resource type that has no resources (204, default)
        post   /accounts/{account}/roles: Make a custom role (201, default)
        get    /accounts/{account}/roles: List roles, those of the system first (200, default)
        post   /accounts/{account}/roles/assertion: Ask which roles an assertion of `roles` would give; nothing is changed (200, default)
        get    /accounts/{account}/roles/{role}: Show a role (200, default)
        patch  /accounts/{account}/roles/{role}: Change a custom role (200, default)
        delete /accounts/{account}/roles/{role}: Remove a custom role that nobody holds (204, default)
        post   /accounts/{account}/schemas: Define a schema, be it an extension or what a resource type is made of (201, default)
        get    /accounts/{account}/schemas: List the account's own schemas (200, default)
        get    /accounts/{account}/schemas/{schema}: Show a schema of the account's own (200, default)
        delete /accounts/{account}/schemas/{schema}: Remove a schema that nothing uses (204, default)
        get    /accounts/{account}/sign-in: Show how people sign in to the account's console (200, default)
        patch  /accounts/{account}/sign-in: Change how people sign in to the account's console (200, default)
        post   /accounts/{account}/sign-in-checks: Ask whether a person may use the account, and with which permissions (200, default)
        post   /accounts/{account}/sign-in/tests: Try an identity provider without a person (200, default)
        post   /accounts/{account}/simulations: Try a SCIM request out: its answer, with nothing changed (200, default)
        get    /accounts/{account}/sources: List the sources that users come from (200, default)
        get    /accounts/{account}/sources/{source}: Show where a source's last run ended (200, default)
        put    /accounts/{account}/sources/{source}: Note where a source's run ended (200, default)
        delete /accounts/{account}/sources/{source}: Let a source's next run read everything (204, default)
        post   /accounts/{account}/users: Make a user by hand (201, default)
        get    /accounts/{account}/users: List users (200, default)
        post   /accounts/{account}/users/import: Make and change users as a source outside says that they are (200, default)
        get    /accounts/{account}/users/migration: Show how many users an identity provider would meet (200, default)
        post   /accounts/{account}/users/migration: Let an admin app manage the users whom its identity provider names (200, default)
        get    /accounts/{account}/users/{user}: Show a user (200, default)
        patch  /accounts/{account}/users/{user}: Change a user by hand (200, default)
        delete /accounts/{account}/users/{user}: Remove a user from the account (204, default)
        post   /accounts/{account}/users/{user}/adopt: Let an admin app manage a user who was made by hand (200, default)
        get    /accounts/{account}/users/{user}/credentials: Show what a user signs in to the console with (200, default)
        post   /accounts/{account}/users/{user}/invitations: Send a user a link to set a password for the console (202, default)
        delete /accounts/{account}/users/{user}/invitations: Take back a link to set a password (204, default)
        get    /accounts/{account}/users/{user}/lineage: Show where the attributes of a user come from (200, default)
        post   /accounts/{account}/users/{user}/release: Let nobody but administrators manage a user (200, default)
        post   /accounts/{account}/users/{user}/restore: Bring a deleted user back (200, default)
        delete /accounts/{account}/users/{user}/second-factors: Forget a user's second factors, and end the user's sessions (204, default)
        get    /accounts/{account}/users/{user}/sessions: List a user's sessions in the console (200, default)
        delete /accounts/{account}/users/{user}/sessions: End all sessions of a user (204, default)
        delete /accounts/{account}/users/{user}/sessions/{session}: End a session of a user (204, default)
        post   /accounts/{account}/users/{user}/verification-mails: Send a user a mail with a new link that proves the address (202, default)
        get    /policy/presets: List the presets of the provisioning policy (200, default)
        get    /policy/reference: Show what a provisioning policy may say, as a JSON Schema (200, default)
    "#]].assert_eq(&lines);
}

#[tokio::test]
async fn every_body_and_answer_has_its_media_type() {
    let document = document(&Service::new()).await;
    let mut others = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let answers = operation["responses"].as_object().unwrap();
            let answers = answers.iter().map(|(status, answer)| (status.as_str(), answer));
            for (of, content) in answers.chain([("body", &operation["requestBody"])]) {
                for media_type in content["content"].as_object().into_iter().flat_map(|content| content.keys()) {
                    let expected = if of == "default" { "application/problem+json" } else { "application/json" };
                    if media_type != expected {
                        others.push(format!("{method} {path} {of}: {media_type}"));
                    }
                }
            }
        }
    }
    let lines = [
        "post /accounts/import body: application/x-ndjson",
        "get /accounts/{account}/audit/export.csv 200: text/csv",
        "get /accounts/{account}/audit/export.jsonl 200: application/x-ndjson",
        "get /accounts/{account}/export 200: application/x-ndjson",
    ];
    assert_eq!(others, lines);
}

#[tokio::test]
async fn the_router_answers_what_the_description_names_and_no_other_method() {
    let service = Service::new();
    let document = document(&service).await;
    let ours = service.tenant(json!("standard"), json!(["scim"])).await;
    let account = ours.base.rsplit('/').next().unwrap();
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in methods {
            let named = operations.get(method.to_lowercase()).is_some();
            // What is asked about does not exist, so that nothing is changed and only the router says 405.
            let segment = |segment: &str| if segment.starts_with('{') { "x".to_owned() } else { segment.to_owned() };
            let asked: Vec<String> = path.replace("{account}", account).split('/').map(segment).collect();
            let asked = format!("/api/v1{}", asked.join("/"));
            let answer = service.operate(method, &asked, Value::Null).await;
            assert_eq!(answer.status != 405, named, "{method} {path}: {}", answer.text);
            assert!(!answer.text.contains("nothing is served"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let document = document(&Service::new()).await;
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for name in schemas.keys() {
        assert!(text.contains(&format!("\"#/components/schemas/{name}\"")), "{name} is not used");
    }
    for reference in text.split("\"$ref\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document.pointer(&reference[1..]).is_some(), "{reference} leads nowhere");
    }
}

#[tokio::test]
async fn every_parameter_and_member_is_described() {
    let document = document(&Service::new()).await;
    let mut missing = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().unwrap();
            let bare = parameters.iter().filter(|parameter| !parameter["description"].is_string());
            missing.extend(bare.map(|parameter| format!("{method} {path} {}", parameter["name"])));
            let names = path.matches('{').count();
            let in_path = parameters.iter().filter(|parameter| parameter["in"] == "path").count();
            assert_eq!(names, in_path, "{method} {path}");
            let has_body = operation.get("requestBody").is_some();
            assert!(has_body || !matches!(method.as_str(), "put" | "patch"), "{method} {path} has no body");
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let members = schema["properties"].as_object().into_iter().flatten();
        missing
            .extend(members.filter(|(_, member)| !is_described(member)).map(|(member, _)| format!("{name}.{member}")));
    }
    assert_eq!(missing, [""; 0]);
}

fn is_described(member: &Value) -> bool {
    let described = |schema: &Value| schema["description"].is_string();
    described(member) || member["oneOf"].as_array().is_some_and(|ways| ways.iter().any(described))
}

#[tokio::test]
async fn an_answer_has_the_members_that_are_described() {
    let service = Service::new();
    let document = document(&service).await;
    let ours = service.tenant(json!("standard"), json!(["scim"])).await;
    let user = service.done("POST", &format!("{}/users", ours.base), json!({ "email": "ann" })).await;
    let role = service.done("POST", &format!("{}/roles", ours.base), json!({ "name": "R" })).await;
    let get = |path: &str| format!("{}{path}", ours.base);
    for (schema, shown) in [
        ("AccountView", service.done("GET", &ours.base, Value::Null).await),
        ("PolicyView", service.done("GET", &get("/policy"), Value::Null).await),
        ("AdminAppView", service.done("GET", &get(&format!("/admin-apps/{}", ours.app)), Value::Null).await),
        ("UserView", user),
        ("RoleView", role),
    ] {
        let described = document["components"]["schemas"][schema]["properties"].as_object().unwrap();
        let mut described: Vec<&String> = described.keys().collect();
        let mut members: Vec<&String> = shown.as_object().unwrap().keys().collect();
        described.sort();
        members.sort();
        assert_eq!(members, described, "{schema}");
    }
    let described = &document["components"]["schemas"]["AuditEntry"];
    service.operate("DELETE", &get("/users/x"), Value::Null).await;
    for entry in service.pages(&get("/audit?limit=200")).await.as_array().unwrap() {
        for member in entry.as_object().unwrap().keys() {
            assert!(described["properties"].get(member).is_some(), "AuditEntry.{member}");
        }
        for required in described["required"].as_array().unwrap() {
            assert!(entry.get(required.as_str().unwrap()).is_some(), "{required} is not in {entry}");
        }
    }
}
