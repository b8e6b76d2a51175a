//! The library `scim-server` behind HTTP: `bench-scim-server PORT TOKEN`.
//!
//! The library has no HTTP of its own. This is the least that it needs: its operations behind axum, with its own store in memory. It
//! lists everything at once and finds by equality, so paging and the filter `userName eq "…"` are put on top of that.

use axum::{
    Json, Router,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use scim_server::{
    RequestContext, Resource, ScimError, ScimServer,
    multi_tenant::ScimOperation,
    providers::StandardResourceProvider,
    resource_handlers::{create_group_resource_handler, create_user_resource_handler},
    storage::InMemoryStorage,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

type Server = ScimServer<StandardResourceProvider<InMemoryStorage>>;

#[derive(Clone)]
struct App {
    server: Arc<Server>,
    token: Arc<str>,
}

#[derive(Deserialize)]
struct List {
    filter: Option<String>,
    #[serde(rename = "startIndex")]
    start_index: Option<usize>,
    count: Option<usize>,
}

fn scim(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/scim+json")], body.to_string()).into_response()
}

fn refused(error: &ScimError) -> Response {
    let text = error.to_string();
    let status = if text.contains("not found") {
        StatusCode::NOT_FOUND
    } else if text.contains("already exists") || text.contains("uplicate") {
        StatusCode::CONFLICT
    } else {
        StatusCode::BAD_REQUEST
    };
    problem(status, &text)
}

fn problem(status: StatusCode, detail: &str) -> Response {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:Error"];
    scim(status, &json!({ "schemas": schemas, "status": status.as_str(), "detail": detail }))
}

fn shown(status: StatusCode, resource: &Resource) -> Response {
    match resource.to_json() {
        Ok(body) => scim(status, &body),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn context() -> RequestContext {
    RequestContext::with_generated_id()
}

fn kind(path: &str) -> Option<&'static str> {
    match path {
        "Users" => Some("User"),
        "Groups" => Some("Group"),
        _ => None,
    }
}

async fn list(State(app): State<App>, Path(path): Path<String>, Query(list): Query<List>) -> Response {
    if path == "ServiceProviderConfig" {
        return config();
    }
    let Some(kind) = kind(&path) else { return problem(StatusCode::NOT_FOUND, "there is no such endpoint") };
    let found: Result<Vec<Resource>, ScimError> = match &list.filter {
        None => app.server.list_resources(kind, &context()).await,
        Some(filter) => {
            let value = filter.strip_prefix("userName eq \"").and_then(|rest| rest.strip_suffix('"'));
            let Some(value) = value else { return problem(StatusCode::BAD_REQUEST, "only userName eq is understood") };
            let found = app.server.find_resource_by_attribute(kind, "userName", &json!(value), &context()).await;
            found.map(|one| one.into_iter().collect())
        }
    };
    match found {
        Err(error) => refused(&error),
        Ok(all) => {
            let (skip, count) = (list.start_index.unwrap_or(1).max(1) - 1, list.count.unwrap_or(100));
            let page: Vec<Value> = all.iter().skip(skip).take(count).filter_map(|one| one.to_json().ok()).collect();
            let schemas = ["urn:ietf:params:scim:api:messages:2.0:ListResponse"];
            let (total, shown) = (all.len(), page.len());
            scim(
                StatusCode::OK,
                &json!({
                    "schemas": schemas, "totalResults": total, "startIndex": skip + 1, "itemsPerPage": shown, "Resources": page,
                }),
            )
        }
    }
}

fn config() -> Response {
    let (yes, no) = (json!({ "supported": true }), json!({ "supported": false }));
    scim(
        StatusCode::OK,
        &json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
            "patch": yes, "filter": { "supported": true, "maxResults": 1000 }, "bulk": no, "sort": no, "etag": no,
            "changePassword": no, "authenticationSchemes": [],
        }),
    )
}

async fn create(State(app): State<App>, Path(path): Path<String>, Json(body): Json<Value>) -> Response {
    let Some(kind) = kind(&path) else { return problem(StatusCode::NOT_FOUND, "there is no such endpoint") };
    match app.server.create_resource(kind, body, &context()).await {
        Ok(resource) => shown(StatusCode::CREATED, &resource),
        Err(error) => refused(&error),
    }
}

async fn read(State(app): State<App>, Path((path, id)): Path<(String, String)>) -> Response {
    let Some(kind) = kind(&path) else { return problem(StatusCode::NOT_FOUND, "there is no such endpoint") };
    match app.server.get_resource(kind, &id, &context()).await {
        Ok(Some(resource)) => shown(StatusCode::OK, &resource),
        Ok(None) => problem(StatusCode::NOT_FOUND, "there is no such resource"),
        Err(error) => refused(&error),
    }
}

async fn patch(State(app): State<App>, Path((path, id)): Path<(String, String)>, Json(body): Json<Value>) -> Response {
    let Some(kind) = kind(&path) else { return problem(StatusCode::NOT_FOUND, "there is no such endpoint") };
    match app.server.patch_resource(kind, &id, &body, &context()).await {
        Ok(resource) => shown(StatusCode::OK, &resource),
        Err(error) => refused(&error),
    }
}

async fn delete(State(app): State<App>, Path((path, id)): Path<(String, String)>) -> Response {
    let Some(kind) = kind(&path) else { return problem(StatusCode::NOT_FOUND, "there is no such endpoint") };
    match app.server.delete_resource(kind, &id, &context()).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refused(&error),
    }
}

async fn authenticate(State(app): State<App>, headers: HeaderMap, mut request: Request, next: Next) -> Response {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if given.strip_prefix("Bearer ") != Some(&app.token) {
        return problem(StatusCode::UNAUTHORIZED, "the token is wrong");
    }
    // axum reads JSON only where it is called so.
    request.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    next.run(request).await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, port, token] = &arguments[..] else { return Err("usage: bench-scim-server PORT TOKEN".into()) };
    let mut server: Server = ScimServer::new(StandardResourceProvider::new(InMemoryStorage::new()))?;
    let operations = || {
        use ScimOperation::{Create, Delete, List, Patch, Read, Search, Update};
        vec![Create, Read, Update, Patch, Delete, List, Search]
    };
    let schema = |server: &Server, id: &str| server.get_schema_by_id(id).cloned().ok_or("a core schema is missing");
    let user = schema(&server, "urn:ietf:params:scim:schemas:core:2.0:User")?;
    server.register_resource_type("User", create_user_resource_handler(user), operations())?;
    let group = schema(&server, "urn:ietf:params:scim:schemas:core:2.0:Group")?;
    server.register_resource_type("Group", create_group_resource_handler(group), operations())?;
    let app = App { server: Arc::new(server), token: token.as_str().into() };
    let router = Router::new()
        .route("/scim/v2/{kind}", get(list).post(create))
        .route("/scim/v2/{kind}/{id}", get(read).patch(patch).delete(delete))
        .layer(middleware::from_fn_with_state(app.clone(), authenticate))
        .with_state(app);
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    Ok(axum::serve(listener, router).await?)
}
