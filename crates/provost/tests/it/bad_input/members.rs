//! Groups and their members: values, paths and filters that mean nothing, and more of them than anybody has.

use super::{GROUP, Guarded, NOBODY, USER, error_of, patch};
use crate::support::{Server, members};
use serde_json::{Value, json};

/// The requests that may say who the members are: name, method, whether it is about the group, and the body.
fn doors(value: &Value) -> Vec<(&'static str, &'static str, bool, Value)> {
    let body = json!({ "schemas": [GROUP], "displayName": "Other", "members": value });
    let at = |op: &str| patch(json!([{ "op": op, "path": "members", "value": value }]));
    let keyed = patch(json!([{ "op": "add", "value": { "members": value } }]));
    vec![
        ("POST", "POST", false, body.clone()),
        ("PUT", "PUT", true, body),
        ("PATCH add", "PATCH", true, at("add")),
        ("PATCH replace", "PATCH", true, at("replace")),
        ("PATCH without path", "PATCH", true, keyed),
    ]
}

#[test]
fn s_16_members_of_the_wrong_form() {
    let server = Server::start();
    let mut guarded = Guarded::new(server.account(json!("standard")));
    let group = guarded.group("Guarded");
    let user = guarded.id.clone();
    let deep = (0..20).fold(json!({ "value": user }), |inner, _| json!([inner]));
    let one = |element: Value| json!([{ "value": user }, element]);
    let cases: Vec<(&str, Value, &str)> = vec![
        ("a text", json!(user), "`members`"),
        ("a number", json!(7), "`members`"),
        ("true", json!(true), "`members`"),
        ("an array of texts", json!([user]), "`members`"),
        ("an array of numbers", json!([1, 2.5]), "`members`"),
        ("an array in an array", json!([[{ "value": user }]]), "`members`"),
        ("twenty arrays", json!([deep]), "`members`"),
        ("null as an element", one(Value::Null), "`members.value`"),
        ("nobody as an element", one(json!({})), "`members.value`"),
        ("null as value", one(json!({ "value": null })), "`members.value`"),
        ("an empty value", one(json!({ "value": "" })), "`members.value`"),
        ("a number as value", one(json!({ "value": 7 })), "`members.value`"),
        ("an object as value", one(json!({ "value": { "value": user } })), "`members.value`"),
        ("an array as value", one(json!({ "value": [user] })), "`members.value`"),
        ("a type alone", one(json!({ "type": "User" })), "`members.value`"),
        ("a long value", one(json!({ "value": "x".repeat(4_097) })), "`members.value`"),
        ("a control character", one(json!({ "value": "a\u{1}b" })), "`members.value`"),
        ("somebody unknown", one(json!({ "value": NOBODY })), NOBODY),
        ("no id of ours", one(json!({ "value": "../Users/1" })), "../Users/1"),
        ("an id in capitals", one(json!({ "value": user.to_uppercase() })), &user),
        ("a number as type", one(json!({ "value": user, "type": 1 })), "`members.type`"),
        ("another type", json!([{ "value": user, "type": "Group" }]), "`members.type`"),
        ("no type of ours", json!([{ "value": user, "type": "Robot" }]), "`members.type`"),
        ("an unknown sub-attribute", one(json!({ "value": user, "shoe": 43 })), "`members.shoe`"),
        ("__proto__", one(json!({ "value": user, "__proto__": { "type": "Group" } })), "__proto__"),
        ("ten thousand who are not there", (0..10_000).map(|n| json!({ "value": format!("x{n}") })).collect(), "`x0`"),
        ("ten thousand numbers", Value::from(vec![json!(1); 10_000]), "`members`"),
        ("ten thousand of nobody", Value::from(vec![json!({}); 10_000]), "`members.value`"),
    ];
    for (name, value, word) in cases {
        for (door, method, is_about_it, body) in doors(&value) {
            let path = if is_about_it { format!("/Groups/{group}") } else { "/Groups".to_owned() };
            let name = format!("{door}: {name}");
            let error = guarded.refuses(&name, &[400], |account| error_of(account.scim(method, &path, body)));
            assert_eq!(error["scimType"], "invalidValue", "{name}: {error}");
            let detail = error["detail"].as_str().expect("a detail").to_lowercase();
            assert!(detail.contains(&word.to_lowercase()) && detail.len() < 400, "{name}: {detail}");
        }
    }
}

