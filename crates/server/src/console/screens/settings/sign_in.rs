//! How people sign in to the account's console.

use super::open;
use crate::{
    app::Principal,
    console::{
        answer::{Answer, done, page, page_with},
        paths::Paths,
        visit::{Refusal, Visit},
    },
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
    routing::{get, post},
};
use provost_console::{
    Filled,
    screens::settings::{
        Part,
        sign_in::{self, Rules, Tested},
    },
};
use serde_json::{Map, Value, json};

pub(super) fn routes() -> Paths {
    let base = "/accounts/{account}/settings/sign-in";
    let below = |rest: &str| format!("{base}{rest}");
    Paths::new()
        .route(base, get(show))
        .route(&below("/test"), post(test))
        .route(&below("/edit"), get(edit).post(change))
        .route(&below("/provider"), get(edit_provider).post(set_provider))
        .route(&below("/provider/remove"), get(ask_remove).post(remove))
}

fn of_rules(visit: &Visit, rest: &str) -> String {
    visit.of_account(&format!("/sign-in{rest}"))
}

/// Whoever says how people sign in can come in as anybody, so that only somebody says it who may do everything.
fn may_manage(visit: &Visit) -> bool {
    match &visit.signed.caller.principal {
        Principal::Operator => true,
        Principal::App { config, owner: Some(owner), .. } | Principal::Person { config, owner, .. } => {
            owner.permits_everything(config)
        }
        Principal::App { owner: None, .. } | Principal::Link => false,
    }
}

async fn show(visit: Visit) -> Answer {
    shown(&visit, None).await
}

async fn shown(visit: &Visit, tested: Option<&Tested>) -> Answer {
    let rules: Rules = visit.get(&of_rules(visit, "")).await?;
    let view = sign_in::View { open: &open(visit), rules: &rules, may_manage: may_manage(visit), tested };
    Ok(visit.shown(page(sign_in::show(&visit.shell().await, &view))))
}

async fn test(visit: Visit, body: Body) -> Answer {
    visit.form(body).await?;
    match visit.send::<Tested>(Method::POST, &of_rules(&visit, "/tests"), Some(&json!({}))).await {
        Ok(tested) => shown(&visit, Some(&tested)).await,
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn edit(visit: Visit) -> Answer {
    let rules: Rules = visit.get(&of_rules(&visit, "")).await?;
    let filled = Filled::with(&[
        ("second_factor", &rules.second_factor),
        ("passwords", &rules.passwords),
        ("idle_minutes", &rules.idle_minutes.to_string()),
        ("session_hours", &rules.session_hours.to_string()),
    ]);
    Ok(page(sign_in::edit(&visit.shell().await, &filled)))
}

async fn change(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let mut change = Map::new();
    for name in ["second_factor", "passwords"] {
        change.insert(name.to_owned(), json!(filled.value(name)));
    }
    for name in ["idle_minutes", "session_hours"] {
        match filled.value(name).trim().parse::<u16>() {
            Ok(number) => drop(change.insert(name.to_owned(), json!(number))),
            Err(_) => filled.refuse_field(name, "give a whole number"),
        }
    }
    let status = if filled.is_refused() {
        StatusCode::BAD_REQUEST
    } else {
        match send(&visit, &Value::Object(change)).await {
            Ok(_) => return Ok(done(&visit.path(Part::SignIn.path()), "Rules saved")),
            Err(refusal) if refusal.is_about_the_form() => {
                let status = refusal.status();
                refusal.tell(&mut filled);
                status
            }
            Err(refusal) => return Err(visit.refused(refusal).await),
        }
    };
    Ok(page_with(status, sign_in::edit(&visit.shell().await, &filled)))
}

async fn send(visit: &Visit, change: &Value) -> Result<Value, Refusal> {
    visit.send(Method::PATCH, &of_rules(visit, ""), Some(change)).await
}

async fn edit_provider(visit: Visit) -> Answer {
    let rules: Rules = visit.get(&of_rules(&visit, "")).await?;
    let filled = match &rules.provider {
        Some(provider) => Filled::with(&[
            ("issuer", &provider.issuer),
            ("client_id", &provider.client_id),
            ("claim", &provider.claim),
        ]),
        None => Filled::with(&[("claim", "email")]),
    };
    provider_form(&visit, &rules, None, StatusCode::OK, &filled).await
}

async fn provider_form(
    visit: &Visit,
    rules: &Rules,
    tested: Option<&Tested>,
    status: StatusCode,
    filled: &Filled,
) -> Answer {
    let has_secret = rules.provider.as_ref().is_some_and(|provider| provider.has_client_secret);
    let shell = visit.shell().await;
    Ok(page_with(status, sign_in::edit_provider(&shell, &rules.redirect_uri, has_secret, tested, filled)))
}

async fn set_provider(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let rules: Rules = visit.get(&of_rules(&visit, "")).await?;
    let provider = json!({ "provider": {
        "issuer": filled.value("issuer").trim(),
        "client_id": filled.value("client_id").trim(),
        "client_secret": filled.given("client_secret"),
        "claim": filled.value("claim"),
    } });
    let is_test = filled.value("do") == "test";
    let refused = if is_test {
        match visit.send::<Tested>(Method::POST, &of_rules(&visit, "/tests"), Some(&provider)).await {
            Ok(tested) => return provider_form(&visit, &rules, Some(&tested), StatusCode::OK, &filled).await,
            Err(refusal) => refusal,
        }
    } else {
        match send(&visit, &provider).await {
            Ok(_) => return Ok(done(&visit.path(Part::SignIn.path()), "Identity provider saved")),
            Err(refusal) => refusal,
        }
    };
    if !refused.is_about_the_form() {
        return Err(visit.refused(refused).await);
    }
    let status = refused.status();
    tell(refused, &mut filled);
    provider_form(&visit, &rules, None, status, &filled).await
}

/// The provider's members are fields of their own.
fn tell(mut refusal: Refusal, filled: &mut Filled) {
    for fault in &mut refusal.errors {
        if let Some(member) = fault.pointer.strip_prefix("/provider") {
            fault.pointer = member.to_owned();
        }
    }
    refusal.tell(filled);
}

async fn ask_remove(visit: Visit) -> Answer {
    Ok(page(sign_in::confirm(&visit.shell().await, &Filled::default())))
}

async fn remove(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    match send(&visit, &json!({ "provider": null, "passwords": "everybody" })).await {
        Ok(_) => Ok(done(&visit.path(Part::SignIn.path()), "Identity provider removed")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            Ok(page_with(status, sign_in::confirm(&visit.shell().await, &filled)))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}
