//! What the commands that try any SCIM server have in common.

use crate::{output::printable, signals::Signals};
use anyhow::{Context, bail};
use provost_check::Target;
use provost_server::{Entropy as _, SystemEntropy};
use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};
use tokio::sync::watch;

/// Longest file that is read, in bytes: of cases, a scenario, a token or certificates.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// How a server is reached.
#[derive(clap::Args, Debug)]
pub struct Service {
    /// A file with a token that may read and write users and groups
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The token itself; better given in a file or in the environment, where other users do not see it
    #[arg(long, env = "PROVOST_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Trust the authorities in this file (PEM) instead of those that this machine trusts
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

impl Service {
    /// The service at `url`.
    ///
    /// # Errors
    /// What cannot be used, as one sentence.
    pub fn target(&self, url: &str) -> anyhow::Result<Target> {
        let token = match (&self.token_file, &self.token) {
            (Some(file), _) => Some(read(file)?),
            (None, token) => token.clone(),
        };
        let authorities = self.ca.as_deref().map(read).transpose()?;
        Ok(Target::new(url, token.as_deref().map(str::trim), authorities.as_deref().map(str::as_bytes))?)
    }
}

/// `WORD-` and a random number: what the names of everything that a run makes begin with.
pub fn prefix(word: &str) -> String {
    let mut bytes = [0; 4];
    SystemEntropy.fill(&mut bytes);
    format!("{word}-{:08x}", u32::from_le_bytes(bytes))
}

/// Waits for a run. Ctrl-C asks it to end early by `end`, and a second one leaves it alone.
///
/// # Errors
/// Those of the run; or, when it was left, what may still be on the server.
pub async fn until_done<T, E: Into<anyhow::Error>>(
    running: impl Future<Output = Result<T, E>>,
    end: &watch::Sender<bool>,
    prefix: &str,
    clear: impl Fn(),
) -> anyhow::Result<T> {
    let mut signals = Signals::listen().context("cannot listen for signals")?;
    let mut running = std::pin::pin!(running);
    loop {
        tokio::select! {
            done = &mut running => return done.map_err(Into::into),
            () = signals.end() => {
                clear();
                if end.send_replace(true) {
                    bail!("left at once: users and groups whose names begin with `{prefix}` may still be there");
                }
                // That nobody reads it is no reason to end.
                let _ = writeln!(io::stderr(), "Ending; once more to leave at once.");
            }
        }
    }
}

/// A text file, within a bound.
///
/// # Errors
/// When it cannot be read, or is too long.
pub fn read(file: &Path) -> anyhow::Result<String> {
    read_up_to(file, FILE_BYTES_MAX)
}

/// A text file of at most so many bytes.
///
/// # Errors
/// When it cannot be read, or is longer.
pub fn read_up_to(file: &Path, bytes: u64) -> anyhow::Result<String> {
    let cannot = || format!("cannot read {}", file.display());
    if std::fs::metadata(file).with_context(cannot)?.len() > bytes {
        bail!("{} has more than {} MiB", file.display(), bytes / 1024 / 1024);
    }
    std::fs::read_to_string(file).with_context(cannot)
}

/// Writes a file.
///
/// # Errors
/// When it cannot be written.
pub fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// The text, each line of which may come from a server.
pub fn lines(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", printable(line))).collect()
}
