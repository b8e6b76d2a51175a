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

    // Groups switched on are not offered by this version, and the policy says so instead of discovery being untrue.
    let on = json!({ "preset": "standard", "groups": { "mode": "managed" } });
    let refused = off.api("PUT", "/policy", on).expect(400);
    assert!(refused.text.contains("groups.mode"), "{}", refused.text);
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
fn s_8_sorting_is_not_advertised_and_asking_for_it_is_harmless() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let config = account.scim("GET", "/ServiceProviderConfig", Value::Null).expect(200).json();
    assert_eq!(config["sort"]["supported"], json!(false));
    for name in ["b@a.example", "a@a.example"] {
        account.create(json!({ "userName": name }));
    }
    let plain = account.scim("GET", "/Users", Value::Null).expect(200).json();
    let sorted = account.scim("GET", "/Users?sortBy=userName&sortOrder=ascending", Value::Null).expect(200).json();
    assert_eq!(sorted, plain);
    let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"] });
    for path in ["/.search", "/Users/.search"] {
        account.scim("POST", path, search.clone()).error(501);
    }
}

#[test]
fn s_20_bulk_is_truthfully_off() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let config = account.scim("GET", "/ServiceProviderConfig", Value::Null).expect(200).json();
    assert_eq!(config["bulk"]["supported"], json!(false));
    let bulk = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [] });
    account.scim("POST", "/Bulk", bulk).error(501);
}

#[test]
fn s_24_me_is_not_offered() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    for method in ["GET", "PUT", "PATCH", "DELETE", "POST"] {
        account.scim(method, "/Me", Value::Null).error(501);
    }
}
