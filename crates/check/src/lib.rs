//! What tries SCIM servers from outside. It speaks HTTP and knows nothing of any server's insides, ours included.
//!
//! [`conformance`] says whether a server does what the standard and its clients ask, [`simulation`] drives it as one of them would,
//! [`load`] puts a load on it and says how it bears it.
//! [`Target`] is a server, [`Connection`] a connection to it.

pub mod conformance;
mod connection;
pub mod load;
mod script;
pub mod simulation;
mod target;
mod xml;

pub use connection::{Ask, Connection, Fault, Headers, REPLY_BYTES_MAX, REQUEST_MAX, Reply};
pub use target::{Target, TargetError};
