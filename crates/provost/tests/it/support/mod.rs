//! The real binary as tests use it: a server on a store of its own, a client that speaks to it, and the command line.
//!
//! Everything here blocks and may be called from many threads at once; [`Http`] has the same as futures, for [`block_on`].

#![allow(dead_code, reason = "not every module of tests needs everything")]

mod http;

pub use http::{Account, Answer, Body, Http};

use reqwest::Method;
use serde_json::Value;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::LazyLock;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// The program under test.
pub const PROVOST: &str = env!("CARGO_BIN_EXE_provost");

/// Far more than anything takes; what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
});

/// Waits for a future that uses [`Http`] or a process.
pub fn block_on<F: Future>(future: F) -> F::Output {
    RUNTIME.block_on(future)
}

/// A running server with a store of its own, on a port that the system chose. Killed and removed when dropped.
pub struct Server {
    folder: TempDir,
    args: Vec<String>,
    running: Option<(Child, BufReader<ChildStdout>)>,
    http: Http,
}

impl Server {
    /// A server with default settings.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// A server with more arguments to `serve`.
    pub fn start_with(args: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        let mut server = Self { folder, args, running: None, http: Http::new("", "") };
        server.launch();
        server
    }

    /// Starts again on the same store, stopping first if need be. The port changes.
    pub fn restart(&mut self) {
        if self.running.is_some() {
            self.stop();
        }
        self.launch();
    }

    /// SIGTERM; the process must end with exit code 0.
    #[track_caller]
    pub fn stop(&mut self) {
        self.signal("TERM");
        let code = self.wait();
        assert_eq!(code, Some(0), "exit code; the log:\n{}", self.log());
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        let (child, _) = self.running.as_mut().expect("the server runs");
        block_on(child.kill()).unwrap();
        self.running = None;
    }

    /// Sends a signal by name.
    pub fn signal(&self, name: &str) {
        send_signal(self.pid(), name);
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        let (child, _) = self.running.as_ref().expect("the server runs");
        child.id().expect("the server was not waited for")
    }

    /// Waits for the process to end by itself; its exit code, none after a signal. It prints nothing more on stdout.
    pub fn wait(&mut self) -> Option<i32> {
        let (mut child, mut stdout) = self.running.take().expect("the server runs");
        block_on(async {
            let status = timeout(PATIENCE, child.wait()).await.expect("the server ends in time").unwrap();
            let mut more = String::new();
            stdout.read_line(&mut more).await.unwrap();
            assert_eq!(more, "", "only one line is printed");
            status.code()
        })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        self.http.url()
    }

    /// A client of this server, to be used in threads and futures; after a restart take a new one.
    pub fn http(&self) -> Http {
        self.http.clone()
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What was logged so far, by all processes on this store.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// A SCIM request; `path` is below `/scim/v2` unless it begins with `/scim`.
    pub fn scim(&self, key: &str, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        block_on(self.http.scim(key, method, path, body))
    }

    /// A request to the management API with the operator's key; `path` is below `/api/v1`.
    pub fn api(&self, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        block_on(self.http.api(method, path, body))
    }

    /// Makes an account under a policy, a preset's name or a document, with an admin app for SCIM.
    pub fn account(&self, policy: impl Into<Value>) -> Account {
        block_on(self.http.account(policy))
    }

    /// Runs a client command as the operator against this server.
    pub fn cli(&self, args: &[&str]) -> Ran {
        let environment = [("PROVOST_URL", self.url()), ("PROVOST_TOKEN", self.http.operator_key())];
        run_with(args, &environment)
    }

    fn launch(&mut self) {
        let log = File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let mut command = command(&["serve", "--listen", "127.0.0.1:0", "--data"]);
        command.arg(self.data()).args(&self.args).stdout(Stdio::piped()).stderr(log);
        let (child, stdout, line) = block_on(async {
            let mut child = command.spawn().unwrap();
            let mut stdout = BufReader::new(child.stdout.take().unwrap());
            let mut line = String::new();
            timeout(PATIENCE, stdout.read_line(&mut line)).await.expect("the server starts in time").unwrap();
            (child, stdout, line)
        });
        let url = line.trim_end().strip_prefix("listening on ");
        let url = url.unwrap_or_else(|| panic!("printed {line:?}; the log:\n{}", self.log()));
        let key = fs::read_to_string(self.data().join("operator.key")).unwrap();
        self.http = Http::new(url, key.trim_end());
        self.running = Some((child, stdout));
    }
}

/// What a finished command did.
#[derive(Debug)]
pub struct Ran {
    /// Exit code.
    pub code: i32,
    /// All of stdout.
    pub stdout: String,
    /// All of stderr.
    pub stderr: String,
}

impl Ran {
    /// Asserts the exit code, showing everything when it is another.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\nstdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Stdout as JSON, after success.
    #[track_caller]
    pub fn json(self) -> Value {
        let ran = self.exits(0);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
    }
}

/// Runs the program to its end, without any of its environment.
pub fn run(args: &[&str]) -> Ran {
    run_with(args, &[])
}

/// Runs the program to its end, with these variables.
pub fn run_with(args: &[&str], environment: &[(&str, &str)]) -> Ran {
    let mut command = command(args);
    command.envs(environment.iter().copied()).stdin(Stdio::null());
    let output =
        block_on(async { timeout(PATIENCE, command.output()).await.expect("the command ends in time").unwrap() });
    Ran {
        code: output.status.code().expect("no signal ended the command"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The program with arguments, a clean environment, killed when the test forgets it.
pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(PROVOST);
    command.args(args).kill_on_drop(true);
    let ours = |name: &OsStr| {
        let name = name.to_string_lossy().to_ascii_uppercase();
        name.starts_with("PROVOST_") || name.ends_with("_PROXY") || name == "NO_COLOR"
    };
    for (name, _) in std::env::vars_os().filter(|(name, _)| ours(name)) {
        command.env_remove(name);
    }
    command
}

/// Sends a signal by name to a process of ours.
pub fn send_signal(pid: u32, name: &str) {
    let sent = std::process::Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status().unwrap();
    assert!(sent.success(), "kill -{name} {pid}");
}

/// A file in a folder with this content; its path as text.
pub fn file(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}
