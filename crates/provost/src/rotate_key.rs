//! `provost rotate-key`: another operator's key, and everything that is stored sealed sealed with it.

use crate::{config::Unread, operator_key, output::Output};
use anyhow::Context as _;
use provost_server::{
    Clock, Entropy, SystemClock, SystemEntropy,
    reseal::{Resealed, reseal},
};
use provost_store::{DatabaseUrl, PostgresStore, SqliteStore, Store};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
Stop the server first; of several servers on a PostgreSQL database, all of them. The new key is written to operator.key.next, \
every stored secret (tokens of enterprise apps, targets of audit streams, client secrets of identity providers, secrets of \
authenticator apps) is opened with the old key and sealed with the new one, and the new key takes the place of operator.key. \
Whatever ends it before that: no server starts, and the same command goes on where it was ended.

The old key opens nothing any more. What is only passing ends with it: the operator's console sessions, cursors, forms that are open. \
API keys, passwords, passkeys and people's sessions stay. A backup that was made before needs the old key. Copy the new operator.key \
into the data folders of all servers on the database.

Examples:
  provost rotate-key --data /var/lib/provost
  PROVOST_DATABASE_URL=postgres://provost:password@db.example.com/provost provost rotate-key --data /var/lib/provost";

/// Options of `provost rotate-key`.
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub struct Args {
    /// Folder of the operator's key, and of the database unless --database-url is given
    #[arg(long, env = "PROVOST_DATA", value_name = "DIR")]
    data: PathBuf,
    /// The PostgreSQL database that the servers share
    #[arg(long, env = "PROVOST_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<Unread>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// A folder that is in use or has no key, a database that cannot be reached, an account that is being moved. Running it again
    /// goes on.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let resealed = match &self.database_url {
            Some(url) => shared(&self.data, &url.text().parse()?).await?,
            None => alone(&self.data).await?,
        };
        let Resealed { secrets, already, lost, accounts, moved } = resealed;
        let mut said = format!(
            "The operator's key is another one: {secrets} secrets of {accounts} accounts are sealed with it now. It is in `{}`.",
            operator_key::path(&self.data).display()
        );
        if already > 0 {
            said.push_str(&format!(" An earlier attempt had sealed {already} more."));
        }
        if lost > 0 {
            said.push_str(&format!(" The old key did not open {lost}: they have to be given again."));
        }
        if moved > 0 {
            said.push_str(&format!(" Left as they are, since they were moved to another database: {moved} accounts."));
        }
        let shown =
            json!({ "secrets": secrets, "already": already, "lost": lost, "accounts": accounts, "moved": moved });
        Output::of(self.json).sentence(&said, &shown)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// On the database in the data folder, which nobody else opens meanwhile.
async fn alone(data: &Path) -> anyhow::Result<Resealed> {
    anyhow::ensure!(operator_key::path(data).exists(), "there is no operator's key in `{}`", data.display());
    let store = SqliteStore::open(data, SystemClock.now())?;
    let (from, to) = operator_key::rotation(data, &SystemEntropy)?;
    let resealed = reseal(&store, (&from, &to), &SystemClock, &SystemEntropy).await?;
    store.close().await.context("the store did not close")?;
    operator_key::take_over(data)?;
    Ok(resealed)
}

/// On a database that servers share, which start again once it is done.
async fn shared(data: &Path, url: &DatabaseUrl) -> anyhow::Result<Resealed> {
    let now = SystemClock.now();
    let store = PostgresStore::open(url, now, SystemEntropy.uuid_v7(now)).await?;
    let (from, to) = operator_key::rotation(data, &SystemEntropy)?;
    operator_key::announce(&store, (&from, &to), &SystemEntropy).await?;
    let resealed = reseal(&store, (&from, &to), &SystemClock, &SystemEntropy).await?;
    operator_key::agree(&store, &to, &SystemEntropy).await?;
    store.close().await.context("the store did not close")?;
    operator_key::take_over(data)?;
    Ok(resealed)
}
