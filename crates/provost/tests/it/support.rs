//! The real binary on a free port with a data folder of its own, and a plain client for it.

use provost_testkit::{Database, PostgresServer};
use reqwest::{
    Method,
    blocking::{Client, RequestBuilder},
    header::HeaderMap,
};
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{BufRead, BufReader},
    ops::Deref,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{
        Arc, LazyLock, Mutex, PoisonError, Weak,
        mpsc::{RecvTimeoutError, channel},
    },
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// One client for all tests: connections are kept and shared.
static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .timeout(Duration::from_secs(60))
        .no_proxy()
        .build()
        .expect("a client without special wishes is built")
});

/// A running `provost serve`.
pub struct Server {
    child: Option<Child>,
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    /// The operator's key.
    pub operator_key: String,
    folder: TempDir,
    keeps: Keeps,
    listen: String,
    arguments: Vec<String>,
    wrapper: Vec<String>,
}

/// Where a server keeps its data.
enum Keeps {
    /// In its data folder.
    InFolder,
    /// In a database that goes with the last who holds it.
    In(Arc<Database<'static>>),
    /// In the database with this URL.
    At(String),
}

impl From<Option<Arc<Database<'static>>>> for Keeps {
    fn from(database: Option<Arc<Database<'static>>>) -> Self {
        database.map_or(Self::InFolder, Self::In)
    }
}

/// With this in the environment, `postgres`, servers keep their data in a database each, unless a test is about the file.
const STORE: &str = "PROVOST_TEST_STORE";

fn database() -> Option<Arc<Database<'static>>> {
    match std::env::var(STORE).as_deref() {
        Err(_) | Ok("sqlite") => None,
        Ok("postgres") => Some(Arc::new(PostgresServer::shared().database())),
        Ok(other) => panic!("{STORE} is `sqlite` or `postgres`, not `{other}`"),
    }
}

/// An account with an admin app and its key.
pub struct Account {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    /// The operator's key.
    pub operator_key: String,
    /// Account id.
    pub id: String,
    /// Id of its admin app.
    pub app: String,
    /// API key of its admin app.
    pub key: String,
}

/// An account of its own for one test, on a server that it shares with others.
pub struct Lodger {
    /// The account.
    pub account: Account,
    /// Runs as long as somebody holds it.
    pub server: Arc<Server>,
}

impl Deref for Lodger {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.account
    }
}

/// Whom the shared server names for questions (U-3).
pub const SUPPORT: &str = "support@provost.example";

