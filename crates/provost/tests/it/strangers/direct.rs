//! A life driven by the engine's own functions, one object at a time.

use super::driver::{Driver, compiled};
use jiff::Timestamp;
use provost_change::ResourceId;
use provost_engine::{
    Assigned, Compiled, Dialect, EnterpriseApp, Flag, Moment, Objects, Purpose, SourceObject, Values, id_of, listed,
    probe::Report,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// An app that sends in the form that the probe has found, and only what the target keeps.
fn app(tenant_url: &str, report: &Report) -> EnterpriseApp {
    let flag = match report.dialect {
        Dialect::Legacy => String::new(),
        Dialect::Compliant => format!("?{}", Flag::AadOptscim062020.as_str()),
    };
    let mut app = EnterpriseApp::new("stranger", format!("{tenant_url}{flag}"));
    app.compatibility = report.compatibility;
    app.mappings.users = report.fitted(Objects::Users, &app.mappings.users);
    app.mappings.groups = report.fitted(Objects::Groups, &app.mappings.groups);
    app
}

/// A life under way.
struct Life<'d> {
    driver: &'d Driver,
    compiled: Compiled,
    /// Ids at the target, by the source's.
    known: Vec<(ResourceId, String)>,
}

/// Creates, finds, renames, disables, enables, gives a manager and members, takes members, and deletes: after each step the target
/// has what is wanted.
pub fn life(driver: &Driver, tenant_url: &str, report: &Report) {
    let mut life = Life { driver, compiled: compiled(&app(tenant_url, report)), known: Vec::new() };
    let (ann, ben) = (user(1, "ann", "Ann"), user(2, "ben", "Ben"));
    let ann_id = life.create(&ann);
    let ben_id = life.create(&ben);
    assert_ne!(ann_id, ben_id);

    life.becomes(&user(1, "ann", "Anne-Marie"), false);
    life.becomes(&user(1, "ann", "Anne-Marie"), true);
    assert_eq!(life.read("/Users", &ann_id)["active"], json!(false), "disabled");
    life.becomes(&user(1, "ann", "Anne-Marie"), false);
    assert_eq!(life.read("/Users", &ann_id)["active"], json!(true), "enabled again");
    let mut managed = user(1, "ann", "Anne-Marie");
    managed.resource["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]["manager"] =
        json!({ "value": ben.id.to_string() });
    life.becomes(&managed, false);

    let group = group(3, "Provost Strangers");
    let group_id = life.create(&group);
    life.members(&group_id, &[&ann_id, &ben_id], &[]);
    life.members(&group_id, &[], &[&ann_id]);
    life.becomes(&self::group(3, "Provost Friends"), false);
    life.members(&group_id, &[&ann_id], &[&ben_id]);

    life.delete(Objects::Groups, &group_id);
    life.delete(Objects::Users, &ann_id);
    life.delete(Objects::Users, &ben_id);
}

fn object(of: Objects, number: u128, resource: Value) -> SourceObject {
    let Value::Object(resource) = resource else { panic!("a resource is an object") };
    let id = ResourceId::new(Uuid::from_u128(number));
    SourceObject { of, id, resource, is_deleted: false, assigned: vec![Assigned { through: None, role: None }] }
}

fn user(number: u128, name: &str, given: &str) -> SourceObject {
    let resource = json!({
        "userName": format!("{name}@contoso.com"), "displayName": format!("{given} Contoso"), "active": true, "title": "Tester",
        "name": { "givenName": given, "familyName": "Contoso" },
        "emails": [{ "type": "work", "value": format!("{name}@contoso.com"), "primary": true }],
        "phoneNumbers": [{ "type": "work", "value": "+1 555 0199" }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": given, "employeeNumber": "7" }
    });
    object(Objects::Users, number, resource)
}

fn group(number: u128, name: &str) -> SourceObject {
    object(Objects::Groups, number, json!({ "displayName": name }))
}

impl Life<'_> {
    fn wanted(&self, object: &SourceObject, purpose: Purpose, is_soft_deleted: bool) -> Values {
        let mut random = |bytes: &mut [u8]| bytes.fill(7);
        let now: Timestamp = "2026-03-04T10:15:30Z".parse().expect("a time");
        let mut moment = Moment { now, is_soft_deleted, purpose, default_domain: None, random: &mut random };
        let mut wanted = self.compiled.objects(object.of).wanted(object, &mut moment);
        assert_eq!(wanted.faults, []);
        let known = |to| self.known.iter().find(|(id, _)| *id == to).map(|(_, target)| target.clone());
        assert_eq!(wanted.resolve(known), []);
        wanted.values
    }

    /// Searches, finds nobody, creates, and finds it then.
    fn create(&mut self, object: &SourceObject) -> String {
        assert_eq!(self.find(object), None, "nobody is there before");
        let wanted = self.wanted(object, Purpose::Create, false);
        let objects = self.compiled.objects(object.of);
        let made = self.driver.done(&objects.wire(self.compiled.dialect(false)).create(&wanted));
        let id = id_of(&made).expect("what is made has an id");
        assert_eq!(self.find(object).as_deref(), Some(id.as_str()));
        let seen = objects.seen(&self.driver.done(&objects.wire(self.compiled.dialect(false)).read(&id)));
        assert_eq!(objects.diff(&wanted, &seen), [], "it has what was sent");
        self.known.push((object.id, id.clone()));
        id
    }

    fn find(&self, object: &SourceObject) -> Option<String> {
        let mut random = |bytes: &mut [u8]| bytes.fill(7);
        let (now, purpose) = (Timestamp::UNIX_EPOCH, Purpose::Create);
        let mut moment = Moment { now, is_soft_deleted: false, purpose, default_domain: None, random: &mut random };
        let objects = self.compiled.objects(object.of);
        let matching = objects.wanted(object, &mut moment).matching.remove(0);
        let request =
            objects.wire(self.compiled.dialect(false)).find(&matching).expect("it has a value to be found by");
        let found = self.driver.done(&request);
        let found = listed(&found).expect("a list");
        assert!(found.len() <= 1, "{found:?}");
        found.first().and_then(|one| id_of(one))
    }

    /// Compares with what the target has, sends what differs, and compares again.
    #[track_caller]
    fn becomes(&self, object: &SourceObject, is_soft_deleted: bool) {
        let objects = self.compiled.objects(object.of);
        let wire = objects.wire(self.compiled.dialect(false));
        let (_, id) = self.known.iter().find(|(known, _)| *known == object.id).expect("it was created");
        let wanted = self.wanted(object, Purpose::Update, is_soft_deleted);
        let changes = objects.diff(&wanted, &objects.seen(&self.driver.done(&wire.read(id))));
        if let Some(request) = wire.update(id, &changes) {
            self.driver.done(&request);
        }
        let left = objects.diff(&wanted, &objects.seen(&self.driver.done(&wire.read(id))));
        assert_eq!(left, [], "after {changes:#?}");
    }

    fn read(&self, endpoint: &str, id: &str) -> Value {
        let (status, body) = self.driver.get(&format!("{endpoint}/{id}"));
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Adds or removes members; those who `stay` or come are there then, and those who go are not.
    #[track_caller]
    fn members(&self, group: &str, come: &[&String], go: &[&String]) {
        let wire = self.compiled.groups.wire(self.compiled.dialect(false));
        let before = self.member_ids(group);
        let owned = |ids: &[&String]| ids.iter().map(|id| (*id).clone()).collect::<Vec<_>>();
        for request in wire.add_members(group, &owned(come)).iter().chain(&wire.remove_members(group, &owned(go))) {
            self.driver.done(request);
        }
        let mut due: Vec<String> = before.into_iter().chain(owned(come)).filter(|id| !go.contains(&id)).collect();
        due.sort();
        due.dedup();
        assert_eq!(self.member_ids(group), due);
    }

    fn member_ids(&self, group: &str) -> Vec<String> {
        let group = self.read("/Groups", group);
        let members = group["members"].as_array().into_iter().flatten();
        let mut ids: Vec<String> = members.filter_map(|one| one["value"].as_str().map(str::to_owned)).collect();
        ids.sort();
        ids
    }

    fn delete(&self, of: Objects, id: &str) {
        let wire = self.compiled.objects(of).wire(self.compiled.dialect(false));
        self.driver.done(&wire.delete(id));
        assert_eq!(self.driver.get(&wire.read(id).path).0, 404, "it is gone");
    }
}
