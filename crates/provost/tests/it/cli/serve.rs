//! How the server starts and ends.

use super::file;
use crate::{
    process::{command, ended, run, run_with, signal},
    support::{self, Server, first_line, pause, send},
};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::{Certificate, blocking::Client};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStdout, Stdio},
    time::Duration,
};

/// A server whose process the test holds, with its stdout behind the first line.
struct Started {
    child: Child,
    stdout: BufReader<ChildStdout>,
    url: String,
}

fn serve(data: &Path, arguments: &[&str]) -> Started {
    let mut command = command(&["serve", "--listen", "127.0.0.1:0"]);
    command.arg("--data").arg(data).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the binary starts");
    let (line, stdout) = first_line(&mut child);
    let url = line.trim_end().strip_prefix("listening on ").unwrap_or_else(|| panic!("printed {line:?}")).to_owned();
    Started { child, stdout, url }
}

impl Started {
    /// Ends it by a signal; everything it printed after its first line.
    fn end(mut self, name: &str) -> String {
        signal(self.child.id(), name);
        assert_eq!(ended(&mut self.child).code(), Some(0), "SIG{name}");
        let mut more = String::new();
        self.stdout.read_to_string(&mut more).expect("stdout is text");
        more
    }
}

#[test]
fn the_first_start_writes_a_key_that_only_its_owner_reads() {
    let mut server = Server::start();
    let path = server.data().join("operator.key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).expect("the key is there").permissions().mode() & 0o777, 0o600);
    }
    let key = fs::read_to_string(&path).expect("the key is there");
    let digits = key.trim_end().strip_prefix("prvop_").expect("a key begins so");
    assert!(digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()), "{key}");
    server.stop();
    server.restart();
    assert_eq!(fs::read_to_string(&path).expect("the key is there"), key, "a restart keeps it");
    server.api("GET", "/accounts", Value::Null).expect(200);
    assert!(!server.log().contains(digits), "S-56: no key in the log");
    run(&["account", "list", "--url", &server.base, "--token-file", path.to_str().expect("a path is text")]).exits(0);
}

#[test]
fn a_signal_ends_it_with_0_after_one_line_on_stdout() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for name in ["TERM", "INT"] {
        let server = serve(folder.path(), &[]);
        assert!(server.url.starts_with("http://127.0.0.1:"), "{}", server.url);
        assert_eq!(server.end(name), "");
    }
}

#[test]
fn the_last_use_of_a_key_outlasts_a_stop() {
    let mut server = Server::start();
    let account = server.account(json!("dsm"));
    account.find("userName eq \"nobody\"");
    server.stop();
    server.restart();
    let account = server.again(&account);
    let app = account.api("GET", &format!("/admin-apps/{}", account.app), Value::Null).expect(200).json();
    assert!(app["last_used"]["at"].is_string(), "{app}");
}

#[test]
fn a_server_that_cannot_start_says_why_in_one_sentence() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let folder = folder.path();
    let server = Server::start_in_folder(&[]);
    let taken = server.base.strip_prefix("http://").expect("it is plain").to_owned();
    let in_use = server.data().to_str().expect("a path is text").to_owned();
    let a_file = file(folder, "file", "");
    let bad_key = file(folder, "bad.toml", "data = \"x\"\nlisen = \"127.0.0.1:0\"\n");
    let not_pem = file(folder, "not.pem", "hello");
    let broken = folder.join("broken");
    fs::create_dir(&broken).expect("a folder can be made");
    file(&broken, "operator.key", "short");
    let (new, broken) = (folder.join("new"), broken.to_str().expect("a path is text").to_owned());
    let new = new.to_str().expect("a path is text");
    for (arguments, said) in [
        (vec!["--data", &in_use, "--listen", "127.0.0.1:0"], "another server uses the data folder"),
        (vec!["--data", &a_file, "--listen", "127.0.0.1:0"], "cannot be used"),
        (vec!["--data", new, "--listen", &taken], "cannot listen on"),
        (vec!["--data", new, "--listen", "nowhere.invalid:0"], "cannot listen on nowhere.invalid:0"),
        (vec!["--data", new, "--listen", "0.0.0.0:0"], "--allow-plain-http"),
        (vec!["--data", new, "--config", &bad_key], "line 2: unknown field `lisen`"),
        (vec!["--data", new, "--config", "/nonexistent"], "cannot read /nonexistent"),
        (vec!["--data", new, "--tls-cert", &not_pem], "--tls-key"),
        (vec!["--data", new, "--tls-cert", &not_pem, "--tls-key", &not_pem], "holds no certificate"),
        (vec!["--data", &broken, "--listen", "127.0.0.1:0"], "does not hold an operator's key"),
        (vec!["--data", new, "--log", "a=b=c"], "is not a log filter"),
    ] {
        let sentence = run(&[&["serve"][..], &arguments].concat());
        let shown = sentence.stderr.lines().last().unwrap_or_default().to_owned();
        assert_eq!((sentence.code, sentence.stdout.as_str()), (1, ""), "{arguments:?}: {shown}");
        assert!(shown.starts_with("provost: ") && shown.contains(said), "{arguments:?}: {shown}");
    }
    assert!(!Path::new(new).exists(), "a server that must not start leaves nothing behind");
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let mut server = Server::start_in_folder(&[]);
    server.stop();
    let database = Connection::open(server.data().join("provost.db")).expect("the database opens");
    let newer = "INSERT INTO migrations (number, checksum, applied) VALUES (999, 'x', 0)";
    database.execute(newer, []).expect("the row fits");
    drop(database);
    let data = server.data();
    let said = run(&["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().expect("a path is text")]).sentence();
    assert!(said.contains("schema 999") && said.contains("use the newer version"), "{said}");
}

#[test]
fn settings_come_from_flags_before_the_environment_before_the_file() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let config = file(folder.path(), "provost.toml", "listen = \"0.0.0.0:0\"\nallow_plain_http = false\n");
    let data = folder.path().join("data");
    let from_file = [("PROVOST_CONFIG", config.as_str()), ("PROVOST_DATA", data.to_str().expect("a path is text"))];
    let said = run_with(&["serve"], &from_file).sentence();
    assert!(said.contains("0.0.0.0:"), "the file's address: {said}");
    let environment = [&from_file[..], &[("PROVOST_LISTEN", "nowhere.invalid:1")]].concat();
    let said = run_with(&["serve"], &environment).sentence();
    assert!(said.contains("nowhere.invalid:1"), "the environment's: {said}");
    let said = run_with(&["serve", "--listen", "nowhere.invalid:2"], &environment).sentence();
    assert!(said.contains("nowhere.invalid:2"), "the flag's: {said}");
}

