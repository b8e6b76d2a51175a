//! User tokens: what the policy and the rights of the caller let them be.

use crate::fixture::{ACCOUNT, Fixture, refusal};
use jiff::{SignedDuration, Timestamp};
use provost_accounts::{
    Actor, AdminApp, Call, Owner, Permission, Refused, User,
    admin_app::{self, AppEdit, KeyError, NewApp, Scope},
    api_key::NewKey,
    role::RoleEdit,
    users::LocalEdit,
};
use provost_change::ResourceId;
use serde_json::json;

fn under(credentials: serde_json::Value) -> Fixture {
    Fixture::new(json!({ "preset": "dsm", "credentials": credentials }))
}

fn key() -> NewKey {
    NewKey::make(ACCOUNT, [1; 8], [2; 32])
}

fn new(name: &str, owner: Option<ResourceId>, scopes: &[Scope]) -> NewApp {
    NewApp { name: name.to_owned(), owner, scopes: Some(scopes.to_vec()), ..NewApp::default() }
}

fn made(fixture: &mut Fixture, call: &Call, new: NewApp) -> Result<AdminApp, Refused> {
    // The fixture's own admin app came before the policy.
    let decided = admin_app::create(&fixture.config(), call, new, &key())?;
    fixture.commit(decided)
}

/// A call by a token of this user.
fn by_token_of(fixture: &Fixture, user: &User) -> Call {
    let owner = Owner { id: user.id(), name: user.user_name().to_owned(), roles: user.state.roles.clone() };
    let Actor::App { id, name, key, .. } = fixture.entra().actor else { unreachable!("an app calls") };
    fixture.call(Actor::App { id, name, key, owner: Some(owner) })
}

#[test]
fn c13_the_policy_says_whose_keys_scim_takes() {
    let (scim, api) = ([Scope::Scim].as_slice(), [Scope::Api].as_slice());
    for (kind, owned, scopes, taken) in [
        ("app_key", false, scim, true),
        ("app_key", true, scim, false),
        ("app_key", true, api, true),
        ("user_token", true, scim, true),
        ("user_token", true, &[Scope::Scim, Scope::Api], true),
        ("user_token", false, api, true),
        ("both", false, scim, true),
        ("both", true, scim, true),
    ] {
        let mut fixture = under(json!({ "kind": "both" }));
        let ann = fixture.local("ann@acme.example", &[]).unwrap();
        fixture.adopt_policy(json!({ "preset": "dsm", "credentials": { "kind": kind } }));
        let call = fixture.operator();
        let result = made(&mut fixture, &call, new("T", owned.then(|| ann.id()), scopes));
        let expected = if taken { Ok(()) } else { Err((400, Some("credentials.kind"))) };
        assert_eq!(
            result.map(drop).map_err(|refused| (refused.error.status, refused.field)),
            expected,
            "{kind}, owned: {owned}, {scopes:?}"
        );
    }
}

#[test]
fn c13_a_key_of_another_kind_is_refused_once_the_policy_changes() {
    let mut fixture = under(json!({ "kind": "both" }));
    let ann = fixture.local("ann@acme.example", &[]).unwrap();
    let call = fixture.operator();
    let token = made(&mut fixture, &call, new("T", Some(ann.id()), &[Scope::Scim])).unwrap();
    let app = fixture.config().app(fixture.app).unwrap().clone();
    for (kind, of_token, of_app) in [("both", true, true), ("app_key", false, true), ("user_token", true, false)] {
        fixture.adopt_policy(json!({ "preset": "dsm", "credentials": { "kind": kind } }));
        let config = fixture.config();
        for (app, taken) in [(&token, of_token), (&app, of_app)] {
            let result = admin_app::check_use(&config, app);
            let expected = if taken { Ok(()) } else { Err((403, Some("credentials.kind"))) };
            assert_eq!(result.map_err(|refused| (refused.error.status, refused.field)), expected, "{kind}");
        }
    }
}

#[test]
fn a_key_lives_no_longer_than_the_policy_says() {
    let day = SignedDuration::from_hours(24);
    let after = |days: i32| Timestamp::UNIX_EPOCH + day * days;
    for (max, wanted, expected) in [
        (None, None, Ok(None)),
        (None, Some(after(9_000)), Ok(Some(after(9_000)))),
        (Some(365), None, Ok(Some(after(365)))),
        (Some(365), Some(after(365)), Ok(Some(after(365)))),
        (Some(365), Some(after(366)), Err((400, "credentials.lifetime_days_max"))),
    ] {
        let mut fixture = under(json!({ "lifetime_days_max": max }));
        let call = fixture.operator();
        let app = made(&mut fixture, &call, NewApp { expires: wanted, ..new("T", None, &[Scope::Scim]) });
        let rotated = admin_app::rotate(&fixture.config(), &call, fixture.app, SignedDuration::ZERO, wanted, &key());
        for app in [app, rotated.map(|decided| decided.outcome)] {
            let shown = app.map(|app| app.keys[0].expires);
            let shown = shown.map_err(|refused| (refused.error.status, refused.field.unwrap()));
            assert_eq!(shown, expected, "{max:?}, {wanted:?}");
        }
    }
}

