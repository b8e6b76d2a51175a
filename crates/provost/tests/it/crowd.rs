//! Many users at once: made by bulk requests, as many as one request holds, and several of those side by side.

use crate::support::{Account, Answer};
use serde_json::{Value, json};
use std::thread;

/// Operations in one bulk request.
const OPERATIONS: usize = 1_000;
/// Bulk requests under way at once.
const REQUESTS: usize = 8;

/// Makes users who are called `{prefix}0`, `{prefix}1`, …; answers with their ids in this order.
pub fn users(account: &Account, prefix: &str, count: usize) -> Vec<String> {
    let numbers: Vec<usize> = (0..count).collect();
    let requests: Vec<&[usize]> = numbers.chunks(OPERATIONS).collect();
    let mut ids = Vec::with_capacity(count);
    for together in requests.chunks(REQUESTS) {
        thread::scope(|scope| {
            let spawned: Vec<_> =
                together.iter().map(|numbers| scope.spawn(move || made(account, prefix, numbers))).collect();
            for thread in spawned {
                ids.extend(thread.join().expect("every user can be made"));
            }
        });
    }
    ids
}

fn made(account: &Account, prefix: &str, numbers: &[usize]) -> Vec<String> {
    let operations =
        numbers.iter().map(|number| post_user(&number.to_string(), &format!("{prefix}{number}"))).collect();
    let answer = bulk(account, operations).expect(200).json();
    let results = answer["Operations"].as_array().expect("a bulk request has results");
    results.iter().map(id_in).collect()
}

/// An operation that creates a user.
pub fn post_user(bulk_id: &str, user_name: &str) -> Value {
    let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": user_name });
    json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": user })
}

/// Sends a bulk request of these operations.
pub fn bulk(account: &Account, operations: Value) -> Answer {
    let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]);
    account.scim("POST", "/Bulk", json!({ "schemas": schemas, "Operations": operations }))
}

/// The id of what an operation of a bulk request created.
#[track_caller]
pub fn id_in(result: &Value) -> String {
    assert_eq!(result["status"], "201", "{result}");
    let location = result["location"].as_str().expect("what is created has a location");
    location.rsplit('/').next().expect("a location ends in an id").to_owned()
}
