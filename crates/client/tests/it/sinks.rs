//! Sinks for logs, against servers that take them, and go away while they do.

use jiff::Timestamp;
use provost_client::{SinkUrl, Syslog, SyslogMessage, SyslogSeverity, SyslogTarget, Webhook, headers};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, pem::PemObject},
};
use std::{collections::BTreeMap, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

fn message(sequence: u64, text: &str) -> SyslogMessage {
    SyslogMessage {
        severity: SyslogSeverity::Info,
        at: Timestamp::UNIX_EPOCH,
        msg_id: "user.create".to_owned(),
        sequence,
        text: text.to_owned(),
    }
}

fn syslog_target(scheme: &str, host: &str, port: u16) -> SyslogTarget {
    match format!("{scheme}://{host}:{port}").parse() {
        Ok(SinkUrl::Syslog(target)) => target,
        other => panic!("{other:?}"),
    }
}

async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

async fn read_to_end(mut stream: impl AsyncRead + Unpin) -> String {
    let mut heard = String::new();
    stream.read_to_string(&mut heard).await.unwrap();
    heard
}

#[tokio::test]
async fn s_73_a_batch_has_arrived_when_the_receiver_has_read_to_its_end() {
    let (listener, port) = listen().await;
    let syslog = Syslog::new(syslog_target("syslog", "127.0.0.1", port)).unwrap();
    let messages = [message(1, "ä"), message(2, "two\nlines")];
    let sending = tokio::spawn(async move { syslog.send(&messages).await });
    let (mut socket, _) = listener.accept().await.unwrap();
    let mut heard = String::new();
    socket.read_to_string(&mut heard).await.unwrap();
    assert!(!sending.is_finished(), "the receiver has not closed yet");
    drop(socket);
    assert_eq!(sending.await.unwrap(), Ok(()));
    let frame = |sequence: u64, text: &str| {
        let message = message(sequence, text).to_string();
        format!("{} {message}", message.len())
    };
    assert_eq!(heard, frame(1, "ä") + &frame(2, "two\nlines"));
}

#[tokio::test]
async fn s_73_a_receiver_that_goes_away_has_not_taken_a_batch() {
    let (listener, port) = listen().await;
    let syslog = Syslog::new(syslog_target("syslog", "127.0.0.1", port)).unwrap();
    let sending = tokio::spawn(async move {
        let first = syslog.send(&[message(1, &"x".repeat(100_000))]).await;
        (first, syslog.send(&[message(1, "x")]).await)
    });
    let (mut socket, _) = listener.accept().await.unwrap();
    socket.read_exact(&mut [0; 10]).await.unwrap();
    drop(listener);
    drop(socket);
    let (cut, refused) = sending.await.unwrap();
    assert!(cut.is_err(), "it was closed with most of it unread");
    let refused = refused.unwrap_err().to_string();
    assert!(refused.starts_with(&format!("syslog://127.0.0.1:{port}: ")), "{refused}");
}

#[tokio::test]
async fn s_73_over_tls_only_a_trusted_receiver_is_told_anything() {
    let issued = |name: &str| generate_simple_self_signed([name.to_owned()]).unwrap();
    let CertifiedKey { cert, signing_key } = issued("localhost");
    let key = PrivateKeyDer::from_pem_slice(signing_key.serialize_pem().as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (listener, port) = listen().await;
    for (certificate, arrives) in [(cert.der().clone(), true), (issued("localhost").cert.der().clone(), false)] {
        let mut roots = RootCertStore::empty();
        roots.add(certificate).unwrap();
        let syslog = Syslog::trusting(syslog_target("syslog+tls", "localhost", port), roots).unwrap();
        let sending = tokio::spawn(async move { syslog.send(&[message(1, "hello")]).await });
        let (socket, _) = listener.accept().await.unwrap();
        let heard = match acceptor.accept(socket).await {
            Ok(stream) => read_to_end(stream).await,
            Err(_) => String::new(),
        };
        assert_eq!((heard.ends_with("hello"), sending.await.unwrap().is_ok()), (arrives, arrives), "{heard}");
    }
}

/// Reads one request and answers it.
async fn answer(socket: &mut TcpStream, answer: &str) -> String {
    let mut heard = String::new();
    while !heard.ends_with("{\"seq\":2}\n") {
        let mut buffer = [0; 4096];
        let read = socket.read(&mut buffer).await.unwrap();
        assert!(read > 0, "{heard}");
        heard.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
    socket.write_all(answer.as_bytes()).await.unwrap();
    heard
}

#[tokio::test]
async fn s_73_lines_are_posted_and_only_success_is_success() {
    let _ = ring::default_provider().install_default();
    let (listener, port) = listen().await;
    let named = BTreeMap::from([("Authorization".to_owned(), "Bearer s3cret".to_owned())]);
    let url = match format!("http://127.0.0.1:{port}/in?key=s3cret").parse() {
        Ok(SinkUrl::Web(url)) => url,
        other => panic!("{other:?}"),
    };
    let webhook = Webhook::new(url, headers(&named).unwrap()).unwrap();
    for (status, problem) in [
        ("200 OK", None),
        ("204 No Content", None),
        ("302 Found\r\nlocation: /elsewhere", Some("answered 302 Found")),
        ("403 Forbidden", Some("answered 403 Forbidden")),
        ("503 Service Unavailable", Some("answered 503 Service Unavailable")),
    ] {
        let post = webhook.post("{\"seq\":1}\n{\"seq\":2}\n".to_owned());
        let serve = async {
            let (mut socket, _) = listener.accept().await.unwrap();
            answer(&mut socket, &format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")).await
        };
        let (sent, heard) = tokio::join!(post, serve);
        let expected = problem.map(|problem| format!("http://127.0.0.1:{port} {problem}"));
        assert_eq!(sent.err().map(|error| error.to_string()), expected, "{status}");
        let heard = heard.to_lowercase();
        assert!(heard.starts_with("post /in?key=s3cret http/1.1"), "{heard}");
        assert!(heard.contains("authorization: bearer s3cret") && heard.contains("application/x-ndjson"), "{heard}");
    }
    drop(listener);
    let away = webhook.post("{}\n".to_owned()).await.unwrap_err().to_string();
    assert!(away.contains(&format!("http://127.0.0.1:{port}: ")) && !away.contains("s3cret"), "{away}");
}
