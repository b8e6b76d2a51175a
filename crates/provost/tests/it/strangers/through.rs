//! A life through `provost serve`: an enterprise app, a probe, and cycles, after each of which the target is asked itself.

use super::{driver::Driver, server::TOKEN};
use crate::{
    provisioning::company,
    support::{Account, id},
};
use serde_json::{Value, json};

const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

/// An enterprise app of an account, and what its target says itself.
struct App<'a> {
    account: &'a Account,
    id: String,
    target: &'a Driver,
    /// What the probe said of each attribute.
    attributes: Vec<Value>,
}

/// Users and a group come, change, leave the scope, come back and are removed.
pub fn life(target: &Driver, tenant_url: &str) {
    let contoso = company();
    let app = App::new(&contoso, target, tenant_url);
    let ben = user(&contoso, json!({ "userName": "ben@contoso.example", "name": { "givenName": "Ben" } }));
    let boss = json!({ "manager": { "value": ben } });
    let ann = user(
        &contoso,
        json!({ "userName": "ann@contoso.example", "name": { "givenName": "Ann" },
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": boss }),
    );
    let sales = id(&contoso.group("Sales of Contoso", &[&ann, &ben]));
    app.api("POST", "/assignments", json!({ "group": sales })).expect(201);
    app.cycle();
    let (ann_there, ben_there) = (app.user("ann"), app.user("ben"));
    assert_eq!((&ann_there["active"], &ann_there["name"]["givenName"]), (&json!(true), &json!("Ann")));
    if app.keeps(MANAGER) {
        let extension = &ann_there["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"];
        assert_eq!(extension["manager"]["value"], ben_there["id"], "{ann_there}");
    }
    let group = app.group();
    assert_eq!(members(&group), sorted(&[&ann_there, &ben_there]));

    contoso.patch(&ann, json!([{ "op": "replace", "path": "name.givenName", "value": "Anne" }])).expect(200);
    app.cycle();
    assert_eq!(app.user("ann")["name"]["givenName"], json!("Anne"), "renamed");

    let leaves = json!([{ "op": "remove", "path": format!("members[value eq \"{ann}\"]") }]);
    contoso.patch_group(&sales, leaves).expect(204);
    app.cycle();
    assert_eq!(app.user("ann")["active"], json!(false), "who leaves the scope is disabled");
    assert_eq!(members(&app.group()), sorted(&[&ben_there]));

    let comes = json!([{ "op": "add", "path": "members", "value": [{ "value": ann }] }]);
    contoso.patch_group(&sales, comes).expect(204);
    app.cycle();
    let back = app.user("ann");
    assert_eq!((&back["active"], &back["id"]), (&json!(true), &ann_there["id"]), "the same user is enabled again");
    assert_eq!(members(&app.group()), sorted(&[&ann_there, &ben_there]));

    contoso.api("DELETE", &format!("/users/{ann}"), Value::Null).expect(204);
    app.cycle();
    assert_eq!(app.user("ann")["active"], json!(false), "who is in the bin is disabled");
    for user in [&ann, &ben] {
        contoso.api("DELETE", &format!("/users/{user}?permanent=true"), Value::Null).expect(204);
    }
    contoso.scim("DELETE", &format!("/Groups/{sales}"), Value::Null).expect(204);
    app.cycle();
    assert_eq!((app.find("/Users", "userName", "ann@contoso.example").len(), app.groups().len()), (0, 0));
    assert_eq!(
        app.find("/Users", "userName", "ben@contoso.example").len(),
        0,
        "who is removed for good is removed there"
    );
    app.api("DELETE", "", Value::Null).expect(204);
}

fn user(account: &Account, mut user: Value) -> String {
    user["name"]["familyName"] = json!("Contoso");
    user["displayName"] = user["userName"].clone();
    user["title"] = json!("Tester");
    user["emails"] = json!([{ "type": "work", "value": user["userName"], "primary": true }]);
    id(&account.create(user))
}

fn members(group: &Value) -> Vec<String> {
    let mut ids: Vec<String> =
        group["members"].as_array().into_iter().flatten().map(|member| text(&member["value"])).collect();
    ids.sort();
    ids
}

fn sorted(users: &[&Value]) -> Vec<String> {
    let mut ids: Vec<String> = users.iter().map(|user| text(&user["id"])).collect();
    ids.sort();
    ids
}

fn text(value: &Value) -> String {
    value.as_str().expect("ids are texts").to_owned()
}

impl<'a> App<'a> {
    /// Makes an app, probes its target, and gives the app what the probe found: settings, flag, and rows that the target keeps.
    fn new(account: &'a Account, target: &'a Driver, tenant_url: &str) -> Self {
        let body = json!({ "name": "Stranger", "tenant_url": tenant_url, "secret_token": TOKEN });
        let made = account.api("POST", "/enterprise-apps", body).expect(201).json();
        let mut app = Self { account, id: id(&made), target, attributes: Vec::new() };
        let probed = app.api("POST", "/probe", json!({ "write": true })).expect(200).json();
        let report = &probed["report"];
        assert_eq!((&report["obstacles"], &report["left_behind"]), (&json!([]), &json!([])), "{}", probed["text"]);
        app.attributes = report["attributes"].as_array().expect("a list").clone();
        let url = format!("{tenant_url}?{}", report["dialect"].as_str().unwrap_or_default());
        let found = json!({ "tenant_url": url.trim_end_matches('?'), "compatibility": report["compatibility"] });
        app.api("PATCH", "", found).expect(200);
        let mappings = app.api("GET", "/mappings", Value::Null).expect(200).json();
        let fitted = json!({ "users": app.fitted(&mappings, "users"), "groups": app.fitted(&mappings, "groups") });
        app.api("PUT", "/mappings", fitted).expect(200);
        app
    }

    fn api(&self, method: &str, path: &str, body: Value) -> crate::support::Answer {
        self.account.api(method, &format!("/enterprise-apps/{}{path}", self.id), body)
    }

    /// The rows that the target keeps; those that it takes in a POST only are sent on creation.
    fn fitted(&self, mappings: &Value, objects: &str) -> Vec<Value> {
        let rows = mappings[objects].as_array().expect("rows").iter().cloned();
        rows.filter_map(|mut row| {
            let found = self.attributes.iter().find(|one| one["of"] == objects && one["target"] == row["target"]);
            let Some(found) = found else { return Some(row) };
            match (found["on_create"] == json!(true), found["on_change"] == json!(true)) {
                (_, true) => {}
                (true, false) => row["apply"] = json!("on_create"),
                (false, false) => return None,
            }
            Some(row)
        })
        .collect()
    }

    fn keeps(&self, target: &str) -> bool {
        self.attributes.iter().any(|one| one["target"] == target && one["on_change"] == json!(true))
    }

    /// Runs a cycle in which nothing fails, and a second one that has nothing to do.
    #[track_caller]
    fn cycle(&self) {
        let ran = self.api("POST", "/cycle?retry=now", Value::Null).expect(200).json();
        let log = self.api("GET", "/provisioning-logs?status=failure", Value::Null).text;
        assert_eq!((&ran["status"], &ran["counts"]["failed"]), (&json!("succeeded"), &json!(0)), "{ran} {log}");
        let again = self.api("POST", "/cycle", Value::Null).expect(200).json();
        let did = ["created", "updated", "disabled", "deleted", "failed"].map(|name| again["counts"][name].as_u64());
        assert_eq!(did, [Some(0); 5], "an unchanged source sends nothing: {again}");
    }

    /// What the target finds by an attribute.
    fn find(&self, endpoint: &str, attribute: &str, value: &str) -> Vec<Value> {
        let filter = format!("{attribute} eq \"{value}\"").replace(' ', "%20").replace('"', "%22");
        let (status, body) = self.target.get(&format!("{endpoint}?filter={filter}"));
        assert_eq!(status, 200, "{body}");
        body["Resources"].as_array().cloned().unwrap_or_default()
    }

    #[track_caller]
    fn user(&self, name: &str) -> Value {
        let mut found = self.find("/Users", "userName", &format!("{name}@contoso.example"));
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    fn groups(&self) -> Vec<Value> {
        self.find("/Groups", "displayName", "Sales of Contoso")
    }

    #[track_caller]
    fn group(&self) -> Value {
        let mut found = self.groups();
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }
}
