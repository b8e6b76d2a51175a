//! Every route there is, with a key that is not for it: 401, 403 or 404, no data, and nothing is changed (S-105).

use super::{GROUP, USER, patch};
use crate::support::{Account, Answer, Server, id, pause, request, send};
use serde_json::{Value, json};
use std::cell::Cell;

/// Stands in every name of the account whose doors are tried.
const SECRET: &str = "Quetzal";
const DEVICE: &str = "urn:example:schemas:Device";

/// The account whose doors are tried, and what is behind them.
struct House {
    server: Server,
    account: Account,
    user: String,
    group: String,
    role: String,
    schema: String,
    kind: String,
    device: String,
    index: String,
    outbound: String,
    app_role: String,
    assignment: String,
    request: String,
    /// Each request comes from an address of its own: too many wrong keys from one shut it out.
    asked: Cell<usize>,
}

impl House {
    fn new() -> Self {
        let server = Server::start_with(&["--trusted-proxy", "127.0.0.1/32"]);
        let account = server.account(json!("standard"));
        let user = id(&account.create(json!({ "userName": format!("{SECRET}@a.example"), "displayName": SECRET })));
        let group = id(&account.group(SECRET, &[&user]));
        let role = id(&account.api("POST", "/roles", json!({ "name": SECRET })).expect(201).json());
        let attributes = json!([{ "name": "serial", "type": "string" }]);
        let schema = json!({ "schema": { "id": DEVICE, "name": "Device", "attributes": attributes } });
        let schema = id(&account.api("POST", "/schemas", schema).expect(201).json());
        let kind = json!({ "name": "Device", "endpoint": "/Devices", "schema": DEVICE });
        let kind = id(&account.api("POST", "/resource-types", kind).expect(201).json());
        let device = json!({ "schemas": [DEVICE], "serial": SECRET });
        let device = id(&account.scim("POST", "/Devices", device).expect(201).json());
        account.api("PUT", &format!("/groups/{group}/quorum-policy"), json!({ "app": account.app })).expect(200);
        let index = json!({ "resource_type": "User", "attribute": "title" });
        let index = id(&account.api("POST", "/indexes", index).expect(201).json());
        while account.api("GET", &format!("/indexes/{index}"), Value::Null).expect(200).json()["state"] != "ready" {
            pause();
        }
        let app = json!({ "name": SECRET, "tenant_url": "https://scim.example.com/v2" });
        let outbound = id(&account.api("POST", "/enterprise-apps", app).expect(201).json());
        let path = format!("/enterprise-apps/{outbound}");
        let app_role = json!({ "display_name": SECRET, "value": SECRET, "description": SECRET });
        let app_role = id(&account.api("POST", &format!("{path}/app-roles"), app_role).expect(201).json());
        let assignment = json!({ "user": user, "app_role": app_role });
        let assignment = id(&account.api("POST", &format!("{path}/assignments"), assignment).expect(201).json());
        account.api("PUT", "/sources/hr", json!({ "cookie": { "after": SECRET }, "version": 0 })).expect(200);
        let request = id(&account.api("GET", "/requests", Value::Null).expect(200).json()["items"][0]);
        let asked = Cell::new(0);
        Self {
            server,
            account,
            user,
            group,
            role,
            schema,
            kind,
            device,
            index,
            outbound,
            app_role,
            assignment,
            request,
            asked,
        }
    }

    /// A key of an admin app with these scopes, in the house itself or in an account of its own.
    fn key(&self, account: &Account, name: &str, scopes: Value) -> (String, String) {
        let app = account.api("POST", "/admin-apps", json!({ "name": name, "scopes": scopes })).expect(201).json();
        (id(&app), app["api_key"].as_str().expect("a new app shows its key").to_owned())
    }

    fn ask(&self, method: &str, path: &str, key: Option<&str>, body: &Value) -> Answer {
        let number = self.asked.get();
        self.asked.set(number + 1);
        let address = format!("10.{}.{}.{}", number / 65_536, number / 256 % 256, number % 256);
        let mut asked = request(method, &format!("{}{path}", self.server.base)).header("x-forwarded-for", address);
        if let Some(key) = key {
            asked = asked.bearer_auth(key);
        }
        send(match body {
            Value::Null => asked,
            body => asked.header("content-type", "application/json").body(body.to_string()),
        })
    }

    /// A path of the description with the house's own ids in it.
    fn filled(&self, path: &str) -> String {
        let mut filled = path.to_owned();
        for (name, value) in [
            ("{account}", &self.account.id),
            ("{app}", &self.account.app),
            ("{user}", &self.user),
            ("{group}", &self.group),
            ("{role}", &self.role),
            ("{schema}", &self.schema),
            ("{type}", &self.kind),
            ("{index}", &self.index),
            ("{enterprise_app}", &self.outbound),
            ("{app_role}", &self.app_role),
            ("{assignment}", &self.assignment),
            ("{source}", &"hr".to_owned()),
            ("{request}", &self.request),
            // Nobody is signed in to the console there, and nothing was sent.
            ("{session}", &super::NOBODY.to_owned()),
            ("{alert}", &super::NOBODY.to_owned()),
            ("{provisioning_log}", &super::NOBODY.to_owned()),
            ("{version}", &"1".to_owned()),
        ] {
            filled = filled.replace(name, value);
        }
        assert!(!filled.contains('{'), "a value is needed for what stands in {path}");
        format!("/api/v1{filled}")
    }

