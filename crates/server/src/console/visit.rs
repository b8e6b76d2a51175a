//! One request to the console by somebody who is signed in: who looks, at what, and the management API for both.

use super::{
    access::{self, SignedIn},
    answer::{SAID, Trouble, go, troubled},
    door::Kept,
    form,
};
use crate::{
    app::{App, Failure, Principal},
    surface::Surface,
};
use axum::{
    Extension, Router,
    body::Body,
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use provost_accounts::Permission;
use provost_console::{Filled, Place, Shell, Theme, escaped, layout::Account, screens::trouble};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{collections::HashMap, sync::Arc};
use tower::ServiceExt;
use url::form_urlencoded;

/// The cookie with the chosen colours.
pub(super) const THEME: &str = "provost_theme";
/// Longest answer of the management API that a screen reads, in bytes.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The management API without its door: whoever asks is known already.
#[derive(Clone)]
pub(super) struct InProcess(pub Router);

/// Somebody signed in who asks for a page of the console.
pub(super) struct Visit {
    pub signed: SignedIn,
    pub headers: HeaderMap,
    app: App,
    api: InProcess,
    uri: Uri,
    named: HashMap<String, String>,
    /// The form that is shown again, in place of being sent.
    kept: Option<Arc<Kept>>,
}

/// What the management API refused.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Refusal {
    /// The HTTP status.
    #[serde(default)]
    pub status: u16,
    /// Why, and what to do.
    #[serde(default)]
    pub detail: String,
    /// The members of the body that are at fault.
    #[serde(default)]
    pub errors: Vec<MemberFault>,
}

/// The fault of a member of the body.
#[derive(Debug, Deserialize)]
pub(super) struct MemberFault {
    /// JSON pointer to it.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}

/// A page of a list of the management API.
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next begins.
    pub next: Option<String>,
}

impl Refusal {
    /// What a form says of it: the faults stand with the fields that have the members' names.
    pub fn tell(self, filled: &mut Filled) {
        for fault in &self.errors {
            let field = fault.pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
            filled.refuse_field(field, fault.detail.clone());
        }
        if self.errors.is_empty() {
            filled.refuse(self.detail);
        }
    }

    /// The status of the page that says so.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Whether somebody can mend it in the form.
    pub fn is_about_the_form(&self) -> bool {
        matches!(self.status, 400 | 403 | 404 | 409 | 412 | 413)
    }
}

impl FromRequestParts<App> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let known = match parts.extensions.get::<SignedIn>() {
            Some(signed) => Some(signed.clone()),
            None => access::signed_in(app, parts).await.map_err(|failure| failure.answer(Surface::Page))?,
        };
        let Some(signed) = known else { return Err(access::ask_to_sign_in(parts)) };
        let Extension(api) = Extension::<InProcess>::from_request_parts(parts, app)
            .await
            .map_err(|_| Failure::Damaged("the console has no API".to_owned()).answer(Surface::Page))?;
        let named = RawPathParams::from_request_parts(parts, app).await;
        let named = named.map(|named| named.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect());
        Ok(Self {
            signed,
            headers: parts.headers.clone(),
            app: app.clone(),
            api,
            uri: original(parts),
            named: named.unwrap_or_default(),
            kept: parts.extensions.get::<Arc<Kept>>().cloned(),
        })
    }
}

/// The address as it was asked for, before the router took its beginning away.
fn original(parts: &Parts) -> Uri {
    parts
        .extensions
        .get::<axum::extract::OriginalUri>()
        .map_or_else(|| parts.uri.clone(), |original| original.0.clone())
}

impl Visit {
    /// What stands in the path for `{name}`.
    pub fn named(&self, name: &str) -> &str {
        self.named.get(name).map_or("", String::as_str)
    }

    /// The account of the path; empty where there is none.
    pub fn account(&self) -> &str {
        self.named("account")
    }

    /// Where something of this account is in the console.
    pub fn path(&self, rest: &str) -> String {
        format!("/console/accounts/{}{rest}", self.account())
    }

    /// Where something of this account is in the management API.
    pub fn of_account(&self, rest: &str) -> String {
        format!("/accounts/{}{rest}", escaped(self.account()))
    }

