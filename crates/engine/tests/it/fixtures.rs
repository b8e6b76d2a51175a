//! An app, objects and answers that tests share.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use jiff::Timestamp;
use provost_change::ResourceId;
use provost_engine::{
    AppRole, Assigned, AttributeMapping, Compiled, EnterpriseApp, MemberType, Moment, Objects, Purpose, SourceObject,
    SourceSchemas, Values, Wanted,
};
use provost_scim::ResourceType;
use serde_json::{Value as Json, json};
use std::sync::LazyLock;

pub static USER: LazyLock<ResourceType> = LazyLock::new(|| ResourceType::user().unwrap());
pub static GROUP: LazyLock<ResourceType> = LazyLock::new(|| ResourceType::group().unwrap());

pub fn schemas() -> SourceSchemas<'static> {
    SourceSchemas { users: &USER, groups: &GROUP }
}

pub fn app() -> EnterpriseApp {
    EnterpriseApp::new("Contoso App", "https://target.example/scim")
}

/// The app with rows of users in place of the default ones, and attributes of the target beside them.
pub fn app_with(rows: Json, targets: Json) -> EnterpriseApp {
    let mut app = app();
    app.mappings.users.attributes = serde_json::from_value::<Vec<AttributeMapping>>(rows).unwrap();
    let added: Vec<_> = serde_json::from_value(targets).unwrap();
    app.mappings.users.target.extend(added);
    app
}

/// The app with a row more, and an attribute of the target more.
pub fn app_and(row: Json, target: Json) -> EnterpriseApp {
    let mut app = app();
    app.mappings.users.attributes.push(serde_json::from_value(row).unwrap());
    if !target.is_null() {
        app.mappings.users.target.push(serde_json::from_value(target).unwrap());
    }
    app
}

/// The attribute that seeds have administrators add for roles (F-5.6.2-18).
pub fn roles_target() -> Json {
    json!({ "name": "roles", "type": "string", "multi_valued": true })
}

pub fn compiled(app: &EnterpriseApp) -> Compiled {
    Compiled::new(app, schemas()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

pub fn id(number: u128) -> ResourceId {
    ResourceId::new(uuid::Uuid::from_u128(number))
}

/// User 1, assigned without a role.
pub fn user(resource: Json) -> SourceObject {
    object(Objects::Users, resource)
}

pub fn group(resource: Json) -> SourceObject {
    object(Objects::Groups, resource)
}

fn object(of: Objects, resource: Json) -> SourceObject {
    let Json::Object(resource) = resource else { panic!("a resource is an object") };
    SourceObject { of, id: id(1), resource, is_deleted: false, assigned: vec![Assigned { through: None, role: None }] }
}

/// An assignment with the role of a number: `Admin` with the id of 5.7 for 1, `User` for 2, others by number.
pub fn with_role(number: u128, through: Option<u128>) -> Assigned {
    let (role_id, value) = match number {
        1 => ("06b07648-ecfe-589f-9d2f-6325724a46ee", "Admin".to_owned()),
        2 => ("06b07648-ecfe-599f-9d2f-6325724a46ee", "User".to_owned()),
        _ => ("00000000-0000-0000-0000-0000000000ff", format!("Role{number}")),
    };
    let role = AppRole {
        app: id(100),
        display_name: value.clone(),
        value,
        description: "A role".to_owned(),
        enabled: true,
        member_types: vec![MemberType::User],
    };
    Assigned { through: through.map(id), role: Some((role_id.parse().unwrap(), role)) }
}

pub fn now() -> Timestamp {
    "2026-03-04T10:15:30Z".parse().unwrap()
}

/// What users of the app are wanted to be.
pub fn wanted(compiled: &Compiled, object: &SourceObject, purpose: Purpose, is_soft_deleted: bool) -> Wanted {
    let mut random = |bytes: &mut [u8]| bytes.fill(7);
    let mut moment =
        Moment { now: now(), is_soft_deleted, purpose, default_domain: Some("contoso.com"), random: &mut random };
    compiled.objects(object.of).wanted(object, &mut moment)
}

pub fn values(values: Json) -> Values {
    serde_json::from_value(values).unwrap()
}

/// As text, names in order, for snapshots.
pub fn shown(values: &Values) -> String {
    values.iter().map(|(name, value)| format!("{name} = {}\n", serde_json::to_string(value).unwrap())).collect()
}

/// A person with something in every attribute that the default mapping sends.
pub fn babs() -> Json {
    json!({
        "userName": "bjensen@contoso.com",
        "name": { "givenName": "Barbara", "familyName": "Jensen" },
        "displayName": "Babs Jensen",
        "title": "Tour Guide",
        "userType": "Employee",
        "preferredLanguage": "en-US",
        "locale": "en-GB",
        "active": true,
        "emails": [
            { "value": "babs@home.example", "type": "home" },
            { "value": "bjensen@contoso.com", "type": "work", "primary": true }
        ],
        "phoneNumbers": [
            { "value": "555-555-5555", "type": "work" },
            { "value": "555-555-4444", "type": "mobile" },
            { "value": "555-555-3333", "type": "fax" }
        ],
        "addresses": [{
            "type": "work", "formatted": "18/2111", "streetAddress": "100 Universal City Plaza",
            "locality": "Hollywood", "region": "CA", "postalCode": "91608", "country": "USA"
        }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "employeeNumber": "701984", "department": "Tours", "costCenter": "4130", "organization": "Universal Studios",
            "division": "Theme Park", "manager": { "value": "00000000-0000-0000-0000-000000000002" }
        }
    })
}
