//! How people come into the console: links to set a password, second factors, sessions, the account's rules for it.

use crate::api::{
    access::{self, CredentialsView, InvitationView, NewInvitation, SessionView, SignInRulesChange, SignInRulesView},
    endpoint::{Endpoint, delete, get, patch, post},
    invitations::{self, InvitedView},
    page::PageQuery,
    sign_in_tests::{self, NewSignInTest, SignInTestView},
};
use provost_accounts::Permission;

const CREDENTIALS: &str = "/accounts/{account}/users/{user}/credentials";
const INVITATIONS: &str = "/accounts/{account}/users/{user}/invitations";
const INVITED: &str = "/accounts/{account}/invitations";
const SECOND_FACTORS: &str = "/accounts/{account}/users/{user}/second-factors";
const SESSION: &str = "/accounts/{account}/users/{user}/sessions/{session}";
const SESSIONS: &str = "/accounts/{account}/users/{user}/sessions";
const SIGN_IN_RULES: &str = "/accounts/{account}/sign-in";
const SIGN_IN_TESTS: &str = "/accounts/{account}/sign-in/tests";

pub(super) fn of_access() -> Vec<Endpoint> {
    vec![
        post(INVITATIONS, access::invite, "Send a user a link to set a password for the console")
            .takes::<NewInvitation>()
            .accepts::<InvitationView>()
            .needs(Permission::ManageUsers),
        delete(INVITATIONS, access::withdraw, "Take back a link to set a password").needs(Permission::ManageUsers),
        get(INVITED, invitations::list, "List who was sent a link to set a password and has not set one")
            .query::<PageQuery>()
            .lists::<InvitedView>()
            .needs(Permission::GetUsers),
        get(CREDENTIALS, access::credentials, "Show what a user signs in to the console with")
            .shows::<CredentialsView>()
            .needs(Permission::GetUsers),
        delete(SECOND_FACTORS, access::reset, "Forget a user's second factors, and end the user's sessions")
            .needs(Permission::ManageUsers),
        get(SESSIONS, access::sessions, "List a user's sessions in the console")
            .lists::<SessionView>()
            .needs(Permission::GetUsers),
        delete(SESSIONS, access::end_sessions, "End all sessions of a user").needs(Permission::ManageUsers),
        delete(SESSION, access::end_session, "End a session of a user").needs(Permission::ManageUsers),
        get(SIGN_IN_RULES, access::rules, "Show how people sign in to the account's console")
            .shows::<SignInRulesView>()
            .needs(Permission::GetPolicy),
        patch(SIGN_IN_RULES, access::change_rules, "Change how people sign in to the account's console")
            .takes::<SignInRulesChange>()
            .shows::<SignInRulesView>()
            .needs(Permission::ManagePolicy),
        post(SIGN_IN_TESTS, sign_in_tests::test, "Try an identity provider without a person")
            .takes::<NewSignInTest>()
            .shows::<SignInTestView>()
            .needs(Permission::ManagePolicy),
    ]
}
