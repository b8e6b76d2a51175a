//! Extensions and resource types of an account's own: every characteristic and data type over HTTP (MOD, CHR, SCH, RTY).

use super::{
    Case, ENTERPRISE, GROUP, SEARCH, USER, add, ask, check, column, done, fresh, get, id_of, make_user, members,
    new_user, patch, remove, replace, standard,
};
use crate::support::{Account, Server, encoded};
use serde_json::{Value, json};

const BADGE: &str = "urn:example:badge:1.0:User";
const DEVICE: &str = "urn:example:device";
const LAB: &str = "urn:example:lab";

/// An account whose users have badges, and which has devices with laboratories.
fn extended(server: &Server) -> Account {
    let account = standard(server);
    let badge = json!({
        "id": BADGE, "name": "Badge", "description": "What opens doors",
        "attributes": [
            { "name": "plain" },
            { "name": "code", "type": "string", "caseExact": true, "uniqueness": "server" },
            { "name": "serial", "type": "string", "mutability": "immutable" },
            { "name": "note", "type": "string", "returned": "request" },
            { "name": "stamp", "type": "string", "returned": "always" },
            { "name": "issued", "type": "string", "mutability": "readOnly" },
            { "name": "level", "type": "integer" },
            { "name": "score", "type": "decimal" },
            { "name": "since", "type": "dateTime" },
            { "name": "photo", "type": "binary", "caseExact": true },
            { "name": "home", "type": "reference", "referenceTypes": ["external"], "caseExact": true },
            { "name": "vip", "type": "boolean" },
            {
                "name": "access", "type": "complex", "multiValued": true,
                "subAttributes": [
                    { "name": "door", "type": "string", "required": true },
                    { "name": "tags", "type": "string", "multiValued": true },
                    { "name": "memo", "type": "string", "returned": "request" },
                ],
            },
        ],
    });
    let define = |path: &str, body: Value| account.api("POST", path, body).expect(201);
    define("/schemas", json!({ "schema": badge, "extends": [{ "resource_type": "User" }] }));
    let serial = json!({ "name": "serial", "type": "string", "required": true, "uniqueness": "server" });
    let device =
        json!({ "id": DEVICE, "name": "Device", "attributes": [serial, { "name": "model", "type": "string" }] });
    define("/schemas", json!({ "schema": device }));
    let bench = json!({ "name": "bench", "type": "string", "required": true });
    define("/schemas", json!({ "schema": { "id": LAB, "name": "Lab", "attributes": [bench] } }));
    let extensions = json!([{ "schema": LAB, "required": true }]);
    let device = json!({ "name": "Device", "endpoint": "/Devices", "schema": DEVICE, "extensions": extensions });
    define("/resource-types", device);
    account
}

fn badge(account: &Account, badge: Value) -> Value {
    make_user(account, json!({ BADGE: badge }))
}

#[test]
fn sch_01_an_extension_is_described_as_it_works() {
    let server = Server::start();
    let account = extended(&server);
    let user = get(&account, "/ResourceTypes/User");
    let extensions = user["schemaExtensions"].as_array().expect("RTY-03 several");
    assert!(extensions.contains(&json!({ "schema": BADGE, "required": false })), "RTY-02 RTY-03 {user}");
    assert!(extensions.iter().any(|one| one["schema"] == ENTERPRISE), "RTY-03 {user}");
    let listed = column(&get(&account, "/Schemas"), "id");
    for urn in [BADGE, DEVICE, LAB] {
        assert!(listed.iter().any(|id| id == urn), "SCH-01 SCH-03 {urn}");
        assert_eq!(get(&account, &format!("/Schemas/{urn}"))["meta"]["resourceType"], "Schema", "SCH-02 RTY-04 SCH-11");
    }
    let schema = get(&account, &format!("/Schemas/{BADGE}"));
    let attribute = |name: &str| {
        let attributes = schema["attributes"].as_array().expect("attributes");
        attributes.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no {name}: {schema}")).clone()
    };
    let defaults = json!({
        "name": "plain", "type": "string", "multiValued": false, "required": false, "caseExact": false,
        "mutability": "readWrite", "returned": "default", "uniqueness": "none",
    });
    for (member, value) in defaults.as_object().expect("an object") {
        assert_eq!(&attribute("plain")[member], value, "MOD-07 SCH-05 {member}");
    }
    assert_eq!(attribute("plain").get("canonicalValues"), None, "MOD-07");
    for (name, member, value) in [
        ("code", "uniqueness", json!("server")),
        ("serial", "mutability", json!("immutable")),
        ("note", "returned", json!("request")),
        ("stamp", "returned", json!("always")),
        ("home", "referenceTypes", json!(["external"])),
        ("level", "type", json!("integer")),
    ] {
        assert_eq!(attribute(name)[member], value, "SCH-05 SCH-10 CHR-24 {name}");
    }
    let tags = &attribute("access")["subAttributes"][1];
    assert_eq!((&tags["name"], &tags["multiValued"]), (&json!("tags"), &json!(true)), "MOD-09");
}

