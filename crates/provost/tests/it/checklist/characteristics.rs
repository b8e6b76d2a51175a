//! What mutability, required, uniqueness and caseExact do to each verb (CHR).

use super::{
    Case, ENTERPRISE, GROUP, NOBODY, USER, add, check, fresh, get, id_of, make_group, make_user, new_user, patch,
    remove, replace, standard,
};
use crate::support::{Server, encoded};
use serde_json::{Value, json};

#[test]
fn uniqueness_of_user_name_holds_for_every_verb() {
    let server = Server::start();
    let account = standard(&server);
    let (taken, free) = (fresh("Taken"), fresh("other"));
    make_user(&account, json!({ "userName": taken }));
    let id = id_of(&make_user(&account, json!({ "userName": free })));
    let named = |name: &str| json!({ "schemas": [USER], "userName": name });
    let (put, patched) = (format!("PUT /Users/{id}"), format!("PATCH /Users/{id}"));
    let post = || "POST /Users".to_owned();
    let cases: Vec<Case<'static>> = vec![
        ("CRE-06 CHR-20 CHR-21 CON-01 POST", post(), named(&taken), "409 uniqueness"),
        ("CRE-07 in another case", post(), named(&taken.to_lowercase()), "409 uniqueness"),
        ("PUT-10 CHR-21 PIT-31 PUT", put.clone(), named(&taken.to_uppercase()), "409 uniqueness"),
        ("CHR-21 PIT-31 PATCH", patched.clone(), patch(json!([replace("userName", json!(taken))])), "409 uniqueness"),
        (
            "CHR-21 PATCH without path",
            patched.clone(),
            patch(json!([{ "op": "add", "value": { "userName": taken } }])),
            "409 uniqueness",
        ),
        ("CHR-22 the own name again", put.clone(), named(&free), "200"),
        ("CHR-22 the own name in another case", put, named(&free.to_uppercase()), "200"),
        ("CHR-22 by PATCH", patched, patch(json!([replace("userName", json!(free))])), "200"),
        ("CHR-20 displayName is not unique", post(), new_user(json!({ "displayName": "Same" })), "201"),
        ("CHR-20 displayName again", post(), new_user(json!({ "displayName": "Same" })), "201"),
    ];
    check(&account, cases);
    assert_eq!(account.find(&format!("userName eq \"{taken}\""))["totalResults"], 1, "nothing was made");
}

#[test]
fn mutability_decides_what_each_verb_may_do() {
    let server = Server::start();
    let account = standard(&server);
    let id = id_of(&make_user(&account, json!({ "title": "T" })));
    let read_only = json!({
        "id": "x", "meta": { "created": "2001-01-01T00:00:00Z" }, "groups": [{ "value": "x" }],
        ENTERPRISE: { "manager": { "value": id, "displayName": "Invented" } },
    });
    let mut body = new_user(read_only);
    let made = super::done(&account, "POST /Users", body.clone());
    assert_ne!(made["id"], "x", "CHR-01 CRE-04");
    assert_eq!(made.get("groups"), None, "CHR-01 CRE-04 groups are computed");
    assert_ne!(made[ENTERPRISE]["manager"]["displayName"], "Invented", "CRE-04 ENT-02");
    body["meta"]["version"] = json!("W/\"99\"");
    let put = super::done(&account, &format!("PUT /Users/{}", id_of(&made)), body);
    assert_eq!(put, made, "CHR-02 PUT-05 PUT-09 PUT-13 nothing that counts has changed");

    let path = format!("PATCH /Users/{id}");
    let refused = [
        ("CHR-03 id", replace("id", json!("x"))),
        ("CHR-03 meta", replace("meta.created", json!("2001-01-01T00:00:00Z"))),
        ("CHR-03 groups", add("groups", json!([{ "value": "x" }]))),
        ("CHR-03 removal", remove("groups")),
        ("CHR-03 PAT-09 manager's name", replace(&format!("{ENTERPRISE}:manager.displayName"), json!("X"))),
        ("CHR-04 in a value", json!({ "op": "replace", "value": { "id": NOBODY, "title": "X" } })),
    ];
    for (name, operation) in refused {
        check(&account, [(name, path.clone(), patch(json!([operation])), "400 mutability")]);
    }
    let unchanged = json!({ "op": "replace", "value": { "id": id, "title": "U" } });
    check(&account, [("CHR-04 PIT-10 the id as it is", path, patch(json!([unchanged])), "200")]);
    assert_eq!(get(&account, &format!("/Users/{id}"))["title"], "U");
}

#[test]
fn required_attributes_must_be_there() {
    let server = Server::start();
    let account = standard(&server);
    let id = id_of(&make_user(&account, json!({})));
    let put = format!("PUT /Users/{id}");
    let post = || "POST /Users".to_owned();
    check(
        &account,
        [
            ("CHR-15 CRE-09 POST", post(), json!({ "schemas": [USER], "title": "T" }), "400 invalidValue"),
            ("CHR-15 PUT-07 PUT", put, json!({ "schemas": [USER], "title": "T" }), "400 invalidValue"),
            ("CHR-15 null", post(), json!({ "schemas": [USER], "userName": null }), "400 invalidValue"),
            ("GRP-02 CON-08 a group", "POST /Groups".to_owned(), json!({ "schemas": [GROUP] }), "400 invalidValue"),
            ("CHR-17 id is not demanded", post(), new_user(json!({})), "201"),
        ],
    );
}

