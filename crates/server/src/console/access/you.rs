//! `/console/you`: what a person signs in with, and the sessions that there are.
//!
//! These are the person's own affairs, so no role is asked for; whatever makes it easier to come in wants a fresh proof of who is there.

use super::{
    SignedIn, cookies, passkeys,
    second_factor::{Shown, secret as totp_secret},
    sign_in::sentence,
    step::sealed_secret,
    visit::{Answer, Visit, foreign, see_other},
};
use crate::{
    app::Failure,
    console::{
        answer::{done, page_with, secret},
        dangerous, visit,
    },
};
use axum::{
    extract::{FromRequest, FromRequestParts, MatchedPath, Path, Request, State},
    http::StatusCode,
    response::Response,
};
use provost_accounts::{
    Call, Configuration, Refused,
    credentials::{self, Person, password, recovery, totp},
    sessions,
};
use provost_change::{AccountId, ResourceId};
use provost_console::{
    Markup,
    screens::{
        sign_in::{SetUpApp, recovery_codes, set_up_app},
        user::sessions::Session,
        you as screen,
    },
};
use std::sync::Arc;

const HERE: &str = "/console/you";
const SIGN_IN: &str = "/console/sign-in?notice=ended&next=/console/you";

/// Somebody at these pages: a person, not the operator.
struct You {
    visit: Visit,
    /// The same request, as screens have it.
    screen: visit::Visit,
    signed_in: SignedIn,
    config: Arc<Configuration>,
    person: Person,
    user: (AccountId, ResourceId),
}

impl You {
    /// Who a request comes from; for whoever is not signed in as a person, the way to a page that helps.
    async fn read(visit: Visit) -> Result<Result<Self, Response>, Failure> {
        let Some(signed_in) = super::signed_in(&visit.app, &visit.parts).await? else {
            return Ok(Err(see_other(SIGN_IN, [])));
        };
        let Some(user) = signed_in.caller.person() else { return Ok(Err(see_other("/console", []))) };
        let config = visit.app.configuration(user.0).await?;
        let Some(person) = visit.app.person(&config, user.1).await? else { return Ok(Err(see_other(SIGN_IN, []))) };
        let mut parts = visit.parts.clone();
        parts.extensions.insert(signed_in.clone());
        let screen = match visit::Visit::from_request_parts(&mut parts, &visit.app).await {
            Ok(screen) => screen,
            Err(elsewhere) => return Ok(Err(elsewhere)),
        };
        Ok(Ok(Self { visit, screen, signed_in, config, person, user }))
    }

    /// The same for a form: it comes from a page of this session.
    async fn acting(visit: Visit) -> Result<Result<Self, Response>, Failure> {
        let you = match Self::read(visit).await? {
            Ok(you) => you,
            elsewhere => return Ok(elsewhere),
        };
        if !you.signed_in.sent(&you.visit.app, you.visit.form.get("csrf")) {
            return Err(foreign());
        }
        match you.wanted_proof(HERE) {
            Some(elsewhere) => Ok(Err(elsewhere)),
            None => Ok(Ok(you)),
        }
    }

    /// The way to the proof of who is there, where the request is about an act that wants one and there was none a moment ago.
    fn wanted_proof(&self, next: &str) -> Option<Response> {
        let parts = &self.visit.parts;
        let path = parts.extensions.get::<MatchedPath>().map_or("", |path| path.as_str());
        let act = dangerous::act(&parts.method, path).filter(|_| !self.signed_in.is_fresh(self.visit.app.now()))?;
        Some(see_other(&dangerous::confirm(act, next), []))
    }

    /// What a new passkey is asked for: tied to the session and to the passkeys that there are, so that no answer is good twice.
    fn challenge(&self) -> Vec<u8> {
        let cookie = self.visit.cookie(cookies::SESSION).unwrap_or_default();
        let known: Vec<&str> = self.person.credentials.passkeys.iter().map(|passkey| passkey.id.as_str()).collect();
        passkeys::challenge(known.join(" ").as_bytes(), &cookie)
    }

