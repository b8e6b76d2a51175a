//! Sections 2.0 and 3: what SCIM is for, who takes part, what an account holds.

use super::{
    AUDITOR, MEMBER, by_hand,
    conversation::{Conversation, on_premises_and_saas},
    custom_role, dsm, entries_about, id, last_entry, named, neighbour, read, refused, roles_now, sign_in, unassigned,
    under, verify,
};
use crate::support::{Account, Answer, assertive, request, send};
use serde_json::{Value, json};

#[test]
fn f_2_0_1_what_service_provider_config_claims_holds() {
    let account = dsm();
    let config = account.scim("GET", "/ServiceProviderConfig", Value::Null).expect(200).json();
    let first = id(&account.create(json!({ "userName": "a@a.com" })));
    account.create(json!({ "userName": "b@a.com" }));
    let path = format!("/Users/{first}");
    let get = |path: &str| account.scim("GET", path, Value::Null);
    let listed = |query: &str| get(&format!("/Users?{query}")).expect(200).json();
    let etag = get(&path).header("etag").to_owned();
    let schemas = get("/Schemas").expect(200).json();

    let sorted = listed("sortBy=userName&sortOrder=descending")["Resources"][0]["userName"] == "b@a.com";
    let unchanged = account.scim_with("GET", &path, &[("if-none-match", &etag)], Value::Null);
    let stale = account.scim_with("DELETE", &path, &[("if-match", "W/\"none\"")], Value::Null);
    for (claim, holds) in [
        (
            "/patch/supported",
            account.patch(&first, json!([{ "op": "add", "path": "externalId", "value": "1" }])).status == 200,
        ),
        ("/bulk/supported", account.scim("POST", "/Bulk", json!({})).status != 501),
        ("/filter/supported", listed("filter=userName%20sw%20%22b%22")["totalResults"] == 1),
        ("/sort/supported", sorted),
        ("/etag/supported", unchanged.status == 304 && stale.status == 412),
        ("/changePassword/supported", schemas.to_string().contains("\"name\":\"password\"")),
        ("/pagination/index", listed("startIndex=2&count=1")["Resources"][0]["userName"] == "b@a.com"),
        ("/pagination/cursor", listed("cursor=&count=1").get("nextCursor").is_some()),
    ] {
        assert_eq!(config.pointer(claim), Some(&json!(holds)), "{claim}");
    }

    let max = config["filter"]["maxResults"].as_u64().expect("a number");
    assert_eq!(config["pagination"]["maxPageSize"], json!(max));
    for number in 0..max {
        account.create(json!({ "userName": format!("{number}@b.com") }));
    }
    let page = listed("count=100000");
    assert_eq!((&page["itemsPerPage"], &page["totalResults"]), (&json!(max), &json!(max + 2)), "maxResults is kept");
    assert_eq!(listed("")["itemsPerPage"], config["pagination"]["defaultPageSize"]);

    assert_eq!(config["authenticationSchemes"][0]["type"], "oauthbearertoken");
    let nameless = send(request("GET", &format!("{}/scim/v2/Users", account.base)));
    assert_eq!((nameless.header("www-authenticate"), nameless.status), ("Bearer", 401));
}

#[test]
fn f_2_0_2_a_client_without_vendor_code_runs_a_users_whole_life() {
    for preset in ["dsm", "standard"] {
        let account = under(json!(preset));
        let made = account.create(json!({ "userName": "ann@a.com", "externalId": "7" }));
        let user = id(&made);
        assert_eq!(account.get(&user).expect(200).json(), made, "{preset}");
        let patched = account.patch(&user, json!([{ "op": "replace", "path": "externalId", "value": "8" }]));
        assert_eq!(patched.expect(200).json()["externalId"], "8", "{preset}");
        let disabled = account.patch(&user, unassigned()).expect(200).json();
        assert_eq!(disabled["active"], false, "{preset}");
        account.scim("DELETE", &format!("/Users/{user}"), Value::Null).expect(204);
        account.get(&user).error(404);
    }
}

