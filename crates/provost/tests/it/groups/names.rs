//! A pushed group with the name of one made by hand (P-13).

use super::{body, read, some_users, under};
use crate::support::{Lodger, encoded, id};
use serde_json::{Value, json};

/// An account whose policy says this about names; with a group `Crew` made by hand that has a member, and another user.
fn with_crew(name_conflict: &str) -> (Lodger, String, [String; 2]) {
    let account = under(json!({ "preset": "standard", "groups": { "name_conflict": name_conflict } }));
    let [one, two] = some_users(&account);
    let new = json!({ "display_name": "Crew", "members": [one] });
    let crew = id(&account.api("POST", "/groups", new).expect(201).json());
    (account, crew, [one, two])
}

/// How many groups the account has.
fn count(account: &Lodger) -> Value {
    read(account, "")["counts"]["groups"].clone()
}

#[test]
fn a_name_that_was_taken_by_hand_is_refused_where_it_is_a_conflict() {
    let (account, crew, [one, two]) = with_crew("conflict");
    let before = read(&account, &format!("/groups/{crew}"));
    for name in ["Crew", "crew", "CREW"] {
        let error = account.scim("POST", "/Groups", body(name, &[&two])).refused(409, &["groups.name_conflict"]);
        assert_eq!(error["scimType"], "uniqueness", "{name}");
    }
    assert_eq!((read(&account, &format!("/groups/{crew}")), count(&account)), (before.clone(), json!(1)));
    assert_eq!(account.members_of(&crew), [one]);

    let gang = id(&account.group("Gang", &[]));
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "crew" }]);
    let error = account.patch_group(&gang, rename).refused(409, &["groups.name_conflict"]);
    assert_eq!(error["scimType"], "uniqueness", "a rename is no way around it");
    account.scim("PUT", &format!("/Groups/{gang}"), body("Crew", &[])).refused(409, &["groups.name_conflict"]);
    assert_eq!(super::group(&account, &gang)["displayName"], "Gang");
    assert_eq!(read(&account, &format!("/groups/{crew}")), before);
}

#[test]
fn a_group_made_by_hand_is_adopted_under_its_id() {
    let (account, crew, [one, two]) = with_crew("adopt");
    let mut new = body("CREW", &[&two]);
    new["externalId"] = json!("7");
    let answer = account.scim("POST", "/Groups", new.clone()).expect(200);
    let adopted = answer.json();
    assert_eq!((id(&adopted), &adopted["externalId"]), (crew.clone(), &json!("7")));
    assert_eq!(answer.header("location"), format!("{}/scim/v2/Groups/{crew}", account.base));
    let mut both = vec![one, two];
    both.sort();
    assert_eq!(account.members_of(&crew), both, "who was in it stays");
    let shown = read(&account, &format!("/groups/{crew}"));
    assert_eq!((&shown["managed"], &shown["origin"]["id"]), (&json!(true), &json!(account.app)));
    assert_eq!(count(&account), 1);
    let error = account.scim("POST", "/Groups", new).error(409);
    assert_eq!(error["scimType"], "uniqueness", "what is managed is not adopted again");
}

#[test]
fn a_pushed_group_stands_beside_one_made_by_hand_where_they_are_separate() {
    let (account, crew, [one, two]) = with_crew("separate");
    let pushed = id(&account.group("Crew", &[&two]));
    assert_ne!(pushed, crew);
    assert_eq!((account.members_of(&crew), account.members_of(&pushed)), (vec![one], vec![two]));
    assert_eq!(account.scim("POST", "/Groups", body("crew", &[])).error(409)["scimType"], "uniqueness");
}

#[test]
fn a_group_made_by_hand_is_found_by_its_name_where_clients_see_it() {
    for name_conflict in ["conflict", "adopt", "separate"] {
        let (account, crew, _) = with_crew(name_conflict);
        for filter in ["displayName eq \"crew\"", "displayName sw \"Cr\"", "displayName eq \"Crew\" and id pr"] {
            let list = account.scim("GET", &format!("/Groups?filter={}", encoded(filter)), Value::Null);
            assert_eq!(super::ids(&list.expect(200).json()), [crew.as_str()], "{name_conflict}: {filter}");
        }
    }
}
