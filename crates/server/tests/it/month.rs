//! A company's five weeks on a clock of their own: what the accounts that it provisions into look like at the end is what the story says.

use crate::service::{At, Service};
use crate::wire::Server;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How long the clock is moved at once; at each such time, what is due is run.
const TICK: SignedDuration = SignedDuration::from_hours(2);
/// Ticks in a day.
const TICKS: u32 = 12;
const AUDITOR: &str = "ACCOUNTAUDITOR";
const MEMBER: &str = "ACCOUNTMEMBER";

/// An account with the key of its SCIM client.
struct Account {
    /// `/api/v1/accounts/<id>`.
    base: String,
    key: String,
}

/// A company with an app into an account under `dsm` and one into an account under `fulcrum`.
struct Story {
    service: Service,
    company: Account,
    dsm: Account,
    fulcrum: Account,
    apps: [App; 2],
    people: BTreeMap<&'static str, String>,
    /// Assignments to the first app.
    assigned: BTreeMap<&'static str, String>,
    /// The group that is assigned to the second.
    crew: String,
    _listening: Server,
}

/// `/api/v1/accounts/<id>/enterprise-apps/<id>`.
struct App(String);

fn id(of: &Value) -> String {
    of.at("/id").to_owned()
}

async fn account(service: &Service, policy: &str) -> String {
    let new = json!({ "name": policy, "policy": policy, "features": ["plan", "sso", "api_addon"] });
    format!("/api/v1/accounts/{}", id(&service.done("POST", "/api/v1/accounts", new).await))
}

async fn keyed(service: &Service, base: String, app: Value) -> Account {
    let made = service.done("POST", &format!("{base}/admin-apps"), app).await;
    Account { base, key: made.at("/api_key").to_owned() }
}

async fn app(service: &Service, company: &Account, url: &str, target: &Account, rows: &[(&str, &str)]) -> App {
    let body = json!({ "name": url, "tenant_url": url, "secret_token": target.key });
    let made = service.done("POST", &format!("{}/enterprise-apps", company.base), body).await;
    let path = format!("{}/enterprise-apps/{}", company.base, id(&made));
    let mut users = vec![
        json!({ "target": "userName", "source": "userPrincipalName", "matching": 1 }),
        json!({ "target": "active", "expression": "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" }),
        json!({ "target": "externalId", "source": "objectId" }),
        json!({ "target": "roles", "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])" }),
    ];
    users.extend(rows.iter().map(|(target, source)| json!({ "target": target, "source": source })));
    let groups = url.ends_with("/scim");
    let mappings = json!({ "users": users, "settings": { "groups": { "enabled": groups } } });
    service.done("PUT", &format!("{path}/mappings"), mappings).await;
    App(path)
}

