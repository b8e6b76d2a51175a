//! What may not be read is not found out either: not by a filter, an order, a count or an error.

use crate::support::{Account, Server, encoded, id};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// The answer to a filter, whatever it is.
fn asked(account: &Account, query: &str) -> (u16, String) {
    let answer = account.scim("GET", &format!("/Users?{query}"), Value::Null);
    (answer.status, answer.text)
}

#[test]
fn a_password_is_found_by_no_filter_order_or_error() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    account.create(json!({ "userName": "a@a.example", "password": "geheim-1234" }));
    account.create(json!({ "userName": "b@a.example" }));
    for name in ["password", "urn:ietf:params:scim:schemas:core:2.0:User:password", "PASSWORD"] {
        for (right, wrong) in
            [("eq \"geheim-1234\"", "eq \"x\""), ("sw \"g\"", "sw \"x\""), ("co \"heim\"", "co \"x\"")]
        {
            let filter = |test: &str| asked(&account, &format!("filter={}", encoded(&format!("{name} {test}"))));
            let (told, untold) = (filter(right), filter(wrong));
            assert_eq!(told.0, untold.0, "{name} {right}: {}", told.1);
            assert!(
                told.0 == 400 || told.1.replace(right, "") == untold.1.replace(wrong, ""),
                "{name} {right}: {}",
                told.1
            );
        }
        let (status, text) = asked(&account, &format!("sortBy={}", encoded(name)));
        assert!(status == 400 || !text.contains("geheim"), "{name}: {text}");
        let (_, text) = asked(&account, &format!("attributes=userName,{}", encoded(name)));
        assert!(!text.contains("geheim"), "{text}");
    }
}

#[test]
fn c15_users_who_are_not_shown_are_not_counted_ordered_or_matched_either() {
    let server = Server::start();
    let account = server.account(json!({ "preset": "standard", "users": { "visibility": "managed_only" } }));
    let shown = id(&account.create(json!({ "userName": "m@a.example", "displayName": "M" })));
    let hidden = account.api("POST", "/users", json!({ "email": "hidden@a.example" })).expect(201).json();
    let hidden = id(&hidden);
    let group = account.group("Staff", &[&shown]);
    for query in [
        "filter=userName+eq+%22hidden%40a.example%22".to_owned(),
        "filter=userName+sw+%22hid%22".to_owned(),
        "filter=userName+co+%22idd%22".to_owned(),
        "filter=emails.value+eq+%22hidden%40a.example%22".to_owned(),
        format!("filter=id+eq+%22{hidden}%22"),
        format!("filter=not+(id+eq+%22{shown}%22)"),
        "filter=userName+lt+%22m%22".to_owned(),
    ] {
        let found: Value = serde_json::from_str(&asked(&account, &query).1).expect("a list");
        assert_eq!(
            (&found["totalResults"], found["Resources"].as_array().map_or(0, Vec::len)),
            (&json!(0), 0),
            "{query}"
        );
    }
    for query in
        ["sortBy=userName", "sortBy=userName&sortOrder=descending", "count=0", "startIndex=1", "cursor&count=1"]
    {
        let (_, text) = asked(&account, query);
        let found: Value = serde_json::from_str(&text).expect("a list");
        assert!(found["totalResults"] == json!(1) && !text.contains("hidden"), "{query}: {text}");
    }
    let unknown = "01890000-0000-7000-8000-000000000000";
    let blind = |answer: crate::support::Answer, id: &str| (answer.status, answer.text.replace(id, "…"));
    for (method, body) in [
        ("GET", Value::Null),
        (
            "PATCH",
            json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": "title", "value": "x" }] }),
        ),
        ("PUT", json!({ "schemas": [USER], "userName": "x@a.example" })),
        ("DELETE", Value::Null),
    ] {
        let ask = |id: &str| blind(account.scim(method, &format!("/Users/{id}"), body.clone()), id);
        assert_eq!(ask(&hidden), ask(unknown), "{method}");
    }
    let add = |user: &str| {
        let operations = json!([{ "op": "add", "path": "members", "value": [{ "value": user }] }]);
        blind(account.patch_group(&id(&group), operations), user)
    };
    assert_eq!(add(&hidden), add(unknown), "nor as a member");
}
