//! What the tests of several crates share. No part of the product depends on it.

mod postgres;

pub use postgres::{Database, Held, PostgresServer};
