//! The account itself, its indexes, and where its audit log goes.

use super::open;
use crate::console::{
    answer::{Answer, Trouble, done, page, page_with},
    paths::Paths,
    visit::{List, Refusal, Visit},
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
    routing::get,
};
use provost_accounts::Permission;
use provost_console::{
    Filled, Markup, Shell, escaped,
    screens::{
        accounts::Account,
        settings::{
            Part,
            account::{self, Index, Removed, ResourceType, Schema, Stream},
        },
    },
};
use serde_json::{Value, json};

pub(super) fn routes() -> Paths {
    let base = "/accounts/{account}/settings/account";
    let below = |rest: &str| format!("{base}{rest}");
    Paths::new()
        .route(base, get(show))
        .route(&below("/edit"), get(edit).post(change))
        .route(&below("/indexes/new"), get(ask_index).post(add_index))
        .route(&below("/indexes/{index}/remove"), get(ask_remove_index).post(remove_index))
        .route(&below("/stream"), get(ask_stream).post(set_stream))
        .route(&below("/stream/remove"), get(ask_remove_stream).post(remove_stream))
}

async fn all<T: serde::de::DeserializeOwned>(visit: &Visit, what: &str) -> Result<Option<Vec<T>>, Trouble> {
    let found: Option<List<T>> = visit.find(&visit.of_account(&format!("/{what}?limit=200"))).await?;
    Ok(found.map(|found| found.items))
}

async fn show(visit: Visit) -> Answer {
    let account: Account = visit.get(&visit.of_account("")).await?;
    let indexes: Option<Vec<Index>> = all(&visit, "indexes").await?;
    let schemas: Vec<Schema> = all(&visit, "schemas").await?.unwrap_or_default();
    let types: Vec<ResourceType> = all(&visit, "resource-types").await?.unwrap_or_default();
    let stream: Option<Option<Stream>> = match visit.is_operator() {
        true => Some(visit.find(&visit.of_account("/audit/stream")).await?),
        false => None,
    };
    let view = account::View {
        open: &open(&visit),
        account: &account,
        definitions: indexes.as_ref().map(|indexes| (indexes.as_slice(), schemas.as_slice(), types.as_slice())),
        stream: stream.as_ref().map(Option::as_ref),
        may_manage: visit.may(Permission::ManageScim),
    };
    Ok(visit.shown(page(account::show(&visit.shell().await, &view))))
}

/// Ends a form of this tab: the way back, or the form again with what was refused.
async fn ended(
    visit: &Visit,
    acted: Result<Value, Refusal>,
    said: &str,
    mut filled: Filled,
    again: impl FnOnce(&Shell, &Filled) -> Markup,
) -> Answer {
    match acted {
        Ok(_) => Ok(done(&visit.path(Part::Account.path()), said)),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            Ok(page_with(status, again(&visit.shell().await, &filled)))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn edit(visit: Visit) -> Answer {
    let account: Account = visit.get(&visit.of_account("")).await?;
    let most = account.max_users.map_or_else(String::new, |most| most.to_string());
    let filled = Filled::with(&[("name", &account.name), ("max_users", &most)]);
    Ok(page(account::edit(&visit.shell().await, &filled)))
}

async fn change(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let most = filled.given("max_users").map(str::parse::<u32>).transpose();
    let Ok(most) = most else {
        filled.refuse_field("max_users", "give a whole number, or nothing");
        return Ok(page_with(StatusCode::BAD_REQUEST, account::edit(&visit.shell().await, &filled)));
    };
    let change = json!({ "name": filled.value("name"), "max_users": most });
    let changed = visit.send(Method::PATCH, &visit.of_account(""), Some(&change)).await;
    ended(&visit, changed, "Account saved", filled, account::edit).await
}

async fn ask_index(visit: Visit) -> Answer {
    let types: Vec<ResourceType> = all(&visit, "resource-types").await?.unwrap_or_default();
    Ok(page(account::add_index(&visit.shell().await, &types, &Filled::default())))
}

async fn add_index(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let new = json!({ "resource_type": filled.value("resource_type"), "attribute": filled.value("attribute").trim() });
    let added = visit.send(Method::POST, &visit.of_account("/indexes"), Some(&new)).await;
    let types: Vec<ResourceType> = all(&visit, "resource-types").await?.unwrap_or_default();
    ended(&visit, added, "Index added", filled, |shell, filled| account::add_index(shell, &types, filled)).await
}

fn of_index(visit: &Visit) -> String {
    visit.of_account(&format!("/indexes/{}", escaped(visit.named("index"))))
}

async fn ask_remove_index(visit: Visit) -> Answer {
    let index: Index = visit.get(&of_index(&visit)).await?;
    Ok(page(account::confirm(&visit.shell().await, Removed::Index(&index), &Filled::default())))
}

async fn remove_index(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let index: Index = visit.get(&of_index(&visit)).await?;
    let removed = visit.send(Method::DELETE, &of_index(&visit), None::<&Value>).await;
    let again = |shell: &Shell, filled: &Filled| account::confirm(shell, Removed::Index(&index), filled);
    ended(&visit, removed, "Index is being removed", filled, again).await
}

async fn ask_stream(visit: Visit) -> Answer {
    let found: Option<Stream> = visit.find(&visit.of_account("/audit/stream")).await?;
    let target = found.and_then(|found| found.target).unwrap_or_default();
    Ok(page(account::set_stream(&visit.shell().await, &Filled::with(&[("target", &target)]))))
}

async fn set_stream(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let headers = filled.given("authorization").map_or(json!({}), |value| json!({ "Authorization": value }));
    let new = json!({ "target": filled.value("target").trim(), "headers": headers });
    let set = visit.send(Method::PUT, &visit.of_account("/audit/stream"), Some(&new)).await;
    ended(&visit, set, "Audit stream set", filled, account::set_stream).await
}

async fn ask_remove_stream(visit: Visit) -> Answer {
    Ok(page(account::confirm(&visit.shell().await, Removed::Stream, &Filled::default())))
}

async fn remove_stream(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let removed = visit.send(Method::DELETE, &visit.of_account("/audit/stream"), None::<&Value>).await;
    let again = |shell: &Shell, filled: &Filled| account::confirm(shell, Removed::Stream, filled);
    ended(&visit, removed, "Audit stream removed", filled, again).await
}
