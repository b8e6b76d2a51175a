//! HTTP: the listener, what every request passes through, and the surfaces behind it.
//!
//! A request comes in at [`listen`], passes [`edge`] (request id, origin, limits, log, metrics, panics) and reaches a handler.

pub mod api;
pub mod app;
pub mod body;
pub mod clock;
pub mod console;
pub mod edge;
pub mod entropy;
pub mod failed;
pub mod listen;
pub mod metrics;
pub mod network;
pub mod operator_mark;
pub mod page;
pub mod panic;
pub mod problem;
pub mod proxy;
pub mod request_id;
pub mod reseal;
pub mod router;
pub mod routes_meta;
pub mod scim;
pub mod scim_reply;
pub mod search;
pub mod surface;
pub mod tls;

mod connection;
mod each_account;
mod seal;
mod support;
mod verify;

pub use app::{App, OutgoingMail, Parts};
pub use body::BodyError;
pub use clock::{Clock, FixedClock, SystemClock};
pub use edge::Edge;
pub use entropy::{CountingEntropy, Entropy, SystemEntropy};
pub use failed::{FailedAttempts, RetryAfter};
pub use listen::{Limits, Peer, bind, serve};
pub use metrics::{CommitOutcome, Metrics};
pub use network::Network;
pub use problem::Problem;
pub use proxy::{OriginRules, PublicOrigin, PublicUrl, TrustedProxies};
pub use request_id::RequestId;
pub use router::router;
pub use routes_meta::NotReady;
pub use support::SupportAddress;
pub use surface::Surface;
