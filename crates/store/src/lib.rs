//! The transactional store: what was decided is committed here, whole or not at all.
//!
//! [`Store`] says what a store does; start there. [`SqliteStore`] keeps accounts in a folder,
//! [`PostgresStore`] in a database that many nodes share, [`MemoryStore`] in memory: it is the plain statement of the rules
//! that the others are tested against. All SQL of the project is in this
//! crate, next to the function that runs it.

mod error;
mod frozen;
mod indexing;
mod judge;
mod memory;
mod moving;
mod postgres;
mod schema;
mod search;
mod sqlite;
mod store;

pub use error::{OpenError, StoreError};
pub use indexing::{Entries, Indexed, Indexing, Unindexing};
pub use memory::MemoryStore;
pub use moving::{Begun, Compared, Move, MoveError, Side, give_up, remove_moved};
pub use postgres::{DatabaseUrl, PostgresStore};
pub use search::{Candidates, Edges, GroupedPage, Page, Search, Sort};
pub use sqlite::SqliteStore;
pub use sqlite::backup::{BackupError, KeyFile, Progress, back_up, restore};
pub use sqlite::inspect::{Dangling, IndexRow, Inspected, Inspection, UniqueRow, Unreadable};
pub use store::{Answer, Committed, LogQuery, Store};
