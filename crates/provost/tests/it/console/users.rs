//! Users: the list, its filters, one user's page and what is done there.

use super::Visitor;
use crate::support::{id, shared};
use serde_json::{Value, json};

#[test]
fn f_4_0_6_u_67_the_list_tells_who_is_managed() {
    let server = shared();
    let account = server.account(json!("standard"));
    account
        .scim(
            "POST",
            "/Users",
            json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "scim@example.com" }),
        )
        .expect(201);
    account.api("POST", "/users", json!({ "email": "hand@example.com" })).expect(201);
    let visitor = Visitor::operator(&server);
    let list = visitor.open(&format!("/console/accounts/{}/users", account.id)).expect(200);
    list.says("scim@example.com Active Managed SCIM Entra").says("hand@example.com Active Local");
    let managed = visitor.open(&format!("/console/accounts/{}/users?managed=true", account.id)).expect(200);
    managed.says("scim@example.com").does_not_say("hand@example.com").says("Managed by: An identity provider");
    let nobody = visitor.open(&format!("/console/accounts/{}/users?q=zz", account.id)).expect(200);
    nobody.says("No user matches");
}

#[test]
fn a_user_is_added_disabled_enabled_and_deleted() {
    let server = shared();
    let account = server.account(json!("standard"));
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/users", account.id);
    let form = visitor.open(&format!("{place}/new")).expect(200);
    let again = visitor.send(&form, &place, &[("email", "")]).expect(400);
    again.says("The user was not added");
    let page = visitor.send(&again, &place, &[("email", "zoe@example.com")]).expect(200);
    page.says("User added").says("zoe@example.com").says("Active");
    let user = page.at.rsplit('/').next().unwrap().to_owned();
    let ask = visitor.open(&page.link("Disable")).expect(200);
    ask.says("Disable zoe@example.com?");
    let off = visitor.send(&ask, &format!("{place}/{user}/disable"), &[]).expect(200);
    off.says("User disabled").says("Disabled");
    let on = visitor.send(&off, &format!("{place}/{user}/enable"), &[]).expect(200);
    on.says("User enabled");
    let ask = visitor.open(&on.link("Delete")).expect(200);
    let wrong = visitor.send(&ask, &format!("{place}/{user}/delete"), &[("typed", "zoe")]).expect(400);
    wrong.says("What you typed is not “zoe@example.com”.");
    visitor
        .send(&wrong, &format!("{place}/{user}/delete"), &[("typed", "zoe@example.com")])
        .expect(200)
        .says("User deleted");
    account.api("GET", &format!("/users/{user}"), Value::Null).expect(404);
}

#[test]
fn f_5_6_2_roles_are_changed_on_the_users_page() {
    let server = shared();
    let account = server.account(json!("dsm"));
    let user = id(&account.api("POST", "/users", json!({ "email": "ann@example.com" })).expect(201).json());
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/users/{user}", account.id);
    let page = visitor.open(&place).expect(200);
    page.says("In force: Account Member");
    let form = visitor.open(&page.link("Edit roles")).expect(200);
    let saved = visitor.send(&form, &format!("{place}/roles"), &[("roles", "ACCOUNTAUDITOR")]).expect(200);
    saved.says("Roles saved").says("In force: Account Auditor");
    let shown = account.api("GET", &format!("/users/{user}"), Value::Null).expect(200).json();
    assert_eq!(shown["roles"][0]["name"], "Account Auditor");
}

#[test]
fn s_40_the_export_has_the_rows_of_the_list_and_no_formulas() {
    let server = shared();
    let account = server.account(json!("standard"));
    for name in ["=cmd@example.com", "b@example.com"] {
        account
            .scim(
                "POST",
                "/Users",
                json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name }),
            )
            .expect(201);
    }
    let csv = Visitor::operator(&server).open(&format!("/console/accounts/{}/users.csv", account.id)).expect(200);
    let lines: Vec<&str> = csv.html.split("\r\n").filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].starts_with("id,userName,"));
    assert!(csv.html.contains(",'=cmd@example.com,"), "{}", csv.html);
}

