//! `/verify/{token}`: where the link of a verification mail leads (S-41).
//!
//! A GET shows a button and changes nothing, because programs that scan mail follow links. It looks the same for every token, so that
//! nobody learns from it which users there are; only the POST says whether the link is good.

use crate::{
    app::{App, Failure},
    page::page,
    surface::Surface,
};
use axum::{
    extract::{Path, Request, State},
    http::{StatusCode, request::Parts},
    response::Response,
};

/// The page behind a link.
pub(crate) async fn ask(State(app): State<App>, request: Request) -> Response {
    match app.link_holder(request.headers(), request.extensions()) {
        Ok(_) => page(
            StatusCode::OK,
            "Confirm your address",
            "Confirm that you received the mail with this link and that its address is yours.",
            Some("Confirm"),
        ),
        Err(failure) => failure.answer(Surface::Page),
    }
}

/// The button on it.
pub(crate) async fn confirm(State(app): State<App>, Path(token): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match confirmed(&app, &token, &parts).await {
        Ok(true) => page(StatusCode::OK, "Thank you", "Your address is confirmed. You can close this page.", None),
        Ok(false) => page(
            StatusCode::NOT_FOUND,
            "This link is not valid",
            "It may have been used, have expired, or have been replaced by a newer mail. Ask your administrator for another one.",
            None,
        ),
        Err(failure) => failure.answer(Surface::Page),
    }
}

async fn confirmed(app: &App, token: &str, request: &Parts) -> Result<bool, Failure> {
    let caller = app.link_holder(&request.headers, &request.extensions)?;
    app.verify(&caller, token).await
}
