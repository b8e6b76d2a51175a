//! Bulk requests: bombs, circles, references to nobody, and operations that are none.

mod operations;

use super::{GROUP, Guarded, NOBODY, USER, error_of, patch, post_too_much};
use crate::{
    crowd::{bulk, id_in, post_user},
    raw,
    support::{Account, Server, encoded, id, members},
};
use serde_json::{Value, json};

const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn message(operations: Value) -> Value {
    json!({ "schemas": [REQUEST], "Operations": operations })
}

/// Runs a bulk request that is accepted, and answers with its results.
#[track_caller]
fn results(guarded: &Guarded, operations: Value) -> Vec<Value> {
    let answer = bulk(&guarded.account, operations).expect(200).json();
    answer["Operations"].as_array().expect("a bulk request has results").clone()
}

/// What an operation failed with, in the form of an error.
#[track_caller]
fn failed(result: &Value) -> (u16, Value) {
    let error = result["response"].clone();
    assert_eq!(error["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{result}");
    assert_eq!(error["status"], result["status"], "{result}");
    assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty() && detail.len() < 400), "{result}");
    let status = result["status"].as_str().and_then(|status| status.parse().ok()).expect("a status");
    (status, error)
}

#[test]
fn s_20_more_than_a_request_may_hold_is_413_and_names_the_limit() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let many: Value = (0..1_001).map(|n| post_user(&n.to_string(), &format!("bomb{n}"))).collect();
    let error = guarded.refuses("1001 operations", &[413], |account| error_of(bulk(account, many)));
    assert!(error["detail"].as_str().is_some_and(|detail| detail.contains("maxOperations")), "{error}");
    let empty = message(vec![json!({}); 150_000].into()).to_string();
    let mut large = post_user("1", "bomb");
    large["data"]["title"] = json!("x".repeat(2 * 1024 * 1024));
    let large = message(json!([large])).to_string();
    let send = |account: &Account, body: &str| post_too_much(account, "/scim/v2/Bulk", &account.key, body);
    let error = guarded.refuses("150,000 operations", &[400], |account| send(account, &empty).error(400));
    assert!(error["detail"].as_str().is_some_and(|detail| detail.len() < 400), "{error}");
    let error = guarded.refuses("2 MB", &[413], |account| send(account, &large).error(413));
    assert!(error["detail"].as_str().is_some_and(|detail| detail.contains("maxPayloadSize")), "{error}");
    let authorization = format!("Bearer {}", guarded.account.key);
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/scim+json")];
    let error = guarded.refuses("2 MB in chunks", &[413], |account| {
        let head = raw::head("POST", b"/scim/v2/Bulk", &[&headers[..], &[("transfer-encoding", "chunked")]].concat());
        let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
        let mut pieces: Vec<&[u8]> = vec![&head];
        pieces.extend(std::iter::repeat_n(chunk.as_slice(), 32));
        raw::exchange(&account.base, &pieces).error(413)
    });
    assert!(error["detail"].as_str().is_some_and(|detail| detail.contains("maxPayloadSize")), "{error}");
}

#[test]
fn s_16_bulk_messages_that_are_none() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let (syntax, value) = ("invalidSyntax", "invalidValue");
    let fails = |limit: Value| {
        let mut body = message(json!([{ "method": "DELETE", "path": guarded.path() }]));
        body["failOnErrors"] = limit;
        body
    };
    for (name, body, scim_type) in [
        ("an array", json!([]), syntax),
        ("another message", json!({ "schemas": [super::PATCH_OP], "Operations": [] }), syntax),
        ("no schemas", json!({ "Operations": [] }), syntax),
        ("no operations", json!({ "schemas": [REQUEST] }), syntax),
        ("operations that are an object", message(json!({})), syntax),
        ("operations that are a text", message(json!("POST /Users")), syntax),
        ("failOnErrors 0", fails(json!(0)), value),
        ("failOnErrors -1", fails(json!(-1)), value),
        ("failOnErrors x", fails(json!("x")), value),
        ("failOnErrors 1 as a text", fails(json!("1")), value),
        ("failOnErrors 1.5", fails(json!(1.5)), value),
        ("failOnErrors true", fails(json!(true)), value),
        ("failOnErrors of many", fails(json!([1])), value),
        ("failOnErrors beyond numbers", fails(json!(1e300)), value),
    ] {
        let error = guarded.refuses(name, &[400], |account| error_of(account.scim("POST", "/Bulk", body)));
        assert_eq!(error["scimType"], scim_type, "{name}: {error}");
    }
    // As many errors as a client can count to.
    let mut body = message(json!([{ "method": "DELETE", "path": format!("/Users/{NOBODY}") }]));
    body["failOnErrors"] = json!(u64::MAX);
    let answer = guarded.account.scim("POST", "/Bulk", body).expect(200).json();
    assert_eq!(failed(&answer["Operations"][0]).0, 404);

    let deep = format!("{}1{}", "{\"a\":".repeat(100), "}".repeat(100));
    let operation = format!("{{\"method\":\"POST\",\"path\":\"/Users\",\"bulkId\":\"1\",\"data\":{deep}}}");
    let text = format!("{{\"schemas\":[\"{REQUEST}\"],\"Operations\":[{operation}]}}");
    let error = guarded.refuses("deep data", &[400], |account| {
        let url = format!("{}/scim/v2/Bulk", account.base);
        let request = crate::support::request("POST", &url).bearer_auth(&account.key);
        error_of(crate::support::send(request.header("content-type", "application/scim+json").body(text)))
    });
    assert_eq!(error["scimType"], syntax, "{error}");
}