#[test]
fn f_4_1_21_a_provisioned_user_is_there_at_once_and_pending_verification() {
    let server = shared();
    let account = server.account(json!("dsm"));
    account.create(json!({ "userName": "new@example.com" }));
    let place = format!("/console/accounts/{}/users", account.id);
    let list = Visitor::operator(&server).open(&place).expect(200);
    list.says("new@example.com Pending verification Managed SCIM Entra Account Member");
}

#[test]
fn s_40_each_filter_search_and_order_finds_who_it_should() {
    let server = shared();
    let account = server.account(json!("standard"));
    let other = account.api("POST", "/admin-apps", json!({ "name": "HR feed", "scopes": ["scim"] })).expect(201).json();
    account.api("POST", "/roles", json!({ "name": "Reader" })).expect(201);
    let reader = account.api("GET", "/roles", Value::Null).expect(200).json()["items"][3]["id"].clone();
    let ann = account.create(json!({
        "userName": "ann@example.com", "displayName": "Ann Ødegård", "externalId": "x-9",
        "emails": [{ "value": "a.odegard@corp.example", "type": "work" }],
    }));
    let off = account.create(json!({ "userName": "off@example.com", "active": false }));
    account.with_key(other["api_key"].as_str().expect("a key")).create(json!({ "userName": "zed@example.com" }));
    account.api("POST", "/users", json!({ "email": "hand@example.com", "roles": ["Reader"] })).expect(201);
    account.api("POST", "/users", json!({ "email": "aud@example.com", "roles": ["Account Auditor"] })).expect(201);
    account.api("PATCH", &format!("/users/{}", id(&ann)), json!({ "verified": true })).expect(200);
    let everyone = ["ann@example.com", "off@example.com", "zed@example.com", "hand@example.com", "aud@example.com"];
    let visitor = Visitor::operator(&server);
    let base = format!("/console/accounts/{}/users", account.id);
    let app = other["id"].as_str().expect("an id");
    for (query, found) in [
        ("?state=disabled".to_owned(), &["off@example.com"][..]),
        ("?managed=false".to_owned(), &["hand@example.com", "aud@example.com"]),
        (format!("?managed=app:{app}"), &["zed@example.com"]),
        (format!("?managed=app:{}", account.app), &["ann@example.com", "off@example.com"]),
        (format!("?role={}", reader.as_str().expect("an id")), &["hand@example.com"]),
        ("?role=ACCOUNTAUDITOR".to_owned(), &["aud@example.com"]),
        ("?role=ACCOUNTAUDITOR&state=disabled".to_owned(), &[]),
        ("?changed=1".to_owned(), &everyone),
        ("?q=%C3%B8degaard".to_owned(), &[]),
        ("?q=%C3%B8deg%C3%A5rd".to_owned(), &["ann@example.com"]),
        ("?q=odegard%40corp".to_owned(), &["ann@example.com"]),
        ("?q=x-9".to_owned(), &["ann@example.com"]),
        ("?q=%22%29%20or%20active".to_owned(), &[]),
        ("?sort=user_name".to_owned(), &everyone),
        ("?sort=modified&managed=true".to_owned(), &["ann@example.com", "off@example.com", "zed@example.com"]),
    ] {
        let page = visitor.open(&format!("{base}{query}")).expect(200);
        let csv = visitor.open(&format!("{base}.csv{query}")).expect(200);
        for name in everyone {
            assert_eq!(
                page.text().contains(&format!("{name} ")),
                found.contains(&name),
                "{query} {name}\n{}",
                page.text()
            );
            assert_eq!(csv.html.contains(&format!(",{name},")), found.contains(&name), "the same rows: {query} {name}");
        }
    }
    let order = |query: &str| {
        let text = visitor.open(&format!("{base}{query}")).expect(200).text();
        let mut places: Vec<(usize, &str)> = everyone.map(|name| (text.rfind(name).unwrap(), name)).to_vec();
        places.sort_unstable();
        places.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    let by_name = ["ann@example.com", "aud@example.com", "hand@example.com", "off@example.com", "zed@example.com"];
    assert_eq!(order("?sort=user_name"), by_name);
    assert_eq!(order("?sort=modified")[0], "ann@example.com", "who changed last comes first");
    account.api("DELETE", &format!("/users/{}", id(&off)), Value::Null).expect(204);
}

#[test]
fn pages_in_every_order_and_with_filters_join_to_the_whole() {
    let server = shared();
    let account = server.account(json!("standard"));
    for number in 0..25 {
        let user = account
            .create(json!({ "userName": format!("u{:02}@example.com", (number * 7) % 25), "active": number % 3 != 0 }));
        drop(user);
    }
    let walk = |query: &str| {
        let (mut names, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = account.api("GET", &format!("/users?limit=4&{query}{cursor}"), Value::Null).expect(200).json();
            let items = page["items"].as_array().expect("a list").clone();
            names.extend(items.iter().map(|user| user["user_name"].as_str().expect("a name").to_owned()));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return names,
            }
        }
    };
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    let all = walk("sort=user_name");
    assert_eq!((all.len(), sorted(all.clone())), (25, all.clone()));
    assert_eq!(sorted(walk("")), all);
    assert_eq!(sorted(walk("sort=modified")), all);
    let off = walk("active=false");
    assert_eq!((off.len(), sorted(off.clone())), (9, walk("active=false&sort=user_name")));
    assert_eq!(sorted(walk("active=true").into_iter().chain(off).collect()), all);
    account.api("GET", "/users?role=nobody", Value::Null).expect(400);
}

