//! A resource type of an account's own.

use super::{DEVICE, found, new_device, standard, with_devices};
use crate::{
    process::run_with,
    support::{encoded, id},
};
use serde_json::{Value, json};

#[test]
fn a_device_is_made_read_changed_replaced_and_removed() {
    let account = with_devices();
    let made = new_device(&account, "S1", "R1");
    let (path, location) = (format!("/Devices/{}", id(&made)), made["meta"]["location"].as_str().expect("a location"));
    assert!(location.ends_with(&format!("/scim/v2{path}")), "{location}");
    assert_eq!((&made["meta"]["resourceType"], &made["schemas"]), (&json!("Device"), &json!([DEVICE])));
    let read = account.scim("GET", &path, Value::Null).expect(200);
    assert_eq!(read.json(), made);
    let etag = read.header("etag").to_owned();
    assert_eq!(account.scim_with("GET", &path, &[("if-none-match", &etag)], Value::Null).status, 304);

    let patch = |operations: Value| json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
    let locked = patch(
        json!([{ "op": "add", "path": "locked", "value": true }, { "op": "replace", "path": "ports", "value": 4 }]),
    );
    let patched = account.scim_with("PATCH", &path, &[("if-match", &etag)], locked.clone()).expect(200).json();
    assert_eq!((&patched["locked"], &patched["ports"], &patched["serial"]), (&json!(true), &json!(4), &json!("S1")));
    account.scim_with("PATCH", &path, &[("if-match", &etag)], locked).error(412);
    let fixed = patch(json!([{ "op": "replace", "path": "vendor", "value": "Other" }]));
    assert_eq!(account.scim("PATCH", &path, fixed).error(400)["scimType"], json!("mutability"));
    let replaced = json!({ "schemas": [DEVICE], "serial": "S2", "vendor": "Acme" });
    let replaced = account.scim("PUT", &path, replaced).expect(200).json();
    assert_eq!((&replaced["serial"], &replaced["room"]), (&json!("S2"), &Value::Null));
    account.scim("PUT", &path, json!({ "schemas": [DEVICE] })).error(400);

    account.scim("DELETE", &path, Value::Null).expect(204);
    account.scim("GET", &path, Value::Null).error(404);
    account.scim("DELETE", &path, Value::Null).error(404);
}

#[test]
fn what_the_schema_calls_unique_and_required_is() {
    let account = with_devices();
    let first = new_device(&account, "S1", "R1");
    let device = |serial: &str| json!({ "schemas": [DEVICE], "serial": serial });
    assert_eq!(account.scim("POST", "/Devices", device("s1")).error(409)["scimType"], json!("uniqueness"));
    account.scim("POST", "/Devices", json!({ "schemas": [DEVICE], "room": "R1" })).error(400);
    account.scim("POST", "/Devices", json!({ "schemas": [DEVICE], "serial": "S2", "colour": "red" })).error(400);
    account.scim("DELETE", &format!("/Devices/{}", id(&first)), Value::Null).expect(204);
    account.scim("POST", "/Devices", device("s1")).expect(201);
}

#[test]
fn devices_are_found_sorted_paged_and_searched_for() {
    let account = with_devices();
    account.create(json!({ "userName": "ann@a.com" }));
    for number in 1..=5 {
        new_device(&account, &format!("S{number}"), if number % 2 == 1 { "Lab" } else { "Hall" });
    }
    for (filter, expected) in [
        ("room eq \"lab\"", vec!["S1", "S3", "S5"]),
        ("serial eq \"s4\"", vec!["S4"]),
        ("room eq \"hall\" and serial gt \"S2\"", vec!["S4"]),
        ("meta.resourceType eq \"Device\" and room sw \"H\"", vec!["S2", "S4"]),
    ] {
        assert_eq!(found(&account, &format!("/Devices?filter={}", encoded(filter)), "/serial"), expected, "{filter}");
    }
    let sorted = found(&account, "/Devices?sortBy=serial&sortOrder=descending&startIndex=2&count=2", "/serial");
    assert_eq!(sorted, ["S4", "S3"]);
    let only = account.scim("GET", "/Devices?attributes=room&count=1", Value::Null).expect(200).json();
    assert_eq!((&only["Resources"][0]["room"], &only["Resources"][0]["serial"]), (&json!("Lab"), &Value::Null));

    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page = account.scim("GET", &format!("/Devices?cursor={cursor}&count=2"), Value::Null).expect(200).json();
        let items = page["Resources"].as_array().expect("a list");
        seen.extend(items.iter().map(|item| item["serial"].as_str().expect("a serial").to_owned()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = encoded(next),
            None => break,
        }
    }
    assert_eq!(seen, ["S1", "S2", "S3", "S4", "S5"]);

    let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "room eq \"Hall\"", "count": 1 });
    let answer = account.scim("POST", "/Devices/.search", search).expect(200).json();
    assert_eq!((&answer["totalResults"], &answer["itemsPerPage"]), (&json!(2), &json!(1)));
    let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "meta.resourceType eq \"Device\"" });
    assert_eq!(
        account.scim("POST", "/.search", search).expect(200).json()["totalResults"],
        json!(5),
        "the root search finds them"
    );
    let all = account.scim("GET", "/?count=200", Value::Null).expect(200).json();
    assert_eq!(all["totalResults"], json!(6));
}

