//! S-73: streams of audit logs at the moments that decide, with one node and with two.

use crate::held::{HeldStore, Moment};
use crate::service::{Service, Tenant};
use provost_store::MemoryStore;
use serde_json::{Value, json};
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

/// More than anything takes that does not wait for a clock, and less than a receiver may keep a batch.
const PATIENCE: Duration = Duration::from_secs(40);

/// A syslog server that keeps the numbers of the entries of one account.
struct Receiver {
    target: Value,
    came: Arc<Mutex<Vec<u64>>>,
}

impl Receiver {
    /// `answers` is whether it closes its side of a connection, which says that what came has arrived.
    async fn start(answers: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = json!({ "target": format!("syslog://{}", listener.local_addr().unwrap()) });
        let came = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&came);
        tokio::spawn(async move {
            let mut open = Vec::new();
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut sent = String::new();
                socket.read_to_string(&mut sent).await.unwrap();
                let numbers = sent.split("sequenceId=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
                keep.lock().unwrap().extend(numbers.map(|number| number.parse::<u64>().unwrap()));
                if !answers {
                    open.push(socket);
                }
            }
        });
        Self { target, came }
    }

    fn came(&self) -> Vec<u64> {
        self.came.lock().unwrap().clone()
    }

    /// Waits until exactly these have come.
    #[track_caller]
    fn gets(&self, numbers: impl IntoIterator<Item = u64>) -> impl Future<Output = ()> {
        let (expected, at) = (numbers.into_iter().collect::<Vec<_>>(), std::panic::Location::caller());
        async move {
            let all = async {
                while self.came() != expected {
                    sleep(Duration::from_millis(5)).await;
                }
            };
            let came = timeout(PATIENCE, all).await;
            assert!(came.is_ok(), "{at}: {:?} came and not {expected:?}", self.came());
        }
    }
}

/// A node that sends logs until the test ends, and the store that it sees.
fn node(number: u128, store: &Arc<MemoryStore>) -> (Service, Arc<HeldStore>) {
    let held = Arc::new(HeldStore::over(Arc::clone(store)));
    let service = Service::node(number, Arc::clone(store), held.clone());
    let app = service.app.clone();
    tokio::spawn(async move { app.stream_logs(pending()).await });
    (service, held)
}

async fn set(service: &Service, tenant: &Tenant, receiver: &Receiver) {
    service.done("PUT", &format!("{}/audit/stream", tenant.base), receiver.target.clone()).await;
}

async fn end(service: &Service, tenant: &Tenant) {
    service.done("DELETE", &format!("{}/audit/stream", tenant.base), Value::Null).await;
}

/// Leaves one entry in the log, that something was refused.
async fn happens(service: &Service, tenant: &Tenant) {
    let nowhere = format!("{}/users/{}", tenant.base, uuid::Uuid::nil());
    assert_eq!(service.operate("DELETE", &nowhere, Value::Null).await.status, 404);
}

/// Waits until everything up to this entry is noted as sent.
async fn is_noted(service: &Service, tenant: &Tenant, seq: u64) {
    let path = format!("{}/audit/stream", tenant.base);
    let noted = async {
        while service.done("GET", &path, Value::Null).await["watermark"] != json!(seq) {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, noted).await.expect("the watermark moves");
}

/// An account whose log of three entries has come to the first of two receivers.
async fn scene() -> (Service, Arc<HeldStore>, Tenant, [Receiver; 2]) {
    let (service, held) = node(1, &Arc::default());
    let tenant = service.tenant(json!("standard"), json!(["scim"])).await;
    let receivers = [Receiver::start(true).await, Receiver::start(true).await];
    set(&service, &tenant, &receivers[0]).await;
    receivers[0].gets(1..=3).await;
    is_noted(&service, &tenant, 3).await;
    (service, held, tenant, receivers)
}

#[tokio::test]
async fn s_73_what_is_logged_with_a_move_or_after_it_goes_to_the_new_receiver() {
    let (service, held, tenant, [old, new]) = scene().await;
    let sent = held.hold(Moment::SilentCommit);
    happens(&service, &tenant).await;
    let looks = sent.meanwhile(async { held.hold(Moment::Log) }).await;
    looks.meanwhile(set(&service, &tenant, &new)).await;
    new.gets([5]).await;
    old.gets(1..=4).await;
}

#[tokio::test]
async fn s_73_a_stream_that_is_ended_and_set_again_begins_anew_whatever_the_one_before_has_sent() {
    let (service, held, tenant, [old, new]) = scene().await;
    let gate = held.hold(Moment::SilentCommit);
    happens(&service, &tenant).await;
    let replace = async {
        end(&service, &tenant).await;
        set(&service, &tenant, &new).await;
    };
    gate.meanwhile(replace).await;
    new.gets(1..=6).await;
    old.gets(1..=4).await;
}

#[tokio::test]
async fn s_73_a_stream_that_is_ended_and_set_again_never_goes_to_the_receiver_that_it_had() {
    let (service, _, tenant, [old, new]) = scene().await;
    end(&service, &tenant).await;
    set(&service, &tenant, &new).await;
    new.gets(1..=5).await;
    old.gets(1..=3).await;
}

#[tokio::test]
async fn s_73_what_was_sent_is_not_sent_again_when_something_else_is_configured_meanwhile() {
    let (service, held, tenant, [old, _]) = scene().await;
    let gate = held.hold(Moment::SilentCommit);
    happens(&service, &tenant).await;
    gate.meanwhile(service.done("PUT", &format!("{}/policy", tenant.base), json!({}))).await;
    old.gets(1..=5).await;
    is_noted(&service, &tenant, 5).await;
}

#[tokio::test]
async fn s_73_a_receiver_that_does_not_answer_holds_up_nothing_once_the_stream_is_moved() {
    let store = Arc::default();
    let ((service, _), (other, _)) = (node(1, &store), node(2, &store));
    for mover in [&service, &other] {
        let tenant = service.tenant(json!("standard"), json!(["scim"])).await;
        let (silent, new) = (Receiver::start(false).await, Receiver::start(true).await);
        set(&service, &tenant, &silent).await;
        silent.gets(1..=3).await;
        set(mover, &tenant, &new).await;
        new.gets(1..=4).await;
    }
}

#[tokio::test]
async fn s_73_what_a_node_logs_is_sent_at_once_though_another_one_was_told_of_the_stream() {
    let store = Arc::default();
    let ((service, _), (other, _)) = (node(1, &store), node(2, &store));
    // The other node has looked through the accounts before there is one with a stream.
    let own = other.tenant(json!("standard"), json!(["scim"])).await;
    let of_another = Receiver::start(true).await;
    set(&other, &own, &of_another).await;
    of_another.gets(1..=3).await;
    let tenant = service.tenant(json!("standard"), json!(["scim"])).await;
    happens(&other, &tenant).await;
    let receiver = Receiver::start(true).await;
    set(&service, &tenant, &receiver).await;
    receiver.gets(1..=4).await;
    happens(&other, &tenant).await;
    receiver.gets(1..=5).await;
}
