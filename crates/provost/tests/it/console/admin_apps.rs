//! Administrative apps: added, set up, watched, limited, rotated, revoked, removed; and tokens of people.

use super::{
    Page, Visitor,
    access::{person, signed_in},
};
use crate::{
    crowd,
    support::{Account, id, request, send, shared},
};
use serde_json::{Value, json};

/// The key that a page shows.
fn key_of(page: &Page) -> String {
    let copied = page.html.split("data-copy=\"").skip(1).filter_map(|rest| rest.split('"').next());
    copied.map(str::to_owned).find(|text| text.starts_with("prv_")).expect("a key to copy")
}

/// The status with which a key is answered.
fn status_of(account: &Account, key: &str) -> u16 {
    send(request("GET", &format!("{}/scim/v2/Users?count=1", account.base)).bearer_auth(key)).status
}

#[test]
fn f_3_1_13_f_5_3_1_to_7_s_114_an_app_is_added_by_the_steps_of_the_guide_and_set_up_by_real_events() {
    let server = shared();
    let account = server.account(json!("dsm"));
    let visitor = Visitor::operator(&server);
    let overview = visitor.open(&format!("/console/accounts/{}", account.id)).expect(200);
    let list = visitor.open(&overview.link("Settings")).expect(200);
    list.says("Administrative apps").says("SCIM Entra").says("Never");
    let form = visitor.open(&list.link("Add administrative app")).expect(200);
    let place = format!("/console/accounts/{}/settings/admin-apps", account.id);
    let begun = form.form(&place);
    assert!(begun.contains(&("method".to_owned(), "app_key".to_owned())), "API key is preselected: {begun:?}");
    let empty = visitor.send(&form, &place, &[("name", " ")]).expect(400);
    empty.says("The administrative app was not added");
    let taken = visitor.send(&empty, &place, &[("name", "SCIM Entra")]).expect(409);
    taken.says("An admin app named SCIM Entra exists");
    let bad = visitor.send(&taken, &place, &[("name", "Halden"), ("allowed_ips", "not a network")]).expect(400);
    assert!(bad.html.contains("not a network") && bad.html.contains("value=\"Halden\""), "what was typed stays");
    let page = visitor.send(&bad, &place, &[("name", "Halden"), ("allowed_ips", "")]).expect(200);
    page.says("Administrative app added").says("API key details").says("The key is shown once");
    page.says("Waiting for the first request")
        .says("/scim/v2?aadOptscim062020")
        .says("externalId and roles . Delete the other mappings");
    assert!(page.html.contains("data-live=\"2\""), "the steps follow what happens");
    let key = key_of(&page);
    let again = visitor.open(&page.at).expect(200);
    assert!(!again.html.contains(&key), "the key is shown once");
    let audit = |action: &str| account.api("GET", &format!("/audit?action={action}"), Value::Null).expect(200).json();
    assert_eq!(audit("admin_app.view_key")["items"][0]["target_name"], "Halden", "that it was shown is recorded");
    assert_eq!(audit("admin_app.create")["items"][0]["target_name"], "Halden");

    let halden = account.with_key(&key);
    assert_eq!(status_of(&account, &key), 200);
    visitor.open(&page.at).expect(200).says("Connect the identity provider").says("Waiting for the first user");
    halden
        .scim(
            "POST",
            "/Users",
            json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "no mail" }),
        )
        .expect(400);
    visitor.open(&page.at).expect(200).says("Create refused").says("Failed").says("Open provisioning policy");
    halden.create(json!({ "userName": "ann@example.com" }));
    let complete = visitor.open(&page.at).expect(200);
    complete.says("Set-up complete").says("The first was ann@example.com");
    assert!(!complete.html.contains("data-live"), "nothing more is waited for");
    let okta = visitor.open(&format!("{}?idp=okta", page.at)).expect(200);
    okta.says("In Okta open").says("Microsoft Entra ID, mode Automatic Okta OneLogin Other SCIM client");
}

