//! The source: users, groups, assignments, and an audit log that says what changed as the server's does.

use super::id;
use jiff::Timestamp;
use provost_change::{AccountId, ChainBase, LogEntry, Logged, Personal, ResourceId};
use provost_engine::{AppRole, Assigned, Assignment, Key, MemberType, Objects, SourceObject};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub struct Account {
    app: ResourceId,
    pub users: BTreeMap<ResourceId, User>,
    pub groups: BTreeMap<ResourceId, Group>,
    pub assignments: BTreeMap<ResourceId, Assignment>,
    pub roles: BTreeMap<ResourceId, AppRole>,
    pub log: Vec<Logged>,
    base: ChainBase,
    next: u128,
}

#[derive(Clone)]
pub struct User {
    pub resource: Map<String, Value>,
    pub is_deleted: bool,
}

#[derive(Clone)]
pub struct Group {
    pub name: String,
    pub members: BTreeSet<ResourceId>,
}

pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

impl Account {
    pub fn new(account: AccountId, app: ResourceId) -> Self {
        Self {
            app,
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            assignments: BTreeMap::new(),
            roles: BTreeMap::new(),
            log: Vec::new(),
            base: ChainBase::of(account),
            next: 1_000,
        }
    }

    fn fresh(&mut self) -> ResourceId {
        self.next += 1;
        // Spread, so that the order of ids is not that of making.
        id((self.next * 0x9E37_79B9_7F4A_7C15) ^ (self.next << 80))
    }

    pub fn write(
        &mut self,
        now: Timestamp,
        action: &str,
        kind: &str,
        subject: ResourceId,
        changes: &[(&str, Value, Value)],
    ) {
        let names: Vec<&str> = changes.iter().map(|(name, _, _)| *name).collect();
        let all: Vec<Value> =
            changes.iter().map(|(name, old, new)| json!({"attribute": name, "old": old, "new": new})).collect();
        let public = json!({"action": action, "outcome": "success", "severity": "INFO", "actor": {"type": "system", "name": "system"},
            "target": {"type": kind, "id": subject}, "request_id": "r", "attributes": names});
        let entry = LogEntry {
            at: now,
            subject: Some(subject),
            public: public.to_string(),
            personal: Some(Personal { salt: [1; 16], json: json!({"client_ip": "::1", "changes": all}).to_string() }),
        };
        if std::env::var("PROVOST_SEED").is_ok() {
            eprintln!("  account: {now} {}: {action} {subject} {changes:?}", self.base.seq + 1);
        }
        let logged = entry.chained(self.base.seq + 1, &self.base.hash);
        self.base = ChainBase { seq: logged.seq, hash: logged.hash };
        self.log.push(logged);
    }

    /// Whether a user who is not in the bin has the name: nobody else can have it then.
    pub fn is_taken(&self, name: &str) -> bool {
        self.users.values().any(|user| !user.is_deleted && user.resource.get("userName") == Some(&json!(name)))
    }

    /// Under this name, or one like it when somebody has it.
    pub fn hire(&mut self, now: Timestamp, name: &str) -> ResourceId {
        let id = self.fresh();
        let mut name = name.to_owned();
        while self.is_taken(&format!("{name}@contoso.example")) {
            name.push('x');
        }
        let resource = json!({"id": id, "userName": format!("{name}@contoso.example"), "displayName": name, "active": true,
            "emails": [{"type": "work", "value": format!("{name}@contoso.example"), "primary": true}]});
        let Value::Object(resource) = resource else { unreachable!("it is an object") };
        self.users.insert(id, User { resource, is_deleted: false });
        self.write(now, "user.create", "user", id, &[("userName", Value::Null, json!(name))]);
        id
    }

    pub fn set(&mut self, now: Timestamp, user: ResourceId, attribute: &str, value: Value) {
        if attribute == "userName" && value.as_str().is_some_and(|name| self.is_taken(name)) {
            return;
        }
        let Some(known) = self.users.get_mut(&user) else { return };
        let old = known.resource.insert(attribute.to_owned(), value.clone()).unwrap_or_default();
        self.write(now, "user.update", "user", user, &[(attribute, old, value)]);
    }

    pub fn set_manager(&mut self, now: Timestamp, user: ResourceId, manager: ResourceId) {
        self.set(now, user, ENTERPRISE, json!({"manager": {"value": manager}}));
    }

    pub fn manager(&self, user: ResourceId) -> Option<ResourceId> {
        self.users.get(&user)?.resource.get(ENTERPRISE)?.pointer("/manager/value")?.as_str()?.parse().ok()
    }

    /// Into the bin: memberships and assignments go.
    pub fn soft_delete(&mut self, now: Timestamp, user: ResourceId) {
        let Some(known) = self.users.get_mut(&user).filter(|user| !user.is_deleted) else { return };
        known.is_deleted = true;
        for group in self.groups.values_mut() {
            group.members.remove(&user);
        }
        self.assignments.retain(|_, assignment| assignment.principal != user);
        self.write(now, "user.delete", "user", user, &[]);
    }

    /// Out of the bin, unless somebody else took the name meanwhile.
    pub fn restore(&mut self, now: Timestamp, user: ResourceId) {
        let name = self.users.get(&user).filter(|user| user.is_deleted).and_then(|user| user.resource.get("userName"));
        if name.and_then(Value::as_str).is_none_or(|name| self.is_taken(name)) {
            return;
        }
        if let Some(known) = self.users.get_mut(&user) {
            known.is_deleted = false;
            self.write(now, "user.restore", "deleted-user", user, &[]);
        }
    }

