//! An attacker's day: somebody has stolen the key of an admin app, and tries what can be done with it. Each attempt is stopped and leaves
//! its trace, and the administrators are alerted.

mod hidden;
mod published;

use crate::{
    guards::alerts,
    support::{Account, Answer, Server, encoded, id, request, send},
};
use serde_json::{Value, json};

/// Users whom the stolen key may disable in an hour.
const BRAKE: usize = 3;
/// Users whom it tries to disable.
const VICTIMS: usize = 30;

/// What an account that means it has switched on.
fn guarded() -> Value {
    json!({
        "preset": "standard",
        "users": { "verification": "required" },
        "roles": { "meaning": "grant" },
        "guards": ["last_admin", "rank"],
        "credentials": { "ownership": "exclusive" },
        "brake": { "changes_per_hour": BRAKE },
        "alerts": { "failure_percent": 40, "leavers_per_hour": BRAKE },
    })
}

/// An account with an administrator, users whom the stolen key manages, one whom another app does, and what the thief holds.
struct Scene {
    server: Server,
    account: Account,
    thief: Account,
    victims: Vec<String>,
    administrator: String,
    foreign: String,
}

fn scene() -> Scene {
    let server = Server::start();
    let account = server.account(guarded());
    let boss = json!({ "email": "boss@acme.example", "roles": ["ACCOUNTADMINISTRATOR"] });
    let administrator = id(&account.api("POST", "/users", boss).expect(201).json());
    account.api("PATCH", &format!("/users/{administrator}"), json!({ "verified": true })).expect(200);
    let okta = account.api("POST", "/admin-apps", json!({ "name": "Okta" })).expect(201).json();
    let okta = account.with_key(okta["api_key"].as_str().expect("a key"));
    let foreign = id(&okta.create(json!({ "userName": "okta@acme.example" })));
    let ceiling = json!({ "role_ceiling": "ACCOUNTMEMBER" });
    account.api("PATCH", &format!("/admin-apps/{}", account.app), ceiling).expect(200);
    let user =
        |number| json!({ "userName": format!("u{number}@acme.example"), "roles": [{ "value": "ACCOUNTMEMBER" }] });
    let victims: Vec<String> = (0..VICTIMS).map(|number| id(&account.create(user(number)))).collect();
    for victim in &victims {
        account.api("PATCH", &format!("/users/{victim}"), json!({ "verified": true })).expect(200);
    }
    let thief = account.with_key(&account.key);
    Scene { server, account, thief, victims, administrator, foreign }
}

fn patch(thief: &Account, user: &str, path: &str, value: Value) -> Answer {
    thief.patch(user, json!([{ "op": "replace", "path": path, "value": value }]))
}

/// How often the audit log has an action refused, by this field of the policy if one is named.
fn refused(account: &Account, action: &str, field: Option<&str>) -> usize {
    let entries = account.api("GET", &format!("/audit?outcome=failure&action={action}&limit=200"), Value::Null);
    let entries = entries.expect(200).json();
    let entries = entries["items"].as_array().expect("a list").clone();
    entries.iter().filter(|entry| field.is_none_or(|field| entry["reason"]["policyField"] == field)).count()
}

#[test]
fn s_77_s_78_a_mass_disable_is_braked_recorded_and_alerted_to() {
    let Scene { server: _server, account, thief, victims, .. } = scene();
    let statuses: Vec<u16> =
        victims.iter().map(|victim| patch(&thief, victim, "active", json!(false)).status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), BRAKE);
    assert!(statuses[BRAKE..].iter().all(|status| *status == 429), "{statuses:?}");
    let deleted = thief.scim("DELETE", &format!("/Users/{}", victims[BRAKE]), Value::Null);
    deleted.error(429);
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{ "method": "DELETE", "path": format!("/Users/{}", victims[BRAKE]) }],
    });
    let bulk = thief.scim("POST", "/Bulk", bulk).expect(200).json();
    assert_eq!(bulk["Operations"][0]["status"], json!("429"), "nor in bulk: {bulk}");
    let enabled = account.api("GET", "/users?active=true&limit=200", Value::Null).expect(200).json();
    assert_eq!(enabled["items"].as_array().map(Vec::len), Some(VICTIMS - BRAKE + 2), "the others keep their access");
    assert_eq!(refused(&account, "user.update", Some("brake.changes_per_hour")), VICTIMS - BRAKE);
    assert_eq!(refused(&account, "user.delete", Some("brake.changes_per_hour")), 2);
    let raised = alerts(&account, |causes| {
        ["brake", "failure_rate", "leavers"].iter().all(|cause| causes.iter().any(|raised| raised == cause))
    });
    assert!(raised.iter().all(|alert| alert["app"] == json!(account.app)), "{raised:?}");
    // Revoking the key ends it at once, and administrators undo what was done.
    account.api("POST", &format!("/admin-apps/{}/revoke", account.app), json!({})).expect(200);
    thief.get(&victims[0]).error(401);
    account.api("PATCH", &format!("/users/{}", victims[0]), json!({ "active": true })).expect(200);
}

