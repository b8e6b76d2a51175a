//! Values of the wrong type, for every attribute that discovery announces.

use super::{Guarded, PATCH_OP, USER, error_of};
use crate::support::Server;
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Values that do not fit an attribute's type. `manager` is also read from a text, as Entra sends it.
fn misfits(attribute: &Value, element: bool) -> Vec<Value> {
    let multi_valued = attribute["multiValued"] == json!(true) && !element;
    let is_reference = attribute["name"] == "manager";
    let mut values = match attribute["type"].as_str().expect("a type") {
        "string" | "reference" => {
            vec![json!(7), json!(true), json!({ "a": 1 }), json!("a\u{1}b"), json!("x".repeat(4_097))]
        }
        "boolean" => vec![json!("perhaps"), json!(1), json!({ "a": 1 }), json!("")],
        "binary" => vec![json!("not base64!"), json!(7), json!({ "a": 1 })],
        "dateTime" => vec![json!("yesterday"), json!(7)],
        "complex" if is_reference => vec![json!(7), json!(true), json!([1, 2])],
        "complex" => vec![json!("x"), json!(7), json!(true)],
        other => panic!("no misfits are known for {other}"),
    };
    if multi_valued {
        values = values.into_iter().map(|value| json!([value])).collect();
        values.extend([json!("x"), json!(7), json!({ "value": "x" })]);
    } else if !is_reference {
        values.push(json!(["x"]));
    }
    values
}

/// Every attribute that a client may set: a path, and its misfits in a body that has the shape of a user.
fn table(schema: &Value, place: impl Fn(&str, Value) -> Value) -> Vec<(String, Value)> {
    let mut table = Vec::new();
    for attribute in schema["attributes"].as_array().expect("attributes") {
        let name = attribute["name"].as_str().expect("a name");
        if attribute["mutability"] == "readOnly" || matches!(name, "schemas" | "id" | "meta") {
            continue;
        }
        table.extend(misfits(attribute, false).into_iter().map(|value| (name.to_owned(), place(name, value))));
        for sub in attribute["subAttributes"].as_array().into_iter().flatten() {
            if sub["mutability"] == "readOnly" {
                continue;
            }
            let sub_name = sub["name"].as_str().expect("a name");
            for value in misfits(sub, false) {
                let mut complex = json!({ sub_name: value });
                if attribute["multiValued"] == json!(true) {
                    complex = json!([complex]);
                }
                table.push((format!("{name}.{sub_name}"), place(name, complex)));
            }
        }
    }
    table
}

#[test]
fn s_16_wrong_types_for_every_attribute_of_a_user() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let schema = |urn: &str| guarded.account.scim("GET", &format!("/Schemas/{urn}"), Value::Null).expect(200).json();
    let core = table(&schema(USER), |name, value| json!({ name: value }));
    let extension = table(&schema(ENTERPRISE), |name, value| json!({ ENTERPRISE: { name: value } }));
    assert!(core.len() > 200 && extension.len() > 20, "{} {}", core.len(), extension.len());
    for (attribute, part) in core.into_iter().chain(extension) {
        let mut user = json!({ "schemas": [USER, ENTERPRISE], "userName": "t@a.example" });
        user.as_object_mut().expect("an object").extend(part.as_object().expect("an object").clone());
        let name = format!("POST {part}");
        let error = guarded.refuses(&name, &[400], |account| error_of(account.scim("POST", "/Users", user)));
        let detail = error["detail"].as_str().expect("a detail");
        assert_eq!(error["scimType"], "invalidValue", "{name}: {error}");
        assert!(detail.contains(&attribute), "{name}: {attribute} in {detail}");

        // In a PATCH one element may stand without its array.
        if part.as_object().is_some_and(|members| members.values().any(|value| value == &json!({ "value": "x" }))) {
            continue;
        }
        let patch = json!({ "schemas": [PATCH_OP], "Operations": [{ "op": "add", "value": part }] });
        let name = format!("PATCH {patch}");
        let error = guarded.refuses(&name, &[400], |account| error_of(account.scim("PATCH", &guarded.path(), patch)));
        assert!(error["detail"].as_str().is_some_and(|detail| detail.contains(&attribute)), "{name}: {error}");
    }
}

#[test]
fn s_16_more_values_than_anybody_has() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let emails: Vec<Value> = (0..1_001).map(|number| json!({ "value": format!("{number}@a.example") })).collect();
    let user = json!({ "schemas": [USER], "userName": "t@a.example", "emails": emails });
    let error = guarded.refuses("emails", &[400], |account| error_of(account.scim("POST", "/Users", user)));
    assert!(error["detail"].as_str().is_some_and(|detail| detail.contains("emails")), "{error}");
    let two_primary = json!([{ "value": "a@a.example", "primary": true }, { "value": "b@a.example", "primary": true }]);
    let user = json!({ "schemas": [USER], "userName": "t@a.example", "emails": two_primary });
    guarded.refuses("two primary", &[400], |account| error_of(account.scim("POST", "/Users", user)));
}