    /// Everything about the account that a stranger must not change.
    fn state(&self) -> Vec<String> {
        let paths =
            ["", "/users", "/groups", "/roles", "/policy", "/schemas", "/resource-types", "/indexes", "/sources"];
        let below = ["", "/app-roles", "/assignments", "/mappings", "/scope", "/status", "/provisioning-logs"];
        let below = below.map(|path| format!("/enterprise-apps/{}{path}", self.outbound));
        let paths = paths.into_iter().chain(below.iter().map(String::as_str));
        let mut state: Vec<String> =
            paths.map(|path| self.account.api("GET", path, Value::Null).expect(200).text).collect();
        state.push(self.account.scim("GET", "/", Value::Null).expect(200).text);
        state
    }

    fn entries(&self) -> Value {
        self.account.audit()[0]["seq"].clone()
    }
}

/// An answer that tells nothing: an error of one of these statuses, with none of the names.
#[track_caller]
fn tells_nothing(name: &str, answer: &Answer, statuses: &[u16]) {
    assert!(statuses.contains(&answer.status), "{name}: {} {}", answer.status, answer.text);
    assert!(!answer.text.contains(SECRET), "{name}: {}", answer.text);
    if !name.starts_with("HEAD") {
        let error = answer.json();
        assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{name}: {error}");
        assert!(error.get("items").is_none() && error.get("id").is_none(), "{name}: {error}");
    }
}

/// Paths of the management API that are about no account: the same for everybody who has a key.
const FOR_EVERYBODY: [&str; 2] = ["/policy/presets", "/policy/reference"];

#[test]
fn s_105_every_route_of_the_management_api_is_closed_to_others() {
    let house = House::new();
    let stranger = house.server.account(json!("standard"));
    let (_, foreign) = house.key(&stranger, "Stranger", json!(["api", "scim"]));
    let (revoked_app, revoked) = house.key(&house.account, "Revoked", json!(["api", "scim"]));
    house.account.api("POST", &format!("/admin-apps/{revoked_app}/revoke"), Value::Null).expect(200);
    let before = house.state();
    let entries = house.entries();
    let document = house.ask("GET", "/api/v1/openapi.json", None, &Value::Null).expect(200).json();
    let mut walked = 0;
    for (path, operations) in document["paths"].as_object().expect("a description has paths") {
        for method in operations.as_object().expect("a path has methods").keys() {
            let (method, target) = (method.to_uppercase(), house.filled(path));
            let name = format!("{method} {path}");
            for body in [Value::Null, json!({})] {
                for (whose, key) in [("none", None), ("revoked", Some(revoked.as_str())), ("malformed", Some("x"))] {
                    let answer = house.ask(&method, &target, key, &body);
                    tells_nothing(&format!("{name}, key: {whose}"), &answer, &[401]);
                }
                if FOR_EVERYBODY.contains(&path.as_str()) {
                    continue;
                }
                let answer = house.ask(&method, &target, Some(&foreign), &body);
                tells_nothing(&format!("{name}, key: foreign"), &answer, &[403, 404]);
                let nowhere = target.replace(&house.account.id, super::NOBODY);
                let unknown = house.ask(&method, &nowhere, Some(&foreign), &body);
                assert_eq!(
                    (answer.status, answer.text),
                    (unknown.status, unknown.text),
                    "{name}: as if there were none"
                );
                // The SCIM client of the account itself.
                let answer = house.ask(&method, &target, Some(&house.account.key), &body);
                tells_nothing(&format!("{name}, key: for SCIM only"), &answer, &[403]);
            }
            walked += 1;
        }
    }
    assert!(walked > 60, "{walked} routes");
    assert_eq!(house.state(), before, "nothing has changed");
    let misused = house.account.audit();
    let others =
        misused.iter().take_while(|entry| entry["seq"] != entries).filter(|entry| entry["action"] != "admin_app.use");
    assert_eq!(others.count(), 0, "the log tells of misused keys of the account, and of nothing else");
}

