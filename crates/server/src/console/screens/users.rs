//! The users of an account.

mod invitations;

use crate::{
    console::{
        answer::{Answer, Trouble, done, page, page_with},
        paths::Paths,
        visit::{List, Refusal, Visit},
    },
    search::SCAN_MAX,
};
use axum::{
    body::{Body, Bytes},
    http::{
        Method,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::IntoResponse,
    routing::get,
};
use futures_util::stream;
use jiff::SignedDuration;
use provost_accounts::Permission;
use provost_console::{
    Filled, address,
    components::counted,
    escaped,
    screens::{
        accounts::Account,
        users::{self, Named, Offers, User},
    },
};
use serde::Deserialize;
use serde_json::json;
use std::convert::Infallible;

/// Users that one form acts on, at most: more than a page has.
const SELECTED_MAX: usize = 200;

pub(super) fn routes() -> Paths {
    Paths::new()
        .route("/accounts/{account}/users", get(list).post(create))
        .route("/accounts/{account}/users/new", get(add))
        .route("/accounts/{account}/users/disable", get(ask_disable).post(disable))
        .route("/accounts/{account}/users.csv", get(export))
        .merge(invitations::routes())
}

async fn list(visit: Visit) -> Answer {
    let query = visit.query();
    let account: Account = visit.get(&visit.of_account("")).await?;
    let offers = offers(&visit, account.counts.users).await?;
    let found: Result<List<User>, Refusal> = visit.ask(&visit.of_account(&question(&visit, &query, &offers, 50))).await;
    let (found, refusal) = match found {
        Ok(found) => (found, None),
        Err(refusal) if refusal.status == 400 => (List { items: Vec::new(), next: None }, Some(refusal.detail)),
        Err(refusal) => return Err(visit.refused(refusal).await),
    };
    let list = users::List {
        users: &found.items,
        offers: &offers,
        refusal: refusal.as_deref(),
        total: account.counts.users,
        deleted: query.has("deleted", "true"),
        has_bin: account.preset == "directory",
        next: found.next.as_deref(),
        chosen: &query,
        may_manage: visit.may(Permission::ManageUsers),
    };
    Ok(visit.shown(page(users::list(&visit.shell().await, &list))))
}

/// What the list can be filtered and searched by, with so many users in the account.
async fn offers(visit: &Visit, users: i64) -> Result<Offers, Trouble> {
    #[derive(Deserialize)]
    struct Source {
        name: String,
    }
    #[derive(Deserialize)]
    struct Index {
        resource_type: String,
        attribute: String,
        state: String,
    }
    let apps: Option<List<Named>> = visit.find(&visit.of_account("/admin-apps?limit=200")).await?;
    let sources: Option<List<Source>> = visit.find(&visit.of_account("/sources?limit=200")).await?;
    let anywhere = users <= i64::try_from(SCAN_MAX).unwrap_or(i64::MAX);
    let indexes: Option<List<Index>> = match anywhere {
        true => None,
        false => visit.find(&visit.of_account("/indexes?limit=200")).await?,
    };
    let serves =
        |index: &Index| index.resource_type == "User" && index.attribute == "displayName" && index.state == "ready";
    Ok(Offers {
        roles: roles(visit).await?,
        apps: apps.map(|apps| apps.items).unwrap_or_default(),
        sources: sources.into_iter().flat_map(|list| list.items).map(|source| source.name).collect(),
        anywhere,
        by_display_name: indexes.is_some_and(|indexes| indexes.items.iter().any(serves)),
    })
}

/// What the management API is asked for a page with these filters.
fn question(visit: &Visit, chosen: &Filled, offers: &Offers, limit: u64) -> String {
    let (active, verified) = match chosen.value("state") {
        "active" => ("true", ""),
        "pending" => ("true", "false"),
        "disabled" => ("false", ""),
        _ => ("", ""),
    };
    let managed = chosen.value("managed");
    let of = |kind: &str| managed.strip_prefix(kind).unwrap_or_default();
    let days = chosen.value("changed").parse().ok().filter(|days| (1..=366).contains(days));
    let since = days.and_then(|days: i64| visit.now().checked_sub(SignedDuration::from_hours(24 * days)).ok());
    let since = since.map(|since| format!("meta.lastModified ge {}", json!(since)));
    let text = chosen.given("q").map(|text| search(text, offers));
    let filter = text.into_iter().chain(since).collect::<Vec<_>>().join(" and ");
    let sort = Some(chosen.value("sort")).filter(|sort| ["user_name", "modified"].contains(sort));
    let limit = limit.to_string();
    let query = [
        ("limit", limit.as_str()),
        ("filter", &filter),
        ("active", active),
        ("verified", verified),
        ("managed", if ["true", "false"].contains(&managed) { managed } else { "" }),
        ("origin", of("app:")),
        ("source", of("source:")),
        ("role", chosen.value("role")),
        ("sort", sort.unwrap_or_default()),
        ("deleted", chosen.value("deleted")),
        ("cursor", chosen.value("cursor")),
    ];
    address("/users", &query)
}

/// The filter for a text: wherever it stands in names, or, among very many users, where an index finds it.
fn search(text: &str, offers: &Offers) -> String {
    // In a filter, a text stands as in JSON (RFC 7644 §3.4.2.2).
    let text = json!(text);
    let (operator, by_name) = match offers.anywhere {
        true => ("co", true),
        false => ("sw", offers.by_display_name),
    };
    let names = ["userName", "emails.value"].into_iter().chain(by_name.then_some("displayName"));
    let mut parts: Vec<String> = names.map(|name| format!("{name} {operator} {text}")).collect();
    parts.push(format!("externalId eq {text}"));
    format!("({})", parts.join(" or "))
}

/// Who is found by a text, at most 50, and what a search looks at; nobody where no text is given.
pub(super) async fn find_users(visit: &Visit, chosen: &Filled) -> Result<(Vec<User>, &'static str), Trouble> {
    let account: Account = visit.get(&visit.of_account("")).await?;
    let offers = offers(visit, account.counts.users).await?;
    if chosen.given("q").is_none() {
        return Ok((Vec::new(), offers.placeholder()));
    }
    let only_text = Filled::with(&[("q", chosen.value("q"))]);
    let found: List<User> = visit.get(&visit.of_account(&question(visit, &only_text, &offers, 50))).await?;
    Ok((found.items, offers.placeholder()))
}

/// The users that were selected, as far as they are there.
async fn selected(visit: &Visit, chosen: &Filled) -> Result<Vec<User>, Trouble> {
    let mut users = Vec::new();
    for id in chosen.all("user").take(SELECTED_MAX) {
        let found: Option<User> = visit.find(&visit.of_account(&format!("/users/{}", escaped(id)))).await?;
        users.extend(found);
    }
    Ok(users)
}

async fn ask_disable(visit: Visit) -> Answer {
    let users = selected(&visit, &visit.query()).await?;
    if users.is_empty() {
        return Ok(done(&visit.path("/users"), "Nobody was selected"));
    }
    Ok(page(users::confirm_disable(&visit.shell().await, &users, &Filled::default())))
}

/// Disables those who were selected, one by one: each is a change of its own.
async fn disable(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let (mut off, mut refused) = (0, Vec::new());
    for user in selected(&visit, &filled).await? {
        let path = visit.of_account(&format!("/users/{}", user.id));
        match visit.send::<User>(Method::PATCH, &path, Some(&json!({ "active": false }))).await {
            Ok(_) => off += 1,
            Err(refusal) => refused.push((user.id.clone(), user.title().to_owned(), refusal.detail)),
        }
    }
    if refused.is_empty() {
        return Ok(done(&visit.path("/users"), &format!("{} disabled", counted(off, "user", "users"))));
    }
    Ok(page(users::partly_disabled(&visit.shell().await, off, &refused)))
}

async fn add(visit: Visit) -> Answer {
    if !visit.may(Permission::ManageUsers) {
        return Err(visit.trouble(403, "none of your roles permits to add users".to_owned()).await);
    }
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

/// The users of the list as CSV, with its filters, read and sent a page at a time.
async fn export(visit: Visit) -> Answer {
    let account: Account = visit.get(&visit.of_account("")).await?;
    let (chosen, offers) = (visit.query(), offers(&visit, account.counts.users).await?);
    let first: List<User> = visit.get(&visit.of_account(&question(&visit, &chosen, &offers, 200))).await?;
    let head = users::CSV_HEAD.to_owned();
    let state = (visit, chosen, offers, Some(Ok(first)), head);
    let pages = stream::unfold(state, |(visit, chosen, offers, page, mut text)| async move {
        let page: Result<List<User>, Refusal> = page?;
        let next = match page {
            Ok(page) => {
                text.extend(page.items.iter().map(users::csv_line));
                match page.next {
                    Some(cursor) => {
                        let mut pairs = chosen.pairs().to_vec();
                        pairs.retain(|(name, _)| name != "cursor");
                        pairs.push(("cursor".to_owned(), cursor));
                        let asked = question(&visit, &Filled::new(pairs), &offers, 200);
                        Some(visit.ask::<List<User>>(&visit.of_account(&asked)).await)
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
        Some((Ok::<_, Infallible>(Bytes::from(text)), (visit, chosen, offers, next, String::new())))
    });
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"users.csv\"")];
    Ok((headers, Body::from_stream(pages)).into_response())
}
