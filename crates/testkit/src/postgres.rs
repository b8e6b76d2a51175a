//! A PostgreSQL server of the tests' own: in a temporary folder, on a socket in it, gone with the process.

mod pair;

pub use pair::Pair;

use crate::own_address;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where Debian puts the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Where a server listens besides its socket, when it does.
const PORT: u16 = 5432;

/// Texts of the server are ordered by language unless a column says otherwise, so that what forgets to say it is found. The
/// script lives until its input ends, which it does with the process that has started it, however that ends.
const SCRIPT: &str = r#"
set -eu
folder=$(mktemp -d /tmp/provost-postgres-XXXXXX)
trap '"$1/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT
trap '' INT
if [ -n "$PRIMARY" ]; then
    "$1/pg_basebackup" -d "$PRIMARY" -D "$folder/data" -R -X stream -c fast --no-sync >"$folder/made.log" 2>&1 \
        || { cat "$folder/made.log" >&2; exit 1; }
else
    "$1/initdb" -D "$folder/data" -U postgres --auth=trust --no-sync --encoding=UTF8 --locale=C.UTF-8 \
        --locale-provider=icu --icu-locale=en-US >"$folder/made.log" 2>&1 || { cat "$folder/made.log" >&2; exit 1; }
    rules=$(cat "$folder/data/pg_hba.conf")
    printf 'local all with_password scram-sha-256\n%s\n' "$rules" >"$folder/data/pg_hba.conf"
fi
cat >>"$folder/data/postgresql.conf" <<END
listen_addresses = '$ADDRESS'
unix_socket_directories = '$folder'
max_connections = 800
shared_buffers = 64MB
fsync = off
full_page_writes = off
$2
END
if [ -n "$CERTIFICATE" ]; then
    umask 077
    printf '%s' "$CERTIFICATE" >"$folder/data/server.crt"
    printf '%s' "$KEY" >"$folder/data/server.key"
    echo 'ssl = on' >>"$folder/data/postgresql.conf"
fi
"$1/pg_ctl" -D "$folder/data" -w -l "$folder/server.log" start >/dev/null 2>&1 \
    || { cat "$folder/server.log" >&2; exit 1; }
echo "$folder"
cat >/dev/null
"#;

/// How a server is set up.
#[derive(Default)]
struct Setup<'a> {
    /// Further lines of its configuration.
    settings: &'a str,
    /// Where it listens besides its socket.
    address: Option<Ipv4Addr>,
    /// What a standby connects to; empty for a server of its own.
    primary: &'a str,
    /// Chain and key for TLS; empty for none.
    tls: [String; 2],
}

/// A running server. Whoever connects is who they say they are; only the role `with_password`, where a test makes one, needs a
/// password on the socket.
#[derive(Debug)]
pub struct PostgresServer {
    programs: PathBuf,
    folder: PathBuf,
    address: Option<Ipv4Addr>,
    /// The server ends when this one's input does.
    _script: Child,
    databases: AtomicU32,
}

/// A database of the server, which goes when this does.
#[derive(Debug)]
pub struct Database<'a> {
    server: &'a PostgresServer,
    name: String,
}

impl PostgresServer {
    /// The server that all tests of this process share; it is started for the first of them.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start: `cargo xtask setup` installs it.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<PostgresServer> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Starts a server of its own: for tests that end it in between.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start: `cargo xtask setup` installs it.
    pub fn start() -> Self {
        Self::set_up(Setup::default())
    }

    /// The same with further lines in its configuration, which count more than ours.
    ///
    /// # Panics
    /// As [`PostgresServer::start`], and when the server does not understand them.
    pub fn start_with(settings: &str) -> Self {
        Self::set_up(Setup { settings, ..Setup::default() })
    }

    /// Starts one that speaks TLS at an address, with a certificate that `issue` makes for that: chain and key as PEM.
    ///
    /// # Panics
    /// As [`PostgresServer::start`].
    pub fn start_with_tls(issue: impl FnOnce(Ipv4Addr) -> [String; 2]) -> Self {
        let address = own_address();
        Self::set_up(Setup { address: Some(address), tls: issue(address), ..Setup::default() })
    }

    fn set_up(setup: Setup<'_>) -> Self {
        let Setup { settings, address, primary, tls: [certificate, key] } = setup;
        let programs = programs().expect("PostgreSQL is not installed: `cargo xtask setup` does that");
        let mut script = unprivileged("sh");
        script.args(["-c", SCRIPT, "sh"]).arg(&programs).arg(settings).stdin(Stdio::piped()).stdout(Stdio::piped());
        script.env("ADDRESS", address.map_or_else(String::new, |address| address.to_string()));
        script.envs([("PRIMARY", primary), ("CERTIFICATE", &certificate), ("KEY", &key)]);
        let mut script = script.spawn().expect("a shell starts");
        let mut folder = String::new();
        let stdout = script.stdout.take().expect("the output is a pipe");
        BufReader::new(stdout).read_line(&mut folder).expect("the output of the script is text");
        assert!(!folder.trim().is_empty(), "PostgreSQL does not start; what it says stands above");
        Self { programs, folder: folder.trim().into(), address, _script: script, databases: AtomicU32::new(0) }
    }

