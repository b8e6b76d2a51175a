//! Bulk messages: what is read, what is refused, and what is answered.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod order;
mod references;

use expect_test::expect;
use provost_scim::{BulkOperation, BulkRequest, BulkResult, ScimError, ScimType, bulk_response, urn};
use serde_json::{Value, json};

fn bulk(operations: Value) -> BulkRequest {
    BulkRequest::parse(json!({ "schemas": [urn::BULK_REQUEST], "Operations": operations }), 5_000).unwrap()
}

/// The operations of a request that has no malformed one.
fn operations(request: BulkRequest) -> Vec<BulkOperation> {
    request.operations.into_iter().map(|operation| operation.unwrap()).collect()
}

fn post(path: &str, bulk_id: &str, data: Value) -> Value {
    json!({"method": "POST", "path": path, "bulkId": bulk_id, "data": data})
}

#[test]
fn messages_that_are_no_bulk_request_are_refused_whole() {
    let many: Vec<Value> = (0..4).map(|_| json!({})).collect();
    let cases = [
        ("BLK-02 not an object", json!([])),
        ("BLK-02 no schemas", json!({"Operations": []})),
        ("BLK-02 other schemas", json!({"schemas": [urn::PATCH_OP], "Operations": []})),
        ("BLK-02 schemas is a string", json!({"schemas": urn::BULK_REQUEST, "Operations": []})),
        ("BLK-02 no Operations", json!({"schemas": [urn::BULK_REQUEST]})),
        ("BLK-02 Operations is null", json!({"schemas": [urn::BULK_REQUEST], "Operations": null})),
        ("BLK-02 Operations is an object", json!({"schemas": [urn::BULK_REQUEST], "Operations": {}})),
        ("BLK-26 BLK-27 too many", json!({"schemas": [urn::BULK_REQUEST], "Operations": many})),
        ("BLK-19 zero", json!({"schemas": [urn::BULK_REQUEST], "Operations": [], "failOnErrors": 0})),
        ("BLK-19 negative", json!({"schemas": [urn::BULK_REQUEST], "Operations": [], "failOnErrors": -1})),
        ("BLK-19 a fraction", json!({"schemas": [urn::BULK_REQUEST], "Operations": [], "failOnErrors": 1.5})),
        ("BLK-19 a string", json!({"schemas": [urn::BULK_REQUEST], "Operations": [], "failOnErrors": "1"})),
    ];
    let lines = cases.map(|(name, body)| {
        let error = BulkRequest::parse(body, 3).unwrap_err();
        format!("{name}\n  {} {:?}: {}\n", error.status, error.scim_type, error.detail)
    });
    expect![[r#"
        BLK-02 not an object
          400 Some(InvalidSyntax): a bulk request is a JSON object, not an array
        BLK-02 no schemas
          400 Some(InvalidSyntax): `schemas` of a bulk request must contain urn:ietf:params:scim:api:messages:2.0:BulkRequest
        BLK-02 other schemas
          400 Some(InvalidSyntax): `schemas` of a bulk request must contain urn:ietf:params:scim:api:messages:2.0:BulkRequest
        BLK-02 schemas is a string
          400 Some(InvalidSyntax): `schemas` of a bulk request must contain urn:ietf:params:scim:api:messages:2.0:BulkRequest
        BLK-02 no Operations
          400 Some(InvalidSyntax): `Operations` of a bulk request must be an array
        BLK-02 Operations is null
          400 Some(InvalidSyntax): `Operations` of a bulk request must be an array
        BLK-02 Operations is an object
          400 Some(InvalidSyntax): `Operations` of a bulk request must be an array
        BLK-26 BLK-27 too many
          413 None: the bulk request holds 4 operations, which exceeds maxOperations (3)
        BLK-19 zero
          400 Some(InvalidValue): `failOnErrors` must be an integer from 1 up
        BLK-19 negative
          400 Some(InvalidValue): `failOnErrors` must be an integer from 1 up
        BLK-19 a fraction
          400 Some(InvalidValue): `failOnErrors` must be an integer from 1 up
        BLK-19 a string
          400 Some(InvalidValue): `failOnErrors` must be an integer from 1 up
    "#]].assert_eq(&lines.concat());
}

#[test]
fn members_are_read_in_any_case() {
    let body = json!({"SCHEMAS": ["URN:ietf:params:scim:api:messages:2.0:BULKREQUEST"], "operations": [
        {"METHOD": "post", "Path": "/Users", "BULKID": "1", "Data": {"userName": "a"}, "extra": 1},
        {"method": "DELETE", "path": "Users/2", "version": "W/\"3\"", "data": {}, "bulkId": "1"},
    ], "failonerrors": 2, "extra": {}});
    let request = BulkRequest::parse(body, 2).unwrap();
    assert_eq!(request.fail_on_errors, Some(2), "BLK-16");
    expect![[r#"
        [
            Ok(
                BulkOperation {
                    method: Post,
                    bulk_id: Some(
                        "1",
                    ),
                    path: "/Users",
                    version: None,
                    data: Some(
                        Object {
                            "userName": String("a"),
                        },
                    ),
                },
            ),
            Ok(
                BulkOperation {
                    method: Delete,
                    bulk_id: Some(
                        "1",
                    ),
                    path: "/Users/2",
                    version: Some(
                        "W/\"3\"",
                    ),
                    data: None,
                },
            ),
        ]
    "#]]
    .assert_debug_eq(&request.operations);
    let none = BulkRequest::parse(json!({"schemas": [urn::BULK_REQUEST], "Operations": [], "failOnErrors": null}), 0);
    assert_eq!(none, Ok(BulkRequest { fail_on_errors: None, operations: Vec::new() }), "BLK-15 BLK-19");
}

#[test]
fn an_operation_that_is_malformed_fails_alone() {
    let long = "x".repeat(2_000);
    let cases = [
        ("BLK-04 not an object", json!("POST /Users")),
        ("BLK-29 no method", json!({"path": "/Users", "bulkId": "m"})),
        ("BLK-29 method is a number", json!({"method": 1, "path": "/Users"})),
        ("BLK-29 GET", json!({"method": "GET", "path": "/Users/1", "bulkId": "g"})),
        ("BLK-29 a method that is no word", json!({"method": "<script>", "path": "/Users/1"})),
        ("BLK-05 BLK-06 no bulkId", json!({"method": "POST", "path": "/Users", "data": {}})),
        ("BLK-06 an empty bulkId", post("/Users", "", json!({}))),
        ("BLK-06 bulkId is a number", json!({"method": "POST", "path": "/Users", "bulkId": 7, "data": {}})),
        ("BLK-06 a long bulkId", post("/Users", &long, json!({}))),
        ("BLK-29 no path", json!({"method": "PUT", "data": {}})),
        ("BLK-29 an empty path", json!({"method": "PUT", "path": "", "data": {}})),
        ("BLK-29 a long path", json!({"method": "PUT", "path": long, "data": {}})),
        ("BLK-07 a URL", json!({"method": "DELETE", "path": "https://example.com/scim/v2/Users/1"})),
        ("BLK-07 another host", json!({"method": "DELETE", "path": "//example.com/Users/1"})),
        ("BLK-07 a query", json!({"method": "DELETE", "path": "/Users/1?attributes=id"})),
        ("BLK-29 a bulk in a bulk", post("/bulk", "b", json!({}))),
        ("BLK-29 a search", post("/Users/.search", "s", json!({}))),
        ("BLK-29 a search in disguise", post("/Users/%2Esearch", "s", json!({}))),
        ("BLK-29 a search of everything", post(".Search", "t", json!({}))),
        ("BLK-08 POST without data", json!({"method": "POST", "path": "/Users", "bulkId": "d"})),
        ("BLK-08 PUT with null", json!({"method": "PUT", "path": "/Users/1", "data": null})),
        ("BLK-09 the RFC's bare array", json!({"method": "PATCH", "path": "/Users/1", "data": [{"op": "remove"}]})),
        ("BLK-11 version is a number", json!({"method": "DELETE", "path": "/Users/1", "version": 3})),
    ];
    for (name, operation) in cases {
        let fine = json!({"method": "DELETE", "path": "/Users/1"});
        let request = bulk(json!([operation, fine]));
        let shown = match &request.operations[0] {
            Ok(operation) => format!("{operation:?}"),
            Err(refused) => BulkResult::malformed(refused, None).status.to_string(),
        };
        assert_eq!(shown, "400", "{name}");
        assert!(request.operations[1].is_ok(), "{name}: the job goes on");
    }
    let malformed = answers_to_malformed();
    expect![[r#"
        {"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],"Operations":[{"status":"400","response":{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidSyntax","detail":"a bulk operation is an object, not a string"}},
        {"location":"https://x/Users/1","method":"GET","bulkId":"g","status":"400","response":{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidValue","detail":"`method` must be POST, PUT, PATCH or DELETE"}},
        {"location":"https://x/Users/1","status":"400","response":{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidValue","detail":"`method` must be POST, PUT, PATCH or DELETE"}},
        {"method":"POST","bulkId":"twice","status":"400","response":{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidValue","detail":"`bulkId` is that of an earlier operation of the request"}},
        {"location":"https://x/Users/1","method":"PATCH","status":"400","response":{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidSyntax","detail":"`data` must be a JSON object, not an array"}}]}"#]].assert_eq(&bulk_response(&malformed).replace("},{", "},\n{"));
}

/// How some malformed operations are answered.
fn answers_to_malformed() -> Vec<BulkResult> {
    let operations = json!([
        "POST /Users",
        {"method": "GET", "path": "/Users/1", "bulkId": "g"},
        {"method": "<script>", "path": "/Users/1"},
        post("/Users", "twice", json!({})),
        post("/Groups", "twice", json!({})),
        {"method": "patch", "path": "/Users/1", "data": []},
    ]);
    let request = bulk(operations);
    let malformed = request.operations.iter().filter_map(|operation| operation.as_ref().err());
    malformed
        .map(|refused| BulkResult::malformed(refused, refused.path.as_ref().map(|path| format!("https://x{path}"))))
        .collect()
}

#[test]
fn only_posts_claim_a_bulk_id() {
    let request = bulk(json!([
        {"method": "DELETE", "path": "/Users/1", "bulkId": "a"},
        post("/Users", "a", json!({})),
        {"method": "POST", "path": "/Users", "bulkId": "b"},
        post("/Users", "A", json!({})),
        post("/Users", "a", json!({})),
    ]));
    let fine: Vec<bool> = request.operations.iter().map(Result::is_ok).collect();
    assert_eq!(fine, [true, true, false, true, false], "BLK-06 case counts, the second of two fails");
}

#[test]
fn responses() {
    let request = bulk(json!([
        post("/Users", "qwerty", json!({})),
        {"method": "PUT", "path": "/Users/1", "data": {}},
        {"method": "DELETE", "path": "/Users/2"},
    ]));
    let operations = operations(request);
    let place = |id: &str| format!("https://example.com/scim/v2/Users/{id}");
    let changed = ScimError::status(412, "the \"version\" differs");
    let exists = ScimError { status: 409, scim_type: Some(ScimType::Uniqueness), detail: "taken".to_owned() };
    let mut whole = BulkResult::done(&operations[0], 201, place("9"), Some("W/\"1\"".to_owned()));
    whole.response = Some(r#"{"id":"9"}"#.to_owned());
    let results = [
        whole,
        BulkResult::failed(&operations[0], Some(place("9")), &exists),
        BulkResult::failed(&operations[1], Some(place("1")), &changed),
        BulkResult::done(&operations[2], 204, place("2"), None),
    ];
    let text = bulk_response(&results);
    expect![[r#"
        {
          "schemas": [
            "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
          ],
          "Operations": [
            {
              "location": "https://example.com/scim/v2/Users/9",
              "method": "POST",
              "bulkId": "qwerty",
              "version": "W/\"1\"",
              "status": "201",
              "response": {
                "id": "9"
              }
            },
            {
              "method": "POST",
              "bulkId": "qwerty",
              "status": "409",
              "response": {
                "schemas": [
                  "urn:ietf:params:scim:api:messages:2.0:Error"
                ],
                "status": "409",
                "scimType": "uniqueness",
                "detail": "taken"
              }
            },
            {
              "location": "https://example.com/scim/v2/Users/1",
              "method": "PUT",
              "status": "412",
              "response": {
                "schemas": [
                  "urn:ietf:params:scim:api:messages:2.0:Error"
                ],
                "status": "412",
                "detail": "the \"version\" differs"
              }
            },
            {
              "location": "https://example.com/scim/v2/Users/2",
              "method": "DELETE",
              "status": "204"
            }
          ]
        }"#]]
    .assert_eq(&format!("{:#}", serde_json::from_str::<Value>(&text).unwrap()));
    assert_eq!(results.iter().map(BulkResult::is_error).collect::<Vec<_>>(), [false, true, true, false], "BLK-16");
    assert_eq!(
        bulk_response(&[]),
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],"Operations":[]}"#,
        "BLK-03 BLK-17"
    );
}
