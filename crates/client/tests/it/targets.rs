//! Targets that lie, stall, break off or are not who they say.

use jiff::SignedDuration;
use provost_client::{
    Outbound, Reach, Target, TargetAnswer, TargetBase, TargetBody, TargetError, TargetLimits, TargetMethod,
    TargetReads, TargetRequest,
};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, pem::PemObject},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// What a test waits for a target that does not answer, and reads of one that answers too much.
const LIMITS: TargetLimits =
    TargetLimits { connect: Duration::from_secs(5), request: Duration::from_secs(30), answer_bytes: 1_000 };

/// What a target does with the request it got.
enum Does {
    /// Writes these bytes and closes.
    Writes(Vec<u8>),
    /// Writes these bytes again and again until nobody listens.
    Repeats(&'static str, &'static [u8]),
    /// Writes these bytes and keeps the connection open.
    Stalls(&'static str),
}

struct Server {
    port: u16,
    heard: JoinHandle<String>,
}

impl Server {
    /// Serves one connection.
    async fn start(does: Does) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let heard = hear(&mut socket).await;
            match does {
                Does::Writes(bytes) => socket.write_all(&bytes).await.unwrap(),
                Does::Repeats(head, piece) => {
                    let mut went = socket.write_all(head.as_bytes()).await;
                    while went.is_ok() {
                        went = socket.write_all(piece).await;
                    }
                }
                Does::Stalls(head) => {
                    socket.write_all(head.as_bytes()).await.unwrap();
                    // Until the client hangs up.
                    let _ = socket.read_to_end(&mut Vec::new()).await;
                }
            }
            heard
        });
        Self { port, heard }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/scim/", self.port)
    }
}

/// One request, as long as its head or its body of one JSON object is.
async fn hear(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> String {
    let mut heard = String::new();
    while !(heard.ends_with("\r\n\r\n") || heard.ends_with('}')) {
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "{heard}");
        heard.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
    heard
}

fn target(url: &str, limits: TargetLimits) -> Target {
    let outbound = Outbound::new(Reach::Anywhere, limits);
    outbound.target(TargetBase::parse(url, Reach::Anywhere).unwrap(), Some("s3cret")).unwrap()
}

const GET: TargetRequest<'static> = TargetRequest {
    method: TargetMethod::Get,
    path: "/Users?filter=userName%20eq%20%22ann%22",
    body: None,
    reads: TargetReads::Whole,
};

async fn outcome(does: Does) -> Result<TargetAnswer, TargetError> {
    let server = Server::start(does).await;
    let outcome = target(&server.url(), LIMITS).send(GET).await;
    server.heard.await.unwrap();
    outcome
}

fn http(head: &str, body: &[u8]) -> Does {
    let mut bytes =
        format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend(body);
    Does::Writes(bytes)
}

fn answered(status: u16, body: TargetBody) -> TargetAnswer {
    TargetAnswer { status, retry_after: None, body }
}

#[tokio::test]
async fn u_33_a_request_carries_the_token_and_nothing_that_entra_does_not_send() {
    let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann"}"#;
    for (method, path, body, line) in [
        (TargetMethod::Get, GET.path, None, "GET /scim/Users?filter=userName%20eq%20%22ann%22 HTTP/1.1"),
        (TargetMethod::Post, "/Users", Some(body), "POST /scim/Users HTTP/1.1"),
        (TargetMethod::Patch, "/Users/7", Some(body), "PATCH /scim/Users/7 HTTP/1.1"),
        (TargetMethod::Delete, "/Users/7", None, "DELETE /scim/Users/7 HTTP/1.1"),
    ] {
        let server = Server::start(http("204 No Content", b"")).await;
        let sent =
            target(&server.url(), LIMITS).send(TargetRequest { method, path, body, reads: TargetReads::Whole }).await;
        assert_eq!(sent, Ok(answered(204, TargetBody::Empty)));
        let heard = server.heard.await.unwrap();
        let (head, rest) = heard.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(line), "{head}");
        assert!(head.contains("\r\nauthorization: Bearer s3cret"), "{head}");
        assert!(!head.to_lowercase().contains("user-agent"), "{head}");
        let is_typed = head.contains("\r\ncontent-type: application/scim+json; charset=utf-8");
        assert_eq!(is_typed, body.is_some(), "{head}");
        assert_eq!(rest, body.unwrap_or_default());
    }
}

