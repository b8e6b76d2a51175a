//! Which entries of the audit log concern an app.

use crate::world::{START, account::Account, id};
use provost_change::{AccountId, ResourceId};
use provost_engine::{Changes, Concern, Key, ScopeMode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

fn account() -> Account {
    Account::new(AccountId::new(Uuid::nil()), id(1))
}

fn read(account: &Account, from: usize, scope: ScopeMode) -> Changes {
    let roles: BTreeSet<ResourceId> = account.roles.keys().copied().collect();
    let mut changes = Changes::default();
    let concern = Concern { app: id(1), roles: &roles, scope, nested_groups: false };
    changes.read(&concern, &account.log[from..]);
    changes
}

#[test]
fn a_change_of_members_concerns_the_group_and_those_who_came_and_went() {
    let mut account = account();
    let (ann, crew) = (account.hire(START, "ann"), account.found(START, "Crew"));
    let from = account.log.len();
    account.join(START, crew, ann);
    let changes = read(&account, from, ScopeMode::Assigned);
    assert_eq!(changes.users.keys().copied().collect::<Vec<_>>(), [ann]);
    assert_eq!(changes.groups[&crew].touched, Some(BTreeSet::from([ann])));
    assert!(changes.whole.is_empty());
    let all = read(&account, from, ScopeMode::All);
    assert!(all.users.is_empty(), "where everybody is in scope, groups entitle nobody");
}

#[test]
fn where_it_is_not_said_who_came_and_went_the_whole_group_is_looked_at() {
    let mut account = account();
    let (ann, crew) = (account.hire(START, "ann"), account.found(START, "Crew"));
    account.join(START, crew, ann);
    let from = account.log.len();
    account.empty(START, crew);
    let whole = |account: &Account, from| {
        let changes = read(account, from, ScopeMode::Assigned);
        (changes.groups[&crew].touched.clone(), changes.whole.contains_key(&crew))
    };
    assert_eq!(whole(&account, from), (None, true), "all were removed");
    account.join(START, crew, ann);
    account.log.last_mut().unwrap().personal = None;
    assert_eq!(whole(&account, from + 1), (None, true), "the names were erased");
}

#[test]
fn an_assignment_concerns_its_principal_and_whom_that_entitles() {
    let mut account = account();
    let crew = account.found(START, "Crew");
    let from = account.log.len();
    account.assign(START, Key::group(crew), None);
    let changes = read(&account, from, ScopeMode::Assigned);
    assert!(changes.groups.contains_key(&crew) && changes.whole.contains_key(&crew) && changes.everything.is_none());
}

#[test]
fn only_what_changes_what_is_wanted_has_everything_looked_at() {
    let cases = [
        ("mappings", id(1), true),
        ("scope", id(1), true),
        ("skip_out_of_scope_deletions", id(1), true),
        ("mappings", id(2), false),
        ("secret_token", id(1), false),
        ("interval", id(1), false),
        ("started", id(1), false),
        ("name", id(1), false),
    ];
    for (attribute, app, everything) in cases {
        let mut account = account();
        account.write(START, "enterprise-app.update", "enterprise-app", app, &[(attribute, Value::Null, json!("x"))]);
        let changes = read(&account, 0, ScopeMode::Assigned);
        assert_eq!(changes.everything.is_some(), everything, "{attribute} of {app}");
    }
}

#[test]
fn refusals_and_other_things_concern_nobody() {
    let mut account = account();
    account.write(START, "role.update", "role", id(5), &[("name", Value::Null, json!("x"))]);
    account.hire(START, "ann");
    let refused = account.log.last_mut().unwrap();
    refused.public = refused.public.replace("\"outcome\":\"success\"", "\"outcome\":\"failure\"");
    assert!(read(&account, 0, ScopeMode::Assigned).is_empty());
}

#[test]
fn who_was_removed_and_is_back_has_lost_memberships_that_no_entry_names() {
    let mut account = account();
    let ann = account.hire(START, "ann");
    let from = account.log.len();
    account.soft_delete(START, ann);
    account.restore(START, ann);
    assert!(read(&account, from, ScopeMode::Assigned).users[&ann].was_removed);
    assert!(!read(&account, 0, ScopeMode::Assigned).users.is_empty());
}

#[test]
fn an_entry_that_cannot_be_read_has_everything_looked_at() {
    let mut account = account();
    account.hire(START, "ann");
    account.log[0].public = "{".to_owned();
    assert!(read(&account, 0, ScopeMode::Assigned).everything.is_some());
}
