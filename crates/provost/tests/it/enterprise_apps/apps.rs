//! The apps themselves, and their secret tokens.

use super::{TOKEN, app, company};
use crate::support::{Server, id};
use serde_json::{Value, json};

#[test]
fn u_35_an_app_is_kept_as_it_was_made_and_begins_with_entras_ways() {
    let contoso = company();
    let body = json!({
        "name": " DSM ", "tenant_url": "https://scim.example.com/scim/v2?aadOptscim062020", "secret_token": TOKEN,
        "scope": "all", "accidental_deletion_threshold": 3, "interval": 5, "notify": ["ops@contoso.example"],
    });
    let answer = contoso.api("POST", "/enterprise-apps", body).expect(201);
    let made = answer.json();
    assert!(answer.header("location").ends_with(&format!("/enterprise-apps/{}", id(&made))));
    for (pointer, value) in [
        ("/name", json!("DSM")),
        ("/tenant_url", json!("https://scim.example.com/scim/v2?aadOptscim062020")),
        ("/started", json!(false)),
        ("/scope", json!("all")),
        ("/accidental_deletion_threshold", json!(3)),
        ("/interval", json!(5)),
        ("/notify", json!(["ops@contoso.example"])),
        ("/skip_out_of_scope_deletions", json!(false)),
        ("/drift", json!("ignore")),
    ] {
        assert_eq!(made.pointer(pointer), Some(&value), "{pointer}");
    }
    let plain = json!({ "name": "Plain", "tenant_url": "https://scim.example.com" });
    let plain = contoso.api("POST", "/enterprise-apps", plain).expect(201).json();
    assert_eq!((&plain["interval"], &plain["scope"]), (&json!(2400), &json!("assigned")), "every 40 minutes");
    assert_eq!(plain["secret_token"], Value::Null);
    let path = format!("/enterprise-apps/{}", id(&made));
    assert_eq!(contoso.api("GET", &path, Value::Null).expect(200).json(), made);
    let change = json!({ "accidental_deletion_threshold": null, "interval": 60 });
    let changed = contoso.api("PATCH", &path, change).expect(200).json();
    assert_eq!((&changed["accidental_deletion_threshold"], &changed["interval"]), (&Value::Null, &json!(60)));
    assert_eq!(changed["name"], json!("DSM"));
    contoso.api("PATCH", &path, json!({ "name": "plain" })).refused(409, &["an enterprise app of this name exists"]);
    contoso.api("DELETE", &path, Value::Null).expect(204);
    contoso.api("GET", &path, Value::Null).refused(404, &["no such enterprise app"]);
    let listed = contoso.api("GET", "/enterprise-apps", Value::Null).expect(200).json();
    assert_eq!(listed["items"], json!([plain]));
}

#[test]
fn f_5_2_1_an_app_can_be_made_before_anybody_connects_it_and_sends_nothing_until_then() {
    let contoso = company();
    let made = contoso.api("POST", "/enterprise-apps", json!({ "name": "Later" })).expect(201).json();
    assert_eq!((&made["tenant_url"], &made["secret_token"]), (&json!(""), &Value::Null));
    let path = format!("/enterprise-apps/{}", id(&made));
    contoso.api("PATCH", &path, json!({ "secret_token": TOKEN })).refused(400, &["secret_token", "tenant URL first"]);
    contoso.api("POST", &format!("{path}/start"), Value::Null).refused(409, &["no secret token"]);
    contoso.api("POST", &format!("{path}/cycle"), Value::Null).refused(409, &["tenant"]);
    let connected = json!({ "tenant_url": "https://scim.example.com/scim", "secret_token": TOKEN });
    contoso.api("PATCH", &path, connected).expect(200);
    contoso.api("POST", &format!("{path}/start"), Value::Null).expect(200);
}

