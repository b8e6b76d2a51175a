//! A primary with a standby that has every commit before it is acknowledged.

use super::{PORT, PostgresServer, Setup};
use crate::own_address;
use std::process::Command;
use std::time::{Duration, Instant};

/// Far more than anything takes here.
const PATIENCE: Duration = Duration::from_secs(60);

/// Two servers, the second a synchronous standby of the first, and a database in them.
#[derive(Debug)]
pub struct Pair {
    primary: PostgresServer,
    standby: PostgresServer,
}

impl Pair {
    /// The name of the database.
    pub const DATABASE: &str = "provost";

    /// Starts both. From then on a commit on the primary waits until the standby has it on its disk.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start: `cargo xtask setup` installs it.
    pub fn start() -> Self {
        let primary = PostgresServer::set_up(Setup { address: Some(own_address()), ..Setup::default() });
        primary.run("createdb", &[Self::DATABASE]);
        let from = format!("host={} user=postgres application_name=standby", primary.folder.display());
        // A standby that waits for its primary to come back sees late that it is to be one itself.
        let (settings, address) = ("wal_retrieve_retry_interval = '100ms'", Some(own_address()));
        let standby = PostgresServer::set_up(Setup { settings, address, primary: &from, ..Setup::default() });
        primary.ask("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'standby'");
        primary.ask("postgres", "SELECT pg_reload_conf()");
        let follows = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'";
        primary.until_some("the standby follows", follows);
        Self { primary, standby }
    }

    /// Where the database is, whichever of the two is the primary.
    pub fn url(&self) -> String {
        let address = |server: &PostgresServer| server.address.expect("both were started with one").to_string();
        let hosts = [&self.primary, &self.standby].map(|server| format!("{}:{PORT}", address(server))).join(",");
        format!("postgres://postgres@{hosts}/{}?target_session_attrs=read-write", Self::DATABASE)
    }

    /// Sends the standby nothing more, until a commit waits on the primary that it would have to have.
    pub fn hold_back(&self) {
        let sender = self.primary.ask("postgres", "SELECT pid FROM pg_stat_replication");
        let status = Command::new("kill").args(["-STOP", &sender]).status();
        assert!(status.is_ok_and(|status| status.success()), "it sends");
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        self.primary.until_some("a commit waits", waiting);
    }

    /// Ends the primary without warning (SIGKILL). Nothing is written until [`Pair::promote`].
    pub fn kill_primary(&self) {
        self.primary.kill_all();
    }

    /// Makes the standby the primary, which it is when this returns.
    pub fn promote(&self) {
        self.standby.control(&["-w", "promote"]);
    }
}

impl PostgresServer {
    /// Waits until a query counts something.
    fn until_some(&self, what: &str, query: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.ask("postgres", query) == "0" {
            assert!(Instant::now() < deadline, "{what}: not within a minute");
        }
    }
}
