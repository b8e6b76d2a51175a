//! Filters over HTTP: the vectors of the checklist, and what filters see (FLT).

use super::{Case, ENTERPRISE, SEARCH, USER, ask, check, column, done, get, id_of, make_user, patch, standard};
use crate::support::{Account, Server, encoded};
use serde_json::{Value, json};

/// The users that the vectors are asked of, by `userName`.
fn people(account: &Account) {
    let boss = id_of(&make_user(account, json!({ "userName": "boss" })));
    for (name, attributes) in [
        (
            "bjensen",
            json!({
                "name": { "familyName": "O'Malley", "givenName": "Barbara" }, "title": "Tour Guide", "userType": "Employee",
                "emails": [{ "type": "work", "value": "bjensen@example.com" }, { "type": "home", "value": "babs@jensen.org" }],
                ENTERPRISE: { "manager": { "value": boss } },
            }),
        ),
        (
            "jsmith",
            json!({
                "userType": "Intern", "emails": [{ "type": "home", "value": "j@example.com" }],
                "ims": [{ "type": "xmpp", "value": "j@foo.com" }],
            }),
        ),
        ("Juno", json!({ "userType": "Intern", "active": true, "externalId": "701984", "displayName": "é" })),
        ("quoted", json!({ "displayName": "a \"quoted\" \\ name (x) [y] and z" })),
        (
            "idle",
            json!({ "userType": "Intern", "active": false, "emails": [{ "type": "work", "value": "i@example.org" }] }),
        ),
    ] {
        let mut attributes = attributes;
        attributes["userName"] = json!(name);
        make_user(account, attributes);
    }
    super::make_group(account, &[&boss]);
}

