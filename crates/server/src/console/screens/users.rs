//! The users of an account.

use crate::{
    app::App,
    console::{
        answer::{Answer, Trouble, done, page, page_with},
        visit::{List, Refusal, Visit},
    },
};
use axum::{
    Router,
    body::{Body, Bytes},
    http::{
        Method,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::IntoResponse,
    routing::get,
};
use futures_util::stream;
use provost_accounts::Permission;
use provost_console::{
    Filled, address,
    screens::{
        accounts::Account,
        users::{self, Named, User},
    },
};
use serde_json::json;
use std::convert::Infallible;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/accounts/{account}/users", get(list).post(create))
        .route("/accounts/{account}/users/new", get(add))
        .route("/accounts/{account}/users.csv", get(export))
}

async fn list(visit: Visit) -> Answer {
    let query = visit.query();
    let account: Account = visit.get(&visit.of_account("")).await?;
    let found: List<User> = visit.get(&visit.of_account(&question(&query, 50))).await?;
    let list = users::List {
        users: &found.items,
        total: account.counts.users,
        deleted: query.has("deleted", "true"),
        has_bin: account.preset == "directory",
        next: found.next.as_deref(),
        chosen: &query,
        may_manage: visit.may(Permission::ManageUsers),
    };
    Ok(visit.shown(page(users::list(&visit.shell().await, &list))))
}

/// What the management API is asked for a page with these filters.
fn question(chosen: &Filled, limit: u64) -> String {
    let mut parts = Vec::new();
    match chosen.value("state") {
        "active" => parts.push("active eq true".to_owned()),
        "disabled" => parts.push("active eq false".to_owned()),
        _ => {}
    }
    if let Some(text) = chosen.given("q") {
        // In a filter, a text stands as in JSON (RFC 7644 §3.4.2.2).
        parts.push(format!("userName sw {}", json!(text)));
    }
    let (limit, filter) = (limit.to_string(), parts.join(" and "));
    let query = [
        ("limit", limit.as_str()),
        ("filter", &filter),
        ("managed", chosen.value("managed")),
        ("deleted", chosen.value("deleted")),
        ("cursor", chosen.value("cursor")),
    ];
    address("/users", &query)
}

async fn add(visit: Visit) -> Answer {
    let roles = roles(&visit).await?;
    Ok(page(users::add(&visit.shell().await, &roles, &Filled::default())))
}

async fn create(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let roles: Vec<&str> = filled.given("role").into_iter().collect();
    let new = json!({ "email": filled.value("email").trim(), "roles": roles });
    match visit.send::<User>(Method::POST, &visit.of_account("/users"), Some(&new)).await {
        Ok(user) => Ok(done(&visit.path(&format!("/users/{}", user.id)), "User added")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            let roles = self::roles(&visit).await?;
            Ok(page_with(status, users::add(&visit.shell().await, &roles, &filled)))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

/// The roles that can be given.
pub(super) async fn roles(visit: &Visit) -> Result<Vec<Named>, Trouble> {
    let roles: Option<List<Named>> = visit.find(&visit.of_account("/roles?limit=200")).await?;
    Ok(roles.map(|roles| roles.items).unwrap_or_default())
}

/// All users as CSV, read and sent a page at a time.
async fn export(visit: Visit) -> Answer {
    let first: List<User> = visit.get(&visit.of_account(&question(&Filled::default(), 200))).await?;
    let head = users::CSV_HEAD.to_owned();
    let pages = stream::unfold((visit, Some(Ok(first)), head), |(visit, page, mut text)| async move {
        let page: Result<List<User>, Refusal> = page?;
        let next = match page {
            Ok(page) => {
                text.extend(page.items.iter().map(users::csv_line));
                match page.next {
                    Some(cursor) => {
                        let chosen = Filled::with(&[("cursor", &cursor)]);
                        Some(visit.ask::<List<User>>(&visit.of_account(&question(&chosen, 200))).await)
                    }
                    None => None,
                }
            }
            // A file that ends in the middle must not look whole.
            Err(refusal) => {
                text.push_str(&format!("The export ended here: {}\r\n", refusal.detail));
                None
            }
        };
        Some((Ok::<_, Infallible>(Bytes::from(text)), (visit, next, String::new())))
    });
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"users.csv\"")];
    Ok((headers, Body::from_stream(pages)).into_response())
}