    /// What was chosen in the address.
    pub fn query(&self) -> Filled {
        let pairs = form_urlencoded::parse(self.uri.query().unwrap_or("").as_bytes());
        Filled::new(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// The form that was sent.
    ///
    /// # Errors
    /// Whatever is wrong with it, as a page.
    pub async fn form(&self, body: Body) -> Result<Filled, Trouble> {
        let read = form::read(&self.headers, body).await.and_then(|filled| {
            let is_ours = self.signed.sent(&self.app, filled.value(form::TOKEN));
            if is_ours { Ok(filled) } else { Err(form::foreign()) }
        });
        match read {
            Ok(filled) => Ok(filled),
            Err(failure) => {
                let error = failure.scim();
                Err(self.trouble(error.status, error.detail).await)
            }
        }
    }

    /// Whether one of the roles of whoever looks permits something.
    pub fn may(&self, permission: Permission) -> bool {
        match &self.signed.caller.principal {
            Principal::Operator => true,
            Principal::App { config, owner: Some(owner), .. } | Principal::Person { config, owner, .. } => {
                owner.permits(config, permission)
            }
            Principal::App { .. } | Principal::Link => false,
        }
    }

    /// Whether whoever looks may make and change admin apps: the account's policy names the permission (`credentials.manage`).
    pub fn may_manage_credentials(&self) -> bool {
        match &self.signed.caller.principal {
            Principal::Operator => true,
            Principal::App { config, owner: Some(owner), .. } | Principal::Person { config, owner, .. } => {
                owner.permits(config, config.policy.credentials.manage)
            }
            Principal::App { .. } | Principal::Link => false,
        }
    }

    /// The user of the account who looks; `None` for the operator.
    pub fn user(&self) -> Option<String> {
        match &self.signed.caller.principal {
            Principal::App { owner: Some(owner), .. } | Principal::Person { owner, .. } => Some(owner.id.to_string()),
            Principal::Operator | Principal::App { .. } | Principal::Link => None,
        }
    }

    /// Where this server is, as whoever looks reaches it.
    pub fn origin(&self) -> &str {
        &self.signed.caller.origin
    }

    /// A text sealed for a place, which only this installation opens.
    pub fn sealed(&self, place: &[u8], text: &str) -> String {
        self.app.seal(place, text)
    }

    /// What was sealed for a place; `None` where it is something else.
    pub fn opened(&self, place: &[u8], sealed: &str) -> Option<String> {
        self.app.open(place, sealed)
    }

    /// The present instant.
    pub fn now(&self) -> jiff::Timestamp {
        self.app.now()
    }

    /// Whether the installation sends mail.
    pub fn sends_mail(&self) -> bool {
        self.app.mail_links().is_some()
    }

    /// Whether all accounts are open to whoever looks.
    pub fn is_operator(&self) -> bool {
        matches!(self.signed.caller.principal, Principal::Operator)
    }

    /// Reads something.
    ///
    /// # Errors
    /// The page that says why not.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Trouble> {
        match self.ask(path).await {
            Ok(found) => Ok(found),
            Err(refusal) => Err(self.refused(refusal).await),
        }
    }

    /// Reads something that whoever looks may not be permitted to see, or that is not there.
    ///
    /// # Errors
    /// The page that says why not, for any other reason.
    pub async fn find<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Trouble> {
        match self.ask(path).await {
            Ok(found) => Ok(Some(found)),
            Err(refusal) if matches!(refusal.status, 403 | 404) => Ok(None),
            Err(refusal) => Err(self.refused(refusal).await),
        }
    }

    /// Reads something.
    ///
    /// # Errors
    /// What was refused.
    pub async fn ask<T: DeserializeOwned>(&self, path: &str) -> Result<T, Refusal> {
        self.send(Method::GET, path, None::<&Value>).await
    }

    /// Does something.
    ///
    /// # Errors
    /// What was refused.
    pub async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, Refusal> {
        if let Some(kept) = self.kept.as_ref().filter(|_| method != Method::GET) {
            return Err(Refusal { status: 409, detail: kept.told().to_owned(), errors: Vec::new() });
        }
        let answer = self.exchange(method, path, body).await;
        let status = answer.status();
        let broken = || Refusal { status: 500, detail: "the server failed to answer".to_owned(), errors: Vec::new() };
        let text = answer.into_body().collect().await.map_err(|_| broken())?.to_bytes();
        if text.len() > ANSWER_BYTES_MAX {
            return Err(broken());
        }
        if !status.is_success() {
            let refusal: Refusal = serde_json::from_slice(&text).unwrap_or_default();
            return Err(Refusal { status: status.as_u16(), ..refusal });
        }
        let text = if text.is_empty() { b"null".as_slice() } else { &text };
        serde_json::from_slice(text).map_err(|error| {
            tracing::error!(%error, path, "A screen does not understand the management API.");
            broken()
        })
    }

    /// The answer of the management API as it is.
    pub async fn exchange(&self, method: Method, path: &str, body: Option<&impl Serialize>) -> Response {
        let body = body.map(|body| serde_json::to_vec(body).unwrap_or_default());
        let mut request = Request::new(body.map_or_else(Body::empty, Body::from));
        *request.method_mut() = method;
        let Ok(uri) = path.parse() else { return StatusCode::NOT_FOUND.into_response() };
        *request.uri_mut() = uri;
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request.extensions_mut().insert(self.signed.caller.clone());
        match self.api.0.clone().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        }
    }