#[test]
fn s_32_no_role_above_the_ceiling_is_granted_by_any_way() {
    let Scene { server: _server, account, thief, victims, administrator, .. } = scene();
    let role = json!([{ "value": "ACCOUNTADMINISTRATOR" }]);
    for (name, answer) in [
        ("a replaced set", patch(&thief, &victims[0], "roles", role.clone())),
        ("one that is added", thief.patch(&victims[0], json!([{ "op": "add", "path": "roles", "value": role }]))),
        (
            "a PUT",
            thief.scim(
                "PUT",
                &format!("/Users/{}", victims[0]),
                json!({
                    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                    "userName": "u0@acme.example", "roles": role,
                }),
            ),
        ),
        (
            "a new user",
            thief.scim(
                "POST",
                "/Users",
                json!({
                    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                    "userName": "mine@acme.example", "roles": role,
                }),
            ),
        ),
    ] {
        assert_eq!(answer.status, 403, "{name}: {}", answer.text);
    }
    assert_eq!(account.roles_of(&victims[0]), ["Account Member"]);
    assert_eq!(account.find("userName eq \"mine@acme.example\"")["totalResults"], json!(0));
    assert_eq!(refused(&account, "user.update", Some("role_ceiling")), 3);
    assert_eq!(refused(&account, "user.create", Some("role_ceiling")), 1);
    // Nor is a role taken from who may do more.
    assert_eq!(patch(&thief, &administrator, "roles", json!([{ "value": "ACCOUNTMEMBER" }])).status, 403);
    assert_eq!(account.roles_of(&administrator), ["Account Administrator"]);
}

#[test]
fn s_41_no_address_is_taken_over() {
    let Scene { server: _server, account, thief, victims, administrator, foreign } = scene();
    for (name, user, field) in
        [("an administrator's", &administrator, "guards"), ("another app's user's", &foreign, "credentials.ownership")]
    {
        for path in ["userName", "emails", "externalId", "active"] {
            let value = match path {
                "emails" => json!([{ "value": "thief@evil.example", "primary": true }]),
                "active" => json!(false),
                _ => json!("thief@evil.example"),
            };
            let answer = patch(&thief, user, path, value);
            assert_eq!(answer.status, 403, "{name} {path}: {}", answer.text);
        }
        assert_eq!(refused(&account, "user.update", Some(field)), 4, "{name}");
        assert_eq!(thief.scim("DELETE", &format!("/Users/{user}"), Value::Null).status, 403);
    }
    // Of its own users it may change the address, and then the address has to be proved again before anybody signs in by it.
    patch(&thief, &victims[0], "userName", json!("thief@evil.example")).expect(200);
    let shown = account.shown(&victims[0]);
    assert_eq!((&shown["verified"], &shown["sign_in"]["allowed"]), (&json!(false), &json!(false)));
    let check = account.api("POST", "/sign-in-checks", json!({ "identifier": "thief@evil.example" })).expect(200);
    assert_eq!(check.json()["allowed"], false);
}

