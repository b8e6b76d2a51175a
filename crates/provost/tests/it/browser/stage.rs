//! What the console shows in tests and on pictures: a company of five hundred people with six weeks behind it, two applications that it
//! provisions into and one that has its troubles. All of it came about over SCIM and the management API, under a clock of its own.

mod archive;
mod chapters;
mod people;

use crate::support::{Account, Answer, Server, id};
use provost_testkit::{Browser, own_address};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError, Weak};

pub use people::{Person, people};

/// The company's name.
pub const COMPANY: &str = "Larkfield Instruments";
/// Who administers it, and may sign in.
pub const ADMINISTRATOR: &str = "ines.okafor@larkfield.example";

/// A server with all of it, on an address of its own.
pub struct Stage {
    /// The server, at the present time again.
    pub server: Server,
    /// The company: a directory of 500 people with three enterprise apps.
    pub company: Account,
    /// An application under `dsm` that the company provisions into.
    pub vault: Account,
    /// An application under `fulcrum` that the company provisions into.
    pub surveys: Account,
    /// Ids of what paths name, by the names that stand in braces there.
    names: Names,
}

/// Ids of what paths name, by the names that stand in braces there.
pub struct Names(pub Vec<(&'static str, String)>);

impl Names {
    /// The path once for each choice among the ids that its names stand for: what is to be seen of one user is not to be seen of another.
    ///
    /// # Panics
    /// As [`Names::path`].
    #[track_caller]
    pub fn paths(&self, template: &str) -> Vec<String> {
        let Some((before, rest)) = template.split_once('{') else { return vec![template.to_owned()] };
        let (name, behind) = rest.split_once('}').expect("a brace is closed");
        let ids: Vec<&String> = self.0.iter().filter(|(known, _)| *known == name).map(|(_, id)| id).collect();
        assert!(!ids.is_empty(), "{template}: nothing stands for {name}");
        let ways = self.paths(behind);
        ids.iter().flat_map(|id| ways.iter().map(move |way| format!("{before}{id}{way}"))).collect()
    }

    /// The path with every name in braces replaced.
    ///
    /// # Panics
    /// When a name stands for nothing yet: whoever adds a screen adds what is to be looked at there, in `chapters.rs` and `hostile.rs`.
    #[track_caller]
    pub fn path(&self, template: &str) -> String {
        self.paths(template).swap_remove(0)
    }
}

impl Stage {
    /// The stage of all tests that only look: it is set up for the first of them and goes with the last.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Stage>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let stage = Arc::new(Self::set_up());
            *shared = Arc::downgrade(&stage);
            stage
        })
    }

    /// The path with every name in braces replaced by what is on the stage: `{account}` is the company, `{user}` somebody of it.
    ///
    /// # Panics
    /// When a name stands for nothing yet.
    #[track_caller]
    pub fn path(&self, template: &str) -> String {
        self.names.path(template)
    }

    /// The same for each of the ids that a name stands for.
    #[track_caller]
    pub fn paths(&self, template: &str) -> Vec<String> {
        self.names.paths(template)
    }

    /// Server and story.
    fn set_up() -> Self {
        let listen = format!("{}:8080", own_address());
        let mut server = Server::start_at_address(&listen, &["--allow-private-targets"]);
        server.stop();
        server.restart_at("-45 days");
        let company = account(&server, COMPANY, json!("directory"), "HR feed");
        let vault = account(&server, "Data vault", json!("dsm"), "Larkfield");
        let features = json!(["plan", "sso", "api_addon"]);
        let owned = json!({ "name": "Field surveys", "policy": "fulcrum", "features": features });
        let surveys = owned_account(&server, owned, "SCIM Azure / Entra ID");
        let mut stage = Self { server, company, vault, surveys, names: Names(Vec::new()) };
        chapters::tell(&mut stage);
        let archive = archive::tell(&stage);
        stage.names.0.extend(archive);
        stage.names.0.extend(chapters::tokens(&stage.surveys));
        stage.let_in();
        stage
    }

    /// The administrator sets a password by the link that the operator is shown; somebody else's link is there to be looked at.
    fn let_in(&mut self) {
        let page = Browser::shared().page(&self.server.base);
        page.open(&self.link(ADMINISTRATOR));
        page.fill("New password", super::PASSWORD);
        page.fill("The same again", super::PASSWORD);
        page.click("Set password");
        let link = self.link("desk@larkfield.example");
        let token = link.rsplit('/').next().expect("a link has parts").to_owned();
        self.names.0.extend([("token", token), ("session", "none".to_owned()), ("alert", "none".to_owned())]);
    }

    /// The path of a link with which somebody of the company sets a password.
    fn link(&self, email: &str) -> String {
        let user = id(&self.company.find(&format!("userName eq \"{email}\""))["Resources"][0]);
        self.company.api("PATCH", &format!("/users/{user}"), json!({ "verified": true })).expect(200);
        let path = format!("/users/{user}/invitations");
        let made = self.company.api("POST", &path, json!({ "show_link": true })).expect(202).json();
        let link = made["link"].as_str().expect("the operator is shown the link");
        link.strip_prefix(&self.server.base).expect("it leads to the server").to_owned()
    }

    /// Goes on so many hours before the present.
    fn hours_before_now(&mut self, hours: u32) {
        self.server.stop();
        self.server.restart_at(&format!("-{hours} hours"));
    }
}

