//! What was found in other servers, tried on this one: each test says where it was published.

use crate::support::{Account, Server, encoded, id, request, send};
use serde_json::{Value, json};

/// Texts that an engine of templates, expressions or lookups would compute.
const COMPUTED: [&str; 7] = [
    "${7*191}",
    "#{7*191}",
    "{{7*191}}",
    "<%= 7*191 %>",
    "${jndi:ldap://127.0.0.1:1/a}",
    "${T(java.lang.Runtime).getRuntime()}",
    "$(expr 7 \\* 191)",
];
/// What some of them would come to.
const RESULT: &str = "1337";

#[test]
fn cve_2021_21479_what_a_client_writes_is_never_computed() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    for text in COMPUTED {
        let path = encoded(text);
        for asked in [
            format!("/Schemas/{path}"),
            format!("/ResourceTypes/{path}"),
            format!("/Users/{path}"),
            format!("/{path}"),
            format!("/Users?filter={path}"),
            format!("/Users?filter=userName%20eq%20%22{path}%22"),
            format!("/Users?attributes={path}"),
            format!("/Users?sortBy={path}"),
        ] {
            let answer = account.scim("GET", &asked, Value::Null);
            assert!(answer.status < 500 && !answer.text.contains(RESULT), "{asked}: {}", answer.text);
            send(request("GET", &format!("{}/scim/v2{asked}", server.base))).expect(401);
        }
        let user = account.create(json!({ "userName": text, "title": text }));
        assert_eq!((&user["userName"], &user["title"]), (&json!(text), &json!(text)), "kept as it is");
        let refused = account.patch(&id(&user), json!([{ "op": "replace", "path": text, "value": "x" }])).error(400);
        assert!(!refused.to_string().contains(RESULT), "{refused}");
        let listed = account.api("GET", "/audit?limit=200", Value::Null).expect(200);
        assert!(!listed.text.contains(&format!("\"{RESULT}")), "{}", listed.text);
    }
}

#[test]
fn cve_2025_41115_an_external_id_is_nobodys_id() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let other = server.account(json!("standard"));
    let boss = id(&account.create(json!({ "userName": "boss@a.example" })));
    let foreign = id(&other.create(json!({ "userName": "foreign@b.example" })));
    for (number, external) in ["1", "0", "-1", boss.as_str(), foreign.as_str(), &account.id, "admin"].iter().enumerate()
    {
        let made = account.create(json!({ "userName": format!("u{number}@a.example"), "externalId": external }));
        let (own, external) = (id(&made), json!(external));
        assert!(own != boss && own != foreign && made["externalId"] == external, "{made}");
        // Nothing but the id leads to a user.
        for path in [external.as_str().expect("a text"), made["userName"].as_str().expect("a text")] {
            let answer = account.get(path);
            let is_of_boss = path == boss;
            assert_eq!(answer.status, if is_of_boss { 200 } else { 404 }, "{path}");
        }
    }
    assert_eq!(account.get(&boss).expect(200).json()["userName"], "boss@a.example");
    for chosen in [json!(1), json!("1"), json!(boss)] {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": format!("chosen-{chosen}@a.example"), "id": chosen,
        });
        let answer = account.scim("POST", "/Users", body);
        assert!(answer.status != 201 || answer.json()["id"] != chosen, "ids are given out here: {}", answer.text);
    }
    // A number is no text, and two users do not share one.
    let user = |external: Value| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "x@a.example", "externalId": external,
        })
    };
    account.scim("POST", "/Users", user(json!(1))).error(400);
}

#[test]
fn cve_2022_1680_who_takes_a_user_over_does_not_take_the_address_in_the_same_breath() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let emails = |address: &str| json!([{ "value": address, "primary": true }]);
    // Mail goes to the first of both that is an address: the name, or the primary e-mail.
    let by_name = id(&account.create(json!({ "userName": "ann@a.example", "emails": emails("ann@home.example") })));
    let by_mail = id(&account.create(json!({ "userName": "bob", "emails": emails("bob@a.example") })));
    for user in [&by_name, &by_mail] {
        account.api("POST", &format!("/users/{user}/release"), json!({ "reason": "leaves the directory" })).expect(200);
    }
    let thief = account.api("POST", "/admin-apps", json!({ "name": "Other" })).expect(201).json();
    let thief = account.with_key(thief["api_key"].as_str().expect("a key"));
    let set = |path: &str, value: Value| json!([{ "op": "replace", "path": path, "value": value }]);
    let stolen = "thief@evil.example";
    for (user, operations) in [
        (&by_name, set("userName", json!(stolen))),
        (&by_mail, set("emails", emails(stolen))),
        (&by_mail, set("emails[primary eq true].value", json!(stolen))),
        (&by_mail, set("userName", json!(stolen))),
        (&by_mail, json!([{ "op": "add", "value": { "emails": emails(stolen) } }])),
    ] {
        let refused = thief.patch(user, operations.clone()).error(403);
        assert!(
            refused["detail"].as_str().is_some_and(|said| said.contains("users.existing")),
            "{operations}: {refused}"
        );
    }
    let whole = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bob", "emails": emails(stolen),
    });
    thief.scim("PUT", &format!("/Users/{by_mail}"), whole).error(403);
    assert!(
        !account.get(&by_mail).expect(200).text.contains("evil")
            && !account.get(&by_name).expect(200).text.contains("evil")
    );
    // What is no way in may change with the link, and makes the user managed.
    thief.patch(&by_mail, set("title", json!("T"))).expect(200);
    assert_eq!(account.shown(&by_mail)["managed"], true);
    // From then on the address is the app's to change, has to be proved anew, and the log says who changed it.
    thief.patch(&by_mail, set("emails", emails(stolen))).expect(200);
    assert_eq!(account.shown(&by_mail)["verified"], false);
    assert_eq!(account.audit()[0]["actor"]["name"], "Other");
}

/// Everything that is written of an account, so that no trace of a request can hide.
fn traces(account: &Account) -> String {
    account.api("GET", "/audit?limit=200", Value::Null).expect(200).text
}

#[test]
fn tooljet_16217_no_empty_or_half_token_is_taken() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let halves = account.key.rsplit_once('_').expect("a key has parts");
    let before = traces(&account);
    for token in ["", " ", "null", "undefined", "prv_", "prvop_", halves.0, halves.1, &format!("{} ", halves.0)] {
        for scheme in ["Bearer", "bearer", "Basic", ""] {
            let header = format!("{scheme} {token}");
            for path in ["/scim/v2/Users", "/api/v1/accounts"] {
                let url = format!("{}{path}", server.base);
                let Ok(value) = reqwest::header::HeaderValue::from_str(&header) else { continue };
                assert_eq!(send(request("GET", &url).header("authorization", value)).status, 401, "{header:?}");
            }
        }
    }
    assert_eq!(traces(&account), before);
}
