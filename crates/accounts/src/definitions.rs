//! Schemas and resource types that an account defines for itself at run time.

use crate::{
    Call, Configuration, Decided, Refused,
    account::put,
    audit::{self, Entry},
    indexes::{self, DeclaredIndex},
};
use provost_change::{ChangeSet, Delete, Expect, Kind, ResourceId};
use provost_scim::{Attribute, ResourceType, Returned, Schema, SchemaError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A schema of the account's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnSchema {
    /// The id of its record.
    pub id: ResourceId,
    /// The definition (RFC 7643 §7).
    pub schema: Schema,
    /// Standard resource types that it extends.
    #[serde(default)]
    pub extends: Vec<Extends>,
    /// Its attributes that are to be found by an index, in attribute notation without the URN.
    #[serde(default)]
    pub indexed: Vec<String>,
}

/// A resource type that a schema extends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Extends {
    /// `User` or `Group`.
    pub resource_type: Extended,
    /// Whether every new resource must carry it.
    #[serde(default)]
    pub required: bool,
}

/// A standard resource type that can be extended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Extended {
    /// Users.
    User,
    /// Groups.
    Group,
}

/// A resource type of the account's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnType {
    /// The id of its record.
    pub id: ResourceId,
    /// `meta.resourceType` of its resources.
    pub name: String,
    /// `/Devices`.
    pub endpoint: String,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// URN of its core schema, one of the account's own.
    pub schema: String,
    /// Extensions, each one of the account's own.
    #[serde(default)]
    pub extensions: Vec<OwnExtension>,
    /// Attributes that are to be found by an index, in attribute notation.
    #[serde(default)]
    pub indexed: Vec<String>,
}

/// An extension of a type of the account's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnExtension {
    /// Its URN.
    pub schema: String,
    /// Whether every resource must carry it.
    #[serde(default)]
    pub required: bool,
}

/// A resource type of the account's own, ready for use.
#[derive(Clone, Debug)]
pub struct CustomType {
    /// As it is stored.
    pub own: OwnType,
    /// What requests are read with.
    pub resource_type: ResourceType,
    /// The kind of its records.
    pub kind: Kind,
    /// Version of its record.
    pub version: u64,
}

/// Schemas that an account may define.
pub const SCHEMAS_MAX: usize = 50;
/// Resource types that an account may define.
pub const TYPES_MAX: usize = 50;

impl Configuration {
    /// The type of the account's own behind an endpoint such as `/Devices`.
    pub fn custom_at(&self, endpoint: &str) -> Option<&CustomType> {
        self.types.iter().find(|custom| custom.resource_type.endpoint == endpoint)
    }
}

/// Adds the account's extensions to a standard type.
pub(crate) fn extended(
    standard: ResourceType,
    which: Extended,
    schemas: &[(OwnSchema, u64)],
) -> Result<ResourceType, SchemaError> {
    let mut extended = standard;
    for (own, _) in schemas {
        if let Some(extends) = own.extends.iter().find(|extends| extends.resource_type == which) {
            let indexed = own.indexed.iter().map(|name| format!("{}:{name}", own.schema.id)).collect();
            extended = extended.with_extension(own.schema.clone(), extends.required, indexed)?;
        }
    }
    Ok(extended)
}

/// The account's own types, ready for use.
pub(crate) fn types(
    types: Vec<(OwnType, u64)>,
    schemas: &[(OwnSchema, u64)],
    declared: &[(DeclaredIndex, u64)],
) -> Result<Vec<CustomType>, (ResourceId, String)> {
    let custom = |(own, version): (OwnType, u64)| {
        let built = build(&own, schemas).and_then(|built| indexes::add(declared, built));
        let resource_type = built.map_err(|cause| (own.id, cause))?;
        Ok(CustomType { kind: Kind::named(format!("custom.{}", own.id)), own, resource_type, version })
    };
    types.into_iter().map(custom).collect()
}

