//! The SCIM protocol crate from outside.

mod bulk;
mod by_schema;
mod dialects;
mod discovery;
mod filters;
mod fixtures;
mod json;
mod kinds;
mod membership;
mod messages;
mod patch_properties;
mod patches;
mod paths;
mod plans;
mod projection;
mod properties;
mod queries;
mod resources;
mod schemas;
mod sorting;
