//! The table of what the management API has: method, path, handler, description.

mod access;
mod guards;
mod record;

use super::{
    accounts::{self, AccountChange, AccountView, NewAccount},
    admin_apps::{self, AdminAppChange, AdminAppView, AdminAppWithKey, NewAdminApp, Rotation},
    endpoint::{Endpoint, delete, get, patch, post, put},
    enterprise_apps::{
        self, EnterpriseAppSettings, EnterpriseAppView, ScopeDocument,
        assignments::{self, AssignmentChange, AssignmentView, NewAssignment},
        checking::{self, MappingCheck, MappingVerdict},
        connection::{self, ConnectionView, TestConnection},
        lineage::{self as app_lineage, LineageQuery, ObjectLineageView},
        mappings::{self, MappingsChange, MappingsView},
        plans::{self, AppliedView, OtherMappings, PlanView, Reviewed, Undo, UndoPlan},
        probing::{self, ProbeConsent, ProbeView},
        provisioning::{self, ActionView, CycleQuery, CycleView, JobView, LogQuery, OnDemand, Restart},
        roles as app_roles,
        roles::{AppRoleChange, AppRoleView, NewAppRole},
    },
    groups::{self, GroupChange, GroupQuery, GroupView, MemberView, NewGroup},
    imports::{
        self,
        groups::{GroupImport, GroupImportView},
        sources::{SourceNote, SourceView},
        users::{UserImport, UserImportView},
    },
    indexes::{self, IndexView, NewIndex},
    lineage::{self, UserLineageView},
    management::{self, Adoption, Migration, MigrationState, MigrationView, Release},
    page::PageQuery,
    policy::{
        self, DiffQuery, PolicyDiff, PolicyDocument, PolicyReference, PolicyVersionView, PolicyView, PresetView, Revert,
    },
    preview::{self, PolicyPreview},
    quorum::{self, OwnedQuorum, QuorumDocument, QuorumView},
    resource_types::{self, NewResourceType, ResourceTypeView},
    roles::{self, NewRole, RoleAssertion, RoleAssertionView, RoleChange, RoleView},
    schemas::{self, NewSchema, SchemaView},
    sign_in::{self, SignInAnswer, SignInQuestion},
    simulations::{self, Simulation, SimulationView},
    transfer::{self, ExportLine, ImportView},
    users::{self, DeleteQuery, NewUser, UserChange, UserQuery, UserView},
    verifications::{self, VerificationMailView},
};
use provost_accounts::Permission;