#[test]
fn case_exact_decides_in_filters() {
    let server = Server::start();
    let account = standard(&server);
    let user =
        make_user(&account, json!({ "externalId": "aB", "profileUrl": "https://A.example/Path", "title": "aB" }));
    let group = make_group(&account, &[user["id"].as_str().expect("an id")]);
    let upper = id_of(&user).to_uppercase();
    for (name, filter, found) in [
        ("CHR-18 caseExact", r#"externalId eq "AB""#.to_owned(), 0),
        ("CHR-18 as submitted", r#"externalId eq "aB""#.to_owned(), 1),
        ("CHR-18 not caseExact", r#"title eq "Ab""#.to_owned(), 1),
        ("CHR-18 a reference", r#"profileUrl eq "https://a.example/path""#.to_owned(), 0),
        ("CHR-18 groups.value", format!("groups.value eq \"{}\"", group.to_uppercase()), 0),
    ] {
        assert_eq!(account.find(&filter)["totalResults"], json!(found), "{name}");
    }
    let list = get(&account, &format!("/Groups?filter={}", encoded(&format!("members.value eq \"{upper}\""))));
    assert_eq!(list["totalResults"], 0, "CHR-18 members.value");
}

#[test]
fn chr_25_references_must_lead_somewhere() {
    let server = Server::start();
    let account = standard(&server);
    let user = id_of(&make_user(&account, json!({})));
    let group = make_group(&account, &[]);
    let with = |member: Value| json!({ "schemas": [GROUP], "displayName": fresh("group"), "members": [member] });
    let case =
        |name, member: Value| -> Case<'static> { (name, "POST /Groups".to_owned(), with(member), "400 invalidValue") };
    check(
        &account,
        [
            case("CHR-25 MOD-20 nobody", json!({ "value": NOBODY })),
            case("CHR-25 no id at all", json!({ "value": "x" })),
            case("CHR-25 GRP-07 type contradicts value", json!({ "value": user, "type": "Group" })),
        ],
    );
    let uri = format!("{}/scim/v2/Groups/{group}", account.base);
    let made = super::done(&account, "POST /Groups", with(json!({ "value": user, "$ref": uri })));
    let member = &made["members"][0];
    assert_eq!((&member["value"], &member["type"]), (&json!(user), &json!("User")), "CHR-25 $ref is the server's");
}

#[test]
fn chr_10_what_is_write_only_is_never_returned() {
    let server = Server::start();
    let account = standard(&server);
    const SECRET: &str = "t1meMa$heen";
    let made = super::ask(&account, "POST /Users", new_user(json!({ "password": SECRET }))).expect(201);
    let id = id_of(&made.json());
    let patched = patch(json!([replace("password", json!(SECRET))]));
    let search = |body: Value| {
        let mut body = body;
        body["schemas"] = json!([super::SEARCH]);
        body
    };
    let mut answers = vec![made];
    for (request, body) in [
        (format!("GET /Users/{id}"), Value::Null),
        (format!("GET /Users/{id}?attributes=password,userName"), Value::Null),
        (format!("GET /Users/{id}?excludedAttributes=userName"), Value::Null),
        ("GET /Users".to_owned(), Value::Null),
        ("GET /Users?attributes=password".to_owned(), Value::Null),
        ("POST /Users/.search".to_owned(), search(json!({ "attributes": ["password"] }))),
        (format!("PATCH /Users/{id}"), patched.clone()),
        (format!("PATCH /Users/{id}?attributes=password"), patched),
        (format!("PUT /Users/{id}"), new_user(json!({ "password": SECRET }))),
    ] {
        answers.push(super::ask(&account, &request, body).expect(200));
    }
    answers.push(super::ask(&account, "POST /Users", new_user(json!({ "password": SECRET, "active": 7 }))));
    answers.push(super::ask(&account, "POST /Users", new_user(json!({ "password": { "x": SECRET } }))));
    for answer in &answers {
        assert!(!answer.text.contains(SECRET), "CHR-10 CHR-12 USR-12 PIT-28 {}", answer.text);
        assert!(answer.status >= 400 || !answer.text.contains("\"password\""), "USR-12 {}", answer.text);
    }
    assert!(!server.log().contains(SECRET), "SEC-03 PIT-28 no password in the log");
    let audit = account.api("GET", "/audit?limit=200", Value::Null).expect(200).text;
    assert!(!audit.contains(SECRET), "CHR-10 no password in the audit log");
    let mut left = Vec::new();
    for file in std::fs::read_dir(server.data()).expect("the data folder is there") {
        let path = file.expect("an entry").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("a data file can be read");
            if bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()) {
                left.push(path);
            }
        }
    }
    assert!(left.is_empty(), "USR-13 SEC-02 no clear text in {left:?}");
}