fn build(own: &OwnType, schemas: &[(OwnSchema, u64)]) -> Result<ResourceType, String> {
    let find = |urn: &str| {
        let found = schemas.iter().find(|(own, _)| own.schema.id.eq_ignore_ascii_case(urn));
        found.map(|(own, _)| own.schema.clone()).ok_or_else(|| format!("the account has no schema `{urn}`"))
    };
    let schema = find(&own.schema)?;
    let extensions: Result<Vec<(Schema, bool)>, String> =
        own.extensions.iter().map(|extension| Ok((find(&extension.schema)?, extension.required))).collect();
    ResourceType::custom(
        own.name.clone(),
        &own.endpoint,
        own.description.clone(),
        schema,
        extensions?,
        own.indexed.clone(),
    )
    .map_err(|error| error.to_string())
}

/// Defines a schema; `new.id` is ignored.
///
/// # Errors
/// A URN that exists; a definition that breaks a rule; an extension that every resource must carry while there are some, as `used`
/// says.
pub fn create_schema(
    config: &Configuration,
    call: &Call,
    new: OwnSchema,
    used: Used,
) -> Result<Decided<OwnSchema>, Refused> {
    if used.resources > 0 && new.extends.iter().any(|extends| extends.required) {
        return Err(Refused::status(
            409,
            format!("{} resources do not carry this extension; it cannot be required", used.resources),
        ));
    }
    let own = OwnSchema { id: ResourceId::new(call.new_id), ..new };
    let urn = &own.schema.id;
    if config.schemas.iter().any(|(known, _)| known.schema.id.eq_ignore_ascii_case(urn)) {
        return Err(Refused::status(409, format!("a schema `{urn}` exists")));
    }
    if let Some(secret) = secret(&own.schema.attributes) {
        return Err(Refused::invalid(format!(
            "attribute `{secret}` is never returned: only a secret is that, and this server keeps none for others"
        )));
    }
    if config.schemas.len() >= SCHEMAS_MAX {
        return Err(Refused::status(409, format!("an account has at most {SCHEMAS_MAX} schemas of its own")));
    }
    // Building the types that it extends checks what only shows there.
    let mut schemas = config.schemas.clone();
    schemas.push((own.clone(), 0));
    for extends in &own.extends {
        let standard = match extends.resource_type {
            Extended::User => ResourceType::user(),
            Extended::Group => ResourceType::group(),
        };
        let built = standard.and_then(|standard| extended(standard, extends.resource_type, &schemas));
        built.map_err(|error| Refused::invalid(error.to_string()))?;
    }
    let entry = Entry::done("schema.create").about(&Kind::SCHEMA, own.id, urn).changed(
        "extends",
        Value::Null,
        json!(own.extends),
    );
    let mut change = config.change();
    change.seq = own.extends.iter().any(|extends| extends.required).then_some(used.seq);
    change.puts.push(put(Kind::SCHEMA, own.id, call, &own, Expect::Absent));
    change.log.push(audit::entry(call, entry));
    Ok(Decided { change, outcome: own })
}

/// An attribute that nobody could ever read back.
fn secret(attributes: &[Attribute]) -> Option<&str> {
    attributes.iter().find_map(|attribute| {
        let is_secret = attribute.returned == Returned::Never;
        is_secret.then_some(attribute.name.as_str()).or_else(|| secret(&attribute.sub_attributes))
    })
}

