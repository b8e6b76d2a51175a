//! Problem details (RFC 9457): the errors of the management API.

use std::borrow::Cow;

use axum::http::header::{CONTENT_TYPE as CONTENT_TYPE_HEADER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The media type of a problem.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// What went wrong with a request, for a program (`status`, `type`) and for the person behind it (`detail`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status, repeated in the body.
    pub status: StatusCode,
    /// `about:blank` when the status says it all, else `/problems/<code>`; a code never changes its meaning.
    pub type_: Cow<'static, str>,
    /// What this type of problem is, the same for every occurrence.
    pub title: Cow<'static, str>,
    /// What was wrong this time, and what to do.
    pub detail: String,
    /// The faults of single fields, where there are some.
    pub errors: Vec<FieldError>,
}

/// A fault of one field of the request body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) to the field.
    pub pointer: String,
    /// What was wrong with it.
    pub detail: String,
}

impl Problem {
    /// A problem of which the status says the kind.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            type_: Cow::Borrowed("about:blank"),
            title: Cow::Borrowed(status.canonical_reason().unwrap_or("Error")),
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// Gives the problem a kind of its own: `code` in lower case with hyphens, such as `name-taken`.
    #[must_use]
    pub fn with_code(mut self, code: &'static str, title: &'static str) -> Self {
        self.type_ = Cow::Owned(format!("/problems/{code}"));
        self.title = Cow::Borrowed(title);
        self
    }

    /// Adds the fault of the field at `pointer`, such as `/roles/0`.
    #[must_use]
    pub fn with_error(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(FieldError { pointer: pointer.into(), detail: detail.into() });
        self
    }

    /// The body.
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Document<'a> {
            r#type: &'a str,
            title: &'a str,
            status: u16,
            detail: &'a str,
            #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
            errors: &'a [FieldError],
        }
        serde_json::to_string(&Document {
            r#type: &self.type_,
            title: &self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
        })
        .expect("strings and numbers serialise")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.to_json()).into_response();
        response.headers_mut().insert(CONTENT_TYPE_HEADER, HeaderValue::from_static(CONTENT_TYPE));
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[track_caller]
    fn check(problem: Problem, shown: Expect) {
        shown.assert_eq(&problem.to_json());
    }

    #[test]
    fn a_plain_problem_takes_its_title_from_the_status() {
        check(
            Problem::new(StatusCode::NOT_FOUND, "no account has this id"),
            expect![[r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"no account has this id"}"#]],
        );
    }

    #[test]
    fn a_problem_with_a_code_names_the_fields_at_fault() {
        check(
            Problem::new(StatusCode::CONFLICT, "another role is called \"Auditor\"")
                .with_code("name-taken", "The name is taken")
                .with_error("/name", "choose another name"),
            expect![[
                r#"{"type":"/problems/name-taken","title":"The name is taken","status":409,"detail":"another role is called \"Auditor\"","errors":[{"pointer":"/name","detail":"choose another name"}]}"#
            ]],
        );
    }

    #[test]
    fn a_401_names_the_bearer_scheme() {
        let response = Problem::new(StatusCode::UNAUTHORIZED, "a key is needed").into_response();
        assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
        assert_eq!(response.headers()[CONTENT_TYPE_HEADER], CONTENT_TYPE);
    }
}
