//! Soft delete, restoring, and what is removed for good.

use crate::fixture::{ACCOUNT, Fixture, refusal};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use provost_accounts::{
    Call, Refused, User, assignments, derived,
    users::{self, LocalEdit, bin},
};
use provost_change::{ChangeSet, Kind, Record, ResourceId};
use serde_json::{Value, json};

fn directory() -> Fixture {
    let mut fixture = Fixture::new(json!("directory"));
    fixture.local("root@contoso.example", &["ACCOUNTADMINISTRATOR"]).unwrap();
    fixture
}

fn binned(fixture: &Fixture, id: ResourceId) -> Option<User> {
    let record = fixture.records.iter().find(|record| record.kind == Kind::DELETED_USER && record.id == id)?;
    Some(User::read(ACCOUNT, record.clone()).unwrap())
}

fn restore(fixture: &mut Fixture, user: &User) -> Result<User, Refused> {
    let decided = bin::restore(&fixture.config(), &fixture.operator(), user)?;
    fixture.commit(decided)
}

fn delete(fixture: &mut Fixture, user: &User, permanent: bool) -> Result<(), Refused> {
    let decided = users::delete_local(&fixture.config(), &fixture.operator(), user, permanent)?;
    fixture.commit(decided)
}

fn last_action(fixture: &Fixture) -> &str {
    fixture.log.last().unwrap()["action"].as_str().unwrap()
}

#[test]
fn s_99_a_delete_over_scim_puts_the_user_into_the_bin() {
    let mut fixture = directory();
    let ann = fixture.post(json!({ "userName": "ann@contoso.example", "externalId": "e-1" })).unwrap();
    fixture.delete(ann.id()).unwrap();
    assert!(fixture.found(ann.id()).is_none(), "SCIM sees it no more");
    let deleted = binned(&fixture, ann.id()).unwrap();
    assert!(!deleted.is_visible(&fixture.config()));
    assert_eq!(last_action(&fixture), "user.soft_delete");
    assert_eq!((fixture.counts["user"], fixture.counts["user.active"], fixture.counts["deleted-user"]), (1, 1, 1));
    let again = fixture.post(json!({ "userName": "ann@contoso.example" })).unwrap();
    assert_ne!(again.id(), ann.id(), "the name is free");
}

#[test]
fn s_99_what_a_delete_does_by_hand_follows_the_policy_and_what_was_asked() {
    for (on_delete, permanent, action) in [
        ("soft_delete", false, "user.soft_delete"),
        ("soft_delete", true, "user.delete"),
        ("remove", false, "user.delete"),
        ("disable", false, "user.delete"),
        ("refuse", true, "user.delete"),
    ] {
        let mut fixture = Fixture::new(json!({ "preset": "directory", "users": { "on_delete": on_delete } }));
        let ann = fixture.post(json!({ "userName": "ann@contoso.example" })).unwrap();
        delete(&mut fixture, &ann, permanent).unwrap();
        assert_eq!(last_action(&fixture), action, "{on_delete}, permanent: {permanent}");
        assert_eq!(binned(&fixture, ann.id()).is_some(), action == "user.soft_delete");
    }
}

#[test]
fn s_99_a_user_in_the_bin_is_removed_for_good_only_when_that_is_said() {
    let mut fixture = directory();
    let ann = fixture.post(json!({ "userName": "ann@contoso.example" })).unwrap();
    assert_eq!(refusal(restore(&mut fixture, &ann)).0, 409, "it is not deleted");
    delete(&mut fixture, &ann, false).unwrap();
    let deleted = binned(&fixture, ann.id()).unwrap();
    assert_eq!(refusal(delete(&mut fixture, &deleted, false)).0, 409);
    delete(&mut fixture, &deleted, true).unwrap();
    assert_eq!((last_action(&fixture), fixture.counts["deleted-user"]), ("user.delete", 0));
}

