//! S-108: alive, ready, counted, and ended in order.

use crate::support::{Server, request, send};
use serde_json::{Value, json};
use std::fs;

/// A question that needs no key.
fn ask(server: &Server, path: &str) -> (u16, String) {
    let answer = send(request("GET", &format!("{}{path}", server.base)));
    (answer.status, answer.text)
}

#[test]
fn s_108_without_its_database_the_server_is_alive_and_not_ready() {
    let server = Server::start_in_folder(&[]);
    let ready = (200, r#"{"status":"ready"}"#.to_owned());
    assert_eq!(ask(&server, "/healthz"), (200, r#"{"status":"alive"}"#.to_owned()));
    assert_eq!(ask(&server, "/readyz"), ready);
    let not_ready = || {
        let (status, problem) = ask(&server, "/readyz");
        assert!(status == 503 && problem.contains("the store does not answer"), "{status}: {problem}");
        assert_eq!(ask(&server, "/healthz").0, 200, "it is alive");
        assert_eq!(ask(&server, "/metrics").0, 200, "and counts");
    };

    // Gone, as when a disk is not mounted any more; and back.
    let (file, away) = (server.data().join("provost.db"), server.data().join("away.db"));
    fs::rename(&file, &away).expect("a file can be renamed");
    not_ready();
    fs::rename(&away, &file).expect("a file can be renamed");
    assert_eq!(ask(&server, "/readyz"), ready);

    // In ruins.
    for file in ["provost.db", "provost.db-wal"] {
        let path = server.data().join(file);
        let length = fs::metadata(&path).expect("the file is there").len();
        fs::write(&path, vec![b'x'; usize::try_from(length).expect("it is small")]).expect("it can be written");
    }
    not_ready();
    let log = server.log();
    assert!(log.contains("The store does not answer."), "{log}");
}

#[test]
fn s_108_metrics_count_requests_by_status() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let counted = |line: &str| -> u64 {
        let (_, page) = ask(&server, "/metrics");
        let found = page.lines().find_map(|shown| shown.strip_prefix(line)?.trim().parse().ok());
        found.unwrap_or_default()
    };
    for (method, path, status, times) in [
        ("GET", "/Users", 200, 3),
        ("GET", "/Users/x", 404, 2),
        ("POST", "/Users", 400, 4),
        ("DELETE", "/Users/x", 404, 1),
    ] {
        let line = format!("provost_http_requests_total{{surface=\"scim\",method=\"{method}\",status=\"{status}\"}}");
        let before = counted(&line);
        for _ in 0..times {
            let body = if method == "POST" { json!({}) } else { Value::Null };
            account.scim(method, path, body).expect(status);
        }
        assert_eq!(counted(&line) - before, times, "{line}");
    }
    let wrong = account.with_key("wrong");
    wrong.scim("GET", "/Users", Value::Null).expect(401);
    assert_eq!(counted("provost_http_requests_total{surface=\"scim\",method=\"GET\",status=\"401\"}"), 1);
}
