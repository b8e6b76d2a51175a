//! The account itself: facts, limits, indexes, the stream of its audit log.

use super::Visitor;
use crate::support::shared;
use serde_json::{Value, json};

#[test]
fn the_account_is_renamed_limited_and_indexed() {
    let server = shared();
    let account = server.account(json!("standard"));
    let visitor = Visitor::operator(&server);
    let base = format!("/console/accounts/{}/settings", account.id);
    let start = visitor.open(&base).expect(200);
    assert_eq!(start.at, format!("{base}/admin-apps"));
    let place = format!("{base}/account");
    let page = visitor.open(&start.link("Account")).expect(200);
    page.says("Name Acme").says("/scim/v2").says("No indexes of its own").says("Sent nowhere");
    let form = visitor.open(&page.link("Edit account")).expect(200);
    visitor.send(&form, &format!("{place}/edit"), &[("max_users", "many")]).expect(400).says("Give a whole number");
    let typed = [("name", "Larkfield <b>"), ("max_users", "50")];
    let saved = visitor.send(&form, &format!("{place}/edit"), &typed).expect(200);
    saved.says("Account saved").says("Larkfield <b>").says("0 of 50");
    let form = visitor.open(&saved.link("Add index")).expect(200);
    let wrong = visitor.send(&form, &format!("{place}/indexes/new"), &[("attribute", "nothing")]).expect(400);
    wrong.says("The index was not added");
    let added = visitor.send(&wrong, &format!("{place}/indexes/new"), &[("attribute", "title")]).expect(200);
    added.says("Index added").says("title");
    let ask = visitor.open(&added.link("Remove title")).expect(200);
    ask.says("Remove the index on title of User?");
    let index = account.api("GET", "/indexes", Value::Null).expect(200).json()["items"][0]["id"].clone();
    let remove = format!("{place}/indexes/{}/remove", index.as_str().unwrap());
    visitor.send(&ask, &remove, &[]).expect(200).says("Index is being removed");
}

#[test]
fn s_73_the_operator_sends_the_audit_log_somewhere_and_stops_it() {
    let server = shared();
    let account = server.account(json!("standard"));
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/settings/account", account.id);
    let form = visitor.open(&visitor.open(&place).expect(200).link("Set audit stream")).expect(200);
    visitor
        .send(&form, &format!("{place}/stream"), &[("target", "ftp://x")])
        .expect(400)
        .says("The audit stream was not set");
    let set = visitor.send(&form, &format!("{place}/stream"), &[("target", "syslog://127.0.0.1:9")]).expect(200);
    set.says("Audit stream set").says("syslog://127.0.0.1:9");
    let ask = visitor.open(&format!("{place}/stream/remove")).expect(200);
    visitor.send(&ask, &format!("{place}/stream/remove"), &[]).expect(200).says("Sent nowhere");
}
