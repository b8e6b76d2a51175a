//! The transactional store: what was decided is committed here, whole or not at all.
//!
//! [`Store`] says what a store does; start there. [`SqliteStore`] keeps accounts in a folder, [`MemoryStore`] in
//! memory: it is the plain statement of the rules that the other is tested against. All SQL of the project is in this
//! crate, next to the function that runs it.

mod error;
mod memory;
mod sqlite;
mod store;

pub use error::{OpenError, StoreError};
pub use memory::MemoryStore;
pub use sqlite::SqliteStore;
pub use store::{Answer, Candidates, Committed, LogQuery, Page, Search, Store};
