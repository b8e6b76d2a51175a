//! What only a store in a database does: several nodes share it, it is lost and found again, and its schema is made once.

mod conflicts;
mod lost;
mod nodes;
pub mod schema;
mod sql;
mod tls;
mod trouble;
