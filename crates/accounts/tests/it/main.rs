//! Decisions of the receiving side, without any input or output.

mod fixture;
mod policies;
mod quorums;
mod roles;
mod users;
