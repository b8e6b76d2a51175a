//! Discovery: what this account's policy really offers.

use super::{Asked, Offered, bulk, cursor, list, route};
use crate::{app::Failure, scim_reply};
use axum::{http::StatusCode, response::Response};
use provost_accounts::Refused;
use provost_scim::{
    ResourceType, ScimError,
    discovery::{Capabilities, Discovery, Pagination},
};

pub(super) fn answer(asked: &Asked, what: &route::Discovery) -> Result<Response, Failure> {
    if asked.params.contains_key("filter") {
        return Err(ScimError::status(403, "discovery cannot be filtered").into());
    }
    let types: Vec<&ResourceType> = Offered::all(&asked.config).into_iter().map(Offered::shown).collect();
    let discovery = Discovery { types: &types, capabilities: &capabilities(asked), base: &asked.base };
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

fn capabilities(asked: &Asked) -> Capabilities {
    let sizes = list::sizes(asked);
    Capabilities {
        patch: true,
        bulk: Some((bulk::OPERATIONS_MAX as u64, super::BODY_BYTES_MAX as u64)),
        filter_max_results: sizes.max,
        change_password: false,
        sort: true,
        etag: true,
        documentation_uri: None,
        pagination: Some(Pagination {
            page_size_default: sizes.default,
            page_size_max: sizes.max,
            cursor: true,
            cursor_timeout_s: Some(u64::from(cursor::LIFETIME_SECONDS)),
        }),
    }
}