    /// What stands around every screen of this request.
    pub async fn shell(&self) -> Shell {
        let account = self.shown_account().await;
        let cookie = |name: &str| access::cookie(&self.headers, name);
        let said =
            cookie(SAID).map(|said| percent_encoding::percent_decode_str(&said).decode_utf8_lossy().into_owned());
        Shell {
            places: account.as_ref().map(|_| self.places()).unwrap_or_default(),
            account,
            who: self.signed.who.clone(),
            role: self.signed.role.clone(),
            is_operator: self.is_operator(),
            theme: Theme::named(&cookie(THEME).unwrap_or_default()),
            csrf: self.signed.csrf.clone(),
            here: self.uri.path_and_query().map_or_else(|| super::BASE.to_owned(), ToString::to_string),
            host: host(&self.signed.caller.origin),
            version: env!("CARGO_PKG_VERSION"),
            said: said.filter(|said| !said.is_empty()),
            support: self.app.support().map(str::to_owned),
            now: self.app.now(),
        }
    }

    /// The account of the path; where it names none, a person's own.
    async fn shown_account(&self) -> Option<Account> {
        #[derive(Deserialize)]
        struct Named {
            id: String,
            name: String,
        }
        if self.account().is_empty() {
            return match &self.signed.caller.principal {
                Principal::Person { config, .. } => {
                    Some(Account { id: config.id.to_string(), name: config.account.name.clone() })
                }
                Principal::Operator | Principal::App { .. } | Principal::Link => None,
            };
        }
        let named: Option<Named> = self.ask(&self.of_account("")).await.ok();
        named.map(|account| Account { id: account.id, name: account.name })
    }

    /// The places that whoever looks has something to see in.
    fn places(&self) -> Vec<Place> {
        let needed = [
            (Place::Overview, Permission::GetUsers),
            (Place::Users, Permission::GetUsers),
            (Place::EnterpriseApps, Permission::GetAdminApps),
            (Place::ProvisioningLogs, Permission::GetAuditLog),
            (Place::Groups, Permission::GetGroups),
            (Place::Roles, Permission::GetRoles),
            (Place::AuditLog, Permission::GetAuditLog),
            (Place::RequestLog, Permission::GetAuditLog),
            (Place::Settings, Permission::GetAdminApps),
            (Place::Settings, Permission::GetPolicy),
            (Place::Settings, Permission::GetQuorumPolicy),
        ];
        let open = needed.into_iter().filter(|(_, permission)| self.may(*permission));
        let mut places: Vec<Place> = open.map(|(place, _)| place).collect();
        places.dedup();
        places
    }

    /// The page for what the management API refused.
    pub async fn refused(&self, refusal: Refusal) -> Trouble {
        if let Some(kept) = self.kept.as_ref().filter(|_| refusal.status == 409) {
            return Trouble(Box::new(kept.back()));
        }
        self.trouble(refusal.status, refusal.detail).await
    }

    /// The page that says why something cannot be shown.
    pub async fn trouble(&self, status: u16, detail: String) -> Trouble {
        let reference = self.signed.caller.request_id.clone();
        troubled(&self.shell().await, &trouble::Trouble { status, detail, reference })
    }

    /// What was said is said once: the page that shows it takes the cookie away.
    pub fn shown(&self, mut answer: Response) -> Response {
        if access::cookie(&self.headers, SAID).is_some() {
            super::answer::set_cookie(
                &mut answer,
                &format!("{SAID}=; Path=/console; HttpOnly; SameSite=Lax; Max-Age=0"),
            );
        }
        answer
    }

    /// The way back that a form names, if it leads to the console.
    pub fn back(&self, filled: &Filled) -> Response {
        let back = filled.value("back");
        let is_ours = back == super::BASE || back.starts_with("/console/") && !back.contains(['\\', '\r', '\n']);
        go(if is_ours { back } else { super::BASE })
    }
}

fn host(origin: &str) -> String {
    origin.split_once("://").map_or(origin, |(_, host)| host).to_owned()
}
