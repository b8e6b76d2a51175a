//! May this person use the account? What the application behind an account asks when somebody signs in.

use super::{Answer, asked::InAccount, body::at_most, ok, users};
use crate::app::About;
use axum::body::Body;
use provost_accounts::Permission;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest identifier, in bytes.
const IDENTIFIER_MAX: usize = 1_024;

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignInQuestion {
    /// What single sign-on asserts about the person: the `userName` (in any case) or the `externalId` that SCIM provisioned.
    identifier: String,
    /// Whether single sign-on has just proved who the person is: the address of an enabled user then counts as verified, where the
    /// policy says so (`users.sso_verification`).
    #[serde(default)]
    sso: bool,
}

/// Whether the person may.
#[derive(Serialize, ToSchema)]
pub(super) struct SignInAnswer {
    /// Whether the person may use the account now.
    allowed: bool,
    /// Why not.
    reason: Option<&'static str>,
    /// The user who was meant; `null` when none was provisioned. None is made here.
    user: Option<users::UserView>,
    /// What the user's roles permit; nothing when the person may not sign in.
    permissions: Vec<Permission>,
}

pub(super) async fn check(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "user.sign_in_check", target: None };
    let question: SignInQuestion = asked.body(&about, body).await?;
    asked.or_recorded(&about, at_most("identifier", question.identifier.len(), IDENTIFIER_MAX, "bytes")).await?;
    let found = asked.request.app.user_asserted(&asked.config, &question.identifier).await?;
    let Some(mut user) = found else {
        return ok(&SignInAnswer {
            allowed: false,
            reason: Some(
                "no user with this identifier is provisioned: what single sign-on asserts must be the user's userName or externalId",
            ),
            user: None,
            permissions: Vec::new(),
        });
    };
    if question.sso {
        user = asked.request.app.verified_by_sso(&asked.request.caller, &asked.config, user).await?;
    }
    let reason = user.sign_in_refusal(&asked.config);
    let groups = asked.request.app.groups_by_user(&asked.config, &[user.id()]).await?;
    let held = users::held(&asked.config, &user, groups.get(&user.id()).map_or(&[], Vec::as_slice));
    let may = |permission: &Permission| held.iter().any(|held| asked.config.permits(held.role, *permission));
    ok(&SignInAnswer {
        allowed: reason.is_none(),
        reason,
        permissions: Permission::ALL.into_iter().filter(|permission| reason.is_none() && may(permission)).collect(),
        user: Some(users::shown(&asked.request.app, &asked.config, &user).await?),
    })
}
