//! Running it: the audit log sent on, accounts taken elsewhere and moved, large imports, backups, repairs, TLS, upgrades, health, and
//! how it ends.

mod backup;
mod health;
mod import;
mod migrate;
pub mod receiver;
pub mod rotation;
mod streams;
mod tls;
mod transfer;
mod upgrade;
mod verify;

use crate::support::pause;
use std::time::{Duration, Instant};

/// Far more than anything takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until something is there.
#[track_caller]
pub fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match found() {
            Some(found) => return found,
            None => assert!(Instant::now() < deadline, "{what} does not come"),
        }
        pause();
    }
}
