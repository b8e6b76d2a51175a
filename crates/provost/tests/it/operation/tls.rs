//! S-68: TLS 1.2 and later, nothing else; certificates of an authority of one's own.

use crate::process::run_with;
use crate::support::Server;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use reqwest::{Certificate, blocking::Client, tls::Version};
use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    time::Duration,
};

/// A server with a certificate of an authority that nobody else knows.
struct Protected {
    server: Server,
    /// The authority's own certificate.
    authority: String,
    _files: tempfile::TempDir,
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file can be written");
    path.to_str().expect("a temporary path is text").to_owned()
}

/// An authority of its own, and a certificate for 127.0.0.1 by it with its key.
fn issued() -> (String, String, String) {
    let key = KeyPair::generate().expect("a key can be made");
    let mut params = CertificateParams::new(Vec::new()).expect("no names are fine");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).expect("it signs itself");
    let issuer = Issuer::new(params, key);
    let leaf_key = KeyPair::generate().expect("a key can be made");
    let leaf = CertificateParams::new(["127.0.0.1".to_owned()]).expect("an address is a name");
    let leaf = leaf.signed_by(&leaf_key, &issuer).expect("the authority signs");
    (authority.pem(), leaf.pem(), leaf_key.serialize_pem())
}

fn protected() -> Protected {
    let files = tempfile::tempdir().expect("a temporary folder can be made");
    let (authority, chain, key) = issued();
    let chain = write(files.path(), "chain.pem", &chain);
    let key = write(files.path(), "key.pem", &key);
    let server = Server::start_with(&["--tls-cert", &chain, "--tls-key", &key]);
    Protected { server, authority, _files: files }
}

/// A client that trusts one authority, and speaks one version of TLS.
fn client(authority: &str, version: Version) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let authority = Certificate::from_pem(authority.as_bytes()).expect("it is PEM");
    let builder = Client::builder().no_proxy().timeout(Duration::from_secs(10)).tls_certs_only([authority]);
    builder.tls_version_min(version).tls_version_max(version).build().expect("a client is built")
}

#[test]
fn s_68_clients_that_trust_an_authority_of_ones_own_connect_with_tls_1_2_and_1_3() {
    let protected = protected();
    let url = format!("{}/healthz", protected.server.base);
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    for version in [Version::TLS_1_2, Version::TLS_1_3] {
        let answer = client(&protected.authority, version).get(&url).send().expect("it is trusted");
        assert_eq!(answer.status(), 200, "{version:?}");
        assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000", "{version:?}");
    }
    let (another, ..) = issued();
    assert!(client(&another, Version::TLS_1_3).get(&url).send().is_err(), "another authority is not trusted");
    let plain = Server::start();
    let answer = crate::support::send(crate::support::request("GET", &format!("{}/healthz", plain.base)));
    assert_eq!(
        answer.header("strict-transport-security"),
        "",
        "without TLS nothing is promised (RFC 6797, section 7.2)"
    );
}

#[test]
fn s_68_the_command_line_takes_an_authority_of_ones_own() {
    let protected = protected();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let known = write(folder.path(), "authority.pem", &protected.authority);
    let (url, key) = (protected.server.base.as_str(), protected.server.operator_key.as_str());
    let list = ["account", "list", "--json"];
    let told = [("PROVOST_URL", url), ("PROVOST_TOKEN", key), ("SSL_CERT_FILE", known.as_str())];
    assert_eq!(run_with(&list, &told).json()["items"], serde_json::json!([]));
    let untold = run_with(&list, &told[..2]).exits(1);
    assert!(untold.stderr.contains("cannot reach"), "{}", untold.stderr);
}

#[test]
fn s_68_a_load_takes_an_authority_of_ones_own() {
    let protected = protected();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let known = write(folder.path(), "authority.pem", &protected.authority);
    let (url, operator) = (protected.server.base.as_str(), protected.server.operator_key.as_str());
    let told = [("PROVOST_URL", url), ("PROVOST_TOKEN", operator), ("SSL_CERT_FILE", known.as_str())];
    run_with(&["account", "create", "Acme", "--policy", "standard"], &told).exits(0);
    let app = run_with(&["admin-app", "create", "Load", "--account", "Acme", "--json"], &told).json();
    let key = app["api_key"].as_str().expect("a new app shows its key");
    let (another, ..) = issued();
    let another = write(folder.path(), "another.pem", &another);
    let base = format!("{}/scim/v2", protected.server.base);
    let load = |authority: &str| {
        let little =
            ["--scenario", "read", "--duration", "1", "--warm-up", "0", "--users", "1", "--rate", "10", "--json"];
        let arguments = [&["load", &base, "--ca", authority], &little[..]].concat();
        run_with(&arguments, &[("PROVOST_TOKEN", key)])
    };
    assert_eq!(load(&known).json()["runs"][0]["total"]["errors"], serde_json::json!([]));
    let said = load(&another).sentence();
    assert!(said.contains("cannot reach") && said.contains("certificate"), "{said}");
}

/// A ClientHello that offers one old version and suites of its time, in a record of its own (RFC 2246, section 7.4.1.2).
fn old_hello(version: [u8; 2]) -> Vec<u8> {
    let suites: [u8; 8] = [0xc0, 0x13, 0xc0, 0x14, 0x00, 0x2f, 0x00, 0x35];
    let mut hello = Vec::from(version);
    hello.extend([7; 32]); // random
    hello.push(0); // no session
    hello.extend([0, 8]);
    hello.extend(suites);
    hello.extend([1, 0]); // no compression
    let mut handshake = vec![1, 0, 0, u8::try_from(hello.len()).expect("it is short")];
    handshake.extend(hello);
    let mut record = vec![22, 3, 1, 0, u8::try_from(handshake.len()).expect("it is short")];
    record.extend(handshake);
    record
}

#[test]
fn s_68_older_versions_are_refused() {
    let protected = protected();
    let address = protected.server.base.strip_prefix("https://").expect("it does TLS");
    for (name, version) in [("SSL 3.0", [3, 0]), ("TLS 1.0", [3, 1]), ("TLS 1.1", [3, 2])] {
        let mut socket = TcpStream::connect(address).expect("the server listens");
        socket.write_all(&old_hello(version)).expect("the server reads");
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).expect("the server ends the connection");
        // A fatal alert: protocol_version, or handshake_failure.
        assert_eq!(answer.first(), Some(&21), "{name}: {answer:?}");
        assert_eq!(answer.get(5), Some(&2), "{name}: {answer:?}");
        assert!(matches!(answer.get(6), Some(70 | 40)), "{name}: {answer:?}");
    }
}
