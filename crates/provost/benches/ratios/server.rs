//! The server under measurement: the real stack on a real socket and a real file, with one more path that answers a constant.

use crate::{
    client,
    load::{Request, exchange, wire},
};
use axum::{body::Bytes, routing::get};
use provost_client::{Outbound, Reach, TargetLimits};
use provost_server::{
    App, Edge, Limits, Metrics, OriginRules, Parts, SystemClock, SystemEntropy, TrustedProxies, proxy::Scheme,
    scim_reply,
};
use provost_store::SqliteStore;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, OnceLock, mpsc},
    thread,
};
use tokio::{
    net::TcpStream,
    sync::{oneshot, watch},
};

const OPERATOR_KEY: &str = "the operator of a benchmark";

/// A user that was made.
pub struct Made {
    pub id: String,
    pub user_name: String,
}

pub struct Server {
    pub address: SocketAddr,
    key: String,
    constant: Arc<OnceLock<Bytes>>,
    folder: tempfile::TempDir,
    stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<()>,
}

impl Server {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let constant: Arc<OnceLock<Bytes>> = Arc::default();
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let (path, answer) = (folder.path().to_owned(), Arc::clone(&constant));
        let thread = thread::spawn(move || serve(&path, answer, &tell, stopped));
        let address = told.recv().expect("the server starts");
        let mut server = Self { address, key: String::new(), constant, folder, stop, thread };
        server.key = server.make_account();
        server
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn request(&self, method: &str, path: &str, body: Option<&str>) -> Request {
        wire(method, path, &self.key, body)
    }

    /// The body of the answer to one request.
    pub fn once(&self, request: &Request) -> Vec<u8> {
        client::once(self.address, request)
    }

    /// An account of its own; answers with the key of its admin app.
    pub fn make_account(&self) -> String {
        self.make_account_under(&json!("standard"), &json!({ "name": "Bench" }))
    }

    /// An account under a policy, with an admin app; answers with the app's key.
    pub fn make_account_under(&self, policy: &Value, app: &Value) -> String {
        client::make_account(self.address, OPERATOR_KEY, &json!({ "name": "Bench", "policy": policy }), app)
    }

    pub fn create_users(&self, count: usize) -> Vec<Made> {
        self.create_users_with(&self.key, count)
    }

    /// The same with the key of another account.
    pub fn create_users_with(&self, key: &str, count: usize) -> Vec<Made> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a thread");
        runtime.block_on(async {
            let mut stream = TcpStream::connect(self.address).await.expect("the server listens");
            let mut users = Vec::with_capacity(count);
            let mut buffer = Vec::new();
            for n in 0..count {
                let user_name = format!("user-{n}@bench.example");
                let request = wire("POST", "/scim/v2/Users", key, Some(&user_body(&user_name)));
                let body = exchange(&mut stream, &request, &mut buffer).await;
                let user: Value = serde_json::from_slice(&buffer[body..]).expect("SCIM answers JSON");
                users.push(Made { id: user["id"].as_str().expect("a user has an id").to_owned(), user_name });
            }
            users
        })
    }

    /// A user as it is answered.
    pub fn sample(&self, user: &Made) -> Vec<u8> {
        self.once(&self.request("GET", &format!("/scim/v2/Users/{}", user.id), None))
    }

    pub fn set_constant(&self, bytes: &[u8]) {
        self.constant.set(Bytes::copy_from_slice(bytes)).expect("it is set once");
    }

    pub fn stop(self) {
        self.stop.send(()).expect("the server runs");
        self.thread.join().expect("the server ends well");
    }
}

fn serve(
    folder: &Path,
    constant: Arc<OnceLock<Bytes>>,
    tell: &mpsc::Sender<SocketAddr>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
    runtime.block_on(async {
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let metrics = Arc::new(Metrics::new("bench"));
        let store = Arc::new(
            SqliteStore::open(folder, provost_server::Clock::now(&SystemClock)).expect("a fresh folder opens"),
        );
        let app = App::new(Parts {
            store,
            node: provost_server::Entropy::uuid_v7(&SystemEntropy, provost_server::Clock::now(&SystemClock)),
            clock: clock.clone(),
            entropy: entropy.clone(),
            metrics: Arc::clone(&metrics),
            operator_key: OPERATOR_KEY.to_owned(),
            mail: None,
            outbound: Outbound::new(Reach::Public, TargetLimits::default()),
            support: None,
        });
        let (listener, bound) = provost_server::bind("127.0.0.1:0").await.expect("a free port");
        let origins = OriginRules { trusted: TrustedProxies::default(), public_url: None, scheme: Scheme::Http, bound };
        // What the process does beside the requests is part of what they cost.
        let upkeep = tokio::spawn({
            let app = app.clone();
            async move { app.upkeep(std::future::pending()).await }
        });
        let answer = move || {
            let bytes = constant.get().cloned().unwrap_or_default();
            async move { scim_reply::json(axum::http::StatusCode::OK, bytes) }
        };
        let (_serving, stopping) = watch::channel(false);
        let router =
            provost_server::router::router(app, Arc::clone(&metrics), stopping).route("/constant", get(answer));
        let router = provost_server::edge::wrap(router, Arc::new(Edge { clock, entropy, origins, metrics }));
        tell.send(bound).expect("somebody waits for the address");
        provost_server::serve(listener, router, None, Limits::default(), async {
            let _ = stopped.await;
        })
        .await;
        upkeep.abort();
    });
}

/// A user as Entra's default mappings fill it.
pub fn user_body(user_name: &str) -> String {
    client::user(user_name, "Ann Example").to_string()
}

/// Enables or disables a user.
pub fn active_body(active: bool) -> String {
    client::operation("replace", "active", active.into()).to_string()
}

pub fn patch_body(title: &str) -> String {
    client::operation("replace", "title", title.into()).to_string()
}
