//! An account in memory: change sets are applied to a list of records, versions and counts included.

use jiff::Timestamp;
use provost_accounts::{
    Actor, Call, Configuration, Decided, Refused, User,
    account::{self, AccountEdit},
    admin_app::{self, NewApp},
    api_key::NewKey,
    policy, role,
    role::RoleEdit,
    users::{self, Creation, LocalEdit, LocalUser, Patching, Replacement},
};
use provost_change::{AccountId, Bound, ChangeSet, Kind, Record, ResourceId};
use serde_json::{Value, json};
use std::{cell::Cell, collections::BTreeMap};
use uuid::Uuid;

pub const ACCOUNT: AccountId = AccountId::new(Uuid::from_u128(1));

/// An account with an admin app `Entra`.
pub struct Fixture {
    pub records: Vec<Record>,
    pub counts: BTreeMap<String, i64>,
    pub log: Vec<Value>,
    pub app: ResourceId,
    /// What links in mails begin with.
    pub mail_links: Option<String>,
    /// When calls are made.
    pub now: Timestamp,
    /// Whether calls find the brake holding.
    pub is_braked: bool,
    config_version: u64,
    next: Cell<u128>,
}

impl Fixture {
    pub fn new(document: Value) -> Self {
        let mut fixture = Self {
            records: Vec::new(),
            counts: BTreeMap::new(),
            log: Vec::new(),
            app: ResourceId::new(Uuid::nil()),
            mail_links: Some("https://scim.example.com".to_owned()),
            now: Timestamp::UNIX_EPOCH,
            is_braked: false,
            config_version: 0,
            next: Cell::new(100),
        };
        let policy = policy::from_document(&document).unwrap();
        let call = fixture.operator();
        let made = account::create(ACCOUNT, &call, "Acme", policy, AccountEdit::default(), fixture.id()).unwrap();
        fixture.apply(made.change).unwrap();
        fixture.app = fixture.add_app("Entra");
        fixture
    }

    pub fn dsm() -> Self {
        Self::new(json!("dsm"))
    }

    pub fn add_app(&mut self, name: &str) -> ResourceId {
        let key = NewKey::make(ACCOUNT, [7; 8], [8; 32]);
        let new = NewApp { name: name.to_owned(), ..NewApp::default() };
        let made = admin_app::create(&self.config(), &self.operator(), new, &key).unwrap();
        let id = made.outcome.id;
        self.apply(made.change).unwrap();
        id
    }

    pub fn add_role(&mut self, name: &str, exclusive: bool) -> ResourceId {
        let new = RoleEdit { name: Some(name.to_owned()), exclusive: Some(exclusive), ..RoleEdit::default() };
        self.add_role_of(new)
    }

    pub fn add_role_of(&mut self, new: RoleEdit) -> ResourceId {
        let made = role::create(&self.config(), &self.operator(), new).unwrap();
        self.apply(made.change).unwrap();
        made.outcome.id
    }

    pub fn config(&self) -> Configuration {
        Configuration::read(ACCOUNT, self.config_version, &self.records).unwrap()
    }

    pub fn id(&self) -> ResourceId {
        ResourceId::new(Uuid::from_u128(self.fresh()))
    }

    fn fresh(&self) -> u128 {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }

    pub fn call(&self, actor: Actor) -> Call {
        Call {
            actor,
            now: self.now,
            request_id: "r1".to_owned(),
            client_ip: "192.0.2.1".to_owned(),
            user_agent: None,
            new_id: Uuid::from_u128(self.fresh()),
            salt: [0; 16],
            secret: [7; 16],
            mail_links: self.mail_links.clone(),
            is_braked: self.is_braked,
        }
    }

    pub fn operator(&self) -> Call {
        self.call(Actor::Operator)
    }

    pub fn entra(&self) -> Call {
        self.app_call(self.app)
    }

    pub fn app_call(&self, id: ResourceId) -> Call {
        let name = self.config().app(id).unwrap().name.clone();
        self.call(Actor::App { id, name, key: "k".to_owned(), owner: None })
    }

    pub fn user(&self, id: ResourceId) -> User {
        let record = self.records.iter().find(|record| record.kind == Kind::USER && record.id == id).unwrap();
        User::read(ACCOUNT, record.clone()).unwrap()
    }

    pub fn post(&mut self, body: Value) -> Result<User, Refused> {
        self.post_as(self.app, body)
    }

    pub fn post_as(&mut self, app: ResourceId, mut body: Value) -> Result<User, Refused> {
        body["schemas"] = json!([provost_scim::urn::USER]);
        let config = self.config();
        let decided = Creation::read(&config, body)?.decide(&config, &self.app_call(app), None)?;
        self.commit(decided)
    }

    pub fn patch(&mut self, user: ResourceId, operations: Value) -> Result<User, Refused> {
        self.patch_as(self.app, user, operations)
    }

    pub fn patch_as(&mut self, app: ResourceId, user: ResourceId, operations: Value) -> Result<User, Refused> {
        let config = self.config();
        let body = json!({ "schemas": [provost_scim::urn::PATCH_OP], "Operations": operations });
        let decided = Patching::read(&config, body)?.decide(&config, &self.app_call(app), &self.user(user))?;
        self.commit(decided)
    }