#[test]
fn chr_11_what_is_returned_when() {
    let server = Server::start();
    let account = extended(&server);
    let sent = json!({ "plain": "p", "note": "n", "stamp": "s", "issued": "invented" });
    let made = badge(&account, sent);
    assert_eq!(
        made[BADGE],
        json!({ "plain": "p", "note": "n", "stamp": "s" }),
        "CHR-01 what only the server sets is not"
    );
    let path = format!("/Users/{}", id_of(&made));
    let of = |query: &str| get(&account, &format!("{path}{query}"))[BADGE].clone();
    for (name, query, shown) in [
        ("not asked for", String::new(), json!({ "plain": "p", "stamp": "s" })),
        ("CHR-11 not named", "?attributes=userName".to_owned(), json!({ "stamp": "s" })),
        ("named", format!("?attributes={BADGE}:note"), json!({ "note": "n", "stamp": "s" })),
        ("CHR-11 left out", format!("?excludedAttributes={BADGE}:stamp,{BADGE}:plain"), json!({ "stamp": "s" })),
        ("PRJ-12 the whole", format!("?attributes={BADGE}"), json!({ "plain": "p", "note": "n", "stamp": "s" })),
    ] {
        assert_eq!(of(&query), shown, "{name}: {query}");
    }
    let listed = get(&account, "/Users?attributes=userName")["Resources"][0][BADGE].clone();
    assert_eq!(listed, json!({ "stamp": "s" }), "CHR-11 in a list");
    let patched = done(&account, &format!("PATCH {path}"), patch(json!([replace("title", json!("T"))])));
    assert_eq!(patched[BADGE].get("note"), None, "the client did not ask for it");
}

#[test]
fn chr_13_what_is_returned_on_request_comes_with_the_answer_to_who_sends_it() {
    let server = Server::start();
    let account = extended(&server);
    let made = badge(&account, json!({ "plain": "p", "NOTE": "n", "access": [{ "door": "1", "memo": "m" }] }));
    let whole = json!({ "plain": "p", "note": "n", "access": [{ "door": "1", "memo": "m" }] });
    assert_eq!(made[BADGE], whole, "CHR-13 POST");
    let bare = json!({ "plain": "p", "access": [{ "door": "1" }] });
    let with = |name: &str, value: Value| {
        let mut with = bare.clone();
        with[name] = value;
        with
    };
    let path = format!("/Users/{}", id_of(&made));
    let at = |name: &str| format!("{BADGE}:{name}");
    let value = |value: Value| json!({ "op": "replace", "value": value });
    let memos = json!([{ "door": "1", "memo": "m" }]);
    for (name, query, operation, shown) in [
        ("not sent", "", replace("title", json!("T")), bare.clone()),
        ("by a path", "", replace(&at("note"), json!("n")), with("note", json!("n"))),
        ("a path in another case", "", replace(&at("NOTE").to_uppercase(), json!("n")), with("note", json!("n"))),
        ("in a value", "", value(json!({ BADGE: { "note": "n" } })), with("note", json!("n"))),
        ("by a key that is a path", "", value(json!({ at("note"): "n" })), with("note", json!("n"))),
        ("the extension", "", add(BADGE, json!({ "note": "n" })), with("note", json!("n"))),
        ("behind a filter", "", replace(&at("access[door eq \"1\"].memo"), json!("m")), with("access", memos.clone())),
        ("in an element", "", replace(&at("access"), memos.clone()), with("access", memos.clone())),
        ("nothing of it", "", replace(&at("access[door eq \"1\"].door"), json!("1")), bare.clone()),
        ("left out", "?excludedAttributes={}:note", replace(&at("note"), json!("n")), bare.clone()),
        (
            "beside what is left out",
            "?excludedAttributes={}:plain,{}:access",
            replace(&at("note"), json!("n")),
            json!({ "note": "n" }),
        ),
        ("only what is named", "?attributes={}:plain", replace(&at("note"), json!("n")), json!({ "plain": "p" })),
    ] {
        let request = format!("PATCH {path}{}", query.replace("{}", BADGE));
        let patched = done(&account, &request, patch(json!([operation])));
        assert_eq!(patched[BADGE], shown, "CHR-13 PATCH {name}");
        assert_eq!(get(&account, &path)[BADGE], bare, "CHR-13 GET after {name}");
    }
    let put = |badge: Value| {
        let body = json!({ "schemas": [USER, BADGE], "userName": made["userName"], BADGE: badge });
        done(&account, &format!("PUT {path}"), body)[BADGE].clone()
    };
    assert_eq!(put(json!({ "note": "other" })), json!({ "note": "other" }), "CHR-13 PUT");
    assert_eq!(put(json!({ "plain": "p" })), json!({ "plain": "p" }), "CHR-13 PUT without it");
    let gone = done(&account, &format!("PATCH {path}"), patch(json!([remove(&at("note"))])));
    assert_eq!(gone[BADGE], json!({ "plain": "p" }), "CHR-13 it is there no longer");
}