const ACCOUNTS: &str = "/accounts";
const ACCOUNT: &str = "/accounts/{account}";
const POLICY: &str = "/accounts/{account}/policy";
const POLICY_VERSIONS: &str = "/accounts/{account}/policy/versions";
const POLICY_VERSION: &str = "/accounts/{account}/policy/versions/{version}";
const POLICY_DIFF: &str = "/accounts/{account}/policy/versions/{version}/diff";
const POLICY_REVERT: &str = "/accounts/{account}/policy/revert";
const POLICY_PREVIEW: &str = "/accounts/{account}/policy/preview";
const PRESETS: &str = "/policy/presets";
const POLICY_REFERENCE: &str = "/policy/reference";
const SIMULATIONS: &str = "/accounts/{account}/simulations";
const SCHEMAS: &str = "/accounts/{account}/schemas";
const SCHEMA: &str = "/accounts/{account}/schemas/{schema}";
const TYPES: &str = "/accounts/{account}/resource-types";
const TYPE: &str = "/accounts/{account}/resource-types/{type}";
const INDEXES: &str = "/accounts/{account}/indexes";
const INDEX: &str = "/accounts/{account}/indexes/{index}";
const APPS: &str = "/accounts/{account}/admin-apps";
const APP: &str = "/accounts/{account}/admin-apps/{app}";
const APP_ROTATE: &str = "/accounts/{account}/admin-apps/{app}/rotate";
const APP_REVOKE: &str = "/accounts/{account}/admin-apps/{app}/revoke";
const APP_KEY_VIEWS: &str = "/accounts/{account}/admin-apps/{app}/key-views";
const ROLES: &str = "/accounts/{account}/roles";
const ROLE: &str = "/accounts/{account}/roles/{role}";
const ROLE_ASSERTION: &str = "/accounts/{account}/roles/assertion";
const USERS: &str = "/accounts/{account}/users";
const USER: &str = "/accounts/{account}/users/{user}";
const USER_LINEAGE: &str = "/accounts/{account}/users/{user}/lineage";
const USER_ADOPT: &str = "/accounts/{account}/users/{user}/adopt";
const USER_IMPORT: &str = "/accounts/{account}/users/import";
const SOURCES: &str = "/accounts/{account}/sources";
const SOURCE: &str = "/accounts/{account}/sources/{source}";
const USER_RESTORE: &str = "/accounts/{account}/users/{user}/restore";
const USER_RELEASE: &str = "/accounts/{account}/users/{user}/release";
const MIGRATION: &str = "/accounts/{account}/users/migration";
const VERIFICATION_MAILS: &str = "/accounts/{account}/users/{user}/verification-mails";
const SIGN_IN_CHECKS: &str = "/accounts/{account}/sign-in-checks";
const GROUPS: &str = "/accounts/{account}/groups";
const GROUP_IMPORT: &str = "/accounts/{account}/groups/import";
const GROUP: &str = "/accounts/{account}/groups/{group}";
const GROUP_MEMBERS: &str = "/accounts/{account}/groups/{group}/members";
const QUORUMS: &str = "/accounts/{account}/quorum-policies";
const QUORUM: &str = "/accounts/{account}/quorum-policy";
const GROUP_QUORUM: &str = "/accounts/{account}/groups/{group}/quorum-policy";
const OUTBOUND: &str = "/accounts/{account}/enterprise-apps";
const OUTBOUND_APP: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}";
const APP_ROLES: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/app-roles";
const APP_ROLE: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/app-roles/{app_role}";
const ASSIGNMENTS: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/assignments";
const ASSIGNMENT: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/assignments/{assignment}";
const MAPPINGS: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/mappings";
const OUTBOUND_SCOPE: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/scope";
const CYCLE: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/cycle";
const ON_DEMAND: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/provision-on-demand";
const PLAN: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/plan";
const APPLY: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/apply";
const UNDO_PLAN: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/undo-plan";
const UNDO: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/undo";
const STATUS: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/status";
const RESTART: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/restart";
const ALLOW: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/allow-deletions";
const REJECT: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/reject-deletions";
const PROVISIONING_LOGS: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/provisioning-logs";
const PROVISIONING_LOG: &str =
    "/accounts/{account}/enterprise-apps/{enterprise_app}/provisioning-logs/{provisioning_log}";
const CHECK_MAPPING: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/mappings/check";
const RESTORE_MAPPINGS: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/mappings/restore";
const OUTBOUND_LINEAGE: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/lineage";
const PROBE: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/probe";
const TEST_CONNECTION: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/test-connection";
const OUTBOUND_START: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/start";
const OUTBOUND_STOP: &str = "/accounts/{account}/enterprise-apps/{enterprise_app}/stop";
const EXPORT: &str = "/accounts/{account}/export";
const IMPORT: &str = "/accounts/import";

/// Every endpoint that needs a key. Each says what a user token needs for it: the caller's account is checked for all of them.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut all = of_the_account();
    all.extend(of_policies());
    all.extend(of_definitions());
    all.extend(of_admin_apps());
    all.extend(of_enterprise_apps());
    all.extend(of_app_roles());
    all.extend(of_provisioning());
    all.extend(of_people());
    all.extend(guards::of_guards());
    all.extend(of_management());
    all.extend(access::of_access());
    all.extend(of_groups());
    all.extend(record::of_the_record());
    all.extend(of_operation());
    all
}

fn of_operation() -> Vec<Endpoint> {
    vec![
        get(EXPORT, transfer::export, "Export an account as lines of JSON, without secrets (operator)")
            .shows_lines::<ExportLine>()
            .by_operator(),
        post(IMPORT, transfer::import, "Import an account from lines of JSON (operator)")
            .takes_lines::<ExportLine>()
            .creates::<ImportView>()
            .by_operator(),
    ]
}

