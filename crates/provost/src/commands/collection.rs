//! What an account holds many of: the commands list a collection, find an item in it, show it and act on it.

use super::in_account::{Account, Place};
use crate::output::{Field, Output};
use reqwest::Method;
use serde_json::{Value, json};

/// What a collection holds.
pub struct Kind {
    /// What people call one of them, such as `resource type`.
    pub what: &'static str,
    /// What the management API calls them, such as `resource-types`.
    pub segment: &'static str,
    /// By what one can be named besides its id (RFC 6901).
    pub names: &'static [&'static str],
    /// What is shown of one.
    pub fields: &'static [Field],
    /// What is shown of many.
    pub columns: &'static [Field],
}

/// The things of one kind in an account, or below one of its items.
pub struct Collection<'a> {
    /// Where it is.
    pub place: Place<'a>,
    kind: &'static Kind,
    output: Output,
}

/// One of a collection.
pub struct Item<'a> {
    /// Its id.
    pub id: String,
    /// Where it is.
    pub place: Place<'a>,
    kind: &'static Kind,
    output: Output,
}

impl Account {
    /// What it holds of this kind.
    pub fn all(&self, kind: &'static Kind) -> Collection<'_> {
        Collection { place: self.at(&[kind.segment]), kind, output: self.output }
    }
}

impl<'a> Collection<'a> {
    /// Shows what is there, page by page, at most `limit`.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn list(&self, query: &[(&str, &str)], limit: usize) -> anyhow::Result<()> {
        self.output.list(&self.place.list(query, limit).await?, self.kind.columns)
    }

    /// Makes one, and shows it.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn create(&self, request: &Value) -> anyhow::Result<()> {
        self.output.object(&self.place.send(Method::POST, request).await?, self.kind.fields)
    }

    /// The one with this id or name.
    ///
    /// # Errors
    /// Nothing or several things have the name; what the server refuses, in its words.
    pub async fn find(&self, text: &str) -> anyhow::Result<Item<'a>> {
        Ok(self.item(self.place.find(self.kind.what, text, self.kind.names).await?))
    }

    /// The one with this id.
    pub fn item(&self, id: String) -> Item<'a> {
        Item { place: self.place.at(&[&id]), id, kind: self.kind, output: self.output }
    }
}

impl<'a> Item<'a> {
    /// What it holds of this kind.
    pub fn all(&self, kind: &'static Kind) -> Collection<'a> {
        Collection { place: self.place.at(&[kind.segment]), kind, output: self.output }
    }

    /// Shows it.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn show(&self) -> anyhow::Result<()> {
        self.output.object(&self.place.get(&[]).await?, self.kind.fields)
    }

    /// Changes it, and shows it as it is then.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn change(&self, request: &Value) -> anyhow::Result<()> {
        self.output.object(&self.place.send(Method::PATCH, request).await?, self.kind.fields)
    }

    /// Has something done with it, and shows it as it is then.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn act(&self, action: &str, request: &Value) -> anyhow::Result<()> {
        self.output.object(&self.place.at(&[action]).send(Method::POST, request).await?, self.kind.fields)
    }

    /// Deletes it, and says so.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn delete(&self, query: &[(&str, &str)]) -> anyhow::Result<()> {
        self.place.delete(query).await?;
        self.output.sentence(&format!("Deleted {} {}.", self.kind.what, self.id), &json!({ "deleted": self.id }))
    }
}
