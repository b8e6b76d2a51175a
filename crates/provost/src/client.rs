//! The client of `/api/v1` behind the commands.

use crate::output::Output;
use anyhow::{Context, bail};
use clap::Args;
use provost_change::ResourceId;
use reqwest::{Body, Method, Response, StatusCode, Url, header, redirect};
use serde_json::{Value, json};
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(60);
/// For bodies that are as long as an account is large.
const TRANSFER_TIMEOUT: Duration = Duration::from_secs(24 * 3600);
/// Items that are asked for at once: the most that the server gives.
const PAGE: usize = 200;
/// Longest answer that is read. A page of users with all their attributes stays far below.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Which server, and who asks.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Server")]
pub struct Connection {
    /// The server
    #[arg(long, env = "PROVOST_URL", global = true, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// The operator's key, or an API key with the scope `api`; better given in the environment, where other users do not see it
    #[arg(long, env = "PROVOST_TOKEN", global = true, hide_env_values = true)]
    token: Option<String>,
    /// Read the token from a file, such as DIR/operator.key; goes before --token
    #[arg(long, global = true, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Print what the server answered, as JSON
    #[arg(long, global = true)]
    json: bool,
}

/// Which account.
#[derive(Args, Clone, Debug)]
pub struct AccountChoice {
    /// The account: its id, or its name for whoever holds the operator's key
    #[arg(long, short, env = "PROVOST_ACCOUNT", global = true, value_name = "ID|NAME")]
    account: Option<String>,
}

/// Speaks to the management API.
pub struct Client {
    http: reqwest::Client,
    base: Url,
    token: String,
}

impl Connection {
    /// A client for it.
    ///
    /// # Errors
    /// A URL that is none, a missing or unreadable token.
    pub fn client(&self) -> anyhow::Result<Client> {
        let token = match (&self.token_file, &self.token) {
            (Some(file), _) => {
                fs::read_to_string(file).with_context(|| format!("cannot read the token in {}", file.display()))?
            }
            (None, Some(token)) => token.clone(),
            (None, None) => bail!("there is no token: set PROVOST_TOKEN, or pass --token-file DIR/operator.key"),
        };
        Client::new(&self.url, token.trim())
    }

    /// How answers are to be shown.
    pub fn output(&self) -> Output {
        Output::of(self.json)
    }
}

impl AccountChoice {
    /// The id of the account.
    ///
    /// # Errors
    /// When none is named, or none or several have the name.
    pub async fn id(&self, client: &Client) -> anyhow::Result<String> {
        let Some(text) = &self.account else {
            bail!("which account? pass --account or set PROVOST_ACCOUNT");
        };
        client.find("account", &["accounts"], text, &["/name"]).await
    }

    /// What was named, if anything was.
    pub fn named(&self) -> Option<&str> {
        self.account.as_deref()
    }
}