fn of_the_account() -> Vec<Endpoint> {
    vec![
        post(ACCOUNTS, accounts::create, "Make an account (operator)")
            .takes::<NewAccount>()
            .creates::<AccountView>()
            .by_operator(),
        get(ACCOUNTS, accounts::list, "List accounts (operator)")
            .query::<PageQuery>()
            .lists::<AccountView>()
            .by_operator(),
        get(ACCOUNT, accounts::get, "Show an account").shows::<AccountView>().needs(Permission::GetUsers),
        patch(ACCOUNT, accounts::change, "Change an account (operator)")
            .takes::<AccountChange>()
            .shows::<AccountView>()
            .by_operator(),
    ]
}

fn of_policies() -> Vec<Endpoint> {
    vec![
        get(POLICY, policy::get, "Show the provisioning policy in force")
            .shows::<PolicyView<'_>>()
            .needs(Permission::GetPolicy),
        put(POLICY, policy::put, "Put another provisioning policy in force")
            .takes::<PolicyDocument>()
            .shows::<PolicyView<'_>>()
            .needs(Permission::ManagePolicy),
        get(POLICY_VERSIONS, policy::versions, "List the versions of the provisioning policy, oldest first")
            .query::<PageQuery>()
            .lists::<PolicyVersionView>()
            .needs(Permission::GetPolicy),
        get(POLICY_VERSION, policy::version, "Show a version of the provisioning policy")
            .shows::<PolicyVersionView>()
            .needs(Permission::GetPolicy),
        get(POLICY_DIFF, policy::diff, "Compare a version of the provisioning policy with another one")
            .query::<DiffQuery>()
            .shows::<PolicyDiff>()
            .needs(Permission::GetPolicy),
        post(POLICY_REVERT, policy::revert, "Put an earlier version of the provisioning policy in force again")
            .takes::<Revert>()
            .shows::<PolicyView<'_>>()
            .needs(Permission::ManagePolicy),
        post(POLICY_PREVIEW, preview::create, "Ask whom another provisioning policy would affect; nothing is changed")
            .takes::<PolicyDocument>()
            .shows::<PolicyPreview>()
            .needs(Permission::ManagePolicy),
        get(PRESETS, policy::presets, "List the presets of the provisioning policy")
            .query::<PageQuery>()
            .lists::<PresetView>()
            .needs(Permission::GetPolicy),
        get(POLICY_REFERENCE, policy::reference, "Show what a provisioning policy may say, as a JSON Schema")
            .shows::<PolicyReference>()
            .needs(Permission::GetPolicy),
        post(SIMULATIONS, simulations::create, "Try a SCIM request out: its answer, with nothing changed")
            .takes::<Simulation>()
            .shows::<SimulationView>()
            .needs(Permission::ManageScim),
    ]
}

fn of_definitions() -> Vec<Endpoint> {
    vec![
        post(SCHEMAS, schemas::create, "Define a schema, be it an extension or what a resource type is made of")
            .takes::<NewSchema>()
            .creates::<SchemaView<'_>>()
            .needs(Permission::ManageScim),
        get(SCHEMAS, schemas::list, "List the account's own schemas")
            .query::<PageQuery>()
            .lists::<SchemaView<'_>>()
            .needs(Permission::GetAdminApps),
        get(SCHEMA, schemas::get, "Show a schema of the account's own")
            .shows::<SchemaView<'_>>()
            .needs(Permission::GetAdminApps),
        delete(SCHEMA, schemas::delete, "Remove a schema that nothing uses").needs(Permission::ManageScim),
        post(TYPES, resource_types::create, "Define a resource type")
            .takes::<NewResourceType>()
            .creates::<ResourceTypeView<'_>>()
            .needs(Permission::ManageScim),
        get(TYPES, resource_types::list, "List the account's own resource types")
            .query::<PageQuery>()
            .lists::<ResourceTypeView<'_>>()
            .needs(Permission::GetAdminApps),
        get(TYPE, resource_types::get, "Show a resource type of the account's own")
            .shows::<ResourceTypeView<'_>>()
            .needs(Permission::GetAdminApps),
        delete(TYPE, resource_types::delete, "Remove a resource type that has no resources")
            .needs(Permission::ManageScim),
        post(INDEXES, indexes::create, "Declare an index on an attribute; it is built in the background")
            .takes::<NewIndex>()
            .creates::<IndexView>()
            .needs(Permission::ManageScim),
        get(INDEXES, indexes::list, "List the indexes that the account declares, and how far they are")
            .query::<PageQuery>()
            .lists::<IndexView>()
            .needs(Permission::GetAdminApps),
        get(INDEX, indexes::get, "Show an index, and how far it is")
            .shows::<IndexView>()
            .needs(Permission::GetAdminApps),
        delete(INDEX, indexes::delete, "Take an index back; its entries go in the background")
            .accepts::<IndexView>()
            .needs(Permission::ManageScim),
    ]
}

