//! Sends the story's requests, prints them, and holds the answers against what was told.

use super::screen::Screen;
use anyhow::{Context, bail};
use reqwest::{Method, StatusCode, Url, header};
use serde_json::Value;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(30);

/// Whose key a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    /// The operator's, for `/api/v1`.
    Operator,
    /// The HR system's, for SCIM.
    Hr,
}

/// What the story says an answer is.
#[derive(Clone, Debug)]
pub struct Told {
    status: u16,
    at: Vec<(&'static str, Value)>,
}

impl Told {
    /// An answer with this status.
    pub fn status(status: u16) -> Self {
        Self { status, at: Vec::new() }
    }

    /// With this value at a place (RFC 6901); null where nothing is.
    #[must_use]
    pub fn at(mut self, place: &'static str, value: impl Into<Value>) -> Self {
        self.at.push((place, value.into()));
        self
    }

    /// Where an answer differs, in words.
    fn differs(&self, status: StatusCode, answer: &Value) -> Option<String> {
        if status.as_u16() != self.status {
            return Some(format!("status {}", self.status));
        }
        for (place, value) in &self.at {
            if answer.pointer(place).unwrap_or(&Value::Null) != value {
                return Some(format!("{value} at {place}"));
            }
        }
        None
    }
}

/// A server, and who speaks to it.
pub struct Stage {
    /// Where the story is printed.
    pub screen: Screen,
    http: reqwest::Client,
    url: String,
    operator_key: String,
    hr_key: String,
    number: usize,
}

impl Stage {
    /// A stage before the first request.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(url: String, operator_key: String) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build()?;
        Ok(Self { screen: Screen::stdout(), http, url, operator_key, hr_key: String::new(), number: 0 })
    }

    /// From now on the HR system has this key.
    pub fn give_key(&mut self, key: &str) {
        key.clone_into(&mut self.hr_key);
    }

    /// Says what happens next.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn why(&mut self, text: &str) -> anyhow::Result<()> {
        self.number += 1;
        self.screen.why(self.number, text)
    }

    /// Sends a request, prints it with its answer, and answers with the answer.
    ///
    /// # Errors
    /// When the server is gone, or the answer is not what was told.
    pub async fn send(
        &self,
        by: As,
        method: Method,
        path: &str,
        body: Option<Value>,
        told: Told,
    ) -> anyhow::Result<Value> {
        let (status, answer) = self.ask(by, &method, path, body.as_ref()).await?;
        self.screen.exchange(&method, path, body.as_ref(), status, &answer)?;
        if let Some(expected) = told.differs(status, &answer) {
            bail!("the story broke off: {method} {path} answered {status} with {answer}, not with {expected}");
        }
        Ok(answer)
    }

    /// Asks the management API (`path` from `/api/v1` on) by POST, as [`Self::send`] does.
    ///
    /// # Errors
    /// Those of [`Self::send`].
    pub async fn operator(&self, path: &str, body: Value, told: Told) -> anyhow::Result<Value> {
        let body = (!body.is_null()).then_some(body);
        self.send(As::Operator, Method::POST, &format!("/api/v1{path}"), body, told).await
    }

    /// Asks the management API without printing it.
    ///
    /// # Errors
    /// When the server is gone or refuses.
    pub async fn quietly(&self, method: Method, path: &str, body: Value) -> anyhow::Result<Value> {
        let path = format!("/api/v1{path}");
        let (status, answer) = self.ask(As::Operator, &method, &path, Some(&body)).await?;
        if !status.is_success() {
            bail!("the story broke off: {method} {path} answered {status} with {answer}");
        }
        Ok(answer)
    }

    /// Reads a list of the management API without printing it.
    ///
    /// # Errors
    /// When the server is gone or refuses.
    pub async fn list(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        Ok(self.read(path).await?["items"].as_array().cloned().unwrap_or_default())
    }

    async fn read(&self, path: &str) -> anyhow::Result<Value> {
        let (status, answer) = self.ask(As::Operator, &Method::GET, path, None).await?;
        if !status.is_success() {
            bail!("the story broke off: GET {path} answered {status} with {answer}");
        }
        Ok(answer)
    }

    async fn ask(
        &self,
        by: As,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<(StatusCode, Value)> {
        // Parsing encodes spaces and quotes, so that paths can be printed as people read them.
        let url = Url::parse(&format!("{}{path}", self.url))?;
        let (key, content_type) = match by {
            As::Operator => (&self.operator_key, "application/json"),
            As::Hr => (&self.hr_key, "application/scim+json"),
        };
        let mut request = self.http.request(method.clone(), url).bearer_auth(key);
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, content_type).body(body.to_string());
        }
        let answer = request.send().await.context("the server is gone")?;
        let status = answer.status();
        let text = answer.text().await.context("the server is gone")?;
        if text.is_empty() {
            return Ok((status, Value::Null));
        }
        let answer =
            serde_json::from_str(&text).with_context(|| format!("the story broke off: {path} answered no JSON"))?;
        Ok((status, answer))
    }
}
