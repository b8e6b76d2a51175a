//! Bulk (BLK).

use super::{
    ENTERPRISE, GROUP, NOBODY, USER, ask, done, fresh, get, id_of, make_group, make_user, members, patch, replace,
    standard,
};
use crate::{
    raw,
    support::{Account, Answer, Server},
};
use serde_json::{Value, json};

const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

fn bulk(operations: Value) -> Value {
    json!({ "schemas": [REQUEST], "Operations": operations })
}

fn send(account: &Account, operations: Value) -> Vec<Value> {
    let answer = done(account, "POST /Bulk", bulk(operations));
    assert_eq!(answer["schemas"], json!([RESPONSE]), "BLK-03");
    assert_eq!(members(&answer), ["Operations", "schemas"], "BLK-17 failOnErrors is no part of an answer");
    answer["Operations"].as_array().expect("BLK-03 Operations").clone()
}

fn user(name: &str) -> Value {
    json!({ "schemas": [USER], "userName": name })
}

fn post_user(bulk_id: &str) -> Value {
    json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": user(&fresh("bulk")) })
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|result| result["status"].as_str().expect("BLK-14 CON-05 status is a text")).collect()
}

#[track_caller]
fn last_segment(result: &Value) -> String {
    let location = result["location"].as_str().unwrap_or_else(|| panic!("no location: {result}"));
    location.rsplit('/').next().expect("a segment").to_owned()
}

#[test]
fn blk_02_every_method_in_one_request() {
    let server = Server::start();
    let account = standard(&server);
    let ids: Vec<String> = (0..3).map(|_| id_of(&make_user(&account, json!({})))).collect();
    let at = |id: &str| format!("/Users/{id}");
    let results = send(
        &account,
        json!([
            { "method": "POST", "path": "/Users", "bulkId": "new", "data": user("bulk-new") },
            { "method": "PUT", "path": at(&ids[0]), "version": "W/\"1\"", "data": user("bulk-put") },
            { "method": "PATCH", "path": at(&ids[1]), "bulkId": "patch", "data": patch(json!([replace("title", json!("T"))])) },
            { "method": "DELETE", "path": at(&ids[2]), "version": "W/\"1\"" },
        ]),
    );
    assert_eq!(statuses(&results), ["201", "200", "200", "204"], "BLK-02 BLK-04 BLK-07 BLK-08 BLK-14 CON-05");
    let methods: Vec<&Value> = results.iter().map(|result| &result["method"]).collect();
    assert_eq!(methods, ["POST", "PUT", "PATCH", "DELETE"], "BLK-12");
    assert_eq!((&results[0]["bulkId"], &results[2]["bulkId"]), (&json!("new"), &json!("patch")), "BLK-12 BLK-20");
    let location = |id: &str| json!(format!("{}/scim/v2/Users/{id}", account.base));
    for (result, id) in results[1..].iter().zip(&ids) {
        assert_eq!(result["location"], location(id), "BLK-13 LOC-01");
    }
    let made = last_segment(&results[0]);
    assert_eq!(results[0]["location"], location(&made), "BLK-12 LOC-01");
    let read = get(&account, &at(&made));
    assert_eq!(
        (&read["userName"], &results[0]["version"]),
        (&json!("bulk-new"), &read["meta"]["version"]),
        "BLK-12 BLK-20"
    );
    assert_eq!(get(&account, &at(&ids[0]))["userName"], "bulk-put", "BLK-10");
    assert_eq!(get(&account, &at(&ids[1]))["title"], "T", "BLK-10 BLK-08 PIT-35");
    ask(&account, &format!("GET {}", at(&ids[2])), Value::Null).error(404);
}

