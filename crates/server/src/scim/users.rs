//! Writes to `/Users`.

use super::{Asked, Payload, conditional, kind::Offered, no_content, show};
use crate::{
    app::{About, App, Failure, Target},
    search,
};
use axum::{http::StatusCode, response::Response};
use provost_accounts::{
    Call, Configuration, Decided, Refused,
    users::{self, Creation, Lookup, Patching, Replacement, User},
};
use provost_change::{Kind, Record, ResourceId};
use std::sync::Arc;

pub(super) async fn create(asked: Asked, payload: Payload) -> Result<Response, Failure> {
    let about = About { action: "user.create", target: None };
    let projection = asked.or_recorded(&about, async { asked.projection() }).await?;
    let body = asked.or_recorded(&about, asked.json(payload)).await?;
    let about = match super::wanted_name(&body, "userName") {
        Some(name) => about.making(Kind::USER, name),
        None => about,
    };
    let read = async { Creation::read(&asked.config, body).map_err(Failure::from) };
    let creation = Arc::new(asked.or_recorded(&about, read).await?);
    asked.note_repairs(creation.repairs());
    let app = asked.app.clone();
    let user = asked
        .write(about, move |config, call| {
            let (app, creation) = (app.clone(), Arc::clone(&creation));
            async move {
                let known = find_same(&app, &config, creation.same_person(&config)).await?;
                Ok(creation.decide(&config, &call, known.as_ref())?)
            }
        })
        .await?;
    let of = Offered::User(&asked.config);
    show::answer(&asked, of, &projection, user.record, StatusCode::CREATED).await
}

pub(super) async fn patch(asked: Asked, id: String, payload: Payload) -> Result<Response, Failure> {
    let read = async { Patching::read(&asked.config, asked.json(payload).await?).map_err(Failure::from) };
    let request = asked.or_recorded(&update(&id), read).await?;
    asked.note_repairs(request.repairs());
    change(asked, id, move |config, call, user| request.decide(config, call, user)).await
}

pub(super) async fn replace(asked: Asked, id: String, payload: Payload) -> Result<Response, Failure> {
    let read = async { Replacement::read(&asked.config, asked.json(payload).await?).map_err(Failure::from) };
    let request = asked.or_recorded(&update(&id), read).await?;
    asked.note_repairs(request.repairs());
    change(asked, id, move |config, call, user| request.decide(config, call, user)).await
}

async fn change<D>(asked: Asked, id: String, decide: D) -> Result<Response, Failure>
where
    D: Fn(&Configuration, &Call, &User) -> Result<Decided<User>, Refused> + Send + Sync + 'static,
{
    let projection = asked.or_recorded(&update(&id), async { asked.projection() }).await?;
    let user = write(&asked, "user.update", &id, decide).await?;
    let of = Offered::User(&asked.config);
    show::answer(&asked, of, &projection, user.record, StatusCode::OK).await
}

pub(super) async fn delete(asked: Asked, id: String) -> Result<Response, Failure> {
    write(&asked, "user.delete", &id, users::delete).await?;
    Ok(no_content())
}

/// Loads the user, checks the client's conditions, decides and commits.
async fn write<T, D>(asked: &Asked, action: &'static str, id: &str, decide: D) -> Result<T, Failure>
where
    T: Send,
    D: Fn(&Configuration, &Call, &User) -> Result<Decided<T>, Refused> + Send + Sync + 'static,
{
    let id = asked.or_recorded(&About { action, target: None }, async { parse(id) }).await?;
    let about = About { action, target: Some(Target::Record(Kind::USER, id)) };
    let (app, headers, decide) = (asked.app.clone(), asked.headers.clone(), Arc::new(decide));
    asked
        .write(about, move |config, call| {
            let (app, headers, decide) = (app.clone(), headers.clone(), Arc::clone(&decide));
            async move {
                let user = load(&app, &config, id).await?;
                conditional::allow_write(&headers, user.record.version)?;
                Ok(decide(&config, &call, &user)?)
            }
        })
        .await
}

/// An update of the user that the path names.
fn update(id: &str) -> About {
    About { action: "user.update", target: id.parse().ok().map(|id| Target::Record(Kind::USER, id)) }
}

/// The first user that is found and may be seen.
/// The first visible user that any of these finds, in their order.
async fn find_same(app: &App, config: &Configuration, lookups: Vec<Lookup>) -> Result<Option<User>, Failure> {
    for lookup in lookups {
        let record = match lookup {
            Lookup::Unique(key) => app.store().by_unique(config.id, &key, &Kind::USER).await?,
            Lookup::Index(entry) => {
                let found = app.store().search(config.id, &search::users_under(config, entry)).await?;
                found.records.into_iter().next()
            }
        };
        let user = record.map(|record| User::read(config.id, record)).transpose()?;
        if let Some(user) = user.filter(|user| user.is_visible(config)) {
            return Ok(Some(user));
        }
    }
    Ok(None)
}

async fn load(app: &App, config: &Configuration, id: ResourceId) -> Result<User, Failure> {
    let user = User::read(config.id, stored(app, config, id).await?)?;
    if user.is_visible(config) { Ok(user) } else { Err(no_user()) }
}

async fn stored(app: &App, config: &Configuration, id: ResourceId) -> Result<Record, Failure> {
    let records = app.store().load(config.id, &[(Kind::USER, id)]).await?;
    records.into_iter().flatten().next().ok_or_else(no_user)
}

fn parse(id: &str) -> Result<ResourceId, Failure> {
    id.parse().map_err(|_| no_user())
}

fn no_user() -> Failure {
    Refused::not_found("user").into()
}
