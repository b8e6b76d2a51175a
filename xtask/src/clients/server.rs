//! The server under test, as its own process.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::command::{command, run as run_command};

/// A start that takes longer hangs: an empty store opens in milliseconds.
const START_MAX: Duration = Duration::from_secs(30);

/// No request is in flight when the server is told to stop.
const STOP_MAX: Duration = Duration::from_secs(20);

/// A running `provost serve` on a free port and a new store. Dropping it without `stop` kills it.
pub struct Server {
    /// `http://HOST:PORT`, as the server itself said.
    pub address: String,
    process: Child,
    folder: PathBuf,
    /// Hears nothing more when the server's standard output ends, which is when the process ends.
    output_ended: Receiver<String>,
}

impl Server {
    /// Starts the binary with its store in `folder`, which is emptied first; waits for its line `listening on …`.
    ///
    /// # Errors
    /// When it cannot start or does not say the line within [`START_MAX`]; the message holds what it logged.
    pub fn start(binary: &Path, folder: &Path) -> Result<Self> {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)?;
        let mut process = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(folder.join("log"))?)
            .spawn()
            .with_context(|| format!("{} cannot start", binary.display()))?;
        let stdout = process.stdout.take().context("the server's standard output is piped")?;
        let (lines, output_ended) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // Nobody listens once the address is known; the pipe is drained all the same.
                let _ = lines.send(line);
            }
        });
        let mut server = Self { address: String::new(), process, folder: folder.to_path_buf(), output_ended };
        while server.address.is_empty() {
            let Ok(line) = server.output_ended.recv_timeout(START_MAX) else {
                bail!("the server does not say where it listens; it logged:\n{}", server.log());
            };
            if let Some(address) = line.strip_prefix("listening on ") {
                server.address = address.trim().to_string();
            }
        }
        Ok(server)
    }

    /// The base address of SCIM.
    pub fn scim(&self) -> String {
        format!("{}/scim/v2", self.address)
    }

    /// The file with the bearer token for the management API.
    pub fn operator_key(&self) -> PathBuf {
        self.folder.join("data").join("operator.key")
    }

    /// Sends SIGTERM and waits.
    ///
    /// # Errors
    /// When the server does not end with status 0 within [`STOP_MAX`]; the message holds what it logged.
    pub fn stop(mut self) -> Result<()> {
        run_command(&mut command("sh", &["-c", "kill -TERM \"$0\"", &self.process.id().to_string()]))?;
        while self.output_ended.recv_timeout(STOP_MAX).is_ok() {}
        // A process closes its output a moment before it ends.
        let deadline = Instant::now() + STOP_MAX;
        let mut status: Option<ExitStatus> = self.process.try_wait()?;
        while status.is_none() && Instant::now() < deadline {
            std::thread::park_timeout(Duration::from_millis(20));
            status = self.process.try_wait()?;
        }
        let shown = status.map_or("is still running".to_string(), |status| format!("ended with {status}"));
        ensure!(
            status.is_some_and(|status| status.success()),
            "after SIGTERM the server {shown}; it logged:\n{}",
            self.log()
        );
        Ok(())
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_else(|error| error.to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails only when the process has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
