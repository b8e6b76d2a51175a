//! Extensions and resource types of an account's own, as SCIM clients see them (SCH, RTY, CHR).

use super::{ENTERPRISE, USER, ask, get, id_of, make_user, members, new_user, standard};
use crate::support::Server;
use serde_json::json;

#[test]
fn placeholder_for_custom_schemas() {
    let server = Server::start();
    let account = standard(&server);
    let user = make_user(&account, json!({ ENTERPRISE: { "division": "D" } }));
    assert!(members(&user).contains(&ENTERPRISE));
    assert_eq!(get(&account, &format!("/Users/{}", id_of(&user)))["schemas"], json!([USER, ENTERPRISE]));
    ask(&account, "POST /Users", new_user(json!({ "urn:example:x": { "a": 1 } }))).error(400);
}
