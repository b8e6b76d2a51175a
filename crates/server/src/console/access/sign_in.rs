//! `/console/sign-in`: by password, or with the operator's key. What else proves who somebody is stands beside this.

use super::{
    SignedIn, cookies,
    operator::OperatorSession,
    passkeys,
    step::Step,
    visit::{Answer, Visit, page, see_other},
};
use crate::app::{Caller, Failure, Found};
use axum::{
    http::{HeaderValue, StatusCode},
    response::Response,
};

use provost_accounts::{
    Configuration, Refused,
    credentials::Person,
    sessions::{Factor, Opened},
    sign_in::SecondFactor,
};
use provost_change::{AccountId, ChangeSet};
use provost_console::{Markup, screens::sign_in as screen};
use std::sync::Arc;

const WRONG: &str =
    "The account, the name or the password is not right. After ten wrong passwords a user has to wait for 15 minutes.";
const NO_PASSWORDS: &str =
    "By the rules of this account you sign in with your organisation, or with a passkey, and not with a password.";
const WRONG_KEY: &str = "This is not the operator's key. It stands in the file operator.key of the data folder.";

/// The page.
pub(super) async fn show(visit: Visit) -> Answer {
    if super::signed_in(&visit.app, &visit.parts).await?.is_some() {
        return Ok(see_other(&visit.next(), []));
    }
    form(&visit, StatusCode::OK, None).await
}

/// Its form.
pub(super) async fn submit(visit: Visit) -> Answer {
    visit.check_form()?;
    visit.app.check_attempts(&visit.caller)?;
    if visit.form.get("as") == "operator" || !visit.form.get("key").is_empty() {
        operator(&visit).await
    } else {
        person(&visit).await
    }
}

async fn operator(visit: &Visit) -> Answer {
    if !visit.app.is_operator_key(visit.form.get("key").trim()) {
        visit.app.wrong_credential(&visit.caller);
        return form(visit, StatusCode::FORBIDDEN, Some(WRONG_KEY)).await;
    }
    let session = OperatorSession::begun(visit.app.now()).sealed(&visit.app);
    tracing::info!(client.ip = %visit.caller.client_ip, "The operator signed in to the console.");
    Ok(entered(&visit.caller, &visit.next(), &session))
}

async fn person(visit: &Visit) -> Answer {
    let app = &visit.app;
    let found = meant(visit).await?;
    let user = found.as_ref().map(|(config, person)| (config.id, person.user.id()));
    let may_try = user.is_some_and(|user| app.may_try(user));
    let password = found.as_ref().and_then(|(_, person)| person.credentials.password.clone());
    // Whoever is not there, or must wait, costs as much as who is.
    let hash = password.filter(|_| may_try).map(|password| password.hash);
    let good = app.is_password(hash.clone(), visit.form.get("password").to_owned()).await?;
    let (Some((config, person)), Some(user), true) = (found, user, good) else {
        match user.filter(|_| may_try) {
            Some(user) => app.wrong_factor(&visit.caller, user, "the password is wrong"),
            None => app.wrong_credential(&visit.caller),
        }
        return form(visit, StatusCode::FORBIDDEN, Some(WRONG)).await;
    };
    if !app.may_use_password(&config, &person.user).await? {
        return form(visit, StatusCode::FORBIDDEN, Some(NO_PASSWORDS)).await;
    }
    let (rules, _) = app.sign_in_rules(config.id).await?;
    let step = Step::after_password(visit, config.id, &person);
    if let (Some(step), None) = (step, person.user.sign_in_refusal(&config)) {
        if person.has_second_factor() {
            return Ok(see_other("/console/sign-in/second-factor", [step.cookie(visit)]));
        }
        if rules.second_factor == SecondFactor::Required {
            return Ok(see_other("/console/sign-in/set-up", [step.cookie(visit)]));
        }
    }
    let same = move |_: &Configuration, _: &_, person: &Person| {
        let kept = person.credentials.password.as_ref().map(|password| &password.hash);
        let holds = kept == hash.as_ref() && !person.has_second_factor();
        if holds {
            Ok(ChangeSet::default())
        } else {
            Err(Failure::from(Refused::status(401, "the password was changed")))
        }
    };
    finish(visit, app.open_session(&visit.caller, user, &[Factor::Password], same).await).await
}

/// Whom a form means: the user with that name who has a password, if any has.
async fn meant(visit: &Visit) -> Result<Option<(Arc<Configuration>, Person)>, Failure> {
    let Found::One(account) = visit.app.account_named(visit.form.get("account")).await? else { return Ok(None) };
    let config = match visit.app.configuration(account).await {
        Err(Failure::NoAccount) => return Ok(None),
        other => other?,
    };
    let mut found = None;
    for user in visit.app.users_named(&config, visit.form.get("user_name")).await? {
        let Some(person) = visit.app.person(&config, user.id()).await? else { continue };
        if found.is_none() || person.credentials.password.is_some() {
            found = Some(person);
        }
    }
    Ok(found.map(|person| (config, person)))
}