#[test]
fn devices_take_part_in_bulk_requests() {
    let account = with_devices();
    let device = |serial: &str| json!({ "schemas": [DEVICE], "serial": serial });
    let operations = json!([
        { "method": "POST", "path": "/Devices", "bulkId": "a", "data": device("S1") },
        { "method": "POST", "path": "/Devices", "bulkId": "b", "data": device("S1") },
        { "method": "PUT", "path": "/Devices/bulkId:a", "data": device("S2") },
        { "method": "POST", "path": "/Devices", "bulkId": "c", "data": device("S1") },
        { "method": "DELETE", "path": "/Devices/bulkId:a" },
    ]);
    let bulk = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
    let answer = account.scim("POST", "/Bulk", bulk).expect(200).json();
    let statuses: Vec<&str> =
        answer["Operations"].as_array().expect("a list").iter().filter_map(|one| one["status"].as_str()).collect();
    assert_eq!(statuses, ["201", "409", "200", "201", "204"]);
    assert_eq!(found(&account, "/Devices", "/serial"), ["S1"]);
}

#[test]
fn another_account_does_not_have_it() {
    let (ours, theirs) = (with_devices(), standard());
    let device = id(&new_device(&ours, "S1", "R1"));
    for (method, path) in
        [("GET", "/Devices".to_owned()), ("POST", "/Devices".to_owned()), ("GET", format!("/Devices/{device}"))]
    {
        theirs.scim(method, &path, if method == "POST" { json!({ "serial": "S1" }) } else { Value::Null }).error(404);
    }
    assert!(ours.scim("GET", "/ResourceTypes", Value::Null).expect(200).text.contains("\"/Devices\""));
    assert!(!theirs.scim("GET", "/ResourceTypes", Value::Null).expect(200).text.contains("Device"));
    let type_id = id(&ours.api("GET", "/resource-types", Value::Null).expect(200).json()["items"][0]);
    theirs.api("GET", &format!("/resource-types/{type_id}"), Value::Null).expect(404);
    theirs.api("DELETE", &format!("/resource-types/{type_id}"), Value::Null).expect(404);

    theirs.api("POST", "/schemas", json!({ "schema": super::device() })).expect(201);
    let own = json!({ "name": "Device", "endpoint": "Devices", "schema": DEVICE });
    theirs.api("POST", "/resource-types", own).expect(201);
    theirs.scim("GET", &format!("/Devices/{device}"), Value::Null).error(404);
    assert_eq!(found(&theirs, "/Devices", "/id"), [""; 0]);
}

#[test]
fn a_type_is_listed_shown_and_removed_once_it_has_no_resources() {
    let account = with_devices();
    let list = account.api("GET", "/resource-types", Value::Null).expect(200).json();
    let own = &list["items"][0];
    assert_eq!(
        (&own["name"], &own["endpoint"], &own["schema"]),
        (&json!("Device"), &json!("/Devices"), &json!(DEVICE))
    );
    let path = format!("/resource-types/{}", id(own));
    assert_eq!(account.api("GET", &path, Value::Null).expect(200).json(), *own);
    let device = id(&new_device(&account, "S1", "R1"));
    let refused = account.api("DELETE", &path, Value::Null).expect(409).json();
    assert!(refused["detail"].as_str().expect("a sentence").contains("1 resources of type `Device`"), "{refused}");
    let used = account.api("DELETE", &format!("/schemas/{DEVICE}"), Value::Null).expect(409).json();
    assert!(used["detail"].as_str().expect("a sentence").contains("`Device` uses this schema"), "{used}");
    account.scim("DELETE", &format!("/Devices/{device}"), Value::Null).expect(204);
    account.api("DELETE", &path, Value::Null).expect(204);
    account.scim("GET", "/Devices", Value::Null).error(404);
    account.api("DELETE", &format!("/schemas/{DEVICE}"), Value::Null).expect(204);
}

#[test]
fn schemas_and_types_on_the_command_line() {
    let account = standard();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let write = |name: &str, document: &Value| {
        let path = folder.path().join(name);
        std::fs::write(&path, document.to_string()).expect("the file can be written");
        path.to_str().expect("a temporary path is text").to_owned()
    };
    let run = |arguments: &[&str]| {
        let environment = [
            ("PROVOST_URL", account.base.as_str()),
            ("PROVOST_TOKEN", &account.operator_key),
            ("PROVOST_ACCOUNT", &account.id),
        ];
        run_with(arguments, &environment)
    };
    let badge = write("badge.json", &super::badge());
    let made = run(&["schema", "create", &badge, "--extends", "User", "--index", "site", "--json"]).json();
    assert_eq!((&made["urn"], &made["extends"][0]["required"]), (&json!(super::BADGE), &json!(false)));
    let shown = run(&["schema", "show", super::BADGE]).json();
    assert_eq!((&shown["id"], &shown["name"]), (&json!(super::BADGE), &json!("Badge")));
    let twice = run(&["schema", "create", &badge]).sentence();
    assert!(twice.contains("exists"), "{twice}");

    run(&["schema", "create", &write("device.json", &super::device())]).exits(0);
    let create = ["resource-type", "create", "Device", "/Devices", "--schema", DEVICE, "--index", "room"];
    let shown = run(&create).exits(0).stdout;
    assert!(shown.contains("/Devices"), "{shown}");
    assert!(run(&["resource-type", "list"]).exits(0).stdout.contains(DEVICE));
    assert_eq!(run(&["resource-type", "show", "Device", "--json"]).json()["indexed"], json!(["room"]));
    run(&["resource-type", "delete", "Device"]).exits(0);
    for schema in ["Device", "Badge"] {
        run(&["schema", "delete", schema]).exits(0);
    }
    assert!(run(&["schema", "list"]).exits(0).stdout.contains("(none)"));
    run(&["schema", "create", &badge, "--required"]).exits(2);
}
