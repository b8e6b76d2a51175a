//! Groups, bulk requests and searches, more or less as a client would write them.

use super::{FILTERS, Known, PATHS, Random, patch, ruined, scalar, user, value};
use crate::service::{Service, Tenant};
use serde_json::{Value, json};

pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

const MESSAGES: &str = "urn:ietf:params:scim:api:messages:2.0";

/// An id of a user or a group, or nobody's.
fn somebody(random: &mut Random, known: &Known) -> String {
    let among = if random.one_in(3) { &known.groups } else { &known.users };
    random.pick(among).clone()
}

fn members(random: &mut Random, known: &Known) -> Value {
    if random.one_in(8) {
        return value(random, 3);
    }
    (0..random.below(4))
        .map(|_| {
            let mut member = json!({ "value": somebody(random, known) });
            match random.below(8) {
                0 => member["type"] = json!(random.pick(&["User", "Group", "user", ""])),
                1 => member["$ref"] = Value::Null,
                2 => member["display"] = scalar(random),
                3 => member["value"] = scalar(random),
                _ => {}
            }
            member
        })
        .collect()
}

pub fn group(random: &mut Random, known: &Known) -> Value {
    let mut group = json!({ "schemas": [GROUP], "displayName": format!("g{}", random.below(12)) });
    if !random.one_in(3) {
        group["members"] = members(random, known);
    }
    if random.one_in(6) {
        group[*random.pick(&["externalId", "displayName", "id", "description"])] = scalar(random);
    }
    group
}

pub fn group_patch(random: &mut Random, known: &Known) -> Value {
    let operations: Vec<Value> = (0..1 + random.below(4)).map(|_| group_operation(random, known)).collect();
    json!({ "schemas": [format!("{MESSAGES}:PatchOp")], "Operations": operations })
}

fn group_operation(random: &mut Random, known: &Known) -> Value {
    let op = *random.pick(&["add", "Add", "replace", "remove", "Remove"]);
    match random.below(6) {
        0 => json!({ "op": op, "path": "displayName", "value": format!("g{}", random.below(12)) }),
        1 => json!({ "op": op, "value": { "members": members(random, known), "externalId": scalar(random) } }),
        2 => {
            let filter = *random.pick(&["value eq", "value ne", "value gt", "$ref eq", "type eq"]);
            let path = format!("members[{filter} \"{}\"]", somebody(random, known));
            let path = if random.one_in(4) { ruined(random, &path) } else { path };
            json!({ "op": op, "path": path })
        }
        3 => json!({ "op": op, "path": random.pick(&PATHS), "value": value(random, 2) }),
        _ => json!({ "op": op, "path": "members", "value": members(random, known) }),
    }
}

pub fn search(random: &mut Random, known: &Known) -> Value {
    let mut search = json!({ "schemas": [format!("{MESSAGES}:SearchRequest")] });
    for _ in 0..random.below(4) {
        let filter = *random.pick(&FILTERS);
        let (name, value) = match random.below(8) {
            0 => ("filter", json!(ruined(random, filter))),
            1 => ("sortBy", json!(random.pick(&PATHS))),
            2 => ("sortOrder", json!(random.pick(&["ascending", "Descending", "up"]))),
            3 => ("cursor", json!(random.pick(&known.cursors))),
            4 => (*random.pick(&["startIndex", "count"]), json!(random.next() as i64 % 9)),
            5 => (*random.pick(&["attributes", "excludedAttributes"]), json!([random.pick(&PATHS), "members"])),
            6 => (*random.pick(&["filter", "count", "sortBy", "cursor", "attributes"]), scalar(random)),
            _ => ("filter", json!(filter)),
        };
        search[name] = value;
    }
    search
}

pub fn bulk(random: &mut Random, known: &Known) -> Value {
    let operations: Vec<Value> = (0..random.below(6)).map(|_| bulk_operation(random, known)).collect();
    let mut bulk = json!({ "schemas": [format!("{MESSAGES}:BulkRequest")], "Operations": operations });
    if random.one_in(3) {
        bulk["failOnErrors"] = if random.one_in(3) { scalar(random) } else { json!(1 + random.below(3)) };
    }
    bulk
}

fn bulk_operation(random: &mut Random, known: &Known) -> Value {
    let (user_id, group_id) = (random.pick(&known.users), random.pick(&known.groups));
    let (method, path, data) = match random.below(8) {
        0 => ("POST", "/Users".to_owned(), user(random)),
        1 => ("POST", "/Groups".to_owned(), group(random, known)),
        2 => ("PATCH", format!("/Users/{user_id}"), patch(random)),
        3 => ("PATCH", format!("/Groups/{group_id}"), group_patch(random, known)),
        4 => ("PUT", format!("/Groups/{group_id}"), group(random, known)),
        5 => ("PATCH", "/Groups/bulkId:b1".to_owned(), group_patch(random, known)),
        6 => ("DELETE", format!("/Groups/{}", random.pick(&["x", "bulkId:b0", "bulkId:"])), Value::Null),
        _ => (*random.pick(&["GET", "BREW", "PUT"]), ruined(random, "/Users/.search"), scalar(random)),
    };
    // References to what the request itself makes, some of it not at all, some in circles.
    let text = data.to_string().replace("@a.example\"", if random.one_in(5) { "@b.example\"" } else { "@a.example\"" });
    let text = if random.one_in(2) { text.replace(user_id, &format!("bulkId:b{}", random.below(4))) } else { text };
    let mut operation =
        json!({ "method": method, "path": path, "data": serde_json::from_str::<Value>(&text).unwrap() });
    if !random.one_in(8) {
        operation["bulkId"] = json!(format!("b{}", random.below(4)));
    }
    if random.one_in(6) {
        operation["version"] = if random.one_in(2) { json!("W/\"1\"") } else { scalar(random) };
    }
    operation
}

/// Whatever was asked, no group has come to contain itself.
pub async fn no_circles(service: &Service, tenant: &Tenant, seed: u64) {
    let list = service.ask(&tenant.key, "GET", "/scim/v2/Groups?count=200", Value::Null).await.json();
    let groups = list["Resources"].as_array().unwrap();
    let inside = |group: &str| -> Vec<String> {
        let found = groups.iter().find(|one| one["id"] == json!(group));
        let members = found.and_then(|one| one["members"].as_array()).into_iter().flatten();
        members
            .filter(|member| member["type"] == json!("Group"))
            .map(|member| member["value"].as_str().unwrap().to_owned())
            .collect()
    };
    for group in groups {
        let id = group["id"].as_str().unwrap();
        let (mut seen, mut level) = (Vec::new(), inside(id));
        while let Some(next) = level.pop() {
            assert_ne!(next, id, "seed {seed}: {group}");
            if !seen.contains(&next) {
                level.extend(inside(&next));
                seen.push(next);
            }
        }
    }
}