#[test]
fn chr_13_holds_for_groups_and_types_of_their_own() {
    const HINT: &str = "urn:example:hint";
    const TOOL: &str = "urn:example:tool";
    let server = Server::start();
    let account = standard(&server);
    let define = |path: &str, body: Value| account.api("POST", path, body).expect(201);
    let attributes = json!([{ "name": "plain" }, { "name": "note", "returned": "request" }]);
    let schema = |id: &str| json!({ "id": id, "name": "Schema", "attributes": attributes });
    define("/schemas", json!({ "schema": schema(HINT), "extends": [{ "resource_type": "Group" }] }));
    define("/schemas", json!({ "schema": schema(TOOL) }));
    define("/resource-types", json!({ "name": "Tool", "endpoint": "/Tools", "schema": TOOL }));
    let body =
        |name: &str| json!({ "schemas": [GROUP, HINT], "displayName": name, HINT: { "note": "n", "plain": "p" } });
    let group = done(&account, "POST /Groups", body("Crew"));
    let path = format!("/Groups/{}", id_of(&group));
    assert_eq!(group[HINT], json!({ "note": "n", "plain": "p" }), "CHR-13 POST of a group");
    assert_eq!(get(&account, &path)[HINT], json!({ "plain": "p" }), "CHR-13 GET of a group");
    let put = done(&account, &format!("PUT {path}"), body("Gang"));
    assert_eq!(put[HINT], json!({ "note": "n", "plain": "p" }), "CHR-13 PUT of a group");
    let body = json!({ "schemas": [TOOL], "note": "n", "plain": "p" });
    let tool = done(&account, "POST /Tools", body.clone());
    let path = format!("/Tools/{}", id_of(&tool));
    assert_eq!(tool["note"], "n", "CHR-13 POST of a type of its own");
    assert_eq!(get(&account, &path).get("note"), None, "CHR-13 GET");
    assert_eq!(done(&account, &format!("PUT {path}"), body)["note"], "n", "CHR-13 PUT");
    for (operation, shown) in [
        (replace("note", json!("m")), json!("m")),
        (json!({ "op": "Replace", "value": { "Note": "o" } }), json!("o")),
        (replace("plain", json!("q")), Value::Null),
    ] {
        let patched = done(&account, &format!("PATCH {path}"), patch(json!([operation])));
        assert_eq!(patched.get("note").unwrap_or(&Value::Null), &shown, "CHR-13 PATCH");
    }
    // A body that cannot be read is refused as ever, and recorded once.
    let before = account.audit().len();
    check(&account, [("a body", "POST /Tools".to_owned(), json!([]), "400 invalidSyntax")]);
    assert_eq!(account.audit().len(), before + 1, "every write leaves one entry");
}

