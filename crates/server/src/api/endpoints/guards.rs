//! What keeps an account from a broken or stolen connection: brakes, alerts, approvals.

use crate::api::{
    alerts::{self, AlertView},
    approvals::{self, ApprovalView, ApprovalVote, Proposal},
    brake::{self, BrakeView, HeldChangeView, HeldQuery},
    dialects::{self, DialectView},
    endpoint::{Endpoint, get, post},
    page::PageQuery,
};
use provost_accounts::Permission;

const BRAKE: &str = "/accounts/{account}/admin-apps/{app}/brake";
const BRAKE_RELEASE: &str = "/accounts/{account}/admin-apps/{app}/brake/release";
const DIALECT: &str = "/accounts/{account}/admin-apps/{app}/dialect";
const HELD: &str = "/accounts/{account}/held-changes";
const HELD_RELEASE: &str = "/accounts/{account}/held-changes/{user}/release";
const HELD_DISCARD: &str = "/accounts/{account}/held-changes/{user}/discard";
const ALERTS: &str = "/accounts/{account}/alerts";
const ALERT_DISMISS: &str = "/accounts/{account}/alerts/{alert}/dismiss";
const APPROVALS: &str = "/accounts/{account}/approval-requests";
const APPROVAL: &str = "/accounts/{account}/approval-requests/{user}";
const APPROVE: &str = "/accounts/{account}/approval-requests/{user}/approve";
const DENY: &str = "/accounts/{account}/approval-requests/{user}/deny";

pub(super) fn of_guards() -> Vec<Endpoint> {
    vec![
        get(BRAKE, brake::get, "Show how much of an admin app's brake is used up")
            .shows::<BrakeView>()
            .needs(Permission::GetAdminApps),
        post(BRAKE_RELEASE, brake::release, "Let an admin app disable and remove as many users again")
            .shows::<BrakeView>()
            .needs(Permission::ManageUsers),
        get(
            DIALECT,
            dialects::get,
            "Show which client speaks through an admin app, how, and what of that the policy does not fit",
        )
        .shows::<DialectView>()
        .needs(Permission::GetAdminApps),
        get(HELD, brake::list_held, "List the disables and removals that a brake keeps for an administrator")
            .query::<HeldQuery>()
            .lists::<HeldChangeView>()
            .needs(Permission::GetUsers),
        post(HELD_RELEASE, brake::let_through, "Do what a brake kept back").needs(Permission::ManageUsers),
        post(HELD_DISCARD, brake::discard, "Forget what a brake kept back: the user stays")
            .needs(Permission::ManageUsers),
        get(ALERTS, alerts::list, "List the alerts that are raised")
            .query::<PageQuery>()
            .lists::<AlertView>()
            .needs(Permission::GetAdminApps),
        post(ALERT_DISMISS, alerts::dismiss, "Take an alert away that does not end by itself")
            .needs_credentials_manage(),
        get(APPROVALS, approvals::list, "List the approval requests, newest first: removals that wait for approvers")
            .query::<PageQuery>()
            .lists::<ApprovalView>()
            .needs_approver(),
        post(APPROVALS, approvals::propose, "Propose to remove an approver of a quorum policy")
            .takes::<Proposal>()
            .creates::<ApprovalView>()
            .needs(Permission::ManageUsers),
        get(APPROVAL, approvals::get, "Show the approval request about a user")
            .shows::<ApprovalView>()
            .needs_approver(),
        post(APPROVE, approvals::approve, "Approve a removal, as an approver of the quorum policy")
            .takes::<ApprovalVote>()
            .shows::<ApprovalView>()
            .needs_approver(),
        post(DENY, approvals::deny, "Deny a removal, as an approver of the quorum policy")
            .takes::<ApprovalVote>()
            .shows::<ApprovalView>()
            .needs_approver(),
    ]
}
