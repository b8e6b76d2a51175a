//! `/Bulk`: many requests in one, each treated exactly as if it had come alone.

mod apart;

use super::{Asked, Payload, dispatch, route};
use crate::{
    app::{About, Failure},
    scim_reply,
};
use axum::{
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use futures_util::{StreamExt, stream};
use provost_scim::{BulkMethod, BulkOperation, BulkRequest, BulkResult, ScimError, ScimType, bulk_response};
use std::collections::HashMap;

/// Operations in one request; discovery says so.
pub(super) const OPERATIONS_MAX: usize = 1_000;

/// Creates under way at once, so that one commit takes many of them.
const CREATES_AT_ONCE: usize = 32;

/// Runs the operations one after the other, under one version of the account's configuration: who wants to change that waits for the
/// last of them. Creates that follow each other and have nothing to do with each other are under way together.
pub(super) async fn run(asked: Asked, payload: Payload) -> Result<Response, Failure> {
    let about = About { action: "scim.bulk", target: None };
    let read = async {
        let body = asked.json(payload).await.map_err(too_long)?;
        Ok(BulkRequest::parse(body, OPERATIONS_MAX)?)
    };
    let request = asked.or_recorded(&about, read).await?;
    let app = asked.app.clone();
    let _unchanged = app.keep_configuration(asked.config.id).await;
    let config = app.configuration(asked.config.id).await?;
    let asked = Asked { config, holds_configuration: true, ..asked };
    let mut job = Job::new(&asked, &request);
    let order = request.order();
    let mut rest = order.as_slice();
    while !rest.is_empty() && request.fail_on_errors.is_none_or(|most| job.errors < most) {
        let (together, behind) = rest.split_at(apart::creates(&asked.config, &request, rest).max(1));
        let performing: Vec<_> = together.iter().map(|turn| job.perform(turn.index, turn.cycle.is_some())).collect();
        let performed: Vec<Performed> = stream::iter(performing).buffered(CREATES_AT_ONCE).collect().await;
        for (turn, performed) in together.iter().zip(performed) {
            job.take(turn.index, performed);
        }
        rest = behind;
    }
    let mut results = job.results;
    results.sort_by_key(|(index, _)| *index);
    let results: Vec<BulkResult> = results.into_iter().map(|(_, result)| result).collect();
    Ok(scim_reply::json(StatusCode::OK, bulk_response(&results)))
}

/// A body beyond the limit names the limit as discovery does (BLK-27).
fn too_long(failure: Failure) -> Failure {
    match failure {
        Failure::Body(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let detail = format!("the request is longer than maxPayloadSize, {} bytes", super::BODY_BYTES_MAX);
            ScimError::status(413, detail).into()
        }
        other => other,
    }
}

/// A bulk request that is being worked on.
struct Job<'r> {
    asked: &'r Asked,
    request: &'r BulkRequest,
    /// Ids by bulkId: of what was created, and of what is to be created in a circle.
    ids: HashMap<String, String>,
    /// Ids that POSTs with a bulkId are to give to what they create.
    planned: HashMap<String, uuid::Uuid>,
    errors: u64,
    results: Vec<(usize, BulkResult)>,
}

/// What came of an operation.
struct Performed {
    result: BulkResult,
    /// What was created: the bulkId and the id.
    created: Option<(String, String)>,
}

impl From<BulkResult> for Performed {
    fn from(result: BulkResult) -> Self {
        Self { result, created: None }
    }
}

impl<'r> Job<'r> {
    fn new(asked: &'r Asked, request: &'r BulkRequest) -> Self {
        let posts = request.operations.iter().flatten().filter(|operation| operation.method == BulkMethod::Post);
        let bulk_ids = posts.filter_map(|operation| operation.bulk_id.clone());
        let planned = bulk_ids.map(|bulk_id| (bulk_id, asked.app.new_id())).collect();
        Self { asked, request, ids: HashMap::new(), planned, errors: 0, results: Vec::new() }
    }

    /// Keeps what came of an operation for those behind it and for the answer.
    fn take(&mut self, index: usize, performed: Performed) {
        self.errors += u64::from(performed.result.is_error());
        self.ids.extend(performed.created);
        self.results.push((index, performed.result));
    }

    async fn perform(&self, index: usize, circular: bool) -> Performed {
        match &self.request.operations[index] {
            Err(malformed) => {
                self.record(malformed.method.as_deref(), malformed.path.as_deref(), &malformed.error).await;
                let location = malformed.path.as_ref().map(|path| format!("{}{path}", self.asked.base));
                BulkResult::malformed(malformed, location).into()
            }
            Ok(operation) => self.operation(operation, circular).await,
        }
    }