/// The server of all tests that need no other: it starts with the first of them and ends with the last.
pub fn shared() -> Arc<Server> {
    static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let started = Arc::new(Server::start_with(&["--support", SUPPORT]));
        *shared = Arc::downgrade(&started);
        started
    })
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl Server {
    /// Starts on an empty data folder.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts with further arguments for `serve`.
    pub fn start_with(arguments: &[&str]) -> Self {
        Self::start_under(&[], arguments)
    }

    /// The same under another program that runs it, such as `env NAME=VALUE`.
    pub fn start_under(wrapper: &[&str], arguments: &[&str]) -> Self {
        Self::start_on(database(), wrapper, arguments)
    }

    /// Starts on an empty data folder with the database in it, whatever store the tests are to run on: for tests about that file.
    pub fn start_in_folder(arguments: &[&str]) -> Self {
        Self::start_on(None, &[], arguments)
    }

    /// Starts on an empty data folder and a database that others may use.
    pub fn start_on(database: Option<Arc<Database<'static>>>, wrapper: &[&str], arguments: &[&str]) -> Self {
        Self::prepared(database.into(), wrapper, arguments).launched()
    }

    /// Starts on a database that others use, with their operator's key.
    pub fn start_with_key(database: Arc<Database<'static>>, key: &str, arguments: &[&str]) -> Self {
        Self::prepared(Keeps::In(database), &[], arguments).with_key(key).launched()
    }

    /// Starts on the database with this URL.
    pub fn start_at(url: &str) -> Self {
        Self::prepared(Keeps::At(url.to_owned()), &[], &[]).launched()
    }

    /// The same with the operator's key of others that use it.
    pub fn start_at_with_key(url: &str, key: &str) -> Self {
        Self::prepared(Keeps::At(url.to_owned()), &[], &[]).with_key(key).launched()
    }

    /// Starts where it is to be found again after every restart.
    pub fn start_at_address(listen: &str, arguments: &[&str]) -> Self {
        let mut server = Self::prepared(database().into(), &[], arguments);
        listen.clone_into(&mut server.listen);
        server.launched()
    }

    fn with_key(self, key: &str) -> Self {
        std::fs::create_dir(self.data()).expect("a folder can be made");
        std::fs::write(self.data().join("operator.key"), key).expect("a file can be written");
        self
    }

    fn prepared(keeps: Keeps, wrapper: &[&str], arguments: &[&str]) -> Self {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Self {
            child: None,
            base: String::new(),
            operator_key: String::new(),
            folder: tempfile::tempdir().expect("a temporary folder can be made"),
            keeps,
            listen: "127.0.0.1:0".to_owned(),
            arguments: owned(arguments),
            wrapper: owned(wrapper),
        }
    }

    fn launched(mut self) -> Self {
        self.launch();
        self
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Whether the database is in the data folder, where the command line reads it.
    pub fn is_in_folder(&self) -> bool {
        matches!(self.keeps, Keeps::InFolder)
    }

    /// The database that it keeps its data in, unless that is in the data folder.
    pub fn database_url(&self) -> Option<String> {
        match &self.keeps {
            Keeps::InFolder => None,
            Keeps::In(database) => Some(database.url()),
            Keeps::At(url) => Some(url.clone()),
        }
    }

    /// What the server has logged so far, over all of its starts.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).expect("the log file is there")
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("the server runs").id()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    fn launch(&mut self) {
        let log = File::options().create(true).append(true).open(self.log_file()).expect("a log file can be made");
        let binary = env!("CARGO_BIN_EXE_provost");
        let mut command = match self.wrapper.split_first() {
            Some((program, rest)) => {
                let mut command = Command::new(program);
                command.args(rest).arg(binary);
                command
            }
            None => Command::new(binary),
        };
        command.args(["serve", "--listen", &self.listen, "--data"]).arg(self.data()).args(&self.arguments);
        command.envs(self.database_url().map(|url| ("PROVOST_DATABASE_URL", url)));
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().expect("the binary starts");
        let (line, _) = first_line(&mut child);
        let base = line.trim().strip_prefix("listening on ");
        self.base = base.unwrap_or_else(|| panic!("no address in {line:?}; log:\n{}", self.log())).to_owned();
        self.operator_key =
            std::fs::read_to_string(self.data().join("operator.key")).expect("the key is there").trim().to_owned();
        self.child = Some(child);
    }

    /// Asks the management API (`path` from `/api/v1` on) as the operator.
    pub fn api(&self, method: &str, path: &str, body: Value) -> Answer {
        api(&self.base, &self.operator_key, method, path, &body)
    }

    /// Makes an account under a policy (the name of a preset or a document) with an admin app.
    pub fn account(&self, policy: Value) -> Account {
        let account = self.api("POST", "/accounts", json!({ "name": "Acme", "policy": policy })).expect(201).json();
        let id = account["id"].as_str().expect("an account has an id").to_owned();
        let app =
            self.api("POST", &format!("/accounts/{id}/admin-apps"), json!({ "name": "SCIM Entra" })).expect(201).json();
        Account {
            base: self.base.clone(),
            operator_key: self.operator_key.clone(),
            id,
            app: app["id"].as_str().expect("an app has an id").to_owned(),
            key: app["api_key"].as_str().expect("a new app shows its key").to_owned(),
        }
    }

    /// Ends it as an operator would; it must end well.
    pub fn stop(&mut self) {
        let mut child = self.child.take().expect("the server runs");
        signal(&child, "TERM");
        let deadline = Instant::now() + Duration::from_secs(30);
        let status = loop {
            match child.try_wait().expect("the child can be waited for") {
                Some(status) => break status,
                None if Instant::now() > deadline => panic!("the server did not end; log:\n{}", self.log()),
                None => pause(),
            }
        };
        assert!(status.success(), "the server ended with {status}; log:\n{}", self.log());
    }

    /// Kills it without warning (SIGKILL).
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("the server runs");
        child.kill().expect("a child can be killed");
        child.wait().expect("the child can be waited for");
        forget_clock(child.id());
    }

    /// Starts again on the same data, after [`Self::stop`] or [`Self::kill`]. The port is another one.
    pub fn restart(&mut self) {
        self.launch();
    }

    /// The same with other arguments for `serve`.
    pub fn restart_with(&mut self, arguments: &[&str]) {
        self.arguments = arguments.iter().map(|text| (*text).to_owned()).collect();
        self.launch();
    }

    /// Starts again on the same data with the system clock moved, such as `+91 days` (by the library of `faketime`).
    pub fn restart_at(&mut self, offset: &str) {
        let library = format!("LD_PRELOAD={}", faketime().display());
        // A server that ends by its own clock must not wait by it: the monotonic clock stays.
        self.wrapper =
            ["env", &library, &format!("FAKETIME={offset}"), "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1"]
                .map(str::to_owned)
                .to_vec();
        self.launch();
    }

    /// The same account after a restart.
    pub fn again(&self, account: &Account) -> Account {
        Account { base: self.base.clone(), operator_key: self.operator_key.clone(), ..account.clone_ids() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
            forget_clock(child.id());
        }
    }
}

