//! Decisions of the receiving side, without any input or output.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod fixture;
mod policies;
mod quorums;
mod roles;
mod users;
