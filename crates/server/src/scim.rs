//! `/scim/v2` and `/scim`: the bearer key chooses the account, the account's policy what is offered.

mod conditional;
mod discovery;
mod groups;
mod route;
mod users;

use crate::{
    app::{About, App, Caller, Failure, Target},
    body,
    surface::Surface,
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
};
use provost_accounts::Configuration;
use provost_change::Kind;
use provost_scim::{Projection, ScimError, SearchRequest, json};
use route::{Over, Route};
use serde_json::Value;
use std::{collections::HashMap, sync::Arc};

/// Longest body of a SCIM request, in bytes; also said in discovery where it matters.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// An authenticated SCIM request whose body is not read yet.
struct Asked {
    app: App,
    caller: Caller,
    config: Arc<Configuration>,
    /// `https://host/scim/v2` as the client calls it.
    base: String,
    params: HashMap<String, String>,
    headers: HeaderMap,
}

/// Answers every path under `/scim`.
pub async fn handle(State(app): State<App>, request: Request) -> Response {
    answer(app, request).await.unwrap_or_else(|failure| failure.answer(Surface::Scim))
}

async fn answer(app: App, request: Request) -> Result<Response, Failure> {
    let (request, body) = request.into_parts();
    let (prefix, found) = route::of(request.uri.path());
    if request.method == Method::OPTIONS {
        return found.map(route::options);
    }
    let caller = app.authenticate(&request.headers, &request.extensions).await?;
    let config = match caller.scim() {
        Ok(config) => Arc::clone(config),
        Err(failure) => {
            app.record_misuse(&caller, &failure).await;
            return Err(failure);
        }
    };
    let route = found?;
    let method = route.method(&request.method)?;
    let admitted = admit(&config, &method, &route).and_then(|()| parameters(request.uri.query().unwrap_or_default()));
    let params = match write(&method, &route) {
        Some(about) => app.or_recorded(config.id, &caller, &about, async { admitted }).await?,
        None => admitted?,
    };
    let base = format!("{}{prefix}", caller.origin);
    let asked = Asked { app, caller, config, base, params, headers: request.headers };
    match route {
        Route::Users => match method {
            Method::POST => users::create(asked, body).await,
            _ => users::list(asked).await,
        },
        Route::User(id) => match method {
            Method::PUT => users::replace(asked, id, body).await,
            Method::PATCH => users::patch(asked, id, body).await,
            Method::DELETE => users::delete(asked, id).await,
            _ => users::get(asked, id).await,
        },
        Route::Groups => groups::list(&asked),
        Route::Group => Err(groups::none()),
        Route::Search(Over::All) => users::search_by_post(asked, body, true).await,
        Route::Search(Over::Users) => users::search_by_post(asked, body, false).await,
        Route::Search(Over::Groups) => groups::search_by_post(asked, body).await,
        Route::Discovery(what) => discovery::answer(&asked, &what),
        Route::NotOffered(what) => Err(not_offered(what)),
    }
}

/// What a request changes, should it get through; `None` when it only reads.
fn write(method: &Method, route: &Route) -> Option<About> {
    let action = route.write(method)?;
    let id = if let Route::User(id) = route { id.parse().ok() } else { None };
    Some(About { action, target: id.map(|id| Target::Record(Kind::USER, id)) })
}

/// What this account or this server does not do at all, whatever the request says in its body.
fn admit(config: &Configuration, method: &Method, route: &Route) -> Result<(), Failure> {
    require_features(config)?;
    match route {
        Route::NotOffered(what) => Err(not_offered(what)),
        Route::Groups | Route::Group if *method != Method::GET => Err(groups::refused()),
        Route::Users | Route::User(_) | Route::Groups | Route::Group | Route::Search(_) | Route::Discovery(_) => Ok(()),
    }
}

fn not_offered(what: &str) -> Failure {
    ScimError::status(501, format!("{what} is not offered by this server")).into()
}

/// What the policy says must be switched on for the account.
fn require_features(config: &Configuration) -> Result<(), Failure> {
    let missing = config.policy.requires.iter().find(|feature| !config.account.features.contains(feature));
    match missing {
        None => Ok(()),
        Some(feature) => {
            let name = serde_json::to_value(feature).ok().and_then(|value| value.as_str().map(str::to_owned));
            let detail =
                format!("SCIM needs `{}`, which is not switched on for this account", name.unwrap_or_default());
            Err(provost_accounts::Refused::by("requires", 403, None, detail).into())
        }
    }
}

/// Query parameters, decoded once. A name that we do not know is harmless; one that is given twice counts once, the first time.
fn parameters(query: &str) -> Result<HashMap<String, String>, Failure> {
    let mut params = HashMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        params.entry(decoded(name)?).or_insert(decoded(value)?);
    }
    Ok(params)
}

/// Percent-decoding, with `+` for a space as forms send it (HTT-10).
fn decoded(text: &str) -> Result<String, Failure> {
    let spaced = text.replace('+', " ");
    let invalid = || ScimError::bad_request(provost_scim::ScimType::InvalidValue, "a query parameter is not UTF-8");
    let bytes = percent_encoding::percent_decode_str(&spaced).decode_utf8().map_err(|_| invalid())?;
    Ok(bytes.into_owned())
}

impl Asked {
    fn projection(&self) -> Result<Projection, Failure> {
        let given = |name: &str| self.params.get(name).map(String::as_str);
        Ok(Projection::parse(given("attributes"), given("excludedAttributes"))?)
    }

    /// Takes the parameters of a search from its body; what stands in the URL does not count (SEA-07).
    async fn take_params(&mut self, body: axum::body::Body) -> Result<(), Failure> {
        let request = SearchRequest::parse(&self.json(body).await?)?;
        let given = [
            ("attributes", request.attributes),
            ("excludedAttributes", request.excluded_attributes),
            ("filter", request.filter),
            ("startIndex", request.start_index),
            ("count", request.count),
        ];
        self.params = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        Ok(())
    }

    /// Reads a JSON body within its bounds.
    async fn json(&self, body: axum::body::Body) -> Result<Value, Failure> {
        body::check_media_type(&self.headers, body::SCIM_MEDIA_TYPES)?;
        let bytes = body::read(body, BODY_BYTES_MAX, body::READ_TIMEOUT).await?;
        Ok(json::parse(&bytes, &json::Limits::default()).map_err(ScimError::from)?)
    }
}

fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