#[test]
fn s_102_a_secret_token_is_never_shown_and_stays_with_its_host() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com/scim");
    let ends = |shown: &Value| shown["secret_token"]["ends_with"].clone();
    assert_eq!(ends(&app.api("GET", "", Value::Null).json()), json!("nana"));
    for (change, end) in [
        (json!({ "name": "Other" }), json!("nana")),
        (json!({ "tenant_url": "https://scim.example.com:8443/scim/v2?aadOptscim062020" }), json!("nana")),
        (json!({ "secret_token": "another-t0ken-of-the-t4rget" }), json!("rget")),
        (json!({ "tenant_url": "https://scim.example.org/scim" }), Value::Null),
        (json!({ "tenant_url": "https://scim.example.net/scim", "secret_token": "short" }), json!("")),
        (json!({ "secret_token": null }), Value::Null),
    ] {
        let shown = app.api("PATCH", "", change.clone()).expect(200).json();
        assert_eq!(ends(&shown), end, "{change}");
    }
    let everything = [
        contoso.api("GET", "/enterprise-apps", Value::Null).text,
        contoso.api("GET", "/export", Value::Null).text,
        contoso.api("GET", "/audit?limit=200", Value::Null).text,
    ];
    for (place, text) in ["list", "export", "audit log"].into_iter().zip(&everything) {
        for secret in ["s3cret", "t0ken", "short", "sealed"] {
            assert!(!text.contains(secret), "{secret} in the {place}");
        }
    }
    let forgotten = "the secret token was forgotten: the tenant URL names another host, so give it again";
    assert!(everything[2].contains(forgotten));
}

#[test]
fn s_102_a_database_holds_no_secret_token() {
    let mut server = Server::start_in_folder(&["--allow-private-targets"]);
    let account = server.account(json!("directory"));
    app(&account, "https://scim.example.com/scim");
    server.stop();
    let mut looked_at = 0;
    for file in std::fs::read_dir(server.data()).unwrap().map(Result::unwrap).filter(|file| file.path().is_file()) {
        let bytes = std::fs::read(file.path()).unwrap();
        looked_at += usize::from(bytes.windows(11).any(|part| part == b"example.com"));
        assert!(!bytes.windows(8).any(|part| part == b"s3cret-b"), "{:?}", file.path());
    }
    assert!(looked_at > 0, "the app is in one of the files");
}

#[test]
fn f_3_2_5_plain_http_and_private_addresses_are_refused_when_saved() {
    let strict = crate::support::shared();
    let account = strict.account(json!("directory"));
    for (url, said) in [
        ("http://scim.example.com/scim", "begins with https://"),
        ("https://127.0.0.1/scim", "not public"),
        ("https://[::ffff:169.254.169.254]/scim", "not public"),
        ("https://2130706433/scim", "not public"),
    ] {
        let body = json!({ "name": "X", "tenant_url": url, "secret_token": TOKEN });
        account.api("POST", "/enterprise-apps", body).refused(400, &["tenant_url", said]);
    }
    let made =
        account.api("POST", "/enterprise-apps", json!({ "name": "X", "tenant_url": "https://scim.example.com" }));
    let path = format!("/enterprise-apps/{}", id(&made.expect(201).json()));
    account.api("PATCH", &path, json!({ "tenant_url": "http://scim.example.com" })).refused(400, &["https://"]);
}