#[test]
fn s_16_s_62_nothing_of_another_account_is_read() {
    let Scene { server, account, thief, victims, .. } = scene();
    let other = server.account(json!("standard"));
    let secret = id(&other.create(json!({ "userName": "secret@other.example" })));
    let unknown = "01890000-0000-7000-8000-000000000000";
    let of = |answer: Answer, id: &str| (answer.status, answer.text.replace(id, "…"));
    for path in ["/Users", "/Groups"] {
        let theirs = of(thief.scim("GET", &format!("{path}/{secret}"), Value::Null), &secret);
        assert_eq!(theirs, of(thief.scim("GET", &format!("{path}/{unknown}"), Value::Null), unknown), "{path}");
        assert_eq!(theirs.0, 404);
    }
    for method in ["PATCH", "DELETE"] {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": "active", "value": false }],
        });
        assert_eq!(thief.scim(method, &format!("/Users/{secret}"), body).status, 404, "{method}");
    }
    for filter in [format!("id eq \"{secret}\""), "userName eq \"secret@other.example\"".to_owned()] {
        assert_eq!(thief.find(&filter)["totalResults"], json!(0), "{filter}");
    }
    // An address that names another account's app, and the management API of both.
    let named = format!("{}/scim/v2/{}/Users", thief.base, other.app);
    let by_name = send(request("GET", &named).bearer_auth(&thief.key)).status;
    assert!(matches!(by_name, 404), "{by_name}");
    for account in [&other.id, &thief.id] {
        let url = format!("{}/api/v1/accounts/{account}/users", thief.base);
        assert_eq!(send(request("GET", &url).bearer_auth(&thief.key)).status, 403, "it is for SCIM only");
    }
    assert_eq!(refused(&account, "admin_app.use", None), 2, "each of these in its own account's log");
    // Ids that are guessed name nobody, and look alike.
    let one = of(thief.get(unknown), unknown);
    for (place, victim) in victims.iter().enumerate().take(20) {
        let digit = if victim.ends_with('0') { "1" } else { "0" };
        let guess = format!("{}{digit}", &victim[..victim.len() - 1]);
        assert_eq!(of(thief.get(&guess), &guess), one, "{place}");
    }
    // What was only read stands in the request log.
    let seen = loop {
        let log = account.api("GET", "/requests?limit=200", Value::Null).expect(200).json();
        let items = log["items"].as_array().expect("a list").clone();
        let misses = items.iter().filter(|item| item["status"] == 404).count();
        if misses >= 20 {
            break misses;
        }
        crate::support::pause();
    };
    assert!(seen >= 20, "{seen}");
    assert_eq!(other.get(&secret).expect(200).json()["active"], true);
}

#[test]
fn pgc_15_a_cursor_of_another_account_or_key_leads_nowhere() {
    let Scene { server, account, thief, .. } = scene();
    let other = server.account(json!("standard"));
    for number in 0..3 {
        other.create(json!({ "userName": format!("o{number}@other.example") }));
    }
    let first = |of: &Account| {
        let page = of.scim("GET", "/Users?cursor&count=2", Value::Null).expect(200).json();
        page["nextCursor"].as_str().expect("there is more").to_owned()
    };
    let okta = account.api("POST", "/admin-apps", json!({ "name": "Third" })).expect(201).json();
    let okta = account.with_key(okta["api_key"].as_str().expect("a key"));
    let own = first(&thief);
    for (name, cursor) in
        [("another account's", first(&other)), ("another key's", first(&okta)), ("none", "x".to_owned())]
    {
        let path = format!("/Users?cursor={}&count=2", encoded(&cursor));
        let error = thief.scim("GET", &path, Value::Null).error(400);
        assert_eq!(error["scimType"], "invalidCursor", "{name}: {error}");
    }
    thief.scim("GET", &format!("/Users?cursor={}&count=2", encoded(&own)), Value::Null).expect(200);
}

#[test]
fn a_key_that_was_left_as_bait_gives_the_thief_away() {
    let Scene { server: _server, account, .. } = scene();
    let bait = json!({ "name": "Old Entra", "honey": true });
    let bait = account.api("POST", "/admin-apps", bait).expect(201).json();
    let thief = account.with_key(bait["api_key"].as_str().expect("a key"));
    thief.scim("GET", "/Users", Value::Null).error(401);
    alerts(&account, |causes| causes.iter().any(|cause| cause == "honey"));
    assert_eq!(refused(&account, "admin_app.honey", None), 1);
}
