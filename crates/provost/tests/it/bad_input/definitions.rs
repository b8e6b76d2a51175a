//! Schemas and resource types of an account's own: definitions that mean nothing, and more of them than anybody needs.

use super::{GROUP, Guarded, NOBODY, USER, error_of, patch, post_too_much};
use crate::support::{Answer, Server, id, request, send};
use serde_json::{Value, json};

const DEVICE: &str = "urn:example:schemas:Device";

fn schema_of(attributes: Value) -> Value {
    json!({ "schema": { "id": DEVICE, "name": "Device", "attributes": attributes } })
}

fn with(mut body: Value, more: Value) -> Value {
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    body
}

impl Guarded {
    /// A refusal of the management API: it has the form of one, is recorded once and changes nothing.
    #[track_caller]
    fn refuses_api(&self, name: &str, statuses: &[u16], path: &str, body: Value) -> String {
        self.refuses_answer(name, statuses, || self.account.api("POST", path, body))
    }

    #[track_caller]
    fn refuses_answer(&self, name: &str, statuses: &[u16], send: impl FnOnce() -> Answer) -> String {
        let (before, defined) = (self.entries(), self.defined());
        let answer = send();
        assert!(statuses.contains(&answer.status), "{name}: {} {}", answer.status, answer.text);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{name}: {}", answer.text);
        let problem = answer.json();
        let detail = problem["detail"].as_str().unwrap_or_default().to_owned();
        assert!(!detail.is_empty() && detail.len() < 1_000, "{name}: {problem}");
        let entry = self.entry();
        assert_eq!(entry["seq"].as_u64(), Some(before + 1), "{name}: exactly one audit entry");
        assert_eq!((&entry["outcome"], &entry["detail"]), (&json!("failure"), &json!(detail)), "{name}: {entry}");
        assert_eq!(self.defined(), defined, "{name}: nothing is defined");
        self.unchanged(name);
        detail
    }

    fn defined(&self) -> String {
        let list = |path: &str| self.account.api("GET", path, Value::Null).expect(200).text;
        list("/schemas")
            + &list("/resource-types")
            + &self.account.scim("GET", "/Schemas", Value::Null).expect(200).text
    }
}

