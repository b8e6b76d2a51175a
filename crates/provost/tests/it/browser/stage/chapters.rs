//! The story: what came about in six weeks.

use super::{App, Names, Person, Stage, people, people::departments};
use crate::support::{Account, id};
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const DOMAIN: &str = "larkfield.example";

/// How many people there are in the end.
const PEOPLE: usize = 500;
/// Of these, who came in the last week, and contractors, whom another identity provider brings.
const NEWCOMERS: usize = 36;
const CONTRACTORS: usize = 40;

/// The company's people with their ids; those who are still to come have none.
struct Cast {
    people: Vec<Person>,
    ids: Vec<String>,
    groups: Vec<(&'static str, String)>,
}

/// Tells it from its beginning.
pub fn tell(stage: &mut Stage) {
    let mut cast = Cast { people: people(PEOPLE, DOMAIN), ids: Vec::new(), groups: Vec::new() };
    let settled = PEOPLE - NEWCOMERS - CONTRACTORS;
    cast.hire(&stage.company, settled);
    cast.by_department(&stage.company);
    administrators(stage);

    stage.hours_before_now(30 * 24);
    let custodian = receivers(stage);
    let [vault, surveys] = enterprise_apps(stage, &cast, &custodian);

    stage.hours_before_now(14 * 24);
    contractors(stage, &mut cast, settled);
    app(stage, &vault).cycle();
    app(stage, &surveys).cycle();

    for day in (1..=6).rev() {
        stage.hours_before_now(day * 24);
        a_day(stage, &mut cast, day);
        app(stage, &vault).cycle();
        app(stage, &surveys).cycle();
    }

    for hours in [21, 17, 12, 8, 5, 3, 1] {
        stage.hours_before_now(hours);
        an_hour(stage, &cast, hours);
        app(stage, &vault).cycle();
    }

    stage.hours_before_now(0);
    let ledger = today(stage, &cast, &vault, &surveys);
    name_things(stage, &cast, [&vault, &surveys, &ledger]);
}

impl Cast {
    /// The next so many people come by way of an account's admin app.
    fn hire(&mut self, company: &Account, count: usize) {
        for number in self.ids.len()..self.ids.len() + count {
            let person = &self.people[number];
            let manager = person.manager.map(|manager| self.ids[manager].clone());
            let made = company.create(resource(person, manager.as_deref(), &format!("HR-{:05}", 10_000 + number)));
            self.ids.push(id(&made));
        }
    }

    /// Everybody becomes a member of a group of the same department.
    fn by_department(&mut self, company: &Account) {
        for name in departments() {
            let members: Vec<&str> = self.of_department(name);
            self.groups.push((name, id(&company.group(name, &members))));
        }
        let heads: Vec<&str> = self.ids[..11].iter().map(String::as_str).collect();
        self.groups.push(("Leadership", id(&company.group("Leadership", &heads))));
    }

    fn of_department(&self, name: &str) -> Vec<&str> {
        let all = self.people.iter().zip(&self.ids);
        all.filter(|(person, _)| person.department == name).map(|(_, id)| id.as_str()).collect()
    }

    fn group(&self, name: &str) -> &str {
        self.groups.iter().find(|(group, _)| *group == name).map(|(_, id)| id.as_str()).expect("there is such a group")
    }
}

/// A person as the HR system sends it.
fn resource(person: &Person, manager: Option<&str>, external: &str) -> Value {
    let mut user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "userName": person.mail,
        "externalId": external,
        "displayName": person.display,
        "name": { "givenName": person.given, "familyName": person.family },
        "emails": [{ "type": "work", "value": person.mail, "primary": true }],
        "title": person.title,
        "active": true,
    });
    user[ENTERPRISE] = json!({ "department": person.department, "employeeNumber": external });
    if let Some(manager) = manager {
        user[ENTERPRISE]["manager"] = json!({ "value": manager });
    }
    user
}

/// People whom no identity provider brings, and a role of the company's own.
fn administrators(stage: &Stage) {
    let company = &stage.company;
    let desk = json!({ "name": "Service desk", "description": "Looks after users", "permissions": ["GET_USERS", "GET_AUDIT_LOG"] });
    company.api("POST", "/roles", desk).expect(201);
    for (name, role) in
        [("ines.okafor", "ACCOUNTADMINISTRATOR"), ("pat.auditor", "ACCOUNTAUDITOR"), ("desk", "Service desk")]
    {
        let user = json!({ "email": format!("{name}@{DOMAIN}"), "roles": [role] });
        company.api("POST", "/users", user).expect(201);
    }
}

