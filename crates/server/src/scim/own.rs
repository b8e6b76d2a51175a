//! Writes to resources of the account's own types.

use super::{Asked, Payload, conditional, kind::Offered, no_content, show};
use crate::app::{About, App, Failure, Target};
use axum::{http::StatusCode, response::Response};
use provost_accounts::{
    Call, Configuration, Decided, Refused,
    definitions::CustomType,
    resources::{self, Body, Custom, Patching},
};
use provost_change::ResourceId;
use std::sync::Arc;

pub(super) async fn create(asked: Asked, endpoint: &str, payload: Payload) -> Result<Response, Failure> {
    let custom = custom(&asked.config, endpoint)?;
    let about = About { action: "resource.create", target: None }.making(custom.kind.clone(), &custom.own.name);
    let projection = asked.or_recorded(&about, async { asked.projection() }).await?;
    let read = async { Body::read(custom, asked.json(payload).await?).map_err(Failure::from) };
    let body = Arc::new(asked.or_recorded(&about, read).await?);
    let endpoint = endpoint.to_owned();
    let made = asked
        .write(about, move |config, call| {
            let (body, endpoint) = (Arc::clone(&body), endpoint.clone());
            async move { Ok(body.create(&config, &call, self::custom(&config, &endpoint)?)?) }
        })
        .await?;
    show::answer(&asked, Offered::Own(custom), &projection, made.record, StatusCode::CREATED).await
}

pub(super) async fn patch(asked: Asked, endpoint: &str, id: String, payload: Payload) -> Result<Response, Failure> {
    let about = about(&asked.config, endpoint, "resource.update", &id)?;
    let read = async {
        let custom = custom(&asked.config, endpoint)?;
        Ok(Patching::read(&asked.config, custom, asked.json(payload).await?)?)
    };
    let request = asked.or_recorded(&about, read).await?;
    change(asked, endpoint, id, move |config, call, custom, before| request.decide(config, call, custom, before)).await
}

pub(super) async fn replace(asked: Asked, endpoint: &str, id: String, payload: Payload) -> Result<Response, Failure> {
    let about = about(&asked.config, endpoint, "resource.update", &id)?;
    let read = async {
        let custom = custom(&asked.config, endpoint)?;
        Ok(Body::read(custom, asked.json(payload).await?)?)
    };
    let body = asked.or_recorded(&about, read).await?;
    change(asked, endpoint, id, move |config, call, custom, before| body.replace(config, call, custom, before)).await
}

async fn change<D>(asked: Asked, endpoint: &str, id: String, decide: D) -> Result<Response, Failure>
where
    D: Fn(&Configuration, &Call, &CustomType, &Custom) -> Result<Decided<Custom>, Refused> + Send + Sync + 'static,
{
    let about = about(&asked.config, endpoint, "resource.update", &id)?;
    let projection = asked.or_recorded(&about, async { asked.projection() }).await?;
    let changed = write(&asked, about, endpoint, &id, decide).await?;
    let custom = custom(&asked.config, endpoint)?;
    show::answer(&asked, Offered::Own(custom), &projection, changed.record, StatusCode::OK).await
}

pub(super) async fn delete(asked: Asked, endpoint: &str, id: String) -> Result<Response, Failure> {
    let about = about(&asked.config, endpoint, "resource.delete", &id)?;
    let decide = |config: &Configuration, call: &Call, custom: &CustomType, before: &Custom| {
        Ok(resources::delete(config, call, custom, before))
    };
    write(&asked, about, endpoint, &id, decide).await?;
    Ok(no_content())
}

async fn write<T, D>(asked: &Asked, about: About, endpoint: &str, id: &str, decide: D) -> Result<T, Failure>
where
    T: Send,
    D: Fn(&Configuration, &Call, &CustomType, &Custom) -> Result<Decided<T>, Refused> + Send + Sync + 'static,
{
    let read = async { id.parse::<ResourceId>().map_err(|_| missing()) };
    let id = asked.or_recorded(&about, read).await?;
    let (app, headers, endpoint, decide) =
        (asked.app.clone(), asked.headers.clone(), endpoint.to_owned(), Arc::new(decide));
    asked
        .write(about, move |config, call| {
            let (app, headers, endpoint, decide) =
                (app.clone(), headers.clone(), endpoint.clone(), Arc::clone(&decide));
            async move {
                let custom = custom(&config, &endpoint)?;
                let before = load(&app, &config, custom, id).await?;
                conditional::allow_write(&headers, before.record.version)?;
                Ok(decide(&config, &call, custom, &before)?)
            }
        })
        .await
}

fn custom<'c>(config: &'c Configuration, endpoint: &str) -> Result<&'c CustomType, Failure> {
    config.custom_at(endpoint).ok_or(Failure::NoRoute)
}

fn about(config: &Configuration, endpoint: &str, action: &'static str, id: &str) -> Result<About, Failure> {
    let kind = custom(config, endpoint)?.kind.clone();
    Ok(About { action, target: id.parse().ok().map(|id| Target::Record(kind, id)) })
}

fn missing() -> Failure {
    Refused::not_found("resource").into()
}

async fn load(app: &App, config: &Configuration, custom: &CustomType, id: ResourceId) -> Result<Custom, Failure> {
    let records = app.store().load(config.id, &[(custom.kind.clone(), id)]).await?;
    let record = records.into_iter().flatten().next().ok_or_else(missing)?;
    Ok(Custom::read(config.id, record)?)
}
