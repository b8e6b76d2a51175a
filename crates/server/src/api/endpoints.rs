//! The table of what the management API has: method, path, handler, description.

use super::{
    accounts::{self, AccountChange, AccountView, NewAccount},
    admin_apps::{self, AdminAppChange, AdminAppView, AdminAppWithKey, NewAdminApp, Rotation},
    audit::{self, AuditEntry, AuditQuery, Verified},
    endpoint::{Endpoint, delete, get, patch, post, put},
    groups::{self, GroupView, NewGroup},
    page::PageQuery,
    policy::{self, PolicyDocument, PolicyVersionView, PolicyView},
    quorum::{self, QuorumDocument, QuorumView},
    roles::{self, NewRole, RoleChange, RoleView},
    sign_in::{self, SignInAnswer, SignInQuestion},
    users::{self, NewUser, UserChange, UserQuery, UserView},
};

const ACCOUNTS: &str = "/accounts";
const ACCOUNT: &str = "/accounts/{account}";
const POLICY: &str = "/accounts/{account}/policy";
const POLICY_VERSIONS: &str = "/accounts/{account}/policy/versions";
const APPS: &str = "/accounts/{account}/admin-apps";
const APP: &str = "/accounts/{account}/admin-apps/{app}";
const APP_ROTATE: &str = "/accounts/{account}/admin-apps/{app}/rotate";
const APP_REVOKE: &str = "/accounts/{account}/admin-apps/{app}/revoke";
const ROLES: &str = "/accounts/{account}/roles";
const ROLE: &str = "/accounts/{account}/roles/{role}";
const USERS: &str = "/accounts/{account}/users";
const USER: &str = "/accounts/{account}/users/{user}";
const SIGN_IN_CHECKS: &str = "/accounts/{account}/sign-in-checks";
const GROUPS: &str = "/accounts/{account}/groups";
const GROUP: &str = "/accounts/{account}/groups/{group}";
const QUORUM: &str = "/accounts/{account}/quorum-policy";
const GROUP_QUORUM: &str = "/accounts/{account}/groups/{group}/quorum-policy";
const AUDIT: &str = "/accounts/{account}/audit";
const AUDIT_VERIFY: &str = "/accounts/{account}/audit/verify";

/// Every endpoint that needs a key.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut all = of_the_account();
    all.extend(of_admin_apps());
    all.extend(of_people());
    all.extend(of_groups());
    all
}

fn of_the_account() -> Vec<Endpoint> {
    vec![
        post(ACCOUNTS, accounts::create, "Make an account (operator)").takes::<NewAccount>().creates::<AccountView>(),
        get(ACCOUNTS, accounts::list, "List accounts (operator)").query::<PageQuery>().lists::<AccountView>(),
        get(ACCOUNT, accounts::get, "Show an account").shows::<AccountView>(),
        patch(ACCOUNT, accounts::change, "Change an account (operator)")
            .takes::<AccountChange>()
            .shows::<AccountView>(),
        get(POLICY, policy::get, "Show the provisioning policy in force").shows::<PolicyView<'_>>(),
        put(POLICY, policy::put, "Put another provisioning policy in force")
            .takes::<PolicyDocument>()
            .shows::<PolicyView<'_>>(),
        get(POLICY_VERSIONS, policy::versions, "List the versions of the provisioning policy, oldest first")
            .query::<PageQuery>()
            .lists::<PolicyVersionView>(),
        get(AUDIT, audit::list, "Read the audit log").query::<AuditQuery>().lists::<AuditEntry>(),
        get(AUDIT_VERIFY, audit::verification, "Verify the hash chain of the audit log").shows::<Verified>(),
    ]
}

fn of_admin_apps() -> Vec<Endpoint> {
    vec![
        post(APPS, admin_apps::create, "Make an admin app with its first API key")
            .takes::<NewAdminApp>()
            .creates::<AdminAppWithKey>(),
        get(APPS, admin_apps::list, "List admin apps").query::<PageQuery>().lists::<AdminAppView>(),
        get(APP, admin_apps::get, "Show an admin app").shows::<AdminAppView>(),
        patch(APP, admin_apps::change, "Change an admin app").takes::<AdminAppChange>().shows::<AdminAppView>(),
        delete(APP, admin_apps::delete, "Remove an admin app with its keys"),
        post(APP_ROTATE, admin_apps::rotate, "Give an admin app a new API key")
            .takes::<Rotation>()
            .shows::<AdminAppWithKey>(),
        post(APP_REVOKE, admin_apps::revoke, "Refuse every API key of an admin app").shows::<AdminAppView>(),
    ]
}

fn of_people() -> Vec<Endpoint> {
    vec![
        post(ROLES, roles::create, "Make a custom role").takes::<NewRole>().creates::<RoleView>(),
        get(ROLES, roles::list, "List roles, those of the system first").query::<PageQuery>().lists::<RoleView>(),
        get(ROLE, roles::get, "Show a role").shows::<RoleView>(),
        patch(ROLE, roles::change, "Change a custom role").takes::<RoleChange>().shows::<RoleView>(),
        delete(ROLE, roles::delete, "Remove a custom role that nobody holds"),
        post(USERS, users::create, "Make a user by hand").takes::<NewUser>().creates::<UserView>(),
        get(USERS, users::list, "List users").query::<UserQuery>().lists::<UserView>(),
        get(USER, users::get, "Show a user").shows::<UserView>(),
        patch(USER, users::change, "Change a user by hand").takes::<UserChange>().shows::<UserView>(),
        delete(USER, users::delete, "Remove a user from the account"),
        post(SIGN_IN_CHECKS, sign_in::check, "Ask whether a person may use the account, and with which permissions")
            .takes::<SignInQuestion>()
            .shows::<SignInAnswer>(),
    ]
}

fn of_groups() -> Vec<Endpoint> {
    vec![
        post(GROUPS, groups::create, "Make a group").takes::<NewGroup>().creates::<GroupView>(),
        get(GROUPS, groups::list, "List groups").query::<PageQuery>().lists::<GroupView>(),
        get(GROUP, groups::get, "Show a group").shows::<GroupView>(),
        delete(GROUP, groups::delete, "Remove a group with its quorum policy"),
        get(QUORUM, quorum::get, "Show the account's quorum policy").shows::<QuorumView<'_>>(),
        put(QUORUM, quorum::put, "Set the account's quorum policy").takes::<QuorumDocument>().shows::<QuorumView<'_>>(),
        delete(QUORUM, quorum::delete, "Remove the account's quorum policy"),
        get(GROUP_QUORUM, quorum::get_of_group, "Show a group's quorum policy").shows::<QuorumView<'_>>(),
        put(GROUP_QUORUM, quorum::put_of_group, "Set a group's quorum policy")
            .takes::<QuorumDocument>()
            .shows::<QuorumView<'_>>(),
        delete(GROUP_QUORUM, quorum::delete_of_group, "Remove a group's quorum policy"),
    ]
}