fn of_admin_apps() -> Vec<Endpoint> {
    vec![
        post(APPS, admin_apps::create, "Make an admin app with its first API key")
            .takes::<NewAdminApp>()
            .creates::<AdminAppWithKey>()
            .needs_credentials_manage(),
        get(APPS, admin_apps::list, "List admin apps")
            .query::<PageQuery>()
            .lists::<AdminAppView>()
            .needs(Permission::GetAdminApps),
        get(APP, admin_apps::get, "Show an admin app").shows::<AdminAppView>().needs(Permission::GetAdminApps),
        patch(APP, admin_apps::change, "Change an admin app")
            .takes::<AdminAppChange>()
            .shows::<AdminAppView>()
            .needs_credentials_manage(),
        delete(APP, admin_apps::delete, "Remove an admin app with its keys").needs_credentials_manage(),
        post(APP_ROTATE, admin_apps::rotate, "Give an admin app a new API key")
            .takes::<Rotation>()
            .shows::<AdminAppWithKey>()
            .needs_credentials_manage(),
        post(APP_KEY_VIEWS, admin_apps::view_key, "Show an admin app's key details, and record that somebody looked")
            .shows::<AdminAppView>()
            .needs_credentials_manage(),
        post(APP_REVOKE, admin_apps::revoke, "Refuse every API key of an admin app")
            .shows::<AdminAppView>()
            .needs_credentials_manage(),
    ]
}

fn of_enterprise_apps() -> Vec<Endpoint> {
    vec![
        post(OUTBOUND, enterprise_apps::create, "Make an enterprise app: a target that the account provisions into")
            .takes::<EnterpriseAppSettings>()
            .creates::<EnterpriseAppView>()
            .needs(Permission::ManageScim),
        get(OUTBOUND, enterprise_apps::list, "List enterprise apps")
            .query::<PageQuery>()
            .lists::<EnterpriseAppView>()
            .needs(Permission::GetAdminApps),
        get(OUTBOUND_APP, enterprise_apps::get, "Show an enterprise app")
            .shows::<EnterpriseAppView>()
            .needs(Permission::GetAdminApps),
        patch(OUTBOUND_APP, enterprise_apps::change, "Change an enterprise app")
            .takes::<EnterpriseAppSettings>()
            .shows::<EnterpriseAppView>()
            .needs(Permission::ManageScim),
        delete(OUTBOUND_APP, enterprise_apps::delete, "Remove an enterprise app; nothing is done at its target")
            .needs(Permission::ManageScim),
        get(MAPPINGS, mappings::get, "Show what an enterprise app sends")
            .shows::<MappingsView>()
            .needs(Permission::GetAdminApps),
        put(MAPPINGS, mappings::put, "Change what an enterprise app sends")
            .takes::<MappingsChange>()
            .shows::<MappingsView>()
            .needs(Permission::ManageScim),
        post(RESTORE_MAPPINGS, mappings::restore, "Have an enterprise app send what a new one sends")
            .shows::<MappingsView>()
            .needs(Permission::ManageScim),
        post(CHECK_MAPPING, checking::check, "Check one row of a mapping, and evaluate it step by step for somebody")
            .takes::<MappingCheck>()
            .shows::<MappingVerdict>()
            .needs(Permission::GetAdminApps),
        get(OUTBOUND_SCOPE, enterprise_apps::scope, "Show who is in scope of an enterprise app")
            .shows::<ScopeDocument>()
            .needs(Permission::GetAdminApps),
        put(OUTBOUND_SCOPE, enterprise_apps::set_scope, "Say who is in scope of an enterprise app")
            .takes::<ScopeDocument>()
            .shows::<ScopeDocument>()
            .needs(Permission::ManageScim),
        post(
            TEST_CONNECTION,
            connection::test,
            "Ask the target of an enterprise app whether it can be provisioned into",
        )
        .takes::<TestConnection>()
        .shows::<ConnectionView>()
        .needs(Permission::ManageScim),
        post(PROBE, probing::probe, "Find out what the target of an enterprise app needs otherwise than Entra sends")
            .takes::<ProbeConsent>()
            .shows::<ProbeView>()
            .needs(Permission::ManageScim),
        post(OUTBOUND_START, enterprise_apps::start, "Let an enterprise app run by itself")
            .shows::<EnterpriseAppView>()
            .needs(Permission::ManageScim),
        post(OUTBOUND_STOP, enterprise_apps::stop, "Stop an enterprise app")
            .shows::<EnterpriseAppView>()
            .needs(Permission::ManageScim),
    ]
}

