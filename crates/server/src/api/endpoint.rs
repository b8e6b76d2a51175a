//! One endpoint: how it is reached, and how it is described.

use super::{openapi, transfer::JSON_LINES};
use crate::app::App;
use axum::{
    Extension,
    handler::Handler,
    http::StatusCode,
    routing::{MethodFilter, MethodRouter, on},
};
use provost_accounts::Permission;
use serde_json::{Value, json};
use std::fmt;
use utoipa::{
    IntoParams, ToSchema,
    openapi::{RefOr, Schema},
};

/// Schemas by name, as the descriptions refer to them.
pub(super) type Schemas = Vec<(String, RefOr<Schema>)>;

/// What whoever acts with a user token needs for an endpoint. The operator may do everything, and the keys of the account itself
/// everything in their account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing is enough: it is for the operator.
    Operator,
    /// A permission of one of the owner's roles.
    Permission(Permission),
    /// The permission that the account's policy names in `credentials.manage`.
    CredentialsManage,
    /// To be an approver in a quorum policy of the account, or to see these policies.
    Approver,
}

impl fmt::Display for Needs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator => out.write_str("Only the operator may."),
            Self::Permission(permission) => write!(out, "A user's token needs the permission {permission}."),
            Self::CredentialsManage => {
                out.write_str("A user's token needs the permission that the policy names in `credentials.manage`.")
            }
            Self::Approver => write!(
                out,
                "A user's token needs the permission {}, or a user who is an approver in a quorum policy.",
                Permission::GetQuorumPolicy
            ),
        }
    }
}

/// What a body or an answer holds.
pub(super) struct Content {
    /// Its media type.
    pub media_type: &'static str,
    /// The schema of the document, or of each line where there are many.
    pub schema: Value,
}

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
    /// What a user token needs; where nothing is said, none does.
    pub needs: Option<Needs>,
    /// Gives the parameters of its query.
    pub query: fn() -> Vec<Value>,
    /// Its body.
    pub body: Option<Content>,
    /// The status of what is done.
    pub status: StatusCode,
    /// Its answer.
    pub answer: Option<Content>,
    /// What adds the schemas that it refers to, where somebody wants to read them.
    pub schemas: Vec<fn(&mut Schemas)>,
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
            needs: None,
            query: Vec::new,
            body: None,
            status: StatusCode::NO_CONTENT,
            answer: None,
            schemas: Vec::new(),
        }
    }

    /// The permission that a user token needs.
    pub(super) fn needs(self, permission: Permission) -> Self {
        Self { needs: Some(Needs::Permission(permission)), ..self }
    }

    /// A user token needs what the policy says about handling credentials.
    pub(super) fn needs_credentials_manage(self) -> Self {
        Self { needs: Some(Needs::CredentialsManage), ..self }
    }

    /// A user token needs an approver, or the permission to see who is one.
    pub(super) fn needs_approver(self) -> Self {
        Self { needs: Some(Needs::Approver), ..self }
    }

    /// Only the operator has access, and no user token.
    pub(super) fn by_operator(self) -> Self {
        Self { needs: Some(Needs::Operator), ..self }
    }

    /// What answers, with what it needs told to whoever checks it.
    pub(super) fn guarded(self) -> (&'static str, MethodRouter<App>) {
        (self.path, self.route.layer(Extension(self.needs)))
    }

    /// The parameters that its query may have.
    pub(super) fn query<Q: IntoParams>(self) -> Self {
        Self { query: parameters::<Q>, ..self }
    }

    /// The form of its body.
    pub(super) fn takes<T: ToSchema>(mut self) -> Self {
        self.body = Some(document(self.named::<T>()));
        self
    }

    /// The form of each line of its body.
    pub(super) fn takes_lines<T: ToSchema>(mut self) -> Self {
        self.body = Some(lines(self.named::<T>()));
        self
    }

    /// 200 with a document of this form.
    pub(super) fn shows<T: ToSchema>(mut self) -> Self {
        self.status = StatusCode::OK;
        self.answer = Some(document(self.named::<T>()));
        self
    }

    /// 200 with lines of this form.
    pub(super) fn shows_lines<T: ToSchema>(mut self) -> Self {
        self.status = StatusCode::OK;
        self.answer = Some(lines(self.named::<T>()));
        self
    }

    /// 200 with a text of this media type.
    pub(super) fn shows_text(mut self, media_type: &'static str) -> Self {
        self.status = StatusCode::OK;
        self.answer = Some(Content { media_type, schema: json!({ "type": "string" }) });
        self
    }

    /// 201 with a document of this form.
    pub(super) fn creates<T: ToSchema>(self) -> Self {
        Self { status: StatusCode::CREATED, ..self.shows::<T>() }
    }

    /// 202 with a document of this form.
    pub(super) fn accepts<T: ToSchema>(self) -> Self {
        Self { status: StatusCode::ACCEPTED, ..self.shows::<T>() }
    }

    /// 200 with a page of such documents.
    pub(super) fn lists<T: ToSchema>(mut self) -> Self {
        self.status = StatusCode::OK;
        let item = self.named::<T>();
        self.answer = Some(document(openapi::list_of(&item)));
        self
    }

    fn named<T: ToSchema>(&mut self) -> Value {
        self.schemas.push(add_schemas::<T>);
        json!({ "$ref": format!("#/components/schemas/{}", T::name()) })
    }
}

fn parameters<Q: IntoParams>() -> Vec<Value> {
    Q::into_params(|| None).iter().map(|parameter| json!(parameter)).collect()
}

fn add_schemas<T: ToSchema>(all: &mut Schemas) {
    T::schemas(all);
    all.push((T::name().into_owned(), T::schema()));
}

fn document(schema: Value) -> Content {
    Content { media_type: "application/json", schema }
}

fn lines(schema: Value) -> Content {
    Content { media_type: JSON_LINES, schema }
}
