//! How people sign in to the console: links to set a password, what they sign in with, their sessions, and the account's rules.

use super::{
    Answer, accepted,
    asked::InAccount,
    body::{at_most, given, member},
    no_content, ok, page,
};
use crate::app::{About, App, Failure, Principal, Target};
use axum::body::Body;
use jiff::Timestamp;
use provost_accounts::{
    Call, Configuration, Refused,
    credentials::{self, Person},
    sessions::{self, Factor},
    sign_in::{self, Claim, PROVIDER_TEXT_MAX, Passwords, Provider, SecondFactor, SignInRules},
};
use provost_change::{AccountId, Kind, ResourceId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// How a link to set a password reaches the user.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewInvitation {
    /// With `true` no mail goes out, and the answer shows the link: for the operator only.
    #[serde(default)]
    show_link: bool,
}

/// A link to set a password.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationView {
    /// To which address it goes; null where it is shown instead.
    to: Option<String>,
    /// The link; null where it goes by mail.
    link: Option<String>,
    /// Until when it works.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
}

/// What a user signs in with. Nothing of it can be used to sign in.
#[derive(Serialize, ToSchema)]
pub(super) struct CredentialsView {
    /// Since when the password is this one; null without one.
    #[schema(value_type = Option<String>, format = DateTime)]
    password_set: Option<Timestamp>,
    /// Until when the link works that is out to set a password; null where none is.
    #[schema(value_type = Option<String>, format = DateTime)]
    invited_until: Option<Timestamp>,
    /// Since when there is an authenticator app; null without one.
    #[schema(value_type = Option<String>, format = DateTime)]
    authenticator_app_since: Option<Timestamp>,
    /// Recovery codes that were not used.
    recovery_codes_left: usize,
    /// The passkeys.
    passkeys: Vec<PasskeyView>,
}

/// A passkey.
#[derive(Serialize, ToSchema)]
pub(super) struct PasskeyView {
    /// Its id.
    id: String,
    /// What the user calls it.
    name: String,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// When it was used last.
    #[schema(value_type = Option<String>, format = DateTime)]
    used: Option<Timestamp>,
}

/// A session in the console.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionView {
    /// Its id.
    id: String,
    /// By what the person proved to be this user.
    factors: Vec<Factor>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// When it was used last, to the minute.
    #[schema(value_type = String, format = DateTime)]
    seen: Timestamp,
    /// When it ends at the latest.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
    /// From where it began.
    client_ip: String,
    /// What the browser called itself.
    user_agent: Option<String>,
}

/// How people sign in to the account's console.
#[derive(Serialize, ToSchema)]
pub(super) struct SignInRulesView {
    /// Whether a password alone is enough.
    second_factor: SecondFactor,
    /// Who may sign in with a password.
    passwords: Passwords,
    /// Minutes without a request after which a session ends.
    idle_minutes: u16,
    /// Hours after which a session ends.
    session_hours: u16,
    /// The identity provider where people may sign in instead; null without one.
    provider: Option<ProviderView>,
    /// What the provider has to be told as the redirect URI of this client.
    redirect_uri: String,
}

/// An OpenID provider.
#[derive(Serialize, ToSchema)]
pub(super) struct ProviderView {
    /// Its issuer identifier.
    issuer: String,
    /// By what it knows this installation.
    client_id: String,
    /// Whether a client secret is kept.
    has_client_secret: bool,
    /// What of its assertion names the user.
    claim: Claim,
}

/// What is to change of the rules; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignInRulesChange {
    /// Whether a password alone is enough.
    second_factor: Option<SecondFactor>,
    /// Who may sign in with a password: `everybody` where there is no provider.
    passwords: Option<Passwords>,
    /// Minutes without a request after which a session ends: 1 to 1,440.
    idle_minutes: Option<u16>,
    /// Hours after which a session ends: 1 to 168.
    session_hours: Option<u16>,
    /// The identity provider, whole; null for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<NewProvider>)]
    provider: Option<Option<NewProvider>>,
}

/// An OpenID provider at which this installation is a client (authorization code with PKCE).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewProvider {
    /// Its issuer identifier, such as `https://login.example.com/acme`; its metadata are found below it.
    issuer: String,
    /// By what it knows this installation.
    client_id: String,
    /// The client secret; where it is left out, the one that is kept stays, as long as the issuer and the client do.
    client_secret: Option<String>,
    /// What of its assertion names the user; `email` unless said.
    #[serde(default)]
    claim: Claim,
}

