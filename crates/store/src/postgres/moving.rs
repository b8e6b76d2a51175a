//! A database that others share as one end of a move.

mod page;
mod write;

use super::again::persist;
use super::connections::{Connections, execute, first};
use super::fault::Fault;
use super::{migrations, read, row};
use crate::frozen;
use crate::moving::end::{Coming, End};
use crate::moving::rows::{Place, Rows};
use crate::{Answer, DatabaseUrl, OpenError, StoreError};
use jiff::Timestamp;
use provost_change::{AccountId, Frozen, Head};
use uuid::Uuid;

/// One reads and one writes at once, and one is lost and made anew.
const CONNECTIONS_MAX: usize = 3;

/// A PostgreSQL database.
pub(crate) struct PostgresEnd {
    connections: Connections,
}

impl PostgresEnd {
    pub(crate) async fn leaving(url: &DatabaseUrl) -> Result<Self, OpenError> {
        let end = Self::connected(url)?;
        migrations::check(&end.first(url).await?).await?;
        Ok(end)
    }

    pub(crate) async fn entering(url: &DatabaseUrl, now: Timestamp, node: Uuid) -> Result<Self, OpenError> {
        let end = Self::connected(url)?;
        migrations::apply(&end.first(url).await?, now, node).await?;
        Ok(end)
    }

    fn connected(url: &DatabaseUrl) -> Result<Self, OpenError> {
        Ok(Self { connections: Connections::new(url, CONNECTIONS_MAX).map_err(OpenError::Database)? })
    }

    /// Does something, again and with another connection where that may help.
    async fn again<T, F>(&self, attempt: impl FnMut() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        persist(&self.connections, attempt).await.map_err(Fault::into_error)
    }

    async fn first(&self, url: &DatabaseUrl) -> Result<deadpool_postgres::Object, OpenError> {
        let unreachable = |error: StoreError| OpenError::Unreachable { place: url.to_string(), error: error.why() };
        self.connections.take().await.map_err(unreachable)
    }
}

impl End for PostgresEnd {
    fn head(&self, account: AccountId) -> Answer<'_, Option<Head>> {
        Box::pin(
            async move { self.again(|| async { read::head(&self.connections.take().await?, account).await }).await },
        )
    }

    fn accounts(&self, after: Option<AccountId>, limit: u64) -> Answer<'_, Vec<AccountId>> {
        Box::pin(async move {
            self.again(|| async { read::accounts(&self.connections.take().await?, after, limit).await }).await
        })
    }

    /// Waits for whoever commits to the account, and whoever comes after that sees it.
    fn freeze(&self, account: AccountId, from: Option<Frozen>, to: Option<Frozen>) -> Answer<'_, bool> {
        const FREEZE: &str = "UPDATE heads SET frozen = $1 WHERE account = $2 AND COALESCE(frozen, '') = $3";
        Box::pin(async move {
            let (from, to) = (from.map(frozen::text).unwrap_or_default(), to.map(frozen::text));
            let freeze = || async {
                let connection = self.connections.take().await?;
                Ok(execute(&connection, FREEZE, &[&to, &account.uuid(), &from]).await? == 1)
            };
            self.again(freeze).await
        })
    }

    fn page<'a>(&'a self, account: AccountId, after: &'a Place) -> Answer<'a, Rows> {
        Box::pin(async move {
            self.again(|| async { page::page(&self.connections.take().await?, account, after).await }).await
        })
    }

    fn coming(&self, account: AccountId) -> Answer<'_, Option<Coming>> {
        const COMING: &str = "SELECT token, place FROM moves WHERE account = $1";
        Box::pin(async move {
            let coming = || async {
                let found = first(&self.connections.take().await?, COMING, &[&account.uuid()]).await?;
                let coming =
                    |found| Ok(Coming { token: row::get(&found, 0)?, place: Place::read(row::get(&found, 1)?)? });
                found.map(coming).transpose()
            };
            self.again(coming).await
        })
    }

    fn expect(&self, account: AccountId, token: Uuid) -> Answer<'_, ()> {
        const EXPECT: &str = "
            INSERT INTO moves (account, token, place) VALUES ($1, $2, $3)
            ON CONFLICT (account) DO UPDATE SET token = excluded.token, place = excluded.place";
        Box::pin(async move {
            let expect = || async {
                let (connection, place) = (self.connections.take().await?, Place::Records(None).text());
                Ok(execute(&connection, EXPECT, &[&account.uuid(), &token, &place]).await.map(drop)?)
            };
            self.again(expect).await
        })
    }

    fn append<'a>(&'a self, account: AccountId, coming: &'a Coming, rows: Rows, next: &'a Place) -> Answer<'a, bool> {
        Box::pin(async move {
            let append = || async {
                let connection = self.connections.take().await?;
                write::append(connection, account, coming, &rows, next).await
            };
            self.again(append).await
        })
    }

    fn go_live<'a>(&'a self, account: AccountId, token: Uuid, head: &'a Head) -> Answer<'a, bool> {
        Box::pin(async move {
            let head = Head { frozen: None, ..head.clone() };
            let live = || async {
                let connection = self.connections.take().await?;
                write::go_live(connection, account, token, &head).await
            };
            self.again(live).await
        })
    }

    fn forget(&self, account: AccountId, token: Uuid) -> Answer<'_, bool> {
        const FORGET: &str = "DELETE FROM moves WHERE account = $1 AND token = $2 AND place <> $3";
        Box::pin(async move {
            let forget = || async {
                let (connection, live) = (self.connections.take().await?, Place::Live.text());
                Ok(execute(&connection, FORGET, &[&account.uuid(), &token, &live]).await? == 1)
            };
            self.again(forget).await
        })
    }

    fn remove<'a>(&'a self, account: AccountId, to: &'a Place) -> Answer<'a, ()> {
        Box::pin(async move {
            let remove = || async { write::remove(&self.connections.take().await?, account, to).await };
            self.again(remove).await
        })
    }

    fn remove_rest(&self, account: AccountId) -> Answer<'_, ()> {
        Box::pin(async move {
            let remove = || async { write::remove_rest(&self.connections.take().await?, account).await };
            self.again(remove).await
        })
    }
}
