//! Discovery and what it promises (S-1, S-2, S-8, S-20, S-24).

use crate::support::{Server, request, send};
use serde_json::{Value, json};

fn names(list: &Value, member: &str) -> Vec<String> {
    let resources = list["Resources"].as_array().expect("a list");
    resources.iter().map(|resource| resource[member].as_str().expect("a text").to_owned()).collect()
}

#[test]
fn s_1_discovery_is_true_for_the_policy() {
    let server = Server::start();
    let off = server.account(json!({ "preset": "standard", "groups": { "mode": "off" } }));
    let types = off.scim("GET", "/ResourceTypes", Value::Null).expect(200).json();
    assert_eq!(names(&types, "name"), ["User"]);
    let schemas = names(&off.scim("GET", "/Schemas", Value::Null).expect(200).json(), "id");
    assert!(schemas.iter().any(|id| id == "urn:ietf:params:scim:schemas:core:2.0:User"), "{schemas:?}");
    assert!(!schemas.iter().any(|id| id.ends_with(":Group")), "{schemas:?}");
    off.scim("GET", "/ResourceTypes/Group", Value::Null).error(404);
    off.scim("GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group", Value::Null).error(404);

    // Switched on, they are there with the next request.
    let on = json!({ "preset": "standard", "groups": { "mode": "managed" } });
    off.api("PUT", "/policy", on).expect(200);
    let types = off.scim("GET", "/ResourceTypes", Value::Null).expect(200).json();
    assert_eq!(names(&types, "name"), ["User", "Group"]);
    off.scim("GET", "/ResourceTypes/Group", Value::Null).expect(200);
    off.scim("GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group", Value::Null).expect(200);
}

#[test]
fn s_1_the_schema_shows_exactly_the_attributes_that_the_policy_supports() {
    let server = Server::start();
    let account = server.account(json!("dsm"));
    let user =
        account.scim("GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", Value::Null).expect(200).json();
    let mut shown: Vec<&str> =
        user["attributes"].as_array().expect("attributes").iter().filter_map(|one| one["name"].as_str()).collect();
    shown.retain(|name| !matches!(*name, "id" | "externalId" | "meta" | "schemas"));
    shown.sort_unstable();
    assert_eq!(shown, ["active", "roles", "userName"]);
    let types = account.scim("GET", "/ResourceTypes/User", Value::Null).expect(200).json();
    assert_eq!(types.get("schemaExtensions"), None, "no attribute of an extension is supported: {types}");
}

#[test]
fn s_2_discovery_needs_a_key_and_shows_the_account_of_that_key() {
    let server = Server::start();
    let (standard, dsm) = (server.account(json!("standard")), server.account(json!("dsm")));
    for path in ["/Users", "/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/Schemas/x"] {
        send(request("GET", &format!("{}/scim/v2{path}", server.base))).error(401);
    }
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
        standard.scim("GET", path, Value::Null).expect(200);
    }
    let schemas = |account: &crate::support::Account| account.scim("GET", "/Schemas", Value::Null).expect(200).text;
    assert!(schemas(&standard).contains("\"nickName\""));
    assert!(!schemas(&dsm).contains("\"nickName\""));
}

#[test]
fn s_8_sorting_is_advertised_and_works() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let config = account.scim("GET", "/ServiceProviderConfig", Value::Null).expect(200).json();
    assert_eq!(config["sort"]["supported"], json!(true));
    for name in ["b@a.example", "A@a.example", "c@a.example"] {
        account.create(json!({ "userName": name }));
    }
    for (order, expected) in [
        ("", ["A@a.example", "b@a.example", "c@a.example"]),
        ("&sortOrder=ascending", ["A@a.example", "b@a.example", "c@a.example"]),
        ("&sortOrder=descending", ["c@a.example", "b@a.example", "A@a.example"]),
    ] {
        let sorted = account.scim("GET", &format!("/Users?sortBy=userName{order}"), Value::Null).expect(200).json();
        assert_eq!(names(&sorted, "userName"), expected, "{order}");
    }
    let plain = account.scim("GET", "/Users", Value::Null).expect(200).json();
    let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"] });
    for path in ["/.search", "/Users/.search"] {
        assert_eq!(account.scim("POST", path, search.clone()).expect(200).json(), plain, "SEA-04 {path}");
    }
    assert_eq!(account.scim("POST", "/Groups/.search", search).expect(200).json()["totalResults"], 0);
}

