//! The discovery endpoints (RFC 7644 §4) as data: what is said follows from what is served.

use crate::{
    ResourceType, Schema,
    message::StartIndex,
    schema::{Attribute, Type},
    urn,
};
use serde_json::{Map, Value, json};
use std::{borrow::Cow, sync::LazyLock};

/// Schemas of the discovery resources themselves, with their descriptions; the Schema schema holds a complex attribute within
/// another, so they are shown and never loaded as [`Schema`].
static OWN_SCHEMAS: LazyLock<[Value; 3]> = LazyLock::new(|| {
    [
        include_str!("../schemas/ServiceProviderConfig.json"),
        include_str!("../schemas/ResourceType.json"),
        include_str!("../schemas/Schema.json"),
    ]
    .map(|text| serde_json::from_str(text).expect("the discovery schemas are JSON"))
});

/// What the service provider can do (RFC 7643 §5); must be true for the account that asks (SPC-08).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether PATCH works.
    pub patch: bool,
    /// Most operations and most bytes of a bulk request; `None` when there is no bulk.
    pub bulk: Option<(u64, u64)>,
    /// Most resources in one answer; also the bound on pages.
    pub filter_max_results: u64,
    /// Whether users can change their password.
    pub change_password: bool,
    /// Whether `sortBy` works.
    pub sort: bool,
    /// Whether ETags are sent and honoured.
    pub etag: bool,
    /// Where people read about the service.
    pub documentation_uri: Option<String>,
    /// How lists are paged, for those who know RFC 9865; `None` leaves `pagination` out.
    pub pagination: Option<Pagination>,
}

/// Pagination (RFC 9865 §4). Index pagination always works, and is what a request gets that names neither (PGC-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pagination {
    /// Resources in a page when `count` is absent.
    pub page_size_default: u64,
    /// Resources in a page whatever `count` says.
    pub page_size_max: u64,
    /// Whether `cursor` works.
    pub cursor: bool,
    /// Seconds for which a cursor is good at least; `None` when there is no fixed time, and 0 counts as that.
    pub cursor_timeout_s: Option<u64>,
}

/// Renders the discovery resources for one account.
#[derive(Clone, Copy, Debug)]
pub struct Discovery<'a> {
    /// The resource types that are served, narrowed to what the account supports.
    pub types: &'a [&'a ResourceType],
    /// What the service can do.
    pub capabilities: &'a Capabilities,
    /// Absolute URL of the SCIM service, without a slash at its end.
    pub base: &'a str,
}