#[test]
fn s_16_schemas_that_are_none() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let named = |urn: &str| json!({ "schema": { "id": urn, "attributes": [{ "name": "a" }] } });
    let a = |more: Value| schema_of(json!([with(json!({ "name": "a" }), more)]));
    let long = |length: usize| "x".repeat(length);
    let many = |count: usize| -> Value { (0..count).map(|n| json!({ "name": format!("a{n}") })).collect() };
    let texts = |count: usize| -> Value { (0..count).map(|n| json!(n.to_string())).collect() };
    let deep = (0..20)
        .fold(json!([{ "name": "z" }]), |subs, _| json!([{ "name": "y", "type": "complex", "subAttributes": subs }]));
    let cases: Vec<(&str, Value)> = vec![
        ("nothing", json!({})),
        ("an array", json!([])),
        ("a text", json!("x")),
        ("a schema that is a text", json!({ "schema": DEVICE })),
        ("a schema that is an array", json!({ "schema": [] })),
        ("no id", json!({ "schema": { "attributes": [{ "name": "a" }] } })),
        ("a number as id", json!({ "schema": { "id": 7, "attributes": [{ "name": "a" }] } })),
        ("an empty id", named("")),
        ("no URN", named("Device")),
        ("a URL", named("https://a.example/Device")),
        ("a URN with a blank", named("urn:example:a b")),
        ("a URN with a quote", named("urn:example:a\"b")),
        ("a URN with a bracket", named("urn:example:a[b]")),
        ("a URN with a slash", named("urn:example:../../Users")),
        ("a URN of colons", named("urn:example:::")),
        ("a long URN", named(&format!("urn:example:{}", long(300)))),
        ("the User", named(USER)),
        ("the User in capitals", named(&USER.to_uppercase())),
        ("the Group", named(GROUP)),
        ("a message", named("urn:ietf:params:scim:api:messages:2.0:PatchOp")),
        ("a member that no schema has", json!({ "schema": { "id": DEVICE, "attributes": [{ "name": "a" }], "x": 1 } })),
        ("a member that no request has", with(schema_of(json!([{ "name": "a" }])), json!({ "account": NOBODY }))),
        ("no attributes", schema_of(json!([]))),
        ("attributes that are an object", schema_of(json!({ "a": {} }))),
        ("attributes that are texts", schema_of(json!(["a", "b"]))),
        ("an attribute that is null", schema_of(json!([null]))),
        ("201 attributes", schema_of(many(201))),
        ("10,000 attributes", schema_of(many(10_000))),
        ("51 sub-attributes", a(json!({ "type": "complex", "subAttributes": many(51) }))),
        ("sub-attributes without end", schema_of(deep)),
        ("an attribute without name", schema_of(json!([{ "type": "string" }]))),
        ("a blank name", a(json!({ "name": " " }))),
        ("a number as name", a(json!({ "name": 7 }))),
        ("a long name", a(json!({ "name": long(65) }))),
        ("a very long name", a(json!({ "name": long(100_000) }))),
        ("a name with a dot", a(json!({ "name": "a.b" }))),
        ("a name with a bracket", a(json!({ "name": "a[b]" }))),
        ("a name with a NUL", a(json!({ "name": "a\u{0}" }))),
        ("a name that begins with a digit", a(json!({ "name": "1a" }))),
        ("__proto__", a(json!({ "name": "__proto__" }))),
        ("SQL", a(json!({ "name": "a'); drop table record; --" }))),
        ("$ref at the top", a(json!({ "name": "$ref" }))),
        ("a word of filters", a(json!({ "name": "not" }))),
        ("id", a(json!({ "name": "ID" }))),
        ("meta", a(json!({ "name": "meta" }))),
        ("schemas", a(json!({ "name": "schemas" }))),
        ("two of one name", schema_of(json!([{ "name": "a" }, { "name": "A" }]))),
        ("an unknown type", a(json!({ "type": "text" }))),
        ("a number as type", a(json!({ "type": 7 }))),
        ("a long type", a(json!({ "type": long(100_000) }))),
        ("a text as multiValued", a(json!({ "multiValued": "true" }))),
        ("an unknown mutability", a(json!({ "mutability": "sometimes" }))),
        ("an unknown returned", a(json!({ "returned": "rarely" }))),
        ("an unknown uniqueness", a(json!({ "uniqueness": "mostly" }))),
        ("complex without sub-attributes", a(json!({ "type": "complex" }))),
        ("sub-attributes of a text", a(json!({ "subAttributes": [{ "name": "b" }] }))),
        ("a reference to nothing", a(json!({ "type": "reference" }))),
        ("a secret", a(json!({ "mutability": "writeOnly" }))),
        ("what is never returned", a(json!({ "returned": "never" }))),
        ("readOnly and never returned", a(json!({ "mutability": "readOnly", "returned": "never" }))),
        ("unique booleans", a(json!({ "type": "boolean", "uniqueness": "server" }))),
        ("unique lists", a(json!({ "multiValued": true, "uniqueness": "global" }))),
        ("a unique secret", a(json!({ "returned": "never", "uniqueness": "server" }))),
        ("canonical values twice", a(json!({ "canonicalValues": ["x", "x"] }))),
        ("canonical values of numbers", a(json!({ "canonicalValues": [1] }))),
        ("201 canonical values", a(json!({ "canonicalValues": texts(201) }))),
        ("a long canonical value", a(json!({ "canonicalValues": [long(257)] }))),
        ("a long description", a(json!({ "description": long(1_001) }))),
        ("an unknown member of an attribute", a(json!({ "required_": true }))),
        ("an extension of nothing", with(a(json!({})), json!({ "extends": [{ "resource_type": "Robot" }] }))),
        ("an extension of itself", with(a(json!({})), json!({ "extends": [{ "resource_type": DEVICE }] }))),
        (
            "an extension twice",
            with(a(json!({})), json!({ "extends": [{ "resource_type": "User" }, { "resource_type": "User" }] })),
        ),
        ("extensions that are a text", with(a(json!({})), json!({ "extends": "User" }))),
        (
            "10,000 extensions",
            with(a(json!({})), json!({ "extends": vec![json!({ "resource_type": "User" }); 10_000] })),
        ),
        ("201 indexes", with(a(json!({})), json!({ "indexed": texts(201) }))),
        ("an index that is a number", with(a(json!({})), json!({ "indexed": [7] }))),
        (
            "an index of nothing",
            with(a(json!({})), json!({ "extends": [{ "resource_type": "User" }], "indexed": ["b"] })),
        ),
        (
            "an index of a filter",
            with(a(json!({})), json!({ "extends": [{ "resource_type": "User" }], "indexed": ["a[b eq 1]"] })),
        ),
        (
            "an index of binary values",
            with(
                a(json!({ "type": "binary", "caseExact": true })),
                json!({ "extends": [{ "resource_type": "User" }], "indexed": ["a"] }),
            ),
        ),
        (
            "an extension that begins like the User",
            json!({
                "schema": { "id": format!("{USER}:more"), "attributes": [{ "name": "a" }] },
                "extends": [{ "resource_type": "User" }],
            }),
        ),
    ];
    for (name, body) in cases {
        guarded.refuses_api(name, &[400, 409], "/schemas", body);
    }
    let large = with(a(json!({})), json!({ "x": long(2 * 1024 * 1024) }));
    let (before, path) = (guarded.entries(), format!("/api/v1/accounts/{}/schemas", guarded.account.id));
    let answer = post_too_much(&guarded.account, &path, &server.operator_key, &large.to_string());
    assert_eq!((answer.status, guarded.entries()), (413, before + 1), "2 MB: {}", answer.head);
    let nested = format!("{{\"schema\":{}1{}}}", "{\"a\":".repeat(1_000), "}".repeat(1_000));
    guarded.refuses_answer("a thousand objects", &[400], || {
        let url = format!("{}/api/v1/accounts/{}/schemas", server.base, guarded.account.id);
        let request = request("POST", &url).bearer_auth(&server.operator_key);
        send(request.header("content-type", "application/json").body(nested))
    });
}

