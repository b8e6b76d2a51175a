//! Users of an account that behaves as Fulcrum.

use crate::fixture::{Fixture, outcome, refusal, replace};
use provost_accounts::{Owner, RoleKey, users};
use serde_json::{Value, json};

fn fulcrum() -> Fixture {
    Fixture::new(json!({ "preset": "fulcrum", "credentials": { "kind": "both" } }))
}

fn ann(fixture: &mut Fixture) -> provost_accounts::User {
    let body = json!({
        "userName": "ann@b.com",
        "externalId": "e1",
        "name": { "givenName": "Ann", "familyName": "Meier" },
        "emails": [{ "value": "ann@b.com", "type": "work", "primary": true }],
    });
    fixture.post(body).unwrap()
}

#[test]
fn u_6_a_deactivated_user_is_a_member_no_longer_and_comes_back_as_somebody_new() {
    let mut fixture = fulcrum();
    let user = ann(&mut fixture);
    fixture.patch(user.id(), replace("active", json!("False"))).unwrap();
    assert!(fixture.found(user.id()).is_none());
    assert_eq!(fixture.log.last().unwrap()["action"], "user.remove");
    let again = ann(&mut fixture);
    assert_ne!(again.id(), user.id(), "P-3, S-44");
}

#[test]
fn u_7_to_u_9_a_changed_address_and_names_are_taken_over() {
    let mut fixture = fulcrum();
    let user = ann(&mut fixture);
    let cases = [
        ("U-7 userName", replace("userName", json!("ann@c.com")), "/userName", "ann@c.com"),
        ("U-7 e-mail", replace("emails[type eq \"work\"].value", json!("a@d.com")), "/emails/0/value", "a@d.com"),
        ("U-8", replace("name.givenName", json!("Anna")), "/name/givenName", "Anna"),
        ("U-9", replace("name.familyName", json!("Müller")), "/name/familyName", "Müller"),
    ];
    for (name, operations, pointer, expected) in cases {
        let after = fixture.patch(user.id(), operations).unwrap();
        let shown = Value::Object(after.resource.attributes().clone());
        assert_eq!(shown.pointer(pointer), Some(&json!(expected)), "{name}");
    }
    let after = fixture.user(user.id());
    assert_eq!(after.user_name(), "ann@c.com", "a changed e-mail address is not a changed userName");
}

#[test]
fn u_51_attributes_beyond_the_supported_ones_do_no_harm() {
    let mut fixture = fulcrum();
    let user = ann(&mut fixture);
    let mixed = json!([
        { "op": "replace", "path": "displayName", "value": "A. Meier" },
        { "op": "replace", "path": "title", "value": "Dr" },
        { "op": "replace", "path": "name.givenName", "value": "Anna" },
    ]);
    let after = fixture.patch(user.id(), mixed).unwrap();
    assert_eq!(after.resource.get("name"), Some(&json!({ "familyName": "Meier", "givenName": "Anna" })));
    assert_eq!((after.resource.get("displayName"), after.resource.get("title")), (None, None));
    assert_eq!(fixture.log.last().unwrap()["severity"], "WARNING");
}

/// Posts a user with these elements of `roles` and shows what came of it.
fn assertion(fixture: &mut Fixture, elements: Value) -> String {
    let name = format!("u{}@b.com", fixture.id());
    let result = fixture.post(json!({ "userName": name, "roles": elements }));
    outcome(fixture, result)
}

#[test]
fn u_55_to_u_62_a_role_is_found_by_its_display_name() {
    let mut fixture = fulcrum();
    fixture.add_role("Manager", false);
    fixture.add_role("Field Crew", false);
    let cases = [
        ("U-55 U-57 display", json!([{ "display": "Field Crew", "value": "fc" }]), "Field Crew"),
        ("U-57 display before value", json!([{ "display": "Field Crew", "value": "Manager" }]), "Field Crew"),
        ("U-55 another spelling", json!([{ "display": "fieldcrew", "value": "Field Crew" }]), "Account Member"),
        ("U-55 another case", json!([{ "display": "field crew", "value": "fc" }]), "Account Member"),
        ("U-58 unknown", json!([{ "display": "Ghost", "value": "Manager" }]), "Account Member"),
        ("U-49 no display, as in SingleAppRoleAssignment", json!([{ "value": "Manager", "primary": true }]), "Manager"),
        ("U-42 none", json!([]), "Account Member"),
        ("U-60 U-61 two", json!([{ "display": "Manager" }, { "display": "Field Crew" }]), "400 roles.cardinality"),
        ("U-62 one twice", json!([{ "display": "Manager" }, { "display": "Manager" }]), "Manager"),
    ];
    for (name, elements, expected) in cases {
        assert_eq!(assertion(&mut fixture, elements), expected, "{name}");
    }
    assertion(&mut fixture, json!([{ "display": "Ghost" }]));
    let entry = fixture.log.last().unwrap();
    assert!(entry["warnings"].to_string().contains("`Ghost`"), "U-58: {entry}");
}

