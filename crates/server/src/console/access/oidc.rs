//! `/console/sign-in/oidc`: signing in at the account's identity provider (OpenID Connect, authorization code with PKCE).
//!
//! Between the two requests the browser keeps, sealed, what the second one is held to: the account, `state`, `nonce` and the verifier of
//! PKCE. Nothing of it is stored here.

use super::{
    cookies,
    sign_in::{entered, sentence},
    visit::{Answer, Fields, Visit, page, see_other},
};
use crate::app::{
    App, Failure,
    access::provider::{Grant, Metadata, document, odd},
};
use axum::{
    extract::{FromRequest, Path, Request, State},
    http::StatusCode,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use provost_accounts::{
    Call, Configuration, Refused, User,
    credentials::Person,
    id_token::{self, Expected},
    sessions::Factor,
    sign_in::{Claim, Provider},
};
use provost_change::{AccountId, ChangeSet};
use provost_console::screens::sign_in as screen;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq;
use url::Url;

/// How long a person may take at the identity provider.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
const PLACE: &[u8] = b"provost oidc 1";
/// Longest that a message of the identity provider is shown, in characters.
const SAID_MAX: usize = 200;

/// A sign-in that is under way.
#[derive(Serialize, Deserialize)]
struct Flow {
    account: AccountId,
    state: String,
    nonce: String,
    verifier: String,
    next: String,
    /// Whether somebody who is signed in proves anew who is there.
    confirms: bool,
    at: Timestamp,
}

/// Sends somebody to the identity provider.
pub(super) async fn start(State(app): State<App>, Path(account): Path<String>, request: Request) -> Answer {
    let visit = Visit::from_request(request, &app).await?;
    match begun(&visit, &account).await {
        Ok((url, flow)) => {
            let text = serde_json::to_string(&flow).map_err(|error| Failure::Damaged(error.to_string()))?;
            let cookie = cookies::PROVIDER.set(&visit.caller, &app.seal(PLACE, &text));
            Ok(see_other(url.as_str(), [cookie]))
        }
        Err(failure) => refuse(&visit, failure),
    }
}

async fn begun(visit: &Visit, account: &str) -> Result<(Url, Flow), Failure> {
    let app = &visit.app;
    let account = account.parse().map_err(|_| no_provider())?;
    let (_, provider) = provider(app, account).await?;
    let metadata = app.discover(&provider).await?;
    let random = || BASE64_URL_SAFE_NO_PAD.encode(app.random::<32>());
    let flow = Flow {
        account,
        state: random(),
        nonce: random(),
        verifier: random(),
        next: visit.next(),
        confirms: visit.query.get("confirm") == "1",
        at: app.now(),
    };
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&flow.verifier));
    let endpoint = &metadata.authorization_endpoint;
    let mut url = Url::parse(endpoint).map_err(|_| odd("its `authorization_endpoint` is no URL"))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(odd("its `authorization_endpoint` is no address of the web"));
    }
    let redirect_uri = app.redirect_uri(&visit.caller);
    url.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", &provider.client_id),
        ("redirect_uri", &redirect_uri),
        ("scope", "openid profile email"),
        ("state", &flow.state),
        ("nonce", &flow.nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    if flow.confirms {
        url.query_pairs_mut().extend_pairs([("prompt", "login"), ("max_age", "0")]);
    }
    Ok((url, flow))
}

/// Takes somebody back from the identity provider.
pub(super) async fn callback(visit: Visit) -> Answer {
    visit.app.check_attempts(&visit.caller)?;
    let flow = visit.cookie(cookies::PROVIDER).and_then(|cookie| visit.app.open(PLACE, &cookie));
    let flow: Option<Flow> = flow.and_then(|text| serde_json::from_str(&text).ok());
    let is_new = |flow: &Flow| flow.at.saturating_add(LIFETIME).is_ok_and(|end| visit.app.now() < end);
    let same = |flow: &Flow| bool::from(flow.state.as_bytes().ct_eq(visit.query.get("state").as_bytes()));
    let Some(flow) = flow.filter(|flow| is_new(flow) && same(flow)) else {
        let why = "this sign-in did not begin in this browser, or took longer than ten minutes: begin again";
        return refuse(&visit, Refused::status(403, why).into());
    };
    match returned(&visit, &flow).await {
        Ok(answer) => Ok(answer),
        Err(failure) => refuse(&visit, failure),
    }
}