impl Client {
    /// A client for the server at `url`.
    ///
    /// # Errors
    /// A URL that is none, a token that cannot stand in a header.
    pub fn new(url: &str, token: &str) -> anyhow::Result<Self> {
        let base = Url::parse(url).with_context(|| format!("`{url}` is not a URL"))?;
        if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
            bail!("`{url}` is not the URL of a server: write for example http://127.0.0.1:8080");
        }
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            bail!("the token is empty, or has characters that no token has");
        }
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("provost/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { http, base, token: token.to_owned() })
    }

    /// Reads `/api/v1/…`; the segments of `path` may hold any characters.
    ///
    /// # Errors
    /// A server that cannot be reached or does not answer as ours does; a refusal, as the sentence it came with.
    pub async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> anyhow::Result<Value> {
        self.ask(Method::GET, path, query, None).await
    }

    /// Sends `body` to `/api/v1/…`.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    pub async fn send(&self, method: Method, path: &[&str], body: &Value) -> anyhow::Result<Value> {
        self.ask(method, path, &[], Some(body)).await
    }

    /// Has something done that may take long, by POST, and waits for its end.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    pub async fn run(&self, path: &[&str], query: &[(&str, &str)]) -> anyhow::Result<Value> {
        let mut url = self.url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.http.post(url).bearer_auth(&self.token).timeout(TRANSFER_TIMEOUT);
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        self.document(answer).await
    }

    /// Deletes `/api/v1/…`.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    pub async fn delete(&self, path: &[&str]) -> anyhow::Result<()> {
        self.delete_with(path, &[]).await
    }

    /// Deletes `/api/v1/…` in a certain way.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    pub async fn delete_with(&self, path: &[&str], query: &[(&str, &str)]) -> anyhow::Result<()> {
        self.ask(Method::DELETE, path, query, None).await.map(drop)
    }

    /// Reads a list, page by page, until `limit` items are there or no more follow.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    pub async fn list(&self, path: &[&str], query: &[(&str, &str)], limit: usize) -> anyhow::Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        while items.len() < limit {
            let page = PAGE.min(limit - items.len()).to_string();
            let mut query = query.to_vec();
            query.push(("limit", &page));
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let mut answer = self.get(path, &query).await?;
            let Some(Value::Array(found)) = answer.get_mut("items").map(Value::take) else {
                bail!("the server's answer holds no `items`; is it Provost?");
            };
            items.extend(found);
            cursor = answer.get("next").and_then(Value::as_str).map(str::to_owned);
            if cursor.is_none() {
                break;
            }
        }
        items.truncate(limit);
        Ok(items)
    }

    /// The id of what `text` means in the list at `path`: an id itself, or a value at one of the places `names`.
    ///
    /// # Errors
    /// Nothing or several things have the name; those of [`get`](Self::get).
    pub async fn find(&self, what: &str, path: &[&str], text: &str, names: &[&str]) -> anyhow::Result<String> {
        if text.parse::<ResourceId>().is_ok() {
            return Ok(text.to_owned());
        }
        let items = self.list(path, &[], usize::MAX).await?;
        only(what, text, &items, names)
    }

    async fn ask(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let mut url = self.url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = self.http.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        self.document(answer).await
    }

    /// Asks for `/api/v1/…` and answers as soon as the body begins, which may be long.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    pub async fn open(&self, path: &[&str]) -> anyhow::Result<Response> {
        let request = self.http.get(self.url(path)?).bearer_auth(&self.token).timeout(TRANSFER_TIMEOUT);
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        Err(self.document(answer).await.err().unwrap_or_else(|| anyhow::anyhow!("{} did not answer", self.base)))
    }

    /// Sends a body that may be long to `/api/v1/…`.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    pub async fn upload(&self, path: &[&str], media_type: &str, body: Body) -> anyhow::Result<Value> {
        let request = self.http.post(self.url(path)?).bearer_auth(&self.token).timeout(TRANSFER_TIMEOUT);
        let request = request.header(header::CONTENT_TYPE, media_type).body(body);
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        self.document(answer).await
    }

    fn url(&self, path: &[&str]) -> anyhow::Result<Url> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| anyhow::anyhow!("the URL cannot have a path"))?
            .pop_if_empty()
            .extend(["api", "v1"])
            .extend(path);
        Ok(url)
    }

    /// The document that was answered.
    async fn document(&self, answer: Response) -> anyhow::Result<Value> {
        let status = answer.status();
        let body = read(answer).await.map_err(|error| self.unreachable(&error))?;
        if status == StatusCode::NO_CONTENT {
            return Ok(Value::Null);
        }
        let body: Option<Value> = serde_json::from_slice(&body).ok();
        match body {
            Some(body) if status.is_success() => Ok(body),
            Some(problem) if problem["detail"].is_string() => {
                bail!("{}", problem["detail"].as_str().unwrap_or_default())
            }
            Some(_) | None => bail!("{} answered {status}, but not as Provost does; is the URL right?", self.base),
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> anyhow::Error {
        let mut cause: &dyn Error = error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        anyhow::anyhow!("cannot reach {}: {cause}", self.base)
    }
}

/// The one among `items` that has `text` at one of the places `names`; its id.
///
/// # Errors
/// When none or several have it.
pub fn only(what: &str, text: &str, items: &[Value], names: &[&str]) -> anyhow::Result<String> {
    let is_it = |item: &&Value| names.iter().any(|at| item.pointer(at).and_then(Value::as_str) == Some(text));
    let found: Vec<&Value> = items.iter().filter(is_it).collect();
    match found.as_slice() {
        [one] => Ok(one["id"].as_str().unwrap_or_default().to_owned()),
        [] => bail!("there is no {what} `{text}`"),
        several => bail!("{} {what}s are called `{text}`: name the id instead", several.len()),
    }
}

/// The body of an answer, as far as [`ANSWER_BYTES_MAX`]; what is longer is cut and then no JSON.
async fn read(mut answer: Response) -> reqwest::Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_BYTES_MAX {
            break;
        }
    }
    Ok(body)
}

/// An object of those members that are given.
pub fn body<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let mut body = json!({});
    for (name, value) in members {
        if let Some(value) = value {
            body[name] = value;
        }
    }
    body
}
