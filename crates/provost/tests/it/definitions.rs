//! Schemas and resource types of an account's own, over HTTP and on the command line.

mod extensions;
mod indexes;
mod refused;
mod types;

use crate::support::{Account, Lodger, id, shared};
use serde_json::{Value, json};

const BADGE: &str = "urn:acme:params:scim:badge";
const DEVICE: &str = "urn:acme:params:scim:device";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// An account with the preset `standard`.
fn standard() -> Lodger {
    let server = shared();
    Lodger { account: server.account(json!("standard")), server }
}

/// An attribute that says nothing but its name and type.
fn attribute(name: &str, kind: &str) -> Value {
    json!({ "name": name, "type": kind })
}

/// The definition of a badge: what an account adds to its users.
fn badge() -> Value {
    let number = json!({ "name": "number", "type": "string", "uniqueness": "server", "caseExact": true });
    let colour = json!({ "name": "colour", "type": "string", "canonicalValues": ["red", "green"] });
    let door = json!({ "name": "doors", "type": "complex", "multiValued": true, "subAttributes": [
        attribute("value", "string"), attribute("floor", "integer"),
    ] });
    json!({ "id": BADGE, "name": "Badge", "attributes": [number, colour, attribute("site", "string"), door] })
}

/// The definition of a device: a resource of its own.
fn device() -> Value {
    let serial = json!({ "name": "serial", "type": "string", "required": true, "uniqueness": "server" });
    let fixed = json!({ "name": "vendor", "type": "string", "mutability": "immutable" });
    json!({ "id": DEVICE, "name": "Device", "attributes": [
        serial, fixed, attribute("room", "string"), attribute("ports", "integer"), attribute("locked", "boolean"),
    ] })
}

/// Adds the badge to the account's users.
fn with_badges() -> Lodger {
    let account = standard();
    let request = json!({ "schema": badge(), "extends": [{ "resource_type": "User" }], "indexed": ["site"] });
    account.api("POST", "/schemas", request).expect(201);
    account
}

/// Defines devices at `/Devices`.
fn with_devices() -> Lodger {
    let account = standard();
    account.api("POST", "/schemas", json!({ "schema": device() })).expect(201);
    let request = json!({ "name": "Device", "endpoint": "/Devices", "schema": DEVICE, "indexed": ["room"] });
    account.api("POST", "/resource-types", request).expect(201);
    account
}

/// Makes a device over SCIM and answers with it.
fn new_device(account: &Account, serial: &str, room: &str) -> Value {
    let device = json!({ "schemas": [DEVICE], "serial": serial, "room": room, "vendor": "Acme" });
    account.scim("POST", "/Devices", device).expect(201).json()
}

/// The names at `at` of what a search finds, sorted.
fn found(account: &Account, path: &str, at: &str) -> Vec<String> {
    let answer = account.scim("GET", path, Value::Null).expect(200).json();
    let items = answer["Resources"].as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned()).collect()
}

/// Makes a user who has a badge and answers with the id.
fn badged(account: &Account, name: &str, badge: Value) -> String {
    id(&account.create(json!({ "schemas": [USER, BADGE], "userName": name, BADGE: badge })))
}