#[test]
fn f_3_1_14_f_3_1_15_the_page_of_an_app_shows_address_contact_counts_and_requests() {
    let server = shared();
    let account = server.account(json!("standard"));
    let user = id(&account.create(json!({ "userName": "ann@example.com" })));
    account.create(json!({ "userName": "bob@example.com" }));
    account.patch(&user, json!([{ "op": "replace", "path": "displayName", "value": "Ann" }])).expect(200);
    account.patch(&user, json!([{ "op": "replace", "path": "active", "value": false }])).expect(200);
    account
        .scim(
            "POST",
            "/Users",
            json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bob@example.com" }),
        )
        .expect(409);
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/settings/admin-apps/{}", account.id, account.app);
    let page = visitor.open(&place).expect(200);
    page.says("Last contact")
        .says("Created 2 in 30 days")
        .says("Updated 1 in 30 days")
        .says("Disabled 1 or removed, in 30 days");
    page.says("Failed 1 in 30 days").says("/scim/v2?aadOptscim062020").says("Recent requests").says("POST /Users: 409");
    visitor.open(&page.link("Requests")).expect(200).says("POST").says("409");
    let users = visitor.open(&page.link("Users managed")).expect(200);
    users.says("ann@example.com").says("bob@example.com").says("2 on this page");
    let list = visitor.open(&format!("/console/accounts/{}/settings/admin-apps", account.id)).expect(200);
    list.says("SCIM Entra").says("Current 2");
    let counted = account.api("GET", &format!("/activity?app={}", account.app), Value::Null).expect(200).json();
    assert_eq!(counted["actions"]["user.create"], json!({ "succeeded": 2, "failed": 1 }));
    let other = account.api("POST", "/admin-apps", json!({ "name": "Other" })).expect(201).json();
    let none = account.api("GET", &format!("/users?origin={}", id(&other)), Value::Null).expect(200).json();
    assert_eq!(none["items"], json!([]));
}

#[test]
fn an_app_is_made_bait_in_the_form_and_its_key_is_never_taken() {
    let server = shared();
    let account = server.account(json!("standard"));
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/settings/admin-apps", account.id);
    let ticked = |page: &Page| page.form(&place).contains(&("honey".to_owned(), "yes".to_owned()));
    let form = visitor.open(&format!("{place}/new")).expect(200);
    form.says("Nobody uses this key");
    assert!(!ticked(&form), "an app is for use unless somebody says otherwise");
    let refused = visitor.send(&form, &place, &[("name", " "), ("honey", "yes")]).expect(400);
    assert!(ticked(&refused), "what was ticked stays");
    let bait = visitor.send(&refused, &place, &[("name", "Backup of Entra")]).expect(200);
    bait.says("This app is bait");
    let plain = visitor.send(&form, &place, &[("name", "Entra 2")]).expect(200);
    plain.does_not_say("This app is bait");
    let [bait_key, plain_key] = [&bait, &plain].map(key_of);
    assert_eq!((status_of(&account, &bait_key), status_of(&account, &plain_key)), (401, 200));
    let uses = account.api("GET", "/audit?action=admin_app.honey", Value::Null).expect(200).json();
    assert_eq!(uses["items"][0]["target_name"], "Backup of Entra");
}

/// What stands in the column of users managed, by the app's name.
fn counts(list: &Page) -> Vec<(String, String)> {
    let cell = |row: &str, begins: &str| {
        let inner = row.split(begins).nth(1).and_then(|rest| rest.split_once('>')).map_or("", |(_, inner)| inner);
        let text = inner.split("</t").next().unwrap_or_default();
        text.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect::<String>()
    };
    let rows = list.html.split("<tr").skip(2);
    rows.map(|row| (cell(row, "<th"), cell(row, "data-label=\"Users managed\""))).collect()
}

#[test]
fn the_list_counts_the_users_of_each_app_while_they_are_few() {
    let server = shared();
    let account = server.account(json!("standard"));
    let made = account.api("POST", "/admin-apps", json!({ "name": "Okta" })).expect(201).json();
    let okta = account.with_key(made["api_key"].as_str().expect("a key"));
    account.create(json!({ "userName": "ann@example.com" }));
    account.api("POST", "/users", json!({ "email": "local@example.com" })).expect(201);
    let visitor = Visitor::operator(&server);
    let list = || counts(&visitor.open(&format!("/console/accounts/{}/settings/admin-apps", account.id)).expect(200));
    let expected = |entra: &str, okta: &str| -> Vec<_> {
        [("SCIM Entra", entra), ("Okta", okta)].map(|(name, count)| (name.to_owned(), count.to_owned())).into()
    };
    assert_eq!(list(), expected("1", "0"), "nobody manages a local user");
    crowd::users(&okta, "few", 200);
    assert_eq!(list(), expected("1", "200"));
    crowd::users(&okta, "more", 1);
    assert_eq!(list(), expected("1", "more than 200"));
    crowd::users(&account, "many", 1_800);
    assert_eq!(list(), expected("See them", "See them"), "2,002 are too many to count those of each");
    account.api("DELETE", &format!("/admin-apps/{}", id(&made)), Value::Null).expect(204);
    let only = list();
    assert_eq!((only.len(), only[0].0.as_str()), (1, "SCIM Entra"));
    assert!(only[0].1.parse::<u32>().is_err(), "{only:?}");
}