#[test]
fn s_99_the_bin_keeps_users_as_long_as_the_policy_in_force_says() {
    let mut fixture = directory();
    let ann = fixture.post(json!({ "userName": "ann@contoso.example" })).unwrap();
    fixture.delete(ann.id()).unwrap();
    let deleted = binned(&fixture, ann.id()).unwrap();
    let after = |days: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * days);
    assert_eq!(bin::purge_at(&fixture.config(), &deleted), Some(after(30)));
    let purge = |fixture: &Fixture, now: Timestamp| {
        bin::purge(&fixture.config(), &Call { now, ..fixture.operator() }, &deleted)
    };
    assert_eq!(refusal(purge(&fixture, after(30) - SignedDuration::from_secs(1))).0, 409);
    let due = purge(&fixture, after(30)).unwrap();
    assert_eq!(users::erased_by(&fixture.config(), &due.change), [], "the policy keeps entries");

    fixture.adopt_policy(
        json!({ "preset": "directory", "users": { "deleted_retention_days": 7, "on_delete_personal_data": "erase" } }),
    );
    assert_eq!(bin::purge_at(&fixture.config(), &deleted), Some(after(7)));
    let due = purge(&fixture, after(7)).unwrap();
    assert_eq!(users::erased_by(&fixture.config(), &due.change), [ann.id()], "not before it is removed for good");
}

#[test]
fn the_last_administrator_is_not_deleted_and_a_seat_is_needed_to_come_back() {
    let mut fixture = directory();
    let root = fixture.records.iter().find(|record| record.kind == Kind::USER).unwrap().clone();
    let root = User::read(ACCOUNT, root).unwrap();
    assert_eq!(refusal(delete(&mut fixture, &root, false)), (409, "guards"));

    let ann = fixture.post(json!({ "userName": "ann@contoso.example" })).unwrap();
    delete(&mut fixture, &ann, false).unwrap();
    let seats = provost_accounts::account::AccountEdit { max_users: Some(Some(1)), ..Default::default() };
    let limited = provost_accounts::account::update(&fixture.config(), &fixture.operator(), seats).unwrap();
    fixture.settle(limited.change);
    let deleted = binned(&fixture, ann.id()).unwrap();
    assert_eq!(refusal(restore(&mut fixture, &deleted)).0, 403, "the only seat is taken");
}

#[test]
fn a_role_that_is_gone_meanwhile_does_not_come_back() {
    let mut fixture = Fixture::new(json!({ "preset": "dsm", "users": { "on_delete": "soft_delete" } }));
    let role = fixture.add_role("Operators", false);
    let ann = fixture.local("ann@contoso.example", &["Operators"]).unwrap();
    delete(&mut fixture, &ann, false).unwrap();
    fixture.records.retain(|record| record.id != role);
    let deleted = binned(&fixture, ann.id()).unwrap();
    let back = restore(&mut fixture, &deleted).unwrap();
    assert_eq!(fixture.role_names(&back), ["Account Member"]);
    assert_eq!(back.resource.get("roles").unwrap()[0]["value"], "ACCOUNTMEMBER");
    assert_eq!(fixture.log.last().unwrap()["severity"], "WARNING");
}

#[test]
fn f_4_2_4_and_5_assignments_end_when_a_user_goes_and_do_not_come_back() {
    let mut fixture = directory();
    let ann = fixture.post(json!({ "userName": "ann@contoso.example" })).unwrap();
    let mut deletion = users::delete(&fixture.config(), &fixture.entra(), &ann).unwrap().change;
    assert_eq!(assignments::ended_by(&deletion), [(Kind::USER, ann.id())]);

    let (app, id) = (fixture.id(), fixture.id());
    let assignment = Record {
        kind: assignments::kind(),
        id,
        version: 3,
        doc: json!({ "app": app, "of": "users", "principal": ann.id(), "app_role": null }).to_string(),
        state: "{}".to_owned(),
        ..ann.record.clone()
    };
    assignments::end(&fixture.entra(), &mut deletion, (&Kind::USER, ann.id()), &[assignment]);
    let ended = deletion.deletes.last().unwrap();
    assert_eq!((&ended.kind, ended.id, ended.version), (&assignments::kind(), id, 3));
    let attributes: Vec<&str> = ended.index_removes.iter().map(|entry| entry.attribute.as_str()).collect();
    assert_eq!(attributes, ["app-assignment.principal", "app-assignment.app"]);
    assert_eq!(deletion.log.last().unwrap().subject, Some(ann.id()), "the change feed names the user");
    fixture.settle(deletion);
    assert_eq!(last_action(&fixture), "app-assignment.delete");

    let deleted = binned(&fixture, ann.id()).unwrap();
    let back = bin::restore(&fixture.config(), &fixture.operator(), &deleted).unwrap().change;
    assert_eq!(assignments::ended_by(&back), [(Kind::USER, ann.id())], "should one have come as the user went");
}

