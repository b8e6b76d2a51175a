//! Connections to the server: kept for the next who needs one, made anew when one is lost.

use super::fault::unavailable;
use super::url::DatabaseUrl;
use crate::StoreError;
use deadpool_postgres::{
    ConfigConnectImpl, Connect, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType,
};
use std::ops::Deref;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;
use tokio::{runtime::Handle, task::JoinHandle};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Error, NoTls, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long to wait until one of the connections is free. Longer waits only lengthen the queue.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// Begins a transaction in which each statement sees what is committed when it begins.
pub(super) const WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// Begins a transaction that shows one moment.
const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Connections to one database.
#[derive(Debug)]
pub(super) struct Connections {
    pool: Pool,
}

impl Connections {
    /// At most `max` connections, made when they are needed, on the runtime that this is called in.
    pub(super) fn new(url: &DatabaseUrl, max: usize) -> Result<Self, String> {
        let keep = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let connect: Arc<dyn Connect> = match url.tls() {
            Some(tls) => Arc::new(ConfigConnectImpl { tls: MakeRustlsConnect::new(tls.as_ref().clone()) }),
            None => Arc::new(ConfigConnectImpl { tls: NoTls }),
        };
        let at_home = AtHome { connect, runtime: Handle::current() };
        let manager = Manager::from_connect(url.config().clone(), at_home, keep);
        let pool = Pool::builder(manager).max_size(max).wait_timeout(Some(WAIT_MAX)).runtime(Runtime::Tokio1);
        Ok(Self { pool: pool.build().map_err(|error| error.to_string())? })
    }

    /// A connection outside of a transaction.
    pub(super) async fn take(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => unavailable(&error),
            PoolError::Timeout(TimeoutType::Wait) => {
                StoreError::Unavailable("all connections to the database are busy".to_owned())
            }
            PoolError::Closed => StoreError::Unavailable("it is closed".to_owned()),
            other @ (PoolError::Timeout(_) | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_)) => {
                StoreError::Unavailable(other.to_string())
            }
        })
    }

    /// A transaction that shows one moment, and writes nothing.
    pub(super) async fn snapshot(&self) -> Result<Transaction, StoreError> {
        Ok(Transaction::begin(self.take().await?, READ))
    }

    /// Ends those that nobody uses.
    pub(super) fn forget_idle(&self) {
        self.pool.retain(|_, _| false);
    }

    /// Ends all of them; what is taken goes on to its end.
    pub(super) fn close(&self) {
        self.pool.close();
    }
}

/// Makes connections on one runtime, whichever they are asked for on: the next who uses one must not wait for what else
/// that one does.
struct AtHome {
    connect: Arc<dyn Connect>,
    runtime: Handle,
}

type Connecting<'c> = Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + 'c>>;

impl Connect for AtHome {
    fn connect(&self, config: &Config) -> Connecting<'_> {
        let config = config.clone();
        Box::pin(async move {
            let (connect, there) = (Arc::clone(&self.connect), config.clone());
            match self.runtime.spawn(async move { connect.connect(&there).await }).await {
                Ok(connected) => connected,
                // That runtime ends.
                Err(_) => self.connect.connect(&config).await,
            }
        })
    }
}

/// A connection inside of a transaction, which is rolled back when this is dropped before [`Transaction::commit`] has come to its
/// end.
pub(super) struct Transaction {
    connection: Option<Object>,
}

impl Transaction {
    /// Sends `begin` and does not wait for it: what is asked next comes behind.
    pub(super) fn begin(connection: Object, begin: &str) -> Self {
        send(&connection, begin);
        Self { connection: Some(connection) }
    }

    /// Sends the commit when it is first polled.
    pub(super) async fn commit(&self) -> Result<(), Error> {
        self.batch_execute("COMMIT").await
    }

    /// Gives the connection back after a commit that came to its end.
    pub(super) fn ended(mut self) {
        self.connection = None;
    }

    /// Gives the connection up: whatever the server still does there, nobody waits for it.
    pub(super) fn abandon(mut self) {
        if let Some(connection) = self.connection.take() {
            drop(Object::take(connection));
        }
    }
}

impl Deref for Transaction {
    type Target = Object;

    fn deref(&self) -> &Object {
        self.connection.as_ref().expect("only what consumes the transaction takes its connection")
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            send(&connection, "ROLLBACK");
        }
    }
}

/// Sends a statement and does not wait for its answer; whoever uses the connection next comes behind it.
fn send(connection: &Object, sql: &str) {
    let sending = pin!(connection.batch_execute(sql));
    // A connection that is lost says so to the next statement.
    let _ = sending.poll(&mut Context::from_waker(Waker::noop()));
}

/// All rows of an answer.
pub(super) async fn rows(connection: &Object, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
    let statement = connection.prepare_cached(sql).await?;
    connection.query(&statement, params).await
}

/// The one row of an answer, when there is one.
pub(super) async fn first(
    connection: &Object,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Option<Row>, Error> {
    Ok(rows(connection, sql, params).await?.into_iter().next())
}

/// Runs a statement that answers with no rows, and says how many rows it changed.
pub(super) async fn execute(connection: &Object, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<u64, Error> {
    let statement = connection.prepare_cached(sql).await?;
    connection.execute(&statement, params).await
}