/// An account of this name under a policy with an admin app of this name.
fn account(server: &Server, name: &str, policy: Value, app: &str) -> Account {
    let made = server.api("POST", "/accounts", json!({ "name": name, "policy": policy })).expect(201).json();
    with_app(server, &id(&made), json!({ "name": app }))
}

/// The same where the token belongs to somebody.
fn owned_account(server: &Server, account: Value, app: &str) -> Account {
    let account = id(&server.api("POST", "/accounts", account).expect(201).json());
    let owner = json!({ "email": "owner@surveys.example", "roles": ["ACCOUNTADMINISTRATOR"] });
    let owner = id(&server.api("POST", &format!("/accounts/{account}/users"), owner).expect(201).json());
    with_app(server, &account, json!({ "name": app, "owner": owner }))
}

fn with_app(server: &Server, account: &str, app: Value) -> Account {
    let app = server.api("POST", &format!("/accounts/{account}/admin-apps"), app).expect(201).json();
    Account {
        base: server.base.clone(),
        operator_key: server.operator_key.clone(),
        id: account.to_owned(),
        app: id(&app),
        key: app["api_key"].as_str().expect("a new app shows its key").to_owned(),
    }
}

/// An enterprise app of the company.
struct App<'a> {
    company: &'a Account,
    id: String,
}

impl<'a> App<'a> {
    /// A new one that leads to an account, with these rows of mappings.
    fn new(company: &'a Account, name: &str, target: &Account, rows: Value, groups: bool) -> Self {
        let tenant_url = format!("{}/scim/v2?aadOptscim062020", target.base);
        let body = json!({ "name": name, "tenant_url": tenant_url, "secret_token": target.key });
        let made = Self { company, id: id(&company.api("POST", "/enterprise-apps", body).expect(201).json()) };
        made.api("PUT", "/mappings", json!({ "users": rows, "settings": { "groups": { "enabled": groups } } }))
            .expect(200);
        made
    }

    fn api(&self, method: &str, path: &str, body: Value) -> Answer {
        self.company.api(method, &format!("/enterprise-apps/{}{path}", self.id), body)
    }

    fn role(&self, display_name: &str, value: &str) -> String {
        let body = json!({ "display_name": display_name, "value": value, "description": display_name });
        id(&self.api("POST", "/app-roles", body).expect(201).json())
    }

    fn assign(&self, whom: Value) -> String {
        id(&self.api("POST", "/assignments", whom).expect(201).json())
    }

    fn cycle(&self) {
        self.api("POST", "/cycle", Value::Null).expect(200);
    }
}
