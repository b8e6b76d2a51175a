//! Where a store lasts.

use crate::make::{at, open_postgres};
use provost_store::{OpenError, Side, SqliteStore, Store};
use provost_testkit::{Database, PostgresServer};
use std::time::Duration;
use tempfile::TempDir;
use uuid::Uuid;

/// Where a store lasts.
pub enum Place {
    Folder(TempDir),
    Database(Database<'static>),
}

impl Place {
    /// A new, empty one.
    pub fn folder() -> Self {
        Self::Folder(tempfile::tempdir().unwrap())
    }

    /// A new, empty one.
    pub fn database() -> Self {
        Self::Database(PostgresServer::shared().database())
    }

    /// A new, empty one of the other kind.
    pub fn of_the_other_kind(&self) -> Self {
        match self {
            Self::Folder(_) => Self::database(),
            Self::Database(_) => Self::folder(),
        }
    }

    pub async fn open(&self) -> Box<dyn Store> {
        match self {
            Self::Folder(folder) => Box::new(once_free(|| SqliteStore::open(folder.path(), at(0)))),
            Self::Database(database) => Box::new(open_postgres(database).await),
        }
    }

    pub async fn open_to_read(&self) -> Box<dyn Store> {
        match self {
            Self::Folder(folder) => Box::new(SqliteStore::open_read_only(folder.path()).unwrap()),
            Self::Database(database) => Box::new(open_postgres(database).await),
        }
    }

    /// For accounts that leave it.
    pub async fn leaving(&self) -> Side {
        match self {
            Self::Folder(folder) => once_free(|| Side::leaving_folder(folder.path())),
            Self::Database(database) => Side::leaving_database(&database.url().parse().unwrap()).await.unwrap(),
        }
    }

    /// For accounts that come to it.
    pub async fn entering(&self) -> Side {
        match self {
            Self::Folder(folder) => once_free(|| Side::entering_folder(folder.path(), at(0))),
            Self::Database(database) => {
                let url = database.url().parse().unwrap();
                Side::entering_database(&url, at(0), Uuid::from_u128(78)).await.unwrap()
            }
        }
    }

    /// Runs a statement behind everybody's back; whether it changed one row or more.
    pub async fn alter(&self, statement: &str) -> bool {
        match self {
            Self::Folder(folder) => {
                let database = rusqlite::Connection::open(folder.path().join("provost.db")).unwrap();
                database.execute(statement, []).unwrap() > 0
            }
            Self::Database(database) => {
                let client = crate::database::schema::beside(database).await;
                client.execute(statement, &[]).await.unwrap() > 0
            }
        }
    }
}

/// Opens a folder that nobody has. A server that another test is just starting may hold the lock a moment longer than we did: what
/// we have open is its own, too, until it has become its own program.
#[allow(clippy::disallowed_methods, reason = "another process gives no event to wait for")]
pub fn once_free<T>(mut open: impl FnMut() -> Result<T, OpenError>) -> T {
    let mut tries = 0;
    loop {
        match open() {
            Err(OpenError::InUse(_) | OpenError::Leaving(_)) if tries < 500 => tries += 1,
            opened => return opened.unwrap(),
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
