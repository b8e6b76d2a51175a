//! Schemas of an account's own on users: what is unique and what has an index.

use crate::fixture::Fixture;
use provost_accounts::{
    definitions::{self, Extended, Extends, OwnSchema},
    users::Creation,
};
use provost_change::{IndexEntry, UniqueKey};
use provost_scim::Schema;
use serde_json::{Value, json};

const BADGE: &str = "urn:acme:params:scim:badge";

/// An account whose users have a badge: `number` is unique, `site` has an index, `note` neither.
fn with_badges() -> Fixture {
    let mut fixture = Fixture::new(json!("standard"));
    let text = |name: &str, uniqueness: &str| json!({ "name": name, "type": "string", "uniqueness": uniqueness });
    let attributes = [text("number", "server"), text("site", "none"), text("note", "none")];
    let schema = Schema::from_value(json!({ "id": BADGE, "name": "Badge", "attributes": attributes })).unwrap();
    let new = OwnSchema {
        id: fixture.id(),
        schema,
        extends: vec![Extends { resource_type: Extended::User, required: false }],
        indexed: vec!["site".to_owned()],
    };
    let made = definitions::create_schema(
        &fixture.config(),
        &fixture.operator(),
        new,
        definitions::Used { resources: 0, seq: 0 },
    )
    .unwrap();
    fixture.commit(made).unwrap();
    fixture
}

fn ann(badge: Value) -> Value {
    json!({ "schemas": [provost_scim::urn::USER, BADGE], "userName": "ann", BADGE: badge })
}

#[test]
fn an_own_attribute_is_claimed_and_indexed_as_its_schema_says() {
    let fixture = with_badges();
    let config = fixture.config();
    let body = ann(json!({ "number": "A1", "site": "North", "note": "x" }));
    let decided = Creation::read(&config, body).unwrap().decide(&config, &fixture.entra(), None).unwrap();
    let put = &decided.change.puts[0];
    let number = UniqueKey { space: format!("User.{BADGE}:number"), value: "a1".to_owned() };
    assert!(put.claims.contains(&number), "{:?}", put.claims);
    let own = |entry: &&IndexEntry| entry.attribute.contains(BADGE);
    let site = IndexEntry { attribute: format!("User.{BADGE}:site"), value: "north".to_owned() };
    assert_eq!(put.index_adds.iter().filter(own).collect::<Vec<_>>(), [&site]);
}

#[test]
fn an_own_value_that_goes_is_free_again() {
    let mut fixture = with_badges();
    let config = fixture.config();
    let body = ann(json!({ "number": "A1", "site": "North" }));
    let decided = Creation::read(&config, body).unwrap().decide(&config, &fixture.entra(), None).unwrap();
    let user = fixture.commit(decided).unwrap();
    let number = UniqueKey { space: format!("User.{BADGE}:number"), value: "a1".to_owned() };

    let operations = json!([{ "op": "remove", "path": format!("{BADGE}:number") }, { "op": "remove", "path": format!("{BADGE}:site") }]);
    let patch = json!({ "schemas": [provost_scim::urn::PATCH_OP], "Operations": operations });
    let patching = provost_accounts::users::Patching::read(&config, patch).unwrap();
    let patched = patching.decide(&config, &fixture.entra(), &user).unwrap();
    let put = &patched.change.puts[0];
    assert!(put.releases.contains(&number), "{:?}", put.releases);
    assert_eq!(put.index_removes.iter().filter(|entry| entry.attribute.ends_with(":site")).count(), 1);

    let deleted = provost_accounts::users::delete(&config, &fixture.entra(), &user).unwrap();
    assert!(deleted.change.deletes[0].releases.contains(&number), "{:?}", deleted.change.deletes);
}
