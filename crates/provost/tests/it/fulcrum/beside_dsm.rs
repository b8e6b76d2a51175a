//! Two policies in one running server: what one account asks of SCIM is no concern of the other's.

use super::{OWNER, by_hand, fulcrum};
use crate::support::{Account, Answer, assertive, id};
use serde_json::{Value, json};
use std::thread;

/// What an account answered, by the question.
type Told = Vec<(&'static str, String)>;

/// Status and the word for what went wrong, if something did.
fn outcome(answer: &Answer) -> String {
    let scim_type = answer.json()["scimType"].as_str().map(str::to_owned).unwrap_or_default();
    format!("{} {scim_type}", answer.status).trim_end().to_owned()
}

fn post(account: &Account, user_name: &str, roles: Value) -> Answer {
    let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    account.scim("POST", "/Users", json!({ "schemas": schemas, "userName": user_name, "roles": roles }))
}

fn replace(path: &str, value: Value) -> Value {
    json!([{ "op": "replace", "path": path, "value": value }])
}

/// The roles of the user whom an answer shows, or what went wrong.
fn roles(account: &Account, answer: &Answer) -> String {
    if answer.status >= 300 { outcome(answer) } else { account.roles_of(&id(&answer.json())).join(", ") }
}

/// Asks an account everything in which the two documents differ. Its roles are R1 and R2; x@b.com was made by hand.
fn ask(account: &Account) -> Told {
    let mut told = Told::new();
    let mut tell = |question, answer: String| told.push((question, answer));
    let config = account.scim("GET", "/ResourceTypes", Value::Null).expect(200).text;
    tell("discovery offers groups", config.contains("\"Group\"").to_string());
    let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Crew" });
    tell("a pushed group", outcome(&account.scim("POST", "/Groups", body)));
    tell("the groups", account.scim("GET", "/Groups", Value::Null).expect(200).json()["totalResults"].to_string());

    tell("a name that was made by hand is found", account.find("userName eq \"x@b.com\"")["totalResults"].to_string());
    tell("and pushed", outcome(&post(account, "x@b.com", json!([]))));

    let ann = id(&post(account, "ann@b.com", json!([])).expect(201).json());
    let sign_in = account.api("POST", "/sign-in-checks", json!({ "identifier": "ann@b.com" })).expect(200).json();
    tell("a new user may sign in", sign_in["allowed"].to_string());
    tell("an attribute too many", outcome(&account.patch(&ann, replace("title", json!("Surveyor")))));
    tell("a given name", outcome(&account.patch(&ann, replace("name.givenName", json!("Ann")))));
    let renamed = account.patch(&ann, replace("userName", json!("anna@b.com"))).expect(200).json();
    tell("another userName", renamed["userName"].to_string());
    tell(
        "an added role",
        outcome(&account.patch(&ann, json!([{ "op": "add", "path": "roles", "value": [{ "value": "R1" }] }]))),
    );
    let packed = json!({ "id": "7", "value": "R2", "displayName": "R2" }).to_string();
    tell("a packed role", outcome(&account.patch(&ann, replace("roles", json!([{ "value": packed }])))));
    tell("active: false", outcome(&account.patch(&ann, replace("active", json!(false)))));
    tell("the user after that", outcome(&account.get(&ann)));

    let mixed = json!([{ "value": "ACCOUNTAUDITOR", "display": "R1" }]);
    for (question, name, asserted) in [
        ("two roles", "two@b.com", assertive(&["R1", "R2"])),
        ("a role that is not there", "ghost@b.com", assertive(&["Ghost"])),
        ("a value and another's display name", "mixed@b.com", mixed),
    ] {
        tell(question, roles(account, &post(account, name, asserted)));
    }
    let ownerless = account.api("POST", "/admin-apps", json!({ "name": "Second" }));
    tell("a credential of nobody's", ownerless.status.to_string());
    told
}

#[test]
fn s_80_in_one_server_two_accounts_follow_two_policies_at_the_same_time() {
    let fulcrum = fulcrum();
    let dsm = fulcrum.server.account(json!("dsm"));
    for account in [&dsm, &*fulcrum] {
        for role in ["R1", "R2"] {
            account.api("POST", "/roles", json!({ "name": role })).expect(201);
        }
        by_hand(account, "x@b.com", &[OWNER]);
    }
    let [by_dsm, by_fulcrum] = thread::scope(|scope| {
        [&dsm, &*fulcrum]
            .map(|account| scope.spawn(move || ask(account)))
            .map(|asking| asking.join().expect("an account answers"))
    });
    let rows = [
        ("discovery offers groups", "false", "true"),
        ("a pushed group", "501", "201"),
        ("the groups", "0", "1"),
        ("a name that was made by hand is found", "1", "0"),
        ("and pushed", "409 uniqueness", "201"),
        ("a new user may sign in", "false", "true"),
        ("an attribute too many", "400 invalidValue", "200"),
        ("a given name", "400 invalidValue", "200"),
        ("another userName", "\"ann@b.com\"", "\"anna@b.com\""),
        ("an added role", "400 invalidValue", "200"),
        ("a packed role", "400 invalidValue", "200"),
        ("active: false", "200", "200"),
        ("the user after that", "200", "404"),
        ("two roles", "R1, R2", "400 invalidValue"),
        ("a role that is not there", "400 invalidValue", "Account Member"),
        ("a value and another's display name", "Account Auditor", "R1"),
        ("a credential of nobody's", "201", "400"),
    ];
    let told =
        |of: fn(&(&'static str, &str, &str)) -> String| -> Told { rows.iter().map(|row| (row.0, of(row))).collect() };
    assert_eq!(by_dsm, told(|row| row.1.to_owned()), "dsm");
    assert_eq!(by_fulcrum, told(|row| row.2.to_owned()), "fulcrum");
}