/// The paths of SCIM as `route.rs` of the server names them, each with a path below the base and the methods that it answers.
const SCIM: [(&str, &[&str], &str); 12] = [
    ("[\"\"]", &[""], "GET, HEAD, OPTIONS"),
    ("[\"Me\"]", &["Me"], "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
    ("[\"Bulk\"]", &["Bulk"], "POST, OPTIONS"),
    ("[\".search\"]", &[".search"], "POST, OPTIONS"),
    ("[\"ServiceProviderConfig\"]", &["ServiceProviderConfig"], "GET, HEAD, OPTIONS"),
    ("[\"ResourceTypes\"]", &["ResourceTypes"], "GET, HEAD, OPTIONS"),
    ("[\"ResourceTypes\", name]", &["ResourceTypes/User", "ResourceTypes/Device"], "GET, HEAD, OPTIONS"),
    ("[\"Schemas\"]", &["Schemas"], "GET, HEAD, OPTIONS"),
    ("[\"Schemas\", urn]", &["Schemas/urn:example:schemas:Device"], "GET, HEAD, OPTIONS"),
    ("[name]", &["Users", "Groups", "Devices"], "GET, HEAD, POST, OPTIONS"),
    ("[name, \".search\"]", &["Users/.search", "Groups/.search", "Devices/.search"], "POST, OPTIONS"),
    ("[name, id]", &["Users/{user}", "Groups/{group}", "Devices/{device}"], "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"),
];

/// The patterns of paths in the source: whoever adds one adds it to the table.
#[test]
fn s_105_the_table_of_scim_routes_is_whole() {
    let source = include_str!("../../../../server/src/scim/route.rs");
    let body = source.split_once("fn named(path: &str)").expect("the source has the function").1;
    let body = body.split_once("\n}\n").expect("a function ends").0;
    let arms = body.lines().map(str::trim).filter(|line| line.starts_with('[') && line.contains("=>"));
    let patterns: Vec<&str> = arms
        .map(|line| {
            let pattern = line.split_once("=>").expect("an arm").0;
            pattern.split_once(" if ").map_or(pattern, |(pattern, _)| pattern).trim()
        })
        .collect();
    assert_eq!(patterns, SCIM.map(|(pattern, _, _)| pattern));
}

#[test]
fn s_105_every_route_of_scim_is_closed_to_others() {
    let house = House::new();
    let stranger = house.server.account(json!("standard"));
    let (_, foreign) = house.key(&stranger, "Stranger", json!(["scim"]));
    let (_, api_only) = house.key(&house.account, "For the API", json!(["api"]));
    let (revoked_app, revoked) = house.key(&house.account, "Revoked", json!(["scim"]));
    house.account.api("POST", &format!("/admin-apps/{revoked_app}/revoke"), Value::Null).expect(200);
    let (_, second) = house.key(&house.account, "Second", json!(["scim"]));
    let before = house.state();
    let own = format!("/scim/{}", house.account.app);
    let nobodys = format!("/scim/{}", super::NOBODY);
    for (pattern, paths, allowed) in SCIM {
        for path in paths {
            let path = path.replace("{user}", &house.user).replace("{group}", &house.group);
            let path = path.replace("{device}", &house.device);
            for base in ["/scim/v2", "/scim", &format!("{own}/v2"), &own] {
                let target = format!("{base}/{path}");
                let options = house.ask("OPTIONS", &target, None, &Value::Null).expect(204);
                assert_eq!((options.header("allow"), options.text.as_str()), (allowed, ""), "{pattern}: {target}");
                for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"] {
                    let name = format!("{method} {target}");
                    let body = body(method, &path);
                    for (whose, key, status) in [
                        ("none", None, 401),
                        ("revoked", Some(revoked.as_str()), 401),
                        ("malformed", Some("x"), 401),
                        ("the operator's", Some(house.server.operator_key.as_str()), 403),
                        ("for the API only", Some(api_only.as_str()), 403),
                    ] {
                        let answer = house.ask(method, &target, key, &body);
                        tells_nothing(&format!("{name}, key: {whose}"), &answer, &[status]);
                    }
                    if base.starts_with(&own) {
                        // The address of an admin app is for its own key only.
                        for key in [&foreign, &second] {
                            let answer = house.ask(method, &target, Some(key), &body);
                            tells_nothing(&name, &answer, &[404]);
                            let unknown = house.ask(method, &target.replace(&own, &nobodys), Some(key), &body);
                            assert_eq!(answer.text, unknown.text, "{name}: as if there were none");
                        }
                    } else {
                        let answer = house.ask(method, &target, Some(&foreign), &body);
                        assert!(!answer.text.contains(SECRET), "{name}: {}", answer.text);
                        let is_theirs = path.contains("Device") || pattern == "[name, id]";
                        assert!(
                            !is_theirs || matches!(answer.status, 404 | 405),
                            "{name}: {} {}",
                            answer.status,
                            answer.text
                        );
                    }
                }
            }
        }
    }
    assert_eq!(house.state(), before, "nothing has changed");
}

/// A body that the path would take from its own client.
fn body(method: &str, path: &str) -> Value {
    let message = |name: &str| format!("urn:ietf:params:scim:api:messages:2.0:{name}");
    match (method, path) {
        ("GET" | "HEAD" | "DELETE" | "TRACE", _) => Value::Null,
        ("PATCH", _) => patch(json!([{ "op": "replace", "path": "externalId", "value": "never" }])),
        (_, path) if path.ends_with(".search") => json!({ "schemas": [message("SearchRequest")] }),
        (_, "Bulk") => json!({ "schemas": [message("BulkRequest")], "Operations": [] }),
        (_, path) if path.starts_with("Groups") => json!({ "schemas": [GROUP], "displayName": "never" }),
        (_, path) if path.starts_with("Devices") => json!({ "schemas": [DEVICE], "serial": "never" }),
        _ => json!({ "schemas": [USER], "userName": "never" }),
    }
}
