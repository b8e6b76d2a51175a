//! The audit log.

use crate::console::{
    answer::{Answer, page},
    paths::Paths,
    visit::{List, Visit},
};
use axum::{http::Method, routing::get};
use jiff::SignedDuration;
use provost_console::{
    Filled, address,
    components::record::Entry,
    screens::{audit, users::Named},
};
use serde_json::Value;

pub(super) fn routes() -> Paths {
    Paths::new()
        .route("/accounts/{account}/audit", get(list))
        .route("/accounts/{account}/audit.csv", get(csv))
        .route("/accounts/{account}/audit.jsonl", get(lines))
        .route("/accounts/{account}/audit/{seq}", get(entry))
}

async fn list(visit: Visit) -> Answer {
    let query = visit.query();
    let found: List<Entry> = visit.get(&visit.of_account(&question(&visit, "/audit", &query, true))).await?;
    let apps: Option<List<Named>> = visit.find(&visit.of_account("/admin-apps?limit=200")).await?;
    let actors: Vec<String> = apps.map(|apps| apps.items.into_iter().map(|app| app.name).collect()).unwrap_or_default();
    let verified: Option<audit::Verified> = match query.given("verify") {
        Some(_) => Some(visit.get(&visit.of_account("/audit/verify")).await?),
        None => None,
    };
    let list = audit::List {
        entries: &found.items,
        next: found.next.as_deref(),
        chosen: &query,
        actors: &actors,
        verified: verified.as_ref(),
    };
    Ok(visit.shown(page(audit::list(&visit.shell().await, &list))))
}

/// What the management API is asked with these filters.
fn question(visit: &Visit, path: &str, chosen: &Filled, is_page: bool) -> String {
    let days = chosen.value("when").parse().ok().filter(|days| (1..=366).contains(days));
    let since = days.and_then(|days: i64| visit.now().checked_sub(SignedDuration::from_hours(24 * days)).ok());
    let since = since.map_or_else(String::new, |since| since.to_string());
    let mut query = vec![("from", since.as_str())];
    query.extend(
        ["actor", "action", "severity", "outcome", "user", "subject", "app"].map(|name| (name, chosen.value(name))),
    );
    if is_page {
        query.push(("cursor", chosen.value("cursor")));
    }
    address(path, &query)
}

async fn entry(visit: Visit) -> Answer {
    let Ok(seq) = visit.named("seq").parse::<u64>() else {
        return Err(visit.trouble(404, "the log has no such entry".to_owned()).await);
    };
    let asked = format!("/audit?order=oldest&limit=2&after_seq={}", seq.saturating_sub(1));
    let found: List<Entry> = visit.get(&visit.of_account(&asked)).await?;
    match found.items.as_slice() {
        [entry, rest @ ..] if entry.seq == seq => {
            Ok(visit.shown(page(audit::entry(&visit.shell().await, entry, rest.is_empty()))))
        }
        _ => Err(visit.trouble(404, "the log has no such entry, or no longer".to_owned()).await),
    }
}

async fn csv(visit: Visit) -> Answer {
    let asked = visit.of_account(&question(&visit, "/audit/export.csv", &visit.query(), false));
    Ok(visit.exchange(Method::GET, &asked, None::<&Value>).await)
}

async fn lines(visit: Visit) -> Answer {
    let asked = visit.of_account(&question(&visit, "/audit/export.jsonl", &visit.query(), false));
    Ok(visit.exchange(Method::GET, &asked, None::<&Value>).await)
}
