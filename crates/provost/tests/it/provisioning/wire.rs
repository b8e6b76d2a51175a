//! What goes over the wire, as a proxy hears it.

use super::{Account, Recorder, app, change, company, dsm, dsm_rows, fulcrum_rows, hire, id_of, through, users, went};
use crate::support::{Server, pause, request};
use serde_json::{Value, json};
use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

#[test]
fn f_3_1_4_and_f_3_2_4_only_the_scim_base_is_asked_and_always_with_the_key() {
    let company = company();
    let target = dsm(&company);
    let (app, recorder) = through(&company, &target);
    let ann = hire(&company, "ann");
    app.assign(&ann, None);
    app.cycle();
    change(&company, &ann, "active", json!(false));
    app.cycle();
    let heard = recorder.take();
    let methods: Vec<&str> = heard.iter().map(|heard| &*heard.method).collect();
    for method in ["GET", "POST", "PATCH"] {
        assert!(methods.contains(&method), "{methods:?}");
    }
    for request in &heard {
        assert!(request.path.starts_with("/scim/v2/Users"), "{request:?}");
        assert_eq!(request.authorization, format!("Bearer {}", target.key));
    }
    target.with_key("prv_wrong").scim("GET", "/Users", Value::Null).error(401);
    target.with_key("").scim("GET", "/Users", Value::Null).error(401);
    app.set(json!({ "secret_token": "prv_wrong_key" }));
    app.assign(&hire(&company, "bob"), None);
    assert_eq!(app.run("")["status"], json!("failed"));
    assert_eq!(users(&target), ["-ann"]);
}

#[test]
fn f_3_2_1_and_f_3_2_2_and_f_3_2_3_one_change_is_one_request_with_that_change_only() {
    let company = company();
    let target = dsm(&company);
    let (app, recorder) = through(&company, &target);
    let ann = hire(&company, "ann");
    app.assign(&ann, None);
    app.cycle();
    let [post] = <[_; 1]>::try_from(recorder.writes()).expect("one request writes");
    assert_eq!((&*post.method, &*post.path, &post.body["userName"]), ("POST", "/scim/v2/Users", &json!("ann@a.com")));
    let there = format!("/scim/v2/Users/{}", id_of(&target, "ann"));

    change(&company, &ann, "active", json!(false));
    app.cycle();
    let [patch] = <[_; 1]>::try_from(recorder.writes()).expect("one request writes");
    let operations = json!([{ "op": "replace", "value": { "active": false } }]);
    let flat = json!([{ "op": "replace", "path": "active", "value": false }]);
    assert_eq!((&*patch.method, &patch.path, &patch.body["schemas"]), ("PATCH", &there, &json!([PATCH])));
    assert!([operations, flat].contains(&patch.body["Operations"]), "{}", patch.body);

    company.api("DELETE", &format!("/users/{ann}?permanent=true"), Value::Null).expect(204);
    app.cycle();
    let [delete] = <[_; 1]>::try_from(recorder.writes()).expect("one request writes");
    assert_eq!((&*delete.method, &delete.path), ("DELETE", &there));
}

#[test]
fn f_4_1_17_of_three_assigned_users_the_one_who_is_there_is_not_posted() {
    let company = company();
    let target = dsm(&company);
    target.api("POST", "/users", json!({ "email": "bob@a.com" })).expect(201);
    let (app, recorder) = through(&company, &target);
    for name in ["ann", "bob", "cid"] {
        app.assign(&hire(&company, name), None);
    }
    app.cycle();
    let posted = recorder.writes().iter().filter(|heard| heard.method == "POST").count();
    assert_eq!((posted, users(&target).len()), (2, 3));
}

/// What is sent to disable a user whose app has this query, and how the user stands then.
fn disabled(company: &super::Lodger, query: &str, target: &Account) -> (String, Value, Value) {
    let recorder = Recorder::before(&target.base);
    let app = app(company, &format!("{}/scim/v2{query}", recorder.base), &target.key);
    app.maps(dsm_rows(), false);
    let assigned = app.assign("ann@a.com", None);
    assert_eq!(app.cycle(), went([1, 0, 0, 0, 0]));
    app.unassign(&assigned);
    recorder.take();
    assert_eq!(app.cycle(), went([0, 0, 1, 0, 0]));
    let heard = recorder.take();
    assert!(heard.iter().all(|heard| heard.path.starts_with("/scim/v2/Users/")), "{heard:?}");
    let patch = heard.into_iter().find(|heard| heard.method == "PATCH").expect("the user is disabled");
    let operation = &patch.body["Operations"][0];
    let value = operation["value"].as_object().map_or(&operation["value"], |value| &value["active"]);
    let op = operation["op"].as_str().expect("an operation has a name").to_owned();
    (op, value.clone(), super::seen(target, "ann")["active"].clone())
}