#[test]
fn chr_05_immutable_values() {
    let server = Server::start();
    let account = extended(&server);
    let made = badge(&account, json!({ "serial": "A", "plain": "p" }));
    let (path, serial) = (format!("/Users/{}", id_of(&made)), format!("{BADGE}:serial"));
    let put = |badge: Value| {
        let mut body = json!({ "schemas": [USER, BADGE], "userName": made["userName"] });
        body[BADGE] = badge;
        body
    };
    let operation = |operation: Value| patch(json!([operation]));
    check(
        &account,
        [
            ("CHR-05 add", format!("PATCH {path}"), operation(add(&serial, json!("B"))), "400 mutability"),
            ("CHR-05 replace", format!("PATCH {path}"), operation(replace(&serial, json!("B"))), "400 mutability"),
            ("CHR-05 remove", format!("PATCH {path}"), operation(remove(&serial)), "400 mutability"),
            ("CHR-06 the same", format!("PATCH {path}"), operation(replace(&serial, json!("A"))), "200"),
            ("CHR-07 PUT-06 another", format!("PUT {path}"), put(json!({ "serial": "B" })), "400 mutability"),
            ("CHR-07 PUT-06 the same", format!("PUT {path}"), put(json!({ "serial": "A", "plain": "p" })), "200"),
        ],
    );
    assert_eq!(get(&account, &path), made, "CHR-06 CHR-07 nothing has changed");
    let kept = done(&account, &format!("PUT {path}"), put(json!({ "plain": "q" })));
    assert_eq!(kept[BADGE], json!({ "plain": "q", "serial": "A" }), "CHR-08 omitted is kept");
    let bare = format!("/Users/{}", id_of(&badge(&account, json!({ "plain": "p" }))));
    let set = done(&account, &format!("PATCH {bare}"), operation(add(&serial, json!("C"))));
    assert_eq!(set[BADGE]["serial"], "C", "CHR-05 set where there is none");
    let refused: Case<'static> = (
        "CHR-03 read-only",
        format!("PATCH {bare}"),
        operation(add(&format!("{BADGE}:issued"), json!("x"))),
        "400 mutability",
    );
    check(&account, [refused]);
}

#[test]
fn chr_20_what_is_unique_and_what_is_required() {
    let server = Server::start();
    let account = extended(&server);
    badge(&account, json!({ "code": "Ab" }));
    let other = format!("/Users/{}", id_of(&badge(&account, json!({ "code": "x" }))));
    let post = |badge: Value| new_user(json!({ BADGE: badge }));
    let users = || "POST /Users".to_owned();
    let code = |value: &str| patch(json!([replace(&format!("{BADGE}:code"), json!(value))]));
    check(
        &account,
        [
            ("CHR-20 CHR-21 POST", users(), post(json!({ "code": "Ab" })), "409 uniqueness"),
            ("CHR-20 CHR-21 PATCH", format!("PATCH {other}"), code("Ab"), "409 uniqueness"),
            ("CHR-18 another case is another value", format!("PATCH {other}"), code("aB"), "200"),
            ("CHR-22 its own", format!("PATCH {other}"), code("aB"), "200"),
            ("CHR-16 without its parent", users(), post(json!({ "plain": "p" })), "201"),
            ("CHR-16 within its parent", users(), post(json!({ "access": [{ "tags": ["a"] }] })), "400 invalidValue"),
            ("CHR-16 MOD-09 given", users(), post(json!({ "access": [{ "door": "1", "tags": ["a", "b"] }] })), "201"),
        ],
    );
    ask(&account, &format!("DELETE {other}"), Value::Null).expect(204);
    check(&account, [("DEL-04 a deleted one counts no more", users(), post(json!({ "code": "aB" })), "201")]);
}

