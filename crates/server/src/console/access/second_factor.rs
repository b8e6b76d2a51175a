//! `/console/sign-in/second-factor`: what is asked for behind a right password, and setting it up where the account demands it.

use super::{
    passkeys,
    sign_in::{self, entered, sentence, session_cookies, step_page},
    step::{Step, opened_secret, sealed_secret},
    visit::{Answer, Visit, page, see_other},
};
use crate::{
    app::{App, Failure},
    console::answer::secret as secret_answer,
};
use axum::http::StatusCode;
use provost_accounts::{
    Call, Configuration, Refused,
    credentials::{self, Person, recovery, totp},
    sessions::Factor,
};
use provost_change::{AccountId, ChangeSet, ResourceId};
use provost_console::screens::sign_in as screen;

const SIGN_IN: &str = "/console/sign-in?notice=ended";
const TOO_MANY: &str = "There were ten wrong codes. Wait for 15 minutes, and sign in again.";

/// The page.
pub(super) async fn show(visit: Visit) -> Answer {
    let Some((step, cookie)) = Step::read(&visit) else { return Ok(see_other(SIGN_IN, [])) };
    ask(&visit, &step, &cookie, None).await
}

/// Its form: a code, a recovery code, or what a passkey answered.
pub(super) async fn submit(visit: Visit) -> Answer {
    visit.check_form()?;
    visit.app.check_attempts(&visit.caller)?;
    let Some((step, cookie)) = Step::read(&visit) else { return Ok(see_other(SIGN_IN, [])) };
    let user = (step.account, step.user);
    if !visit.app.may_try(user) {
        return ask(&visit, &step, &cookie, Some(TOO_MANY)).await;
    }
    let given = Given::read(&visit, user, &cookie)?;
    let prove = |config: &Configuration, call: &Call, person: &Person| {
        if step.is_of(person) { given.prove(config, call, person) } else { Err(refused("the password was changed")) }
    };
    match visit.app.open_session(&visit.caller, user, &[Factor::Password, given.factor()], prove).await {
        Ok(opened) => Ok(entered(&visit.caller, &step.next, opened.token.reveal())),
        Err(Failure::Refused(error)) if error.error.status == 401 => {
            visit.app.count_wrong(&visit.caller, user);
            ask(&visit, &step, &cookie, Some(&sentence(&error.error.detail))).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn ask(visit: &Visit, step: &Step, cookie: &str, problem: Option<&str>) -> Answer {
    let config = visit.app.configuration(step.account).await?;
    let Some(person) = visit.app.person(&config, step.user).await? else { return Ok(see_other(SIGN_IN, [])) };
    let passkey = passkeys::request(visit, Some(&person), &passkeys::challenge(b"second factor", cookie));
    Ok(step_page(visit, problem, "Second factor", |csrf| {
        screen::second_factor(&screen::SecondFactor {
            csrf,
            problem,
            has_app: person.credentials.totp.is_some(),
            passkey: (!person.credentials.passkeys.is_empty()).then_some(passkey.as_str()),
        })
    }))
}

/// What somebody gives as a second factor.
pub(super) enum Given {
    /// Six digits of the authenticator app, with where its secret is opened.
    Code { app: App, user: (AccountId, ResourceId), code: String },
    /// A recovery code.
    Recovery(String),
    /// A passkey's answer.
    Passkey(passkeys::Answered),
}

impl Given {
    /// What a form carries.
    ///
    /// # Errors
    /// A passkey's answer that cannot be read.
    pub fn read(visit: &Visit, user: (AccountId, ResourceId), cookie: &str) -> Result<Self, Failure> {
        if !visit.form.get("assertion").is_empty() {
            return Ok(Self::Passkey(passkeys::Answered::read(visit, passkeys::challenge(b"second factor", cookie))?));
        }
        let code = visit.form.get("code").to_owned();
        let digits = code.chars().filter(char::is_ascii_digit).count();
        let letters = code.chars().any(char::is_alphabetic);
        if letters || digits > totp::DIGITS {
            return Ok(Self::Recovery(code));
        }
        Ok(Self::Code { app: visit.app.clone(), user, code })
    }

    pub fn factor(&self) -> Factor {
        match self {
            Self::Code { .. } => Factor::Totp,
            Self::Recovery(_) => Factor::RecoveryCode,
            Self::Passkey(_) => Factor::Passkey,
        }
    }

    /// What notes its use, so that it is not good a second time.
    ///
    /// # Errors
    /// 401 where it is not good.
    pub fn prove(&self, config: &Configuration, call: &Call, person: &Person) -> Result<ChangeSet, Failure> {
        match self {
            Self::Code { app, user, code } => {
                let totp = person.credentials.totp.as_ref();
                let totp = totp.ok_or_else(|| refused("there is no authenticator app for this user"))?;
                let secret = opened_secret(app, *user, &totp.sealed).ok_or_else(|| {
                    refused("the operator's key has changed since the authenticator app was set up: ask for a reset")
                })?;
                let step = totp::step_of(&secret, code, call.now, Some(totp.used));
                let step =
                    step.ok_or_else(|| refused("the code is wrong, or was used already: wait for the next one"))?;
                Ok(credentials::use_totp(config, call, person, step))
            }
            Self::Recovery(code) => {
                let hash = recovery::hash(person.user.id(), code);
                let at = hash.and_then(|hash| recovery::position(&person.credentials.recovery, &hash));
                let at = at.ok_or_else(|| refused("the recovery code is wrong, or was used already"))?;
                Ok(credentials::use_recovery(config, call, person, at))
            }
            Self::Passkey(answer) => answer.prove(config, call, person),
        }
    }
}

pub(super) fn refused(detail: &str) -> Failure {
    Refused::status(401, detail).into()
}

/// The page that sets up an authenticator app, where the account does not let anybody in without a second factor.
pub(super) async fn show_set_up(visit: Visit) -> Answer {
    let Some((step, _)) = Step::read(&visit) else { return Ok(see_other(SIGN_IN, [])) };
    set_up(&visit, (step.account, step.user), None).await
}

/// Its form.
pub(super) async fn submit_set_up(visit: Visit) -> Answer {
    visit.check_form()?;
    visit.app.check_attempts(&visit.caller)?;
    let Some((step, _)) = Step::read(&visit) else { return Ok(see_other(SIGN_IN, [])) };
    let (app, user) = (&visit.app, (step.account, step.user));
    let Some(shown) = Shown::read(&visit, user) else {
        return set_up(&visit, user, Some("The code is wrong. Look at the time of your phone, and type the next one."))
            .await;
    };
    let codes = recovery::make(step.user, app.random());
    let prove = |config: &Configuration, call: &Call, person: &Person| {
        if !step.is_of(person) || person.has_second_factor() {
            return Err(refused("your sign-in was changed meanwhile: sign in again"));
        }
        Ok(credentials::add_totp(config, call, person, (shown.sealed.clone(), shown.used), &codes).change)
    };
    let opened = app.open_session(&visit.caller, user, &[Factor::Password, Factor::Totp], prove).await;
    let Ok(opened) = opened else { return sign_in::finish(&visit, opened).await };
    let body = screen::recovery_codes(&codes, &step.next);
    let cookies = session_cookies(&visit.caller, opened.token.reveal());
    Ok(secret_answer(page(&visit, StatusCode::OK, "Recovery codes", &body, cookies)))
}

async fn set_up(visit: &Visit, user: (AccountId, ResourceId), problem: Option<&str>) -> Answer {
    let config = visit.app.configuration(user.0).await?;
    let Some(person) = visit.app.person(&config, user.1).await? else { return Ok(see_other(SIGN_IN, [])) };
    let secret = secret(visit, user);
    let uri = totp::uri(&secret, &config.account.name, person.user.user_name());
    Ok(secret_answer(step_page(visit, problem, "Set up a second factor", |csrf| {
        screen::set_up_app(&screen::SetUpApp {
            action: "/console/sign-in/set-up",
            csrf,
            problem,
            secret: &totp::base32(&secret),
            sealed: &sealed_secret(&visit.app, user, &secret),
            uri: &uri,
        })
    })))
}

/// The secret that the form carried, so that a mistyped code does not make a new one; else a fresh one.
pub(super) fn secret(visit: &Visit, user: (AccountId, ResourceId)) -> Vec<u8> {
    let carried = opened_secret(&visit.app, user, visit.form.get("sealed"));
    carried.unwrap_or_else(|| visit.app.random::<{ totp::SECRET_LENGTH }>().to_vec())
}

/// An authenticator app that has shown a good code for the secret that it was given.
pub(super) struct Shown {
    /// The secret, to be stored.
    pub sealed: String,
    /// The step of the code.
    pub used: i64,
}

impl Shown {
    /// What a form carries; `None` for a wrong code.
    pub fn read(visit: &Visit, user: (AccountId, ResourceId)) -> Option<Self> {
        let sealed = visit.form.get("sealed");
        let secret = opened_secret(&visit.app, user, sealed)?;
        let used = totp::step_of(&secret, visit.form.get("code"), visit.app.now(), None)?;
        Some(Self { sealed: sealed.to_owned(), used })
    }
}