fn of_provisioning() -> Vec<Endpoint> {
    vec![
        post(CYCLE, provisioning::cycle, "Run a cycle of an enterprise app now, and wait for its end")
            .query::<CycleQuery>()
            .shows::<CycleView>()
            .needs(Permission::ManageScim),
        post(ON_DEMAND, provisioning::on_demand, "Provision a user or a group now, and show it step by step")
            .takes::<OnDemand>()
            .shows::<ActionView>()
            .needs(Permission::ManageScim),
        post(PLAN, plans::plan, "Show what the next cycle of an enterprise app would do; nothing is changed")
            .query::<CycleQuery>()
            .takes::<OtherMappings>()
            .shows::<PlanView>()
            .needs(Permission::ManageScim),
        post(APPLY, plans::apply, "Do what a plan showed, exactly, or nothing")
            .query::<CycleQuery>()
            .takes::<Reviewed>()
            .shows::<AppliedView>()
            .needs(Permission::ManageScim),
        post(UNDO_PLAN, plans::undo_plan, "Show what would take back what a cycle wrote; nothing is changed")
            .takes::<UndoPlan>()
            .shows::<PlanView>()
            .needs(Permission::ManageScim),
        post(UNDO, plans::take_back, "Take back what a cycle wrote, exactly as was shown, or nothing")
            .takes::<Undo>()
            .shows::<AppliedView>()
            .needs(Permission::ManageScim),
        get(STATUS, provisioning::status, "Show how the provisioning of an enterprise app stands")
            .shows::<JobView>()
            .needs(Permission::GetAdminApps),
        post(RESTART, provisioning::restart, "Have an enterprise app look at everything again")
            .takes::<Restart>()
            .shows::<JobView>()
            .needs(Permission::ManageScim),
        post(ALLOW, provisioning::allow, "Let the disables and deletes that are held be sent by the next cycle")
            .shows::<JobView>()
            .needs(Permission::ManageScim),
        post(REJECT, provisioning::reject, "Have the next cycle let go of the disables and deletes that are held")
            .shows::<JobView>()
            .needs(Permission::ManageScim),
        get(PROVISIONING_LOGS, provisioning::logs, "Read the provisioning log of an enterprise app, newest first")
            .query::<LogQuery>()
            .lists::<ActionView>()
            .needs(Permission::GetAuditLog),
        get(PROVISIONING_LOG, provisioning::log_entry, "Read one entry of the provisioning log")
            .shows::<ActionView>()
            .needs(Permission::GetAuditLog),
        get(OUTBOUND_LINEAGE, app_lineage::get, "Show where the values come from that an app sends of a user or group")
            .query::<LineageQuery>()
            .shows::<ObjectLineageView>()
            .needs(Permission::GetAuditLog),
    ]
}

