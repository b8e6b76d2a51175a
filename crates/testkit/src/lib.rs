//! What the tests of several crates share. No part of the product depends on it.

mod address;
pub mod browser;
pub mod faulty;
mod postgres;
mod proxy;
pub mod slapd;

pub use address::own_address;
pub use browser::{Browser, Page};
pub use faulty::{Fault, Faulty};
pub use postgres::{Database, Held, Pair, PostgresServer};
pub use proxy::{Cut, Proxy};
pub use slapd::Slapd;