pub(super) async fn invite(asked: InAccount, body: Body) -> Answer {
    let (id, about) = asked.target("user.invite", Kind::USER).await?;
    let NewInvitation { show_link } = asked.body_or_default(&about, body).await?;
    asked.or_recorded(&about, uses_password(&asked, id).await).await?;
    let caller = &asked.request.caller;
    let base = show_link.then(|| asked.request.app.mail_links().unwrap_or_else(|| caller.origin.clone()));
    let decide = |config: &Configuration, call: &Call, person: &Person| {
        Ok(credentials::invite(config, call, person, base.as_deref())?)
    };
    let user = (asked.account(), id);
    let made = asked.request.app.change_credentials(caller, user, ("user.invite", false), decide).await?;
    accepted(&InvitationView { to: made.to, link: made.link, expires: made.expires })
}

/// A link to set a password is for those who may sign in with one.
async fn uses_password(asked: &InAccount, id: ResourceId) -> Result<(), Failure> {
    let app = &asked.request.app;
    let Some(person) = app.person(&asked.config, id).await? else { return Ok(()) };
    if app.may_use_password(&asked.config, &person.user).await? {
        return Ok(());
    }
    let why = "this user signs in at the account's identity provider: by the rules of the account, a password would not let it in";
    Err(Refused::status(409, why).into())
}

pub(super) async fn withdraw(asked: InAccount) -> Answer {
    let (id, _) = asked.target("user.withdraw_invitation", Kind::USER).await?;
    let decide =
        |config: &Configuration, call: &Call, person: &Person| Ok(credentials::withdraw(config, call, person)?);
    let (app, caller) = (&asked.request.app, &asked.request.caller);
    app.change_credentials(caller, (asked.account(), id), ("user.withdraw_invitation", false), decide).await?;
    no_content()
}

pub(super) async fn credentials(asked: InAccount) -> Answer {
    let person = asked.request.app.person(&asked.config, asked.id(&Kind::USER)?).await?;
    let kept = person.ok_or_else(|| Refused::not_found("user"))?.credentials;
    ok(&CredentialsView {
        password_set: kept.password.map(|password| password.set),
        invited_until: kept.link.map(|link| link.expires),
        authenticator_app_since: kept.totp.map(|totp| totp.since),
        recovery_codes_left: kept.recovery.len(),
        passkeys: kept
            .passkeys
            .into_iter()
            .map(|passkey| PasskeyView {
                id: passkey.id,
                name: passkey.name,
                created: passkey.created,
                used: passkey.used,
            })
            .collect(),
    })
}

pub(super) async fn reset(asked: InAccount) -> Answer {
    let (id, _) = asked.target("user.reset_factors", Kind::USER).await?;
    let decide = |config: &Configuration, call: &Call, person: &Person| Ok(credentials::reset(config, call, person)?);
    let (app, caller) = (&asked.request.app, &asked.request.caller);
    app.change_credentials(caller, (asked.account(), id), ("user.reset_factors", true), decide).await?;
    no_content()
}

pub(super) async fn sessions(asked: InAccount) -> Answer {
    let (app, id) = (&asked.request.app, asked.id(&Kind::USER)?);
    app.person(&asked.config, id).await?.ok_or_else(|| Refused::not_found("user"))?;
    let (rules, _) = app.sign_in_rules(asked.account()).await?;
    let now = app.now();
    let mut shown = Vec::new();
    for record in app.sessions_of(asked.account(), id).await? {
        let session = sessions::read(asked.account(), &record)?;
        if !session.is_over(&rules, now) {
            shown.push(SessionView {
                id: record.id.to_string(),
                factors: session.factors,
                created: session.created,
                seen: session.seen,
                expires: session.expires,
                client_ip: session.client_ip,
                user_agent: session.user_agent,
            });
        }
    }
    page::list(shown, None)
}

pub(super) async fn end_session(asked: InAccount) -> Answer {
    let (id, about) = asked.target("session.revoke", Kind::USER).await?;
    let session = asked.key(&Kind::SESSION).parse::<ResourceId>();
    let session = asked.or_recorded(&about, session.map_err(|_| Refused::not_found("session").into())).await?;
    let (app, caller) = (&asked.request.app, &asked.request.caller);
    app.end_session(caller, (asked.account(), id), session, "session.revoke").await?;
    no_content()
}