#[test]
fn f_2_0_6_a_disabled_user_is_refused_from_the_next_request_on() {
    let account = dsm();
    let user = id(&account.create(json!({ "userName": "ann@a.com" })));
    verify(&account, &user);
    assert_eq!(sign_in(&account, "ann@a.com")["allowed"], true);
    account.patch(&user, unassigned()).expect(200);
    let refusal = sign_in(&account, "ann@a.com");
    assert_eq!(refusal["allowed"], false);
    assert_eq!(refusal["permissions"], json!([]));
    assert!(refusal["reason"].as_str().is_some_and(|reason| reason.contains("disabled")), "{refusal}");
}

/// A write, the status that it must have, the action that it must leave in the log, and whether it names a user that exists.
type Write<'a> = (&'a str, Box<dyn Fn() -> Answer + 'a>, u16, &'a str, bool);

fn writes<'a>(account: &'a Account, user: &'a str) -> Vec<Write<'a>> {
    let path = format!("/Users/{user}");
    let post = |body: Value| move || account.scim("POST", "/Users", body.clone());
    let patch = move |operations: Value| move || account.patch(user, operations.clone());
    let put = move |body: Value| {
        let path = path.clone();
        move || account.scim("PUT", &path, body.clone())
    };
    let delete = move |condition: &'static str| {
        move || account.scim_with("DELETE", &format!("/Users/{user}"), &[("if-match", condition)], Value::Null)
    };
    let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    let two_roles = assertive(&[MEMBER, AUDITOR]);
    let gone = "01890000-0000-7000-8000-000000000000";
    let active = |value: bool| json!([{ "op": "replace", "path": "active", "value": value }]);
    vec![
        ("create", Box::new(post(json!({ "schemas": schemas, "userName": "bob@a.com" }))), 201, "user.create", true),
        (
            "a taken name",
            Box::new(post(json!({ "schemas": schemas, "userName": "bob@a.com" }))),
            409,
            "user.create",
            false,
        ),
        (
            "against the policy",
            Box::new(post(json!({ "schemas": schemas, "userName": "bob" }))),
            400,
            "user.create",
            false,
        ),
        ("without schemas", Box::new(post(json!({ "userName": "cy@a.com" }))), 400, "user.create", false),
        ("a body that is no object", Box::new(post(json!([7]))), 400, "user.create", false),
        (
            "update",
            Box::new(patch(json!([{ "op": "add", "path": "externalId", "value": "7" }]))),
            200,
            "user.update",
            true,
        ),
        ("an update that changes nothing", Box::new(patch(json!([]))), 200, "user.update", true),
        (
            "two system roles",
            Box::new(patch(json!([{ "op": "replace", "path": "roles", "value": two_roles }]))),
            400,
            "user.update",
            true,
        ),
        (
            "a path that is none",
            Box::new(patch(json!([{ "op": "replace", "path": "a b", "value": "c" }]))),
            400,
            "user.update",
            true,
        ),
        ("replace", Box::new(put(json!({ "schemas": schemas, "userName": "ann@a.com" }))), 200, "user.update", true),
        ("replace with a bad body", Box::new(put(json!({ "schemas": schemas }))), 400, "user.update", true),
        ("disable", Box::new(patch(active(false))), 200, "user.disable", true),
        ("enable", Box::new(patch(active(true))), 200, "user.enable", true),
        ("an unknown user", Box::new(move || account.patch(gone, active(false))), 404, "user.update", false),
        ("an id that is none", Box::new(move || account.patch("7", active(false))), 404, "user.update", false),
        ("another version", Box::new(delete("W/\"77\"")), 412, "user.delete", true),
        ("delete", Box::new(delete("*")), 204, "user.delete", true),
        ("delete again", Box::new(delete("*")), 404, "user.delete", false),
    ]
}

