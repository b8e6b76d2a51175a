//! The server over real sockets.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up its scene fails")]

mod bodies;
mod edge;
mod listener;
mod scim_users;
mod service;
mod tls;
mod wire;