#[test]
fn u_56_an_added_role_takes_the_place_of_the_one_before() {
    let mut fixture = fulcrum();
    fixture.add_role("Manager", false);
    fixture.add_role("Field Crew", false);
    let user = fixture.post(json!({ "userName": "ann@b.com", "roles": [{ "display": "Manager" }] })).unwrap().id();
    let packed = |name: &str| json!({ "value": json!({ "id": "1", "value": "x", "displayName": name }).to_string() });
    let add = |elements: Value| json!([{ "op": "Add", "path": "roles", "value": elements }]);
    let changed = fixture.patch(user, add(json!([packed("Field Crew")])));
    assert_eq!(outcome(&fixture, changed), "Field Crew", "U-49 SingleAppRoleAssignment");
    let both = fixture.patch(user, add(json!([packed("Field Crew"), packed("Manager")])));
    assert_eq!(outcome(&fixture, both), "400 roles.cardinality", "U-61");
    assert_eq!(fixture.role_names(&fixture.user(user)), ["Field Crew"], "the former state is kept");
    let replaced = fixture.patch(user, replace("roles", json!([{ "display": "Manager" }])));
    assert_eq!(outcome(&fixture, replaced), "Manager");
}

#[test]
fn u_59_another_default_role_counts_for_later_users_only() {
    let mut fixture = fulcrum();
    let before = fixture.post(json!({ "userName": "a@b.com" })).unwrap();
    let crew = fixture.add_role("Field Crew", false);
    let document = json!({ "preset": "fulcrum", "roles": { "default": crew } });
    let policy = provost_accounts::policy::from_document(&document).unwrap();
    let changed =
        provost_accounts::account::change_policy(&fixture.config(), &fixture.operator(), policy, fixture.id()).unwrap();
    fixture.commit(changed).unwrap();
    let later = fixture.post(json!({ "userName": "c@b.com" })).unwrap();
    assert_eq!(later.state.roles, [RoleKey::Custom(crew)]);
    assert_eq!(fixture.user(before.id()).state.roles, before.state.roles);
}

#[test]
fn u_63_to_u_72_managed_and_unmanaged_users_live_apart() {
    let mut fixture = fulcrum();
    let local = fixture.local("ann@b.com", &[]).unwrap();
    assert!(!local.state.managed && !local.is_visible(&fixture.config()), "U-64, U-65");
    let pushed = ann(&mut fixture);
    assert!(pushed.state.managed && pushed.is_visible(&fixture.config()), "U-66");
    assert_ne!(local.id(), pushed.id(), "U-72: one name, two users");
    let config = fixture.config();
    let refused = refusal(users::delete(&config, &fixture.entra(), &fixture.user(local.id())));
    assert_eq!(refused, (403, "users.existing"), "not even by its id");
}

#[test]
fn u_26_a_tokens_owner_is_named_and_leaves_with_a_warning() {
    let mut fixture = fulcrum();
    let owner = fixture.local("own@b.com", &["ACCOUNTADMINISTRATOR"]).unwrap();
    fixture.local("root@b.com", &["ACCOUNTADMINISTRATOR"]).unwrap();
    let edit = provost_accounts::admin_app::AppEdit { owner: Some(owner.id()), ..Default::default() };
    let app = fixture.app;
    let decided = provost_accounts::admin_app::update(&fixture.config(), &fixture.operator(), app, edit).unwrap();
    fixture.commit(decided).unwrap();
    let removed = users::delete_local(&fixture.config(), &fixture.operator(), &owner, false).unwrap();
    fixture.commit(removed).unwrap();
    let warnings = fixture.log.last().unwrap()["warnings"].to_string();
    assert!(warnings.contains("`Entra` belongs to this user"), "U-27, S-69: {warnings}");
    let living = provost_accounts::admin_app::living_owner(fixture.found(owner.id()).as_ref(), Vec::new());
    assert_eq!(living, Err::<Owner, _>(provost_accounts::admin_app::KeyError::Orphaned));
}
