//! PATCH of users: the vectors of the checklist and what surrounds them (PAT).

use super::{
    Case, ENTERPRISE, NOBODY, PATCH_OP, USER, add, ask, ask_with, check, done, get, id_of, make_user, members, patch,
    remove, replace, standard,
};
use crate::support::{Account, Server};
use serde_json::{Value, json};

/// What becomes of a user.
enum After {
    /// The attributes that are named have these values; null: not there.
    Has(Value),
    /// Nothing changes, `meta` included, and that is success.
    Same,
    /// Refused, and nothing changes.
    Refused(&'static str),
}

use After::{Has, Refused, Same};

/// The lines and the rule, the user before, the operations, the user after.
type Vector = (&'static str, Value, Value, After);

fn run(account: &Account, vectors: Vec<Vector>) {
    for (name, start, operations, after) in vectors {
        let before = make_user(account, start);
        let path = format!("/Users/{}", id_of(&before));
        let answer = ask(account, &format!("PATCH {path}"), patch(operations));
        let left = get(account, &path);
        match after {
            Has(expected) => {
                assert_eq!(answer.status, 200, "{name}: {}", answer.text);
                assert_eq!(answer.json(), left, "{name}: PAT-11 the answer is the entire resource");
                for (attribute, value) in expected.as_object().expect("an object") {
                    assert_eq!(&left[attribute], value, "{name}: {left}");
                }
                assert_ne!(left["meta"]["version"], before["meta"]["version"], "{name}: a change is a new version");
            }
            Same => {
                assert_eq!(answer.status, 200, "{name}: {}", answer.text);
                assert_eq!(left, before, "{name}: PAT-21 PIT-34 nothing changes, no new version");
            }
            Refused(expected) => {
                assert_eq!(super::outcome(answer), expected, "{name}");
                assert_eq!(left, before, "{name}: PAT-08");
            }
        }
    }
}

fn mail(value: &str) -> Value {
    json!({ "value": value })
}

fn typed(kind: &str, value: &str) -> Value {
    json!({ "type": kind, "value": value })
}

const WORK: &str = "emails[type eq \"work\"]";
const WORK_VALUE: &str = "emails[type eq \"work\"].value";

/// Appendix 2 of the checklist, users.
#[test]
fn the_vectors_of_the_checklist() {
    let server = Server::start();
    let account = standard(&server);
    make_user(&account, json!({ "userName": "taken" }));
    let name = || json!({ "name": { "givenName": "A", "familyName": "F" } });
    let one = || json!({ "emails": [mail("a@x.example")] });
    let two = || json!({ "emails": [typed("work", "a@x.example"), typed("home", "b@x.example")] });
    let home = || json!({ "emails": [typed("home", "b@x.example")] });
    let both = json!({ "emails": [mail("a@x.example"), mail("b@x.example")] });
    let department = format!("{ENTERPRISE}:department");
    run(
        &account,
        vec![
            ("PAT-33 add to nothing", json!({}), json!([add("nickName", json!("B"))]), Has(json!({ "nickName": "B" }))),
            (
                "PAT-34 add to a value",
                json!({ "nickName": "A" }),
                json!([add("nickName", json!("B"))]),
                Has(json!({ "nickName": "B" })),
            ),
            ("PAT-36 append", one(), json!([add("emails", json!([mail("b@x.example")]))]), Has(both.clone())),
            ("PAT-37 append again", one(), json!([add("emails", json!([mail("a@x.example")]))]), Same),
            (
                "PAT-14 PIT-33 one primary",
                json!({ "emails": [{ "value": "a@x.example", "primary": true }] }),
                json!([add("emails", json!([{ "value": "b@x.example", "primary": true }]))]),
                Has(
                    json!({ "emails": [{ "value": "a@x.example", "primary": false }, { "value": "b@x.example", "primary": true }] }),
                ),
            ),
            (
                "PAT-35 add to a complex one",
                name(),
                json!([add("name", json!({ "givenName": "B" }))]),
                Has(json!({ "name": { "familyName": "F", "givenName": "B" } })),
            ),
            (
                "PAT-56 replace in a complex one",
                name(),
                json!([replace("name", json!({ "givenName": "B" }))]),
                Has(json!({ "name": { "familyName": "F", "givenName": "B" } })),
            ),
            (
                "PAT-54 replace all",
                both.clone(),
                json!([replace("emails", json!([mail("c@x.example")]))]),
                Has(json!({ "emails": [mail("c@x.example")] })),
            ),
            (
                "PAT-59 replace by filter",
                two(),
                json!([replace(WORK_VALUE, json!("c@x.example"))]),
                Has(
                    json!({ "emails": [{ "value": "c@x.example", "type": "work" }, { "value": "b@x.example", "type": "home" }] }),
                ),
            ),
            (
                "PAT-60 CON-03 no match",
                home(),
                json!([replace(WORK_VALUE, json!("c@x.example"))]),
                Refused("400 noTarget"),
            ),
            (
                "PAT-57 PAT-59 PIT-20 all that match",
                json!({ "emails": [typed("work", "a@x.example"), typed("work", "b@x.example")] }),
                json!([replace(&format!("{WORK}.display"), json!("d"))]),
                Has(json!({ "emails": [
                    { "value": "a@x.example", "display": "d", "type": "work" },
                    { "value": "b@x.example", "display": "d", "type": "work" },
                ] })),
            ),
            (
                "PAT-45 remove by filter",
                two(),
                json!([remove(WORK)]),
                Has(json!({ "emails": [{ "value": "b@x.example", "type": "home" }] })),
            ),
            (
                "PAT-45 remove the last",
                json!({ "emails": [typed("work", "a@x.example")] }),
                json!([remove(WORK)]),
                Has(json!({ "emails": null })),
            ),
            ("PAT-49 CON-03 remove what is not there", home(), json!([remove(WORK)]), Same),
            ("PAT-42 PAT-06 remove without path", one(), json!([{ "op": "remove" }]), Refused("400 noTarget")),
            ("PAT-47 remove what is required", one(), json!([remove("userName")]), Refused("400 mutability")),
            ("PAT-09 CHR-03 id", one(), json!([replace("id", json!("x"))]), Refused("400 mutability")),
            (
                "PAT-09 CHR-03 meta",
                one(),
                json!([replace("meta.created", json!("2001-01-01T00:00:00Z"))]),
                Refused("400 mutability"),
            ),
            (
                "PAT-09 CHR-03 groups",
                one(),
                json!([replace("groups", json!([{ "value": NOBODY }]))]),
                Refused("400 mutability"),
            ),
            ("PAT-62 another type", one(), json!([replace("active", json!("yes"))]), Refused("400 invalidValue")),
            (
                "PAT-23 PAT-24 a broken path",
                one(),
                json!([replace("emails[type eq", json!("x"))]),
                Refused("400 invalidPath"),
            ),
            (
                "PAT-08 PIT-32 all or nothing",
                one(),
                json!([replace("nickName", json!("X")), remove("userName")]),
                Refused("400 mutability"),
            ),
            (
                "PAT-16 ENT-01 an extension",
                json!({}),
                json!([add(&department, json!("D"))]),
                Has(json!({ "schemas": [USER, ENTERPRISE], ENTERPRISE: { "department": "D" } })),
            ),
            ("CHR-21 a taken name", json!({}), json!([replace("userName", json!("TAKEN"))]), Refused("409 uniqueness")),
            (
                "PAT-55 replace what is unassigned",
                json!({}),
                json!([replace("title", json!("T"))]),
                Has(json!({ "title": "T" })),
            ),
            (
                "PAT-61 MOD-31 replace by null",
                json!({ "title": "T" }),
                json!([replace("title", Value::Null)]),
                Has(json!({ "title": null })),
            ),
        ],
    );
}

#[test]
fn operations_in_order_and_as_a_whole() {
    let server = Server::start();
    let account = standard(&server);
    make_user(&account, json!({ "userName": "held" }));
    let urn = |op: &str| json!({ "op": op, "path": "schemas", "value": [ENTERPRISE] });
    let division = format!("{ENTERPRISE}:division");
    run(
        &account,
        vec![
            (
                "PAT-07 each upon the one before",
                json!({}),
                json!([
                    add("title", json!("A")),
                    replace("title", json!("B")),
                    remove("title"),
                    add("title", json!("C"))
                ]),
                Has(json!({ "title": "C" })),
            ),
            (
                "PAT-10 the final state counts",
                json!({}),
                json!([replace("userName", json!("held")), replace("userName", json!("pat-10"))]),
                Has(json!({ "userName": "pat-10" })),
            ),
            (
                "PAT-10 CHR-15 nothing required is missing",
                json!({}),
                json!([replace("userName", json!(" "))]),
                Refused("400 invalidValue"),
            ),
            (
                "PAT-21 there and back",
                json!({ "title": "A" }),
                json!([replace("title", json!("B")), replace("title", json!("A"))]),
                Same,
            ),
            ("PAT-50 remove what is unassigned", json!({}), json!([remove("title")]), Same),
            ("PAT-43 remove a value", json!({ "title": "A" }), json!([remove("title")]), Has(json!({ "title": null }))),
            (
                "PAT-44 remove all values",
                json!({ "emails": [mail("a@x.example")] }),
                json!([remove("emails")]),
                Has(json!({ "emails": null })),
            ),
            (
                "PAT-46 a sub-attribute",
                json!({ "emails": [typed("work", "a@x.example")] }),
                json!([remove(&format!("{WORK}.type"))]),
                Has(json!({ "emails": [mail("a@x.example")] })),
            ),
            (
                "PAT-18 the last attribute of an extension",
                json!({ ENTERPRISE: { "division": "D" } }),
                json!([remove(&division)]),
                Has(json!({ "schemas": [USER], ENTERPRISE: null })),
            ),
            (
                "PAT-17 PAT-18 the URN of an extension",
                json!({ ENTERPRISE: { "division": "D" } }),
                json!([remove(&format!("schemas[value eq \"{ENTERPRISE}\"]"))]),
                Has(json!({ "schemas": [USER], ENTERPRISE: null })),
            ),
            (
                "PAT-17 schemas first, data then",
                json!({}),
                json!([urn("add"), add(&division, json!("D"))]),
                Has(json!({ "schemas": [USER, ENTERPRISE], ENTERPRISE: { "division": "D" } })),
            ),
            (
                "PAT-29 a whole extension",
                json!({ ENTERPRISE: { "division": "D" } }),
                json!([remove(ENTERPRISE)]),
                Has(json!({ ENTERPRISE: null })),
            ),
            (
                "PAT-13 PAT-52 PIT-03 without path, keys are paths",
                json!({ "nickName": "N" }),
                json!([{ "op": "replace", "value": { "title": "T", "name.givenName": "G", division.as_str(): "D" } }]),
                Has(
                    json!({ "nickName": "N", "title": "T", "name": { "givenName": "G" }, ENTERPRISE: { "division": "D" } }),
                ),
            ),
            (
                "PIT-21 a text with spaces",
                json!({}),
                json!([add("title", json!("Vice President of Sales"))]),
                Has(json!({ "title": "Vice President of Sales" })),
            ),
            (
                "PAT-30 an empty path",
                json!({}),
                json!([{ "op": "add", "path": "", "value": { "title": "T" } }]),
                Has(json!({ "title": "T" })),
            ),
            ("PAT-31 no value", json!({}), json!([{ "op": "add", "path": "title" }]), Refused("400 invalidValue")),
            ("PAT-32 no object", json!({}), json!([{ "op": "add", "value": "title" }]), Refused("400 invalidValue")),
            (
                "PAT-15 MOD-28 two primary values",
                json!({}),
                json!([add("emails", json!([{ "value": "a", "primary": true }, { "value": "b", "primary": true }]))]),
                Refused("400 invalidValue"),
            ),
            (
                "PAT-25 an unknown attribute",
                json!({}),
                json!([add("shoeSize", json!(42))]),
                Refused("400 invalidValue"),
            ),
            (
                "PAT-27 a filter on one value",
                json!({}),
                json!([replace("title[value eq \"x\"]", json!("T"))]),
                Refused("400 invalidPath"),
            ),
            ("PIT-14 PAT-02 no operation", json!({}), json!([]), Refused("400 invalidSyntax")),
            (
                "PAT-04 move",
                json!({}),
                json!([{ "op": "move", "path": "title", "from": "nickName" }]),
                Refused("400 invalidSyntax"),
            ),
            ("PAT-04 JSON Pointer", json!({}), json!([replace("/title", json!("T"))]), Refused("400 invalidPath")),
            (
                "PAT-04 an index",
                json!({ "emails": [mail("a@x.example")] }),
                json!([remove("emails[0]")]),
                Refused("400 invalidPath"),
            ),
            (
                "PAT-05 PIT-01 op in any case",
                json!({}),
                json!([{ "op": "Add", "path": "TITLE", "value": "T" }]),
                Has(json!({ "title": "T" })),
            ),
            (
                "PIT-02 a boolean as a text",
                json!({}),
                json!([replace("active", json!("False"))]),
                Has(json!({ "active": false })),
            ),
        ],
    );
}

#[test]
fn pit_06_a_manager_as_a_text_is_its_value() {
    let server = Server::start();
    let account = standard(&server);
    let boss = id_of(&make_user(&account, json!({})));
    let path = format!("PATCH /Users/{}", id_of(&make_user(&account, json!({}))));
    let operation = json!({ "op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": boss });
    let user = done(&account, &path, patch(json!([operation])));
    assert_eq!(user[ENTERPRISE]["manager"]["value"], json!(boss), "PIT-06 ENT-04");
}

#[test]
fn messages_that_are_no_patch() {
    let server = Server::start();
    let account = standard(&server);
    let id = id_of(&make_user(&account, json!({})));
    let path = format!("PATCH /Users/{id}");
    let operations = json!([add("title", json!("T"))]);
    let case = |name, body: Value| -> Case<'static> { (name, path.clone(), body, "400 invalidSyntax") };
    check(
        &account,
        [
            case("PAT-01 PAT-03 no schemas", json!({ "Operations": operations })),
            case("PAT-01 another message", json!({ "schemas": [super::SEARCH], "Operations": operations })),
            case("PAT-02 PAT-03 no operations", json!({ "schemas": [PATCH_OP] })),
            case("PAT-02 an object", json!({ "schemas": [PATCH_OP], "Operations": {} })),
            case(
                "PAT-03 PAT-04 no op",
                json!({ "schemas": [PATCH_OP], "Operations": [{ "path": "title", "value": "T" }] }),
            ),
            case("PAT-03 no message", json!([])),
            (
                "PAT-05 Operations in any case",
                path.clone(),
                json!({ "schemas": [PATCH_OP], "operations": operations }),
                "200",
            ),
        ],
    );
}

#[test]
fn pat_12_what_is_asked_for_comes_back() {
    let server = Server::start();
    let account = standard(&server);
    let user = make_user(&account, json!({ "title": "T", "nickName": "N" }));
    let path = format!("PATCH /Users/{}", id_of(&user));
    let change = patch(json!([replace("title", json!("U"))]));
    let shaped = done(&account, &format!("{path}?attributes=title"), change.clone());
    assert_eq!(members(&shaped), ["id", "schemas", "title"], "PAT-12");
    let shaped = done(&account, &format!("{path}?excludedAttributes=title,meta"), change.clone());
    assert_eq!(members(&shaped), ["active", "id", "nickName", "schemas", "userName"], "PAT-13");
    let stale = ask_with(&account, &path, &[("if-match", "W/\"1\"")], patch(json!([remove("title")])));
    assert_eq!(super::outcome(stale), "412", "PAT-20 ETG-06");
    let current = ask(&account, &format!("GET {}", &path[6..]), Value::Null);
    assert_eq!(current.json()["title"], "U", "PAT-20 nothing has changed");
    let answer =
        ask_with(&account, &path, &[("if-match", current.header("etag"))], patch(json!([remove("title")]))).expect(200);
    assert_eq!(answer.json()["meta"]["version"], json!(answer.header("etag")), "ETG-02");
    ask(&account, &format!("PATCH /Users/{NOBODY}"), change).error(404)["detail"].as_str().expect("PAT-19");
}
