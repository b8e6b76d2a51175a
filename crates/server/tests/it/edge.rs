use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Request};
use axum::response::Response;
use axum::routing::{get, post};
use provost_server::{PublicOrigin, RequestId};
use tower::ServiceExt;
use tracing_subscriber::fmt::MakeWriter;

use crate::wire::{Server, behind_edge, header, parts};

async fn who(Extension(origin): Extension<PublicOrigin>, Extension(id): Extension<RequestId>) -> String {
    format!("{} {} {id}", origin.client_ip, origin.origin)
}

async fn panics() -> Response {
    panic!("a bug")
}

fn routes() -> Router {
    Router::new()
        .route("/scim/v2/who", get(who))
        .route("/scim/v2/panics", get(panics))
        .route("/api/v1/panics", get(panics))
        .route("/api/v1/post", post(who))
        .route("/scim/v2/text", get(|| async { (axum::http::StatusCode::UNPROCESSABLE_ENTITY, "of an extractor") }))
}

fn request(method: &str, path: &str, headers: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nhost: test:1\r\nconnection: close\r\n{headers}\r\n")
}

#[tokio::test]
async fn s_79_every_answer_carries_the_request_id() {
    let server = Server::start(behind_edge(routes(), None, false)).await;
    for (method, path, status) in [
        ("GET", "/scim/v2/who", 200),
        ("GET", "/scim/v2/panics", 500),
        ("GET", "/api/v1/panics", 500),
        ("GET", "/nowhere", 404),
        ("GET", "/api/v1/post", 405),
        ("DELETE", "/scim/v2/who", 405),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 503),
        ("GET", &format!("/{}", "a".repeat(9000)), 414),
    ] {
        let answer = server.exchange(request(method, path, "x-request-id: r1\r\n")).await;
        assert_eq!((parts(&answer).0, header(&answer, "x-request-id")), (status, Some("r1")), "{method} {path}");
        let answer = server.exchange(request(method, path, "x-request-id: not one\r\n")).await;
        let made = header(&answer, "x-request-id").unwrap();
        assert!(made.starts_with("019b7ca9-8f2e-7"), "{method} {path}: {made}");
    }
    let answer = server.exchange(request("GET", "/scim/v2/who", "x-request-id: r1\r\n")).await;
    assert_eq!(parts(&answer).1, "127.0.0.1 http://test:1 r1", "the handler sees it");
}

#[tokio::test]
async fn an_error_has_the_form_of_its_surface() {
    let server = Server::start(behind_edge(routes(), None, false)).await;
    let scim = |status: u16, detail: &str| {
        format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"{status}","detail":"{detail}"}}"#
        )
    };
    let problem = |status: u16, title: &str, detail: &str| {
        format!(r#"{{"type":"about:blank","title":"{title}","status":{status},"detail":"{detail}"}}"#)
    };
    let bug = "the server failed to answer; its log has the request id";
    let long = format!("x: {}\r\n", "a".repeat(8192));
    for (method, path, headers, body) in [
        ("GET", "/scim", "", scim(404, "nothing is served at this path")),
        ("GET", "/scim/v2/panics", "", scim(500, bug)),
        ("GET", "/scim/v2/text", "", scim(422, "Unprocessable Entity")),
        ("PATCH", "/scim/v2/who", "", scim(405, "this path does not answer this method")),
        ("GET", "/scim/v2/who", &long, scim(431, "the headers are longer than 8192 bytes")),
        ("GET", "/api/v1/panics", "", problem(500, "Internal Server Error", bug)),
        ("GET", "/api/v1/post", "", problem(405, "Method Not Allowed", "this path does not answer this method")),
        ("GET", "/api", "", problem(404, "Not Found", "nothing is served at this path")),
        ("GET", "/", "", problem(404, "Not Found", "nothing is served at this path")),
        ("GET", "/readyz", "", problem(503, "Service Unavailable", "the store does not answer")),
    ] {
        let answer = server.exchange(request(method, path, headers)).await;
        assert_eq!(parts(&answer).1, body, "{method} {path}");
        let media_type = if path.starts_with("/scim") { "application/scim+json" } else { "application/problem+json" };
        assert_eq!(header(&answer, "content-type"), Some(media_type), "{method} {path}");
    }
    let answer = server.exchange(request("PATCH", "/scim/v2/who", "")).await;
    assert_eq!(header(&answer, "allow"), Some("GET,HEAD"), "the router's headers stay");
}