#[test]
fn u_27_a_token_dies_with_its_owner_and_the_log_names_it() {
    let mut fixture = under(json!({ "kind": "both" }));
    let ann = fixture.local("ann@acme.example", &[]).unwrap();
    let call = fixture.operator();
    made(&mut fixture, &call, new("Laptop", Some(ann.id()), &[Scope::Scim])).unwrap();
    assert!(admin_app::living_owner(Some(&ann), Vec::new()).is_ok());

    let disabled = fixture.edit(&ann, &LocalEdit { active: Some(false), ..LocalEdit::default() }).unwrap();
    let warned = fixture.log.last().unwrap()["warnings"][0].as_str().unwrap().to_owned();
    assert!(warned.starts_with("token `Laptop` belongs to this user and is refused from now on"), "{warned}");
    assert_eq!(admin_app::living_owner(Some(&disabled), Vec::new()), Err(KeyError::Orphaned));
    assert_eq!(admin_app::living_owner(None, Vec::new()), Err(KeyError::Orphaned));

    let enabled = fixture.edit(&disabled, &LocalEdit { active: Some(true), ..LocalEdit::default() }).unwrap();
    fixture.delete(enabled.id()).unwrap();
    let warned = fixture.log.last().unwrap()["warnings"][0].as_str().unwrap().to_owned();
    assert!(warned.contains("`Laptop`"), "over SCIM too: {warned}");

    let bob = fixture.local("bob@acme.example", &[]).unwrap();
    fixture.edit(&bob, &LocalEdit { active: Some(false), ..LocalEdit::default() }).unwrap();
    assert_eq!(fixture.log.last().unwrap().get("warnings"), None, "a user without a token");
}

#[test]
fn nobody_gets_hold_of_a_key_that_may_do_more() {
    let mut fixture = under(json!({ "kind": "both" }));
    let scim = RoleEdit {
        name: Some("SCIM".to_owned()),
        permissions: Some(vec![Permission::ManageScim]),
        ..RoleEdit::default()
    };
    fixture.add_role_of(scim);
    let admin = fixture.local("admin@acme.example", &["ACCOUNTADMINISTRATOR"]).unwrap();
    let ann = fixture.local("ann@acme.example", &["SCIM"]).unwrap();
    let bob = fixture.local("bob@acme.example", &[]).unwrap();
    let (scim, api) = ([Scope::Scim].as_slice(), [Scope::Api].as_slice());
    for (case, caller, owner, scopes, allowed) in [
        ("her own token for SCIM", &ann, Some(ann.id()), scim, true),
        ("her own token for the API", &ann, Some(ann.id()), api, true),
        ("an app of the account for SCIM", &ann, None, scim, true),
        ("an app of the account for the API", &ann, None, api, false),
        ("somebody else's token", &ann, Some(bob.id()), scim, false),
        ("an administrator's token", &ann, Some(admin.id()), api, false),
        ("an administrator, an app for the API", &admin, None, api, true),
        ("an administrator, somebody's token", &admin, Some(bob.id()), api, true),
    ] {
        let call = by_token_of(&fixture, caller);
        let result = made(&mut fixture, &call, new(case, owner, scopes)).map(drop);
        let expected = if allowed { Ok(()) } else { Err(403) };
        assert_eq!(result.map_err(|refused| refused.error.status), expected, "makes {case}");
        let operator = fixture.operator();
        if !allowed {
            made(&mut fixture, &operator, new(case, owner, scopes)).unwrap();
        }
        let config = fixture.config();
        let id = config.apps.iter().find(|(app, _)| app.name == case).unwrap().0.id;
        let rotated = admin_app::rotate(&config, &call, id, SignedDuration::ZERO, None, &key()).map(drop);
        assert_eq!(rotated.map_err(|refused| refused.error.status), expected, "rotates {case}");
        let wider = AppEdit { scopes: Some(vec![Scope::Scim, Scope::Api]), ..AppEdit::default() };
        let changed = admin_app::update(&config, &call, id, wider).map(drop);
        let expected = if owner == Some(caller.id()) || caller.id() == admin.id() { Ok(()) } else { Err(403) };
        assert_eq!(changed.map_err(|refused| refused.error.status), expected, "widens {case}");
    }
}

#[test]
fn s_32_an_app_with_a_role_ceiling_makes_none_without() {
    let mut fixture = under(json!({ "kind": "both" }));
    let operator = fixture.operator();
    let capped =
        NewApp { role_ceiling: Some("ACCOUNTAUDITOR".to_owned()), ..new("Capped", None, &[Scope::Scim, Scope::Api]) };
    let capped = made(&mut fixture, &operator, capped).unwrap();
    for (ceiling, allowed) in [
        (None, false),
        (Some("ACCOUNTADMINISTRATOR"), false),
        (Some("Account Auditor"), true),
        (Some("ACCOUNTMEMBER"), true),
    ] {
        let call = fixture.app_call(capped.id);
        let name = format!("{ceiling:?}");
        let new = NewApp { role_ceiling: ceiling.map(str::to_owned), ..new(&name, None, &[Scope::Scim]) };
        let result = made(&mut fixture, &call, new).map(drop).map_err(|refused| refused.error.status);
        assert_eq!(result, if allowed { Ok(()) } else { Err(403) }, "{name}");
    }
    let unknown = NewApp { role_ceiling: Some("Nobody".to_owned()), ..new("X", None, &[Scope::Scim]) };
    assert_eq!(refusal(made(&mut fixture, &operator, unknown)), (400, "-"));
}