#[test]
fn blk_10_an_operation_obeys_the_rules_of_the_request() {
    let server = Server::start();
    let account = standard(&server);
    let stranger = standard(&server);
    let theirs = format!("/Users/{}", id_of(&make_user(&stranger, json!({}))));
    let taken = fresh("taken");
    let one = format!("/Users/{}", id_of(&make_user(&account, json!({ "userName": taken }))));
    let group = format!("/Groups/{}", make_group(&account, &[]));
    let change = patch(json!([replace("title", json!("T"))]));
    let bare = json!([replace("title", json!("T"))]);
    let cases = [
        (
            "BLK-10 uniqueness",
            json!({ "method": "POST", "path": "/Users", "bulkId": "a", "data": user(&taken) }),
            "409",
            "uniqueness",
        ),
        (
            "BLK-10 required",
            json!({ "method": "POST", "path": "/Users", "bulkId": "a", "data": { "schemas": [USER] } }),
            "400",
            "invalidValue",
        ),
        (
            "BLK-10 mutability",
            json!({ "method": "PATCH", "path": one, "data": patch(json!([replace("id", json!("x"))])) }),
            "400",
            "mutability",
        ),
        ("BLK-10 nobody", json!({ "method": "DELETE", "path": format!("/Users/{NOBODY}") }), "404", ""),
        (
            "BLK-10 AUT-14 TEN-07 another account's",
            json!({ "method": "PATCH", "path": theirs, "data": change }),
            "404",
            "",
        ),
        (
            "BLK-11 ETG-06 version",
            json!({ "method": "PUT", "path": one, "version": "W/\"9\"", "data": user("x") }),
            "412",
            "",
        ),
        ("BLK-11 version of a removal", json!({ "method": "DELETE", "path": group, "version": "W/\"9\"" }), "412", ""),
        (
            "BLK-09 PIT-35 operations without message",
            json!({ "method": "PATCH", "path": one, "data": bare }),
            "400",
            "invalidSyntax",
        ),
        ("BLK-08 no data", json!({ "method": "PUT", "path": one }), "400", ""),
        (
            "BLK-05 BLK-06 no bulkId",
            json!({ "method": "POST", "path": "/Users", "data": user(&fresh("x")) }),
            "400",
            "",
        ),
        ("BLK-29 no path", json!({ "method": "DELETE" }), "400", ""),
        ("BLK-29 an unknown method", json!({ "method": "BREW", "path": one }), "4", ""),
        ("BLK-29 GET", json!({ "method": "GET", "path": one }), "4", ""),
        (
            "BLK-29 nested",
            json!({ "method": "POST", "path": "/Bulk", "bulkId": "a", "data": bulk(json!([])) }),
            "4",
            "",
        ),
        ("BLK-29 a search", json!({ "method": "POST", "path": "/Users/.search", "bulkId": "a", "data": {} }), "4", ""),
        (
            "BLK-29 an unknown path",
            json!({ "method": "POST", "path": "/Robots", "bulkId": "a", "data": {} }),
            "404",
            "",
        ),
        ("BLK-30 MEA-01", json!({ "method": "DELETE", "path": "/Me" }), "501", ""),
    ];
    let before = (get(&account, &one), get(&account, "/Users?count=0"));
    for (name, operation, status, keyword) in cases {
        let is_post = operation["method"] == "POST";
        let names_one = operation["path"].as_str().is_some_and(|path| path.matches('/').count() == 2);
        let results = send(&account, json!([operation]));
        let [result] = &results[..] else { panic!("{name}: one result: {results:?}") };
        let found = result["status"].as_str().expect("BLK-14 a text");
        assert!(found.starts_with(status), "{name}: {result}");
        let error = &result["response"];
        assert_eq!(error["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "BLK-12 {name}: {result}");
        assert_eq!(error["status"], json!(found), "BLK-12 ERR-01 {name}");
        assert!(keyword.is_empty() || error["scimType"] == json!(keyword), "{name}: {result}");
        if is_post {
            assert_eq!(result.get("location"), None, "BLK-13 a POST that failed has no location: {name}");
        } else if names_one {
            assert!(result["location"].is_string(), "BLK-13 {name}: {result}");
        }
    }
    assert_eq!((get(&account, &one), get(&account, "/Users?count=0")), before, "BLK-10 nothing has changed");
}

#[test]
fn blk_15_what_failed_does_not_stop_the_rest() {
    let server = Server::start();
    let account = standard(&server);
    let bad = json!({ "method": "DELETE", "path": format!("/Users/{NOBODY}") });
    let run = |fail_on_errors: Value| -> Answer {
        let mut body = bulk(json!([post_user("1"), bad, post_user("2"), bad, post_user("3"), bad]));
        if !fail_on_errors.is_null() {
            body["failOnErrors"] = fail_on_errors;
        }
        ask(&account, "POST /Bulk", body)
    };
    let count = |account: &Account| get(account, "/Users?count=0")["totalResults"].as_u64().expect("a number");
    for (name, limit, expected, made) in [
        ("BLK-15 no limit", Value::Null, vec!["201", "404", "201", "404", "201", "404"], 3),
        ("BLK-16 one", json!(1), vec!["201", "404"], 1),
        ("BLK-16 two", json!(2), vec!["201", "404", "201", "404"], 2),
        ("BLK-16 more than there are", json!(9), vec!["201", "404", "201", "404", "201", "404"], 3),
    ] {
        let before = count(&account);
        let answer = run(limit).expect(200).json();
        let results = answer["Operations"].as_array().expect("BLK-03 Operations").clone();
        assert_eq!(statuses(&results), expected, "BLK-03 {name}");
        assert_eq!(count(&account) - before, made, "BLK-18 BLK-16 {name}: what is done stays, the rest is not begun");
        assert_eq!(answer.get("failOnErrors"), None, "BLK-17");
    }
    for limit in [json!("1"), json!(1.5), json!(true), json!([])] {
        let before = count(&account);
        assert_eq!(super::outcome(run(limit.clone())), "400 invalidValue", "BLK-19 {limit}");
        assert_eq!(count(&account), before, "BLK-19 nothing is begun");
    }
}

/// Many creates are under way at once; nobody can tell from the answer.
#[test]
fn of_creates_with_one_name_the_first_wins() {
    let server = Server::start();
    let account = standard(&server);
    for round in 0..5 {
        let operations = (0..200).map(|number| {
            let mut operation = post_user(&format!("{round}-{number}"));
            // Every third has the name of the one before it, written otherwise.
            let name = if number % 3 == 2 {
                format!("TWICE-{round}-{}", number - 1)
            } else {
                format!("twice-{round}-{number}")
            };
            operation["data"]["userName"] = json!(name);
            operation
        });
        let results = send(&account, operations.collect());
        let bulk_ids: Vec<&str> = results.iter().map(|result| result["bulkId"].as_str().expect("a bulkId")).collect();
        let expected: Vec<String> = (0..200).map(|number| format!("{round}-{number}")).collect();
        assert_eq!(bulk_ids, expected, "BLK-14 in the order of the request");
        let refused = results.iter().map(|result| result["status"] == "409");
        let expected = (0..200).map(|number| number % 3 == 2);
        assert!(refused.eq(expected), "the first of each pair: {:?}", statuses(&results));
    }
}

#[test]
fn blk_21_references_to_what_is_being_made() {
    let server = Server::start();
    let account = standard(&server);
    let member = |bulk_id: &str| json!([{ "value": format!("bulkId:{bulk_id}") }]);
    let group = |bulk_id: &str, members: Value| {
        json!({
            "method": "POST", "path": "/Groups", "bulkId": bulk_id,
            "data": { "schemas": [GROUP], "displayName": fresh("group"), "members": members },
        })
    };
    let mut report = post_user("report");
    report["data"][ENTERPRISE] = json!({ "manager": { "value": "bulkId:boss" } });
    report["data"]["schemas"] = json!([USER, ENTERPRISE]);
    for (name, operations, order) in [
        ("BLK-21 backward", json!([post_user("boss"), report, group("team", member("report"))]), [0, 1, 2]),
        ("BLK-23 PIT-35 forward", json!([group("team", member("report")), report, post_user("boss")]), [2, 1, 0]),
    ] {
        let mut operations = operations;
        for operation in operations.as_array_mut().expect("a list") {
            let name = if operation["path"] == "/Users" { "userName" } else { "displayName" };
            operation["data"][name] = json!(fresh("again"));
        }
        let results = send(&account, operations);
        assert_eq!(statuses(&results), ["201", "201", "201"], "{name}: {results:?}");
        let by_bulk_id =
            |id: &str| last_segment(results.iter().find(|one| one["bulkId"] == json!(id)).expect("BLK-20"));
        let (boss, report, team) = (by_bulk_id("boss"), by_bulk_id("report"), by_bulk_id("team"));
        let order_found: Vec<&Value> = results.iter().map(|one| &one["bulkId"]).collect();
        let sent = ["boss", "report", "team"];
        let expected: Vec<Value> = order.iter().map(|place| json!(sent[*place])).collect();
        assert_eq!(
            order_found,
            expected.iter().collect::<Vec<_>>(),
            "BLK-12 results in the order of the request: {name}"
        );
        assert_eq!(get(&account, &format!("/Users/{report}"))[ENTERPRISE]["manager"]["value"], json!(boss), "{name}");
        assert_eq!(get(&account, &format!("/Groups/{team}"))["members"][0]["value"], json!(report), "{name}");
    }

    let change = patch(json!([{ "op": "add", "path": "members", "value": member("late") }]));
    let results = send(
        &account,
        json!([
            group("g", json!([])), post_user("late"),
            { "method": "PATCH", "path": "/Groups/bulkId:g", "data": change },
            { "method": "PATCH", "path": "/Users/bulkId:late", "data": patch(json!([replace("title", json!("T"))])) },
        ]),
    );
    assert!(
        results.iter().all(|one| one["status"].as_str().is_some_and(|status| status.starts_with('2'))),
        "BLK-22 {results:?}"
    );
    let (made, late) = (last_segment(&results[0]), last_segment(&results[1]));
    assert_eq!(
        get(&account, &format!("/Groups/{made}"))["members"][0]["value"],
        json!(late),
        "BLK-22 in a PATCH and a path"
    );
    assert_eq!(get(&account, &format!("/Users/{late}"))["title"], "T", "BLK-22 in a path");
}

#[test]
fn blk_24_references_that_lead_in_a_circle_or_nowhere() {
    let server = Server::start();
    let account = standard(&server);
    let with_manager = |bulk_id: &str, manager: &str| {
        let mut operation = post_user(bulk_id);
        operation["data"]["schemas"] = json!([USER, ENTERPRISE]);
        operation["data"][ENTERPRISE] = json!({ "manager": { "value": format!("bulkId:{manager}") } });
        operation
    };
    let results = send(&account, json!([with_manager("a", "b"), with_manager("b", "a")]));
    match statuses(&results)[..] {
        ["201", "201"] => {
            let (a, b) = (last_segment(&results[0]), last_segment(&results[1]));
            assert_eq!(get(&account, &format!("/Users/{a}"))[ENTERPRISE]["manager"]["value"], json!(b), "BLK-24");
            assert_eq!(get(&account, &format!("/Users/{b}"))[ENTERPRISE]["manager"]["value"], json!(a), "BLK-24");
        }
        _ => assert!(statuses(&results).contains(&"409"), "BLK-24 attempted, or a conflict: {results:?}"),
    }
    let mut failing = post_user("bad");
    failing["data"]["userName"] = json!(" ");
    for (name, operations) in [
        ("BLK-25 of nobody", json!([with_manager("a", "nobody")])),
        ("BLK-25 of one that failed", json!([failing, with_manager("a", "bad")])),
    ] {
        let results = send(&account, operations);
        let last = results.last().expect("a result");
        assert!(matches!(last["status"].as_str(), Some("400" | "409")), "{name}: {last}");
        assert_eq!(last.get("location"), None, "BLK-13 {name}");
    }
    let listed = ask(&account, "GET /Users", Value::Null).text;
    assert!(!listed.contains("bulkId"), "BLK-25 COM-11 the text itself is never stored: {listed}");
    let twice = ask(&account, "POST /Bulk", bulk(json!([post_user("same"), post_user("same")])));
    let refused =
        twice.status == 400 || statuses(twice.json()["Operations"].as_array().expect("Operations")).contains(&"400");
    assert!(refused, "BLK-05 BLK-06 {}", twice.text);
}

#[test]
fn blk_26_limits_are_published_and_kept() {
    let server = Server::start();
    let account = standard(&server);
    let config = get(&account, "/ServiceProviderConfig")["bulk"].clone();
    let (operations, bytes) = (config["maxOperations"].as_u64(), config["maxPayloadSize"].as_u64());
    assert_eq!((operations, bytes), (Some(1_000), Some(1_048_576)), "BLK-26 {config}");
    let one = json!({ "method": "DELETE", "path": format!("/Users/{NOBODY}") });
    let many = bulk(Value::Array(vec![one.clone(); 1_001]));
    let error = ask(&account, "POST /Bulk", many).error(413);
    assert!(error["detail"].as_str().expect("a detail").contains("1000"), "BLK-27 names the limit: {error}");
    assert_eq!(send(&account, Value::Array(vec![one; 1_000])).len(), 1_000, "BLK-26 as many are taken");

    let mut first = post_user("1");
    first["data"]["nickName"] = json!("x".repeat(1_048_576));
    let error = ask(&account, "POST /Bulk", bulk(json!([first]))).error(413);
    assert!(error["detail"].as_str().expect("a detail").contains("1048576"), "BLK-27 names the limit: {error}");
    assert_eq!(get(&account, "/Users?count=0")["totalResults"], 0, "BLK-27 nothing is executed");

    let authorization = format!("Bearer {}", account.key);
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/scim+json"),
        ("transfer-encoding", "chunked"),
    ];
    let head = raw::head("POST", b"/scim/v2/Bulk", &headers);
    let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
    let mut pieces: Vec<&[u8]> = vec![&head];
    pieces.extend(std::iter::repeat_n(chunk.as_slice(), 17));
    pieces.push(b"0\r\n\r\n");
    raw::exchange(&account.base, &pieces).error(413)["detail"].as_str().expect("BLK-28 chunks are counted");
}

#[test]
fn blk_03_messages_that_are_no_bulk_request() {
    let server = Server::start();
    let account = standard(&server);
    for (name, body) in [
        ("BLK-02 another message", json!({ "schemas": [super::PATCH_OP], "Operations": [post_user("1")] })),
        ("BLK-02 no schemas", json!({ "Operations": [post_user("1")] })),
        ("BLK-02 no operations", json!({ "schemas": [REQUEST] })),
        ("BLK-02 an object", bulk(json!({}))),
        ("BLK-03 an array", json!([])),
    ] {
        assert_eq!(super::outcome(ask(&account, "POST /Bulk", body)), "400 invalidSyntax", "{name}");
    }
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
        ask(&account, &format!("{method} /Bulk"), bulk(json!([]))).error(405)["detail"].as_str().expect("HTT-20");
    }
    assert_eq!(get(&account, "/Users?count=0")["totalResults"], 0, "BLK-03 an HTTP error is for the whole");
}