/// The two applications get their roles and whom their administrators add by hand; answers with the `role_id` of the vault's own role.
fn receivers(stage: &Stage) -> String {
    let vault = &stage.vault;
    let role = |account: &Account, role: Value| account.api("POST", "/roles", role).expect(201).json();
    let custodian = json!({ "name": "Key Custodian", "description": "Keeps the keys", "permissions": ["GET_USERS"], "exclusive": false });
    let custodian = role(vault, custodian)["value"].as_str().expect("a role has a value").to_owned();
    role(vault, json!({ "name": "Report Reader", "permissions": ["GET_AUDIT_LOG"] }));
    role(&stage.surveys, json!({ "name": "Field Crew" }));
    for (name, role) in
        [("root", "ACCOUNTADMINISTRATOR"), ("second", "ACCOUNTADMINISTRATOR"), ("external.audit", "ACCOUNTAUDITOR")]
    {
        let user = json!({ "email": format!("{name}@vault.example"), "roles": [role] });
        vault.api("POST", "/users", user).expect(201);
    }
    custodian
}

/// What the company sends to the two: the ids of the apps.
fn enterprise_apps(stage: &Stage, cast: &Cast, custodian: &str) -> [String; 2] {
    let active = "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")";
    let rows = json!([
        { "target": "userName", "source": "userPrincipalName", "matching": 1 },
        { "target": "active", "expression": active },
        { "target": "externalId", "source": "objectId" },
        { "target": "roles", "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])" },
    ]);
    let vault = App::new(&stage.company, "Data vault", &stage.vault, rows.clone(), false);
    for (name, value) in [
        ("Account Administrator", "ACCOUNTADMINISTRATOR"),
        ("Account Member", "ACCOUNTMEMBER"),
        ("Account Auditor", "ACCOUNTAUDITOR"),
        ("Key Custodian", custodian),
    ] {
        vault.role(name, value);
    }
    for (group, role) in
        [("Information technology", "Account Member"), ("Research", "Account Member"), ("Security", "Key Custodian")]
    {
        vault.assign(json!({ "group": cast.group(group), "app_role": role }));
    }
    let mut more = rows.as_array().cloned().expect("rows are a list");
    more.extend([
        json!({ "target": "emails[type eq \"work\"].value", "source": "mail" }),
        json!({ "target": "name.givenName", "source": "givenName" }),
        json!({ "target": "name.familyName", "source": "surname" }),
    ]);
    let surveys = App::new(&stage.company, "Field surveys", &stage.surveys, Value::Array(more), true);
    surveys.role("Field Crew", "crew");
    surveys.assign(json!({ "group": cast.group("Field service"), "app_role": "Field Crew" }));
    for app in [&vault, &surveys] {
        app.api("POST", "/test-connection", Value::Null).expect(200);
        app.cycle();
    }
    [vault.id, surveys.id]
}

