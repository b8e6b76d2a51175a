//! How a user comes into the console: links to set a password, sessions, second factors.

use super::{act, ask, of_user, settled};
use crate::console::{
    answer::{Answer, done, page, secret},
    paths::Paths,
    visit::{List, Visit},
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
    routing::{get, post},
};
use jiff::Timestamp;
use provost_accounts::Permission;
use provost_console::{
    Filled, escaped,
    screens::{
        user::{self, Dangerous, sessions::Session},
        users::User,
    },
};
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) fn routes() -> Paths {
    let below = |rest: &str| format!("/accounts/{{account}}/users/{{user}}{rest}");
    Paths::new()
        .route(&below("/invitation"), post(invite))
        .route(&below("/invitation/withdraw"), post(withdraw))
        .route(&below("/invitation/link"), get(ask_link).post(show_link))
        .route(&below("/sessions"), get(sessions))
        .route(&below("/sessions/end"), post(end_sessions))
        .route(&below("/sessions/{session}/end"), post(end_session))
        .route(&below("/second-factors/forget"), get(ask_forget).post(forget))
}

async fn invite(visit: Visit, body: Body) -> Answer {
    act(visit, body, Method::POST, "/invitations", "Link to set a password sent").await
}

async fn withdraw(visit: Visit, body: Body) -> Answer {
    act(visit, body, Method::DELETE, "/invitations", "Link to set a password taken back").await
}

async fn ask_link(visit: Visit) -> Answer {
    ask(&visit, Dangerous::ShowLink, StatusCode::OK, &Filled::default()).await
}

async fn show_link(visit: Visit, body: Body) -> Answer {
    #[derive(Deserialize)]
    struct Shown {
        link: String,
        expires: Timestamp,
    }
    let filled = visit.form(body).await?;
    let shown = json!({ "show_link": true });
    match visit.send::<Shown>(Method::POST, &of_user(&visit, "/invitations"), Some(&shown)).await {
        Ok(shown) => {
            let user: User = visit.get(&of_user(&visit, "")).await?;
            Ok(secret(page(user::shown_link(&visit.shell().await, &user, &shown.link, shown.expires))))
        }
        Err(refusal) => settled::<()>(&visit, Dangerous::ShowLink, filled, Err(refusal), "", "").await,
    }
}

async fn sessions(visit: Visit) -> Answer {
    let user: User = visit.get(&of_user(&visit, "")).await?;
    let found: List<Session> = visit.get(&of_user(&visit, "/sessions")).await?;
    let may_manage = visit.may(Permission::ManageUsers);
    Ok(visit.shown(page(user::sessions::sessions(&visit.shell().await, &user, &found.items, may_manage))))
}

fn at_sessions(visit: &Visit) -> String {
    visit.path(&format!("/users/{}/sessions", visit.named("user")))
}

async fn end_sessions(visit: Visit, body: Body) -> Answer {
    end(visit, body, String::new(), "Sessions ended").await
}

async fn end_session(visit: Visit, body: Body) -> Answer {
    let one = format!("/{}", escaped(visit.named("session")));
    end(visit, body, one, "Session ended").await
}

async fn end(visit: Visit, body: Body, which: String, said: &str) -> Answer {
    visit.form(body).await?;
    match visit.send::<Value>(Method::DELETE, &of_user(&visit, &format!("/sessions{which}")), None::<&Value>).await {
        Ok(_) => Ok(done(&at_sessions(&visit), said)),
        // It has ended meanwhile.
        Err(refusal) if refusal.status == 404 && !which.is_empty() => Ok(done(&at_sessions(&visit), said)),
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn ask_forget(visit: Visit) -> Answer {
    ask(&visit, Dangerous::Forget, StatusCode::OK, &Filled::default()).await
}

async fn forget(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let forgotten = visit.send::<Value>(Method::DELETE, &of_user(&visit, "/second-factors"), None::<&Value>).await;
    settled(&visit, Dangerous::Forget, filled, forgotten, &super::here(&visit), "Second factors forgotten").await
}