impl Account {
    fn clone_ids(&self) -> Self {
        Self {
            base: self.base.clone(),
            operator_key: self.operator_key.clone(),
            id: self.id.clone(),
            app: self.app.clone(),
            key: self.key.clone(),
        }
    }

    /// The same account with another API key.
    pub fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone_ids() }
    }

    /// A SCIM request with the account's key; `path` from `/scim/v2` on, with its query.
    pub fn scim(&self, method: &str, path: &str, body: Value) -> Answer {
        self.scim_with(method, path, &[], body)
    }

    /// The same with further headers.
    pub fn scim_with(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        let mut request = request(method, &format!("{}/scim/v2{path}", self.base)).bearer_auth(&self.key);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_null() {
            request = request.header("content-type", "application/scim+json").body(body.to_string());
        }
        send(request)
    }

    /// A request to the management API as the operator; `path` below the account (`/users`), or empty for the account itself.
    pub fn api(&self, method: &str, path: &str, body: Value) -> Answer {
        api(&self.base, &self.operator_key, method, &format!("/accounts/{}{path}", self.id), &body)
    }

    /// Creates a user over SCIM and answers with it.
    pub fn create(&self, mut user: Value) -> Value {
        if user.get("schemas").is_none() {
            user["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
        }
        self.scim("POST", "/Users", user).expect(201).json()
    }

    /// Patches a user with these operations.
    pub fn patch(&self, id: &str, operations: Value) -> Answer {
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
        self.scim("PATCH", &format!("/Users/{id}"), body)
    }

    /// A user over SCIM.
    pub fn get(&self, id: &str) -> Answer {
        self.scim("GET", &format!("/Users/{id}"), Value::Null)
    }

    /// The users that a filter finds.
    pub fn find(&self, filter: &str) -> Value {
        self.scim("GET", &format!("/Users?filter={}", encoded(filter)), Value::Null).expect(200).json()
    }

    /// Creates a group over SCIM and answers with it.
    #[track_caller]
    pub fn group(&self, name: &str, ids: &[&str]) -> Value {
        let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]);
        let body = json!({ "schemas": schemas, "displayName": name, "members": members(ids) });
        self.scim("POST", "/Groups", body).expect(201).json()
    }

    /// Patches a group with these operations.
    pub fn patch_group(&self, id: &str, operations: Value) -> Answer {
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
        self.scim("PATCH", &format!("/Groups/{id}"), body)
    }

    /// The ids of a group's members, sorted.
    #[track_caller]
    pub fn members_of(&self, group: &str) -> Vec<String> {
        let group = self.scim("GET", &format!("/Groups/{group}"), Value::Null).expect(200).json();
        let members = group["members"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut ids: Vec<String> =
            members.iter().map(|member| member["value"].as_str().expect("a member has an id").to_owned()).collect();
        ids.sort();
        ids
    }

    /// A user as the management API shows it.
    pub fn shown(&self, id: &str) -> Value {
        self.api("GET", &format!("/users/{id}"), Value::Null).expect(200).json()
    }

    /// The names of a user's roles.
    pub fn roles_of(&self, id: &str) -> Vec<String> {
        let user = self.shown(id);
        let roles = user["roles"].as_array().expect("a user shows roles");
        roles.iter().map(|role| role["name"].as_str().expect("a role has a name").to_owned()).collect()
    }

    /// The account's audit log, newest first.
    pub fn audit(&self) -> Vec<Value> {
        self.api("GET", "/audit?limit=200", Value::Null).expect(200).json()["items"].as_array().expect("a list").clone()
    }
}

