//! Decisions of the receiving side, without any input or output.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod alerts;
mod approvals;
mod authority;
mod bin;
mod brake;
mod definitions;
mod fingerprint;
mod fixture;
mod fulcrum;
mod limits;
mod mails;
mod management;
mod policies;
mod preview;
mod quorums;
mod roles;
mod tokens;
mod users;
