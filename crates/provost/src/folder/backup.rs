//! `provost backup`.

use super::{KEY_FILES, copying, megabytes};
use crate::output::Output;
use anyhow::Context;
use provost_store::{KeyFile, back_up};
use serde_json::json;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
The copy shows one moment, also while a server writes, and is checked before it takes its place; a FILE that is there \
already is replaced. Run it as the user that the server runs as.

The operator's key is not in it unless you say --with-keys. Without that key the targets of audit streams, which are \
stored sealed, cannot be read after a restore: keep operator.key elsewhere, as you keep other secrets. With it, whoever \
has the backup can manage everything.

Example:
  provost backup --data /var/lib/provost --to /backup/provost-$(date +%F).db";

/// Options of `provost backup`.
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub struct Args {
    /// Folder of the database
    #[arg(long, env = "PROVOST_DATA", value_name = "DIR")]
    data: PathBuf,
    /// Where to put the backup: a file that only its owner reads
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Put the operator's key into it as well
    #[arg(long)]
    with_keys: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// Whatever keeps the backup from being made; nothing is replaced then.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let keys = if self.with_keys { read_keys(&self.data)? } else { Vec::new() };
        let bytes = back_up(&self.data, &self.to, &keys, &mut copying())?;
        let names: Vec<&str> = keys.iter().map(|key| key.name.as_str()).collect();
        let mut said = format!("The backup `{}` is made and checked: {}.", self.to.display(), megabytes(bytes));
        said.push_str(if self.with_keys {
            " It holds the operator's key: keep it secret."
        } else {
            " It does not hold the operator's key: keep operator.key elsewhere, for without it what is stored sealed cannot be read."
        });
        let shown = json!({ "file": self.to.display().to_string(), "bytes": bytes, "keys": names });
        Output::of(self.json).sentence(&said, &shown)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn read_keys(data: &Path) -> anyhow::Result<Vec<KeyFile>> {
    let mut keys = Vec::new();
    for name in KEY_FILES {
        let path = data.join(name);
        match fs::read(&path) {
            Ok(content) => keys.push(KeyFile { name: name.to_owned(), content }),
            // A server that was never started on this folder has none yet.
            Err(error) if error.kind() == ErrorKind::NotFound && data.is_dir() => {}
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }
    Ok(keys)
}