pub(super) async fn end_sessions(asked: InAccount) -> Answer {
    let (id, _) = asked.target("session.revoke_all", Kind::USER).await?;
    let decide =
        |config: &Configuration, call: &Call, person: &Person| Ok(credentials::end_sessions(config, call, person));
    let (app, caller) = (&asked.request.app, &asked.request.caller);
    app.change_credentials(caller, (asked.account(), id), ("session.revoke_all", true), decide).await?;
    no_content()
}

pub(super) async fn rules(asked: InAccount) -> Answer {
    let (rules, _) = asked.request.app.sign_in_rules(asked.account()).await?;
    ok(&shown(&asked, rules))
}

pub(super) async fn change_rules(asked: InAccount, body: Body) -> Answer {
    let target = Some(Target::Record(Kind::ACCOUNT, asked.config.account_record()));
    let about = About { action: "sign_in.update", target };
    let change: SignInRulesChange = asked.body(&about, body).await?;
    asked.or_recorded(&about, may_decide(&asked)).await?;
    let checked = change.provider.as_ref().and_then(Option::as_ref).map_or(Ok(()), |new| check(&asked, new));
    asked.or_recorded(&about, checked).await?;
    let (app, change) = (&asked.request.app, &change);
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let (before, record) = app.sign_in_rules(config.id).await?;
        let provider = match &change.provider {
            None => before.provider,
            Some(None) => None,
            Some(Some(new)) => Some(provider_of(app, config.id, new, before.provider)),
        };
        let rules = SignInRules {
            second_factor: change.second_factor.unwrap_or(before.second_factor),
            passwords: change.passwords.unwrap_or(before.passwords),
            idle_minutes: change.idle_minutes.unwrap_or(before.idle_minutes),
            session_hours: change.session_hours.unwrap_or(before.session_hours),
            provider,
        };
        Ok(sign_in::change(&config, &call, record.as_ref(), rules)?)
    };
    let rules = app.write(asked.account(), &asked.request.caller, about, decide).await?;
    ok(&shown(&asked, rules))
}

/// Whoever says at which provider people sign in can come in as anybody: nobody says it who may not do everything in the account.
pub(super) fn may_decide(asked: &InAccount) -> Result<(), Failure> {
    let may = match &asked.request.caller.principal {
        Principal::Operator | Principal::App { owner: None, .. } => true,
        Principal::App { owner: Some(owner), .. } | Principal::Person { owner, .. } => {
            owner.permits_everything(&asked.config)
        }
        Principal::Link => false,
    };
    if may {
        Ok(())
    } else {
        Err(Failure::Forbidden("only somebody who may do everything in the account may do this".to_owned()))
    }
}

/// A provider as it would be kept: without a secret it keeps the one that there is, as long as issuer and client are the same.
pub(super) fn provider_of(app: &App, account: AccountId, new: &NewProvider, before: Option<Provider>) -> Provider {
    let kept = before.filter(|kept| (&kept.issuer, &kept.client_id) == (&new.issuer, &new.client_id));
    let secret = new.client_secret.as_ref().map(|secret| app.sealed_client_secret(account, secret));
    let client_secret = secret.or_else(|| kept.and_then(|kept| kept.client_secret));
    Provider { issuer: new.issuer.clone(), client_id: new.client_id.clone(), client_secret, claim: new.claim }
}

pub(super) fn check(asked: &InAccount, new: &NewProvider) -> Result<(), Failure> {
    at_most("provider/client_secret", new.client_secret.as_ref().map_or(0, String::len), PROVIDER_TEXT_MAX, "bytes")?;
    let reach = asked.request.app.outbound().reach();
    provost_client::check_url(&new.issuer, reach).map_err(|error| member("provider/issuer", error))
}

fn shown(asked: &InAccount, rules: SignInRules) -> SignInRulesView {
    SignInRulesView {
        second_factor: rules.second_factor,
        passwords: rules.passwords,
        idle_minutes: rules.idle_minutes,
        session_hours: rules.session_hours,
        provider: rules.provider.map(|provider| ProviderView {
            issuer: provider.issuer,
            client_id: provider.client_id,
            has_client_secret: provider.client_secret.is_some(),
            claim: provider.claim,
        }),
        redirect_uri: asked.request.app.redirect_uri(&asked.request.caller),
    }
}
