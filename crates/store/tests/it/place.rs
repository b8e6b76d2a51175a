//! Where a store lasts.

use crate::make::{at, open_postgres};
use provost_store::{Side, SqliteStore, Store};
use provost_testkit::{Database, PostgresServer};
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
            Self::Folder(folder) => Box::new(SqliteStore::open(folder.path(), at(0)).unwrap()),
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
            Self::Folder(folder) => Side::leaving_folder(folder.path()).unwrap(),
            Self::Database(database) => Side::leaving_database(&database.url().parse().unwrap()).await.unwrap(),
        }
    }

    /// For accounts that come to it.
    pub async fn entering(&self) -> Side {
        match self {
            Self::Folder(folder) => Side::entering_folder(folder.path(), at(0)).unwrap(),
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
