//! A client of a server under test.

use super::block_on;
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(60);

/// Speaks HTTP to one server; cheap to clone.
#[derive(Clone)]
pub struct Http {
    client: reqwest::Client,
    url: String,
    operator_key: String,
}

/// An account with an admin app.
#[derive(Clone, Debug)]
pub struct Account {
    /// The account's id.
    pub id: String,
    /// The admin app's API key, with scope `scim`.
    pub key: String,
    /// The admin app's id.
    pub app: String,
}

/// What a request carries. `()` is nothing, a [`Value`] is JSON, text and bytes go as they are.
pub struct Body(Option<Vec<u8>>);

impl From<()> for Body {
    fn from((): ()) -> Self {
        Self(None)
    }
}

impl From<Value> for Body {
    fn from(value: Value) -> Self {
        Self(Some(value.to_string().into_bytes()))
    }
}

impl From<&Value> for Body {
    fn from(value: &Value) -> Self {
        Self(Some(value.to_string().into_bytes()))
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Self(Some(text.as_bytes().to_owned()))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Some(bytes))
    }
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub text: String,
}

impl Answer {
    /// Asserts the status, showing the body when it is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "status, with the body {}", self.text);
        self
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// A header, when there is one.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// `detail` of an error in either form.
    #[track_caller]
    pub fn detail(&self) -> String {
        self.json()["detail"].as_str().unwrap_or_else(|| panic!("no detail: {}", self.text)).to_owned()
    }
}

impl Http {
    /// A client of the server at `url`, whose operator's key this is.
    pub fn new(url: &str, operator_key: &str) -> Self {
        // Within the runtime, where the cryptography was chosen.
        let client = block_on(async { reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build().unwrap() });
        Self { client, url: url.to_owned(), operator_key: operator_key.to_owned() }
    }

    /// Where the server is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The operator's key.
    pub fn operator_key(&self) -> &str {
        &self.operator_key
    }

    /// See [`super::Server::scim`].
    pub async fn scim(&self, key: &str, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        let path = if path.starts_with("/scim") { path.to_owned() } else { format!("/scim/v2{path}") };
        self.send(Some(key), method, &path, "application/scim+json; charset=utf-8", body.into()).await
    }

    /// See [`super::Server::api`].
    pub async fn api(&self, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        let path = format!("/api/v1{path}");
        self.send(Some(&self.operator_key), method, &path, "application/json", body.into()).await
    }

    /// Any request. Quotes and spaces in `path` are encoded on the way, as they are in a URL.
    pub async fn send(&self, key: Option<&str>, method: Method, path: &str, content_type: &str, body: Body) -> Answer {
        self.try_send(key, method, path, content_type, body).await.expect("the server answers")
    }

    /// Any request to a server that may be gone before it answers.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn try_send(
        &self,
        key: Option<&str>,
        method: Method,
        path: &str,
        content_type: &str,
        body: Body,
    ) -> reqwest::Result<Answer> {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        if let Some(bytes) = body.0 {
            request = request.header("content-type", content_type).body(bytes);
        }
        let answer = request.send().await?;
        Ok(Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), text: answer.text().await? })
    }

    /// See [`super::Server::account`].
    pub async fn account(&self, policy: impl Into<Value>) -> Account {
        let request = json!({ "name": "acme", "policy": policy.into() });
        let account = self.api(Method::POST, "/accounts", request).await.expect(201).json();
        let id = account["id"].as_str().unwrap().to_owned();
        let path = format!("/accounts/{id}/admin-apps");
        let app = self.api(Method::POST, &path, json!({ "name": "Entra ID" })).await.expect(201).json();
        let text = |name: &str| app[name].as_str().unwrap().to_owned();
        Account { id, key: text("api_key"), app: text("id") }
    }
}
