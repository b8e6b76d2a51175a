//! `/Users`.

use super::{Asked, conditional, no_content};
use crate::{
    app::{About, Failure, Target},
    scim_reply,
    search::{self, Names},
};
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use provost_accounts::{
    Configuration, Decided, Refused,
    policy::Visibility,
    users::{self, Creation, Patching, Replacement, User},
};
use provost_change::{IndexEntry, Kind, Record, ResourceId, UniqueKey};
use provost_scim::{Meta, Projection, message, render};
use provost_store::Search;
use serde_json::Value;
use std::sync::Arc;

/// Resources in one page, at most; also the size of a page for which no `count` is asked.
pub(super) const PAGE_MAX: u64 = 200;

pub(super) async fn create(asked: Asked, body: Body) -> Result<Response, Failure> {
    let about = About { action: "user.create", target: None };
    let projection = asked.or_recorded(&about, async { asked.projection() }).await?;
    let body = asked.or_recorded(&about, asked.json(body)).await?;
    let about = match wanted_name(&body) {
        Some(name) => about.making(Kind::USER, name),
        None => about,
    };
    let read = async { Creation::read(&asked.config, body).map_err(Failure::from) };
    let creation = Arc::new(asked.or_recorded(&about, read).await?);
    let (app, account) = (asked.app.clone(), asked.config.id);
    let user = asked
        .app
        .write(account, &asked.caller, about, move |config, call| {
            let (app, creation) = (app.clone(), Arc::clone(&creation));
            async move {
                let (name, external_id) = creation.same_person(&config);
                let known = find_same(&app, &config, name, external_id).await?;
                Ok(creation.decide(&config, &call, known.as_ref())?)
            }
        })
        .await?;
    shown(&asked, &projection, &user.record, StatusCode::CREATED)
}

pub(super) async fn get(asked: Asked, id: String) -> Result<Response, Failure> {
    let projection = asked.projection()?;
    let record = match asked.config.policy.users.visibility {
        // Nothing of a user needs to be read to show its text.
        Visibility::All => stored(&asked.app, &asked.config, parse(&id)?).await?,
        Visibility::ManagedOnly => load(&asked.app, &asked.config, parse(&id)?).await?.record,
    };
    let etag = etag(&record);
    if conditional::is_unchanged(&asked.headers, &etag) {
        let mut answer = StatusCode::NOT_MODIFIED.into_response();
        set(&mut answer, header::ETAG, &etag);
        return Ok(answer);
    }
    shown(&asked, &projection, &record, StatusCode::OK)
}

pub(super) async fn list(asked: Asked) -> Result<Response, Failure> {
    let names = Names::Of(&asked.config.user);
    page(&asked, names).await
}

/// A search by POST, for users or over all types; users are all there is.
pub(super) async fn search_by_post(mut asked: Asked, body: Body, over_all: bool) -> Result<Response, Failure> {
    asked.take_params(body).await?;
    let user = &asked.config.user;
    page(&asked, if over_all { Names::Any(user) } else { Names::Of(user) }).await
}

async fn page(asked: &Asked, names: Names<'_>) -> Result<Response, Failure> {
    let given = |name: &str| asked.params.get(name).map(String::as_str);
    let projection = asked.projection()?;
    let page = message::page(given("startIndex"), given("count"), PAGE_MAX)?;
    let search = search(&asked.config, names, given("filter"), page)?;
    let found = asked.app.store().search(asked.config.id, &search).await?;
    let mut resources = Vec::with_capacity(found.records.len());
    for record in found.records {
        let meta = meta(asked, &record);
        resources.push(representation(&asked.config, &projection, &record.doc, &meta)?);
    }
    let list = message::list_response(found.total, page.start_index, resources.iter().map(String::as_str));
    Ok(scim_reply::json(StatusCode::OK, list))
}

fn search(
    config: &Configuration,
    names: Names<'_>,
    filter: Option<&str>,
    page: message::PageRequest,
) -> Result<Search, Failure> {
    let managed = IndexEntry { attribute: users::MANAGED.to_owned(), value: "true".to_owned() };
    Ok(Search {
        within: (config.policy.users.visibility == Visibility::ManagedOnly).then_some(managed),
        offset: page.start_index.offset(),
        limit: page.count,
        ..search::users(config, names, filter)?
    })
}

pub(super) async fn patch(asked: Asked, id: String, body: Body) -> Result<Response, Failure> {
    let read = async { Patching::read(&asked.config, asked.json(body).await?).map_err(Failure::from) };
    let request = asked.or_recorded(&update(&id), read).await?;
    change(asked, id, move |config, call, user| request.decide(config, call, user)).await
}

pub(super) async fn replace(asked: Asked, id: String, body: Body) -> Result<Response, Failure> {
    let read = async { Replacement::read(&asked.config, asked.json(body).await?).map_err(Failure::from) };
    let request = asked.or_recorded(&update(&id), read).await?;
    change(asked, id, move |config, call, user| request.decide(config, call, user)).await
}

