//! What every store must do, and what only the one in a folder does.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up its scene fails")]

mod conformance;
mod folder;
mod make;
mod model;
