//! What an administrator of the directory does, step by step as the two documents tell it: an application is added, connected, mapped,
//! assigned and switched on.

mod assigning;
mod connecting;
mod mapping;
mod provisioning;

use super::operator;
use crate::{
    provisioning::{company, dsm},
    support::{Account, Lodger, id},
};
use provost_testkit::Page;
use serde_json::{Value, json};

/// A company with an application, and the page of who administers it.
struct Sending {
    company: Lodger,
    /// The account that the application leads to, once it is connected.
    target: Account,
    page: Page,
    /// The application's id.
    app: String,
}

/// An application that was added by hand, and whose page is open.
#[track_caller]
fn added() -> Sending {
    let company = company();
    let target = dsm(&company);
    let page = operator(&company.server);
    page.open(&format!("/console/accounts/{}/enterprise-apps", company.id));
    page.click("New application");
    page.fill("Name", "DSM");
    page.click("Create");
    page.see("Application added");
    let app = page.path().rsplit('/').next().expect("an address has parts").to_owned();
    Sending { company, target, page, app }
}

/// One that is connected, with what the DSM document leaves of the mapping; its overview is open.
#[track_caller]
fn connected() -> Sending {
    let company = company();
    let target = dsm(&company);
    let url = format!("{}/scim/v2?aadOptscim062020", target.base);
    let body = json!({ "name": "DSM", "tenant_url": url, "secret_token": target.key });
    let app = id(&company.api("POST", "/enterprise-apps", body).expect(201).json());
    let page = operator(&company.server);
    let sending = Sending { company, target, page, app };
    let rows = json!([
        { "target": "userName", "source": "userPrincipalName", "matching": 1 },
        { "target": "active", "expression": "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" },
        { "target": "externalId", "source": "objectId" },
        { "target": "roles", "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])" },
    ]);
    let mappings = json!({ "users": rows, "settings": { "groups": { "enabled": false } } });
    sending.api("PUT", "/mappings", mappings);
    sending.open("");
    sending
}

/// What a list offers.
#[track_caller]
fn options(page: &Page, name: &str) -> Vec<String> {
    let asked = format!(
        "[...document.querySelectorAll('label')].find(it => it.innerText.trim() === {name:?}).control.innerText.split('\\n')"
    );
    let offered = page.evaluate(&asked);
    let text = |one: &Value| one.as_str().unwrap_or_default().trim().to_owned();
    offered.as_array().into_iter().flatten().map(text).filter(|one| !one.is_empty()).collect()
}

impl Sending {
    /// Opens a page below the application.
    #[track_caller]
    fn open(&self, rest: &str) {
        self.page.open(&format!("/console/accounts/{}/enterprise-apps/{}{rest}", self.company.id, self.app));
    }

    /// Goes to a section of the application by its menu.
    #[track_caller]
    fn section(&self, name: &str) {
        self.page.part("Sections").click(name);
    }

    /// What the management API answers about the application.
    #[track_caller]
    fn api(&self, method: &str, rest: &str, body: Value) -> Value {
        let answer = self.company.api(method, &format!("/enterprise-apps/{}{rest}", self.app), body);
        if answer.status == 204 { Value::Null } else { answer.json() }
    }

    /// Makes an app role.
    #[track_caller]
    fn role(&self, name: &str, value: &str) -> String {
        id(&self.api("POST", "/app-roles", json!({ "display_name": name, "value": value, "description": name })))
    }

    /// Assigns a user or group, such as `{"user": "…"}`.
    #[track_caller]
    fn assign(&self, whom: Value) -> String {
        id(&self.api("POST", "/assignments", whom))
    }

    /// Runs a cycle by the button.
    #[track_caller]
    fn cycle(&self) {
        self.section("Provisioning");
        self.page.click("Run cycle now");
    }
}