#[test]
fn f_2_0_7_every_write_leaves_exactly_one_entry() {
    let account = dsm();
    let user = id(&account.create(json!({ "userName": "ann@a.com" })));
    for (name, write, status, action, exists) in writes(&account, &user) {
        let before = account.audit().len();
        let answer = write();
        assert_eq!(answer.status, status, "{name}: {}", answer.text);
        let log = account.audit();
        assert_eq!(log.len(), before + 1, "{name}: one entry");
        let entry = &log[0];
        let outcome = if status < 300 { "success" } else { "failure" };
        assert_eq!((&entry["action"], &entry["outcome"]), (&json!(action), &json!(outcome)), "{name}");
        assert_eq!((&entry["actor"]["type"], &entry["actor"]["id"]), (&json!("app"), &json!(account.app)), "{name}");
        assert_eq!(entry["actor"]["name"], "SCIM Entra", "{name}");
        assert!(entry["time"].as_str().is_some_and(|time| time.ends_with('Z')), "{name}: {entry}");
        if exists {
            assert_eq!(entry["target"]["type"], "user", "{name}: {entry}");
            assert!(entry["target_name"].as_str().is_some_and(|name| name.ends_with("@a.com")), "{name}: {entry}");
        }
    }
}

#[test]
fn f_2_0_7_a_refused_create_names_whom_it_was_to_create() {
    let account = dsm();
    let two = json!({ "userName": "two@a.com", "roles": assertive(&[MEMBER, AUDITOR]),
                      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"] });
    account.scim("POST", "/Users", two).error(400);
    let entry = last_entry(&account);
    assert_eq!((&entry["action"], &entry["outcome"]), (&json!("user.create"), &json!("failure")));
    assert_eq!((&entry["target"]["type"], &entry["target_name"]), (&json!("user"), &json!("two@a.com")), "{entry}");
}

#[test]
fn f_2_0_7_a_write_that_is_not_offered_leaves_its_entry_too() {
    let account = dsm();
    for (method, path) in [("POST", "/Groups"), ("PATCH", "/Groups/7"), ("DELETE", "/Groups/7"), ("POST", "/Me")] {
        let before = account.audit().len();
        account.scim(method, path, if method == "DELETE" { Value::Null } else { json!({}) }).error(501);
        let log = account.audit();
        assert_eq!(log.len(), before + 1, "{method} {path}");
        assert_eq!(
            (&log[0]["outcome"], &log[0]["actor"]["id"]),
            (&json!("failure"), &json!(account.app)),
            "{method} {path}"
        );
    }
}

#[test]
fn f_3_1_5_the_service_provider_lists_users() {
    let account = dsm();
    account.create(json!({ "userName": "ann@a.com" }));
    let list = account.scim("GET", "/Users", Value::Null).expect(200).json();
    assert_eq!(list["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    assert_eq!(list["Resources"][0]["userName"], "ann@a.com");
}

/// A client's work without the preset's peculiarities.
fn plain_work(account: &Account, origin: &str) -> Vec<String> {
    let mut talk = Conversation::with(account, origin);
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/Groups", "/Users"] {
        talk.scim("GET", path, Value::Null);
    }
    let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    let made = talk.scim("POST", "/Users", json!({ "schemas": schemas, "userName": "ann@a.com", "externalId": "7" }));
    let user = id(&made);
    let path = format!("/Users/{user}");
    talk.scim("POST", "/Users", json!({ "schemas": schemas, "userName": "ANN@a.com" }));
    talk.scim("POST", "/Users", json!({ "schemas": schemas }));
    talk.scim("GET", &path, Value::Null);
    talk.scim("GET", "/Users?filter=externalId%20eq%20%227%22&attributes=userName", Value::Null);
    talk.scim("GET", "/Users?filter=userName%20xx", Value::Null);
    talk.patch(&user, json!([{ "op": "replace", "path": "externalId", "value": "8" }]));
    talk.patch(&user, json!([{ "op": "Replace", "path": "active", "value": "False" }]));
    talk.scim("PUT", &path, json!({ "schemas": schemas, "userName": "ann@a.com", "active": true }));
    talk.scim("DELETE", &path, Value::Null);
    talk.scim("GET", &path, Value::Null);
    talk.scim("GET", "/Nothing", Value::Null);
    talk.lines
}

#[test]
fn f_3_1_6_one_account_or_many_makes_no_difference() {
    let [one, several] = on_premises_and_saas(plain_work);
    assert_eq!(one, several);
    assert!(several.iter().any(|line| line.contains("location: ORIGIN/scim/v2/Users/ID0")), "{several:#?}");
}

#[test]
fn f_3_1_7_users_of_another_account_do_not_exist() {
    let account = dsm();
    let other = neighbour(&account);
    let user = id(&other.create(json!({ "userName": "bob@b.com" })));
    let before = (other.get(&user).json(), entries_about(&other, &user));
    let path = format!("/Users/{user}");
    let body =
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bob@b.com", "active": false });
    for (method, body) in [("GET", Value::Null), ("PUT", body), ("DELETE", Value::Null)] {
        account.scim(method, &path, body).error(404);
    }
    account.patch(&user, unassigned()).error(404);
    assert_eq!((other.get(&user).json(), entries_about(&other, &user)), before);
}

#[test]
fn f_3_1_8_an_account_lists_its_groups() {
    let account = dsm();
    let group = account.api("POST", "/groups", json!({ "display_name": "Payments" })).expect(201).json();
    let detail = read(&account, "");
    let listed = detail["groups"].as_array().expect("a list");
    assert_eq!(listed.len(), 1);
    assert_eq!((&listed[0]["id"], &listed[0]["display_name"]), (&group["id"], &json!("Payments")));
    assert_eq!(read(&neighbour(&account), "")["groups"], json!([]));
}

#[test]
fn f_3_1_9_an_account_lists_its_users_each_with_role_and_state_of_its_own() {
    let account = dsm();
    let other = neighbour(&account);
    account.create(json!({ "userName": "ann@a.com", "roles": assertive(&[AUDITOR]) }));
    let there = id(&other.create(json!({ "userName": "ann@a.com" })));
    other.patch(&there, unassigned()).expect(200);

    let shown = |account: &Account| -> Vec<(Value, Value, Value)> {
        let users = read(account, "/users")["items"].as_array().expect("a list").clone();
        users
            .iter()
            .map(|user| (user["email"].clone(), user["roles"][0]["name"].clone(), user["active"].clone()))
            .collect()
    };
    assert_eq!(shown(&account), [(json!("ann@a.com"), json!("Account Auditor"), json!(true))]);
    assert_eq!(shown(&other), [(json!("ann@a.com"), json!("Account Member"), json!(false))]);
}

#[test]
fn f_3_1_10_scim_settings_show_the_key_without_its_secret() {
    let account = dsm();
    let app = read(&account, &format!("/admin-apps/{}", account.app));
    let key = &app["keys"][0];
    assert_eq!(key["last_eight"], json!(account.key[account.key.len() - 8..]));
    assert_eq!(key["state"], "current");
    assert!(key["created"].is_string() && key["id"].is_string(), "{key}");
    let secret = account.key.rsplit('_').next().expect("a key has parts");
    for path in ["/admin-apps".to_owned(), format!("/admin-apps/{}", account.app), "/audit".to_owned(), String::new()] {
        let text = read(&account, &path).to_string();
        assert!(!text.contains(secret) && !text.contains("api_key"), "{path}: {text}");
    }
}

/// Everything of an account that is not a user.
fn surroundings(account: &Account) -> Vec<Value> {
    let paths = ["/policy", "/roles", "/groups", "/admin-apps", "/quorum-policy", "/policy/versions"];
    let mut all: Vec<Value> = paths.iter().map(|path| read(account, path)).collect();
    let mut account = read(account, "");
    account.as_object_mut().expect("an account is an object").remove("counts");
    all.push(account);
    for app in all[3]["items"].as_array_mut().expect("a list") {
        app.as_object_mut().expect("an app is an object").remove("last_used");
    }
    all
}

/// An account with one of everything, and its user under SCIM.
fn furnished(account: &Account) -> String {
    custom_role(account, "Key Custodian", false);
    account.api("POST", "/groups", json!({ "display_name": "Payments" })).expect(201);
    let approver = id(&by_hand(account, "approver@a.com", &[]));
    verify(account, &approver);
    account.api("PUT", "/quorum-policy", json!({ "user": approver })).expect(200);
    id(&account.create(json!({ "userName": "ann@a.com" })))
}

#[test]
fn f_3_1_11_security_objects_and_apps_do_not_change_when_a_user_is_disabled() {
    let account = dsm();
    let user = furnished(&account);
    let before = surroundings(&account);
    account.patch(&user, unassigned()).expect(200);
    assert_eq!(surroundings(&account), before);
}

#[test]
fn f_3_1_12_settings_do_not_change_when_a_user_is_deleted() {
    let account = dsm();
    let user = furnished(&account);
    let before = surroundings(&account);
    account.scim("DELETE", &format!("/Users/{user}"), Value::Null).expect(204);
    assert_eq!(surroundings(&account), before);
}

#[test]
fn f_3_2_6_post_creates_a_user() {
    let account = dsm();
    let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann@a.com", "externalId": "7" });
    let answer = account.scim("POST", "/Users", body).expect(201);
    let user = id(&answer.json());
    let place = format!("{}/scim/v2/Users/{user}", account.base);
    assert_eq!(answer.header("location"), place);
    assert_eq!(answer.json()["meta"]["location"], json!(place));
    assert_eq!(read(&account, "/users")["items"][0]["id"], json!(user));
}

#[test]
fn f_3_2_7_patch_updates_an_attribute() {
    let account = dsm();
    let user = id(&account.create(json!({ "userName": "ann@a.com", "externalId": "7" })));
    account.patch(&user, json!([{ "op": "replace", "path": "externalId", "value": "8" }])).expect(200);
    assert_eq!(account.get(&user).expect(200).json()["externalId"], "8");
}

#[test]
fn f_3_2_8_get_shows_all_users_and_one() {
    let account = dsm();
    let made: Vec<Value> =
        ["a@a.com", "b@a.com", "c@a.com"].map(|name| account.create(json!({ "userName": name }))).into();
    let list = account.scim("GET", "/Users", Value::Null).expect(200).json();
    assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(3), &json!(made)));
    for user in &made {
        assert_eq!(account.get(&id(user)).expect(200).json(), *user);
    }
}

#[test]
fn f_3_2_9_delete_removes_the_user() {
    let account = dsm();
    let user = id(&account.create(json!({ "userName": "ann@a.com" })));
    let gone = account.scim("DELETE", &format!("/Users/{user}"), Value::Null).expect(204);
    assert_eq!(gone.text, "");
    account.get(&user).error(404);
    account.api("GET", &format!("/users/{user}"), Value::Null).expect(404);
}

#[test]
fn f_3_2_10_a_new_user_belongs_to_the_keys_account_and_to_no_other() {
    let account = dsm();
    let other = neighbour(&account);
    account.create(json!({ "userName": "ann@a.com" }));
    assert_eq!((named(&account, "ann@a.com"), named(&other, "ann@a.com")), (1, 0));
    assert_eq!(read(&other, "/users")["items"], json!([]));
    assert_eq!((&read(&account, "")["counts"]["users"], &read(&other, "")["counts"]["users"]), (&json!(1), &json!(0)));
}

#[test]
fn f_3_2_11_an_update_changes_the_membership_of_one_account() {
    let account = dsm();
    let other = neighbour(&account);
    let here = id(&account.create(json!({ "userName": "ann@a.com" })));
    let there = id(&other.create(json!({ "userName": "ann@a.com" })));
    let before = other.shown(&there);
    account.patch(&here, roles_now(&[AUDITOR])).expect(200);
    assert_eq!(account.roles_of(&here), ["Account Auditor"]);
    assert_eq!(other.shown(&there), before);
}

#[test]
fn f_3_2_12_an_unassigned_user_is_disabled_and_listed_and_a_deleted_one_gone() {
    let account = dsm();
    let user = id(&account.create(json!({ "userName": "ann@a.com" })));
    account.patch(&user, unassigned()).expect(200);
    let list = account.find("userName eq \"ann@a.com\"");
    assert_eq!((&list["totalResults"], &list["Resources"][0]["active"]), (&json!(1), &json!(false)));
    assert_eq!(read(&account, "/users")["items"][0]["active"], false);
    account.scim("DELETE", &format!("/Users/{user}"), Value::Null).expect(204);
    assert_eq!(named(&account, "ann@a.com"), 0);
    assert_eq!(read(&account, "/users")["items"], json!([]));
    refused(account.get(&user), 404, &["no such user"]);
}
