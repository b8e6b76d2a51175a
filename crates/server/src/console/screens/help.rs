//! Help, for anybody.

use crate::console::{
    access::cookie,
    answer::{Answer, page, page_with},
    paths::Paths,
    visit::{THEME, Visit},
};
use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use provost_console::{Markup, Theme, layout, screens::help};
use serde::Deserialize;

pub(super) fn routes() -> Paths {
    Paths::new().route("/help", get(general)).route("/accounts/{account}/help", get(of_account))
}

/// The pages that the types of problems name.
pub(in crate::console) async fn problem(headers: HeaderMap, Path(code): Path<String>) -> Response {
    match help::remedy(&code) {
        Some(remedy) => open(&headers, StatusCode::OK, remedy.title, &help::remedy_body(remedy)),
        None => open(&headers, StatusCode::NOT_FOUND, "Not found", &help::body(false)),
    }
}

async fn general(headers: HeaderMap) -> Response {
    open(&headers, StatusCode::OK, "Help", &help::body(true))
}

fn open(headers: &HeaderMap, status: StatusCode, title: &str, body: &Markup) -> Response {
    let theme = Theme::named(&cookie(headers, THEME).unwrap_or_default());
    page_with(status, layout::bare(title, theme, env!("CARGO_PKG_VERSION"), body))
}

async fn of_account(visit: Visit) -> Answer {
    #[derive(Deserialize)]
    struct Document {
        policy: Policy,
    }
    #[derive(Deserialize)]
    struct Policy {
        groups: Groups,
    }
    #[derive(Deserialize)]
    struct Groups {
        mode: String,
    }
    let policy: Option<Document> = visit.find(&visit.of_account("/policy")).await?;
    let has_groups = policy.is_some_and(|document| document.policy.groups.mode != "off");
    Ok(visit.shown(page(help::page(&visit.shell().await, has_groups))))
}