#[test]
fn s_16_bodies_of_groups_that_are_none() {
    let server = Server::start();
    let mut guarded = Guarded::new(server.account(json!("standard")));
    let group = guarded.group("Guarded");
    let with = |more: Value| {
        let mut body = json!({ "schemas": [GROUP], "displayName": "Other" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    let cases: Vec<(&str, Value, &str, &str)> = vec![
        ("no name", json!({ "schemas": [GROUP] }), "invalidValue", "displayName"),
        ("null as name", with(json!({ "displayName": null })), "invalidValue", "displayName"),
        ("a number as name", with(json!({ "displayName": 7 })), "invalidValue", "displayName"),
        ("an array as name", with(json!({ "displayName": ["Other"] })), "invalidValue", "displayName"),
        ("an empty name", with(json!({ "displayName": "" })), "invalidValue", "displayName"),
        ("a blank name", with(json!({ "displayName": " \t " })), "invalidValue", "displayName"),
        ("a long name", with(json!({ "displayName": "x".repeat(4_097) })), "invalidValue", "displayName"),
        ("a control character", with(json!({ "displayName": "a\u{0}b" })), "invalidValue", "displayName"),
        ("a number as externalId", with(json!({ "externalId": 7 })), "invalidValue", "externalId"),
        ("an unknown attribute", with(json!({ "description": "x" })), "invalidValue", "description"),
        ("an attribute of a user", with(json!({ "userName": "x@a.example" })), "invalidValue", "userName"),
        ("an unknown extension", with(json!({ "urn:example:x": { "a": 1 } })), "invalidValue", "urn:example:x"),
        ("the schema of a user", with(json!({ "schemas": [USER] })), "invalidValue", GROUP),
        ("an unknown schema", with(json!({ "schemas": [GROUP, "urn:example:x"] })), "invalidValue", "urn:example:x"),
        ("no schemas", json!({ "displayName": "Other" }), "invalidSyntax", "schemas"),
        ("empty schemas", with(json!({ "schemas": [] })), "invalidValue", "schemas"),
        ("schemas that are a text", with(json!({ "schemas": GROUP })), "invalidSyntax", "schemas"),
        ("members in two spellings", with(json!({ "members": [], "Members": [] })), "invalidSyntax", "Members"),
    ];
    for (name, body, scim_type, word) in cases {
        for (method, path) in [("POST", "/Groups".to_owned()), ("PUT", format!("/Groups/{group}"))] {
            let name = format!("{method}: {name}");
            let error = guarded.refuses(&name, &[400], |account| error_of(account.scim(method, &path, body.clone())));
            assert_eq!(error["scimType"], scim_type, "{name}: {error}");
            assert!(error["detail"].as_str().is_some_and(|detail| detail.contains(word)), "{name}: {error}");
        }
    }
    let taken = json!({ "schemas": [GROUP], "displayName": "GUARDED" });
    let error =
        guarded.refuses("a name that is taken", &[409], |account| error_of(account.scim("POST", "/Groups", taken)));
    assert_eq!(error["scimType"], "uniqueness", "{error}");
    assert!(error["detail"].as_str().is_some_and(|detail| detail.contains("displayName")), "{error}");
}

/// Paths of as many bytes and terms as fit into a request.
fn long_paths(user: &str) -> Vec<(&'static str, String)> {
    let terms = |count: usize, term: &str| vec![term.to_owned(); count].join(" or ");
    vec![
        ("ten thousand terms", format!("members[{}]", terms(10_000, &format!("value eq \"{user}\"")))),
        ("ten thousand short terms", format!("members[{}]", terms(10_000, "value pr"))),
        ("terms within the bytes", format!("members[{}]", terms(300, "value pr"))),
        ("ten thousand parentheses", format!("members[{}value pr{}]", "(".repeat(10_000), ")".repeat(10_000))),
        ("parentheses within the bytes", format!("members[{}value pr{}]", "(".repeat(1_000), ")".repeat(1_000))),
        ("ten thousand brackets", "members[".repeat(10_000)),
        ("a long operand", format!("members[value eq \"{}\"]", "x".repeat(100_000))),
        ("ten thousand names", format!("members{}", ".value".repeat(10_000))),
        ("ten thousand spaces", format!("members{}[value pr]", " ".repeat(10_000))),
    ]
}

#[test]
fn s_16_paths_into_members_that_lead_nowhere() {
    let server = Server::start();
    let mut guarded = Guarded::new(server.account(json!("standard")));
    let group = guarded.group("Guarded");
    let user = guarded.id.clone();
    let mut cases: Vec<(&str, String, &[&str])> = [
        ("open bracket", "members["),
        ("empty brackets", "members[]"),
        ("half a filter", "members[value"),
        ("no operand", "members[value eq"),
        ("open filter", "members[value eq \"x\""),
        ("two closing brackets", "members[value eq \"x\"]]"),
        ("two filters", "members[value eq \"a\"][value eq \"b\"]"),
        ("a filter in a filter", "members[members[value eq \"a\"]]"),
        ("a sub-attribute of a sub-attribute", "members[value eq \"x\"].value.x"),
        ("a number in brackets", "members[0]"),
        ("a JSON pointer", "/members/0"),
        ("a quote", "members[value eq 'x']"),
    ]
    .map(|(name, path)| (name, path.to_owned(), &["invalidPath"][..]))
    .to_vec();
    cases.extend(
        [
            ("a number as operand", "members[value eq 7]"),
            ("true as operand", "members[value eq true]"),
            ("a type that is a number", "members[type gt 1]"),
        ]
        .map(|(name, path)| (name, path.to_owned(), &["invalidFilter"][..])),
    );
    cases.extend(
        [
            ("an unknown sub-attribute in the filter", "members[shoe eq \"x\"]"),
            ("an unknown sub-attribute", "members.shoe"),
            ("an unknown attribute", "shoe"),
            ("another schema's members", "urn:example:x:members"),
            ("an attribute of a user", "emails[type eq \"work\"].value"),
        ]
        .map(|(name, path)| (name, path.to_owned(), &["invalidValue"][..])),
    );
    cases.extend(long_paths(&user).into_iter().map(|(name, path)| (name, path, &["invalidPath"][..])));
    for (name, path, scim_types) in cases {
        for operation in [
            json!({ "op": "remove", "path": path }),
            json!({ "op": "add", "path": path, "value": [{ "value": user }] }),
            json!({ "op": "replace", "path": path, "value": "x" }),
        ] {
            let name = format!("{} {name}", operation["op"]);
            let error =
                guarded.refuses(&name, &[400], |account| error_of(account.patch_group(&group, json!([operation]))));
            assert!(scim_types.iter().any(|known| error["scimType"] == *known), "{name}: {error}");
            assert!(error["detail"].as_str().is_some_and(|detail| detail.len() < 400), "{name}: {error}");
        }
    }
}

#[test]
fn s_16_operations_on_members_that_may_not_be() {
    let server = Server::start();
    let mut guarded = Guarded::new(server.account(json!("standard")));
    let group = guarded.group("Guarded");
    let user = guarded.id.clone();
    let of_user = format!("members[value eq \"{user}\"]");
    let by_type =
        |n: usize| json!({ "op": "remove", "path": format!("members[type eq \"User\" and value ne \"{n}\"]") });
    let add = |ids: &[&str]| json!({ "op": "add", "path": "members", "value": members(ids) });
    let cases: Vec<(&str, Value, &str)> = vec![
        (
            "an edit of a member",
            json!([{ "op": "replace", "path": of_user, "value": { "value": NOBODY } }]),
            "mutability",
        ),
        ("an edit of its value", json!([{ "op": "replace", "path": "members.value", "value": NOBODY }]), "mutability"),
        (
            "an edit of its type",
            json!([{ "op": "add", "path": format!("{of_user}.type"), "value": "Group" }]),
            "mutability",
        ),
        ("removal of its value", json!([{ "op": "remove", "path": format!("{of_user}.value") }]), "mutability"),
        ("no op", json!([{ "path": "members", "value": [] }]), "invalidSyntax"),
        ("an unknown op", json!([{ "op": "move", "path": "members" }]), "invalidSyntax"),
        ("a value that removes nobody", json!([{ "op": "remove", "path": "members", "value": [{}] }]), "invalidValue"),
        ("itself", json!([add(&[&group])]), "invalidValue"),
        ("the name taken away", json!([{ "op": "remove", "path": "displayName" }]), "mutability"),
        ("an id", json!([{ "op": "replace", "path": "id", "value": NOBODY }]), "mutability"),
        (
            "good ones first",
            json!([add(&[&user]), { "op": "remove", "path": of_user }, add(&[NOBODY])]),
            "invalidValue",
        ),
        (
            "all removed, then one who is not there",
            json!([{ "op": "remove", "path": "members" }, add(&[NOBODY])]),
            "invalidValue",
        ),
        (
            "all replaced by one who is not there",
            json!([{ "op": "replace", "path": "members", "value": members(&[NOBODY]) }]),
            "invalidValue",
        ),
        ("ten thousand operations", vec![add(&[&user]); 10_000].into(), "invalidSyntax"),
        ("a thousand and one", vec![add(&[&user]); 1_001].into(), "invalidSyntax"),
        ("filters that go through everybody", (0..11).map(by_type).collect(), "invalidValue"),
    ];
    for (name, operations, scim_type) in cases {
        let error = guarded.refuses(name, &[400], |account| error_of(account.patch_group(&group, operations)));
        assert_eq!(error["scimType"], scim_type, "{name}: {error}");
    }
}

#[test]
fn s_16_what_a_policy_refuses_of_members_changes_nothing() {
    let server = Server::start();
    for (name, groups, field) in [
        ("groups in groups", json!({ "nested": "reject" }), "groups.nested"),
        ("all members replaced", json!({ "members_replace": "reject" }), "groups.members_replace"),
        ("more than one at once", json!({ "members_per_patch_max": 1 }), "groups.members_per_patch_max"),
        ("more than one group", json!({ "per_user_max": 1 }), "groups.per_user_max"),
    ] {
        let mut guarded = Guarded::new(server.account(json!({ "preset": "standard", "groups": groups })));
        let (group, other) = (guarded.group("Guarded"), guarded.account.group("Other", &[]));
        guarded.listed = super::state(&guarded.account, &guarded.id).1;
        let other = other["id"].as_str().expect("an id").to_owned();
        let (target, operation) = match field {
            "groups.nested" => (&group, json!({ "op": "add", "path": "members", "value": members(&[&other]) })),
            "groups.members_replace" => (&group, json!({ "op": "replace", "path": "members", "value": [] })),
            "groups.per_user_max" => {
                (&other, json!({ "op": "add", "path": "members", "value": members(&[&guarded.id]) }))
            }
            _ => (&group, json!({ "op": "remove", "path": "members", "value": members(&[&guarded.id, NOBODY]) })),
        };
        let error = guarded.refuses(name, &[400], |account| error_of(account.patch_group(target, json!([operation]))));
        assert!(error["detail"].as_str().is_some_and(|detail| detail.contains(field)), "{name}: {error}");
    }
}
