//! Bodies: resources, PATCH requests, bulk requests.

use crate::types;
use provost_scim::{
    BulkMethod, BulkRequest, NoMatch, PatchRequest, Resource, ResourceType,
    dialect::{normalise_patch, normalise_resource},
    json::{Limits, parse},
};
use serde_json::Value;
use std::collections::HashMap;

/// Operations of a bulk request.
const OPERATIONS: usize = 1_000;

/// A body within bounds; what is taken is what JSON says, and is within them.
fn body(bytes: &[u8]) -> Option<Value> {
    let limits = Limits::default();
    let value = parse(bytes, &limits).ok()?;
    assert!(depth(&value) <= limits.depth && count(&value) <= limits.values, "a body beyond its bounds");
    let again = parse(value.to_string().as_bytes(), &limits);
    assert_eq!(again.as_ref(), Ok(&value), "written and read again");
    Some(value)
}

fn inner(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        Value::Object(members) => members.values().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn depth(value: &Value) -> usize {
    let own = usize::from(value.is_array() || value.is_object());
    own + inner(value).into_iter().map(depth).max().unwrap_or(0)
}

fn count(value: &Value) -> usize {
    1 + inner(value).into_iter().map(count).sum::<usize>()
}

pub(super) fn resource(bytes: &[u8]) {
    let Some(body) = body(bytes) else { return };
    for kind in types::all() {
        let (normal, _) = normalise_resource(body.clone(), kind);
        let (again, repairs) = normalise_resource(normal.clone(), kind);
        assert_eq!(again.to_string(), normal.to_string(), "what is repaired needs no repair");
        assert!(repairs.is_empty(), "{repairs:?} of {normal}");
        let Ok(incoming) = kind.read(normal) else { continue };
        assert_canonical(kind, &incoming.resource);
        let read = kind.read(Value::Object(incoming.resource.attributes().clone())).expect("canonical form is valid");
        assert_eq!(read.resource.to_json(), incoming.resource.to_json(), "canonical form reads as itself");
        for current in stored(kind) {
            if let Ok(replaced) = kind.replace(&current, &incoming) {
                assert_canonical(kind, &replaced);
                assert_eq!(replaced.id(), current.id(), "a PUT keeps the id");
                let again = kind.replace(&replaced, &incoming).expect("a PUT may be sent twice");
                assert_eq!(again.to_json(), replaced.to_json(), "a PUT sent twice is sent once");
            }
        }
    }
}

pub(super) fn patch(bytes: &[u8]) {
    let Some(body) = body(bytes) else { return };
    for kind in types::all() {
        let (normal, _) = normalise_patch(body.clone(), kind);
        let (again, repairs) = normalise_patch(normal.clone(), kind);
        assert_eq!(again.to_string(), normal.to_string(), "what is repaired needs no repair");
        let is_other = |code: &str| code != provost_scim::dialect::EMPTY_OPERATIONS;
        assert!(!repairs.iter().any(|repair| is_other(repair.code)), "{repairs:?} of {normal}");
        let Ok(request) = PatchRequest::parse(normal) else { continue };
        for current in stored(kind) {
            for no_match in [NoMatch::NoTarget, NoMatch::Create] {
                let Ok(patched) = request.apply(kind, &current, no_match) else { continue };
                assert_eq!(patched.changed, patched.resource != current, "whether it changed");
                assert_eq!(patched.resource.id(), current.id(), "a PATCH keeps the id");
                assert_canonical(kind, &patched.resource);
                let read = kind.read(Value::Object(patched.resource.attributes().clone()));
                assert!(read.is_ok(), "{:?}: {}", read, patched.resource.to_json());
            }
        }
    }
}

/// The resources of a type as they are stored: without `meta`.
fn stored(kind: &ResourceType) -> impl Iterator<Item = Resource> {
    types::resources(kind).iter().map(|document| {
        let mut resource = Resource::from_canonical(&Value::Object(document.clone()).to_string()).expect("it is JSON");
        resource.remove("meta");
        resource
    })
}

/// Nothing is null or empty, and names and `schemas` stand as the schemas have them.
fn assert_canonical(kind: &ResourceType, resource: &Resource) {
    let document = Value::Object(resource.attributes().clone());
    assert!(!has_unassigned(&document), "{document}");
    let mut synced = resource.clone();
    synced.sync_schemas(kind);
    assert_eq!(synced.to_json(), resource.to_json(), "order and schemas are canonical already");
}

fn has_unassigned(value: &Value) -> bool {
    let is_empty = matches!(value, Value::Array(_) | Value::Object(_)) && inner(value).is_empty();
    value.is_null() || is_empty || inner(value).into_iter().any(has_unassigned)
}

pub(super) fn bulk(bytes: &[u8]) {
    let Some(body) = body(bytes) else { return };
    let Ok(request) = BulkRequest::parse(body, OPERATIONS) else { return };
    assert!(request.operations.len() <= OPERATIONS && request.fail_on_errors != Some(0), "bounds of the request");
    let order = request.order();
    let mut turns: Vec<usize> = order.iter().map(|ordered| ordered.index).collect();
    turns.sort_unstable();
    assert!(turns.into_iter().eq(0..request.operations.len()), "every operation once");

    let mut created: HashMap<String, (usize, Option<usize>)> = HashMap::new();
    for (turn, ordered) in order.iter().enumerate() {
        if let Ok(operation) = &request.operations[ordered.index]
            && operation.method == BulkMethod::Post
        {
            let id = operation.bulk_id.clone().expect("a POST has a bulkId");
            assert_eq!(created.insert(id, (turn, ordered.cycle)), None, "a bulkId is claimed once");
        }
    }
    let ids: HashMap<String, String> = created.keys().map(|id| (id.clone(), "7".to_owned())).collect();
    for (turn, ordered) in order.iter().enumerate() {
        let Ok(operation) = &request.operations[ordered.index] else { continue };
        let references = operation.references();
        for reference in &references {
            if let Some((other, cycle)) = created.get(reference) {
                let is_cycle = cycle.is_some() && *cycle == ordered.cycle;
                assert!(*other < turn || is_cycle, "runs before what it refers to");
            }
        }
        let is_known = references.iter().all(|reference| ids.contains_key(reference));
        match operation.resolved(&ids) {
            Ok(resolved) => {
                assert!(is_known, "a reference to nothing is resolved");
                assert!(resolved.references().is_empty(), "a reference is left in {resolved:?}");
            }
            Err(unresolved) => assert!(!is_known, "{unresolved}, though all are known"),
        }
    }
}
