//! The server, over real sockets and without them.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up its scene fails")]

mod api;
mod bodies;
mod edge;
mod held;
mod in_flight;
mod indexes;
mod listener;
mod month;
mod random;
mod scim_users;
mod service;
mod simulation;
mod streams;
mod tls;
mod wire;
