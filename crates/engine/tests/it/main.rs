//! What the sending side promises.

mod aliases;
mod checking;
mod defaults;
mod differences;
mod documentation;
mod entitlement;
mod fake_target;
mod fixtures;
mod probing;
mod properties;
mod seeing;
mod tenant_urls;
mod wanting;
mod wire_members;
mod wire_patches;
mod wire_queries;
mod wire_resources;