async fn returned(visit: &Visit, flow: &Flow) -> Result<axum::response::Response, Failure> {
    let app = &visit.app;
    let (config, provider) = provider(app, flow.account).await?;
    let metadata = app.discover(&provider).await?;
    let code = code(&visit.query, &metadata)?;
    let token = exchange(visit, flow, (&provider, &metadata), code).await?;
    let keys = document(app.outbound().read(&metadata.jwks_uri).await)?;
    let expected = Expected {
        issuer: &provider.issuer,
        client_id: &provider.client_id,
        nonce: &flow.nonce,
        now: app.now(),
        signed_in_since: flow.confirms.then_some(flow.at),
    };
    let claims = id_token::verify(&token, &keys, &expected).map_err(|fault| Refused::status(403, fault.to_string()))?;
    let asserted = asserted(provider.claim, &claims)?;
    let user = app.user_asserted(&config, asserted).await?;
    let user = user.ok_or_else(|| {
        let name = provider.claim.name();
        Refused::status(
            403,
            format!("no user of this account has `{asserted}` as userName or externalId (claim `{name}`)"),
        )
    })?;
    if flow.confirms {
        return confirmed(visit, flow, &user).await;
    }
    let user = app.verified_by_sso(&visit.caller, &config, user).await?;
    let nothing = |_: &Configuration, _: &Call, _: &Person| Ok(ChangeSet::default());
    let opened = app.open_session(&visit.caller, (config.id, user.id()), &[Factor::IdentityProvider], nothing).await?;
    let mut answer = entered(&visit.caller, &flow.next, opened.token.reveal());
    answer.headers_mut().append(axum::http::header::SET_COOKIE, cookies::PROVIDER.remove(&visit.caller));
    Ok(answer)
}

/// Notes that whoever is signed in has proved it anew.
async fn confirmed(visit: &Visit, flow: &Flow, user: &User) -> Result<axum::response::Response, Failure> {
    let signed_in = super::signed_in(&visit.app, &visit.parts).await?;
    let signed_in = signed_in.filter(|signed_in| signed_in.caller.person() == Some((flow.account, user.id())));
    let Some(signed_in) = signed_in else {
        return Err(
            Refused::status(403, "somebody else signed in at the identity provider than is signed in here").into()
        );
    };
    let nothing = |_: &Configuration, _: &Call, _: &Person| Ok(ChangeSet::default());
    visit.app.prove_again(&signed_in.caller, Factor::IdentityProvider, nothing).await?;
    Ok(see_other(&flow.next, [cookies::PROVIDER.remove(&visit.caller)]))
}

/// The authorization code, where the provider gave one (RFC 6749 §4.1.2, RFC 9207).
fn code<'q>(query: &'q Fields, metadata: &Metadata) -> Result<&'q str, Failure> {
    let named = query.get("iss");
    if !named.is_empty() && named != metadata.issuer {
        return Err(odd("another provider answered than was asked"));
    }
    if !query.get("error").is_empty() {
        let said = [query.get("error_description"), query.get("error")].into_iter().find(|text| !text.is_empty());
        let said: String = said.unwrap_or_default().chars().filter(|c| !c.is_control()).take(SAID_MAX).collect();
        return Err(Refused::status(403, format!("the identity provider did not let you in: {said}")).into());
    }
    match query.get("code") {
        "" => Err(odd("it gave no code")),
        code => Ok(code),
    }
}

/// The ID token behind a code.
async fn exchange(
    visit: &Visit,
    flow: &Flow,
    (provider, metadata): (&Provider, &Metadata),
    code: &str,
) -> Result<String, Failure> {
    let app = &visit.app;
    let secret = app.client_secret(flow.account, provider)?;
    let redirect_uri = app.redirect_uri(&visit.caller);
    let grant = Grant { code, redirect_uri: &redirect_uri, verifier: &flow.verifier };
    let answered = document(app.exchange(provider, metadata, secret.as_deref(), &grant).await)?;
    let token = answered.get("id_token").and_then(Value::as_str);
    Ok(token.ok_or_else(|| odd("it gave no ID token for its code"))?.to_owned())
}

/// By what the provider names the person.
fn asserted(claim: Claim, claims: &Map<String, Value>) -> Result<&str, Failure> {
    let value = claims.get(claim.name()).and_then(Value::as_str).filter(|value| !value.is_empty());
    let value = value.ok_or_else(|| odd(&format!("its ID token has no claim `{}`", claim.name())))?;
    let unverified =
        claims.get("email_verified").is_some_and(|verified| *verified != Value::Bool(true) && verified != "true");
    if claim == Claim::Email && unverified {
        return Err(odd("it says that your address is not verified there"));
    }
    Ok(value)
}

async fn provider(app: &App, account: AccountId) -> Result<(Arc<Configuration>, Provider), Failure> {
    let config = match app.configuration(account).await {
        Err(Failure::NoAccount) => return Err(no_provider()),
        other => other?,
    };
    let (rules, _) = app.sign_in_rules(account).await?;
    Ok((config, rules.provider.ok_or_else(no_provider)?))
}

fn no_provider() -> Failure {
    Refused::status(404, "this account has no identity provider where its people sign in").into()
}

fn refuse(visit: &Visit, failure: Failure) -> Answer {
    let Failure::Refused(refused) = failure else { return Err(failure.into()) };
    let status = refused.error.status;
    tracing::info!(client.ip = %visit.caller.client_ip, status, "A sign-in at an identity provider came to nothing.");
    if matches!(refused.error.status, 401 | 403) {
        visit.app.wrong_credential(&visit.caller);
    }
    let status = StatusCode::from_u16(refused.error.status).unwrap_or(StatusCode::FORBIDDEN);
    let body = screen::message(&sentence(&refused.error.detail));
    Ok(page(visit, status, "You are not signed in", &body, [cookies::PROVIDER.remove(&visit.caller)]))
}
