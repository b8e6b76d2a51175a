//! Resource types of the account's own, such as `Device` at `/Devices`.

use super::{
    Answer,
    asked::InAccount,
    body::{at_most, distinct},
    created, no_content, ok, page,
    page::PageQuery,
    schemas::{INDEXED_MAX, counted},
};
use crate::app::{About, Failure};
use axum::body::Body;
use provost_accounts::{
    Call, Configuration, Refused,
    definitions::{self, CustomType, OwnExtension, OwnType, Used},
};
use provost_change::{Kind, ResourceId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Extensions that one request may name; the type has a lower bound of its own.
const EXTENSIONS_MAX: usize = 100;

/// What a resource type is made from.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewResourceType {
    /// What `meta.resourceType` of its resources says, such as `Device`.
    name: String,
    /// Where its resources are, below the SCIM base: `/Devices`.
    endpoint: String,
    /// For people.
    #[serde(default)]
    description: String,
    /// The URN of its schema, one of the account's own.
    schema: String,
    /// Further schemas of the account's own.
    #[serde(default)]
    extensions: Vec<OwnExtension>,
    /// Attributes that are to be found by an index, such as `serial`; what is unique is without being named.
    #[serde(default)]
    indexed: Vec<String>,
}

/// A resource type of the account's own.
#[derive(Serialize, ToSchema)]
pub(super) struct ResourceTypeView<'a> {
    /// Its id here.
    id: String,
    /// What `meta.resourceType` of its resources says.
    name: &'a str,
    /// Where its resources are, below the SCIM base.
    endpoint: &'a str,
    /// For people.
    description: &'a str,
    /// The URN of its schema.
    schema: &'a str,
    /// Further schemas.
    extensions: &'a [OwnExtension],
    /// Attributes that have an index besides those that are unique.
    indexed: &'a [String],
}

impl<'a> ResourceTypeView<'a> {
    fn of(own: &'a OwnType) -> Self {
        let OwnType { id, name, endpoint, description, schema, extensions, indexed } = own;
        Self { id: id.to_string(), name, endpoint, description, schema, extensions, indexed }
    }
}

impl NewResourceType {
    fn read(self) -> Result<OwnType, Failure> {
        at_most("extensions", self.extensions.len(), EXTENSIONS_MAX, "extensions")?;
        at_most("indexed", self.indexed.len(), INDEXED_MAX, "attributes")?;
        let endpoint = self.endpoint.strip_prefix('/').unwrap_or(&self.endpoint);
        Ok(OwnType {
            // It is given one when it is made.
            id: ResourceId::new(uuid::Uuid::nil()),
            endpoint: format!("/{endpoint}"),
            name: self.name,
            description: self.description,
            schema: self.schema,
            extensions: self.extensions,
            indexed: distinct(self.indexed),
        })
    }
}

pub(super) async fn create(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "resource_type.create", target: None };
    let new: NewResourceType = asked.body(&about, body).await?;
    let about = about.making(Kind::RESOURCE_TYPE, &new.name);
    let new = asked.or_recorded(&about, new.read()).await?;
    let made = asked.write(about, |config, call| definitions::create_type(config, call, new.clone())).await?;
    created(&asked.location(&format!("/resource-types/{}", made.id)), &ResourceTypeView::of(&made))
}

pub(super) async fn list(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page::<ResourceId>()?;
    let behind = asked.config.types.iter().map(|custom| &custom.own);
    let mut found: Vec<&OwnType> = behind.filter(|own| page.after.is_none_or(|after| own.id > after)).collect();
    let next = page::cut(&mut found, page.limit, |own| own.id);
    page::list(found.into_iter().map(ResourceTypeView::of).collect(), next)
}

pub(super) async fn get(asked: InAccount) -> Answer {
    let id = asked.id(&Kind::RESOURCE_TYPE)?;
    let custom = find(&asked.config, id).ok_or_else(|| Refused::not_found("resource type"))?;
    ok(&ResourceTypeView::of(&custom.own))
}

pub(super) async fn delete(asked: InAccount) -> Answer {
    let (id, about) = asked.target("resource_type.delete", Kind::RESOURCE_TYPE).await?;
    let app = &asked.request.app;
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let head = app.store().head(config.id).await?.ok_or(Failure::NoAccount)?;
        let resources = find(&config, id).map_or(0, |custom| counted(&head, &custom.kind));
        Ok(definitions::delete_type(&config, &call, id, Used { resources, seq: head.seq })?)
    };
    app.write(asked.account(), &asked.request.caller, about, decide).await?;
    no_content()
}

fn find(config: &Configuration, id: ResourceId) -> Option<&CustomType> {
    config.types.iter().find(|custom| custom.own.id == id)
}