    async fn shown(&self, problem: Option<&str>) -> Answer {
        let records = self.visit.app.sessions_of(self.user.0, self.user.1).await?;
        let (rules, _) = self.visit.app.sign_in_rules(self.user.0).await?;
        let now = self.visit.app.now();
        let mut listed = Vec::new();
        for record in &records {
            let session = sessions::read(self.user.0, record)?;
            if !session.is_over(&rules, now) {
                listed.push(Session {
                    id: record.id.to_string(),
                    factors: session.factors.iter().map(|factor| factor.name().to_owned()).collect(),
                    created: session.created,
                    seen: session.seen,
                    expires: session.expires,
                    client_ip: session.client_ip,
                    user_agent: session.user_agent,
                });
            }
        }
        let kept = &self.person.credentials;
        let passkeys = kept.passkeys.iter().map(|passkey| screen::Passkey {
            id: passkey.id.clone(),
            name: passkey.name.clone(),
            created: passkey.created,
            used: passkey.used,
        });
        let view = screen::You {
            problem,
            uses_password: self.visit.app.may_use_password(&self.config, &self.person.user).await?,
            password_set: kept.password.as_ref().map(|password| password.set),
            app_since: kept.totp.as_ref().map(|totp| totp.since),
            recovery_left: kept.recovery.len(),
            passkeys: passkeys.collect(),
            creation: &passkeys::creation(&self.visit, (&self.config, &self.person), &self.challenge()),
            sessions: &listed,
            this: self.signed_in.caller.session().map(|session| session.to_string()),
        };
        let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
        let shell = self.screen.shell().await;
        Ok(self.screen.shown(page_with(status, screen::page(&shell, &view))))
    }

    /// A page below, which shows what nobody else is to see.
    async fn below(&self, status: StatusCode, title: &str, body: Markup) -> Response {
        secret(page_with(status, screen::below(&self.screen.shell().await, title, body)))
    }

