//! Tests of the sending side.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cycles;
mod simulation;
mod world;
