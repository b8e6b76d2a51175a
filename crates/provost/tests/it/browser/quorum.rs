//! Quorum policies: who approves is guarded, until an administrator takes the person out.

use super::{at, lodging};
use crate::support::id;
use serde_json::json;

#[test]
fn f_8_0_5_an_approver_is_de_provisioned_after_an_administrator_took_them_out_of_the_policy() {
    let (account, page) = lodging(json!("dsm"));
    let ann = id(&account.create(json!({ "userName": "ann@example.com" })));
    account.api("POST", "/users", json!({ "email": "bob@example.com" })).expect(201);
    page.open(&at(&account, "/settings/quorum"));
    page.click("Set quorum policy");
    for user in ["bob@example.com", "ann@example.com"] {
        page.fill("User", user);
        page.click("Add user");
    }
    page.click("Save quorum policy");
    page.see("Quorum policy saved");
    page.part("Guarded users").offers("ann@example.com");
    let disable = || account.patch(&ann, json!([{ "op": "replace", "path": "active", "value": false }]));
    disable().refused(409, &["quorum"]);
    page.open(&at(&account, &format!("/users/{ann}")));
    page.see("Update refused");
    page.click("Open quorum policy");
    page.click("Edit quorum policy");
    page.click("Remove ann@example.com");
    page.click("Save quorum policy");
    page.see("Quorum policy saved");
    disable().expect(200);
    page.open(&at(&account, &format!("/users/{ann}")));
    page.withholds("Open quorum policy");
}