fn of_app_roles() -> Vec<Endpoint> {
    vec![
        post(APP_ROLES, app_roles::create, "Make an app role")
            .takes::<NewAppRole>()
            .creates::<AppRoleView>()
            .needs(Permission::ManageScim),
        get(APP_ROLES, app_roles::list, "List the roles of an enterprise app")
            .query::<PageQuery>()
            .lists::<AppRoleView>()
            .needs(Permission::GetAdminApps),
        get(APP_ROLE, app_roles::get, "Show an app role").shows::<AppRoleView>().needs(Permission::GetAdminApps),
        patch(APP_ROLE, app_roles::change, "Change an app role")
            .takes::<AppRoleChange>()
            .shows::<AppRoleView>()
            .needs(Permission::ManageScim),
        delete(APP_ROLE, app_roles::delete, "Remove an app role that nobody has").needs(Permission::ManageScim),
        post(ASSIGNMENTS, assignments::create, "Assign a user or a group to an enterprise app")
            .takes::<NewAssignment>()
            .creates::<AssignmentView>()
            .needs(Permission::ManageScim),
        get(ASSIGNMENTS, assignments::list, "List who is assigned to an enterprise app")
            .query::<PageQuery>()
            .lists::<AssignmentView>()
            .needs(Permission::GetAdminApps),
        get(ASSIGNMENT, assignments::get, "Show an assignment")
            .shows::<AssignmentView>()
            .needs(Permission::GetAdminApps),
        patch(ASSIGNMENT, assignments::change, "Give an assignment another app role")
            .takes::<AssignmentChange>()
            .shows::<AssignmentView>()
            .needs(Permission::ManageScim),
        delete(ASSIGNMENT, assignments::delete, "End an assignment").needs(Permission::ManageScim),
    ]
}

fn of_people() -> Vec<Endpoint> {
    vec![
        post(ROLES, roles::create, "Make a custom role")
            .takes::<NewRole>()
            .creates::<RoleView>()
            .needs(Permission::ManageRoles),
        get(ROLES, roles::list, "List roles, those of the system first")
            .query::<PageQuery>()
            .lists::<RoleView>()
            .needs(Permission::GetRoles),
        post(
            ROLE_ASSERTION,
            roles::assertion,
            "Ask which roles an assertion of `roles` would give; nothing is changed",
        )
        .takes::<RoleAssertion>()
        .shows::<RoleAssertionView>()
        .needs(Permission::GetRoles),
        get(ROLE, roles::get, "Show a role").shows::<RoleView>().needs(Permission::GetRoles),
        patch(ROLE, roles::change, "Change a custom role")
            .takes::<RoleChange>()
            .shows::<RoleView>()
            .needs(Permission::ManageRoles),
        delete(ROLE, roles::delete, "Remove a custom role that nobody holds").needs(Permission::ManageRoles),
        post(USERS, users::create, "Make a user by hand")
            .takes::<NewUser>()
            .creates::<UserView>()
            .needs(Permission::ManageUsers),
        get(USERS, users::list, "List users").query::<UserQuery>().lists::<UserView>().needs(Permission::GetUsers),
        get(USER, users::get, "Show a user").shows::<UserView>().needs(Permission::GetUsers),
        get(USER_LINEAGE, lineage::of_user, "Show where the attributes of a user come from")
            .shows::<UserLineageView>()
            .needs(Permission::GetAuditLog),
        patch(USER, users::change, "Change a user by hand")
            .takes::<UserChange>()
            .shows::<UserView>()
            .needs(Permission::ManageUsers),
        delete(USER, users::delete, "Remove a user from the account")
            .query::<DeleteQuery>()
            .needs(Permission::ManageUsers),
        post(USER_IMPORT, imports::users::import, "Make and change users as a source outside says that they are")
            .takes::<UserImport>()
            .shows::<UserImportView>()
            .needs(Permission::ManageUsers),
        get(SOURCES, imports::sources::list, "List the sources that users come from")
            .query::<PageQuery>()
            .lists::<SourceView>()
            .needs(Permission::GetUsers),
        get(SOURCE, imports::sources::show, "Show where a source's last run ended")
            .shows::<SourceView>()
            .needs(Permission::GetUsers),
        put(SOURCE, imports::sources::note, "Note where a source's run ended")
            .takes::<SourceNote>()
            .shows::<SourceView>()
            .needs(Permission::ManageUsers),
        delete(SOURCE, imports::sources::forget, "Let a source's next run read everything")
            .needs(Permission::ManageUsers),
        post(USER_RESTORE, users::restore, "Bring a deleted user back")
            .shows::<UserView>()
            .needs(Permission::ManageUsers),
        post(SIGN_IN_CHECKS, sign_in::check, "Ask whether a person may use the account, and with which permissions")
            .takes::<SignInQuestion>()
            .shows::<SignInAnswer>()
            .needs(Permission::ManageUsers),
        post(VERIFICATION_MAILS, verifications::send, "Send a user a mail with a new link that proves the address")
            .accepts::<VerificationMailView>()
            .needs(Permission::ManageUsers),
    ]
}

