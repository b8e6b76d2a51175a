//! Which client speaks through an admin app, over the API and in the console.

use crate::{
    console::Visitor,
    support::{Server, id, pause},
};
use serde_json::{Value, json};

#[test]
fn c16_entra_without_its_flag_is_recognised_and_held_against_the_policy() {
    let mut server = Server::start();
    let account = server.account(json!("dsm"));
    let user = id(&account.create(json!({ "userName": "ann@acme.example" })));
    let dialect = format!("/admin-apps/{}/dialect", account.app);
    assert_eq!(account.api("GET", &dialect, Value::Null).expect(200).json()["client"], Value::Null);
    let legacy = json!([{ "op": "Replace", "path": "active", "value": "False" }]);
    account.patch(&user, legacy).expect(200);
    let seen = account.api("GET", &dialect, Value::Null).expect(200).json();
    assert_eq!((&seen["client"], &seen["flag"]), (&json!("entra"), &json!("off")), "{seen}");
    let codes: Vec<&str> =
        seen["repairs"].as_array().expect("a list").iter().filter_map(|one| one["code"].as_str()).collect();
    assert_eq!(codes, ["boolean-text", "op-case"]);
    assert!(seen["advice"][0].as_str().is_some_and(|advice| advice.contains("will not be removed")), "{seen}");
    let page = Visitor::operator(&server)
        .open(&format!("/console/accounts/{}/settings/admin-apps/{}/requests", account.id, account.app))
        .expect(200);
    page.says("Microsoft Entra ID").says("will not be removed");

    // It is kept, and what comes later counts.
    server.stop();
    server.restart();
    let account = server.again(&account);
    let kept = account.api("GET", &dialect, Value::Null).expect(200).json();
    assert_eq!(kept["repairs"], seen["repairs"]);
    account.scim("GET", "/Users?count=0&aadOptscim062020", Value::Null).expect(200);
    let after = loop {
        let after = account.api("GET", &dialect, Value::Null).expect(200).json();
        if after["flag"] == "on" {
            break after;
        }
        pause();
    };
    assert_eq!(after["advice"], json!([]));
    account.api("GET", "/admin-apps/x/dialect", Value::Null).expect(404);
}