/// What a sign-in comes to: the session, or the form with the reason.
pub(super) async fn finish(visit: &Visit, opened: Result<Opened, Failure>) -> Answer {
    match opened {
        Ok(opened) => Ok(entered(&visit.caller, &visit.next(), opened.token.reveal())),
        Err(Failure::Refused(refused)) if refused.error.status == 401 => {
            let why = sentence(&refused.error.detail);
            form(visit, StatusCode::FORBIDDEN, Some(&why)).await
        }
        Err(other) => Err(other.into()),
    }
}

/// The way into the console, with a fresh cookie: whatever the browser had before is worth nothing.
pub(super) fn entered(caller: &Caller, next: &str, session: &str) -> Response {
    see_other(next, session_cookies(caller, session))
}

/// The cookies of a session that begins.
pub(super) fn session_cookies(caller: &Caller, session: &str) -> [HeaderValue; 3] {
    [cookies::SESSION.set(caller, session), cookies::FORM.remove(caller), cookies::STEP.remove(caller)]
}

/// The way out.
pub(super) async fn sign_out(visit: Visit) -> Answer {
    if let Some(signed_in) = super::signed_in(&visit.app, &visit.parts).await? {
        if !signed_in.sent(&visit.app, visit.form.get("csrf")) {
            return Err(super::visit::foreign().into());
        }
        ended(&visit, &signed_in).await?;
    }
    let gone = [cookies::SESSION.remove(&visit.caller), cookies::STEP.remove(&visit.caller)];
    Ok(see_other("/console/sign-in?notice=signed-out", gone))
}

async fn ended(visit: &Visit, signed_in: &SignedIn) -> Result<(), Failure> {
    let (Some(user), Some(session)) = (signed_in.caller.person(), signed_in.caller.session()) else { return Ok(()) };
    match visit.app.end_session(&signed_in.caller, user, session, "user.sign_out").await {
        // It has ended meanwhile.
        Err(Failure::Refused(refused)) if refused.error.status == 404 => Ok(()),
        other => other,
    }
}

/// The page with its form, as it was filled in.
pub(super) async fn form(visit: &Visit, status: StatusCode, problem: Option<&str>) -> Answer {
    let (cookie, set) = visit.form_cookie();
    let field =
        |name| [visit.form.get(name), visit.query.get(name)].into_iter().find(|text| !text.is_empty()).unwrap_or("");
    let notice = match visit.query.get("notice") {
        "signed-out" => Some("You are signed out"),
        "ended" => Some("Your session has ended: sign in again"),
        "unsent" => Some("Your session has ended: sign in again. What you typed comes back then"),
        "password-set" => Some("Your password is set: sign in with it"),
        _ => None,
    };
    let view = screen::SignIn {
        host: visit.host(),
        csrf: &visit.form_token(&cookie),
        next: &visit.next(),
        account: field("account"),
        user_name: field("user_name"),
        as_operator: field("as") == "operator",
        problem,
        notice,
        passkey: &passkeys::request(visit, None, &passkeys::challenge(b"sign-in", &cookie)),
        provider: provider(visit, field("account")).await?.map(|account| account.to_string()),
    };
    Ok(page(visit, status, "Sign in", &screen::sign_in(&view), set))
}

/// The account whose identity provider is offered: the one that is named, if it has one.
async fn provider(visit: &Visit, account: &str) -> Result<Option<AccountId>, Failure> {
    let Found::One(account) = visit.app.account_named(account).await? else { return Ok(None) };
    match visit.app.configuration(account).await {
        Err(Failure::NoAccount) => return Ok(None),
        other => other?,
    };
    let (rules, _) = visit.app.sign_in_rules(account).await?;
    Ok(rules.provider.is_some().then_some(account))
}

/// A reason as a sentence for people.
pub(super) fn sentence(detail: &str) -> String {
    let mut characters = detail.chars();
    let first = characters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", characters.as_str())
}

/// A page of one of the steps behind the first.
pub(super) fn step_page(
    visit: &Visit,
    problem: Option<&str>,
    title: &str,
    body: impl FnOnce(&str) -> Markup,
) -> Response {
    let (cookie, set) = visit.form_cookie();
    let status = if problem.is_some() { StatusCode::FORBIDDEN } else { StatusCode::OK };
    page(visit, status, title, &body(&visit.form_token(&cookie)), set)
}