#[test]
fn the_public_url_and_json_logs_are_what_was_asked_for() {
    let server = Server::start_with(&["--log-format", "json", "--public-url", "https://scim.acme.example/"]);
    let account = server.account(json!("standard"));
    let user = account.create(json!({ "userName": "ann" }));
    let location = user["meta"]["location"].as_str().expect("a user has a location");
    assert!(location.starts_with("https://scim.acme.example/scim/v2/Users/"), "{location}");
    let log = server.log();
    assert!(!log.is_empty() && log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{log}");
}

/// A client that trusts one certificate and nothing else.
fn trusting(certificate: &str) -> Client {
    let certificate = Certificate::from_pem(certificate.as_bytes()).expect("it is PEM");
    let builder = Client::builder().no_proxy().timeout(Duration::from_secs(10)).tls_certs_only([certificate]);
    builder.build().expect("a client without special wishes is built")
}

#[test]
fn sighup_brings_a_renewed_certificate_into_use() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let renew = || {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate can be made");
        let chain = file(folder.path(), "chain.pem", &cert.pem());
        (cert.pem(), chain, file(folder.path(), "key.pem", &signing_key.serialize_pem()))
    };
    let (first, chain, key) = renew();
    let server = serve(&folder.path().join("data"), &["--tls-cert", &chain, "--tls-key", &key]);
    assert!(server.url.starts_with("https://127.0.0.1:"), "{}", server.url);
    let health = format!("{}/healthz", server.url);
    assert_eq!(trusting(&first).get(&health).send().expect("it is trusted").status(), 200);

    let (second, ..) = renew();
    assert!(trusting(&second).get(&health).send().is_err(), "not read again yet");
    signal(server.child.id(), "HUP");
    let mut tries = 0;
    while trusting(&second).get(&health).send().is_err() {
        tries += 1;
        assert!(tries < 500, "the renewed certificate is not in use");
        pause();
    }
    assert!(trusting(&first).get(&health).send().is_err(), "the old one is gone");
    server.end("TERM");
}

/// A request of which the last byte is still to come.
struct UnderWay {
    socket: TcpStream,
    rest: &'static str,
}

impl UnderWay {
    /// Makes an account, all but for the end of the body.
    fn begin(server: &Started, data: &Path) -> Self {
        let key = fs::read_to_string(data.join("operator.key")).expect("the key is there");
        let address = server.url.strip_prefix("http://").expect("it is plain");
        let mut socket = TcpStream::connect(address).expect("the server listens");
        let (body, rest) = (r#"{"name":"late""#, "}");
        let length = body.len() + rest.len();
        let head = format!(
            "POST /api/v1/accounts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}",
            key.trim_end()
        );
        socket.write_all(head.as_bytes()).expect("the server reads");
        // The server has taken up the connection once it answers on a later one.
        send(support::request("GET", &format!("{}/healthz", server.url))).expect(200);
        Self { socket, rest }
    }

    /// Sends the end; the answer's first line.
    fn finish(mut self) -> String {
        self.socket.write_all(self.rest.as_bytes()).expect("the server still reads");
        let mut line = String::new();
        BufReader::new(self.socket).read_line(&mut line).expect("the server answers");
        line.trim_end().to_owned()
    }
}

/// Waits until a server accepts no more.
fn deaf(server: &Started) {
    let address = server.url.strip_prefix("http://").expect("it is plain");
    let mut tries = 0;
    while TcpStream::connect(address).is_ok() {
        tries += 1;
        assert!(tries < 500, "the server still listens");
        pause();
    }
}

#[test]
fn s_108_a_stop_waits_for_the_request_under_way_and_takes_no_new_ones() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut server = serve(folder.path(), &[]);
    let request = UnderWay::begin(&server, folder.path());
    signal(server.child.id(), "TERM");
    deaf(&server);
    assert_eq!(request.finish(), "HTTP/1.1 201 Created");
    assert_eq!(ended(&mut server.child).code(), Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut server = serve(folder.path(), &[]);
    let request = UnderWay::begin(&server, folder.path());
    signal(server.child.id(), "TERM");
    deaf(&server);
    signal(server.child.id(), "TERM");
    assert_eq!(ended(&mut server.child).code(), Some(1));
    drop(request);
}
