//! Requests to the management API: authenticated when they come here, and not read yet.

use super::{BASE, Error, body, endpoint::Needs};
use crate::app::{About, App, Caller, Failure, Principal, Target};
use axum::{
    body::Body,
    extract::{FromRequestParts, Query, RawPathParams},
    http::{HeaderMap, Uri, request::Parts},
};
use provost_accounts::{Call, Configuration, Decided, Permission, Refused, approvals};
use provost_change::{AccountId, Kind, ResourceId};
use provost_scim::{ScimError, ScimType};
use serde::de::DeserializeOwned;
use std::{collections::HashMap, sync::Arc};

/// A request without its body.
pub(super) struct Asked {
    pub app: App,
    pub caller: Caller,
    pub headers: HeaderMap,
    uri: Uri,
    named: HashMap<String, String>,
}

/// A request about an account that exists and that the caller may manage.
pub(super) struct InAccount {
    pub request: Asked,
    /// In force when the request came; a write is judged under the one in force then.
    pub config: Arc<Configuration>,
}

impl FromRequestParts<App> for Asked {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let caller = parts.extensions.remove::<Caller>();
        let caller = caller.ok_or_else(|| Failure::Damaged("a request was not authenticated".to_owned()))?;
        if let Err(failure) = allowed(&caller, parts.extensions.get().copied().flatten()) {
            app.record_misuse(&caller, &failure).await;
            return Err(failure.into());
        }
        let named = RawPathParams::from_request_parts(parts, app).await.map_err(|_| Failure::NoRoute)?;
        let named = named.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(Self { app: app.clone(), caller, headers: parts.headers.clone(), uri: parts.uri.clone(), named })
    }
}

/// Whether a user token or a person may use an endpoint: only where one of the user's roles permits it, and nowhere else than is said.
///
/// # Errors
/// 403 naming the permission.
fn allowed(caller: &Caller, needs: Option<Needs>) -> Result<(), Failure> {
    let (config, owner, nowhere, without) = match &caller.principal {
        Principal::App { config, owner: Some(owner), .. } => (
            config,
            owner,
            "a user's token may not do this, whatever the user's roles",
            "the owner of this token has no role with the permission",
        ),
        Principal::Person { config, owner, .. } => {
            (config, owner, "only the operator may do this", "none of your roles has the permission")
        }
        Principal::Operator | Principal::App { owner: None, .. } | Principal::Link => return Ok(()),
    };
    let (permission, field) = match needs {
        Some(Needs::Permission(permission)) => (permission, None),
        Some(Needs::CredentialsManage) => (config.policy.credentials.manage, Some("credentials.manage")),
        Some(Needs::Approver) if approvals::is_approver(config, owner.id) => return Ok(()),
        Some(Needs::Approver) => (Permission::GetQuorumPolicy, None),
        Some(Needs::Operator) | None => {
            return Err(Failure::Forbidden(nowhere.to_owned()));
        }
    };
    if owner.permits(config, permission) {
        return Ok(());
    }
    let detail = format!("{without} {permission}");
    Err(match field {
        Some(field) => Refused::by(field, 403, None, detail).into(),
        None => Failure::Forbidden(detail),
    })
}

impl FromRequestParts<App> for InAccount {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let asked = Asked::from_request_parts(parts, app).await?;
        let account: AccountId = asked.named("account").parse().map_err(|_| Failure::NoAccount)?;
        if let Err(failure) = asked.caller.api(account) {
            asked.app.record_misuse(&asked.caller, &failure).await;
            return Err(failure.into());
        }
        let config = app.configuration(account).await?;
        Ok(Self { request: asked, config })
    }
}

impl Asked {
    /// What stands in the path for `{name}`.
    pub fn named(&self, name: &str) -> &str {
        self.named.get(name).map_or("", String::as_str)
    }