#[test]
fn data_types() {
    let server = Server::start();
    let account = extended(&server);
    for (name, sent, shown) in [
        ("MOD-13 integer", json!({ "level": -3 }), Ok(json!({ "level": -3 }))),
        ("MOD-13 fraction", json!({ "level": 1.5 }), Err("400 invalidValue")),
        ("MOD-13 text", json!({ "level": "3" }), Err("400 invalidValue")),
        ("MOD-13 decimal", json!({ "score": 1.25 }), Ok(json!({ "score": 1.25 }))),
        ("MOD-12 boolean", json!({ "vip": true }), Ok(json!({ "vip": true }))),
        ("MOD-12 number", json!({ "vip": 1 }), Err("400 invalidValue")),
        ("MOD-14 dateTime", json!({ "since": "2008-01-23T04:56:22Z" }), Ok(json!({ "since": "2008-01-23T04:56:22Z" }))),
        (
            "MOD-15 offset",
            json!({ "since": "2008-01-23T06:56:22+02:00" }),
            Ok(json!({ "since": "2008-01-23T04:56:22Z" })),
        ),
        ("MOD-15 no zone", json!({ "since": "2008-01-23T04:56:22" }), Ok(json!({ "since": "2008-01-23T04:56:22Z" }))),
        ("MOD-14 date only", json!({ "since": "2008-01-23" }), Err("400 invalidValue")),
        ("MOD-14 no date", json!({ "since": "yesterday" }), Err("400 invalidValue")),
        ("MOD-16 binary", json!({ "photo": "TWFu" }), Ok(json!({ "photo": "TWFu" }))),
        ("MOD-16 no base64", json!({ "photo": "?" }), Err("400 invalidValue")),
        ("MOD-18 reference", json!({ "home": "https://a.example/x" }), Ok(json!({ "home": "https://a.example/x" }))),
        ("MOD-18 no reference", json!({ "home": "a b" }), Err("400 invalidValue")),
        ("MOD-25 one for several", json!({ "access": { "door": "1" } }), Err("400 invalidValue")),
        ("MOD-25 mixed", json!({ "access": [{ "door": "1" }, "2"] }), Err("400 invalidValue")),
        ("MOD-33 nothing", json!({ "access": [{}] }), Ok(Value::Null)),
        ("CRE-10 unknown", json!({ "shoeSize": 7 }), Err("400 invalidValue")),
    ] {
        let answer = ask(&account, "POST /Users", new_user(json!({ BADGE: sent })));
        match shown {
            Ok(shown) => assert_eq!(answer.expect(201).json()[BADGE], shown, "{name}"),
            Err(expected) => assert_eq!(super::outcome(answer), expected, "{name}"),
        }
    }
}

#[test]
fn filters_and_order_by_type() {
    let server = Server::start();
    let account = extended(&server);
    for (name, badge) in [
        ("a", json!({ "level": 9, "since": "2008-01-23T04:56:22Z", "score": 2.5, "vip": true, "photo": "TWFu" })),
        ("b", json!({ "level": 10, "since": "2009-01-23T04:56:22Z", "score": -1, "home": "https://a.example/X" })),
        ("c", json!({ "level": -1, "since": "2007-01-23T04:56:22Z", "vip": false })),
        ("d", json!({ "plain": "p" })),
    ] {
        make_user(&account, json!({ "userName": name, BADGE: badge }));
    }
    let path = |filter: &str| {
        let mut filter = filter.to_owned();
        for name in ["level", "since", "score", "vip", "photo", "home"] {
            filter = filter.replace(name, &format!("{BADGE}:{name}"));
        }
        format!("/Users?filter={}", encoded(&filter))
    };
    for (name, filter, found) in [
        ("FLT-29 numbers", "level gt 9", "b"),
        ("FLT-29 numbers", "level ge 9", "a b"),
        ("FLT-29 decimals", "score lt 0.5", "b"),
        ("FLT-27 numbers", "level eq 9.0", "a"),
        ("FLT-29 times", "since gt \"2008-01-01T00:00:00Z\"", "a b"),
        ("FLT-32 by instant", "since eq \"2008-01-23T06:56:22.000+02:00\"", "a"),
        ("FLT-28 false is there", "vip pr", "a c"),
        ("FLT-27 booleans", "vip eq false", "c"),
        ("FLT-27 binary", "photo eq \"TWFu\"", "a"),
        ("FLT-27 a reference is exact", "home ew \"X\"", "b"),
        ("FLT-27 a reference is exact", "home ew \"x\"", ""),
        ("FLT-35 none differs", "level ne 9", "b c d"),
    ] {
        assert_eq!(column(&get(&account, &path(filter)), "userName").join(" "), found, "{name}: {filter}");
    }
    for (name, filter) in [
        ("FLT-30", "vip gt false"),
        ("FLT-30", "photo lt \"TWFu\""),
        ("FLT-31", "level co 9"),
        ("FLT-31", "since sw \"2008\""),
        ("FLT-33", "level eq \"nine\""),
        ("FLT-33", "since eq \"yesterday\""),
    ] {
        let answer = ask(&account, &format!("GET {}", path(filter)), Value::Null);
        assert_eq!(super::outcome(answer), "400 invalidFilter", "{name}: {filter}");
    }
    for (name, attribute, order, found) in [
        ("SRT-07 numbers", "level", "ascending", "c a b d"),
        ("SRT-07 numbers", "level", "descending", "d b a c"),
        ("SRT-07 times", "since", "ascending", "c a b d"),
        ("SRT-07 decimals", "score", "ascending", "b a c d"),
    ] {
        let list = get(&account, &format!("/Users?sortBy={BADGE}:{attribute}&sortOrder={order}"));
        assert_eq!(column(&list, "userName").join(" "), found, "{name} {order}");
    }
    check(&account, [("SRT-08", format!("GET /Users?sortBy={BADGE}:photo"), Value::Null, "400 invalidValue")]);
}

