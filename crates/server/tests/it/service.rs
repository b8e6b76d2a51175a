//! The whole server without sockets: a router over a store in memory, a clock that stands still, counted ids and keys.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderMap;
use http_body_util::BodyExt;
use provost_client::{Outbound, Reach, TargetLimits};
use provost_server::proxy::Scheme;
use provost_server::{
    App, CountingEntropy, Edge, Entropy, FixedClock, Metrics, OriginRules, Parts, Peer, TrustedProxies, edge, router,
};
use provost_store::{MemoryStore, Store};
use serde_json::{Value, json};
use tokio::sync::watch;
use tower::ServiceExt;

/// The operator's key.
pub const OPERATOR: &str = "operator-key";

pub struct Service {
    pub clock: Arc<FixedClock>,
    pub store: Arc<MemoryStore>,
    pub app: App,
    pub stop: watch::Sender<bool>,
    router: Router,
}

/// An answer.
pub struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

/// An account with an admin app.
pub struct Tenant {
    /// `/api/v1/accounts/<id>`.
    pub base: String,
    pub app: String,
    pub key: String,
}

impl Service {
    pub fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        Self::node(0, store.clone(), store)
    }

    /// One that calls any address, such as this machine.
    pub fn reaching_anywhere() -> Self {
        let store = Arc::new(MemoryStore::new());
        Self::reaching(Reach::Anywhere, 0, store.clone(), store)
    }

    /// One of several on a store, by its number; it reaches the store through `seen`.
    pub fn node(number: u128, store: Arc<MemoryStore>, seen: Arc<dyn Store>) -> Self {
        Self::reaching(Reach::Public, number, store, seen)
    }

    fn reaching(reach: Reach, number: u128, store: Arc<MemoryStore>, seen: Arc<dyn Store>) -> Self {
        let clock = Arc::new(FixedClock::at("2026-01-02T03:04:05.678Z".parse().unwrap()));
        let entropy = Arc::new(CountingEntropy::default());
        // What is made by several nodes has ids that are apart.
        (0..number * 1_000).for_each(|_| entropy.fill(&mut [0]));
        let metrics = Arc::new(Metrics::new("0.0.0"));
        let app = App::new(Parts {
            store: seen,
            node: uuid::Uuid::from_u128(number),
            clock: clock.clone(),
            entropy: entropy.clone(),
            metrics: metrics.clone(),
            operator_key: OPERATOR.to_owned(),
            mail: None,
            outbound: Outbound::new(reach, TargetLimits::default()),
            support: None,
        });
        let origins = OriginRules {
            trusted: TrustedProxies(Vec::new()),
            public_url: Some("https://id.example.com".parse().unwrap()),
            scheme: Scheme::Http,
            bound: "127.0.0.1:8080".parse().unwrap(),
        };
        let (stop, stopping) = watch::channel(false);
        let router = router(app.clone(), metrics.clone(), stopping);
        let router = edge::wrap(router, Arc::new(Edge { clock: clock.clone(), entropy, origins, metrics }));
        Self { clock, store, app, stop, router }
    }

    /// What answers, to be served on a socket.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub async fn send(&self, request: Request) -> Answered {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answered { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    /// A request with a key and a JSON body; `Value::Null` for none.
    pub async fn ask(&self, key: &str, method: &str, path: &str, body: Value) -> Answered {
        self.ask_from("192.0.2.7", key, method, path, body).await
    }

    /// The same, from an address.
    pub async fn ask_from(&self, ip: &str, key: &str, method: &str, path: &str, body: Value) -> Answered {
        let request = Request::builder().method(method).uri(path.replace(' ', "%20").replace('"', "%22"));
        let request = request.header("authorization", format!("Bearer {key}")).header("user-agent", "tests/1");
        let request = match body {
            Value::Null => request.body(Body::empty()),
            body => request.header("content-type", "application/json").body(Body::from(body.to_string())),
        };
        let mut request = request.unwrap();
        request.extensions_mut().insert(Peer(format!("{ip}:1").parse().unwrap()));
        self.send(request).await
    }

    /// Asks as the operator.
    pub async fn operate(&self, method: &str, path: &str, body: Value) -> Answered {
        self.ask(OPERATOR, method, path, body).await
    }

    /// Asks as the operator what has to be done.
    pub async fn done(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.operate(method, path, body).await;
        assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.text);
        answer.json()
    }

    /// Asks, as the operator, a table of (method, path below `base`, body, status with the beginning of the detail).
    pub async fn check(&self, base: &str, cases: impl IntoIterator<Item = (&str, &str, Value, &str)>) {
        for (method, path, body, expected) in cases {
            let shown = format!("{} ", self.operate(method, &format!("{base}{path}"), body.clone()).await.shown());
            assert!(shown.starts_with(expected), "{method} {path} {body}: {shown}");
        }
    }

    /// The items of all pages of a list; `path` has a query.
    pub async fn pages(&self, path: &str) -> Value {
        let (mut items, mut next) = (Vec::new(), String::new());
        loop {
            let mut page = self.done("GET", &format!("{path}{next}"), Value::Null).await;
            items.append(page["items"].as_array_mut().unwrap());
            assert!(items.len() < 1_000, "the pages of {path} do not end");
            match page["next"].as_str() {
                None => return Value::Array(items),
                Some(cursor) => next = format!("&cursor={cursor}"),
            }
        }
    }

    /// An account under a policy, with an admin app of these scopes.
    pub async fn tenant(&self, policy: Value, scopes: Value) -> Tenant {
        let account = self.done("POST", "/api/v1/accounts", json!({ "name": "Acme", "policy": policy })).await;
        let base = format!("/api/v1/accounts/{}", account.at("/id"));
        let app = json!({ "name": "Entra", "scopes": scopes });
        let app = self.done("POST", &format!("{base}/admin-apps"), app).await;
        Tenant { base, app: app.at("/id").to_owned(), key: app.at("/api_key").to_owned() }
    }

    /// The newest audit entry of an account.
    pub async fn last_entry(&self, tenant: &Tenant) -> Value {
        self.done("GET", &format!("{}/audit?limit=1", tenant.base), Value::Null).await["items"][0].clone()
    }
}

impl Answered {
    pub fn json(&self) -> Value {
        if self.text.is_empty() { Value::Null } else { serde_json::from_str(&self.text).unwrap() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status and document, to be compared whole.
    pub fn pretty(&self) -> String {
        format!("{} {:#}\n", self.status, self.json())
    }

    /// `404 no such role`: status and the detail of an error, or the document.
    pub fn shown(&self) -> String {
        let document = self.json();
        let detail = document.get("detail").and_then(Value::as_str);
        format!("{} {}", self.status, detail.unwrap_or(&self.text))
    }
}

/// Texts of a document by JSON pointer.
pub trait At {
    fn at(&self, pointer: &str) -> &str;
}

impl At for Value {
    #[track_caller]
    fn at(&self, pointer: &str) -> &str {
        self.pointer(pointer).and_then(Self::as_str).unwrap_or_else(|| panic!("no text at {pointer} of {self}"))
    }
}
