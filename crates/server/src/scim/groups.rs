//! `/Groups` where the policy has groups off: reading answers, because Entra's connection test asks and takes a 404 for a broken
//! server; writing is refused with the reason.

use super::Asked;
use crate::{app::Failure, scim_reply};
use axum::{body::Body, http::StatusCode, response::Response};
use provost_accounts::Refused;
use provost_scim::message;

pub(super) fn list(asked: &Asked) -> Result<Response, Failure> {
    let given = |name: &str| asked.params.get(name).map(String::as_str);
    let page = message::page(given("startIndex"), given("count"), super::users::PAGE_MAX)?;
    let list = message::list_response(0, page.start_index.get(), std::iter::empty());
    Ok(scim_reply::json(StatusCode::OK, list))
}

/// A search by POST among none.
pub(super) async fn search_by_post(mut asked: Asked, body: Body) -> Result<Response, Failure> {
    asked.take_params(body).await?;
    list(&asked)
}

/// What reading one group answers: there is none.
pub(super) fn none() -> Failure {
    Refused::not_found("group").into()
}

/// What every write answers.
pub(super) fn refused() -> Failure {
    Refused::by("groups.mode", 501, None, "group provisioning is not supported in this account").into()
}