#[test]
fn s_16_bulk_requests_inside_of_each_other() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let inner = |depth: usize| {
        (0..depth).fold(json!([post_user("0", "never")]), |operations, level| {
            json!([{ "method": "POST", "path": "/Bulk", "bulkId": level.to_string(), "data": message(operations) }])
        })
    };
    for depth in [1, 2, 5] {
        let found = results(&guarded, inner(depth));
        assert_eq!(failed(&found[0]).0, 400, "{depth}: {found:?}");
        guarded.unchanged("nested");
    }
    let error = guarded.refuses("deeper than any body", &[400], |account| error_of(bulk(account, inner(30))));
    assert_eq!(error["scimType"], "invalidSyntax", "{error}");
}

#[test]
fn s_16_references_that_lead_nowhere() {
    let server = Server::start();
    let mut guarded = Guarded::new(server.account(json!("standard")));
    let group = guarded.group("Guarded");
    let manager = |bulk_id: &str, reference: &str| {
        let mut operation = post_user(bulk_id, &format!("ref-{bulk_id}"));
        operation["data"]["schemas"] = json!([USER, ENTERPRISE]);
        operation["data"][ENTERPRISE] = json!({ "manager": { "value": reference } });
        operation
    };
    let mut failing = post_user("bad", "never");
    failing["data"]["userName"] = json!(" ");
    let into_group = |value: &str| {
        let data = patch(json!([{ "op": "add", "path": "members", "value": members(&[value]) }]));
        json!({ "method": "PATCH", "path": format!("/Groups/{group}"), "data": data })
    };
    let removal = patch(json!([{ "op": "remove", "path": "members[value eq \"bulkId:nobody\"]" }]));
    for (name, operations, statuses) in [
        ("nobody as manager", json!([manager("1", "bulkId:nobody")]), vec!["400"]),
        ("an empty reference", json!([manager("1", "bulkId:")]), vec!["400"]),
        ("a long reference", json!([manager("1", &format!("bulkId:{}", "x".repeat(4_000)))]), vec!["400"]),
        ("one that failed", json!([failing, manager("1", "bulkId:bad")]), vec!["400", "400"]),
        ("one that failed, before it", json!([manager("1", "bulkId:bad"), failing]), vec!["400", "400"]),
        ("nobody as member", json!([into_group("bulkId:nobody")]), vec!["400"]),
        ("one that failed as member", json!([failing, into_group("bulkId:bad")]), vec!["400", "400"]),
        ("in a path", json!([{ "method": "DELETE", "path": "/Users/bulkId:nobody" }]), vec!["400"]),
        ("escaped in a path", json!([{ "method": "DELETE", "path": "/Users/bulkId%3Anobody" }]), vec!["400"]),
        (
            "in a value filter",
            json!([{ "method": "PATCH", "path": format!("/Groups/{group}"), "data": removal }]),
            vec!["400"],
        ),
        (
            "the bulkId of what is no POST",
            json!([{ "method": "DELETE", "path": format!("/Users/{NOBODY}"), "bulkId": "d" }, manager("1", "bulkId:d")]),
            vec!["404", "400"],
        ),
    ] {
        let found = results(&guarded, operations);
        let shown: Vec<&str> = found.iter().filter_map(|result| result["status"].as_str()).collect();
        assert_eq!(shown, statuses, "{name}: {found:?}");
        for result in &found {
            failed(result);
        }
        guarded.unchanged(name);
    }
}

