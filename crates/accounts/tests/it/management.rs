//! Adoption, release and migration.

use crate::fixture::{ACCOUNT, Fixture, refusal, replace};
use provost_accounts::{
    User,
    policy::UserMatch,
    users::{self, Identity, Match},
};
use provost_change::{Kind, ResourceId};
use serde_json::json;

fn fulcrum() -> Fixture {
    Fixture::new(json!({ "preset": "fulcrum", "credentials": { "kind": "both" } }))
}

#[test]
fn s_38_a_user_is_adopted_and_released_with_a_reason() {
    let mut fixture = fulcrum();
    let local = fixture.local("ann@b.com", &["ACCOUNTAUDITOR"]).unwrap();
    let (config, call) = (fixture.config(), fixture.operator());
    assert_eq!(refusal(users::adopt(&config, &call, &local, fixture.app, " ")).0, 400, "without a reason");
    assert_eq!(refusal(users::adopt(&config, &call, &local, fixture.id(), "why")).0, 404, "by nobody");
    assert_eq!(refusal(users::release(&config, &call, &local, "why")).0, 409, "not managed");

    let decided = users::adopt(&config, &call, &local, fixture.app, "moves to Entra").unwrap();
    let adopted = fixture.commit(decided).unwrap();
    assert_eq!((adopted.id(), adopted.state.origin), (local.id(), Some(fixture.app)));
    assert!(adopted.is_visible(&fixture.config()));
    assert_eq!(adopted.state.roles, local.state.roles, "nothing is taken away");
    assert_eq!(fixture.log.last().unwrap()["action"], "user.adopt");
    assert_eq!(fixture.changed("reason"), Some((json!(null), json!("moves to Entra"))));
    let again = users::adopt(&fixture.config(), &fixture.operator(), &adopted, fixture.app, "again");
    assert_eq!(refusal(again).0, 409);

    let decided = users::release(&fixture.config(), &fixture.operator(), &adopted, "leaves Entra").unwrap();
    let released = fixture.commit(decided).unwrap();
    assert_eq!((released.state.managed, released.state.origin, &released.state.asserted), (false, None, &None));
    assert!(!released.is_visible(&fixture.config()), "SCIM no longer sees it");
    assert_eq!(fixture.changed("managed"), Some((json!(true), json!(false))));
}

#[test]
fn s_38_a_released_users_name_is_free_for_a_managed_one() {
    let mut fixture = fulcrum();
    let user = fixture.post(json!({ "userName": "ann@b.com" })).unwrap();
    let decided = users::release(&fixture.config(), &fixture.operator(), &user, "contractor").unwrap();
    let put = &decided.change.puts[0];
    let spaces = |keys: &[provost_change::UniqueKey]| keys.iter().map(|key| key.space.clone()).collect::<Vec<_>>();
    assert_eq!(spaces(&put.releases), [users::USER_NAME]);
    assert_eq!(spaces(&put.claims), ["User.userName/unmanaged"]);
    fixture.commit(decided).unwrap();
    assert!(fixture.post(json!({ "userName": "ann@b.com" })).is_ok());
}

fn identity(name: &str, external_id: &str, email: Option<&str>) -> Identity {
    Identity { user_name: name.to_owned(), external_id: Some(external_id.to_owned()), email: email.map(str::to_owned) }
}

fn unmanaged(fixture: &Fixture) -> Vec<User> {
    let records = fixture.records.iter().filter(|record| record.kind == Kind::USER);
    records.map(|record| User::read(ACCOUNT, record.clone()).unwrap()).filter(|user| !user.state.managed).collect()
}

