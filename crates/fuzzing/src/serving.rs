//! The whole server in memory: a clock that stands still, counted ids and keys, so that the same bytes end the same.

use axum::{Router, body::Body, extract::Request};
use http_body_util::BodyExt;
use provost_client::{Outbound, Reach, TargetLimits};
use provost_server::{
    App, CountingEntropy, Edge, FixedClock, Metrics, OriginRules, Parts, Peer, TrustedProxies, edge, proxy::Scheme,
    router,
};
use provost_store::MemoryStore;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::{runtime::Runtime, sync::watch};
use tower::ServiceExt;

const OPERATOR: &str = "operator-key";

/// A server with one account, and two keys that act in it.
pub struct Service {
    router: Router,
    /// Keys of two admin apps of the account.
    pub keys: [String; 2],
    /// Ids of its three users.
    pub users: Vec<String>,
    _stop: watch::Sender<bool>,
}

/// An answer: its status, and its body as JSON, null when it is none.
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

/// A runtime of one thread.
pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime of one thread starts")
}

impl Service {
    /// A new server with its account.
    pub async fn new() -> Self {
        let clock = Arc::new(FixedClock::at("2026-01-02T03:04:05Z".parse().expect("an instant")));
        let entropy = Arc::new(CountingEntropy::default());
        let metrics = Arc::new(Metrics::new("0.0.0"));
        let app = App::new(Parts {
            store: Arc::new(MemoryStore::new()),
            node: uuid::Uuid::nil(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            metrics: metrics.clone(),
            operator_key: OPERATOR.to_owned(),
            mail: None,
            outbound: Outbound::new(Reach::Public, TargetLimits::default()),
            support: None,
        });
        let origins = OriginRules {
            trusted: TrustedProxies(Vec::new()),
            public_url: Some("https://id.example.com".parse().expect("a URL")),
            scheme: Scheme::Http,
            bound: "127.0.0.1:8080".parse().expect("an address"),
        };
        let (stop, stopping) = watch::channel(false);
        let router = router(app, metrics.clone(), stopping);
        let router = edge::wrap(router, Arc::new(Edge { clock, entropy, origins, metrics }));
        let mut service = Self { router, keys: [String::new(), String::new()], users: Vec::new(), _stop: stop };
        service.furnish().await;
        service
    }

    async fn furnish(&mut self) {
        let made = |answer: Answered| answer.body;
        let account = json!({ "name": "Acme", "policy": "standard" });
        let account = made(self.ask(OPERATOR, "POST", "/api/v1/accounts", account).await);
        let base = format!("/api/v1/accounts/{}", account["id"].as_str().expect("an account has an id"));
        for key in 0..2 {
            let app = json!({ "name": format!("App {key}"), "scopes": ["scim"] });
            let app = made(self.ask(OPERATOR, "POST", &format!("{base}/admin-apps"), app).await);
            self.keys[key] = app["api_key"].as_str().expect("an admin app has a key").to_owned();
        }
        for number in 0..3 {
            let user = json!({ "schemas": [provost_scim::urn::USER], "userName": format!("u{number}@a.example") });
            let user = made(self.ask(&self.keys[0], "POST", "/scim/v2/Users", user).await);
            self.users.push(user["id"].as_str().expect("a user has an id").to_owned());
        }
    }

    /// What answers; each request comes from the same address.
    pub fn router(&self) -> Router {
        self.router.clone().layer(axum::Extension(Peer("192.0.2.7:1".parse().expect("an address"))))
    }

    /// Asks with a key; a null body is none.
    pub async fn ask(&self, key: &str, method: &str, path: &str, body: Value) -> Answered {
        let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {key}"));
        let request = match body {
            Value::Null => request.body(Body::empty()),
            body => request.header("content-type", "application/json").body(Body::from(body.to_string())),
        };
        let answer =
            self.router().oneshot(request.expect("a well-formed request")).await.expect("a router cannot fail");
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.expect("the body is in memory").to_bytes();
        Answered { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }
}