impl Story {
    async fn begun() -> Self {
        let service = Service::reaching_anywhere();
        let listening = Server::start(service.router()).await;
        let base = format!("http://{}/scim", listening.address);
        let company = account(&service, "directory").await;
        let company = keyed(&service, company, json!({ "name": "Manager" })).await;
        let dsm = account(&service, "dsm").await;
        let dsm = keyed(&service, dsm, json!({ "name": "Entra" })).await;
        let fulcrum = account(&service, "fulcrum").await;
        service.done("POST", &format!("{fulcrum}/roles"), json!({ "name": "Field Crew" })).await;
        let owner = json!({ "email": "owner@b.com", "roles": ["ACCOUNTADMINISTRATOR"] });
        let owner = id(&service.done("POST", &format!("{fulcrum}/users"), owner).await);
        let fulcrum = keyed(&service, fulcrum, json!({ "name": "Entra", "owner": owner })).await;
        let first = app(&service, &company, &format!("{base}/v2?aadOptscim062020"), &dsm, &[]).await;
        let names = [("name.givenName", "givenName")];
        let second = app(&service, &company, &base, &fulcrum, &names).await;
        for (app, name, value) in
            [(&first, "Account Member", MEMBER), (&first, "Account Auditor", AUDITOR), (&second, "Field Crew", "fc")]
        {
            let role = json!({ "display_name": name, "value": value, "description": name });
            service.done("POST", &format!("{}/app-roles", app.0), role).await;
        }
        service.done("PATCH", &first.0, json!({ "accidental_deletion_threshold": 3 })).await;
        let group = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Crew",
        });
        let crew = id(&service.ask(&company.key, "POST", "/scim/v2/Groups", group).await.json());
        let assignment = json!({ "group": crew, "app_role": "Field Crew" });
        service.done("POST", &format!("{}/assignments", second.0), assignment).await;
        for app in [&first, &second] {
            service.done("POST", &format!("{}/start", app.0), Value::Null).await;
        }
        let (people, assigned) = (BTreeMap::new(), BTreeMap::new());
        Self { service, company, dsm, fulcrum, apps: [first, second], people, assigned, crew, _listening: listening }
    }

    /// Lets so many days pass; cycles run whenever they are due.
    async fn days(&self, days: u32) {
        for _ in 0..days * TICKS {
            self.service.clock.advance(TICK);
            for app in &self.apps {
                let status = self.status(app).await;
                let runs = matches!(status["state"].as_str(), Some("NotRun" | "Active" | "Quarantine"));
                let next = status["next_cycle"].as_str().map(|at| at.parse::<jiff::Timestamp>().unwrap());
                if runs && next.is_none_or(|at| at <= provost_server::Clock::now(&*self.service.clock)) {
                    self.service.done("POST", &format!("{}/cycle", app.0), Value::Null).await;
                }
            }
        }
    }

    async fn status(&self, app: &App) -> Value {
        self.service.done("GET", &format!("{}/status", app.0), Value::Null).await
    }

    async fn hire(&mut self, name: &'static str) {
        let user = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": format!("{name}@a.com"), "name": { "givenName": name },
        });
        let made = self.service.ask(&self.company.key, "POST", "/scim/v2/Users", user).await;
        self.people.insert(name, id(&made.json()));
    }

    async fn patched(&self, path: &str, operations: Value) {
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
        let answer = self.service.ask(&self.company.key, "PATCH", path, body).await;
        assert!(answer.status < 300, "{}", answer.shown());
    }

    async fn change(&self, name: &str, path: &str, value: Value) {
        let user = format!("/scim/v2/Users/{}", self.people[name]);
        self.patched(&user, json!([{ "op": "replace", "path": path, "value": value }])).await;
    }

    /// Assigns somebody to the first app.
    async fn assign(&mut self, name: &'static str, role: &str) {
        let body = json!({ "user": self.people[name], "app_role": role });
        let made = self.service.done("POST", &format!("{}/assignments", self.apps[0].0), body).await;
        self.assigned.insert(name, id(&made));
    }

    async fn unassign(&mut self, name: &str) {
        let assignment = self.assigned.remove(name).unwrap();
        self.service.done("DELETE", &format!("{}/assignments/{assignment}", self.apps[0].0), Value::Null).await;
    }

    async fn role(&self, name: &str, role: &str) {
        let path = format!("{}/assignments/{}", self.apps[0].0, self.assigned[name]);
        self.service.done("PATCH", &path, json!({ "app_role": role })).await;
    }

    async fn join(&self, names: &[&str]) {
        let members: Vec<Value> = names.iter().map(|name| json!({ "value": self.people[name] })).collect();
        let operations = json!([{ "op": "add", "path": "members", "value": members }]);
        self.patched(&format!("/scim/v2/Groups/{}", self.crew), operations).await;
    }

    async fn part(&self, name: &str) {
        let path = format!("members[value eq \"{}\"]", self.people[name]);
        self.patched(&format!("/scim/v2/Groups/{}", self.crew), json!([{ "op": "remove", "path": path }])).await;
    }

    /// Deletes somebody: into the bin, or for good.
    async fn delete(&self, name: &str, query: &str) {
        let path = format!("{}/users/{}{query}", self.company.base, self.people[name]);
        self.service.done("DELETE", &path, Value::Null).await;
    }

    async fn restore(&self, name: &str) {
        let path = format!("{}/users/{}/restore", self.company.base, self.people[name]);
        self.service.done("POST", &path, Value::Null).await;
    }

    /// What a SCIM client sees of users in an account, sorted: `ann@a.com`, `-` before who is disabled, and the roles behind.
    async fn seen(&self, account: &Account) -> Vec<String> {
        let list = self.service.ask(&account.key, "GET", "/scim/v2/Users?count=200", Value::Null).await.json();
        let role = |role: &Value| role["display"].as_str().unwrap_or_default().to_owned();
        let shown = |user: &Value| {
            let roles: Vec<String> = user["roles"].as_array().into_iter().flatten().map(role).collect();
            let mark = if user["active"] == json!(true) { "" } else { " disabled" };
            format!("{}{mark}: {}", user.at("/userName"), roles.join(", "))
        };
        let mut seen: Vec<String> = list["Resources"].as_array().unwrap().iter().map(shown).collect();
        seen.sort();
        seen
    }
}

