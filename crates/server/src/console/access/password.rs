//! `/console/password/{token}`: where the link to set a password leads, and `/console/sign-in/forgot`, which asks for one.
//!
//! A GET changes nothing and looks the same for every token: programs that scan mail follow links.

use super::{
    cookies,
    sign_in::{sentence, step_page},
    visit::{Answer, Visit, page, see_other},
};
use crate::app::{About, App, Caller, Failure, Found, Target};
use axum::{
    extract::{FromRequest, Path, Request, State},
    http::StatusCode,
};
use provost_accounts::{
    Call, Configuration, Refused,
    credentials::{self, Person, password},
    token::{PresentedToken, Purpose},
};
use provost_change::Kind;
use provost_console::screens::sign_in as screen;
use std::sync::Arc;

const TITLE: &str = "Set your password";
const BAD_LINK: &str = "This link is not valid. It may have been used, have expired, or have been replaced by a newer one. Ask your \
                        administrator for another, or use “Forgot your password?” on the sign-in page.";

/// The page.
pub(super) async fn show(visit: Visit) -> Answer {
    visit.app.check_attempts(&visit.caller)?;
    Ok(form(&visit, None))
}

/// Its form.
pub(super) async fn submit(State(app): State<App>, Path(token): Path<String>, request: Request) -> Answer {
    let visit = Visit::from_request(request, &app).await?;
    visit.check_form()?;
    visit.app.check_attempts(&visit.caller)?;
    let password = visit.form.get("password");
    if password != visit.form.get("again") {
        return Ok(form(&visit, Some("The two passwords are not the same. Type them again.")));
    }
    let Some((link, config, person)) = good_link(&visit.app, &token).await? else {
        visit.app.wrong_credential(&visit.caller);
        return Ok(form(&visit, Some(BAD_LINK)));
    };
    if let Err(refused) = password::check(password, &person.user, &config.account.name) {
        return Ok(form(&visit, Some(&sentence(&refused.error.detail))));
    }
    let hash = visit.app.password_hash(password.to_owned()).await?;
    let user = (link.account, link.record);
    let decide = |config: &Configuration, call: &Call, person: &Person| {
        let taken = credentials::take_link(config, call, person, &link, hash.clone());
        taken.ok_or_else(|| Refused::not_found("link").into())
    };
    match visit.app.change_credentials(&visit.caller, user, ("user.set_password", true), decide).await {
        Ok(_) => {
            let name = &config.account.name;
            let is_unique = matches!(visit.app.account_named(name).await?, Found::One(one) if one == link.account);
            let account = if is_unique { name.clone() } else { link.account.to_string() };
            let named = [("notice", "password-set"), ("account", &account), ("user_name", person.user.user_name())];
            let next = provost_console::address("/console/sign-in", &named);
            Ok(see_other(&next, [cookies::SESSION.remove(&visit.caller), cookies::STEP.remove(&visit.caller)]))
        }
        // Used by somebody else in the same moment.
        Err(Failure::Refused(refused)) if refused.error.status == 404 => Ok(form(&visit, Some(BAD_LINK))),
        Err(other) => Err(other.into()),
    }
}

async fn good_link(app: &App, token: &str) -> Result<Option<(PresentedToken, Arc<Configuration>, Person)>, Failure> {
    let Some(link) = PresentedToken::read(Purpose::Password, token) else { return Ok(None) };
    let config = match app.configuration(link.account).await {
        Err(Failure::NoAccount) => return Ok(None),
        other => other?,
    };
    let person = app.person(&config, link.record).await?;
    let good = person.filter(|person| credentials::is_good(person, &link, app.now()));
    Ok(good.map(|person| (link, config, person)))
}

fn form(visit: &Visit, problem: Option<&str>) -> axum::response::Response {
    step_page(visit, problem, TITLE, |csrf| screen::set_password(csrf, problem))
}

/// The page of somebody who has forgotten the password.
pub(super) async fn show_forgot(visit: Visit) -> Answer {
    let field = |name| visit.query.get(name).to_owned();
    let (account, user_name) = (field("account"), field("user_name"));
    Ok(step_page(&visit, None, "Forgot your password", |csrf| screen::forgot(csrf, &account, &user_name)))
}

/// Its form. The answer is the same whoever was named, and does not wait for what is done.
pub(super) async fn submit_forgot(visit: Visit) -> Answer {
    visit.check_form()?;
    visit.app.check_attempts(&visit.caller)?;
    visit.app.wrong_credential(&visit.caller);
    let (app, caller) = (visit.app.clone(), visit.caller.clone());
    let (account, user_name) = (visit.form.get("account").to_owned(), visit.form.get("user_name").to_owned());
    drop(tokio::spawn(async move {
        if let Err(error) = send(&app, &caller, &account, &user_name).await {
            tracing::warn!(%error, "A mail for a forgotten password did not go out.");
        }
    }));
    let body = screen::message(
        "If there is such a user and mail can be sent to its address, a link to set a password is on its way. It works once, for a day.",
    );
    Ok(page(&visit, StatusCode::OK, "Forgot your password", &body, []))
}

async fn send(app: &App, caller: &Caller, account: &str, user_name: &str) -> Result<(), Failure> {
    let Found::One(account) = app.account_named(account).await? else { return Ok(()) };
    let config = app.configuration(account).await?;
    for user in app.users_named(&config, user_name).await? {
        let id = user.id();
        let about = About { action: "user.forgot_password", target: Some(Target::Record(Kind::USER, id)) };
        let Some(person) = app.person(&config, id).await? else { continue };
        let reaches = credentials::forgot(&config, &caller.call(app), &person).is_some();
        if !reaches || !app.may_use_password(&config, &person.user).await? {
            continue;
        }
        let decide = |config: Arc<Configuration>, call: Call| async move {
            let person = app.person(&config, id).await?.ok_or_else(|| Refused::not_found("user"))?;
            let sent = credentials::forgot(&config, &call, &person);
            Ok(sent.ok_or_else(|| Refused::status(409, "a mail went out a moment ago"))?)
        };
        app.write(account, caller, about, decide).await?;
    }
    Ok(())
}