#[tokio::test]
async fn answers_are_what_they_are_whatever_they_are_called() {
    let long = format!("\"{}\"", "x".repeat(1_000));
    for (does, status, body) in [
        (http("200 OK\r\ncontent-type: text/html", br#"{"id":"7"}"#), 200, TargetBody::Json(json!({"id": "7"}))),
        (http("404 Not Found", b""), 404, TargetBody::Empty),
        (http("200 OK", b"{\"id\":"), 200, TargetBody::Other("{\"id\":".to_owned())),
        (http("502 Bad Gateway", b"<html>\r\nbad\0"), 502, TargetBody::Other("<html>  bad".to_owned())),
        (http("200 OK", b"\xff\xfe{}"), 200, TargetBody::Other("\u{fffd}\u{fffd}{}".to_owned())),
        (http("200 OK", long.as_bytes()), 200, TargetBody::TooLong),
        (http("200 OK", "[".repeat(900).as_bytes()), 200, TargetBody::Other("[".repeat(500))),
    ] {
        assert_eq!(outcome(does).await, Ok(answered(status, body)));
    }
    let busy = outcome(http("429 Too Many Requests\r\nretry-after: 30", b"")).await.unwrap();
    assert_eq!(busy.retry_after, Some(SignedDuration::from_secs(30)));
}

#[tokio::test]
async fn a_body_without_end_is_read_up_to_the_bound() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let close = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
    for does in [Does::Repeats(chunked, b"3\r\n[1,\r\n"), Does::Repeats(close, &[b' '; 512])] {
        assert_eq!(outcome(does).await, Ok(answered(200, TargetBody::TooLong)));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_but_named() {
    for (to, said) in [
        ("location: http://169.254.169.254/latest\r\n", " to http://169.254.169.254/latest"),
        ("location: \u{7f}\r\n", ""),
        ("", ""),
    ] {
        let does = Does::Writes(format!("HTTP/1.1 302 Found\r\n{to}content-length: 0\r\n\r\n").into_bytes());
        let said = format!("the target redirects{said}; redirects are not followed: use the URL behind them");
        let outcome = outcome(does).await;
        match &outcome {
            Ok(answer) => assert_eq!(*answer, answered(302, TargetBody::Other(said))),
            // A location that no header can have is no answer.
            Err(TargetError::Connection(_)) => assert!(to.contains('\u{7f}')),
            Err(_) => panic!("{outcome:?}"),
        }
    }
}

#[tokio::test]
async fn what_is_no_http_or_breaks_off_is_no_answer() {
    let many: String = (0..1_000).map(|n| format!("x-{n}: {n}\r\n")).collect();
    let wide = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(1 << 20));
    for bytes in [
        String::new(),
        "SSH-2.0-OpenSSH_9.2\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\n{many}\r\n"),
        wide,
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":".to_owned(),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_owned(),
    ] {
        let shown: String = bytes.chars().take(60).collect();
        let server = Server::start(Does::Writes(bytes.into_bytes())).await;
        let outcome = target(&server.url(), LIMITS).send(GET).await;
        let Err(TargetError::Connection(said)) = &outcome else { panic!("{shown}: {outcome:?}") };
        assert!(said.starts_with(&format!("http://127.0.0.1:{}: ", server.port)), "{said}");
        assert!(!said.contains("s3cret") && said.len() < 600, "{said}");
        server.heard.abort();
    }
}

#[tokio::test]
async fn s_96_a_target_that_stalls_costs_a_bounded_time() {
    let limits = TargetLimits { request: Duration::from_millis(300), ..LIMITS };
    for head in
        ["", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"a\""]
    {
        let server = Server::start(Does::Stalls(head)).await;
        let outcome = target(&server.url(), limits).send(GET).await;
        assert_eq!(outcome, Err(TargetError::TimedOut(limits.request)), "{head}");
        assert_eq!(outcome.unwrap_err().to_string(), "no answer within 0.3 seconds");
        server.heard.await.unwrap();
    }
}

#[tokio::test]
async fn where_nobody_is_nothing_is_sent() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let outcome = target(&format!("http://127.0.0.1:{port}"), LIMITS).send(GET).await;
    assert!(matches!(outcome, Err(TargetError::Connection(_))), "{outcome:?}");
    let outcome = target("https://nobody.invalid", LIMITS).send(GET).await;
    assert!(matches!(outcome, Err(TargetError::Name(_))), "{outcome:?}");
    let outcome = target("https://nobody.invalid", LIMITS).send(TargetRequest { path: "/../x", ..GET }).await;
    assert!(matches!(outcome, Err(TargetError::Forbidden(_))), "{outcome:?}");
}

#[tokio::test]
async fn f_3_2_5_a_name_that_leads_to_a_private_address_is_not_connected_to() {
    let server = Server::start(http("200 OK", b"{}")).await;
    let url = TargetBase::parse(&format!("https://localhost:{}", server.port), Reach::Public).unwrap();
    let outcome = Outbound::new(Reach::Public, LIMITS).target(url, Some("s3cret")).unwrap().send(GET).await;
    let said = "localhost leads to no public address, and requests to others are not permitted here";
    assert_eq!(outcome, Err(TargetError::Forbidden(said.to_owned())));
    assert!(!server.heard.is_finished(), "nobody has connected");
    server.heard.abort();
}

#[tokio::test]
async fn u_33_only_who_has_the_name_of_the_url_is_given_the_token() {
    for (issued_for, trusted, taken) in
        [("localhost", true, true), ("elsewhere.example", true, false), ("localhost", false, false)]
    {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed([issued_for.to_owned()]).unwrap();
        let key = PrivateKeyDer::from_pem_slice(signing_key.serialize_pem().as_bytes()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(async move {
            let (socket, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(socket).await else { return String::new() };
            let heard = hear(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
            heard
        });
        let mut roots = RootCertStore::empty();
        if trusted {
            roots.add(cert.der().clone()).unwrap();
        }
        let outbound = Outbound::trusting(Reach::Anywhere, LIMITS, roots);
        let url = TargetBase::parse(&format!("https://localhost:{port}"), Reach::Anywhere).unwrap();
        let outcome = outbound.target(url, Some("s3cret")).unwrap().send(GET).await;
        match taken {
            true => assert_eq!(outcome, Ok(answered(200, TargetBody::Json(json!({}))))),
            false => assert!(matches!(outcome, Err(TargetError::Certificate(_))), "{outcome:?}"),
        }
        assert_eq!(serving.await.unwrap().contains("s3cret"), taken);
    }
}

#[test]
fn tokens_are_what_a_header_can_carry() {
    for good in ["x", "prv_1_2", "a.b-c~d+e/f=", &"x".repeat(4_096)] {
        assert!(provost_client::check_token(good).is_ok(), "{good}");
    }
    for bad in ["", " ", "a b", "a\r\nx: y", "s3crét", &"x".repeat(4_097)] {
        assert!(provost_client::check_token(bad).is_err(), "{bad}");
    }
}
