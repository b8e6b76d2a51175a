//! The description of the API (OpenAPI 3.1), made from the table of endpoints.

use super::{
    Answer, BASE,
    endpoint::{Content, Endpoint, Schemas},
    endpoints::endpoints,
};
use crate::problem;
use axum::{http::header::CONTENT_TYPE, response::IntoResponse};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::LazyLock};
use utoipa::openapi::{RefOr, Schema};

/// `GET /openapi.json`: needs no key, and is the same for everybody.
pub(super) async fn answer() -> Answer {
    static TEXT: LazyLock<String> = LazyLock::new(|| document().to_string());
    Ok(([(CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response())
}

/// A schema that is written by hand.
pub(super) fn schema(document: Value) -> RefOr<Schema> {
    RefOr::T(serde_json::from_value(document).expect("schemas in the source have the form of a schema"))
}

/// The schema of a page of a list.
pub(super) fn list_of(item: &Value) -> Value {
    json!({
        "type": "object",
        "properties": {
            "items": { "type": "array", "items": item },
            "next": { "type": ["string", "null"], "description": "The cursor of the next page; null on the last." },
        },
        "required": ["items", "next"],
    })
}

fn document() -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut schemas = BTreeMap::from([("Problem".to_owned(), problem())]);
    for endpoint in endpoints() {
        paths.entry(endpoint.path).or_default().insert(endpoint.method.to_owned(), operation(&endpoint));
        let mut referred = Schemas::new();
        endpoint.schemas.iter().for_each(|add| add(&mut referred));
        schemas.extend(referred.into_iter().map(|(name, schema)| (name, json!(schema))));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Provost management API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Accounts, admin apps, users, roles, groups, policies and the audit log. The operator's key may do \
                everything; the key of an admin app with the scope `api` may do what concerns its own account.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": BASE }],
        "security": [{ "key": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer", "description": "An API key, or the operator's." } },
        },
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let mut parameters: Vec<Value> = names_in(endpoint.path).map(path_parameter).collect();
    parameters.extend((endpoint.query)());
    let mut done = json!({ "description": endpoint.status.canonical_reason().unwrap_or_default() });
    if let Some(answer) = &endpoint.answer {
        done["content"] = content(answer);
    }
    let refused = json!({
        "description": "Not done, and why",
        "content": { problem::CONTENT_TYPE: { "schema": { "$ref": "#/components/schemas/Problem" } } },
    });
    let mut operation = json!({
        "summary": endpoint.summary,
        "description": endpoint.needs.map(|needs| needs.to_string()),
        "operationId": operation_id(endpoint),
        "parameters": parameters,
        "responses": { endpoint.status.as_str(): done, "default": refused },
    });
    if let Some(body) = &endpoint.body {
        operation["requestBody"] = json!({ "required": true, "content": content(body) });
    }
    operation
}

fn content(of: &Content) -> Value {
    json!({ of.media_type: { "schema": of.schema } })
}

/// `get_accounts_account_roles_role`, …: stays what it is as long as method and path do.
fn operation_id(endpoint: &Endpoint) -> String {
    let words = endpoint.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(endpoint.method).chain(words).collect::<Vec<_>>().join("_")
}

fn names_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn path_parameter(name: &str) -> Value {
    let (schema, description) = match name {
        "role" => {
            (json!({ "type": "string" }), "ACCOUNTADMINISTRATOR, ACCOUNTMEMBER, ACCOUNTAUDITOR or a role id".to_owned())
        }
        "version" => (json!({ "type": "integer", "minimum": 1 }), "The number of a version of the policy".to_owned()),
        "schema" => (json!({ "type": "string" }), "The id of the schema, or its URN".to_owned()),
        "type" => (json!({ "type": "string", "format": "uuid" }), "The id of the resource type".to_owned()),
        other => (json!({ "type": "string", "format": "uuid" }), format!("The id of the {other}")),
    };
    json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema })
}

/// Problem details (RFC 9457).
fn problem() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    json!({
        "type": "object",
        "properties": {
            "type": text("`about:blank` when the status says it all, else `/problems/<code>`"),
            "title": text("What this type of problem is"),
            "status": { "type": "integer", "description": "The HTTP status" },
            "detail": text("What was wrong this time, and what to do"),
            "errors": {
                "type": "array",
                "description": "The faults of single members of the body",
                "items": {
                    "type": "object",
                    "properties": { "pointer": text("JSON pointer (RFC 6901) to the member"), "detail": text("What was wrong with it") },
                    "required": ["pointer", "detail"],
                },
            },
        },
        "required": ["type", "title", "status", "detail"],
    })
}