#[tokio::test]
async fn s_96_after_five_weeks_of_hires_leavers_renames_and_mishaps_both_accounts_are_as_the_story_says() {
    let mut story = Story::begun().await;
    let first = ["u01", "u02", "u03", "u04", "u05", "u06", "u07", "u08", "u09", "u10", "u11"];
    for name in first {
        story.hire(name).await;
        if name != "u11" {
            story.assign(name, if name > "u08" { AUDITOR } else { MEMBER }).await;
        }
    }
    story.join(&first[..6]).await;
    story.days(2).await;
    let ids = |list: Value| -> BTreeMap<String, String> {
        list["Resources"].as_array().unwrap().iter().map(|user| (user.at("/externalId").to_owned(), id(user))).collect()
    };
    let at_first = story.service.ask(&story.dsm.key, "GET", "/scim/v2/Users?count=200", Value::Null).await.json();
    let at_first = ids(at_first);
    assert_eq!((at_first.len(), story.seen(&story.fulcrum).await.len()), (10, 6));

    // Day 2: the second app gets a wrong token, and keeps it for 29 days.
    let second = story.apps[1].0.clone();
    story.service.done("PATCH", &second, json!({ "secret_token": "prv_not_the_key" })).await;
    for name in ["u13", "u14"] {
        story.hire(name).await;
        story.assign(name, MEMBER).await;
    }
    story.join(&["u13", "u14"]).await;
    story.days(3).await;
    assert_eq!(story.status(&story.apps[1]).await["state"], json!("Quarantine"));

    // Day 5: two change their roles; one goes to the bin; one is blocked for three days; one is married.
    story.role("u01", AUDITOR).await;
    story.role("u09", MEMBER).await;
    story.delete("u02", "").await;
    story.change("u03", "active", json!(false)).await;
    story.days(3).await;
    assert!(story.seen(&story.dsm).await.contains(&"u03@a.com disabled: Account Member".to_owned()));
    story.change("u03", "active", json!(true)).await;
    story.change("u04", "userName", json!("u04-married@a.com")).await;
    story.change("u04", "name.givenName", json!("Married")).await;
    story.days(4).await;

    // Day 12: who was in the bin is back, and assigned two days later; another one is deleted for good.
    story.restore("u02").await;
    story.delete("u05", "").await;
    story.days(2).await;
    assert!(story.seen(&story.dsm).await.contains(&"u02@a.com disabled: Account Member".to_owned()));
    story.assign("u02", MEMBER).await;
    story.join(&["u02"]).await;
    story.delete("u05", "?permanent=true").await;
    story.days(4).await;

    // Day 18: somebody unassigns eight by mistake, which is held, and assigns them again on the next day.
    let before = story.seen(&story.dsm).await;
    for name in &first[5..10] {
        story.unassign(name).await;
    }
    for name in ["u03", "u13", "u14"] {
        story.unassign(name).await;
    }
    story.days(1).await;
    let status = story.status(&story.apps[0]).await;
    assert_eq!((&status["state"], story.seen(&story.dsm).await), (&json!("Quarantine"), before.clone()), "{status}");
    for name in ["u03", "u06", "u07", "u08", "u09", "u13", "u14"] {
        story.assign(name, MEMBER).await;
    }
    story.assign("u10", AUDITOR).await;
    story.days(4).await;
    let status = story.status(&story.apps[0]).await;
    assert_eq!((&status["state"], story.seen(&story.dsm).await), (&json!("Active"), before), "{status}");

    // Day 23: one leaves the crew and the app.
    story.unassign("u06").await;
    story.part("u06").await;
    story.days(8).await;

    // Day 31: the second app was switched off; with the right token it is restarted.
    assert_eq!(story.status(&story.apps[1]).await["state"], json!("Disabled"));
    assert_eq!(story.seen(&story.fulcrum).await.len(), 6, "nothing was sent");
    story.service.done("PATCH", &second, json!({ "secret_token": story.fulcrum.key })).await;
    story.service.done("POST", &format!("{second}/restart"), Value::Null).await;
    story.days(2).await;
    story.role("u07", AUDITOR).await;
    story.delete("u13", "").await;
    story.days(2).await;

    assert_eq!(
        story.seen(&story.dsm).await,
        [
            "u01@a.com: Account Auditor",
            "u02@a.com: Account Member",
            "u03@a.com: Account Member",
            "u04@a.com: Account Member",
            "u06@a.com disabled: Account Member",
            "u07@a.com: Account Auditor",
            "u08@a.com: Account Member",
            "u09@a.com: Account Member",
            "u10@a.com: Account Auditor",
            "u13@a.com disabled: Account Member",
            "u14@a.com: Account Member",
        ]
    );
    let crew = ["u01@a.com", "u02@a.com", "u03@a.com", "u04-married@a.com", "u14@a.com"];
    assert_eq!(story.seen(&story.fulcrum).await, crew.map(|name| format!("{name}: Field Crew")));
    let groups = story.service.ask(&story.fulcrum.key, "GET", "/scim/v2/Groups", Value::Null).await.json();
    assert_eq!((&groups["totalResults"], groups["Resources"][0]["members"].as_array().unwrap().len()), (&json!(1), 5));
    let at_last = story.service.ask(&story.dsm.key, "GET", "/scim/v2/Users?count=200", Value::Null).await.json();
    for (who, there) in ids(at_last) {
        assert!(at_first.get(&who).is_none_or(|before| *before == there), "{who} is the same resource as before");
    }
    for app in &story.apps {
        let last = story.status(app).await;
        assert_eq!((&last["state"], &last["cycles"][0]["counts"]["writes"]), (&json!("Active"), &json!(0)), "{last}");
    }
}
