//! Accounts side by side (TEN).

use super::{ENTERPRISE, SEARCH, ask, column, done, get, id_of, make_group, make_user, standard};
use crate::support::{Server, request, send};
use serde_json::{Value, json};

#[test]
fn ten_03_accounts_see_nothing_of_each_other() {
    let server = Server::start();
    let (ours, theirs) = (standard(&server), standard(&server));
    let same = json!({ "userName": "same@a.example", "externalId": "same" });
    let (mine, other) = (make_user(&ours, same.clone()), make_user(&theirs, same));
    assert_ne!(
        mine["id"], other["id"],
        "TEN-04 TEN-05 TEN-06 SEC-10 the same name and externalId in both, ids of their own"
    );
    for account in [&ours, &theirs] {
        assert_eq!(account.find("externalId eq \"same\"")["totalResults"], 1, "TEN-03 TEN-04");
        assert_eq!(get(account, "/Users?count=0")["totalResults"], 1, "TEN-03 TEN-07 LST-11 totals count our own");
        let all = done(account, "POST /.search", json!({ "schemas": [SEARCH] }));
        assert_eq!(all["totalResults"], 1, "LST-11 TEN-07");
    }
    ask(&ours, &format!("GET /Users/{}", id_of(&other)), Value::Null).error(404);

    // Wherever an id can stand, another account's id names nothing.
    let group = make_group(&theirs, &[&id_of(&other)]);
    for (name, request, body) in [
        (
            "member",
            "POST /Groups",
            json!({ "schemas": [super::GROUP], "displayName": "G", "members": [{ "value": other["id"] }] }),
        ),
        (
            "group as member",
            "POST /Groups",
            json!({ "schemas": [super::GROUP], "displayName": "G", "members": [{ "value": group }] }),
        ),
    ] {
        let foreign = ask(&ours, request, body.clone()).error(400);
        let text = body
            .to_string()
            .replace(other["id"].as_str().expect("an id"), super::NOBODY)
            .replace(&group, super::NOBODY);
        let nobody = ask(&ours, request, serde_json::from_str(&text).expect("JSON")).error(400);
        let blind = |error: &Value| {
            error["detail"]
                .as_str()
                .expect("a detail")
                .replace(other["id"].as_str().expect("an id"), "")
                .replace(&group, "")
                .replace(super::NOBODY, "")
        };
        assert_eq!(blind(&foreign), blind(&nobody), "TEN-03 TEN-07 {name}: as if there were nobody");
    }
    let filter = format!("/Users?filter=id%20eq%20{}", crate::support::encoded(&other["id"].to_string()));
    assert_eq!(column(&get(&ours, &filter), "id"), Vec::<String>::new(), "TEN-03");
    let report = super::new_user(json!({ ENTERPRISE: { "manager": { "value": other["id"] } } }));
    let answer = ask(&ours, "POST /Users", report);
    assert!(
        answer.status >= 400 || answer.json()[ENTERPRISE]["manager"].get("displayName").is_none(),
        "TEN-07 {}",
        answer.text
    );
}

#[test]
fn ten_02_the_key_chooses_the_account_whatever_else_is_sent() {
    let server = Server::start();
    let (ours, theirs) = (standard(&server), standard(&server));
    let user = make_user(&ours, json!({}));
    let url = format!("{}/scim/v2/Users", server.base);
    for (name, value) in [("x-account", theirs.id.as_str()), ("x-tenant-id", &theirs.id), ("cookie", &theirs.key)] {
        let answer = send(request("GET", &url).bearer_auth(&ours.key).header(name, value)).expect(200).json();
        assert_eq!(column(&answer, "id"), [id_of(&user)], "TEN-01 TEN-02 TEN-03 {name}");
    }
    let two = send(request("GET", &url).bearer_auth(&ours.key).bearer_auth(&theirs.key));
    assert_eq!(two.status, 401, "TEN-03 two keys are none");
    let at = |app: &str| send(request("GET", &format!("{}/scim/{app}/v2/Users", server.base)).bearer_auth(&ours.key));
    let own = at(&ours.app).expect(200).json();
    assert_eq!(column(&own, "id"), [id_of(&user)], "TEN-02 an address may name the connection");
    let location = own["Resources"][0]["meta"]["location"].as_str().expect("a location");
    assert!(location.contains(&format!("/scim/{}/v2/Users/", ours.app)), "LOC-03 TEN-02 {location}");
    for app in [theirs.app.as_str(), super::NOBODY] {
        let refused = at(app);
        assert!(matches!(refused.status, 401 | 403 | 404), "TEN-03 an address of another's: {}", refused.text);
        let status = refused.status;
        refused.error(status);
    }
}
