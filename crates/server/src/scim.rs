//! `/scim/v2` and `/scim`: the bearer key chooses the account, the account's policy what is offered.

mod bulk;
mod conditional;
mod cursor;
mod discovery;
mod groups;
mod kind;
mod list;
mod manager;
mod members;
mod own;
mod route;
mod seen;
mod show;
mod users;

pub(crate) use cursor::Cursor;
pub(crate) use kind::Offered;

use crate::{
    app::{About, App, Caller, Failure, Target},
    body,
    surface::Surface,
};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use kind::Type;
use provost_accounts::{Call, Configuration, Decided, Refused, policy::UserAgent};
use provost_change::Kind;
use provost_scim::{Projection, ScimError, SearchRequest, Sent, json};
use route::{Found, Route};
use seen::Seen;
use serde_json::Value;
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

/// Longest body of a SCIM request, in bytes; also said in discovery where it matters.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// An authenticated SCIM request whose body is not read yet.
#[derive(Clone)]
struct Asked {
    app: App,
    caller: Caller,
    config: Arc<Configuration>,
    /// `https://host/scim/v2` as the client calls it.
    base: String,
    params: HashMap<String, String>,
    headers: HeaderMap,
    /// What a write names of the attributes that are returned on request only.
    sent: Sent,
    /// The id of what the request makes, where it was given out beforehand.
    new_id: Option<Uuid>,
    /// Whether the request is part of one that keeps the configuration from changing.
    holds_configuration: bool,
}

/// What a request carries.
enum Payload {
    /// A body that is not read yet.
    Wire(Body),
    /// A body that was read, or part of one, or why it could not be read.
    Read(Result<Value, Failure>),
}

/// Answers every path under `/scim`.
pub async fn handle(State(app): State<App>, request: Request) -> Response {
    answer(app, request).await.unwrap_or_else(|failure| failure.answer(Surface::Scim))
}

async fn answer(app: App, request: Request) -> Result<Response, Failure> {
    let (request, body) = request.into_parts();
    let found = route::of(request.uri.path());
    if request.method == Method::OPTIONS {
        return found.route.map(route::options);
    }
    let caller = app.authenticate(&request.headers, &request.extensions).await?;
    let (seen, body) = Seen::of(&app, &caller, &request, body);
    let answer =
        judged(app, caller, found, request, body).await.unwrap_or_else(|failure| failure.answer(Surface::Scim));
    match seen {
        Some(seen) => Ok(seen.note(answer).await),
        None => Ok(answer),
    }
}

/// Answers a request as it would be answered to a caller who is not to be authenticated: for trying requests out.
pub(crate) async fn answer_to(app: App, caller: Caller, request: Request) -> Response {
    let (request, body) = request.into_parts();
    let found = route::of(request.uri.path());
    let answer = judged(app, caller, found, request, body).await;
    answer.unwrap_or_else(|failure| failure.answer(Surface::Scim))
}

/// Answers a request whose sender is known.
async fn judged(app: App, caller: Caller, found: Found, request: Parts, body: Body) -> Result<Response, Failure> {
    let config = match caller.scim() {
        Ok(config) => Arc::clone(config),
        Err(failure) => {
            app.record_misuse(&caller, &failure).await;
            return Err(failure);
        }
    };
    // An address that names an admin app is there for that app only.
    if found.app.is_some() && found.app != caller.scim_app() {
        return Err(Failure::NoRoute);
    }
    let route = found.route?;
    let method = route.method(&request.method)?;
    let admitted =
        admit(&config, &method, &route, &caller).and_then(|()| parameters(request.uri.query().unwrap_or_default()));
    let params = match write(&config, &method, &route) {
        Some(about) => app.or_recorded(config.id, &caller, &about, async { admitted }).await?,
        None => admitted?,
    };
    let base = format!("{}{}", caller.origin, found.base);
    let headers = request.headers;
    let sent = Sent::default();
    let asked = Asked { app, caller, config, base, params, headers, sent, new_id: None, holds_configuration: false };
    match route {
        Route::Bulk => bulk::run(asked, Payload::Wire(body)).await,
        other => dispatch(asked, other, method, Payload::Wire(body)).await,
    }
}