#[test]
fn s_100_blocking_sign_in_neither_deletes_nor_ends_assignments() {
    let mut fixture = directory();
    let ann = fixture.post(json!({ "userName": "ann@contoso.example" })).unwrap();
    for active in [false, true] {
        let edit = LocalEdit { active: Some(active), ..LocalEdit::default() };
        let decided =
            users::edit_local(&fixture.config(), &fixture.operator(), &fixture.user(ann.id()), &edit).unwrap();
        assert_eq!(assignments::ended_by(&decided.change), []);
        let user = fixture.commit(decided).unwrap();
        assert_eq!((user.is_active(), user.sign_in_refusal(&fixture.config()).is_none()), (active, active));
        assert_eq!(last_action(&fixture), if active { "user.enable" } else { "user.disable" });
    }
}

/// What follows from a record stands in the change sets that made it so, and in nothing else.
fn keeps_books(before: &ChangeSet, put: &Record, fixture: &Fixture) {
    let (follows, _) = derived::derived(&fixture.config(), put).unwrap();
    let put = before.puts.iter().find(|other| other.record.kind == put.kind).unwrap();
    assert_eq!(put.claims.iter().cloned().collect::<std::collections::BTreeSet<_>>(), follows.unique);
    assert_eq!(put.index_adds.iter().cloned().collect::<std::collections::BTreeSet<_>>(), follows.index);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn s_99_delete_and_restore_give_the_same_user(
        name in "[a-z]{1,8}",
        external in proptest::option::of("[A-Za-z0-9]{1,8}"),
        emails in proptest::collection::vec("[a-z]{1,8}@[a-z]{1,5}", 0..3),
        active: bool,
        administrator: bool,
        by_scim: bool,
    ) {
        let mut fixture = directory();
        let emails: Vec<Value> = emails.iter().map(|value| json!({ "value": value })).collect();
        let mut body = json!({ "userName": name, "active": active, "emails": emails });
        if let Some(external) = external {
            body["externalId"] = json!(external);
        }
        let made = fixture.post(body).unwrap();
        let roles = administrator.then(|| vec!["ACCOUNTADMINISTRATOR".to_owned()]);
        let user = fixture.edit(&made, &LocalEdit { roles, ..LocalEdit::default() }).unwrap();
        let counts = fixture.counts.clone();

        let config = fixture.config();
        let deletion = match by_scim {
            true => users::delete(&config, &fixture.entra(), &user).unwrap(),
            false => users::delete_local(&config, &fixture.operator(), &user, false).unwrap(),
        };
        let change = deletion.change.clone();
        fixture.commit(deletion).unwrap();
        let deleted = binned(&fixture, user.id()).unwrap();
        keeps_books(&change, &deleted.record, &fixture);

        let restored = bin::restore(&config, &fixture.operator(), &deleted).unwrap();
        let change = restored.change.clone();
        let back = fixture.commit(restored).unwrap();
        keeps_books(&change, &fixture.user(user.id()).record, &fixture);
        prop_assert_eq!(&back.resource, &user.resource);
        prop_assert_eq!(&back.state, &user.state);
        prop_assert_eq!(back.record.created, user.record.created);
        let left = |counts: &std::collections::BTreeMap<String, i64>| -> Vec<(String, i64)> {
            counts.iter().filter(|(_, count)| **count != 0).map(|(name, count)| (name.clone(), *count)).collect()
        };
        prop_assert_eq!(left(&fixture.counts), left(&counts));
    }
}