impl Discovery<'_> {
    /// `/ServiceProviderConfig` (RFC 7643 §5).
    pub fn service_provider_config(&self) -> Value {
        let can = self.capabilities;
        let mut config = Map::new();
        config.insert("schemas".to_owned(), json!([urn::SERVICE_PROVIDER_CONFIG]));
        if let Some(uri) = &can.documentation_uri {
            config.insert("documentationUri".to_owned(), json!(uri));
        }
        let (operations, bytes) = can.bulk.unwrap_or((0, 0));
        let features = [
            ("patch", json!({ "supported": can.patch })),
            ("bulk", json!({ "supported": can.bulk.is_some(), "maxOperations": operations, "maxPayloadSize": bytes })),
            ("filter", json!({ "supported": true, "maxResults": can.filter_max_results })),
            ("changePassword", json!({ "supported": can.change_password })),
            ("sort", json!({ "supported": can.sort })),
            ("etag", json!({ "supported": can.etag })),
            ("authenticationSchemes", json!([bearer_token()])),
        ];
        config.extend(features.map(|(name, feature)| (name.to_owned(), feature)));
        if let Some(pagination) = &can.pagination {
            config.insert("pagination".to_owned(), show_pagination(pagination));
        }
        config.insert("meta".to_owned(), self.meta("ServiceProviderConfig", "/ServiceProviderConfig"));
        Value::Object(config)
    }

    /// `/ResourceTypes`: all of them in one ListResponse (RTY-01).
    pub fn resource_types(&self) -> Value {
        list(self.types.iter().map(|kind| self.show_type(kind)).collect())
    }

    /// `/ResourceTypes/{name}`; `None` when no such type is served.
    pub fn resource_type(&self, name: &str) -> Option<Value> {
        self.types.iter().find(|kind| kind.name == name).map(|kind| self.show_type(kind))
    }

    /// `/Schemas`: the schemas of the resource types, their extensions, and those of the discovery resources (SCH-01, SCH-12).
    pub fn schemas(&self) -> Value {
        let own = OWN_SCHEMAS.iter().map(|schema| self.show_own_schema(schema));
        list(self.type_schemas().iter().map(|schema| self.show_schema(schema)).chain(own).collect())
    }

    /// `/Schemas/{urn}`, the URN decoded, in any case; `None` when no resource can have that schema.
    pub fn schema(&self, urn: &str) -> Option<Value> {
        let of_types = self.type_schemas().into_iter().find(|schema| schema.id.eq_ignore_ascii_case(urn));
        let is_asked = |schema: &&Value| schema["id"].as_str().is_some_and(|id| id.eq_ignore_ascii_case(urn));
        match of_types {
            Some(schema) => Some(self.show_schema(&schema)),
            None => OWN_SCHEMAS.iter().find(is_asked).map(|schema| self.show_own_schema(schema)),
        }
    }

    /// Core schemas and extensions, each once. Types may share an extension and be narrowed differently: then it is shown with
    /// all that one of them has.
    fn type_schemas(&self) -> Vec<Cow<'_, Schema>> {
        let mut schemas: Vec<Cow<'_, Schema>> = Vec::new();
        for kind in self.types {
            for schema in std::iter::once(&kind.schema).chain(kind.extensions.iter().map(|(schema, _)| schema)) {
                match schemas.iter_mut().find(|listed| listed.id == schema.id) {
                    None => schemas.push(Cow::Borrowed(schema)),
                    Some(listed) if **listed != *schema => merge(&mut listed.to_mut().attributes, &schema.attributes),
                    Some(_) => {}
                }
            }
        }
        schemas
    }

    fn show_type(&self, kind: &ResourceType) -> Value {
        let mut shown = Map::new();
        shown.insert("schemas".to_owned(), json!([urn::RESOURCE_TYPE]));
        shown.insert("id".to_owned(), json!(kind.name));
        shown.insert("name".to_owned(), json!(kind.name));
        insert_text(&mut shown, "description", &kind.description);
        shown.insert("endpoint".to_owned(), json!(kind.endpoint));
        shown.insert("schema".to_owned(), json!(kind.schema.id));
        if !kind.extensions.is_empty() {
            let extensions = kind.extensions.iter();
            let extensions = extensions.map(|(schema, required)| json!({ "schema": schema.id, "required": required }));
            shown.insert("schemaExtensions".to_owned(), extensions.collect());
        }
        shown.insert("meta".to_owned(), self.meta("ResourceType", &format!("/ResourceTypes/{}", kind.name)));
        Value::Object(shown)
    }

    fn show_schema(&self, schema: &Schema) -> Value {
        let mut shown = Map::new();
        shown.insert("schemas".to_owned(), json!([urn::SCHEMA]));
        shown.insert("id".to_owned(), json!(schema.id));
        insert_text(&mut shown, "name", &schema.name);
        insert_text(&mut shown, "description", &schema.description);
        shown.insert("attributes".to_owned(), schema.attributes.iter().map(show_attribute).collect());
        shown.insert("meta".to_owned(), self.meta("Schema", &format!("/Schemas/{}", schema.id)));
        Value::Object(shown)
    }

    /// One of [`OWN_SCHEMAS`] without the attributes that ServiceProviderConfig does not show here (SCH-10).
    fn show_own_schema(&self, schema: &Value) -> Value {
        let mut shown = schema.clone();
        let id = schema["id"].as_str().unwrap_or_default();
        if let Some(attributes) = shown["attributes"].as_array_mut() {
            attributes.retain(|attribute| match attribute["name"].as_str() {
                Some("pagination") => self.capabilities.pagination.is_some(),
                Some("securityEvents") => false,
                Some(_) | None => true,
            });
        }
        shown["meta"] = self.meta("Schema", &format!("/Schemas/{id}"));
        shown
    }

    fn meta(&self, resource_type: &str, path: &str) -> Value {
        json!({ "resourceType": resource_type, "location": format!("{}{path}", self.base) })
    }
}