#[test]
fn u_18_existing_users_are_migrated_under_their_ids() {
    let mut fixture = fulcrum();
    for number in 0..20 {
        fixture.local(&format!("u{number}@b.com"), &[]).unwrap();
    }
    let wanted: Vec<Identity> = (0..15)
        .map(|number| match number % 2 {
            0 => identity(&format!("U{number}@B.com"), &format!("e{number}"), None),
            _ => identity(&format!("login{number}@corp.com"), &format!("e{number}"), Some(&format!("u{number}@b.com"))),
        })
        .chain([identity("stranger@b.com", "e99", None)])
        .collect();
    let before = unmanaged(&fixture);
    let found: Vec<(ResourceId, UserMatch, Identity)> = users::migration(&fixture.config(), &before, &wanted)
        .into_iter()
        .zip(&wanted)
        .filter_map(|(found, identity)| match found {
            Match::One { user, by } => Some((user.id(), by, identity.clone())),
            Match::Nobody | Match::Several(_) => None,
        })
        .collect();
    assert_eq!(found.len(), 15, "fifteen match, by sign-in name or address");
    assert_eq!((found[0].1, found[1].1), (UserMatch::UserName, UserMatch::Email));
    assert_eq!(unmanaged(&fixture), before, "a dry run changes nothing");

    for (id, _, identity) in &found {
        let (config, call, user) = (fixture.config(), fixture.operator(), fixture.user(*id));
        let decided = users::migrate_one(&config, &call, &user, fixture.app, identity.external_id.as_deref()).unwrap();
        let migrated = fixture.commit(decided).unwrap();
        assert_eq!((migrated.id(), migrated.user_name()), (*id, user.user_name()), "id and name stay");
        assert_eq!(migrated.resource.external_id(), identity.external_id.as_deref());
    }
    assert_eq!(unmanaged(&fixture).len(), 5);
    let changed = fixture.patch(found[0].0, replace("name.givenName", json!("Ann")));
    assert!(changed.is_ok(), "the client goes on with the user");
}

#[test]
fn u_18_what_is_not_clear_is_left_to_an_administrator() {
    let mut fixture = Fixture::new(json!({ "users": { "matching": ["email", "external_id"] } }));
    let local = |fixture: &mut Fixture, name: &str| fixture.local(name, &[]).unwrap();
    let users: Vec<User> = ["ann@b.com", "bob@b.com"].map(|name| local(&mut fixture, name)).to_vec();
    let wanted = [
        identity("ann@b.com", "e1", Some("bob@b.com")),
        identity("ann@b.com", "e1", None),
        identity("ANN@b.com", "e2", None),
        identity("carl", "e3", None),
    ];
    let found = users::migration(&fixture.config(), &users, &wanted);
    let mut both: Vec<ResourceId> = users.iter().map(User::id).collect();
    both.sort();
    assert_eq!(found[0], Match::Several(both), "two users by one identity");
    assert_eq!(found[1], Match::One { user: &users[0], by: UserMatch::Email });
    assert_eq!(found[2], Match::Several(vec![users[0].id()]), "one user by two identities");
    assert_eq!(found[3], Match::Nobody);
}

#[test]
fn a_migration_keeps_the_policys_rules() {
    let mut fixture = fulcrum();
    let managed = fixture.post(json!({ "userName": "ann@b.com" })).unwrap();
    let local = fixture.local("bob@b.com", &[]).unwrap();
    let (config, call) = (fixture.config(), fixture.operator());
    assert_eq!(refusal(users::migrate_one(&config, &call, &managed, fixture.app, None)).0, 409);
    for bad in ["", "a\nb", &"x".repeat(1_001)] {
        assert_eq!(refusal(users::migrate_one(&config, &call, &local, fixture.app, Some(bad))).0, 400);
    }
}

#[test]
fn p_7_a_post_finds_a_disabled_user_in_the_policys_order() {
    let ways = |matching: serde_json::Value| {
        let fixture = Fixture::new(json!({ "users": { "on_post_inactive": "reactivate", "matching": matching } }));
        let body = json!({
            "schemas": [provost_scim::urn::USER],
            "userName": "Ann@b.com",
            "externalId": "E1",
            "emails": [{ "value": "a@b.com" }],
        });
        let creation = users::Creation::read(&fixture.config(), body).unwrap();
        let shown = |lookup: &users::Lookup| match lookup {
            users::Lookup::Unique(key) => format!("{}={}", key.space, key.value),
            users::Lookup::Index(entry) => format!("{}={}", entry.attribute, entry.value),
        };
        creation.same_person(&fixture.config()).iter().map(shown).collect::<Vec<_>>()
    };
    assert_eq!(ways(json!(["external_id", "user_name"])), ["User.externalId=E1", "User.userName=ann@b.com"]);
    let by_email = [
        "User.userName=a@b.com",
        "User.userName=ann@b.com",
        "User.emails.value=a@b.com",
        "User.emails.value=ann@b.com",
    ];
    assert_eq!(ways(json!(["email"])), by_email);
}