#[test]
fn s_16_one_bulk_id_twice_creates_one_resource() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let twice: Value = (0..1_000).map(|n| post_user("same", &format!("twin{n}"))).collect();
    let found = results(&guarded, twice);
    let made: Vec<&Value> = found.iter().filter(|result| result["status"] == "201").collect();
    assert_eq!((made.len(), found.len()), (1, 1_000), "the first claims the bulkId");
    for result in &found[1..] {
        assert_eq!(failed(result).0, 400);
    }
    guarded.account.get(&id_in(made[0])).expect(200);
    assert_eq!(guarded.account.find("userName sw \"twin\"")["totalResults"], json!(1));
}

/// A ring of managers, each of them made by the same request: refused whole or made whole, and ended in any case.
#[test]
fn s_16_circles_of_references_end() {
    const RING: usize = 300;
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let ring: Value = (0..RING)
        .map(|n| {
            let mut operation = post_user(&n.to_string(), &format!("ring{n}"));
            operation["data"]["schemas"] = json!([USER, ENTERPRISE]);
            operation["data"][ENTERPRISE] = json!({ "manager": { "value": format!("bulkId:{}", (n + 1) % RING) } });
            operation
        })
        .collect();
    let found = results(&guarded, ring);
    let made = found.iter().filter(|result| result["status"] == "201").count();
    assert!(found.iter().all(|result| result["status"] == "201" || failed(result).0 == 409), "201 or 409 (BLK-24)");
    assert_eq!(guarded.account.find("userName sw \"ring\"")["totalResults"], json!(made));
    let listed = guarded.account.scim("GET", "/Users?count=200", Value::Null).expect(200).text;
    assert!(!listed.contains("bulkId"), "the reference itself is never stored");

    let circle = |one: &str, other: &str| {
        let data = json!({ "schemas": [GROUP], "displayName": format!("Circle {one}"), "members": members(&[&format!("bulkId:{other}")]) });
        json!({ "method": "POST", "path": "/Groups", "bulkId": one, "data": data })
    };
    for (name, operations) in [
        ("two groups in each other", json!([circle("a", "b"), circle("b", "a")])),
        ("a group in itself", json!([circle("c", "c")])),
    ] {
        let found = results(&guarded, operations);
        assert!(found.iter().any(|result| failed_status(result) >= 400), "{name}: {found:?}");
        for group in guarded.account.scim("GET", "/Groups", Value::Null).expect(200).json()["Resources"]
            .as_array()
            .expect("a list")
        {
            let group = id(group);
            let inside = guarded.account.members_of(&group);
            assert!(!inside.contains(&group), "{name}");
            assert!(inside.iter().all(|inner| !guarded.account.members_of(inner).contains(&group)), "{name}");
        }
    }
}

fn failed_status(result: &Value) -> u16 {
    result["status"].as_str().and_then(|status| status.parse().ok()).expect("a status")
}

#[test]
fn a_thousand_operations_on_one_resource_are_done_in_order() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let group = id(&guarded.account.group("Busy", &[]));
    let before = guarded.entries();
    let operations: Value = (0..1_000)
        .map(|n| {
            let operation = match n % 3 {
                0 => json!({ "op": "add", "path": "members", "value": members(&[&guarded.id]) }),
                1 => json!({ "op": "replace", "path": "displayName", "value": format!("Busy {n}") }),
                _ => json!({ "op": "remove", "path": format!("members[value eq \"{}\"]", guarded.id) }),
            };
            json!({ "method": "PATCH", "path": format!("/Groups/{group}"), "data": patch(json!([operation])) })
        })
        .collect();
    let found = results(&guarded, operations);
    assert!(
        found.iter().all(|result| result["status"] == "200"),
        "{:?}",
        found.iter().find(|one| one["status"] != "200")
    );
    assert_eq!(guarded.account.members_of(&group), std::slice::from_ref(&guarded.id), "the last one adds");
    let filter = encoded("displayName eq \"Busy 997\"");
    let named = guarded.account.scim("GET", &format!("/Groups?filter={filter}"), Value::Null).expect(200).json();
    assert_eq!(named["totalResults"], json!(1));
    assert_eq!(guarded.entries() - before, 1_000, "each operation is an audit entry");
}
