//! Schemas of the account's own: extensions of users and groups, and what its own resource types are made of.

use super::{
    Answer,
    asked::InAccount,
    body::{at_most, distinct, member},
    created, no_content, ok, page,
    page::PageQuery,
};
use crate::app::{About, Failure, Target};
use axum::body::Body;
use provost_accounts::{
    Call, Configuration, Refused, User,
    definitions::{self, Extended, Extends, OwnSchema, Used},
};
use provost_change::{Head, Kind, ResourceId};
use provost_scim::Schema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;

/// Resource types that a schema can extend: users and groups.
const EXTENDS_MAX: usize = 2;
/// Attributes that one request may name for an index; the type has a lower bound of its own.
pub(super) const INDEXED_MAX: usize = 200;

/// What a schema is made from.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSchema {
    /// The definition, in the form of RFC 7643 section 7: `id` (a URN), `name`, `description`, `attributes`.
    #[schema(value_type = Object)]
    schema: Value,
    /// Standard resource types that it extends from now on.
    #[serde(default)]
    extends: Vec<Extends>,
    /// Its attributes that are to be found by an index, such as `code` or `badge.number`; what is unique is without being named.
    #[serde(default)]
    indexed: Vec<String>,
}

/// A schema of the account's own.
#[derive(Serialize, ToSchema)]
pub(super) struct SchemaView<'a> {
    /// Its id here.
    id: String,
    /// Its id over SCIM.
    urn: &'a str,
    /// Its name.
    name: &'a str,
    /// Standard resource types that it extends.
    extends: &'a [Extends],
    /// Attributes that have an index besides those that are unique.
    indexed: &'a [String],
    /// The definition, as discovery shows it.
    #[schema(value_type = Object)]
    schema: &'a Schema,
}

impl<'a> SchemaView<'a> {
    fn of(own: &'a OwnSchema) -> Self {
        let OwnSchema { id, schema, extends, indexed } = own;
        Self { id: id.to_string(), urn: &schema.id, name: &schema.name, extends, indexed, schema }
    }
}

impl NewSchema {
    fn read(self) -> Result<OwnSchema, Failure> {
        at_most("extends", self.extends.len(), EXTENDS_MAX, "resource types")?;
        if let [one, other] = self.extends.as_slice()
            && one.resource_type == other.resource_type
        {
            return Err(member("extends/1", "this resource type is named already"));
        }
        at_most("indexed", self.indexed.len(), INDEXED_MAX, "attributes")?;
        let schema = Schema::from_value(self.schema).map_err(|error| member("schema", error))?;
        // It is given one when it is made.
        let id = ResourceId::new(uuid::Uuid::nil());
        Ok(OwnSchema { id, schema, extends: self.extends, indexed: distinct(self.indexed) })
    }
}

pub(super) async fn create(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "schema.create", target: None };
    let new: NewSchema = asked.body(&about, body).await?;
    let new = asked.or_recorded(&about, new.read()).await?;
    let about = about.making(Kind::SCHEMA, &new.schema.id);
    let (app, new) = (&asked.request.app, &new);
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let head = app.store().head(config.id).await?.ok_or(Failure::NoAccount)?;
        let used = Used { resources: extended(&new.extends, &head), seq: head.seq };
        Ok(definitions::create_schema(&config, &call, new.clone(), used)?)
    };
    let made = app.write(asked.account(), &asked.request.caller, about, decide).await?;
    created(&asked.location(&format!("/schemas/{}", made.id)), &SchemaView::of(&made))
}

pub(super) async fn list(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page::<ResourceId>()?;
    let behind = asked.config.schemas.iter().map(|(own, _)| own);
    let mut found: Vec<&OwnSchema> = behind.filter(|own| page.after.is_none_or(|after| own.id > after)).collect();
    let next = page::cut(&mut found, page.limit, |own| own.id);
    page::list(found.into_iter().map(SchemaView::of).collect(), next)
}

pub(super) async fn get(asked: InAccount) -> Answer {
    ok(&SchemaView::of(named(&asked)?))
}

pub(super) async fn delete(asked: InAccount) -> Answer {
    let about = About { action: "schema.delete", target: None };
    let id = asked.or_recorded(&about, named(&asked).map(|own| own.id)).await?;
    let about = About { target: Some(Target::Record(Kind::SCHEMA, id)), ..about };
    let app = &asked.request.app;
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let head = app.store().head(config.id).await?.ok_or(Failure::NoAccount)?;
        let used = used(&config, id, &head);
        Ok(definitions::delete_schema(&config, &call, id, used)?)
    };
    app.write(asked.account(), &asked.request.caller, about, decide).await?;
    no_content()
}

/// How many resources there are that may hold attributes of a schema.
fn used(config: &Configuration, id: ResourceId, head: &Head) -> Used {
    let own = config.schemas.iter().map(|(own, _)| own).find(|own| own.id == id);
    Used { resources: own.map_or(0, |own| extended(&own.extends, head)), seq: head.seq }
}

/// How many resources there are of the types that are extended.
fn extended(extends: &[Extends], head: &Head) -> u64 {
    let of = |extends: &Extends| match extends.resource_type {
        Extended::User => User::KINDS.iter().map(|kind| counted(head, kind)).sum(),
        Extended::Group => counted(head, &Kind::GROUP),
    };
    extends.iter().map(of).sum()
}

/// How many records of a kind there are.
pub(super) fn counted(head: &Head, kind: &Kind) -> u64 {
    u64::try_from(head.count(kind.as_str())).unwrap_or(0)
}

/// The schema that the path names by id or by URN.
fn named(asked: &InAccount) -> Result<&OwnSchema, Failure> {
    let text = asked.key(&Kind::SCHEMA);
    let id: Option<ResourceId> = text.parse().ok();
    let mut all = asked.config.schemas.iter().map(|(own, _)| own);
    let found = all.find(|own| Some(own.id) == id || own.schema.id.eq_ignore_ascii_case(text));
    found.ok_or_else(|| Refused::not_found("schema").into())
}
