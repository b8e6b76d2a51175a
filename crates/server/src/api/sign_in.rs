//! May this person use the account? What the application behind an account asks when somebody signs in.

use super::{Answer, asked::InAccount, body::at_most, ok, users};
use crate::{
    app::{About, Failure, Target},
    search,
};
use axum::body::Body;
use provost_accounts::{Call, Configuration, Decided, Permission, User, verification};
use provost_change::{ChangeSet, IndexEntry, Kind, UniqueKey};
use provost_scim::text::fold;
use provost_store::Search;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
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
    let Some(mut user) = find(&asked, &question.identifier).await? else {
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
        user = verified_by_sso(&asked, user).await?;
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

/// The user after a sign-in through the identity provider.
async fn verified_by_sso(asked: &InAccount, user: User) -> Result<User, Failure> {
    let app = &asked.request.app;
    if verification::by_sso(&asked.config, &asked.request.caller.call(app), &user).is_none() {
        return Ok(user);
    }
    let id = user.id();
    let about = About { action: "user.verify_by_sso", target: Some(Target::Record(Kind::USER, id)) };
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let user = users::load(app, &config, id).await?;
        let nothing = Decided { change: ChangeSet::default(), outcome: user.clone() };
        Ok(verification::by_sso(&config, &call, &user).unwrap_or(nothing))
    };
    app.write(asked.account(), &asked.request.caller, about, decide).await
}

/// The one user with that `userName`, else the one with that `externalId`; two with one `externalId` are none.
async fn find(asked: &InAccount, identifier: &str) -> Result<Option<User>, Failure> {
    let store = asked.request.app.store();
    let name =
        UniqueKey { space: provost_accounts::users::USER_NAME.to_owned(), value: fold(identifier, false).into_owned() };
    let mut found: Vec<_> = store.by_unique(asked.account(), &name, &Kind::USER).await?.into_iter().collect();
    if found.is_empty() {
        let entry = IndexEntry {
            attribute: provost_accounts::users::indexed("externalId"),
            value: fold(identifier, true).into_owned(),
        };
        let search = Search { limit: 2, ..search::users_under(&asked.config, entry) };
        found = store.search(asked.account(), &search).await?.records;
    }
    match found.len() {
        1 => Ok(found.pop().map(|record| User::read(asked.account(), record)).transpose()?),
        _ => Ok(None),
    }
}
