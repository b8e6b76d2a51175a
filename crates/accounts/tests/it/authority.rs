//! How far a credential's power reaches.

use crate::fixture::{Fixture, refusal, replace, roles};
use provost_accounts::{
    Actor, Owner, Permission, RoleKey, SystemRole,
    admin_app::{self, AppEdit},
    role::RoleEdit,
    users::{self, LocalEdit, LocalUser},
};
use provost_change::ResourceId;
use serde_json::{Value, json};

const ADMINISTRATOR: &str = "ACCOUNTADMINISTRATOR";

/// An account that grants roles, under a changed `dsm` policy.
fn dsm(mut document: Value) -> Fixture {
    document["preset"] = json!("dsm");
    Fixture::new(document)
}

fn set_ceiling(fixture: &mut Fixture, role: &str) {
    let edit = AppEdit { role_ceiling: Some(Some(role.to_owned())), ..AppEdit::default() };
    let decided = admin_app::update(&fixture.config(), &fixture.operator(), fixture.app, edit).unwrap();
    fixture.commit(decided).unwrap();
}

fn role_permitting(fixture: &mut Fixture, name: &str, permissions: Vec<Permission>) -> ResourceId {
    let new = RoleEdit { name: Some(name.to_owned()), permissions: Some(permissions), ..RoleEdit::default() };
    fixture.add_role_of(new)
}

#[test]
fn s_32_a_credential_grants_nothing_above_its_ceiling() {
    let mut fixture = dsm(json!({}));
    let keeper = role_permitting(&mut fixture, "Keeper", vec![Permission::ManageUsers]);
    let reader = role_permitting(&mut fixture, "Reader", vec![Permission::GetUsers]);
    let grouper = role_permitting(&mut fixture, "Grouper", vec![Permission::GetGroups]);
    set_ceiling(&mut fixture, "Keeper");
    let refused = (403, "role_ceiling");
    let cases = [
        (ADMINISTRATOR.to_owned(), Some(refused)),
        ("ACCOUNTAUDITOR".to_owned(), Some(refused)),
        (grouper.to_string(), Some(refused)),
        ("ACCOUNTMEMBER".to_owned(), None),
        (reader.to_string(), None),
        (keeper.to_string(), None),
    ];
    for (position, (role, expected)) in cases.into_iter().enumerate() {
        let body = json!({ "userName": format!("u{position}@acme.example"), "roles": roles(&[&role]) });
        let result = fixture.post(body);
        assert_eq!(result.err().map(|refused| (refused.error.status, refused.field.unwrap())), expected, "{role}");
    }
    // Nobody loses a role because the client could not give it.
    let admin = fixture.local("root@acme.example", &[ADMINISTRATOR]).unwrap();
    let linked = fixture.patch(admin.id(), replace("externalId", json!("e1"))).unwrap();
    assert_eq!(linked.state.roles, [RoleKey::System(SystemRole::AccountAdministrator)]);
}

#[test]
fn s_32_a_token_gives_by_hand_no_more_than_its_owner_may() {
    let mut fixture = dsm(json!({}));
    let keeper = role_permitting(&mut fixture, "Keeper", vec![Permission::ManageUsers]);
    let owner = Owner { id: fixture.id(), name: "kim".to_owned(), roles: vec![RoleKey::Custom(keeper)] };
    let actor = Actor::App { id: fixture.app, name: "Kim's".to_owned(), key: "k".to_owned(), owner: Some(owner) };
    let call = fixture.call(actor);
    let new = |role: &str| LocalUser { email: "x@acme.example".to_owned(), roles: vec![role.to_owned()] };
    assert_eq!(refusal(users::create_local(&fixture.config(), &call, &new(ADMINISTRATOR))), (403, "role_ceiling"));
    assert!(users::create_local(&fixture.config(), &call, &new("Keeper")).is_ok());
}

#[test]
fn s_33_a_protected_role_neither_comes_nor_goes_over_scim() {
    let mut fixture = dsm(json!({ "roles": { "protected": [ADMINISTRATOR] } }));
    let refused = (400, "roles.protected");
    let asserted = roles(&[ADMINISTRATOR]);
    assert_eq!(refusal(fixture.post(json!({ "userName": "ann@acme.example", "roles": asserted }))), refused);
    let user = fixture.post(json!({ "userName": "ann@acme.example", "roles": roles(&["ACCOUNTMEMBER"]) })).unwrap();
    let body = json!({ "userName": "ann@acme.example", "roles": asserted });
    assert_eq!(refusal(fixture.put(user.id(), body)), refused);
    assert_eq!(refusal(fixture.patch(user.id(), replace("roles", asserted))), refused);

    let edit = LocalEdit { roles: Some(vec![ADMINISTRATOR.to_owned()]), ..LocalEdit::default() };
    fixture.edit(&user, &edit).unwrap();
    fixture.local("root@acme.example", &[ADMINISTRATOR]).unwrap();
    for (name, operations) in [
        ("demoted", replace("roles", roles(&["ACCOUNTAUDITOR"]))),
        ("demoted by removal", json!([{ "op": "remove", "path": "roles" }])),
        ("disabled", replace("active", json!(false))),
    ] {
        assert_eq!(refusal(fixture.patch(user.id(), operations)), refused, "{name}");
    }
    assert_eq!(refusal(fixture.delete(user.id())), refused);
    let kept = fixture.patch(user.id(), replace("externalId", json!("e1"))).unwrap();
    assert_eq!(kept.state.roles, [RoleKey::System(SystemRole::AccountAdministrator)], "a write about something else");
    let edit = LocalEdit { roles: Some(vec!["ACCOUNTMEMBER".to_owned()]), ..LocalEdit::default() };
    assert!(fixture.edit(&kept, &edit).is_ok(), "an administrator may");
}

