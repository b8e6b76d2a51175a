//! The SCIM protocol crate from outside.

mod filters;
mod json;
mod paths;
mod plans;
mod projection;
mod properties;
mod queries;
mod fixtures;
mod kinds;
mod patches;
mod resources;
mod dialects;
mod discovery;
mod messages;
mod patch_properties;
