//! Texts that mean harm, and texts without end, in everything that is stored and shown.

use super::{operator, stage::Names, walk::answer};
use crate::support::{Account, Server, id};
use provost_testkit::Page;
use serde_json::{Value, json};

/// Ends an attribute, an element, a script and a text, and runs wherever one of them is not escaped.
const SCRIPT: &str = "\"'></title></textarea></script><script>window.__xss=1</script><img src=x onerror=\"window.__xss=1\">${1337*7331}{{1337*7331}}";

/// An account in which every text is this, as far as its own rules let it in; shorter where they bound it.
fn account_of(server: &Server, text: &str) -> (Account, Names) {
    let cut = |most: usize| text.chars().take(most).collect::<String>();
    let made = server.api("POST", "/accounts", json!({ "name": cut(100), "policy": "directory" })).expect(201).json();
    let first = json!({ "name": cut(100), "description": cut(1000) });
    let app = server.api("POST", &format!("/accounts/{}/admin-apps", id(&made)), first).expect(201).json();
    let account = Account {
        base: server.base.clone(),
        operator_key: server.operator_key.clone(),
        id: id(&made),
        app: id(&app),
        key: app["api_key"].as_str().expect("a new app shows its key").to_owned(),
    };
    let role =
        id(&account.api("POST", "/roles", json!({ "name": cut(100), "description": cut(1000) })).expect(201).json());
    let long = cut(4096);
    let user = |name: &str| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": format!("{name}{}", cut(250)), "externalId": format!("{name}{}", cut(250)), "displayName": long, "title": long,
            "name": { "givenName": long, "familyName": long, "formatted": long },
            "emails": [{ "type": "work", "value": format!("{name}{}", cut(250)) }],
        })
    };
    let users = ["1", "2"].map(|name| id(&account.create(user(name))));
    account.scim("POST", "/Users", user("1")).expect(409);
    let group = id(&account.group(&cut(250), &[&users[0], &users[1]]));
    let target = json!({ "name": cut(100), "tenant_url": format!("{}/scim/v2", server.base), "secret_token": "prv_wrong_key_00" });
    let enterprise_app = id(&account.api("POST", "/enterprise-apps", target).expect(201).json());
    let below =
        |path: &str, body: Value| account.api("POST", &format!("/enterprise-apps/{enterprise_app}{path}"), body);
    let app_role = json!({ "display_name": cut(100), "value": "hostile", "description": cut(1000) });
    let app_role = id(&below("/app-roles", app_role).expect(201).json());
    let assignment = id(&below("/assignments", json!({ "user": users[0], "app_role": app_role })).expect(201).json());
    below("/cycle", Value::Null).expect(200);
    let requests = account.api("GET", "/requests?limit=1", Value::Null).expect(200).json();
    let names = Names(vec![
        ("account", account.id.clone()),
        ("user", users[0].clone()),
        ("group", group),
        ("role", role),
        ("role", app_role),
        ("app", account.app.clone()),
        ("app", enterprise_app),
        ("assignment", assignment),
        ("objects", "users".to_owned()),
        ("entry", "none".to_owned()),
        ("cycle", "none".to_owned()),
        ("index", "none".to_owned()),
        ("version", "1".to_owned()),
        ("form", "none".to_owned()),
        ("seq", "3".to_owned()),
        ("token", "none".to_owned()),
        ("session", "none".to_owned()),
        ("request", id(&requests["items"][0])),
    ]);
    (account, names)
}

/// Opens every screen of an account; all that can be opened.
fn every_screen(page: &Page, names: &Names, check: impl Fn(&str)) {
    for template in provost_server::console::paths() {
        for path in names.paths(&template) {
            let (status, kind) = answer(page, &path);
            if status != 405 && kind.starts_with("text/html") {
                page.open(&path);
                check(&template);
            }
        }
    }
}

#[test]
fn scripts_in_every_text_are_shown_and_never_run() {
    let server = Server::start_with(&["--allow-private-targets"]);
    let (account, names) = account_of(&server, SCRIPT);
    let page = operator(&server);
    every_screen(&page, &names, |template| {
        assert_eq!(page.evaluate("window.__xss"), Value::Null, "{template}");
        let made = page.evaluate("document.querySelectorAll('script:not([src]), img[src=x], [onerror]').length");
        assert_eq!(made, json!(0), "{template}: a text has become an element");
        assert!(!page.text().contains("9801547"), "{template}: a text was evaluated: {}", page.text());
    });
    page.open(&format!("/console/accounts/{}/users", account.id));
    page.see("<script>window.__xss=1</script>");
    // What comes with the address, too.
    let asked = "%22%27%3E%3Cscript%3Ewindow.__xss%3D1%3C/script%3E";
    for path in [
        format!("/console/accounts/{}/users?q={asked}&state={asked}&cursor={asked}", account.id),
        format!("/console/{asked}"),
    ] {
        page.open(&path);
        assert_eq!(page.evaluate("window.__xss"), Value::Null, "{path}");
        assert_eq!(page.evaluate("document.querySelectorAll('script:not([src])').length"), json!(0), "{path}");
    }
}

#[test]
fn the_longest_names_that_are_let_in_break_no_screen() {
    let server = Server::start_with(&["--allow-private-targets"]);
    let (_, names) = account_of(&server, &"Wolfeschlegelstein".repeat(556));
    let page = operator(&server);
    let wide = std::cell::RefCell::new(Vec::new());
    for width in [1440, 360] {
        page.resize(width, 900);
        every_screen(&page, &names, |template| {
            let parts = page.overflow();
            wide.borrow_mut()
                .extend((!parts.is_empty()).then(|| format!("{template} at {width}: {}", parts.join(", "))));
        });
    }
    let wide = wide.into_inner();
    assert!(wide.is_empty(), "{}", wide.join("\n"));
}