    /// The query.
    ///
    /// # Errors
    /// 400 naming a parameter that the endpoint does not know or cannot read.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let read = Query::<T>::try_from_uri(&self.uri);
        let refused = |error: axum::extract::rejection::QueryRejection| {
            ScimError::bad_request(ScimType::InvalidValue, body::shortened(&error.body_text()))
        };
        Ok(read.map_err(refused)?.0)
    }

    /// The body, which names nothing that the endpoint does not know.
    ///
    /// # Errors
    /// Whatever is wrong with the body, naming the member.
    pub async fn json<T: DeserializeOwned>(&self, body: Body) -> Result<T, Failure> {
        body::read(&self.headers, body).await
    }

    /// Only for the operator.
    ///
    /// # Errors
    /// `Forbidden` for everybody else.
    pub async fn operator(&self) -> Result<(), Failure> {
        let allowed = self.caller.operator();
        if let Err(failure) = &allowed {
            self.app.record_misuse(&self.caller, failure).await;
        }
        allowed
    }

    /// Where something of this surface is, as the client calls us.
    pub fn location(&self, path: &str) -> String {
        format!("{}{BASE}{path}", self.caller.origin)
    }
}

impl InAccount {
    pub fn account(&self) -> AccountId {
        self.config.id
    }

    /// The record of `kind` that the path names; a text that is no id names nothing that exists.
    pub fn id(&self, kind: &Kind) -> Result<ResourceId, Failure> {
        let id = self.request.named(path_name(kind)).parse();
        id.map_err(|_| Refused::not_found(&noun(kind)).into())
    }

    /// What stands in the path for the record of `kind`.
    pub fn key(&self, kind: &Kind) -> &str {
        self.request.named(path_name(kind))
    }

    /// A write to the record of `kind` that the path names.
    pub async fn target(&self, action: &'static str, kind: Kind) -> Result<(ResourceId, About), Failure> {
        let nameless = About { action, target: None };
        let id = self.or_recorded(&nameless, self.id(&kind)).await?;
        Ok((id, About { action, target: Some(Target::Record(kind, id)) }))
    }

    /// The body of a write.
    pub async fn body<T: DeserializeOwned>(&self, about: &About, body: Body) -> Result<T, Failure> {
        let read = self.request.json(body).await;
        self.or_recorded(about, read).await
    }

    /// The body of a write all of whose members may be left out: without a body, they are.
    pub async fn body_or_default<T: DeserializeOwned + Default>(
        &self,
        about: &About,
        body: Body,
    ) -> Result<T, Failure> {
        if body::is_empty(&body) { Ok(T::default()) } else { self.body(about, body).await }
    }

    /// What comes before a write's decision; should it have failed, that is the write's entry in the audit log.
    pub async fn or_recorded<T>(&self, about: &About, result: Result<T, Failure>) -> Result<T, Failure> {
        self.request.app.or_recorded(self.account(), &self.request.caller, about, async { result }).await
    }

    /// Decides from the configuration alone and commits.
    pub async fn write<T: Send>(
        &self,
        about: About,
        decide: impl Fn(&Configuration, &Call) -> Result<Decided<T>, Refused> + Send + Sync,
    ) -> Result<T, Failure> {
        let decide = &decide;
        let decided = move |config: Arc<Configuration>, call: Call| async move { Ok(decide(&config, &call)?) };
        self.request.app.write(self.account(), &self.request.caller, about, decided).await
    }

    /// Where something of this account is.
    pub fn location(&self, path: &str) -> String {
        self.request.location(&format!("/accounts/{}{path}", self.account()))
    }
}

fn path_name(kind: &Kind) -> &str {
    match kind.as_str() {
        "admin-app" => "app",
        "app-assignment" => "assignment",
        "app-role" => "app_role",
        "enterprise-app" => "enterprise_app",
        "provisioning-log" => "provisioning_log",
        "resource-type" => "type",
        other => other,
    }
}

fn noun(kind: &Kind) -> String {
    kind.as_str().replace('-', " ")
}