#[test]
fn who_may_not_see_users_is_told_no_number_of_them() {
    let server = shared();
    let account = server.account(json!("standard"));
    account.create(json!({ "userName": "ann@example.com" }));
    let role = json!({ "name": "Connections", "permissions": ["GET_ADMIN_APPS"] });
    account.api("POST", "/roles", role).expect(201);
    person(&server, &account, "cora@acme.example", "Connections");
    let list = signed_in(&server, &account, "cora@acme.example")
        .get(&format!("/console/accounts/{}/settings/admin-apps", account.id))
        .expect(200);
    let at = list.text.split("data-label=\"Users managed\">").nth(1).expect("the column");
    assert!(at.starts_with('–'), "{}", &at[..at.len().min(80)]);
}

#[test]
fn f_5_3_6_a_key_is_rotated_with_an_overlap_and_revoked() {
    let server = shared();
    let account = server.account(json!("standard"));
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/settings/admin-apps/{}", account.id, account.app);
    let page = visitor.open(&place).expect(200);
    let details = visitor.open(&page.link("View API key details")).expect(200);
    let end = &account.key[account.key.len() - 8..];
    details.says("API key details").says(end).says("Current").says("Never");
    assert!(!details.html.contains(&account.key));
    let form = visitor.open(&details.link("Rotate key")).expect(200);
    let rotate = format!("{place}/key/rotate");
    let wrong = visitor.send(&form, &rotate, &[("expires_days", "x")]).expect(400);
    wrong.says("Give a number of days");
    let rotated = visitor.send(&wrong, &rotate, &[("overlap_hours", "1"), ("expires_days", "5")]).expect(200);
    rotated.says("Key rotated").says("Replaced, still taken").says("expires in 5 days");
    let new = key_of(&rotated);
    assert_eq!((status_of(&account, &account.key), status_of(&account, &new)), (200, 200), "both, for an hour");
    let ask = visitor.open(&rotated.link("Revoke key")).expect(200);
    ask.says("every request with it is refused at once".replace("every", "Every").as_str());
    let revoked = visitor.send(&ask, &format!("{place}/key/revoke"), &[]).expect(200);
    revoked.says("Key revoked").says("No key");
    assert_eq!((status_of(&account, &account.key), status_of(&account, &new)), (401, 401));
    let ask = visitor.open(&revoked.link("Remove")).expect(200);
    let wrong = visitor.send(&ask, &format!("{place}/remove"), &[("typed", "SCIM")]).expect(400);
    wrong.says("What you typed is not “SCIM Entra”.");
    visitor
        .send(&wrong, &format!("{place}/remove"), &[("typed", "SCIM Entra")])
        .expect(200)
        .says("Administrative app removed");
    account.api("GET", &format!("/admin-apps/{}", account.app), Value::Null).expect(404);
}

#[test]
fn s_59_a_key_near_its_end_is_told_of_thirty_seven_and_one_days_before() {
    let server = shared();
    let account = server.account(json!("standard"));
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/settings/admin-apps/{}", account.id, account.app);
    for (days, callout) in [("40", None), ("30", Some("info")), ("7", Some("warn")), ("1", Some("bad"))] {
        let form = visitor.open(&format!("{place}/key/rotate")).expect(200);
        visitor.send(&form, &format!("{place}/key/rotate"), &[("expires_days", days)]).expect(200);
        let page = visitor.open(&place).expect(200);
        let told = format!("The key of SCIM Entra expires in {days} day");
        match callout {
            None => {
                page.does_not_say("expires in");
            }
            Some(tone) => {
                page.says(&told);
                assert!(page.html.contains(&format!("callout callout--{tone}")), "{days}");
                visitor.open(&format!("/console/accounts/{}/settings/admin-apps", account.id)).expect(200).says(&told);
            }
        }
    }
}

