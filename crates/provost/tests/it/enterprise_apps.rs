//! Enterprise apps: what an account provisions into other systems.

mod apps;
mod assignments;
mod command_line;
mod connection;
mod mappings;
mod roles;
mod screens;
mod travelling;

use crate::{
    provisioning::company,
    support::{Account, Answer, id},
};
use serde_json::{Value, json};

/// A token that is long enough to be known by its end.
const TOKEN: &str = "prv_0123456789_s3cret-b4nana";

/// A new enterprise app.
#[track_caller]
fn app<'a>(account: &'a Account, tenant_url: &str) -> App<'a> {
    let body = json!({ "name": "DSM", "tenant_url": tenant_url, "secret_token": TOKEN });
    let made = account.api("POST", "/enterprise-apps", body).expect(201).json();
    App { account, id: id(&made) }
}

/// An enterprise app of an account.
struct App<'a> {
    account: &'a Account,
    id: String,
}

impl App<'_> {
    /// A request about the app; `path` below it, or empty for the app itself.
    fn api(&self, method: &str, path: &str, body: Value) -> Answer {
        self.account.api(method, &format!("/enterprise-apps/{}{path}", self.id), body)
    }

    /// All of a list below it.
    #[track_caller]
    fn list(&self, path: &str) -> Vec<Value> {
        self.api("GET", path, Value::Null).expect(200).json()["items"].as_array().expect("a list").clone()
    }

    /// Makes an app role.
    #[track_caller]
    fn role(&self, display_name: &str, value: &str) -> String {
        let body = json!({ "display_name": display_name, "value": value, "description": display_name });
        id(&self.api("POST", "/app-roles", body).expect(201).json())
    }
}