#[test]
fn users_who_are_selected_are_disabled_together_and_the_refused_are_named() {
    let server = shared();
    let account = server.account(json!({ "preset": "standard", "guards": ["last_admin"] }));
    let boss = json!({ "email": "boss@example.com", "roles": ["Account Administrator"] });
    let boss = id(&account.api("POST", "/users", boss).expect(201).json());
    let ann = id(&account.api("POST", "/users", json!({ "email": "ann@example.com" })).expect(201).json());
    let bob = id(&account.api("POST", "/users", json!({ "email": "bob@example.com" })).expect(201).json());
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/users", account.id);
    visitor.open(&format!("{place}/disable")).expect(200).says("Nobody was selected");
    let ask = visitor.open(&format!("{place}/disable?user={ann}&user={bob}")).expect(200);
    ask.says("Disable 2 users?").says("ann@example.com").says("bob@example.com");
    let form = ask.form(&format!("{place}/disable"));
    visitor.post(&format!("{place}/disable"), &form, &[]).expect(200).says("2 users disabled");
    assert_eq!(account.shown(&ann)["active"], json!(false));
    let ask = visitor.open(&format!("{place}/disable?user={boss}")).expect(200);
    let partly = visitor.post(&format!("{place}/disable"), &ask.form(&format!("{place}/disable")), &[]).expect(200);
    partly.says("0 users disabled, 1 refused").says("boss@example.com");
    assert_eq!(account.shown(&boss)["active"], json!(true));
    let entries = account.api("GET", "/audit?action=user.disable&outcome=success", Value::Null).expect(200).json();
    assert_eq!(entries["items"].as_array().map(Vec::len), Some(2), "each has an entry of its own");
}

#[test]
fn a_row_names_the_first_roles_and_counts_the_rest() {
    let server = shared();
    let account = server.account(json!("standard"));
    let names = ["Alarms", "Billing and invoices", "Custodians", "Drawings", "Evidence"];
    for name in names {
        account.api("POST", "/roles", json!({ "name": name })).expect(201);
    }
    account.api("POST", "/users", json!({ "email": "ann@example.com", "roles": names })).expect(201);
    let list = Visitor::operator(&server).open(&format!("/console/accounts/{}/users", account.id)).expect(200);
    list.says("Alarms, Billing and invoices, Custodians and 2 more");
    let twice = list.text().matches("ann@example.com").count();
    assert_eq!(twice, 1, "who has no other name is named once");
}