#[test]
fn s_16_resource_types_that_are_none() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let attributes = json!([{ "name": "serial" }, { "name": "blob", "type": "binary" }]);
    guarded.account.api("POST", "/schemas", schema_of(attributes)).expect(201);
    let base = || json!({ "name": "Device", "endpoint": "/Devices", "schema": DEVICE });
    let but = |more: Value| with(base(), more);
    let other = json!({ "schema": "urn:example:schemas:Other" });
    let cases: Vec<(&str, Value)> = vec![
        ("nothing", json!({})),
        ("no schema", json!({ "name": "Device", "endpoint": "/Devices" })),
        ("an unknown schema", but(other.clone())),
        ("the schema of a user", but(json!({ "schema": USER }))),
        ("a number as name", but(json!({ "name": 7 }))),
        ("an empty name", but(json!({ "name": "" }))),
        ("a name with a slash", but(json!({ "name": "a/b" }))),
        ("a long name", but(json!({ "name": "x".repeat(65) }))),
        ("a very long name", but(json!({ "name": "x".repeat(100_000) }))),
        ("User", but(json!({ "name": "User" }))),
        ("group", but(json!({ "name": "group" }))),
        ("no endpoint", but(json!({ "endpoint": "" }))),
        ("the root", but(json!({ "endpoint": "/" }))),
        ("two segments", but(json!({ "endpoint": "/Devices/All" }))),
        ("upwards", but(json!({ "endpoint": "/../Users" }))),
        ("dots", but(json!({ "endpoint": "/.." }))),
        (".search", but(json!({ "endpoint": "/.search" }))),
        ("escaped", but(json!({ "endpoint": "/%55sers" }))),
        ("with a query", but(json!({ "endpoint": "/Devices?x" }))),
        ("of Greek", but(json!({ "endpoint": "/Συσκευές" }))),
        ("/Users", but(json!({ "endpoint": "/Users" }))),
        ("/users", but(json!({ "endpoint": "/users" }))),
        ("/Bulk", but(json!({ "endpoint": "/Bulk" }))),
        ("/Me", but(json!({ "endpoint": "Me" }))),
        ("/v2", but(json!({ "endpoint": "/v2" }))),
        ("an id", but(json!({ "endpoint": format!("/a{}", &NOBODY[1..]) }))),
        ("a long endpoint", but(json!({ "endpoint": format!("/{}", "x".repeat(65)) }))),
        ("a long description", but(json!({ "description": "x".repeat(1_001) }))),
        ("an extension by itself", but(json!({ "extensions": [{ "schema": DEVICE }] }))),
        ("an unknown extension", but(json!({ "extensions": [other] }))),
        ("101 extensions", but(json!({ "extensions": vec![json!({ "schema": DEVICE }); 101] }))),
        ("an index of nothing", but(json!({ "indexed": ["nothing"] }))),
        ("an index of bytes", but(json!({ "indexed": ["blob"] }))),
        ("an index of meta", but(json!({ "indexed": ["meta.created"] }))),
        ("an index of SQL", but(json!({ "indexed": ["serial') --"] }))),
        ("201 indexes", but(json!({ "indexed": (0..201).map(|n| n.to_string()).collect::<Vec<_>>() }))),
        ("an unknown member", but(json!({ "account": NOBODY }))),
    ];
    for (name, body) in cases {
        guarded.refuses_api(name, &[400, 409], "/resource-types", body);
    }
    let made = guarded.account.api("POST", "/resource-types", base()).expect(201).json();
    for (name, body) in [
        ("the same again", base()),
        ("the same name", but(json!({ "endpoint": "/Others" }))),
        ("the same endpoint in capitals", but(json!({ "name": "Other", "endpoint": "/DEVICES" }))),
    ] {
        guarded.refuses_api(name, &[409], "/resource-types", body);
    }
    let schemas = guarded.account.api("GET", "/schemas", Value::Null).expect(200).json();
    let schema = id(&schemas["items"][0]);
    guarded.refuses_answer("a schema in use", &[409], || {
        guarded.account.api("DELETE", &format!("/schemas/{schema}"), Value::Null)
    });
    guarded.account.scim("POST", "/Devices", json!({ "schemas": [DEVICE], "serial": "1" })).expect(201);
    let path = format!("/resource-types/{}", id(&made));
    guarded.refuses_answer("a type in use", &[409], || guarded.account.api("DELETE", &path, Value::Null));
}