#[test]
fn s_20_bulk_is_advertised_with_its_limits_and_keeps_them() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let config = account.scim("GET", "/ServiceProviderConfig", Value::Null).expect(200).json();
    assert_eq!(config["bulk"], json!({ "supported": true, "maxOperations": 1000, "maxPayloadSize": 1_048_576 }));
    let post = |number: usize, user: Value| {
        let mut user = user;
        user["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
        json!({ "method": "POST", "path": "/Users", "bulkId": number.to_string(), "data": user })
    };
    let bulk = |more: Value| {
        let mut request = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"] });
        request.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        request
    };
    let many: Vec<Value> = (0..1_001).map(|number| post(number, json!({ "userName": number.to_string() }))).collect();
    let error = account.scim("POST", "/Bulk", bulk(json!({ "Operations": many }))).error(413);
    assert!(error["detail"].as_str().is_some_and(|detail| detail.contains("maxOperations")), "{error}");
    let three = [
        post(1, json!({ "userName": "ann" })),
        post(2, json!({ "displayName": "no name to sign in with" })),
        post(3, json!({ "userName": "eve" })),
    ];
    let request = bulk(json!({ "failOnErrors": 1, "Operations": three }));
    let answer = account.scim("POST", "/Bulk", request).expect(200).json();
    let status: Vec<&str> =
        answer["Operations"].as_array().expect("a list").iter().filter_map(|one| one["status"].as_str()).collect();
    assert_eq!(status, ["201", "400"], "the third is not run");
    assert_eq!(account.scim("GET", "/Users?count=0", Value::Null).expect(200).json()["totalResults"], 1);
}

#[test]
fn s_24_me_is_not_offered() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    for method in ["GET", "PUT", "PATCH", "DELETE", "POST"] {
        account.scim(method, "/Me", Value::Null).error(501);
    }
}

#[test]
fn s_8_a_search_by_post_is_the_query_with_its_parameters() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    for (name, title) in [("ann", "Dr"), ("bob", "Dr"), ("eve", "Prof")] {
        account.create(json!({ "userName": name, "title": title }));
    }
    let urn = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
    let names = |path: &str, request: Value| {
        let found = account.scim("POST", path, request).expect(200).json();
        let resources = found["Resources"].as_array().expect("a list").clone();
        let names: Vec<String> =
            resources.iter().map(|user| user["userName"].as_str().unwrap_or("-").to_owned()).collect();
        format!("{} {}", found["totalResults"], names.join(","))
    };
    let cases = [
        ("filter", "/Users", json!({ "filter": "title eq \"dr\"" }), "2 ann,bob"),
        ("page", "/Users", json!({ "startIndex": 2, "count": 1 }), "3 bob"),
        ("count 0", "/Users", json!({ "count": 0 }), "3 "),
        ("projection", "/Users", json!({ "attributes": ["title"] }), "3 -,-,-"),
        ("excluded", "/Users", json!({ "excludedAttributes": ["userName"] }), "3 -,-,-"),
        ("LST-09 type", "", json!({ "filter": "meta.resourceType eq \"User\"" }), "3 ann,bob,eve"),
        ("LST-09 other type", "", json!({ "filter": "meta.resourceType eq \"Group\"" }), "0 "),
        ("LST-08 eq on what no type has", "", json!({ "filter": "members.value eq \"x\"" }), "0 "),
        ("LST-08 pr", "", json!({ "filter": "members pr or userName eq \"ann\"" }), "1 ann"),
        ("LST-08 not", "", json!({ "filter": "not (members[value eq \"x\"]) and userName eq \"ann\"" }), "1 ann"),
        ("LST-08 ne", "", json!({ "filter": "serialNumber ne \"x\" and title eq \"Prof\"" }), "1 eve"),
        ("LST-08 eq null", "", json!({ "filter": "members eq null and title eq \"Prof\"" }), "1 eve"),
    ];
    for (name, path, mut request, expected) in cases {
        request["schemas"] = json!([urn]);
        assert_eq!(names(&format!("{path}/.search"), request), expected, "{name}");
    }
    let refused = [
        ("SEA-05 no message", json!([]), "invalidSyntax"),
        (
            "SEA-02 another message",
            json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"] }),
            "invalidSyntax",
        ),
        ("SEA-05 filter", json!({ "schemas": [urn], "filter": "title" }), "invalidFilter"),
        ("FLT-24 unknown attribute", json!({ "schemas": [urn], "filter": "members pr" }), "invalidFilter"),
        ("SEA-07 count", json!({ "schemas": [urn], "count": "1" }), "invalidValue"),
        ("SEA-07 attributes", json!({ "schemas": [urn], "attributes": [1] }), "invalidValue"),
    ];
    for (name, request, keyword) in refused {
        assert_eq!(account.scim("POST", "/Users/.search", request).error(400)["scimType"], keyword, "{name}");
    }
    account.scim("GET", "/Users/.search", Value::Null).error(405);
    assert_eq!(account.find("userName pr")["totalResults"], 3, "SEA-06 nothing was made");
}
