//! TLS to PostgreSQL, and what is said where it fails.

use super::super::make::*;
use provost_store::{PostgresStore, Store};
use provost_testkit::{Database, PostgresServer, Proxy};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use tempfile::TempDir;
use uuid::Uuid;

/// An authority, and the file with its certificate.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: PathBuf,
    _folder: TempDir,
}

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, certificate.pem()).unwrap();
    Authority { issuer: Issuer::new(params, key), file, _folder: folder }
}

impl Authority {
    /// Chain and key for somebody.
    fn issue(&self, name: String) -> [String; 2] {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name]).unwrap().signed_by(&key, &self.issuer).unwrap();
        [certificate.pem(), key.serialize_pem()]
    }

    fn server(&self, name: impl FnOnce(Ipv4Addr) -> String) -> PostgresServer {
        PostgresServer::start_with_tls(|address| self.issue(name(address)))
    }
}

async fn opened(database: &Database<'_>, parameters: &str) -> Result<PostgresStore, String> {
    let url = format!("{}?{parameters}", database.url_by_address()).parse().map_err(|error| format!("{error}"))?;
    PostgresStore::open(&url, at(0), Uuid::from_u128(7)).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_server_with_a_certificate_of_a_known_authority_is_spoken_to_in_tls() {
    let authority = authority();
    let server = authority.server(|address| address.to_string());
    let database = server.database();
    let roots = format!("sslrootcert={}", authority.file.display());
    for parameters in [format!("sslmode=require&{roots}"), format!("{roots}&sslmode=verify-full"), roots] {
        let store = opened(&database, &parameters).await.unwrap();
        assert_eq!(store.accounts(None, 1).await, Ok(vec![]));
        let encrypted = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
             WHERE application_name = 'provost'";
        assert_eq!(server.ask(database.name(), encrypted), "t", "{parameters}");
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn one_that_cannot_be_trusted_is_one_sentence() {
    let (known, stranger) = (authority(), authority());
    let (server, misnamed) = (known.server(|address| address.to_string()), known.server(|_| "db.example".to_owned()));
    let (database, elsewhere) = (server.database(), misnamed.database());
    let file = |authority: &Authority| authority.file.display().to_string();
    let cases = [
        (&database, format!("sslrootcert={}", file(&stranger)), "no authority that is trusted issued its certificate"),
        (&database, "sslmode=require".to_owned(), "no authority that is trusted issued its certificate"),
        (&elsewhere, format!("sslrootcert={}", file(&known)), "its certificate is for another name"),
        (&database, "sslrootcert=/nowhere.pem".to_owned(), "its sslrootcert `/nowhere.pem` cannot be read"),
        (&database, "sslmode=prefer".to_owned(), "its sslmode is `disable`, `require` or `verify-full`"),
    ];
    for (database, parameters, expected) in cases {
        let said = opened(database, &parameters).await.map(drop).unwrap_err();
        assert!(said.contains(expected) && !said.contains('\n'), "{parameters}: {said}");
    }
    let without = Proxy::start(&PostgresServer::shared().socket());
    let plain = format!("postgres://postgres@{}/postgres?sslmode=require", without.address());
    let said = PostgresStore::open(&plain.parse().unwrap(), at(0), Uuid::from_u128(7)).await.unwrap_err().to_string();
    assert!(said.contains("server does not support TLS"), "{said}");
}