#[test]
fn s_16_no_account_defines_without_end() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let urn = |n: usize| format!("urn:example:schemas:Kind{n}");
    let schema = |n: usize| json!({ "schema": { "id": urn(n), "attributes": [{ "name": "a" }] } });
    let kind = |n: usize| json!({ "name": format!("Kind{n}"), "endpoint": format!("/Kinds{n}"), "schema": urn(n) });
    for n in 0..50 {
        guarded.account.api("POST", "/schemas", schema(n)).expect(201);
        guarded.account.api("POST", "/resource-types", kind(n)).expect(201);
    }
    let detail = guarded.refuses_api("51 schemas", &[409], "/schemas", schema(50));
    assert!(detail.contains("50"), "{detail}");
    for n in 0..3 {
        guarded.refuses_api("the same URN", &[409], "/schemas", schema(n));
    }
    let all = guarded.account.scim("GET", "/ResourceTypes", Value::Null).expect(200).json();
    assert_eq!(all["totalResults"], json!(52), "each is announced");
}

#[test]
fn s_16_resources_of_ones_own_with_values_that_do_not_fit() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let account = &guarded.account;
    let holder = json!([{ "name": "value", "required": true }, { "name": "days", "type": "integer" }]);
    let attributes = json!([
        { "name": "serial", "required": true, "uniqueness": "server" },
        { "name": "seats", "type": "integer" },
        { "name": "weight", "type": "decimal" },
        { "name": "lent", "type": "boolean" },
        { "name": "since", "type": "dateTime" },
        { "name": "photo", "type": "binary" },
        { "name": "colour", "canonicalValues": ["red", "blue"] },
        { "name": "key", "mutability": "immutable" },
        { "name": "state", "mutability": "readOnly" },
        { "name": "tags", "multiValued": true },
        { "name": "holder", "type": "complex", "subAttributes": holder },
    ]);
    account.api("POST", "/schemas", schema_of(attributes)).expect(201);
    account
        .api("POST", "/resource-types", json!({ "name": "Device", "endpoint": "/Devices", "schema": DEVICE }))
        .expect(201);
    let device = json!({ "schemas": [DEVICE], "serial": "1", "key": "k" });
    let made = account.scim("POST", "/Devices", device.clone()).expect(201).json();
    let path = format!("/Devices/{}", id(&made));
    let shown = || account.scim("GET", "/Devices", Value::Null).expect(200).text;
    let before = shown();
    for (name, value) in [
        ("serial", json!(7)),
        ("serial", json!(["1"])),
        ("serial", json!("x".repeat(4_097))),
        ("seats", json!("7")),
        ("seats", json!(1.5)),
        ("seats", json!(1e300)),
        ("weight", json!("1.5")),
        ("lent", json!("perhaps")),
        ("lent", json!(1)),
        ("since", json!("yesterday")),
        ("since", json!(0)),
        ("photo", json!("not base64!")),
        ("tags", json!("x")),
        ("tags", json!([1])),
        ("tags", Value::from(vec![json!("x"); 1_001])),
        ("holder", json!(7)),
        ("holder", json!({ "days": 1 })),
        ("holder", json!({ "value": "x", "days": "1" })),
        ("holder", json!({ "value": "x", "nights": 1 })),
        ("nothing", json!(1)),
    ] {
        let body = with(device.clone(), json!({ "serial": "2", name: value }));
        for (method, target) in [("POST", "/Devices"), ("PUT", path.as_str())] {
            let name = format!("{method} {name}: {}", value.to_string().chars().take(40).collect::<String>());
            let error = guarded.refuses(&name, &[400], |account| error_of(account.scim(method, target, body.clone())));
            assert_eq!(error["scimType"], "invalidValue", "{name}: {error}");
        }
        let change = patch(json!([{ "op": "add", "value": { name: value } }]));
        // One element of a list may stand without its array.
        if name != "tags" || value.is_array() {
            guarded.refuses(name, &[400], |account| error_of(account.scim("PATCH", &path, change)));
        }
    }
    for (name, operation, scim_type) in [
        ("what is immutable", json!({ "op": "replace", "path": "key", "value": "other" }), "mutability"),
        ("what is required", json!({ "op": "remove", "path": "serial" }), "mutability"),
        ("what is readOnly", json!({ "op": "replace", "path": "state", "value": "x" }), "mutability"),
        ("what is not there", json!({ "op": "replace", "path": "userName", "value": "x" }), "invalidValue"),
        ("members", json!({ "op": "add", "path": "members", "value": [{ "value": guarded.id }] }), "invalidValue"),
    ] {
        let change = patch(json!([operation]));
        let error = guarded.refuses(name, &[400], |account| error_of(account.scim("PATCH", &path, change)));
        assert_eq!(error["scimType"], scim_type, "{name}: {error}");
    }
    let error = guarded.refuses("a serial that is taken", &[409], |account| {
        error_of(account.scim("POST", "/Devices", with(device.clone(), json!({ "key": "other" }))))
    });
    assert_eq!(error["scimType"], "uniqueness", "{error}");
    guarded.refuses("the schema of a user", &[400], |account| {
        error_of(account.scim("POST", "/Devices", json!({ "schemas": [USER], "userName": "x" })))
    });
    for query in ["filter=(((", "filter=userName%20pr", "sortBy=userName", "sortBy=holder", "filter=serial%20gt%20true"]
    {
        error_of(account.scim("GET", &format!("/Devices?{query}"), Value::Null));
    }
    assert_eq!(shown(), before, "nothing has changed");
}

#[test]
fn s_16_an_extension_that_present_users_would_lack_is_not_required_of_them() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let extension = schema_of(json!([{ "name": "a" }]));
    let required = with(extension, json!({ "extends": [{ "resource_type": "User", "required": true }] }));
    guarded.refuses_api("required of users who are there", &[400, 409], "/schemas", required);
}

#[test]
fn s_16_resources_of_ones_own_with_schemas_of_something_else() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    guarded.account.api("POST", "/schemas", schema_of(json!([{ "name": "serial" }]))).expect(201);
    let kind = json!({ "name": "Device", "endpoint": "/Devices", "schema": DEVICE });
    guarded.account.api("POST", "/resource-types", kind).expect(201);
    for schemas in
        [json!([USER]), json!([DEVICE, "urn:example:schemas:Other"]), json!([DEVICE, USER]), json!([]), json!(DEVICE)]
    {
        let name = schemas.to_string();
        let body = json!({ "schemas": schemas, "serial": "1" });
        guarded.refuses(&name, &[400], |account| error_of(account.scim("POST", "/Devices", body)));
    }
}
