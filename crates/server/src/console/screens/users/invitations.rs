//! Who was invited to the console and has not come.

use crate::console::{
    answer::{Answer, done, page},
    paths::Paths,
    visit::{List, Visit},
};
use axum::{
    body::Body,
    http::Method,
    routing::{get, post},
};
use provost_accounts::Permission;
use provost_console::{
    address, escaped,
    screens::{
        accounts::Account,
        users::invitations::{self, Invited},
    },
};
use serde_json::Value;

pub(super) fn routes() -> Paths {
    let base = "/accounts/{account}/users/invitations";
    Paths::new()
        .route(base, get(list))
        .route(&format!("{base}/{{user}}/send"), post(send))
        .route(&format!("{base}/{{user}}/withdraw"), post(withdraw))
}

async fn list(visit: Visit) -> Answer {
    let query = visit.query();
    let account: Account = visit.get(&visit.of_account("")).await?;
    let asked = address("/invitations", &[("limit", "50"), ("cursor", query.value("cursor"))]);
    let found: List<Invited> = visit.get(&visit.of_account(&asked)).await?;
    let view = invitations::View {
        invited: &found.items,
        next: found.next.as_deref(),
        is_further: query.given("cursor").is_some(),
        has_bin: account.preset == "directory",
        total: account.counts.users,
        may_manage: visit.may(Permission::ManageUsers),
        may_mail: visit.sends_mail(),
        may_show_link: visit.is_operator() && !visit.sends_mail(),
    };
    Ok(visit.shown(page(invitations::invitations(&visit.shell().await, &view))))
}

async fn send(visit: Visit, body: Body) -> Answer {
    act(visit, body, Method::POST, "Invitation sent again").await
}

async fn withdraw(visit: Visit, body: Body) -> Answer {
    act(visit, body, Method::DELETE, "Invitation withdrawn").await
}

async fn act(visit: Visit, body: Body, method: Method, said: &str) -> Answer {
    visit.form(body).await?;
    let list = visit.path("/users/invitations");
    let invitation = visit.of_account(&format!("/users/{}/invitations", escaped(visit.named("user"))));
    match visit.send::<Value>(method, &invitation, None::<&Value>).await {
        Ok(_) => Ok(done(&list, said)),
        // The person came, or somebody withdrew it, while the list was looked at.
        Err(refusal) if refusal.status == 404 => Ok(done(&list, "This invitation is not there any more")),
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}
