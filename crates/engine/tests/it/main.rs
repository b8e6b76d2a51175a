//! What the sending side promises.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod aliases;
mod bulk;
mod checking;
mod cost;
mod cycles;
mod defaults;
mod differences;
mod documentation;
mod drift;
mod entitlement;
mod fake_target;
mod feed;
mod fixtures;
mod holding;
mod lookups;
mod names;
mod nested;
mod probing;
mod properties;
mod roles;
mod seeing;
mod simulation;
mod tenant_urls;
mod wanting;
mod wire_members;
mod wire_patches;
mod wire_queries;
mod wire_resources;
mod words;
mod world;
