//! Other people's SCIM servers as processes. `cargo xtask setup` installs them.

use std::{
    fs::{File, read_to_string},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// What authenticates at each of them.
pub const TOKEN: &str = "strangers-test-token";

/// A start that takes longer hangs: Django makes its tables first.
const START_MAX: Duration = Duration::from_secs(60);

/// A server that runs, with nobody in it. Dropping it kills it.
pub struct Stranger {
    /// Its SCIM base.
    pub tenant_url: String,
    process: Child,
    log: PathBuf,
    _keeps: TempDir,
}

/// Its program is below `target/strangers`; it is started with a port and a folder for what it keeps.
type Start = fn(&Path, &str, &Path) -> Command;

impl Stranger {
    /// PyPI `scim2-server`, as it comes.
    pub fn scim2_server() -> Self {
        Self::start("scim2-server/bin/scim2-server", "", |program, port, _| {
            let mut server = Command::new(program);
            server.args(["--port", port, "--bearer-token", TOKEN]);
            server
        })
    }

    /// PyPI `django-scim2` in a small Django project.
    pub fn django_scim2() -> Self {
        Self::start("django-scim2/bin/python", "/scim/v2", |program, port, keeps| {
            let glue = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/strangers/django/server.py");
            let mut server = Command::new(program);
            server.arg(glue).args([port, TOKEN]).arg(keeps).env("PYTHONDONTWRITEBYTECODE", "1");
            server
        })
    }

    /// npm `scimmy-routers` with a store of a few lines.
    pub fn scimmy_routers() -> Self {
        Self::start("scimmy/server.mjs", "/scim/v2", |program, port, _| {
            let mut server = Command::new("node");
            server.arg(program).args([port, TOKEN, "enterprise"]);
            server
        })
    }

    fn start(program: &str, base: &str, start: Start) -> Self {
        let built = Path::new(env!("CARGO_BIN_EXE_provost"));
        let target = built.ancestors().nth(2).expect("what is built lies in a profile's folder of the target folder");
        let path = target.join("strangers").join(program);
        assert!(path.is_file(), "{} is missing: run `cargo xtask setup`", path.display());
        let keeps = TempDir::new().expect("a folder");
        let log = keeps.path().join("log");
        let output = File::create(&log).expect("a log");
        // Free a moment ago: none of them takes a listener from whoever starts it.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let port = free.expect("a free port").port();
        let process = start(&path, &port.to_string(), keeps.path())
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("the log once more"))
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| panic!("{program} does not start: {error}"));
        let tenant_url = format!("http://127.0.0.1:{port}{base}");
        let mut stranger = Self { tenant_url, process, log, _keeps: keeps };
        stranger.wait(port);
        stranger
    }

    fn wait(&mut self, port: u16) {
        let deadline = Instant::now() + START_MAX;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let ended = self.process.try_wait().expect("a process can be asked");
            let said = || read_to_string(&self.log).unwrap_or_default();
            assert!(ended.is_none(), "the server has ended: {}", said());
            assert!(Instant::now() < deadline, "the server does not listen: {}", said());
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        // Fails only when the process has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