impl Answer {
    /// The answer, which must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {:?}", self.text))
    }

    /// A header as text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The SCIM error, which must be one of this status: its form is checked (S-10).
    #[track_caller]
    pub fn error(self, status: u16) -> Value {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/scim+json", "{}", answer.text);
        let error = answer.json();
        assert_eq!(error["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!(error["status"], json!(status.to_string()));
        assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{error}");
        error
    }

    /// The error of this status, over SCIM or not, whose `detail` must hold these words.
    #[track_caller]
    pub fn refused(self, status: u16, words: &[&str]) -> Value {
        let error = self.expect(status).json();
        let detail = error["detail"].as_str().expect("an error has a detail");
        for word in words {
            assert!(detail.contains(word), "`{word}` is not in: {detail}");
        }
        error
    }
}

/// A request to any URL, for tests that build their own.
pub fn request(method: &str, url: &str) -> RequestBuilder {
    CLIENT.request(method.parse::<Method>().expect("a method"), url)
}

/// Sends a request.
pub fn send(request: RequestBuilder) -> Answer {
    let answer = request.send().expect("the server answers");
    Answer {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        text: answer.text().expect("a body is text"),
    }
}

fn api(base: &str, key: &str, method: &str, path: &str, body: &Value) -> Answer {
    let mut request = request(method, &format!("{base}/api/v1{path}")).bearer_auth(key);
    if !body.is_null() {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    send(request)
}

/// Percent-encodes a query value.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// The `id` of anything.
#[track_caller]
pub fn id(of: &Value) -> String {
    of["id"].as_str().unwrap_or_else(|| panic!("no id in {of}")).to_owned()
}

/// Elements of `members` with these ids.
pub fn members(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({ "value": id })).collect()
}

/// Roles as AssertiveAppRoleAssignmentsComplex sends them.
pub fn assertive(values: &[&str]) -> Value {
    let element = |value: &&str| json!({ "primary": false, "type": "WindowsAzureActiveDirectoryRole", "display": value, "value": value });
    Value::Array(values.iter().map(element).collect())
}

/// Waits a moment for something outside this process; never for a time that is asserted on.
#[allow(clippy::disallowed_methods, reason = "another process gives no event to wait for")]
pub fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}

/// The first line that a server prints, and what reads those behind it. One that prints none within two minutes is killed: its line is
/// empty.
pub fn first_line(child: &mut Child) -> (String, BufReader<ChildStdout>) {
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let (printed, prints) = channel::<()>();
    let pid = child.id();
    let watch = std::thread::spawn(move || {
        if prints.recv_timeout(Duration::from_secs(120)).is_err_and(|error| error == RecvTimeoutError::Timeout) {
            eprintln!("a server printed no address for two minutes");
            let _ = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
        }
    });
    let mut line = String::new();
    stdout.read_line(&mut line).expect("stdout is text");
    drop(printed);
    watch.join().expect("whoever watches ends");
    (line, stdout)
}

/// The library of `faketime`. The program only names it, but leaves shared memory behind, and fails once its own process id stands on what
/// an earlier one left.
fn faketime() -> PathBuf {
    let below = |folder: &str| std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let folders = below("/usr/lib").chain(below("/usr")).chain(below("/usr/local")).map(|entry| entry.path());
    let library = folders.map(|folder| folder.join("faketime/libfaketime.so.1")).find(|library| library.exists());
    library.expect("`faketime` is installed")
}

/// Removes the shared memory that the library of `faketime` keeps for a process that could not remove it.
fn forget_clock(pid: u32) {
    for name in [format!("faketime_shm_{pid}"), format!("sem.faketime_sem_{pid}")] {
        // A process with its own clock has none.
        let _ = std::fs::remove_file(Path::new("/dev/shm").join(name));
    }
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().expect("kill runs");
    assert!(status.success());
}

/// A file of this test's folder.
pub fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}
