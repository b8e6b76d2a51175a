//! PATCH requests as the RFC, Entra and Okta write them: one file each, every file is walked.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::{kinds, membership};
use provost_scim::{NoMatch, PatchRequest, Resource, ResourceType, ScimError, dialect::normalise_patch};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path};

/// Members of a fixture: `rule` names what it shows, `normal` and `repairs` what the dialect makes of `request` (absent:
/// it stays), and `after` or `error` what comes of it. `detached` is the error where members that are kept apart from the
/// document allow less.
const MEMBERS: [&str; 11] =
    ["rule", "type", "noMatch", "before", "request", "normal", "repairs", "after", "error", "unknown", "detached"];

#[test]
fn every_fixture_ends_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut walked = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert_eq!(path.extension().and_then(|extension| extension.to_str()), Some("json"), "{name}");
        let fixture: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        walk(&name, &fixture);
        walked.insert(name);
    }
    for source in ["rfc7644-3.5.2", "entra-1.3", "entra-1.8", "entra-1.9", "entra-1.10", "entra-5.7", "okta"] {
        assert!(walked.iter().any(|name| name.starts_with(source)), "no fixture of {source}");
    }
}

fn walk(name: &str, fixture: &Value) {
    for key in fixture.as_object().unwrap().keys() {
        assert!(MEMBERS.contains(&key.as_str()), "{name}: `{key}` means nothing");
    }
    let rule = format!("{name}: {}", fixture["rule"].as_str().unwrap());
    let kind = match fixture["type"].as_str().unwrap() {
        "User" => kinds::user(),
        "Group" => kinds::group(),
        other => panic!("{rule}: no type {other}"),
    };
    let no_match = match fixture["noMatch"].as_str().unwrap() {
        "noTarget" => NoMatch::NoTarget,
        "create" => NoMatch::Create,
        other => panic!("{rule}: no choice {other}"),
    };
    let request = &fixture["request"];
    let (normal, repairs) = normalise_patch(request.clone(), &kind);
    let codes: Vec<Value> = repairs.iter().map(|repair| Value::from(repair.code)).collect();
    assert_eq!(normal, *fixture.get("normal").unwrap_or(request), "{rule}");
    assert_eq!(Value::Array(codes), *fixture.get("repairs").unwrap_or(&Value::Array(Vec::new())), "{rule}");

    let before = Resource::from_canonical(&fixture["before"].to_string()).unwrap();
    if kind.name == "Group" {
        walk_detached(&rule, fixture, PatchRequest::parse(normal.clone()).unwrap(), no_match);
    }
    let patched = PatchRequest::parse(normal).and_then(|request| request.apply(&kind, &before, no_match));
    match (fixture.get("error"), patched) {
        (None, Ok(patched)) => {
            assert_eq!(Value::Object(patched.resource.attributes().clone()), fixture["after"], "{rule}");
            assert_eq!(patched.changed, fixture["before"] != fixture["after"], "{rule}");
            let unknown: Vec<Value> = patched.unknown.into_iter().map(Value::from).collect();
            assert_eq!(Value::Array(unknown), *fixture.get("unknown").unwrap_or(&Value::Array(Vec::new())), "{rule}");
        }
        (Some(expected), Err(error)) => {
            let scim_type = ScimError::from(error).scim_type;
            assert_eq!(serde_json::to_value(scim_type).unwrap(), *expected, "{rule}");
        }
        (None, Err(error)) => panic!("{rule}: {error}"),
        (Some(error), Ok(_)) => panic!("{rule}: should be {error}"),
    }
}

/// The same request for a group whose members are kept apart from its document.
fn walk_detached(rule: &str, fixture: &Value, request: PatchRequest, no_match: NoMatch) {
    let kind = ResourceType::group().unwrap();
    let mut before = Resource::from_canonical(&fixture["before"].to_string()).unwrap();
    let mut members = before.take_elements("members").unwrap().unwrap_or_default();
    let detached = request.detach(&kind, "members");
    let patched = detached.and_then(|(rest, steps)| Ok((rest.apply(&kind, &before, no_match)?, steps)));
    match (fixture.get("detached").or_else(|| fixture.get("error")), patched) {
        (None, Ok((patched, steps))) => {
            membership::apply(&steps, &mut members);
            let mut after = Resource::from_canonical(&fixture["after"].to_string()).unwrap();
            let wanted = after.take_elements("members").unwrap().unwrap_or_default();
            assert_eq!(members, wanted, "{rule}, detached");
            assert_eq!(patched.resource, after, "{rule}, detached");
            let unknown = fixture.get("unknown").cloned().unwrap_or_else(|| Value::Array(Vec::new()));
            assert_eq!(Value::from(patched.unknown), unknown, "{rule}, detached");
        }
        (Some(expected), Err(error)) => {
            let scim_type = ScimError::from(error).scim_type;
            assert_eq!(serde_json::to_value(scim_type).unwrap(), *expected, "{rule}, detached");
        }
        (None, Err(error)) => panic!("{rule}, detached: {error}"),
        (Some(error), Ok(_)) => panic!("{rule}, detached: should be {error}"),
    }
}
