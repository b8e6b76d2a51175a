//! The rules of `Store`, one case each, run against every store.

mod commits;
mod concurrency;
mod indexing;
mod leases;
mod logs;
mod member_searches;
mod members;
mod orders;
mod reads;
mod rehearsals;
mod searches;

use crate::make::{account, new_account};
use provost_change::AccountId;
use provost_store::{MemoryStore, SqliteStore, Store};
use provost_testkit::PostgresServer;
use std::sync::Arc;

/// The account that the cases use.
pub const HOME: u128 = 0xA;

pub fn home() -> AccountId {
    account(HOME)
}

/// Gives each case a new store of each kind, with an account in it.
macro_rules! on_every_store {
    ($($case:ident,)+) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                super::super::on_memory(super::$case).await;
            })+
        }
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                super::super::on_sqlite(super::$case).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                super::super::on_postgres(super::$case).await;
            })+
        }
    };
}
use on_every_store;

async fn on_memory<F: Future<Output = ()>>(case: impl FnOnce(Arc<dyn Store>) -> F) {
    let store = Arc::new(MemoryStore::new());
    store.commit(home(), new_account()).await.unwrap();
    case(store).await;
}

async fn on_sqlite<F: Future<Output = ()>>(case: impl FnOnce(Arc<dyn Store>) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(folder.path(), crate::make::at(0)).unwrap());
    store.commit(home(), new_account()).await.unwrap();
    case(store).await;
}

async fn on_postgres<F: Future<Output = ()>>(case: impl FnOnce(Arc<dyn Store>) -> F) {
    let database = PostgresServer::shared().database();
    let store = Arc::new(crate::make::open_postgres(&database).await);
    store.commit(home(), new_account()).await.unwrap();
    case(store).await;
}