#[test]
fn f_5_4_4_and_f_5_4_5_and_f_5_4_6_the_tenant_url_chooses_the_dialect_and_both_come_to_the_same() {
    let company = company();
    hire(&company, "ann");
    let sent = |query| disabled(&company, query, &dsm(&company));
    assert_eq!(sent("?aadOptscim062020"), ("replace".to_owned(), json!(false), json!(false)));
    assert_eq!(sent(""), ("Replace".to_owned(), json!("False"), json!(false)));
    let target = dsm(&company);
    for query in ["", "?aadOptscim062020", "?aadOptscim062020=1"] {
        target.scim("GET", &format!("/Users{query}"), Value::Null).expect(200);
    }
}

#[test]
fn f_5_4_7_another_string_than_the_key_is_no_credential() {
    let company = company();
    let target = dsm(&company);
    let app = app(&company, &format!("{}/scim/v2?aadOptscim062020", target.base), "prv_another_string");
    let found = app.api("POST", "/test-connection", Value::Null).expect(200).json();
    assert_eq!((&found["success"], &found["result"]), (&json!(false), &json!("credentials_invalid")));
    app.set(json!({ "secret_token": target.key }));
    let found = app.api("POST", "/test-connection", Value::Null).expect(200).json();
    assert_eq!((&found["success"], &found["result"]), (&json!(true), &json!("success")));
}

#[test]
fn u_32_the_older_dialect_below_a_base_without_a_version_comes_to_the_same() {
    let company = company();
    let ann = hire(&company, "ann");
    company.patch(&ann, json!([{ "op": "add", "path": "name.givenName", "value": "A." }])).expect(200);
    let life = |base: &str| -> (Vec<Value>, Vec<String>) {
        let target = super::fulcrum::fulcrum(&company);
        let recorder = Recorder::before(&target.base);
        let app = app(&company, &format!("{}{base}", recorder.base), &target.key);
        app.maps(fulcrum_rows(), true);
        app.assign(&ann, None);
        app.cycle();
        change(&company, &ann, "name.givenName", json!(format!("Ann {base}")));
        app.cycle();
        let user = super::seen(&target, "ann");
        let mut methods: Vec<String> = Vec::new();
        for heard in recorder.writes() {
            methods.push(format!(
                "{} {}",
                heard.method,
                heard.body["Operations"][0]["op"].as_str().unwrap_or_default()
            ));
            assert!(heard.path.starts_with(&format!("{base}/Users")), "{heard:?}");
        }
        let given = user["name"]["givenName"].as_str().map(|name| name.replace(base, "")).unwrap_or_default();
        (vec![user["externalId"].clone(), user["active"].clone(), json!(given)], methods)
    };
    let (with, without) = (life("/scim/v2"), life("/scim"));
    assert_eq!(with, without);
    assert_eq!(with.0, [json!(ann), json!(true), json!("Ann ")]);
    assert_eq!(with.1, ["POST ", "PATCH Replace"]);
}

#[test]
fn s_96_a_server_that_is_killed_on_the_way_goes_on_without_duplicates_or_losses() {
    let mut server = Server::start_with(&["--allow-private-targets"]);
    let company = server.account(json!("directory"));
    let elsewhere = super::company();
    let target = dsm(&elsewhere);
    let (app, recorder) = through(&company, &target);
    for number in 0..40 {
        app.assign(&hire(&company, &format!("user{number:02}")), None);
    }
    let (release, released) = mpsc::channel::<()>();
    let mut posts = 0;
    recorder.gate(Box::new(move |heard| {
        posts += usize::from(heard.method == "POST");
        // Behind the fifteenth, everything waits until the server is dead.
        posts <= 15 || released.recv().is_ok()
    }));
    let path = format!("{}/api/v1/accounts/{}/enterprise-apps/{}/cycle", company.base, company.id, app.id);
    thread::scope(|scope| {
        let asked = scope.spawn(|| request("POST", &path).bearer_auth(&company.operator_key).send().is_ok());
        let deadline = Instant::now() + Duration::from_secs(60);
        while users(&target).len() < 15 {
            assert!(Instant::now() < deadline, "the cycle does not get as far");
            pause();
        }
        server.kill();
        assert!(!asked.join().expect("the request ends"), "it was killed on the way");
    });
    drop(release);
    recorder.open();
    server.restart();
    let company = server.again(&company);
    let app = super::App { company: &company, id: app.id.clone() };
    // The lease of the process that was killed runs out first.
    let deadline = Instant::now() + Duration::from_secs(90);
    while app.api("POST", "/cycle", Value::Null).status != 200 {
        assert!(Instant::now() < deadline, "nobody may work for the account");
        pause();
    }
    assert_eq!(users(&target), (0..40).map(|number| format!("user{number:02}")).collect::<Vec<_>>());
    let posted = recorder.writes().iter().filter(|heard| heard.method == "POST").count();
    assert_eq!((posted >= 40, app.run("")["counts"]["writes"].clone()), (true, json!(0)));
}
