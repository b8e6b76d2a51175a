use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::http::Version;
use axum::routing::get;
use provost_server::Limits;
use provost_server::tls::{Certificate, TlsError};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::wire::{PATIENCE, Server, parts};

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Writes a new self-signed certificate for `localhost` and its key into the folder.
fn issue(folder: &Path) -> CertificateDer<'static> {
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("chain.pem"), issued.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), issued.signing_key.serialize_pem()).unwrap();
    CertificateDer::from_pem_slice(issued.cert.pem().as_bytes()).unwrap()
}

fn load(folder: &Path) -> Result<Arc<Certificate>, TlsError> {
    Certificate::load(&folder.join("chain.pem"), &folder.join("key.pem"), provider())
}

async fn handshake(
    server: &Server,
    trusted: &CertificateDer<'static>,
    version: &'static SupportedProtocolVersion,
    alpn: &[&str],
) -> std::io::Result<TlsStream<tokio::net::TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let name = ServerName::try_from("localhost").unwrap();
    let connected = TlsConnector::from(Arc::new(config)).connect(name, server.connect().await);
    timeout(PATIENCE, connected).await.expect("the handshake ends")
}

fn shows_version() -> Router {
    Router::new().route("/", get(|version: Version| async move { format!("{version:?}") }))
}

#[tokio::test]
async fn htt_01_tls_1_2_and_1_3_serve_http_1_1() {
    let folder = TempDir::new().unwrap();
    let trusted = issue(folder.path());
    let config = load(folder.path()).unwrap().server_config().unwrap();
    let server = Server::start_with(shows_version(), Limits::default(), Some(config)).await;
    for version in [&TLS12, &TLS13] {
        let mut stream = handshake(&server, &trusted, version, &["http/1.1"]).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().expect("the server ends TLS properly");
        assert_eq!(parts(&answer), (200, "HTTP/1.1"));
    }
}

#[tokio::test]
async fn alpn_chooses_http_2() {
    let folder = TempDir::new().unwrap();
    let trusted = issue(folder.path());
    let config = load(folder.path()).unwrap().server_config().unwrap();
    let server = Server::start_with(shows_version(), Limits::default(), Some(config)).await;
    let stream = handshake(&server, &trusted, &TLS13, &["h2", "http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(hyper_util::rt::TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    let request = axum::http::Request::get("https://localhost/").body(String::new()).unwrap();
    let answer = timeout(PATIENCE, client.send_request(request)).await.unwrap().unwrap();
    let body = http_body_util::BodyExt::collect(answer.into_body()).await.unwrap().to_bytes();
    assert_eq!(body, "HTTP/2.0");
}

#[tokio::test]
async fn plain_http_sent_to_a_tls_port_harms_nobody() {
    let folder = TempDir::new().unwrap();
    let trusted = issue(folder.path());
    let config = load(folder.path()).unwrap().server_config().unwrap();
    let server = Server::start_with(shows_version(), Limits::default(), Some(config)).await;
    let mut plain = server.connect().await;
    plain.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, plain.read_to_end(&mut answer)).await.expect("the server closes");
    assert!(!answer.starts_with(b"HTTP"));
    handshake(&server, &trusted, &TLS13, &[]).await.expect("the next client is served");
}

#[tokio::test]
async fn a_renewed_certificate_is_used_once_it_is_read_and_a_broken_one_is_not() {
    let folder = TempDir::new().unwrap();
    let old = issue(folder.path());
    let certificate = load(folder.path()).unwrap();
    let config = certificate.server_config().unwrap();
    let server = Server::start_with(shows_version(), Limits::default(), Some(config)).await;
    std::fs::write(folder.path().join("key.pem"), "").unwrap();
    assert!(matches!(certificate.reload(), Err(TlsError::NoKey(_))));
    handshake(&server, &old, &TLS13, &[]).await.expect("the old certificate stays");
    let new = issue(folder.path());
    certificate.reload().unwrap();
    handshake(&server, &new, &TLS13, &[]).await.expect("the new certificate is shown");
    assert!(handshake(&server, &old, &TLS13, &[]).await.is_err());
}

#[test]
fn a_fault_names_its_file() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    issue(other.path());
    let key = std::fs::read_to_string(other.path().join("key.pem")).unwrap();
    let chain = std::fs::read_to_string(other.path().join("chain.pem")).unwrap();
    issue(folder.path());
    let good_key = std::fs::read_to_string(folder.path().join("key.pem")).unwrap();
    for (name, chain, key, message) in [
        (
            "no certificate",
            key.as_str(),
            good_key.as_str(),
            "chain.pem holds no certificate (a PEM block BEGIN CERTIFICATE)",
        ),
        ("no key", &chain, &chain, "key.pem holds no private key (a PEM block"),
        ("empty", "", &good_key, "chain.pem holds no certificate"),
        ("broken PEM", "-----BEGIN CERTIFICATE-----\n!!", &good_key, "chain.pem: "),
        ("another's key", &chain, &good_key, "key.pem: "),
    ] {
        std::fs::write(folder.path().join("chain.pem"), chain).unwrap();
        std::fs::write(folder.path().join("key.pem"), key).unwrap();
        let error = load(folder.path()).expect_err(name).to_string();
        assert!(error.contains(message), "{name}: {error}");
    }
    std::fs::remove_file(folder.path().join("key.pem")).unwrap();
    std::fs::write(folder.path().join("chain.pem"), chain).unwrap();
    let error = load(folder.path()).unwrap_err().to_string();
    assert!(error.starts_with("cannot read ") && error.contains("key.pem: "), "{error}");
}
