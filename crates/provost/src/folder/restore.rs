//! `provost restore`.

use super::copying;
use crate::{operator_key, output::Output};
use provost_store::restore;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
The folder must be empty or missing. The backup is checked before it takes its place; one of an earlier version is \
brought forward when the server starts, one of a newer version is refused.

Example:
  provost restore --from /backup/provost-2026-01-31.db --data /var/lib/provost-restored";

/// Options of `provost restore`.
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub struct Args {
    /// The backup
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Folder to put it into, for a server to use
    #[arg(long, env = "PROVOST_DATA", value_name = "DIR")]
    data: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// Whatever keeps the backup from being put back; nothing is in place then.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let keys = restore(&self.from, &self.data, &mut copying())?;
        let mut said = format!("The backup is checked and restored to `{}`.", self.data.display());
        if keys.iter().any(|name| name == operator_key::FILE) {
            said.push_str(" The operator's key came with it.");
        } else {
            said.push_str(
                " It held no operator's key: put yours into the folder as operator.key, for its owner alone, before the server \
                 starts; otherwise a new one is made, and audit streams have to be set again.",
            );
        }
        let shown = json!({ "data": self.data.display().to_string(), "keys": keys });
        Output::of(self.json).sentence(&said, &shown)?;
        Ok(ExitCode::SUCCESS)
    }
}
