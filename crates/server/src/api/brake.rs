//! The brake of an admin app: how much of it is used up, letting more through, and what it kept for an administrator (S-78).

use super::{
    Answer,
    asked::InAccount,
    no_content, ok,
    page::{self, Page},
    users::{self as shown, HeldView},
};
use crate::{
    app::{About, Failure, Target},
    search,
};
use axum::body::Body;
use jiff::Timestamp;
use provost_accounts::{Call, Configuration, Decided, Refused, User, users::brake};
use provost_change::{Kind, ResourceId};
use provost_store::Search;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// How much of an admin app's brake is used up.
#[derive(Serialize, ToSchema)]
pub(super) struct BrakeView {
    /// Users that it may disable or remove within an hour (policy field `brake.changes_per_hour`); null for any number.
    limit: Option<u32>,
    /// Users that it has disabled or removed within the last hour, since the brake was released last.
    used: u64,
    /// Whether the next one is not done.
    holds: bool,
    /// From when on fewer of them count; null when none do.
    #[schema(value_type = Option<String>, format = DateTime)]
    resets: Option<Timestamp>,
}

/// The query of the list of held changes.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HeldQuery {
    /// Only what the admin app with this id wanted.
    #[param(value_type = Option<String>)]
    app: Option<ResourceId>,
    /// Items on the page: 1 to 200, 50 unless said.
    limit: Option<u64>,
    /// `next` of the page before; absent for the first. A page behind which there is another may have fewer items than `limit`.
    cursor: Option<String>,
}

/// A change that a brake keeps for an administrator.
#[derive(Serialize, ToSchema)]
pub(super) struct HeldChangeView {
    /// The id of the user whom it is about.
    user: String,
    /// The user's sign-in name.
    user_name: String,
    #[serde(flatten)]
    held: HeldView,
}

/// Nothing is to be said.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

pub(super) async fn get(asked: InAccount) -> Answer {
    let id = asked.id(&Kind::ADMIN_APP)?;
    asked.config.app(id).ok_or_else(|| Refused::not_found("admin app"))?;
    ok(&view(&asked, id).await?)
}

pub(super) async fn release(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "brake.release", target: None };
    let id = asked.or_recorded(&about, asked.id(&Kind::ADMIN_APP)).await?;
    let about = About { target: Some(Target::Record(Kind::ADMIN_APP, id)), ..about };
    let Nothing {} = asked.body_or_default(&about, body).await?;
    let app = &asked.request.app;
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let head = app.store().head(config.id).await?.ok_or(Failure::NoAccount)?;
        Ok(brake::release(&config, &call, id, &head.counts)?)
    };
    app.write(asked.account(), &asked.request.caller, about, decide).await?;
    app.look_at_alerts(asked.account());
    ok(&view(&asked, id).await?)
}

async fn view(asked: &InAccount, app: ResourceId) -> Result<BrakeView, Failure> {
    let now = asked.request.app.now();
    let head = asked.request.app.store().head(asked.account()).await?.ok_or(Failure::NoAccount)?;
    Ok(BrakeView {
        limit: asked.config.policy.brake.changes_per_hour,
        used: u64::try_from(brake::used(&head.counts, app, now)).unwrap_or(0),
        holds: brake::holds(&asked.config, &head.counts, app, now),
        resets: brake::frees(&head.counts, app, now),
    })
}

pub(super) async fn list_held(asked: InAccount) -> Answer {
    let query: HeldQuery = asked.request.query()?;
    let page = Page::<ResourceId>::read(query.limit, query.cursor.as_deref())?;
    let under = search::users_under(&asked.config, brake::held_users());
    let search = Search { after: page.after, limit: page.limit_and_one(), ..under };
    let mut records = asked.request.app.store().search(asked.account(), &search).await?.records;
    let next = page::cut(&mut records, page.limit, |record| record.id);
    let mut items = Vec::new();
    for record in records {
        let user = User::read(asked.account(), record)?;
        let wanted = user.state.held.as_ref().filter(|held| query.app.is_none_or(|app| held.app == app));
        items.extend(wanted.map(|held| HeldChangeView {
            user: user.id().to_string(),
            user_name: user.user_name().to_owned(),
            held: shown::held_view(&asked.config, held),
        }));
    }
    page::list(items, next)
}

pub(super) async fn let_through(asked: InAccount) -> Answer {
    decided(&asked, "brake.let_through", brake::let_through).await
}

pub(super) async fn discard(asked: InAccount) -> Answer {
    decided(&asked, "brake.discard", brake::discard).await
}

/// Decides about what is held of the user that the path names.
async fn decided(
    asked: &InAccount,
    action: &'static str,
    decide: fn(&Configuration, &Call, &User) -> Result<Decided<()>, Refused>,
) -> Answer {
    let (id, about) = asked.target(action, Kind::USER).await?;
    let app = &asked.request.app;
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let user = shown::load(app, &config, id).await?;
        Ok(decide(&config, &call, &user)?)
    };
    app.write(asked.account(), &asked.request.caller, about, decide).await?;
    app.look_at_alerts(asked.account());
    no_content()
}
