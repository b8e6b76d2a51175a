//! What every store must do, and what only the ones in a folder and in a database do.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up its scene fails")]

mod conformance;
mod database;
mod folder;
mod make;
mod model;
mod moving;
mod place;