/// The owner of the surveys has another token besides the one of the identity provider. Answers with the account and that token.
pub fn tokens(surveys: &Account) -> [(&'static str, String); 2] {
    let app = surveys.api("GET", &format!("/admin-apps/{}", surveys.app), Value::Null).expect(200).json();
    let token = json!({ "name": "Weekly report", "owner": id(&app["owner"]) });
    let made = surveys.api("POST", "/admin-apps", token).expect(201).json();
    [("field", surveys.id.clone()), ("field_app", id(&made))]
}

/// Contractors come by way of another identity provider.
fn contractors(stage: &Stage, cast: &mut Cast, settled: usize) {
    let about = json!({ "name": "Okta contractors", "description": "Agencies and freelancers", "scopes": ["scim"] });
    let made = stage.company.api("POST", "/admin-apps", about).expect(201).json();
    let okta = stage.company.with_key(made["api_key"].as_str().expect("a new app shows its key"));
    debug_assert_eq!(cast.ids.len(), settled);
    cast.hire(&okta, CONTRACTORS);
    let members: Vec<&str> = cast.ids[settled..].iter().map(String::as_str).collect();
    let group = id(&okta.group("Contractors", &members));
    cast.groups.push(("Contractors", group));
    stage
        .company
        .api("POST", "/admin-apps", json!({ "name": "Payroll export", "description": "Not in use yet" }))
        .expect(201);
}

/// An ordinary day: some come, some go, some are called something else.
fn a_day(stage: &Stage, cast: &mut Cast, day: u32) {
    let company = &stage.company;
    let before = cast.ids.len();
    cast.hire(company, NEWCOMERS / 6);
    for number in before..cast.ids.len() {
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": cast.ids[number] }] }]);
        company.patch_group(cast.group(cast.people[number].department), add).expect(204);
    }
    let of_day = |step: usize| 30 + usize::try_from(day).expect("a day is small") * 7 + step * 53;
    for step in 0..4 {
        let title = json!([{ "op": "replace", "path": "title", "value": format!("Senior {}", cast.people[of_day(step)].title.to_lowercase()) }]);
        company.patch(&cast.ids[of_day(step)], title).expect(200);
    }
    for step in 4..6 {
        company
            .patch(&cast.ids[of_day(step)], json!([{ "op": "replace", "path": "active", "value": false }]))
            .expect(200);
    }
    // What an identity provider sends that has not been set up with care.
    company.scim("POST", "/Users", json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"] })).expect(400);
    let unsupported =
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": format!("no.address{day}") });
    stage.vault.scim("POST", "/Users", unsupported).expect(400);
}

/// Some changes, the more the later; now and then one that is not possible.
fn an_hour(stage: &Stage, cast: &Cast, hours: u32) {
    let company = &stage.company;
    let hours = usize::try_from(hours).expect("a day has few");
    for step in 0..26 - hours {
        let number = 20 + (hours * 37 + step * 11) % 380;
        let title = json!([{ "op": "replace", "path": "title", "value": format!("{} II", cast.people[number].title) }]);
        company.patch(&cast.ids[number], title).expect(200);
    }
    if hours % 4 == 1 {
        let twin = &cast.people[hours + 40];
        company.scim("POST", "/Users", resource(twin, None, "HR-00000")).expect(409);
        let unknown = json!([{ "op": "replace", "path": "favouriteColour", "value": "petrol" }]);
        company.patch(&cast.ids[hours + 90], unknown).expect(400);
    }
}

/// What waits for somebody today; answers with the app whose token is wrong.
fn today(stage: &Stage, cast: &Cast, vault: &str, surveys: &str) -> String {
    let company = &stage.company;
    // Three leave for good.
    for number in [113, 222, 331] {
        company.scim("DELETE", &format!("/Users/{}", cast.ids[number]), Value::Null).expect(204);
    }
    // The head of security is to be administrator beside being custodian, which the vault refuses.
    let vault = app(stage, vault);
    vault.assign(json!({ "user": cast.people[8].mail, "app_role": "Account Administrator" }));
    vault.cycle();
    // More leave the field crew at once than the survey tool's app lets go.
    let surveys = app(stage, surveys);
    surveys.api("PATCH", "", json!({ "accidental_deletion_threshold": 3 })).expect(200);
    let crew = cast.of_department("Field service");
    for member in crew.iter().rev().take(8) {
        let gone = json!([{ "op": "remove", "path": format!("members[value eq \"{member}\"]") }]);
        company.patch_group(cast.group("Field service"), gone).expect(204);
    }
    surveys.cycle();
    // An app whose token is wrong.
    let strangers = Account { key: "prv_wrong_key".to_owned(), ..stage.surveys.with_key("") };
    let rows = json!([{ "target": "userName", "source": "userPrincipalName", "matching": 1 }]);
    let ledger = App::new(company, "Ledgerline", &strangers, rows, false);
    ledger.assign(json!({ "group": cast.group("Finance") }));
    ledger.cycle();
    // Who approves at the vault.
    let users = stage.vault.api("GET", "/users?managed=false", Value::Null).expect(200).json();
    let locals: Vec<Value> =
        users["items"].as_array().into_iter().flatten().map(|user| json!({ "user": user["id"] })).collect();
    stage.vault.api("PUT", "/quorum-policy", json!({ "quorum": { "n": 2, "members": locals } })).expect(200);
    // Somebody else in the vault's app, so that a plan has something to show.
    vault.assign(json!({ "group": cast.group("Legal and compliance"), "app_role": "Account Auditor" }));
    ledger.id
}

/// What paths are filled with.
fn name_things(stage: &mut Stage, cast: &Cast, apps: [&String; 3]) {
    let [vault, ..] = apps;
    let first = |path: &str| {
        let list = stage.company.api("GET", path, Value::Null).expect(200).json();
        id(&list["items"][0])
    };
    let role = {
        let roles = stage.company.api("GET", "/roles", Value::Null).expect(200).json();
        let own = roles["items"].as_array().into_iter().flatten().find(|role| role["name"] == "Service desk");
        id(own.expect("the company has a role of its own"))
    };
    let local = id(&stage.company.find("userName eq \"pat.auditor@larkfield.example\"")["Resources"][0]);
    let entry = stage.company.api("GET", &format!("/enterprise-apps/{vault}/provisioning-logs?limit=1"), Value::Null);
    let entry = entry.expect(200).json()["items"][0].clone();
    let index = stage
        .company
        .api("POST", "/indexes", json!({ "resource_type": "User", "attribute": "title" }))
        .expect(201)
        .json();
    let named = vec![
        ("account", stage.company.id.clone()),
        ("user", cast.ids[45].clone()),
        ("user", local),
        ("user", cast.ids[113].clone()),
        ("group", cast.group("Security").to_owned()),
        ("role", role),
        ("app", stage.company.app.clone()),
        ("role", first(&format!("/enterprise-apps/{vault}/app-roles"))),
        ("assignment", first(&format!("/enterprise-apps/{vault}/assignments"))),
        ("objects", "users".to_owned()),
        ("entry", id(&entry)),
        ("cycle", entry["cycle"].as_str().expect("an entry says its cycle").to_owned()),
        ("index", id(&index)),
        ("version", "1".to_owned()),
        ("form", "none".to_owned()),
        ("seq", "7".to_owned()),
        ("request", first("/requests?limit=1")),
    ];
    let each = apps.map(|app| ("app", app.clone()));
    let by_name = ["vault", "surveys", "ledger"].into_iter().zip(apps.map(String::clone));
    stage.names = Names(named.into_iter().chain(each).chain(by_name).collect());
}

fn app<'a>(stage: &'a Stage, id: &str) -> App<'a> {
    App { company: &stage.company, id: id.to_owned() }
}
