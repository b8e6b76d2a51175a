//! `/console/confirm`: proves anew who is there, before a dangerous act.

use super::{
    SignedIn, cookies,
    operator::OperatorSession,
    passkeys,
    second_factor::{Given, refused},
    sign_in::sentence,
    visit::{Answer, Visit, foreign, page, see_other},
};
use crate::{app::Failure, console::dangerous};
use axum::http::StatusCode;
use provost_accounts::{Call, Configuration, Refused, credentials::Person, sessions::Factor};
use provost_change::ChangeSet;
use provost_console::screens::sign_in as screen;

const SIGN_IN: &str = "/console/sign-in?notice=ended";

/// The page.
pub(super) async fn show(visit: Visit) -> Answer {
    let Some(signed_in) = super::signed_in(&visit.app, &visit.parts).await? else { return Ok(see_other(SIGN_IN, [])) };
    ask(&visit, &signed_in, None).await
}

/// Its form.
pub(super) async fn submit(visit: Visit) -> Answer {
    let Some(signed_in) = super::signed_in(&visit.app, &visit.parts).await? else { return Ok(see_other(SIGN_IN, [])) };
    if !signed_in.sent(&visit.app, visit.form.get("csrf")) {
        return Err(foreign().into());
    }
    visit.app.check_attempts(&visit.caller)?;
    let Some(user) = signed_in.caller.person() else { return operator(&visit, &signed_in).await };
    if !visit.app.may_try(user) {
        return ask(&visit, &signed_in, Some("There were ten wrong ones. Wait for 15 minutes.")).await;
    }
    match person(&visit, &signed_in).await {
        Ok(()) => Ok(see_other(&visit.next(), [])),
        Err(Failure::Refused(error)) if error.error.status == 401 => {
            visit.app.count_wrong(&visit.caller, user);
            ask(&visit, &signed_in, Some(&sentence(&error.error.detail))).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn operator(visit: &Visit, signed_in: &SignedIn) -> Answer {
    if !visit.app.is_operator_key(visit.form.get("key").trim()) {
        visit.app.wrong_credential(&visit.caller);
        return ask(visit, signed_in, Some("This is not the operator's key of this installation.")).await;
    }
    let cookie = visit.cookie(cookies::SESSION).unwrap_or_default();
    let session = OperatorSession::read(&visit.app, &cookie).map(|session| session.proved_again(visit.app.now()));
    let session = session.unwrap_or_else(|| OperatorSession::begun(visit.app.now())).sealed(&visit.app);
    Ok(see_other(&visit.next(), [cookies::SESSION.set(&visit.caller, &session)]))
}

async fn person(visit: &Visit, signed_in: &SignedIn) -> Result<(), Failure> {
    let app = &visit.app;
    let Some(user) = signed_in.caller.person() else { return Err(Refused::not_found("session").into()) };
    let cookie = visit.cookie(cookies::SESSION).unwrap_or_default();
    let password = visit.form.get("password");
    if password.is_empty() {
        let given = Given::read(visit, user, &cookie)?;
        let prove = |config: &Configuration, call: &Call, person: &Person| given.prove(config, call, person);
        return app.prove_again(&signed_in.caller, given.factor(), prove).await;
    }
    let config = app.configuration(user.0).await?;
    let person = app.person(&config, user.1).await?;
    if let Some(person) = &person
        && !app.may_use_password(&config, &person.user).await?
    {
        return Err(refused("by the rules of this account a password proves nothing"));
    }
    let hash = person.and_then(|person| person.credentials.password).map(|kept| kept.hash);
    if !app.is_password(hash.clone(), password.to_owned()).await? {
        return Err(refused("the password is wrong"));
    }
    let prove = |_: &Configuration, _: &Call, person: &Person| {
        let kept = person.credentials.password.as_ref().map(|kept| &kept.hash);
        if kept == hash.as_ref() { Ok(ChangeSet::default()) } else { Err(refused("the password was changed")) }
    };
    app.prove_again(&signed_in.caller, Factor::Password, prove).await
}

async fn ask(visit: &Visit, signed_in: &SignedIn, problem: Option<&str>) -> Answer {
    let (mut person, mut uses_password) = (None, false);
    if let Some((account, user)) = signed_in.caller.person() {
        let config = visit.app.configuration(account).await?;
        person = visit.app.person(&config, user).await?;
        if let Some(person) = &person {
            uses_password = visit.app.may_use_password(&config, &person.user).await?;
        }
    }
    let cookie = visit.cookie(cookies::SESSION).unwrap_or_default();
    let passkey = passkeys::request(visit, person.as_ref(), &passkeys::challenge(b"second factor", &cookie));
    let rules = match signed_in.account {
        Some(account) => Some(visit.app.sign_in_rules(account).await?.0),
        None => None,
    };
    let credentials = person.as_ref().map(|person| &person.credentials);
    let act = [visit.form.get("act"), visit.query.get("act")].into_iter().find(|act| !act.is_empty());
    let act = act.unwrap_or_default().to_owned();
    let view = screen::Confirm {
        csrf: &signed_in.csrf,
        next: &visit.next(),
        act: &act,
        what: dangerous::named(&act),
        who: &signed_in.who,
        problem,
        operator: signed_in.account.is_none(),
        password: uses_password && credentials.is_some_and(|kept| kept.password.is_some()),
        has_app: credentials.is_some_and(|kept| kept.totp.is_some()),
        passkey: credentials.is_some_and(|kept| !kept.passkeys.is_empty()).then_some(passkey.as_str()),
        provider: signed_in
            .account
            .filter(|_| rules.is_some_and(|rules| rules.provider.is_some()))
            .map(|account| account.to_string()),
    };
    let status = if problem.is_some() { StatusCode::FORBIDDEN } else { StatusCode::OK };
    Ok(page(visit, status, "Confirm that it is you", &screen::confirm(&view), []))
}