    /// Changes the person's own credentials; a refusal is shown on the page.
    async fn change<D>(
        &self,
        change: (&'static str, bool),
        decide: D,
    ) -> Result<Result<(), Response>, super::visit::Stop>
    where
        D: Fn(&Configuration, &Call, &Person) -> Result<provost_accounts::Decided<Person>, Refused> + Send + Sync,
    {
        let decide = |config: &Configuration, call: &Call, person: &Person| Ok(decide(config, call, person)?);
        match self.visit.app.change_credentials(&self.signed_in.caller, self.user, change, decide).await {
            Ok(_) => Ok(Ok(())),
            Err(Failure::Refused(refused)) => Ok(Err(self.shown(Some(&sentence(&refused.error.detail))).await?)),
            Err(other) => Err(other.into()),
        }
    }
}

macro_rules! you {
    ($read:expr) => {
        match $read.await? {
            Ok(you) => you,
            Err(elsewhere) => return Ok(elsewhere),
        }
    };
}

macro_rules! done {
    ($change:expr, $said:expr) => {
        match $change.await? {
            Ok(()) => Ok(done(HERE, $said)),
            Err(refused) => Ok(refused),
        }
    };
}

/// The page.
pub(super) async fn show(visit: Visit) -> Answer {
    you!(You::read(visit)).shown(None).await
}

/// Another password: the other sessions end.
pub(super) async fn set_password(visit: Visit) -> Answer {
    let you = you!(You::acting(visit));
    you.visit.app.check_attempts(&you.visit.caller)?;
    let (app, form) = (&you.visit.app, &you.visit.form);
    let new = form.get("password");
    if new != form.get("again") {
        return you.shown(Some("The two passwords are not the same. Type them again.")).await;
    }
    if let Some(kept) = &you.person.credentials.password {
        let known =
            app.may_try(you.user) && app.is_password(Some(kept.hash.clone()), form.get("current").to_owned()).await?;
        if !known {
            app.count_wrong(&you.visit.caller, you.user);
            return you.shown(Some("The present password is wrong.")).await;
        }
    } else if !you.signed_in.is_fresh(app.now()) {
        return Ok(see_other("/console/confirm?next=%2Fconsole%2Fyou", []));
    }
    if !app.may_use_password(&you.config, &you.person.user).await? {
        return you.shown(Some("By the rules of this account you sign in without a password.")).await;
    }
    if let Err(refused) = password::check(new, &you.person.user, &you.config.account.name) {
        return you.shown(Some(&sentence(&refused.error.detail))).await;
    }
    let hash = app.password_hash(new.to_owned()).await?;
    done!(
        you.change(("user.set_password", true), |config, call, person| {
            Ok(credentials::set_password(config, call, person, hash.clone()))
        }),
        "Password set"
    )
}

/// The page that sets up an authenticator app.
pub(super) async fn show_app(visit: Visit) -> Answer {
    let you = you!(You::read(visit));
    if let Some(elsewhere) = you.wanted_proof("/console/you/authenticator") {
        return Ok(elsewhere);
    }
    Ok(set_up(&you, None).await)
}

async fn set_up(you: &You, problem: Option<&str>) -> Response {
    let secret = totp_secret(&you.visit, you.user);
    let view = SetUpApp {
        action: "/console/you/authenticator",
        csrf: &you.signed_in.csrf,
        problem,
        secret: &totp::base32(&secret),
        sealed: &sealed_secret(&you.visit.app, you.user, &secret),
        uri: &totp::uri(&secret, &you.config.account.name, you.person.user.user_name()),
    };
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    you.below(status, "Set up an authenticator app", set_up_app(&view)).await
}

/// Its form.
pub(super) async fn add_app(visit: Visit) -> Answer {
    let you = you!(You::acting(visit));
    let Some(Shown { sealed, used }) = Shown::read(&you.visit, you.user) else {
        return Ok(
            set_up(&you, Some("The code is wrong. Look at the time of your phone, and type the next one.")).await
        );
    };
    let codes = recovery::make(you.user.1, you.visit.app.random());
    let changed = you
        .change(("user.add_totp", false), |config, call, person| {
            Ok(credentials::add_totp(config, call, person, (sealed.clone(), used), &codes))
        })
        .await?;
    Ok(match changed {
        Ok(()) => you.below(StatusCode::OK, "Recovery codes", recovery_codes(&codes, HERE)).await,
        Err(refused) => refused,
    })
}

/// Lets the authenticator app go.
pub(super) async fn remove_app(visit: Visit) -> Answer {
    let you = you!(You::acting(visit));
    done!(
        you.change(("user.remove_totp", false), |config, call, person| {
            Ok(credentials::remove_totp(config, call, person))
        }),
        "Authenticator app removed"
    )
}

/// Fresh recovery codes.
pub(super) async fn renew_codes(visit: Visit) -> Answer {
    let you = you!(You::acting(visit));
    if !you.person.has_second_factor() {
        return you.shown(Some("Recovery codes stand in for a second factor: set one up first.")).await;
    }
    let codes = recovery::make(you.user.1, you.visit.app.random());
    let changed = you
        .change(("user.renew_recovery_codes", false), |config, call, person| {
            Ok(credentials::renew_recovery(config, call, person, &codes))
        })
        .await?;
    Ok(match changed {
        Ok(()) => you.below(StatusCode::OK, "Recovery codes", recovery_codes(&codes, HERE)).await,
        Err(refused) => refused,
    })
}

/// Takes a passkey on.
pub(super) async fn add_passkey(visit: Visit) -> Answer {
    let you = you!(You::acting(visit));
    let passkey = match passkeys::made(&you.visit, &you.challenge()) {
        Ok(passkey) => passkey,
        Err(Failure::Refused(refused)) => return you.shown(Some(&sentence(&refused.error.detail))).await,
        Err(other) => return Err(other.into()),
    };
    done!(
        you.change(("user.add_passkey", false), |config, call, person| {
            credentials::add_passkey(config, call, person, passkey.clone())
        }),
        "Passkey added"
    )
}

/// Lets a passkey go.
pub(super) async fn remove_passkey(visit: Visit) -> Answer {
    let you = you!(You::acting(visit));
    let id = you.visit.form.get("passkey").to_owned();
    done!(
        you.change(("user.remove_passkey", false), |config, call, person| {
            credentials::remove_passkey(config, call, person, &id)
        }),
        "Passkey removed"
    )
}

/// Ends one of the person's sessions.
pub(super) async fn end_session(
    State(app): State<crate::app::App>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let you = you!(You::acting(Visit::from_request(request, &app).await?));
    let id: ResourceId = id.parse().map_err(|_| Refused::not_found("session"))?;
    match you.visit.app.end_session(&you.signed_in.caller, you.user, id, "user.sign_out").await {
        Err(Failure::Refused(refused)) if refused.error.status == 404 => Ok(done(HERE, "Session ended")),
        other => Ok(other.map(|()| done(HERE, "Session ended"))?),
    }
}

/// Ends the person's other sessions.
pub(super) async fn end_others(visit: Visit) -> Answer {
    let you = you!(You::acting(visit));
    done!(
        you.change(("session.revoke_all", true), |config, call, person| {
            Ok(credentials::end_sessions(config, call, person).map(|()| person.clone()))
        }),
        "Other sessions ended"
    )
}