#[tokio::test]
async fn a_target_may_be_as_long_as_the_limit_and_no_longer() {
    let server = Server::start(behind_edge(routes(), None, false)).await;
    let query = |length: usize| format!("/scim/v2/who?{}", "a".repeat(length - "/scim/v2/who?".len()));
    for (length, status) in [(8192, 200), (8193, 414), (60_000, 414)] {
        let answer = server.exchange(request("GET", &query(length), "")).await;
        assert_eq!(parts(&answer).0, status, "{length}");
    }
    let answer = server.exchange(request("GET", &query(2_000_000), "")).await;
    assert_eq!(parts(&answer).0, 431, "hyper refuses before us");
}

#[tokio::test]
async fn s_21_the_origin_comes_from_a_trusted_proxy_only() {
    let forwarded = "x-forwarded-for: 203.0.113.5\r\nx-forwarded-proto: https\r\nx-forwarded-host: scim.example.com\r\nx-request-id: r\r\n";
    let public = || Some("https://id.example.org".parse().unwrap());
    for (public_url, trusted, shown) in [
        (None, true, "203.0.113.5 https://scim.example.com r"),
        (None, false, "127.0.0.1 http://test:1 r"),
        (public(), true, "203.0.113.5 https://id.example.org r"),
        (public(), false, "127.0.0.1 https://id.example.org r"),
    ] {
        let server = Server::start(behind_edge(routes(), public_url, trusted)).await;
        let answer = server.exchange(request("GET", "/scim/v2/who", forwarded)).await;
        assert_eq!(parts(&answer).1, shown);
    }
}

#[tokio::test]
async fn operators_see_life_readiness_and_counts() {
    let server = Server::start(behind_edge(routes(), None, false)).await;
    assert_eq!(parts(&server.get("/healthz").await), (200, r#"{"status":"alive"}"#));
    for path in ["/scim/v2/Users/some-id", "/scim/v2/who?filter=secret", "/api/v1/panics"] {
        server.get(path).await;
    }
    let answer = server.get("/metrics").await;
    assert_eq!(header(&answer, "content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    for line in [
        r#"provost_http_requests_total{surface="scim",method="GET",status="200"} 1"#,
        r#"provost_http_requests_total{surface="scim",method="GET",status="404"} 1"#,
        r#"provost_http_requests_total{surface="api",method="GET",status="500"} 1"#,
        r#"provost_http_requests_total{surface="other",method="GET",status="200"} 1"#,
        "provost_http_requests_in_flight 1",
    ] {
        assert!(answer.lines().any(|shown| shown == line), "{line} is not in\n{answer}");
    }
    assert!(!answer.contains("some-id") && !answer.contains("secret"));
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn s_66_s_79_the_log_has_the_request_id_and_no_secret() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).without_time().finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let router = behind_edge(routes(), None, false);
    for path in ["/scim/v2/who?token=prv_1_secret", "/scim/v2/panics", "/scim/prv_1_secret"] {
        let request = Request::get(path)
            .header("x-request-id", "r1")
            .header("authorization", "Bearer prv_1_secret")
            .body(Body::from("prv_1_secret"))
            .unwrap();
        router.clone().oneshot(request).await.unwrap();
    }
    drop(guard);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<_> = log.lines().map(|line| line.split(" duration_ms=").next().unwrap()).collect();
    let target = "provost_server::edge: Answered a request. method=GET";
    let expected = [
        format!(" INFO {target} path=\"/scim/v2/who\" status=200"),
        "ERROR request{request.id=r1}: provost_server::edge: A request panicked; where, the panic hook has printed."
            .into(),
        format!(" INFO {target} path=\"/scim/v2/panics\" status=500"),
        format!(" INFO {target} path=\"/scim/[redacted]\" status=404"),
    ];
    assert_eq!(lines, expected);
    assert_eq!(log.matches("request.id=r1").count(), 4);
    assert!(log.contains("client.ip=0.0.0.0") && !log.contains("secret"), "{log}");
}
