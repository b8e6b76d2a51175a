//! References by bulkId: where they stand, and what replaces them.

use super::{bulk, operations, post};
use provost_scim::{BulkOperation, ScimError, ScimType, Unresolved, urn};
use serde_json::{Value, json};
use std::collections::HashMap;

fn patch(operations: Value) -> BulkOperation {
    let data = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
    one(json!({"method": "PATCH", "path": "/Groups/1", "data": data}))
}

fn one(operation: Value) -> BulkOperation {
    operations(bulk(json!([operation]))).remove(0)
}

/// Ids for the bulkIds `a` and `b c`.
fn ids() -> HashMap<String, String> {
    HashMap::from([("a".to_owned(), "id-a".to_owned()), ("b c".to_owned(), "id-b".to_owned())])
}

#[test]
fn references_are_found_and_replaced_in_values() {
    let enterprise = urn::ENTERPRISE_USER;
    for (name, data, found, expected) in [
        (
            "BLK-21 core attribute",
            json!({"members": [{"value": "bulkId:a"}, {"value": "x"}, {"value": "bulkId:b c"}]}),
            vec!["a", "b c"],
            json!({"members": [{"value": "id-a"}, {"value": "x"}, {"value": "id-b"}]}),
        ),
        (
            "BLK-21 extension",
            json!({enterprise: {"manager": {"value": "bulkId:a"}}}),
            vec!["a"],
            json!({enterprise: {"manager": {"value": "id-a"}}}),
        ),
        (
            "BLK-22 $ref, relative and absolute",
            json!({"members": [{"$ref": "../Users/bulkId:a"}, {"$REF": "Users/bulkId:a"}, {"$ref": "https://x/v2/Users/bulkId%3Ab%20c"}]}),
            vec!["a", "b c"],
            json!({"members": [{"$ref": "../Users/id-a"}, {"$REF": "Users/id-a"}, {"$ref": "https://x/v2/Users/id-b"}]}),
        ),
        (
            "BLK-22 a URL in another attribute",
            json!({"owner": "/Users/bulkId:a", "also": "https://x/Users/bulkId:a"}),
            vec!["a"],
            json!({"owner": "/Users/id-a", "also": "https://x/Users/id-a"}),
        ),
        (
            "texts that mention one",
            json!({"displayName": "see bulkId:a", "title": "a/bulkId:a", "nickName": "https://x/bulkId:a or so",
                "bulkId:a": "bulkid:a", "path": "members[value eq \"bulkId:a\"]", "url": "https://x/bulkId:a/photo"}),
            vec![],
            json!({"displayName": "see bulkId:a", "title": "a/bulkId:a", "nickName": "https://x/bulkId:a or so",
                "bulkId:a": "bulkid:a", "path": "members[value eq \"bulkId:a\"]", "url": "https://x/bulkId:a/photo"}),
        ),
    ] {
        let operation = one(post("/Groups", "g", data));
        assert_eq!(operation.references(), found, "{name}");
        let resolved = operation.resolved(&ids()).unwrap();
        assert_eq!(resolved.data, Some(expected), "{name}");
        assert_eq!((resolved.path, resolved.bulk_id), (operation.path, operation.bulk_id), "{name}");
    }
}

#[test]
fn references_in_a_patch() {
    let before = json!([
        {"op": "add", "path": "members", "value": [{"value": "bulkId:a"}]},
        {"op": "remove", "path": "members[value eq \"bulkId:a\" or VALUE eq \"bulkId:b c\"]"},
        {"op": "replace", "Path": "members[$ref eq \"../Users/bulkId:\\u0061\" and display eq \"\\\"bulkId:a\"].type", "value": "bulkId:a"},
        {"op": "add", "value": {"members[value eq \"bulkId:a\"].display": "bulkId:a", "path": "bulkId:a"}},
        {"op": "replace", "path": "displayName", "value": "not bulkId:a"},
        {"op": "remove", "path": "members[value eq \"bulkId:a"},
    ]);
    let after = json!([
        {"op": "add", "path": "members", "value": [{"value": "id-a"}]},
        {"op": "remove", "path": "members[value eq \"id-a\" or VALUE eq \"id-b\"]"},
        {"op": "replace", "Path": "members[$ref eq \"../Users/id-a\" and display eq \"\\\"bulkId:a\"].type", "value": "id-a"},
        {"op": "add", "value": {"members[value eq \"id-a\"].display": "id-a", "path": "id-a"}},
        {"op": "replace", "path": "displayName", "value": "not bulkId:a"},
        {"op": "remove", "path": "members[value eq \"bulkId:a"},
    ]);
    let operation = patch(before);
    assert_eq!(operation.references(), ["a", "b c"], "BLK-22");
    assert_eq!(operation.resolved(&ids()), Ok(patch(after)), "BLK-22");
}

#[test]
fn references_in_the_path() {
    for (path, found, expected) in [
        ("/Users/bulkId:a", vec!["a"], "/Users/id-a"),
        ("/Users/bulkId%3aa", vec!["a"], "/Users/id-a"),
        ("/Users/bulkId:b%20c", vec!["b c"], "/Users/id-b"),
        ("/Users/xbulkId:a", vec![], "/Users/xbulkId:a"),
        ("/Users/%zz", vec![], "/Users/%zz"),
        ("/Users/%ff", vec![], "/Users/%ff"),
    ] {
        let operation = one(json!({"method": "DELETE", "path": path}));
        assert_eq!(operation.references(), found, "BLK-22 {path}");
        assert_eq!(operation.resolved(&ids()).unwrap().path, expected, "BLK-22 {path}");
    }
}

#[test]
fn what_nobody_created_is_refused_and_not_stored() {
    let long = format!("bulkId:{}", "x".repeat(100_000));
    for (name, operation, missing) in [
        ("a value", post("/Users", "g", json!({"manager": {"value": "bulkId:z"}})), "z"),
        ("no bulkId at all", post("/Users", "g", json!({"manager": {"value": "bulkId:"}})), ""),
        ("the first of them", post("/Users", "g", json!({"x": ["bulkId:a", "bulkId:y", "bulkId:z"]})), "y"),
        ("the path", json!({"method": "DELETE", "path": "/Users/bulkId:z"}), "z"),
        ("case counts", json!({"method": "DELETE", "path": "/Users/bulkId:A"}), "A"),
        ("a long one", post("/Users", "g", json!({"x": long})), &long[7..]),
    ] {
        let error = one(operation).resolved(&ids()).unwrap_err();
        assert_eq!(error, Unresolved(missing.to_owned()), "BLK-25 {name}");
        let answer = ScimError::from(error);
        assert_eq!((answer.status, answer.scim_type), (400, Some(ScimType::InvalidValue)), "BLK-25 {name}");
        assert!(answer.detail.len() < 200, "{name}");
    }
}
