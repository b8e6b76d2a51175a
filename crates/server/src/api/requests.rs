//! The request log: what SCIM clients asked and were answered.

use super::{Answer, asked::InAccount, named, ok, page, page::Page};
use crate::app::{Failure, NotedRequest};
use jiff::Timestamp;
use provost_accounts::Refused;
use provost_change::{Kind, Record, ResourceId};
use provost_scim::{ScimError, ScimType};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Requests that are read at once.
const CHUNK: u64 = 500;
/// Requests that are looked at for one page.
const LOOKED_AT_MAX: usize = 10_000;

/// Which requests to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RequestQuery {
    /// About this user, by id or userName, whether the user is there or not.
    user: Option<String>,
    /// Through this admin app.
    app: Option<String>,
    /// Only what was done, or only what was refused.
    #[param(inline)]
    outcome: Option<Outcome>,
    /// Only what came at this instant or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Only what came before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Items on the page: 1 to 200, 50 unless said.
    limit: Option<u64>,
    /// `next` of the page before; absent for the first. A page behind which there is another may have fewer items than `limit`.
    cursor: Option<String>,
}

/// What came of a request.
#[derive(Clone, Copy, Deserialize, PartialEq, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// A status below 400.
    Success,
    /// Any other.
    Failure,
}

/// A request and its answer. Failures are kept, 200 at once and then six a minute; of the others a sample. After seven days they go.
#[derive(Serialize, ToSchema)]
pub(super) struct RequestView {
    /// Its id in this log.
    id: String,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `GET`, `POST`, …
    method: String,
    /// The path and the query.
    path: String,
    /// The HTTP status of the answer.
    status: u16,
    /// How long the answer took.
    duration_ms: u64,
    /// The admin app whose key it was.
    app: RequestApp,
    /// The id of the key.
    key: String,
    /// From where.
    client_ip: String,
    /// What the client calls itself.
    user_agent: Option<String>,
    /// The request's number, as in the answer's X-Request-Id and in the audit log.
    request_id: String,
    /// The id of the resource that the path names.
    resource: Option<String>,
    /// The `userName` or `displayName` of the body.
    name: Option<String>,
    /// Why it was refused, as the client was told.
    detail: Option<String>,
    /// The beginning of the body of a refused request, without secrets.
    body: Option<String>,
    /// How many requests came since the one before and were not kept.
    left_out: u64,
}

/// An admin app.
#[derive(Serialize, ToSchema)]
struct RequestApp {
    /// Its id.
    id: String,
    /// Its name; its id when it is gone.
    name: String,
}

pub(super) async fn list(asked: InAccount) -> Answer {
    let query: RequestQuery = asked.request.query()?;
    let page = Page::<ResourceId>::read(query.limit, query.cursor.as_deref())?;
    let invalid = |_| ScimError::bad_request(ScimType::InvalidValue, "`app` is not an id");
    let through: Option<ResourceId> = query.app.as_deref().map(str::parse).transpose().map_err(invalid)?;
    let about = match &query.user {
        Some(user) => Some(About::read(&asked, user).await?),
        None => None,
    };
    let fits = |request: &NotedRequest| {
        through.is_none_or(|app| request.app == app)
            && about.as_ref().is_none_or(|about| about.fits(request))
            && query.outcome.is_none_or(|outcome| (outcome == Outcome::Failure) == request.is_failure())
            && query.from.is_none_or(|from| request.at >= from)
            && query.to.is_none_or(|to| request.at < to)
    };
    // What was noted a moment ago is to be found, too.
    asked.request.app.store_requests().await;
    let (mut found, mut after, mut looked_at) = (Vec::new(), page.after, 0);
    let wanted = usize::try_from(page.limit_and_one()).unwrap_or(usize::MAX);
    while found.len() < wanted && looked_at < LOOKED_AT_MAX {
        let records = asked.request.app.store().all(asked.account(), &Kind::REQUEST, after, CHUNK).await?;
        let Some(last) = records.last() else { break };
        after = Some(last.id);
        looked_at += records.len();
        for record in records {
            let request = read(&record)?;
            found.extend(fits(&request).then_some((record.id, request)));
        }
    }
    let cut = page::cut(&mut found, page.limit, |(id, _)| *id);
    // What lies behind the last that was looked at is for the next page.
    let next = cut.or_else(|| (looked_at >= LOOKED_AT_MAX).then(|| after.map(page::cursor)).flatten());
    page::list(found.into_iter().map(|(id, request)| view(&asked, id, request)).collect(), next)
}

pub(super) async fn get(asked: InAccount) -> Answer {
    let id = asked.id(&Kind::REQUEST)?;
    let found =
        asked.request.app.store().load(asked.account(), &[(Kind::REQUEST, id)]).await?.into_iter().flatten().next();
    let record = found.ok_or_else(|| Refused::not_found("request"))?;
    let request = read(&record)?;
    ok(&view(&asked, id, request))
}

/// Whom requests are to be about.
struct About {
    id: Option<String>,
    name: String,
}

impl About {
    async fn read(asked: &InAccount, text: &str) -> Result<Self, Failure> {
        let user = match named::user(asked, "user", text).await {
            Ok(user) => Some(user),
            // One that was never made is looked for by the name in the bodies.
            Err(Failure::Member { .. } | Failure::Refused(_)) => None,
            Err(other) => return Err(other),
        };
        let id = user
            .as_ref()
            .map(|user| user.id().to_string())
            .or_else(|| text.parse::<ResourceId>().ok().map(|id| id.to_string()));
        let name = user.map_or_else(|| text.to_owned(), |user| user.user_name().to_owned());
        Ok(Self { id, name: name.to_lowercase() })
    }

    fn fits(&self, request: &NotedRequest) -> bool {
        request.resource.is_some() && request.resource == self.id
            || request.name.as_ref().is_some_and(|name| name.to_lowercase() == self.name)
    }
}

fn read(record: &Record) -> Result<NotedRequest, Failure> {
    serde_json::from_str(&record.doc).map_err(|error| Failure::Damaged(error.to_string()))
}

fn view(asked: &InAccount, id: ResourceId, request: NotedRequest) -> RequestView {
    let name = asked.config.app(request.app).map_or_else(|| request.app.to_string(), |app| app.name.clone());
    RequestView {
        id: id.to_string(),
        at: request.at,
        method: request.method,
        path: request.path,
        status: request.status,
        duration_ms: request.duration_ms,
        app: RequestApp { id: request.app.to_string(), name },
        key: request.key,
        client_ip: request.client_ip.to_string(),
        user_agent: request.user_agent,
        request_id: request.request_id,
        resource: request.resource,
        name: request.name,
        detail: request.detail,
        body: request.body,
        left_out: request.left_out,
    }
}