#[test]
fn rty_05_resources_of_a_type_of_their_own() {
    let server = Server::start();
    let account = extended(&server);
    let device = |serial: &str, lab: Value| {
        let mut body = json!({ "schemas": [DEVICE, LAB], "serial": serial, "model": "M" });
        if !lab.is_null() {
            body[LAB] = lab;
        }
        body
    };
    let post = || "POST /Devices".to_owned();
    let bench = || json!({ "bench": "7" });
    check(
        &account,
        [
            ("RTY-05 ENT-05 without its extension", post(), device("1", Value::Null), "400 invalidValue"),
            ("RTY-05 without what that requires", post(), device("1", json!({ "bench": null })), "400 invalidValue"),
            (
                "CHR-15 without what the type requires",
                post(),
                json!({ "schemas": [DEVICE, LAB], LAB: bench() }),
                "400 invalidValue",
            ),
            ("COM-02 of another type", post(), json!({ "schemas": [USER], "userName": "x" }), "400 invalidValue"),
        ],
    );
    let answer = ask(&account, "POST /Devices", device("S1", bench())).expect(201);
    let made = answer.json();
    assert_eq!(members(&made), ["id", "meta", "model", "schemas", "serial", LAB], "RTY-05 CRE-02");
    assert_eq!(made["meta"]["resourceType"], "Device", "COM-14 RTY-02");
    let path = format!("/Devices/{}", id_of(&made));
    assert_eq!(answer.header("location"), format!("{}/scim/v2{path}", account.base), "CRE-01 LOC-01");
    assert_eq!(get(&account, &path), made, "GET-01 RTY-07");
    check(
        &account,
        [
            ("CHR-20 a unique value", post(), device("s1", bench()), "409 uniqueness"),
            ("PAT-53 PATCH", format!("PATCH {path}"), patch(json!([replace("model", json!("N"))])), "200"),
            (
                "PAT-47 PATCH of what is required",
                format!("PATCH {path}"),
                patch(json!([remove("serial")])),
                "400 mutability",
            ),
            ("RTY-05 the extension stays", format!("PATCH {path}"), patch(json!([remove(LAB)])), "400 mutability"),
            ("PUT-08 PUT", format!("PUT {path}"), device("S2", bench()), "200"),
            ("GET-01 no user", format!("GET /Users/{}", id_of(&made)), Value::Null, "404"),
        ],
    );
    let found = get(&account, &format!("/Devices?filter={}", encoded("serial eq \"s2\"")));
    assert_eq!(column(&found, "model"), ["M"], "FLT-27 RTY-07");
    for (name, filter, count) in [
        ("LST-07 LST-09", "meta.resourceType eq \"Device\"", 1),
        ("LST-08", "serial pr", 1),
        ("LST-08", "urn:example:lab:bench eq \"7\"", 1),
    ] {
        let search = json!({ "schemas": [SEARCH], "filter": filter });
        assert_eq!(done(&account, "POST /.search", search.clone())["totalResults"], json!(count), "{name} {filter}");
        assert_eq!(done(&account, "POST /Devices/.search", search)["totalResults"], json!(count), "SEA-01 {filter}");
    }
    let name = fresh("user");
    make_user(&account, json!({ "userName": name }));
    assert_eq!(done(&account, "POST /.search", json!({ "schemas": [SEARCH] }))["totalResults"], 2, "LST-07");
    ask(&account, &format!("DELETE {path}"), Value::Null).expect(204);
    check(&account, [("DEL-02", format!("GET {path}"), Value::Null, "404")]);
    let other = standard(&server);
    check(&other, [("TEN-03 RTY-07 another account has no such type", "GET /Devices".to_owned(), Value::Null, "404")]);
}
