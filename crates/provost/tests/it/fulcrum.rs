//! What the Fulcrum document asks of a service provider, over HTTP. The preset is `fulcrum`; what the document shows on a screen is
//! asked of the management API.

mod access;
mod beside_dsm;
mod ecosystems;
mod members;
mod pushed_groups;
mod roles;

use crate::support::{Account, Answer, Server, assertive, id, shared};
use serde_json::{Value, json};
use std::{ops::Deref, sync::Arc};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub const OWNER: &str = "ACCOUNTADMINISTRATOR";

/// An organisation of its own for one test. SCIM goes by the token of its owner.
pub struct Fulcrum {
    account: Account,
    /// The user whose token it is; made by hand.
    owner: String,
    server: Arc<Server>,
}

impl Deref for Fulcrum {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.account
    }
}

/// An organisation with everything that SCIM needs, and the roles Manager, Field Crew and Standard User.
pub fn fulcrum() -> Fulcrum {
    under(json!("fulcrum"))
}

/// An organisation with another policy.
fn under(policy: Value) -> Fulcrum {
    let server = shared();
    let account = organisation(&server, policy);
    let owner = id(&by_hand(&account, "owner@b.com", &[OWNER]));
    let account = with_token_of(&account, &owner, "SCIM Azure / Entra ID");
    Fulcrum { account, owner, server }
}

/// An organisation without users and without a token.
pub fn organisation(server: &Server, policy: Value) -> Account {
    let new = json!({ "name": "Surveyors", "policy": policy, "features": ["plan", "sso", "api_addon"] });
    let made = server.api("POST", "/accounts", new).expect(201).json();
    let account = Account {
        base: server.base.clone(),
        operator_key: server.operator_key.clone(),
        id: id(&made),
        app: String::new(),
        key: String::new(),
    };
    for role in ["Manager", "Field Crew", "Standard User"] {
        account.api("POST", "/roles", json!({ "name": role })).expect(201);
    }
    account
}

/// The organisation with a new token of this user.
pub fn with_token_of(account: &Account, owner: &str, name: &str) -> Account {
    let made = account.api("POST", "/admin-apps", json!({ "name": name, "owner": owner })).expect(201).json();
    let key = made["api_key"].as_str().expect("a new token is shown");
    Account { app: id(&made), ..account.with_key(key) }
}

/// A user that an administrator makes by hand: unmanaged.
pub fn by_hand(account: &Account, email: &str, roles: &[&str]) -> Value {
    account.api("POST", "/users", json!({ "email": email, "roles": roles })).expect(201).json()
}

/// A group that an administrator makes by hand: unmanaged.
pub fn group_by_hand(account: &Account, name: &str, members: &[&str]) -> String {
    id(&account.api("POST", "/groups", json!({ "display_name": name, "members": members })).expect(201).json())
}

/// Asks to make a user who has these app roles.
fn post(account: &Account, user_name: &str, roles: Value) -> Answer {
    account.scim("POST", "/Users", json!({ "schemas": [USER], "userName": user_name, "roles": roles }))
}

/// Makes a user without app roles and answers with the id.
fn member(account: &Account, user_name: &str) -> String {
    id(&account.create(json!({ "userName": user_name, "externalId": user_name })))
}

/// An app role as AssertiveAppRoleAssignmentsComplex sends it.
fn app_role(value: &str, display: &str) -> Value {
    let mut role = assertive(&[value])[0].clone();
    role["display"] = json!(display);
    role
}

/// How many users a SCIM client sees under this name.
fn named(account: &Account, user_name: &str) -> Value {
    account.find(&format!("userName eq \"{user_name}\""))["totalResults"].clone()
}

/// What an endpoint of the account answers with, whole.
fn read(account: &Account, path: &str) -> Value {
    account.api("GET", path, Value::Null).expect(200).json()
}

/// The newest entry of the audit log.
fn last_entry(account: &Account) -> Value {
    account.audit().into_iter().next().expect("the log has an entry")
}