fn of_management() -> Vec<Endpoint> {
    vec![
        post(USER_ADOPT, management::adopt, "Let an admin app manage a user who was made by hand")
            .takes::<Adoption>()
            .shows::<UserView>()
            .needs(Permission::ManageUsers),
        post(USER_RELEASE, management::release, "Let nobody but administrators manage a user")
            .takes::<Release>()
            .shows::<UserView>()
            .needs(Permission::ManageUsers),
        get(MIGRATION, management::state, "Show how many users an identity provider would meet")
            .shows::<MigrationState>()
            .needs(Permission::GetUsers),
        post(MIGRATION, management::migrate, "Let an admin app manage the users whom its identity provider names")
            .takes::<Migration>()
            .shows::<MigrationView>()
            .needs(Permission::ManageUsers),
    ]
}

fn of_groups() -> Vec<Endpoint> {
    vec![
        post(GROUPS, groups::create, "Make a group")
            .takes::<NewGroup>()
            .creates::<GroupView>()
            .needs(Permission::ManageGroups),
        get(GROUPS, groups::list, "List groups")
            .query::<GroupQuery>()
            .lists::<GroupView>()
            .needs(Permission::GetGroups),
        post(GROUP_IMPORT, imports::groups::import, "Make and change groups as a source outside says that they are")
            .takes::<GroupImport>()
            .shows::<GroupImportView>()
            .needs(Permission::ManageGroups),
        get(GROUP, groups::get, "Show a group").shows::<GroupView>().needs(Permission::GetGroups),
        patch(GROUP, groups::change, "Change a group by hand")
            .takes::<GroupChange>()
            .shows::<GroupView>()
            .needs(Permission::ManageGroups),
        get(GROUP_MEMBERS, groups::members, "List the members of a group")
            .query::<PageQuery>()
            .lists::<MemberView>()
            .needs(Permission::GetGroups),
        delete(GROUP, groups::delete, "Remove a group with its quorum policy").needs(Permission::ManageGroups),
        get(QUORUMS, quorum::list, "List the quorum policies: the account's own and those of groups")
            .query::<PageQuery>()
            .lists::<OwnedQuorum<'_>>()
            .needs(Permission::GetQuorumPolicy),
        get(QUORUM, quorum::get, "Show the account's quorum policy")
            .shows::<QuorumView<'_>>()
            .needs(Permission::GetQuorumPolicy),
        put(QUORUM, quorum::put, "Set the account's quorum policy")
            .takes::<QuorumDocument>()
            .shows::<QuorumView<'_>>()
            .needs(Permission::ManageQuorumPolicy),
        delete(QUORUM, quorum::delete, "Remove the account's quorum policy").needs(Permission::ManageQuorumPolicy),
        get(GROUP_QUORUM, quorum::get_of_group, "Show a group's quorum policy")
            .shows::<QuorumView<'_>>()
            .needs(Permission::GetQuorumPolicy),
        put(GROUP_QUORUM, quorum::put_of_group, "Set a group's quorum policy")
            .takes::<QuorumDocument>()
            .shows::<QuorumView<'_>>()
            .needs(Permission::ManageQuorumPolicy),
        delete(GROUP_QUORUM, quorum::delete_of_group, "Remove a group's quorum policy")
            .needs(Permission::ManageQuorumPolicy),
    ]
}

#[cfg(test)]
mod tests {
    use super::endpoints;

    #[test]
    fn every_endpoint_says_what_a_user_token_needs_for_it() {
        let silent: Vec<String> = endpoints()
            .into_iter()
            .filter(|endpoint| endpoint.needs.is_none())
            .map(|endpoint| format!("{} {}", endpoint.method, endpoint.path))
            .collect();
        assert!(
            silent.is_empty(),
            "without `.needs(…)`, `.needs_credentials_manage()` or `.by_operator()`: {silent:?}"
        );
    }
}