#[test]
fn s_78_limits_are_shown_changed_and_the_brake_released() {
    let server = shared();
    let account = server.account(json!({ "preset": "standard", "brake": { "changes_per_hour": 1 } }));
    for name in ["ann@example.com", "bob@example.com"] {
        let user = id(&account.create(json!({ "userName": name })));
        account.patch(&user, json!([{ "op": "replace", "path": "active", "value": false }]));
    }
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/settings/admin-apps/{}/limits", account.id, account.app);
    let page = visitor.open(&place).expect(200);
    page.says("On: the next disable or removal is not done").says("1 of 1 in the last hour");
    let release = place.replace("/limits", "/brake/release");
    visitor.send(&page, &release, &[]).expect(200).says("Brake released").says("Free");
    let form = visitor.open(&page.link("Edit limits")).expect(200);
    let change = [("allowed_ips", "10.0.0.0/8\n192.0.2.7"), ("role_ceiling", "ACCOUNTMEMBER")];
    let saved = visitor.send(&form, &format!("{place}/edit"), &change).expect(200);
    saved.says("10.0.0.0/8").says("Account Member");
    let refused = send(request("GET", &format!("{}/scim/v2/Users", account.base)).bearer_auth(&account.key));
    assert_eq!(refused.status, 403, "from elsewhere");
    let set_up = visitor.open(place.trim_end_matches("/limits")).expect(200);
    set_up.says("The last request was refused").says("This key may not be used from this address");
}

#[test]
fn u_22_u_23_an_api_token_has_a_description_and_is_shown_once() {
    let server = shared();
    let account = server.account(json!({ "preset": "standard", "credentials": { "kind": "both" } }));
    account
        .api("POST", "/users", json!({ "email": "owner@example.com", "roles": ["ACCOUNTADMINISTRATOR"] }))
        .expect(201);
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/settings/api", account.id);
    let page = visitor.open(&place).expect(200);
    page.says("No API tokens yet").says("/api/v1");
    let form = visitor.open(&page.link("New API token")).expect(200);
    form.says("Description").says("Create token");
    let empty = visitor.send(&form, &place, &[("owner", "owner@example.com")]).expect(400);
    empty.says("Say what the token is for");
    let typed = [("description", "SCIM Azure / Entra ID"), ("owner", "owner@example.com")];
    let made = visitor.send(&empty, &place, &typed).expect(200);
    made.says("API token created")
        .says("The token is shown once")
        .says("SCIM Azure / Entra ID")
        .says("owner@example.com");
    let token = key_of(&made);
    assert!(!visitor.open(&place).expect(200).html.contains(&token));
    assert_eq!(status_of(&account, &token), 200);
    let stranger = visitor.send(&form, &place, &[("description", "x"), ("owner", "nobody@example.com")]);
    assert_eq!(stranger.status / 100, 4);
    stranger.says("The token was not made");
}

#[test]
fn f_5_1_1_only_those_who_may_see_and_add_administrative_apps() {
    let server = shared();
    let account = server.account(json!("standard"));
    let place = format!("/console/accounts/{}/settings/admin-apps", account.id);
    for (role, sees, adds) in
        [("ACCOUNTMEMBER", 403, 403), ("ACCOUNTAUDITOR", 200, 403), ("ACCOUNTADMINISTRATOR", 200, 200)]
    {
        let email = format!("{}@example.com", role.to_lowercase());
        person(&server, &account, &email, role);
        let browser = signed_in(&server, &account, &email);
        let (list, form) = (browser.get(&place), browser.get(&format!("{place}/new")));
        assert_eq!((list.status, form.status), (sees, adds), "{role}");
        assert_eq!(list.text.contains("Add administrative app"), adds == 200, "{role}");
        assert_eq!(list.text.contains("SCIM Entra"), sees == 200, "{role}");
        let page = browser.get(&format!("{place}/{}", account.app));
        assert_eq!((page.status, page.text.contains("Rotate key")), (sees, adds == 200), "{role}");
    }
}
