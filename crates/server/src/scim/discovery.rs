//! Discovery: what this account's policy really offers.

use super::{Asked, route};
use crate::{app::Failure, scim_reply};
use axum::{http::StatusCode, response::Response};
use provost_accounts::Refused;
use provost_scim::{
    ScimError,
    discovery::{Capabilities, Discovery, PageSizes},
};

pub(super) fn answer(asked: &Asked, what: &route::Discovery) -> Result<Response, Failure> {
    if asked.params.contains_key("filter") {
        return Err(ScimError::status(403, "discovery cannot be filtered").into());
    }
    let discovery = Discovery { types: &[&asked.config.user], capabilities: &capabilities(), base: &asked.base };
    let document = match what {
        route::Discovery::ServiceProviderConfig => Some(discovery.service_provider_config()),
        route::Discovery::ResourceTypes => Some(discovery.resource_types()),
        route::Discovery::ResourceType(name) => discovery.resource_type(name),
        route::Discovery::Schemas => Some(discovery.schemas()),
        route::Discovery::Schema(urn) => discovery.schema(urn),
    };
    let document = document.ok_or_else(|| Refused::not_found("schema or resource type"))?;
    Ok(scim_reply::json(StatusCode::OK, document.to_string()))
}

fn capabilities() -> Capabilities {
    Capabilities {
        patch: true,
        bulk: None,
        filter_max_results: super::users::PAGE_MAX,
        change_password: false,
        sort: false,
        etag: true,
        documentation_uri: None,
        pagination: Some(PageSizes { default: super::users::PAGE_MAX, max: super::users::PAGE_MAX }),
    }
}
