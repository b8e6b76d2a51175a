//! Commands about an account: what names it, and the places of `/api/v1` below it.

use crate::{
    client::{AccountChoice, Client, Connection},
    output::Output,
};
use reqwest::Method;
use serde_json::{Value, json};

/// The options of every command about an account.
#[derive(clap::Args, Debug)]
pub struct InAccount {
    #[command(flatten)]
    server: Connection,
    #[command(flatten)]
    account: AccountChoice,
}

impl InAccount {
    /// The account that is meant, on its server.
    ///
    /// # Errors
    /// When none is named, or none or several have the name; what cannot be used of the connection.
    pub async fn open(&self) -> anyhow::Result<Account> {
        let (client, output) = (self.server.client()?, self.server.output());
        let id = self.account.id(&client).await?;
        Ok(Account { client, output, id })
    }

    /// How answers are to be shown.
    pub fn output(&self) -> Output {
        self.server.output()
    }

    /// The account as it was named, if it was.
    pub fn named(&self) -> Option<&str> {
        self.account.named()
    }
}

/// An account on a server, and how what is said of it is shown.
pub struct Account {
    /// Speaks to its server.
    pub client: Client,
    /// Where answers go.
    pub output: Output,
    /// Its id.
    pub id: String,
}

impl Account {
    /// `/api/v1/accounts/ID/…`.
    pub fn at(&self, below: &[&str]) -> Place<'_> {
        Place { client: &self.client, path: vec!["accounts".to_owned(), self.id.clone()] }.at(below)
    }
}

/// A place below `/api/v1`. What is asked there fails as [`Client`] says.
#[derive(Clone)]
pub struct Place<'a> {
    client: &'a Client,
    path: Vec<String>,
}

impl<'a> Place<'a> {
    /// A place further below; the segments may hold any characters.
    #[must_use]
    pub fn at(&self, below: &[&str]) -> Self {
        let below = below.iter().map(|segment| (*segment).to_owned());
        Self { client: self.client, path: self.path.iter().cloned().chain(below).collect() }
    }

    /// What is there.
    ///
    /// # Errors
    /// Those of [`Client::get`].
    pub async fn get(&self, query: &[(&str, &str)]) -> anyhow::Result<Value> {
        self.client.get(&self.path(), query).await
    }

    /// The items of the list that is there, at most `limit`.
    ///
    /// # Errors
    /// Those of [`Client::list`].
    pub async fn list(&self, query: &[(&str, &str)], limit: usize) -> anyhow::Result<Vec<Value>> {
        self.client.list(&self.path(), query, limit).await
    }

    /// The id of what `text` means in the list that is there.
    ///
    /// # Errors
    /// Those of [`Client::find`].
    pub async fn find(&self, what: &str, text: &str, names: &[&str]) -> anyhow::Result<String> {
        self.client.find(what, &self.path(), text, names).await
    }

    /// Sends a request there.
    ///
    /// # Errors
    /// Those of [`Client::send`].
    pub async fn send(&self, method: Method, request: &Value) -> anyhow::Result<Value> {
        self.client.send(method, &self.path(), request).await
    }

    /// Has done what the place is for; there is nothing more to say.
    ///
    /// # Errors
    /// Those of [`Client::send`].
    pub async fn act(&self) -> anyhow::Result<Value> {
        self.send(Method::POST, &json!({})).await
    }

    /// Has something done that may take long, and waits for its end.
    ///
    /// # Errors
    /// Those of [`Client::run`].
    pub async fn run(&self, query: &[(&str, &str)]) -> anyhow::Result<Value> {
        self.client.run(&self.path(), query).await
    }

    /// Deletes what is there.
    ///
    /// # Errors
    /// Those of [`Client::delete_with`].
    pub async fn delete(&self, query: &[(&str, &str)]) -> anyhow::Result<()> {
        self.client.delete_with(&self.path(), query).await
    }

    fn path(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }
}
