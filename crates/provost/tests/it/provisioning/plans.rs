//! Plans, and cycles that are taken back.

use super::{change, company, dsm_rows, hire, seen, users, went};
use serde_json::{Value, json};

/// An app into an account that keeps display names.
fn naming<'a>(company: &'a super::Account, target: &super::Account) -> super::App<'a> {
    let made = super::app(company, &format!("{}/scim/v2?aadOptscim062020", target.base), &target.key);
    let mut rows = dsm_rows();
    rows.as_array_mut().expect("rows are a list").truncate(3);
    rows.as_array_mut().expect("rows are a list").push(json!({ "target": "displayName", "source": "displayName" }));
    made.maps(rows, false);
    made
}

#[test]
fn a_plan_shows_what_would_be_done_and_does_nothing() {
    let company = company();
    let target = company.server.account(json!("standard"));
    let app = naming(&company, &target);
    app.assign(&hire(&company, "ann"), None);
    let plan = || app.api("POST", "/plan", Value::Null).expect(200).json();
    assert_eq!(plan()["objects"][0]["intents"][0]["action"], json!("create"));
    assert_eq!((users(&target).len(), app.log("").len()), (0, 0));
    assert_eq!(app.cycle(), went([1, 0, 0, 0, 0]));
    assert_eq!(plan()["objects"], json!([]));
}

#[test]
fn a_plan_is_done_as_it_was_reviewed_or_not_at_all_and_a_cycle_is_taken_back() {
    let company = company();
    let target = company.server.account(json!("standard"));
    let app = naming(&company, &target);
    let ann = hire(&company, "ann");
    app.assign(&ann, None);
    let reviewed = |plan: &Value| json!({ "digest": plan["digest"], "seed": plan["seed"] });
    let plan = app.api("POST", "/plan", Value::Null).expect(200).json();
    assert_eq!(users(&target), [""; 0], "a plan writes nothing");

    app.assign(&hire(&company, "bob"), None);
    app.api("POST", "/apply", reviewed(&plan)).refused(409, &["make the plan again"]);
    assert_eq!(users(&target), [""; 0]);
    let plan = app.api("POST", "/plan", Value::Null).expect(200).json();
    let applied = app.api("POST", "/apply", reviewed(&plan)).expect(200).json();
    assert_eq!((&applied["done"], &applied["failed"]), (&json!(2), &json!([])), "{applied}");
    assert_eq!(users(&target), ["ann", "bob"]);
    assert_eq!(app.cycle(), went([0; 5]), "the cycle finds nothing left to do");

    change(&company, &ann, "displayName", json!("Wrong"));
    let ran = app.run("");
    let name = || seen(&target, "ann")["displayName"].clone();
    assert_eq!(name(), "Wrong");
    let plan = app.api("POST", "/undo-plan", json!({ "cycle": ran["id"] })).expect(200).json();
    assert_eq!(name(), "Wrong", "only shown");
    let undo = json!({ "cycle": ran["id"], "digest": plan["digest"] });
    let undone = app.api("POST", "/undo", undo.clone()).expect(200).json();
    assert_eq!((undone["done"].as_u64(), name()), (Some(1), json!("ann")), "{undone}");
    let again = app.api("POST", "/undo", undo).expect(200).json();
    assert_eq!(again["moved"].as_array().map(Vec::len), Some(1), "it is not as the cycle left it: {again}");
}