#[test]
fn p_18_no_role_is_refused_where_one_is_wanted() {
    let mut fixture = dsm(json!({ "roles": { "none": "reject" } }));
    assert_eq!(refusal(fixture.post(json!({ "userName": "ann@acme.example" }))), (400, "roles.none"));
    let user =
        fixture.post(json!({ "userName": "ann@acme.example", "roles": roles(&["ACCOUNTMEMBER"]) })).unwrap().id();
    assert_eq!(refusal(fixture.patch(user, replace("roles", json!([])))), (400, "roles.none"));
    assert!(!fixture.patch(user, replace("active", json!(false))).unwrap().is_active());
}

#[test]
fn a_leaver_is_disabled_whatever_became_of_the_roles() {
    let mut fixture = dsm(json!({ "roles": { "cardinality": "many" } }));
    let both = roles(&["ACCOUNTMEMBER", "ACCOUNTAUDITOR"]);
    let user = fixture.post(json!({ "userName": "ann@acme.example", "roles": both })).unwrap();
    let dsm = provost_accounts::policy::preset("dsm").unwrap();
    let changed =
        provost_accounts::account::change_policy(&fixture.config(), &fixture.operator(), dsm, fixture.id()).unwrap();
    fixture.commit(changed).unwrap();
    let left = fixture.patch(user.id(), replace("active", json!(false))).unwrap();
    assert_eq!((left.is_active(), &left.state.roles), (false, &user.state.roles));
    let warnings = fixture.log.last().unwrap()["warnings"].to_string();
    assert!(warnings.contains("left as they are"), "{warnings}");
}

#[test]
fn slack_by_rank_a_credential_acts_on_its_equals_and_those_below() {
    let mut fixture = dsm(json!({ "guards": ["rank"] }));
    let keeper = role_permitting(&mut fixture, "Keeper", vec![Permission::ManageUsers]);
    let admin = fixture.local("root@acme.example", &[ADMINISTRATOR]).unwrap().id();
    let equal = fixture.local("kim@acme.example", &["Keeper"]).unwrap().id();
    let change = replace("externalId", json!("e1"));
    assert!(fixture.patch(admin, change.clone()).is_ok(), "without a ceiling there is no rank");
    set_ceiling(&mut fixture, "Keeper");
    assert_eq!(refusal(fixture.patch(admin, replace("externalId", json!("e2")))), (403, "guards"));
    assert_eq!(refusal(fixture.delete(admin)), (403, "guards"));
    assert!(fixture.patch(equal, change).is_ok());

    // The rank of a user token is its owner's.
    let owner = Owner { id: fixture.id(), name: "kim".to_owned(), roles: vec![RoleKey::Custom(keeper)] };
    let plain = fixture.add_app("Kim's");
    let call =
        fixture.call(Actor::App { id: plain, name: "Kim's".to_owned(), key: "k".to_owned(), owner: Some(owner) });
    assert_eq!(refusal(users::delete(&fixture.config(), &call, &fixture.user(admin))), (403, "guards"));
}

#[test]
fn token_owner_whose_token_is_in_use_stays() {
    let mut fixture = dsm(json!({ "guards": ["token_owner"], "credentials": { "kind": "both" } }));
    let owner = fixture.local("kim@acme.example", &[]).unwrap();
    let edit = AppEdit { owner: Some(owner.id()), ..AppEdit::default() };
    let token = fixture.add_app("Kim's");
    let decided = admin_app::update(&fixture.config(), &fixture.operator(), token, edit).unwrap();
    fixture.commit(decided).unwrap();
    let disable = replace("active", json!(false));
    let refused = fixture.patch(owner.id(), disable.clone()).unwrap_err();
    assert_eq!((refused.error.status, refused.field), (409, Some("guards")));
    assert!(refused.error.detail.contains("`Kim's`"), "{}", refused.error.detail);
    assert_eq!(refusal(fixture.delete(owner.id())), (409, "guards"));
    let revoked = admin_app::revoke(&fixture.config(), &fixture.operator(), token).unwrap();
    fixture.commit(revoked).unwrap();
    assert!(fixture.patch(owner.id(), disable).is_ok(), "a token without keys dies with nobody");
}