/// Removes a schema. `used` says whether there are resources of a type that it extends: they may hold its attributes.
///
/// # Errors
/// 404; 409 while it is in use, by an index too.
pub fn delete_schema(config: &Configuration, call: &Call, id: ResourceId, used: Used) -> Result<Decided<()>, Refused> {
    let found = config.schemas.iter().find(|(own, _)| own.id == id);
    let (own, version) = found.ok_or_else(|| Refused::not_found("schema"))?;
    let urn = &own.schema.id;
    let names = |custom: &CustomType| {
        custom.own.schema.eq_ignore_ascii_case(urn)
            || custom.own.extensions.iter().any(|extension| extension.schema.eq_ignore_ascii_case(urn))
    };
    if let Some(custom) = config.types.iter().find(|custom| names(custom)) {
        return Err(Refused::status(409, format!("resource type `{}` uses this schema", custom.own.name)));
    }
    if let Some(index) = config.index_on(urn) {
        let attribute = &index.attribute;
        return Err(Refused::status(
            409,
            format!("there is an index on `{attribute}` of this schema; remove it first"),
        ));
    }
    if !own.extends.is_empty() && used.resources > 0 {
        return Err(Refused::status(
            409,
            format!("{} users or groups may hold attributes of this schema; it cannot be removed", used.resources),
        ));
    }
    removed(config, call, (Kind::SCHEMA, id, *version), ("schema.delete", urn), used)
}

/// Defines a resource type; `new.id` is ignored.
///
/// # Errors
/// A name or an endpoint that exists; a schema that does not; a definition that breaks a rule.
pub fn create_type(config: &Configuration, call: &Call, new: OwnType) -> Result<Decided<OwnType>, Refused> {
    let own = OwnType { id: ResourceId::new(call.new_id), ..new };
    build(&own, &config.schemas).map_err(Refused::invalid)?;
    let same = |custom: &&CustomType| {
        custom.own.name.eq_ignore_ascii_case(&own.name)
            || custom.own.endpoint.eq_ignore_ascii_case(&own.endpoint)
            || custom.own.schema.eq_ignore_ascii_case(&own.schema)
    };
    if let Some(custom) = config.types.iter().find(same) {
        let name = &custom.own.name;
        return Err(Refused::status(409, format!("resource type `{name}` has the same name, endpoint or schema")));
    }
    if config.types.len() >= TYPES_MAX {
        return Err(Refused::status(409, format!("an account has at most {TYPES_MAX} resource types of its own")));
    }
    let entry = Entry::done("resource_type.create").about(&Kind::RESOURCE_TYPE, own.id, &own.name).changed(
        "endpoint",
        Value::Null,
        json!(own.endpoint),
    );
    let mut change = config.change();
    change.puts.push(put(Kind::RESOURCE_TYPE, own.id, call, &own, Expect::Absent));
    change.log.push(audit::entry(call, entry));
    Ok(Decided { change, outcome: own })
}

/// Removes a resource type that has no resources.
///
/// # Errors
/// 404; 409 while there are resources or indexes of it.
pub fn delete_type(config: &Configuration, call: &Call, id: ResourceId, used: Used) -> Result<Decided<()>, Refused> {
    let found = config.types.iter().find(|custom| custom.own.id == id);
    let custom = found.ok_or_else(|| Refused::not_found("resource type"))?;
    if used.resources > 0 {
        let (number, name) = (used.resources, &custom.own.name);
        return Err(Refused::status(409, format!("there are {number} resources of type `{name}`")));
    }
    let own_index = |(index, _): &&(DeclaredIndex, u64)| index.resource_type == custom.own.name;
    if let Some((index, _)) = config.indexes.iter().find(own_index) {
        let attribute = &index.attribute;
        return Err(Refused::status(409, format!("there is an index on `{attribute}` of this type; remove it first")));
    }
    removed(config, call, (Kind::RESOURCE_TYPE, id, custom.version), ("resource_type.delete", &custom.own.name), used)
}

/// How many resources there are of the types in question, as counted when the account's log stood at `seq`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// How many.
    pub resources: u64,
    /// The head's sequence number, read before counting.
    pub seq: u64,
}

fn removed(
    config: &Configuration,
    call: &Call,
    (kind, id, version): (Kind, ResourceId, u64),
    (action, name): (&'static str, &str),
    used: Used,
) -> Result<Decided<()>, Refused> {
    let entry = Entry::done(action).about(&kind, id, name);
    let change = ChangeSet {
        deletes: vec![Delete::bare(kind, id, version)],
        seq: Some(used.seq),
        log: vec![audit::entry(call, entry)],
        ..config.change()
    };
    Ok(Decided { change, outcome: () })
}
