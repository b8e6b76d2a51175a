//! The server under measurement: the program itself, so that its memory is its own.

use crate::{client, load::Request};
use provost_testkit::PostgresServer;
use serde_json::json;
use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

/// As in use: what is acknowledged is on the disk, and the server has some memory.
const DURABLE: &str = "fsync = on\nfull_page_writes = on\nshared_buffers = 512MB\nmax_wal_size = 4GB";

pub struct Server {
    pub address: SocketAddr,
    operator_key: String,
    child: Child,
    folder: tempfile::TempDir,
    _postgres: Option<PostgresServer>,
}

impl Server {
    pub fn start(database: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = folder.path().join("data");
        let mut command = Command::new(env!("CARGO_BIN_EXE_provost"));
        command.arg("serve").arg("--data").arg(&data).args(["--listen", "127.0.0.1:0", "--log", "warn"]);
        let postgres = (database == "postgresql").then(|| PostgresServer::start_with(DURABLE));
        if let Some(postgres) = &postgres {
            let database = postgres.database();
            command.args(["--database-url", &database.url()]);
            // It goes with its server.
            std::mem::forget(database);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program is there");
        let mut said = String::new();
        let stdout = child.stdout.take().expect("the output is a pipe");
        BufReader::new(stdout).read_line(&mut said).expect("the output is text");
        let address = said.trim().rsplit('/').next().and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| panic!("the server starts and says where: {said}"));
        let operator_key = fs::read_to_string(data.join("operator.key")).expect("a new server has written its key");
        Self { address, operator_key: operator_key.trim().to_owned(), child, folder, _postgres: postgres }
    }

    /// The key of a new account's admin app.
    pub fn make_account(&self, name: &str) -> String {
        let (account, app) = (json!({ "name": name, "policy": "standard" }), json!({ "name": "Bench" }));
        client::make_account(self.address, &self.operator_key, &account, &app)
    }

    /// The body of the answer to one request.
    pub fn once(&self, request: &Request) -> Vec<u8> {
        client::once(self.address, request)
    }

    /// What the process has in memory now.
    pub fn resident_mb(&self) -> f64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(path).expect("the server runs, on Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a process has memory");
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("it is a number");
        kilobytes / 1024.0
    }

    /// What its folder has on the disk.
    pub fn bytes(&self) -> u64 {
        bytes(self.folder.path())
    }
}

/// However the measurement ends.
impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}

fn bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).expect("the folder can be read").flatten();
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(data) if data.is_dir() => bytes(&entry.path()),
        Ok(data) => data.len(),
        Err(_) => 0,
    };
    entries.map(size).sum()
}