/// Appendix 1 of the checklist: every filter that is valid, and whom it finds.
#[test]
fn the_valid_vectors_of_the_checklist() {
    let server = Server::start();
    let account = standard(&server);
    people(&account);
    let boss = column(&account.find("userName eq \"boss\""), "id").remove(0);
    let manager = format!("{ENTERPRISE}:manager.value eq \"{boss}\"");
    let of = |names: &'static [&'static str]| names.to_vec();
    const ALL: &[&str] = &["boss", "bjensen", "jsmith", "Juno", "quoted", "idle"];
    for (name, filter, found) in [
        ("FLT-27", "userName eq \"bjensen\"", of(&["bjensen"])),
        ("FLT-01 MOD-01 PIT-18", "USERNAME EQ \"BJENSEN\"", of(&["bjensen"])),
        ("FLT-16 FLT-27", "name.familyName co \"O'Malley\"", of(&["bjensen"])),
        ("FLT-16", "urn:ietf:params:scim:schemas:core:2.0:User:userName sw \"J\"", of(&["jsmith", "Juno"])),
        ("FLT-16", manager.as_str(), of(&["bjensen"])),
        ("FLT-02", "title pr and userType eq \"Employee\"", of(&["bjensen"])),
        ("FLT-02", "title pr or userType eq \"Intern\" and active eq true", of(&["bjensen", "jsmith", "Juno"])),
        ("FLT-03 FLT-36", "not (userType eq \"Employee\")", of(&["boss", "jsmith", "Juno", "quoted", "idle"])),
        ("FLT-04", "not(userType eq \"Employee\")", of(&["boss", "jsmith", "Juno", "quoted", "idle"])),
        (
            "FLT-35 FLT-22",
            "userType ne \"Employee\" and not (emails co \"example.com\" or emails.value co \"example.org\")",
            of(&["boss", "Juno", "quoted"]),
        ),
        (
            "FLT-20 FLT-21",
            "emails[type eq \"work\" and value co \"@example.com\"] or ims[type eq \"xmpp\" and value co \"@foo.com\"]",
            of(&["bjensen", "jsmith"]),
        ),
        (
            "FLT-21",
            "emails[type eq \"work\" or (type eq \"home\" and value ew \"@example.com\")]",
            of(&["bjensen", "jsmith", "idle"]),
        ),
        ("FLT-10 FLT-21", "emails[not (type eq \"home\")]", of(&["bjensen", "idle"])),
        ("FLT-18", "schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"", of(&["bjensen"])),
        ("FLT-17 FLT-29", "meta.lastModified ge \"2011-05-13T04:42:34Z\"", of(ALL)),
        ("FLT-06 PIT-16", r#"displayName eq "a \"quoted\" \\ name (x) [y] and z""#, of(&["quoted"])),
        ("FLT-06", r#"displayName eq "\u00e9""#, of(&["Juno"])),
        ("FLT-34", "externalId eq null", of(&["boss", "bjensen", "jsmith", "quoted", "idle"])),
        ("FLT-34", "externalId ne null", of(&["Juno"])),
        ("FLT-02", "((userName pr))", of(ALL)),
        ("FLT-05", "userName  eq\"bjensen\"  ", of(&["bjensen"])),
        ("FLT-14 PIT-09", "emails[type eq \"work\"].value eq \"bjensen@example.com\"", of(&["bjensen"])),
        ("FLT-19", "emails.type eq \"work\" and emails.value co \"@jensen\"", of(&["bjensen"])),
        ("FLT-20", "emails[type eq \"work\" and value co \"@jensen\"]", of(&[])),
        ("FLT-19 FLT-35 ne is true if some value differs", "emails.type ne \"work\"", of(&["bjensen", "jsmith"])),
        ("FLT-28", "active pr", of(ALL)),
        ("FLT-32", "meta.created gt \"2011-05-13T06:42:34+02:00\"", of(ALL)),
    ] {
        let mut filters = vec![column(&account.find(filter), "userName")];
        let search = json!({ "schemas": [SEARCH], "filter": filter });
        filters.push(column(&done(&account, "POST /Users/.search", search), "userName"));
        for names in filters {
            assert_eq!(names, found, "{name}: {filter}");
        }
    }
    let groups = get(&account, &format!("/Groups?filter={}", encoded("members[$ref pr]")));
    assert_eq!(groups["totalResults"], 1, "PIT-22 MOD-03 FLT-21");
}

/// Appendix 1 of the checklist: every filter that is not valid; none of them finds everybody.
#[test]
fn the_invalid_vectors_of_the_checklist() {
    let server = Server::start();
    let account = standard(&server);
    people(&account);
    let id = column(&account.find("userName eq \"boss\""), "id").remove(0);
    for (name, filter) in [
        ("FLT-09 empty", ""),
        ("FLT-09", "userName"),
        ("FLT-09", "userName eq"),
        ("FLT-08 CON-11 unquoted", "userName eq bjensen"),
        ("FLT-08 single quotes", "userName eq 'bjensen'"),
        ("FLT-11 another operator", "userName = \"x\""),
        ("FLT-11 an operator that is none", "userName regex \"^b\""),
        ("FLT-09", "eq \"x\""),
        ("FLT-06 FLT-09", "userName eq \"unterminated"),
        ("FLT-02", "(userName pr"),
        ("FLT-02", "userName pr)"),
        ("PIT-17 FLT-09", "userName pr and"),
        ("PIT-17 FLT-09", "and userName pr"),
        ("FLT-03", "not userName pr"),
        ("FLT-09", "emails[type eq \"work\""),
        ("FLT-09", "emails[]"),
        ("FLT-13", "emails[a eq 1 and b[c eq 2]]"),
        ("FLT-13", "emails[type eq \"work\" and value[display eq \"x\"]]"),
        ("FLT-30", "active gt true"),
        ("FLT-30", "x509Certificates.value lt \"AA\""),
        ("PIT-17 FLT-09", "userName eq \"x\" userName pr"),
        ("FLT-07", "userName eq 01"),
        ("FLT-06", "userName eq \"\\x\""),
        ("FLT-23", "name eq \"x\""),
        ("FLT-09", "userName..x eq \"y\""),
        ("FLT-09", ".userName eq \"x\""),
        ("FLT-24", "shoeSize pr"),
        ("FLT-12 PIT-23", "never pr"),
        ("FLT-12 PIT-23", "order eq \"x\""),
        ("FLT-12 PIT-23", "notes eq \"x\""),
        ("FLT-31", "active co \"t\""),
        ("FLT-31", "meta.created sw \"2011\""),
        ("FLT-33", "userName eq 5"),
        ("FLT-33", "meta.created gt \"yesterday\""),
        ("FLT-26 CHR-10 USR-16 SEC-13 what nobody may read", "password eq \"x\""),
        ("FLT-26 USR-16 nor whether it is there", "password pr"),
    ] {
        let answer = ask(&account, &format!("GET /Users?filter={}", encoded(filter)), Value::Null);
        assert_eq!(super::outcome(answer), "400 invalidFilter", "{name}: {filter}");
        let search = json!({ "schemas": [SEARCH], "filter": filter });
        let error = ask(&account, "POST /Users/.search", search).error(400);
        assert_eq!(error["scimType"], "invalidFilter", "{name}: {filter}");
        assert!(error["detail"].as_str().is_some_and(|detail| detail.len() > 15), "FLT-11 ERR-04 {error}");
        let operation = json!({ "op": "remove", "path": format!("emails[{filter}]") });
        let answer = ask(&account, &format!("PATCH /Users/{id}"), patch(json!([operation])));
        assert!(answer.status == 400 || name == "FLT-24", "PAT-24 {name}: {filter}: {}", answer.text);
    }
    let search = |filter: String| json!({ "schemas": [SEARCH], "filter": filter });
    let post = || "POST /Users/.search".to_owned();
    let deep = format!("{}userName pr{}", "(".repeat(500), ")".repeat(500));
    let long = format!("userName eq \"{}\"", "x".repeat(100_000));
    let wide = vec!["userName pr"; 2_000].join(" or ");
    check(
        &account,
        [
            ("FLT-15 SEC-11 too deep", post(), search(deep), "400 invalidFilter"),
            ("FLT-15 SEC-11 too long", post(), search(long), "400 invalidFilter"),
            ("FLT-15 SEC-11 too many terms", post(), search(wide), "400 invalidFilter"),
        ],
    );
}

#[test]
fn flt_12_words_that_begin_as_operators_do() {
    let server = Server::start();
    let account = standard(&server);
    // At the root an attribute that no type has is unassigned, so that it can be told from a fault of syntax.
    for attribute in ["never", "order", "prefix", "notes", "android", "nothing", "eq", "pr", "and1"] {
        let search = json!({ "schemas": [SEARCH], "filter": format!("{attribute} pr or {attribute} eq \"x\"") });
        let case: Case<'static> = ("FLT-12 PIT-23 LST-08", "POST /.search".to_owned(), search, "200");
        check(&account, [case]);
    }
}

#[test]
fn flt_25_filters_see_what_was_returned() {
    let server = Server::start();
    let account = standard(&server);
    let user = make_user(&account, json!({ "password": "geheim-1234" }));
    assert_eq!(user["active"], true, "CRE-05 a default is returned");
    for (filter, found) in [("active eq true", 1), ("active pr", 1), ("active eq false", 0)] {
        assert_eq!(account.find(filter)["totalResults"], json!(found), "FLT-25 {filter}");
    }
    let upper = format!("{}:USERNAME pr", USER.to_uppercase());
    assert_eq!(account.find(&upper)["totalResults"], 1, "FLT-01 MOD-01 a URN has no case");
}

#[test]
fn flt_37_texts_compare_in_prepared_form() {
    let server = Server::start();
    let account = standard(&server);
    make_user(&account, json!({ "userName": "Ångström", "title": "Caf\u{e9}" }));
    for (filter, found) in [
        ("userName eq \"a\u{30a}ngstro\u{308}m\"", 1),
        ("userName eq \"ÅNGSTRÖM\"", 1),
        ("title eq \"cafe\u{301}\"", 1),
        ("title ew \"FE\u{301}\"", 1),
        ("title eq \"cafe\"", 0),
    ] {
        assert_eq!(account.find(filter)["totalResults"], json!(found), "FLT-37 I18-07 {filter}");
    }
}
