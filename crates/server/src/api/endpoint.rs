//! One endpoint: how it is reached, and how it is described.

use super::openapi;
use crate::app::App;
use axum::{
    handler::Handler,
    http::StatusCode,
    routing::{MethodFilter, MethodRouter, on},
};
use serde_json::{Value, json};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{RefOr, Schema},
};

/// Schemas by name, as the descriptions refer to them.
pub(super) type Schemas = Vec<(String, RefOr<Schema>)>;

/// An endpoint.
pub(super) struct Endpoint {
    /// `get`, `post`, …
    pub method: &'static str,
    /// Below [`BASE`](super::BASE).
    pub path: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What answers.
    pub route: MethodRouter<App>,
    /// Parameters of its query.
    pub query: Vec<Value>,
    /// The schema of its body.
    pub body: Option<Value>,
    /// The status of what is done.
    pub status: StatusCode,
    /// The schema of its answer.
    pub answer: Option<Value>,
    /// What the schemas refer to.
    pub schemas: Schemas,
}

macro_rules! methods {
    ($($name:ident $filter:ident),+) => {$(
        /// An endpoint of this method.
        pub(super) fn $name<H: Handler<T, App>, T: 'static>(path: &'static str, handler: H, summary: &'static str) -> Endpoint {
            Endpoint::new(stringify!($name), path, on(MethodFilter::$filter, handler), summary)
        }
    )+};
}

methods!(get GET, post POST, put PUT, patch PATCH, delete DELETE);

impl Endpoint {
    fn new(method: &'static str, path: &'static str, route: MethodRouter<App>, summary: &'static str) -> Self {
        Self {
            method,
            path,
            summary,
            route,
            query: Vec::new(),
            body: None,
            status: StatusCode::NO_CONTENT,
            answer: None,
            schemas: Vec::new(),
        }
    }

    /// The parameters that its query may have.
    pub(super) fn query<Q: IntoParams>(mut self) -> Self {
        let parameters = Q::into_params(|| None);
        self.query = parameters.iter().map(|parameter| json!(parameter)).collect();
        self
    }

    /// The form of its body.
    pub(super) fn takes<T: ToSchema>(mut self) -> Self {
        self.body = Some(self.named::<T>());
        self
    }

    /// 200 with a document of this form.
    pub(super) fn shows<T: ToSchema>(mut self) -> Self {
        self.status = StatusCode::OK;
        self.answer = Some(self.named::<T>());
        self
    }

    /// 201 with a document of this form.
    pub(super) fn creates<T: ToSchema>(self) -> Self {
        Self { status: StatusCode::CREATED, ..self.shows::<T>() }
    }

    /// 200 with a page of such documents.
    pub(super) fn lists<T: ToSchema>(mut self) -> Self {
        self.status = StatusCode::OK;
        let item = self.named::<T>();
        self.answer = Some(openapi::list_of(&item));
        self
    }

    fn named<T: ToSchema>(&mut self) -> Value {
        T::schemas(&mut self.schemas);
        self.schemas.push((T::name().into_owned(), T::schema()));
        json!({ "$ref": format!("#/components/schemas/{}", T::name()) })
    }
}
