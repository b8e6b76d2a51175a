//! What every benchmark asks of its server, one request at a time, and the bodies that clients send.

use crate::load::{Request, exchange, wire};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// The body of the answer to one request, on a connection of its own.
pub fn once(address: SocketAddr, request: &Request) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a thread");
    runtime.block_on(async {
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("the server listens");
        let mut buffer = Vec::new();
        let body = exchange(&mut stream, request, &mut buffer).await;
        buffer.split_off(body)
    })
}

/// Makes an account under a policy, with an admin app; answers with the app's key.
pub fn make_account(address: SocketAddr, operator_key: &str, account: &Value, app: &Value) -> String {
    let api = |path: &str, body: &Value| -> Value {
        let request = wire("POST", path, operator_key, Some(&body.to_string())).0;
        let text = String::from_utf8(request).expect("a request is text");
        let request = Request(text.replace("application/scim+json", "application/json").into_bytes());
        serde_json::from_slice(&once(address, &request)).expect("the API answers JSON")
    };
    let account = api("/api/v1/accounts", account);
    let id = account["id"].as_str().expect("an account has an id");
    let app = api(&format!("/api/v1/accounts/{id}/admin-apps"), app);
    app["api_key"].as_str().expect("a new app shows its key").to_owned()
}

/// A user as Entra's default mappings fill it.
pub fn user(user_name: &str, display_name: &str) -> Value {
    json!({
        "schemas": [provost_scim::urn::USER, provost_scim::urn::ENTERPRISE_USER],
        "externalId": user_name,
        "userName": user_name,
        "active": true,
        "displayName": display_name,
        "title": "Engineer",
        "emails": [{ "primary": true, "type": "work", "value": user_name }],
        "name": { "formatted": "Ann Example", "familyName": "Example", "givenName": "Ann" },
        provost_scim::urn::ENTERPRISE_USER: { "employeeNumber": "4711", "department": "Research" },
    })
}

/// A PATCH of one operation.
pub fn operation(op: &str, path: &str, value: Value) -> Value {
    json!({ "schemas": [provost_scim::urn::PATCH_OP], "Operations": [{ "op": op, "path": path, "value": value }] })
}
