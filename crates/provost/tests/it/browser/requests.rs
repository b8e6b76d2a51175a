//! The request log: found by the person whom a request was about.

use super::{at, lodging};
use crate::support::id;
use serde_json::json;

#[test]
fn s_74_a_failed_patch_is_found_by_the_users_address_with_three_clicks() {
    let (account, page) = lodging(json!("standard"));
    let ann = id(&account.create(json!({ "userName": "ann@example.com" })));
    account.create(json!({ "userName": "bob@example.com" }));
    let wrong = json!([{ "op": "replace", "value": { "active": "perhaps", "password": "s3cret-of-ann" } }]);
    let refused = account.patch(&ann, wrong).expect(400);
    let number = refused.header("x-request-id").to_owned();
    let detail = refused.json()["detail"].as_str().unwrap_or_default().replace('`', "");
    page.open(&at(&account, ""));
    page.click("Request log");
    page.fill("Search by user", "ann@example.com");
    page.click("Search");
    page.lacks("bob@example.com");
    page.row(&format!("PATCH /Users/{ann}")).see("400");
    page.click(&format!("PATCH /Users/{ann}"));
    for text in ["PATCH", "400", "ms", "SCIM Entra", number.as_str(), "perhaps", "[redacted]"] {
        page.see(text);
    }
    page.lacks("s3cret-of-ann");
    let shown = page.part("Why").text().to_lowercase();
    assert!(detail.to_lowercase().split_whitespace().take(3).all(|word| shown.contains(word)), "{shown}: {detail}");
}