fn show_pagination(pagination: &Pagination) -> Value {
    let mut shown = json!({
        "cursor": pagination.cursor,
        "index": true,
        "defaultPaginationMethod": "index",
        "defaultPageSize": pagination.page_size_default,
        "maxPageSize": pagination.page_size_max,
    });
    if let Some(seconds) = pagination.cursor_timeout_s.filter(|seconds| pagination.cursor && *seconds > 0) {
        shown["cursorTimeout"] = json!(seconds);
    }
    shown
}

/// The one way to authenticate: RFC 6750.
fn bearer_token() -> Value {
    json!({
        "type": "oauthbearertoken",
        "name": "OAuth Bearer Token",
        "description": "Authentication scheme using the OAuth Bearer Token Standard",
        "specUri": "https://www.rfc-editor.org/info/rfc6750",
        "primary": true,
    })
}

/// An attribute in the form of RFC 7643 §7; `caseExact` and `uniqueness` mean nothing for complex values and booleans and are
/// left out there (SCH-09).
fn show_attribute(attribute: &Attribute) -> Value {
    let compares = !matches!(attribute.kind, Type::Complex | Type::Boolean);
    let mut shown = Map::new();
    shown.insert("name".to_owned(), json!(attribute.name));
    shown.insert("type".to_owned(), json!(attribute.kind));
    shown.insert("multiValued".to_owned(), json!(attribute.multi_valued));
    insert_text(&mut shown, "description", &attribute.description);
    shown.insert("required".to_owned(), json!(attribute.required));
    if !attribute.canonical_values.is_empty() {
        shown.insert("canonicalValues".to_owned(), json!(attribute.canonical_values));
    }
    if compares {
        shown.insert("caseExact".to_owned(), json!(attribute.case_exact));
    }
    shown.insert("mutability".to_owned(), json!(attribute.mutability));
    shown.insert("returned".to_owned(), json!(attribute.returned));
    if compares {
        shown.insert("uniqueness".to_owned(), json!(attribute.uniqueness));
    }
    if !attribute.reference_types.is_empty() {
        shown.insert("referenceTypes".to_owned(), json!(attribute.reference_types));
    }
    if !attribute.sub_attributes.is_empty() {
        shown.insert("subAttributes".to_owned(), attribute.sub_attributes.iter().map(show_attribute).collect());
    }
    Value::Object(shown)
}

/// Adds the attributes, and their sub-attributes, that are not there yet.
fn merge(attributes: &mut Vec<Attribute>, others: &[Attribute]) {
    for other in others {
        match attributes.iter_mut().find(|known| known.name == other.name) {
            None => attributes.push(other.clone()),
            Some(known) => merge(&mut known.sub_attributes, &other.sub_attributes),
        }
    }
}

fn insert_text(object: &mut Map<String, Value>, name: &str, text: &str) {
    if !text.is_empty() {
        object.insert(name.to_owned(), json!(text));
    }
}

/// A ListResponse with everything in one page (DSC-02, DSC-06).
fn list(resources: Vec<Value>) -> Value {
    json!({
        "schemas": [urn::LIST_RESPONSE],
        "totalResults": resources.len(),
        "startIndex": StartIndex::FIRST.get(),
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}