#[test]
fn what_an_app_cannot_be_is_refused_by_name() {
    let contoso = company();
    let good = json!({ "name": "X", "tenant_url": "https://scim.example.com" });
    for (member, value, said) in [
        ("name", json!(""), "needs a name"),
        ("name", json!("a\nb"), "one line"),
        ("tenant_url", json!("ftp://scim.example.com"), "tenant_url"),
        ("tenant_url", json!("https://ann:secret@scim.example.com"), "tenant_url"),
        ("secret_token", json!("a b"), "secret_token"),
        ("secret_token", json!(""), "secret_token"),
        ("secret_token", json!("x".repeat(5_000)), "secret_token"),
        ("interval", json!(0), "interval"),
        ("interval", json!(604_801), "interval"),
        ("interval", json!(-1), "interval"),
        ("scope", json!("some"), "scope"),
        ("drift", json!("panic"), "drift"),
        ("notify", json!(["no address"]), "notify"),
        ("accidental_deletion_threshold", json!(-1), "accidental_deletion_threshold"),
        ("intervall", json!(1), "unknown field"),
    ] {
        let mut body = good.clone();
        body[member] = value.clone();
        let detail = contoso.api("POST", "/enterprise-apps", body).refused(400, &[]);
        assert!(detail["detail"].as_str().unwrap().contains(said), "{member} {value}: {detail}");
    }
    contoso.api("POST", "/enterprise-apps", json!({ "tenant_url": "https://x.example" })).refused(400, &["name"]);
    assert_eq!(contoso.api("GET", "/enterprise-apps", Value::Null).json()["items"], json!([]));
}

#[test]
fn f_4_1_1_an_app_starts_with_a_token_only_and_what_is_done_to_it_is_in_the_audit_log() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    app.api("PATCH", "", json!({ "secret_token": null })).expect(200);
    app.api("POST", "/start", Value::Null).refused(409, &["no secret token"]);
    app.api("PATCH", "", json!({ "secret_token": TOKEN })).expect(200);
    assert_eq!(app.api("POST", "/start", Value::Null).expect(200).json()["started"], json!(true));
    assert_eq!(app.api("POST", "/stop", Value::Null).expect(200).json()["started"], json!(false));
    app.api("PUT", "/scope", json!({ "scope": "all", "nested_groups": true })).expect(200);
    let scope = app.api("GET", "/scope", Value::Null).expect(200).json();
    assert_eq!(scope, json!({ "scope": "all", "nested_groups": true, "skip_out_of_scope_deletions": false }));
    app.api("DELETE", "", Value::Null).expect(204);
    let log = contoso.audit();
    let about = |entry: &&Value| entry["target"]["id"] == json!(app.id) || entry["action"] == "enterprise-app.create";
    let actions: Vec<(&str, &str)> = log
        .iter()
        .filter(about)
        .map(|entry| (entry["action"].as_str().unwrap(), entry["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(
        actions,
        [
            ("enterprise-app.delete", "success"),
            ("enterprise-app.update", "success"),
            ("enterprise-app.stop", "success"),
            ("enterprise-app.start", "success"),
            ("enterprise-app.update", "success"),
            ("enterprise-app.start", "failure"),
            ("enterprise-app.update", "success"),
            ("enterprise-app.create", "success"),
        ]
    );
}

#[test]
fn f_5_1_4_a_token_of_somebody_without_the_permission_changes_no_app() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    let token = |role: &str| {
        let user =
            contoso.api("POST", "/users", json!({ "email": format!("{role}@contoso.example"), "roles": [role] }));
        let body = json!({ "name": role, "scopes": ["api"], "owner": id(&user.expect(201).json()) });
        contoso.api("POST", "/admin-apps", body).expect(201).json()["api_key"].as_str().unwrap().to_owned()
    };
    let ask = |token: &str, method: &str, path: &str| {
        let url = format!("{}/api/v1/accounts/{}/enterprise-apps/{}{path}", contoso.base, contoso.id, app.id);
        crate::support::send(crate::support::request(method, &url).bearer_auth(token)).status
    };
    let (member, auditor) = (token("ACCOUNTMEMBER"), token("ACCOUNTAUDITOR"));
    for (method, path, of_member, of_auditor) in [
        ("GET", "", 403, 200),
        ("GET", "/mappings", 403, 200),
        ("GET", "/assignments", 403, 200),
        ("POST", "/start", 403, 403),
        ("POST", "/test-connection", 403, 403),
        ("DELETE", "", 403, 403),
    ] {
        assert_eq!(
            (ask(&member, method, path), ask(&auditor, method, path)),
            (of_member, of_auditor),
            "{method} {path}"
        );
    }
}