    pub fn purge(&mut self, now: Timestamp, user: ResourceId) {
        self.soft_delete(now, user);
        self.users.remove(&user);
        self.write(now, "user.purge", "deleted-user", user, &[]);
    }

    pub fn found(&mut self, now: Timestamp, name: &str) -> ResourceId {
        let id = self.fresh();
        self.groups.insert(id, Group { name: name.to_owned(), members: BTreeSet::new() });
        self.write(now, "group.create", "group", id, &[("displayName", Value::Null, json!(name))]);
        id
    }

    pub fn rename_group(&mut self, now: Timestamp, group: ResourceId, name: &str) {
        if let Some(known) = self.groups.get_mut(&group) {
            known.name = name.to_owned();
            self.write(now, "group.update", "group", group, &[("displayName", Value::Null, json!(name))]);
        }
    }

    pub fn dissolve(&mut self, now: Timestamp, group: ResourceId) {
        if self.groups.remove(&group).is_some() {
            for other in self.groups.values_mut() {
                other.members.remove(&group);
            }
            self.assignments.retain(|_, assignment| assignment.principal != group);
            self.write(now, "group.delete", "group", group, &[]);
        }
    }

    pub fn join(&mut self, now: Timestamp, group: ResourceId, member: ResourceId) {
        if self.groups.get_mut(&group).is_some_and(|group| group.members.insert(member)) {
            self.write(now, "group.update", "group", group, &[("members", json!([]), json!([member]))]);
        }
    }

    pub fn part(&mut self, now: Timestamp, group: ResourceId, member: ResourceId) {
        if self.groups.get_mut(&group).is_some_and(|group| group.members.remove(&member)) {
            self.write(now, "group.update", "group", group, &[("members", json!([member]), json!([]))]);
        }
    }

    /// Everybody leaves: the log does not say who.
    pub fn empty(&mut self, now: Timestamp, group: ResourceId) {
        if let Some(known) = self.groups.get_mut(&group) {
            known.members.clear();
            self.write(now, "group.update", "group", group, &[("members", json!(["all"]), json!([]))]);
        }
    }

    /// The app is configured otherwise.
    pub fn reconfigure(&mut self, now: Timestamp) {
        self.write(
            now,
            "enterprise-app.update",
            "enterprise-app",
            self.app,
            &[("mappings", json!("old"), json!("new"))],
        );
    }

    pub fn offer_role(&mut self, now: Timestamp, value: &str) -> ResourceId {
        let id = self.fresh();
        let role = AppRole {
            app: self.app,
            display_name: value.to_owned(),
            value: value.to_owned(),
            description: String::new(),
            enabled: true,
            member_types: vec![MemberType::User],
        };
        self.roles.insert(id, role);
        self.write(now, "app-role.create", "app-role", id, &[("value", Value::Null, json!(value))]);
        id
    }

    pub fn assign(&mut self, now: Timestamp, key: Key, app_role: Option<ResourceId>) -> ResourceId {
        let id = self.fresh();
        self.assignments.insert(id, Assignment { app: self.app, of: key.of, principal: key.id, app_role });
        let kind = if key.of == Objects::Users { "user" } else { "group" };
        self.write(now, "app-assignment.create", kind, key.id, &[]);
        id
    }

    pub fn unassign(&mut self, now: Timestamp, key: Key) {
        let before = self.assignments.len();
        self.assignments.retain(|_, assignment| assignment.principal != key.id);
        if self.assignments.len() < before {
            let kind = if key.of == Objects::Users { "user" } else { "group" };
            self.write(now, "app-assignment.delete", kind, key.id, &[]);
        }
    }

    pub fn is_assigned(&self, principal: ResourceId) -> bool {
        self.assignments.values().any(|assignment| assignment.principal == principal)
    }

    /// As the engine sees it.
    pub fn object(&self, key: Key) -> Option<SourceObject> {
        let (resource, is_deleted) = match key.of {
            Objects::Users => {
                let user = self.users.get(&key.id)?;
                (user.resource.clone(), user.is_deleted)
            }
            Objects::Groups => {
                let group = self.groups.get(&key.id)?;
                let Value::Object(resource) = json!({"id": key.id, "displayName": group.name}) else {
                    unreachable!("it is an object")
                };
                (resource, false)
            }
        };
        let role = |id: ResourceId| self.roles.get(&id).map(|role| (id, role.clone()));
        let own = self.assignments.values().filter(|one| one.principal == key.id && one.of == key.of);
        let mut assigned: Vec<Assigned> =
            own.map(|one| Assigned { through: None, role: one.app_role.and_then(role) }).collect();
        if key.of == Objects::Users {
            let through = self.assignments.values().filter(|one| {
                one.of == Objects::Groups
                    && self.groups.get(&one.principal).is_some_and(|group| group.members.contains(&key.id))
            });
            assigned.extend(
                through.map(|one| Assigned { through: Some(one.principal), role: one.app_role.and_then(role) }),
            );
        }
        Some(SourceObject { of: key.of, id: key.id, resource, is_deleted, assigned })
    }

    /// Ids of what is not in the bin.
    pub fn present(&self, of: Objects) -> Vec<ResourceId> {
        match of {
            Objects::Users => self.users.iter().filter(|(_, user)| !user.is_deleted).map(|(id, _)| *id).collect(),
            Objects::Groups => self.groups.keys().copied().collect(),
        }
    }

    /// Whether a user shall be at the target.
    pub fn is_entitled(&self, user: ResourceId) -> bool {
        self.object(Key::user(user)).is_some_and(|object| object.is_active() && !object.assigned.is_empty())
    }
}