    async fn operation(&self, operation: &BulkOperation, circular: bool) -> Performed {
        let resolved = if circular {
            let mut ids = self.ids.clone();
            for (bulk_id, id) in &self.planned {
                ids.entry(bulk_id.clone()).or_insert_with(|| id.to_string());
            }
            operation.resolved(&ids)
        } else {
            operation.resolved(&self.ids)
        };
        let resolved = match resolved {
            Ok(resolved) => resolved,
            Err(unresolved) => {
                let error = unresolved.into();
                self.record(Some(operation.method.as_str()), Some(&operation.path), &error).await;
                return BulkResult::failed(operation, None, &error).into();
            }
        };
        let location = format!("{}{}", self.asked.base, resolved.path);
        match self.answer(&resolved).await {
            Ok(answer) if answer.status().is_success() => {
                let header = |name: header::HeaderName| {
                    answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
                };
                let location = header(header::LOCATION).unwrap_or(location);
                let bulk_id = operation.bulk_id.clone().filter(|_| operation.method == BulkMethod::Post);
                let created =
                    bulk_id.map(|bulk_id| (bulk_id, location.rsplit('/').next().unwrap_or_default().to_owned()));
                let result = BulkResult::done(operation, answer.status().as_u16(), location, header(header::ETAG));
                Performed { result, created }
            }
            Ok(answer) => {
                let error =
                    ScimError::status(answer.status().as_u16(), "this request cannot be part of a bulk request");
                BulkResult::failed(operation, Some(location), &error).into()
            }
            Err(failure) => {
                let mut error = failure.scim();
                if circular && error.status == 400 {
                    error.detail = format!("in a circle of references: {}", error.detail);
                    error.status = 409;
                    error.scim_type = None;
                }
                BulkResult::failed(operation, Some(location), &error).into()
            }
        }
    }

    /// What the single request would have been answered with. A circle of references is worked on with ids that were given out
    /// beforehand.
    async fn answer(&self, operation: &BulkOperation) -> Result<Response, Failure> {
        let invalid = |detail: &str| ScimError::bad_request(ScimType::InvalidValue, detail);
        let (route, method) = match self.admitted(operation) {
            Ok(admitted) => admitted,
            Err(failure) => {
                let error = failure.scim();
                self.record(Some(operation.method.as_str()), Some(&operation.path), &error).await;
                return Err(failure);
            }
        };
        let mut headers = HeaderMap::new();
        if let Some(version) = &operation.version {
            let version = HeaderValue::try_from(version).map_err(|_| invalid("`version` is no entity tag"))?;
            headers.insert(header::IF_MATCH, version);
        }
        let planned = operation.bulk_id.as_ref().and_then(|bulk_id| self.planned.get(bulk_id).copied());
        let asked = Asked {
            headers,
            params: HashMap::new(),
            new_id: planned.filter(|_| operation.method == BulkMethod::Post),
            ..self.asked.clone()
        };
        let payload = Payload::Read(Ok(operation.data.clone().unwrap_or_default()));
        Box::pin(dispatch(asked, route, method, payload)).await
    }

    /// What the operation asks for, where that is something that can be asked here.
    fn admitted(&self, operation: &BulkOperation) -> Result<(route::Route, Method), Failure> {
        let invalid = |detail: &str| ScimError::bad_request(ScimType::InvalidValue, detail);
        let route = route::named(operation.path.trim_start_matches('/'))?;
        if matches!(route, route::Route::Bulk | route::Route::Search(_)) {
            return Err(invalid("a bulk request holds no bulk requests and no searches").into());
        }
        let method = Method::from_bytes(operation.method.as_str().as_bytes()).map_err(|_| invalid("no method"))?;
        let method = route.method(&method)?;
        super::admit(&self.asked.config, &method, &route, &self.asked.caller)?;
        Ok((route, method))
    }

    /// Records an operation that was refused before it became a request; what a request refuses it records itself.
    async fn record(&self, method: Option<&str>, path: Option<&str>, error: &ScimError) {
        let named = path.map(|path| path.trim_start_matches('/')).and_then(|path| route::named(path).ok());
        let method = method.and_then(|method| Method::from_bytes(method.as_bytes()).ok());
        let about = named.zip(method).and_then(|(route, method)| super::write(&self.asked.config, &method, &route));
        let about = about.unwrap_or(About { action: "scim.write", target: None });
        let refused = async { Err::<(), Failure>(error.clone().into()) };
        // The answer is made from the error; here it is only written down.
        let _ = self.asked.or_recorded(&about, refused).await;
    }
}
