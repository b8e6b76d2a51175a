//! What tries SCIM servers from outside. It speaks HTTP and knows nothing of any server's insides, ours included.
//!
//! [`load`] puts a load on a server and says how it bears it. [`Target`] is a server, [`Connection`] a connection to it.

mod connection;
pub mod load;
mod target;

pub use connection::{Ask, Connection, Fault, REPLY_BYTES_MAX, REQUEST_MAX, Reply};
pub use target::{Target, TargetError};