/// One request, whether it came alone or as a part of many.
async fn dispatch(mut asked: Asked, route: Route, method: Method, payload: Payload) -> Result<Response, Failure> {
    let method = route.method(&method)?;
    admit(&asked.config, &method, &route, &asked.caller)?;
    let payload = asked.note_sent(&route, &method, payload).await;
    match (route, method) {
        (Route::Resources(Type::User), Method::POST) => users::create(asked, payload).await,
        (Route::Resources(Type::Group), Method::POST) => groups::create(asked, payload).await,
        (Route::Resources(Type::Own(endpoint)), Method::POST) => own::create(asked, &endpoint, payload).await,
        (Route::Resources(of), _) => list::answer(&asked, Some(&of)).await,
        (Route::Resource(Type::User, id), Method::PUT) => users::replace(asked, id, payload).await,
        (Route::Resource(Type::User, id), Method::PATCH) => users::patch(asked, id, payload).await,
        (Route::Resource(Type::User, id), Method::DELETE) => users::delete(asked, id).await,
        (Route::Resource(Type::Group, id), Method::PUT) => groups::replace(asked, id, payload).await,
        (Route::Resource(Type::Group, id), Method::PATCH) => groups::patch(asked, id, payload).await,
        (Route::Resource(Type::Group, id), Method::DELETE) => groups::delete(asked, id).await,
        (Route::Resource(Type::Own(at), id), Method::PUT) => own::replace(asked, &at, id, payload).await,
        (Route::Resource(Type::Own(at), id), Method::PATCH) => own::patch(asked, &at, id, payload).await,
        (Route::Resource(Type::Own(at), id), Method::DELETE) => own::delete(asked, &at, id).await,
        (Route::Resource(of, id), _) => show::one(&asked, &of, &id).await,
        (Route::Search(of), _) => {
            asked.take_params(payload).await?;
            list::answer(&asked, of.as_ref()).await
        }
        (Route::Root, _) => list::answer(&asked, None).await,
        (Route::Discovery(what), _) => discovery::answer(&asked, &what),
        (Route::Bulk, _) => Err(not_offered("a bulk request inside of another")),
        (Route::NotOffered(what), _) => Err(not_offered(what)),
    }
}

/// What a request changes, should it get through; `None` when it only reads.
fn write(config: &Configuration, method: &Method, route: &Route) -> Option<About> {
    let action = route.write(method)?;
    let target = match route {
        Route::Resource(of, id) => {
            let kind = match of {
                Type::User => Some(Kind::USER),
                Type::Group => Some(Kind::GROUP),
                Type::Own(endpoint) => config.custom_at(endpoint).map(|custom| custom.kind.clone()),
            };
            id.parse().ok().zip(kind).map(|(id, kind)| Target::Record(kind, id))
        }
        _ => None,
    };
    Some(About { action, target })
}