    pub fn put(&mut self, user: ResourceId, mut body: Value) -> Result<User, Refused> {
        body["schemas"] = json!([provost_scim::urn::USER]);
        let config = self.config();
        let decided = Replacement::read(&config, body)?.decide(&config, &self.entra(), &self.user(user))?;
        self.commit(decided)
    }

    pub fn local(&mut self, email: &str, roles: &[&str]) -> Result<User, Refused> {
        let new = LocalUser { email: email.to_owned(), roles: roles.iter().map(|role| (*role).to_owned()).collect() };
        let decided = users::create_local(&self.config(), &self.operator(), &new)?;
        self.commit(decided)
    }

    pub fn delete(&mut self, user: ResourceId) -> Result<(), Refused> {
        let decided = users::delete(&self.config(), &self.entra(), &self.user(user))?;
        self.commit(decided)
    }

    pub fn edit(&mut self, user: &User, edit: &LocalEdit) -> Result<User, Refused> {
        let decided = users::edit_local(&self.config(), &self.operator(), user, edit)?;
        self.commit(decided)
    }

    /// The user, if there is one where SCIM looks.
    pub fn found(&self, id: ResourceId) -> Option<User> {
        let record = self.records.iter().find(|record| record.kind == Kind::USER && record.id == id)?;
        Some(User::read(ACCOUNT, record.clone()).unwrap())
    }

    /// What the newest audit entry says about an attribute: before and after.
    pub fn changed(&self, attribute: &str) -> Option<(Value, Value)> {
        let changes = self.log.last()?["changes"].as_array()?;
        let change = changes.iter().find(|change| change["attribute"] == attribute)?;
        Some((change["old"].clone(), change["new"].clone()))
    }

    /// Applies a decision; a bound that it breaks is the refusal that the server would answer with.
    pub fn commit<T>(&mut self, decided: Decided<T>) -> Result<T, Refused> {
        let config = self.config();
        self.apply(decided.change).map_err(|count| users::bound_refusal(&config, &count))?;
        Ok(decided.outcome)
    }

    /// Puts another policy in force.
    pub fn adopt_policy(&mut self, document: Value) {
        let policy = policy::from_document(&document).unwrap();
        let changed = account::change_policy(&self.config(), &self.operator(), policy, self.id()).unwrap();
        self.apply(changed.change).unwrap();
    }

    /// Applies a change that no decision about an outcome stands behind.
    pub fn settle(&mut self, change: ChangeSet) {
        self.apply(change).unwrap();
    }

    fn apply(&mut self, change: ChangeSet) -> Result<(), String> {
        let mut counts = self.counts.clone();
        for count in &change.counts {
            let after = counts.entry(count.name.clone()).or_default();
            *after += count.delta;
            let broken = match count.bound {
                Some(Bound::AtLeast(least)) => *after < least,
                Some(Bound::AtMost(most)) => *after > most,
                None => false,
            };
            if broken {
                return Err(count.name.clone());
            }
        }
        self.counts = counts;
        for delete in &change.deletes {
            self.records.retain(|record| (&record.kind, record.id) != (&delete.kind, delete.id));
        }
        for put in change.puts {
            let same = |record: &Record| (&record.kind, record.id) == (&put.record.kind, put.record.id);
            let version = self.records.iter().find(|record| same(record)).map_or(0, |record| record.version) + 1;
            self.records.retain(|record| !same(record));
            // A newer policy replaces the one in force: a configuration is read from that one only.
            if put.record.kind == Kind::POLICY {
                self.records.retain(|record| record.kind != Kind::POLICY);
            }
            self.records.push(Record { version, ..put.record });
        }
        self.config_version += u64::from(change.changes_config);
        for entry in change.log {
            let mut shown: Value = serde_json::from_str(&entry.public).unwrap();
            let personal: Value = serde_json::from_str(&entry.personal.unwrap().json).unwrap();
            shown.as_object_mut().unwrap().extend(personal.as_object().unwrap().clone());
            self.log.push(shown);
        }
        Ok(())
    }

    pub fn role_names(&self, user: &User) -> Vec<String> {
        let config = self.config();
        user.state.roles.iter().map(|role| config.role_name(*role)).collect()
    }
}

/// Roles as AssertiveAppRoleAssignmentsComplex sends them.
pub fn roles(values: &[&str]) -> Value {
    let element = |value: &&str| json!({ "primary": false, "type": "WindowsAzureActiveDirectoryRole", "display": value, "value": value });
    Value::Array(values.iter().map(element).collect())
}

pub fn refusal<T: std::fmt::Debug>(result: Result<T, Refused>) -> (u16, &'static str) {
    let refused = result.unwrap_err();
    (refused.error.status, refused.field.unwrap_or("-"))
}

pub fn replace(path: &str, value: Value) -> Value {
    json!([{ "op": "replace", "path": path, "value": value }])
}

/// How a result reads in a table: the roles, or the refusal.
pub fn outcome(fixture: &Fixture, result: Result<User, Refused>) -> String {
    match result {
        Ok(user) => fixture.role_names(&user).join(", "),
        Err(refused) => format!("{} {}", refused.error.status, refused.field.unwrap_or("-")),
    }
}
