//! A real mail server that shows what it takes: `tests/clients/mail_server.py`.

use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

/// Far more than a mail takes; what takes longer does not come.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Sink {
    child: Child,
    mails: Receiver<String>,
    pub port: u16,
}

impl Sink {
    /// A mail server on a free port that takes everything.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same, told more: `--port N`, `--auth USER:PASSWORD`, `--tls CHAIN KEY`, `--refuse PREFIX REPLY`.
    pub fn start_with(arguments: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients/mail_server.py");
        let mut command = Command::new(python());
        command.arg(script).args(arguments).env("PYTHONDONTWRITEBYTECODE", "1");
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the Python of the clients starts");
        let stdout = child.stdout.take().expect("stdout is piped");
        let (lines, mails) = channel();
        std::thread::spawn(move || {
            // Nobody may listen any more; the pipe is drained all the same.
            BufReader::new(stdout).lines().map_while(Result::ok).for_each(|line| drop(lines.send(line)));
        });
        let first = mails.recv_timeout(PATIENCE).expect("the mail server says where it listens");
        let port = first.strip_prefix("listening ").and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| panic!("no port in {first:?}"));
        Self { child, mails, port }
    }

    /// Its URL without credentials.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The next mail that comes.
    #[track_caller]
    pub fn next(&self) -> Value {
        let line = self.mails.recv_timeout(PATIENCE).expect("a mail comes");
        serde_json::from_str(&line).expect("a mail is one line of JSON")
    }

    /// Ends the server: the mails that had come and were not asked for.
    pub fn others(&mut self) -> Vec<String> {
        let _ = self.child.kill();
        self.mails.iter().collect()
    }

    /// The next mail, which must be to this address.
    #[track_caller]
    pub fn next_to(&self, address: &str) -> Value {
        let mail = self.next();
        assert_eq!(mail["to"], serde_json::json!([address]), "{mail}");
        mail
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Python that `cargo xtask setup` installs beside what cargo builds.
fn python() -> PathBuf {
    let built = Path::new(env!("CARGO_BIN_EXE_provost"));
    let target = built.ancestors().nth(2).expect("what is built lies in a profile's folder of the target folder");
    let python = target.join("clients/python/bin/python");
    assert!(python.is_file(), "{} is missing: run `cargo xtask setup`", python.display());
    python
}