/// What this account or this server does not do at all, whatever the request says in its body.
fn admit(config: &Configuration, method: &Method, route: &Route, caller: &Caller) -> Result<(), Failure> {
    require_features(config)?;
    if config.policy.clients.user_agent == UserAgent::Required && caller.user_agent.is_none() {
        let detail = "requests to this account must carry a User-Agent header";
        return Err(Refused::by("clients.user_agent", 403, None, detail).into());
    }
    match route {
        Route::NotOffered(what) => Err(not_offered(what)),
        Route::Resources(of) | Route::Resource(of, _) | Route::Search(Some(of)) if of.offered(config).is_none() => {
            match (of, route) {
                (Type::Group, Route::Resources(_)) if *method == Method::GET => Ok(()),
                (Type::Group, Route::Search(_)) => Ok(()),
                (Type::Group, _) if *method == Method::GET => Err(Refused::not_found("group").into()),
                (Type::Group, _) => Err(groups::refused()),
                (Type::User | Type::Own(_), _) => Err(Failure::NoRoute),
            }
        }
        Route::Resources(_)
        | Route::Resource(..)
        | Route::Search(_)
        | Route::Root
        | Route::Bulk
        | Route::Discovery(_) => Ok(()),
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
        Ok(Projection::parse(given("attributes"), given("excludedAttributes"))?.with_sent(self.sent.clone()))
    }

    /// Reads what a write names of the attributes that are returned on request only; of most types there are none, and the body is
    /// left for later. Where it cannot be read, whoever needs it says so and records it.
    async fn note_sent(&mut self, route: &Route, method: &Method, payload: Payload) -> Payload {
        let Some(of) = route.written(method).and_then(|of| of.offered(&self.config)) else { return payload };
        let kind = of.full();
        if !kind.returns_on_request() {
            return payload;
        }
        let body = self.json(payload).await;
        let sent = body.as_ref().map(|body| match *method {
            Method::PATCH => Sent::in_patch(kind, body),
            _ => Sent::in_resource(kind, body),
        });
        self.sent = sent.unwrap_or_default();
        Payload::Read(body)
    }

    /// Takes the parameters of a search from its body; what stands in the URL does not count (SEA-07).
    async fn take_params(&mut self, payload: Payload) -> Result<(), Failure> {
        let request = SearchRequest::parse(&self.json(payload).await?)?;
        let given = [
            ("attributes", request.attributes),
            ("excludedAttributes", request.excluded_attributes),
            ("filter", request.filter),
            ("sortBy", request.sort_by),
            ("sortOrder", request.sort_order),
            ("startIndex", request.start_index),
            ("count", request.count),
            ("cursor", request.cursor),
        ];
        self.params = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        Ok(())
    }

    /// Reads a JSON body within its bounds.
    async fn json(&self, payload: Payload) -> Result<Value, Failure> {
        let body = match payload {
            Payload::Read(read) => return read,
            Payload::Wire(body) => body,
        };
        body::check_media_type(&self.headers, body::SCIM_MEDIA_TYPES)?;
        let bytes = body::read(body, BODY_BYTES_MAX, body::READ_TIMEOUT).await?;
        Ok(json::parse(&bytes, &json::Limits::default()).map_err(ScimError::from)?)
    }

    /// Does what comes before a decision; should it fail, that is the write's entry in the audit log.
    async fn or_recorded<T>(
        &self,
        about: &About,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        self.app.or_recorded(self.config.id, &self.caller, about, work).await
    }

    /// Decides and commits.
    async fn write<T, Fut>(
        &self,
        about: About,
        decide: impl Fn(Arc<Configuration>, Call) -> Fut + Send,
    ) -> Result<T, Failure>
    where
        Fut: Future<Output = Result<Decided<T>, Failure>> + Send,
        T: Send,
    {
        let mut call = self.caller.call(&self.app);
        call.new_id = self.new_id.unwrap_or(call.new_id);
        self.app.write_as(self.config.id, call, about, self.holds_configuration, decide).await
    }

    /// Notes what the client's dialect had repaired.
    fn note_repairs(&self, codes: &[&str]) {
        if let Some(app) = self.caller.scim_app().filter(|_| !codes.is_empty()) {
            let at = self.app.now();
            self.app.note_dialect(self.config.id, app, |seen| seen.repaired(codes, at));
        }
    }

    fn cursor_key(&self) -> &Cursor {
        self.app.cursor_key()
    }
}

/// A name in the body of a POST, before it is read: a refusal names what it was about.
fn wanted_name<'b>(body: &'b Value, attribute: &str) -> Option<&'b str> {
    let mut members = body.as_object()?.iter();
    members.find(|(name, _)| name.eq_ignore_ascii_case(attribute))?.1.as_str()
}

fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