async fn change<D>(asked: Asked, id: String, decide: D) -> Result<Response, Failure>
where
    D: Fn(&Configuration, &provost_accounts::Call, &User) -> Result<Decided<User>, Refused> + Send + Sync + 'static,
{
    let projection = asked.or_recorded(&update(&id), async { asked.projection() }).await?;
    let user = write(&asked, "user.update", &id, decide).await?;
    shown(&asked, &projection, &user.record, StatusCode::OK)
}

pub(super) async fn delete(asked: Asked, id: String) -> Result<Response, Failure> {
    write(&asked, "user.delete", &id, users::delete).await?;
    Ok(no_content())
}

/// Loads the user, checks the client's conditions, decides and commits.
async fn write<T, D>(asked: &Asked, action: &'static str, id: &str, decide: D) -> Result<T, Failure>
where
    T: Send,
    D: Fn(&Configuration, &provost_accounts::Call, &User) -> Result<Decided<T>, Refused> + Send + Sync + 'static,
{
    let id = asked.or_recorded(&About { action, target: None }, async { parse(id) }).await?;
    let about = About { action, target: Some(Target::Record(Kind::USER, id)) };
    let (app, headers, decide) = (asked.app.clone(), asked.headers.clone(), Arc::new(decide));
    asked
        .app
        .write(asked.config.id, &asked.caller, about, move |config, call| {
            let (app, headers, decide) = (app.clone(), headers.clone(), Arc::clone(&decide));
            async move {
                let user = load(&app, &config, id).await?;
                conditional::allow_write(&headers, &etag(&user.record))?;
                Ok(decide(&config, &call, &user)?)
            }
        })
        .await
}

impl Asked {
    /// Does what comes before a decision; should it fail, that is the write's entry in the audit log.
    async fn or_recorded<T>(
        &self,
        about: &About,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        self.app.or_recorded(self.config.id, &self.caller, about, work).await
    }
}

/// An update of the user that the path names.
fn update(id: &str) -> About {
    About { action: "user.update", target: id.parse().ok().map(|id| Target::Record(Kind::USER, id)) }
}

/// The sign-in name in the body of a POST, before it is read: a refusal names whom it was about.
fn wanted_name(body: &Value) -> Option<&str> {
    let mut members = body.as_object()?.iter();
    members.find(|(name, _)| name.eq_ignore_ascii_case("userName"))?.1.as_str()
}

async fn find_same(
    app: &crate::app::App,
    config: &Configuration,
    name: Option<UniqueKey>,
    external_id: Option<IndexEntry>,
) -> Result<Option<User>, Failure> {
    let mut record = match name {
        Some(name) => app.store().by_unique(config.id, &name, &Kind::USER).await?,
        None => None,
    };
    if record.is_none()
        && let Some(entry) = external_id
    {
        let search = search::users_under(config, entry);
        record = app.store().search(config.id, &search).await?.records.into_iter().next();
    }
    let user = record.map(|record| User::read(config.id, record)).transpose()?;
    Ok(user.filter(|user| user.is_visible(config)))
}

async fn load(app: &crate::app::App, config: &Configuration, id: ResourceId) -> Result<User, Failure> {
    let user = User::read(config.id, stored(app, config, id).await?)?;
    if user.is_visible(config) { Ok(user) } else { Err(no_user()) }
}

async fn stored(app: &crate::app::App, config: &Configuration, id: ResourceId) -> Result<Record, Failure> {
    let records = app.store().load(config.id, &[(Kind::USER, id)]).await?;
    records.into_iter().flatten().next().ok_or_else(no_user)
}

fn parse(id: &str) -> Result<ResourceId, Failure> {
    id.parse().map_err(|_| no_user())
}

fn no_user() -> Failure {
    Refused::not_found("user").into()
}

fn etag(record: &Record) -> String {
    format!("W/\"{}\"", record.version)
}

fn meta(asked: &Asked, record: &Record) -> Meta {
    Meta {
        resource_type: asked.config.user.name.clone(),
        created: record.created,
        last_modified: record.modified,
        location: format!("{}{}/{}", asked.base, asked.config.user.endpoint, record.id),
        version: record.version,
    }
}

/// The representation of a user: the stored text as it is, unless the client wants a part of it.
fn representation(config: &Configuration, projection: &Projection, doc: &str, meta: &Meta) -> Result<String, Failure> {
    if projection.is_default() {
        return Ok(render(doc, meta));
    }
    let resource = provost_scim::Resource::from_canonical(doc).map_err(|error| Failure::Damaged(error.to_string()))?;
    let mut attributes = resource.into_attributes();
    attributes.insert("meta".to_owned(), meta.to_value());
    Ok(Value::Object(projection.apply(&config.full_user, attributes)).to_string())
}

fn shown(asked: &Asked, projection: &Projection, record: &Record, status: StatusCode) -> Result<Response, Failure> {
    let meta = meta(asked, record);
    let mut answer = scim_reply::json(status, representation(&asked.config, projection, &record.doc, &meta)?);
    set(&mut answer, header::ETAG, &meta.etag());
    set(&mut answer, header::LOCATION, &meta.location);
    Ok(answer)
}

fn set(answer: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        answer.headers_mut().insert(name, value);
    }
}