    /// A new, empty database.
    pub fn database(&self) -> Database<'_> {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.run("createdb", &[&name]);
        Database { server: self, name }
    }

    /// Ends the server without letting it finish anything, as a power failure does.
    pub fn kill(&self) {
        self.control(&["-m", "immediate", "stop"]);
    }

    /// Ends all of its processes at once (SIGKILL): nobody is told anything, and nothing is written any more.
    pub fn kill_all(&self) {
        let noted = std::fs::read_to_string(self.path("data/postmaster.pid")).expect("the server runs");
        let first = noted.lines().next().expect("its number stands first").to_owned();
        let children = Command::new("ps").args(["-o", "pid=", "--ppid", &first]).output().expect("`ps` is installed");
        let children = String::from_utf8(children.stdout).expect("numbers are text");
        // One of them may have ended by itself since they were counted.
        let status = Command::new("kill").arg("-KILL").arg(&first).args(children.split_whitespace()).status();
        status.expect("`kill` is installed");
    }

    /// The one value that a query answers with.
    pub fn ask(&self, database: &str, query: &str) -> String {
        let mut command = Command::new(self.programs.join("psql"));
        command.arg("-h").arg(&self.folder).args(["-U", "postgres", "-d", database, "-XAtc", query]);
        let output = command.output().expect("`psql` runs");
        assert!(output.status.success(), "{query}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("an answer is text").trim().to_owned()
    }

    /// The socket that it listens on.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(format!(".s.PGSQL.{PORT}"))
    }

    /// Starts a server again that was killed.
    pub fn start_again(&self) {
        self.control(&["-w", "-l", &self.path("server.log"), "start"]);
    }

    fn control(&self, arguments: &[&str]) {
        let mut command = unprivileged(self.programs.join("pg_ctl"));
        command.args(["-D", &self.path("data")]).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(command.status().is_ok_and(|status| status.success()), "pg_ctl {arguments:?}");
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(self.programs.join(program));
        command.arg("-h").arg(&self.folder).args(["-U", "postgres"]).args(arguments);
        assert!(command.status().is_ok_and(|status| status.success()), "{program} {arguments:?}");
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }
}

impl Database<'_> {
    /// Where it is.
    pub fn url(&self) -> String {
        let folder = self.server.path("");
        format!("postgres://postgres@{}/{}", folder.trim_end_matches('/').replace('/', "%2F"), self.name)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server that it is on.
    pub fn server(&self) -> &PostgresServer {
        self.server
    }

    /// Where it is, by the address of a server that has one.
    ///
    /// # Panics
    /// When the server listens on its socket only.
    pub fn url_by_address(&self) -> String {
        let address = self.server.address.expect("the server was started with an address");
        format!("postgres://postgres@{address}:{PORT}/{}", self.name)
    }
}

/// A session in a transaction, which is rolled back when this goes.
#[derive(Debug)]
pub struct Held(Child);

impl Database<'_> {
    /// Runs a statement, and answers with what psql shows: a line for each row.
    ///
    /// # Panics
    /// When it fails.
    pub fn run(&self, sql: &str) -> String {
        let output = self.psql().args(["-c", sql]).output().expect("psql starts");
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("the output is text").trim().to_owned()
    }

    /// Runs a statement in a transaction that stays open, such as one that locks a table.
    ///
    /// # Panics
    /// When it fails.
    pub fn hold(&self, sql: &str) -> Held {
        let mut session = self.psql().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("psql starts");
        let stdin = session.stdin.as_mut().expect("the input is a pipe");
        writeln!(stdin, "BEGIN; {sql};\n\\echo held").expect("psql reads");
        let mut line = String::new();
        let stdout = session.stdout.take().expect("the output is a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("the output is text");
        assert_eq!(line.trim(), "held", "{sql}");
        Held(session)
    }

    fn psql(&self) -> Command {
        let mut command = Command::new(self.server.programs.join("psql"));
        command.arg("-h").arg(&self.server.folder).args(["-U", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1"]);
        command.args(["-d", &self.name]);
        command
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // The session ends with its input.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        // A server that was killed has none any more.
        if !std::thread::panicking() {
            self.server.run("dropdb", &["--force", "--if-exists", &self.name]);
        }
    }
}

/// The folder of the newest installed programs.
fn programs() -> Option<PathBuf> {
    let installed = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let versions = installed.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let debian = versions.max().map(|version| Path::new(DEBIAN).join(version.to_string()).join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    debian.into_iter().chain(std::env::split_paths(&path)).find(|folder| folder.join("initdb").is_file())
}

/// A command of a user whom the server accepts as its owner: it refuses root.
fn unprivileged(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let user = |name| Command::new("id").args(["-u", name]).stderr(Stdio::null()).output();
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    if !is_root {
        return Command::new(program);
    }
    let name = if user("postgres").is_ok_and(|output| output.status.success()) { "postgres" } else { "nobody" };
    let mut command = Command::new("setpriv");
    command.args(["--reuid", name, "--clear-groups", "--"]).arg(program).current_dir("/");
    command
}
